"""The address of a visit: it stays while a partner has the order; the office corrects it, and everybody hears of it."""

import pytest
from django.urls import reverse

from devices import actions as devices
from orders.actions.places import correct_address
from orders.models import Order
from portal.errors import Refused
from portal.events import Event
from portal.outbox.models import Message
from tests import factories as make

pytestmark = pytest.mark.django_db
ADDRESS = {"street": "ul. Polna 9", "postcode": "05-500", "city": "Piaseczno", "country": "PL"}


def test_a_device_is_not_moved_while_a_partner_has_an_order_for_it():
    order = make.service_order(upto="offered")
    pump, owner = order.device, order.created_by
    there = make.site(order.customer)
    with pytest.raises(Refused, match=order.number):
        devices.change_device(pump, name="Cellar", site=there, by=owner)
    assert devices.change_device(pump, name="Cellar", site=pump.site, by=owner).name == "Cellar"


@pytest.mark.parametrize("upto", ["draft", "submitted", "done"])
def test_it_is_moved_before_and_after(upto):
    order = make.service_order(upto=upto)
    there = make.site(order.customer)
    assert devices.change_device(order.device, name="X", site=there, by=order.created_by).site == there


def test_the_owner_keeps_the_address_and_may_rename_the_site(client):
    order = make.service_order(upto="scheduled")
    place = order.device.site
    client.force_login(order.created_by)
    url = reverse("site-change", args=[place.pk])
    answer = client.post(url, {**ADDRESS, "building_kind": "house", "own_name": "Cottage"}, follow=True)
    assert order.number in answer.content.decode() and "Cottage" in answer.content.decode()
    client.post(url, {**ADDRESS, "street": place.street, "building_kind": "house", "own_name": "Cottage"}, follow=True)
    place.refresh_from_db()
    assert (place.street, place.own_name) == ("ul. Leśna 7", "Cottage")


def test_the_office_corrects_it_and_the_visit_goes_out_again(client):
    order = make.service_order(upto="scheduled")
    client.force_login(make.clerk("dispatcher", language="en"))
    page = reverse("admin:orders_service_change", args=[order.service.pk])
    client.post(page, {"act": "correct_address", "revision": order.revision, **ADDRESS})
    before, order = order, Order.objects.select_related("device__site", "service").get(pk=order.pk)
    sequence = before.service.calendar_sequence + 1
    assert (order.device.site.street, order.service.calendar_sequence) == ("ul. Polna 9", sequence)
    for kind in ("address_corrected", "address_corrected_partner"):
        message = Message.objects.get(kind=f"orders/{kind}")
        assert "Polna 9" in message.calendar and f"SEQUENCE:{sequence}" in message.calendar
    assert Event.objects.about(order).filter(verb="service.address").exists()


def test_the_same_address_again_tells_nobody_and_a_second_press_is_refused():
    order, dispatcher = make.service_order(upto="scheduled"), make.clerk("dispatcher")
    same = {name: getattr(order.device.site, name) for name in ADDRESS}
    with pytest.raises(Refused, match="mamy w kartotece"):
        correct_address(order, by=dispatcher, revision=order.revision, **same)
    new = correct_address(order, by=dispatcher, revision=order.revision, **ADDRESS)
    with pytest.raises(Refused):
        correct_address(order, by=dispatcher, revision=order.revision, **ADDRESS | {"street": "ul. Polna 8"})
    assert new.revision == order.revision + 1
    assert Message.objects.filter(kind="orders/address_corrected_partner").count() == 1


def test_nobody_else_corrects_it():
    order = make.service_order(upto="offered")
    for by, revision in ((order.created_by, order.revision), (make.clerk("dispatcher"), order.revision - 1)):
        with pytest.raises(Refused):
            correct_address(order, by=by, revision=revision, **ADDRESS)
