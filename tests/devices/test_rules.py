"""Serial numbers and dates, as rules of plain values."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import rules

KEYS = st.text(rules.ALPHABET, max_size=10)
TYPED = st.text(rules.ALPHABET + rules.ALPHABET.lower() + " -./_", max_size=20)


@pytest.mark.parametrize("typed", ["ab12-34 56", "AB123456", " ab 12.34/56 ", "AB-1234_56"])
def test_letter_case_spaces_and_dashes_are_aside(typed):
    assert rules.serial_key(typed) == "AB123456"


@given(TYPED)
def test_a_key_has_only_signs_of_the_alphabet_and_stays_as_it_is(typed):
    key = rules.serial_key(typed)
    assert set(key) <= set(rules.ALPHABET)
    assert rules.serial_key(key) == key == rules.serial_key(f" {typed.lower()}-")


@pytest.mark.parametrize(("one", "other"), ["O0", "Q0", "D0", "I1", "L1", "Z2", "S5", "B8", "G6", "OQ", "IL"])
def test_look_alikes_share_a_skeleton(one, other):
    assert rules.skeleton(f"A{one}7") == rules.skeleton(f"A{other}7")


@given(KEYS)
def test_a_skeleton_keeps_length_and_is_final(key):
    bones = rules.skeleton(key)
    assert len(bones) == len(key) and rules.skeleton(bones) == bones


def distance(one: str, other: str) -> int:
    """Optimal string alignment: insertions, deletions, replacements, swaps of two that stand side by side."""
    rows = [[i + j if not i * j else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            cost = one[i - 1] != other[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(KEYS)
def test_every_neighbour_is_one_step_away_and_told_once(key):
    found = list(rules.neighbours(key))
    assert len(found) == len(set(found))
    assert {distance(key, other) for other in found} == {1}


@given(KEYS.filter(bool), st.data())
def test_whatever_is_one_step_away_is_a_neighbour(key, data):
    place = data.draw(st.integers(0, len(key) - 1))
    sign = data.draw(st.sampled_from(rules.ALPHABET))
    steps = {
        key[:place] + sign + key[place + 1 :],
        key[:place] + sign + key[place:],
        key[:place] + key[place + 1 :],
        key[:place] + key[place : place + 2][::-1] + key[place + 2 :],
    }
    assert steps - {key} <= set(rules.neighbours(key))


@given(KEYS, KEYS)
def test_the_first_difference_is_where_two_keys_part(one, other):
    place = rules.first_difference(one, other)
    assert one[: place - 1] == other[: place - 1]
    assert one[place - 1 : place] != other[place - 1 : place] or one == other


@given(st.dates(), st.dates(), st.lists(st.dates(), max_size=2))
def test_a_purchase_lies_between_the_making_and_today(purchased, today, made):
    fault = rules.purchase_date_fault(purchased, today=today, made=made)
    assert (fault == "") == (purchased <= today and all(day <= purchased for day in made))


def test_the_borders_of_a_purchase_date():
    day = date(2026, 3, 1)
    assert rules.purchase_date_fault(day, today=day, made=[day]) == ""
    assert rules.purchase_date_fault(day + timedelta(1), today=day, made=[]) == "future"
    assert rules.purchase_date_fault(day, today=day, made=[day - timedelta(9), day + timedelta(1)]) == "before_made"
