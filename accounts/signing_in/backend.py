"""Who an address and a password belong to."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class Backend(AuthenticationBackend):
    def _authenticate_by_email(self, email: str, password: str) -> Any:
        """One query, whether the address has an account or not. allauth's own takes one more where it has none."""
        return self._check_password(User.objects.filter(email=email.strip().lower()).first(), password)
