"""Inspections by their date: who has to be called, and who was there last."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from orders.staff_queues import inspections_on_order, unordered
from portal.back_office import LookAdmin, page_url, two_lines
from portal.ui.templatetags.ui import chip, local_date
from warranty.models import Cover, ServiceRecord

SOON_DAYS = 60


class InspectionFilter(admin.SimpleListFilter):
    title = _("inspection")
    parameter_name = "inspection"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("overdue", _("overdue, not ordered")),
            ("ordered", _("overdue, ordered")),
            ("soon", _("due within 60 days")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        today = timezone.localdate()
        if self.value() == "soon":
            return queryset.filter(next_inspection_on__range=(today, today + timedelta(days=SOON_DAYS)))
        if self.value() not in ("overdue", "ordered"):
            return queryset
        late = queryset.overdue(today)  # type: ignore[attr-defined]
        return unordered(late) if self.value() == "overdue" else late.exclude(order_pk=None)


@admin.register(Cover)
class InspectionAdmin(LookAdmin):
    """A row leads to the device, whose page tells the rest."""

    heading = _("Inspections")
    list_display = ["device", "customer_and_phone", "place", "due", "last_partner", "ordered", "until"]
    export_display = ["device", "customer", "phone", "place", "due", "last_partner", "ordered", "until"]
    list_filter = [InspectionFilter]
    list_select_related = ["device__site__customer"]
    search_fields = ["device__name", "device__units__serial", "device__site__customer__name", "device__site__city"]
    search_help_text = _("Device, serial number, customer or town")
    ordering = ["next_inspection_on", "pk"]
    export_permission = "portal.export_lists"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        done = ServiceRecord.objects.filter(device=OuterRef("device")).order_by("-done_on", "-pk")
        on_order = inspections_on_order().order_by("pk")
        return (
            super()
            .get_queryset(request)
            .annotate(
                partner_name=Subquery(done.values("partner_name")[:1]),
                order_pk=Subquery(on_order.values("pk")[:1]),
                order_number=Subquery(on_order.values("number")[:1]),
            )
        )

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        cover = self.get_object(request, object_id) if self.has_view_permission(request) else None
        return redirect(page_url(cover.device)) if cover else super().change_view(request, object_id, *args, **kwargs)

    @display(description=_("customer"), ordering="device__site__customer__name")
    def customer(self, cover: Cover) -> str:
        return cover.device.site.customer.name

    @display(description=_("customer"), ordering="device__site__customer__name")
    def customer_and_phone(self, cover: Cover) -> str:
        return two_lines(self.customer(cover), self.phone(cover))

    @display(description=_("phone"))
    def phone(self, cover: Cover) -> str:
        return str(cover.device.site.customer.phone)

    @display(description=_("site"), ordering="device__site__city")
    def place(self, cover: Cover) -> str:
        return cover.device.site.name

    @display(description=_("next inspection"), ordering="next_inspection_on")
    def due(self, cover: Cover) -> str:
        day = local_date(cover.next_inspection_on)
        is_late = cover.next_inspection_on and cover.next_inspection_on < timezone.localdate()
        return format_html("{} {}", chip("attention", _("overdue")), day) if is_late else day

    @display(description=_("last service partner"))
    def last_partner(self, cover: Any) -> str:
        return cover.partner_name or ""

    @display(description=_("order"))
    def ordered(self, cover: Any) -> str:
        return cover.order_number or ""

    @display(description=_("warranty until"), ordering="ends_on")
    def until(self, cover: Cover) -> str:
        return local_date(cover.ends_on)
