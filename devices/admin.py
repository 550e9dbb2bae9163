"""The back office of sites and devices: look-up, nameplates to check, claims."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.admin.customers import customer_facts
from accounts.models import Customer
from devices import (
    actions,
    admin_register,  # noqa: F401  products and units register themselves
)
from devices.models import Claim, Device, DeviceUnit, NameplateCheck, Product, Registration, Site, Unit
from devices.rules import model_key, serial_key
from portal.back_office import (
    Act,
    ActForm,
    AnswerFilter,
    Listing,
    LookAdmin,
    PageAdmin,
    Section,
    add_listing,
    age,
    answer_chip,
    answer_section,
    link,
)
from portal.ui.templatetags.ui import chip, local_date, local_moment


@admin.register(Site)
class SiteAdmin(PageAdmin):
    list_display = [
        "shown_name",
        "customer",
        "postcode",
        "city",
        "devices_there",
        "created_at",
    ]
    list_filter = ["building_kind", "country", "created_at"]
    list_select_related = ["customer"]
    search_fields = ["own_name", "street", "postcode", "city", "customer__name"]
    search_help_text = _("Name, address or customer")
    ordering = ["-created_at", "-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(devices_counted=Count("devices"))

    @display(description=_("name"))
    def shown_name(self, site: Site) -> str:
        return site.name

    @display(description=_("devices"))
    def devices_there(self, site: Any) -> int:
        return site.devices_counted

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        facts = [
            (_("Customer"), link(request, thing.customer)),
            (_("Kind of building"), thing.get_building_kind_display()),
            (_("Address"), f"{thing.address}, {thing.get_country_display()}"),
            (_("Notes"), thing.notes),
            (_("Added"), local_moment(thing.created_at)),
        ]
        return {"first": [Section(_("Site"), facts)]}

    def listings(self, request: HttpRequest, thing: Any) -> list[Listing]:
        return [
            device_listing(request, thing.devices),
            *super().listings(request, thing),
        ]


@admin.register(Device)
class DeviceAdmin(PageAdmin):
    export_permission = "portal.export_lists"
    list_display = [
        "name",
        "kind",
        "shown_serials",
        "customer",
        "shown_site",
        "purchased_on",
        "created_at",
    ]
    list_filter = ["kind", ("purchased_on", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["site__customer"]
    search_fields = [
        "name",
        "units__serial",
        "site__city",
        "site__street",
        "site__customer__name",
    ]
    search_help_text = _("Name, serial number, address or customer")
    ordering = ["-created_at", "-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("units")

    @display(description=_("Serial numbers"))
    def shown_serials(self, device: Device) -> str:
        return device.serials

    @display(description=_("customer"), ordering="site__customer__name")
    def customer(self, device: Device) -> str:
        return device.site.customer.name

    @display(description=_("site"), ordering="site__city")
    def shown_site(self, device: Device) -> str:
        return device.site.name

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        facts = [
            (_("Customer"), link(request, thing.site.customer)),
            (_("Site"), link(request, thing.site)),
            (_("Kind"), thing.get_kind_display()),
            (_("Purchase date"), local_date(thing.purchased_on)),
            (_("Added"), local_moment(thing.created_at)),
        ]
        return {"first": [Section(_("Device"), facts)]}

    def listings(self, request: HttpRequest, thing: Any) -> list[Listing]:
        return [
            unit_listing(request, thing),
            cases_of_device(request, thing),
            *super().listings(request, thing),
        ]


def unit_listing(request: HttpRequest, device: Device) -> Listing:
    """The nameplates of a device, as typed and as the register has them."""
    headers = [_("Kind of unit"), _("As typed"), _("In the register"), _("Made on"), _("Delivered on")]
    rows = [
        (
            place.get_role_display(),
            f"{place.model} {place.serial}",
            link(request, place.unit) if place.unit else chip("attention", _("not confirmed")),
            local_date(place.unit.made_on if place.unit else None),
            local_date(place.unit.delivered_on if place.unit else None),
        )
        for place in device.units.select_related("unit__product")
    ]
    return Listing(_("Units"), headers, rows)


def cases_of_device(request: HttpRequest, device: Device) -> Listing:
    cases = [
        *NameplateCheck.objects.filter(device_unit__device=device).select_related("device_unit"),
        *Claim.objects.filter(device_unit__device=device).select_related("device_unit"),
    ]
    rows = [
        (
            link(request, case),
            case._meta.verbose_name,
            answer_chip(case),
            local_moment(case.created_at),
        )
        for case in cases
    ]
    return Listing(_("Nameplates and claims"), [_("Unit"), _("Case"), _("State"), _("Sent")], rows)


def device_listing(request: HttpRequest, devices: Any) -> Listing:
    rows = [
        (
            link(request, device),
            device.get_kind_display(),
            device.serials,
            device.site.name,
            local_date(device.purchased_on),
        )
        for device in devices.select_related("site").prefetch_related("units")
    ]
    headers = [
        _("Device"),
        _("Kind"),
        _("Serial numbers"),
        _("Site"),
        _("Purchase date"),
    ]
    return Listing(_("Devices"), headers, rows)


def sites_of_customer(request: HttpRequest, customer: Customer) -> Listing:
    rows = [(link(request, site), site.address) for site in customer.sites.all()]
    return Listing(_("Sites"), [_("Site"), _("Address")], rows)


def devices_of_customer(request: HttpRequest, customer: Customer) -> Listing:
    return device_listing(request, Device.objects.filter(site__customer=customer))


add_listing("accounts.customer", sites_of_customer)
add_listing("accounts.customer", devices_of_customer)


class CaseAdmin(PageAdmin):
    """Cases about one unit of a device, answered once."""

    list_display = [
        "shown_unit",
        "device",
        "customer",
        "shown_state",
        "age",
        "decided_by",
    ]
    list_filter = [("decision", AnswerFilter), "created_at"]
    list_select_related = ["device_unit__device__site__customer", "decided_by"]
    search_fields = [
        "device_unit__serial",
        "device_unit__model",
        "device_unit__device__site__customer__name",
    ]
    search_help_text = _("Serial number, model or customer")
    ordering = ["created_at", "pk"]
    queue_query = "?decision__exact="

    def waiting(self) -> QuerySet:
        return self.model.objects.waiting().order_by("created_at", "pk")

    @display(description=_("nameplate"), ordering="device_unit__serial")
    def shown_unit(self, case: Any) -> str:
        return str(case.device_unit)

    @display(description=_("device"))
    def device(self, case: Any) -> str:
        return case.device_unit.device.name

    @display(description=_("customer"), ordering="device_unit__device__site__customer__name")
    def customer(self, case: Any) -> str:
        return case.device_unit.device.site.customer.name

    @display(description=_("state"), ordering="decision")
    def shown_state(self, case: Any) -> str:
        return answer_chip(case)

    @display(description=_("age"), ordering="created_at")
    def age(self, case: Any) -> str:
        return age(case.created_at)


def waits(case: Any) -> bool:
    return not case.decision


def owner_rows(request: HttpRequest, device: Device) -> list[tuple[Any, Any]]:
    """Whose device it is, and where it stands."""
    customer = device.site.customer
    return [
        (_("Device"), link(request, device)),
        (_("Site"), link(request, device.site)),
        (_("Name or company"), link(request, customer)),
        *customer_facts(customer),
    ]


def similar_units(device_unit: DeviceUnit) -> list[Unit]:
    """What the register has under the number as typed, or under one that is easily mistaken for it."""
    typed = Unit(serial=device_unit.serial)
    typed.derive()
    return list(Unit.objects.filter(skeleton=typed.skeleton).select_related("product", "held_by__device")[:5])


class ConfirmNameplateForm(ActForm):
    product = forms.ModelChoiceField(label=_("Product"), queryset=Product.objects.none())
    serial = forms.CharField(label=_("Serial number on the photo"), max_length=40)
    made_on = forms.DateField(
        label=_("Made on (may stay empty)"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, thing: NameplateCheck, **kwargs: Any):
        place = thing.device_unit
        products = Product.objects.filter(role=place.role)
        kwargs["initial"] = {
            "product": products.filter(code_key=model_key(place.model)).first(), "serial": place.serial,
        }  # fmt: skip
        super().__init__(*args, thing=thing, **kwargs)
        self.fields["product"].queryset = products  # type: ignore[attr-defined]

    def clean_serial(self) -> str:
        if not serial_key(self.cleaned_data["serial"]):
            raise ValidationError(_("The serial number has neither letters nor digits."))
        return self.cleaned_data["serial"].strip()


class AnswerForm(ActForm):
    answer = forms.CharField(
        label=_("Why, and what the owner can do"),
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The owner reads this in an e-mail."),
    )


class GrantForm(ActForm):
    answer = forms.CharField(
        label=_("Words to the new owner (may stay empty)"),
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )


@admin.register(NameplateCheck)
class NameplateCheckAdmin(CaseAdmin):
    acts = [
        Act(
            "confirm", _("Enter the unit and attach it"), "devices.decide_nameplatecheck",
            lambda check, by, data: actions.confirm_nameplate(check, by=by, **data), _("unit entered and attached."),
            waits, form=ConfirmNameplateForm, tone="primary",
            hint=_("Type what the photo shows; it goes into the register, and the owner is told."),
        ),
        Act(
            "refuse", _("Do not confirm"), "devices.decide_nameplatecheck",
            lambda check, by, data: actions.refuse_nameplate(check, by=by, **data), _("not confirmed."),
            waits, form=AnswerForm, tone="danger",
        ),
    ]  # fmt: skip

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        place = thing.device_unit
        typed = [
            (_("Kind of unit"), place.get_role_display()),
            (_("Model"), place.model),
            (_("Serial number"), place.serial),
            (_("Sent"), local_moment(thing.created_at)),
        ]
        return {
            "state": answer_chip(thing),
            "documents": thing.photos.all(),
            "first": [*answer_section(thing, [(_("In words"), thing.answer)]), Section(_("As typed"), typed)],
            "sections": [Section(_("Owner"), owner_rows(request, place.device))],
        }

    def listings(self, request: HttpRequest, thing: Any) -> list[Listing]:
        rows = [
            (
                link(request, unit),
                local_date(unit.made_on),
                link(request, unit.held_by.device) if hasattr(unit, "held_by") else "",
            )
            for unit in similar_units(thing.device_unit)
        ]
        found = Listing(
            _("What the register says of this number"),
            [_("Unit"), _("Made on"), _("In the device")],
            rows,
        )
        return [found, unit_listing(request, thing.device_unit.device)]


@admin.register(Claim)
class ClaimAdmin(CaseAdmin):
    acts = [
        Act(
            "grant", _("Grant the claim"), "devices.decide_claim",
            lambda claim, by, data: actions.grant_claim(claim, by=by, **data), _("claim granted."),
            waits, form=GrantForm, tone="primary",
            hint=_("The unit leaves the device that holds it now. Both owners are told."),
        ),
        Act(
            "refuse", _("Refuse the claim"), "devices.decide_claim",
            lambda claim, by, data: actions.refuse_claim(claim, by=by, **data), _("claim refused."),
            waits, form=AnswerForm, tone="danger",
        ),
    ]  # fmt: skip

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        place = thing.device_unit
        claim = [
            (_("Unit"), f"{place.model} {place.serial}"),
            (_("Reason"), thing.reason),
            (_("Sent"), local_moment(thing.created_at)),
        ]
        return {
            "state": answer_chip(thing),
            "documents": thing.proofs.all(),
            "first": [
                *answer_section(thing, [(_("In words"), thing.answer)]),
                Section(_("The claim"), claim),
                Section(_("Who claims it"), owner_rows(request, place.device)),
                Section(_("Who holds it now"), self._holder(request, place)),
            ],
        }

    def _holder(self, request: HttpRequest, place: DeviceUnit) -> list[tuple[Any, Any]]:
        holder = (
            DeviceUnit.objects.filter(unit__key=place.serial_key)
            .exclude(pk=place.pk)
            .select_related("device__site__customer", "unit")
            .first()
        )
        if holder is None:
            return [(_("Holder"), _("Nobody"))]
        facts = [
            (_("Unit"), link(request, holder.unit)),
            (_("Device since"), local_moment(holder.device.created_at)),
            (_("Confirmed purchase date"), local_date(holder.device.purchased_on)),
        ]
        return [*facts, *owner_rows(request, holder.device)]

    def listings(self, request: HttpRequest, thing: Any) -> list[Listing]:
        return [unit_listing(request, thing.device_unit.device)]


@admin.register(Registration)
class RegistrationAdmin(LookAdmin):
    """How far a registration is; what was typed stays the person's own until it is confirmed."""

    list_display = [
        "shown_email",
        "state",
        "shown_language",
        "created_at",
        "sent_at",
        "confirmed_at",
    ]
    list_filter = ["state", "created_at"]
    search_fields = ["email"]
    search_help_text = _("E-mail address")
    ordering = ["-created_at", "-pk"]
    fields = [
        "shown_email",
        "state",
        "shown_language",
        "created_at",
        "changed_at",
        "sent_at",
        "confirmed_at",
        "user",
    ]
    readonly_fields = fields

    @display(description=_("e-mail address"), ordering="email")
    def shown_email(self, registration: Registration) -> Any:
        return registration.email or _("not typed yet")

    @display(description=_("language"), ordering="language")
    def shown_language(self, registration: Registration) -> str:
        return dict(settings.LANGUAGES)[registration.language]
