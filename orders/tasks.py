"""Celery's entry points."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.db.models import F, Q
from django.utils import timezone

from devices.models import Device
from orders.actions import offers, papers, reminders, visits
from orders.actions.protocols import DRAW
from orders.models import Order, Proposal, Protocol, Service
from orders.reminders import is_morning, next_day
from portal.errors import Refused
from portal.work import hand_over

logger = logging.getLogger(__name__)

# A task that was queued is given so long before it counts as lost.
LOST_AFTER = timedelta(minutes=1)
SWEEP_LIMIT = 200


@shared_task(name="orders.tasks.expire_offers")
def expire_offers() -> None:
    """Ends the offers whose time has run out, and tells owners of proposed times that are not answered in time.

    Harmless twice: the first run has moved the order on, or made an offer whose own time has not come; and the
    proposal notes that it was told of.
    """
    _each(offers.expire, _orders(Service.objects.overdue_offers().order_by("answer_by")))
    _each(visits.tell_unanswered, _orders(Proposal.objects.unanswered()))


@shared_task(name="orders.tasks.remind_of_visits")
def remind_of_visits() -> None:
    """From the morning on, reminds of the visits of the next day.

    Harmless twice: the order notes of which visit it reminded, together with the messages.
    """
    here = timezone.localtime()
    if not is_morning(here):
        return
    tomorrow = Service.objects.visits_between(*next_day(here, timezone.get_default_timezone()))
    due = tomorrow.filter(Q(reminded_of=None) | ~Q(reminded_of=F("visit_starts")))
    _each(visits.remind_of_visit, _orders(due.order_by("visit_starts")))


@shared_task(name="orders.tasks.remind_of_inspections")
def remind_of_inspections() -> None:
    """By day, reminds of inspections that come near or are overdue.

    Harmless twice: each reminder is a row that is there once, written together with its messages.
    """
    if not is_morning(timezone.localtime()):
        return
    _each(reminders.remind_of_inspection, (Device(pk=pk) for pk in reminders.devices_to_remind()))


def _orders(of: Any) -> list[Order]:
    return [each.order for each in of.select_related("order")]


def _each(act: Callable[[Any], Any], things: Any) -> None:
    """One after the other, each in its own transaction: what goes wrong with one stops none of the others."""
    for thing in things:
        try:
            act(thing)
        except Refused as refusal:  # somebody was quicker
            logger.info("%s of %s: %s", act.__name__, thing.pk, refusal)
        except Exception:
            logger.exception("%s of %s failed", act.__name__, thing.pk)


@shared_task(name=DRAW)
def draw_protocol(pk: int) -> None:
    """Draws a protocol and sends it. Harmless twice: the second run finds it drawn, and leaves."""
    papers.draw_protocol(pk)


@shared_task(name="orders.tasks.draw_missing_protocols")
def draw_missing_protocols() -> None:
    """Queues protocols whose task got lost, or failed. A second run is harmless: it queues, and the task looks again.

    The first page of the office counts those that cannot be drawn.
    """
    lost = Protocol.objects.lost(timezone.now(), after=LOST_AFTER)
    for pk in lost.values_list("pk", flat=True)[:SWEEP_LIMIT]:
        if not hand_over(DRAW, pk, expires=LOST_AFTER.total_seconds()):
            return
