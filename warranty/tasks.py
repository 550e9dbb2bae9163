"""Celery's entry points."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from portal.work import hand_over
from warranty import actions
from warranty.models import Recount, WarrantyCard, WarrantyRule

# A task that was queued is given so long before it counts as lost.
LOST_AFTER = timedelta(minutes=1)
SWEEP_LIMIT = 200


@shared_task(name="warranty.tasks.draw_card")
def draw_card(pk: int) -> None:
    """Draws a card and sends it. Harmless twice: the second run finds it drawn, and leaves."""
    actions.draw_card(pk)


@shared_task(name="warranty.tasks.apply_rule")
def apply_rule(pk: int) -> None:
    """Counts a product's devices by a new rule. Harmless twice: where nothing changed, nothing is written."""
    actions.apply_rule(pk)


@shared_task(name="warranty.tasks.count_anew")
def count_anew() -> int:
    """Counts the devices that many changes left behind. Harmless twice: the second run finds none."""
    return actions.count_anew()


@shared_task(name="warranty.tasks.sweep")
def sweep() -> None:
    """Queues what got lost: cards, rules, devices to count. A second run is harmless: the tasks look again."""
    now = timezone.now()
    before = now - LOST_AFTER
    cards = WarrantyCard.objects.lost(now, after=LOST_AFTER)
    rules = WarrantyRule.objects.unapplied().filter(published_at__lt=before).order_by("pk")
    lost: list[tuple[str, int]] = [
        *(("warranty.tasks.draw_card", pk) for pk in cards.values_list("pk", flat=True)[:SWEEP_LIMIT]),
        *(("warranty.tasks.apply_rule", pk) for pk in rules.values_list("pk", flat=True)[:SWEEP_LIMIT]),
    ]
    expires = LOST_AFTER.total_seconds()
    if Recount.objects.filter(asked_at__lt=before).exists():
        hand_over("warranty.tasks.count_anew", expires=expires)
    for task, pk in lost:
        if not hand_over(task, pk, expires=expires):
            return
