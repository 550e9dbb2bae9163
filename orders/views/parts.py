"""What the owner's views share."""

from django.db.models import Prefetch
from django.http import HttpRequest, QueryDict

from orders.models import Order, OrderQuerySet
from portal.access import find


def number_in(data: QueryDict, name: str) -> int:
    """A whole number of a form or an address, such as a primary key; 0, which never is one, for anything odd."""
    sent = data.get(name, "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0


def revision_of(request: HttpRequest) -> int:
    """Which state of the order the page showed; 0 for anything odd."""
    return number_in(request.POST, "revision")


def service_orders() -> OrderQuerySet:
    """Orders that a service partner does, with what their pages show, in few queries."""
    units = Prefetch("device__units", to_attr="nameplates")
    return (
        Order.objects.services()
        .select_related(
            "device__site", "service_kind", "service__partner", "service__engineer", "service__checklist",
        )
        .defer("service__checklist__content", "service__engineer__phone")
        .prefetch_related(units)
    )  # fmt: skip


def service_to_change(request: HttpRequest, pk: int) -> Order:
    """The order, if this person may change it: 404 for strangers, 403 for those who may look only."""
    return find(service_orders(), request.user, change=True, pk=pk)
