"""Who has access to a customer, and the customers of a person."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions import access as actions
from accounts.customers import for_one_customer
from accounts.forms.access import GrantForm, InviteForm
from accounts.grants import Grant, places_of
from accounts.links import link_for
from accounts.models import Customer, Invitation, Membership
from accounts.people import person_of
from accounts.presenters.access import access_table, invitation_table
from accounts.presenters.customers import customer_facts, customer_table
from portal.access import Area, all_rights, find, may
from portal.addresses import plain
from portal.events import Event
from portal.words import one_stop

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
        "table": access_table(page, names, may_change=may_change, reader=person_of(request)),
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
            words = _("The invitation is sent.")
            if customer.invitations.filter(email=facts["email"].strip().lower()).count() > 1:
                words += " " + _("The link of the one before works no more.")
            messages.success(request, words)
            return redirect("access")
    return render(request, "accounts/invite.html", {"form": form, "customer": customer})


@login_required
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another grade, other sites or days."""
    place = find(_places(), request.user, change=True, pk=pk)
    form = GrantForm(request.POST or None, customer=place.customer, before=Grant.of(place))
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
    return _ask_to_remove(request, place)


@for_one_customer(Area.GENERAL)
def leave(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Everybody may give up the own access, whatever it is."""
    place = _places().get(customer=customer, user=person_of(request))
    if request.method == "POST":
        actions.remove_member(place, by=person_of(request))
        messages.success(request, one_stop(_("You no longer act for %(customer)s.") % {"customer": customer}))
        return redirect(plain(reverse("profile")))
    return _ask_to_remove(request, place)


def _ask_to_remove(request: HttpRequest, place: Membership) -> HttpResponse:
    context = {"place": place, "is_own": place.user_id == request.user.pk, "fault": actions.why_kept(place)}
    return render(request, "accounts/access_remove.html", context)


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
