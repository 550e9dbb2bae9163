"""The team of a service partner: its managers let people in and out."""

from collections import Counter
from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.actions import partners as account_acts
from accounts.models import PartnerMembership
from accounts.people import person_of
from orders.actions import team as team_acts
from orders.forms.work import NewMemberForm
from orders.models import Order
from orders.views.workplace import for_managers, managed, show
from portal.errors import Refused


@for_managers
def team(request: HttpRequest) -> HttpResponse:
    """Who is in the team, with the work in hand of each; and a form for somebody new."""
    partner = managed(request)[0].partner
    form = NewMemberForm(request.POST or None)
    facts = {"by": person_of(request), "language": get_language() or "pl"}
    if form.is_valid() and (new := form.attempt(account_acts.add_to_team, partner, **facts, **form.cleaned_data)):
        messages.success(request, _("%(person)s is in the team and has an e-mail.") % {"person": new.user})
        return redirect("work-team")
    people = partner.people.select_related("user").order_by("user__last_name", "user__first_name", "pk")
    context = {"partner": partner, "people": with_work(people), "form": form}
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
    partner = managed(request)[0].partner
    place = get_object_or_404(partner.people.select_related("user"), pk=pk)
    if request.method != "POST":
        return show(request, "member", {"place": with_work([place])[0], "roles": PartnerMembership.Role.choices})
    try:
        if request.POST.get("act") == "remove":
            team_acts.remove(place, by=person_of(request))
            done = _("%(person)s is no longer in the team.")
        else:
            account_acts.change_role(place, role=request.POST.get("role", ""), by=person_of(request))
            done = _("The role of %(person)s is changed.")
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("work-member", pk)
    messages.success(request, done % {"person": place.user})
    return redirect("work-team")
