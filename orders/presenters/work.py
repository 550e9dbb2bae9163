"""Words for the service partner's place.

Before a partner has accepted, nothing here says the owner's name, phone or e-mail address.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from accounts.models import User
from devices.models import Device
from orders import states
from orders.deadlines import OWNER, is_missed, turn_of
from orders.models import Offer, Order, Proposal, Protocol
from orders.presenters.words import by_when
from portal.collect import Note
from portal.events import Event
from portal.files.models import Document
from portal.ui.templatetags.ui import in_sentence
from services import checklists, presenters
from services.models import ChecklistVersion
from warranty.models import ServiceRecord

State = Order.State
# The states' own words speak to the owner.
STATE_WORDS = {
    State.OFFERED: gettext_lazy("Offered to you"),
    State.ACCEPTED: gettext_lazy("Date to agree"),
    State.SCHEDULED: gettext_lazy("Date agreed"),
    State.UNDER_WAY: gettext_lazy("Under way"),
    State.WAITING: gettext_lazy("Waiting for the owner"),
}
TONES = {State.OFFERED: "attention", State.ACCEPTED: "attention", State.WAITING: "neutral"}
# What a partner reads of a device's past; nobody's name is in it.
HISTORY = {
    "device.added", "unit.attached", "purchase.confirmed", "warranty.start_up", "warranty.start_up_corrected",
    "warranty.inspection", "warranty.inspection_corrected", "warranty.came_along", "service.interrupt", "service.close",
}  # fmt: skip


def bar(path: str, *, offers: int, is_manager: bool) -> list[dict[str, Any]]:
    """The way through the partner's place: at the bottom of a phone, at the top of a wide screen.

    `path` is where the reader is, or the list to which the page belongs.
    """
    entries = [(_("Today"), "work", "home", 0)]
    if is_manager:
        entries.append((_("Offers"), "work-offers", "mail", offers))
    entries.append((_("Done"), "work-done", "check", 0))
    if is_manager:
        entries.append((_("Team"), "work-team", "person", 0))
    urls = {name: reverse(name) for _label, name, _icon, _count in entries}
    here = max((url for url in urls.values() if path.startswith(url)), key=len, default="")
    return [
        {"label": label, "url": urls[name], "icon": icon, "count": count, "current": urls[name] == here}
        for label, name, icon, count in entries
    ]


def gone_sentence(order: Order) -> str:
    return _("Order %(number)s is not with you any more. Nothing was saved.") % {"number": order.number}


def gone_why(order: Order, offer: Offer | None) -> str:
    """Why an order is not with the reader any more, whose company had the `offer`; nothing of the owner's."""
    outcome = offer.outcome if offer else ""
    if outcome == Offer.Outcome.DECLINED:
        return _("Your company declined it or gave it back.")
    if outcome == Offer.Outcome.EXPIRED:
        return _("Your company did not answer in time, so our office looks for another one.")
    if order.state == State.CANCELLED and order.closed_at:
        day = date_format(timezone.localtime(order.closed_at), "SHORT_DATE_FORMAT")
        return _("It was cancelled on %(day)s. You have nothing to do.") % {"day": day}
    if outcome == Offer.Outcome.RECALLED:
        return _("Our office took it back.")
    return _("It was handed over to a colleague.")


def heading(order: Order) -> str:
    """What it is and where: "Periodic inspection, Piaseczno"."""
    return f"{order.service_kind}, {order.device.site.city}"


def state_chip(order: Order) -> tuple[str, Any]:
    """Needs `open_proposals`."""
    if asked_to_move(order):
        return "attention", _("Asked to move")
    if owner_chooses(order):
        return "progress", _("The owner is to choose")
    state = State(order.state)
    return TONES.get(state, order.tone), STATE_WORDS.get(state) or order.get_state_display()


def map_url(order: Order) -> str:
    """Opens a map; nothing is fetched before somebody follows it."""
    site = order.device.site
    where = f"{site.address}, {site.get_country_display()}"
    return f"https://www.openstreetmap.org/search?{urlencode({'query': where})}"


def model_of(device: Device) -> str:
    """The units as their nameplates say: "HP-M1 SN0000012"."""
    return ", ".join(f"{unit.model} {unit.serial}" for unit in device.nameplates)


