"""Input about getting in: passwords, codes and passkeys. What allauth checks, with our words and our limits."""

from collections.abc import Callable
from typing import Any

from allauth.account.forms import (
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.actions import history
from accounts.actions.passwords import begin_reset
from accounts.forms import name_the_missing
from accounts.models import SignIn
from accounts.signing_in import tries
from portal.limits import give_back


def prepare(form: forms.Form, **labels: Any) -> None:
    """Our labels, and no placeholder that repeats them."""
    for name, field in form.fields.items():
        field.label = labels.get(name, field.label)
        field.widget.attrs.pop("placeholder", None)
    name_the_missing(form.fields)


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        prepare(self, login=_("E-mail address"), password=_("Password"))


class ResetForm(ResetPasswordForm):
    """Where the link to a new password goes. It looks for nobody: that is done when the message is written."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        prepare(self, email=_("E-mail address"))

    def clean_email(self) -> str:
        tries.count(*tries.of_reset(context.request, self.cleaned_data["email"]))
        return self.cleaned_data["email"]

    def save(self, request: Any, **kwargs: Any) -> str:
        begin_reset(self.cleaned_data["email"], language=get_language() or "pl")
        return self.cleaned_data["email"]


class NewPasswordForm(SetPasswordForm):
    """A new password, twice, of somebody who has just shown the old one or a factor."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        prepare_password(self)


class ChosenPasswordForm(ResetPasswordKeyForm):
    """A new password, twice, of somebody who came by the link of an e-mail."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        prepare_password(self)


class ConfirmByPasswordForm(ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        prepare(self, password=_("Your password"))


class CodeForm(AuthenticateForm):
    """The code of the app, or a recovery code, after the password."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        prepare_code(self, _("Six digits from your authenticator app, or one of your recovery codes."))

    def clean_code(self) -> str:
        try:
            return counted(self.user, super().clean_code)
        except ValidationError as error:
            if error.code == "too_many":
                history.note_failure(context.request, SignIn.Outcome.TOO_MANY, email=self.user.email)
            raise


class ConfirmByCodeForm(ReauthenticateByCodeForm):
    """The same for somebody who is signed in and confirms something."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        prepare_code(self, _("Six digits from your authenticator app, or one of your recovery codes."))

    def clean_code(self) -> str:
        return counted(self.user, super().clean_code)


class AppForm(ActivateTOTPForm):
    """The first code of an authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        prepare_code(self, _("Six digits. The app shows new ones every 30 seconds."))


class PasskeyForm(AddWebAuthnForm):
    """What the browser says about a new passkey. Each can be used to sign in without an address and a password."""

    name = forms.CharField(
        label=_("Name of the passkey"),
        help_text=_("For you, to tell your passkeys apart."),
        max_length=60,
        required=False,
    )
    passwordless = None

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        return read_credential(super().clean)


class RenameForm(EditWebAuthnForm):
    name = forms.CharField(label=_("Name of the passkey"), max_length=60)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        name_the_missing(self.fields)


def prepare_password(form: forms.Form) -> None:
    prepare(form, password1=_("New password"), password2=_("The new password again"))
    form.fields["password1"].help_text = _("At least 12 characters. Several words that you can remember are fine.")


def prepare_code(form: forms.Form, hint: Any) -> None:
    prepare(form, code=_("Code"))
    form.fields["code"].help_text = hint
    form.fields["code"].widget.attrs |= {"inputmode": "numeric", "spellcheck": "false"}


class SignInByPasskeyForm(LoginWebAuthnForm):
    def clean_credential(self) -> Any:
        return read_credential(super().clean_credential)


class ByPasskeyForm(AuthenticateWebAuthnForm):
    def clean_credential(self) -> Any:
        return read_credential(super().clean_credential)


class ConfirmByPasskeyForm(ReauthenticateWebAuthnForm):
    def clean_credential(self) -> Any:
        return read_credential(super().clean_credential)


def read_credential(read: Callable[[], Any]) -> Any:
    """What no browser sends is a wrong answer, and no fault of ours: allauth's reader falls over some of it."""
    try:
        return read()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise get_adapter().validation_error("incorrect_code") from error


def counted(user: Any, check: Any) -> str:
    """Checks a code as one try. A right one does not count, and is never right again."""
    buckets = tries.of_code(context.request, user)
    tries.count(*buckets)
    code = check()
    # "123 456" is the same code.
    spelt = normalize_user_code(code)
    # allauth forgets used codes after 30 seconds; with the tolerance for clocks they would be right for 90.
    if not cache.add(f"code-used:{user.pk}:{tries.digest(spelt)}", True, 5 * 60):
        raise get_adapter().validation_error("incorrect_code")
    give_back(*buckets)
    return code
