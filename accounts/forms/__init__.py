"""Input about people and customers; here, what the forms of every app are made of."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from phonenumber_field.formfields import PhoneNumberField

from accounts import rules
from accounts.models import Country, User
from portal.errors import Refused

FILL_IN, CHOOSE = gettext_lazy("Fill in “{label}”."), gettext_lazy("Choose one: “{label}”.")


class Form(forms.Form):
    """A form whose errors name the field: a list of "This field is required" helps nobody."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        name_the_missing(self.fields)

    def attempt(self, act: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Does what the form asks for. A refusal becomes the form's error, so that nothing typed is lost: then None."""
        try:
            return act(*args, **kwargs)
        except Refused as refusal:
            self.add_error(None, refusal.sentence)
            return None


def name_the_missing(fields: dict[str, forms.Field]) -> None:
    """Each field says by its label that it is missing, unless it has a sentence of its own for that."""
    for field in fields.values():
        if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
            is_choice = isinstance(field, forms.ChoiceField) and not isinstance(field, forms.MultipleChoiceField)
            sentence = CHOOSE if is_choice else FILL_IN
            field.error_messages["required"] = format_lazy(sentence, label=field.label)
        if isinstance(field, forms.EmailField):
            field.error_messages["invalid"] = gettext_lazy("Enter a whole e-mail address, such as jan@example.com.")


class PhoneField(PhoneNumberField):
    """A Polish number with or without +48, any other with its country's prefix."""

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("label", gettext_lazy("Phone"))
        kwargs.setdefault("help_text", gettext_lazy("Such as 22 517 36 00 or +420 601 123 456."))
        super().__init__(region="PL", **kwargs)
        if "error_messages" not in kwargs:
            self.error_messages["invalid"] = gettext_lazy(
                "Enter a phone number with all its digits, such as 22 517 36 00 or +48 22 517 36 00."
            )
        self.widget.attrs |= {"autocomplete": "tel", "inputmode": "tel"}


def text(label: Any, autocomplete: str = "", **kwargs: Any) -> forms.CharField:
    """A line of text that the browser may fill in."""
    attrs = {"autocomplete": autocomplete} if autocomplete else {}
    kwargs.setdefault("max_length", 80)
    return forms.CharField(label=label, widget=forms.TextInput(attrs=attrs), **kwargs)


def terms_link() -> SafeString:
    """What stands below the box by which the terms are accepted; a new tab, so that nothing typed is lost."""
    return format_html('<a href="{}" target="_blank">{}</a>', reverse("terms"), _("Read the terms of use"))


class AddressFields(Form):
    """Street, postcode, town and country; the postcode is brought into its country's form."""

    street = text(gettext_lazy("Street and number"), "address-line1", max_length=120)
    postcode = text(gettext_lazy("Postcode"), "postal-code", max_length=8)
    city = text(gettext_lazy("Town"), "address-level2")
    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        choices=Country.choices,
        initial=lambda: Country.CZ if get_language() == "cs" else Country.PL,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "postcode" in data and "country" in data:
            try:
                data["postcode"] = rules.normalise_postcode(data["postcode"], data["country"])
            except ValueError:
                example = "04-041" if data["country"] == Country.PL else "110 00"
                self.add_error(
                    "postcode",
                    _("Enter a postcode of five digits, such as %(example)s.") % {"example": example},
                )
        return data


class NewPasswordFields(Form):
    """The password of a new account, typed twice."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        help_text=gettext_lazy("At least 12 characters. Several words that you can remember are fine."),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label=gettext_lazy("The same password again"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def check_password(self, person: User) -> None:
        """Says at the fields why this password does not do for the person. Nothing typed is not wrong here."""
        password, again = (self.cleaned_data.get(name, "") for name in ("password", "password_again"))
        if "password" in self.errors or not (password or again):
            return
        try:
            validate_password(password, person)
        except forms.ValidationError as error:
            self.add_error("password", error)
        if "password_again" not in self.errors and again != password:
            self.add_error("password_again", _("The two passwords are not the same. Type the password again."))
