"""Somebody leaves the team of a service partner: the orders in hand go back to the managers."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import teams
from accounts.models import PartnerMembership, User
from orders import messages, states
from orders.actions import steps
from orders.models import Order
from portal.errors import Refused
from portal.events import record


@transaction.atomic
def remove(place: PartnerMembership, *, by: User) -> None:
    """Takes a person out of the team. Work that has begun is ended or handed over first."""
    held = Order.objects.services().open().filter(service__partner=place.partner_id, service__engineer=place.user_id)
    for order in held.order_by("pk"):
        order = steps.locked(order)
        if order.service.engineer_id != place.user_id:
            continue
        if order.state == states.UNDER_WAY:
            raise Refused(
                _("%(person)s is at work on order %(number)s. Hand it over first.")
                % {"person": place.user, "number": order.number}
            )
        visit = messages.visit_of(order)
        if visit:
            order.service.calendar_sequence += 1
        messages.tell_partner(order, "order_taken_away", visit=messages.called_off(visit))
        order.service.engineer = None
        # Without an engineer the managers have it.
        messages.tell_partner(order, "order_handed_over", visit=visit, besides=place.user)
        order.service.save(update_fields=["engineer", "calendar_sequence"])
        order.revision += 1
        order.save(update_fields=["revision"])
        record("service.freed", by=by, about=[order, order.device], data={"number": order.number})
    teams.remove(place, by=by)
