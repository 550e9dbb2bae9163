"""The registration from the first answer to the account: through the pages, as a browser would."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import teams
from accounts.legal import wording
from accounts.models import Customer, Partner, User
from devices import registration as wizard
from devices.models import Claim, Device, DeviceUnit, NameplateCheck, Registration, SerialLookup, Site
from portal.events import Event
from portal.files.models import Document
from portal.outbox.models import Message
from tests.factories import PDF, customer, device, partner, person, product, unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

CONTACT = {
    "first_name": "Anna", "last_name": "Kowalska", "phone": "22 517 36 00", "street": "ul. Długa 5",
    "postcode": "00238", "city": "Warszawa", "country": "PL", "notes": "", "consent": "on", "terms": "on",
}  # fmt: skip
COMPANY = CONTACT | {"company": "Ciepło Sp. z o.o.", "tax_number": "PL 526-587-76-35"}
SITE = {"building_kind": "house", "street": "ul. Leśna 7", "postcode": "05-500", "city": "Piaseczno", "country": "PL"}
SIGN_IN = {
    "email": "Anna@Example.com", "password": "four words that stay", "password_again": "four words that stay",
}  # fmt: skip
QUALIFICATION = {"fgas_certificate": "FGAZ-P/01/12345/22", "areas": "00, 05-5"}
ONCE = "7b0f3c1e-98ab-4a3c-9a57-3f0a6a2b8f11"


def draft() -> Registration:
    return Registration.objects.latest("created_at")


def give(client: Client, step: str, data: dict[str, Any], **more: Any) -> Any:
    """Fills in one step as its page stands now."""
    revision = wizard.answer(draft(), step)["revision"] if Registration.objects.exists() else 0
    return client.post(reverse("register-step", args=[step]), {"revision": revision, "go": "next"} | data | more)


def begin(client: Client, kind: str = "private") -> None:
    client.get(reverse("register"))
    give(client, "kind", {"kind": kind})


def add_device(client: Client, *, model: str, serial: str, **more: Any) -> Any:
    data = {"monobloc-model": model, "monobloc-serial": serial, "once": ONCE, "go": "next"}
    return client.post(reverse("register-device-new", args=["monobloc"]), data | more)


def fill_in(client: Client, *, pump: Any = None) -> None:
    """A private person's answers, up to the page that shows them all."""
    begin(client)
    give(client, "contact", CONTACT)
    give(client, "site", SITE) if pump else give(client, "site", {}, go="skip")
    if pump:
        add_device(client, model=pump.product.code, serial=pump.serial)
        give(client, "devices", {})
    give(client, "signin", SIGN_IN)


def send(client: Client) -> str:
    """Sends what was filled in; the path of the link in the e-mail."""
    assert client.post(reverse("register-check")).url == reverse("register-sent")
    return link()


def link() -> str:
    letter = Message.objects.filter(kind="devices/confirm_address").latest("pk")
    return re.search(r"https?://[^/\s]+(/\S+)", letter.text).group(1)


