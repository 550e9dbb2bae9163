"""Words for the office's pages about orders."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from devices.models import Device
from orders import states
from orders.deadlines import due_at
from orders.matching import Candidate
from orders.models import Offer, Order, Proposal, Protocol, Service
from orders.models.service import STUCK_AFTER
from portal.files.models import Document
from portal.ui.table import link
from portal.ui.templatetags.ui import chip, local_date, local_moment
from services import presenters as service_words
from services.checklists import OWNER, PHOTO


def state_words(state: str) -> str:
    """A state as the office calls it."""
    return str(Order.OFFICE_WORDS.get(Order.State(state), Order.State(state).label))


def state_chip(order: Order) -> str:
    return chip(order.tone, state_words(order.state))


def deadline(service: Service) -> str:
    """By when something has to happen; what is late stands out. Needs `with_work_since()`."""
    state, now = service.order.state, timezone.now()
    if state == states.OFFERED and service.answer_by:
        if service.answer_by <= now:
            return _late(_("no answer"), service.answer_by)
        if timezone.localdate(service.answer_by) == timezone.localdate():
            return _late(_("answer due today"), service.answer_by)
        return _plain(_("answer by"), service.answer_by)
    if state == states.SCHEDULED and service.visit_starts and service.visit_ends:
        if service.visit_ends <= now:
            return _late(_("visit not begun"), service.visit_starts)
        return _plain(_("visit"), service.visit_starts)
    since = getattr(service, "work_since", None)
    if state == states.UNDER_WAY and since:
        return _late(_("not finished"), since) if since < now - STUCK_AFTER else _plain(_("since"), since)
    due = due_at(service.order)
    if due and due < now:
        return _late(_("overdue"), due)
    return local_moment(due) if due else ""


def _late(words: Any, moment: datetime) -> str:
    return format_html("{} {}", chip("attention", words), local_moment(moment))


def _plain(words: Any, moment: datetime) -> str:
    return format_html("{} {}", words, local_moment(moment))


def who_has_it(service: Service) -> Any:
    """Who has to do the next step."""
    state = service.order.state
    if state in (states.DRAFT, states.WAITING):
        return _("the owner")
    if state in states.CLOSED:
        return ""
    return service.partner if service.partner else _("the office")


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


def _answer_rows(group: dict[str, Any]) -> list[tuple[str, str]]:
    """Each question with its answer, but for photos."""
    return [(_question(row), row["shown"]) for row in group["rows"] if row["kind"] != PHOTO]


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
