"""Service orders: the list that shows what stands still, and a whole order on one page with the acts of the office."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.admin.customers import customer_facts
from accounts.forms import AddressFields
from devices.actions import ADDRESS
from devices.models import Device, DeviceUnit
from orders import states
from orders.actions import offers, ordering, places, protocols, visits
from orders.admin.assign import AssignForm
from orders.admin.common import RevisionForm, StateFilter
from orders.models import Offer, Order, Protocol, Service
from orders.presenters import office
from portal.back_office import HISTORY_SHOWN, Act, Listing, PageAdmin, Section, age, link, page_url, two_lines
from portal.events import Event
from portal.outbox.models import Message
from portal.ui.templatetags.ui import local_date, local_moment

TO_ASSIGN = {states.SUBMITTED, states.DECLINED}
QUEUES = {
    "assign": (_("to assign"), lambda services: services.to_assign()),
    "due": (_("offers to be answered today, or without an answer"), lambda services: services.answers_due()),
    "moves": (_("visits to be moved, without an answer in time"), lambda services: services.unanswered_moves()),
    "undated": (_("accepted, no date in time"), lambda services: services.undated()),
    "owner": (_("the owner has not answered in time"), lambda services: services.owner_late()),
    "missed": (_("visits that were not begun"), lambda services: services.visits_missed()),
    "stuck": (_("work not finished a day after the visit"), lambda services: services.stuck()),
    "undrawn": (_("signed protocols without a PDF"), lambda services: services.undrawn()),
}


class QueueFilter(admin.SimpleListFilter):
    """What stands still: the queues of the first page."""

    title = _("what waits")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(code, words) for code, (words, _services) in QUEUES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        code = self.value()
        return QUEUES[code][1](queryset) if code in QUEUES else queryset


class ServiceStateFilter(StateFilter):
    states = states.STATES


class QuestionForm(RevisionForm):
    question = forms.CharField(
        label=_("Your question"),
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The owner reads it in an e-mail. The order waits for the answer."),
        error_messages={"required": _("Write what you want to know.")},
    )


class AnswerForm(RevisionForm):
    words = forms.CharField(
        label=_("What the owner said"),
        widget=forms.Textarea({"rows": 3}),
        help_text=_("On the phone, for example. The order goes on; the partner who has it reads the answer."),
        error_messages={"required": _("Write what the owner said.")},
    )


class AddressForm(RevisionForm, AddressFields):
    """The address of the order's site; the owner cannot change it while a partner has an order there."""

    def __init__(self, *args: Any, thing: Service, **kwargs: Any):
        site = thing.order.device.site
        super().__init__(*args, thing=thing, **kwargs)
        for name in ADDRESS:
            self.fields[name].initial = getattr(site, name)


class RecallForm(RevisionForm):
    reason = forms.CharField(
        label=_("Why it is taken back"),
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The partner reads it. The order then waits to be assigned again; an agreed visit is called off."),
        error_messages={"required": _("Say why.")},
    )


class InterruptForm(RevisionForm):
    reason = forms.CharField(
        label=_("Why the work could not be finished"),
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The owner reads it. The partner keeps the order and agrees another date."),
        error_messages={"required": _("Say why.")},
    )


class CancelForm(RevisionForm):
    reason = forms.CharField(
        label=_("Why it is cancelled"),
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The owner and the partner read it. A cancelled order cannot be taken up again."),
        error_messages={"required": _("Say why.")},
    )


def may(act: str) -> Callable[[Service], bool]:
    """Whether the office may take this step now, by the table of the steps."""
    return lambda service: states.allowed(act, service.order.state, {states.OFFICE})


