"""The list with 2,000 orders and an order with 60 photos ask the database as seldom as any other page."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from orders.models import Order
from tests import factories
from tests.bench.account import fill, fill_services, with_photos
from tests.factories import able_partner, document, service_order
from tests.portal.test_queries import MOST

pytestmark = pytest.mark.django_db

DEVICES, PHOTOS = 200, 60


def asked(person: User, path: str) -> list[str]:
    client = Client()
    client.force_login(person)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def account(devices: int) -> tuple[User, list[Order]]:
    person = factories.person()
    owner = factories.customer(members=[person])
    return person, fill_services(person, fill(owner, person, devices), able_partner())


def test_the_list_of_2000_orders_asks_as_often_as_a_short_one():
    (one, _few), (many, services) = account(1), account(DEVICES)
    few, lots = asked(one, reverse("orders")), asked(many, reverse("orders"))
    assert Order.objects.visible_to(many).count() == 10 * DEVICES == len(services) // 9 * 10
    assert len(few) == len(lots) <= MOST, "\n".join(lots)


def test_an_order_with_60_photos_asks_no_more_often_than_one_with_6():
    person, services = account(2)
    less, more = with_photos(services[0], 6), with_photos(services[-1], PHOTOS)
    few, lots = (asked(person, reverse("order", args=[order.pk])) for order in (less, more))
    assert more.documents.count() == PHOTOS
    assert len(lots) <= len(few) <= MOST, "\n".join(lots)


@pytest.mark.parametrize("upto", ["draft", "submitted", "offered", "accepted", "scheduled", "under_way", "done"])
def test_an_order_in_any_state_is_cheap_for_its_owner(upto):
    order = service_order(upto=upto)
    queries = asked(order.customer.members.get(), reverse("order", args=[order.pk]))
    assert len(queries) <= MOST, "\n".join(queries)


@pytest.mark.parametrize(("page", "upto"), [("work", "scheduled"), ("work-offers", "offered"), ("work-done", "done")])
def test_a_partners_pages_ask_as_often_for_six_orders_as_for_one(page, upto):
    boss, busy = able_partner(), able_partner()
    for who, orders in ((boss, 1), (busy, 6)):
        for _ in range(orders):
            service_order(to=who, upto=upto)
    few, lots = (asked(one.people.get().user, reverse(page)) for one in (boss, busy))
    assert len(few) == len(lots) <= MOST, "\n".join(lots)


def test_a_partners_page_of_an_order_with_60_photos_is_cheap():
    order = service_order(upto="accepted")
    order.documents.add(*(document(f"{n}".encode(), f"{n}.pdf") for n in range(PHOTOS)))
    queries = asked(order.service.partner.people.get().user, reverse("work-order", args=[order.pk]))
    assert len(queries) <= MOST, "\n".join(queries)
