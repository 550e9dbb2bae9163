"""The visit: times, questions, reminders."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from orders.actions import protocols, visits
from orders.rules import next_working_day
from portal.errors import Refused
from portal.events import Event
from portal.outbox.models import Message
from tests.factories import clerk, person, service_order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def start(days: int = 2):
    return timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=days)


def engineer(order):
    return order.service.engineer


def propose(order, *days: int):
    slots = [start(day) for day in days or (2,)]
    new = visits.propose(order, slots=slots, by=engineer(order), revision=order.revision)
    order.revision = new.revision
    return order.proposals.get(outcome="")


@pytest.fixture
def order():
    return service_order(upto="accepted")


@pytest.fixture
def owner(order):
    return order.created_by


@pytest.mark.parametrize(("days", "told"), [
    ((), "one to three"), ((2, 3, 4, 5), "one to three"), ((-1,), "still ahead"), ((0,), "still ahead"),
])  # fmt: skip
def test_one_to_three_times_that_are_ahead(order, days, told):
    with pytest.raises(Refused, match=told):
        visits.propose(order, slots=[start(day) for day in days], by=engineer(order), revision=order.revision)


def test_new_times_replace_the_old_ones(order):
    old, new = propose(order), propose(order, 5)
    old.refresh_from_db()
    assert (old.outcome, new.outcome) == ("replaced", "")


def test_picking_twice_agrees_once(order, owner):
    proposal = propose(order, 2, 3)
    for _ in range(2):
        found = visits.pick(order, proposal=proposal, slot=start(3), by=owner)
    assert (found.state, found.service.visit_starts) == ("scheduled", start(3))
    assert found.service.visit_ends - found.service.visit_starts == timedelta(minutes=proposal.minutes)
    assert Message.objects.filter(kind="orders/visit_agreed").count() == 1


@pytest.mark.parametrize("which", ["other", "over", "answered"])
def test_what_cannot_be_picked(order, owner, which):
    proposal, slot = propose(order), start(2)
    if which == "other":
        slot = start(4)
    elif which == "over":
        proposal.slots = [slot := start(-1)]
        proposal.save()
    else:
        visits.ask_others(order, by=owner, proposal=proposal)
    with pytest.raises(Refused):
        visits.pick(order, proposal=proposal, slot=slot, by=owner)


def test_an_agreed_date_stands_while_another_is_sought(owner, order):
    visits.agree(order, starts=start(2), by=engineer(order), revision=order.revision)
    found = visits.ask_others(order, by=owner, words="A week later")
    assert (found.state, found.service.visit_starts) == ("scheduled", start(2))
    assert Message.objects.filter(kind="orders/others_asked").exists()


def test_times_that_an_old_page_did_not_show_are_not_answered_unread(order, owner):
    proposal = propose(order)
    with pytest.raises(Refused, match="Something happened"):
        visits.ask_others(order, by=owner, revision=order.revision - 1)
    proposal.refresh_from_db()
    assert proposal.outcome == ""


def test_times_that_were_open_when_the_work_began_cannot_be_picked_afterwards(order, owner):
    proposal, by = propose(order), engineer(order)
    protocols.begin_work(order, by=by, revision=order.revision)
    order.refresh_from_db()
    protocols.interrupt(order, reason="A part is missing", by=by, revision=order.revision)
    with pytest.raises(Refused, match="no longer open"):
        visits.pick(order, proposal=proposal, slot=start(2), by=owner)


def test_a_move_is_told_as_a_move_and_kept_in_the_history(order, owner):
    owner.language = "en"
    owner.save()
    for days in (2, 4):
        order = visits.agree(order, starts=start(days), by=engineer(order), revision=order.revision)
    first, second = Message.objects.filter(kind="orders/visit_agreed").order_by("pk")
    assert "agreed" in first.subject + first.text and "moved" in second.text
    assert Event.objects.about(order).filter(verb="service.agree").count() == 2


def test_a_question_and_its_answer_lead_back(order, owner):
    asked = visits.ask(order, question="Where is the key?", by=engineer(order), revision=order.revision)
    assert (asked.state, asked.service.question) == ("waiting", "Where is the key?")
    back = visits.answer(asked, words="Below the mat", by=owner, revision=asked.revision)
    assert (back.state, back.service.question, back.service.answer) == ("accepted", "", "Below the mat")


def test_a_question_of_the_office_comes_before_a_partner():
    order = service_order()
    asked = visits.ask(order, question="Which?", by=clerk("dispatcher"), revision=order.revision)
    back = visits.answer(asked, words="That", by=order.created_by, revision=asked.revision)
    assert back.state == "submitted"


@pytest.mark.parametrize("words", ["", "  "])
def test_empty_words_are_refused(order, owner, words):
    with pytest.raises(Refused):
        visits.ask(order, question=words, by=engineer(order), revision=order.revision)
    asked = visits.ask(order, question="Where?", by=engineer(order), revision=order.revision)
    with pytest.raises(Refused, match="Write an answer"):
        visits.answer(asked, words=words, by=owner, revision=asked.revision)


def test_people_are_reminded_once_for_each_agreed_time():
    order = service_order(upto="scheduled")
    assert [visits.remind_of_visit(order) for _ in range(2)] == [True, False]
    order.refresh_from_db()
    visits.agree(order, starts=start(9), by=engineer(order), revision=order.revision)
    assert visits.remind_of_visit(order) and Message.objects.filter(kind="orders/visit_reminder").count() == 2


def test_only_people_of_the_company_are_handed_an_order(order):
    with pytest.raises(Refused, match="does not work for this company"):
        visits.hand_over(order, engineer=person(), by=engineer(order), revision=order.revision)


# The owner moves the visit


@pytest.fixture
def scheduled():
    return service_order(upto="scheduled")


def ask_to_move(order, *days: int, words: str = ""):
    slots = [start(day) for day in days or (9,)]
    new = visits.propose_move(order, slots=slots, words=words, by=order.created_by, revision=order.revision)
    order.revision = new.revision
    return order.proposals.get(outcome="")


def test_the_old_date_stands_until_the_partner_has_picked_one_of_the_owners(scheduled):
    old = scheduled.service.visit_starts
    proposal = ask_to_move(scheduled, 9, 10, words="My exam")
    scheduled.service.refresh_from_db()
    assert scheduled.service.visit_starts == old
    letter = Message.objects.get(kind="orders/move_asked")
    assert letter.recipient == engineer(scheduled).email and "My exam" in letter.text
    for _ in range(2):
        found = visits.pick_move(scheduled, proposal=proposal, slot=start(10), by=engineer(scheduled))
    assert (found.state, found.service.visit_starts) == ("scheduled", start(10))
    verbs = Event.objects.about(scheduled).values_list("verb", flat=True)
    assert list(verbs)[:2] == ["service.pick_move", "service.propose_move"]


def test_a_visit_that_the_owner_moved_is_the_same_entry_of_the_calendars(scheduled):
    owner, before = scheduled.created_by, scheduled.service.calendar_sequence
    proposal = ask_to_move(scheduled)
    length = scheduled.service.visit_ends - scheduled.service.visit_starts
    found = visits.pick_move(scheduled, proposal=proposal, slot=start(9), by=engineer(scheduled)).service
    assert (found.calendar_sequence, found.visit_ends - found.visit_starts) == (before + 1, length)
    for kind, to in (("visit_agreed", owner), ("visit_agreed_partner", engineer(scheduled))):
        letter = Message.objects.filter(kind=f"orders/{kind}", recipient=to.email).latest("pk")
        assert f"UID:{found.calendar_uid}@" in letter.calendar and f"SEQUENCE:{before + 1}" in letter.calendar


@pytest.mark.parametrize(("days", "told"), [
    ((), "one to three"), ((7, 8, 9, 10), "one to three"), ((0,), "next working day"),
])  # fmt: skip
def test_the_owner_proposes_one_to_three_times_from_the_next_working_day_on(scheduled, days, told):
    with pytest.raises(Refused, match=told):
        visits.propose_move(
            scheduled, slots=[start(day) for day in days], by=scheduled.created_by, revision=scheduled.revision
        )


def test_once_the_visit_should_have_begun_it_is_not_moved_by_its_owner(scheduled):
    service = scheduled.service
    service.visit_starts, service.visit_ends = start(0) - timedelta(hours=2), start(0)
    service.save()
    with pytest.raises(Refused, match="should have begun"):
        ask_to_move(scheduled)


def test_each_answers_the_others_times_and_not_their_own(scheduled):
    mine = ask_to_move(scheduled)
    with pytest.raises(Refused, match="not proposed"):
        visits.pick(scheduled, proposal=mine, slot=start(9), by=scheduled.created_by)
    theirs = propose(scheduled, 12)
    mine.refresh_from_db()
    assert mine.outcome == "replaced"
    with pytest.raises(Refused, match="not proposed"):
        visits.pick_move(scheduled, proposal=theirs, slot=start(12), by=engineer(scheduled))
    ask_to_move(scheduled, 13)
    theirs.refresh_from_db()
    assert theirs.outcome == "others_asked"


def test_whoever_asks_for_other_times_takes_back_their_own(scheduled):
    mine = ask_to_move(scheduled)
    visits.ask_others(scheduled, by=scheduled.created_by, revision=scheduled.revision)
    mine.refresh_from_db()
    assert mine.outcome == "replaced"


@pytest.mark.parametrize(("day", "then"), [
    (date(2026, 11, 23), date(2026, 11, 24)), (date(2026, 11, 20), date(2026, 11, 23)),
    (date(2026, 11, 10), date(2026, 11, 12)), (date(2026, 12, 24), date(2026, 12, 28)),
])  # fmt: skip
def test_the_next_working_day(day, then):
    assert next_working_day(day, "PL") == then
