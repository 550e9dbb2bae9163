"""The one place that says who may see what, against the rule told again in plain loops; and what it costs."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Customer, Membership, User
from devices.models import Device, Site
from orders.models import Order
from portal.access import Grade, all_rights, may
from tests import factories

pytestmark = pytest.mark.django_db

CUSTOMERS, SITES = 3, 2
# What each grade sees and changes, said once more: G(eneral), T(echnical), F(inancial), A(ccount).
SEES = {"full": "GTFA", "financial": "GF", "technical": "GT", "read_only": "GTF"}
CHANGES = {"full": "GTFA", "financial": "F", "technical": "GT", "read_only": ""}
LETTER = {"general": "G", "technical": "T", "financial": "F", "account": "A"}


@dataclass
class World:
    """Customers with two sites each; a device and an order at every site."""

    customers: list[Customer]
    sites: list[Site]
    devices: list[Device]
    orders: list[Order]
    user: User


@pytest.fixture
def world() -> World:
    customers = [factories.customer() for _number in range(CUSTOMERS)]
    sites = [factories.site(owner) for owner in customers for _number in range(SITES)]
    devices = [factories.device(place) for place in sites]
    orders = [factories.order_in_review(device) for device in devices]
    return World(customers, sites, devices, orders, factories.person())


def grants() -> st.SearchStrategy:
    """A grant: grade, sites by their places at the customer, first day from today, how many more."""
    sites = st.one_of(st.none(), st.sets(st.integers(0, SITES - 1), min_size=1))
    days = st.tuples(st.integers(-3, 3), st.one_of(st.none(), st.integers(0, 4)))
    return st.tuples(st.sampled_from(sorted(Grade.values)), sites, days)


def in_force(starts: int, lasts: int | None) -> bool:
    return starts <= 0 and (lasts is None or starts + lasts >= 0)


def allowed(letters: str, area: str, sites: set[int] | None, place: int | None) -> bool:
    return LETTER[area] in letters and (sites is None or place is None or place in sites)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    given=st.lists(st.one_of(st.none(), grants()), min_size=CUSTOMERS, max_size=CUSTOMERS),
    chosen=st.one_of(st.none(), st.integers(0, CUSTOMERS - 1)),
)
def test_what_is_visible_is_what_was_granted(world: World, given: list[Any], chosen: int | None):
    Membership.objects.filter(user=world.user).delete()
    today = timezone.localdate()
    for owner, grant in zip(world.customers, given, strict=True):
        if grant:
            write(world, owner, today, *grant)
    asker = User.objects.get(pk=world.user.pk)
    if chosen is not None:
        asker.acts_for = world.customers[chosen].pk
    for change, letters in ((False, SEES), (True, CHANGES)):
        for rows, things in expected(world, given, chosen, letters):
            found = rows.model.objects.changeable_by(asker) if change else rows.model.objects.visible_to(asker)
            assert set(found) == things, (rows.model, change)


def write(world: World, owner: Customer, today: date, grade: str, sites: set[int] | None, days: tuple) -> None:
    starts_on = today + timedelta(days=days[0])
    Membership.objects.create(
        customer=owner, user=world.user, grade=grade, starts_on=starts_on,
        sites=None if sites is None or grade == "full" else [owner.sites.order_by("pk")[place].pk for place in sites],
        ends_on=None if days[1] is None else starts_on + timedelta(days=days[1]),
    )  # fmt: skip


def expected(world: World, given: list[Any], chosen: int | None, letters: dict[str, str]) -> Any:
    """For each model the rows that the grants let through."""

    def passes(area: str, owner: int, place: int | None) -> bool:
        grant = given[owner]
        if grant is None or chosen not in (None, owner) or not in_force(*grant[2]):
            return False
        sites = None if grant[0] == "full" else grant[1]
        return allowed(letters[grant[0]], area, sites, place)

    places = [(owner, number) for owner in range(CUSTOMERS) for number in range(SITES)]
    yield Customer.objects.all(), {world.customers[n] for n in range(CUSTOMERS) if passes("general", n, None)}
    for model, things, area in (
        (Site, world.sites, "general"), (Device, world.devices, "technical"), (Order, world.orders, "technical"),
    ):  # fmt: skip
        yield model.objects.all(), {things[owner * SITES + at] for owner, at in places if passes(area, owner, at)}


def test_a_site_that_went_to_another_customer_takes_no_grant_along(world):
    owner, other = world.customers[:2]
    factories.member(owner, "technical", user=world.user, sites=[world.sites[0].pk])
    Site.objects.filter(pk=world.sites[0].pk).update(customer=other)
    Order.objects.filter(pk=world.orders[0].pk).update(customer=other)
    for model in (Site, Device, Order):
        assert not model.objects.visible_to(world.user).exists()


def test_a_right_to_one_customer_says_nothing_about_another(world):
    owner, other = world.customers[:2]
    factories.member(owner, "technical", user=world.user, sites=[world.sites[0].pk])
    assert may(world.user, "technical", change=True, customer=owner.pk, site=world.sites[0].pk)
    assert not may(world.user, "technical", customer=owner.pk, site=world.sites[1].pk)
    assert not may(world.user, "technical", customer=other.pk) and not may(world.user, "account")


# What it costs


def account(many: int) -> Client:
    """Somebody with so many memberships, one of which names so many sites, each with a device."""
    user, owner = factories.person(), factories.customer()
    sites = Site.objects.bulk_create(
        Site(customer=owner, building_kind="house", street="ul. Leśna 7", postcode="05-500", city="Piaseczno")
        for _number in range(many)
    )
    Device.objects.bulk_create(Device(site=place, kind="monobloc", name="Heat pump") for place in sites)
    factories.member(owner, user=user, sites=[place.pk for place in sites])
    for _number in range(many - 1):
        factories.member(factories.customer(members=[]), user=user)
    browser = Client()
    browser.force_login(user)
    browser.get("/devices/")
    return browser


def queries(browser: Client, url: str) -> tuple[int, int]:
    """How many queries a page takes in all, and how many of them look up rights."""
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(url).status_code == 200
    asked = [query["sql"] for query in captured.captured_queries]
    return len(asked), len([sql for sql in asked if 'FROM "accounts_membership"' in sql])


@pytest.mark.parametrize("many", [1, 2, 300])
def test_rights_cost_at_most_two_queries_a_page(many):
    browser = account(many)
    for url in ("/devices/", "/sites/", "/orders/", "/customers/", "/profile/"):
        _all, rights = queries(browser, url)
        assert 1 <= rights <= 2, (url, rights)


def test_three_hundred_memberships_take_no_more_queries_than_two():
    few, many = account(2), account(300)
    for url in ("/devices/", "/sites/", "/orders/", "/customers/"):
        assert queries(few, url)[0] == queries(many, url)[0], url


def test_customers_stand_in_the_order_in_which_people_read_names(db):
    manager, names = (
        factories.person(),
        ["Zielona 1", "Słoneczna 10", "słoneczna 2 B", "Słoneczna 2", "10", "Słoneczna"],
    )
    for name in names:
        factories.customer(members=[manager], name=name)
    assert [right.name for right in all_rights(manager)] == [
        "10", "Słoneczna", "Słoneczna 2", "słoneczna 2 B", "Słoneczna 10", "Zielona 1",
    ]  # fmt: skip
