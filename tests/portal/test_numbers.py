"""Document numbers: gapless, in order, one series for each kind and year."""

import threading
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.numbers import NumberSeries, next_number

pytestmark = pytest.mark.django_db


def at(monkeypatch: pytest.MonkeyPatch, *when: int) -> None:
    """Stops the clock at a time in Warsaw."""
    moment = datetime(*when, tzinfo=ZoneInfo("Europe/Warsaw"))
    monkeypatch.setattr(timezone, "now", lambda: moment)


def test_a_number_names_kind_year_month_and_place(monkeypatch):
    at(monkeypatch, 2026, 11, 21)
    NumberSeries.objects.create(kind="ZL", year=2026, last=11)
    assert next_number("ZL") == "ZL/2026/11/00012"


def test_the_count_goes_on_in_the_next_month_and_restarts_in_the_next_year(monkeypatch):
    numbers = []
    for day in [(2026, 11, 30), (2026, 12, 1), (2027, 1, 1)]:
        at(monkeypatch, *day)
        numbers.append(next_number("ZL"))
    assert numbers == ["ZL/2026/11/00001", "ZL/2026/12/00002", "ZL/2027/01/00001"]


def test_the_year_is_the_local_one(monkeypatch):
    at(monkeypatch, 2027, 1, 1, 0, 30)
    assert timezone.now().astimezone(ZoneInfo("UTC")).year == 2026
    assert next_number("ZL") == "ZL/2027/01/00001"


def test_each_kind_has_its_own_series():
    assert [next_number(kind)[-5:] for kind in ("ZL", "PR", "ZL")] == ["00001", "00001", "00002"]


def test_a_document_that_fails_leaves_no_gap():
    first = next_number("ZL")

    def fail() -> None:
        next_number("ZL")
        raise RuntimeError("disk")

    with pytest.raises(RuntimeError, match="disk"), transaction.atomic():
        fail()
    assert int(next_number("ZL")[-5:]) == int(first[-5:]) + 1


def test_a_series_exists_once():
    NumberSeries.objects.create(kind="ZL", year=2026)
    with pytest.raises(IntegrityError, match="one_series_per_kind_and_year"), transaction.atomic():
        NumberSeries.objects.create(kind="ZL", year=2026)
    assert NumberSeries.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_number_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError, match="transaction"):
        next_number("ZL")


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_each_their_own_without_a_gap():
    gate, numbers = threading.Barrier(4), []

    def take(place: int) -> None:
        gate.wait()
        for turn in range(5):
            try:
                with transaction.atomic():
                    number = next_number("ZL")
                    if (place + turn) % 3 == 0:
                        raise LookupError  # this document is not written after all
                    numbers.append(number)
            except LookupError:
                continue
        connection.close()

    threads = [threading.Thread(target=take, args=[place]) for place in range(4)]
    [thread.start() for thread in threads]
    [thread.join(120) for thread in threads]
    assert sorted(int(number[-5:]) for number in numbers) == list(range(1, len(numbers) + 1))
    assert NumberSeries.objects.get().last == len(numbers)
