"""The back office of services: what can be ordered, what partners may do, and until when."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.models import Partner
from accounts.people import person_of
from accounts.rules import looks_like_fgas_certificate
from devices.models import DEVICE_KINDS
from portal.back_office import Act, Listing, PageAdmin, Section, add_filter, add_listing, link, page_url
from portal.files.inspect import Inspected, inspect
from portal.files.store import keep_inspected
from portal.ui.templatetags.ui import local_date
from services import (
    actions,
    admin_checklists,  # noqa: F401  checklists register themselves
)
from services.admin_parts import RowAdmin
from services.models import Certificate, Qualification, ServiceKind, unready_partners
from services.models.kind import ASKED_FOR
from services.presenters import validity_chip


def certificates_field(name: str) -> forms.MultipleChoiceField:
    field: Any = ServiceKind._meta.get_field(name)
    return forms.MultipleChoiceField(
        label=capfirst(field.verbose_name), help_text=field.help_text, required=False,
        choices=ASKED_FOR, widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )  # fmt: skip


class ServiceKindForm(forms.ModelForm):
    device_kinds = forms.MultipleChoiceField(
        label=_("For these kinds of devices"), choices=DEVICE_KINDS, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    certificates = certificates_field("certificates")
    split_certificates = certificates_field("split_certificates")

    class Meta:
        model = ServiceKind
        exclude: list[str] = []


@admin.register(ServiceKind)
class ServiceKindAdmin(RowAdmin):
    form = ServiceKindForm
    autocomplete_fields = ["products"]
    list_display = ["shown_name", "outcome", "duration_minutes", "answer_hours", "passes_on", "is_active", "position"]
    ordering = ["position"]
    fieldsets = [
        (_("What it is called"), {"fields": [
            "code", "name_pl", "name_cs", "name_en", "hint_pl", "hint_cs", "hint_en", "position", "is_active",
        ]}),
        (_("For which devices"), {"fields": [
            "device_kinds", "products", "needs_start_up", "once_per_device", "min_months_since_last", "photos_needed",
        ]}),
        (_("The visit"), {"fields": ["outcome", "duration_minutes"]}),
        (_("Who may do it"), {"fields": ["certificates", "split_certificates"]}),
        (_("Offers to partners"), {"fields": ["answer_hours", "passes_on"]}),
    ]  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Orders and code know a kind by its code, and devices what it did to them."""
        return ["code", "outcome"] if obj else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if obj else {"code": ["name_en"]}

    @display(description=_("name"))
    def shown_name(self, kind: ServiceKind) -> str:
        return kind.name

    def save_model(self, request: HttpRequest, obj: ServiceKind, form: Any, change: bool) -> None:
        actions.save_kind(obj, products=form.cleaned_data["products"], by=person_of(request))


class QualificationForm(forms.ModelForm):
    class Meta:
        model = Qualification
        fields = ["partner", "kinds", "products"]
        widgets = {"kinds": UnfoldAdminCheckboxSelectMultipleWidget}


