"""Words for the owner's list of orders and for the page of a service order."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Partner
from devices.models import site_name
from orders import states
from orders.deadlines import Turn, due_of, is_missed, turn_of
from orders.models import Order, Proposal, Protocol
from orders.presenters.words import by_when, day_words, slot_words, visit_words
from portal.addresses import address
from portal.collect import Note
from portal.files.gallery import Shown
from portal.ui.table import Column, Table, link, unbroken
from portal.ui.templatetags.ui import chip, in_sentence, local_date
from services.checklists import OWNER, PARTNER
from services.languages import in_language, texts_of
from services.presenters import answer_groups

State = Order.State
AnyShown = TypeVar("AnyShown", bound=Shown)
FILTERS = {
    "open": gettext_lazy("Open"),
    "yours": gettext_lazy("Waiting for you"),
    "done": gettext_lazy("Done"),
    "ended": gettext_lazy("Cancelled or refused"),
}
SORTED = {"oldest": gettext_lazy("oldest first"), "number": gettext_lazy("by number")}


def kind_names(kinds: Iterable[Any]) -> dict[str, Any]:
    """What may be chosen above the list of orders: each kind of service, from rows of them, and purchase proofs."""
    names = {kind.code: in_language(texts_of(kind, "name")) for kind in kinds}
    return names | {Order.Kind.PURCHASE_PROOF.value: Order.Kind.PURCHASE_PROOF.label}


def order_table(
    rows: Iterable[Any], *, changed_by: Container[int], customers: Mapping[int, str] | None = None
) -> Table:
    """Orders as the third tab lists them: `orders.rows`.

    `changed_by`: for which customers the reader may act. `customers` are the names of those to whom the orders belong,
    where they belong to several.
    """
    customers = customers or {}
    columns = [
        Column(_("Number"), "main-cell nowrap"),
        *([Column(_("Customer"))] if customers else []),
        Column(_("Type")),
        Column(_("Device")),
        Column(_("Site")),
        Column(_("Status")),
        Column(_("Sent")),
        Column(_("Done on")),
    ]
    proof = Order.Kind.PURCHASE_PROOF.label
    return Table(columns, [
        (
            link(address("order", row.pk), row.number),
            *([customers[row.customer_id]] if customers else []),
            in_language(texts_of(row, "name")) if row.kind == Order.Kind.SERVICE else proof,
            f"{row.device_name} ({', '.join(row.serials)})",
            site_name(row),
            status_chips(row, may_act=row.customer_id in changed_by),
            local_date(None if row.state == State.DRAFT else row.created_at),
            local_date(row.closed_at if row.state == State.DONE else None),
        )
        for row in rows
    ])  # fmt: skip


def state_label(state: str, *, may_act: bool = True) -> Any:
    """A state in words; nobody waits for a reader who may not act."""
    return _("Waiting for an answer") if state == State.WAITING and not may_act else State(state).label


def status_chips(row: Any, *, may_act: bool = True) -> SafeString:
    """The state; what waits for the owner and what is overdue stands out."""
    if row.has_times and row.state in (State.ACCEPTED, State.SCHEDULED):
        own = chip("attention", _("Choose a time") if may_act else _("Proposed times"))
    else:
        own = chip(Order.TONES[row.state], state_label(row.state, may_act=may_act))
    if row.kind != Order.Kind.SERVICE or not due_of(row, row, row.country, has_times=row.has_times).is_late:
        return own
    return format_html("{} {}", own, chip("problem", _("Overdue")))


# The page of a service order


def service_note(order: Order, proposal: Proposal | None = None) -> Note:
    """The state, who has the order, by when, and what the reader can do now."""
    turn = turn_of(order, has_times=proposal is not None and not proposal.by_owner)
    is_over = is_missed(order.state, order.service.visit_ends)
    note = _NOTES[order.state](order, by_when(turn.by) if turn.by and not is_over else "")
    if proposal and proposal.by_owner:
        note = _move_asked(order, proposal, note)
    elif proposal and order.state in (State.ACCEPTED, State.SCHEDULED):
        note = _times_proposed(order, turn)
    if is_over:
        return _missed(order, note)
    if not turn.is_late:
        return note
    late, look = _late(order, turn), _late(order, turn, may_act=False)
    text, look_text = f"{note.text} {late}", f"{note.look_text or note.text} {look}"
    return replace(note, tone="attention", text=text, look_text=look_text)


def _times_proposed(order: Order, turn: Turn) -> Note:
    facts = {**_who(order), "moment": by_when(turn.by) if turn.by else ""}
    return Note(
        _("Choose a time"),
        "attention",
        _("%(partner)s proposes times for the visit. Choose the one that suits you by %(moment)s.") % facts,
        _("See the times"),
        "#times",
        look_label=_("Proposed times"),
        look_text=_("%(partner)s proposes times for the visit. The answer is due by %(moment)s.") % facts,
    )


def _missed(order: Order, note: Note) -> Note:
    """The agreed time is over. Where the note leads to, such as the question or other times, stays."""
    service = order.service
    assert service.visit_starts and service.visit_ends
    facts = {**_who(order), "visit": in_sentence(visit_words(service.visit_starts, service.visit_ends))}
    text = _("The visit was to be on %(visit)s. Call %(partner)s, %(phone)s, or ask for another date.") % facts
    look_text = _("The visit was to be on %(visit)s.") % facts
    if order.state == State.WAITING:
        text, look_text = f"{note.text} {text}", f"{note.look_text} {look_text}"
    return replace(note, label=_("Overdue"), look_label="", tone="problem", text=text, look_text=look_text)


def _move_asked(order: Order, proposal: Proposal, note: Note) -> Note:
    service = order.service
    if order.state != State.SCHEDULED or not (service.visit_starts and service.visit_ends and service.answer_by):
        return note
    text = ngettext(
        "You asked to move the visit to this time: %(times)s. %(partner)s answers by %(moment)s: agrees to it or "
        "proposes others. You get an e-mail; until then the agreed time stands: %(visit)s.",
        "You asked to move the visit to one of these times: %(times)s. %(partner)s answers by %(moment)s: chooses one "
        "or proposes others. You get an e-mail; until then the agreed time stands: %(visit)s.",
        len(proposal.slots),
    ) % {
        **_who(order),
        "moment": by_when(service.answer_by),
        "times": "; ".join(in_sentence(slot_words(slot, proposal.minutes)) for slot in proposal.slots),
        "visit": in_sentence(visit_words(service.visit_starts, service.visit_ends)),
    }
    return Note(note.label, note.tone, text)


def _who(order: Order) -> dict[str, Any]:
    service = order.service
    return {"partner": service.partner, "phone": service.partner.phone if service.partner else ""}


def _late(order: Order, turn: Turn, *, may_act: bool = True) -> str:
    assert turn.by
    moment = {"moment": by_when(turn.by)}
    if turn.who == states.OWNER and not may_act:
        return _("The answer was expected by %(moment)s and is overdue.") % moment
    if turn.who == states.OWNER:
        return _("Your answer was expected by %(moment)s and is overdue.") % moment
    if order.state == State.SCHEDULED and order.service.answer_by:
        text = _(
            "You asked to move the visit, and the answer was due by %(moment)s. Our office sees that too; the agreed "
            "time stands."
        )
        return text % moment
    return _("This was expected by %(moment)s and is overdue. Our office sees that too.") % moment


# What each state says: the order, and by when the next step is due.


def _draft(order: Order, by: str) -> Note:
    text = _("This order is not sent yet. What you typed is kept.")
    return Note(State.DRAFT.label, order.tone, text, _("Finish the order"), reverse("order-continue", args=[order.pk]))


def _submitted(order: Order, by: str) -> Note:
    text = _(
        "Our office looks for a service partner, at the latest by %(moment)s. You get an e-mail when one has "
        "accepted. There is nothing to do until then."
    )
    return Note(order.get_state_display(), order.tone, text % {"moment": by})


def _offered(order: Order, by: str) -> Note:
    text = _(
        "We have asked %(partner)s to do it. The answer is due by %(moment)s; you get an e-mail then. "
        "There is nothing to do until then."
    )
    return Note(order.get_state_display(), order.tone, text % {**_who(order), "moment": by})


def _declined(order: Order, by: str) -> Note:
    text = _(
        "The service partner who was asked cannot do it. Our office looks for another one, at the latest by "
        "%(moment)s. There is nothing to do until then."
    )
    return Note(order.get_state_display(), order.tone, text % {"moment": by})


def _accepted(order: Order, by: str) -> Note:
    text = _(
        "%(partner)s has accepted the order and proposes times for the visit, or calls you, by %(moment)s. "
        "If it is urgent, call %(phone)s."
    )
    return Note(order.get_state_display(), order.tone, text % {**_who(order), "moment": by})


def _scheduled(order: Order, by: str) -> Note:
    service = order.service
    assert service.visit_starts and service.visit_ends
    facts = {**_who(order), "visit": in_sentence(visit_words(service.visit_starts, service.visit_ends))}
    text = _("%(partner)s comes on %(visit)s. If that does not suit you any more, you can ask to move the visit.")
    look_text = _("%(partner)s comes on %(visit)s.")
    return Note(order.get_state_display(), order.tone, text % facts, look_text=look_text % facts)


def _under_way(order: Order, by: str) -> Note:
    text = _(
        "%(partner)s is at work. In the end, by %(moment)s, you sign the protocol on the engineer's phone; you get it "
        "by e-mail."
    )
    return Note(order.get_state_display(), order.tone, text % {**_who(order), "moment": by})


def _waiting(order: Order, by: str) -> Note:
    service = order.service
    asker = str(service.partner) if service.is_accepted else _("Our office")
    text = look_text = _("%(who)s asks: %(question)s") % {"who": asker, "question": service.question}
    if by:
        moment = {"moment": by}
        text = " ".join([_("Please answer by %(moment)s.") % moment, text])
        look_text = " ".join([look_text, _("The answer is due by %(moment)s.") % moment])
    return Note(
        order.get_state_display(), order.tone, text, _("Answer"), reverse("order-reply", args=[order.pk]),
        look_label=state_label(order.state, may_act=False), look_text=look_text,
    )  # fmt: skip


def _done(order: Order, by: str) -> Note:
    text = _("The service is done. The page of the device shows what comes next, and its papers.")
    url = address("device", order.device_id)
    return Note(order.get_state_display(), order.tone, text, _("See the device"), url, is_look=True)


def _cancelled(order: Order, by: str) -> Note:
    assert order.service_kind
    url = reverse("order-service", args=[order.device_id, order.service_kind.code])
    return Note(order.get_state_display(), order.tone, _("This order was cancelled."), _("Order it anew"), url)


_NOTES: dict[str, Callable[[Order, str], Note]] = {
    State.DRAFT: _draft,
    State.SUBMITTED: _submitted,
    State.OFFERED: _offered,
    State.DECLINED: _declined,
    State.ACCEPTED: _accepted,
    State.SCHEDULED: _scheduled,
    State.UNDER_WAY: _under_way,
    State.WAITING: _waiting,
    State.DONE: _done,
    State.CANCELLED: _cancelled,
}


def service_facts(order: Order) -> list[tuple[Any, Any]]:
    """What an order's page says of it. The partner has a phone number once the order is accepted."""
    service = order.service
    rows: list[tuple[Any, Any]] = [
        (_("Service"), order.what),
        (_("Device"), device_words(order)),
        (_("Place"), place_words(order)),
        (_("Service partner"), partner_words(order)),
    ]
    if service.engineer:
        rows.append((_("Engineer"), service.engineer))
    rows.append((_("Sent"), local_date(service.submitted_at)))
    if order.closed_at:
        rows.append((_("Done on") if order.state == State.DONE else _("Closed"), local_date(order.closed_at)))
    return rows


