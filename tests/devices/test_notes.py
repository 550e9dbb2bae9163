"""What happens next with a device."""

import pytest

from devices.models import Device
from devices.views.owner import notes_for
from orders.actions.proofs import ask_for_more
from services.models import ServiceKind
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def notes_of(device):
    return notes_for(list(Device.objects.filter(pk=device.pk).for_list()))[device.pk]


def note_of(device):
    """What lists show."""
    return notes_of(device)[0]


def test_after_the_purchase_date_comes_the_first_start_up():
    device = factories.device(purchased_on="2024-05-01")
    note = note_of(device)
    assert (note.tone, note.action) == ("attention", "Order the first start-up")
    assert note.url == f"/devices/{device.pk}/order/first_start_up/"


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


def test_everything_that_goes_on_is_told_the_most_urgent_first(client):
    device = factories.device(units=[])
    factories.nameplate_check(device)
    order = factories.order_in_review(device)
    ask_for_more(order, reason_code="unreadable", reason="Dark", by=factories.clerk(), revision=order.revision)
    labels = [note.label for note in notes_of(device)]
    assert labels[:2] == ["Your answer is needed", "Nameplate being checked"]
    client.force_login(device.site.customer.members.get())
    page = client.get(f"/devices/{device.pk}/", headers={"accept-language": "en"}).content.decode()
    assert page.index(labels[0]) < page.index("next-further") < page.index(labels[1]) < page.index("Units</h2>")


def test_a_service_on_order_is_told_and_the_start_up_not_asked_for_again():
    device = factories.device(purchased_on="2024-05-01")
    order = factories.service_order(device, code="first_start_up", upto="offered")
    note = note_of(device)
    assert (note.tone, note.url) == ("progress", f"/orders/{order.pk}/") and "First start-up" in note.label
    assert "Serwis Ciepła" in note.text()
    assert "First start-up to order" not in [one.label for one in notes_of(device)]


def test_a_draft_waits_for_its_owner():
    device = factories.device()
    order = factories.service_order(device, code="repair", upto="draft")
    note = notes_of(device)[0]
    assert (note.label, note.url) == ("Order not sent", f"/orders/{order.pk}/continue/")


def test_what_a_draft_orders_is_not_asked_for_again():
    device = factories.device(purchased_on="2024-05-01")
    factories.service_order(device, code="first_start_up", upto="draft")
    assert [note.label for note in notes_of(device)] == ["Order not sent"]


def test_an_inspection_in_a_draft_is_not_asked_for_again():
    device = factories.warranted(factories.device(purchased_on="2024-05-01"))
    assert "Inspection overdue" in [note.label for note in notes_of(device)]
    factories.service_order(device, code="inspection", upto="draft")
    assert [note.label for note in notes_of(device)] == ["Order not sent"]


@pytest.mark.parametrize("outcome", ["inspection", "start_up"])
def test_the_service_to_order_is_the_one_that_does_it_to_this_product(outcome):
    device = factories.device(purchased_on="2024-05-01")
    if outcome == "inspection":
        factories.warranted(device)
    other = ServiceKind.objects.create(code="others", outcome=outcome, device_kinds=[device.kind], position=1)
    other.products.add(factories.product("outdoor"))
    ServiceKind.objects.filter(outcome=outcome, products=None).update(code="tune-up")
    assert [note.url for note in notes_of(device) if "/order/" in note.url] == [f"/devices/{device.pk}/order/tune-up/"]


def test_where_the_office_has_no_inspection_none_is_offered():
    device = factories.warranted(factories.device(purchased_on="2024-05-01"))
    ServiceKind.objects.filter(outcome="inspection").update(is_active=False)
    note = next(note for note in notes_of(device) if note.label == "Inspection overdue")
    assert note.url == "" and "cannot be ordered here" in note.text
