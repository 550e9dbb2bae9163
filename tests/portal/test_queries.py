"""A page of the owner asks the database as often for 200 devices as for one, and seldom."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.actions.access import invite
from accounts.grants import Grant
from orders.actions import visits
from orders.models import Order
from tests import factories
from tests.bench.account import fill

MANY, MOST = 200, 12
# Not public, and yet no page that an owner looks at.
NO_PAGES = {
    "start", "partner", "account_logout", "document", "document-page", "device-sheet", "order-continue", "visit-pick",
    "email-change", "email-take-back", "phone-code", "session-end", "sessions-end-others",
    # They ask for the password first, lead on, or take buttons alone.
    "account_change_password", "terms-new", "consent-withdraw", "support-view-end", "export-file", "erasure-ask",
    "erasure-withdraw", "account-close", "change-request", "change-request-withdraw",
}  # fmt: skip


def owner_pages(resolver: URLResolver) -> Iterator[URLPattern]:
    """Every address that is neither public by name nor of the back office, nor of the partners."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            # Of the pages of factors only the list is looked at without having proved anew who one is.
            is_factor = str(entry.name).startswith("mfa_") and entry.name != "mfa_index"
            if not getattr(entry.callback, "public", False) and entry.name not in NO_PAGES and not is_factor:
                yield entry
        elif str(entry.pattern) not in ("admin/", "demo/", "work/"):
            yield from owner_pages(entry)


# The pages of service orders, and the state of an order that shows them.
SERVICE_PAGES = {
    "order-what": "draft", "order-answers": "draft", "order-wishes": "draft", "order-check": "draft",
    "order-cancel": "submitted", "order-change": "submitted", "order-reply": "waiting",
    "visit-others": "scheduled", "visit-move": "scheduled", "order-calendar": "scheduled", "protocol": "done",
}  # fmt: skip
PAGES = list(owner_pages(get_resolver("portal.urls")))


def test_the_walk_finds_the_pages():
    names = {page.name for page in PAGES}
    assert {"devices", "device", "sites", "site", "orders", "order", "proof-new", "profile"} <= names
    assert len(PAGES) >= 15


class Account:
    """A customer with so many devices, each with an order and a history."""

    def __init__(self, devices: int):
        self.person = factories.person()
        self.owner = factories.customer(members=[self.person])
        self.member = factories.member(self.owner, grade="read_only")
        facts = {"email": "guest@example.com", "language": "en", "grant": Grant("read_only"), "by": self.person}
        self.invitation = invite(self.owner, **facts)
        # Before the others, so that they are on the first page of every list.
        place = factories.site(self.owner)
        self.services = {
            upto: factories.service_order(factories.device(place), code="repair", upto=upto)
            for upto in ("draft", "submitted", "scheduled", "done")
        }
        self.services["waiting"] = waiting = factories.service_order(factories.device(place), code="repair")
        visits.ask(waiting, question="Which?", by=factories.clerk("dispatcher"), revision=waiting.revision)
        fill(self.owner, self.person, devices)
        # The first one is in the same state in every account: a nameplate to correct, an order to answer.
        self.order = Order.objects.filter(customer=self.owner, kind="purchase_proof").order_by("pk")[0]
        self.order.state, self.order.closed_at = Order.State.WAITING, None
        self.order.save()
        self.device = self.order.device
        self.device.purchased_on = None
        self.device.save()
        self.device.units.filter(role="indoor").update(unit=None)
        self.client = Client()
        self.client.force_login(self.person)

    def address(self, page: URLPattern) -> str:
        if page.name == "order-choices":
            return f"{reverse('order-choices')}?device={self.device.pk}"
        if page.name == "order-service":
            return reverse("order-service", args=[self.device.pk, "installation_check"])
        if page.name in SERVICE_PAGES:
            order = self.services[SERVICE_PAGES[page.name]]
            return reverse(page.name, args=[order.protocols.get().pk if page.name == "protocol" else order.pk])
        if "kind" in page.pattern.converters:
            return reverse(str(page.name), args=["split"])
        if "pk" not in page.pattern.converters:
            return reverse(str(page.name))
        route = str(page.pattern)
        things = {
            "devices/": self.device.pk, "sites/": self.device.site_id, "orders/": self.order.pk,
            "access/invitations/": self.invitation.pk, "access/": self.member.memberships.get().pk,
        }  # fmt: skip
        return reverse(str(page.name), args=[next(pk for start, pk in things.items() if route.startswith(start))])

    def queries(self, page: URLPattern) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            answer = self.client.get(self.address(page))
        assert answer.status_code == 200, (page.name, answer.status_code)
        return [query["sql"] for query in captured.captured_queries]


@pytest.mark.django_db
def test_as_many_queries_for_200_devices_as_for_one_and_at_most_12():
    one, many = Account(1), Account(MANY)
    for page in PAGES:
        few, lots = one.queries(page), many.queries(page)
        assert len(few) == len(lots), f"{page.name}: {len(few)} and {len(lots)}\n" + "\n".join(lots)
        assert len(lots) <= MOST, f"{page.name}: {len(lots)}\n" + "\n".join(lots)
