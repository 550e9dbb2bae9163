"""What the history takes over from Django's and allauth's signals; connected in `AccountsConfig.ready`."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse

from accounts.actions import history
from accounts.actions.support_view import end_views_of
from accounts.models import SignIn, User
from portal.events import record

ADDED = {Authenticator.Type.TOTP: "factor.app_added", Authenticator.Type.WEBAUTHN: "factor.passkey_added"}
REMOVED = {Authenticator.Type.TOTP: "factor.app_removed", Authenticator.Type.WEBAUTHN: "factor.passkey_removed"}


def signed_in(request: HttpRequest, user: User, response: HttpResponse, **_more: Any) -> None:
    history.note_good(request, user, response)


def signed_out(user: User | None, **_more: Any) -> None:
    if user is not None:
        end_views_of(user)


def wrong_code(
    request: HttpRequest, user: User, authenticator: Authenticator, reauthentication: bool, **_more: Any
) -> None:
    """At signing in. Whoever is in already and proves it again has no row of its own."""
    if not reauthentication:
        history.note_failure(request, SignIn.Outcome.WRONG_CODE, email=user.email, factor=authenticator.type)


def factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_more: Any) -> None:
    """Notes by which sign-in a factor or recovery codes came, so that “This was not me” takes back the right ones.

    Recovery codes that come along with the first factor are told of like those that are made anew.
    """
    came_by = {"factor": authenticator.pk, "sign_in": request.session.get("sign_in")}
    _record(ADDED.get(authenticator.type, "recovery.made"), user, authenticator, **came_by)


def factor_removed(user: User, authenticator: Authenticator, **_more: Any) -> None:
    # Recovery codes go by themselves, with the last factor.
    if authenticator.type in REMOVED:
        _record(REMOVED[authenticator.type], user, authenticator)


def _record(verb: str, user: User, authenticator: Authenticator, **data: int | None) -> None:
    is_passkey = authenticator.type == Authenticator.Type.WEBAUTHN
    record(verb, by=user, about=[user], data=data | ({"name": str(authenticator)} if is_passkey else {}))
