"""The engine of checklists: questions in numbered groups, which of them show, which are missing, and clean answers.

Plain values: no database, no request, and the clock only for days that must have come. Answers are a dict that JSON
can hold, item number -> value:
{"500": "FGAZ-O/01/12345/22", "501": "yes", "601": "12.5", "204": ["<document id>"], "702": "2026-11-21"}.
Numbers are kept as text with a dot, since a float would change them.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.rules import looks_like_fgas_certificate, looks_like_phone
from services.languages import LANGUAGES, in_language

OWNER, PARTNER = "owner", "partner"
TEXT, LONG_TEXT, YES_NO, NUMBER, CHOICE, DATE, PHOTO = (
    "text", "long_text", "yes_no", "number", "choice", "date", "photo",
)  # fmt: skip
KINDS = (TEXT, LONG_TEXT, YES_NO, NUMBER, CHOICE, DATE, PHOTO)
YES, NO = "yes", "no"
# What else is looked at: in which kind of answer.
FGAS, PHONE, PAST = "fgas", "phone", "past"
CHECKED_KINDS = {FGAS: TEXT, PHONE: TEXT, PAST: DATE}
MAX_LENGTH = {TEXT: 200, LONG_TEXT: 4000}
MAX_PHOTOS = 10
NUMBER_FORM = re.compile(r"[+-]?[0-9]{1,9}([.,][0-9]{1,6})?")
DATE_FORMS = (re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"),
              re.compile(r"(?P<d>[0-9]{1,2})\.\s?(?P<m>[0-9]{1,2})\.\s?(?P<y>[0-9]{4})"))  # fmt: skip

Answers = Mapping[str, Any]


class Fault(ValueError):
    """An answer that cannot be right. `code`: see `clean`; the words are in `services.presenters`."""

    def __init__(self, code: str):
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Choice:
    """One of the answers that a question offers; `value` stays the same whatever the words become."""

    value: str
    labels: dict[str, str]

    @property
    def label(self) -> str:
        return in_language(self.labels)


@dataclass(frozen=True)
class Item:
    """One question. `number` is "501"; its group is "500".

    It shows only where the item `depends_on` (if any) has one of `depends_values` for an answer.
    """

    number: str
    kind: str
    labels: dict[str, str]
    helps: dict[str, str] = field(default_factory=dict)
    unit: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    # What lies outside is pointed out, and taken all the same.
    usual_minimum: Decimal | None = None
    usual_maximum: Decimal | None = None
    # The number of an earlier item whose answer is usually higher; where it is not, that is pointed out.
    lower_than: str = ""
    choices: tuple[Choice, ...] = ()
    required: bool = True
    filled_by: str = PARTNER
    # FGAS: an odd form of the number is pointed out, and taken all the same. PHONE: it must be a telephone number.
    # PAST: a day that has come already.
    form_check: str = ""
    depends_on: str = ""
    depends_values: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return in_language(self.labels)

    @property
    def help(self) -> str:
        return in_language(self.helps)

    @property
    def offered(self) -> tuple[str, ...]:
        """The answers that it offers; none where anything may be written."""
        return (YES, NO) if self.kind == YES_NO else tuple(choice.value for choice in self.choices)


@dataclass(frozen=True)
class Group:
    """Questions below one title. With a `device_kind` it is for such devices only, e.g. "split"."""

    number: str
    titles: dict[str, str]
    items: tuple[Item, ...] = ()
    device_kind: str = ""

    @property
    def title(self) -> str:
        return in_language(self.titles)


def group_number(item_number: str | int) -> str:
    """The group in which an item stands: "501" in "500"."""
    return str(int(item_number) // 100 * 100)


def all_items(groups: Iterable[Group]) -> Iterator[Item]:
    for group in groups:
        yield from group.items


# What is kept of a published version


def freeze(groups: Iterable[Group]) -> list[dict[str, Any]]:
    """The groups as JSON."""
    return [_plain(asdict(group)) for group in groups]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def parse(content: Sequence[Mapping[str, Any]]) -> list[Group]:
    """The groups from JSON: the other way round."""
    return [Group(**{**group, "items": tuple(map(_item, group["items"]))}) for group in content]


def _item(kept: Mapping[str, Any]) -> Item:
    return Item(**{
        **kept,
        **{name: _decimal(kept.get(name)) for name in ("minimum", "maximum", "usual_minimum", "usual_maximum")},
        "choices": tuple(Choice(**choice) for choice in kept["choices"]),
        "depends_values": tuple(kept["depends_values"]),
    })  # fmt: skip


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


# What shows, and what is missing


def is_answered(value: Any) -> bool:
    return value not in (None, "", [], {}, ())


def file_ids(answers: Answers) -> set[str]:
    """The documents that answers name."""
    return {one for value in answers.values() if isinstance(value, list) for one in value}


def visible(groups: Iterable[Group], answers: Answers, *, device_kind: str, by: str | None = None) -> list[Group]:
    """The groups with the items that show, for a device "monobloc" or "split"; `by` keeps what one side fills in.

    What a hidden item was answered does not count, so what depends on it is hidden too. A group without items is left
    out. A condition on an item that is not in `groups` looks at the answers as they are.
    """
    known = {item.number for group in groups for item in group.items}
    counted = {number: value for number, value in answers.items() if number not in known}
    shown = []
    for group in groups:
        if group.device_kind not in ("", device_kind):
            continue
        items = []
        for item in group.items:
            if item.depends_on and counted.get(item.depends_on) not in item.depends_values:
                continue
            items.append(item)
            if item.number in answers:
                counted[item.number] = answers[item.number]
        shown.append(replace(group, items=tuple(item for item in items if by in (None, item.filled_by))))
    return [group for group in shown if group.items]


def missing(groups: Iterable[Group], answers: Answers, *, device_kind: str, by: str | None) -> list[Item]:
    """What must still be answered: shown and required without an answer, or with one that cannot be right.

    The latter come from drafts, which keep what was typed.
    """
    shown = visible(groups, answers, device_kind=device_kind, by=by)
    return [item for item in all_items(shown) if not _is_well(item, answers.get(item.number))]


def nothing_to_report(groups: Sequence[Group], *, device_kind: str, by: str) -> dict[str, str]:
    """The answers of whoever has nothing to tell: where one answer to a yes/no question asks for more, the other."""
    asked: dict[str, set[str]] = {}
    for item in all_items(groups):
        if item.depends_on:
            asked.setdefault(item.depends_on, set()).update(item.depends_values)
    answers = {
        item.number: next(value for value in item.offered if value not in asked[item.number])
        for item in all_items(groups)
        if item.kind == YES_NO and len(asked.get(item.number, ())) == 1
    }
    shown = {item.number for item in all_items(visible(groups, answers, device_kind=device_kind, by=by))}
    return {number: value for number, value in answers.items() if number in shown}


def _is_well(item: Item, value: Any) -> bool:
    if not is_answered(value):
        return not item.required
    try:
        return clean(item, value) is not None or not item.required
    except Fault:
        return False


# Clean answers


def clean(item: Item, raw: Any) -> Any:
    """The answer as it is kept, or None for no answer.

    Raises Fault: not_text, too_long, not_a_number, too_low, too_high, not_a_date, in_future, not_a_phone, not_offered,
    not_photos, too_many.
    """
    if item.kind == PHOTO:
        return _clean_photos(raw)
    if not is_answered(raw):
        return None
    if not isinstance(raw, str):
        raise Fault("not_text")
    text = _storable(raw)
    if not text:
        return None
    if item.kind == NUMBER:
        return _clean_number(item, text)
    if item.kind == DATE:
        return _clean_date(item, text)
    if item.kind in (YES_NO, CHOICE):
        if text not in item.offered:
            raise Fault("not_offered")
        return text
    if len(text) > MAX_LENGTH[item.kind]:
        raise Fault("too_long")
    if item.form_check == PHONE and not looks_like_phone(text):
        raise Fault("not_a_phone")
    return text


def _storable(raw: str) -> str:
    """Without the two kinds of signs that the database does not take; browsers do not send them."""
    return raw.replace("\x00", "").encode("utf-8", "ignore").decode().strip()


def as_typed(raw: Any) -> str:
    """What a draft keeps of an answer that cannot be right."""
    return _storable(str(raw or ""))[: MAX_LENGTH[LONG_TEXT]]


def _clean_number(item: Item, text: str) -> str:
    """Decimal comma or dot, spaces between thousands, and the unit behind it do not matter."""
    compact = re.sub(r"\s", "", text.removesuffix(item.unit)).replace("−", "-")
    if not NUMBER_FORM.fullmatch(compact):
        raise Fault("not_a_number")
    number = Decimal(compact.replace(",", "."))
    if item.minimum is not None and number < item.minimum:
        raise Fault("too_low")
    if item.maximum is not None and number > item.maximum:
        raise Fault("too_high")
    return plain_number(number)


def plain_number(number: Decimal) -> str:
    """Without an exponent, without zeros at the end: "0.5", "1200"."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _clean_date(item: Item, text: str) -> str:
    day = _read_date(text)
    # The one thing that is asked of the clock; what was well once stays so.
    if item.form_check == PAST and day > timezone.localdate():
        raise Fault("in_future")
    return day.isoformat()


