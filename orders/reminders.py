"""When people are reminded of visits and inspections. Pure rules: no database, no clock."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Nobody is reminded before, by local time.
MORNING = time(9)
# So many days before an inspection its owner is reminded, nearest first; 0 stands for the word that it is overdue.
DISTANCES = (7, 30, 60)
OVERDUE = 0
LONG_AGO = date(1, 1, 1)


def is_morning(here: datetime) -> bool:
    """Whether reminders may go out at this local moment."""
    return here.time() >= MORNING


def next_day(here: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Beginning and end of the local day after this local moment; 23 to 25 hours long."""
    tomorrow = here.date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone), datetime.combine(tomorrow + timedelta(days=1), time(), zone)


def windows(today: date) -> dict[int, tuple[date, date]]:
    """For each distance the first and the last due day for which it is the one to send today.

    The windows touch and do not overlap: who comes late sends the nearest one, and none twice.
    """
    found, first = {OVERDUE: (LONG_AGO, today - timedelta(days=1))}, today
    for days in DISTANCES:
        found[days] = first, today + timedelta(days=days)
        first = found[days][1] + timedelta(days=1)
    return found


def distance(due_on: date, today: date) -> int | None:
    """60, 30 or 7, OVERDUE after the day itself, None while there is more time than that."""
    return next((days for days, (first, last) in windows(today).items() if first <= due_on <= last), None)
