"""Signs of life: worker and beat leave a note in Redis, `GET /health/` reads them."""

import logging
import time

import redis
from celery.beat import PersistentScheduler
from celery.signals import heartbeat_sent
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from portal.public import public

logger = logging.getLogger(__name__)
FRESH_SECONDS = 60


def broker() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=2)


def sign(who: str) -> None:
    """Leaves a note that `who` is alive. A broker that is down must not bring `who` down."""
    try:
        with broker() as client:
            client.set(f"portal:alive:{who}", int(time.time()), ex=FRESH_SECONDS)
    except redis.RedisError:
        logger.warning("no sign of life from %s: the broker does not answer", who)


@heartbeat_sent.connect
def sign_worker(**kwargs: object) -> None:
    sign("worker")


class Scheduler(PersistentScheduler):
    """Celery beat's own scheduler, which leaves a note at most every 10 seconds."""

    signed = 0.0

    def tick(self, *args: object, **kwargs: object) -> float:
        if time.monotonic() - self.signed > 10:
            self.signed = time.monotonic()
            sign("beat")
        return min(super().tick(*args, **kwargs), 10.0)


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        logger.exception("the database does not answer")
        return False
    return True


@public
@require_GET
def health(request: HttpRequest) -> JsonResponse:
    """200 when database, broker, worker and beat are well, 503 otherwise; tells each."""
    state = {
        "database": database_answers(),
        "broker": False,
        "worker": False,
        "beat": False,
    }
    try:
        with broker() as client:
            signs = client.mget("portal:alive:worker", "portal:alive:beat")
        state |= {
            "broker": True,
            "worker": signs[0] is not None,
            "beat": signs[1] is not None,
        }
    except redis.RedisError:
        logger.warning("the broker does not answer")
    return JsonResponse(
        {name: "ok" if well else "down" for name, well in state.items()},
        status=200 if all(state.values()) else 503,
    )
