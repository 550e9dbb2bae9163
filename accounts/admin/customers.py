"""The back office of customers."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.admin.access import invitations, members, warnings_of
from accounts.models import Customer
from accounts.presenters.customers import post_address
from portal.back_office import Listing, PageAdmin, Section, breakable
from portal.privacy import shown
from portal.ui.templatetags.ui import local_moment


@admin.register(Customer)
class CustomerAdmin(PageAdmin):
    list_display = ["name", "number", "kind", "shown_city", "shown_email", "phone", "since"]
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

    @display(description=_("town"), ordering="city")
    def shown_city(self, customer: Customer) -> Any:
        return shown(customer.city)

    @display(description=_("e-mail address"), ordering="email")
    def shown_email(self, customer: Customer) -> Any:
        return breakable(shown(customer.email))

    @display(description=_("customer since"), ordering="created_at")
    def since(self, customer: Customer) -> str:
        return local_moment(customer.created_at)

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
        (_("E-mail address"), shown(customer.email)),
        (_("Phone"), customer.phone),
        (_("Notes"), customer.notes),
        (_("Customer since"), local_moment(customer.created_at)),
    ]
