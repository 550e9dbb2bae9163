"""The demo's products and register of units: makers, models and numbers are invented."""

import csv
import io
import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

# model, name, maker, role, heat output in kW, refrigerant
PRODUCTS = [
    ("CT-M06", "Ogród 6", "Cichoterm", "monobloc", "6.0", "R290"),
    ("CT-M08", "Ogród 8", "Cichoterm", "monobloc", "8.0", "R290"),
    ("CT-M10", "Ogród 10", "Cichoterm", "monobloc", "10.0", "R290"),
    ("CT-M14", "Ogród 14", "Cichoterm", "monobloc", "14.0", "R290"),
    ("NV-S08", "Fiord 8 Z", "Nordavia", "outdoor", "8.0", "R32"),
    ("NV-H08", "Fiord 8 W", "Nordavia", "indoor", "", ""),
    ("NV-S11", "Fiord 11 Z", "Nordavia", "outdoor", "11.0", "R32"),
    ("NV-H11", "Fiord 11 W", "Nordavia", "indoor", "", ""),
    ("HL-90Z", "Wiatr 9 Z", "Halny", "outdoor", "9.0", "R32"),
    ("HL-90W", "Wiatr 9 W", "Halny", "indoor", "", ""),
    ("HL-160M", "Wiatr 16", "Halny", "monobloc", "16.0", "R290"),
    ("HL-220M", "Wiatr 22", "Halny", "monobloc", "22.0", "R290"),
]
# What each maker promises: months, from when, at most so many from the purchase, and how often an inspection.
TERMS: dict[str, dict[str, Any]] = {
    "Cichoterm": {"months": 60, "start": "start_up", "cap_months": 66, "inspection_months": 12, "grace_days": 30},
    "Nordavia": {"months": 36, "start": "purchase", "inspection_months": 12, "grace_days": 14},
    "Halny": {
        "months": 24, "start": "start_up", "cap_months": 30, "start_up_within_months": 6,
        "inspection_months": 12, "grace_days": 30,
    },
}  # fmt: skip
# For whoever tries the demo: these are in the register, and nobody has them.
FREE_SERIALS = [
    {"kind": "monobloc", "units": [("CT-M08", "1479963")]},
    {"kind": "monobloc", "units": [("CT-M10", "1480217")]},
    {"kind": "monobloc", "units": [("HL-160M", "240811053K")]},
    {"kind": "split", "units": [("NV-S08", "NV24-B0I83"), ("NV-H08", "NV24-7O1S2")]},
    {"kind": "split", "units": [("HL-90Z", "240907714A"), ("HL-90W", "240907391C")]},
]
Line = tuple[str, str, date]


def _digits(rng: random.Random, made: date) -> str:
    return str(rng.randrange(1_200_000, 1_500_000))


def _look_alikes(rng: random.Random, made: date) -> str:
    """With the signs that people confuse."""
    return f"NV{made:%y}-" + "".join(rng.choices("0O1I8B5S2Z3467A", k=5))


def _week_and_letter(rng: random.Random, made: date) -> str:
    return f"{made:%y%W}{rng.randrange(100_000):05d}{rng.choice('ACEHKLMP')}"


FORMS: dict[str, Callable[[random.Random, date], str]] = {
    "Cichoterm": _digits,
    "Nordavia": _look_alikes,
    "Halny": _week_and_letter,
}


def lines(count: int, *, first: date, last: date, seed: int) -> Iterator[Line]:
    """(model, serial number, day made) of as many units, made from `first` to `last`; the same for the same seed."""
    rng = random.Random(seed)
    taken = {serial for device in FREE_SERIALS for _model, serial in device["units"]}
    while count:
        model, _name, maker, *_rest = rng.choice(PRODUCTS)
        made = first + timedelta(days=rng.randrange((last - first).days + 1))
        serial = FORMS[maker](rng, made)
        if serial not in taken:
            taken.add(serial)
            count -= 1
            yield model, serial, made


def free_lines(made: date) -> list[Line]:
    return [(model, serial, made) for device in FREE_SERIALS for model, serial in device["units"]]


def units_csv(rows: list[Line]) -> bytes:
    """As the maker sends it."""
    return _csv([("model", "serial", "made_on"), *rows])


def products_csv() -> bytes:
    return _csv([("model", "name", "maker", "role", "heat_output_kw", "refrigerant"), *PRODUCTS])


def _csv(rows: list[tuple]) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode()
