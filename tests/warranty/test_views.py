"""What owners see of their warranties, and what anybody sees who follows a card's QR code."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from devices import actions as devices
from devices.models import Device
from orders.actions import protocols
from portal import collect
from tests import factories as make
from warranty import actions, queues

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def owner(client):
    person = make.person(language="en")
    client.force_login(person)
    return person


def device_of(owner, **fields) -> Device:
    customer = owner.customers.first() or make.customer(members=[owner], name="Anna Tajna")
    return make.device(make.site(customer), **{"purchased_on": date(2024, 2, 1), **fields})


def started(owner, ago: timedelta = timedelta(0), **terms) -> Device:
    """With an inspection due a year after the start-up."""
    day = timezone.localdate() - ago
    pump = device_of(owner, purchased_on=day)
    make.warranty_rule(pump, **terms)
    make.service(pump, done_on=day)
    return pump


def page(client, pump) -> str:
    """The words of a device's page, without its tags."""
    text = client.get(reverse("device", args=[pump.pk])).content.decode()
    return " ".join(re.sub(r"<(?!a )[^>]+>", " ", text).split())


# The device's page


def test_the_page_says_end_next_inspection_and_each_condition_with_its_proof(client, owner, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 21, 12, tzinfo=UTC))
    pump = make.warranted(device_of(owner), grace_days=30)
    make.service(pump, "inspection", done_on=date(2025, 3, 10), protocol_number="PR/7")
    make.service(pump, "inspection", done_on=date(2026, 9, 1), protocol_number="PR/8")
    words = page(client, pump)
    assert "Warranty ends 1 Mar 2029" in words
    assert "Next inspection planned for 1 Sep 2027, at the latest 1 Oct 2027" in words
    assert "Purchase date : 1 Feb 2024, confirmed Met" in words
    assert "Inspection : done on 10 Mar 2025 (proof PR/7) Met" in words
    assert "Inspection : done on 1 Sep 2026, the last day was 9 Apr 2026 (proof PR/8) Missed" in words
    assert "Inspection Due by 1 Oct 2027" in words and "The maker decides" in words


def test_the_proof_of_a_visit_leads_to_the_newest_version_of_its_protocol(client, owner):
    pump = device_of(owner)
    make.warranty_rule(pump)
    order = make.service_order(pump, code="first_start_up", upto="done")
    first = order.protocols.get()
    begun = protocols.correct(order, reason="Wrong pressure", by=first.engineer, revision=order.revision)
    newest = make.close_protocol(begun, by=first.engineer)
    make.service(pump, "inspection", done_on=timezone.localdate(), protocol_number="PR/typed")
    words = page(client, pump)
    assert f'(proof <a href="{reverse("protocol", args=[newest.pk])}"> {first.number} ' in words
    assert "(proof PR/typed)" in words


def test_before_anything_is_known_it_says_what_it_waits_for(client, owner):
    pump = device_of(owner, purchased_on=None)
    assert "Warranty ends known after the first start-up" in page(client, pump)
    make.warranty_rule(pump)
    make.service(pump)
    assert "Warranty ends known once the purchase date is confirmed" in page(client, pump)
    unknown = device_of(owner, units=[])
    make.service(unknown)
    assert "we do not know a warranty for this device" in page(client, unknown)


def test_a_card_is_being_made_then_there_to_download(client, owner, settings):
    pump = make.warranted(device_of(owner))
    card = pump.warranty_cards.get()
    words = client.get(reverse("device", args=[pump.pk])).content.decode()
    assert f"{card.number} is being made" in words and "data-refresh-while" in words
    actions.draw_card(card.pk)
    card.refresh_from_db()
    words = client.get(reverse("device", args=[pump.pk])).content.decode()
    assert reverse("document", args=[card.pdf_id]) in words and "data-refresh-while" not in words
    assert client.get(reverse("document", args=[card.pdf_id]))["Content-Type"] == "application/pdf"


def test_older_cards_stand_there_as_replaced(client, owner):
    pump = make.warranted(device_of(owner))
    old = pump.warranty_cards.get()
    make.service(pump, "inspection", done_on=date(2025, 2, 1))
    words = page(client, pump)
    assert f"Older cards, no longer valid {old.number} Replaced" in words


def test_the_list_has_a_column_for_the_next_inspection(client, owner):
    make.warranted(device_of(owner))
    device_of(owner)
    make.service(none := device_of(owner))
    make.warranty_rule(none, inspection_months=None)
    actions.refresh(none, by=None)
    words = client.get(reverse("devices")).content.decode()
    cells = re.findall(r'data-label="Next inspection">(.*?)</td>', words)
    assert [re.sub(r"<[^>]+>", "", cell) for cell in cells] == ["1 Mar 2025", "after start-up", "–"]


