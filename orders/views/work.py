"""The service partner's place: the day's round, offers, one order with its acts, and what is done."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.people import person_of
from orders import states
from orders.actions import offers as offer_acts
from orders.actions import protocols, steps, visits
from orders.forms import work as forms
from orders.models import Order, Proposal, Protocol
from orders.presenters import work as words
from orders.views.parts import number_in
from orders.views.workplace import fill_in, for_managers, for_partners, in_hand, managed, press, show
from portal.errors import Refused
from portal.events import Event
from warranty.models import Cover, ServiceRecord

PAGE = 25
OPEN_PROPOSALS = Prefetch("proposals", Proposal.objects.filter(outcome=""), to_attr="open_proposals")


def _listed(orders: QuerySet) -> Any:
    return orders.for_work().prefetch_related(OPEN_PROPOSALS)  # type: ignore[attr-defined]


@for_partners
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The day's round in order of time, the coming days, and the orders that have no date yet."""
    person, now = person_of(request), timezone.now()
    held = Order.objects.of_partner(person).exclude(state=states.OFFERED)
    colleagues = managed(request) and held.exclude(service__engineer=person).exists()
    only_mine = bool(colleagues) and request.GET.get("who") == "me"
    if only_mine:
        held = held.filter(service__engineer=person)
    begun = Protocol.objects.of_partner(person).corrections_begun()
    if only_mine:
        begun = begun.filter(engineer=person)
    context = {
        "round": words.day_round(_listed(held), now, person),
        "corrections": begun.select_related("order__service_kind", "order__device__site", "engineer"),
        "day": timezone.localdate(now),
        "may_narrow": bool(colleagues),
        "only_mine": only_mine,
        "overdue": overdue_inspections(request).count() if managed(request) else 0,
    }
    return show(request, "today", context)


@for_managers
@require_safe
def offers(request: HttpRequest) -> HttpResponse:
    """What waits for a yes or no, the nearest deadline first."""
    person, now = person_of(request), timezone.now()
    found = Order.objects.of_partner(person).filter(state=states.OFFERED).order_by("service__answer_by", "pk")
    return show(request, "offers", {"cards": [words.card(order, now, person) for order in _listed(found)]})


@for_partners
@require_safe
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order: where, what, what the owner said, and what can be done now."""
    found = in_hand(request, pk)
    documents = words.files_of(found)
    proposals = list(found.proposals.all())
    found.open_proposals = [one for one in proposals if not one.outcome]  # type: ignore[attr-defined]
    roles, now = steps.roles_of(found, person_of(request)), timezone.now()
    first, rest = words.buttons(found, roles, now)
    answers = words.owner_answers(found, documents)
    shown = {document.pk for group in answers for row in group["rows"] for document in row["documents"]}
    context = {
        "order": found,
        "list_url": reverse("work-offers" if found.state == states.OFFERED else "work"),
        "revision": found.revision,
        "heading": words.heading(found),
        "note": words.next_note(found, proposals),
        "asked": words.asked_to_move(found),
        "late": words.lateness(found, now),
        "first": first,
        "first_style": "btn-secondary" if words.owner_chooses(found) else "btn-primary",
        "rest": rest,
        "phone": found.customer.phone if found.service.is_accepted else "",
        "map_url": words.map_url(found),
        "place": words.place_facts(found),
        "wishes": words.wish_facts(found),
        "device": words.device_facts(found.device),
        "services": words.service_rows(ServiceRecord.objects.filter(device=found.device)),
        "history": words.history(Event.objects.about(found.device)),
        "answer_groups": answers,
        "documents": [document for document in documents if document.pk not in shown],
    }
    return show(request, "order", context)


# Acts


@for_partners
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    done = _("The order is yours. Agree a date with the owner.")
    return press(request, pk, "accept", offer_acts.accept, done, "work-order")


@for_partners
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    page = {
        "title": _("Decline the order"),
        "lead": _("The order goes back to our office. Only our office reads your reason."),
        "submit": _("Decline"),
        "danger": True,
    }
    return fill_in(
        request, pk, act="decline", form=forms.ReasonForm, action=offer_acts.decline, page=page,
        done=_("Declined. Our office looks for somebody else."), leaves=True,
    )  # fmt: skip


@for_partners
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    page = {
        "title": _("Give the order back"),
        "lead": _("Our office looks for another company. An agreed visit is called off, and the owner is told."),
        "submit": _("Give it back"),
        "danger": True,
    }
    return fill_in(
        request, pk, act="give_back", form=forms.ReasonForm, action=offer_acts.give_back, page=page,
        done=_("The order is back with our office."), leaves=True,
    )  # fmt: skip


@for_partners
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    page = {
        "title": _("Hand the order over"),
        "lead": _("Your colleague gets an e-mail and sees the order at once."),
        "submit": _("Hand over"),
    }
    return fill_in(
        request, pk, act="hand_over", form=forms.EngineerForm, action=visits.hand_over, page=page,
        done=_("The order is handed over."),
    )  # fmt: skip


@for_partners
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    page = {
        "title": _("Ask the owner"),
        "lead": _("The owner gets your question by e-mail. The order waits until the answer is there."),
        "submit": _("Send the question"),
    }
    return fill_in(
        request, pk, act="ask_owner", form=forms.QuestionForm, action=visits.ask, page=page,
        done=_("The question is sent. You get an e-mail with the answer."),
    )  # fmt: skip


@for_partners
def times(request: HttpRequest, pk: int) -> HttpResponse:
    page = {
        "title": _("Propose times"),
        "lead": _("The owner gets an e-mail, picks one of them or asks for others."),
        "submit": _("Send the times"),
        "shows_wishes": True,
    }
    return fill_in(
        request, pk, act="propose", form=forms.TimesForm, action=visits.propose, page=page,
        done=_("The times are sent. You get an e-mail when the owner has answered."),
    )  # fmt: skip


@for_partners
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    def page(found: Order) -> dict[str, Any]:
        return {
            "title": words.agree_label(found),
            "lead": _("A time that you agreed with the owner on the phone. Both of you get it for your calendars."),
            "submit": _("Save the time"),
        }

    return fill_in(
        request, pk, act="agree", form=forms.AgreedForm, action=visits.agree, page=page,
        done=_("The visit is noted."),
    )  # fmt: skip


@for_partners
def pick(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the times to which the owner asks to move the visit."""

    def move(found: Order, *, by: User, revision: int) -> Order:
        proposal = found.proposals.filter(by_owner=True, pk=number_in(request.POST, "proposal")).first()
        slots = {slot.isoformat(): slot for slot in proposal.slots} if proposal else {}
        slot = slots.get(request.POST.get("slot", ""))
        if proposal is None or slot is None:
            raise Refused(_("This time was not proposed."))
        return visits.pick_move(found, proposal=proposal, slot=slot, by=by)

    return press(request, pk, "pick_move", move, _("The visit is moved. The owner is told."), "work-order")


