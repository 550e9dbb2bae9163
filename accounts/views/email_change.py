"""A new address for signing in."""

from collections.abc import Callable

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.actions import email_change as actions
from accounts.forms.own import EmailChangeForm
from accounts.models import EmailChange
from accounts.people import person_of
from portal.errors import post_only
from portal.public import public


@login_required
@reauthentication_required
def change_email(request: HttpRequest) -> HttpResponse:
    """Asks for the new address, or tells how far the change has come."""
    person = person_of(request)
    form = EmailChangeForm(request.POST or None)
    if form.is_valid() and form.attempt(actions.ask, person, new=form.cleaned_data["new"], by=person):
        return redirect("email-change")
    context = {"form": form, "change": person.email_changes.open().first()}  # type: ignore[attr-defined]
    return render(request, "accounts/email_change.html", context)


@login_required
@post_only
def take_back(request: HttpRequest) -> HttpResponse:
    """The person no longer wants the change. Whatever is open stops; a second press finds nothing."""
    for change in person_of(request).email_changes.open():  # type: ignore[attr-defined]
        actions.stop(change)
    messages.success(request, _("Your e-mail address stays as it is."))
    return redirect("email-change")


@public
@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link sent to the new address."""
    return _by_link(request, actions.read_token(token, actions.CONFIRM), actions.confirm, "email_confirm")


@public
@never_cache
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """The link sent to the old address."""
    return _by_link(request, actions.read_token(token, actions.STOP), actions.stop, "email_stop")


def _by_link(
    request: HttpRequest, change: EmailChange | None, act: Callable[[EmailChange], None], template: str
) -> HttpResponse:
    """A page with a button, in the person's language; once it is pressed, or too late, the page tells the state."""
    if change is None:
        return render(request, "accounts/link_over.html", status=404)
    with translation.override(change.user.language):
        if request.method == "POST":
            act(change)
            return redirect(request.path)
        is_taken = template == "email_confirm" and actions.is_taken(change)
        return render(request, f"accounts/{template}.html", {"change": change, "is_taken": is_taken})
