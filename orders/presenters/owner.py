"""Words for the pages about orders."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from devices.models import Device
from orders.models import Order
from portal.addresses import address
from portal.collect import Note
from portal.ui.table import Column, Table, link
from portal.ui.templatetags.ui import chip, local_date


def order_table(orders: Iterable[Order]) -> Table:
    """Orders as the third tab lists them. Needs `for_list()`."""
    columns = [
        Column(_("Number"), "main-cell nowrap"),
        Column(_("Type")),
        Column(_("Device")),
        Column(_("Site")),
        Column(_("Status")),
        Column(_("Sent")),
        Column(_("Done on")),
    ]
    return Table(columns, [
        (
            link(address("order", order.pk), order.number),
            order.get_kind_display(),
            f"{order.device.name} ({order.device.serials})",
            order.device.site.name,
            chip(order.tone, order.get_state_display()),
            local_date(order.created_at),
            local_date(order.closed_at if order.state == Order.State.DONE else None),
        )
        for order in orders
    ])  # fmt: skip


def order_facts(order: Order) -> list[tuple[Any, Any]]:
    """What an order's page says at its top."""
    closed = date_format(order.closed_at, "SHORT_DATE_FORMAT") if order.closed_at else "–"
    return [
        (_("Type"), order.get_kind_display()),
        (_("Device"), f"{order.device.name} ({order.device.serials})"),
        (_("Site"), order.device.site.name),
        (
            _("Purchase date on the invoice"),
            date_format(order.proof.purchased_on, "SHORT_DATE_FORMAT"),
        ),
        (_("Sent"), date_format(order.created_at, "SHORT_DATE_FORMAT")),
        (_("Closed"), closed),
    ]


def next_note(order: Order) -> Note:
    """The state, who has it, and what the reader can do now."""
    label, tone = order.get_state_display(), order.tone
    said = (
        f"{order.proof.get_reason_code_display().capitalize()}. {order.proof.reason}" if order.proof.reason_code else ""
    )
    if order.state == Order.State.IN_REVIEW:
        return Note(
            label,
            tone,
            _(
                "Our office compares the document with what you entered. You get an e-mail with the answer; "
                "there is nothing to do until then."
            ),
        )
    if order.state == Order.State.WAITING:
        return Note(label, tone, said, _("Answer"), reverse("proof-answer", args=[order.pk]))
    if order.state == Order.State.REFUSED:
        return Note(
            label,
            tone,
            said,
            _("Send another proof"),
            reverse("proof-new", args=[order.device_id]),
        )
    if order.state == Order.State.DONE:
        text = _("The purchase date is confirmed. To arrange the first start-up, write or call us.")
        return Note(
            label,
            tone,
            text,
            _("See the device"),
            reverse("device", args=[order.device_id]),
        )
    return Note(label, tone, _("You have taken this order back."))


def open_proof(device: Device) -> Order | None:
    """The purchase proof of this device that is on its way."""
    return device.orders.open().filter(kind=Order.Kind.PURCHASE_PROOF).first()
