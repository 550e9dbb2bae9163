"""What people type about themselves: taken in every usual form, and otherwise answered with a sentence."""

import pytest

from accounts.forms.own import ProfileForm
from accounts.forms.registration import CompanyContactForm, ContactForm, KindForm, QualificationForm
from accounts.forms.requests import ChangeForm
from tests.factories import customer, person

pytestmark = pytest.mark.usefixtures("english")

CONTACT = {
    "first_name": "Anna", "last_name": "Kowalska", "phone": "22 517 36 00", "street": "ul. Długa 5",
    "postcode": "04041", "city": "Warszawa", "country": "PL", "notes": "", "consent": "on", "terms": "on",
}  # fmt: skip
COMPANY = CONTACT | {"company": "Ciepło Sp. z o.o.", "tax_number": "PL 526-587-76-35"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("22 517 36 00", "+48225173600"), ("225173600", "+48225173600"), ("+48 22 517 36 00", "+48225173600"),
        ("48601234567", "+48601234567"), ("601-234-567", "+48601234567"), ("+420 601 123 456", "+420601123456"),
        ("0048 22 517 36 00", "+48225173600"),
    ],
)  # fmt: skip
def test_a_phone_is_taken_as_people_write_it(typed, kept):
    form = ContactForm(CONTACT | {"phone": typed})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["phone"].as_e164 == kept


@pytest.mark.parametrize("typed", ["123", "000000000", "+48 12 345 67 8", "call me", "+420 12", "22 517 36 00 00"])
def test_a_wrong_phone_gets_a_sentence(typed):
    form = ContactForm(CONTACT | {"phone": typed})
    assert not form.is_valid()
    assert "such as 22 517 36 00" in form.errors["phone"][0]


def test_only_notes_and_what_is_up_to_the_person_may_stay_empty():
    form = CompanyContactForm({})
    assert not form.is_valid()
    assert set(form.fields) - set(form.errors) == {"notes", "e_documents", "objection"}
    assert form.errors["street"] == ["Fill in “Street and number”."]


def test_every_error_names_its_field():
    for form in (CompanyContactForm({}), KindForm({}), QualificationForm({})):
        assert not form.is_valid()
        assert all("This field is required" not in error for errors in form.errors.values() for error in errors)


def test_the_consent_box_begins_unticked_and_is_needed():
    assert "checked" not in str(ContactForm()["consent"])
    form = ContactForm({name: value for name, value in CONTACT.items() if name != "consent"})
    assert form.errors == {"consent": ["We can register you only if you agree to the processing of your data."]}
    form = ContactForm({name: value for name, value in CONTACT.items() if name != "terms"})
    assert form.errors == {"terms": ["Read the terms of use and accept them to register."]}


def test_a_company_may_write_its_nip_with_dashes_and_prefix():
    form = CompanyContactForm(COMPANY)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["tax_number"] == "5265877635"
    assert form.cleaned_data["postcode"] == "04-041"


@pytest.mark.parametrize("typed", ["526-587-76-36", "0000000000", "５２６５８７７６３５"])
def test_a_wrong_nip_gets_a_sentence(typed):
    form = CompanyContactForm(COMPANY | {"tax_number": typed})
    assert not form.is_valid()
    assert "not a valid tax number" in form.errors["tax_number"][0]


def test_a_czech_company_gives_its_dic_and_postcode():
    form = CompanyContactForm(COMPANY | {"country": "CZ", "postcode": "11000", "tax_number": "25123891"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["tax_number"] == "CZ25123891"
    assert form.cleaned_data["postcode"] == "110 00"


def test_a_wrong_postcode_gets_an_example_of_its_country():
    assert "04-041" in ContactForm(CONTACT | {"postcode": "1"}).errors["postcode"][0]
    assert "110 00" in ContactForm(CONTACT | {"postcode": "1", "country": "CZ"}).errors["postcode"][0]


def test_areas_get_a_sentence_or_order():
    assert QualificationForm({"fgas_certificate": "UDT 17", "areas": "05-5;00"}).is_valid()
    wrong = QualificationForm({"fgas_certificate": "UDT 17", "areas": "Warszawa"})
    assert "beginnings of postcodes" in wrong.errors["areas"][0]


@pytest.mark.django_db
def test_nobody_goes_without_a_name():
    someone = person()
    data = {"first_name": "Anna", "last_name": "Nowak", "language": "cs"}
    assert ProfileForm(data, instance=someone).is_valid()
    assert "last_name" in ProfileForm(data | {"last_name": ""}, instance=someone).errors


@pytest.mark.usefixtures("english")
def test_a_choice_that_is_missing_is_to_be_chosen():
    assert ContactForm(CONTACT | {"country": ""}).errors["country"] == ["Choose one: “Country”."]


def test_letters_elsewhere_are_not_called_optional_and_a_person_has_two_names(db):
    form = ChangeForm(customer=customer(kind="private"), uploaded_by=person())
    assert str(form.fields["name"].label) == "First and last name"
    assert all(form.fields[name].is_conditional for name in ("post_name", "post_street", "post_postcode", "post_city"))
