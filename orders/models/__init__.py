"""Orders, in parts: what every order has, the purchase proof, the service, the protocol of its visit."""

from typing import Any

from django.db import models
from django.db.models import Q

from orders.models.order import Order, OrderQuerySet
from orders.models.proof import PurchaseProof
from orders.models.protocol import Protocol
from orders.models.service import MAX_SLOTS, InspectionReminder, Offer, Proposal, Service
from portal.files.models import Document
from services.checklists import file_ids

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
    """Documents of orders and protocols: for the members, the partner as far as the order is theirs, and staff.

    Whoever has only an offer sees the photos that answer its questions: any other file may name the owner.
    """
    offered = Q(pk__in=[])
    if user.has_perm("orders.view_order"):
        orders, protocols = Order.objects.all(), Protocol.objects.all()
    else:
        theirs = Order.objects.of_partner(user)
        orders = Order.objects.visible_to(user) | theirs.exclude(state=Order.State.OFFERED)
        protocols = Protocol.objects.visible_to(user) | Protocol.objects.of_partner(user)
        offers = theirs.filter(state=Order.State.OFFERED)
        photos = {photo for answers in offers.values_list("service__answers", flat=True) for photo in file_ids(answers)}
        offered = Q(pk__in=offers.values("documents")) & Q(pk__in=photos)
    held = Q(pk__in=orders.values("documents")) | Q(pk__in=protocols.values("documents")) | offered
    made = Q(pk__in=protocols.values("pdf")) | Q(pk__in=protocols.values("signature"))
    return Document.objects.filter(held | made).values("pk")