ACTS = [
    Act(
        "offer", _("Offer to this partner"), "orders.assign_order",
        lambda service, by, data: offers.offer(service.order, by=by, **data), _("offered."),
        may("offer"), form=AssignForm, tone="primary",
    ),
    Act(
        "ask", _("Ask the owner"), "orders.assign_order",
        lambda service, by, data: visits.ask(service.order, by=by, **data), _("the owner was asked."),
        may("ask"), form=QuestionForm,
    ),
    Act(
        "answer", _("Note the owner's answer"), "orders.assign_order",
        lambda service, by, data: visits.answer(service.order, by=by, **data), _("the answer is noted."),
        may("answer"), form=AnswerForm,
    ),
    Act(
        "correct_address", _("Correct the address"), "orders.assign_order",
        lambda service, by, data: places.correct_address(service.order, by=by, **data), _("the address is corrected."),
        lambda service: not service.order.closed_at and service.order.state != states.DRAFT, form=AddressForm,
        hint=_("The partner who has the order is told; an agreed visit goes out again with the new address."),
    ),
    Act(
        "recall", _("Take back from the partner"), "orders.assign_order",
        lambda service, by, data: offers.recall(service.order, by=by, **data),
        _("taken back. Choose another partner."),
        lambda service: bool(service.partner_id) and may("recall")(service), form=RecallForm,
    ),
    Act(
        "interrupt", _("Interrupt the work"), "orders.assign_order",
        lambda service, by, data: protocols.interrupt(service.order, by=by, **data), _("work interrupted."),
        may("interrupt"), form=InterruptForm,
    ),
    Act(
        "cancel", _("Cancel the order"), "orders.assign_order",
        lambda service, by, data: ordering.cancel(service.order, by=by, **data), _("cancelled."),
        may("cancel"), form=CancelForm, tone="danger",
    ),
]  # fmt: skip


