"""What the owner's views share."""

from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from orders.models import Order


def revision_of(request: HttpRequest) -> int:
    """Which state of the order the page showed; 0, which never was one, for anything odd."""
    sent = request.POST.get("revision", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0


def orders_for_page(request: HttpRequest) -> Any:
    """The orders that this person may see, with what their pages show, in few queries."""
    units = Prefetch("device__units", to_attr="nameplates")
    return (
        Order.objects.visible_to(request.user)
        .select_related(
            "device__site", "service_kind", "service__partner", "service__engineer", "service__checklist",
        )
        .prefetch_related(units)
    )  # fmt: skip


def service_orders(request: HttpRequest) -> Any:
    """Those of them that a service partner does."""
    return orders_for_page(request).services()


def service_or_404(request: HttpRequest, pk: int) -> Order:
    return get_object_or_404(service_orders(request), pk=pk)
