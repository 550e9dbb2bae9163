"""The back office of customers."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.access import invitations, members, warnings_of
from accounts.models import Customer
from accounts.presenters.customers import post_address
from portal.back_office import Listing, PageAdmin, Section
from portal.ui.templatetags.ui import local_moment


@admin.register(Customer)
class CustomerAdmin(PageAdmin):
    list_display = ["name", "number", "kind", "city", "email", "phone", "created_at"]
    export_permission = "portal.export_lists"
    list_filter = ["kind", "created_at"]
    search_fields = [
        "name",
        "number",
        "email",
        "tax_number",
        "phone",
        "city",
        "memberships__user__email",
    ]
    search_help_text = _("Name, customer number, e-mail address, tax number, phone or town")
    ordering = ["-created_at", "-pk"]

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        return {
            "warnings": warnings_of(Customer.objects.filter(pk=thing.pk)),
            "first": [Section(_("Customer"), customer_facts(thing))],
        }

    def listings(self, request: HttpRequest, thing: Any) -> list[Listing]:
        own = [members(request, thing), invitations(request, thing)]
        return [*own, *super().listings(request, thing)]


def customer_facts(customer: Customer) -> list[tuple[Any, Any]]:
    """What every page tells about a customer."""
    return [
        (_("Customer number"), customer.number),
        (_("Kind"), customer.get_kind_display()),
        (_("Tax number"), customer.tax_number),
        (_("REGON"), customer.business_number),
        (_("Address"), f"{customer.address}, {customer.get_country_display()}"),
        (_("Address for letters"), post_address(customer)),
        (_("E-mail address"), customer.email),
        (_("Phone"), customer.phone),
        (_("Notes"), customer.notes),
        (_("Since"), local_moment(customer.created_at)),
    ]
