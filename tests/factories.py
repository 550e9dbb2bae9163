"""Things for tests, named after their state. Each makes what it needs."""

import hashlib
import itertools
import uuid
from datetime import date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import Consent, Customer, Membership, Partner, PartnerMembership, User
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
from orders.actions import offers, ordering, protocols, visits
from orders.actions.proofs import send_proof
from orders.models import Order
from portal.files.models import Document
from services import checklists
from services.models import Certificate, Qualification, ServiceKind
from warranty.actions import record_service

PASSWORD = "a-long-test-password"
# Of six digits in each run, however many tests came before: what is sorted by its letters stays in this order.
count = itertools.count(100_001)

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    b"trailer<</Root 1 0 R/Size 4>>\n%%EOF\n"
)


def person(*, agreed: bool = True, **fields: Any) -> User:
    """Somebody who has accepted the terms."""
    fields = {
        "first_name": "Anna",
        "last_name": "Kowalska",
        "email": f"person{next(count)}@example.com",
        **fields,
    }
    password = fields.pop("password", PASSWORD)
    user = User.objects.create_user(fields.pop("email"), password, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if agreed:  # signing in leads past the terms
        words = {"version": "2026-11-01", "language": "pl", "text": "1."}
        Consent.objects.create(user=user, kind="terms", at=timezone.now(), **words)
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


def able_partner(*, people: list[User] | None = None, codes: list[str] | None = None, **fields: Any) -> Partner:
    """Approved, serves all postcodes that begin with 0, does these services (all), with a valid certificate."""
    decided = {"decision": "approved", "decided_at": timezone.now(), "decided_by": person(is_staff=True)}
    company = partner(people=people, **{"areas": ["0"], **decided, **fields})
    kinds = ServiceKind.objects.all() if codes is None else ServiceKind.objects.filter(code__in=codes)
    Qualification.objects.create(partner=company).kinds.set(kinds)
    until = timezone.localdate() + timedelta(days=365)
    Certificate.objects.create(partner=company, kind="fgas", number="FGAZ-P/01/12345/22", valid_until=until)
    return company


def company_with_engineer(**fields: Any) -> Partner:
    """An `able_partner()` with a `manager` and an `engineer`."""
    manager, engineer = person(first_name="Marek"), person(first_name="Ewa")
    company = able_partner(people=[manager], **fields)
    PartnerMembership.objects.create(partner=company, user=engineer, role="engineer")
    company.manager, company.engineer = manager, engineer  # type: ignore[attr-defined]
    return company


def started_up(of: Device | None = None, *, done_on: date | None = None) -> Device:
    """A device whose first start-up was done, a year ago unless said otherwise."""
    of = of or device()
    record_service(
        of, kind="start_up", done_on=done_on or timezone.localdate() - timedelta(days=360),
        partner=None, order_number="", protocol_number="", by=None,
    )  # fmt: skip
    return of


def answers_to(groups: list[checklists.Group], *, device_kind: str, by: str) -> tuple[dict[str, Any], list[Document]]:
    """Good answers to all that is required of one side, and the photos among them."""
    answers: dict[str, Any] = {}
    photos: list[Document] = []
    while absent := checklists.missing(groups, answers, device_kind=device_kind, by=by):
        for item in absent:
            answers[item.number] = _good_answer(item, photos)
    return answers, photos


def _good_answer(item: checklists.Item, photos: list[Document]) -> Any:
    if item.kind == checklists.PHOTO:
        photos.append(document(name=f"photo-{item.number}.pdf"))
        return [str(photos[-1].pk)]
    if item.kind == checklists.NUMBER:
        return _usual_number(item)
    if item.kind == checklists.DATE:
        return timezone.localdate().isoformat()
    if item.form_check == checklists.PHONE:
        return "601 234 567"
    return item.offered[0] if item.offered else "As it should be"


def _usual_number(item: checklists.Item) -> str:
    """As high as is usual, but for what has to be lower than something else."""
    low, high = item.usual_minimum or item.minimum, item.usual_maximum or item.maximum
    known = [number for number in ((low, high) if item.lower_than else (high, low)) if number is not None]
    return str(known[0] if known else 1)


UPTO = ["draft", "submitted", "offered", "accepted", "scheduled", "under_way", "done"]


def service_order(
    of: Device | None = None,
    *,
    code: str = "inspection",
    upto: str = "submitted",
    by: User | None = None,
    to: Partner | None = None,
    visit: datetime | None = None,
) -> Order:
    """A service order, brought to a state by the acts of the people: the owner `by`, the partner `to`, the office.

    Every state of UPTO; `to` is an `able_partner()`, whose first person acts, and `visit` is in three days.
    """
    kind, steps = ServiceKind.objects.get(code=code), UPTO[: UPTO.index(upto) + 1]
    of = of or device()
    if kind.needs_start_up and not of.services.filter(kind="start_up").exists():
        started_up(of)
    by = by or of.site.customer.members.first()
    new = ordering.start_order(of, kind, by=by)
    checklist = new.service.checklist
    groups = checklist.groups() if checklist else []
    answers, photos = answers_to(groups, device_kind=of.kind, by=checklists.OWNER)
    new = ordering.save(new, by=by, answers=answers, documents=photos, contact="Anna, 601 234 567", notes="Ring twice.")
    if "submitted" in steps:
        new = ordering.submit(new, by=by, revision=new.revision)
    if "offered" in steps:
        to = to or able_partner()
        new = offers.offer(new, partner=to, by=None)
        engineer = to.people.order_by("pk").first().user
    if "accepted" in steps:
        new = offers.accept(new, by=engineer, revision=new.revision)
    if "scheduled" in steps:
        visit = visit or timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
        new = visits.agree(new, starts=visit, by=engineer, revision=new.revision)
    if "under_way" in steps:
        protocol = protocols.begin_work(new, by=engineer, revision=new.revision)
    if "done" in steps:
        close_protocol(protocol, by=engineer)
    return Order.objects.select_related("service", "service_kind", "device__site", "customer").get(pk=new.pk)


def close_protocol(protocol: Any, *, by: User, signed_name: str = "Anna Kowalska") -> Any:
    """A protocol with good answers to all that it demands, signed."""
    if protocol.checklist:
        groups, device_kind = protocol.checklist.groups(), protocol.order.device.kind
        answers, photos = answers_to(groups, device_kind=device_kind, by=checklists.PARTNER)
        key = uuid.uuid4()
        protocol = protocols.save_part(protocol, answers=answers, documents=photos, by=by, key=key)
    return protocols.close(protocol, signed_name=signed_name, visited_on=timezone.localdate(), by=by)


def warranty_rule(of: Device | None = None, **terms: Any) -> Any:
    """Five years from the start-up, at most 66 months from the purchase; of the device's product."""
    from warranty.actions import publish_rule

    main = (of or device()).units.select_related("unit__product")[0].unit
    terms = {"valid_from": date(2020, 1, 1), "months": 60, "cap_months": 66, "inspection_months": 12, **terms}
    return publish_rule(main.product, by=None, **terms)


def service(of: Device, kind: str = "start_up", done_on: date = date(2024, 3, 1), **fields: Any) -> Any:
    """A start-up or an inspection that was done."""
    from warranty.actions import record_service

    number = next(count)
    fields = {
        "partner": None, "order_number": f"ZL/{number}", "protocol_number": f"PR/{number}", "by": None, **fields,
    }  # fmt: skip
    return record_service(of, kind=kind, done_on=done_on, **fields)


def warranted(of: Device | None = None, **terms: Any) -> Device:
    """Bought on 1 February 2024 and started up on 1 March, with a rule: so with a card, not drawn yet."""
    of = of or device(purchased_on=date(2024, 2, 1))
    warranty_rule(of, **terms)
    service(of)
    return of


def member(of: Customer | None = None, grade: str = "technical", **fields: Any) -> User:
    """Somebody who acts for a customer, as far as `grade`, `sites`, `starts_on` and `ends_on` say."""
    user = fields.pop("user", None) or person()
    Membership.objects.create(customer=of or customer(), user=user, grade=grade, **fields)
    return user


def owner_of(thing: Site | Device) -> User:
    """The first of those who decide on everything at a site, or about a device."""
    place = thing.site if isinstance(thing, Device) else thing
    return place.customer.memberships.full().order_by("pk").first().user
