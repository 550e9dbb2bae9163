"""Members of each grade at the pages of sites and devices, and at the acts behind them."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from devices import actions
from devices.models import Device, Site
from tests.factories import customer, device, document, member, nameplate_check, owner_of, person, site, unit
from warranty.models import WarrantyCard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

CHANGE = ["device-change", "device-nameplates", "site-change"]
LISTS = {"devices": "Add a device", "sites": "Add a site"}
NEW = ["device-new", "site-new"]
WHO = ["full", "technical", "read_only", "financial", "elsewhere", "ended", "later", "stranger"]


@pytest.fixture
def pump() -> Device:
    """A device with a nameplate to correct and a photo that a clerk looked at; there is a second site."""
    home = site(customer())
    site(home.customer, own_name="Elsewhere")
    pump = device(home, name="Garage", units=[])
    nameplate_check(pump)
    pump.units.get().checks.all().update(decision="refused", decided_at=timezone.now(), decided_by=person())
    return pump


def reader(who: str, pump: Device) -> User:
    """Somebody with a grade, or a technical member of another site, or of other days, or of another customer."""
    owner, today = pump.site.customer, timezone.localdate()
    if who == "stranger":
        return customer().members.get()
    if who == "ended":
        return member(owner, "full", starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1))
    if who == "later":
        return member(owner, starts_on=today + timedelta(days=1))
    return member(owner, sites=[owner.sites.last().pk]) if who == "elsewhere" else member(owner, who)


def statuses(client: Any, who: User, names: list[str], thing: Any = None) -> set[int]:
    client.force_login(who)
    return {client.get(reverse(name, args=[thing.pk] if thing else [])).status_code for name in names}


SEEN = dict(zip(WHO, [200, 200, 200, 403, 403, 404, 404, 404], strict=True))
CHANGED = dict(zip(WHO, [200, 200, 403, 403, 403, 404, 404, 404], strict=True))


@pytest.mark.parametrize("who", WHO)
def test_a_device_is_seen_and_changed_as_the_grade_says(client, pump, who):
    asker = reader(who, pump)
    assert statuses(client, asker, ["device", "device-sheet"], pump) == {SEEN[who]}
    assert statuses(client, asker, CHANGE[:2], pump) == {CHANGED[who]}
    for name in CHANGE[:2]:
        assert client.post(reverse(name, args=[pump.pk]), {"name": "X"}).status_code == CHANGED[who]
    pump.refresh_from_db()
    assert pump.name == "Garage"


@pytest.mark.parametrize("who", WHO)
def test_a_site_is_seen_by_every_grade_and_changed_by_whoever_changes_its_devices(client, pump, who):
    asker = reader(who, pump)
    assert statuses(client, asker, ["site"], pump.site) == {200 if who == "financial" else SEEN[who]}
    assert statuses(client, asker, ["site-change"], pump.site) == {CHANGED[who]}
    # Whoever acts at named sites adds no other.
    may_add = {"elsewhere": 403, "stranger": 200}.get(who, CHANGED[who])
    assert statuses(client, asker, ["site-new"]) == {may_add}


@pytest.mark.parametrize("who", WHO)
def test_lists_are_for_those_who_may_see_something_of_the_kind(client, pump, who):
    asker = reader(who, pump)
    nobody = who in ("ended", "later")
    assert statuses(client, asker, ["devices"]) == {403 if nobody or who == "financial" else 200}
    assert statuses(client, asker, ["sites"]) == {403 if nobody else 200}
    new = client.get(reverse("device-new")).status_code
    assert new == (302 if who == "stranger" else 403 if nobody or who in ("financial", "read_only") else 200)


@pytest.mark.parametrize("who", ["technical", "read_only"])
def test_what_a_reader_may_not_do_is_not_offered(client, pump, who):
    client.force_login(reader(who, pump))
    own, home = f"/devices/{pump.pk}", f"/sites/{pump.site_id}"
    for url, acts in [
        ("/devices/", ["/devices/new/", f"{own}/proof/"]),
        ("/sites/", ["/sites/new/"]),
        (f"{home}/", ["/devices/new/", f"{home}/change/", f"{own}/proof/"]),
        (f"{own}/", ["/orders/new/", f"{own}/change/", f"{own}/nameplates/", f"{own}/proof/"]),
    ]:
        page = client.get(url).content.decode()
        assert [act for act in acts if act in page] == (acts if who == "technical" else []), url


def test_who_pays_sees_a_site_without_its_devices(client, pump):
    actions.change_device(pump, name="Cellar", site=pump.site, by=owner_of(pump))
    actions.change_device(pump, name="Cellar", site=pump.site.customer.sites.last(), by=owner_of(pump))
    for who, sees in (("financial", False), ("technical", True)):
        client.force_login(reader(who, pump))
        page = client.get(reverse("site", args=[pump.site.customer.sites.last().pk])).content.decode()
        assert ("Cellar" in page) == sees


def test_a_device_is_put_and_moved_only_where_the_person_acts(client, pump):
    owner = pump.site.customer
    client.force_login(member(owner, sites=[pump.site_id]))
    away, plate = owner.sites.last(), unit()
    typed = {"monobloc-model": plate.product.code, "monobloc-serial": plate.serial, "site": away.pk}
    assert "Elsewhere" not in client.get(reverse("device-new-kind", args=["monobloc"])).content.decode()
    assert client.post(reverse("device-new-kind", args=["monobloc"]), typed).status_code == 200
    assert client.post(reverse("device-change", args=[pump.pk]), {"name": "X", "site": away.pk}).status_code == 200
    pump.refresh_from_db()
    assert pump.site_id != away.pk and Device.objects.count() == 1


ACTS = {
    "add_site": lambda pump, by: actions.add_site(pump.site.customer, by=by, building_kind="house", street="a"),
    "change_site": lambda pump, by: actions.change_site(pump.site, by=by, own_name="X"),
    "add_device": lambda pump, by: actions.add_device(pump.site, actions.NewDevice("monobloc", []), by=by),
    "change_device": lambda pump, by: actions.change_device(pump, name="X", site=pump.site, by=by),
    "move_away": lambda pump, by: actions.change_device(
        pump, name="X", site=pump.site.customer.sites.last(), by=by
    ),
    "correct": lambda pump, by: actions.correct_nameplate(
        pump.units.get(), actions.Nameplate("monobloc", "X", "Y"), by=by
    ),
}  # fmt: skip


@pytest.mark.parametrize("who", [who for who in WHO if CHANGED[who] != 200])
@pytest.mark.parametrize("act", ACTS)
def test_acts_refuse_whoever_has_no_right(pump, act, who):
    with pytest.raises(PermissionDenied):
        ACTS[act](pump, reader(who, pump))
    assert Device.objects.get().name == "Garage" and Site.objects.filter(customer=pump.site.customer).count() == 2


def test_a_device_does_not_leave_the_sites_of_the_person(pump):
    with pytest.raises(PermissionDenied):
        ACTS["move_away"](pump, member(pump.site.customer, sites=[pump.site_id]))


def test_a_right_that_ended_since_the_page_began_counts_for_nothing(pump):
    by = member(pump.site.customer)
    by.known_rights = None
    assert Device.objects.changeable_by(by).exists()
    by.memberships.all().delete()
    assert Device.objects.changeable_by(by).exists()
    with pytest.raises(PermissionDenied):
        actions.change_device(pump, name="X", site=pump.site, by=by)


@pytest.mark.parametrize("who", WHO)
def test_photos_and_cards_are_for_those_who_see_the_device(client, pump, who):
    photo, card = pump.units.get().checks.get().photos.get(), document(name="card.pdf")
    WarrantyCard.objects.create(
        device=pump, number="KG/1", pdf=card, facts={"starts_on": "2026-01-01", "ends_on": "2031-01-01"}
    )
    client.force_login(reader(who, pump))
    answers = {client.get(reverse("document", args=[one.pk])).status_code for one in (photo, card)}
    assert answers == {200 if SEEN[who] == 200 else 404}


def test_rows_of_two_customers_offer_each_what_the_person_may_do(client, pump):
    asker, other = reader("read_only", pump), device(units=[], name="Cellar")
    member(other.site.customer, user=asker)
    client.force_login(asker)
    page = client.get(reverse("devices")).content.decode()
    assert f"/devices/{other.pk}/proof/" in page and f"/devices/{pump.pk}/proof/" not in page
