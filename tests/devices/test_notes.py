"""What happens next with a device."""

import pytest

from devices.models import Device
from devices.views.owner import notes_for
from orders.actions import ask_for_more
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def note_of(device):
    return notes_for(list(Device.objects.filter(pk=device.pk).for_list()))[device.pk]


def test_confirmed_device_is_in_order_and_says_what_comes():
    note = note_of(factories.device(purchased_on="2024-05-01"))
    assert note.tone == "done"
    assert "first start-up" in note.text


def test_unit_that_is_not_confirmed_outweighs_a_purchase_that_is():
    note = note_of(factories.device(units=[], purchased_on="2024-05-01"))
    assert note.tone == "attention"
    assert "serial number" in note.text


def test_what_the_owner_must_do_outweighs_what_the_office_does():
    device = factories.device(units=[])
    factories.nameplate_check(device)
    order = factories.order_in_review(device)
    assert note_of(device).tone == "progress"
    ask_for_more(order, reason_code="unreadable", reason="Dark", by=factories.clerk(), revision=order.revision)
    assert note_of(device).label == "Your answer is needed"
