"""The rows of a list of devices tell the same as the models."""

import pytest

from devices.models import Device, DeviceUnit, site_name
from devices.rows import rows_of
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_row_tells_of_a_device_what_the_models_do():
    device = factories.device(kind="split", purchased_on="2024-05-01")
    device.refresh_from_db()
    [row] = rows_of([device.pk])
    assert (row.pk, row.name, row.kind, row.purchased_on) == (device.pk, device.name, "split", device.purchased_on)
    assert site_name(row) == device.site.name and row.serials == device.serials
    assert [plate.unit_id for plate in row.nameplates] == [unit.unit_id for unit in device.nameplates]


def test_each_device_has_its_own_nameplates_and_what_is_on_the_desk():
    confirmed, asked = factories.device(), factories.device(units=[])
    factories.nameplate_check(asked)
    second, first = rows_of([asked.pk, confirmed.pk])
    assert (second.pk, first.pk) == (asked.pk, confirmed.pk)
    assert not any(plate.checking or plate.claimed for plate in first.nameplates)
    assert {plate.checking for plate in second.nameplates} == {True}
    assert len(first.nameplates) + len(second.nameplates) == DeviceUnit.objects.count()


def test_no_devices_no_rows():
    assert rows_of(Device.objects.none().values_list("pk", flat=True)) == []
