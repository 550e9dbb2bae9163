"""Words about customers, as their own people read them."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from accounts.links import for_customer
from accounts.models import Customer
from accounts.models.requests import part_name
from portal.access import Right
from portal.ui.table import Column, Table, link


def customer_table(rights: Iterable[Right], *, to: str) -> Table:
    """The customers that a person acts for; each leads to the page `to` for this customer."""
    columns = [
        Column(_("Name"), "main-cell"),
        Column(_("Customer number"), "nowrap"),
        Column(_("Your access")),
        Column(_("Sites")),
    ]
    every, some = _("all"), _("some")
    return Table(columns, [
        (
            link(for_customer(right.number, to), right.name),
            right.number,
            right.grade.label,
            every if right.sites is None else some,
        )
        for right in rights
    ])  # fmt: skip


def customer_facts(customer: Customer) -> list[tuple[Any, Any]]:
    """A customer's own record, as its members read it."""
    company = [(_("Tax number (NIP)"), customer.tax_number), (_("REGON"), customer.business_number or "–")]
    return [
        (_("Customer number"), customer.number),
        (_("Kind"), str(customer.get_kind_display()).capitalize()),
        (part_name(customer, "name"), customer.name),
        *([] if customer.kind == Customer.Kind.PRIVATE else company),
        (_("Address"), f"{customer.address}, {customer.get_country_display()}"),
        (_("Address for letters"), post_address(customer) or _("the same")),
        (_("E-mail address"), customer.email),
        (_("Phone"), customer.phone.as_international if customer.phone else "–"),
    ]


def post_address(customer: Customer) -> str:
    """Where letters go, in one line; empty where that is the customer's address."""
    if not customer.post_name or customer.erased_at:
        return ""
    return f"{customer.post_name}, {customer.post_street}, {customer.post_postcode} {customer.post_city}"
