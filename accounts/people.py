"""Who is asking."""

from typing import cast

from django.http import HttpRequest

from accounts.models import User


def person_of(request: HttpRequest) -> User:
    """The person who is signed in. For views that nobody else reaches (`login_required`, the back office)."""
    return cast(User, request.user)
