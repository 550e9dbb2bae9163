"""Orders, in parts: what every order has, the purchase proof, the service, the protocol of its visit."""

from typing import Any

from django.db import models
from django.db.models import Q

from orders.models.order import Order, OrderQuerySet
from orders.models.proof import PurchaseProof
from orders.models.protocol import Protocol
from orders.models.service import MAX_SLOTS, InspectionReminder, Offer, Proposal, Service
from portal.files.models import Document

__all__ = [
    "MAX_SLOTS",
    "InspectionReminder",
    "Offer",
    "Order",
    "OrderQuerySet",
    "Proposal",
    "Protocol",
    "PurchaseProof",
    "Service",
    "document_ids_visible_to",
]


def document_ids_visible_to(user: Any) -> models.QuerySet:
    """Documents of orders and protocols: for the members, the partner as far as the order is theirs, and staff."""
    if user.has_perm("orders.view_order"):
        orders, protocols = Order.objects.all(), Protocol.objects.all()
    else:
        orders = Order.objects.visible_to(user) | Order.objects.of_partner(user)
        protocols = Protocol.objects.visible_to(user) | Protocol.objects.of_partner(user)
    held = Q(pk__in=orders.values("documents")) | Q(pk__in=protocols.values("documents"))
    made = Q(pk__in=protocols.values("pdf")) | Q(pk__in=protocols.values("signature"))
    return Document.objects.filter(held | made).values("pk")