@for_partners
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    return press(request, pk, "begin", protocols.begin_work, _("The work has begun."), "work-protocol")


@for_partners
def interrupt(request: HttpRequest, pk: int) -> HttpResponse:
    page = {
        "title": _("Cannot be finished today"),
        "lead": _("What is filled in stays for the next visit. The owner reads your reason."),
        "submit": _("Stop for today"),
    }
    return fill_in(
        request, pk, act="interrupt", form=forms.ReasonForm, action=protocols.interrupt, page=page,
        done=_("Noted. Agree a new date with the owner."),
    )  # fmt: skip


# What is done


@for_partners
@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """Closed protocols, the newest version of each, newest first; and inspections that nobody has ordered."""
    found = _closed(request).select_related("order__service_kind", "order__device__site", "engineer")
    newer = Protocol.objects.closed().filter(order=OuterRef("order")).order_by("-version").values("pk")[:1]
    latest = found.filter(pk=Subquery(newer)).prefetch_related(UNITS).order_by("-closed_at", "-pk")
    page = Paginator(latest, PAGE).get_page(request.GET.get("page"))
    overdue = overdue_inspections(request)[:PAGE] if managed(request) else []
    return show(request, "done", {"page": page, "overdue": overdue})


UNITS = "order__device__units"


def _closed(request: HttpRequest) -> Any:
    return Protocol.objects.of_partner(person_of(request)).closed()


@for_partners
@require_safe
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """One closed protocol, which is all that a partner keeps."""
    found = get_object_or_404(
        _closed(request).select_related(
            "order__service_kind", "order__device__site", "engineer", "checklist", "pdf", "signature"
        ),
        pk=pk,
    )
    versions = list(found.order.protocols.select_related("engineer").order_by("version"))
    begun = next((one for one in versions if not one.closed_at), None)
    answers = []
    if found.checklist:
        answers = words.answers_of(
            found.checklist, words.all_answers(found), found.order.device.kind, found.documents.all(), by="partner"
        )
    context = {
        "protocol": found,
        "facts": words.protocol_facts(found),
        "answer_groups": answers,
        "others": [one for one in versions if one.closed_at and one.pk != found.pk],
        "begun": begun,
        "may_go_on": begun and Protocol.objects.of_partner(person_of(request)).filter(pk=begun.pk).exists(),
        "is_latest": found == max((one for one in versions if one.closed_at), key=lambda one: one.version),
    }
    return show(request, "paper", context)


def overdue_inspections(request: HttpRequest) -> Any:
    """Devices whose last service was by a company that the person manages, and whose inspection nobody ordered."""
    last = ServiceRecord.objects.filter(device=OuterRef("device")).order_by("-done_on", "-pk").values("partner")[:1]
    on_order = Order.objects.on_way_to("inspection")
    return (
        Cover.objects.overdue(timezone.localdate())
        .annotate(last_partner=Subquery(last))
        .filter(last_partner__in=[place.partner_id for place in managed(request)])
        .exclude(device__in=on_order.values("device"))
        .select_related("device__site")
        .prefetch_related("device__units")
        .order_by("next_inspection_on", "pk")
    )
