"""What is looked at when a process of the portal starts, before it does any work."""

import ctypes
import logging
import sys

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

DEMO_DOMAIN = "demo.example"
OLDEST_POSTGRES = 15
# What WeasyPrint loads, and the Debian package that has it.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}


def check() -> None:
    """Raises ImproperlyConfigured, with a sentence that says what to do, where the portal must not start."""
    check_libraries()
    try:
        check_database()
    except DatabaseError as error:
        # A server that is still starting is no reason to give up; /health/ tells how it goes on.
        logger.warning("the database was not checked at the start: %s", error)
    finally:
        # The web server forks after this, and two processes must not share a connection.
        connection.close()


def check_libraries() -> None:
    """Looks for the system libraries that no Python package brings."""
    missing = [package for library, package in LIBRARIES.items() if not _loads(library)]
    if missing and sys.platform == "linux":
        raise ImproperlyConfigured(
            "A system library that makes PDFs is missing. Install it with: apt-get install " + " ".join(missing)
        )


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def check_database() -> None:
    """Refuses an old server, and outside the demo the demo's people, whose passwords everybody knows."""
    connection.ensure_connection()
    if connection.pg_version < OLDEST_POSTGRES * 10_000:  # type: ignore[attr-defined]
        raise ImproperlyConfigured(f"The database is older than PostgreSQL {OLDEST_POSTGRES}. Use a newer one.")
    if settings.DEMO:
        return
    people = get_user_model().objects.filter(is_active=True, email__iendswith=f"@{DEMO_DOMAIN}").count()
    if people:
        raise ImproperlyConfigured(
            f"{people} people of the demo (@{DEMO_DOMAIN}) are in this database, "
            "and their passwords are public. Use another database, or deactivate them."
        )
