"""Answers and faults in words."""

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from services import presenters
from services.checklists import TemplateFault
from services.rules import DeviceFacts, KindFacts
from tests.services.samples import groups, item, said

ANSWERS = {"101": "Firma", "501": "no", "502": "steel", "601": "1.5", "602": "copper", "103": "2026-02-21"}


def rows(answers, language="en", **options) -> dict[str, dict]:
    with translation.override(language):
        found = presenters.answer_groups(groups(), answers, device_kind="split", **options)
    return {row["number"]: row for one in found for row in one["rows"]}


def test_answers_as_the_reader_writes_them():
    assert rows(ANSWERS)["601"]["shown"] == "1.5 bar"
    polish = rows(ANSWERS, "pl")
    assert polish["601"]["value"] == "1,5" and polish["601"]["unit"] == "bar"
    assert polish["103"]["value"] == "21.02.2026" and polish["602"]["value"] == "copper PL"
    assert polish["101"]["label"] == "Question 101 PL"


def test_no_answer_is_a_dash_and_what_does_not_apply_is_not_there():
    shown = rows({"501": "yes", "502": "left over"})
    assert shown["601"]["shown"] == "–" and "502" not in shown and "603" not in shown


def test_what_a_draft_keeps_is_shown_as_typed():
    assert rows({"601": "about two"})["601"]["value"] == "about two"


def test_photos_come_as_documents_by_text_or_uuid():
    key, photo = uuid.uuid4(), object()
    for documents in ({key: photo}, {str(key): photo}):
        assert rows({"102": [str(key)]}, documents=documents)["102"]["documents"] == [photo]
    assert rows({"102": [str(key)]})["102"]["shown"] == "–"


def test_one_side_alone():
    assert set(rows(ANSWERS, by="partner")) == {"601", "602", "605"}


@pytest.mark.usefixtures("english")
def test_a_wrong_number_is_told_with_its_limit():
    number = next(one for one in groups()[2].items if one.number == "601")
    assert presenters.answer_fault(number, "too_high") == "This is too high. Enter at most 6\xa0bar."
    assert presenters.range_sentence(number) == "Allowed: from 0.5 to 6\xa0bar."
    usual = [item(1, "number", unit="V", usual_minimum=low, usual_maximum=high) for low, high in
             [(Decimal(207), Decimal(253)), (Decimal(30), None), (None, Decimal(80))]]  # fmt: skip
    assert [presenters.range_sentence(one) for one in usual] == [
        "Usually from 207 to 253\xa0V.", "Usually at least 30\xa0V.", "Usually at most 80\xa0V.",
    ]  # fmt: skip
    bare = item(1, "number", minimum=number.minimum, maximum=number.maximum)
    assert presenters.range_sentence(bare) == "Allowed: from 0.5 to 6."


@pytest.mark.parametrize(
    ("language", "told"), [("pl", "−1234,5 100 000"), ("cs", "−1234,5 100 000"), ("en", "−1234.5 100 000")]
)
def test_numbers_as_the_language_writes_them(language, told):
    with translation.override(language):
        told_now = f"{presenters.written_number('-1234.5')} {presenters.written_number('100000')}"
    assert told_now.replace("\xa0", " ") == told


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("label", "told"),
    [("What is missing?", "Answer question [108]."), ("Kind of heating", "Fill in: [108] Kind of heating.")],
)
def test_what_is_missing_is_told_without_cutting_a_question(label, told):
    one = item(108, labels=said(label))
    assert presenters.missing_sentence(one) == told


@pytest.mark.usefixtures("english")
def test_conditions_in_words():
    every = groups()
    assert presenters.condition_sentence(every[1].items[2], every) == "Only if [501] is “no”."
    assert presenters.condition_sentence(every[0].items[0], every) == ""


@pytest.mark.parametrize(
    "code",
    [
        "too_low",
        "too_high",
        "not_a_number",
        "not_a_date",
        "not_offered",
        "too_long",
        "too_many",
        "not_photos",
        "not_text",
    ],
)
def test_every_fault_of_an_answer_has_words(code):
    assert "%" not in presenters.answer_fault(item(1, "number"), code)


@pytest.mark.parametrize(
    "code",
    [
        "nothing", "number_twice", "empty_group", "wrong_group", "title", "label", "choices", "choice_label",
        "choice_twice", "range", "condition_unknown", "condition_value", "condition_owner",
    ],
)  # fmt: skip
def test_every_fault_of_a_template_has_words(code):
    assert presenters.template_fault(TemplateFault("501", code)).startswith("[501] ")


@pytest.mark.usefixtures("english")
def test_why_a_service_cannot_be_ordered():
    kind = KindFacts(frozenset({"split"}), min_months_since_last=3)
    device = DeviceFacts("split", last_done_on=date(2026, 11, 1), open_order="ZL/2026/11/00001")
    with translation.override("en"):
        assert "1 Feb 2027" in presenters.order_fault("too_soon", kind, device)
        assert "ZL/2026/11/00001" in presenters.order_fault("open_order", kind, device)
        for code in ("inactive", "device_kind", "product", "done_before", "no_start_up"):
            assert presenters.order_fault(code, kind, device).endswith(".")
