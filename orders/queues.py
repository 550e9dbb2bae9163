"""What waits: for the staff on their first page, for the owner at each device."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, Subquery, When
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from devices.models import DEVICE_KINDS, Device
from orders.models import Order, Protocol
from orders.presenters.owner import service_note
from portal.addresses import address
from portal.collect import Attachment, Note
from services.models import ServiceKind


def purchase_notes(devices: Sequence[Device]) -> dict[int, Note]:
    """Where each device stands with its purchase date; the latest order speaks. Then the first start-up."""
    orders = (
        Order.objects.filter(device__in=devices, kind=Order.Kind.PURCHASE_PROOF)
        .exclude(state=Order.State.WITHDRAWN)
        .order_by("device_id", "-created_at", "-pk")
        .distinct("device_id")
        .values_list("pk", "number", "state", "device_id", "created_at", named=True)
    )
    latest = {order.device_id: order for order in orders}
    waiting = start_ups_to_order(devices)
    return {
        device.pk: _bought(device, waiting.get(device.pk, "")) if device.purchased_on else _note(device, latest)
        for device in devices
    }


def start_ups_to_order(devices: Sequence[Device]) -> dict[int, str]:
    """The code of the first start-up for bought devices that had none and for which none is ordered. One query.

    A serial number that is not confirmed comes first.
    """
    ordered = Order.objects.services().open().filter(service_kind__outcome="start_up").exclude(state=Order.State.DRAFT)
    start_ups = ServiceKind.objects.active().filter(outcome="start_up")
    codes = [
        When(kind=kind, then=Subquery(start_ups.filter(device_kinds__contains=[kind]).values("code")[:1]))
        for kind, _label in DEVICE_KINDS
    ]
    found = (
        Device.objects.filter(pk__in=[device.pk for device in devices], purchased_on__isnull=False)
        .exclude(services__kind="start_up")
        .exclude(units__unit=None)
        .exclude(pk__in=ordered.values("device_id"))
        .annotate(code=Case(*codes))
    )
    return dict(found.exclude(code=None).values_list("pk", "code"))


def _bought(device: Device, start_up: str) -> Note:
    if not start_up:
        return Note(_("All in order"), "done", _("The purchase date is confirmed. There is nothing to do now."))
    return Note(
        _("First start-up to order"),
        "attention",
        _("The purchase date is confirmed. Next, a service partner starts the device up; the warranty begins then."),
        _("Order the first start-up"),
        reverse("order-service", args=[device.pk, start_up]),
    )


def service_notes(devices: Sequence[Device]) -> dict[int, Note]:
    """What is going on with the services on order; where there are several, what waits for the owner first."""
    orders = (
        Order.objects.services()
        .open()
        .filter(device__in=devices)
        .select_related("service_kind", "service__partner", "device__site")
        .with_times()
        .order_by("pk")
    )
    notes: dict[int, Note] = {}
    for order in orders:
        note = _service_note(order)
        if order.device_id not in notes or note.urgency >= notes[order.device_id].urgency:
            notes[order.device_id] = note
    return notes


def _service_note(order: Order) -> Note:
    url, facts = address("order", order.pk), {"service": order.what, "number": order.number}
    if order.state == Order.State.DRAFT:
        text = _("Your order is a draft: %(service)s. It is not sent yet.") % facts
        return Note(_("Order not sent"), "attention", text, _("Continue"), address("order-continue", order.pk))
    if order.times_open:
        text = _("Times for the visit are proposed: %(service)s, order %(number)s.") % facts
        return Note(_("Choose a time"), "attention", text, _("See the times"), url)
    return Note(
        f"{order.what}: {order.get_state_display()}", order.tone, lambda: service_note(order).text,
        _("See the order"), url,
    )  # fmt: skip


def inspections_ordered(devices: Sequence[Device]) -> set[int]:
    """Devices for which an inspection is on its way."""
    found = Order.objects.services().open().filter(device__in=devices, service_kind__outcome="inspection")
    return set(found.exclude(state=Order.State.DRAFT).values_list("device_id", flat=True))


def _note(device: Device, latest: dict[int, Any]) -> Note:
    order = latest.get(device.pk)
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
    """The documents that came with the device's purchase proofs."""
    held = (
        Order.documents.through.objects.filter(order__device=device, order__kind=Order.Kind.PURCHASE_PROOF)
        .order_by("-order__created_at", "-order_id", "document__created_at", "document_id")
        .values_list("document_id", "document__name", "order__number", "document__created_at")
    )
    return [Attachment(f"{name} ({number})", reverse("document", args=[pk]), added) for pk, name, number, added in held]


def protocol_documents(device: Device) -> list[Attachment]:
    """The protocols of the visits to a device, newest first."""
    closed = (
        Protocol.objects.closed()
        .filter(order__device=device)
        .select_related("order__service_kind")
        .order_by("-closed_at", "-pk")
    )
    return [
        Attachment(f"{protocol}: {protocol.order.what}", address("protocol", protocol.pk), protocol.closed_at)
        for protocol in closed
        if protocol.closed_at
    ]
