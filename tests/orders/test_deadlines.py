"""One rule tells who has an order, by when, and whether that is late; every page and list follows it."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from orders import staff_queues, tasks
from orders.actions import protocols, visits
from orders.admin.services import QUEUES
from orders.deadlines import OFFICE, OWNER, OWNER_TIME, PARTNER, Turn, turn_of
from orders.models import Order, Proposal, Service
from orders.presenters import office, work
from orders.presenters.owner import order_table, service_note
from orders.presenters.words import by_when
from orders.rows import rows_of
from portal.events import Event
from portal.outbox.models import Message
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def reload(order: Order) -> Order:
    found = Order.objects.for_work().get(pk=order.pk)
    found.open_proposals = list(found.proposals.filter(outcome=""))
    return found


def turn(order: Order) -> Turn:
    order = reload(order)
    return turn_of(order, has_times=any(not one.by_owner for one in order.open_proposals))


def engineer(order: Order):
    return Service.objects.get(order=order).engineer


def ahead(**delta: float) -> datetime:
    return timezone.now().replace(microsecond=0) + timedelta(**delta)


def proposed(*days: int, to: Order | None = None) -> Order:
    order = to or factories.service_order(upto="accepted")
    slots = [ahead(days=day) for day in days or (20, 21)]
    return visits.propose(order, slots=slots, by=engineer(order), revision=order.revision)


def asked(upto: str) -> Order:
    order = factories.service_order(upto=upto)
    by = engineer(order) or factories.clerk("dispatcher")
    return visits.ask(order, question="Where is the key?", by=by, revision=order.revision)


def age(order: Order, **facts) -> Order:
    Service.objects.filter(order=order).update(**facts)
    return order


# Whose turn


@pytest.mark.parametrize(("upto", "who"), [("submitted", OFFICE), ("accepted", PARTNER)])
def test_the_time_of_a_side_begins_when_the_order_comes_back_to_it(upto, who):
    order = age(asked(upto), turn_since=ahead(days=-8), accepted_at=None if upto == "submitted" else ahead(days=-8))
    assert turn(order).who == OWNER and not turn(order).is_late
    visits.answer(order, words="Below the mat", by=order.created_by, revision=order.revision)
    assert turn(order).who == who and not turn(order).is_late


def test_times_that_are_over_before_the_question_is_answered_are_late_for_nobody():
    order = proposed()
    order = visits.ask(order, question="Which?", by=order.service.engineer, revision=order.revision)
    order.proposals.update(slots=[ahead(days=-1)])
    order = visits.answer(order, words="That", by=order.created_by, revision=order.revision)
    assert not turn(order).is_late and not visits.tell_unanswered(order)


def test_the_partners_time_begins_anew_when_the_owner_asks_for_other_times():
    order = age(proposed(), turn_since=ahead(days=-8), accepted_at=ahead(days=-8))
    visits.ask_others(order, by=order.created_by)
    assert turn(order).who == PARTNER and not turn(order).is_late


def test_the_partners_time_begins_anew_when_the_work_is_interrupted():
    order = age(factories.service_order(upto="under_way"), turn_since=ahead(days=-8), accepted_at=ahead(days=-8))
    protocols.interrupt(order, reason="A part is missing", by=engineer(order), revision=order.revision)
    assert turn(order).who == PARTNER and not turn(order).is_late
    assert Service.objects.get(order=order).accepted_at < ahead(days=-7), "it was accepted then"


@pytest.mark.parametrize(("days", "by"), [((20, 21), OWNER_TIME), ((2, 3), timedelta(days=3))])
def test_proposed_times_are_the_owners_to_answer(days, by):
    found = turn(proposed(*days))
    assert found.who == OWNER and abs(found.by - timezone.now() - by) < timedelta(minutes=1)


@pytest.mark.parametrize("by_owner", [True, False])
def test_a_question_stops_the_time_to_answer_proposed_times(by_owner):
    order = factories.service_order(upto="scheduled", visit=ahead(days=30))
    if by_owner:
        order = visits.propose_move(order, slots=[ahead(days=40)], by=order.created_by, revision=order.revision)
    else:
        order = proposed(40, to=order)
    order = visits.ask(order, question="Why?", by=engineer(order), revision=order.revision)
    age(order, answer_by=ahead(days=-1))
    assert turn(order).who == OWNER and not turn(order).is_late
    visits.answer(order, words="So", by=order.created_by, revision=order.revision)
    assert turn(order).who == (PARTNER if by_owner else OWNER) and not turn(order).is_late


# Everybody alike


def undated() -> Order:
    return age(factories.service_order(upto="accepted"), turn_since=ahead(days=-9))


def missed(upto: str = "scheduled") -> Order:
    order = asked("scheduled") if upto == "waiting" else factories.service_order(upto="scheduled")
    return age(order, visit_starts=ahead(hours=-3), visit_ends=ahead(hours=-1))


def move_asked() -> Order:
    order = factories.service_order(upto="scheduled")
    order = visits.propose_move(order, slots=[ahead(days=9)], by=order.created_by, revision=order.revision)
    return age(order, answer_by=ahead(hours=-1))


def stuck() -> Order:
    order = factories.service_order(upto="under_way")
    return age(order, visit_starts=ahead(hours=-27), visit_ends=ahead(hours=-25))


LATE = {
    "assign": lambda: age(factories.service_order(), turn_since=ahead(days=-9)),
    "due": lambda: age(factories.service_order(upto="offered"), answer_by=ahead(hours=-1)),
    "undated": undated,
    "missed": missed,
    "missed while waiting": lambda: missed("waiting"),
    "moves": move_asked,
    "stuck": stuck,
    "owner": lambda: age(proposed(), answer_by=ahead(hours=-1)),
    "owner, visit agreed": lambda: age(
        proposed(to=factories.service_order(upto="scheduled")), answer_by=ahead(hours=-1)
    ),
    "owner, asked": lambda: age(asked("accepted"), asked_at=ahead(days=-8)),
    "owner, asked by the office": lambda: age(asked("submitted"), asked_at=ahead(days=-8)),
}  # fmt: skip


@pytest.mark.parametrize("case", LATE)
def test_what_is_late_is_late_for_everybody_and_waits_in_one_queue(case):
    order = LATE[case]()
    found, late = reload(order), turn(order)
    assert late.is_late
    latest = found.proposals.filter(outcome="").first() if found.state in ("accepted", "scheduled") else None
    assert "verdue" in order_table(rows_of([order.pk]), changed_by=[order.customer_id]).rows[0][4]
    note = service_note(found, latest)
    assert note.tone in ("attention", "problem") and ("overdue" in note.text or note.label == "Overdue" or latest)
    if found.service.partner_id:
        assert work.lateness(found, timezone.now())
    shown = office.deadline(Service.objects.with_times().get(order=order))
    assert "chip-attention" in shown
    queues = [code for code, (_words, of) in QUEUES.items() if of(Service.objects.all()).exists()]
    assert queues == [case.split()[0].strip(",")]
    counted = {queue.url.partition("=")[2]: queue for queue in staff_queues.service_queues(factories.clerk("manager"))}
    assert counted[queues[0]].count == 1 and counted[queues[0]].oldest <= timezone.now()


IN_TIME = {
    **{upto: lambda upto=upto: factories.service_order(upto=upto) for upto in ("accepted", "scheduled", "under_way")},
    "times": proposed,
    "asked": lambda: asked("accepted"),
}


@pytest.mark.parametrize("case", IN_TIME)
def test_what_is_in_time_is_so_for_everybody(case):
    order = IN_TIME[case]()
    found = reload(order)
    assert not turn(order).is_late and not work.lateness(found, timezone.now())
    assert "verdue" not in order_table(rows_of([order.pk]), changed_by=[order.customer_id]).rows[0][4]
    assert "chip-attention" not in office.deadline(Service.objects.with_times().get(order=order))
    assert [code for code, (_words, of) in QUEUES.items() if of(Service.objects.all()).exists()] == []


@pytest.mark.parametrize(("make", "who"), [
    (lambda: factories.service_order(), "the office"), (lambda: factories.service_order(upto="draft"), "the owner"),
    (proposed, "the owner"), (lambda: asked("accepted"), "the owner"), (undated, None),
    (lambda: factories.service_order(upto="done"), ""),
])  # fmt: skip
def test_the_office_reads_who_has_the_order(make, who):
    service = Service.objects.with_times().select_related("partner").get(order=make())
    assert str(office.who_has_it(service)) == (str(service.partner) if who is None else who)


# What the owner reads


@pytest.mark.parametrize("make", [
    lambda: factories.service_order(upto="accepted"), lambda: factories.service_order(upto="under_way"),
    lambda: asked("accepted"), proposed,
])  # fmt: skip
def test_the_owner_reads_by_when_before_it_is_late(make):
    order = make()
    latest = order.proposals.filter(outcome="").first()
    assert by_when(turn(order).by) in service_note(reload(order), latest).text


def test_a_visit_that_was_not_begun_is_told_to_its_owner(client):
    order = missed()
    client.force_login(order.created_by)
    shown = client.get(reverse("order", args=[order.pk]), follow=True).content.decode()
    phone = str(order.service.partner.phone)
    assert "The visit was to be on" in shown and "comes on" not in shown and phone in shown
    assert reverse("visit-others", args=[order.pk]) in shown


# One reminder


@pytest.mark.parametrize("days", [(20, 21), (2,)])
def test_the_owner_is_reminded_once_of_proposed_times(days):
    order = proposed(*days)
    tasks.expire_offers()
    assert not Message.objects.filter(kind="orders/times_unanswered").exists()
    age(order, answer_by=ahead(minutes=-1))
    if days == (2,):
        Proposal.objects.filter(order=order).update(slots=[ahead(minutes=-1)])
    for _ in range(2):
        tasks.expire_offers()
    [letter] = Message.objects.filter(kind="orders/times_unanswered")
    assert letter.recipient == order.created_by.email and order.number in letter.subject
    assert Event.objects.filter(verb="service.times_unanswered").count() == 1
    assert order.proposals.get().outcome == "", "one of them may still be picked"
