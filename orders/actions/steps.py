"""What every step of a service order begins and ends with: lock, check against the table, write, record."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from devices.models import Device
from orders import states
from orders.models import Order, Proposal
from portal.access import Area, may_now
from portal.errors import Refused
from portal.events import Event, record
from portal.files.models import Document
from portal.files.store import attach
from portal.numbers import next_number

SERIES = "ZL"


def new_number() -> str:
    """The next number of an order, e.g. "ZL/2026/000123"."""
    return next_number(SERIES)


def hold(device: Device) -> Device:
    """The device for a new order, locked after its customer: an erasure takes both in this order too."""
    Customer.objects.select_for_update(of=("self",), no_key=True).get(sites__devices=device)
    return Device.objects.select_for_update(of=("self",)).select_related("site__customer").get(pk=device.pk)


def roles_of(order: Order, by: User | None) -> set[str]:
    """In which roles somebody meets an order; the portal itself is None.

    The owner's are those members who may change things at the site today.
    """
    if by is None:
        return {states.PORTAL}
    roles = set()
    if may_now(by, Area.TECHNICAL, customer=order.customer_id, site=order.device.site_id):
        roles.add(states.OWNER)
    if by.is_staff and by.has_perm("orders.assign_order"):
        roles.add(states.OFFICE)
    service = order.service
    places = by.partner_memberships.all() if service.partner_id else []
    place = next((place for place in places if place.partner_id == service.partner_id), None)
    if place and place.is_manager:
        roles.add(states.MANAGER)
    if place and service.engineer_id == by.pk:
        roles.add(states.ENGINEER)
    return roles


def locked(order: Order) -> Order:
    """The service order with all that its steps look at; everybody who acts on it locks this row first."""
    Order.objects.select_for_update().get(pk=order.pk)
    # Read after the lock: rows that are joined to a locked one are as old as the waiting was long.
    return Order.objects.select_related(
        "service__partner", "service__engineer", "service__chosen_partner", "service__checklist",
        "service_kind", "device__site", "customer",
    ).get(pk=order.pk)  # fmt: skip


def begin(act: str, order: Order, *, by: User | None, revision: int | None = None) -> Order:
    """The order, locked, if this step may be taken by this person now; call it in the step's transaction.

    `revision` is the one that the person's page showed; None for the portal. Raises Refused with a sentence that
    tells what happened meanwhile.
    """
    order = locked(order)
    roles = roles_of(order, by)
    step = states.STEPS[act]
    if not roles & step.roles:
        raise Refused(
            _("Order %(number)s is not with you, or no longer. Nothing was saved.") % {"number": order.number}
        )
    is_stale = not step.quiet and revision is not None and revision != order.revision
    if is_stale or order.state not in step.sources:
        raise Refused(_what_happened(order, by))
    return order


def _what_happened(order: Order, reader: User | None) -> str:
    """Why the reader's page is no longer true. Only the office reads names."""
    facts: dict[str, Any] = {"number": order.number, "state": order.state_seen_by(reader) if reader else order.state}
    latest = Event.objects.about(order).first()
    if latest is None:
        return _("Order %(number)s is now: %(state)s. This step is not possible any more.") % facts
    facts |= {"what": latest.sentence, "time": f"{timezone.localtime(latest.at):%H:%M}", "who": latest.actor or ""}
    if reader and reader.is_staff and latest.actor:
        return (
            _(
                "Somebody was quicker. %(what)s (%(who)s, %(time)s). The order is now: %(state)s. "
                "Nothing of yours was saved; look at it again."
            )
            % facts
        )
    return (
        _(
            "Something happened since you opened this page. %(what)s (%(time)s). The order is now: %(state)s. "
            "Nothing of yours was saved; look at it again."
        )
        % facts
    )


def finish(
    act: str,
    order: Order,
    *,
    by: User | None,
    state: str | None = None,
    data: dict[str, Any] | None = None,
    reason: str = "",
) -> Order:
    """Writes the step's state, counts it, and leaves the event behind. `state` is for steps whose target depends."""
    step = states.STEPS[act]
    order.state = state or step.target or order.state
    order.revision += 1
    if order.state in states.CLOSED:
        order.closed_at = order.closed_at or timezone.now()
    order.service.save()
    order.save(update_fields=["state", "revision", "closed_at"])
    record(
        f"service.{act}",
        by=by,
        about=[order, order.device],
        data={"number": order.number, **(data or {})},
        reason=reason,
    )
    return order


def resting_state(order: Order) -> str:
    """Where an order goes back to once the owner has answered."""
    service = order.service
    if service.visit_starts:
        return states.SCHEDULED
    return states.ACCEPTED if service.is_accepted else states.SUBMITTED


def close_offer(order: Order, outcome: str, *, reason: str = "") -> None:
    """Notes what became of the open offer, if there is one."""
    order.offers.filter(outcome="").update(outcome=outcome, closed_at=timezone.now(), reason=reason)


def release(order: Order, outcome: str, *, reason: str = "") -> None:
    """Takes the order away from its partner: no offer, no engineer, no date any more."""
    close_offer(order, outcome, reason=reason)
    close_proposal(order, Proposal.Outcome.REPLACED)
    clear_question(order)
    service = order.service
    service.partner = service.engineer = service.accepted_at = None
    service.visit_starts = service.visit_ends = None
    service.turn_since = timezone.now()


def clear_question(order: Order) -> None:
    """The question to the owner is answered, or nobody waits for the answer any more."""
    service = order.service
    service.question, service.asked_at, service.asked_by = "", None, None


def close_proposal(order: Order, outcome: str, **answer: Any) -> None:
    """Notes what became of the open proposal of times, if there is one."""
    order.proposals.filter(outcome="").update(outcome=outcome, closed_at=timezone.now(), **answer)
    order.service.answer_by = None


def add_documents(held: Any, documents: Iterable[Document]) -> None:
    """Adds files to those of an order or a protocol (`held`); what came with an earlier form is there already."""
    documents = list(documents)
    attach([document for document in documents if not document.attached_at])
    held.add(*documents)
