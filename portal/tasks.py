"""The ground floor's background work."""

import logging
from uuid import UUID

from celery import shared_task
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from portal.files.models import Document
from portal.files.store import discard

logger = logging.getLogger(__name__)


@shared_task(name="portal.tasks.discard_unattached_uploads")
def discard_unattached_uploads() -> None:
    """Removes files that came with a form which was not finished within 48 hours.

    Running twice is harmless: what one run has removed, the next does not find; what another process holds
    is left to the next run.
    """
    for pk in Document.objects.forgotten().values_list("pk", flat=True):
        discard_forgotten(pk)


@shared_task(name="portal.tasks.forget_sessions")
def forget_sessions() -> int:
    """Removes sessions that are over: they still say who it was.

    Harmless twice: the second run finds none.
    """
    return Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]


@transaction.atomic
def discard_forgotten(pk: UUID) -> None:
    """Looks again under a lock: the form may have been sent in the meantime."""
    document = Document.objects.forgotten().select_for_update(skip_locked=True).filter(pk=pk).first()
    if not document:
        return
    try:
        discard(document)
    except ProtectedError:
        logger.exception("document %s is in use, but was never marked as attached", pk)
