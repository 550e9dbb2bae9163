"""The back office of the register: products and units, edited one by one, exported, and imported after a dry run."""

from datetime import date
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
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from import_export.admin import ExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import CSV, XLSX
from import_export.resources import ModelResource
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm
from unfold.decorators import display

from accounts.people import person_of
from devices import actions, imports
from devices.models import (
    DeviceUnit,
    Product,
    Unit,
)
from devices.rules import model_key, serial_key
from portal.back_office import (
    to_page,
)
from portal.errors import Refused
from portal.files.inspect import Inspected, refuse
from portal.files.models import Document
from portal.files.names import clean_name
from portal.files.store import keep_inspected

LINES_ON_A_PAGE = 100
# How the kept file remembers what it is; it is never handed out.
TABLE_TYPES = {"csv": "text/csv", "xlsx": "application/x-xlsx"}


class TableForm(forms.Form):
    """A CSV or XLSX file. It is kept at once, not attached to anything; importing it attaches it."""

    file = forms.FileField(
        label=_("CSV or XLSX file"),
        widget=forms.FileInput,
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
            import_url=reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_import"),
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
        changes = self.instance.pk and role != Product.objects.get(pk=self.instance.pk).role
        if changes and DeviceUnit.objects.filter(unit__product=self.instance).exists():
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
        fields = ["product", "serial", "made_on", "delivered_on"]

    def clean_serial(self) -> str:
        serial = self.cleaned_data["serial"].strip()
        key = serial_key(serial)
        if not key:
            raise ValidationError(_("The serial number has neither letters nor digits."))
        if Unit.objects.filter(key=key).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("The register has this serial number already."))
        return serial

    def clean_delivered_on(self) -> date | None:
        made_on, delivered_on = self.cleaned_data.get("made_on"), self.cleaned_data["delivered_on"]
        if made_on and delivered_on and delivered_on < made_on:
            raise ValidationError(_("The unit cannot have been delivered before it was made."))
        return delivered_on


class UnitResource(ModelResource):
    model = Field("product__code", "model")

    class Meta:
        model = Unit
        fields = ["model", "serial", "made_on", "delivered_on"]
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
    list_display = ["serial", "product", "made_on", "delivered_on", "holder", "added_at"]
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
        """Only the dates of a unit that a customer has."""
        return ["product", "serial"] if obj and DeviceUnit.objects.filter(unit=obj).exists() else []

    @display(description=_("customer"))
    def holder(self, unit: Unit) -> str:
        place = getattr(unit, "held_by", None)
        return f"{place.device.site.customer}, {place.device}" if place else ""

    def save_model(self, request: HttpRequest, obj: Unit, form: Any, change: bool) -> None:
        actions.save_unit(obj, by=person_of(request))
