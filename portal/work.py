"""Telling the workers what to do, without ever making a page wait for a broker that is down."""

import logging
import time
from typing import Any

from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from portal import celery_app

logger = logging.getLogger(__name__)

# A broker that hangs costs a page one short wait, not one for each task: then it is left alone a while.
QUIET_SECONDS = 20.0
_quiet_until = 0.0


def hand_over(task: str, *args: int | str, **options: Any) -> bool:
    """Queues a task, about the row that `args` names. False where the broker is down; a sweeper finds it later."""
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return False
    try:
        celery_app.send_task(task, args, **options)
    except (OperationalError, RedisError, OSError) as error:
        _quiet_until = time.monotonic() + QUIET_SECONDS
        logger.warning("%s of %s waits, the broker does not answer: %s", task, args, error)
        return False
    return True


def hand_over_on_commit(task: str, *args: int | str) -> None:
    """Queues a task once the caller's transaction is committed. Whatever the broker says, the change stands."""
    transaction.on_commit(lambda: hand_over(task, *args), robust=True)
