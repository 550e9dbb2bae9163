"""The one rule: who has an order, and by when that side is expected to act. After that it is late, for everybody."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from orders import states
from orders.rules import answer_deadline

OWNER, OFFICE, PARTNER = states.OWNER, states.OFFICE, "partner"
# Working hours: the office finds a partner, the partner agrees a date.
OFFICE_HOURS, PARTNER_HOURS = 24, 24
# Working hours in which the partner says whether the visit can be moved.
MOVE_HOURS = 8
# In which the owner answers a question, or chooses one of the proposed times.
OWNER_TIME = timedelta(days=7)
# After the end of the visit, for the protocol.
CLOSING_TIME = timedelta(days=1)


class Turn(NamedTuple):
    """Who has an order, OWNER, OFFICE, PARTNER or nobody (""); and by when, None where no time is set."""

    who: str
    by: datetime | None

    @property
    def is_late(self) -> bool:
        return self.by is not None and self.by <= timezone.now()


def turn_of(order: Any, *, has_times: bool = False) -> Turn:
    """The turn of a service order. Needs `service` and `device.site`.

    `has_times`: the partner has proposed times, which the owner has not answered.
    """
    return due_of(order, order.service, order.device.site.country, has_times=has_times)


def due_of(order: Any, service: Any, country: str, *, has_times: bool) -> Turn:
    """The same of models, or of rows with their columns."""
    state = order.state
    if order.closed_at:
        return Turn("", None)
    if is_missed(state, service.visit_ends):
        return Turn(PARTNER, service.visit_ends)
    if state == states.WAITING:
        return Turn(OWNER, service.asked_at + OWNER_TIME if service.asked_at else None)
    if service.answer_by:
        return Turn(OWNER if has_times else PARTNER, service.answer_by)
    if state == states.SCHEDULED:
        return Turn(PARTNER, service.visit_ends)
    if state == states.UNDER_WAY:
        return Turn(PARTNER, service.visit_ends and service.visit_ends + CLOSING_TIME)
    if state == states.ACCEPTED:
        return Turn(PARTNER, _after(service.turn_since, PARTNER_HOURS, country))
    if state in (states.SUBMITTED, states.DECLINED):
        return Turn(OFFICE, _after(service.turn_since, OFFICE_HOURS, country))
    return Turn(OWNER, None)


def is_missed(state: str, visit_ends: datetime | None) -> bool:
    """Whether an agreed visit is over, and no work was begun."""
    return state in (states.SCHEDULED, states.WAITING) and visit_ends is not None and visit_ends <= timezone.now()


def _after(since: datetime | None, hours: int, country: str) -> datetime | None:
    return answer_deadline(since, hours=hours, country=country) if since else None
