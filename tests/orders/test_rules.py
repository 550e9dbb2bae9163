"""Deadlines in working hours: Polish and Czech holidays, both changes of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.easter import easter
from hypothesis import example, given
from hypothesis import strategies as st

from orders.rules import answer_deadline, is_working_day, worked_since

WARSAW = ZoneInfo("Europe/Warsaw")
QUARTER = timedelta(minutes=15)

moments = st.integers(0, 6 * 365 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
hours = st.integers(1, 60)
countries = st.sampled_from(["PL", "CZ"])


def at(text: str) -> datetime:
    """A local moment, "2026-12-23 15:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW)


def local(moment: datetime) -> str:
    return f"{moment.astimezone(WARSAW):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("offered", "hours", "deadline"),
    [
        ("2026-11-18 09:00", 4, "2026-11-18 13:00"),
        ("2026-11-18 09:00", 7, "2026-11-18 16:00"),
        ("2026-11-18 15:00", 4, "2026-11-19 11:00"),
        ("2026-11-18 03:00", 1, "2026-11-18 09:00"),
        ("2026-11-20 16:00", 1, "2026-11-23 09:00"),  # a Friday's evening
        ("2026-11-21 12:00", 8, "2026-11-23 16:00"),  # a Saturday
        ("2026-11-10 15:00", 2, "2026-11-12 09:00"),  # Independence Day between
        ("2024-12-23 15:00", 2, "2024-12-24 09:00"),  # Christmas Eve was still a working day
        ("2026-12-23 15:00", 2, "2026-12-28 09:00"),  # and is none since 2025
        ("2026-12-31 15:00", 9, "2027-01-04 16:00"),
        ("2027-01-05 15:00", 2, "2027-01-07 09:00"),  # Epiphany
        ("2026-04-03 15:00", 2, "2026-04-07 09:00"),  # Easter Monday
        ("2026-04-30 15:00", 2, "2026-05-04 09:00"),  # 1 May, and a weekend with 3 May
        ("2028-05-01 10:00", 9, "2028-05-04 09:00"),  # 1 and 3 May, with a working day between
        ("2026-06-03 15:00", 2, "2026-06-05 09:00"),  # Corpus Christi
        ("2026-03-27 15:00", 2, "2026-03-30 09:00"),  # the clocks go forward
        ("2026-10-23 15:00", 2, "2026-10-26 09:00"),  # and back
    ],
)
def test_known_deadlines_in_poland(offered, hours, deadline):
    assert local(answer_deadline(at(offered), hours=hours, country="PL")) == deadline


def test_czech_holidays_are_others():
    assert local(answer_deadline(at("2026-11-10 15:00"), hours=2, country="CZ")) == "2026-11-11 09:00"
    assert local(answer_deadline(at("2026-11-16 15:00"), hours=2, country="CZ")) == "2026-11-18 09:00"


def poles_work(day: date) -> bool:
    """The Polish law of 1951 with its changes, written down apart from the package."""
    fixed = {(1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 25), (12, 26)}
    fixed |= {(12, 24)} if day.year >= 2025 else set()
    movable = {easter(day.year) + timedelta(days=days) for days in (0, 1, 49, 60)}
    return day.weekday() < 5 and (day.month, day.day) not in fixed and day not in movable


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_the_package_knows_the_polish_holidays(day):
    assert is_working_day(day, "PL") == poles_work(day)


@given(st.integers(0, 4 * 24 * 365 * 4), st.integers(1, 24))
@example(4 * 24 * (365 - 9), 24)
def test_exactly_the_hours_lie_between(quarters, hours):
    """Counted in another way: quarter hours, one by one."""
    offered = datetime(2025, 1, 1, tzinfo=UTC) + quarters * QUARTER
    deadline = answer_deadline(offered, hours=hours, country="PL")
    worked, now = 0, offered
    while now < deadline:
        here = now.astimezone(WARSAW)
        worked += poles_work(here.date()) and time(8) <= here.time() < time(16)
        now += QUARTER
    assert worked == 4 * hours


@given(moments, st.integers(-4000, 4000), hours, countries)
def test_counted_back_it_is_the_same(offered, minutes, hours, country):
    due = answer_deadline(offered, hours=hours, country=country)
    now = due + timedelta(minutes=minutes)
    assert (due <= now) is (offered <= worked_since(now, hours=hours, country=country))


@given(moments, hours, countries)
def test_a_deadline_lies_in_working_hours_after_the_offer(offered, hours, country):
    deadline = answer_deadline(offered, hours=hours, country=country)
    here = deadline.astimezone(WARSAW)
    assert deadline >= offered + timedelta(hours=hours)
    assert is_working_day(here.date(), country) and time(8) < here.time() <= time(16)


@given(moments, moments, hours, countries)
def test_who_is_asked_later_has_no_earlier_deadline(one, other, hours, country):
    first, second = (answer_deadline(moment, hours=hours, country=country) for moment in sorted([one, other]))
    assert first <= second <= answer_deadline(max(one, other), hours=hours + 1, country=country)


@pytest.mark.parametrize("hours", [0, -1])
def test_no_time_at_all_is_a_mistake(hours):
    with pytest.raises(ValueError, match="at least one hour"):
        answer_deadline(at("2026-11-18 09:00"), hours=hours, country="PL")