def _read_date(text: str) -> date:
    for form in DATE_FORMS:
        if match := form.fullmatch(text):
            try:
                return date(int(match["y"]), int(match["m"]), int(match["d"]))
            except ValueError:
                break
    raise Fault("not_a_date")


def _clean_photos(raw: Any) -> list[str] | None:
    """Ids of documents, each once, as text."""
    if not is_answered(raw):
        return None
    if not isinstance(raw, list | tuple):
        raise Fault("not_photos")
    try:
        ids = list(dict.fromkeys(str(UUID(str(one))) for one in raw))
    except ValueError as error:
        raise Fault("not_photos") from error
    if len(ids) > MAX_PHOTOS:
        raise Fault("too_many")
    return ids


# What is odd, and taken all the same


def oddity(item: Item, answers: Answers) -> str:
    """What is odd about the answer to an item: "fgas", "unusual", "not_lower", or "" where nothing is.

    An answer that cannot be right is not odd, but a fault.
    """
    try:
        answer = clean(item, answers.get(item.number))
    except Fault:
        return ""
    if answer is None:
        return ""
    if item.form_check == FGAS and not looks_like_fgas_certificate(answer):
        return "fgas"
    if item.kind != NUMBER:
        return ""
    number, other = Decimal(answer), str(answers.get(item.lower_than) or "")
    if item.usual_minimum is not None and number < item.usual_minimum:
        return "unusual"
    if item.usual_maximum is not None and number > item.usual_maximum:
        return "unusual"
    return "not_lower" if NUMBER_FORM.fullmatch(other) and number >= Decimal(other.replace(",", ".")) else ""


