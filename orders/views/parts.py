"""What the owner's views share."""

from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404

from orders.models import Order


def number_in(data: QueryDict, name: str) -> int:
    """A whole number of a form or an address, such as a primary key; 0, which never is one, for anything odd."""
    sent = data.get(name, "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0


def revision_of(request: HttpRequest) -> int:
    """Which state of the order the page showed; 0 for anything odd."""
    return number_in(request.POST, "revision")


def orders_for_page(request: HttpRequest) -> Any:
    """The orders that this person may see, with what their pages show, in few queries."""
    units = Prefetch("device__units", to_attr="nameplates")
    return (
        Order.objects.visible_to(request.user)
        .select_related(
            "device__site", "service_kind", "service__partner", "service__engineer", "service__checklist",
        )
        .defer("service__checklist__content", "service__engineer__phone")
        .prefetch_related(units)
    )  # fmt: skip


def service_orders(request: HttpRequest) -> Any:
    """Those of them that a service partner does."""
    return orders_for_page(request).services()


def service_or_404(request: HttpRequest, pk: int) -> Order:
    return get_object_or_404(service_orders(request), pk=pk)
