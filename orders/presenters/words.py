"""Words about times of visits."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from orders.rules import SUNDAY, is_holiday
from portal.ui.templatetags.ui import in_sentence


def slot_words(starts: datetime, minutes: int) -> str:
    """A time for a visit: "Tuesday, 24.11.2026, 9:00–11:00", in local time."""
    return visit_words(starts, starts + timedelta(minutes=minutes))


def visit_words(starts: datetime, ends: datetime) -> str:
    """From when until when; the second day is named only where it is another one."""
    here, there = timezone.localtime(starts), timezone.localtime(ends)
    if here.date() == there.date():
        # Joined, so that a narrow page does not tear it.
        return f"{day_words(here)}, {clock(here)}\u2060–\u2060{clock(there)}"
    return f"{day_words(here)}, {clock(here)} – {in_sentence(day_words(there))}, {clock(there)}"


def day_words(day: Any) -> str:
    """A day with its weekday: "Tuesday, 24.11.2026"."""
    return _("%(weekday)s, %(date)s") % {
        "weekday": date_format(day, "l"), "date": date_format(day, "SHORT_DATE_FORMAT"),
    }  # fmt: skip


def day_off_notes(days: Iterable[date], country: str) -> list[str]:
    """Of these days, which are no working days for most people: one may have meant another."""
    return [note for day in sorted(set(days)) if (note := _day_off(day, country))]


def _day_off(day: date, country: str) -> str:
    if is_holiday(day, country):
        return _("%(day)s is a public holiday.") % {"day": date_format(day, "SHORT_DATE_FORMAT")}
    if day.weekday() == SUNDAY:
        return _("%(day)s is a Sunday.") % {"day": date_format(day, "SHORT_DATE_FORMAT")}
    return ""


def clock(moment: datetime) -> str:
    return date_format(moment, "H:i")


def length_words(minutes: int) -> str:
    """A length to choose: "30 min", "1.5 h"."""
    if minutes < 60:
        return _("%(minutes)s min") % {"minutes": minutes}
    return _("%(hours)s h") % {"hours": number_format(f"{minutes / 60:.3g}")}


def duration_words(minutes: int) -> str:
    """How long a visit takes: "about 1.5 h"."""
    return _("about %(hours)s h") % {"hours": number_format(f"{minutes / 60:.2g}")}


def by_when(moment: datetime) -> str:
    """A deadline in a sentence: "24.11.2026, 14:00"."""
    here = timezone.localtime(moment)
    return pgettext("date and time", "%(date)s, %(time)s") % {
        "date": date_format(here, "SHORT_DATE_FORMAT"), "time": clock(here),
    }  # fmt: skip
