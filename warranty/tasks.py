"""Celery's entry points."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from portal.work import hand_over
from warranty import actions
from warranty.models import Recount, WarrantyCard

# A task that was queued is given so long before it counts as lost.
LOST_AFTER = timedelta(minutes=1)
SWEEP_LIMIT = 200


@shared_task(name="warranty.tasks.draw_card")
def draw_card(pk: int) -> None:
    """Draws a card and sends it. Harmless twice: the second run finds it drawn, and leaves."""
    actions.draw_card(pk)


@shared_task(name="warranty.tasks.count_anew")
def count_anew() -> int:
    """Counts the devices that many changes left behind. Harmless twice: the second run finds none."""
    return actions.count_anew()


@shared_task(name="warranty.tasks.sweep")
def sweep() -> None:
    """Queues what got lost: cards, devices to count. A second run is harmless: the tasks look again."""
    now, expires = timezone.now(), LOST_AFTER.total_seconds()
    if Recount.objects.filter(asked_at__lt=now - LOST_AFTER).exists():
        hand_over("warranty.tasks.count_anew", expires=expires)
    cards = WarrantyCard.objects.lost(now, after=LOST_AFTER)
    for pk in cards.values_list("pk", flat=True)[:SWEEP_LIMIT]:
        if not hand_over("warranty.tasks.draw_card", pk, expires=expires):
            return
