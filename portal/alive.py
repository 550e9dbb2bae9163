"""`python -m portal.alive web|worker|beat`: status 0 when it is well. For the checks of containers."""

import json
import os
import sys
import urllib.request
from urllib.error import HTTPError
from urllib.parse import urlsplit

from django.conf import settings

from portal.health import broker


def alive(who: str) -> bool:
    return web_answers() if who == "web" else signed(who)


def signed(who: str) -> bool:
    """Whether worker or beat left a sign of life lately."""
    with broker() as client:
        return client.get(f"portal:alive:{who}") is not None


def web_answers() -> bool:
    """Asks the web server on this machine in the name of the public host; raises OSError where nobody answers.

    Pages work without broker, worker and beat, so only the database counts.
    """
    request = urllib.request.Request(
        f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/health/",
        headers={
            "Host": urlsplit(settings.SITE_URL).netloc,
            "X-Forwarded-Proto": "https",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310  our own address
            return answer.status == 200
    except HTTPError as error:
        return error.code == 503 and json.load(error)["database"] == "ok"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    sys.exit(0 if alive(sys.argv[1]) else 1)
