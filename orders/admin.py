"""The back office of orders: a clerk looks at the proof beside the data, and answers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.admin import customer_facts
from accounts.models import Customer
from devices.admin import unit_listing
from devices.models import Device
from devices.rules import purchase_date_fault
from orders import actions
from orders.models import Order, PurchaseProof
from portal.back_office import (
    Act,
    ActForm,
    Listing,
    PageAdmin,
    Section,
    add_listing,
    age,
    answer_section,
    link,
)
from portal.ui.templatetags.ui import chip, local_date, local_moment

State = Order.State


def state_chip(order: Order) -> str:
    return chip(order.tone, Order.OFFICE_WORDS.get(State(order.state), order.get_state_display()))


class StateFilter(admin.ChoicesFieldListFilter):
    """By state, in the office's words."""

    def __init__(self, field: Any, *args: Any, **kwargs: Any):
        super().__init__(field, *args, **kwargs)
        self.words = [(value, Order.OFFICE_WORDS.get(State(value), label)) for value, label in field.flatchoices]

    def choices(self, changelist: Any) -> Any:
        everything, *states = super().choices(changelist)
        yield everything
        for choice, (_value, words) in zip(states, self.words, strict=True):
            yield choice | {"display": words}


class RevisionForm(ActForm):
    """The page carries the order's revision, so that a step taken meanwhile is noticed."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


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
    list_filter = [("state", StateFilter), "proof__reason_code", "created_at"]
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
    acts = [
        Act(
            "confirm", _("Confirm the purchase date"), "orders.review_order",
            lambda order, by, data: actions.confirm_proof(order, by=by, **data), _("purchase proof confirmed."),
            in_review, form=RevisionForm, tone="primary",
            hint=_("The device gets this purchase date, and the owner an e-mail."),
        ),
        Act(
            "more", _("Ask for more"), "orders.review_order",
            lambda order, by, data: actions.ask_for_more(order, by=by, **data), _("sent back to the owner."),
            in_review, form=ReasonForm,
        ),
        Act(
            "refuse", _("Refuse"), "orders.review_order",
            lambda order, by, data: actions.refuse_proof(order, by=by, **data), _("purchase proof refused."),
            lambda order: order.state in (State.IN_REVIEW, State.WAITING), form=ReasonForm, tone="danger",
        ),
    ]  # fmt: skip

    def waiting(self) -> QuerySet:
        return Order.objects.in_review().order_by("created_at", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("device__units")

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
            (_("Reason"), proof.get_reason_code_display()),
            (_("In words"), proof.reason),
        ]
        return {
            "state": state_chip(thing),
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
        _now("The purchase date is before unit %(unit)s was made (%(date)s).")
        % {"unit": unit, "date": date_format(made_on, "SHORT_DATE_FORMAT")}
        for unit, made_on in made.items()
        if order.proof.purchased_on < made_on
    ]
    if purchase_date_fault(order.proof.purchased_on, today=timezone.localdate(), made=()):
        told.append(_now("The purchase date is in the future."))
    if order.device.units.filter(unit=None).exists():
        told.append(_now("A serial number of this device is not in the register."))
    return told


def order_listing(request: HttpRequest, orders: QuerySet, title: Any) -> Listing:
    rows = [
        (
            link(request, order),
            link(request, order.device),
            state_chip(order),
            local_moment(order.created_at),
        )
        for order in orders.select_related("device").order_by("-created_at")
    ]
    return Listing(title, [_("Number"), _("Device"), _("State"), _("Ordered")], rows)


def orders_of_customer(request: HttpRequest, customer: Customer) -> Listing:
    return order_listing(request, Order.objects.filter(customer=customer), _("Orders"))


def orders_of_device(request: HttpRequest, device: Device) -> Listing:
    return order_listing(request, Order.objects.filter(device=device), _("Orders"))


add_listing("accounts.customer", orders_of_customer)
add_listing("devices.device", orders_of_device)