def device_words(order: Order) -> SafeString:
    name = link(address("device", order.device_id), order.device.name)
    return format_html("{} ({})", name, unbroken(order.device.serials))


def place_words(order: Order) -> str:
    site = order.device.site
    return f"{site.own_name}, {site.address}" if site.own_name else site.address


def reach_words(partner: Partner) -> SafeString:
    """Whom to call."""
    phone = partner.phone
    link_to_call = '{}, <a class="whole" href="tel:{}">{}</a>'
    return format_html(link_to_call, unbroken(partner), phone.as_e164, phone.as_international)


def partner_words(order: Order) -> Any:
    service = order.service
    if service.is_accepted and service.partner:
        return reach_words(service.partner)
    if service.partner:
        return _("%(partner)s (asked, has not answered yet)") % {"partner": service.partner}
    if service.chosen_partner and not order.closed_at:
        return _("%(partner)s (your wish)") % {"partner": service.chosen_partner}
    return None if order.closed_at else _("We assign one")


def visit_of(order: Order) -> str:
    """The agreed visit in words; empty where none is agreed."""
    service = order.service
    return visit_words(service.visit_starts, service.visit_ends) if service.visit_starts and service.visit_ends else ""


def wish_rows(order: Order) -> list[tuple[Any, Any]]:
    """What the owner wishes; only what was said."""
    service = order.service
    days = format_html_join(SafeString("<br>"), "{}", ((day_words(day),) for day in service.wished_days))
    rows = [
        (_("Days that suit you"), days),
        (_("Time of day"), service.get_wished_part_display() if days else ""),
        (_("Who is on site"), service.contact),
        (_("Notes"), format_html('<span class="as-typed">{}</span>', service.notes) if service.notes else ""),
    ]
    return [(label, value) for label, value in rows if value]


