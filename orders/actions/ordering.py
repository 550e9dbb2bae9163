"""What the owner does: a draft, sent, changed until it is accepted, cancelled until work begins."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Partner, User
from devices.models import Device
from orders import matching, messages, states
from orders.actions import offers, steps
from orders.models import Offer, Order, Service
from orders.queries import days_over, draft_mark, missing_answers, ordering_fault
from portal.access import Area, demand_now
from portal.errors import Refused
from portal.events import record
from portal.files.models import Document
from portal.files.store import discard
from services.checklists import file_ids
from services.models import ServiceKind, current_version

# What `save` and `change` may write.
WISHES = {"answers", "wished_days", "wished_part", "contact", "notes"}


@transaction.atomic
def start_order(
    device: Device,
    kind: ServiceKind,
    *,
    by: User,
    chosen_partner: Partner | None = None,
    once_key: Any = None,
    documents: Iterable[Document] = (),
    **wishes: Any,
) -> Order:
    """A draft, which keeps the checklist of this moment. The same `once_key` gives the draft of the first time."""
    device = steps.hold(device)
    demand_now(by, Area.TECHNICAL, customer=device.site.customer_id, site=device.site_id)
    if once_key and (before := device.orders.filter(once_key=once_key).first()):
        return before
    _refuse_fault(device, kind)
    order = Order(
        number=steps.new_number(),
        kind=Order.Kind.SERVICE,
        service_kind=kind,
        state=Order.State.DRAFT,
        customer=device.site.customer,
        device=device,
        created_by=by,
    )
    if once_key:
        order.once_key = once_key
    order.save()
    order.service = Service(
        order=order,
        checklist=current_version(kind, device.kind),
        chosen_partner=_choosable(device, kind, chosen_partner),
    )
    _write(order, documents, wishes)
    order.service.save()
    record("service.start", by=by, about=[order, device], data={"number": order.number})
    return order


@transaction.atomic
def choose(order: Order, *, device: Device, kind: ServiceKind, chosen_partner: Partner | None, by: User) -> Order:
    """Changes what a draft is about. Answers to other questions than those asked now go; files stay."""
    order = steps.begin("save", order, by=by)
    if device.site.customer_id != order.customer_id:
        raise Refused(_("Choose a device of the same customer."))
    demand_now(by, Area.TECHNICAL, customer=order.customer_id, site=device.site_id)
    _refuse_fault(device, kind)
    if (order.device_id, order.service_kind_id) != (device.pk, kind.pk):
        order.device, order.service_kind = device, kind
        asked = current_version(kind, device.kind)
        if asked != order.service.checklist:
            order.service.checklist, order.service.answers = asked, {}
        order.save(update_fields=["device", "service_kind"])
    order.service.chosen_partner = _choosable(device, kind, chosen_partner)
    order.service.save()
    return order


@transaction.atomic
def save(
    order: Order, *, by: User, documents: Iterable[Document] = (), removed: Iterable[Document] = (), **wishes: Any
) -> Order:
    """Keeps what is typed in a draft, whole or not."""
    order = steps.begin("save", order, by=by)
    _write(order, documents, wishes, removed)
    order.service.save()
    return order


@transaction.atomic
def change(
    order: Order,
    *,
    by: User,
    revision: int,
    documents: Iterable[Document] = (),
    removed: Iterable[Document] = (),
    **wishes: Any,
) -> Order:
    """Changes an order that was sent and is not accepted yet."""
    order = steps.begin("change", order, by=by, revision=revision)
    _write(order, documents, wishes, removed)
    _refuse_missing(order)
    return steps.finish("change", order, by=by)


def _write(
    order: Order, documents: Iterable[Document], wishes: dict[str, Any], removed: Iterable[Document] = ()
) -> None:
    """Files that an answer named and no longer names go, and so do those `removed`."""
    assert wishes.keys() <= WISHES, wishes.keys() - WISHES
    named = file_ids(order.service.answers)
    for name, value in wishes.items():
        setattr(order.service, name, value)
    steps.add_documents(order.documents, documents)
    gone = (named - file_ids(order.service.answers)) | {str(document.pk) for document in removed}
    for document in order.documents.filter(pk__in=gone):
        order.documents.remove(document)
        discard(document)


@transaction.atomic
def submit(order: Order, *, by: User, revision: int, shown: str | None = None) -> Order:
    """Sends a draft. It goes to the partner whom the owner chose, or waits for the office to find one.

    `shown` is the `draft_mark` of the page on which the owner checked it: what nobody has seen is not sent.
    """
    order = steps.begin("submit", order, by=by, revision=revision)
    assert order.service_kind
    if shown is not None and shown != draft_mark(order):
        raise Refused(
            _("The draft was changed since you opened this page. Here it is as it is now. Check it, and send it then.")
        )
    # Two drafts for one device: the second one sent waits here, and is then refused.
    Device.objects.select_for_update(of=("self",)).get(pk=order.device_id)
    _refuse_fault(order.device, order.service_kind)
    _refuse_missing(order)
    if days_over(order):
        raise Refused(_("A day that you wished is over. Choose days from tomorrow on."))
    order.service.submitted_at = order.service.turn_since = timezone.now()
    steps.finish("submit", order, by=by)
    chosen = order.service.chosen_partner
    if chosen and chosen.pk in {one.partner.pk for one in matching.candidates(order) if one.may_be_offered}:
        offers.put_before(order, chosen, by=None)
    messages.tell_owner(order, "order_sent", context={"wished": chosen.name if chosen else ""})
    return order


@transaction.atomic
def cancel(order: Order, *, by: User, revision: int, reason: str = "") -> Order:
    """The owner or the office ends an order before work begins; whoever had it is told."""
    order = steps.begin("cancel", order, by=by, revision=revision)
    was_sent, partner = order.state != Order.State.DRAFT, order.service.partner
    visit = messages.called_off(messages.visit_of(order))
    if visit:
        order.service.calendar_sequence += 1
    if partner:
        messages.tell_partner(order, "order_cancelled_partner", context={"reason": reason}, visit=visit)
    if not was_sent:
        _write(order, (), {}, removed=order.documents.all())
    steps.release(order, Offer.Outcome.RECALLED)
    steps.finish("cancel", order, by=by, reason=reason.strip())
    if was_sent or states.OWNER not in steps.roles_of(order, by):
        context = {"reason": reason.strip(), "called_off": bool(visit)}
        messages.tell_owner(order, "order_cancelled", context=context, visit=visit)
    return order


def _choosable(device: Device, kind: ServiceKind, partner: Partner | None) -> Partner | None:
    if partner and partner.pk not in {one.pk for one in matching.suitable_for(device, kind)}:
        raise Refused(_("%(partner)s does not do this service at this place.") % {"partner": partner})
    return partner


def _refuse_fault(device: Device, kind: ServiceKind) -> None:
    if words := ordering_fault(device, kind):
        raise Refused(words)


def _refuse_missing(order: Order) -> None:
    """What the checklist demands of the owner has to be there."""
    absent = missing_answers(order)
    if absent:
        raise Refused(
            _("Some answers are missing: %(numbers)s.") % {"numbers": ", ".join(f"[{item.number}]" for item in absent)}
        )
    assert order.service_kind
    if order.service_kind.photos_needed and not order.documents.exists():
        raise Refused(_("This service needs photos. Add at least one."))
