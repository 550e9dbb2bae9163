"""Two people who act at the same moment."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from portal.errors import Refused


def together(*acts: Callable[[], Any]) -> list[str]:
    """Takes all acts at once, each in a thread with its own connection: "done" or "refused" for each."""
    barrier = threading.Barrier(len(acts))

    def take(act: Callable[[], Any]) -> str:
        barrier.wait()
        try:
            act()
        except Refused:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(take, acts))


def until_somebody_waits_for_me(at_most: float = 60) -> None:
    """Comes back when another connection waits for a lock that this one has."""
    end = time.monotonic() + at_most
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            # Not pg_stat_activity, which stays the same within a transaction.
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone():
                return
            time.sleep(0.02)
    raise AssertionError("nobody came to wait")
