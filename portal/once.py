"""One opening of a form acts once, however often it is sent."""

import uuid

from django.http import HttpRequest


def once_key(request: HttpRequest) -> str:
    """The key that came with the form; a new one where there is none, or none that we can have made."""
    try:
        return str(uuid.UUID(request.POST["once"]))
    except (KeyError, ValueError):
        return str(uuid.uuid4())
