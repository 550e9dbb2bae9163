"""What waits: for the staff on their first page, for the owner at each device."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from devices.models import Device
from orders.models import Order, Proposal, Protocol, PurchaseProof
from orders.presenters.owner import service_note, state_label
from orders.states import ACCEPTED, SCHEDULED
from portal.addresses import address
from portal.collect import Attachment, Note
from portal.prepared import Prepared
from services.models import ServiceKind, kinds_for
from warranty.models import Cover
from warranty.queues import covers_of

START_UP, INSPECTION = ServiceKind.Outcome.START_UP, ServiceKind.Outcome.INSPECTION


class Row(NamedTuple):
    """What a note needs of an order. Rows and no models: a list has 25 devices, each with some orders."""

    pk: int
    number: str
    kind: str
    state: str
    device_id: int
    created_at: datetime
    service_kind_id: int | None
    has_times: bool


# The open orders and all purchase proofs of devices, newest first.
_ORDERS = Prepared(
    lambda devices: (
        Order.objects.filter(Q(closed_at=None) | Q(kind=Order.Kind.PURCHASE_PROOF), device__in=devices)
        .exclude(state=Order.State.WITHDRAWN)
        .annotate(has_times=Exists(Proposal.objects.filter(order=OuterRef("pk"), outcome="", by_owner=False)))
        .order_by("-created_at", "-pk")
        .values_list(*Row._fields)
    )
)


@dataclass(frozen=True)
class Known:
    """What the notes of some devices are made of: their orders by device, newest first."""

    rows: dict[int, list[Row]]

    @cached_property
    def kinds(self) -> dict[int | None, ServiceKind]:
        """Asked for by pages that speak of a service."""
        kinds = ServiceKind.objects.with_product_keys().defer("hint_pl", "hint_cs", "hint_en")
        return {kind.pk: kind for kind in kinds}

    def services(self, pk: int) -> list[Row]:
        return [row for row in self.rows[pk] if row.kind == Order.Kind.SERVICE]

    def is_ordered(self, pk: int, outcome: str) -> bool:
        """Whether a service with this outcome is on its way for a device, or begun as a draft."""
        return any(self.kinds[row.service_kind_id].outcome == outcome for row in self.services(pk))


def known_of(devices: Sequence[Device]) -> Known:
    """The open orders and all purchase proofs of these devices. One query, kept on the devices for the next asker."""
    kept = {id(known): known for device in devices if (known := getattr(device, "known_orders", None))}
    if len(kept) == 1 and all(hasattr(device, "known_orders") for device in devices):
        return next(iter(kept.values()))
    found: dict[int, list[Row]] = {device.pk: [] for device in devices}
    for row in map(Row._make, _ORDERS.rows(*found)):
        found[row.device_id].append(row)
    known = Known(found)
    for device in devices:
        device.known_orders = known  # type: ignore[attr-defined]
    return known


def purchase_notes(devices: Sequence[Device]) -> dict[int, Note]:
    """Where each device stands with its purchase date; the latest proof speaks. Then the first start-up."""
    known, covers = known_of(devices), covers_of(devices)
    waiting = [device for device in devices if _waits_for_start_up(device, known, covers.get(device.pk))]
    start_ups = kinds_for(known.kinds.values(), waiting, START_UP) if waiting else {}
    return {device.pk: _purchase_note(device, known, start_ups.get(device.pk)) for device in devices}


def _waits_for_start_up(device: Device, known: Known, cover: Cover | None) -> bool:
    """The purchase and every serial number are confirmed, and no start-up was done or is on its way."""
    if not device.purchased_on or (cover and cover.started_up_on) or known.is_ordered(device.pk, START_UP):
        return False
    return all(unit.unit_id is not None for unit in device.nameplates)


def _purchase_note(device: Device, known: Known, start_up: ServiceKind | None) -> Note:
    if device.purchased_on:
        return _bought(device, start_up.code if start_up else "")
    proofs = (row for row in known.rows[device.pk] if row.kind == Order.Kind.PURCHASE_PROOF)
    return _note(device, next(proofs, None))


def service_notes(devices: Sequence[Device]) -> dict[int, Note]:
    """What is going on with the services on order; where there are several, what waits for the owner first."""
    known = known_of(devices)
    told = {
        pk: [_service_note(row, known.kinds[row.service_kind_id]) for row in known.services(pk)] for pk in known.rows
    }
    return {pk: max(notes, key=lambda note: note.urgency) for pk, notes in told.items() if notes}


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


def _service_note(row: Any, kind: ServiceKind) -> Note:
    url, facts = address("order", row.pk), {"service": kind.name, "number": row.number}
    if row.state == Order.State.DRAFT:
        text = _("Your order is a draft: %(service)s. It is not sent yet.") % facts
        return Note(_("Order not sent"), "attention", text, _("Finish the order"), address("order-continue", row.pk))
    if row.has_times and row.state in (ACCEPTED, SCHEDULED):
        text = _("Times for the visit are proposed: %(service)s, order %(number)s.") % facts
        return Note(_("Choose a time"), "attention", text, _("See the times"), url, look_label=_("Proposed times"))
    state = Order.State(row.state)
    told = cache(lambda: _note_of_order(row.pk))
    return Note(
        f"{kind.name}: {state.label}", Order.TONES[state], lambda: told().text, _("See the order"), url,
        is_look=True,
        look_label=f"{kind.name}: {state_label(state, may_act=False)}",
        look_text=lambda: told().for_reader().text,
    )  # fmt: skip


def _note_of_order(pk: int) -> Note:
    """What happens next with an order, for the page of its device."""
    return service_note(Order.objects.select_related("service__partner", "device__site", "service_kind").get(pk=pk))


def inspections_to_order(devices: Sequence[Device]) -> dict[int, str]:
    """Where an inspection is ordered, for devices for which none is on its way, or begun as a draft."""
    known = known_of(devices)
    kinds = kinds_for(known.kinds.values(), devices, INSPECTION)
    return {
        device.pk: reverse("order-service", args=[device.pk, kind.code]) if (kind := kinds.get(device.pk)) else ""
        for device in devices
        if not known.is_ordered(device.pk, INSPECTION)
    }


def _note(device: Device, order: Any) -> Note:
    """Where the purchase proof stands; `order` is the latest one."""
    if order is None:
        return _missing(
            device,
            "attention",
            _("Purchase date missing"),
            _("Attach the purchase invoice. The warranty needs the purchase date on it."),
            look_text=_("The purchase date is not confirmed yet."),
        )
    order_url = address("order", order.pk)
    if order.state == Order.State.WAITING:
        return Note(
            _("Your answer is needed"),
            "attention",
            _("Our office needs something else to confirm the purchase date."),
            _("Answer"),
            order_url,
            look_label=_("Waiting for an answer"),
        )
    if order.state == Order.State.IN_REVIEW:
        return Note(
            _("Purchase proof being verified"),
            "progress",
            lambda: _being_verified(order),
            _("See the order"),
            order_url,
            is_look=True,
        )
    return _missing(
        device,
        "problem",
        _("Purchase proof refused"),
        _("The last proof was refused. You can send another one."),
        look_text=_("The last proof was refused."),
    )


def _being_verified(order: Any) -> str:
    return _(
        "Our office verifies the invoice from order %(number)s of %(date)s. You get an e-mail with the answer; "
        "there is nothing to do until then."
    ) % {"number": order.number, "date": date_format(order.created_at, "SHORT_DATE_FORMAT")}


def _missing(device: Device, tone: str, label: str, text: str, *, look_text: str) -> Note:
    return Note(
        label,
        tone,
        text,
        _("Attach purchase invoice"),
        address("proof-new", device.pk),
        look_text=look_text,
    )


_PROOFS = Prepared(
    lambda devices: (
        Order.documents.through.objects.filter(order__device__in=devices, order__kind=Order.Kind.PURCHASE_PROOF)
        .order_by("-order__created_at", "-order_id", "document__created_at", "document_id")
        .values_list("document_id", "document__name", "order__number", "document__created_at")
    )
)
_PROTOCOLS = Prepared(
    lambda devices: (
        Protocol.objects.closed()
        .filter(order__device__in=devices)
        .order_by("-closed_at", "-pk")
        .values_list("pk", "number", "version", "closed_at", "order__service_kind_id")
    )
)


def purchase_proof(device: Device) -> tuple[str, str] | None:
    """Number and address of the order by which the office confirmed the purchase."""
    rows = known_of([device]).rows[device.pk] if device.purchased_on else []
    done = (row for row in rows if row.kind == Order.Kind.PURCHASE_PROOF and row.state == Order.State.DONE)
    return next(((row.number, address("order", row.pk)) for row in done), None)


def purchase_facts(device: Device) -> dict[str, str]:
    """What the office noted of the invoice by which it confirmed the purchase."""
    confirmed = PurchaseProof.objects.filter(order__device=device, order__state=Order.State.DONE)
    proof = confirmed.order_by("-decided_at").first()
    return {"seller": proof.seller, "invoice_number": proof.invoice_number} if proof else {}


def purchase_documents(device: Device) -> list[Attachment]:
    """The documents that came with the device's purchase proofs."""
    return [
        Attachment(f"{name} ({number})", reverse("document", args=[pk]), added)
        for pk, name, number, added in _PROOFS.rows(device.pk)
    ]


def _protocols_of(device: Device) -> list[tuple[Any, ...]]:
    """The protocols of the visits to a device, newest first. Kept on the device: its page asks twice."""
    if not hasattr(device, "known_protocols"):
        device.known_protocols = _PROTOCOLS.rows(device.pk)  # type: ignore[attr-defined]
    return device.known_protocols  # type: ignore[attr-defined]


def protocol_pages(device: Device) -> dict[str, str]:
    """The page of each protocol of a device by its number, of a corrected one that of the newest version."""
    return {number: address("protocol", pk) for pk, number, *_rest in reversed(_protocols_of(device))}


def protocol_documents(device: Device) -> list[Attachment]:
    """The protocols of the visits to a device, newest first."""
    kinds = known_of([device]).kinds if (found := _protocols_of(device)) else {}
    newest = {number: version for _pk, number, version, *_rest in reversed(found)}
    papers = []
    for pk, number, version, closed_at, kind in found:
        name = _("Protocol %(number)s") % {"number": number}
        if newest[number] > 1:
            name += ", " + _("version %(version)s") % {"version": version}
        mark = _("replaced") if version < newest[number] else ""
        papers.append(Attachment(f"{name}: {kinds[kind].name}", address("protocol", pk), closed_at, mark))
    return papers
