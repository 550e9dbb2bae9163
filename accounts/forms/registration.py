"""What people tell about themselves and their company when they register."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import legal, rules
from accounts.forms import AddressFields, Form, PhoneField, terms_link, text
from accounts.models import Customer, Subject

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
        self.fields["terms"].help_text = terms_link()


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