def upload(name: str = "plate.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF, "application/pdf")


def page(answer: Any) -> str:
    return answer.content.decode()


# The steps


def test_a_private_person_goes_five_steps_and_gets_site_and_device(client):
    pump = unit(product(code="CT-M08"), serial="AB120577")
    client.get(reverse("register"))
    assert "Step 1 of 5" in page(client.get(reverse("register"), follow=True))
    fill_in(client, pump=pump)
    assert not User.objects.exists() and not Site.objects.exists()
    client.post(send(client))
    owner, found = Customer.objects.get(), Device.objects.get()
    assert (owner.name, owner.kind, owner.phone.as_e164) == ("Anna Kowalska", "private", "+48225173600")
    assert found.site.name == "Detached house, ul. Leśna 7, 05-500 Piaseczno"
    assert found.units.get().unit == pump
    assert client.login(email="anna@example.com", password="four words that stay")
    assert "CT-M08" in page(client.get(reverse("devices")))


def test_a_partner_goes_four_steps_and_waits_for_a_clerk(client):
    begin(client, "partner")
    give(client, "contact", COMPANY)
    assert "Step 3 of 4" in page(client.get(reverse("register"), follow=True))
    assert client.get(reverse("register-step", args=["site"])).status_code == 404
    give(client, "qualification", QUALIFICATION)
    give(client, "signin", SIGN_IN)
    client.post(send(client))
    company = Partner.objects.get()
    assert (company.tax_number, company.areas, company.decision) == ("5265877635", ["00", "055"], "")
    assert not Customer.objects.exists()


@pytest.mark.parametrize("kind", ["company", "association"])
def test_a_company_and_an_association_give_their_nip(client, kind):
    begin(client, kind)
    wrong = give(client, "contact", COMPANY | {"tax_number": "5265877636"})
    assert "not a valid tax number" in page(wrong) and 'value="5265877636"' in page(wrong)
    give(client, "contact", COMPANY)
    give(client, "site", {}, go="skip")
    give(client, "signin", SIGN_IN)
    client.post(send(client))
    owner = Customer.objects.get()
    assert (owner.kind, owner.name, owner.tax_number) == (kind, "Ciepło Sp. z o.o.", "5265877635")


def test_skipping_the_site_skips_the_devices(client):
    begin(client)
    give(client, "contact", CONTACT)
    assert give(client, "site", {}, go="skip").url == reverse("register-step", args=["signin"])
    assert client.get(reverse("register-step", args=["devices"])).status_code == 404
    assert "Step 4 of 4" in page(client.get(reverse("register"), follow=True))


def test_devices_that_were_skipped_after_all_do_not_come_to_be(client):
    pump = unit()
    fill_in(client, pump=pump)
    give(client, "devices", {}, go="skip")
    assert "Skipped. You can add them later." in page(client.get(reverse("register-check")))
    client.post(send(client))
    assert Site.objects.exists() and not Device.objects.exists()


def test_nobody_jumps_over_a_step(client):
    begin(client)
    assert client.get(reverse("register-step", args=["signin"])).url == reverse("register-step", args=["contact"])
    assert client.get(reverse("register-check")).url == reverse("register-step", args=["contact"])
    assert give(client, "signin", SIGN_IN).url == reverse("register-step", args=["contact"])
    assert draft().email == ""


def test_another_kind_of_account_asks_for_the_contact_data_again(client):
    fill_in(client)
    answer = give(client, "kind", {"kind": "company"})
    assert answer.url == reverse("register-step", args=["contact"])
    shown = page(client.get(answer.url))
    assert 'value="Kowalska"' in shown and 'name="tax_number"' in shown


def test_the_last_page_shows_every_answer_with_a_way_to_change_it(client):
    fill_in(client, pump=unit(product(code="CT-M08"), serial="AB120577"))
    shown = page(client.get(reverse("register-check")))
    for words in (
        "Anna Kowalska",
        "+48 22 517 36 00",
        "00-238",
        "Detached house",
        "CT-M08",
        "AB120577",
        "anna@<wbr>example.com",
    ):
        assert words in shown
    for step in wizard.CUSTOMER_STEPS:
        assert reverse("register-step", args=[step]) in shown
    assert "four words" not in shown


# What was typed stays


def test_errors_and_going_back_keep_what_was_typed(client):
    begin(client)
    wrong = give(client, "contact", CONTACT | {"phone": "12", "notes": "Call in the evening"})
    assert 'value="12"' in page(wrong) and "Call in the evening" in page(wrong)
    give(client, "contact", CONTACT | {"city": "Łódź", "phone": "1"}, go="back")
    assert 'value="Łódź"' in page(client.get(reverse("register-step", args=["contact"])))


def test_the_same_browser_goes_on_the_next_day(client):
    begin(client)
    give(client, "contact", CONTACT)
    Registration.objects.update(changed_at=timezone.now() - timedelta(days=1))
    cookie = client.cookies["sessionid"]
    assert int(cookie["max-age"]) > 24 * 3600
    tomorrow = Client()
    tomorrow.cookies["sessionid"] = cookie.value
    assert tomorrow.get(reverse("register")).url == reverse("register-step", args=["site"])
    assert 'value="Kowalska"' in page(tomorrow.get(reverse("register-step", args=["contact"])))


def test_two_tabs_on_two_steps_do_not_disturb_each_other(client):
    fill_in(client)
    give(client, "site", SITE)
    give(client, "contact", CONTACT | {"city": "Kraków"})
    assert wizard.clean(draft(), "site")["city"] == "Piaseczno"
    assert wizard.clean(draft(), "contact")["city"] == "Kraków"


def test_two_tabs_on_one_step_are_told_and_lose_nothing(client):
    begin(client)
    url = reverse("register-step", args=["contact"])
    client.post(url, CONTACT | {"city": "Kraków", "revision": "0", "go": "next"})
    second = client.post(url, CONTACT | {"city": "Gdańsk", "revision": "0", "go": "next"})
    assert "in another window" in page(second) and 'value="Gdańsk"' in page(second)
    assert wizard.clean(draft(), "contact")["city"] == "Kraków"
    assert client.post(url, CONTACT | {"city": "Gdańsk", "revision": "1", "go": "next"}).status_code == 302
    assert wizard.clean(draft(), "contact")["city"] == "Gdańsk"


def test_a_double_click_on_continue_is_no_conflict(client):
    begin(client)
    url, data = reverse("register-step", args=["contact"]), CONTACT | {"revision": "0", "go": "next"}
    assert client.post(url, data).url == client.post(url, data).url == reverse("register-step", args=["site"])


def test_a_tab_that_comes_too_late_is_told_that_all_was_sent(client):
    fill_in(client)
    send(client)
    late = client.post(reverse("register-step", args=["contact"]), CONTACT | {"city": "Kraków"}, follow=True)
    assert "has been sent already" in page(late)


def test_what_is_typed_is_kept_before_the_page_is_sent(client):
    begin(client)
    url = reverse("register-autosave", args=["contact"])
    assert client.post(url, {"first_name": "Ann", "password": "secret words here"}).status_code == 204
    assert 'value="Ann"' in page(client.get(reverse("register-step", args=["contact"])))
    assert "secret words" not in str(draft().answers)


def test_a_nameplate_is_kept_before_the_page_is_sent(client):
    begin(client)
    give(client, "contact", CONTACT)
    give(client, "site", SITE)
    form = page(client.get(reverse("register-device-new", args=["monobloc"])))
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    client.post(reverse("register-autosave", args=["device-form"]), hidden | {"monobloc-model": "CT-M08"})
    assert 'value="CT-M08"' in page(client.get(reverse("register-device-new", args=["monobloc"])))
    assert 'value="CT-M08"' not in page(client.get(reverse("register-device-new", args=["split"])))


def test_a_nul_byte_is_no_error_page(client):
    begin(client)
    answer = give(client, "contact", CONTACT | {"city": "War\x00szawa"})
    assert answer.status_code in (200, 302)


def test_an_answer_that_became_wrong_is_not_sent_with_its_old_value(client):
    fill_in(client)
    without = {name: value for name, value in CONTACT.items() if name != "consent"}
    assert "only if you agree" in page(give(client, "contact", without))
    assert client.post(reverse("register-check")).url == reverse("register-step", args=["contact"])
    assert draft().state == "draft"


# Consent, password, honeypot


def test_the_consent_begins_unticked_and_is_kept_with_its_words(client):
    begin(client)
    first = page(client.get(reverse("register-step", args=["contact"])))
    assert not re.search(r'name="consent"[^>]*checked', first)
    text = wording("data_processing")
    assert text in page(client.get(reverse("register-step", args=["contact"])))
    give(client, "contact", CONTACT | {"objection": "on"})
    give(client, "site", {}, go="skip")
    give(client, "signin", SIGN_IN)
    client.post(send(client))
    said = {consent.kind: consent for consent in User.objects.get().consents.all()}
    assert {kind: consent.act for kind, consent in said.items()} == {
        "data_processing": "given", "terms": "given", "marketing": "objected",
    }  # fmt: skip
    consent = said["data_processing"]
    assert (consent.version, consent.language, consent.text) == ("2026-11-01", "en", text)
    assert consent.at < timezone.now()


def test_who_sent_the_registration_before_there_were_terms_can_still_confirm(client):
    fill_in(client)
    path, row = send(client), draft()
    clean = row.answers["contact"]["clean"]
    clean["consent"] = clean.pop("consents")[0]
    row.save()
    client.post(path)
    assert [consent.kind for consent in User.objects.get().consents.all()] == ["data_processing"]


def test_the_password_is_never_kept_in_clear(client):
    begin(client)
    give(client, "contact", CONTACT)
    give(client, "site", {}, go="skip")
    give(client, "signin", SIGN_IN | {"email": "wrong"})
    give(client, "signin", SIGN_IN | {"password_again": "other words entirely"})
    give(client, "signin", SIGN_IN)
    row = Registration.objects.values().get()
    assert "four words" not in str(row) and "other words" not in str(row) and row["password_hash"]
    assert not any("four words" in str(session.get_decoded()) for session in Session.objects.all())
    assert "four words" not in page(client.get(reverse("register-step", args=["signin"])))


def test_a_weak_password_gets_a_sentence_and_a_kept_one_need_not_be_typed_again(client):
    begin(client)
    give(client, "contact", CONTACT)
    give(client, "site", {}, go="skip")
    weak = give(client, "signin", SIGN_IN | {"password": "short", "password_again": "short"})
    assert "at least 12 characters" in page(weak)
    give(client, "signin", SIGN_IN)
    kept = draft().password_hash
    answer = give(client, "signin", {"email": "other@example.com", "password": "", "password_again": ""})
    assert answer.url == reverse("register-check")
    assert (draft().email, draft().password_hash) == ("other@example.com", kept)


def test_a_program_that_fills_every_field_gets_no_further(client):
    begin(client)
    give(client, "contact", CONTACT)
    give(client, "site", {}, go="skip")
    answer = give(client, "signin", SIGN_IN | {"website": "https://spam.example"})
    assert "does not look like a person" in page(client.get(answer.url))
    assert draft().email == ""


# Devices in the draft


def test_a_device_sent_twice_is_there_once(client):
    pump = unit()
    begin(client)
    give(client, "contact", CONTACT)
    give(client, "site", SITE)
    for _ in range(2):
        assert add_device(client, model=pump.product.code, serial=pump.serial).status_code == 302
    assert len(wizard.devices(draft())) == 1


def test_a_strange_once_key_is_no_error_page(client):
    pump = unit()
    begin(client)
    give(client, "contact", CONTACT)
    give(client, "site", SITE)
    add_device(client, model=pump.product.code, serial=pump.serial, once="a/b")
    assert client.get(reverse("register-step", args=["devices"])).status_code == 200


def test_the_same_number_cannot_be_two_units(client):
    pump = unit()
    begin(client)
    give(client, "contact", CONTACT)
    give(client, "site", SITE)
    add_device(client, model=pump.product.code, serial=pump.serial)
    again = add_device(client, model=pump.product.code, serial=pump.serial.lower(), once="")
    assert "for another unit already" in page(again)


def test_a_device_of_the_draft_is_changed_and_removed(client):
    first, second = unit(), unit()
    begin(client)
    give(client, "contact", CONTACT)
    give(client, "site", SITE)
    add_device(client, model=first.product.code, serial=first.serial)
    item = wizard.devices(draft())[0]["id"]
    url = reverse("register-device", args=["monobloc", item])
    assert f'value="{first.serial}"' in page(client.get(url))
    client.post(url, {"monobloc-model": second.product.code, "monobloc-serial": second.serial, "go": "next"})
    assert [plate["serial"] for plate in wizard.devices(draft())[0]["nameplates"]] == [second.serial]
    client.post(reverse("register-device-drop", args=[item]))
    assert wizard.devices(draft()) == [] and wizard.first_open_step(draft()) == "devices"


def test_a_split_needs_two_nameplates_of_their_own_kind(client):
    outdoor, indoor = unit(product("outdoor")), unit(product("indoor"))
    begin(client)
    give(client, "contact", CONTACT)
    give(client, "site", SITE)
    url = reverse("register-device-new", args=["split"])
    data = {"once": ONCE, "outdoor-model": outdoor.product.code, "outdoor-serial": outdoor.serial}
    assert "Fill in" in page(client.post(url, data))
    swapped = data | {"indoor-model": outdoor.product.code, "indoor-serial": unit(outdoor.product).serial}
    assert "another kind of unit" in page(client.post(url, swapped))
    right = data | {"indoor-model": indoor.product.code, "indoor-serial": indoor.serial}
    assert client.post(url, right).status_code == 302


# Numbers that the register does not simply know


def ready_for_devices(client: Client) -> None:
    begin(client)
    give(client, "contact", CONTACT)
    give(client, "site", SITE)


def finish(client: Client) -> DeviceUnit:
    give(client, "devices", {})
    give(client, "signin", SIGN_IN)
    client.post(send(client))
    return DeviceUnit.objects.get(device__site__customer__members__email="anna@example.com")


def test_an_unknown_number_goes_on_with_a_photo_and_becomes_a_task(client):
    ready_for_devices(client)
    without = add_device(client, model="CT-M08", serial="NOPE1")
    assert "not in our register" in page(without) and 'name="monobloc-photos"' in page(without)
    assert add_device(client, model="CT-M08", serial="NOPE1", **{"monobloc-photos": upload()}).status_code == 302
    assert not NameplateCheck.objects.exists()
    plate = finish(client)
    check = NameplateCheck.objects.get()
    assert (check.device_unit, plate.unit, check.decision) == (plate, None, "")
    assert check.photos.get().attached_at and not Registration.objects.get().documents.exists()


def test_a_photo_survives_an_error_in_another_field(client):
    ready_for_devices(client)
    add_device(client, model="CT-M08", serial="NOPE1")
    wrong = add_device(client, model="", serial="NOPE1", **{"monobloc-photos": upload()})
    token = re.search(r'name="monobloc-photos-kept" value="([^"]+)"', page(wrong)).group(1)
    answer = add_device(client, model="CT-M08", serial="NOPE1", **{"monobloc-photos-kept": token})
    assert answer.status_code == 302 and draft().documents.count() == 1


def test_a_number_of_another_model_goes_on_with_a_photo(client):
    pump = unit(product(code="CT-M08"))
    product(code="CT-M16")
    ready_for_devices(client)
    assert "does not fit this model" in page(add_device(client, model="CT-M16", serial=pump.serial))
    add_device(client, model="CT-M16", serial=pump.serial, **{"monobloc-photos": upload()})
    assert finish(client).unit is None and NameplateCheck.objects.count() == 1


def test_a_unit_of_another_customer_can_be_claimed_with_reason_and_proof(client):
    held = device().units.get().unit
    ready_for_devices(client)
    asked = add_device(client, model=held.product.code, serial=held.serial)
    assert "registered already" in page(asked) and "Kowalska" not in page(asked)
    only_reason = {"monobloc-reason": "I bought the house."}
    assert "add a proof" in page(add_device(client, model=held.product.code, serial=held.serial, **only_reason))
    proof = only_reason | {"monobloc-proofs": upload("deed.pdf")}
    assert add_device(client, model=held.product.code, serial=held.serial, **proof).status_code == 302
    plate, claim = finish(client), Claim.objects.get()
    assert (claim.device_unit, claim.reason, plate.unit) == (plate, "I bought the house.", None)
    assert claim.proofs.count() == 1


def test_two_people_register_the_same_free_unit(client):
    pump = unit()
    other = Client()
    fill_in(other, pump=pump)
    send(other)
    path = link()
    Registration.objects.update(email="first@example.com")
    fill_in(client, pump=pump)
    client.post(send(client))
    other.post(path)
    mine = DeviceUnit.objects.get(device__site__customer__members__email="anna@example.com")
    late = DeviceUnit.objects.get(device__site__customer__email="first@example.com")
    assert (mine.unit, late.unit) == (pump, None)
    client.force_login(late.device.site.customer.members.get())
    data = {
        "monobloc-model": late.model,
        "monobloc-serial": late.serial,
        "monobloc-reason": "Mine.",
        "monobloc-proofs": upload(),
    }
    assert client.post(reverse("device-nameplates", args=[late.device_id]), data).status_code == 302
    assert Claim.objects.get().device_unit == late


def test_whoever_guessed_too_often_sends_a_photo_and_learns_nothing(client):
    free, held = unit(), device().units.get().unit
    ready_for_devices(client)
    SerialLookup.objects.bulk_create(SerialLookup(asker="ip:127.0.0.1", serial_key=f"X{n}") for n in range(10))
    answers = set()
    for number, plate in enumerate((free, held)):
        asked = page(add_device(client, model=plate.product.code, serial=plate.serial))
        assert "Too many numbers were tried" in asked
        photo = {"monobloc-photos": upload(), "once": f"0000000{number}-0000-4000-8000-000000000000"}
        add_device(client, model=plate.product.code, serial=plate.serial, **photo)
        answers.add(
            re.search(r"Our office checks the photo|In our register", page(client.get("/register/devices/"))).group()
        )
    assert answers == {"Our office checks the photo"}
    give(client, "devices", {})
    give(client, "signin", SIGN_IN)
    client.post(send(client))
    assert NameplateCheck.objects.count() == 2
    assert not hasattr(type(free).objects.get(pk=free.pk), "held_by")


# The e-mail and its link


def test_opening_the_link_changes_nothing_and_the_button_confirms_once(client):
    fill_in(client)
    path = send(client)
    for _ in range(2):
        assert "Is <strong>anna@example.com</strong> your e-mail address?" in page(client.get(path))
    assert not User.objects.exists()
    for _ in range(2):
        assert "Your account is open" in page(client.post(path, follow=True))
    assert User.objects.count() == Customer.objects.count() == 1
    assert Event.objects.filter(verb="person.registered").count() == 1


def test_another_browser_has_to_know_the_password(client):
    """Whoever typed somebody else's address must not get an account from the press of a button."""
    fill_in(client)
    path, other = send(client), Client()
    assert "Anna Kowalska" in page(other.get(path)) and "Password" in page(other.get(path))
    for typed in ({}, {"password": "something else altogether"}):
        assert 'id="id_password"' in page(other.post(path, typed))
    assert not User.objects.exists()
    assert "Your account is open" in page(other.post(path, {"password": SIGN_IN["password"]}, follow=True))


def test_that_password_is_not_guessed(client):
    fill_in(client)
    path, other = send(client), Client()
    for _ in range(10):
        other.post(path, {"password": "something else altogether"})
    assert "There were too many tries" in page(other.post(path, {"password": SIGN_IN["password"]}))
    assert not User.objects.exists()


def test_the_confirmed_registration_keeps_no_copy_of_the_data(client):
    fill_in(client)
    client.post(send(client))
    row = Registration.objects.get()
    assert row.password_hash == "" and set(row.answers) == {"kind"}


def later(monkeypatch: pytest.MonkeyPatch, **span: float) -> None:
    """The clock of links and of the portal goes forward."""
    import time

    now, seconds = timezone.now(), time.time()
    ahead = timedelta(**span)
    monkeypatch.setattr(timezone, "now", lambda: now + ahead)
    monkeypatch.setattr(signing.time, "time", lambda: seconds + ahead.total_seconds())


def test_an_old_link_confirms_nothing_but_sends_a_new_one(client, monkeypatch):
    fill_in(client)
    path = send(client)
    later(monkeypatch, days=3, minutes=1)
    assert "valid for 3 days" in page(client.get(path))
    assert "sent you a new link" in page(client.post(path, follow=True))
    assert not User.objects.exists()
    assert link() != path
    client.post(link())
    assert User.objects.count() == 1


def test_a_link_is_valid_for_three_days(client, monkeypatch):
    fill_in(client)
    path = send(client)
    later(monkeypatch, days=2, hours=23)
    client.post(path)
    assert User.objects.count() == 1


@pytest.mark.parametrize("tamper", [lambda path: path[:-3] + "/", lambda path: path.replace("confirm/", "confirm/x")])
def test_a_tampered_link_says_so(client, tamper):
    fill_in(client)
    answer = client.get(tamper(send(client)))
    assert answer.status_code == 404 and "This link is not complete" in page(answer)


def test_the_link_tells_that_the_registration_was_removed(client):
    fill_in(client)
    path = send(client)
    Registration.objects.all().delete()
    assert "was not confirmed within 7 days" in page(client.get(path))
    assert client.post(path).status_code == 200 and not User.objects.exists()


def test_the_link_shows_a_partners_application_ever_after(client, monkeypatch):
    begin(client, "partner")
    give(client, "contact", COMPANY)
    give(client, "qualification", QUALIFICATION)
    give(client, "signin", SIGN_IN)
    path = send(client)
    client.post(path)
    Partner.objects.update(
        decision="refused", decided_at=timezone.now(), decided_by=person(), decision_reason="No space."
    )
    later(monkeypatch, days=100)
    assert "No space." in page(client.get(path))


def test_the_e_mail_is_sent_again_at_most_once_a_minute(client, monkeypatch):
    fill_in(client)
    send(client)
    assert "Wait a minute" in page(client.post(reverse("register-sent"), follow=True))
    assert Message.objects.count() == 1
    later(monkeypatch, seconds=61)
    assert "sent the e-mail again" in page(client.post(reverse("register-sent"), follow=True))
    assert Message.objects.count() == 2


def without_token(answer: Any) -> str:
    return re.sub(r'(name="csrfmiddlewaretoken" value|nonce|hx-headers)="[^"]*"', "", page(answer))


def test_an_address_that_has_an_account_learns_nothing_on_the_page(client):
    known = person(email="anna@example.com", language="en")
    pages = {}
    for address in ("anna@example.com", "bert@example.com"):
        browser = Client()
        fill_in(browser)
        give(browser, "signin", SIGN_IN | {"email": address})
        answers = [
            browser.get(reverse("register-check")),
            browser.post(reverse("register-check")),
            browser.get(reverse("register-sent")),
        ]
        told = [(answer.status_code, without_token(answer).replace("<wbr>", "")) for answer in answers]
        pages[address] = [(status, words.replace(address, "")) for status, words in told]
    assert pages["anna@example.com"] == pages["bert@example.com"]
    assert Message.objects.get(recipient=known.email).kind == "devices/already_registered"
    assert Message.objects.get(recipient="bert@example.com").kind == "devices/confirm_address"
    assert User.objects.count() == 1


def test_who_is_asked_into_a_team_may_register_with_the_address(client):
    company = partner(people=[boss := person()])
    named = {"first_name": "Ann", "last_name": "K", "role": "engineer", "language": "en"}
    asked = teams.invite(company, email="anna@example.com", by=boss, **named)
    fill_in(client)
    client.post(send(client))
    owner = Customer.objects.get().members.get()
    assert owner.first_name == "Anna" and owner.emailaddress_set.get().verified
    assert not company.people.filter(user=owner).exists()
    assert teams.accept_invitation(asked, by=owner).role == "engineer"


def test_two_registrations_with_one_address_make_one_account(client):
    paths = []
    for _ in range(2):
        browser = Client()
        fill_in(browser)
        paths.append(send(browser))
    typed = {"password": SIGN_IN["password"]}
    client.post(paths[0], typed)
    answer = client.post(paths[1], typed, follow=True)
    assert "has an account already" in page(answer)
    assert User.objects.count() == Customer.objects.count() == 1


def test_the_documents_of_a_draft_are_seen_by_nobody(client):
    ready_for_devices(client)
    add_device(client, model="CT-M08", serial="NOPE1", **{"monobloc-photos": upload()})
    photo = Document.objects.get()
    client.force_login(customer().members.get())
    assert client.get(reverse("document", args=[photo.pk])).status_code == 404


def test_the_network_sends_at_most_twenty_registrations_an_hour(client, monkeypatch):
    fill_in(client)
    monkeypatch.setattr("devices.views.registration.within_limit", lambda *args, **kwargs: False)
    assert "Too many registrations" in page(client.post(reverse("register-check"), follow=True))
    assert draft().state == "draft" and not Message.objects.exists()


def test_asking_again_counts_too_so_nobodys_mailbox_is_flooded(client, monkeypatch):
    fill_in(client)
    path = send(client)
    Registration.objects.update(sent_at=timezone.now() - timedelta(days=4))
    monkeypatch.setattr("devices.views.registration.within_limit", lambda *args, **kwargs: False)
    for address in (reverse("register-sent"), path):
        monkeypatch.setattr("devices.registration.LINK_VALID_FOR", timedelta(seconds=-1))
        assert "Too many registrations" in page(client.post(address, follow=True))
    assert Message.objects.count() == 1
