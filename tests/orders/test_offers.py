"""Finding the partner: offers, answers, deadlines, and two people who act at the same moment."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from orders import matching, tasks
from orders.actions import offers, ordering, visits
from orders.deadlines import turn_of
from orders.models import Offer, Order, Service
from orders.rules import answer_deadline
from portal.errors import Refused
from portal.outbox.models import Message
from services.models import Certificate, ServiceKind
from tests.factories import able_partner, clerk, device, person, service_order
from tests.orders.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def manager_of(order: Order):
    return order.service.partner.people.order_by("pk")[0].user


def told(name: str) -> list[str]:
    return sorted(Message.objects.filter(kind=f"orders/{name}").values_list("recipient", flat=True))


def outcomes(order: Order) -> list[str]:
    return [offer.outcome for offer in Offer.objects.filter(order=order)]


def test_a_partner_has_so_many_working_hours_as_the_service_says(monkeypatch):
    friday = datetime(2026, 11, 20, 14, tzinfo=UTC)  # three o'clock in Warsaw
    order, partner = service_order(), able_partner()
    monkeypatch.setattr(timezone, "now", lambda: friday)
    order = offers.offer(order, partner=partner, by=None)
    assert order.service.answer_by == answer_deadline(friday, hours=order.service_kind.answer_hours, country="PL")
    assert order.service.answer_by.date() > datetime(2026, 11, 22, tzinfo=UTC).date()
    assert order.offers.get().answer_by == order.service.answer_by


def test_managers_are_told_of_an_offer_and_engineers_are_not():
    boss, hand = person(), person()
    partner = able_partner(people=[boss])
    partner.people.create(user=hand, role="engineer")
    service_order(upto="offered", to=partner)
    assert told("offer_made") == [boss.email]


def test_a_partner_without_a_valid_certificate_cannot_be_offered_anything():
    order, partner = service_order(), able_partner()
    Certificate.objects.filter(partner=partner).update(valid_until=timezone.localdate() - timedelta(days=1))
    with pytest.raises(Refused, match="no valid certificate"):
        offers.offer(order, partner=partner, by=None)
    assert Order.objects.get(pk=order.pk).state == "submitted"


def test_the_office_may_overrule_what_the_partner_says_of_its_area():
    partner = able_partner(areas=["99"])
    assert offers.offer(service_order(), partner=partner, by=None).state == "offered"


def test_the_partner_whom_the_owner_chose_has_the_offer_at_once():
    partner, pump = able_partner(), device()
    order = service_order(pump, upto="draft")
    by = pump.site.customer.members.get()
    order = ordering.choose(order, device=pump, kind=order.service_kind, chosen_partner=partner, by=by)
    order = ordering.submit(order, by=by, revision=order.revision)
    assert (order.state, order.service.partner) == ("offered", partner)


def test_accepting_makes_the_only_person_the_engineer_and_tells_the_owner():
    order = service_order(upto="accepted")
    assert order.service.engineer == manager_of(order) and order.service.answer_by is None
    assert outcomes(order) == ["accepted"]
    assert told("order_accepted") == [order.customer.members.get().email]


@pytest.mark.parametrize("act", [offers.decline, offers.give_back])
def test_no_needs_a_reason(act):
    order = service_order(upto="offered" if act is offers.decline else "accepted")
    with pytest.raises(Refused, match="Say why"):
        act(order, reason="  ", by=manager_of(order), revision=order.revision)
    assert Order.objects.get(pk=order.pk).state == order.state


def test_giving_back_counts_as_declined_and_frees_the_order():
    order = service_order(upto="scheduled")
    partner = order.service.partner
    order = offers.give_back(order, reason="Broken leg", by=manager_of(order), revision=order.revision)
    assert (order.state, order.service.partner, order.service.visit_starts) == ("declined", None, None)
    assert (outcomes(order), order.offers.get().reason) == (["declined"], "Broken leg")
    assert "declined" in next(one for one in offers.matching.candidates(order) if one.partner == partner).faults


def test_the_engineer_is_told_when_the_company_gives_the_visit_back():
    boss, hand = person(), person()
    partner = able_partner(people=[boss])
    partner.people.create(user=hand, role="engineer")
    order = service_order(upto="accepted", to=partner)
    order = visits.hand_over(order, engineer=hand, by=boss, revision=order.revision)
    order = visits.agree(order, starts=timezone.now() + timedelta(days=2), by=hand, revision=order.revision)
    offers.give_back(order, reason="Ill", by=boss, revision=order.revision)
    gone = Message.objects.get(kind="orders/order_taken_away")
    assert gone.recipient == hand.email and "METHOD:CANCEL" in gone.calendar


def test_an_engineer_who_loses_the_order_is_told_and_the_calendar_too():
    boss, one, two = person(), person(), person()
    partner = able_partner(people=[boss])
    for hand in (one, two):
        partner.people.create(user=hand, role="engineer")
    order = service_order(upto="accepted", to=partner)
    order = visits.hand_over(order, engineer=one, by=boss, revision=order.revision)
    order = visits.agree(order, starts=timezone.now() + timedelta(days=2), by=one, revision=order.revision)
    visits.hand_over(order, engineer=two, by=boss, revision=order.revision)
    gone, new = (
        Message.objects.filter(kind=f"orders/{name}").first() for name in ("order_taken_away", "order_handed_over")
    )
    assert gone.recipient == one.email and "METHOD:CANCEL" in gone.calendar
    assert new.recipient == two.email and "METHOD:REQUEST" in new.calendar


def test_a_manager_who_hands_the_own_visit_over_has_it_out_of_the_calendar_and_back_again():
    boss, hand = person(), person()
    partner = able_partner(people=[boss])
    partner.people.create(user=hand, role="engineer")
    order = service_order(upto="scheduled", to=partner)
    order = visits.hand_over(order, engineer=boss, by=boss, revision=order.revision)
    order = visits.hand_over(order, engineer=hand, by=boss, revision=order.revision)
    visits.hand_over(order, engineer=boss, by=boss, revision=order.revision)
    kinds = ["orders/order_taken_away", "orders/order_handed_over"]
    mine = Message.objects.filter(recipient=boss.email, kind__in=kinds).order_by("pk")
    methods = [next(line for line in one.calendar.splitlines() if "METHOD" in line) for one in mine]
    assert methods == ["METHOD:REQUEST", "METHOD:CANCEL", "METHOD:REQUEST"]


def test_who_is_recalled_is_told_and_the_owner_only_of_what_was_accepted():
    order = service_order(upto="offered")
    email = manager_of(order).email
    order = offers.recall(order, reason="Wrong", by=office(), revision=order.revision)
    assert (order.state, outcomes(order), told("order_recalled")) == ("submitted", ["recalled"], [email])
    assert told("partner_sought") == []
    order = service_order(upto="accepted")
    offers.recall(order, reason="Wrong", by=office(), revision=order.revision)
    assert told("partner_sought") == [order.customer.members.get().email]


def office():
    return person(is_staff=True, is_superuser=True)


# Time runs out


def overdue(order: Order) -> None:
    Service.objects.filter(order=order).update(answer_by=timezone.now() - timedelta(minutes=1))


def test_it_goes_on_to_the_next_partner_where_that_is_switched_on_and_never_back():
    ServiceKind.objects.filter(code="inspection").update(passes_on=True)
    first, second = able_partner(name="A"), able_partner(name="B")
    able_partner(name="C", areas=["99"])
    order = service_order(upto="offered", to=first)
    User.objects.update(language="en")
    for expected in (second, None):
        overdue(order)
        tasks.expire_offers()
        order = Order.objects.get(pk=order.pk)
        assert order.service.partner == expected
    assert (order.state, outcomes(order)) == ("submitted", ["expired", "expired"])
    assert len(told("offer_expired")) == 2 and len(told("partner_sought")) == 2
    letters = Message.objects.filter(kind="orders/partner_sought").order_by("pk")
    assert "B has it now and answers by" in letters[0].text and "Our office finds another" in letters[1].text


def test_it_does_not_go_on_where_that_is_switched_off():
    first, _second = able_partner(name="A"), able_partner(name="B")
    order = service_order(upto="offered", to=first)
    overdue(order)
    tasks.expire_offers()
    assert Service.objects.get(order=order).partner is None


def test_who_declined_is_not_asked_again_by_the_portal():
    ServiceKind.objects.filter(code="inspection").update(passes_on=True)
    first, second = able_partner(name="A"), able_partner(name="B")
    order = service_order(upto="offered", to=first)
    order = offers.decline(order, reason="No", by=manager_of(order), revision=order.revision)
    offers.offer(order, partner=second, by=None)
    overdue(order)
    tasks.expire_offers()
    assert Order.objects.get(pk=order.pk).state == "submitted"


def test_before_its_time_an_offer_does_not_run_out():
    order = service_order(upto="offered")
    with pytest.raises(Refused, match="still time"):
        offers.expire(order)


# Two at once


@pytest.mark.django_db(transaction=True)
def test_accept_and_recall_at_once():
    order, clerk = service_order(upto="offered"), office()
    boss = manager_of(order)
    found = together(
        lambda: offers.accept(order, by=boss, revision=order.revision),
        lambda: offers.recall(order, reason="Wrong", by=clerk, revision=order.revision),
    )
    assert sorted(found) == ["done", "refused"]
    order = Order.objects.get(pk=order.pk)
    assert (order.state, outcomes(order)) in [("accepted", ["accepted"]), ("submitted", ["recalled"])]


@pytest.mark.django_db(transaction=True)
def test_two_clerks_offer_to_two_partners_at_once():
    order, one, two = service_order(), able_partner(), able_partner()
    clerk = office()
    found = together(
        *(lambda to=to: offers.offer(order, partner=to, by=clerk, revision=order.revision) for to in (one, two))
    )
    assert sorted(found) == ["done", "refused"] and Offer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_pick_and_propose_at_once():
    order = service_order(upto="accepted")
    boss, owner = manager_of(order), order.customer.members.get()
    soon = timezone.now() + timedelta(days=2)
    order = visits.propose(order, slots=[soon], by=boss, revision=order.revision)
    proposal = order.proposals.get()
    found = together(
        lambda: visits.pick(order, proposal=proposal, slot=soon, by=owner),
        lambda: visits.propose(order, slots=[soon + timedelta(days=1)], by=boss, revision=order.revision),
    )
    assert sorted(found) == ["done", "refused"]
    order = Order.objects.get(pk=order.pk)
    open_ones = order.proposals.filter(outcome="").count()
    assert (order.state, open_ones) in [("scheduled", 0), ("accepted", 1)]


@pytest.mark.django_db(transaction=True)
def test_two_drafts_of_one_service_sent_at_once():
    pump = device()
    one, two = (service_order(pump, code="repair", upto="draft") for _ in range(2))
    by = pump.site.customer.members.get()
    found = together(*(lambda it=it: ordering.submit(it, by=by, revision=it.revision) for it in (one, two)))
    assert sorted(found) == ["done", "refused"]
    assert sorted(Order.objects.values_list("state", flat=True)) == ["draft", "submitted"]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_make_one_offer():
    ServiceKind.objects.filter(code="inspection").update(passes_on=True)
    first, _second = able_partner(name="A"), able_partner(name="B")
    order = service_order(upto="offered", to=first)
    overdue(order)
    assert together(tasks.expire_offers, tasks.expire_offers) == ["done", "done"]
    assert outcomes(order) == ["expired", ""]


def test_the_time_to_find_a_partner_begins_anew_with_each_no():
    order = service_order(upto="offered")
    Service.objects.filter(order=order).update(turn_since=timezone.now() - timedelta(days=30))
    order.refresh_from_db()
    order = offers.decline(order, reason="no time", by=manager_of(order), revision=order.revision)
    assert not turn_of(order).is_late


def test_a_partner_from_whom_an_order_was_taken_back_is_not_asked_by_itself():
    order = service_order(upto="accepted")
    former, by = order.service.partner, clerk("dispatcher")
    order = offers.recall(order, reason="too far", by=by, revision=order.revision)
    [candidate] = [one for one in matching.candidates(order) if one.partner == former]
    assert candidate.faults == ["recalled"] and candidate.may_be_offered


def test_an_order_whose_partner_waits_for_the_owner_can_be_taken_back():
    order = service_order(upto="scheduled")
    order = visits.ask(order, question="Which?", by=manager_of(order), revision=order.revision)
    order = offers.recall(order, reason="Too slow", by=clerk("dispatcher"), revision=order.revision)
    assert (order.state, order.service.question, order.service.visit_starts) == ("submitted", "", None)
    [letter] = Message.objects.filter(kind="orders/order_recalled")
    assert "METHOD:CANCEL" in letter.calendar
