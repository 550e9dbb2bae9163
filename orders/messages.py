"""Who is told of a step, and where the button of the message leads."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation

from accounts.links import link_for
from accounts.models import Partner, User
from orders import calendar
from orders.models import Order, Proposal
from portal.access import Area
from portal.addresses import plain
from portal.files.models import Document
from portal.outbox.queue import send


class Visit(NamedTuple):
    """An agreed visit as calendars are told of it."""

    starts: datetime
    ends: datetime
    is_cancelled: bool = False


def visit_of(order: Order) -> Visit | None:
    """The agreed visit, or None."""
    service = order.service
    return Visit(service.visit_starts, service.visit_ends) if service.visit_starts and service.visit_ends else None


def called_off(visit: Visit | None) -> Visit | None:
    """The same visit, to be taken out of the calendars."""
    return visit._replace(is_cancelled=True) if visit else None


PROPOSAL_SALT = "orders.proposal"
PROPOSAL_LINK_SECONDS = 30 * 24 * 3600


def tell_owner(order: Order, name: str, *, path: str = "", **more: Any) -> None:
    """An e-mail to every member who may see the order, and an SMS to those who want it where `by_sms` is given.

    Its button leads to the order, unless `path` says otherwise.
    """
    path = path or reverse("order", args=[order.pk])
    people = order.customer.people(Area.TECHNICAL, site=order.device.site_id)
    _tell(people, order, name, path=lambda person: link_for(person, order.customer, path), **more)


def tell_partner(
    order: Order, name: str, *, partner: Partner | None = None, besides: User | None = None, **more: Any
) -> None:
    """An e-mail to the engineer who has the order, else to the managers of the partner; not to `besides`."""
    partner = partner or order.service.partner
    if partner is None:
        return
    engineer = order.service.engineer
    people = [engineer] if engineer and engineer.is_active else managers_of(partner)
    people = [person for person in people if person != besides]
    _tell(people, order, name, path=lambda person: plain(reverse("work-order", args=[order.pk])), **more)


def managers_of(partner: Partner) -> QuerySet[User]:
    """Those who answer for a service partner."""
    return User.objects.filter(
        partner_memberships__partner=partner, partner_memberships__role="manager", is_active=True
    )


def tell_proposal(order: Order, proposal: Proposal) -> None:
    """The proposed times, with a link that answers without signing in; it shows a button before it changes anything."""
    _tell_times(order, proposal, "visit_proposed", by_sms=True)


def tell_times_unanswered(order: Order, proposal: Proposal) -> None:
    """The proposed times once more, with the link that answers; without those that are over."""
    _tell_times(order, proposal, "times_unanswered")


def _tell_times(order: Order, proposal: Proposal, name: str, *, by_sms: bool = False) -> None:
    people = order.customer.people(Area.TECHNICAL, site=order.device.site_id, change=True)
    slots = [(start, end) for start, end in _slots(proposal) if start > timezone.now()]
    _tell(
        people,
        order,
        name,
        path=lambda person: plain(reverse("visit-answer", args=[proposal_token(proposal, person)])),
        context={"slots": slots, "words": proposal.words},
        by_sms=by_sms,
        secret=True,
    )


def tell_move(order: Order, proposal: Proposal) -> None:
    """The times to which the owner asks to move the visit; the page of the order has a button for each."""
    tell_partner(order, "move_asked", context={"slots": _slots(proposal), "words": proposal.words})


def _slots(proposal: Proposal) -> list[tuple[datetime, datetime]]:
    """From when until when each proposed visit would be, in local time."""
    starts = [timezone.localtime(slot) for slot in proposal.slots]
    return [(start, start + timedelta(minutes=proposal.minutes)) for start in starts]


def proposal_token(proposal: Proposal, person: User) -> str:
    """Names a proposal and the member who may answer it, signed."""
    return signing.dumps([proposal.pk, person.pk], salt=PROPOSAL_SALT)


def read_proposal_token(token: str) -> tuple[int, int]:
    """Primary keys of proposal and person. Raises signing.BadSignature for forged and old links."""
    proposal, person = signing.loads(token, salt=PROPOSAL_SALT, max_age=PROPOSAL_LINK_SECONDS)
    return proposal, person


def _tell(
    people: Iterable[User],
    order: Order,
    name: str,
    *,
    path: Callable[[User], str],
    context: dict[str, Any] | None = None,
    by_sms: bool = False,
    visit: Visit | None = None,
    secret: bool = False,
    documents: Iterable[Document] = (),
) -> None:
    kind = f"orders/{name}"
    for person in people:
        message: dict[str, Any] = {
            "language": person.language,
            "about": [order, order.device],
            "context": {**facts(order), "name": person.first_name, "path": path(person), **(context or {})},
        }
        invitation = invite(order, visit, person) if visit else ""
        send(kind, to=person.email, secret=secret, documents=documents, calendar=invitation, **message)
        if by_sms and person.sms_notices and person.phone:
            send(kind, to=person.phone.as_e164, channel="sms", **message)


def facts(order: Order) -> dict[str, Any]:
    """What every message about an order may say; the kind of service names itself in the message's language."""
    service = order.service
    return {
        "number": order.number,
        "service": order.service_kind,
        "device": order.device.name,
        "place": order.device.site.address,
        "partner": service.partner.name if service.partner else "",
        "partner_phone": service.partner.phone if service.partner else "",
        "starts": timezone.localtime(service.visit_starts) if service.visit_starts else None,
        "ends": timezone.localtime(service.visit_ends) if service.visit_ends else None,
        "answer_by": timezone.localtime(service.answer_by) if service.answer_by else None,
    }


def invite(order: Order, visit: Visit, person: User) -> str:
    """A visit as iCalendar, in the person's language."""
    service = order.service
    assert order.service_kind
    with translation.override(person.language):
        return calendar.event(
            uid=f"{service.calendar_uid}@{urlsplit(settings.SITE_URL).hostname}",
            sequence=service.calendar_sequence,
            starts=visit.starts,
            ends=visit.ends,
            summary=f"{order.service_kind.name}: {order.device.name}",
            location=str(order.device.site.address),
            description=order.title,
            organizer=settings.BRAND["email"],
            attendee=person.email,
            stamp=timezone.now(),
            cancelled=visit.is_cancelled,
        )
