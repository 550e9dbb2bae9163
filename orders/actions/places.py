"""Where a visit goes: a place stays as it is while a partner has an order for it, unless the office corrects it."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from devices.actions import correct_site
from devices.models import Device
from orders import messages, states
from orders.actions import steps
from orders.models import Order, OrderQuerySet
from portal.errors import Refused
from portal.events import record


def with_partner() -> OrderQuerySet:
    """Services that a partner has, or is offered."""
    return Order.objects.services().open().filter(service__partner__isnull=False).order_by("pk")


def move_fault(devices: Sequence[Device]) -> str:
    """Why these devices cannot get another address now, in words; "" when they can."""
    order = with_partner().filter(device__in=devices).first()
    if order is None:
        return ""
    return _(
        "The address cannot change now: a service partner has order %(number)s and comes to where the device is. "
        "If the address is wrong, write to us: our office corrects it and tells the partner."
    ) % {"number": order.number}


@transaction.atomic
def correct_address(
    order: Order, *, by: User, revision: int, street: str, postcode: str, city: str, country: str
) -> Order:
    """The office corrects the address of the order's site. Whoever comes there or waits there gets it by e-mail, and
    an agreed visit anew for the calendar.
    """
    site = order.device.site
    held = with_partner().filter(device__site=site) | Order.objects.services().filter(pk=order.pk)
    # Two clerks may correct the same site from two orders: each locks all of them, in the same order.
    locked = [steps.locked(one) for one in held.order_by("pk")]
    order = next(one for one in locked if one.pk == order.pk)
    if states.OFFICE not in steps.roles_of(order, by) or order.closed_at or revision != order.revision:
        raise Refused(_("The order has changed since you opened this page. Nothing was saved; look at it again."))
    address = {"street": street, "postcode": postcode, "city": city, "country": country}
    if all(getattr(site, name) == value for name, value in address.items()):
        raise Refused(_("This is the address that we have already."))
    correct_site(site, by=by, **address)
    for one in locked:
        one.device.site.refresh_from_db()
        one.revision += 1
        one.save(update_fields=["revision"])
        if one.service.partner is None:
            continue
        visit = messages.visit_of(one)
        visit = visit if visit and visit.starts > timezone.now() else None
        if visit:
            one.service.calendar_sequence += 1
            one.service.save(update_fields=["calendar_sequence"])
            messages.tell_owner(one, "address_corrected", visit=visit)
        messages.tell_partner(one, "address_corrected_partner", visit=visit, context={"visit_stays": bool(visit)})
        record("service.address", by=by, about=[one, one.device], data={"number": one.number})
    return order
