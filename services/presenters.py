"""Words about services and checklists, in the reader's language."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import Partner
from portal.files.gallery import Shown
from portal.ui.table import Column, Table
from portal.ui.templatetags.ui import chip
from services import checklists
from services.checklists import Answers, Group, Item, TemplateFault, all_items, is_answered, visible
from services.models import Certificate
from services.rules import WARNING_DAYS, DeviceFacts, KindFacts, soonest, warning_due

NO_ANSWER = "–"


def order_fault(code: str, kind: KindFacts, device: DeviceFacts) -> str:
    """Why a service cannot be ordered, and what to do instead; `code` is that of `rules.may_order`."""
    if code == "too_soon":
        first_day = soonest(kind, device)
        assert first_day and device.last_done_on
        return _("This was last done on %(last)s. You can order it again from %(first)s.") % {
            "last": _date(device.last_done_on),
            "first": _date(first_day),
        }
    if code == "open_order":
        return _("This is ordered already: order %(number)s.") % {"number": device.open_order}
    return {
        "inactive": _("This service cannot be ordered at the moment."),
        "device_kind": _("This service is not for this kind of device."),
        "product": _("This service is not for this product."),
        "done_before": _("This was done before, and a device needs it only once."),
        "no_start_up": _("The first start-up comes before this. Order the first start-up."),
    }[code]


def certificates_section(partner: Partner) -> tuple[str, dict[str, Any]]:
    """The part of a partner's page about its certificates, without those that it has renewed."""
    columns = [
        Column(_("Certificate"), "main-cell"),
        Column(_("Number")),
        Column(_("Valid until")),
        Column(_("Validity")),
    ]
    rows = [
        (capfirst(str(one.get_kind_display())), one.number, _date(one.valid_until), validity_chip(one))
        for one in partner.certificates.newest()
    ]
    return "services/certificates.html", {"table": Table(columns, rows) if rows else None}


def validity_chip(certificate: Certificate) -> str:
    """Whether it is valid, and whether it ends soon."""
    today = timezone.localdate()
    if certificate.valid_until < today:
        return chip("problem", _("over"))
    if certificate.valid_from and certificate.valid_from > today:
        return chip("neutral", _("not valid yet"))
    days = warning_due(certificate.valid_until, today=today)
    if days is None:
        return chip("done", _("valid"))
    return chip("problem" if days == min(WARNING_DAYS) else "attention", _("ends soon"))


