"""Nameplates and sign-in data: what is wrong is said, what is needed is asked for."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict

from devices.forms import NameplatesForm, SignInDataForm, SiteForm
from tests.factories import PDF, device, product, unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def plates(data: dict, *, role: str = "monobloc", files: tuple[str, ...] = (), **more) -> NameplatesForm:
    uploads = {f"{role}-{name}": [SimpleUploadedFile("a.pdf", PDF, "application/pdf")] for name in files}
    typed = {f"{role}-{name}": value for name, value in data.items()}
    return NameplatesForm(typed, MultiValueDict(uploads), roles=[role], askers=["ip:1"], **more)


def shown(form: NameplatesForm) -> list[str]:
    return [field.name.partition("-")[2] for field in form.plates[0].shown]


def test_at_first_only_model_and_number_are_asked_for():
    form = NameplatesForm(roles=["monobloc"], askers=[])
    assert shown(form) == ["model", "serial"]


def test_a_known_number_needs_nothing_else():
    found = unit()
    form = plates({"model": found.product.code, "serial": found.serial})
    assert form.is_valid() and form.nameplates()[0].looked_up
    assert shown(form) == ["model", "serial"]


def test_an_unknown_number_asks_for_a_photo():
    form = plates({"model": "X", "serial": "NOPE"})
    assert "Add a photo of the nameplate" in form.errors["monobloc-serial"][0]
    assert shown(form) == ["model", "serial", "photos"]
    assert plates({"model": "X", "serial": "NOPE"}, files=("photos",)).is_valid()


def test_a_held_number_asks_for_reason_and_proof_both():
    held = device().units.get().unit
    data = {"model": held.product.code, "serial": held.serial}
    assert shown(plates(data)) == ["model", "serial"]
    asked = plates(data)
    assert not asked.is_valid() and shown(asked) == ["model", "serial", "reason", "proofs"]
    assert not plates(data, files=("proofs",)).is_valid()
    assert not plates(data | {"reason": "Mine."}).is_valid()
    assert plates(data | {"reason": "Mine."}, files=("proofs",)).is_valid()


def test_a_reason_typed_for_a_number_that_turned_out_free_claims_nothing():
    found = unit()
    form = plates({"model": found.product.code, "serial": found.serial, "reason": "Mine."})
    assert form.is_valid()
    assert form.nameplates()[0].claim_reason == ""


@pytest.mark.parametrize("serial", ["---", " . ", "żółć"])
def test_a_number_without_signs_gets_a_sentence(serial):
    form = plates({"model": "X", "serial": serial})
    assert not form.is_valid() and "monobloc-serial" in form.errors


def test_a_number_entered_for_another_device_is_not_taken_again():
    found = unit(serial="AB-1")
    form = plates({"model": found.product.code, "serial": "ab1"}, taken=["AB1"])
    assert form.errors == {"monobloc-serial": ["You have entered this serial number for another unit already."]}


def test_the_files_of_a_form_with_another_error_are_shown_again():
    form = plates({"model": "", "serial": "NOPE"}, files=("photos", "proofs"))
    assert not form.is_valid()
    assert shown(form) == ["model", "serial", "photos", "reason", "proofs"]


def test_a_split_takes_each_number_once():
    found = unit(product("outdoor"))
    data = {
        f"{role}-{name}": value
        for role in ("outdoor", "indoor")
        for name, value in [("model", found.product.code), ("serial", found.serial)]
    }
    form = NameplatesForm(data, roles=["outdoor", "indoor"], askers=["ip:1"])
    assert "for another unit already" in form.errors["indoor-serial"][0]


def sign_in(*, kept: bool = False, **data) -> SignInDataForm:
    person = {"first_name": "Anna", "last_name": "Kowalska"}
    return SignInDataForm({"email": "a@example.com"} | data, person=person, password_kept=kept)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "at least 12 characters"),
        ("qwertyuiop123", "lists that thieves try"),
        ("AnnaKowalska", "Besides your name"),
    ],
)
def test_a_weak_password_is_told_why(password, words):
    form = sign_in(password=password, password_again=password)
    assert words in form.errors["password"][0]


def test_a_password_is_typed_twice_alike_with_its_spaces():
    assert "not the same" in sign_in(password="four words that stay", password_again="x").errors["password_again"][0]
    form = sign_in(password=" four words that stay ", password_again=" four words that stay ")
    assert form.is_valid() and form.cleaned_data["password"].startswith(" ")


def test_a_kept_password_may_stay():
    assert sign_in(kept=True).is_valid()
    assert not sign_in().is_valid()
    assert not sign_in(kept=True, password_again="only the second one").is_valid()


def test_a_site_needs_all_but_notes():
    assert set(SiteForm({}).fields) - set(SiteForm({}).errors) == {"notes"}
