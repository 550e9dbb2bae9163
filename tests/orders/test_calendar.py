"""A visit in a calendar, read back as a calendar reads it."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from orders.calendar import event

WARSAW = ZoneInfo("Europe/Warsaw")


def written(**fields: Any) -> str:
    return event(**{
        "uid": "7d1c@portal.example.com", "sequence": 0, "summary": "Przegląd: Źródło ciepła ŁÓDŹ",
        "starts": datetime(2026, 7, 1, 9, tzinfo=WARSAW), "ends": datetime(2026, 7, 1, 11, tzinfo=WARSAW),
        "location": "ul. Długa 5, 00-238 Warszawa", "description": "Zlecenie ZL/2026/00012",
        "organizer": "serwis@example.com", "attendee": "anna@example.com",
        "stamp": datetime(2026, 6, 20, 12, tzinfo=UTC), **fields,
    })  # fmt: skip


def read(text: str) -> tuple[Calendar, Event]:
    calendar = Calendar.from_ical(text)
    (visit,) = calendar.walk("VEVENT")
    return calendar, visit


def test_a_calendar_reads_what_was_written():
    calendar, visit = read(written())
    assert (calendar["METHOD"], calendar["VERSION"], visit["STATUS"]) == ("REQUEST", "2.0", "CONFIRMED")
    assert visit["SUMMARY"] == "Przegląd: Źródło ciepła ŁÓDŹ" and visit["UID"] == "7d1c@portal.example.com"
    assert visit["LOCATION"] == "ul. Długa 5, 00-238 Warszawa"
    assert (visit["ORGANIZER"], visit["ATTENDEE"]) == ("mailto:serwis@example.com", "mailto:anna@example.com")
    assert visit["DTSTAMP"].dt == datetime(2026, 6, 20, 12, tzinfo=UTC)


def test_nobody_is_asked_to_answer_an_agreed_date():
    _, visit = read(written())
    assert visit["ATTENDEE"].params["RSVP"] == "FALSE" and visit["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


def test_a_move_and_a_cancellation_are_about_the_same_entry():
    later = {"starts": datetime(2026, 7, 2, 9, tzinfo=WARSAW), "ends": datetime(2026, 7, 2, 11, tzinfo=WARSAW)}
    moved, gone = written(sequence=1, **later), written(sequence=2, **later, cancelled=True)
    (_, one), (calendar, two) = read(moved), read(gone)
    assert one["UID"] == two["UID"] and (one["SEQUENCE"], two["SEQUENCE"]) == (1, 2)
    assert one["DTSTART"].dt.day == 2
    assert (calendar["METHOD"], two["STATUS"]) == ("CANCEL", "CANCELLED")


def test_the_same_facts_give_the_same_text():
    assert written() == written()
    assert written(starts=datetime(2026, 7, 1, 7, tzinfo=UTC)) == written()
    assert written(sequence=1) != written()


def test_long_lines_are_folded_between_letters():
    text = written(description="żółć " * 60)
    lines = text.encode().split(b"\r\n")
    assert max(map(len, lines)) <= 75 and any(line.startswith(b" ") for line in lines)
    assert all(line.decode() is not None for line in lines)
    assert read(text)[1]["DESCRIPTION"] == "żółć " * 60


def test_every_line_ends_as_the_standard_wants():
    text = written(description="One\nTwo\r\nThree")
    assert text.count("\n") == text.count("\r\n") and text.endswith("END:VCALENDAR\r\n")


@pytest.mark.parametrize("words", ["One\nTwo", "a, b; c \\ d", "x\nEND:VEVENT\nSUMMARY:fake", 'say "yes"'])
def test_words_cannot_break_out_of_their_line(words):
    _, visit = read(written(description=words, summary=words, location=words))
    assert [str(visit[name]) for name in ("DESCRIPTION", "SUMMARY", "LOCATION")] == [words] * 3
    assert "\r\nSUMMARY:fake" not in written(description=words)


@pytest.mark.parametrize(
    ("day", "hour"),
    [((2026, 3, 28), 8), ((2026, 3, 29), 7), ((2026, 3, 30), 7), ((2026, 10, 24), 7), ((2026, 10, 25), 8)],
)
def test_nine_oclock_stays_nine_oclock_when_the_clocks_change(day, hour):
    starts = datetime(*day, 9, tzinfo=WARSAW)
    text = written(starts=starts, ends=datetime(*day, 10, tzinfo=WARSAW))
    assert f"DTSTART:{starts:%Y%m%d}T{hour:02}0000Z" in text
    assert read(text)[1]["DTSTART"].dt.astimezone(WARSAW).hour == 9


def test_a_visit_through_the_night_of_the_change_is_as_long_as_it_is():
    starts = datetime(2026, 10, 25, 1, tzinfo=WARSAW)
    _, visit = read(written(starts=starts, ends=datetime(2026, 10, 25, 4, tzinfo=WARSAW)))
    assert visit["DTEND"].dt - visit["DTSTART"].dt == timedelta(hours=4)


def test_times_of_any_zone_are_taken():
    there = datetime(2026, 7, 1, 3, tzinfo=timezone(timedelta(hours=-4)))
    assert "DTSTART:20260701T070000Z" in written(starts=there)
