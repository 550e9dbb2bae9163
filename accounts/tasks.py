"""Celery's entry points."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from accounts.actions import access, email_change, erasure, exports, history


@shared_task(name="accounts.tasks.change_addresses")
def change_addresses() -> int:
    """Does the changes of e-mail addresses that nobody stopped in 72 hours.

    Harmless twice: the first run marks each as done, under the person's lock.
    """
    return email_change.carry_out_due()


@shared_task(name="accounts.tasks.forget_sign_ins")
def forget_sign_ins() -> int:
    """Removes tries to sign in that are older than 13 months.

    Harmless twice: the second run finds what is older than the limit, and that is gone.
    """
    return history.forget_old()


@shared_task(name=exports.MAKE)
def make_export(pk: str) -> None:
    """Makes a copy of somebody's data. Harmless twice: only the run that claims it writes it, and tells of it once."""
    exports.make_export(UUID(pk))


@shared_task(name="accounts.tasks.sweep_exports")
def sweep_exports() -> None:
    """Queues the exports that got lost, and removes those older than seven days.

    Harmless twice: what one run has removed, the next does not find; a task that is queued twice claims once.
    """
    now = timezone.now()
    exports.sweep(now)
    exports.remove_old(now)


@shared_task(name="accounts.tasks.forget_last_words")
def forget_last_words() -> int:
    """Removes the letters that told people of the erasure of their data.

    Harmless twice: the second run finds none.
    """
    return erasure.forget_last_words()


@shared_task(name="accounts.tasks.tell_ended_access")
def tell_ended_access() -> int:
    """Tells of grants whose last day is over, on the day after it.

    Harmless twice: each is marked as told under its lock, in the transaction that queues the letters.
    """
    return access.tell_ended()