def clock(moment: datetime) -> str:
    """Local time, which all of our languages write as 14:05."""
    return f"{timezone.localtime(moment):%H:%M}"


def day_name(day: date) -> str:
    """Today and tomorrow by name, other days with their weekday."""
    today = timezone.localdate()
    if day == today:
        return _("Today")
    if day == today + timedelta(days=1):
        return _("Tomorrow")
    return f"{date_format(day, 'l')}, {date_format(day, 'SHORT_DATE_FORMAT')}"


def short_day(day: date) -> str:
    """A wished day: "Tue, 24 Nov"."""
    return in_sentence(date_format(day, pgettext("format of a day without its year", "D, j M")))


def day_and_time(moment: datetime) -> str:
    return f"{day_name(timezone.localtime(moment).date())}, {clock(moment)}"


# Lists


def lateness(order: Order, now: datetime) -> str:
    """Why an order stands out; "" where all is in time. Needs `open_proposals`."""
    times = next((one for one in order.open_proposals if not one.by_owner), None)  # type: ignore[attr-defined]
    turn, service = turn_of(order, has_times=times is not None), order.service
    if not (turn.is_late and turn.by):
        return ""
    if is_missed(order.state, service.visit_ends) and service.visit_starts:
        return _("The visit should have been at %(time)s and has not begun.") % {"time": _short(service.visit_starts)}
    if turn.who == OWNER:
        if times and max(times.slots) <= now:
            return _("The times that you proposed are over. Propose others.")
        return _("The owner should have answered by %(time)s. Call the owner.") % {"time": _short(turn.by)}
    if order.state == State.SCHEDULED:
        return _("The owner waits for your answer about another time.")
    if order.state == State.UNDER_WAY:
        return _("The protocol should have been signed by %(time)s.") % {"time": _short(turn.by)}
    return _("The time to answer is over.") if order.state == State.OFFERED else _undated(order, now)


def _short(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")


def _undated(order: Order, now: datetime) -> str:
    waited = now - (order.service.accepted_at or now)
    return ngettext(
        "Accepted %(days)s day ago, and no date is agreed.", "Accepted %(days)s days ago, and no date is agreed.",
        waited.days,
    ) % {"days": waited.days}  # fmt: skip


def card(order: Order, now: datetime, reader: User) -> dict[str, Any]:
    """An order as lists show it."""
    service = order.service
    tone, label = state_chip(order)
    return {
        "url": reverse("work-order", args=[order.pk]),
        "day": _past_day(service.visit_starts, now),
        "time": clock(service.visit_starts) if service.visit_starts else "",
        "ends": clock(service.visit_ends) if service.visit_ends else "",
        "heading": str(order.service_kind),
        "place": order.device.site.address,
        "map_url": map_url(order),
        "phone": order.customer.phone if service.is_accepted else "",
        "device": model_of(order.device),
        "tone": tone,
        "label": label,
        "late": lateness(order, now),
        "note": _date_note(order, now),
        "engineer": _engineer(order, reader),
        "protocol_url": reverse("work-protocol", args=[order.pk]) if order.state == State.UNDER_WAY else "",
        "answer_by": service.answer_by,
    }


def _engineer(order: Order, reader: User) -> str:
    """Who does the work, where that is not the reader."""
    service = order.service
    if not service.is_accepted or service.engineer_id == reader.pk:
        return ""
    return str(service.engineer) if service.engineer else _("not handed over yet")


def _date_note(order: Order, now: datetime) -> str:
    if order.state == State.WAITING:
        return _("You asked: %(question)s") % {"question": order.service.question}
    if order.state == State.ACCEPTED and order.open_proposals:  # type: ignore[attr-defined]
        return _("The owner picks one of your times.")
    if asked_to_move(order) and order.service.answer_by:
        by = by_when(order.service.answer_by)
        return _("The owner asks to move the visit. Answer by %(moment)s.") % {"moment": by}
    return ""


def asked_to_move(order: Order) -> Proposal | None:
    """The times to which the owner asks to move the visit, if one is still ahead. Needs `open_proposals`."""
    if order.state != State.SCHEDULED:
        return None
    proposals = order.open_proposals  # type: ignore[attr-defined]
    return next((one for one in proposals if one.by_owner and max(one.slots) > timezone.now()), None)


def owner_chooses(order: Order) -> bool:
    """Whether times are proposed for the first date, and one is still ahead. Needs `open_proposals`."""
    if order.state != State.ACCEPTED:
        return False
    proposals = order.open_proposals  # type: ignore[attr-defined]
    return any(not one.by_owner and max(one.slots) > timezone.now() for one in proposals)


@dataclass
class Round:
    """The first page of the partner's place: the orders in hand, sorted by what to do."""

    late: list[dict[str, Any]] = field(default_factory=list)
    under_way: list[dict[str, Any]] = field(default_factory=list)
    today: list[dict[str, Any]] = field(default_factory=list)
    coming: list[tuple[str, list[dict[str, Any]]]] = field(default_factory=list)
    to_agree: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.late or self.under_way or self.today or self.coming or self.to_agree or self.waiting)


