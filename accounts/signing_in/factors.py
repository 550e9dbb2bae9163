"""Second factors and passkeys: how allauth keeps and names them here, and that the office cannot do without."""

import base64
import hashlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import segno
from allauth.core import context
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.signing_in.browsers import in_words
from portal.addresses import plain

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class FactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This is not the right code. Look for the newest one, and type all of its digits."),
        "cannot_delete_authenticator": _("Whoever works in the office needs a second factor. Add another one first."),
        "cannot_generate_recovery_codes": _("Recovery codes are there once you have an app or a passkey."),
        "unverified_email": _("Confirm your e-mail address first: choose a new password by e-mail."),
    }

    def encrypt(self, text: str) -> str:
        """Whoever sees the database alone must not be able to make codes."""
        return _ciphers().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _ciphers().decrypt(encrypted_text).decode()

    def build_totp_svg(self, url: str) -> str:
        """On white ground, so that cameras read it in dark mode too."""
        drawing = BytesIO()
        segno.make(url, error="m").save(drawing, kind="svg", scale=5, border=3, light="white", xmldecl=False)
        return drawing.getvalue().decode()

    def generate_authenticator_name(self, user: Any, type: str) -> str:
        """By the browser in which it is made, such as "Safari on iPhone"; the person may change it."""
        return in_words(context.request.headers.get("User-Agent", ""))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not (is_required(authenticator.user) and factors_of(authenticator.user).count() < 2)

    def _get_site_name(self) -> str:
        return settings.BRAND["name"]


def _ciphers() -> MultiFernet:
    """Keys made from the secret keys, the present one first: an older one still decrypts."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"accounts.factors:" + force_bytes(key)).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def factors_of(user: User) -> Any:
    """Authenticator apps and passkeys; recovery codes alone are none."""
    return Authenticator.objects.filter(user=user, type__in=FACTORS)


def is_required(user: User) -> bool:
    return settings.STAFF_FACTOR_REQUIRED and user.is_staff


class StaffFactorMiddleware:
    """Leads members of staff without a second factor to the page where they get one, wherever they want to go.

    And whoever has to confirm once more, to the empty form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if getattr(view, "public", False) or not settings.STAFF_FACTOR_REQUIRED:
            return None
        user: Any = request.user
        # Who sees the portal as a customer does is a member of staff all the same.
        if not user.is_authenticated or not (user.is_staff or user.support_view) or is_about_signing_in(request):
            return None
        return None if factors_of(user).exists() else redirect(plain(reverse("mfa_index")))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A form that came too late after confirming is typed anew.

        allauth would keep it in the session, where a password does not belong, and not find "/c/K-000123/email/" again.
        """
        is_late = isinstance(exception, ReauthenticationRequired) and request.user.is_authenticated
        return redirect(request.get_full_path()) if is_late and request.method == "POST" else None


def is_about_signing_in(request: HttpRequest) -> bool:
    match = request.resolver_match
    return bool(match and match.url_name and match.url_name.startswith(("account_", "mfa_")))