def owner_answers(order: Order, documents: Iterable[Shown]) -> list[dict[str, Any]]:
    """The owner's answers to the checklist, as the tag `answers` shows them."""
    return _answers(order.service.checklist, order.service.answers, order, documents, by=OWNER)


def protocol_answers(protocol: Protocol) -> list[dict[str, Any]]:
    """What the engineer filled in."""
    answers = {**protocol.order.service.answers, **protocol.answers}
    documents = protocol.documents.all()
    return _answers(protocol.checklist, answers, protocol.order, documents, by=PARTNER)


def _answers(
    checklist: Any, answers: dict[str, Any], order: Order, documents: Iterable[Shown], *, by: str
) -> list[dict[str, Any]]:
    if checklist is None:
        return []
    kept = {str(document.pk): document for document in documents}
    return answer_groups(checklist.groups(), answers, device_kind=order.device.kind, by=by, documents=kept)


def other_files(answers: Iterable[dict[str, Any]], documents: Iterable[AnyShown]) -> list[AnyShown]:
    """The files that are not photos of one of these answers."""
    answered = {document.pk for group in answers for row in group["rows"] for document in row["documents"]}
    return [document for document in documents if document.pk not in answered]


def protocol_facts(protocol: Protocol) -> list[tuple[Any, Any]]:
    """What a protocol's page says at its top."""
    rows = [
        (_("Service"), protocol.order.what),
        (_("Device"), device_words(protocol.order)),
        (_("Place"), place_words(protocol.order)),
        (_("Day of the visit"), local_date(protocol.visited_on)),
        (_("Service partner"), protocol.partner),
        (_("Engineer"), protocol.engineer),
        (_("Signed by"), protocol.signed_name),
        (_("Order"), link(address("order", protocol.order_id), protocol.order.number)),
    ]
    return [*rows, (_("What was corrected"), protocol.correction)] if protocol.correction else rows
