"""How allauth behaves here: nobody signs up past the wizard, and its e-mails go through the outbox."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import get_language

from portal.events import record
from portal.outbox.queue import send


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People register through the wizard alone."""
        return False

    def set_password(self, user: Any, password: str) -> None:
        """Both a change and a reset come by here. Who follows the link of a reset has shown whose address it is."""
        with transaction.atomic():
            super().set_password(user, password)
            EmailAddress.objects.filter(user=user, email=user.email).update(verified=True)
            record("password.changed", by=user, about=[user])

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """`template_prefix` is allauth's, e.g. "account/email/password_reset_key"."""
        user = get_user_model().objects.filter(email__iexact=email).first()
        links: dict[str, Any] = {
            name: str(context[name]) for name in ("password_reset_url", "signup_url") if name in context
        }
        send(
            "accounts/" + template_prefix.rsplit("/", 1)[-1],
            to=email,
            language=user.language if user else get_language() or "pl",
            context={"name": user.first_name if user else "", **links},
            secret=True,
        )
