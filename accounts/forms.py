"""Input about people and companies."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from phonenumber_field.formfields import PhoneNumberField

from accounts import legal, rules
from accounts.models import Country, Customer, Subject, User
from accounts.people import takes_sms
from portal.errors import Refused


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
            field.error_messages["required"] = format_lazy(gettext_lazy("Fill in “{label}”."), label=field.label)


class PhoneField(PhoneNumberField):
    """A Polish number with or without +48, any other with its country's prefix."""

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("label", gettext_lazy("Phone"))
        kwargs.setdefault("help_text", gettext_lazy("Such as 22 517 36 00 or +420 601 123 456."))
        super().__init__(region="PL", **kwargs)
        self.error_messages["invalid"] = gettext_lazy(
            "Enter a phone number with all its digits, such as 22 517 36 00 or +48 22 517 36 00."
        )
        self.widget.attrs |= {"autocomplete": "tel", "inputmode": "tel"}


def text(label: Any, autocomplete: str = "", **kwargs: Any) -> forms.CharField:
    """A line of text that the browser may fill in."""
    attrs = {"autocomplete": autocomplete} if autocomplete else {}
    kwargs.setdefault("max_length", 80)
    return forms.CharField(label=label, widget=forms.TextInput(attrs=attrs), **kwargs)


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


# The boxes that are answers to a text, which stands below them.
CONSENT_FIELDS = {
    "consent": Subject.DATA_PROCESSING,
    "e_documents": Subject.E_DOCUMENTS,
    "objection": Subject.MARKETING,
}


class ContactForm(AddressFields):
    """Contact data of a private person."""

    first_name = text(gettext_lazy("First name"), "given-name")
    last_name = text(gettext_lazy("Last name"), "family-name")
    phone = PhoneField()
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
    )
    consent = forms.BooleanField(
        label=gettext_lazy("I agree to the processing of my personal data."),
        error_messages={
            "required": gettext_lazy("We can register you only if you agree to the processing of your data.")
        },
    )
    terms = forms.BooleanField(
        label=gettext_lazy("I have read the terms of use and accept them."),
        error_messages={"required": gettext_lazy("Read the terms of use and accept them to register.")},
    )
    e_documents = forms.BooleanField(label=gettext_lazy("I want documents without paper."), required=False)
    objection = forms.BooleanField(label=gettext_lazy("I object to marketing."), required=False)

    field_order = [
        "first_name",
        "last_name",
        "phone",
        "street",
        "postcode",
        "city",
        "country",
        "notes",
        "consent",
        "terms",
        "e_documents",
        "objection",
    ]

    def show_texts(self) -> None:
        """Below each box stand the words that it agrees to, as they are today."""
        for name, kind in CONSENT_FIELDS.items():
            self.fields[name].help_text = legal.wording(kind)
        link = format_html('<a href="{}" target="_blank">{}</a>', reverse("terms"), _("Read the terms of use"))
        self.fields["terms"].help_text = link


class CompanyContactForm(ContactForm):
    """Contact data of a company, a housing association or a service partner."""

    company = text(
        gettext_lazy("Name of the company or association"),
        "organization",
        max_length=160,
    )
    tax_number = text(
        gettext_lazy("Tax number (NIP)"),
        max_length=20,
        help_text=gettext_lazy("Ten digits; dashes and the letters PL do not matter. In Czechia the DIČ."),
    )

    field_order = ["company", "tax_number", *ContactForm.field_order]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "tax_number" in data and "country" in data:
            try:
                data["tax_number"] = rules.normalise_tax_number(data["tax_number"], data["country"])
            except ValueError:
                self.add_error(
                    "tax_number",
                    _("This is not a valid tax number: a digit is wrong or missing. Compare it with your papers."),
                )
        return data


class KindForm(Form):
    """Who registers."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Who are you registering as?"),
        choices=[
            (Customer.Kind.PRIVATE, gettext_lazy("Private person")),
            (Customer.Kind.COMPANY, gettext_lazy("Company")),
            (
                Customer.Kind.ASSOCIATION,
                gettext_lazy("Housing association or property manager"),
            ),
            ("partner", gettext_lazy("Service partner")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose who you are registering as.")},
    )


class QualificationForm(Form):
    """What a service partner may do, and where."""

    fgas_certificate = text(
        gettext_lazy("Number of the F-gas certificate"),
        max_length=40,
        help_text=gettext_lazy("The company's certificate, such as FGAZ-P/01/12345/22."),
    )
    areas = text(
        gettext_lazy("Areas served"),
        max_length=400,
        help_text=gettext_lazy("The beginnings of the postcodes that you serve, with commas: 00, 01, 05-5."),
    )

    def clean_areas(self) -> str:
        try:
            return ", ".join(rules.parse_areas(self.cleaned_data["areas"]))
        except ValueError:
            raise forms.ValidationError(
                _("Enter the beginnings of postcodes with commas between them, such as 00, 01, 05-5.")
            ) from None


class ProfileForm(forms.ModelForm):
    """What a person changes about oneself."""

    class Meta:
        model = User
        fields = ["first_name", "last_name", "language"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        name_the_missing(self.fields)


class EmailChangeForm(Form):
    """A new address for signing in."""

    new = forms.EmailField(
        label=gettext_lazy("New e-mail address"),
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"}),
    )


class PhonesForm(Form):
    """How a person can be reached by phone."""

    mobile = PhoneField(
        label=gettext_lazy("Mobile phone"),
        required=False,
        help_text=gettext_lazy("We send a code to a new number, to be sure that it is yours."),
    )
    landline = PhoneField(label=gettext_lazy("Landline"), required=False)

    def clean_mobile(self) -> Any:
        number = self.cleaned_data["mobile"]
        if number and not takes_sms(number):
            raise forms.ValidationError(
                _("This is not a mobile number, so it cannot receive SMS. Enter a mobile number.")
            )
        return number


class CodeForm(Form):
    """The code from an SMS."""

    code = forms.RegexField(
        r"^\d{6}$",
        label=gettext_lazy("Code from the SMS"),
        error_messages={"invalid": gettext_lazy("Enter the six digits of the code.")},
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
