"""What waits: for the staff on their first page, for the owner at each device."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import Device
from orders.models import Order
from portal.addresses import address
from portal.collect import Attachment, Note, Queue


def proofs_to_review(user: Any) -> list[Queue]:
    if not user.has_perm("orders.review_order"):
        return []
    waiting = Order.objects.in_review().aggregate(count=Count("pk"), oldest=Min("created_at"))
    url = reverse("admin:orders_order_changelist") + "?state__exact=in_review"
    return [Queue(gettext_lazy("Proofs to review"), url, waiting["count"], waiting["oldest"])]


def purchase_notes(devices: Sequence[Device]) -> dict[int, Note]:
    """Where each device stands with its purchase date. One query; the latest order speaks."""
    orders = (
        Order.objects.filter(device__in=devices, kind=Order.Kind.PURCHASE_PROOF)
        .exclude(state=Order.State.WITHDRAWN)
        .order_by("device_id", "-created_at", "-pk")
        .distinct("device_id")
        .values_list("pk", "number", "state", "device_id", "created_at", named=True)
    )
    latest = {order.device_id: order for order in orders}
    return {device.pk: _note(device, latest.get(device.pk)) for device in devices}


def _note(device: Device, order: Any) -> Note:
    if device.purchased_on:
        return Note(
            _("All in order"),
            "done",
            _("The purchase date is confirmed. Next comes the first start-up; to arrange it, write or call us."),
        )
    if order is None:
        return _missing(
            device,
            "attention",
            _("Purchase date missing"),
            _("Attach the purchase invoice. The purchase date on it begins the warranty."),
        )
    order_url = address("order", order.pk)
    if order.state == Order.State.WAITING:
        return Note(
            _("Your answer is needed"),
            "attention",
            _("Our office needs something else to confirm the purchase date."),
            _("Answer"),
            order_url,
        )
    if order.state == Order.State.IN_REVIEW:
        return Note(
            _("Purchase proof being verified"),
            "progress",
            lambda: _being_verified(order),
            _("See the order"),
            order_url,
        )
    return _missing(
        device,
        "problem",
        _("Purchase proof refused"),
        _("The last proof was refused. You can send another one."),
    )


def _being_verified(order: Any) -> str:
    return _(
        "Our office verifies the invoice from order %(number)s of %(date)s. You get an e-mail with the answer; "
        "there is nothing to do until then."
    ) % {"number": order.number, "date": date_format(order.created_at, "SHORT_DATE_FORMAT")}


def _missing(device: Device, tone: str, label: str, text: str) -> Note:
    return Note(
        label,
        tone,
        text,
        _("Attach purchase invoice"),
        address("proof-new", device.pk),
    )


def purchase_documents(device: Device) -> list[Attachment]:
    """The documents that came with the device's orders."""
    held = (
        Order.documents.through.objects.filter(order__device=device)
        .order_by("-order__created_at", "-order_id", "document__created_at", "document_id")
        .values_list("document_id", "document__name", "order__number", "document__created_at")
    )
    return [Attachment(f"{name} ({number})", reverse("document", args=[pk]), added) for pk, name, number, added in held]