def test_the_data_sheet_names_the_next_inspection(client, owner):
    pump = make.warranted(device_of(owner))
    answer = client.get(reverse("device-sheet", args=[pump.pk]))
    serial = pump.units.first().serial
    assert answer["Content-Disposition"] == f'inline; filename="Device data sheet {serial}.pdf"'
    assert queues.next_inspections([pump]) == {pump.pk: date(2025, 3, 1)}


# What waits


@pytest.mark.parametrize(("days", "label"), [(304, None), (305, "Inspection due soon"), (366, "Inspection overdue")])
def test_an_inspection_is_asked_for_two_months_before(owner, days, label):
    year = (timezone.localdate() - (timezone.localdate() - relativedelta(years=1))).days
    pump = started(owner, timedelta(days=days + year - 365))
    note = queues.inspection_notes([pump]).get(pump.pk)
    assert (note.label if note else None) == label
    if note:
        assert note.url == reverse("order-service", args=[pump.pk, "inspection"]) and note.tone == "attention"


def test_nobody_keeps_a_warranty_that_is_not_there(owner):
    ended, unknown = (device_of(owner) for _number in range(2))
    make.warranted(ended, months=12)
    make.service(unknown)
    notes = queues.inspection_notes([ended, unknown])
    assert {note.label for note in notes.values()} == {"Inspection overdue"} and len(notes) == 2
    assert not any("warranty" in note.text for note in notes.values())


def test_what_is_ordered_is_not_asked_for(owner, monkeypatch):
    pump = started(owner, timedelta(days=400))
    assert pump.pk in queues.inspection_notes([pump])
    monkeypatch.setattr(collect, "inspections_to_order", [lambda devices: {}])
    assert queues.inspection_notes([pump]) == {}


def test_an_inspection_that_cannot_be_ordered_is_told_without_a_button(owner, monkeypatch):
    pump = started(owner, timedelta(days=400))
    monkeypatch.setattr(collect, "inspections_to_order", [lambda devices: {pump.pk: ""}])
    note = queues.inspection_notes([pump])[pump.pk]
    assert (note.label, note.action, note.url) == ("Inspection overdue", "", "") and "write or call us" in note.text


def test_one_query_serves_notes_list_and_section_whatever_their_number(client, owner):
    counts = []
    for more in (1, 8):
        for _number in range(more):
            make.warranted(device_of(owner))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("devices")).status_code == 200
        assert sum('FROM "warranty_cover"' in query["sql"] for query in queries.captured_queries) == 1
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_devices_page_asks_for_cover_services_and_cards_once(client, owner):
    pump = make.warranted(device_of(owner))
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("device", args=[pump.pk]))
    asked = "\n".join(query["sql"] for query in queries.captured_queries)
    tables = re.findall(r'^SELECT "(warranty_\w+)"', asked, re.MULTILINE)
    assert sorted(tables) == ["warranty_cover", "warranty_servicerecord", "warranty_warrantycard"]


# The check


def check(client, card):
    return client.get(reverse("warranty-check", args=[card.shown_code]), headers={"accept-language": "en"})


def test_anybody_may_see_that_a_card_is_valid_and_nobody_sees_whose(client):
    person = make.person()
    pump = started(person, timedelta(days=30))
    card = pump.warranty_cards.get()
    answer = check(client, card)
    words = answer.content.decode()
    assert card.number in words and "Valid today" in words and pump.units.get().unit.product.code in words
    secrets = ["Tajna", "Leśna", "Piaseczno", card.facts["owner"]["phone"], card.facts["owner"]["email"]]
    assert not [each for each in secrets if each in words] and "no-store" in answer["Cache-Control"]


def test_a_replaced_card_says_so_and_does_not_lead_to_the_newer_one(client):
    pump = started(make.person(), timedelta(days=30))
    old = pump.warranty_cards.get()
    make.service(pump, "inspection", done_on=timezone.localdate())
    new = pump.warranty_cards.first()
    words = check(client, old).content.decode()
    assert "A newer card has replaced this one" in words and "valid today" not in words
    assert new.number not in words and new.shown_code not in words


def test_a_card_that_ran_out_or_was_withdrawn_is_not_valid(client):
    ended = make.warranted(make.device(purchased_on=date(2020, 2, 1)), months=12).warranty_cards.get()
    assert "ran from 1 Mar 2024 until 1 Mar 2025" in check(client, ended).content.decode()
    pump = make.warranted()
    devices.grant_claim(make.claim(held=pump.units.get().unit), by=make.clerk())
    assert "This card was withdrawn" in check(client, pump.warranty_cards.get()).content.decode()


@pytest.mark.parametrize("code", ["x", "KG-2026-11-00001", "AAAA-BBBB-CCCC", "%00"])
def test_an_unknown_code_tells_nothing(client, code):
    answer = client.get(f"/warranty/check/{code}/")
    assert answer.status_code == 404


def test_a_code_is_found_as_people_type_it(client):
    card = make.warranted().warranty_cards.get()
    assert client.get(f"/warranty/check/{card.check_code.lower()}/").status_code == 200
    assert client.post(f"/warranty/check/{card.check_code}/").status_code == 405
