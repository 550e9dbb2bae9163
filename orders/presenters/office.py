"""Words for the office's pages about orders."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from devices.models import Device
from orders import states
from orders.deadlines import OFFICE, PARTNER, is_missed, turn_of
from orders.matching import Candidate
from orders.models import Offer, Order, Proposal, Protocol, Service
from portal.files.models import Document
from portal.ui.table import link
from portal.ui.templatetags.ui import chip, local_date, local_moment, odd_answer
from services import presenters as service_words
from services.checklists import OWNER, PHOTO
from services.checklists import PARTNER as PARTNER_SIDE


def state_words(state: str) -> str:
    """A state as the office calls it."""
    return str(Order.OFFICE_WORDS.get(Order.State(state), Order.State(state).label))


def state_chip(order: Order) -> str:
    return chip(order.tone, state_words(order.state))


def deadline(service: Service) -> str:
    """By when something has to happen; what is late stands out. Needs `with_times()`."""
    state, turn = service.order.state, turn_of(service.order, has_times=service.has_times)  # type: ignore[attr-defined]
    if turn.by is None:
        return ""
    if is_missed(state, service.visit_ends) and service.visit_starts:
        return _late(_("visit not begun"), service.visit_starts)
    if turn.is_late:
        return _late(LATE.get((turn.who, state)) or LATE.get((turn.who, "")) or _("overdue"), turn.by)
    if turn.who == states.OWNER:
        return _plain(_("the owner answers by"), turn.by)
    if state == states.OFFERED and timezone.localdate(turn.by) == timezone.localdate():
        return _late(_("answer due today"), turn.by)
    if state == states.OFFERED:
        return _plain(_("answer by"), turn.by)
    if state == states.SCHEDULED and service.visit_starts:
        return _plain(_("visit"), service.visit_starts)
    return local_moment(turn.by)


# What is late, by who has the order, and in which state where that matters.
LATE = {
    (states.OWNER, ""): _("no answer of the owner"),
    (PARTNER, states.OFFERED): _("no answer"),
    (PARTNER, states.ACCEPTED): _("no date agreed"),
    (PARTNER, states.SCHEDULED): _("no answer whether the visit can be moved"),
    (PARTNER, states.UNDER_WAY): _("not finished"),
}


def _late(words: Any, moment: datetime) -> str:
    return format_html("{} {}", chip("attention", words), local_moment(moment))


def _plain(words: Any, moment: datetime) -> str:
    return format_html("{} {}", words, local_moment(moment))


def who_has_it(service: Service) -> Any:
    """Who has to do the next step. Needs `with_times()`."""
    who = turn_of(service.order, has_times=service.has_times).who  # type: ignore[attr-defined]
    return {states.OWNER: _("the owner"), OFFICE: _("the office"), PARTNER: service.partner}.get(who, "")


def wish_rows(service: Service) -> list[tuple[Any, Any]]:
    days = ", ".join(date_format(day, "SHORT_DATE_FORMAT") for day in service.wished_days)
    return [
        (_("Wished days"), days),
        (_("Time of day"), service.get_wished_part_display() if days else ""),
        (_("On site"), service.contact),
        (_("Notes"), service.notes),
        (_("Partner whom the owner chose"), service.chosen_partner),
    ]


def question_rows(service: Service) -> list[tuple[Any, Any]]:
    """What the owner was asked, and said."""
    if not service.question:
        return [(_("The owner's last answer"), service.answer)]
    return [
        (_("Question"), service.question),
        (_("Asked by"), service.asked_by),
        (_("Asked"), local_moment(service.asked_at)),
    ]


def answers(service: Service, documents: Iterable[Document]) -> tuple[list[Any], list[tuple[str, Document]]]:
    """What the owner answered: (title, rows) of each group; and all files, with the question that asked for them."""
    files = {str(document.pk): document for document in documents}
    groups = service_words.answer_groups(
        service.checklist.groups() if service.checklist else [],
        service.answers,
        device_kind=service.order.device.kind,
        by=OWNER,
        documents=files,
    )
    words = [(group["title"], _answer_rows(group)) for group in groups]
    asked = [(_question(row), document) for group in groups for row in group["rows"] for document in row["documents"]]
    told = {document.pk for _row, document in asked}
    others = [("", document) for document in files.values() if document.pk not in told]
    return [(title, rows) for title, rows in words if rows], [*asked, *others]


def files(order: Order) -> tuple[list[Document], list[Document]]:
    """What the owner sent, and what was taken at the visit; asked for at once."""
    sent = Order.documents.through.objects.filter(order=order).values("document")
    taken = Protocol.documents.through.objects.filter(protocol__order=order).values("document")
    found = Document.objects.filter(pk__in=sent.union(taken)).annotate(
        is_taken=Exists(taken.filter(document=OuterRef("pk")))
    )
    return [one for one in found if not one.is_taken], [one for one in found if one.is_taken]


def visit_answers(order: Order, documents: Iterable[Document]) -> tuple[list[Any], list[tuple[str, Document]]]:
    """What was answered at the visit, by the newest protocol, open or closed: as `answers`, what is empty left out."""
    protocol = max(order.protocols.all(), key=lambda one: one.version, default=None)
    if protocol is None or protocol.checklist is None:
        return [], []
    groups = service_words.answer_groups(
        protocol.checklist.groups(),
        {**order.service.answers, **protocol.answers},
        device_kind=order.device.kind,
        by=PARTNER_SIDE,
        documents={str(document.pk): document for document in documents},
    )
    begun = [group for group in groups if any(row["value"] != service_words.NO_ANSWER for row in group["rows"])]
    asked = [(_question(row), document) for group in begun for row in group["rows"] for document in row["documents"]]
    named = [(_("Protocol: %(group)s") % {"group": f"[{group['number']}] {group['title']}"}, group) for group in begun]
    return [(title, rows) for title, group in named if (rows := _answer_rows(group))], asked


def _answer_rows(group: dict[str, Any]) -> list[tuple[str, str]]:
    """Each question with its answer and what looks odd about it, but for photos."""
    return [(_question(row), _shown(row)) for row in group["rows"] if row["kind"] != PHOTO]


def _shown(row: dict[str, Any]) -> str:
    return format_html("{}{}", row["shown"], odd_answer(row["warning"])) if row["warning"] else row["shown"]


def _question(row: dict[str, Any]) -> str:
    return f"[{row['number']}] {row['label']}"


def warranty_rows(device: Device) -> list[tuple[Any, Any]]:
    """What is counted for the device; nothing before that."""
    cover = getattr(device, "cover", None)
    if cover is None:
        return []
    return [
        (_("Warranty from"), local_date(cover.starts_on)),
        (_("Warranty until"), local_date(cover.ends_on)),
        (_("Next inspection"), local_date(cover.next_inspection_on)),
    ]


def offer_outcome(offer: Offer) -> str:
    """What became of an offer and when, or by when an answer is awaited."""
    if not offer.outcome:
        return _plain(_("answer by"), offer.answer_by)
    return format_html("{}, {}", offer.get_outcome_display(), local_moment(offer.closed_at))


def proposal_outcome(proposal: Proposal) -> str:
    if proposal.picked:
        return format_html("{}: {}", proposal.get_outcome_display(), local_moment(proposal.picked))
    return proposal.get_outcome_display() or str(_("open"))


def slots(moments: Iterable[datetime]) -> SafeString:
    return format_html_join(", ", "{}", ((local_moment(moment),) for moment in moments))


def paper(protocol: Protocol) -> Any:
    """The protocol's number, as a link to the PDF once that is made."""
    if protocol.closed_at is None:
        return _("being filled in")
    return link(reverse("document", args=[protocol.pdf_id]), protocol.number) if protocol.pdf_id else protocol.number


def protocol_row(protocol: Protocol) -> tuple[Any, ...]:
    return (
        paper(protocol),
        protocol.version,
        local_date(protocol.visited_on),
        protocol.engineer,
        protocol.signed_name,
        protocol.correction,
    )


def candidate_facts(candidate: Candidate, chosen: int | None) -> list[str]:
    """What the clerk compares: open work, place, and what speaks against the partner."""
    marks = [_("chosen by the owner")] if candidate.partner.pk == chosen else []
    facts = [*marks, _("open orders: %(count)s") % {"count": candidate.open_work}, candidate.partner.city]
    return [*map(str, facts), *candidate.reasons]
