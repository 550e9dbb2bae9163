"""What the workers do for the outbox."""

from celery import shared_task

from portal.outbox import delivery
from portal.outbox.queue import DELIVER


@shared_task(name=DELIVER)
def deliver(pk: int) -> None:
    """Sends one message. A second run is harmless: only the run that claims the row sends it."""
    delivery.deliver(pk)


@shared_task(name="portal.outbox.tasks.sweep")
def sweep() -> None:
    """Returns what hung and wakes what is due. A second run is harmless: it queues, `deliver` claims."""
    delivery.sweep()
