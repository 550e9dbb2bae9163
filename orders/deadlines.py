"""By when whoever has an order is expected to act. After that it counts as overdue, for everybody alike."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from orders import states
from orders.models import Order
from orders.rules import answer_deadline

# Working hours: the office finds a partner, the partner who accepted proposes times.
OFFICE_HOURS, PARTNER_HOURS = 24, 24
OWNER_TIME = timedelta(days=7)
# After the agreed end of the visit, for the protocol.
CLOSING_TIME = timedelta(days=1)


def due_at(order: Order) -> datetime | None:
    """The moment by which the next step is expected; None where nobody has to act by a certain time.

    Needs `service` and `device.site`.
    """
    return due_of(order, order.service, order.device.site.country) if order.kind == Order.Kind.SERVICE else None


def due_of(order: Any, service: Any, country: str) -> datetime | None:
    """The same for a service, of models or of rows with their columns."""
    if order.closed_at or order.state == states.DRAFT:
        return None
    if order.state == states.OFFERED:
        return service.answer_by
    if order.state == states.WAITING:
        return service.asked_at + OWNER_TIME if service.asked_at else None
    if service.visit_ends:
        return service.visit_ends + CLOSING_TIME
    if order.state == states.ACCEPTED and service.accepted_at:
        return answer_deadline(service.accepted_at, hours=PARTNER_HOURS, country=country)
    if order.state in (states.SUBMITTED, states.DECLINED) and service.to_assign_since:
        return answer_deadline(service.to_assign_since, hours=OFFICE_HOURS, country=country)
    return None


def is_overdue(order: Order) -> bool:
    return is_past(due_at(order))


def is_past(due: datetime | None) -> bool:
    return due is not None and due < timezone.now()
