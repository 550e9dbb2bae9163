"""A visit as iCalendar (RFC 5545, RFC 5546): what calendars take over, move, and take out again. Plain values in."""

from datetime import UTC, datetime

from icalendar import Calendar, Event, vCalAddress

MAKER = "-//Obok//Orders//EN"


def event(
    *,
    uid: str,
    sequence: int,
    starts: datetime,
    ends: datetime,
    summary: str,
    location: str,
    description: str,
    organizer: str,
    attendee: str,
    stamp: datetime,
    cancelled: bool = False,
) -> str:
    """The text of an .ics file; the same facts give the same text.

    A later text with the same `uid` and a higher `sequence` moves the entry, or with `cancelled` takes it away.
    `organizer` and `attendee` are e-mail addresses, and the times are aware. They are written in UTC, which every
    calendar shows in its reader's own time, so no table of time zones has to go with a single visit.
    """
    visit = Event()
    visit.add("uid", uid)
    visit.add("sequence", sequence)
    visit.add("dtstamp", stamp.astimezone(UTC))
    visit.add("dtstart", starts.astimezone(UTC))
    visit.add("dtend", ends.astimezone(UTC))
    visit.add("summary", summary)
    visit.add("location", location)
    visit.add("description", description)
    visit.add("organizer", vCalAddress(f"mailto:{organizer}"))
    # The date is agreed already: nobody is asked to answer the e-mail.
    accepted = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
    visit.add("attendee", vCalAddress(f"mailto:{attendee}"), parameters=accepted)
    visit.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "REQUEST")
    calendar.add_component(visit)
    return calendar.to_ical().decode()
