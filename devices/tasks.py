"""Celery's entry points."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from devices import registration
from devices.models import SerialLookup

LOOKUPS_KEPT_FOR = timedelta(days=7)


@shared_task(name="devices.tasks.remove_unconfirmed_registrations")
def remove_unconfirmed_registrations() -> int:
    """Removes registrations that were never confirmed, and old look-ups.

    Harmless twice: the second run finds what is older than the limit, and that is gone.
    """
    SerialLookup.objects.filter(at__lt=timezone.now() - LOOKUPS_KEPT_FOR).delete()
    return registration.remove_unconfirmed()