def _past_day(moment: datetime | None, now: datetime) -> str:
    """The day of a visit that is not under a heading of its own: one that should have been."""
    is_past = moment is not None and timezone.localdate(moment) < timezone.localdate(now)
    return date_format(timezone.localtime(moment), "SHORT_DATE_FORMAT") if is_past else ""


def day_round(orders: Iterable[Order], now: datetime, reader: User) -> Round:
    """Today's visits in order of time, the coming days, and what has no date. Needs `open_proposals`.

    An order that waits for the owner's answer keeps its place in the round if it has a date.
    """
    found, today = Round(), timezone.localdate(now)
    later = []
    for order in sorted(orders, key=lambda order: (order.service.visit_starts or now, order.pk)):
        row = card(order, now, reader)
        starts = order.service.visit_starts
        if order.state == State.UNDER_WAY:
            found.under_way.append(row)
        elif starts is None:
            (found.waiting if order.state == State.WAITING else found.to_agree).append(row)
        elif timezone.localdate(starts) < today:
            found.late.append(row)
        elif timezone.localdate(starts) == today:
            found.today.append(row)
        else:
            later.append((timezone.localdate(starts), row))
    found.coming = [(day_name(day), [row for _day, row in rows]) for day, rows in groupby(later, lambda pair: pair[0])]
    return found


# One order


def next_note(order: Order, proposals: Sequence[Proposal]) -> Note:
    """Where the order stands and what the reader does now; the buttons stand below it."""
    tone, label = state_chip(order)
    return Note(label, tone, _next_words(order, proposals))


def _next_words(order: Order, proposals: Sequence[Proposal]) -> str:
    service = order.service
    if order.state == State.OFFERED:
        return _("Accept it, or decline it with a reason. You see the owner's name and phone number once you accept.")
    if order.state == State.WAITING:
        return _("You asked: “%(question)s” The owner has an e-mail about it. You get one with the answer.") % {
            "question": service.question
        }
    if order.state == State.UNDER_WAY:
        return _("Fill in the protocol part by part. At the end the owner signs.")
    latest = proposals[-1] if proposals else None
    if asked_to_move(order) and service.visit_starts:
        return _(
            "The owner asks to move the visit. Until you choose one of these times, the agreed one stands: %(time)s."
        ) % {"time": in_sentence(day_and_time(service.visit_starts))}
    if latest and latest.outcome == "" and not latest.by_owner:
        times = "; ".join(in_sentence(day_and_time(slot)) for slot in latest.slots)
        return _("You proposed: %(times)s. The owner picks one or asks for others; you get an e-mail.") % {
            "times": times
        }
    if order.state == State.SCHEDULED and service.visit_starts:
        return _("Visit agreed: %(time)s.") % {"time": in_sentence(day_and_time(service.visit_starts))}
    if latest and latest.outcome == Proposal.Outcome.OTHERS_ASKED:
        return _("The owner asks for other times. %(words)s") % {"words": latest.answer}
    return _("Agree a date: call the owner, or propose up to three times.")


@dataclass(frozen=True)
class Button:
    label: Any
    url: str
    # A button sends the revision and these fields at once; anything else is a link to a page with a form.
    is_form: bool = False
    fields: tuple[tuple[str, Any], ...] = ()


