"""Sentences that are put together."""

import re

TWO_STOPS = re.compile(r"(?<!\.)\.\.(?=\s|<|$)")


def one_stop(text: str) -> str:
    """What ends in a name may end in two full stops, as in "You act for Ciepło Sp. z o.o..": one is enough."""
    return TWO_STOPS.sub(".", text)
