"""What people do with orders. Each act is one transaction that leaves an event behind."""

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.people import tell_members
from accounts.models import User
from devices.actions import set_purchase_date
from devices.models import Device
from orders.actions import steps
from orders.models import Order, PurchaseProof
from portal.access import Area, demand_now
from portal.errors import Refused
from portal.events import record
from portal.files.models import Document
from portal.files.store import attach
from portal.numbers import next_number

SERIES = "ZL"
State: TypeAlias = Order.State
Decision: TypeAlias = PurchaseProof.Decision


@transaction.atomic
def send_proof(
    device: Device,
    *,
    purchased_on: date,
    documents: Iterable[Document],
    by: User,
    once_key: Any = None,
) -> Order:
    """The owner sends the invoice. The same `once_key` again gives the order of the first time."""
    device = steps.hold(device)
    _demand_owner(device, by)
    if once_key and (before := device.orders.filter(once_key=once_key).first()):
        return before
    if device.purchased_on:
        raise Refused(_("The purchase date of this device is confirmed already."))
    if open_order := device.orders.open().filter(kind=Order.Kind.PURCHASE_PROOF).first():
        raise Refused(
            _("A purchase proof for this device is on its way already: order %(number)s.")
            % {"number": open_order.number}
        )
    order = Order(
        number=next_number(SERIES),
        kind=Order.Kind.PURCHASE_PROOF,
        customer=device.site.customer,
        device=device,
        created_by=by,
    )
    if once_key:
        order.once_key = once_key
    order.save()
    PurchaseProof.objects.create(order=order, purchased_on=purchased_on)
    order.documents.set(documents)
    attach(documents)
    _record("sent", order, by=by)
    _tell(order, "proof_sent")
    return order


@transaction.atomic
def answer_proof(
    order: Order,
    *,
    purchased_on: date,
    documents: Iterable[Document],
    by: User,
    revision: int,
    once_key: Any = None,
) -> Order:
    """The owner answers the office's question on the same order. The same `once_key` again changes nothing."""
    _demand_owner(order.device, by)
    if once_key and Order.objects.select_for_update().get(pk=order.pk).once_key == UUID(str(once_key)):
        return order
    order = _locked(order, by=by, revision=revision, allowed={State.WAITING})
    proof = order.proof
    proof.purchased_on, proof.decision, proof.reason_code, proof.reason = (
        purchased_on,
        "",
        "",
        "",
    )
    proof.decided_at = proof.decided_by = None
    proof.save()
    order.documents.add(*documents)
    attach(documents)
    if once_key:
        order.once_key = once_key
        order.save(update_fields=["once_key"])
    _step(order, State.IN_REVIEW)
    _record("answered", order, by=by)
    return order


@transaction.atomic
def withdraw_proof(order: Order, *, by: User, revision: int) -> Order:
    """The owner takes the order back, such as after attaching the wrong file."""
    _demand_owner(order.device, by)
    order = _locked(order, by=by, revision=revision, allowed={State.IN_REVIEW, State.WAITING})
    _step(order, State.WITHDRAWN)
    _record("withdrawn", order, by=by)
    return order


@transaction.atomic
def confirm_proof(order: Order, *, by: User, revision: int, seller: str = "", invoice_number: str = "") -> Order:
    """A clerk has seen the invoice: the device gets its purchase date, and its card who sold it by which invoice."""
    order = _locked(order, by=by, revision=revision, allowed={State.IN_REVIEW})
    order.proof.seller, order.proof.invoice_number = seller.strip(), invoice_number.strip()
    _decide(order, Decision.CONFIRMED, by=by)
    _step(order, State.DONE)
    set_purchase_date(order.device, purchased_on=order.proof.purchased_on, by=by)
    _record("confirmed", order, by=by)
    _tell(order, "proof_confirmed")
    return order


