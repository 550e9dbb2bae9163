"""Sites and devices through their owner's pages."""

import re
import uuid
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from devices import actions
from devices.models import Claim, Device, DeviceUnit, NameplateCheck, Site
from tests.factories import PDF, clerk, customer, device, nameplate_check, order_in_review, person, product, site, unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
PLACE = {"building_kind": "house", "street": "ul. Nowa 1", "postcode": "00001", "city": "Warszawa", "country": "PL"}


@pytest.fixture
def owner(client):
    """A customer whose only member is signed in."""
    someone = person(language="en")
    client.force_login(someone)
    return customer(members=[someone])


def page(answer) -> str:
    return answer.content.decode()


def plate(found, **more) -> dict:
    return {"monobloc-model": found.product.code, "monobloc-serial": found.serial} | more


def upload() -> SimpleUploadedFile:
    return SimpleUploadedFile("plate.pdf", PDF, "application/pdf")


def test_a_site_is_added_once_and_renamed(client, owner):
    data = PLACE | {"once": str(uuid.uuid4())}
    answers = [client.post(reverse("site-new"), data) for _ in range(2)]
    place = Site.objects.get()
    assert answers[0].url == answers[1].url == reverse("site", args=[place.pk])
    assert (place.customer, place.postcode) == (owner, "00-001")
    client.post(reverse("site-change", args=[place.pk]), PLACE | {"own_name": "Summer house"})
    assert "Summer house" in page(client.get(reverse("sites")))


def test_wrong_site_data_come_back_as_typed(client, owner):
    answer = client.post(reverse("site-new"), PLACE | {"postcode": "1", "city": "Łódź"})
    assert "five digits" in page(answer) and 'value="Łódź"' in page(answer)
    assert not Site.objects.exists()


@pytest.mark.parametrize("once", ["x", "", "None"])
def test_a_strange_once_key_is_no_error_page(client, owner, once):
    assert client.post(reverse("site-new"), PLACE | {"once": once}).status_code == 302


def test_the_first_device_needs_a_site(client, owner):
    assert client.get(reverse("device-new")).url == reverse("site-new")
    assert client.get(reverse("device-new-kind", args=["boiler"])).status_code == 404


