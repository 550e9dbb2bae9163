"""Queries whose SQL is written once give what the same query of Django gives."""

import pytest
from django.db.models import QuerySet

from devices.models import Device, DeviceUnit
from portal.events import Event, key, record, told_of
from portal.prepared import Prepared
from tests.factories import device, person

pytestmark = pytest.mark.django_db


def split_units(devices: list[int]) -> QuerySet:
    """With a constant beside the keys."""
    return DeviceUnit.objects.filter(device__in=devices, device__kind="split", position__lt=5)


def test_rows_are_those_of_the_same_query_for_one_key_and_for_several():
    pumps = [device(kind="split").pk for _ in range(3)]
    prepared = Prepared(lambda devices: split_units(devices).order_by("pk").values_list("device_id", "serial", "role"))
    for keys in (pumps[:1], pumps[1:], pumps[::-1]):
        assert prepared.rows(*keys) == list(prepared.build(keys)) != []
    assert prepared.rows() == [] and prepared.rows(0) == []


def test_the_query_is_built_once_for_each_number_of_keys():
    built = []
    prepared = Prepared(lambda keys: built.append(len(keys)) or Device.objects.filter(pk__in=keys).values_list("name"))
    for keys in ([1], [2], [1, 2], [3, 4]):
        prepared.rows(*keys)
    assert built == [1, 2]


def test_models_come_with_what_the_query_adds(django_assert_num_queries):
    pump = device(kind="split")
    prepared = Prepared(lambda devices: split_units(devices).with_review())
    with django_assert_num_queries(1):
        units = prepared.models(pump.pk)
        assert [(unit.role, unit.under_review) for unit in units] == [("outdoor", False), ("indoor", False)]
    assert units == list(pump.units.all()) and prepared.models() == []


def test_a_timeline_is_told_in_one_query_newest_first(django_assert_num_queries):
    thing, other, anna = device(), device(), person()
    for verb, about in [("device.added", [thing]), ("device.moved", [thing, other]), ("device.added", [other])]:
        record(verb, by=anna, about=about, data={"name": "Boiler room"}, reason="moved")
    with django_assert_num_queries(1):
        told = told_of(thing)
    found = Event.objects.about(thing)
    assert [(one.sentence, one.at, one.tone) for one in told] == [(one.sentence, one.at, one.tone) for one in found]
    assert [(one.verb, one.reason, one.actor, str(one.actor)) for one in told] == [
        (verb, "moved", anna, "Anna Kowalska") for verb in ("device.moved", "device.added")
    ]


def test_a_timeline_outlives_its_people():
    thing, gone = device(), person()
    Event.objects.create(verb="device.added", actor_id=gone.pk + 1, topics=[key(thing)])
    record("device.added", by=None, about=[thing])
    assert [one.actor for one in told_of(thing)] == [None, None]
