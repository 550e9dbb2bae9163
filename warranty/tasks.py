"""Celery's entry points."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from portal.work import hand_over
from warranty import actions
from warranty.models import WarrantyCard, WarrantyRule

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


@shared_task(name="warranty.tasks.sweep")
def sweep() -> None:
    """Queues cards and rules whose task got lost. A second run is harmless: it queues, and the tasks look again."""
    before = timezone.now() - LOST_AFTER
    lost = [
        ("warranty.tasks.draw_card", WarrantyCard.objects.undrawn().filter(issued_at__lt=before)),
        ("warranty.tasks.apply_rule", WarrantyRule.objects.unapplied().filter(published_at__lt=before)),
    ]
    for task, rows in lost:
        for pk in rows.order_by("pk").values_list("pk", flat=True)[:SWEEP_LIMIT]:
            if not hand_over(task, pk, expires=LOST_AFTER.total_seconds()):
                return
