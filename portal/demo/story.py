"""Who is in the demo and what happened so far, told through the same actions that people use.

The clock is set back for each act, so that numbers, trail and messages carry the day on which it happened.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone, translation

from accounts.actions import teams
from accounts.actions.access import accept_invitation, invite
from accounts.actions.partners import apply_as_partner, decide_partner
from accounts.actions.people import found_customer, open_account, record_consent
from accounts.actions.requests import ask_for_change
from accounts.actions.staff import add_colleague
from accounts.grants import Grant
from accounts.legal import words_said
from accounts.models import Customer, LegalText, Membership, Partner, Subject, User
from devices.actions import Nameplate, NewDevice, add_device, add_site, import_table
from devices.models import Device, DeviceUnit, Product, Site, Unit
from orders.actions.proofs import ask_for_more, confirm_proof, refuse_proof, send_proof
from orders.models import Order
from portal.demo import papers, register
from portal.demo.visits import Visit, Visits
from portal.files.inspect import Inspected
from portal.files.store import keep_inspected
from services.actions import save_certificate, save_qualification
from services.models import Certificate, ServiceKind
from warranty.actions import publish_rule, record_service

FIRST_PERSON = "anna.kowalska@demo.example"
# The comma is what the story needs: a message to this address cannot be delivered.
BROKEN_ADDRESS = "janusz,sadowski@demo.example"
# Of twelve associations that one person looks after; made up, with right check digits.
TAX_NUMBERS = [
    "9993100012", "9993100182", "9993100354", "9993100526", "9993100696", "9993100868",
    "9993101201", "9993101371", "9993101543", "9993101715", "9993101885", "9993102057",
]  # fmt: skip
# Register of units: days ago of an import, oldest and newest unit in it in days, how many.
IMPORTS = [(210, 1600, 212, 4192), (20, 211, 22, 800)]


def tell(password: str) -> None:
    """All of it or nothing; nothing where it was told before."""
    if User.objects.filter(email=FIRST_PERSON).exists():
        return
    with transaction.atomic():
        story = Story(make_password(password))
        story.office()
        story.register()
        proofs = [*story.anna(), *story.association(), *story.czech_owner()]
        story.letters_elsewhere()
        story.colleagues()
        story.property_manager()
        story.house_sold()
        story.partners()
        story.happen([*story.proofs(proofs), *story.visits()])


@contextmanager
def on(days_ago: int, hour: int = 10, minute: int = 0) -> Iterator[date]:
    """Sets the portal's clock to this hour so many days ago. Yields the day."""
    day = datetime.now(tz=timezone.get_default_timezone()) - timedelta(days=days_ago)
    moment = day.replace(hour=hour, minute=minute, second=0, microsecond=0).astimezone(UTC)
    with patch("django.utils.timezone.now", return_value=moment):
        yield day.date()


@dataclass
class Proof:
    """A purchase proof that is sent some days ago, and what the office said to it."""

    device: Device
    purchased_on: date
    sent: int
    answered: int = 0
    answer: str = ""
    reason_code: str = ""
    reason: str = ""
    paper: bytes = b""
    paper_name: str = "faktura.pdf"


@dataclass(frozen=True)
class Happening:
    """Something that a person does so many days ago."""

    days_ago: int
    hour: int
    minute: int
    happen: Callable[[], Any]
    is_now: bool = False


