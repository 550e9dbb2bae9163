"""What pages say of an order."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from orders import states
from orders.deadlines import turn_of
from orders.models import Order, Service
from orders.presenters.office import deadline
from orders.presenters.owner import order_table, service_note
from orders.presenters.words import by_when, duration_words, length_words, slot_words, visit_words
from orders.rows import rows_of
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.mark.parametrize(("state", "told"), [("done", True), ("refused", False), ("withdrawn", False)])
def test_only_what_was_done_has_a_day_on_which_it_was_done(state, told):
    order = factories.order_in_review()
    Order.objects.filter(pk=order.pk).update(state=state, closed_at=timezone.now())
    [row] = order_table(rows_of([order.pk]), changed_by=[order.customer_id]).rows
    assert (row[-1] != "–") is told


MORNING = datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_times_are_told_in_local_time_with_the_weekday():
    assert slot_words(MORNING, 90).replace("\u2060", "") == "Tuesday, 24 Nov 2026, 09:00–10:30"
    assert visit_words(MORNING, MORNING + timedelta(days=1)).endswith("– Wednesday, 25 Nov 2026, 09:00")
    assert by_when(MORNING) == "24 Nov 2026, 09:00"


@pytest.mark.parametrize(("minutes", "told"), [(60, "about 1 h"), (90, "about 1.5 h"), (240, "about 4 h")])
def test_a_visit_takes_so_long(minutes, told):
    assert duration_words(minutes) == told


@pytest.mark.parametrize(("minutes", "told"), [(30, "30 min"), (60, "1 h"), (150, "2.5 h")])
def test_a_length_to_choose(minutes, told):
    assert length_words(minutes) == told


@pytest.mark.parametrize(("language", "told"), [("pl", "– środa, "), ("cs", "– středa, "), ("en", "– Wednesday, ")])
def test_a_day_inside_a_sentence_has_a_small_letter(language, told):
    with translation.override(language):
        assert told in visit_words(MORNING, MORNING + timedelta(days=1))


@pytest.mark.parametrize("upto", [*factories.UPTO])
def test_somebody_has_every_open_order_by_a_time(upto):
    order = factories.service_order(upto=upto)
    turn = turn_of(order)
    assert (turn.by is not None) is (upto not in ("draft", "done")) and not turn.is_late
    assert service_note(order).text


def test_every_state_has_its_words():
    order = factories.service_order(upto="scheduled")
    for state in states.STATES:
        order.state = state
        note = service_note(order)
        assert note.text and "None" not in note.text and "%" not in note.text


def test_the_day_after_the_visit_the_protocol_is_overdue():
    order = factories.service_order(upto="under_way")
    order.service.visit_ends = timezone.now() - timedelta(hours=23)
    assert not turn_of(order).is_late
    order.service.visit_ends -= timedelta(hours=2)
    assert turn_of(order).is_late and "overdue" in service_note(order).text


def test_what_waits_for_the_owner_and_what_is_late_stands_out():
    order = factories.service_order()
    order.service.turn_since = timezone.now() - timedelta(days=20)
    order.service.save()
    [row] = order_table(rows_of([order.pk]), changed_by=[order.customer_id]).rows
    assert "Sent" in row[4] and "Overdue" in row[4]
    assert "overdue" in deadline(Service.objects.with_times().get(order=order)).lower()
