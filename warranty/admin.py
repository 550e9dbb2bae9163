"""The back office of warranties: the makers' rules, the cards, and what was done to each device."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.models import Partner
from accounts.people import person_of
from devices.models import Device, Product
from portal.back_office import Act, ActForm, Listing, PageAdmin, Section, add_act, add_listing, link
from portal.ui.templatetags.ui import chip, local_date, local_moment
from warranty import actions
from warranty.card import ALSO_TOLD, check_url
from warranty.models import ServiceRecord, WarrantyCard, WarrantyRule

TERMS = [
    "valid_from", "months", "start", "cap_months", "delivery_cap_months", "start_up_within_months",
    "inspection_months", "grace_days",
]  # fmt: skip


class RuleForm(forms.ModelForm):
    class Meta:
        model = WarrantyRule
        fields = ["product", *TERMS]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        # Of a split the outdoor unit speaks.
        self.fields["product"].queryset = Product.objects.exclude(role="indoor")  # type: ignore[attr-defined]


@admin.register(WarrantyRule)
class WarrantyRuleAdmin(PageAdmin):
    """The versions of each product's warranty. Each is published once and for all; a change is a new version."""

    form = RuleForm
    fields = ["product", *TERMS]
    list_display = ["product", "version", "valid_from", "months", "start", "cap_months", "inspection_months", "devices"]
    list_filter = ["product__maker", "start"]
    list_select_related = ["product"]
    search_fields = ["product__code", "product__name", "product__maker"]
    search_help_text = _("Model, name or maker")
    ordering = ["product__code", "-version"]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm("warranty.add_warrantyrule")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(devices_counted=Count("covers"))

    @display(description=_("devices"))
    def devices(self, rule: Any) -> int:
        return rule.devices_counted

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> WarrantyRule:
        return form.save(commit=False)

    def save_model(self, request: HttpRequest, obj: WarrantyRule, form: Any, change: bool) -> None:
        published = actions.publish_rule(by=person_of(request), **form.cleaned_data)
        # The rest of the admin names and links what was saved.
        obj.pk, obj.version = published.pk, published.version

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """There is nothing related."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The audit trail has it."""

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        terms = [(capfirst(field.verbose_name), _shown(thing, field)) for field in _term_fields()]
        facts = [
            (_("Product"), link(request, thing.product)),
            (_("Version"), thing.version),
            (_("Published"), local_moment(thing.published_at)),
            (_("Devices counted by it"), thing.devices_counted),
        ]
        return {"first": [Section(_("Warranty rule"), [*facts, *terms, *self._new_version(request, thing)])]}

    def _new_version(self, request: HttpRequest, rule: WarrantyRule) -> list[tuple[Any, Any]]:
        """A link to the form, filled in with this version's terms."""
        if not self.has_add_permission(request):
            return []
        terms = {name: value for name in TERMS if (value := getattr(rule, name)) is not None}
        url = reverse("admin:warranty_warrantyrule_add") + "?" + urlencode({"product": rule.product_id, **terms})
        words = _("Publish a new version that begins with these terms")
        return [(_("Change"), format_html('<a href="{}">{}</a>', url, words))]


def _term_fields() -> list[Any]:
    return [WarrantyRule._meta.get_field(name) for name in TERMS]


def _shown(rule: WarrantyRule, field: Any) -> Any:
    value = getattr(rule, field.name)
    if field.name == "start":
        return rule.get_start_display()
    if field.name == "valid_from":
        return local_date(value)
    return "–" if value is None else value


def card_chip(card: WarrantyCard) -> str:
    if card.replaced_by_id:
        return chip("neutral", _("replaced"))
    if card.withdrawn_at:
        return chip("problem", _("withdrawn"))
    return chip("done", _("current")) if card.pdf_id else chip("progress", _("being made"))


