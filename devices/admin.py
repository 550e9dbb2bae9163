"""The back office of sites and devices: the register, nameplates to check, claims."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from import_export.admin import ExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import CSV, XLSX
from import_export.resources import ModelResource
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget

from accounts.admin import customer_facts
from accounts.models import Customer
from accounts.people import person_of
from devices import actions, imports
from devices.models import (
    Claim,
    Device,
    DeviceUnit,
    NameplateCheck,
    Product,
    Registration,
    Site,
    Unit,
)
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
    to_page,
)
from portal.errors import Refused
from portal.files.inspect import Inspected, refuse
from portal.files.models import Document
from portal.files.names import clean_name
from portal.files.store import keep_inspected
from portal.ui.templatetags.ui import chip, local_date, local_moment

LINES_ON_A_PAGE = 100
# How the kept file remembers what it is; it is never handed out.
TABLE_TYPES = {"csv": "text/csv", "xlsx": "application/x-xlsx"}


class TableForm(forms.Form):
    """A CSV or XLSX file. It is kept at once, not attached to anything; importing it attaches it."""

    file = forms.FileField(
        label=_("CSV or XLSX file"),
        widget=UnfoldAdminFileFieldWidget,
        allow_empty_file=True,
    )

    def clean_file(self) -> Inspected:
        upload = self.cleaned_data["file"]
        if fault := getattr(upload, "fault", ""):
            refuse(fault, upload.name)
        content = upload.read()
        extension = "xlsx" if content.startswith(b"PK\x03\x04") else "csv"
        name = clean_name(upload.name.rpartition(".")[0] or upload.name, extension)
        return Inspected(name, extension, TABLE_TYPES[extension], None, content)


class RegisterAdmin(ExportMixin, ModelAdmin):
    """A table of the maker's data: edited one by one, exported, and imported after a dry run."""

    export_form_class = ExportForm
    formats = [CSV, XLSX]
    show_full_result_count = False
    list_per_page = 50
    actions = None
    import_export_change_list_template = "back_office/register_list.html"
    import_hint: Any = ""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return to_page(self, request)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The audit trail has it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The audit trail has it."""

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_import"
        return [
            path("import/", self.admin_site.admin_view(self.import_view), name=name),
            path(
                "import/<uuid:pk>/",
                self.admin_site.admin_view(self.report_view),
                name=f"{name}_report",
            ),
            *super().get_urls(),
        ]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Takes the file; what it would change is on the next page."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = TableForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                imports.read(form.cleaned_data["file"].content, self.model)
                document = keep_inspected(form.cleaned_data["file"], by=person_of(request))
            except imports.Unreadable as error:
                form.add_error("file", str(error))
            except ValidationError as error:
                form.add_error("file", error)
            else:
                return redirect("./" + str(document.pk) + "/")
        return self._answer(request, "back_office/import.html", form=form, columns=self._columns())

    def report_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What the file would change, line by line, and the button that does it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        document = get_object_or_404(
            Document,
            pk=pk,
            uploaded_by=person_of(request),
            content_type__in=TABLE_TYPES.values(),
        )
        if request.method == "POST" and self._import(request, document):
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        with document.file.open("rb") as file:
            report = imports.check(imports.read(file.read(), self.model), self.model)
        return self._answer(
            request,
            "back_office/report.html",
            document=document,
            **report_page(report, request.GET),
        )

    def _import(self, request: HttpRequest, document: Document) -> bool:
        try:
            report = actions.import_table(document, self.model, by=person_of(request))
        except Refused as refusal:
            messages.error(request, refusal.sentence)
            return False
        messages.success(
            request,
            _("Imported: %(new)s new, %(changed)s changed, %(unchanged)s unchanged.")
            % {state: report.count(state) for state in (imports.NEW, imports.CHANGED, imports.UNCHANGED)},
        )
        return True

    def _columns(self) -> list[tuple[str, bool]]:
        return [(name, name in imports.REQUIRED[self.model]) for name in imports.COLUMNS[self.model]]

    def _answer(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        title = _("Import: %(what)s") % {"what": self.opts.verbose_name_plural}
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "hint": self.import_hint,
        }
        return TemplateResponse(request, template, shared | context)


def report_page(report: imports.Report, query: Any) -> dict[str, Any]:
    """The lines of one state, a hundred at a time; errors first, since they stop the import."""
    words = [
        (imports.ERROR, "problem", _("errors")),
        (imports.NEW, "done", _("new")),
        (imports.CHANGED, "attention", _("changed")),
        (imports.UNCHANGED, "neutral", _("unchanged")),
    ]
    counts = [(state, tone, label, report.count(state)) for state, tone, label in words]
    filled = [state for state, _tone, _label, count in counts if count]
    shown = query.get("show") if query.get("show") in filled else filled[0]
    page = Paginator(report.having(shown), LINES_ON_A_PAGE).get_page(query.get("page"))
    return {
        "counts": counts,
        "shown": shown,
        "page": page,
        "errors": report.count(imports.ERROR),
        "writes": report.count(imports.NEW) + report.count(imports.CHANGED),
    }


class ProductForm(forms.ModelForm):
    class Meta:
        model = Product
        fields = ["code", "name", "maker", "role", "heat_output_kw", "refrigerant"]

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].strip()
        key = model_key(code)
        if not key:
            raise ValidationError(_("The model has neither letters nor digits."))
        if Product.objects.filter(code_key=key).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("There is a product with this model already."))
        return code

    def clean_role(self) -> str:
        role = self.cleaned_data["role"]
        if self.instance.pk and role != Product.objects.get(pk=self.instance.pk).role:
            if DeviceUnit.objects.filter(unit__product=self.instance).exists():
                raise ValidationError(_("Customers have units of this product; its kind of unit cannot change."))
        return role


class ProductResource(ModelResource):
    model = Field("code", "model")

    class Meta:
        model = Product
        fields = ["model", "name", "maker", "role", "heat_output_kw", "refrigerant"]
        export_order = fields


@admin.register(Product)
class ProductAdmin(RegisterAdmin):
    form = ProductForm
    resource_classes = [ProductResource]
    list_display = [
        "code",
        "name",
        "maker",
        "role",
        "heat_output_kw",
        "refrigerant",
        "units_known",
    ]
    list_filter = ["role", "maker"]
    search_fields = ["code", "name", "maker"]
    search_help_text = _("Model, name or maker")
    import_hint = _("Products already known are changed; an empty cell keeps what is there.")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(units_counted=Count("units"))

    @display(description=_("units in the register"))
    def units_known(self, product: Any) -> int:
        return product.units_counted

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        actions.save_product(obj, by=person_of(request))


class UnitForm(forms.ModelForm):
    class Meta:
        model = Unit
        fields = ["product", "serial", "made_on"]

    def clean_serial(self) -> str:
        serial = self.cleaned_data["serial"].strip()
        key = serial_key(serial)
        if not key:
            raise ValidationError(_("The serial number has neither letters nor digits."))
        if Unit.objects.filter(key=key).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("The register has this serial number already."))
        return serial


class UnitResource(ModelResource):
    model = Field("product__code", "model")

    class Meta:
        model = Unit
        fields = ["model", "serial", "made_on"]
        export_order = fields


class HeldFilter(admin.SimpleListFilter):
    title = _("in a device")
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("in a customer's device")), ("no", _("free"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(held_by__isnull=self.value() == "no") if self.value() else queryset


@admin.register(Unit)
class UnitAdmin(RegisterAdmin):
    form = UnitForm
    resource_classes = [UnitResource]
    list_display = ["serial", "product", "made_on", "holder", "added_at"]
    list_filter = [HeldFilter, "product__role", "added_at"]
    list_select_related = ["product", "held_by__device__site__customer"]
    search_fields = ["key"]
    search_help_text = _("Serial number, or model")
    ordering = ["-added_at", "-pk"]
    import_hint = _("Units already known are changed; an empty date keeps what is there.")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.split():
            key = serial_key(word)
            # By the key's beginning: that is what the index finds among a hundred thousand units.
            hits = queryset.filter(key__startswith=key) | queryset.filter(product__code_key__startswith=key)
            queryset = hits if key else queryset.none()
        return queryset, False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Only the date of a unit that a customer has."""
        return ["product", "serial"] if obj and DeviceUnit.objects.filter(unit=obj).exists() else []

    @display(description=_("customer"))
    def holder(self, unit: Unit) -> str:
        place = getattr(unit, "held_by", None)
        return f"{place.device.site.customer}, {place.device}" if place else ""

    def save_model(self, request: HttpRequest, obj: Unit, form: Any, change: bool) -> None:
        actions.save_unit(obj, by=person_of(request))


@admin.register(Site)
class SiteAdmin(PageAdmin):
    list_display = [
        "name",
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
    list_display = [
        "name",
        "kind",
        "serials",
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
    headers = [_("Kind of unit"), _("As typed"), _("In the register"), _("Made on")]
    rows = [
        (
            place.get_role_display(),
            f"{place.model} {place.serial}",
            link(request, place.unit) if place.unit else chip("attention", _("not confirmed")),
            local_date(place.unit.made_on if place.unit else None),
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
        (_("Name"), link(request, customer)),
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
        "email",
        "state",
        "language",
        "created_at",
        "sent_at",
        "confirmed_at",
    ]
    list_filter = ["state", "created_at"]
    search_fields = ["email"]
    search_help_text = _("E-mail address")
    ordering = ["-created_at", "-pk"]
    fields = [
        "email",
        "state",
        "language",
        "created_at",
        "changed_at",
        "sent_at",
        "confirmed_at",
        "user",
    ]
    readonly_fields = fields