@transaction.atomic
def ask_for_more(order: Order, *, reason_code: str, reason: str, by: User, revision: int) -> Order:
    """A clerk needs something else; the owner answers on the same order."""
    order = _locked(order, by=by, revision=revision, allowed={State.IN_REVIEW})
    _decide(order, Decision.MORE_NEEDED, by=by, reason_code=reason_code, reason=reason)
    _step(order, State.WAITING)
    _record("more_needed", order, by=by, reason_code=reason_code, reason=order.proof.reason)
    _tell(order, "proof_more_needed")
    return order


@transaction.atomic
def refuse_proof(order: Order, *, reason_code: str, reason: str, by: User, revision: int) -> Order:
    """A clerk closes the order without a purchase date. The owner may send another proof."""
    order = _locked(order, by=by, revision=revision, allowed={State.IN_REVIEW, State.WAITING})
    _decide(order, Decision.REFUSED, by=by, reason_code=reason_code, reason=reason)
    _step(order, State.REFUSED)
    _record("refused", order, by=by, reason_code=reason_code, reason=order.proof.reason)
    _tell(order, "proof_refused")
    return order


def _demand_owner(device: Device, by: User) -> None:
    """Raises PermissionDenied for whoever may not change things at the device's site."""
    demand_now(by, Area.TECHNICAL, customer=device.site.customer_id, site=device.site_id)


def _locked(order: Order, *, by: User, revision: int, allowed: set[State]) -> Order:
    """The order, locked; refused when somebody took a step since the page was opened, or the step is not allowed."""
    order = (
        Order.objects.select_for_update(of=("self",))
        .select_related("proof__decided_by", "device", "customer")
        .get(pk=order.pk)
    )
    if order.revision != revision or order.state not in allowed:
        raise Refused(_stale(order, by))
    return order


def _stale(order: Order, reader: User) -> str:
    """A colleague in the office is told who was quicker; the owner only what the order is now."""
    facts = {"number": order.number, "state": order.state_seen_by(reader)}
    if reader.is_staff and order.proof.decided_by:
        return _(
            "Order %(number)s has changed since you opened this page: %(who)s answered it at %(time)s. "
            "It is now: %(state)s. Nothing of yours was saved; look at it again."
        ) % {**facts, "who": order.proof.decided_by, "time": f"{timezone.localtime(order.proof.decided_at):%H:%M}"}
    return (
        _(
            "Order %(number)s has changed since you opened this page. It is now: %(state)s. "
            "Nothing of yours was saved; look at it again."
        )
        % facts
    )


def _decide(
    order: Order,
    decision: Decision,
    *,
    by: User,
    reason_code: str = "",
    reason: str = "",
) -> None:
    if decision != Decision.CONFIRMED and not (reason_code and reason.strip()):
        raise Refused(_("Choose a reason and say in your own words what is wrong; the owner reads both."))
    proof = order.proof
    proof.decision, proof.reason_code, proof.reason = (
        decision,
        reason_code,
        reason.strip(),
    )
    proof.decided_by, proof.decided_at = by, timezone.now()
    proof.save()


def _step(order: Order, state: State) -> None:
    order.state = state
    order.revision += 1
    order.closed_at = timezone.now() if state in {State.DONE, State.REFUSED, State.WITHDRAWN} else None
    order.save(update_fields=["state", "revision", "closed_at"])


def _record(act: str, order: Order, *, by: User, reason_code: str = "", reason: str = "") -> None:
    record(
        f"proof.{act}",
        by=by,
        about=[order, order.device],
        data={
            "number": order.number,
            "purchased_on": order.proof.purchased_on.isoformat(),
            "reason_code": reason_code,
        },
        reason=reason,
    )


def _tell(order: Order, name: str) -> None:
    proof, is_confirmed = order.proof, name == "proof_confirmed"
    tell_members(
        order.customer,
        f"orders/{name}",
        context={
            "number": order.number,
            "device": order.device.name,
            "purchased_on": proof.purchased_on,
            "reason_code": proof.get_reason_code_display,
            "reason": proof.reason,
        },
        area=Area.TECHNICAL,
        site=order.device.site_id,
        path=reverse("device", args=[order.device_id]) if is_confirmed else reverse("order", args=[order.pk]),
        about=[order],
        by_sms=name != "proof_sent",
    )
