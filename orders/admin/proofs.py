"""Purchase proofs: a clerk looks at the proof beside the data, and answers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.admin.customers import customer_facts
from devices.admin import unit_listing
from devices.rules import purchase_date_fault
from orders.actions import proofs
from orders.admin.common import RevisionForm, StateFilter, order_listing
from orders.models import Order, PurchaseProof, Service
from orders.models.order import PROOF_STATES
from orders.presenters.office import state_chip
from portal.back_office import Act, Listing, PageAdmin, Section, age, answer_section, link, page_url
from portal.ui.templatetags.ui import local_date, local_moment

State = Order.State


class ProofStateFilter(StateFilter):
    states = PROOF_STATES


class ConfirmForm(RevisionForm):
    seller = forms.CharField(label=_("Seller (may stay empty)"), max_length=160, required=False)
    invoice_number = forms.CharField(
        label=_("Number of the invoice (may stay empty)"), max_length=60, required=False,
        help_text=_("Both as on the document. They appear on the warranty card."),
    )  # fmt: skip


class ReasonForm(RevisionForm):
    reason_code = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("Choose a reason")), *PurchaseProof.Reason.choices],
        error_messages={"required": _("Choose a reason.")},
    )
    reason = forms.CharField(
        label=_("In your own words"),
        widget=forms.Textarea({"rows": 3}),
        help_text=_("What is wrong and what the owner can do. The owner reads this in an e-mail."),
        error_messages={"required": _("Say in your own words what is wrong.")},
    )


def in_review(order: Order) -> bool:
    return order.state == State.IN_REVIEW


@admin.register(Order)
class OrderAdmin(PageAdmin):
    list_display = [
        "number",
        "device_name",
        "customer",
        "shown_state",
        "purchased_on",
        "age",
        "decided_by",
    ]
    list_filter = [("state", ProofStateFilter), "proof__reason_code", "created_at"]
    list_select_related = ["device__site", "customer", "proof__decided_by"]
    search_fields = [
        "number",
        "customer__name",
        "customer__email",
        "device__name",
        "device__units__serial",
    ]
    search_help_text = _("Order number, customer, device or serial number")
    ordering = ["created_at", "pk"]
    queue_query = "?state__exact=in_review"
    heading = _("Purchase proofs")
    export_permission = "portal.export_lists"
    acts = [
        Act(
            "confirm", _("Confirm the purchase date"), "orders.review_order",
            lambda order, by, data: proofs.confirm_proof(order, by=by, **data), _("purchase proof confirmed."),
            in_review, form=ConfirmForm, tone="primary",
            hint=_("The device gets this purchase date, and the owner an e-mail."),
        ),
        Act(
            "more", _("Ask for more"), "orders.review_order",
            lambda order, by, data: proofs.ask_for_more(order, by=by, **data), _("sent back to the owner."),
            in_review, form=ReasonForm,
        ),
        Act(
            "refuse", _("Refuse"), "orders.review_order",
            lambda order, by, data: proofs.refuse_proof(order, by=by, **data), _("purchase proof refused."),
            lambda order: order.state in (State.IN_REVIEW, State.WAITING), form=ReasonForm, tone="danger",
        ),
    ]  # fmt: skip

    def waiting(self) -> QuerySet:
        return Order.objects.in_review().order_by("created_at", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(kind=Order.Kind.PURCHASE_PROOF).prefetch_related("device__units")

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """What names an order leads here; a service order has a page of its own."""
        service = Service.objects.filter(order_id=int(object_id)).first() if object_id.isdecimal() else None
        return redirect(page_url(service)) if service else super().change_view(request, object_id, *args, **kwargs)

    @display(description=_("device"), ordering="device__name")
    def device_name(self, order: Order) -> str:
        return f"{order.device.name} ({order.device.serials})"

    @display(description=_("state"), ordering="state")
    def shown_state(self, order: Order) -> str:
        return state_chip(order)

    @display(description=_("purchase date"), ordering="proof__purchased_on")
    def purchased_on(self, order: Order) -> str:
        return local_date(order.proof.purchased_on)

    @display(description=_("age"), ordering="created_at")
    def age(self, order: Order) -> str:
        return age(order.created_at)

    @display(description=_("decided by"))
    def decided_by(self, order: Order) -> Any:
        return order.proof.decided_by

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        proof, device = thing.proof, thing.device
        compare = [
            (_("Purchase date"), local_date(proof.purchased_on)),
            (_("Buyer"), f"{thing.customer}, {thing.customer.address}"),
            *((unit.get_role_display(), f"{unit.model} {unit.serial}") for unit in device.units.all()),
        ]
        device_facts = [
            (_("Device"), link(request, device)),
            (_("Kind"), device.get_kind_display()),
            (_("Site"), link(request, device.site)),
            (_("Confirmed purchase date"), local_date(device.purchased_on)),
            (_("Ordered by"), link(request, thing.created_by)),
            (_("Ordered"), local_moment(thing.created_at)),
        ]
        customer = [
            (_("Name or company"), link(request, thing.customer)),
            *customer_facts(thing.customer),
        ]
        words = [
            (_("Seller"), proof.seller),
            (_("Invoice"), proof.invoice_number),
            (_("Reason"), proof.get_reason_code_display()),
            (_("In words"), proof.reason),
        ]
        return {
            "state": state_chip(thing),
            "history_of": thing.title,
            "documents": thing.documents.all(),
            "warnings": warnings(thing),
            "first": [*answer_section(proof, words), Section(_("Compare with the document"), compare)],
            "sections": [
                Section(_("Device"), device_facts),
                Section(_("Owner"), customer),
            ],
        }

    def listings(self, request: HttpRequest, thing: Any) -> list[Listing]:
        others = order_listing(
            request,
            thing.device.orders.exclude(pk=thing.pk),
            _("Other orders of this device"),
        )
        return [unit_listing(request, thing.device), others]


def warnings(order: Order) -> list[str]:
    """What a clerk should notice before confirming."""
    made = {
        place.unit: place.unit.made_on
        for place in order.device.units.select_related("unit__product")
        if place.unit and place.unit.made_on
    }
    told = [
        gettext("The purchase date is before unit %(unit)s was made (%(date)s).")
        % {"unit": unit, "date": date_format(made_on, "SHORT_DATE_FORMAT")}
        for unit, made_on in made.items()
        if order.proof.purchased_on < made_on
    ]
    if purchase_date_fault(order.proof.purchased_on, today=timezone.localdate(), made=()):
        told.append(gettext("The purchase date is in the future."))
    if order.device.units.filter(unit=None).exists():
        told.append(gettext("A serial number of this device is not in the register."))
    return told
