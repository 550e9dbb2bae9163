"""The protocol: begun with the work, filled in part by part, signed and closed for good; corrected by a new version."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from orders import messages
from orders.actions import steps
from orders.models import Order, Proposal, Protocol
from orders.queries import answers_mark
from portal.errors import Refused
from portal.files.models import Document
from portal.files.store import attach, discard
from portal.numbers import next_number
from portal.work import hand_over_on_commit
from services import checklists
from services.checklists import Answers, missing
from services.models import ServiceKind
from warranty.actions import record_service

SERIES = "PT"
DRAW = "orders.tasks.draw_protocol"
# So many keys of parts are remembered: more than a phone ever holds back.
KEYS_KEPT = 200

ANSWERS_CHANGED = gettext_lazy(
    "The answers have changed since the owner signed. The signature is not taken: read them through and sign again."
)

# What the warranty card takes from the checklist of the first start-up. An item keeps its number for good.
CARD_FACTS = {"101": "installer", "109": "seller", "110": "invoice_number", "500": "installer_fgas"}


@transaction.atomic
def begin_work(order: Order, *, by: User, revision: int) -> Protocol:
    """The engineer is there: the order is under way and has a protocol to fill in."""
    order = steps.begin("begin", order, by=by, revision=revision)
    partner = order.service.partner
    assert partner
    steps.clear_question(order)
    steps.close_proposal(order, Proposal.Outcome.REPLACED)
    visit = messages.visit_of(order)
    is_another_day = visit is None or timezone.localdate(visit.starts) != timezone.localdate()
    if is_another_day:
        _visit_is_now(order)
    if order.service.engineer is None:
        order.service.engineer = by
    protocol = order.protocols.filter(closed_at=None).first() or Protocol.objects.create(
        order=order,
        checklist=order.service.checklist,
        partner=partner,
        engineer=by,
        visited_on=timezone.localdate(),
    )
    if (protocol.engineer_id, protocol.partner_id) != (by.pk, partner.pk):
        # Begun at a former visit, perhaps by another company.
        protocol.engineer, protocol.partner = by, partner
        protocol.save(update_fields=["engineer", "partner"])
    steps.finish("begin", order, by=by, data={"partner": partner.name})
    if visit and is_another_day:
        messages.tell_owner(order, "work_begun", visit=messages.visit_of(order))
        messages.tell_partner(order, "work_begun", visit=messages.visit_of(order))
    return protocol


def _visit_is_now(order: Order) -> None:
    """No date was agreed, or another day; this one tells by when the work should be done, also in the calendars."""
    assert order.service_kind
    service, now = order.service, timezone.now().replace(microsecond=0)
    service.visit_starts = now
    service.visit_ends = now + timedelta(minutes=order.service_kind.duration_minutes)
    service.calendar_sequence += 1


@transaction.atomic
def save_part(
    protocol: Protocol,
    *,
    answers: Answers,
    by: User,
    key: UUID,
    documents: Iterable[Document] = (),
    before: Answers | None = None,
) -> Protocol:
    """Keeps the answers of one part, whole or not; None takes an answer away.

    `before` are the answers that were changed to these: what is the same in both stays as it is by now, so that two
    phones in one part take nothing from each other. The same `key` again, from a phone that heard no answer, changes
    nothing.
    """
    protocol = _open(protocol, by=by)
    if key in protocol.part_keys:
        return protocol
    protocol.answers = _changed(protocol.answers, answers, protocol.answers if before is None else before)
    protocol.part_keys = [*protocol.part_keys, key][-KEYS_KEPT:]
    steps.add_documents(protocol.documents, documents)
    protocol.save(update_fields=["answers", "part_keys"])
    return protocol


def _changed(kept: Answers, answers: Answers, before: Answers) -> dict[str, Any]:
    """The answers that are kept, with what was changed; of photos those that came and went."""
    said = dict(kept)
    for number, answer in answers.items():
        was = before.get(number)
        if answer == was:
            continue
        if isinstance(answer, list) or isinstance(was, list):
            gone, came = set(was or []) - set(answer or []), [one for one in answer or [] if one not in (was or [])]
            said[number] = list(dict.fromkeys([*(one for one in said.get(number) or [] if one not in gone), *came]))
        else:
            said[number] = answer
    return {number: answer for number, answer in said.items() if checklists.is_answered(answer)}


@transaction.atomic
def interrupt(order: Order, *, reason: str, by: User, revision: int) -> Order:
    """The work cannot be finished today; what was filled in stays for the next visit."""
    order = steps.begin("interrupt", order, by=by, revision=revision)
    if not reason.strip():
        raise Refused(_("Say why the work could not be finished; the owner reads it."))
    service, visit = order.service, messages.visit_of(order)
    # A visit that is still ahead goes out of the calendars; one that has begun stays there as it was.
    visit = messages.called_off(visit) if visit and visit.starts > timezone.now() else None
    if visit:
        service.calendar_sequence += 1
    service.visit_starts = service.visit_ends = None
    service.turn_since = timezone.now()
    steps.finish("interrupt", order, by=by, reason=reason.strip())
    context = {"reason": reason.strip(), "called_off": bool(visit)}
    messages.tell_owner(order, "work_interrupted", context=context, visit=visit)
    # Who interrupted it needs no e-mail, but the visit out of the calendar.
    besides = None if visit else by
    messages.tell_partner(order, "work_interrupted_partner", besides=besides, context=context, visit=visit)
    return order


@transaction.atomic
def close(
    protocol: Protocol,
    *,
    signed_name: str,
    visited_on: date,
    by: User,
    signature: Document | None = None,
    shown: str | None = None,
) -> Protocol:
    """Signed: nobody changes it any more. The order is done, the warranty counts, a worker draws the PDFs.

    `shown` is the `answers_mark` of the page on which the owner read the answers: nobody signs others than those.
    A second run, from a phone that heard no answer, finds the protocol closed and changes nothing.
    """
    order = steps.begin("close", protocol.order, by=by)
    protocol = Protocol.objects.select_for_update(of=("self",)).get(pk=protocol.pk)
    if protocol.closed_at:
        return protocol
    if shown is not None and shown != answers_mark(protocol):
        raise Refused(ANSWERS_CHANGED)
    _refuse_unfinished(order, protocol)
    if not signed_name.strip():
        raise Refused(_("The owner signs with a finger, or the name is typed."))
    is_first, today = protocol.version == 1, timezone.localdate()
    if visited_on > today or (is_first and visited_on < timezone.localdate(protocol.begun_at)):
        raise Refused(_("The day of the visit cannot be before the work began, or in the future."))
    _sign(order, protocol, signed_name.strip(), signature, visited_on)
    steps.finish("close", order, by=by, data={"protocol": protocol.number, "version": protocol.version})
    _count(order, protocol, by=by)
    hand_over_on_commit(DRAW, protocol.pk)
    return protocol


@transaction.atomic
def correct(order: Order, *, reason: str, by: User, revision: int) -> Protocol:
    """Begins a new version beside the closed one, with its answers; it counts once it is signed in its turn."""
    order = steps.begin("correct", order, by=by, revision=revision)
    if not reason.strip():
        raise Refused(_("Say what is corrected; it stands on the new version."))
    if open_one := order.protocols.filter(closed_at=None).first():
        return open_one
    former = order.protocols.closed().latest("version")
    new = Protocol.objects.create(
        order=order,
        version=former.version + 1,
        correction=reason.strip(),
        checklist=former.checklist,
        partner=former.partner,
        engineer=by,
        answers=former.answers,
        visited_on=former.visited_on,
    )
    new.documents.set(former.documents.all())
    steps.finish("correct", order, by=by, data={"protocol": former.number}, reason=reason.strip())
    return new


@transaction.atomic
def drop_correction(order: Order, *, by: User, revision: int) -> Order:
    """A correction that was begun by mistake is given up: the open version goes, the closed one stays as it was."""
    order = steps.begin("drop", order, by=by, revision=revision)
    new = order.protocols.select_for_update().filter(closed_at=None).first()
    if new is None:
        raise Refused(_("No correction of this protocol is open."))
    former = order.protocols.closed().latest("version")
    _discard_own_photos(new, former)
    new.delete()
    return steps.finish("drop", order, by=by, data={"protocol": former.number})


def _discard_own_photos(new: Protocol, former: Protocol) -> None:
    own = list(new.documents.exclude(pk__in=former.documents.values("pk")))
    new.documents.clear()
    for document in own:
        discard(document)


def _open(protocol: Protocol, *, by: User) -> Protocol:
    """The protocol, locked after its order; refused where it is closed already."""
    steps.begin("fill_in", protocol.order, by=by)
    protocol = Protocol.objects.select_for_update(of=("self",)).get(pk=protocol.pk)
    if protocol.closed_at:
        raise Refused(_("This protocol is closed. Begin a correction if something in it is wrong."))
    return protocol


def _refuse_unfinished(order: Order, protocol: Protocol) -> None:
    if protocol.checklist is None:
        return
    groups = protocol.checklist.groups()
    answers = {**order.service.answers, **protocol.answers}
    absent = missing(groups, answers, device_kind=order.device.kind, by="partner")
    if absent:
        numbers = ", ".join(f"[{item.number}]" for item in absent)
        sentence = _("The protocol is not finished. To be filled in or corrected: %(numbers)s.")
        raise Refused(sentence % {"numbers": numbers})


def _sign(order: Order, protocol: Protocol, name: str, signature: Document | None, visited_on: date) -> None:
    former = order.protocols.closed().first()
    protocol.number = former.number if former else next_number(SERIES)
    protocol.signed_name, protocol.visited_on = name, visited_on
    if signature:
        attach([signature])
        protocol.signature = signature
    protocol.closed_at = timezone.now()
    protocol.save()


def _count(order: Order, protocol: Protocol, *, by: User) -> None:
    """What the visit means for the device; a correction of the day counts anew."""
    assert order.service_kind
    if not order.service_kind.outcome:
        return
    is_start_up = order.service_kind.outcome == ServiceKind.Outcome.START_UP
    if is_start_up and order.device.services.filter(kind="start_up").exclude(order_number=order.number).exists():
        # The office has recorded one meanwhile. That must not keep the partner from having this visit signed.
        return
    answers = {**order.service.answers, **protocol.answers} if is_start_up else {}
    record_service(
        order.device,
        kind=order.service_kind.outcome,
        done_on=protocol.visited_on,
        partner=protocol.partner,
        order_number=order.number,
        protocol_number=protocol.number,
        card_facts={name: answers[number] for number, name in CARD_FACTS.items() if answers.get(number)},
        by=by,
    )