def test_a_device_sent_twice_is_added_once(client, owner):
    data = plate(unit(), site=site(owner).pk, name="Garage", once=str(uuid.uuid4()))
    answers = [client.post(reverse("device-new-kind", args=["monobloc"]), data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302] and answers[0].url == answers[1].url
    assert Device.objects.get().name == "Garage"


def test_a_device_goes_to_an_own_site_only(client, owner):
    site(owner)
    data = plate(unit(), site=site().pk, once=str(uuid.uuid4()))
    assert client.post(reverse("device-new-kind", args=["monobloc"]), data).status_code == 200
    assert not Device.objects.exists()


def test_a_wrong_number_comes_back_with_a_hint_and_all_that_was_typed(client, owner):
    unit(product(code="CT-M08"), serial="AB120577")
    place = site(owner)
    data = {"monobloc-model": "CT-M08", "monobloc-serial": "ABI20577", "name": "Garage", "site": place.pk}
    shown = page(client.post(reverse("device-new-kind", args=["monobloc"]), data))
    assert "easily mistaken" in shown and "AB120577" not in shown
    assert 'value="ABI20577"' in shown and 'value="Garage"' in shown and f'value="{place.pk}" selected' in shown


def test_a_photo_lets_an_unknown_number_through(client, owner):
    data = {"monobloc-model": "CT-M08", "monobloc-serial": "NOPE", "site": site(owner).pk, "monobloc-photos": upload()}
    answer = client.post(reverse("device-new-kind", args=["monobloc"]), data, follow=True)
    assert "Our office checks the photo" in page(answer)
    assert NameplateCheck.objects.get().photos.get().attached_at


def test_a_held_unit_is_claimed_with_reason_and_proof(client, owner):
    held = device(site(customer(name="Jan Tajny"))).units.get().unit
    data = plate(held, site=site(owner).pk)
    asked = page(client.post(reverse("device-new-kind", args=["monobloc"]), data))
    assert "registered already" in asked and "Tajny" not in asked
    data |= {"monobloc-reason": "I bought the house.", "monobloc-proofs": upload()}
    answer = client.post(reverse("device-new-kind", args=["monobloc"]), data, follow=True)
    assert "Our office decides on your claim" in page(answer) and "Tajny" not in page(answer)
    assert Claim.objects.get().reason == "I bought the house."


def test_a_nameplate_is_corrected_until_a_clerk_has_it(client, owner):
    pump = device(site(owner), units=[])
    found = unit()
    url = reverse("device-nameplates", args=[pump.pk])
    assert f'value="{pump.units.get().serial}"' in page(client.get(url))
    assert client.post(url, plate(found)).url == reverse("device", args=[pump.pk])
    assert pump.units.get().unit == found
    assert client.get(url).url == reverse("device", args=[pump.pk])


def test_a_correction_that_comes_too_late_says_so_and_keeps_what_was_typed(client, owner, monkeypatch):
    pump = device(site(owner), units=[])
    monkeypatch.setattr("devices.presenters.may_correct", lambda unit: True)
    nameplate_check(pump)
    answer = client.post(reverse("device-nameplates", args=[pump.pk]), plate(unit(serial="NEW-1")))
    assert "We are looking at this nameplate" in page(answer) and 'value="NEW-1"' in page(answer)


def test_two_nameplates_are_corrected_together_or_not_at_all(owner):
    pump = device(site(owner), kind="split", units=[])
    outdoor, indoor = pump.units.all()
    NameplateCheck.objects.create(device_unit=indoor)
    plates = [actions.Nameplate(role=row.role, model="X", serial="NEW") for row in (outdoor, indoor)]
    with pytest.raises(actions.Refused):
        actions.correct_nameplates({"outdoor": outdoor, "indoor": indoor}, plates, by=owner.members.get())
    assert not DeviceUnit.objects.filter(serial="NEW").exists()


def test_a_device_page_tells_facts_next_step_documents_and_history(client, owner):
    pump = device(site(owner), name="Garage")
    order = order_in_review(pump)
    shown = page(client.get(reverse("device", args=[pump.pk])))
    for words in ("Garage", pump.serials, order.number, "invoice.pdf", "being verified", "purchase proof sent"):
        assert words in shown


def test_a_sites_history_names_the_device_that_came(client, owner):
    home, away = site(owner), site(owner)
    plates = [actions.Nameplate(role="monobloc", model="X", serial="NEW")]
    someone = owner.members.get()
    pump = actions.add_device(home, actions.NewDevice(kind="monobloc", nameplates=plates, name="Garage"), by=someone)
    actions.change_device(pump, name="Pool", site=away, by=someone)
    shown = page(client.get(reverse("site", args=[home.pk])))
    assert "Device added: Garage" in shown and "Device moved to another site: Pool" in shown


def test_the_history_writes_dates_as_the_reader_does(client, owner):
    pump = device(site(owner))
    actions.set_purchase_date(pump, purchased_on=date(2024, 6, 1), by=clerk())
    shown = page(client.get(reverse("device", args=[pump.pk])))
    assert "Purchase date confirmed: " in shown and "confirmed: 2024-06-01" not in shown


def test_staff_have_no_names_in_the_owners_history(client, owner):
    pump = device(site(owner))
    actions.set_purchase_date(pump, purchased_on=date(2024, 6, 1), by=clerk(last_name="Tajna"))
    assert "Tajna" not in page(client.get(reverse("device", args=[pump.pk])))


def test_devices_are_found_by_name_number_and_town(client, owner):
    pump = device(site(owner, city="Gdynia"), name="Garage", units=[unit(serial="AB-12-77")])
    device(site(owner, city="Opole"), name="Pool", units=[unit()])
    for words in ("garage", "ab1277", "gdynia", "gdynia garage"):
        shown = page(client.get(reverse("devices"), {"q": words}))
        assert pump.name in shown and "Pool" not in shown
    assert "Garage" not in page(client.get(reverse("devices"), {"q": "nowhere"}))


def test_devices_are_filtered_by_kind_and_customer_and_sorted(client, owner):
    second = customer(members=[owner.members.get()], name="Second")
    device(site(owner), name="Beech")
    device(site(second, own_name="Mill"), name="Ash", kind="split")

    def listed(**data) -> list[str]:
        return re.findall(r">(Ash|Beech)</a>", page(client.get(reverse("devices"), data)))

    assert listed() == ["Beech", "Ash"] and listed(sort="name") == listed(sort="newest") == ["Ash", "Beech"]
    for found in ({"kind": "split"}, {"customer": second.pk}, {"q": "mill"}):
        assert listed(**found) == ["Ash"], found
    assert len(listed(kind="x", customer="x", sort="x")) == 2


@pytest.mark.parametrize("words", ["\x00", "%", "'", "---", "ł" * 5000])
def test_odd_searches_do_no_harm(client, owner, words):
    device(site(owner))
    assert client.get(reverse("devices"), {"q": words}).status_code == 200


def test_numbers_beyond_all_bounds_are_not_found(client, owner):
    assert client.get(f"/devices/{10**30}/").status_code == 404


def test_a_devices_name_and_site_are_changed_within_the_customer(client, owner):
    pump, there = device(site(owner)), site(owner)
    url = reverse("device-change", args=[pump.pk])
    assert client.post(url, {"name": "Pool", "site": site().pk}).status_code == 200
    assert client.post(url, {"name": "Pool", "site": there.pk}).status_code == 302
    pump.refresh_from_db()
    assert (pump.name, pump.site) == ("Pool", there)


OWNER_PAGES = ["devices", "sites", "orders"]


@pytest.mark.parametrize("name", OWNER_PAGES)
def test_a_page_takes_as_many_queries_for_200_devices_as_for_one(client, owner, name, django_assert_max_num_queries):
    counts = []
    for amount in (1, 30):
        place = site(owner)
        for _ in range(amount):
            order_in_review(device(place))
        client.get(reverse(name))
        with django_assert_max_num_queries(12) as queries:
            client.get(reverse(name))
        counts.append(len(queries))
    assert counts[0] == counts[1]
