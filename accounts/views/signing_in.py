"""How a person gets in: password, authenticator app, passkeys, recovery codes. allauth does the work."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.password_change import finalize_password_change
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import DownloadRecoveryCodesView
from allauth.mfa.totp.views import DeactivateTOTPView
from allauth.mfa.webauthn.internal import flows
from allauth.mfa.webauthn.views import (
    EditWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET

from accounts.forms.signing_in import NewPasswordForm
from accounts.models import User
from accounts.people import person_of
from accounts.signing_in import factors


@login_required
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What the person can sign in with, and what could be added."""
    person = person_of(request)
    kinds: dict[str, list[Authenticator]] = {}
    for row in Authenticator.objects.filter(user=person).order_by("created_at", "pk"):
        kinds.setdefault(row.type, []).append(row)
    codes = kinds.get(Authenticator.Type.RECOVERY_CODES)
    context = {
        "passkeys": kinds.get(Authenticator.Type.WEBAUTHN, []),
        "app": (kinds.get(Authenticator.Type.TOTP) or [None])[0],
        "has_codes": bool(codes),
        "codes_left": len(codes[0].wrap().get_unused_codes()) if codes else 0,
        "is_required": factors.is_required(person),
    }
    return render(request, "mfa/index.html", context)


@login_required
@reauthentication_required
@sensitive_post_parameters("password1", "password2")
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password for whoever has just shown the old one, or a factor."""
    person = person_of(request)
    form = NewPasswordForm(data=request.POST or None, user=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        finalize_password_change(request, person)
        return redirect("mfa_index")
    return render(request, "account/password_change.html", {"form": form})


class SignInByPasskey(LoginWebAuthnView):
    """The passkey alone; the person gets to the page that was asked for."""

    def form_valid(self, form: Any) -> HttpResponse:
        passkey = form.cleaned_data["credential"]
        login = Login(user=passkey.user, redirect_url=get_next_redirect_url(self.request))
        return flows.perform_passwordless_login(self.request, passkey, login)

    def form_invalid(self, form: Any) -> HttpResponse:
        return refuse(self.request, reverse("account_login"))


class ConfirmByPasskey(ReauthenticateWebAuthnView):
    """The passkey once more, before something that matters is changed."""

    def form_invalid(self, form: Any) -> HttpResponse:
        return refuse(self.request, self.request.get_full_path())


def refuse(request: HttpRequest, back_to: str) -> HttpResponse:
    """Says at the place where it was tried that the browser's answer was not accepted."""
    messages.error(request, _("The passkey was not accepted. Try again, or choose another way."))
    return HttpResponseRedirect(back_to)


def one_at_a_time(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Two removals of the same person wait for each other: each counts what the other has left."""

    @login_required
    @transaction.atomic
    @wraps(view)
    def locked(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        User.objects.select_for_update().get(pk=person_of(request).pk)
        return view(request, **kwargs)

    return locked


class DownloadCodes(DownloadRecoveryCodesView):
    def render_to_response(self, context: dict[str, Any], **response_kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **response_kwargs)
        name = "-".join((*_("recovery codes").split(), settings.BRAND["name"]))
        response["Content-Disposition"] = content_disposition_header(True, f"{name}.txt".lower())
        return response


class RemovePasskey(RemoveWebAuthnView):
    """Members of staff keep one factor."""

    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        adapter = factors.FactorAdapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
            return redirect("mfa_index")
        return super().form_valid(form)


download_codes = DownloadCodes.as_view()
sign_in_by_passkey = SignInByPasskey.as_view()
confirm_by_passkey = ConfirmByPasskey.as_view()
rename_passkey = EditWebAuthnView.as_view(success_url=reverse_lazy("mfa_index"))
remove_passkey = one_at_a_time(RemovePasskey.as_view())
remove_app = one_at_a_time(DeactivateTOTPView.as_view())
