"""What several pages and acts ask about orders."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import sha256
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from devices.models import Device
from orders.models import Order, Protocol
from orders.rules import next_working_day
from portal.files.gallery import Picture
from portal.prepared import Prepared
from services import presenters as service_words
from services.checklists import OWNER, Item, missing, visible
from services.models import ServiceKind, product_keys_of
from services.rules import DeviceFacts, may_order
from warranty.models import ServiceRecord


def device_facts(devices: Sequence[Device], kinds: Iterable[ServiceKind]) -> dict[tuple[int, int], DeviceFacts]:
    """What decides whether a service can be ordered: by (device, kind), primary keys. Four queries for all."""
    kinds = list(kinds)
    done: dict[tuple[int, str], list] = defaultdict(list)
    for device, outcome, day in ServiceRecord.objects.filter(device__in=devices).values_list(
        "device_id", "kind", "done_on"
    ):
        done[device, outcome].append(day)
    visits = _visits(devices, kinds)
    open_orders = (
        Order.objects.services().open().filter(device__in=devices).exclude(state=Order.State.DRAFT)
    ).values_list("device_id", "service_kind_id", "number")
    numbers = {(device, kind): number for device, kind, number in open_orders}
    keys = product_keys_of(devices)
    return {
        (device.pk, kind.pk): DeviceFacts(
            kind=device.kind,
            product_keys=keys[device.pk],
            last_done_on=max(
                done[device.pk, kind.outcome] if kind.outcome else visits[device.pk, kind.pk], default=None
            ),
            started_up_on=max(done[device.pk, ServiceRecord.Kind.START_UP], default=None),
            open_order=numbers.get((device.pk, kind.pk), ""),
        )
        for kind in kinds
        for device in devices
    }


def _visits(devices: Sequence[Device], kinds: Iterable[ServiceKind]) -> dict[tuple[int, int], list[date]]:
    """The days of visits for kinds that leave nothing behind but their protocols, where it matters when they were."""
    asking = [one for one in kinds if not one.outcome and (one.once_per_device or one.min_months_since_last)]
    found: dict[tuple[int, int], list[date]] = defaultdict(list)
    closed = Protocol.objects.closed().filter(order__device__in=devices, order__service_kind__in=asking)
    for device, kind, day in closed.values_list("order__device_id", "order__service_kind_id", "visited_on"):
        found[device, kind].append(day)
    return found


def ordering_faults(devices: Sequence[Device], kinds: Sequence[ServiceKind]) -> dict[tuple[int, int], str]:
    """Why a service cannot be ordered for a device now, in words, "" where it can; by (device, kind)."""
    found = device_facts(devices, kinds)
    return {(device.pk, kind.pk): fault_of(kind, found[device.pk, kind.pk]) for kind in kinds for device in devices}


def fault_of(kind: ServiceKind, facts: DeviceFacts) -> str:
    """Why a service cannot be ordered for a device of which this is known, in words; "" when it is possible."""
    demanded = kind.facts
    code = may_order(demanded, facts, today=timezone.localdate())
    return service_words.order_fault(code, demanded, facts) if code else ""


def ordering_fault(device: Device, kind: ServiceKind) -> str:
    """Why the owner cannot order this service for this device now, in words; "" when it is possible."""
    return ordering_faults([device], [kind])[device.pk, kind.pk]


def missing_answers(order: Order) -> list[Item]:
    """What the checklist of an order still demands of the owner."""
    service = order.service
    if service.checklist is None:
        return []
    return missing(service.checklist.groups(), service.answers, device_kind=order.device.kind, by=OWNER)


def asks_owner(order: Order) -> bool:
    """Whether the checklist has a question for the owner."""
    service = order.service
    if service.checklist is None:
        return False
    return bool(visible(service.checklist.groups(), service.answers, device_kind=order.device.kind, by=OWNER))


def is_filled_in(order: Order) -> bool:
    """Whether the owner has said anything in a draft that may be about its device or place."""
    service = order.service
    return bool(service.answers or service.contact or service.notes or order.documents.exists())


def devices_for_one_service(code: str) -> Any:
    """Devices with their `draft` of this service (pk and number, or None) and the key of the `last_partner` there."""
    drafts = Order.objects.filter(device=OuterRef("pk"), service_kind__code=code, state=Order.State.DRAFT)
    done = ServiceRecord.objects.filter(device=OuterRef("pk"), partner__isnull=False).order_by("-done_on", "-pk")
    return Device.objects.for_list().annotate(
        draft=Subquery(drafts.values(told=JSONObject(pk="pk", number="number"))[:1]),
        last_partner=Subquery(done.values("partner")[:1]),
    )


def days_over(order: Order) -> bool:
    """Whether a wished day has come or gone: a draft may lie for long before it is sent."""
    return any(day <= timezone.localdate() for day in order.service.wished_days)


def draft_mark(order: Order) -> str:
    """Another one for each content of a draft: keeping what is typed in it is no step that is counted."""
    service = order.service
    said = [
        order.device_id, order.service_kind_id, service.chosen_partner_id, service.answers, service.wished_days,
        service.wished_part, service.contact, service.notes, sorted(str(one.pk) for one in order.documents.all()),
    ]  # fmt: skip
    return sha256(json.dumps(said, cls=DjangoJSONEncoder, sort_keys=True).encode()).hexdigest()


def answers_mark(protocol: Protocol) -> str:
    """Another one for each content of a protocol: what nobody has read is not signed. Needs `order.service`."""
    said = [protocol.pk, protocol.order.service.answers, protocol.answers]
    return sha256(json.dumps(said, cls=DjangoJSONEncoder, sort_keys=True).encode()).hexdigest()


def may_move(order: Order) -> bool:
    """Whether the owner may still ask to move the agreed visit: it is ahead."""
    starts = order.service.visit_starts
    return order.state == Order.State.SCHEDULED and starts is not None and starts > timezone.now()


def soonest_move(order: Order) -> date:
    """The first day that an owner may propose for a visit. Needs `device.site`."""
    return next_working_day(timezone.localdate(), order.device.site.country)


_PICTURES = Prepared(
    lambda orders: (
        Order.documents.through.objects.filter(order__in=orders)
        .order_by("document__created_at", "document_id")
        .values_list("document_id", *(f"document__{name}" for name in Picture._fields[1:]))
    )
)


def pictures(order: Order) -> list[Picture]:
    """The documents of an order, for its page."""
    return [Picture(*row) for row in _PICTURES.rows(order.pk)]


_PROTOCOLS = Prepared(
    lambda orders: (
        Protocol.objects.closed()
        .filter(order__in=orders)
        .order_by("-version")
        .only("order", "version", "number", "pdf")
    )
)


def protocols(order: Order) -> list[Protocol]:
    """The closed protocols of an order, the newest version first, with what its page shows of them."""
    return _PROTOCOLS.models(order.pk)