def buttons(order: Order, roles: set[str], now: datetime) -> tuple[list[Button], list[Button]]:
    """What to do next, the most likely first; and what is possible besides. Needs `open_proposals`."""

    def button(act: str, label: Any, name: str, *, is_form: bool = False) -> list[Button]:
        possible = states.allowed(act, order.state, roles)
        return [Button(label, reverse(name, args=[order.pk]), is_form)] if possible else []

    begin = button("begin", _("Begin the work"), "work-begin", is_form=True)
    has_times = any(not one.by_owner for one in order.open_proposals)  # type: ignore[attr-defined]
    times = button("propose", _("Propose other times") if has_times else _("Propose times"), "work-times")
    is_scheduled = order.state == State.SCHEDULED
    agree = button("agree", agree_label(order), "work-agree")
    protocol = button("interrupt", _("Fill in the protocol"), "work-protocol")
    is_today = is_scheduled and timezone.localdate(order.service.visit_starts) <= timezone.localdate(now)
    first = button("accept", _("Accept"), "work-accept", is_form=True) + protocol
    first += _moves(order, now) if states.allowed("pick_move", order.state, roles) else []
    first += begin if is_today else [] if is_scheduled else times + agree
    first += button("decline", _("Decline"), "work-decline")
    rest = agree + times if is_scheduled else []
    rest += [] if is_today else begin
    rest += button("hand_over", _("Hand over to a colleague"), "work-hand-over")
    rest += button("ask_owner", _("Ask the owner"), "work-ask")
    rest += button("interrupt", _("Cannot be finished today"), "work-interrupt")
    rest += button("give_back", _("Give the order back"), "work-give-back")
    return first, rest


def agree_label(order: Order) -> str:
    """What noting a time means for this order: the button, and the title of its page."""
    return _("Move the visit") if order.state == State.SCHEDULED else _("Note the agreed time")


def _moves(order: Order, now: datetime) -> list[Button]:
    """One tap for each time to which the owner asks to move the visit."""
    asked, url = asked_to_move(order), reverse("work-pick", args=[order.pk])
    if asked is None:
        return []
    return [
        Button(
            _("Move to %(time)s") % {"time": in_sentence(day_and_time(slot))}, url, is_form=True,
            fields=(("proposal", asked.pk), ("slot", slot.isoformat())),
        )
        for slot in asked.slots if slot > now
    ]  # fmt: skip


def place_facts(order: Order) -> list[tuple[Any, Any]]:
    """Where it is; who is there, once the order is accepted."""
    site, service = order.device.site, order.service
    rows = [(_("Building"), site.get_building_kind_display())]
    if service.is_accepted:
        rows = [
            (_("Owner"), order.customer.name),
            (_("On site"), service.contact),
            *rows,
            (_("Notes about the place"), site.notes),
            (_("Notes about the order"), service.notes),
        ]
    return [(label, value) for label, value in rows if value]


def wish_facts(order: Order) -> list[tuple[Any, Any]]:
    """When the owner would like it, and until when."""
    service = order.service
    days = ", ".join(short_day(day) for day in service.wished_days) or _("any day")
    rows = [(_("Wished days"), f"{days}, {service.get_wished_part_display()}")]
    if service.visit_starts and service.visit_ends:
        rows.append((_("Visit"), f"{day_and_time(service.visit_starts)}\u2060–\u2060{clock(service.visit_ends)}"))
    if service.engineer:
        rows.append((_("Who does the work"), str(service.engineer)))
    return rows


def device_facts(device: Device) -> list[tuple[Any, Any]]:
    units = [(unit.get_role_display(), f"{unit.model}, {unit.serial}") for unit in device.nameplates]
    bought = date_format(device.purchased_on, "SHORT_DATE_FORMAT") if device.purchased_on else _("not confirmed")
    return [(_("Kind"), device.get_kind_display()), *units, (_("Purchase date"), bought)]


def service_rows(records: Iterable[ServiceRecord]) -> list[tuple[Any, Any]]:
    """Earlier services of a device: what, when, and by which company."""
    return [
        (
            record.get_kind_display().capitalize(),
            ", ".join(filter(None, [date_format(record.done_on, "SHORT_DATE_FORMAT"), record.partner_name])),
        )
        for record in records
    ]