@admin.register(WarrantyCard)
class WarrantyCardAdmin(PageAdmin):
    export_permission = "portal.export_lists"
    list_display = ["number", "device", "customer", "shown_state", "until", "issued_at"]
    list_filter = [
        "issued_at", ("replaced_by", admin.EmptyFieldListFilter), ("withdrawn_at", admin.EmptyFieldListFilter),
    ]  # fmt: skip
    list_select_related = ["device__site__customer"]
    search_fields = ["number", "check_code", "device__units__serial", "device__site__customer__name"]
    search_help_text = _("Card number, check code, serial number or customer")
    ordering = ["-issued_at", "-pk"]

    @display(description=_("customer"))
    def customer(self, card: WarrantyCard) -> str:
        return card.device.site.customer.name

    @display(description=_("state"))
    def shown_state(self, card: WarrantyCard) -> str:
        return card_chip(card)

    @display(description=_("warranty until"))
    def until(self, card: WarrantyCard) -> str:
        return local_date(card.ends_on)

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        facts = [
            (_("Device"), link(request, thing.device)),
            (_("Customer"), link(request, thing.device.site.customer)),
            (_("Warranty from"), local_date(thing.starts_on)),
            (_("Warranty until"), local_date(thing.ends_on)),
            (_("Issued"), local_moment(thing.issued_at)),
            (_("Replaced by"), link(request, thing.replaced_by)),
            (_("Withdrawn"), local_moment(thing.withdrawn_at) if thing.withdrawn_at else ""),
            (_("Address of the check"), format_html('<a href="{0}">{0}</a>', check_url(thing))),
        ]
        return {
            "state": card_chip(thing),
            "documents": [thing.pdf] if thing.pdf else [],
            "first": [Section(_("Warranty card"), facts)],
        }


def cards_of_device(request: HttpRequest, device: Device) -> Listing:
    rows = [
        (link(request, card), card_chip(card), local_date(card.ends_on), local_moment(card.issued_at))
        for card in device.warranty_cards.all()
    ]
    return Listing(_("Warranty cards"), [_("Number"), _("State"), _("Warranty until"), _("Issued")], rows)


class RecordForm(ActForm):
    """A visit that the portal knows nothing of: before its time, or not ordered here."""

    kind = forms.ChoiceField(label=_("What was done"), choices=ServiceRecord.Kind)
    done_on = forms.DateField(label=_("Done on"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    partner = forms.ModelChoiceField(
        label=_("Service partner (may stay empty)"), queryset=Partner.objects.none(), required=False
    )
    protocol_number = forms.CharField(
        label=_("Number of the protocol or invoice (may stay empty)"), max_length=24, required=False
    )
    installer = forms.CharField(label=_("Installed by (may stay empty)"), max_length=160, required=False)
    installer_fgas = forms.CharField(
        label=_("F-gas certificate of the installer (may stay empty)"), max_length=60, required=False
    )
    seller = forms.CharField(label=_("Seller (may stay empty)"), max_length=160, required=False)
    invoice_number = forms.CharField(
        label=_("Number of the purchase invoice (may stay empty)"), max_length=60, required=False
    )
    reason = forms.CharField(
        label=_("Where we know it from"),
        widget=forms.Textarea({"rows": 2}),
        help_text=_("The owner reads this in the device's history."),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = Partner.objects.approved().order_by("name")  # type: ignore[attr-defined]


def _record_service(device: Device, by: Any, data: dict[str, Any]) -> ServiceRecord:
    told = {name: value for name in ALSO_TOLD if (value := data[name])}
    visit = {name: value for name, value in data.items() if name not in ALSO_TOLD}
    return actions.record_service(device, by=by, order_number="", card_facts=told, **visit)


RECORD = Act(
    "record", _("Record a start-up or inspection"), "warranty.add_servicerecord", _record_service,
    _("recorded, and the warranty is counted anew."), lambda device: True, form=RecordForm,
    hint=_("For a visit that was not ordered here. The warranty follows; where its card says something else by then, "
           "the owner gets a new one."),
)  # fmt: skip


def services_of_device(request: HttpRequest, device: Device) -> Listing:
    rows = [
        (record.get_kind_display(), local_date(record.done_on), record.partner_name, record.proof)
        for record in ServiceRecord.objects.filter(device=device)
    ]
    headers = [_("Service"), _("Done on"), _("Service partner"), _("Proof")]
    return Listing(_("Start-up and inspections"), headers, rows)


add_act("devices.device", RECORD)
add_listing("devices.device", services_of_device)
add_listing("devices.device", cards_of_device)
