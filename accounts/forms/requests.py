"""Input about a customer's own data."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import rules
from accounts.forms import AddressFields, PhoneField, name_the_missing, text
from accounts.models import Country, Customer, User
from accounts.models.requests import PARTS, part_name, values_of
from portal.files.forms import DocumentsField

SHOWN = "accounts.change-form"


class ChangeForm(AddressFields):
    """What the record of a customer is to say; it begins with what it says now.

    What it began with comes back with it: a part that nobody has touched asks for nothing, even if the record has
    changed since the page was opened.
    """

    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    name = text(gettext_lazy("Name of the company or association"), max_length=160)
    tax_number = text(
        gettext_lazy("Tax number (NIP)"),
        max_length=20,
        help_text=gettext_lazy("Ten digits; dashes and the letters PL do not matter. In Czechia the DIČ."),
    )
    business_number = text(
        gettext_lazy("REGON"), required=False, max_length=20, help_text=gettext_lazy("In Czechia the IČO.")
    )
    phone = PhoneField()
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("Where we reach you. It does not change how you sign in."),
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )
    letters_elsewhere = forms.BooleanField(
        label=gettext_lazy("Letters go to another address, which follows."),
        required=False,
        help_text=gettext_lazy("Fill in the name and the address for letters only if you tick this box."),
    )
    post_name = text(gettext_lazy("Name for letters"), required=False, max_length=160)
    post_street = text(gettext_lazy("Street and number for letters"), required=False, max_length=120)
    post_postcode = text(gettext_lazy("Postcode for letters"), required=False, max_length=8)
    post_city = text(gettext_lazy("Town for letters"), required=False)
    documents = DocumentsField(
        label=gettext_lazy("Documents that show the change"),
        required=False,
        help_text=gettext_lazy("Such as an extract from the register, or a certificate of marriage."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note to our office"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )
    accurate = forms.BooleanField(
        label=gettext_lazy("I declare that these data are right."),
        error_messages={"required": gettext_lazy("We can take the data only if you declare that they are right.")},
    )

    # The address follows these, and the rest follows as it stands above.
    field_order = ["name", "tax_number", "business_number", "phone", "email"]

    def __init__(self, *args: Any, customer: Customer, uploaded_by: User, **kwargs: Any):
        fields = [field for fields in PARTS.values() for field in fields]
        initial = {field: getattr(customer, field) for field in fields}
        self.present = {part: values_of(customer, part) for part in PARTS}
        began = {"letters_elsewhere": bool(customer.post_name), "shown": signing.dumps(self.present, salt=SHOWN)}
        super().__init__(*args, initial=initial | began, **kwargs)
        self.fields["documents"].uploaded_by = uploaded_by  # type: ignore[attr-defined]
        if customer.kind == Customer.Kind.PRIVATE:
            self.fields["name"].label = part_name(customer, "name")
            for number in ("tax_number", "business_number"):
                del self.fields[number]
        for field in PARTS["letters"]:
            # Demanded once the box above them is ticked.
            self.fields[field].is_conditional = True  # type: ignore[attr-defined]
        name_the_missing(self.fields)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self._number("tax_number", rules.normalise_tax_number)
        self._number("business_number", rules.normalise_business_number)
        letters = PARTS["letters"]
        if not data.get("letters_elsewhere"):
            return data | dict.fromkeys(letters, "")
        for name in letters:
            if not data.get(name) and name not in self.errors:
                self.add_error(name, self.fields[name].error_messages["required"])
        if data.get("post_postcode"):
            self._postcode_for_letters(data)
        return data

    def _number(self, name: str, normalise: Callable[[str, str], str]) -> None:
        data = self.cleaned_data
        if data.get(name) and "country" in data:
            try:
                data[name] = normalise(data[name], data["country"])
            except ValueError:
                self.add_error(name, _("This number is not valid: a digit is wrong or missing. Look into your papers."))

    def _postcode_for_letters(self, data: dict[str, Any]) -> None:
        """In the form of the own country, or of the other: letters may go there."""
        own = data.get("country", Country.PL)
        for country in sorted(Country.values, key=lambda country: country != own):
            try:
                data["post_postcode"] = rules.normalise_postcode(data["post_postcode"], country)
            except ValueError:
                continue
            return
        self.add_error("post_postcode", _("Enter a postcode of five digits, such as 04-041 or 110 00."))

    def clean_shown(self) -> dict[str, list[str]]:
        """By part, what the page showed when it was opened."""
        try:
            return signing.loads(self.cleaned_data["shown"], salt=SHOWN)
        except signing.BadSignature:
            return self.present

    @property
    def wanted(self) -> dict[str, str]:
        """What the fields of the record are to be, as the action wants it: of the parts that somebody has changed."""
        found: dict[str, str] = {}
        for part, fields in PARTS.items():
            typed = {field: self._typed(field) for field in fields if field in self.cleaned_data}
            if list(typed.values()) != self.cleaned_data["shown"][part]:
                found |= typed
        return found

    def _typed(self, field: str) -> str:
        value = self.cleaned_data[field]
        return str(getattr(value, "as_e164", value))
