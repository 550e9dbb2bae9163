"""How a warranty is counted: from facts to its beginning, its end, the next inspection, and its conditions.

Months are counted as people do: a month after 31 January is the last day of February. The last day of a warranty
belongs to it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from dateutil.relativedelta import relativedelta

State = Literal["met", "due", "missed"]
# Where no rule of the maker is known, a device is looked after once a year.
USUAL_INSPECTION_MONTHS = 12


@dataclass(frozen=True)
class Terms:
    """What the maker promises for a product, and on which conditions. Lengths in months, the grace in days."""

    months: int
    start: Literal["start_up", "purchase"] = "start_up"
    cap_months: int | None = None
    delivery_cap_months: int | None = None
    start_up_within_months: int | None = None
    inspection_months: int | None = USUAL_INSPECTION_MONTHS
    grace_days: int = 0


@dataclass(frozen=True)
class Service:
    """A start-up or an inspection that was done, with the number of the paper that proves it."""

    done_on: date
    proof: str = ""


@dataclass(frozen=True)
class Facts:
    """What is known of a device. `purchase_proof` is a number; `inspections` may come in any order."""

    purchase: date | None = None
    delivery: date | None = None
    start_up: Service | None = None
    inspections: tuple[Service, ...] = ()
    purchase_proof: str = ""


@dataclass(frozen=True)
class Condition:
    """One condition of the warranty.

    `code` is "purchase", "start_up" or "inspection". `due_by` is the last day that counts, None where there is none.
    """

    code: str
    state: State
    due_by: date | None = None
    done_on: date | None = None
    proof: str = ""


@dataclass(frozen=True)
class Standing:
    """What follows from the facts. None for a day that they do not tell yet."""

    start: date | None
    end: date | None
    next_inspection: date | None
    conditions: tuple[Condition, ...]


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, or that month's last; the calendar's last day at the most."""
    try:
        return day + relativedelta(months=months)
    except (ValueError, OverflowError):
        return date.max


def days_after(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max


def standing(facts: Facts, terms: Terms | None, today: date) -> Standing:
    """Counts a device's warranty. Without terms there is no end, and an inspection once a year."""
    if terms is None:
        return Standing(None, None, _next_inspection(facts, None, USUAL_INSPECTION_MONTHS), ())
    start, end = _start(facts, terms), _end(facts, terms)
    next_inspection = _next_inspection(facts, start, terms.inspection_months)
    return Standing(start, end, next_inspection, tuple(conditions(facts, terms, end, today)))


def conditions(facts: Facts, terms: Terms, end: date | None, today: date) -> list[Condition]:
    """How the conditions stand on a day; `end` is that of the warranty, where it is known."""
    return [_purchase(facts), *_start_up(facts, terms, today), *_inspections(facts, terms, end, today)]


def _start(facts: Facts, terms: Terms) -> date | None:
    if terms.start == "purchase":
        return facts.purchase
    return facts.start_up.done_on if facts.start_up else None


def _end(facts: Facts, terms: Terms) -> date | None:
    """The earliest of what the terms say. Not known while the purchase that it is counted from is not."""
    start = _start(facts, terms)
    if start is None or (terms.cap_months is not None and facts.purchase is None):
        return None
    ends = [months_after(start, terms.months)]
    if terms.cap_months is not None and facts.purchase:
        ends.append(months_after(facts.purchase, terms.cap_months))
    if terms.delivery_cap_months is not None and facts.delivery:
        ends.append(months_after(facts.delivery, terms.delivery_cap_months))
    return min(ends)


def _inspected_from(facts: Facts, start: date | None) -> date | None:
    """The day from which the time to the first inspection runs: nothing is inspected that was not started up."""
    if facts.start_up is None:
        return None
    return max(start, facts.start_up.done_on) if start else facts.start_up.done_on


def _next_inspection(facts: Facts, start: date | None, months: int | None) -> date | None:
    begun = _inspected_from(facts, start)
    if begun is None or not months:
        return None
    return months_after(max([begun, *(service.done_on for service in facts.inspections)]), months)


def _purchase(facts: Facts) -> Condition:
    return Condition("purchase", "met" if facts.purchase else "due", done_on=facts.purchase, proof=facts.purchase_proof)


def _start_up(facts: Facts, terms: Terms, today: date) -> list[Condition]:
    """Where the warranty begins with the start-up, or the start-up may not be late."""
    if terms.start != "start_up" and terms.start_up_within_months is None:
        return []
    due_by = None
    if terms.start_up_within_months is not None and facts.purchase:
        due_by = months_after(facts.purchase, terms.start_up_within_months)
    return [_condition("start_up", due_by, facts.start_up, today)]


def _inspections(facts: Facts, terms: Terms, end: date | None, today: date) -> list[Condition]:
    """Each inspection that was done, and the next one; without those that the warranty ends before."""
    latest = _inspected_from(facts, _start(facts, terms))
    if not terms.inspection_months or latest is None:
        return []
    done = sorted((each for each in facts.inspections if each.done_on >= latest), key=lambda each: each.done_on)
    told = []
    for service in [*done, None]:
        due = months_after(latest, terms.inspection_months)
        if end is None or due < end:
            told.append(_condition("inspection", days_after(due, terms.grace_days), service, today))
        latest = service.done_on if service else latest
    return told


def _condition(code: str, due_by: date | None, service: Service | None, today: date) -> Condition:
    """Met if it was done in time, missed if it was late or the time has run out, else still due."""
    if service is None:
        is_late = due_by is not None and today > due_by
        return Condition(code, "missed" if is_late else "due", due_by)
    is_late = due_by is not None and service.done_on > due_by
    return Condition(code, "missed" if is_late else "met", due_by, service.done_on, service.proof)
