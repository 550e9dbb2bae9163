"""Orders, as their owner sees them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.customers import names_shown
from accounts.people import person_of
from devices.models import Device, nameplates_of
from orders import queries, states
from orders.actions import ordering, visits
from orders.forms.ordering import CancelForm, ReplyForm, WishesForm
from orders.forms.visits import TimesForm, open_slots
from orders.models import Order, Protocol, Service
from orders.presenters import owner as presenters
from orders.presenters import proofs as proof_presenters
from orders.queries import may_move
from orders.rows import rows_of
from orders.views.parts import revision_of, service_to_change
from portal.access import Area, changed_customers, demand, find, may
from portal.events import told_of
from portal.ui.filters import FEW, Select, words_of
from services.checklists import OWNER, Group
from services.forms import ChecklistForm
from services.models import ServiceKind

PAGE = 25


@login_required
def orders(request: HttpRequest) -> HttpResponse:
    """The third tab: all orders, newest first, or as somebody filters and sorts them."""
    demand(request.user, Area.TECHNICAL)
    names, words = names_shown(request.user), words_of(request)
    kinds = presenters.kind_names(ServiceKind.objects.values_list("code", "name_pl", "name_cs", "name_en", named=True))
    state = Select.of(request, "state", _("Status"), presenters.FILTERS, _("All"))
    kind = Select.of(request, "kind", _("Type"), kinds, _("All"))
    customer = Select.of(request, "customer", _("Customer"), {str(pk): name for pk, name in names.items()}, _("All"))
    sort = Select.of(request, "sort", _("Sort"), presenters.SORTED, _("newest first"))
    # First which orders, then what is told of them: an owner may have thousands, and shows 25.
    mine = Order.objects.visible_to(request.user).without_discarded().filtered(state.value).of_kind(kind.value)
    mine = mine.matching(words, Device.objects.visible_to(request.user).matching(words))
    if customer.value:
        mine = mine.filter(customer=int(customer.value))
    if sort.value:
        mine = mine.order_by("number" if sort.value == "number" else "created_at", "pk")
    page = Paginator(mine.values_list("pk", flat=True), PAGE).get_page(request.GET.get("page"))
    is_filtered = bool(words or state.value or kind.value or customer.value)
    changed_by = changed_customers(request.user, Area.TECHNICAL)
    context = {
        "page": page,
        "table": presenters.order_table(rows_of(page), customers=names, changed_by=changed_by),
        "words": words,
        "selects": [state, kind, *([customer] if names else []), sort],
        "is_filtered": is_filtered,
        "may_filter": is_filtered or page.paginator.count > FEW,
        "may_add": may(request.user, Area.TECHNICAL, change=True),
    }
    return render(request, "orders/orders.html", context)


@login_required
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order: its state, what was sent, what happens next, and its history."""
    found = find(Order.objects.for_page(), request.user, pk=pk)
    found.device.nameplates = nameplates_of(found.device)
    if found.kind == Order.Kind.SERVICE:
        found.service = Service.objects.for_page().get(order=found)
        return service_page(request, found)
    note, may_change = proof_presenters.next_note(found), may_change_order(request, found)
    context = {
        "order": found,
        "may_change": may_change,
        "note": note if may_change else note.for_reader(),
        "facts": proof_presenters.proof_facts(found),
        "documents": queries.pictures(found),
        "events": told_of(found),
    }
    return render(request, "orders/order.html", context)


def may_change_order(request: HttpRequest, found: Order) -> bool:
    owner, site = found.customer_id, found.device.site_id
    return may(request.user, Area.TECHNICAL, change=True, customer=owner, site=site)


def service_page(request: HttpRequest, found: Order, *, times: TimesForm | None = None) -> HttpResponse:
    """The page of a service order; `times` is the form of the proposed times that came back with an error."""
    has_times = found.state in (states.ACCEPTED, states.SCHEDULED)
    latest = found.proposals.filter(outcome="").first() if has_times else None
    proposal = None if latest and latest.by_owner else latest
    if proposal and times is None:
        times = TimesForm(proposal=proposal)
    documents = queries.pictures(found)
    answers = presenters.owner_answers(found, documents)
    note, may_change = presenters.service_note(found, latest), may_change_order(request, found)
    context = {
        "order": found,
        "proposal": proposal,
        "times": times,
        "times_ahead": bool(proposal and open_slots(proposal)),
        "note": note if may_change else note.for_reader(),
        "may_move": may_change and may_move(found),
        "visit": presenters.visit_of(found),
        "reach": presenters.partner_words(found),
        "facts": presenters.service_facts(found),
        "wishes": presenters.wish_rows(found),
        "answer_groups": answers,
        "documents": presenters.other_files(answers, documents),
        "protocols": queries.protocols(found),
        "may": {act for act in states.STEPS if may_change and states.allowed(act, found.state, {states.OWNER})},
        "events": told_of(found),
    }
    return render(request, "orders/service.html", context)


