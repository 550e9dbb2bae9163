"""Who has access to a customer; invitations; and the customers of a person."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.actions import access as actions
from accounts.customers import for_one_customer
from accounts.forms.access import GrantForm, InviteForm, NewcomerForm
from accounts.grants import Grant, places_of
from accounts.legal import wording
from accounts.links import link_for
from accounts.models import Customer, Invitation, Membership, Subject, User
from accounts.people import person_of
from accounts.presenters.access import access_table, grant_facts, invitation_table, state_chip
from accounts.presenters.customers import customer_facts, customer_table
from portal.access import Area, all_rights, find, may
from portal.addresses import plain
from portal.events import Event
from portal.public import public

PAGE = 50
HISTORY_SHOWN = 30


# Who has access


@for_one_customer(Area.ACCOUNT)
def access(request: HttpRequest, customer: Customer) -> HttpResponse:
    """The people who act for a customer, open invitations, and what changed."""
    places = customer.memberships.select_related("user", "granted_by").order_by("created_at", "pk")
    page = Paginator(places, PAGE).get_page(request.GET.get("page"))
    names = dict(places_of(customer.pk))
    may_change = may(request.user, Area.ACCOUNT, change=True, customer=customer.pk)
    invitations = customer.invitations.open().select_related("invited_by").order_by("-created_at")
    context = {
        "customer": customer,
        "may_change": may_change,
        "page": page,
        "table": access_table(page, names, may_change=may_change),
        "invitations": invitation_table(invitations, names, may_change=may_change) if invitations else None,
        "events": Event.objects.about(customer).filter(verb__startswith="access.")[:HISTORY_SHOWN],
    }
    return render(request, "accounts/access.html", context)


@for_one_customer(Area.ACCOUNT, change=True)
def invite(request: HttpRequest, customer: Customer) -> HttpResponse:
    form = InviteForm(request.POST or None, customer=customer)
    if request.method == "POST" and form.is_valid():
        facts = {"email": form.cleaned_data["email"], "language": form.cleaned_data["language"]}
        if form.attempt(actions.invite, customer, grant=form.grant(), by=person_of(request), **facts):
            messages.success(request, _("The invitation is sent."))
            return redirect("access")
    return render(request, "accounts/invite.html", {"form": form, "customer": customer})


@login_required
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another grade, other sites or days."""
    place = find(_places(), request.user, change=True, pk=pk)
    form = GrantForm(request.POST or None, customer=place.customer, initial=Grant.of(place).fields)
    is_right, act = request.method == "POST" and form.is_valid(), actions.change_grant
    is_own = place.user_id == request.user.pk
    if is_right and form.attempt(act, place, grant=form.grant(), by=person_of(request)):
        messages.success(request, _("The access is changed."))
        return redirect(_after(request, place.customer))
    return render(request, "accounts/access_change.html", {"form": form, "place": place, "is_own": is_own})


@login_required
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first, then takes the access away."""
    place = find(_places(), request.user, change=True, pk=pk)
    if request.method == "POST":
        actions.remove_member(place, by=person_of(request))
        messages.success(request, _("%(person)s has no access any more.") % {"person": place.user})
        return redirect(_after(request, place.customer))
    return render(request, "accounts/access_remove.html", {"place": place, "is_own": place.user_id == request.user.pk})


@for_one_customer(Area.GENERAL)
def leave(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Everybody may give up the own access, whatever it is."""
    place = _places().get(customer=customer, user=person_of(request))
    if request.method == "POST":
        actions.remove_member(place, by=person_of(request))
        messages.success(request, _("You no longer act for %(customer)s.") % {"customer": customer})
        return redirect(plain(reverse("profile")))
    return render(request, "accounts/access_remove.html", {"place": place, "is_own": True})


