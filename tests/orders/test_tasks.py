"""What the portal does by itself when a time has come; each task runs twice and does its work once."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from devices.models import Device
from orders import reminders, tasks
from orders.actions import offers, ordering, protocols, visits
from orders.deadlines import turn_of
from orders.models import InspectionReminder, Order, Service
from orders.reminders import OVERDUE
from portal.events import Event
from portal.outbox.models import Message
from services.models import ServiceKind
from tests.factories import able_partner, customer, device, person, service_order, site, started_up, warranted
from warranty.actions import record_service
from warranty.models import Cover

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

TEN = datetime(2026, 11, 18, 9, tzinfo=UTC)  # ten o'clock in Warsaw, a Wednesday


@pytest.fixture
def at(monkeypatch) -> Callable[[datetime], None]:
    """Sets the clock; it begins at ten in the morning."""

    def move(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    move(TEN)
    return move


def kinds(prefix: str) -> list[str]:
    return sorted(Message.objects.filter(kind__startswith=f"orders/{prefix}").values_list("kind", flat=True))


# Offers


def overdue(**fields) -> Order:
    order = service_order(upto="offered", **fields)
    Service.objects.filter(order=order).update(answer_by=timezone.now() - timedelta(minutes=1))
    return order


def test_an_offer_whose_time_is_over_goes_back_to_the_office_once():
    order = overdue()
    for _ in range(2):
        tasks.expire_offers()
    order.refresh_from_db()
    assert (order.state, order.service.partner_id) == ("submitted", None)
    assert [offer.outcome for offer in order.offers.all()] == ["expired"]
    assert Event.objects.filter(verb="service.expire").count() == 1
    assert kinds("offer_expired") == ["orders/offer_expired"] and kinds("partner_sought") == ["orders/partner_sought"]


def test_an_offer_with_time_left_stays():
    order = service_order(upto="offered")
    tasks.expire_offers()
    order.refresh_from_db()
    assert order.state == "offered"


def test_one_order_that_fails_stops_none_of_the_others(monkeypatch, caplog):
    first, second = overdue(), overdue()
    expire = offers.expire

    def fail(order: Order) -> Order:
        if order.pk == first.pk:
            raise RuntimeError("odd")
        return expire(order)

    fail.__name__ = "expire"
    monkeypatch.setattr(offers, "expire", fail)
    tasks.expire_offers()
    assert Order.objects.get(pk=first.pk).state == "offered"
    assert Order.objects.get(pk=second.pk).state == "submitted" and "odd" in caplog.text


# Moves of visits


def asked_to_move(**fields) -> Order:
    order = service_order(upto="scheduled", **fields)
    slots = [order.service.visit_starts + timedelta(days=7)]
    return visits.propose_move(order, slots=slots, by=order.created_by, revision=order.revision)


def test_the_partner_has_a_working_day_to_answer_a_move(at):
    at(datetime(2026, 11, 20, 13, tzinfo=UTC))  # two o'clock on a Friday
    order = asked_to_move(visit=TEN + timedelta(days=9))
    assert order.service.answer_by == datetime(2026, 11, 23, 13, tzinfo=UTC) == turn_of(order).by
    soon = asked_to_move(visit=datetime(2026, 11, 23, 8, tzinfo=UTC))
    assert soon.service.answer_by == soon.service.visit_starts, "after that there is nothing left to move"


@pytest.mark.parametrize("by", ["pick", "propose", "agree", "ask_others", "begin"])
def test_an_answered_move_has_no_deadline_any_more(by):
    order = asked_to_move()
    due = order.service.answer_by
    mine, slot, person = order.proposals.get(), order.proposals.get().slots[0], order.service.engineer
    facts = {"by": person, "revision": order.revision}
    if by == "pick":
        visits.pick_move(order, proposal=mine, slot=slot, by=person)
    elif by == "propose":
        visits.propose(order, slots=[slot], **facts)
    elif by == "agree":
        visits.agree(order, starts=slot, **facts)
    elif by == "begin":
        protocols.begin_work(order, **facts)
    else:
        visits.ask_others(order, by=order.created_by)
    answer_by = Service.objects.get(order=order).answer_by
    assert answer_by > due if by == "propose" else answer_by is None, "it is the owner who answers other times"


def test_a_move_without_an_answer_is_told_once_and_the_agreed_date_stands():
    order = asked_to_move()
    tasks.expire_offers()
    assert kinds("move_unanswered") == []
    Service.objects.filter(order=order).update(answer_by=timezone.now() - timedelta(minutes=1))
    for _ in range(2):
        tasks.expire_offers()
    order.refresh_from_db()
    assert (order.state, order.service.visit_starts) == ("scheduled", Service.objects.get().visit_starts)
    [letter] = Message.objects.filter(kind="orders/move_unanswered")
    assert letter.recipient == order.created_by.email and order.number in letter.subject
    assert Event.objects.filter(verb="service.move_unanswered").count() == 1
    assert turn_of(Order.objects.get(pk=order.pk)).is_late
    assert order.proposals.get().outcome == "", "it may still be picked"


# Visits


def visit(starts: datetime) -> Order:
    return service_order(upto="scheduled", visit=starts)


def test_owner_and_engineer_are_reminded_the_day_before_once(at):
    order = visit(TEN + timedelta(days=1))
    for _ in range(2):
        tasks.remind_of_visits()
    assert kinds("visit_reminder") == ["orders/visit_reminder", "orders/visit_reminder_partner"]
    assert Event.objects.filter(verb="service.reminded").count() == 1
    assert Service.objects.get(order=order).reminded_of == TEN + timedelta(days=1)


@pytest.mark.parametrize("starts", [TEN + timedelta(hours=4), TEN + timedelta(days=2)])
def test_a_visit_of_another_day_is_not_reminded_of(at, starts):
    visit(starts)
    tasks.remind_of_visits()
    assert kinds("visit_reminder") == []


def test_nobody_is_woken_up(at):
    visit(TEN + timedelta(days=1))
    at(TEN - timedelta(hours=1, minutes=1))
    tasks.remind_of_visits()
    assert kinds("visit_reminder") == []


def test_the_last_minute_of_the_local_day_counts(at):
    visit(datetime(2026, 11, 19, 22, 59, tzinfo=UTC))
    visit(datetime(2026, 11, 19, 23, 0, tzinfo=UTC))
    tasks.remind_of_visits()
    assert len(kinds("visit_reminder_partner")) == 1


def test_a_moved_visit_is_another_one(at):
    order = visit(TEN + timedelta(days=1))
    tasks.remind_of_visits()
    order = Order.objects.get()
    by = order.service.partner.people.get().user
    visits.agree(order, starts=TEN + timedelta(days=1, hours=2), by=by, revision=order.revision)
    tasks.remind_of_visits()
    assert len(kinds("visit_reminder_partner")) == 2


def test_a_cancelled_visit_is_not_reminded_of(at):
    order = visit(TEN + timedelta(days=1))
    ordering.cancel(order, by=order.customer.members.get(), revision=order.revision)
    tasks.remind_of_visits()
    assert kinds("visit_reminder") == []


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 10, 24), 25), (date(2027, 3, 27), 23), (date(2026, 7, 1), 24)])
def test_a_day_has_23_to_25_hours(day, hours):
    zone = timezone.get_default_timezone()
    start, end = reminders.next_day(datetime(day.year, day.month, day.day, 12, tzinfo=zone), zone)
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=hours)


# Inspections


def english_device(**fields) -> Device:
    """Of an owner who reads English."""
    return device(site(customer(members=[person(language="en")])), **fields)


def due_in(days: int, *, of: Device | None = None) -> Device:
    """A device whose inspection is due in so many days."""
    of = started_up(of or english_device())
    day = timezone.localdate() + timedelta(days=days)
    Cover.objects.update_or_create(device=of, defaults={"next_inspection_on": day})
    return of


@pytest.mark.parametrize(
    ("days", "distance"),
    [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7), (0, 7), (-1, OVERDUE), (-900, OVERDUE)],
)
def test_the_nearest_distance_is_the_one_to_send(days, distance):
    today = date(2026, 11, 21)
    assert reminders.distance(today + timedelta(days=days), today) == distance


@given(today=st.dates(date(2020, 1, 1), date(2060, 1, 1)), days=st.integers(-2000, 200))
def test_the_windows_neither_overlap_nor_leave_a_gap(today, days):
    due_on = today + timedelta(days=days)
    hits = [window for window in reminders.windows(today).values() if window[0] <= due_on <= window[1]]
    assert len(hits) == (1 if days <= 60 else 0)


def test_the_owner_is_reminded_once_and_the_button_leads_to_the_order(at):
    pump = due_in(60)
    for _ in range(2):
        tasks.remind_of_inspections()
    mail = Message.objects.get(kind="orders/inspection_due")
    assert reverse("order-service", args=[pump.pk, "inspection"]) in mail.text and "in 60 days" in mail.text
    assert InspectionReminder.objects.get().days_before == 60
    assert Event.objects.filter(verb="inspection.reminded").count() == 1


@pytest.mark.parametrize("days", [60, 0, -1])
def test_a_reminder_calls_the_service_as_the_office_does(at, days):
    ServiceKind.objects.filter(code="inspection").update(code="tune-up", name_en="Yearly tune-up")
    pump = due_in(days)
    tasks.remind_of_inspections()
    mail = Message.objects.get()
    assert "Yearly tune-up" in mail.subject and "Yearly tune-up" in mail.text
    assert "inspection" not in mail.subject.lower() and "inspection" not in mail.text.lower()
    assert reverse("order-service", args=[pump.pk, "tune-up"]) in mail.text


def test_nobody_is_reminded_of_what_cannot_be_ordered(at):
    due_in(7)
    ServiceKind.objects.filter(code="inspection").update(is_active=False)
    tasks.remind_of_inspections()
    assert kinds("inspection") == []


def test_each_distance_once_on_the_way_to_the_day(at):
    pump = due_in(60)
    for days in range(0, 66):
        at(TEN + timedelta(days=days))
        tasks.remind_of_inspections()
    told = InspectionReminder.objects.filter(device=pump).order_by("sent_at", "pk")
    assert [reminder.days_before for reminder in told] == [60, 30, 7, OVERDUE]
    assert kinds("inspection") == ["orders/inspection_due"] * 3 + ["orders/inspection_overdue"]


def test_a_week_without_a_worker_sends_the_nearest_only(at):
    due_in(5)
    tasks.remind_of_inspections()
    assert kinds("inspection") == ["orders/inspection_due"]
    assert "in 5 days" in Message.objects.get().text


def test_nothing_comes_while_it_is_ordered_and_then_it_does(at):
    pump = due_in(30)
    order = service_order(pump, code="inspection")
    tasks.remind_of_inspections()
    assert kinds("inspection") == []
    ordering.cancel(order, by=order.customer.members.get(), revision=order.revision)
    tasks.remind_of_inspections()
    assert kinds("inspection") == ["orders/inspection_due"]


def test_a_draft_is_not_an_order(at):
    pump = due_in(30)
    by = pump.site.customer.members.get()
    ordering.start_order(pump, ServiceKind.objects.get(code="inspection"), by=by)
    tasks.remind_of_inspections()
    assert kinds("inspection") == ["orders/inspection_due"]


def test_overdue_is_told_to_the_owner_and_the_last_partner_once(at):
    pump = device(site(customer(name="Jan Tajny", phone="+48609999999")))
    partner = able_partner(people=[person(language="en")])
    record_service(
        pump, kind="start_up", done_on=date(2025, 1, 2), partner=partner, order_number="", protocol_number="", by=None
    )
    Cover.objects.update_or_create(device=pump, defaults={"next_inspection_on": date(2026, 11, 17)})
    for _ in range(2):
        tasks.remind_of_inspections()
    assert kinds("inspection") == ["orders/inspection_overdue", "orders/inspection_overdue_partner"]
    to_partner = Message.objects.get(kind="orders/inspection_overdue_partner")
    assert pump.site.street in to_partner.text
    # Not "999": that is in some serial numbers and addresses of pages.
    assert not [secret for secret in ("Tajny", "999 999", "9999999") if secret in to_partner.text]


def test_after_the_inspection_the_next_one_is_another(at):
    pump = due_in(7)
    tasks.remind_of_inspections()
    Cover.objects.filter(device=pump).update(next_inspection_on=TEN.date() + timedelta(days=60))
    tasks.remind_of_inspections()
    assert InspectionReminder.objects.filter(device=pump).count() == 2


@pytest.mark.parametrize(("days", "name"), [(7, "inspection_due"), (-1, "inspection_overdue")])
def test_the_warranty_is_named_only_where_one_runs(at, days, name):
    day = TEN.date() + timedelta(days=days)
    covered = warranted(english_device(purchased_on=date(2024, 2, 1)))
    for pump, is_covered in ((covered, True), (started_up(english_device()), False)):
        Cover.objects.update_or_create(device=pump, defaults={"next_inspection_on": day})
        tasks.remind_of_inspections()
        letter = Message.objects.filter(kind=f"orders/{name}").latest("pk")
        assert ("The warranty depends on it" in letter.text) == is_covered, letter.text


def test_nobody_is_woken_up_for_an_inspection(at):
    due_in(7)
    at(TEN - timedelta(hours=3))
    tasks.remind_of_inspections()
    assert kinds("inspection") == []


def test_beat_knows_every_task_that_runs_by_itself(settings):
    named = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    for task in ("expire_offers", "remind_of_visits", "remind_of_inspections", "draw_missing_protocols"):
        assert getattr(tasks, task).name in named