# What a template must be before it is published


@dataclass(frozen=True)
class TemplateFault:
    """What is wrong with a template, and at which number ("" for the whole)."""

    number: str
    code: str


def template_faults(groups: Sequence[Group]) -> list[TemplateFault]:
    """Everything that stands in the way of publishing.

    Codes: nothing, number_twice, empty_group, wrong_group, title, label, choices, choice_label, choice_twice, range,
    usual_range, lower_than, condition_unknown, condition_value, condition_owner.
    """
    faults = [] if any(group.items for group in groups) else [TemplateFault("", "nothing")]
    earlier: dict[str, Item] = {}
    numbers: set[str] = set()
    for group in groups:
        codes = ["number_twice"] if group.number in numbers else []
        numbers.add(group.number)
        codes += [] if _in_every_language(group.titles) else ["title"]
        codes += [] if group.items else ["empty_group"]
        faults += [TemplateFault(group.number, code) for code in codes]
        for item in group.items:
            codes = ["wrong_group"] if group_number(item.number) != group.number else []
            codes += ["number_twice"] if item.number in earlier else []
            faults += [TemplateFault(item.number, code) for code in [*codes, *_item_faults(item, earlier)]]
            earlier[item.number] = item
    return faults


def _item_faults(item: Item, earlier: Mapping[str, Item]) -> Iterator[str]:
    if not _in_every_language(item.labels):
        yield "label"
    if item.kind == CHOICE:
        yield from _choice_faults(item.choices)
    if item.minimum is not None and item.maximum is not None and item.minimum > item.maximum:
        yield "range"
    is_usual = item.usual_minimum is not None or item.usual_maximum is not None
    if is_usual and not _is_ordered(item.minimum, item.usual_minimum, item.usual_maximum, item.maximum):
        yield "usual_range"
    if item.lower_than and (item.lower_than not in earlier or earlier[item.lower_than].kind != NUMBER):
        yield "lower_than"
    if item.depends_on:
        yield from _condition_faults(item, earlier.get(item.depends_on))


def _is_ordered(*numbers: Decimal | None) -> bool:
    given = [number for number in numbers if number is not None]
    return given == sorted(given)


def _choice_faults(choices: Collection[Choice]) -> Iterator[str]:
    if len(choices) < 2:
        yield "choices"
    if len({choice.value for choice in choices}) < len(choices):
        yield "choice_twice"
    if not all(choice.value and _in_every_language(choice.labels) for choice in choices):
        yield "choice_label"


def _condition_faults(item: Item, other: Item | None) -> Iterator[str]:
    if other is None:
        yield "condition_unknown"
        return
    if not item.depends_values or not set(item.depends_values) <= set(other.offered):
        yield "condition_value"
    if item.filled_by == OWNER and other.filled_by == PARTNER:
        yield "condition_owner"


def _in_every_language(texts: Mapping[str, str]) -> bool:
    return all(texts.get(language, "").strip() for language in LANGUAGES)
