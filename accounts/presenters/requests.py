"""Requests about a customer's data: words and colours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber

from accounts.models import ChangeRequest, Country
from accounts.models.requests import part_name, values_of
from portal.addresses import address
from portal.collect import Note
from portal.ui.table import Column, Table, link
from portal.ui.templatetags.ui import chip, local_date, moment_words

Decision = ChangeRequest.Decision
TONES = {"": "progress", Decision.ACCEPTED: "done", Decision.PARTLY: "attention", Decision.REFUSED: "problem"}


def request_chip(request: ChangeRequest) -> Any:
    return chip(TONES.get(request.decision, "neutral"), _state(request))


def _state(request: ChangeRequest) -> Any:
    return request.get_decision_display() if request.decision else _("our office looks at it")


def request_table(requests: Iterable[ChangeRequest], names: dict[int, str]) -> Table:
    """`names` are those of customers, where the reader sees requests of several."""
    columns = [Column(_("Number"), "main-cell"), Column(_("What is to change")), Column(_("Sent")), Column(_("State"))]
    if names:
        columns.insert(1, Column(_("Customer")))
    return Table(columns, [_row(request, names) for request in requests])


def _row(request: ChangeRequest, names: dict[int, str]) -> list[Any]:
    what = ", ".join(str(part_name(request.customer, part)) for part in request.parts)
    number = link(address("change-request", request.pk), request.number)
    whose = [names[request.customer_id]] if names else []
    return [number, *whose, what, local_date(request.asked_at), request_chip(request)]


def part_words(part: str, values: Sequence[str]) -> str:
    """The fields of a part in one line: "ul. Długa 5, 00-238 Warszawa, Poland"."""
    if part == "phone" and values[0]:
        return PhoneNumber.from_string(values[0]).as_international
    if part == "address":
        street, postcode, city, country = values
        return f"{street}, {postcode} {city}, {Country(country).label}"
    if part == "letters" and values[0]:
        name, street, postcode, city = values
        return f"{name}, {street}, {postcode} {city}"
    return values[0] or "–"


@dataclass(frozen=True)
class PartShown:
    """A part of a request: what was on record, what is asked for, what is on record now, what came of it."""

    part: str
    name: Any
    old: str
    new: str
    present: str
    is_overtaken: bool
    outcome: Any
    reason: str

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """As whoever asked reads it."""
        rows = [
            (_("Before"), self.old),
            (_("Asked for"), self.new),
            (_("Our answer"), self.outcome),
            (_("Reason"), self.reason),
        ]
        return [(label, value) for label, value in rows if value]


def parts_shown(request: ChangeRequest) -> list[PartShown]:
    """Each part of a request, in the order of the form."""
    return [
        PartShown(
            part=part,
            name=part_name(request.customer, part),
            old=part_words(part, request.values(part, "old")),
            new=part_words(part, request.values(part, "new")),
            present=part_words(part, values_of(request.customer, part)),
            is_overtaken=not request.decision and request.is_overtaken(part),
            outcome=_outcome(request, part),
            reason=request.reason(part),
        )
        for part in request.parts
    ]


def _outcome(request: ChangeRequest, part: str) -> Any:
    if request.decision in ("", Decision.WITHDRAWN):
        return ""
    return chip("done", _("accepted")) if request.is_accepted(part) else chip("problem", _("refused"))


def request_note(request: ChangeRequest) -> Note | None:
    """What happens next with a request; nothing once it is taken back."""
    if request.decision == Decision.WITHDRAWN:
        return None
    if not request.decision:
        text = _("Our office compares your request with the documents and writes to you. Until then the data stay.")
        return Note(_state(request), "progress", text)
    when = moment_words(request.decided_at) if request.decided_at else ""
    text = _("Our office answered on %(when)s.") % {"when": when}
    if request.decision != Decision.REFUSED:
        text += " " + _("What was accepted is on record.")
    if request.decision != Decision.ACCEPTED:
        text += " " + _("You can ask again, with other documents.")
    return Note(_state(request), TONES[request.decision], text)
