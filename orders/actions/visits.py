"""The visit: times are proposed and picked, moved, agreed on the phone; questions go to the owner and back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from orders import messages
from orders.actions import steps
from orders.deadlines import MOVE_HOURS, OWNER_TIME
from orders.models import MAX_SLOTS, Order, Proposal
from orders.queries import soonest_move
from orders.rules import answer_deadline
from portal.errors import Refused
from portal.events import record

SOONEST = timedelta(minutes=30)
REMINDED_BEFORE = timedelta(days=1)


@transaction.atomic
def hand_over(order: Order, *, engineer: User, by: User, revision: int) -> Order:
    """The partner's manager gives an order to one of the company's engineers."""
    order = steps.begin("hand_over", order, by=by, revision=revision)
    partner = order.service.partner
    assert partner
    if not partner.people.filter(user=engineer, user__is_active=True).exists():
        raise Refused(_("%(person)s does not work for this company.") % {"person": engineer})
    visit, former = messages.visit_of(order), order.service.engineer
    if visit:
        order.service.calendar_sequence += 1
    # Who does it oneself needs no e-mail, but the visit in the calendar, or out of it. Before there is an engineer, the
    # managers have it there.
    if former != engineer and (visit or former not in (None, by)):
        messages.tell_partner(order, "order_taken_away", besides=engineer, visit=messages.called_off(visit))
    order.service.engineer = engineer
    order.protocols.filter(closed_at=None).update(engineer=engineer)
    steps.finish("hand_over", order, by=by, data={"engineer": str(engineer)})
    if visit or engineer != by:
        messages.tell_partner(order, "order_handed_over", visit=visit)
    return order


@transaction.atomic
def propose(
    order: Order, *, slots: Sequence[datetime], by: User, revision: int, minutes: int | None = None, words: str = ""
) -> Order:
    """The partner proposes one to three times. An agreed visit stands until the owner picks another time."""
    order = steps.begin("propose", order, by=by, revision=revision)
    assert order.service_kind
    slots = _one_to_three(slots)
    if slots[0] < timezone.now() + SOONEST:
        raise Refused(_("Propose times that are still ahead."))
    steps.close_proposal(order, Proposal.Outcome.REPLACED)
    proposal = Proposal.objects.create(
        order=order,
        slots=slots,
        minutes=minutes or order.service_kind.duration_minutes,
        words=words.strip(),
        made_by=by,
    )
    order.service.answer_by = _answer_by(order, proposal)
    steps.finish("propose", order, by=by, data={"slots": [slot.isoformat() for slot in slots]})
    messages.tell_proposal(order, proposal)
    return order


def _one_to_three(slots: Sequence[datetime]) -> list[datetime]:
    slots = sorted(set(slots))
    if not 1 <= len(slots) <= MAX_SLOTS:
        raise Refused(_("Propose one to three different times."))
    return slots


@transaction.atomic
def propose_move(order: Order, *, slots: Sequence[datetime], by: User, revision: int, words: str = "") -> Order:
    """The owner asks to move the agreed visit and proposes one to three times; the agreed one stands until then.

    Only while it is still ahead, and to the next working day at the earliest: the engineer has a day planned. The
    partner has a working day to answer, or until the visit begins.
    """
    order = steps.begin("propose_move", order, by=by, revision=revision)
    visit, slots = messages.visit_of(order), _one_to_three(slots)
    assert visit
    if visit.starts <= timezone.now():
        raise Refused(_("The visit should have begun already. Call the service partner, or ask for other times."))
    if timezone.localdate(slots[0]) < soonest_move(order):
        raise Refused(_("Propose times from the next working day on."))
    _answer_with_others(order, words.strip())
    minutes = (visit.ends - visit.starts) // timedelta(minutes=1)
    proposal = Proposal.objects.create(
        order=order, by_owner=True, slots=slots, minutes=minutes, words=words.strip(), made_by=by
    )
    order.service.answer_by = _answer_by(order, proposal)
    data = {"slots": [slot.isoformat() for slot in slots]}
    steps.finish("propose_move", order, by=by, data=data, reason=words.strip())
    messages.tell_move(order, proposal)
    return order


def _answer_by(order: Order, proposal: Proposal) -> datetime:
    """By when times that are proposed now are answered: by the owner, or by the partner before the visit begins."""
    service = order.service
    if not proposal.by_owner:
        return min(timezone.now() + OWNER_TIME, proposal.slots[-1])
    assert service.partner and service.visit_starts
    due = answer_deadline(timezone.now(), hours=MOVE_HOURS, country=service.partner.country)
    return min(due, service.visit_starts)


@transaction.atomic
def tell_unanswered(order: Order) -> bool:
    """Tells the owner, once, of proposed times that were not answered in time: by the partner, or by the owner.

    They may still be answered, and an agreed date stands.
    """
    order = steps.locked(order)
    asked = order.proposals.unanswered().first()
    if asked is None:
        return False
    asked.told_at = timezone.now()
    asked.save(update_fields=["told_at"])
    data = {"number": order.number, "partner": str(order.service.partner)}
    act = "move_unanswered" if asked.by_owner else "times_unanswered"
    record(f"service.{act}", by=None, about=[order, order.device], data=data)
    if asked.by_owner:
        messages.tell_owner(order, "move_unanswered")
    else:
        messages.tell_times_unanswered(order, asked)
    return True


@transaction.atomic
def pick(order: Order, *, proposal: Proposal, slot: datetime, by: User) -> Order:
    """The owner picks one of the proposed times. Picking the same one again changes nothing."""
    return _pick("pick", order, proposal, slot, by=by)


@transaction.atomic
def pick_move(order: Order, *, proposal: Proposal, slot: datetime, by: User) -> Order:
    """The partner picks one of the times to which the owner asks to move the visit; again changes nothing."""
    return _pick("pick_move", order, proposal, slot, by=by)


def _pick(act: str, order: Order, proposal: Proposal, slot: datetime, *, by: User) -> Order:
    order = steps.begin(act, order, by=by)
    proposal = order.proposals.get(pk=proposal.pk)
    if proposal.outcome == Proposal.Outcome.PICKED and proposal.picked == slot == order.service.visit_starts:
        return order
    _refuse_closed(proposal)
    if slot not in proposal.slots or proposal.by_owner != (act == "pick_move"):
        raise Refused(_("This time was not proposed."))
    if slot <= timezone.now():
        raise Refused(_("This time is over. Ask for other times."))
    steps.close_proposal(order, Proposal.Outcome.PICKED, picked=slot)
    return _agree(act, order, slot, minutes=proposal.minutes, by=by)


@transaction.atomic
def ask_others(
    order: Order, *, by: User, words: str = "", proposal: Proposal | None = None, revision: int | None = None
) -> Order:
    """None of the times suits, or the agreed one does not any more: the partner is asked for others.

    A page that showed no proposal says its `revision` instead: the times proposed since are not answered unread.
    """
    order = steps.begin("ask_others", order, by=by, revision=revision)
    if proposal:
        _refuse_closed(order.proposals.get(pk=proposal.pk))
    _answer_with_others(order, words.strip())
    order.service.turn_since = timezone.now()
    steps.finish("ask_others", order, by=by, reason=words.strip())
    messages.tell_partner(order, "others_asked", context={"words": words.strip()})
    return order


def _answer_with_others(order: Order, words: str) -> None:
    """The owner wants other times than the open ones; their own are taken back."""
    order.proposals.filter(outcome="", by_owner=True).update(
        outcome=Proposal.Outcome.REPLACED, closed_at=timezone.now()
    )
    steps.close_proposal(order, Proposal.Outcome.OTHERS_ASKED, answer=words)


@transaction.atomic
def agree(order: Order, *, starts: datetime, by: User, revision: int, minutes: int | None = None) -> Order:
    """The partner notes a time that was agreed on the phone. The one that is agreed already is refused."""
    order = steps.begin("agree", order, by=by, revision=revision)
    assert order.service_kind
    minutes = minutes or order.service_kind.duration_minutes
    if starts <= timezone.now():
        raise Refused(_("This time is over."))
    visit, ends = messages.visit_of(order), starts + timedelta(minutes=minutes)
    if order.state == Order.State.SCHEDULED and visit and (starts, ends) == (visit.starts, visit.ends):
        raise Refused(_("The visit is agreed for this time already. Choose another day or time to move it."))
    steps.clear_question(order)
    steps.close_proposal(order, Proposal.Outcome.REPLACED)
    return _agree("agree", order, starts, minutes=minutes, by=by)


def _agree(act: str, order: Order, starts: datetime, *, minutes: int, by: User) -> Order:
    service = order.service
    is_moved = service.visit_starts not in (None, starts)
    # Even the first time: a visit that was begun and could not be finished has left no date, but an event behind.
    service.calendar_sequence += 1
    service.visit_starts, service.visit_ends = starts, starts + timedelta(minutes=minutes)
    service.reminded_of = None
    steps.finish(act, order, by=by, data={"moment": starts.isoformat(), "moved": is_moved})
    visit = messages.visit_of(order)
    messages.tell_owner(order, "visit_agreed", context={"moved": is_moved}, visit=visit)
    messages.tell_partner(order, "visit_agreed_partner", context={"moved": is_moved}, visit=visit)
    return order


def _refuse_closed(proposal: Proposal) -> None:
    if proposal.outcome:
        raise Refused(_("These times are no longer open: an answer was given, or others were proposed since."))


@transaction.atomic
def ask(order: Order, *, question: str, by: User, revision: int) -> Order:
    """The office, or the partner who has the order, asks the owner something; the order waits for the answer."""
    act = "ask" if order.state in ("submitted", "declined") else "ask_owner"
    order = steps.begin(act, order, by=by, revision=revision)
    if not question.strip():
        raise Refused(_("Write what you want to know."))
    service = order.service
    service.question, service.asked_at, service.asked_by, service.answer = question.strip(), timezone.now(), by, ""
    steps.finish(act, order, by=by, reason=question.strip())
    asker = service.partner.name if service.partner and service.is_accepted else ""
    messages.tell_owner(order, "question_asked", context={"question": question.strip(), "asker": asker}, by_sms=True)
    return order


@transaction.atomic
def answer(order: Order, *, words: str, by: User, revision: int, documents: Sequence = ()) -> Order:
    """The owner answers, or the office notes what it was told; the order goes back to where it was."""
    order = steps.begin("answer", order, by=by, revision=revision)
    if not words.strip() and not documents:
        raise Refused(_("Write an answer, or add a file."))
    service = order.service
    steps.add_documents(order.documents, documents)
    steps.clear_question(order)
    service.answer = words.strip()
    service.turn_since = timezone.now()
    if proposal := order.proposals.filter(outcome="").first():
        due = _answer_by(order, proposal)
        # What nobody can answer any more, since the times are over, is late for nobody.
        service.answer_by = due if due > timezone.now() else None
    steps.finish("answer", order, by=by, state=steps.resting_state(order), reason=words.strip())
    messages.tell_partner(order, "question_answered", context={"answer": words.strip()})
    return order


@transaction.atomic
def remind_of_visit(order: Order) -> bool:
    """The day before: owner and engineer are reminded, once for each agreed time. False where it was done."""
    order = steps.locked(order)
    service = order.service
    is_agreed = order.state in (Order.State.SCHEDULED, Order.State.WAITING) and service.visit_starts
    if not is_agreed or service.reminded_of == service.visit_starts:
        return False
    service.reminded_of = service.visit_starts
    service.save(update_fields=["reminded_of"])
    record("service.reminded", by=None, about=[order, order.device], data={"number": order.number})
    messages.tell_owner(order, "visit_reminder", by_sms=True)
    messages.tell_partner(order, "visit_reminder_partner")
    return True
