"""An account with many devices, written in bulk: for the bench, and for the test that counts queries."""

from datetime import date
from itertools import count
from typing import Any

from accounts.models import Customer, User
from devices.models import Device, DeviceUnit, NameplateCheck, Product, Site, Unit
from orders.models import Order, PurchaseProof
from portal.events import Event, key
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
            number=f"ZL/2026/11/{next(numbers):05d}", kind=Order.Kind.PURCHASE_PROOF, state=states[n % 3],
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
