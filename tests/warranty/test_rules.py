"""How a warranty is counted: the reference cases, and what holds for all dates."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warranty.rules import Facts, Service, Standing, Terms, days_after, months_after, standing

FIVE_YEARS = Terms(months=60, cap_months=66)
THREE_FROM_PURCHASE = Terms(months=36, start="purchase")
TODAY = date(2026, 11, 21)

days = st.dates()
lengths = st.integers(min_value=1, max_value=600)
services = st.builds(Service, days, st.just("PR/1"))
any_facts = st.builds(
    Facts,
    purchase=st.none() | days,
    delivery=st.none() | days,
    start_up=st.none() | services,
    inspections=st.lists(services, max_size=5).map(tuple),
)
any_terms = st.builds(
    Terms,
    months=lengths,
    start=st.sampled_from(["start_up", "purchase"]),
    cap_months=st.none() | lengths,
    delivery_cap_months=st.none() | lengths,
    start_up_within_months=st.none() | lengths,
    inspection_months=st.none() | lengths,
    grace_days=st.integers(0, 400),
)


def counted(
    purchase: date | None, start_up: date | None, *inspections: date, terms: Terms | None = FIVE_YEARS, today=TODAY
) -> Standing:
    done = tuple(Service(day, f"PR/{number}") for number, day in enumerate(inspections, start=2))
    facts = Facts(purchase, start_up=Service(start_up, "PR/1") if start_up else None, inspections=done)
    return standing(facts, terms, today)


def states(result: Standing, code: str) -> list[str]:
    return [condition.state for condition in result.conditions if condition.code == code]


@pytest.mark.parametrize(
    ("purchase", "start_up", "end", "next_inspection"),
    [
        (date(2023, 2, 21), date(2023, 10, 1), date(2028, 8, 21), date(2024, 10, 1)),
        (date(2024, 2, 29), date(2024, 2, 29), date(2029, 2, 28), date(2025, 2, 28)),
        (date(2023, 8, 31), date(2024, 8, 31), date(2029, 2, 28), date(2025, 8, 31)),
    ],
)
def test_the_reference_cases(purchase, start_up, end, next_inspection):
    result = counted(purchase, start_up)
    assert (result.start, result.end, result.next_inspection) == (start_up, end, next_inspection)


def test_the_case_of_the_guide_counts_from_the_purchase():
    result = counted(date(2023, 2, 21), date(2023, 2, 21), terms=THREE_FROM_PURCHASE)
    assert (result.end, result.next_inspection) == (date(2026, 2, 21), date(2024, 2, 21))


@pytest.mark.parametrize("start_up", [date(2023, 4, 3), date(2024, 4, 26)])
def test_a_device_is_inspected_a_year_after_its_start_up_wherever_the_warranty_begins(start_up):
    result = counted(date(2023, 2, 21), start_up, terms=THREE_FROM_PURCHASE, today=start_up)
    assert (result.end, result.next_inspection) == (date(2026, 2, 21), months_after(start_up, 12))
    assert states(result, "inspection") == ["due"]


@pytest.mark.parametrize("inspections", [(), (date(2024, 3, 1),)])
@pytest.mark.parametrize("terms", [THREE_FROM_PURCHASE, FIVE_YEARS, None])
def test_what_was_never_started_up_is_not_to_be_inspected(terms, inspections):
    result = counted(date(2023, 2, 21), None, *inspections, terms=terms)
    assert result.next_inspection is None and states(result, "inspection") == []


def test_the_purchase_names_its_proof():
    (first, *_others) = standing(Facts(date(2023, 2, 21), purchase_proof="ZL/7"), FIVE_YEARS, TODAY).conditions
    assert (first.code, first.state, first.proof) == ("purchase", "met", "ZL/7")


def test_without_a_rule_there_is_no_end_but_an_inspection_each_year():
    result = counted(date(2023, 2, 21), date(2023, 10, 1), date(2024, 9, 15), terms=None)
    assert result == Standing(None, None, date(2025, 9, 15), ())
    assert counted(date(2023, 2, 21), None, terms=None).next_inspection is None


def test_a_cap_needs_the_day_that_it_is_counted_from():
    assert counted(None, date(2023, 10, 1)).end is None
    assert counted(None, date(2023, 10, 1), terms=Terms(months=24)).end == date(2025, 10, 1)
    assert states(counted(None, date(2023, 10, 1)), "purchase") == ["due"]


def test_the_delivery_may_end_it_sooner():
    terms = Terms(months=60, delivery_cap_months=62)
    facts = Facts(date(2023, 2, 21), date(2023, 1, 10), Service(date(2023, 6, 1)))
    assert standing(facts, terms, TODAY).end == date(2028, 3, 10)
    assert standing(replace(facts, delivery=None), terms, TODAY).end == date(2028, 6, 1)


def test_nothing_is_demanded_where_the_rule_demands_nothing():
    result = counted(date(2023, 2, 21), date(2023, 10, 1), terms=Terms(months=24, inspection_months=None))
    assert result.next_inspection is None and states(result, "inspection") == []


@pytest.mark.parametrize(
    ("start_up", "today", "state"),
    [
        (date(2023, 8, 21), TODAY, "met"),
        (date(2023, 8, 22), TODAY, "missed"),
        (None, date(2023, 8, 21), "due"),
        (None, date(2023, 8, 22), "missed"),
    ],
)
def test_the_start_up_may_have_to_be_soon(start_up, today, state):
    terms = Terms(months=60, start_up_within_months=6)
    result = counted(date(2023, 2, 21), start_up, terms=terms, today=today)
    (condition,) = [each for each in result.conditions if each.code == "start_up"]
    assert (condition.state, condition.due_by) == (state, date(2023, 8, 21))
    assert condition.proof == ("PR/1" if start_up else "")


def test_an_inspection_is_met_until_the_last_day_of_grace():
    terms = Terms(months=60, grace_days=30)
    in_time = counted(date(2023, 2, 21), date(2023, 10, 1), date(2024, 10, 31), terms=terms, today=date(2024, 11, 1))
    late = counted(date(2023, 2, 21), date(2023, 10, 1), date(2024, 11, 1), terms=terms, today=date(2024, 11, 1))
    assert states(in_time, "inspection") == ["met", "due"] and states(late, "inspection") == ["missed", "due"]
    assert in_time.conditions[2].proof == "PR/2" and in_time.conditions[2].due_by == date(2024, 10, 31)


@pytest.mark.parametrize(("today", "state"), [(date(2024, 10, 31), "due"), (date(2024, 11, 1), "missed")])
def test_an_inspection_that_nobody_did_is_missed_after_the_grace(today, state):
    terms = Terms(months=60, grace_days=30)
    assert states(counted(date(2023, 2, 21), date(2023, 10, 1), terms=terms, today=today), "inspection") == [state]


def test_a_missed_condition_leaves_the_end_as_counted():
    in_time = counted(date(2023, 2, 21), date(2023, 10, 1), date(2024, 10, 1))
    late = counted(date(2023, 2, 21), date(2023, 10, 1), date(2025, 3, 1))
    assert in_time.end == late.end and states(late, "inspection")[0] == "missed"


def test_what_falls_after_the_end_is_no_condition():
    result = counted(date(2023, 1, 1), date(2023, 1, 1), date(2024, 1, 1), terms=Terms(months=24))
    assert states(result, "inspection") == ["met"] and result.next_inspection == date(2025, 1, 1)


# For all dates


@given(any_facts, st.none() | any_terms, days)
def test_no_dates_make_it_fall_over(facts, terms, today):
    result = standing(facts, terms, today)
    assert all(condition.state in ("met", "due", "missed") for condition in result.conditions)


@given(any_facts, any_terms, days)
def test_the_end_is_never_after_a_cap(facts, terms, today):
    end = standing(facts, terms, today).end
    for months, begun in ((terms.cap_months, facts.purchase), (terms.delivery_cap_months, facts.delivery)):
        if end and months is not None and begun:
            assert end <= months_after(begun, months)


@given(any_facts, any_terms, days, days)
def test_who_buys_later_is_not_worse_off(facts, terms, one, other):
    earlier, later = (
        standing(replace(facts, purchase=day), terms, TODAY).end for day in sorted((one, other))
    )  # fmt: skip
    assert (earlier is None) == (later is None)
    assert earlier is None or later is None or earlier <= later


@given(any_facts, any_terms, days)
def test_an_inspection_moves_the_next_one_on(facts, terms, today):
    before = standing(facts, terms, today).next_inspection
    if before is None or before == date.max:
        return
    after = standing(replace(facts, inspections=(*facts.inspections, Service(before))), terms, today)
    assert after.next_inspection is not None and after.next_inspection > before


@given(any_facts, any_terms, days)
def test_more_grace_never_misses_more(facts, terms, today):
    def missed(grace: int) -> int:
        result = standing(facts, replace(terms, grace_days=grace), today)
        return sum(condition.state == "missed" for condition in result.conditions)

    assert missed(terms.grace_days + 30) <= missed(terms.grace_days)


@given(any_facts, any_terms, days)
def test_the_order_in_which_inspections_became_known_does_not_matter(facts, terms, today):
    backwards = replace(facts, inspections=facts.inspections[::-1])
    assert standing(backwards, terms, today) == standing(facts, terms, today)


@given(days, lengths)
def test_months_end_where_the_month_does(day, months):
    after = months_after(day, months)
    assert after == date.max or (after.day == day.day or ((after + timedelta(days=1)).day == 1 and after.day < day.day))


def test_the_calendar_ends_somewhere():
    assert months_after(date(9999, 6, 1), 12) == days_after(date(9999, 12, 31), 1) == date.max
