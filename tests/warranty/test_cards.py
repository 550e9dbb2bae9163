"""A card says what is so: each fact that changes replaces it, whoever changed the fact."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions.erasure import ask_erasure, erase
from accounts.actions.requests import ask_for_change, decide_change, fingerprint
from devices import actions as devices
from devices.models import Device, Product
from orders.actions.proofs import confirm_proof
from orders.actions.reminders import devices_to_remind
from tests import factories as make
from warranty import actions, queues
from warranty.models import Recount, WarrantyCard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
MOVED = {"street": "ul. Nowa 1", "postcode": "31-001", "city": "Kraków"}


def current(pump: Device) -> WarrantyCard | None:
    return WarrantyCard.objects.current().filter(device=pump).first()


def change(pump: Device, *, accept: bool = True, **wanted: str) -> None:
    request = ask_for_change(pump.site.customer, wanted=wanted, by=make.owner_of(pump))
    ticked = [fingerprint(request, part) for part in request.parts] if accept else []
    decide_change(request, ticked=ticked, by=make.clerk(), answer="" if accept else "No.")


def confirmed(pump: Device, **told: str) -> Device:
    order = make.order_in_review(pump, purchased_on=date(2024, 2, 1))
    confirm_proof(order, by=make.clerk(), revision=order.revision, **told)
    pump.refresh_from_db()
    return pump


def test_an_owner_with_another_name_and_street_gets_another_card(client):
    pump = make.warranted()
    before = current(pump)
    change(pump, name="Anna Nowak", **MOVED)
    owner = current(pump).facts["owner"]
    assert (owner["name"], owner["address"]) == ("Anna Nowak", "ul. Nowa 1, 31-001 Kraków")
    words = client.get(reverse("warranty-check", args=[before.shown_code])).content.decode()
    assert "replaced" in words and "valid today" not in words


@pytest.mark.parametrize(("wanted", "field"), [({"phone": "+48601999888"}, "phone"), ({"email": "b@c.eu"}, "email")])
def test_so_does_one_who_is_reached_elsewhere(wanted, field):
    pump = make.warranted()
    change(pump, **wanted)
    assert current(pump).facts["owner"][field].replace(" ", "") == wanted[field]


def test_a_change_that_is_refused_or_not_on_the_card_leaves_it():
    pump = make.warranted()
    before = current(pump)
    change(pump, name="Anna Nowak", accept=False)
    change(pump, post_name="Biuro", post_street="ul. Inna 2", post_postcode="00-001", post_city="Warszawa")
    assert current(pump) == before


def test_an_owner_of_many_devices_leaves_them_to_the_worker():
    place = make.site()
    pumps = [
        make.warranted(make.device(place, purchased_on=date(2024, 2, 1)))
        for _number in range(actions.COUNTED_AT_ONCE + 1)
    ]
    Recount.objects.all().delete()
    change(pumps[0], name="Anna Nowak")
    assert Recount.objects.count() == len(pumps) and actions.count_anew() == len(pumps)
    assert {current(pump).facts["owner"]["name"] for pump in pumps} == {"Anna Nowak"}


@pytest.mark.parametrize("way", ["page", "import"])
def test_a_product_that_is_called_otherwise_replaces_the_cards(way):
    pump, clerk = make.warranted(), make.clerk("manager")
    product = pump.units.get().unit.product
    if way == "page":
        product.name = "Polar 9"
        devices.save_product(product, by=clerk)
    else:
        lines = f"model;name;maker;role\n{product.code};Polar 9;{product.maker};{product.role}\n"
        devices.import_table(make.document(lines.encode(), "p.csv", pages=None), Product, by=clerk)
    assert current(pump).facts["product"]["name"] == "Polar 9"


def test_a_corrected_model_is_the_same_all_over_the_card():
    pump = make.warranted()
    product = pump.units.get().unit.product
    product.code = "ZZ-1"
    devices.save_product(product, by=make.clerk("manager"))
    facts = current(pump).facts
    assert facts["product"]["model"] == facts["units"][0]["model"] == "ZZ-1"


def test_the_card_of_somebody_erased_stays_and_is_never_issued_anew():
    pump = make.warranted()
    request = ask_erasure(pump.site.customer, by=make.owner_of(pump))
    erase(request, by=make.clerk(), confirmation=pump.site.customer.number)
    before = current(pump)
    make.warranty_rule(pump, months=24)
    actions.refresh(pump, by=None)
    assert current(pump) == before and WarrantyCard.objects.count() == 1
    assert pump.cover.ends_on == date(2026, 3, 1)


# Seller, invoice, installer


def test_the_invoice_that_the_office_saw_tells_seller_and_number():
    pump = make.device()
    make.warranty_rule(pump)
    make.service(pump, card_facts={"seller": "Sklep", "invoice_number": "1", "installer": "Chłód"})
    facts = current(confirmed(pump, seller=" Hurtownia ", invoice_number="FV/7")).facts
    assert (facts["seller"], facts["invoice_number"], facts["installer"]) == ("Hurtownia", "FV/7", "Chłód")


def test_an_invoice_that_tells_nothing_leaves_what_the_visit_told():
    pump = make.device()
    make.warranty_rule(pump)
    make.service(pump, card_facts={"seller": "Sklep", "invoice_number": "1"})
    facts = current(confirmed(pump)).facts
    assert (facts["seller"], facts["invoice_number"]) == ("Sklep", "1")


def test_an_erasure_leaves_the_invoice_and_takes_the_seller():
    pump = make.device()
    make.warranty_rule(pump)
    make.service(pump)
    confirmed(pump, seller="Jan Sprzedawca", invoice_number="FV/7")
    before, request = current(pump), ask_erasure(pump.site.customer, by=make.owner_of(pump))
    erase(request, by=make.clerk(), confirmation=pump.site.customer.number)
    actions.refresh(pump, by=None)
    facts = current(pump).facts
    assert current(pump) == before and (facts["seller"], facts["invoice_number"]) == ("", "FV/7")


# The condition of the purchase and its proof


def test_the_purchase_is_proved_by_the_order_that_confirmed_it(client):
    pump = make.device()
    make.warranty_rule(pump)
    make.service(pump)
    order = make.order_in_review(pump)
    client.force_login(make.owner_of(pump))
    assert f"proof {order.number}" not in client.get(reverse("device", args=[pump.pk])).content.decode()
    confirm_proof(order, by=make.clerk(), revision=order.revision)
    page = client.get(reverse("device", args=[pump.pk])).content.decode()
    section = page[page.index('id="warranty"') :]
    address = re.search(rf'proof <a href="([^"]+)"><span class="whole">{order.number}<', section).group(1)
    assert order.number in client.get(address).content.decode()


# Warranties that begin with the purchase


def test_a_late_start_up_makes_no_inspection_overdue():
    today = timezone.localdate()
    pump = make.device(purchased_on=today - timedelta(days=430))
    make.warranty_rule(pump, months=36, start="purchase", cap_months=None)
    actions.refresh(pump, by=None)
    # Before the start-up nobody is asked for an inspection that cannot be ordered.
    assert pump.cover.ends_on and pump.cover.next_inspection_on is None
    assert devices_to_remind() == [] and queues.inspection_notes([pump]) == {}
    assert queues.next_inspections([pump]) == {}
    make.service(pump, done_on=today)
    pump = Device.objects.get(pk=pump.pk)
    assert pump.cover.next_inspection_on > today + timedelta(days=364)
    assert devices_to_remind() == [] and queues.inspection_notes([pump]) == {}
    conditions = queues.warranty_section(pump)[1]["conditions"]
    assert not any(condition["tone"] == "problem" for condition in conditions)
