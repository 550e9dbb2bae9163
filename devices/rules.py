"""Pure rules about serial numbers and dates."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

# Signs that a nameplate, a scratched sticker or a hurried eye confuses; each maps to one of its group.
LOOK_ALIKES = str.maketrans("OQDILZSBG", "000112586")
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def serial_key(text: str) -> str:
    """A serial number as the register compares it: capitals, without spaces, dashes and other separators."""
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def model_key(text: str) -> str:
    """A model name as the register compares it."""
    return serial_key(text)


def skeleton(key: str) -> str:
    """The key with look-alike signs made equal: two keys that one may misread for another share it."""
    return key.translate(LOOK_ALIKES)


def neighbours(key: str) -> Iterator[str]:
    """Every key that differs in exactly one sign: another sign, one too many, one missing, or two swapped."""
    seen = {key}
    for candidate in _one_step_away(key):
        if candidate not in seen:
            seen.add(candidate)
            yield candidate


def _one_step_away(key: str) -> Iterator[str]:
    for place in range(len(key)):
        head, tail = key[:place], key[place + 1 :]
        yield head + tail
        yield from (head + sign + tail for sign in ALPHABET)
        if tail:
            yield head + tail[0] + key[place] + tail[1:]
    for place in range(len(key) + 1):
        yield from (key[:place] + sign + key[place:] for sign in ALPHABET)


def first_difference(one: str, other: str) -> int:
    """The place, counted from 1, where two keys part."""
    for place, (left, right) in enumerate(zip(one, other, strict=False), start=1):
        if left != right:
            return place
    return min(len(one), len(other)) + 1


def purchase_date_fault(purchased: date, *, today: date, made: Iterable[date]) -> str:
    """Why a purchase date cannot be right: "future", "before_made", or "" when it can."""
    if purchased > today:
        return "future"
    if any(purchased < day for day in made):
        return "before_made"
    return ""
