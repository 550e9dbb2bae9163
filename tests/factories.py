"""Things for tests, named after their state. Each makes what it needs."""

import hashlib
import itertools
from datetime import date
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile

from accounts.models import Customer, Membership, Partner, PartnerMembership, User
from devices.models import (
    ROLES_OF_KIND,
    Claim,
    Device,
    DeviceUnit,
    NameplateCheck,
    Product,
    Site,
    Unit,
)
from orders.actions import send_proof
from orders.models import Order
from portal.files.models import Document

PASSWORD = "a-long-test-password"
count = itertools.count(1)

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    b"trailer<</Root 1 0 R/Size 4>>\n%%EOF\n"
)


def person(**fields: Any) -> User:
    fields = {
        "first_name": "Anna",
        "last_name": "Kowalska",
        "email": f"person{next(count)}@example.com",
        **fields,
    }
    password = fields.pop("password", PASSWORD)
    user = User.objects.create_user(fields.pop("email"), password, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def clerk(group: str = "reviewer", **fields: Any) -> User:
    user = person(is_staff=True, **fields)
    user.groups.add(Group.objects.get(name=group))
    return user


def customer(*, members: list[User] | None = None, **fields: Any) -> Customer:
    fields = {
        "kind": "private", "name": "Anna Kowalska", "email": "anna@example.com", "phone": "+48601234567",
        "street": "ul. Długa 5", "postcode": "00-238", "city": "Warszawa", "country": "PL", **fields,
    }  # fmt: skip
    owner = Customer.objects.create(**fields)
    for member in [person()] if members is None else members:
        Membership.objects.create(customer=owner, user=member)
    return owner


def partner(*, people: list[User] | None = None, **fields: Any) -> Partner:
    fields = {
        "name": "Serwis Ciepła", "tax_number": "5265877635", "email": "serwis@example.com",
        "phone": "+48601234567", "street": "ul. Krótka 1", "postcode": "00-238", "city": "Warszawa",
        "fgas_certificate": "FGAZ-P/01/12345/22", "areas": ["00", "01"], **fields,
    }  # fmt: skip
    company = Partner.objects.create(**fields)
    for member in [person()] if people is None else people:
        PartnerMembership.objects.create(partner=company, user=member)
    return company


def site(owner: Customer | None = None, **fields: Any) -> Site:
    fields = {
        "building_kind": "house", "street": "ul. Leśna 7", "postcode": "05-500", "city": "Piaseczno",
        "country": "PL", **fields,
    }  # fmt: skip
    return Site.objects.create(customer=owner or customer(), **fields)


def product(role: str = "monobloc", **fields: Any) -> Product:
    code = fields.pop("code", f"HP-{role[0].upper()}{next(count)}")
    return Product.objects.create(code=code, name="Heat pump", maker="Ciepłotech", role=role, **fields)


def unit(of: Product | None = None, **fields: Any) -> Unit:
    fields = {"serial": f"SN{next(count):07d}", "made_on": date(2024, 1, 15), **fields}
    return Unit.objects.create(product=of or product(), **fields)


def device(
    at: Site | None = None,
    *,
    kind: str = "monobloc",
    units: list[Unit] | None = None,
    **fields: Any,
) -> Device:
    """With one confirmed unit for each role, unless `units` says otherwise ([] for none confirmed)."""
    new = Device.objects.create(site=at or site(), kind=kind, **{"name": "Heat pump", **fields})
    if units is None:
        units = [unit(product(role)) for role in ROLES_OF_KIND[kind]]
    for position, role in enumerate(ROLES_OF_KIND[kind]):
        found = units[position] if position < len(units) else None
        DeviceUnit.objects.create(
            device=new, role=role, position=position, unit=found,
            model=found.product.code if found else "HP-X", serial=found.serial if found else f"X{next(count)}",
        )  # fmt: skip
    return new


def document(content: bytes = PDF, name: str = "invoice.pdf", **fields: Any) -> Document:
    fields = {"content_type": "application/pdf", "pages": 1, **fields}
    return Document.objects.create(
        name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest(),
        file=ContentFile(content, name), **fields,
    )  # fmt: skip


def order_in_review(of: Device | None = None, **fields: Any) -> Order:
    of = of or device()
    by = fields.pop("by", None) or of.site.customer.members.get()
    return send_proof(
        of,
        purchased_on=fields.pop("purchased_on", date(2024, 6, 1)),
        documents=[document()],
        by=by,
        **fields,
    )


def nameplate_check(of: Device | None = None) -> NameplateCheck:
    of = of or device(units=[])
    check = NameplateCheck.objects.create(device_unit=of.units.get())
    check.photos.add(document(name="nameplate.pdf"))
    return check


def claim(of: Device | None = None, *, held: Unit | None = None) -> Claim:
    """Somebody claims a unit that another customer's device holds."""
    held = held or device().units.get().unit
    of = of or device(units=[])
    device_unit = of.units.get()
    device_unit.model, device_unit.serial = held.product.code, held.serial
    device_unit.save()
    new = Claim.objects.create(device_unit=device_unit, reason="I bought the house.")
    new.proofs.add(document(name="deed.pdf"))
    return new
