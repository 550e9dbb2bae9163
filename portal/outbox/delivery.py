"""Sending a message: claim, commit, speak to the provider outside any transaction, note the answer.

Killed at any moment, a process loses no message: the row stays, and the sweeper returns it. A second copy can
go out only where the process died between the provider's yes and the note of it, under the same Message-ID.
"""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from portal import events
from portal.errors import Refused
from portal.outbox.channels import Undeliverable, email, sms
from portal.outbox.models import Channel, Message, State
from portal.outbox.queue import DELIVER
from portal.work import hand_over, hand_over_on_commit

logger = logging.getLogger(__name__)

CHANNELS = {Channel.EMAIL: email.send, Channel.SMS: sms.send}
# The wait after each attempt in minutes; the attempt after the last one was the last.
WAITS = (1, 5, 15, 60, 240, 720, 720)
MAX_ATTEMPTS = len(WAITS) + 1
SWEEP_LIMIT = 500
# What one sweep queued and nobody took is told anew by a later one.
SWEPT_TASK_SECONDS = 120

LATER = gettext_noop("It could not be sent yet. The portal tries again by itself.")
IN_VAIN = gettext_noop("It could not be sent, although the portal tried for more than a day.")


def deliver(pk: int) -> None:
    """Sends the message, unless somebody else has it, it is not due, or it is done."""
    message = claim(pk)
    if message is None:
        return
    try:
        provider_id = CHANNELS[Channel(message.channel)](message)
    except Undeliverable as error:
        logger.warning("message %s refused for good: %s", pk, error)
        _note(message, state=State.FAILED, last_error=f"{error.sentence}\n{error.detail}".strip())
    except Exception as error:  # the message must not stay claimed
        logger.warning("message %s not sent: %r", pk, error)
        _postpone(message, repr(error))
    else:
        _sent(message, provider_id)


@transaction.atomic(durable=True)
def claim(pk: int) -> Message | None:
    """Takes a due message by one compare-and-set, committed on return; None for all callers but one."""
    won = Message.objects.due().filter(pk=pk).update(
        state=State.SENDING, claimed_at=timezone.now(), attempts=F("attempts") + 1
    )  # fmt: skip
    return Message.objects.get(pk=pk) if won else None


def _sent(message: Message, provider_id: str) -> None:
    """Notes the provider's yes, even where the sweeper had given up on this worker meanwhile."""
    blank = {"text": "", "html": ""} if message.secret else {}
    Message.objects.filter(pk=message.pk).exclude(state=State.SENT).update(
        state=State.SENT,
        sent_at=timezone.now(),
        claimed_at=None,
        last_error="",
        provider_id=provider_id,
        **blank,
    )


def _postpone(message: Message, detail: str) -> None:
    if message.attempts >= MAX_ATTEMPTS:
        _note(message, state=State.FAILED, last_error=f"{IN_VAIN}\n{detail}")
        return
    wait = timedelta(minutes=WAITS[message.attempts - 1])
    _note(message, state=State.QUEUED, last_error=f"{LATER}\n{detail}", not_before=timezone.now() + wait)


def _note(message: Message, **answer: Any) -> None:
    """Writes a no, if the claim is still ours."""
    Message.objects.filter(pk=message.pk, state=State.SENDING, claimed_at=message.claimed_at).update(
        claimed_at=None, **answer
    )


def sweep() -> None:
    """Returns messages whose worker died, and tells the workers of everything that is due."""
    hung = Message.objects.hung()
    # One that has killed its worker so often is not given another.
    hung.filter(attempts__gte=MAX_ATTEMPTS).update(state=State.FAILED, claimed_at=None, last_error=IN_VAIN)
    hung.update(state=State.QUEUED, claimed_at=None, not_before=timezone.now())
    due = Message.objects.due().order_by("not_before").values_list("pk", flat=True)
    for pk in due[:SWEEP_LIMIT]:
        if not hand_over(DELIVER, pk, expires=SWEPT_TASK_SECONDS):
            break


@transaction.atomic
def retry(message: Message, *, by: Any) -> None:
    """A clerk has a message that could not be delivered sent once more, with all its attempts."""
    _locked_failure(message)
    message.state, message.attempts, message.not_before = (State.QUEUED, 0, timezone.now())
    message.save(update_fields=["state", "attempts", "not_before"])
    events.record("message.retried", by=by, about=[message])
    hand_over_on_commit(DELIVER, message.pk)


@transaction.atomic
def dismiss(message: Message, *, by: Any, reason: str = "") -> None:
    """A clerk puts a message aside that could not be delivered."""
    _locked_failure(message)
    message.state = State.DISMISSED
    if message.secret:
        message.text = message.html = ""
    message.save(update_fields=["state", "text", "html"])
    events.record("message.dismissed", by=by, about=[message], reason=reason)


def _locked_failure(message: Message) -> None:
    message.refresh_from_db(from_queryset=Message.objects.select_for_update())
    if message.state != State.FAILED:
        raise Refused(_("This message is no longer among those that cannot be delivered. Reload the page."))
