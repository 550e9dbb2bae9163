"""How allauth behaves here: nobody signs up past the wizard, and its e-mails go through the outbox."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.db import transaction
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.actions import email_change, history
from accounts.legal import terms_to_answer
from accounts.models import SignIn, User
from accounts.signing_in import tries
from portal.events import record
from portal.limits import Bucket, give_back, take
from portal.outbox.queue import send
from portal.views import remember_language


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The e-mail address or the password is not right. Check both and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People register through the wizard alone."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Counts the try before the password is looked at; raises ValidationError with the time to wait."""
        email = credentials["email"]
        self.buckets: list[Bucket] = tries.of_password(request, email)
        wait = take(*self.buckets)
        if wait:
            if not request.user.is_authenticated:
                history.note_failure(request, SignIn.Outcome.TOO_MANY, email=email)
            raise ValidationError(tries.in_words(wait), code="too_many")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """A right password is not a try that counts."""
        user = super().authenticate(request, **credentials)
        if user:
            give_back(*self.buckets)
        return user

    def set_password(self, user: Any, password: str) -> None:
        """Both a change and a reset come by here. Who follows the link of a reset has shown whose address it is.

        Somebody else may have asked for another address before: after a reset it has to be asked for anew.
        """
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)
            user.set_password(password)
            # Nothing else: the person may have another address by now, or no access any more.
            user.save(update_fields=["password"])
            if not self.request.user.is_authenticated:
                email_change.stop_open(user, by=user)
            EmailAddress.objects.filter(user=user, email=user.email).update(verified=True)
            record("password.changed", by=user, about=[user])
        tries.forget(self.request, user.email)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A password was wrong. Whoever is in already and proves it again has no row in the history."""
        super().authentication_failed(request, **credentials)
        if not request.user.is_authenticated:
            history.note_failure(request, SignIn.Outcome.WRONG_PASSWORD, email=credentials.get("email", ""))

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        history.note_failure(request, SignIn.Outcome.INACTIVE, email=user.email)
        return super().respond_user_inactive(request, user)

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """`template_prefix` names what has changed about signing in, e.g. "mfa/email/totp_activated"."""
        send(
            "accounts/signing_in_changed",
            to=user.email,
            language=user.language,
            context={"name": user.first_name, "change": template_prefix.rsplit("/", 1)[-1]},
            about=[user],
        )

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """In the person's language. Terms not yet answered are asked about first, wherever the way leads."""
        response = super().post_login(request, user, **kwargs)
        remember_language(response, user.language)
        if terms_to_answer(user) is not None:
            # Not a response of its own: this one has the browser's cookie.
            response["Location"] = f"{reverse('terms-new')}?{urlencode({'next': response['Location']})}"
        return response
