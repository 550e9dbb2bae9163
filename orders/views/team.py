"""The team of a service partner: its managers let people in and out."""

from collections import Counter
from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.actions import teams
from accounts.models import Partner, PartnerMembership, TeamInvitation
from accounts.people import person_of
from orders.actions import team as team_acts
from orders.forms.work import NewMemberForm
from orders.models import Order
from orders.views.parts import number_in
from orders.views.workplace import for_managers, managed, places_of, show
from portal.addresses import plain
from portal.errors import Refused, post_only
from portal.words import one_stop


def team_url(partner: Partner) -> str:
    return f"{reverse('work-team')}?company={partner.pk}"


@for_managers
def team(request: HttpRequest) -> HttpResponse:
    """Who is in the team, with the work in hand of each; and a form for somebody new.

    Who manages several companies goes from one team to the next.
    """
    companies = [place.partner for place in managed(request)]
    asked = number_in(request.GET, "company")
    partner = next((one for one in companies if one.pk == asked), companies[0])
    form = NewMemberForm(request.POST or None)
    facts = {"by": person_of(request), "language": get_language() or "pl"}
    if form.is_valid() and (new := form.attempt(teams.invite, partner, **facts, **form.cleaned_data)):
        # The same for every address: nobody learns here who has an account.
        words = _("We have sent the invitation to %(email)s.") % {"email": new.email}
        if partner.invitations.filter(email=new.email).count() > 1:
            words += " " + _("The link of the one before works no more.")
        messages.success(request, words)
        return redirect(team_url(partner))
    people = partner.people.select_related("user").order_by("user__last_name", "user__first_name", "pk")
    others = [(one, team_url(one)) for one in companies if one != partner]
    invited = partner.invitations.open().order_by("last_name", "first_name", "pk")
    context = {"partner": partner, "others": others, "people": with_work(people), "invited": invited, "form": form}
    return show(request, "team", context)


def with_work(people: Iterable[PartnerMembership]) -> list[PartnerMembership]:
    """Each with `in_hand`, the number of orders that the person has to do."""
    found = list(people)
    held = Order.objects.services().open().filter(service__engineer__in=[place.user_id for place in found])
    counts = Counter(held.values_list("service__engineer", flat=True))
    for place in found:
        place.in_hand = counts[place.user_id]  # type: ignore[attr-defined]
    return found


@for_managers
def member(request: HttpRequest, pk: int) -> HttpResponse:
    """One person of the team: another role, or out of it. Asks first."""
    companies = [place.partner_id for place in managed(request)]
    people = PartnerMembership.objects.filter(partner__in=companies).select_related("user", "partner")
    place = get_object_or_404(people, pk=pk)
    if request.method != "POST":
        context = {"roles": PartnerMembership.Role.choices, "team_url": team_url(place.partner)}
        return show(request, "member", {"place": with_work([place])[0], **context})
    try:
        if request.POST.get("act") == "remove":
            team_acts.remove(place, by=person_of(request))
            done = _("%(person)s is no longer in the team.")
        else:
            teams.change_role(place, role=request.POST.get("role", ""), by=person_of(request))
            done = _("The role of %(person)s is changed.")
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("work-member", pk)
    messages.success(request, done % {"person": place.user})
    return redirect(team_url(place.partner))


@for_managers
@post_only
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an invitation to the team back."""
    companies = [place.partner_id for place in managed(request)]
    asked = get_object_or_404(TeamInvitation.objects.select_related("partner"), partner__in=companies, pk=pk)
    teams.withdraw_invitation(asked, by=person_of(request))
    messages.success(request, _("The invitation is taken back."))
    return redirect(team_url(asked.partner))


@login_required
@never_cache
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody may leave a team, also that of a company which the office has not approved. Asks first."""
    request.places = places_of(person_of(request))  # type: ignore[attr-defined]
    place = get_object_or_404(person_of(request).partner_memberships.select_related("user", "partner"), pk=pk)
    if request.method != "POST":
        return show(request, "leave", {"place": with_work([place])[0]})
    team_acts.remove(place, by=person_of(request))
    done = one_stop(_("You are no longer in the team of %(partner)s.") % {"partner": place.partner})
    messages.success(request, done)
    return redirect(plain(reverse("profile")))
