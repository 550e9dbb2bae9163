"""Words for the page of a purchase proof."""

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from devices.models import Device
from orders.models import Order
from orders.presenters.owner import state_label
from portal.collect import Note


def proof_facts(order: Order) -> list[tuple[Any, Any]]:
    """What the page says at its top."""
    closed = date_format(order.closed_at, "SHORT_DATE_FORMAT") if order.closed_at else "–"
    return [
        (_("Type"), order.get_kind_display()),
        (_("Device"), f"{order.device.name} ({order.device.serials})"),
        (_("Site"), order.device.site.name),
        (_("Purchase date on the invoice"), date_format(order.proof.purchased_on, "SHORT_DATE_FORMAT")),
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
        text = _(
            "Our office compares the document with what you entered. You get an e-mail with the answer; "
            "there is nothing to do until then."
        )
        return Note(label, tone, text)
    if order.state == Order.State.WAITING:
        url, look_label = reverse("proof-answer", args=[order.pk]), state_label(order.state, may_act=False)
        return Note(label, tone, said, _("Answer"), url, look_label=look_label)
    if order.state == Order.State.REFUSED:
        return Note(label, tone, said, _("Send another proof"), reverse("proof-new", args=[order.device_id]))
    if order.state == Order.State.DONE:
        text = _("The purchase date is confirmed. The page of the device says what comes next.")
        return Note(label, tone, text, _("See the device"), reverse("device", args=[order.device_id]), is_look=True)
    return Note(label, tone, _("You have taken this order back."))


def open_proof(device: Device) -> Order | None:
    """The purchase proof of this device that is on its way."""
    return device.orders.open().filter(kind=Order.Kind.PURCHASE_PROOF).first()