class Story:
    """The parts of the story; each needs those before it."""

    def __init__(self, password_hash: str):
        self.password_hash = password_hash

    # People

    def office(self) -> None:
        with on(300, 8):
            self.manager = self._colleague("barbara.lis", "Barbara", "Lis", "manager", by=None)
        with on(299, 8):
            self.reviewer = self._colleague("maria.nowak", "Maria", "Nowak", "reviewer", by=self.manager)
            self.dispatcher = self._colleague("jan.dudek", "Jan", "Dudek", "dispatcher", by=self.manager)

    def _colleague(self, name: str, first_name: str, last_name: str, group: str, *, by: User | None) -> User:
        person = User(email=f"{name}@demo.example", first_name=first_name, last_name=last_name)
        add_colleague(person, groups=[Group.objects.get(name=group)], by=by)  # type: ignore[arg-type]
        person.password = self.password_hash
        person.save(update_fields=["password"])
        return person

    def _person(self, name: str, first_name: str, last_name: str, phone: str, language: str = "pl") -> User:
        """As at the end of a registration."""
        person = open_account(
            email=f"{name}@demo.example",
            password_hash=self.password_hash,
            first_name=first_name,
            last_name=last_name,
            phone=phone,
            language=language,
        )
        self._agrees(person)
        return person

    def _agrees(self, person: User) -> None:
        """Whoever was there before the texts that apply has agreed to them on the day after they came."""
        for kind in (Subject.DATA_PROCESSING, Subject.TERMS):
            came = LegalText.objects.current(kind).published_at
            moment = max(timezone.now(), came + timedelta(days=1))  # type: ignore[operator]
            with patch("django.utils.timezone.now", return_value=moment), translation.override(person.language):
                record_consent(person, consent=words_said(kind))

    def _owner(self, person: User, address: Sequence[str], **fields: Any) -> Customer:
        fields = {"kind": "private", "name": str(person), "phone": person.phone, "email": person.email, **fields}
        return found_customer(by=person, **_address(*address), **fields)

    # Register

    def register(self) -> None:
        self.free: dict[str, list[Unit]] = {}
        with on(211, 9):
            self._import(Product, "produkty.csv", register.products_csv())
        for number, (days_ago, oldest, newest, count) in enumerate(IMPORTS):
            with on(days_ago, 9) as day:
                first = day - timedelta(days=oldest - days_ago)
                last = day - timedelta(days=newest - days_ago)
                rows = list(register.lines(count, first=first, last=last, seed=number))
                if number == 0:
                    rows += register.free_lines(last)
                self._import(Unit, f"rejestr-{day:%Y-%m}.csv", register.units_csv(rows))
        reserved = [serial for _model, serial, _made in register.free_lines(date.min)]
        for unit in Unit.objects.exclude(serial__in=reserved).select_related("product").order_by("made_on", "pk"):
            self.free.setdefault(unit.product.code, []).append(unit)

        with on(210, 12) as day:
            for product in Product.objects.exclude(role="indoor"):
                publish_rule(
                    product, by=self.manager, valid_from=day - timedelta(days=900), **register.TERMS[product.maker]
                )

    def _import(self, kind: type[Unit] | type[Product], name: str, content: bytes) -> None:
        table = keep_inspected(Inspected(name, "csv", "text/csv", None, content), by=self.manager)
        import_table(table, kind, by=self.manager)

    def _take(self, code: str, bought: date) -> Unit:
        """The newest unit of this model that was made some weeks before that day."""
        units = self.free[code]
        place = max(
            place for place, unit in enumerate(units) if unit.made_on and unit.made_on < bought - timedelta(days=14)
        )
        return units.pop(place)

    # Owners

    def _device(self, site: Site, models: Sequence[str], bought: date, name: str = "") -> Device:
        """A device whose units the register knows."""
        return self._device_of(site, [self._take(code, bought) for code in models], name)

    def _device_of(self, site: Site, units: Sequence[Unit], name: str = "", **extra: Any) -> Device:
        plates = [Nameplate(unit.product.role, unit.product.code, unit.serial, **extra) for unit in units]
        kind = "split" if len(plates) == 2 else "monobloc"
        return add_device(site, NewDevice(kind, plates, name), by=site.customer.members.get())

    def anna(self) -> list[Proof]:
        """A private owner: one purchase confirmed, one in review, one sent back."""
        address = ("ul. Jaśminowa 14", "05-510", "Konstancin-Jeziorna")
        with on(150, 19) as today:
            person = self._person("anna.kowalska", "Anna", "Kowalska", "+48601234567")
            owner = self._owner(person, address)
            home = add_site(owner, by=person, building_kind="house", **_address(*address))
            bought_first = today - timedelta(days=245)
            garden = self._device(home, ["CT-M08"], bought_first, "Pompa w ogrodzie")
        with on(30, 20) as today:
            mountain = _address("Chochołowska 3", "34-511", "Kościelisko")
            cottage = add_site(owner, by=person, building_kind="other", own_name="Domek w górach", **mountain)
            bought_third = today - timedelta(days=5)
            small = self._device(cottage, ["CT-M06"], bought_third, "Pompa w domku")
        with on(6, 18) as today:
            bought_second = today - timedelta(days=2)
            split = self._device(home, ["NV-S08", "NV-H08"], bought_second, "Split w salonie")
        unreadable = papers.blurred_photo(papers.invoice(owner, _units(small), bought_third))
        return [
            Proof(garden, bought_first, sent=149, answered=147, answer="confirmed"),
            Proof(split, bought_second, sent=3),
            Proof(
                small,
                bought_third,
                sent=12,
                answered=9,
                answer="more_needed",
                reason_code="unreadable",
                reason="Zdjęcie jest nieostre. Prosimy o nowe zdjęcie w dobrym świetle albo o fakturę w PDF.",
                paper=unreadable,
                paper_name="IMG_2041.jpg",
            ),
        ]

    def association(self) -> list[Proof]:
        """A housing association: four buildings, twelve devices, all states."""
        with on(120, 9) as today:
            person = self._person("piotr.zielinski", "Piotr", "Zieliński", "+48602345678")
            owner = self._owner(
                person,
                ("ul. Lipowa 8", "02-777", "Warszawa"),
                kind="association",
                name="Wspólnota Mieszkaniowa Pod Lipami",
                tax_number="9991234010",
                email="biuro.podlipami@demo.example",
            )
            bought = today - timedelta(days=40)
            rows = [
                (number, self._device(site, models, bought, f"Lipowa {number}, węzeł {place}"))
                for number in (2, 4, 6, 8)
                for site in [self._block(owner, person, number)]
                for place, models in enumerate((["HL-160M"], ["HL-220M"], ["HL-90Z", "HL-90W"]), start=1)
            ]
        devices = [device for _number, device in rows]
        # One invoice for each building.
        invoices = [
            papers.invoice(owner, [unit for device in devices[start : start + 3] for unit in _units(device)], bought)
            for start in (0, 3, 6, 9)
        ]
        return [Proof(devices[place], bought, **how, paper=invoices[place // 3]) for place, how in _ANSWERS.items()]

    def colleagues(self) -> None:
        """Besides its manager the association has an accountant, and a caretaker who sees one building for a while."""
        owner = Customer.objects.get(name="Wspólnota Mieszkaniowa Pod Lipami")
        head, first = owner.members.order_by("pk")[0], owner.sites.order_by("pk")[0]
        with on(35, 11):
            accountant = self._person("halina.maj", "Halina", "Maj", "+48608901234")
            self._let_in(owner, accountant, Grant("financial"), by=head)
        with on(20, 15) as today:
            caretaker = self._person("marek.dozorca", "Marek", "Dozorca", "+48609111222")
            grant = Grant("technical", [first.pk], ends_on=today + timedelta(days=110))
            self._let_in(owner, caretaker, grant, by=head)
        with on(1, 16):
            grant = Grant("read_only")
            invite(owner, email="nowy.czlonek@demo.example", language="pl", grant=grant, by=head)

    def _let_in(self, owner: Customer, person: User, grant: Grant, *, by: User) -> None:
        accept_invitation(invite(owner, email=person.email, language=person.language, grant=grant, by=by), by=person)

    def property_manager(self) -> None:
        """Somebody who looks after twelve associations, each with one building."""
        with on(50, 8) as today:
            person = self._person("beata.wronska", "Beata", "Wrońska", "+48601222333")
            for place, tax_number in enumerate(TAX_NUMBERS, start=1):
                address = (f"ul. Słoneczna {2 * place}", "02-495", "Warszawa")
                name = f"Wspólnota Mieszkaniowa Słoneczna {2 * place}"
                owner = self._owner(person, address, kind="association", name=name, tax_number=tax_number)
                block = add_site(owner, by=person, building_kind="flats", **_address(*address))
                self._device(block, ["HL-160M"], today - timedelta(days=30), f"Węzeł cieplny, Słoneczna {2 * place}")

    def letters_elsewhere(self) -> None:
        """The association has a new manager: its request waits for a clerk."""
        owner = Customer.objects.get(name="Wspólnota Mieszkaniowa Pod Lipami")
        person = owner.members.order_by("pk")[0]
        wanted = {
            "business_number": "123456785",
            "post_name": "Zarządca Dom i Wspólnota",
            "post_street": "ul. Biurowa 3 lok. 12",
            "post_postcode": "02-100",
            "post_city": "Warszawa",
        }
        with on(2, 11) as today:
            paper = papers.resolution(owner, wanted=wanted, day=today - timedelta(days=12))
            documents = [papers.sent(paper, "uchwala-7.pdf", by=person)]
            ask_for_change(owner, wanted=wanted, by=person, documents=documents, note="Mamy nowego zarządcę.")

    def _block(self, owner: Customer, person: User, number: int) -> Site:
        address = _address(f"ul. Lipowa {number}", "02-777", "Warszawa")
        return add_site(owner, by=person, building_kind="flats", **address)

    def _husband(self, owner: Customer) -> None:
        """His address was typed wrongly: what is written to him cannot be delivered."""
        person = User(email=BROKEN_ADDRESS, first_name="Janusz", last_name="Sadowski", language="pl")
        person.set_unusable_password()
        person.save()
        Membership.objects.create(customer=owner, user=person)

    def czech_owner(self) -> list[Proof]:
        """One device confirmed; of the other the register does not know the indoor unit."""
        address = ("Nádražní 21", "737 01", "Český Těšín", "CZ")
        with on(60, 17) as today:
            person = self._person("jana.novakova", "Jana", "Nováková", "+420601123456", "cs")
            owner = self._owner(person, address)
            home = add_site(owner, by=person, building_kind="semi", **_address(*address))
            bought = today - timedelta(days=20)
            first = self._device(home, ["CT-M10"], bought, "Tepelné čerpadlo u garáže")
        with on(4, 21) as today:
            outdoor = self._take("NV-S11", today)
            serial = f"NV{today:%y}-5B0O8"
            facts = [("HEATING", "11 kW"), ("REFRIGERANT", "R32"), ("YEAR", f"{today:%Y}")]
            photo = papers.nameplate_photo("Nordavia", "NV-H11", serial, facts)
            plates = [
                Nameplate("outdoor", outdoor.product.code, outdoor.serial),
                Nameplate("indoor", "NV-H11", serial, photos=[papers.sent(photo, "stitek.jpg", by=person)]),
            ]
            add_device(home, NewDevice("split", plates, "Dílna"), by=person)
        return [Proof(first, bought, sent=58, answered=55, answer="confirmed")]

    def house_sold(self) -> None:
        """The heat pump still belongs to the old owner in the portal; the new one claims it."""
        address = ("ul. Orzechowa 3", "05-830", "Nadarzyn")
        with on(140, 11) as today:
            old_person = self._person("ewa.sadowska", "Ewa", "Sadowska", "+48603456789")
            old_owner = self._owner(old_person, address)
            old_site = add_site(old_owner, by=old_person, building_kind="house", **_address(*address))
            unit = self._take("CT-M14", today)
            self._device_of(old_site, [unit], "Pompa ciepła")
        with on(5, 16) as today:
            person = self._person("tomasz.lewandowski", "Tomasz", "Lewandowski", "+48604567890")
            owner = self._owner(person, address)
            site = add_site(owner, by=person, building_kind="house", **_address(*address))
            deed = papers.deed(site, unit, seller=old_owner, day=today - timedelta(days=3))
            self._device_of(
                site,
                [unit],
                "Pompa ciepła",
                claim_reason="Kupiłem ten dom razem z pompą ciepła.",
                claim_proofs=[papers.sent(deed, "protokol-przekazania.pdf", by=person)],
            )

    # Partners

    def partners(self) -> None:
        with on(118, 13):
            person = self._person("michal.serwisant", "Michał", "Serwisant", "+48605678901")
            partner = self._partner(
                person,
                ("ul. Warsztatowa 9", "05-800", "Pruszków"),
                name="Serwis Ciepła Mazowsze sp. z o.o.",
                tax_number="9993108261",
                fgas_certificate="FGAZ-P/07/10321/23",
                areas=["00", "01", "02", "03", "04", "05"],
            )
        with on(115, 9):
            decide_partner(partner, approve=True, by=self.dispatcher)
        with on(2, 14):
            person = self._person("ewa.klimek", "Ewa", "Klimek", "+48606789012")
            self._partner(
                person,
                ("ul. Halna 40", "43-300", "Bielsko-Biała"),
                name="Klima Beskid s.c.",
                tax_number="9994155334",
                fgas_certificate="FGAZ-P/24/20877/24",
                areas=["34", "43"],
            )

        with on(70, 10):
            person = self._person("adam.zawada", "Adam", "Zawada", "+48607890123")
            other = self._partner(
                person,
                ("ul. Kotlarska 3", "03-450", "Warszawa"),
                name="Termo-Zawada Adam Zawada",
                tax_number="9992714026",
                fgas_certificate="FGAZ-P/14/18842/21",
                areas=["00", "01", "02", "03", "04"],
            )
        with on(68, 9):
            decide_partner(other, approve=True, by=self.dispatcher)
        self._qualify(partner, number="FGAZ-P/07/10321/23", days_left=620)
        self._qualify(other, number="FGAZ-P/14/18842/21", days_left=12)
        self.partner = partner
        with on(60, 10):
            manager = partner.people.get().user
            address, kamil = "kamil.wrona@demo.example", {"first_name": "Kamil", "last_name": "Wrona"}
            asked = teams.invite(partner, email=address, role="engineer", language="pl", by=manager, **kamil)
            self.engineer = self._person("kamil.wrona", "Kamil", "Wrona", "")
            teams.accept_invitation(asked, by=self.engineer)

    def _qualify(self, partner: Partner, *, number: str, days_left: int) -> None:
        """The office notes what the partner may do, and until when."""
        with on(67, 12) as today:
            save_qualification(partner, kinds=list(ServiceKind.objects.all()), products=[], by=self.manager)
            until = timezone.localdate() + timedelta(days=67 + days_left)
            certificate = Certificate(partner=partner, kind="fgas", number=number, valid_until=until)
            certificate.valid_from = today - timedelta(days=900)
            save_certificate(certificate, by=self.manager)

    def _partner(self, person: User, address: Sequence[str], **fields: Any) -> Any:
        return apply_as_partner(by=person, email=person.email, phone=person.phone, **_address(*address), **fields)

    # Orders

    def proofs(self, proofs: Sequence[Proof]) -> Iterator[Happening]:
        """Each is sent, and most are answered."""
        orders: dict[int, Order] = {}

        def send(place: int) -> None:
            orders[place] = _send(proofs[place])

        def answer(place: int) -> None:
            self._answer(orders[place], proofs[place])

        for place, proof in enumerate(proofs):
            hour, minute = 8 + place // 2, place * 31 % 60 if place % 2 else 3
            yield Happening(proof.sent, hour, minute, partial(send, place))
            if proof.answer:
                yield Happening(proof.answered, hour, minute + 1, partial(answer, place))

    def visits(self) -> Iterator[Happening]:
        """Service orders in every stage; most are for the association."""
        play = Visits(office=self.dispatcher, partner=self.partner, manager=self.partner.people.order_by("pk")[0].user)
        block = list(Device.objects.filter(site__customer__kind="association").order_by("pk"))
        sold = Device.objects.get(site__customer__name="Ewa Sadowska")
        czech = Device.objects.get(name="Tepelné čerpadlo u garáže")
        contact = {"contact": "Dozorca pan Marek, 609 111 222"}
        scenes = [
            Visit(block[0], "first_start_up", "done", 112, 111, visit=104, engineer=self.engineer, wishes=contact),
            Visit(block[1], "first_start_up", "done", 112, 111, visit=103, engineer=self.engineer),
            Visit(block[2], "first_start_up", "done", 110, 109, visit=102),
            Visit(block[10], "first_start_up", "under_way", 8, 7, visit=1, hour=14, engineer=self.engineer),
            Visit(block[3], "first_start_up", "scheduled", 6, 5, visit=-1, hour=9, wishes=contact),
            Visit(block[4], "first_start_up", "scheduled", 6, 5, visit=0, hour=15, engineer=self.engineer),
            Visit(block[8], "first_start_up", "proposed", 3, 2, visit=-3),
            Visit(czech, "first_start_up", "submitted", 2),
            Visit(block[0], "repair", "submitted", 2),
            Visit(sold, "repair", "offered", 1),
            Visit(block[7], "first_start_up", "draft", 1),
        ]
        for scene in scenes:
            for days_ago, hour, happen in play.acts(scene):
                yield Happening(days_ago, hour, scenes.index(scene) * 4, happen)
        yield Happening(1, 17, 0, lambda: self._husband(sold.site.customer))
        yield Happening(0, 0, 0, lambda: play.offer_now(scenes[9]), is_now=True)

    def happen(self, things: Sequence[Happening]) -> None:
        """In the order of time, so that the numbers run as they would have."""
        for thing in sorted(things, key=lambda one: (-one.days_ago, one.hour, one.minute)):
            if thing.is_now:
                thing.happen()
                continue
            with on(thing.days_ago, thing.hour, thing.minute):
                thing.happen()

    def _answer(self, order: Order, proof: Proof) -> None:
        if proof.answer == "confirmed":
            confirm_proof(order, by=self.reviewer, revision=order.revision)
            if order.device.name == "Pompa w ogrodzie":
                self._started_before_the_portal(order.device)
            return
        act = ask_for_more if proof.answer == "more_needed" else refuse_proof
        act(
            order,
            reason_code=proof.reason_code,
            reason=proof.reason,
            by=self.reviewer,
            revision=order.revision,
        )

    def _started_before_the_portal(self, device: Device) -> None:
        """The office takes over what an older system knew; the inspection is overdue by now."""
        day = timezone.localdate() - timedelta(days=232)
        record_service(
            device, kind="start_up", done_on=day, partner=None, order_number="", protocol_number="", by=self.manager
        )


# Which of the association's devices have a proof, and what came of it; the others have none yet.
_ANSWERS: dict[int, dict[str, Any]] = {
    0: {"sent": 118, "answered": 116, "answer": "confirmed"},
    1: {"sent": 118, "answered": 116, "answer": "confirmed"},
    2: {"sent": 117, "answered": 115, "answer": "confirmed"},
    3: {"sent": 100, "answered": 97, "answer": "confirmed"},
    4: {"sent": 100, "answered": 97, "answer": "confirmed"},
    5: {
        "sent": 14, "answered": 11, "answer": "more_needed", "reason_code": "no_serial",
        "reason": "Na fakturze nie ma numeru seryjnego jednostki zewnętrznej. Prosimy o protokół odbioru z numerami.",
    },
    6: {
        "sent": 45, "answered": 41, "answer": "refused", "reason_code": "other_device",
        "reason": "Faktura dotyczy urządzenia w innym budynku.",
    },
    7: {"sent": 7, "answered": 1, "answer": "confirmed"},
    8: {"sent": 4},
    9: {"sent": 2},
}  # fmt: skip


def _send(proof: Proof) -> Order:
    person = proof.device.site.customer.members.order_by("pk")[0]
    paper = proof.paper or papers.invoice(proof.device.site.customer, _units(proof.device), proof.purchased_on)
    document = papers.sent(paper, proof.paper_name, by=person)
    return send_proof(proof.device, purchased_on=proof.purchased_on, documents=[document], by=person)


def _units(device: Device) -> list[Unit]:
    """The device's units in the register."""
    held = DeviceUnit.objects.filter(device=device).select_related("unit__product")
    return [device_unit.unit for device_unit in held if device_unit.unit]


def _address(street: str, postcode: str, city: str, country: str = "PL") -> dict[str, str]:
    return {"street": street, "postcode": postcode, "city": city, "country": country}
