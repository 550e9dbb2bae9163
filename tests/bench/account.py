"""An account with many devices, written in bulk: for the bench, and for the test that counts queries."""

from datetime import date, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from accounts.models import Customer, Partner, User
from devices.models import Device, DeviceUnit, NameplateCheck, Product, Site, Unit
from orders.models import Order, PurchaseProof, Service
from portal.events import Event, key
from services.checklists import MAX_PHOTOS, OWNER, PHOTO, all_items
from services.models import ServiceKind, current_version
from tests import factories

EVENTS_OF_A_DEVICE = 12
numbers = count(1)


def fill(owner: Customer, person: User, devices: int) -> list[Order]:
    """Gives a customer so many split devices, each at a site of its own, with an order and a history.

    Every third purchase is confirmed, every third waits for the office, every third for the owner; one unit in
    five is not in the register.
    """
    products = [_product("outdoor"), _product("indoor")]
    sites = Site.objects.bulk_create(
        Site(customer=owner, building_kind="flats", street=f"ul. Lipowa {n}", postcode="02-777", city="Warszawa")
        for n in range(devices)
    )
    made = Device.objects.bulk_create(
        Device(site=site, kind="split", name=f"Pompa {n}", purchased_on=None if n % 3 else date(2025, 3, 1))
        for n, site in enumerate(sites)
    )
    for place, product in enumerate(products):
        _units(made, product, place)
    orders = _orders(owner, person, made)
    Event.objects.bulk_create(
        Event(verb=verb, actor=person, topics=[key(thing)], data={"number": order.number, "serial": "NV1"})
        for order in orders
        for thing in (order, order.device, order.device.site)
        for verb in _verbs(thing)
    )
    return orders


def _verbs(thing: Any) -> list[str]:
    return ["site.added", "device.added", "unit.attached", "proof.sent"][: 4 if isinstance(thing, Device) else 1] * (
        EVENTS_OF_A_DEVICE // 4
    )


def _product(role: str) -> Product:
    return Product.objects.filter(role=role).first() or factories.product(role)


def _units(devices: list[Device], product: Product, place: int) -> None:
    units = [Unit(product=product, serial=f"NV24-{next(numbers):06d}", made_on=date(2024, 1, 15)) for _ in devices]
    for unit in units:
        unit.derive()
    Unit.objects.bulk_create(units)
    unknown = [place == 1 and number % 5 == 1 for number in range(len(devices))]
    held = DeviceUnit.objects.bulk_create(
        DeviceUnit(
            device=device, role=product.role, position=place, model=product.code, serial=unit.serial,
            serial_key=unit.key, unit=None if is_unknown else unit,
        )
        for device, unit, is_unknown in zip(devices, units, unknown, strict=True)
    )  # fmt: skip
    NameplateCheck.objects.bulk_create(
        NameplateCheck(device_unit=unit) for unit, is_unknown in zip(held, unknown, strict=True) if is_unknown
    )


def _orders(owner: Customer, person: User, devices: list[Device]) -> list[Order]:
    states = [Order.State.DONE, Order.State.IN_REVIEW, Order.State.WAITING]
    orders = Order.objects.bulk_create(
        Order(
            number=f"ZL/2025/11/{next(numbers):05d}", kind=Order.Kind.PURCHASE_PROOF, state=states[n % 3],
            customer=owner, device=device, created_by=person,
            closed_at=None if n % 3 else device.created_at,
        )
        for n, device in enumerate(devices)
    )  # fmt: skip
    PurchaseProof.objects.bulk_create(PurchaseProof(order=order, purchased_on=date(2025, 3, 1)) for order in orders)
    document = factories.document()
    Order.documents.through.objects.bulk_create(
        Order.documents.through(order=order, document=document) for order in orders
    )
    return orders


SERVICES_OF_A_DEVICE = 9
OWN_PHOTO = (PHOTO, OWNER)
OPEN_STATES = ["submitted", "offered", "accepted", "scheduled", "declined"]
SERVICE_EVENTS = ["start", "submit", "offer", "accept", "agree", "begin", "close"]


def fill_services(person: User, proofs: list[Order], partner: Partner) -> list[Order]:
    """Nine inspections for each device of `fill`, one of them on its way in some state, the others done."""
    kind, now = ServiceKind.objects.get(code="inspection"), timezone.now()
    places = [(proof, n) for proof in proofs for n in range(SERVICES_OF_A_DEVICE)]
    orders = Order.objects.bulk_create(
        Order(
            number=f"ZL/2025/11/{next(numbers):05d}", kind=Order.Kind.SERVICE, service_kind=kind,
            state=Order.State.DONE if n else OPEN_STATES[proof.pk % len(OPEN_STATES)],
            customer_id=proof.customer_id, device=proof.device, created_by=person, closed_at=now if n else None,
        )
        for proof, n in places
    )  # fmt: skip
    Service.objects.bulk_create(_service(order, partner, person, now) for order in orders)
    Event.objects.bulk_create(
        Event(verb=f"service.{act}", actor=person, topics=[key(order), key(order.device)], data=_told(order, partner))
        for order in orders
        for act in SERVICE_EVENTS
    )
    return orders


def _service(order: Order, partner: Partner, person: User, now: Any) -> Service:
    service = Service(order=order, submitted_at=now, turn_since=now - timedelta(days=2))
    if order.state not in ("submitted", "declined"):
        service.partner = partner
    if order.state == "offered":
        service.answer_by = now + timedelta(hours=5)
    if order.state in ("accepted", "scheduled", "done"):
        service.accepted_at, service.engineer = now, person
    if order.state in ("scheduled", "done"):
        service.visit_starts, service.visit_ends = now + timedelta(days=2), now + timedelta(days=2, hours=2)
    return service


def _told(order: Order, partner: Partner) -> dict[str, str]:
    moment = "2026-11-23T09:00:00+00:00"
    return {"number": order.number, "partner": partner.name, "moment": moment, "protocol": "PT/2026/11/00001"}


def with_photos(order: Order, photos: int) -> Order:
    """A first start-up that is done, whose owner sent so many photos, ten to a question."""
    service = order.service
    order.service_kind = ServiceKind.objects.get(code="first_start_up")
    order.save(update_fields=["service_kind"])
    service.checklist = current_version(order.service_kind, "split")
    assert service.checklist
    items = [item.number for item in all_items(service.checklist.groups()) if (item.kind, item.filled_by) == OWN_PHOTO]
    documents = [
        factories.document(
            f"{n}".encode(), f"photo-{n}.jpg", content_type="image/jpeg", pages=None, attached_at=timezone.now()
        )
        for n in range(photos)
    ]
    order.documents.set(documents)
    service.answers = {
        number: [str(document.pk) for document in documents[place * MAX_PHOTOS :][:MAX_PHOTOS]]
        for place, number in enumerate(items)
    }
    service.save()
    return order
