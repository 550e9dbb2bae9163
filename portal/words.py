"""Sentences that are put together."""

import re
from datetime import date

from django.utils.formats import date_format

TWO_STOPS = re.compile(r"(?<!\.)\.\.(?=\s|<|$)")


def one_stop(text: str) -> str:
    """What ends in a name may end in two full stops, as in "You act for Ciepło Sp. z o.o..": one is enough."""
    return TWO_STOPS.sub(".", text)


def version_words(version: str) -> str:
    """A version that is a day, as the reader writes days; any other as it is."""
    try:
        return date_format(date.fromisoformat(version), "SHORT_DATE_FORMAT")
    except ValueError:
        return version
