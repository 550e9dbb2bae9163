"""What may be ordered when, and when a certificate needs a warning."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules import DeviceFacts, KindFacts, may_order, soonest, warning_due

TODAY = date(2026, 11, 21)
KIND = KindFacts(device_kinds=frozenset({"monobloc", "split"}))
DEVICE = DeviceFacts(kind="split", product_keys=frozenset({"HP1"}))


@pytest.mark.parametrize(
    ("kind", "device", "fault"),
    [
        ({}, {}, ""),
        ({"is_active": False}, {}, "inactive"),
        ({"device_kinds": frozenset({"monobloc"})}, {}, "device_kind"),
        ({"product_keys": frozenset({"HP2"})}, {}, "product"),
        ({"product_keys": frozenset({"HP1", "HP2"})}, {}, ""),
        ({}, {"open_order": "ZL/2026/11/00001"}, "open_order"),
        ({"once_per_device": True}, {"last_done_on": date(2020, 1, 1)}, "done_before"),
        ({"once_per_device": True}, {}, ""),
        ({"needs_start_up": True}, {}, "no_start_up"),
        ({"needs_start_up": True}, {"started_up_on": date(2025, 1, 1)}, ""),
        ({"min_months_since_last": 3}, {"last_done_on": date(2026, 8, 22)}, "too_soon"),
        ({"min_months_since_last": 3}, {"last_done_on": date(2026, 8, 21)}, ""),
        ({"min_months_since_last": 3}, {}, ""),
    ],
)
def test_what_may_be_ordered(kind, device, fault):
    assert may_order(replace(KIND, **kind), replace(DEVICE, **device), today=TODAY) == fault


def test_the_first_day_is_told_at_the_end_of_a_month_too():
    last = replace(DEVICE, last_done_on=date(2025, 11, 30))
    assert soonest(replace(KIND, min_months_since_last=3), last) == date(2026, 2, 28)
    assert soonest(KIND, last) is None


@pytest.mark.parametrize(("left", "days"), [(61, None), (60, 60), (15, 60), (14, 14), (0, 14), (-1, None)])
def test_when_a_certificate_needs_a_warning(left, days):
    assert warning_due(TODAY + timedelta(days=left), today=TODAY) == days


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 120), st.integers(0, 4000))
def test_from_the_first_day_on_it_may_always_be_ordered(last, months, later):
    kind, device = replace(KIND, min_months_since_last=months), replace(DEVICE, last_done_on=last)
    first = soonest(kind, device)
    assert may_order(kind, device, today=first + timedelta(days=later)) == ""
    assert may_order(kind, device, today=first - timedelta(days=1)) == "too_soon"
