"""Which customer a page is about: it stands in the address, so two tabs can show two customers."""

import re
import time
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import get_script_prefix, set_script_prefix
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import Membership
from portal.access import all_rights, rights_of

# "/c/K-000123/devices/" is "/devices/" for that customer alone.
CHOSEN = re.compile(r"^/c/(K-\d{6,9})(/.*)$")
# When somebody has to sign in again, however busy: the office each working day, everybody else once a month. A session
# that nobody uses ends after SESSION_COOKIE_AGE, two weeks, or in the office after two hours.
LASTS, LASTS_IN_OFFICE = 30 * 24 * 3600, 12 * 3600
IDLE_IN_OFFICE = 2 * 3600
# How often a session notes that it is in use: not with every page, since noting is a write.
NOTED_EVERY = 15 * 60


class CustomerMiddleware:
    """Takes the customer out of the address, and sees to it that every link of the page leads to the same customer.

    Without one, pages show what belongs to all of the person's customers. A customer that the person has no right to
    does not exist. The person's rights are read once and kept for as long as the request lasts.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: marked(person_in(request)))  # type: ignore[assignment]
        found = CHOSEN.match(request.path_info)
        request.customer_number = found[1] if found else ""  # type: ignore[attr-defined]
        before = get_script_prefix()
        if found:
            set_script_prefix(f"/c/{found[1]}/")
            request.path_info = found[2]
        try:
            response = self.get_response(request)
            note_use(request)
            return response
        finally:
            set_script_prefix(before)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        number = request.customer_number  # type: ignore[attr-defined]
        if not number or not request.user.is_authenticated:
            # Nobody has a customer yet: the way to the sign-in page and its links are the same for everybody.
            set_script_prefix("/")
            return
        right = next((right for right in all_rights(request.user) if right.number == number), None)
        if right is None:
            set_script_prefix("/")
            raise Http404
        request.user.acts_for = right.customer  # type: ignore[union-attr, attr-defined]


def person_in(request: HttpRequest) -> Any:
    """Who has signed in with this session, unless that was too long ago."""
    user = get_user(request)
    if not user.is_authenticated:
        return user
    if not is_over(request.session, in_office=user.is_staff):
        return user
    request.session.flush()
    request._cached_user = AnonymousUser()  # type: ignore[attr-defined]
    return request._cached_user  # type: ignore[attr-defined]


def is_over(session: Any, *, in_office: bool) -> bool:
    now = time.time()
    if now - session.get("since", now) > (LASTS_IN_OFFICE if in_office else LASTS):
        return True
    return in_office and now - max(session.get("used", {}).values(), default=now) > IDLE_IN_OFFICE + NOTED_EVERY


def marked(user: Any) -> Any:
    """The person of this request, who keeps the rights that were read (see `portal.access.all_rights`)."""
    user.known_rights = None
    return user


def note_use(request: HttpRequest) -> None:
    """Notes, at most once in a quarter of an hour, that a session and the grants behind it were used."""
    user = getattr(request, "_cached_user", None)
    # Whoever has just signed out is still there in the cache.
    if user is None or not request.user.is_authenticated or not hasattr(request, "session"):
        return
    used, now = request.session.get("used", {}), int(time.time())
    if now - used.get(request.customer_number, 0) < NOTED_EVERY:  # type: ignore[attr-defined]
        return
    # Only what still counts is kept: anybody may put any number into the address.
    used = {number: at for number, at in used.items() if now - at < NOTED_EVERY}
    request.session["used"] = used | {request.customer_number: now}  # type: ignore[attr-defined]
    # Begun before this was noted: it ends in time too.
    request.session.setdefault("since", now)
    if not UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=timezone.now()):
        # Begun before sessions were listed, or past allauth.
        UserSession.objects.create_from_request(request)
    note_grants(user)


def note_sign_in(request: HttpRequest, user: Any, **_more: Any) -> None:
    """Receiver of Django's `user_logged_in`: a session is in use from its first moment."""
    request.session["since"] = int(time.time())
    request.session["used"] = {"": int(time.time())}
    note_grants(user)


def note_grants(user: Any) -> None:
    """Notes when the grant was used by which somebody sees the customer that the address names, or the only one.

    A page about several customers says nothing about any of them.
    """
    rights = rights_of(user)
    if len(rights) == 1:
        Membership.objects.filter(user=user, customer=rights[0].customer).update(last_used_at=timezone.now())
