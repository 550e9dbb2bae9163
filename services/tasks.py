"""Celery's entry points."""

from celery import shared_task

from services import actions


@shared_task(name="services.tasks.warn_of_expiry")
def warn_of_expiry() -> int:
    """Warns partners whose certificates end soon.

    Harmless twice: each warning is a row that is there once, written together with its messages.
    """
    return actions.warn_of_expiry()
