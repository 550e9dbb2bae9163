"""The engine: what shows, what is missing, clean answers, publishing."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from services import presenters
from services.checklists import (
    Choice,
    Fault,
    all_items,
    clean,
    freeze,
    group_number,
    is_answered,
    missing,
    oddity,
    parse,
    template_faults,
    visible,
)
from tests.services.samples import CHECKLISTS, group, groups, item, said, shipped_item

PHOTO = "6e9f0c1c-0d64-4c9f-9a43-4fd1a9b0a001"
NUMBERS = [one.number for one in all_items(groups())]
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.sampled_from(["yes", "no", "other", "1,5", PHOTO]),
    st.lists(st.text(), max_size=3), st.dictionaries(st.text(), st.none(), max_size=2),
)  # fmt: skip
ANSWERS = st.dictionaries(st.sampled_from([*NUMBERS, "999", "x"]), ODD)
DEVICE_KINDS = st.sampled_from(["monobloc", "split"])
SIDES = st.sampled_from(["owner", "partner", None])


def numbers(shown) -> list[str]:
    return [one.number for one in all_items(shown)]


@pytest.mark.parametrize(
    ("number", "answer", "code"),
    [
        ("102", "abc", "not_a_phone"), ("102", "601 234 56", "not_a_phone"), ("102", "601 234 567", ""),
        ("102", "+420 777 123 456", ""), ("102", "22 517 36 00", ""), ("103", "2999-05-01", "in_future"),
        ("103", "2026-02-01", ""), ("902", "400", "too_high"), ("902", "190", ""),
    ],
)  # fmt: skip
def test_what_the_start_up_does_not_take(number, answer, code):
    of = shipped_item("first_start_up", number)
    if code:
        with pytest.raises(Fault, match=code):
            clean(of, answer)
    assert bool(clean(of, answer)) if not code else missing([group(100, of)], {number: answer}, device_kind="", by=None)


@pytest.mark.parametrize(
    ("number", "answers", "odd"),
    [
        ("902", {"902": "190"}, "unusual"), ("902", {"902": "254"}, "unusual"), ("902", {"902": "207"}, ""),
        ("902", {"902": "400"}, ""), ("902", {}, ""), ("611", {"611": "81"}, "unusual"), ("612", {"612": "30"}, ""),
        ("1004", {"1003": "35", "1004": "40"}, "not_lower"), ("1004", {"1003": "35", "1004": "30"}, ""),
        ("1004", {"1003": "about 35", "1004": "40"}, ""), ("1004", {"1004": "40"}, ""), ("500", {"500": "12"}, "fgas"),
    ],
)  # fmt: skip
def test_what_the_start_up_takes_with_a_warning(number, answers, odd):
    of = shipped_item("first_start_up", number)
    assert oddity(of, answers) == odd
    with translation.override("en"):
        assert presenters.answer_warning(of, answers).startswith(f"[{number}]") is bool(odd)


def test_a_group_for_split_is_not_for_monobloc():
    assert "500" in numbers(visible(groups(), {}, device_kind="split"))
    assert [one.number for one in visible(groups(), {}, device_kind="monobloc")] == ["100", "600"]


def test_an_item_shows_when_another_says_no():
    for answer, shows in [("no", True), ("yes", False), (None, False)]:
        shown = numbers(visible(groups(), {"501": answer}, device_kind="split", by="owner"))
        assert ("502" in shown) is shows


def test_the_answer_of_a_hidden_item_does_not_count():
    answers = {"602": "copper", "603": "yes"}
    assert "604" not in numbers(visible(groups(), answers, device_kind="split"))
    assert "604" in numbers(visible(groups(), answers | {"602": "other"}, device_kind="split"))


def test_each_side_sees_its_own_and_no_empty_group():
    assert numbers(visible(groups(), {}, device_kind="monobloc", by="owner")) == ["101", "102", "103"]
    assert [one.number for one in visible(groups(), {}, device_kind="split", by="partner")] == ["600"]


def test_a_condition_on_an_item_outside_looks_at_the_answers():
    part = [group(700, item(701, depends_on="501", depends_values=("no",)))]
    assert numbers(visible(part, {"501": "no"}, device_kind="split")) == ["701"]
    assert not visible(part, {}, device_kind="split")


def test_what_is_missing_is_named_until_it_is_well_answered():
    def left(answers) -> list[str]:
        return [one.number for one in missing(groups(), answers, device_kind="split", by="partner")]

    assert left({}) == ["601", "602"]
    assert left({"601": "7 bar", "602": "other"}) == ["601", "603"]
    assert left({"601": "1.5", "602": "copper"}) == []
    assert left({"601": "1.5", "602": "copper", "605": "no photo"}) == ["605"]  # typed, but it cannot be right


@given(ANSWERS, DEVICE_KINDS, SIDES)
def test_any_answers_can_be_looked_at(answers, device_kind, by):
    shown = numbers(visible(groups(), answers, device_kind=device_kind, by=by))
    assert {one.number for one in missing(groups(), answers, device_kind=device_kind, by=by)} <= set(shown)
    presenters.answer_groups(groups(), answers, device_kind=device_kind)


@given(st.sampled_from(list(all_items(groups()))), ODD)
def test_cleaning_gives_what_is_clean_already(one, raw):
    try:
        kept = clean(one, raw)
    except Fault:
        return
    assert json.loads(json.dumps(kept)) == kept
    assert kept is None or clean(one, kept) == kept


@pytest.mark.parametrize("typed", ["1.5", "1,5", " 1,50 bar", "+1.5", "1,5bar"])
def test_a_number_as_people_write_it(typed):
    assert clean(item(1, "number", unit="bar"), typed) == "1.5"


def test_thousands_and_minus():
    assert clean(item(1, "number"), "1\u00a0200,5") == "1200.5"
    assert clean(item(1, "number"), "\u22127") == "-7" and clean(item(1, "number"), "-0,0") == "0"


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        ("number", "abc", "not_a_number"), ("number", "1.200,5", "not_a_number"), ("number", "1e5", "not_a_number"),
        ("number", "٣", "not_a_number"), ("number", "NaN", "not_a_number"), ("number", 5, "not_text"),
        ("date", "31.02.2026", "not_a_date"), ("date", "20260221", "not_a_date"), ("yes_no", "maybe", "not_offered"),
        ("choice", "steel", "not_offered"), ("text", "x" * 201, "too_long"), ("long_text", "x" * 4001, "too_long"),
        ("photo", ["x"], "not_photos"), ("photo", "x", "not_photos"),
    ],
)  # fmt: skip
def test_what_cannot_be_an_answer(kind, raw, code):
    with pytest.raises(Fault) as fault:
        clean(item(1, kind, choices=(Choice("copper", said("copper")),)), raw)
    assert fault.value.code == code


def test_a_range_includes_its_ends():
    one = item(1, "number", minimum=Decimal("0.5"), maximum=Decimal("6"))
    assert clean(one, "0,5") == "0.5" and clean(one, "6.0") == "6"
    for raw, code in [("0.49", "too_low"), ("6.01", "too_high")]:
        with pytest.raises(Fault, match=code):
            clean(one, raw)


def test_dates_and_texts_are_tidied():
    assert clean(item(1, "date"), "1.2.2026") == clean(item(1, "date"), "2026-02-01") == "2026-02-01"
    assert clean(item(1), "  a\x00b\ud800 ") == "ab" and clean(item(1), "   ") is None


def test_a_photo_counts_once_and_there_is_an_end_to_them():
    assert clean(item(1, "photo"), [PHOTO, PHOTO.upper()]) == [PHOTO]
    with pytest.raises(Fault, match="too_many"):
        clean(item(1, "photo"), [f"{n:032x}" for n in range(11)])


@given(
    st.decimals(-(10**9) + 1, 10**9 - 1, allow_nan=False, allow_infinity=False, places=3),
    st.sampled_from(["pl", "cs", "en"]),
    st.sampled_from(["", "bar", "°C", "l/min"]),
)
def test_a_number_comes_back_as_it_was_written(number, language, unit):
    one = item(1, "number", unit=unit)
    kept = clean(one, str(number))
    with translation.override(language):
        assert clean(one, f"{presenters.written(one, kept)} {unit}") == kept
    assert Decimal(kept) == number


def test_freezing_and_parsing_gives_the_same_questions():
    assert parse(json.loads(json.dumps(freeze(groups())))) == groups()


@given(
    st.lists(st.integers(1, 99), unique=True, max_size=5),
    st.text(), st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=2, max_value=10**6), st.booleans(),
)  # fmt: skip
def test_any_questions_come_back_from_json(places, words, limit, required):
    items = [item(100 + place, "number", labels=said(words), minimum=limit, required=required) for place in places]
    kept = parse(json.loads(json.dumps(freeze([group(100, *items)]))))
    assert kept == [group(100, *items)]


def faults(*found) -> list[tuple[str, str]]:
    return [(fault.number, fault.code) for fault in template_faults(found)]


def test_a_good_template_has_no_faults():
    assert template_faults(groups()) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"labels": {"pl": "Pytanie", "en": "Question"}}, "label"),
        ({"kind": "choice", "choices": (Choice("a", said("a")),)}, "choices"),
        ({"kind": "choice", "choices": (Choice("a", said("a")), Choice("b", {"pl": "b"}))}, "choice_label"),
        ({"kind": "choice", "choices": (Choice("a", said("a")), Choice("a", said("b")))}, "choice_twice"),
        ({"kind": "number", "minimum": Decimal(2), "maximum": Decimal(1)}, "range"),
        ({"kind": "number", "maximum": Decimal(2), "usual_maximum": Decimal(3)}, "usual_range"),
        ({"kind": "number", "lower_than": "199"}, "lower_than"),
        ({"depends_on": "199", "depends_values": ("yes",)}, "condition_unknown"),
        ({"depends_on": "110", "depends_values": ("yes",)}, "condition_unknown"),
        ({"depends_on": "101", "depends_values": ("maybe",)}, "condition_value"),
        ({"depends_on": "101"}, "condition_value"),
        ({"depends_on": "101", "depends_values": ("yes",), "filled_by": "owner"}, "condition_owner"),
    ],
)
def test_what_stops_publishing(fields, code):
    new = item(102, fields.pop("kind", "text"), **fields)
    assert faults(group(100, item(101, "yes_no"), new, item(110, "yes_no"))) == [("102", code)]


def test_groups_are_looked_at_too():
    assert faults() == [("", "nothing")]
    assert faults(group(100), group(200, item(201))) == [("100", "empty_group")]
    assert faults(group(100, item(201), titles={})) == [("100", "title"), ("201", "wrong_group")]
    assert faults(group(100, item(101), item(101))) == [("101", "number_twice")]
    assert group_number("1104") == "1100"


@pytest.mark.parametrize("code", CHECKLISTS)
def test_the_shipped_checklists_can_be_published(code):
    assert template_faults(CHECKLISTS[code]) == []


@pytest.mark.parametrize("code", ["first_start_up", "inspection"])
def test_shipped_questions_about_the_refrigerant_are_for_split(code):
    every = numbers(visible(CHECKLISTS[code], {}, device_kind="split"))
    outdoors = numbers(visible(CHECKLISTS[code], {}, device_kind="monobloc"))
    assert "501" in every and not [number for number in outdoors if group_number(number) in ("500",)]
    assert set(outdoors) - set(every)  # water that must not freeze


def test_the_first_start_up_asks_as_the_paper_form_does():
    shown = {one.number: one for one in all_items(visible(CHECKLISTS["first_start_up"], {}, device_kind="split"))}
    assert shown["500"].labels["pl"] == "Podać nr certyfikatu f-gaz wykonawcy instalacji chłodniczej"
    assert shown["501"].kind == "yes_no" and shown["500"].filled_by == "owner"
    assert shown["201"].kind == "photo" and shown["201"].required


def test_shipped_texts_fit_their_columns():
    for one in (one for found in CHECKLISTS.values() for one in all_items(found)):
        assert max(map(len, one.labels.values())) <= 200 and max(map(len, one.helps.values())) <= 400
        assert is_answered(one.labels["cs"]) and one == replace(one)
