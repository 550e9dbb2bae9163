"""The link of an invitation, to act for a customer or to join the team of a service partner."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.actions import access, teams
from accounts.actions.invitations import AnyInvitation, invitation_of, is_replaced
from accounts.forms import terms_link
from accounts.forms.access import NewcomerForm
from accounts.grants import places_of
from accounts.legal import wording
from accounts.links import link_for
from accounts.models import Subject, TeamInvitation, User
from accounts.people import person_of
from accounts.presenters.access import grant_facts, state_chip, team_facts
from portal.addresses import plain
from portal.public import public
from portal.words import one_stop


@public
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What the invitation is about. Only its buttons change anything."""
    found = invitation_of(token)
    if found is None:
        return render(request, "accounts/invitation_unknown.html", status=404)
    is_open = type(found).objects.open().filter(pk=found.pk).exists()
    reader = request.user if request.user.is_authenticated else None
    is_known = reader is not None or User.objects.filter(email=found.email).exists()
    is_accepting = request.method == "POST" and is_open and request.POST.get("go") == "accept"
    form = None if is_known or not is_open else _newcomer(request, found, is_accepting)
    if request.method == "POST" and is_open:
        answered = _answer(request, found, form, is_accepting=is_accepting)
        if answered:
            return answered
    context = {
        "invitation": found,
        "is_open": is_open,
        "is_replaced": not is_open and is_replaced(found),
        "chip": state_chip(found, is_open=is_open),
        "reader": reader,
        "is_reader": reader is not None and reader.email == found.email,
        "is_known": is_known,
        "form": form,
    }
    return render(request, "accounts/invitation.html", context | _about(found))


def _about(found: AnyInvitation) -> dict[str, Any]:
    """Where the person is asked to, in words."""
    if isinstance(found, TeamInvitation):
        title = _("Invitation to the team of %(partner)s") % {"partner": found.partner}
        return {"title": title, "facts": team_facts(found)}
    title = _("Invitation to act for %(customer)s") % {"customer": found.customer}
    return {"title": title, "facts": grant_facts(found, dict(places_of(found.customer_id)))}


def _done(found: AnyInvitation) -> str:
    if isinstance(found, TeamInvitation):
        return one_stop(_("You are in the team of %(partner)s from now on.") % {"partner": found.partner})
    return _("You act for %(customer)s from now on.") % {"customer": found.customer}


def _newcomer(request: HttpRequest, found: AnyInvitation, is_accepting: bool) -> NewcomerForm:
    names = {}
    if isinstance(found, TeamInvitation):
        names = {"first_name": found.first_name, "last_name": found.last_name}
    form = NewcomerForm(request.POST if is_accepting else None, email=found.email, initial=names)
    form.fields["consent"].help_text = wording(Subject.DATA_PROCESSING)
    form.fields["terms"].help_text = terms_link()
    return form


def _answer(
    request: HttpRequest, found: AnyInvitation, form: NewcomerForm | None, *, is_accepting: bool
) -> HttpResponse | None:
    """Does what the button says; None where the form came back with errors."""
    acts: Any = teams if isinstance(found, TeamInvitation) else access
    reader = person_of(request) if request.user.is_authenticated else None
    if not is_accepting:
        acts.decline_invitation(found, by=reader)
        return redirect(request.path)
    if reader:
        acts.accept_invitation(found, by=reader)
        messages.success(request, _done(found))
        customer = None if isinstance(found, TeamInvitation) else found.customer
        return redirect(link_for(reader, customer, reverse("start")))
    if form is None:
        return redirect(f"{reverse('account_login')}?{urlencode({'next': request.path})}")
    place = form.attempt(acts.accept_as_newcomer, found, **form.facts()) if form.is_valid() else None
    return _first_sign_in(request, place.user, found) if place else None


def _first_sign_in(request: HttpRequest, person: User, found: AnyInvitation) -> HttpResponse:
    """The link has shown whose address it is, and the password was chosen a moment ago: nothing is left to ask."""
    record_authentication(request, person, method="password")
    messages.success(request, _("Your account is open. %(what)s") % {"what": _done(found)})
    return perform_login(request, Login(user=person, redirect_url=plain(reverse("start"))))