def history(events: Iterable[Event]) -> list[Event]:
    """A device's past without anybody's name or words."""
    return [event for event in events if event.verb in HISTORY]


def files_of(order: Order) -> list[Document]:
    """The owner's files. Before acceptance only the photos that answer questions, and not under the owner's names."""
    documents = list(order.documents.all())
    if not order.service.is_accepted:
        photos = checklists.file_ids(order.service.answers)
        documents = [document for document in documents if str(document.pk) in photos]
        for number, document in enumerate(documents, 1):
            document.name = _("File %(number)s") % {"number": number}
    return documents


def owner_answers(order: Order, documents: Sequence[Document]) -> list[dict[str, Any]]:
    checklist = order.service.checklist
    if checklist is None:
        return []
    return answers_of(checklist, order.service.answers, order.device.kind, documents, by=checklists.OWNER)


def answers_of(
    checklist: ChecklistVersion, answers: dict[str, Any], device_kind: str, documents: Iterable[Document], *, by: str
) -> list[dict[str, Any]]:
    """The answers of one side, group by group."""
    kept = {str(document.pk): document for document in documents}
    return presenters.answer_groups(checklist.groups(), answers, device_kind=device_kind, by=by, documents=kept)


# The protocol


def all_answers(protocol: Protocol) -> dict[str, Any]:
    """What both sides answered: the protocol's questions may depend on the owner's answers."""
    return {**protocol.order.service.answers, **protocol.answers}


def parts(protocol: Protocol) -> list[dict[str, Any]]:
    """The parts of a protocol, with what each still needs: number, title, url, missing (or wrong), chip."""
    if protocol.checklist is None:
        return []
    answers, kind = all_answers(protocol), protocol.order.device.kind
    groups = protocol.checklist.groups()
    shown = checklists.visible(groups, answers, device_kind=kind, by=checklists.PARTNER)
    absent = checklists.missing(groups, answers, device_kind=kind, by=checklists.PARTNER)
    found = []
    for group in shown:
        numbers = {item.number for item in group.items}
        left = [item for item in absent if item.number in numbers]
        begun = any(checklists.is_answered(answers.get(number)) for number in numbers)
        wrong = sum(checklists.is_answered(answers.get(item.number)) for item in left)
        tone, label = _part_state(len(left) - wrong, wrong, begun=begun)
        found.append({
            "number": group.number, "title": group.title, "missing": left, "tone": tone, "label": label,
            "url": reverse("work-part", args=[protocol.order_id, int(group.number)]),
        })  # fmt: skip
    return found


def _part_state(missing: int, wrong: int, *, begun: bool) -> tuple[str, str]:
    if not missing and not wrong:
        return "done", _("Filled in")
    left = ngettext("%(count)s missing", "%(count)s missing", missing) % {"count": missing}
    to_correct = ngettext("%(count)s to correct", "%(count)s to correct", wrong) % {"count": wrong}
    words = ", ".join(word for word, count in ((left, missing), (to_correct, wrong)) if count)
    return ("attention", words) if begun else ("neutral", words)


def left_to_do(protocol: Protocol) -> list[tuple[str, str]]:
    """What is missing or wrong in an open protocol: where it is mended, and the words."""
    answers = all_answers(protocol)
    return [
        (f"{part['url']}#div_id_q{item.number}", presenters.left_words(item, answers.get(item.number)))
        for part in parts(protocol)
        for item in part["missing"]
    ]


def protocol_facts(protocol: Protocol) -> list[tuple[Any, Any]]:
    """What the page of a closed protocol says at its top."""
    device = protocol.order.device
    rows = [
        (_("Service"), str(protocol.order.service_kind)),
        (_("Order"), protocol.order.number),
        (_("Device"), model_of(device)),
        (_("Place"), device.site.address),
        (_("Day of the visit"), date_format(protocol.visited_on, "SHORT_DATE_FORMAT")),
        (_("Engineer"), str(protocol.engineer)),
        (_("Signed by"), protocol.signed_name),
    ]
    if protocol.correction:
        rows.append((_("What is corrected"), protocol.correction))
    return rows
