"""Finding the partner: an order is offered, accepted, declined, taken back, or its time to answer runs out."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Partner, User
from orders import matching, messages
from orders.actions import steps
from orders.models import Offer, Order
from orders.rules import answer_deadline
from portal.errors import Refused


@transaction.atomic
def offer(order: Order, *, partner: Partner, by: User | None, revision: int | None = None) -> Order:
    """Puts an order before a partner, who has so many working hours to answer as the kind of service says."""
    order = steps.begin("offer", order, by=by, revision=revision)
    candidate = next((one for one in matching.candidates(order) if one.partner.pk == partner.pk), None)
    if candidate is None or not candidate.may_be_offered:
        raise Refused(
            _("%(partner)s cannot be offered this order: the company is not approved, or has no valid certificate.")
            % {"partner": partner}
        )
    return put_before(order, partner, by=by)


def put_before(order: Order, partner: Partner, *, by: User | None) -> Order:
    """The offer itself, within the transaction of a step that has locked the order."""
    assert order.service_kind
    now = timezone.now()
    answer_by = answer_deadline(now, hours=order.service_kind.answer_hours, country=partner.country)
    order.service.partner, order.service.answer_by = partner, answer_by
    Offer.objects.create(order=order, partner=partner, answer_by=answer_by)
    steps.finish("offer", order, by=by, data={"partner": partner.name})
    # What the owner calls the device may name a person, whom the partner does not know yet.
    device = ", ".join(unit.model for unit in order.device.units.all())
    messages.tell_partner(order, "offer_made", context={"device": device}, by_sms=True)
    return order


@transaction.atomic
def accept(order: Order, *, by: User, revision: int) -> Order:
    """The partner takes the work; from now on it reads the owner's name and phone number."""
    order = steps.begin("accept", order, by=by, revision=revision)
    steps.close_offer(order, Offer.Outcome.ACCEPTED)
    order.service.accepted_at = order.service.turn_since = timezone.now()
    order.service.answer_by = None
    partner = order.service.partner
    assert partner
    if partner.people.count() == 1:
        order.service.engineer = by
    steps.finish("accept", order, by=by, data={"partner": partner.name})
    messages.tell_owner(order, "order_accepted")
    return order


@transaction.atomic
def decline(order: Order, *, reason: str, by: User, revision: int) -> Order:
    """The partner says no, with a reason that the office reads; the order is back with the office."""
    order = steps.begin("decline", order, by=by, revision=revision)
    partner = _with_reason(order, reason)
    steps.release(order, Offer.Outcome.DECLINED, reason=reason.strip())
    steps.finish("decline", order, by=by, data={"partner": partner.name}, reason=reason.strip())
    messages.tell_owner(order, "partner_sought", context={"former": partner.name})
    return order


@transaction.atomic
def give_back(order: Order, *, reason: str, by: User, revision: int) -> Order:
    """The partner cannot do the accepted work after all. An agreed visit is called off."""
    order = steps.begin("give_back", order, by=by, revision=revision)
    partner, visit = _with_reason(order, reason), messages.called_off(messages.visit_of(order))
    _next_calendar(order, visit)
    if visit or order.service.engineer not in (None, by):
        messages.tell_partner(order, "order_taken_away", visit=visit)
    steps.release(order, Offer.Outcome.DECLINED)
    _note_accepted(order, partner, Offer.Outcome.DECLINED, reason)
    steps.finish("give_back", order, by=by, data={"partner": partner.name}, reason=reason.strip())
    messages.tell_owner(order, "partner_sought", context=_sought(partner, visit), visit=visit)
    return order


@transaction.atomic
def recall(order: Order, *, reason: str, by: User, revision: int) -> Order:
    """The office takes an order away from its partner, who is told."""
    order = steps.begin("recall", order, by=by, revision=revision)
    partner, engineer = _with_reason(order, reason), order.service.engineer
    visit = messages.called_off(messages.visit_of(order))
    was_accepted = order.service.is_accepted
    _next_calendar(order, visit)
    messages.tell_partner(order, "order_recalled", partner=partner, context={"reason": reason.strip()}, visit=visit)
    steps.release(order, Offer.Outcome.RECALLED)
    steps.finish("recall", order, by=by, data={"partner": partner.name, "engineer": str(engineer or "")}, reason=reason)
    if was_accepted:
        _note_accepted(order, partner, Offer.Outcome.RECALLED, reason)
        messages.tell_owner(order, "partner_sought", context=_sought(partner, visit), visit=visit)
    return order


@transaction.atomic
def expire(order: Order) -> Order:
    """The partner did not answer in time: back to the office, or on to the next partner where that is switched on.

    A second run is harmless: the first one has moved the order on, or made an offer whose time has not come.
    """
    order = steps.begin("expire", order, by=None)
    service, partner = order.service, order.service.partner
    if not service.answer_by or service.answer_by > timezone.now():
        raise Refused(_("There is still time to answer."))
    assert partner and order.service_kind
    messages.tell_partner(order, "offer_expired", partner=partner)
    steps.release(order, Offer.Outcome.EXPIRED)
    steps.finish("expire", order, by=None, data={"partner": partner.name})
    following = _next(order) if order.service_kind.passes_on else None
    if following:
        put_before(order, following, by=None)
    messages.tell_owner(order, "partner_sought", context={"former": partner.name})
    return order


def _note_accepted(order: Order, partner: Partner, outcome: str, reason: str) -> None:
    """The partner had accepted, and has the order no more."""
    accepted = order.offers.filter(partner=partner, outcome=Offer.Outcome.ACCEPTED)
    accepted.update(outcome=outcome, reason=reason.strip())


def _next(order: Order) -> Partner | None:
    return next((one.partner for one in matching.candidates(order) if one.is_suitable), None)


def _with_reason(order: Order, reason: str) -> Partner:
    """The partner who has the order; refused without a reason."""
    if not reason.strip():
        raise Refused(_("Say why; the office and the partner read it."))
    if order.service.partner is None:
        raise Refused(_("No service partner has this order."))
    return order.service.partner


def _sought(former: Partner, visit: messages.Visit | None) -> dict[str, object]:
    return {"former": former.name, "called_off": bool(visit)}


def _next_calendar(order: Order, visit: messages.Visit | None) -> None:
    if visit:
        order.service.calendar_sequence += 1
