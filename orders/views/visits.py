"""The owner and the date of the visit: on the portal, and by the signed link of an e-mail without signing in."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.links import link_for
from accounts.models import User
from accounts.people import person_of
from orders import states
from orders.actions import visits as actions
from orders.forms.visits import MoveForm, OthersForm, TimesForm, open_slots
from orders.messages import invite, read_proposal_token, visit_of
from orders.models import Order, Proposal
from orders.presenters import owner as presenters
from orders.queries import may_move
from orders.views.owner import service_page
from orders.views.parts import number_in, revision_of, service_orders, service_to_change
from portal.access import Area, find, may
from portal.public import public


@login_required
def pick(request: HttpRequest, pk: int) -> HttpResponse:
    """Agrees to one of the proposed times."""
    found = service_to_change(request, pk)
    if request.method != "POST":
        return redirect("order", pk)
    proposal = get_object_or_404(found.proposals, by_owner=False, pk=number_in(request.POST, "proposal"))
    form = TimesForm(request.POST, proposal=proposal)
    if not form.is_valid():
        return redirect("order", pk) if proposal.outcome else service_page(request, found, times=form)
    actions.pick(found, proposal=proposal, slot=form.cleaned_data["slot"], by=person_of(request))
    messages.success(request, _("The visit is agreed. You get an e-mail with the date for your calendar."))
    return redirect("order", pk)


@login_required
def others(request: HttpRequest, pk: int) -> HttpResponse:
    """None of the times suits, or the agreed one does not any more."""
    found = service_to_change(request, pk)
    if request.method != "POST" and not states.allowed("ask_others", found.state, {states.OWNER}):
        return redirect("order", pk)
    proposal = found.proposals.filter(outcome="", by_owner=False).first()
    form = OthersForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        shown = found.proposals.filter(pk=number_in(request.POST, "proposal")).first()
        facts = {"by": person_of(request), "words": form.cleaned_data["words"], "proposal": shown}
        if shown is None:
            facts["revision"] = revision_of(request)
        if form.attempt(actions.ask_others, found, **facts):
            messages.success(request, _("The service partner is asked for other times."))
            return redirect("order", pk)
    context = {
        "order": found,
        "form": form,
        "proposal": proposal,
        "visit": presenters.visit_of(found),
        "may_move": may_move(found),
    }
    return render(request, "orders/others.html", context)


@login_required
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """The agreed time does not suit any more, and the owner proposes others."""
    found = service_to_change(request, pk)
    if request.method != "POST" and not may_move(found):
        return redirect("order", pk)
    form = MoveForm(request.POST or None, order=found)
    facts = {"by": person_of(request), "revision": revision_of(request)}
    if form.is_valid() and form.attempt(actions.propose_move, found, **facts, **form.values()):
        messages.success(request, _("%(partner)s is asked to move the visit.") % {"partner": found.service.partner})
        for note in form.notes():
            messages.warning(request, note)
        return redirect("order", pk)
    context = {
        "order": found,
        "form": form,
        "visit": presenters.visit_of(found),
        "revision": revision_of(request) or found.revision,
    }
    return render(request, "orders/move.html", context)


@login_required
def calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The agreed visit as a file for the reader's calendar."""
    return calendar_file(find(service_orders(), request.user, pk=pk), person_of(request))


def calendar_file(order: Order, person: User) -> HttpResponse:
    visit = visit_of(order)
    if visit is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="visit-{order.pk}.ics"'}
    return HttpResponse(invite(order, visit, person), content_type="text/calendar", headers=headers)


@public
@never_cache
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The proposed times, for whoever holds the link of an e-mail. Only its buttons change anything."""
    named = person_and_proposal(token)
    if named is None:
        return render(request, "orders/link_over.html", status=404)
    person, proposal = named
    with translation.override(person.language):
        return answer_by_link(request, person, proposal)


@public
@never_cache
@require_safe
def calendar_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The agreed visit for the calendar of whoever holds the link of an e-mail."""
    named = person_and_proposal(token)
    if named is None:
        return render(request, "orders/link_over.html", status=404)
    person, proposal = named
    return calendar_file(proposal.order, person)


def person_and_proposal(token: str) -> tuple[User, Proposal] | None:
    """Whom and what a link names; None where it is forged or old, or the person may no longer answer."""
    try:
        proposal_pk, person_pk = read_proposal_token(token)
    except signing.BadSignature:
        return None
    proposal = (
        Proposal.objects.filter(pk=proposal_pk)
        .select_related("order__service__partner", "order__service_kind", "order__device__site", "order__customer")
        .first()
    )
    person = User.objects.filter(pk=person_pk, is_active=True).first()
    if person is None or proposal is None:
        return None
    order = proposal.order
    may_answer = may(person, Area.TECHNICAL, change=True, customer=order.customer_id, site=order.device.site_id)
    return (person, proposal) if may_answer else None


def answer_by_link(request: HttpRequest, person: User, proposal: Proposal) -> HttpResponse:
    order, go = proposal.order, request.POST.get("go") if request.method == "POST" else None
    times = TimesForm(request.POST if go == "pick" else None, proposal=proposal)
    words = OthersForm(request.POST if go == "others" else None)
    if times.is_valid():
        done = times.attempt(actions.pick, order, proposal=proposal, slot=times.cleaned_data["slot"], by=person)
    elif words.is_valid():
        facts = {"by": person, "words": words.cleaned_data["words"], "proposal": proposal}
        done = words.attempt(actions.ask_others, order, **facts)
    else:
        done = None
    if done:
        return redirect(request.path)
    return render(request, "orders/visit_answer.html", link_context(person, proposal, times, words))


def link_context(person: User, proposal: Proposal, times: TimesForm, words: OthersForm) -> dict[str, Any]:
    order = proposal.order
    is_open = not proposal.outcome and states.allowed("pick", order.state, {states.OWNER})
    return {
        "order": order,
        "order_url": link_for(person, order.customer, reverse("order", args=[order.pk])),
        "proposal": proposal,
        "times": times,
        "words": words,
        "is_open": is_open,
        "times_ahead": bool(open_slots(proposal)),
        "visit": presenters.visit_of(order),
        "is_this_one": proposal.picked is not None and proposal.picked == order.service.visit_starts,
    }
