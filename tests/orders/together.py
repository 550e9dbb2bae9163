"""Two people who act at the same moment."""

import threading
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