@admin.register(Qualification)
class QualificationAdmin(RowAdmin):
    form = QualificationForm
    fields = ["partner", "kinds", "products"]
    autocomplete_fields = ["products"]
    list_display = ["partner", "shown_kinds"]
    list_select_related = ["partner"]
    search_fields = ["partner__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("kinds")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["partner"] if obj else []

    @display(description=_("services"))
    def shown_kinds(self, qualification: Qualification) -> str:
        return _names(qualification.kinds.all())

    def save_model(self, request: HttpRequest, obj: Qualification, form: Any, change: bool) -> None:
        data = form.cleaned_data
        saved = actions.save_qualification(
            obj.partner, kinds=data["kinds"], products=data["products"], by=person_of(request)
        )
        obj.pk = saved.pk

    def target(self, obj: Qualification) -> str:
        return page_url(obj.partner)


def _names(kinds: Any) -> str:
    return ", ".join(str(kind) for kind in kinds)


class CertificateForm(forms.ModelForm):
    """A paper of a partner. `file` is inspected here, and kept by the view."""

    file = forms.FileField(
        label=_("Scan or photo (may stay empty)"),
        required=False,
        widget=forms.FileInput,
        allow_empty_file=True,
    )

    class Meta:
        model = Certificate
        fields = ["kind", "number", "valid_from", "valid_until"]
        widgets = {
            "valid_from": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "valid_until": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }

    def clean_file(self) -> Inspected | None:
        upload = self.cleaned_data["file"]
        return inspect(upload) if upload else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("valid_from"), data.get("valid_until")
        if first and last and last < first:
            self.add_error("valid_until", _("The certificate would end before it begins."))
        return data


class ReadyFilter(admin.SimpleListFilter):
    """On the list of partners: whom nobody can choose, though the office has said yes."""

    title = _("services and certificates")
    parameter_name = "ready"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("approved, without services or a valid certificate"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() != "no":
            return queryset
        return queryset.filter(pk__in=unready_partners(timezone.localdate()).values("pk"))


class EndFilter(admin.SimpleListFilter):
    title = _("validity")
    parameter_name = "ends"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("soon", _("over or soon over, not replaced")), ("valid", _("valid today"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        today = timezone.localdate()
        if self.value() == "soon":
            return queryset.to_watch(today=today)  # type: ignore[attr-defined]
        return queryset.valid_on(today) if self.value() == "valid" else queryset  # type: ignore[attr-defined]


@admin.register(Certificate)
class CertificateAdmin(PageAdmin):
    export_permission = "portal.export_lists"
    list_display = ["number", "kind", "partner", "valid_from", "valid_until", "validity"]
    list_filter = [EndFilter, "kind"]
    list_select_related = ["partner"]
    search_fields = ["number", "partner__name"]
    search_help_text = _("Number or service partner")
    ordering = ["valid_until", "pk"]
    acts = [
        Act(
            "remove", _("Remove"), "services.change_certificate",
            lambda certificate, by, data: actions.remove_certificate(certificate, by=by), _("removed."),
            lambda certificate: certificate.pk is not None, tone="danger",
            hint=_("For one that was entered by mistake, or that nobody will renew."),
        ),
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm("services.add_certificate")

    def get_urls(self) -> list[Any]:
        edit = self.admin_site.admin_view(self.edit_view)
        return [path("<int:pk>/edit/", edit, name="services_certificate_edit"), *super().get_urls()]

    @display(description=_("validity"))
    def validity(self, certificate: Certificate) -> str:
        return validity_chip(certificate)

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        facts = [
            (_("Service partner"), link(request, thing.partner)),
            (_("Kind"), thing.get_kind_display()),
            (_("Number"), thing.number),
            (_("Valid from"), local_date(thing.valid_from)),
            (_("Valid until"), local_date(thing.valid_until)),
        ]
        if request.user.has_perm("services.change_certificate"):
            url = reverse("admin:services_certificate_edit", args=[thing.pk])
            facts.append((_("Something wrong?"), format_html('<a href="{}">{}</a>', url, _("Correct it"))))
        return {
            "state": validity_chip(thing),
            "documents": [thing.document] if thing.document else [],
            "warnings": certificate_warnings(thing),
            "first": [Section(_("Certificate"), facts)],
        }

    def _next_url(self, thing: Any) -> str:
        return page_url(thing.partner)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A new certificate of the partner in `?partner=`."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        partner_id = request.GET.get("partner", "")
        partner = get_object_or_404(Partner, pk=partner_id if partner_id.isdecimal() else 0)
        return self._edit(request, Certificate(partner=partner))

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("services.change_certificate"):
            raise PermissionDenied
        return self._edit(request, get_object_or_404(Certificate, pk=pk))

    def _edit(self, request: HttpRequest, certificate: Certificate) -> HttpResponse:
        """Not in a transaction: a file is kept first, and then belongs to something."""
        form = CertificateForm(request.POST or None, request.FILES or None, instance=certificate)
        if request.method == "POST" and form.is_valid():
            try:
                return self._save(request, form)
            except ValidationError as error:  # the disk is full
                form.add_error("file", error)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": certificate.partner,
            "partner_url": page_url(certificate.partner),
            "form": form,
        }
        return TemplateResponse(request, "services/certificate_form.html", context)

    def _save(self, request: HttpRequest, form: CertificateForm) -> HttpResponse:
        inspected = form.cleaned_data["file"]
        document = keep_inspected(inspected, by=person_of(request)) if inspected else None
        certificate = actions.save_certificate(form.save(commit=False), document=document, by=person_of(request))
        messages.success(request, _("%(certificate)s is saved.") % {"certificate": certificate})
        for warning in certificate_warnings(certificate):
            messages.warning(request, warning)
        return redirect(page_url(certificate.partner))


def certificate_warnings(certificate: Certificate) -> list[Any]:
    """What looks odd about it and is taken all the same."""
    if certificate.kind != Certificate.Kind.FGAS or looks_like_fgas_certificate(certificate.number):
        return []
    return [_("The number of the F-gas certificate does not have the usual form FGAZ-P/01/12345/22.")]


def certificates_of(request: HttpRequest, partner: Any) -> Listing:
    """On a partner's page: the papers, and a way to add one."""
    rows: list[Any] = [
        (link(request, one), local_date(one.valid_until), validity_chip(one))
        for one in partner.certificates.order_by("-valid_until")
    ]
    if request.user.has_perm("services.add_certificate"):
        url = f"{reverse('admin:services_certificate_add')}?partner={partner.pk}"
        rows.append((format_html('<a href="{}">{}</a>', url, _("Add a certificate")), "", ""))
    return Listing(_("Certificates"), [_("Certificate"), _("Valid until"), _("Validity")], rows)


def services_of(request: HttpRequest, partner: Any) -> Listing:
    """On a partner's page: which services it does, on which products."""
    qualification = Qualification.objects.filter(partner=partner).first()
    rows: list[Any] = []
    if qualification:
        products = ", ".join(product.code for product in qualification.products.all())
        rows = [(_names(qualification.kinds.all()) or _("none"), products or _("all products"))]
    rows += _edit_services(request, partner, qualification)
    return Listing(_("Services"), [_("Services"), _("Products")], rows)


def _edit_services(request: HttpRequest, partner: Any, qualification: Qualification | None) -> list[Any]:
    if qualification and request.user.has_perm("services.change_qualification"):
        return [(link(request, qualification, _("Change the services")), "")]
    if not qualification and request.user.has_perm("services.add_qualification"):
        url = f"{reverse('admin:services_qualification_add')}?partner={partner.pk}"
        return [(format_html('<a href="{}">{}</a>', url, _("Choose the services")), "")]
    return []


add_filter("accounts.partner", ReadyFilter)
add_listing("accounts.partner", services_of)
add_listing("accounts.partner", certificates_of)
