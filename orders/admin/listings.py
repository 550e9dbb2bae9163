"""What the pages of customers, devices and partners tell about orders."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Partner
from devices.models import Device
from orders import states
from orders.admin.common import order_listing
from orders.matching import OPEN_WORK
from orders.models import Order
from orders.presenters.office import deadline, state_chip
from portal.back_office import Listing, add_listing, link

# The newest ones; the list of orders finds the rest.
SHOWN = 30


def orders_of_customer(request: HttpRequest, customer: Customer) -> Listing:
    return order_listing(request, Order.objects.filter(customer=customer), _("Orders"))


def orders_of_device(request: HttpRequest, device: Device) -> Listing:
    return order_listing(request, Order.objects.filter(device=device), _("Orders"))


def work_of_partner(request: HttpRequest, partner: Partner) -> Listing:
    """What the partner has in hand, the oldest first."""
    services = partner.services.with_times().filter(order__state__in=[*OPEN_WORK, states.WAITING])
    rows = [
        (
            link(request, service.order),
            service.order.service_kind,
            service.order.device.site.name,
            service.engineer or "",
            state_chip(service.order),
            deadline(service),
        )
        for service in services.select_related("order__service_kind", "order__device__site", "engineer").order_by("pk")
    ]
    headers = [_("Number"), _("Service"), _("Site"), _("Engineer"), _("State"), _("Deadline")]
    return Listing(_("Open work"), headers, rows)


def orders_of_partner(request: HttpRequest, partner: Partner) -> Listing:
    mine = Order.objects.filter(service__partner=partner, state__in=states.CLOSED)
    newest = mine.order_by("-created_at", "-pk").values("pk")[:SHOWN]
    return order_listing(request, Order.objects.filter(pk__in=newest), _("Closed orders"))


add_listing("accounts.customer", orders_of_customer)
add_listing("devices.device", orders_of_device)
add_listing("accounts.partner", work_of_partner)
add_listing("accounts.partner", orders_of_partner)