@login_required
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes what was said in an order that nobody has accepted yet."""
    found = service_to_change(request, pk)
    if request.method != "POST" and not states.allowed("change", found.state, {states.OWNER}):
        return redirect("order", pk)
    answers, wishes = answers_form(request, found, complete=True), wishes_form(request, found)
    is_read = answers is None or (answers.is_valid() and not answers.has_new_warnings)
    if request.method == "POST" and all([is_read, wishes.is_valid()]):
        said: dict[str, Any] = {"documents": wishes.documents, "removed": wishes.removed, **wishes.wishes()}
        if answers:
            said |= {"answers": answers.answers(), "documents": [*answers.documents, *wishes.documents]}
        if wishes.attempt(ordering.change, found, by=person_of(request), revision=revision_of(request), **said):
            messages.success(request, _("Your changes are saved."))
            return redirect("order", pk)
    context = {"order": found, "answers": answers, "wishes": wishes}
    return render(request, "orders/change.html", context)


def answers_form(request: HttpRequest, found: Order, *, complete: bool) -> ChecklistForm | None:
    """The questions of an order's checklist to its owner; None where there is none."""
    service = found.service
    if service.checklist is None:
        return None
    groups = service.checklist.groups()
    return checklist_form(request, groups, service.answers, found.device.kind, complete=complete)


def checklist_form(
    request: HttpRequest, groups: list[Group], answers: dict[str, Any], device_kind: str, *, complete: bool
) -> ChecklistForm | None:
    """What a checklist asks the owner, as far as it is answered; None where it asks nothing."""
    is_sent = request.method == "POST"
    form = ChecklistForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        groups=groups,
        answers=answers,
        device_kind=device_kind,
        by=OWNER,
        uploaded_by=person_of(request),
        complete=complete,
    )
    return form if form.shown_groups else None


def wishes_form(request: HttpRequest, found: Order) -> WishesForm:
    is_sent = request.method == "POST"
    documents = list(found.documents.all())
    return WishesForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        initial=WishesForm.initial_of(found.service),
        has=presenters.other_files(presenters.owner_answers(found, documents), documents),
        uploaded_by=person_of(request),
    )


@login_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first, then cancels an order, or throws a draft away."""
    found = service_to_change(request, pk)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = {"by": person_of(request), "revision": revision_of(request), "reason": form.cleaned_data["reason"]}
        if form.attempt(ordering.cancel, found, **facts):
            if found.state == Order.State.DRAFT:
                messages.success(request, _("The draft is discarded."))
                return redirect("orders")
            messages.success(request, _("Order %(number)s is cancelled.") % {"number": found.number})
            return redirect("order", pk)
    elif not states.allowed("cancel", found.state, {states.OWNER}):
        return redirect("order", pk)
    return render(request, "orders/cancel.html", {"order": found, "form": form})


@login_required
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Answers the question of the office or of the partner."""
    found = service_to_change(request, pk)
    if request.method != "POST" and found.state != Order.State.WAITING:
        return redirect("order", pk)
    is_sent = request.method == "POST"
    form = ReplyForm(
        request.POST if is_sent else None, request.FILES if is_sent else None, uploaded_by=person_of(request)
    )
    facts = {"by": person_of(request), "revision": revision_of(request)}
    if (
        request.method == "POST"
        and form.is_valid()
        and form.attempt(visits.answer, found, **facts, **form.cleaned_data)
    ):
        messages.success(request, _("Your answer is sent."))
        return redirect("order", pk)
    return render(request, "orders/reply.html", {"order": found, "form": form})


@login_required
def protocol(request: HttpRequest, pk: int) -> HttpResponse:
    """The protocol of a visit, once it is signed."""
    closed = Protocol.objects.closed().select_related(
        "order__device__site", "order__service_kind", "order__service", "partner", "engineer", "checklist",
        "pdf", "signature",
    ).prefetch_related("documents")  # fmt: skip
    found = find(closed, request.user, pk=pk)
    found.order.device.nameplates = list(found.order.device.units.all())
    context = {
        "protocol": found,
        "facts": presenters.protocol_facts(found),
        "answer_groups": presenters.protocol_answers(found),
        "newer": found.order.protocols.closed().filter(version__gt=found.version).last(),
    }
    return render(request, "orders/protocol.html", context)
