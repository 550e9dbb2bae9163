"""Who is asking, and how to reach people."""

from typing import Any, cast

from django.http import HttpRequest
from phonenumbers import number_type

from accounts.models import User
from portal.outbox.channels.sms import MOBILE


def person_of(request: HttpRequest) -> User:
    """The person who is signed in. For views that nobody else reaches (`login_required`, the back office)."""
    return cast(User, request.user)


def takes_sms(number: Any) -> bool:
    """Whether a parsed number belongs to a mobile phone, as far as its digits tell."""
    return bool(number) and number_type(number) in MOBILE