@admin.register(Service)
class ServiceAdmin(PageAdmin):
    heading = _("Service orders")
    list_display = ["number_and_kind", "device", "customer", "shown_partner", "shown_state", "deadline", "age"]
    export_display = [
        "number", "kind", "device", "customer", "shown_partner", "shown_state", "holder", "deadline", "age",
    ]  # fmt: skip
    list_filter = [QueueFilter, ("order__state", ServiceStateFilter), "order__service_kind", "order__created_at"]
    search_fields = [
        "order__number",
        "order__customer__name",
        "order__customer__email",
        "order__device__name",
        "order__device__units__serial",
        "partner__name",
    ]
    search_help_text = _("Order number, customer, device, serial number or partner")
    ordering = ["-order__created_at", "-pk"]
    queue_query = "?queue=assign"
    acts = ACTS
    export_permission = "portal.export_lists"

    def waiting(self) -> QuerySet:
        return Service.objects.to_assign().order_by("submitted_at", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        services = super().get_queryset(request).with_times()  # type: ignore[attr-defined]
        units = Prefetch("order__device__units", DeviceUnit.objects.select_related("unit__product"))
        return services.select_related(
            "order__service_kind", "order__customer", "order__device__site", "partner"
        ).prefetch_related(units)

    @display(description=_("number"), ordering="order__number")
    def number(self, service: Service) -> str:
        return service.order.number

    @display(description=_("number"), ordering="order__number")
    def number_and_kind(self, service: Service) -> str:
        return two_lines(service.order.number, service.order.service_kind)

    @display(description=_("service"), ordering="order__service_kind__position")
    def kind(self, service: Service) -> Any:
        return service.order.service_kind

    @display(description=_("device"), ordering="order__device__name")
    def device(self, service: Service) -> str:
        return f"{service.order.device.name} ({service.order.device.serials})"

    @display(description=_("customer"), ordering="order__customer__name")
    def customer(self, service: Service) -> Any:
        return service.order.customer

    @display(description=_("partner"), ordering="partner__name")
    def shown_partner(self, service: Service) -> Any:
        return service.partner or ""

    @display(description=_("state"), ordering="order__state")
    def shown_state(self, service: Service) -> str:
        return office.state_chip(service.order)

    @display(description=_("age"), ordering="order__created_at")
    def age(self, service: Service) -> str:
        return age(service.submitted_at or service.order.created_at)

    @display(description=_("who has it"))
    def holder(self, service: Service) -> Any:
        return office.who_has_it(service)

    @display(description=_("deadline"))
    def deadline(self, service: Service) -> str:
        return office.deadline(service)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Service | None:
        """With all that the page tells, in few queries."""
        offered = Prefetch("order__offers", Offer.objects.select_related("partner"))
        services = (
            self.get_queryset(request)
            .select_related(
                "order__created_by", "order__device__cover", "engineer", "chosen_partner", "asked_by", "checklist"
            )
            .prefetch_related(offered)
        )
        found = services.filter(pk=object_id).first() if object_id.isdecimal() else None
        if found and found.order.state not in TO_ASSIGN:
            made = Prefetch("order__protocols", Protocol.objects.select_related("engineer", "checklist"))
            prefetch_related_objects([found], made)
        return found

    def _next_url(self, thing: Any) -> str:
        """Orders are assigned one after the other; every other act leaves the clerk where it was taken."""
        state = Order.objects.values_list("state", flat=True).get(pk=thing.order_id)
        was_queued, is_queued = thing.order.state in TO_ASSIGN, state in TO_ASSIGN
        if was_queued and not is_queued:
            return super()._next_url(thing)
        return page_url(thing)

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        order, device = thing.order, thing.order.device
        sent, taken = office.files(order)
        answered, photos = office.answers(thing, sent)
        filled_in, taken_at = ([], []) if order.state in TO_ASSIGN else office.visit_answers(order, taken)
        owner = [(_("Name or company"), link(request, order.customer)), *customer_facts(order.customer)]
        sections = [
            Section(_("Where it stands"), self._standing(request, thing)),
            Section(_("Question to the owner"), office.question_rows(thing)),
            Section(_("What the owner wishes"), office.wish_rows(thing)),
            Section(_("Device"), self._device(request, device)),
            Section(_("Owner"), owner),
            *(Section(title, rows) for title, rows in answered),
        ]
        first: list[Section | Listing] = [section for section in sections if section.filled]
        if order.state not in TO_ASSIGN and order.protocols.all():
            first.insert(1, protocol_listing(order))
        return {
            "title": f"{order.number}: {order.service_kind}",
            "state": office.state_chip(order),
            "first": first,
            "photos": [*photos, *taken_at],
            "sections": [Section(title, rows) for title, rows in filled_in],
            "history": Event.objects.about(order)[:HISTORY_SHOWN],
            "history_of": order.title,
            "notices": Message.objects.about(order)[:HISTORY_SHOWN],
        }

    def _standing(self, request: HttpRequest, service: Service) -> list[tuple[Any, Any]]:
        order = service.order
        return [
            (_("Service"), order.service_kind),
            (_("Who has it now"), office.who_has_it(service)),
            (_("Deadline"), office.deadline(service)),
            (_("Service partner"), link(request, service.partner)),
            (_("Engineer"), service.engineer),
            (_("Accepted"), local_moment(service.accepted_at) if service.accepted_at else ""),
            (_("Visit"), local_moment(service.visit_starts) if service.visit_starts else ""),
            (_("Ordered by"), link(request, order.created_by)),
            (_("Sent"), local_moment(service.submitted_at)),
        ]

    def _device(self, request: HttpRequest, device: Device) -> list[tuple[Any, Any]]:
        units = device.units.all()
        delivered = [unit.unit.delivered_on for unit in units if unit.unit and unit.unit.delivered_on]
        return [
            (_("Device"), link(request, device)),
            (_("Kind"), device.get_kind_display()),
            *((unit.get_role_display(), f"{unit.model} {unit.serial}") for unit in units),
            (_("Site"), link(request, device.site)),
            (_("Purchase date"), local_date(device.purchased_on)),
            (_("Delivered on"), local_date(min(delivered, default=None))),
            *office.warranty_rows(device),
        ]

    def listings(self, request: HttpRequest, thing: Any) -> list[Listing]:
        found = [offer_listing(request, thing.order)]
        if thing.order.state not in TO_ASSIGN:
            found.append(proposal_listing(thing.order))
        return [listing for listing in found if listing.rows]


def offer_listing(request: HttpRequest, order: Order) -> Listing:
    rows = [
        (link(request, offer.partner), local_moment(offer.made_at), office.offer_outcome(offer), offer.reason)
        for offer in order.offers.all()
    ]
    return Listing(_("Offers"), [_("Service partner"), _("Offered"), _("Outcome"), _("Reason")], rows)


def proposal_listing(order: Order) -> Listing:
    rows = [
        (
            office.slots(proposal.slots),
            _("owner") if proposal.by_owner else _("service partner"),
            local_moment(proposal.made_at),
            office.proposal_outcome(proposal),
            proposal.words if proposal.by_owner else proposal.answer,
        )
        for proposal in order.proposals.all()
    ]
    headers = [_("Times"), _("Proposed by"), _("Proposed"), _("Outcome"), _("The owner's words")]
    return Listing(_("Proposed times"), headers, rows)


def protocol_listing(order: Order) -> Listing:
    rows = [office.protocol_row(protocol) for protocol in order.protocols.all()]
    headers = [_("Protocol"), _("Version"), _("Day of the visit"), _("Engineer"), _("Signed by"), _("Corrects")]
    return Listing(_("Protocol"), headers, rows)
