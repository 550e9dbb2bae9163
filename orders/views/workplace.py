"""What every page of the service partner's place begins with: who is asking, and which orders are with them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts.models import Partner, PartnerMembership, User
from accounts.people import person_of
from orders import states
from orders.actions import steps
from orders.forms.work import ActForm
from orders.models import Order, Protocol
from orders.presenters import work as words
from orders.views.owner import revision_of
from portal.errors import Refused
from portal.events import Event

View = Callable[..., HttpResponse]


class Gone(Exception):
    """Somebody opens a page of an order that was with them once."""

    def __init__(self, order: Order):
        self.order = order


def places_of(person: User) -> list[PartnerMembership]:
    """Where somebody works: places at approved partners, those with a say first. Asked once for the whole page."""
    places = Prefetch("partner_memberships", PartnerMembership.objects.select_related("partner"))
    prefetch_related_objects([person], places)
    found = [place for place in person.partner_memberships.all() if place.partner.decision == Partner.Decision.APPROVED]
    return sorted(found, key=lambda place: (not place.is_manager, place.pk))


def for_partners(view: View) -> View:
    """Only for people of an approved service partner; for anybody else the page does not exist."""

    @login_required
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.places = places_of(person_of(request))  # type: ignore[attr-defined]
        if not request.places:  # type: ignore[attr-defined]
            raise Http404
        try:
            return view(request, *args, **kwargs)
        except Gone as gone:
            return instead(request, gone.order)

    return guarded


def managed(request: HttpRequest) -> list[PartnerMembership]:
    """The places at which the person is a manager."""
    return [place for place in request.places if place.is_manager]  # type: ignore[attr-defined]


def for_managers(view: View) -> View:
    """Only for those who manage a partner; an engineer is told so (403)."""

    @for_partners
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not managed(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def show(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page with the bar of the partner's place."""
    person = person_of(request)
    offers = Order.objects.of_partner(person).filter(state=states.OFFERED).count() if managed(request) else 0
    bar = words.bar(context.get("list_url") or request.path, offers=offers, is_manager=bool(managed(request)))
    return render(request, f"orders/work/{template}.html", context | {"bar": bar}, status=status)


def in_hand(request: HttpRequest, pk: int) -> Order:
    """An order that is with the person now. One that was theirs leads elsewhere, any other one is not found.

    Whoever sends a form about an order that was with the company until a moment ago is told so.
    """
    found = Order.objects.of_partner(person_of(request)).for_work().filter(pk=pk).first()
    if found is None and request.method == "POST":
        raise Refused(words.gone_sentence(former(request, pk)))
    if found is None:
        raise Gone(former(request, pk))
    return found


def instead(request: HttpRequest, order: Order) -> HttpResponse:
    """For a page that an order of the person does not have any more: its protocol, itself, or what became of it."""
    person = person_of(request)
    protocol = Protocol.objects.of_partner(person).closed().filter(order=order).order_by("version").last()
    if request.method == "POST":
        messages.error(request, words.gone_sentence(order))
    if protocol:
        return redirect("work-paper", protocol.pk)
    if Order.objects.of_partner(person).filter(pk=order.pk).exists():
        return redirect("work-order", order.pk)
    works = [place.partner_id for place in request.places]  # type: ignore[attr-defined]
    offer = order.offers.filter(partner__in=works).last()
    return show(request, "gone", {"order": order, "why": words.gone_why(order, offer)}, status=410)


def former(request: HttpRequest, pk: int) -> Order:
    """An order that was with the person once: offered to a company that they manage, or handed to them. Else 404."""
    person = person_of(request)
    manages = [place.partner_id for place in managed(request)]
    works = [place.partner_id for place in request.places]  # type: ignore[attr-defined]
    found = get_object_or_404(Order.objects.filter(offers__partner__in=works).distinct(), pk=pk)
    handed = Event.objects.about(found).filter(verb="service.hand_over", data__engineer=str(person))
    if not (found.offers.filter(partner__in=manages).exists() or handed.exists()):
        raise Http404
    return found


def may(request: HttpRequest, order: Order, act: str) -> bool:
    return states.allowed(act, order.state, steps.roles_of(order, person_of(request)))


def manager_only(request: HttpRequest, order: Order, act: str) -> None:
    """403 for an engineer where only the manager may act."""
    if (
        states.MANAGER not in steps.roles_of(order, person_of(request))
        and states.ENGINEER not in states.STEPS[act].roles
    ):
        raise PermissionDenied


def press(request: HttpRequest, pk: int, act: str, action: Callable[..., Any], done: Any, to: str) -> HttpResponse:
    """An act that needs no words: one button. A refusal is told on the order's page."""
    try:
        order = in_hand(request, pk)
        if request.method != "POST":
            return redirect("work-order", pk)
        manager_only(request, order, act)
        action(order, by=person_of(request), revision=revision_of(request))
    except Refused as refusal:
        return told(request, pk, refusal)
    messages.success(request, done)
    return redirect(to, pk)


def told(request: HttpRequest, pk: int, refusal: Refused) -> HttpResponse:
    """Why nothing was done, on the page of the order if it is still there for the person."""
    messages.error(request, refusal.sentence)
    still = Order.objects.of_partner(person_of(request)).filter(pk=pk).exists()
    return redirect("work-order", pk) if still else redirect("work")


def fill_in(
    request: HttpRequest,
    pk: int,
    *,
    act: str,
    form: type[ActForm],
    action: Callable[..., Any],
    page: dict[str, Any] | Callable[[Order], dict[str, Any]],
    done: Any,
    leaves: bool = False,
) -> HttpResponse:
    """An act that needs words: a form on a page of its own, whose revision goes with it.

    `page` has its words, or makes them for the order. `leaves`: the order is no longer with the person afterwards.
    """
    try:
        order = in_hand(request, pk)
        manager_only(request, order, act)
    except Refused as refusal:
        return told(request, pk, refusal)
    if request.method != "POST" and not may(request, order, act):
        return redirect("work-order", pk)
    shown = page(order) if callable(page) else page
    filled = form(request.POST or None, order=order)
    facts = {"by": person_of(request), "revision": revision_of(request)}
    if filled.is_valid() and filled.attempt(action, order, **facts, **filled.values()):
        messages.success(request, done)
        for note in filled.notes():
            messages.warning(request, note)
        return redirect("work") if leaves else redirect("work-order", pk)
    context = {
        "form": filled,
        "order": order,
        # The state that the person saw: a form that was refused must be looked at again before it can go through.
        "revision": revision_of(request) or order.revision,
        "back": reverse("work-order", args=[pk]),
        "heading": words.heading(order),
        "wishes": words.wish_facts(order) if shown.get("shows_wishes") else [],
        **shown,
    }
    return show(request, "act", context)