@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first, then takes an invitation back."""
    invitation = find(Invitation.objects.select_related("customer"), request.user, change=True, pk=pk)
    if request.method == "POST":
        actions.withdraw_invitation(invitation, by=person_of(request))
        messages.success(request, _("The invitation is taken back."))
        return redirect(_after(request, invitation.customer))
    return render(request, "accounts/invitation_withdraw.html", {"invitation": invitation})


def _places() -> Any:
    return Membership.objects.select_related("customer", "user", "granted_by")


def _after(request: HttpRequest, customer: Customer) -> str:
    """Back to the list; who has just given up the right to see it goes to the own page."""
    person = person_of(request)
    # The rights of this request were read before the change.
    is_in = customer.people(Area.ACCOUNT).filter(pk=person.pk).exists()
    return link_for(person, customer, reverse("access")) if is_in else plain(reverse("profile"))


# The link of an invitation


@public
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What the invitation is about. Only its buttons change anything."""
    found = actions.invitation_of(token)
    if found is None:
        return render(request, "accounts/invitation_unknown.html", status=404)
    is_open = Invitation.objects.open().filter(pk=found.pk).exists()
    reader = request.user if request.user.is_authenticated else None
    is_known = reader is not None or User.objects.agreed().filter(email=found.email).exists()
    is_accepting = request.method == "POST" and is_open and request.POST.get("go") == "accept"
    form = None if is_known or not is_open else _newcomer(request, found, is_accepting)
    if request.method == "POST" and is_open:
        answered = _answer(request, found, form, is_accepting=is_accepting)
        if answered:
            return answered
    context = {
        "invitation": found,
        "is_open": is_open,
        "chip": state_chip(found, is_open=is_open),
        "facts": grant_facts(found, dict(places_of(found.customer_id))),
        "reader": reader,
        "is_reader": reader is not None and reader.email == found.email,
        "is_known": is_known,
        "form": form,
    }
    return render(request, "accounts/invitation.html", context)


def _newcomer(request: HttpRequest, found: Invitation, is_accepting: bool) -> NewcomerForm:
    form = NewcomerForm(request.POST if is_accepting else None, email=found.email)
    form.fields["consent"].help_text = wording(Subject.DATA_PROCESSING)
    return form


def _answer(
    request: HttpRequest, found: Invitation, form: NewcomerForm | None, *, is_accepting: bool
) -> HttpResponse | None:
    """Does what the button says; None where the form came back with errors."""
    reader = person_of(request) if request.user.is_authenticated else None
    if not is_accepting:
        actions.decline_invitation(found, by=reader)
        return redirect(request.path)
    if reader:
        actions.accept_invitation(found, by=reader)
        messages.success(request, _("You act for %(customer)s from now on.") % {"customer": found.customer})
        return redirect(link_for(reader, found.customer, reverse("start")))
    if form is None:
        return redirect(f"{reverse('account_login')}?{urlencode({'next': request.path})}")
    place = form.attempt(actions.accept_as_newcomer, found, **form.facts()) if form.is_valid() else None
    return _first_sign_in(request, place) if place else None


def _first_sign_in(request: HttpRequest, place: Membership) -> HttpResponse:
    """The link has shown whose address it is, and the password was chosen a moment ago: nothing is left to ask."""
    record_authentication(request, place.user, method="password")
    messages.success(
        request, _("Your account is open. You act for %(customer)s from now on.") % {"customer": place.customer}
    )
    return perform_login(request, Login(user=place.user, redirect_url=plain(reverse("start"))))


# The customers of a person


@login_required
def customers(request: HttpRequest) -> HttpResponse:
    """All customers that the person acts for, to choose one; `to` is the page that is wanted then."""
    words = request.GET.get("q", "").replace("\0", "").strip()
    to = request.GET.get("to", "")
    rights = [right for right in all_rights(request.user) if _matches(right, words)]
    page = Paginator(rights, PAGE).get_page(request.GET.get("page"))
    everybody = plain(reverse("start"))
    wanted = to if to.startswith("/") else everybody
    context = {
        "page": page,
        "table": customer_table(page, to=wanted),
        "words": words,
        "to": to,
        "here": plain(reverse("customers")),
        "everybody": everybody,
        "has_many": len(all_rights(request.user)) > PAGE or words,
    }
    return render(request, "accounts/customers.html", context)


def _matches(right: Any, words: str) -> bool:
    """By name and number, whatever the order of the words."""
    text = f"{right.name} {right.number}".casefold()
    return all(word in text for word in words.casefold().split())


@for_one_customer(Area.ACCOUNT)
def customer(request: HttpRequest, customer: Customer) -> HttpResponse:
    """The customer's own record, which is changed by a request."""
    context = {
        "customer": customer,
        "facts": customer_facts(customer),
        "may_change": may(request.user, Area.ACCOUNT, change=True),
    }
    return render(request, "accounts/customer.html", context)
