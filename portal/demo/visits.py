"""The demo's service orders: from the owner's wish to the signed protocol, some of them stopped on the way."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone
from PIL import Image, ImageDraw

from accounts.models import Partner, User
from devices.models import Device
from orders.actions import offers, ordering, protocols, visits
from orders.models import Order, Protocol
from portal.demo import papers
from portal.files.models import Document
from services.checklists import NUMBER, PHOTO, YES_NO, Group, all_items, visible
from services.models import ChecklistVersion, ServiceKind

# How far an order of the story has come.
STAGES = ["draft", "submitted", "offered", "accepted", "proposed", "scheduled", "under_way", "done"]

TYPICAL: dict[str, dict[str, Any]] = {
    "first_start_up": {
        "101": "Instalacje Wronka sp. z o.o.", "102": "601 700 800", "104": "floor", "105": "148",
        "500": "FGAZ-P/14/10233/22", "601": "7.5", "602": "2", "603": "5/8", "604": "3/8", "605": "r32",
        "607": "42", "608": "60", "611": "65", "612": "45", "613": "0", "615": "FGAZ-O/14/20415/21",
        "701": "1.6", "702": "35", "703": "1.1", "707": "24", "709": "100", "710": "treated", "801": "valves",
        "901": "three", "902": "231", "903": "20", "904": "c", "905": "a", "907": "4.2",
        "1001": "45", "1002": "7", "1003": "35", "1004": "30", "1005": "6.4", "1006": "no",
        "1101": "0.6, przesunięcie +1", "1102": "-7", "1104": "50", "1106": "65", "1202": "Właściciel", "1301": "clean",
    },
    "inspection": {
        "101": "no", "103": "no", "201": "cleaned", "301": "1.5", "303": "1.0", "307": "23", "401": "valves",
        "505": "FGAZ-O/14/20415/21", "702": "229", "801": "4", "802": "36", "803": "31", "804": "6.8", "805": "2310",
        "806": "1840", "901": "no", "1001": "no", "1101": "good",
    },
    "repair": {"101": "Pompa wyłącza się po kilku minutach, na wyświetlaczu miga błąd.", "102": "E04", "103": "no"},
}  # fmt: skip


@dataclass
class Visit:
    """An order for a service and how far it comes. Days count back from today, so a negative one is ahead.

    It is sent on `ordered`; the office, the partner and the owner act on `answered`; the visit is on `visit` at `hour`.
    """

    device: Device
    kind: str
    upto: str
    ordered: int
    answered: int = 0
    visit: int = 0
    hour: int = 10
    engineer: User | None = None
    wishes: dict[str, Any] = field(default_factory=dict)

    def reaches(self, stage: str) -> bool:
        return STAGES.index(self.upto) >= STAGES.index(stage)


class Visits:
    """Plays the visits; `office` assigns, `manager` answers for the partner."""

    def __init__(self, *, office: User, partner: Partner, manager: User):
        self.office, self.partner, self.manager = office, partner, manager

    def acts(self, visit: Visit) -> Iterator[tuple[int, int, Callable[[], Any]]]:
        """(days ago, hour, what happens), in their order."""
        yield visit.ordered, 18, lambda: self._send(visit)
        if visit.reaches("accepted"):
            yield visit.answered, 9, lambda: self._assign(visit)
            yield visit.answered, 11, lambda: self._accept(visit)
        if visit.reaches("proposed"):
            yield visit.answered, 12, lambda: self._propose(visit)
        if visit.reaches("scheduled"):
            yield visit.answered, 20, lambda: self._pick(visit)
        if visit.reaches("under_way"):
            yield visit.visit, visit.hour, lambda: self._begin(visit)
        if visit.reaches("done"):
            yield visit.visit, visit.hour + 3, lambda: self._close(visit)

    def offer_now(self, visit: Visit) -> None:
        """At this very moment, so that the partner's time to answer has just begun."""
        self._assign(visit)

    def _order(self, visit: Visit) -> Order:
        return Order.objects.services().filter(device=visit.device, service_kind__code=visit.kind).latest("pk")

    def _owner(self, visit: Visit) -> User:
        return visit.device.site.customer.members.order_by("pk")[0]

    def _send(self, visit: Visit) -> None:
        by, kind = self._owner(visit), ServiceKind.objects.get(code=visit.kind)
        order = ordering.start_order(visit.device, kind, by=by)
        answers, photos = self._answers(visit, _groups(order.service.checklist), "owner", by)
        ordering.save(order, by=by, answers=answers, documents=photos, **visit.wishes)
        order.refresh_from_db()
        if visit.reaches("submitted"):
            ordering.submit(order, by=by, revision=order.revision)

    def _assign(self, visit: Visit) -> None:
        order = self._order(visit)
        offers.offer(order, partner=self.partner, by=self.office, revision=order.revision)

    def _accept(self, visit: Visit) -> None:
        order = self._order(visit)
        order = offers.accept(order, by=self.manager, revision=order.revision)
        if visit.engineer:
            visits.hand_over(order, engineer=visit.engineer, by=self.manager, revision=order.revision)

    def _propose(self, visit: Visit) -> None:
        order = self._order(visit)
        slots = [_moment(visit.visit, visit.hour), _moment(visit.visit - 1, 8), _moment(visit.visit - 2, 13)]
        visits.propose(order, slots=slots, by=self.manager, revision=order.revision)

    def _pick(self, visit: Visit) -> None:
        order = self._order(visit)
        proposal = order.proposals.get(outcome="")
        visits.pick(order, proposal=proposal, slot=proposal.slots[0], by=self._owner(visit))

    def _begin(self, visit: Visit) -> None:
        order = self._order(visit)
        protocol = protocols.begin_work(order, by=visit.engineer or self.manager, revision=order.revision)
        if not visit.reaches("done"):
            groups = visible(_groups(protocol.checklist), {}, device_kind=visit.device.kind, by="partner")
            self._fill(visit, protocol, groups[:2])

    def _close(self, visit: Visit) -> None:
        protocol = self._order(visit).protocols.get()
        by = visit.engineer or self.manager
        self._fill(visit, protocol, _groups(protocol.checklist))
        name = str(self._owner(visit))
        signature = papers.sent(signature_of(name), "podpis.png", by=by)
        day = timezone.localdate()
        protocols.close(protocol, signed_name=name, signature=signature, visited_on=day, by=by)

    def _fill(self, visit: Visit, protocol: Protocol, groups: Sequence[Group]) -> None:
        by = visit.engineer or self.manager
        answers, photos = self._answers(visit, groups, "partner", by)
        protocols.save_part(protocol, answers=answers, documents=photos, by=by, key=uuid4())

    def _answers(
        self, visit: Visit, groups: Sequence[Group], by: str, person: User
    ) -> tuple[dict[str, Any], list[Document]]:
        """An answer to everything that is asked of this side, and the photos among them."""
        answers: dict[str, Any] = {}
        photos: list[Document] = []
        # What shows depends on the answers, so each round may find more to answer.
        while items := [
            item
            for item in all_items(visible(groups, answers, device_kind=visit.device.kind, by=by))
            if item.number not in answers and (item.required or item.number in TYPICAL[visit.kind])
        ]:
            for item in items:
                if item.kind == PHOTO:
                    photo = papers.sent(papers.boiler_room_photo(item.label, len(photos)), "IMG_2210.jpg", by=person)
                    photos.append(photo)
                    answers[item.number] = [str(photo.pk)]
                else:
                    answers[item.number] = TYPICAL[visit.kind].get(item.number) or _usual(item)
        return answers, photos


def _groups(checklist: ChecklistVersion | None) -> list[Group]:
    return checklist.groups() if checklist else []


def _usual(item: Any) -> str:
    if item.kind == YES_NO:
        return "yes"
    if item.kind == NUMBER:
        return str(item.minimum or 1)
    if item.kind == "date":
        return (timezone.localdate() - timedelta(days=3)).isoformat()
    return item.choices[0].value if item.choices else "Bez uwag"


def _moment(days_ago: int, hour: int) -> datetime:
    """That hour so many days before the real today; a negative number is ahead."""
    day: date = datetime.now(tz=timezone.get_default_timezone()).date() - timedelta(days=days_ago)
    return datetime.combine(day, datetime.min.time(), tzinfo=timezone.get_default_timezone()).replace(hour=hour)


def signature_of(name: str) -> bytes:
    """A name as a finger writes it, as PNG."""
    image = Image.new("RGB", (640, 240), "white")
    draw = ImageDraw.Draw(image)
    points = [
        (40 + place * 9, 140 + (ord(sign) * 37 + place * 53) % 90 - 45) for place, sign in enumerate((name * 4)[:60])
    ]
    draw.line(points, fill="#1c2422", width=5, joint="curve")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