def _date(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def answer_fault(item: Item, code: str) -> str:
    """What is wrong with an answer, and how it should look; `code` is that of `checklists.clean`."""
    values = {
        "minimum": written_number(item.minimum),
        "maximum": written_number(item.maximum),
        "unit": item.unit,
        "length": checklists.MAX_LENGTH.get(item.kind),
        "photos": checklists.MAX_PHOTOS,
    }
    sentence = {
        "too_low": _("This is too low. Enter at least %(minimum)s %(unit)s."),
        "too_high": _("This is too high. Enter at most %(maximum)s %(unit)s."),
        "not_a_number": _("Enter a number with digits only, such as 12 or 1.5."),
        "not_a_date": _("Enter a date, such as 21.02.2023."),
        "in_future": _("This day is still ahead. Enter the day on which it was."),
        "not_a_phone": _("Enter a phone number, such as 601 234 567."),
        "not_offered": _("Choose one of the answers."),
        "too_long": _("This is too long. Use at most %(length)s characters."),
        "too_many": _("Add at most %(photos)s photos."),
        "not_photos": _("Add the photos once more."),
        "not_text": _("Enter the answer once more."),
    }[code]
    return _measured(sentence, values)


def _measured(sentence: str, values: dict[str, Any]) -> str:
    """The unit stays on the line of its number; without a unit there is no space before the full stop."""
    return sentence.replace(" %(unit)s", "\xa0%(unit)s" if values["unit"] else "") % values


def missing_sentence(item: Item) -> str:
    """What to do about a required item without an answer."""
    if item.kind == checklists.PHOTO:
        return _("Add at least one photo: [%(number)s] %(label)s.") % {"number": item.number, "label": item.label}
    if item.label.endswith("?"):
        return _("Answer question [%(number)s].") % {"number": item.number}
    return _("Fill in: [%(number)s] %(label)s.") % {"number": item.number, "label": item.label.rstrip(".")}


def left_words(item: Item, answer: Any) -> str:
    """An item that stands in the way of the end: alone where it has no answer, else with what is wrong with that."""
    name = f"[{item.number}] {item.label}"
    if not is_answered(answer):
        return name
    try:
        checklists.clean(item, answer)
    except checklists.Fault as fault:
        shown = f"{answer} {item.unit}".strip()
        return f"{name}: {shown}. {answer_fault(item, fault.code)}"
    return name


def answer_warning(item: Item, answers: Answers) -> str:
    """What looks odd about an answer that is taken all the same; empty where nothing does."""
    odd = checklists.oddity(item, answers)
    if not odd:
        return ""
    sentence = {
        "fgas": _(
            "[%(number)s]: an F-gas certificate usually has a number such as FGAZ-O/01/12345/22. "
            "Look again; if it is right as it stands, leave it."
        ),
        "unusual": _(
            "[%(number)s] %(label)s: %(shown)s is unusual. %(usual)s Look again; if it is right as it stands, leave it."
        ),
        "not_lower": _(
            "[%(number)s] %(label)s: %(shown)s is not lower than [%(other)s], as it usually is. "
            "Look again; if it is right as it stands, leave it."
        ),
    }[odd]
    values = {
        "number": item.number,
        "label": item.label,
        "shown": f"{written(item, answers[item.number])}\xa0{item.unit}".strip(),
        "usual": usual_sentence(item),
        "other": item.lower_than,
    }
    return sentence % values


def template_fault(fault: TemplateFault) -> str:
    """What stands in the way of publishing."""
    sentence = {
        "nothing": _("There are no questions yet."),
        "number_twice": _("The number is there twice."),
        "empty_group": _("The group has no questions. Add one, or remove the group."),
        "wrong_group": _("The question stands in another group than its number says."),
        "title": _("The title is missing in one of the languages."),
        "label": _("The question is missing in one of the languages."),
        "choices": _("There must be at least two answers to choose from."),
        "choice_label": _("An answer to choose from has no code, or is missing in one of the languages."),
        "choice_twice": _("Two answers to choose from have the same code."),
        "range": _("The smallest number is larger than the largest."),
        "usual_range": _("The usual numbers do not lie between the smallest and the largest."),
        "lower_than": _("The item to compare with is no number, or does not come before this one."),
        "condition_unknown": _("The condition names an item that does not come before this one."),
        "condition_value": _("The condition names an answer that the other item does not offer."),
        "condition_owner": _("The owner answers before the visit, so the condition cannot ask for a partner's answer."),
    }[fault.code]
    return f"[{fault.number}] {sentence}" if fault.number else sentence


def yes_no_label(value: str) -> str:
    return {checklists.YES: _("yes"), checklists.NO: _("no")}[value]


def offered_label(item: Item, value: str) -> str:
    """The words of an answer that the item offers."""
    if item.kind == checklists.YES_NO:
        return yes_no_label(value)
    return next(choice.label for choice in item.choices if choice.value == value)


def condition_sentence(item: Item, groups: Iterable[Group]) -> str:
    """When the item shows: "Only if [501] is “no”."; empty if it always does."""
    other = next((one for one in all_items(groups) if one.number == item.depends_on), None)
    if other is None:
        return ""
    values = [value for value in item.depends_values if value in other.offered]
    words = [offered_label(other, value) for value in values]
    return _("Only if [%(number)s] is “%(answers)s”.") % {
        "number": other.number,
        "answers": _("” or “").join(words),
    }


def range_sentence(item: Item) -> str:
    """Between which numbers the answer usually lies, else must lie; empty if anything goes."""
    if usual := usual_sentence(item):
        return usual
    if item.minimum is None or item.maximum is None:
        return ""
    values = {
        "minimum": written_number(item.minimum),
        "maximum": written_number(item.maximum),
        "unit": item.unit,
    }
    return _measured(_("Allowed: from %(minimum)s to %(maximum)s %(unit)s."), values)


def usual_sentence(item: Item) -> str:
    """Between which numbers the answer usually lies; empty if nothing is usual."""
    low, high = item.usual_minimum, item.usual_maximum
    if low is None and high is None:
        return ""
    sentence = _("Usually from %(minimum)s to %(maximum)s %(unit)s.")
    if high is None:
        sentence = _("Usually at least %(minimum)s %(unit)s.")
    elif low is None:
        sentence = _("Usually at most %(maximum)s %(unit)s.")
    return _measured(sentence, {"minimum": written_number(low), "maximum": written_number(high), "unit": item.unit})


def written_number(number: Decimal | str | None) -> str:
    """A number as the reader's language writes it: "0,5", "−30", "100 000". `checklists.clean` reads each of them."""
    if number is None:
        return ""
    value = Decimal(number)
    # Four digits are read without a gap.
    shown = number_format(checklists.plain_number(value), force_grouping=abs(value) >= 10_000)
    return shown.replace("-", "−")


def written(item: Item, value: Any) -> str:
    """An answer in words, without its unit; what a draft keeps of a wrong answer, as it was typed."""
    if not is_answered(value):
        return NO_ANSWER
    try:
        kept = checklists.clean(item, value)
    except checklists.Fault:
        return str(value)
    if kept is None:
        return NO_ANSWER
    if item.kind == checklists.NUMBER:
        return written_number(kept)
    if item.kind == checklists.DATE:
        return _date(date.fromisoformat(kept))
    return offered_label(item, kept) if item.offered else str(kept)


def answer_groups(
    groups: Iterable[Group],
    answers: Answers,
    *,
    device_kind: str,
    by: str | None = None,
    documents: Mapping[str, Shown] | None = None,
) -> list[dict[str, Any]]:
    """The answers for a page or a PDF: [{"number", "title", "rows": [row]}], only what shows for the device.

    A row has number, kind, label, value ("–" for no answer), unit ("" where there is no number), shown (value with
    unit), documents (of photos) and warning ("", or what looks odd). `documents` maps the id, as text or UUID, to the
    document.
    """
    kept = {str(key): document for key, document in (documents or {}).items()}
    return [
        {
            "number": group.number,
            "title": group.title,
            "rows": [_row(item, answers, kept) for item in group.items],
        }
        for group in visible(groups, answers, device_kind=device_kind, by=by)
    ]


def _row(item: Item, answers: Answers, documents: Mapping[str, Shown]) -> dict[str, Any]:
    answer = answers.get(item.number)
    row: dict[str, Any] = {"number": item.number, "kind": item.kind, "label": item.label, "unit": "", "documents": []}
    if item.kind == checklists.PHOTO:
        ids = answer if isinstance(answer, list | tuple) else []
        row["documents"] = [documents[one] for one in map(str, ids) if one in documents]
        value = str(len(row["documents"])) if row["documents"] else NO_ANSWER
    else:
        value = written(item, answer)
        row["unit"] = item.unit if value != NO_ANSWER else ""
    shown = f"{value} {row['unit']}".strip()
    return {**row, "value": value, "shown": shown, "warning": answer_warning(item, answers)}
