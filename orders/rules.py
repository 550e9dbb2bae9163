"""When a partner has to have answered: hours in which an office works, public holidays left out.

`country` is "PL" or "CZ".
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from holidays import HolidayBase, country_holidays

# Warsaw and Prague have the same time.
ZONE = ZoneInfo("Europe/Warsaw")
OPENS, CLOSES = time(8), time(16)
WAKES, SLEEPS = time(6), time(22)
SATURDAY, SUNDAY = 5, 6


@cache
def _holidays(country: str) -> HolidayBase:
    """The public holidays; each year is added when it is first asked for."""
    return country_holidays(country)


def is_working_day(day: date, country: str) -> bool:
    """Monday to Friday, and no public holiday."""
    return day.weekday() < SATURDAY and day not in _holidays(country)


def is_holiday(day: date, country: str) -> bool:
    """Whether it is a public holiday; an ordinary Sunday is none."""
    return day in _holidays(country)


def is_night(moment: datetime) -> bool:
    """Whether nobody would have a visit begin at this moment (aware)."""
    return not WAKES <= moment.astimezone(ZONE).time() < SLEEPS


def next_working_day(day: date, country: str) -> date:
    """The first working day after this one."""
    day += timedelta(days=1)
    while not is_working_day(day, country):
        day += timedelta(days=1)
    return day


def _shifts(since: datetime, country: str) -> Iterator[tuple[datetime, datetime]]:
    """The working hours of each working day, beginning with that of `since`, in UTC."""
    day = since.astimezone(ZONE).date()
    while True:
        if is_working_day(day, country):
            opens, closes = (datetime.combine(day, hour, ZONE).astimezone(UTC) for hour in (OPENS, CLOSES))
            if closes > since:
                yield max(opens, since), closes
        day += timedelta(days=1)


def answer_deadline(offered_at: datetime, *, hours: int, country: str) -> datetime:
    """The moment, in UTC, at which `hours` (at least 1) of working time have passed since the offer (aware)."""
    if hours < 1:
        raise ValueError("A partner needs at least one hour.")
    left = timedelta(hours=hours)
    shifts = _shifts(offered_at.astimezone(UTC), country)
    opens, closes = next(shifts)
    while left > closes - opens:
        left -= closes - opens
        opens, closes = next(shifts)
    return opens + left


def worked_since(now: datetime, *, hours: int, country: str) -> datetime:
    """The latest moment, in UTC, of which `answer_deadline` is not after `now`: the same, counted back."""
    left, day = timedelta(hours=hours), now.astimezone(ZONE).date()
    while True:
        opens, closes = (datetime.combine(day, hour, ZONE).astimezone(UTC) for hour in (OPENS, CLOSES))
        worked = min(closes, now) - opens if is_working_day(day, country) else timedelta()
        if left <= worked:
            return min(closes, now) - left
        left -= max(worked, timedelta())
        day -= timedelta(days=1)


def serves(areas: Iterable[str], postcode: str) -> bool:
    """Whether the postcode, e.g. "05-500", begins like one of the areas, e.g. "05" or "055"."""
    digits = "".join(sign for sign in postcode if sign.isdigit())
    return any(digits.startswith(area) for area in areas)
