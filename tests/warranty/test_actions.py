"""What happens to a warranty: services done, purchases confirmed, units that come and go, rules that change."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from devices import actions as devices
from devices.models import Device, Unit
from portal.errors import Refused
from portal.events import Event
from portal.numbers import next_number
from tests import factories as make
from tests.orders.together import together, until_somebody_waits_for_me
from warranty import actions, card
from warranty.models import Cover, Recount, ServiceRecord, WarrantyCard
from warranty.standing import Known

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def verbs(thing) -> list[str]:
    return [event.verb for event in Event.objects.about(thing).order_by("pk")]


def days(device: Device) -> tuple | None:
    """The stored copy; compared to what the rule says now."""
    cover = Cover.objects.filter(device=device).first()
    derived = Known.of(Device.objects.get(pk=device.pk)).standing()
    stored = (cover.starts_on, cover.ends_on, cover.next_inspection_on) if cover else (None, None, None)
    assert stored == (derived.start, derived.end, derived.next_inspection)
    return stored


def current(device: Device) -> WarrantyCard | None:
    return WarrantyCard.objects.current().filter(device=device).first()


def test_the_stored_days_are_the_derived_ones_after_each_act():
    clerk, pump = make.clerk(), make.device()
    make.warranty_rule(pump, delivery_cap_months=70)
    assert days(pump) == (None, None, None)
    make.service(pump, done_on=date(2023, 10, 1))
    assert days(pump) == (date(2023, 10, 1), None, date(2024, 10, 1))
    devices.set_purchase_date(pump, purchased_on=date(2023, 2, 21), by=clerk)
    assert days(pump) == (date(2023, 10, 1), date(2028, 8, 21), date(2024, 10, 1))
    make.service(pump, "inspection", done_on=date(2024, 9, 20))
    assert days(pump) == (date(2023, 10, 1), date(2028, 8, 21), date(2025, 9, 20))
    unit = pump.units.get().unit
    unit.delivered_on = date(2022, 1, 31)
    devices.save_unit(unit, by=clerk)
    assert days(pump)[1] == date(2027, 11, 30)


def test_a_start_up_with_a_known_purchase_issues_a_card():
    pump, by = make.device(purchased_on=date(2024, 2, 1), kind="split"), make.person()
    make.warranty_rule(pump)
    said = {
        "seller": "Hurtownia",
        "invoice_number": "FV/1",
        "installer": "Chłód",
        "installer_fgas": "FGAZ-P/01/12345/22",
    }
    record = make.service(pump, partner=make.partner(name="Serwis"), by=by, card_facts={**said, "other": "x"})
    issued = current(pump)
    assert issued.number.startswith("KG/") and issued.facts["start_up"]["partner"] == record.partner_name == "Serwis"
    assert said.items() <= issued.facts.items() and "other" not in issued.facts
    assert [unit["role"] for unit in issued.facts["units"]] == ["outdoor", "indoor"]
    assert (
        verbs(pump) == ["warranty.start_up", "warranty.card_issued"] and Event.objects.about(record).get().actor == by
    )


@pytest.mark.usefixtures("english")
def test_a_visit_without_a_paper_is_told_without_one():
    pump = make.warranted()
    make.service(pump, kind="inspection", done_on=date(2024, 3, 5), order_number="", protocol_number="")
    newest = Event.objects.about(pump).filter(verb="warranty.inspection").first()
    assert newest and newest.sentence == "Inspection done on 5 Mar 2024"


def test_the_same_order_again_changes_nothing():
    pump = make.warranted()
    first, before = pump.services.get(), current(pump)
    again = make.service(pump, order_number=first.order_number, protocol_number=first.protocol_number)
    actions.refresh(pump, by=None)
    assert again == first and current(pump) == before and WarrantyCard.objects.count() == 1
    assert verbs(pump) == ["warranty.start_up", "warranty.card_issued"]


def test_a_corrected_protocol_corrects_the_record_and_replaces_the_card():
    pump = make.warranted()
    first, before = pump.services.get(), current(pump)
    make.service(pump, done_on=date(2024, 3, 5), order_number=first.order_number, protocol_number="PR/9")
    before.refresh_from_db()
    after = current(pump)
    assert (before.replaced_by, before.is_current, before.replaced_at is not None) == (after, False, True)
    assert after.ends_on == date(2029, 3, 5) and after.facts["start_up"]["protocol"] == "PR/9"
    assert verbs(pump)[2:] == ["warranty.start_up_corrected", "warranty.card_replaced"]


def test_two_inspections_without_an_order_are_two():
    pump = make.device()
    for day in (date(2024, 5, 1), date(2025, 5, 1)):
        make.service(pump, "inspection", done_on=day, order_number="")
    assert pump.services.count() == 2


def test_a_second_start_up_is_refused():
    pump = make.warranted()
    with pytest.raises(Refused, match="recorded already"):
        make.service(pump, done_on=date(2024, 4, 1))
    assert pump.services.count() == 1


def test_a_day_to_come_is_refused():
    with pytest.raises(Refused, match="future"):
        make.service(make.device(), done_on=timezone.localdate() + timedelta(days=1))
    assert not ServiceRecord.objects.exists()


def test_an_inspection_issues_a_card_with_its_line():
    pump = make.warranted(grace_days=14)
    make.service(pump, "inspection", done_on=date(2025, 3, 10))
    make.service(pump, "inspection", done_on=date(2026, 9, 1))
    lines = current(pump).facts["inspections"]
    assert [(line["in_time"], line["next_due"]) for line in lines] == [(True, "2026-03-10"), (False, "2027-09-01")]
    assert WarrantyCard.objects.filter(device=pump).count() == 3


@pytest.mark.parametrize("missing", ["rule", "start-up", "purchase"])
def test_no_card_before_all_is_known(missing):
    pump = make.device(purchased_on=None if missing == "purchase" else date(2024, 2, 1))
    if missing != "rule":
        make.warranty_rule(pump)
    if missing != "start-up":
        make.service(pump)
    actions.refresh(pump, by=None)
    assert current(pump) is None and cards_say_nothing(pump)


def cards_say_nothing(pump: Device) -> bool:
    return card.facts_of(Known.of(Device.objects.get(pk=pump.pk))) is None


def test_a_device_without_a_rule_is_inspected_each_year():
    pump = make.device(units=[])
    make.service(pump)
    assert days(pump) == (None, None, date(2025, 3, 1))


def test_moving_the_device_replaces_the_card_and_renaming_does_not():
    pump = make.warranted()
    by = make.owner_of(pump)
    before, other = current(pump), make.site(pump.site.customer, street="ul. Nowa 1")
    devices.change_device(pump, name="Cellar", site=pump.site, by=by)
    assert current(pump) == before
    devices.change_device(pump, name="Cellar", site=other, by=by)
    assert current(pump).facts["site"]["address"].startswith("ul. Nowa 1")


def test_correcting_the_site_replaces_the_cards_of_its_devices():
    pump = make.warranted()
    devices.change_site(pump.site, street="ul. Inna 2", by=make.owner_of(pump))
    assert current(pump).facts["site"]["address"].startswith("ul. Inna 2")


@pytest.fixture
def many() -> list[Device]:
    """More than are counted at once, at one site, with cards."""
    place = make.site()
    pumps = [
        make.warranted(make.device(place, purchased_on=date(2024, 2, 1)))
        for _number in range(actions.COUNTED_AT_ONCE + 1)
    ]
    actions.count_anew()
    return pumps


def streets(pumps: list[Device]) -> set[str]:
    return {current(pump).facts["site"]["address"].partition(",")[0] for pump in pumps}


def test_many_devices_are_counted_by_a_worker_once(many):
    by = make.owner_of(many[0])
    before = streets(many)
    devices.change_site(many[0].site, street="ul. Inna 2", by=by)
    assert streets(many) == before and Recount.objects.count() == len(many)
    assert [actions.count_anew(), actions.count_anew()] == [len(many), 0]
    assert streets(many) == {"ul. Inna 2"} and not Recount.objects.exists()
    assert WarrantyCard.objects.count() == 2 * len(many) and Event.objects.about(current(many[0])).get().actor == by


def test_a_large_import_leaves_the_counting_to_a_worker(many, django_assert_max_num_queries):
    units = [pump.units.get().unit for pump in many]
    lines = [f"{unit.product.code};{unit.serial};2024-01-20" for unit in units]
    table = make.document("\n".join(["model;serial;delivered_on", *lines]).encode(), "r.csv", pages=None)
    with django_assert_max_num_queries(30):
        devices.import_table(table, Unit, by=make.clerk("manager"))
    assert actions.count_anew() == len(many) and days(many[0]) and not Recount.objects.exists()


def test_one_device_that_cannot_be_counted_holds_up_no_other(many, monkeypatch):
    devices.change_site(many[0].site, street="ul. Inna 2", by=make.owner_of(many[0]))
    keep = actions._keep_cover
    monkeypatch.setattr(actions, "_keep_cover", lambda known: 1 / (known.device != many[0]) and keep(known))
    assert actions.count_anew() == len(many) - 1
    assert Recount.objects.get().device == many[0] and streets(many[1:]) == {"ul. Inna 2"}


@pytest.mark.parametrize("act", ["site", "import"])
def test_who_changes_many_devices_and_who_closes_a_visit_never_wait_for_each_other(transactional_db, monkeypatch, act):
    """The first has the series of numbers when the second, who has a device of the first, wants a number."""
    place, clerk = make.site(), make.clerk()
    pumps = [make.warranted(make.device(place, purchased_on=date(2024, 2, 1))) for _number in range(2)]
    units = [pump.units.get().unit for pump in pumps]
    lines = [f"{unit.product.code},{unit.serial},2024-01-15" for unit in units]
    table = make.document("\n".join(["model,serial,delivered_on", *lines]).encode(), "units.csv")
    numbered, held = threading.Event(), threading.Event()

    def number_at_leisure(series: str) -> str:
        number = next_number(series)
        numbered.set()
        held.wait(1)
        return number

    def change() -> None:
        if act == "site":
            devices.change_site(place, street="ul. Inna 2", by=make.owner_of(place))
        else:
            devices.import_table(table, Unit, by=clerk)

    def close_a_visit() -> None:
        assert numbered.wait(60)
        with transaction.atomic():
            Device.objects.select_for_update(no_key=True).get(pk=pumps[1].pk)
            held.set()
            next_number(actions.SERIES)

    monkeypatch.setattr(actions, "next_number", number_at_leisure)
    assert together(change, close_a_visit) == ["done", "done"]
    assert all(pump.warranty_cards.count() == 2 for pump in pumps)


def test_a_correction_and_a_claim_that_brings_the_unit_back_never_wait_for_each_other(transactional_db, monkeypatch):
    """The clerk has the device that the unit went to, and waits for the one that the engineer's order is about."""
    went_to, pump, clerk = make.device(units=[]), make.warranted(), make.clerk()
    [first], unit, has_device, lock = pump.services.all(), pump.units.get().unit, threading.Event(), actions._lock
    devices.grant_claim(make.claim(went_to, held=unit), by=clerk)
    back = make.claim(pump, held=unit)

    def lock_at_leisure(device: Device) -> Device:
        device = lock(device)
        if not has_device.is_set():
            has_device.set()
            until_somebody_waits_for_me()
        return device

    def grant() -> None:
        assert has_device.wait(60)
        devices.grant_claim(back, by=clerk)

    def correct() -> None:
        make.service(pump, done_on=date(2024, 3, 5), order_number=first.order_number)

    monkeypatch.setattr(actions, "_lock", lock_at_leisure)
    assert together(correct, grant) == ["done", "done"]
    assert pump.services.get().done_on == date(2024, 3, 5) and days(pump)[2] == date(2025, 3, 5)
    assert actions.count_anew() and days(went_to) == (None, None, None)


def test_moving_a_device_leaves_the_site_to_those_who_correct_it():
    pump = make.device()
    with CaptureQueriesContext(connection) as queries:
        devices.change_device(pump, name="Cellar", site=pump.site, by=make.owner_of(pump))
    locks = [query["sql"] for query in queries.captured_queries if "FOR UPDATE" in query["sql"]]
    assert locks and all(lock.endswith('FOR UPDATE OF "devices_device"') for lock in locks)


def test_a_card_names_no_unit_that_another_customer_has():
    pump = make.warranted(make.device(purchased_on=date(2024, 2, 1), kind="split"))
    before = current(pump)
    pump.units.filter(role="indoor").update(unit=None)
    actions.refresh(pump, by=None)
    before.refresh_from_db()
    assert before.withdrawn_at and current(pump) is None


def test_a_unit_that_goes_to_another_customer_takes_the_warranty_along():
    pump, clerk = make.warranted(), make.clerk()
    before = current(pump)
    claim = make.claim(held=pump.units.get().unit)
    devices.grant_claim(claim, by=clerk)
    before.refresh_from_db()
    assert current(pump) is None and before.withdrawn_at and before.state_on(timezone.localdate()) == "withdrawn"
    assert days(pump) == (None, None, None) and "warranty.card_withdrawn" in verbs(pump)


def test_the_start_up_and_the_inspections_are_the_units_and_go_with_it():
    pump, clerk, partner = make.device(purchased_on=date(2024, 2, 1)), make.clerk(), make.partner(name="Serwis")
    make.warranty_rule(pump)
    make.service(pump, partner=partner, card_facts={"installer": "Jan Tajny", "invoice_number": "FV/1"})
    make.service(pump, "inspection", done_on=date(2025, 2, 20), partner=partner)
    claim = make.claim(held=pump.units.get().unit)
    devices.grant_claim(claim, by=clerk)
    new = claim.device_unit.device
    assert [record.done_on for record in new.services.all()] == [date(2024, 3, 1), date(2025, 2, 20)]
    assert new.cover.started_up_on == date(2024, 3, 1) and days(new)[2] == date(2026, 2, 20)
    assert not pump.services.exists() and "warranty.came_along" in verbs(new)
    devices.set_purchase_date(new, purchased_on=date(2024, 2, 1), by=clerk)
    facts = current(new).facts
    assert facts["start_up"]["partner"] == "Serwis" and not facts["installer"] and not facts["invoice_number"]
    assert not new.services.filter(partner=partner).exists(), "the company knows the former owner, and not this one"


def test_a_device_that_was_started_up_itself_keeps_its_own_history():
    pump, clerk = make.warranted(), make.clerk()
    claim = make.claim(held=pump.units.get().unit)
    make.service(claim.device_unit.device, done_on=date(2025, 5, 5))
    devices.grant_claim(claim, by=clerk)
    assert [record.done_on for record in claim.device_unit.device.services.all()] == [date(2025, 5, 5)]
    assert pump.services.count() == 1


def test_the_indoor_unit_takes_nothing_along():
    pump, clerk = make.warranted(make.device(purchased_on=date(2024, 2, 1), kind="split")), make.clerk()
    inner, new = pump.units.get(role="indoor").unit, make.device(units=[], kind="split")
    place = new.units.get(role="indoor")
    place.model, place.serial = inner.product.code, inner.serial
    place.save()
    devices.grant_claim(place.claims.create(reason="Mine"), by=clerk)
    assert pump.services.exists() and not new.services.exists()


def test_a_protocol_that_is_corrected_after_the_unit_went_corrects_what_went_along():
    pump, clerk, partner = make.warranted(), make.clerk(), make.partner()
    first, claim = pump.services.get(), make.claim(held=pump.units.get().unit)
    devices.grant_claim(claim, by=clerk)
    make.service(
        pump, done_on=date(2024, 3, 5), order_number=first.order_number, protocol_number="PR/9", partner=partner,
        card_facts={"installer": "Jan Tajny"},
    )  # fmt: skip
    [moved] = claim.device_unit.device.services.all()
    assert (moved.done_on, moved.protocol_number, moved.partner, moved.card_facts) == (
        date(2024, 3, 5), "PR/9", None, {},
    )  # fmt: skip
    assert not pump.services.exists() and Recount.objects.filter(device=claim.device_unit.device).exists()
    actions.count_anew()
    assert days(claim.device_unit.device)[2] == date(2025, 3, 5)


def test_a_unit_that_comes_back_gets_a_new_card():
    pump, clerk = make.warranted(), make.clerk()
    before, place = current(pump), pump.units.get()
    unit = place.unit
    taken = make.claim(held=unit)
    devices.grant_claim(taken, by=clerk)
    back = make.claim(pump, held=unit)
    devices.grant_claim(back, by=clerk)
    before.refresh_from_db()
    assert before.replaced_by == current(pump) and days(pump)[1] == date(2029, 3, 1)


def test_an_import_with_a_delivery_date_is_counted():
    pump = make.warranted(delivery_cap_months=24)
    unit = pump.units.get().unit
    lines = f"model;serial;delivered_on\n{unit.product.code};{unit.serial};2024-01-20\n"
    table = make.document(lines.encode(), "r.csv", content_type="text/csv", pages=None)
    devices.import_table(table, Unit, by=make.clerk("manager"))
    assert days(pump)[1] == date(2026, 1, 20) and current(pump).ends_on == date(2026, 1, 20)


def test_a_new_version_counts_the_devices_anew():
    pump, by = make.warranted(), make.person()
    rule = actions.publish_rule(
        pump.units.get().unit.product, by=by, valid_from=date(2024, 1, 1), months=24, inspection_months=6
    )
    assert rule.version == 2 and current(pump).ends_on == date(2029, 3, 1)
    for _again in range(2):
        actions.count_anew()
    assert days(pump) == (date(2024, 3, 1), date(2026, 3, 1), date(2024, 9, 1))
    assert WarrantyCard.objects.filter(device=pump).count() == 2 and Event.objects.about(rule).get().actor == by


def test_a_version_for_later_purchases_leaves_the_cards_alone():
    pump = make.warranted()
    before = current(pump)
    make.warranty_rule(pump, valid_from=date(2024, 2, 2), months=12)
    assert actions.count_anew() == 1 and current(pump) == before


def test_one_device_that_fails_keeps_a_new_version_from_no_other(monkeypatch, caplog):
    first = make.warranted()
    product = first.units.get().unit.product
    second = make.warranted(make.device(purchased_on=date(2024, 2, 1), units=[make.unit(product)]))
    actions.count_anew()
    make.warranty_rule(first, months=24)
    keep = actions._keep_cover
    monkeypatch.setattr(actions, "_keep_cover", lambda known: 1 / (known.device != first) and keep(known))
    assert actions.count_anew() == 1 and days(second)[1] == date(2026, 3, 1)
    assert Recount.objects.get().device == first, "it is tried again"
    assert f"The warranty of device {first.pk} cannot be counted" in caplog.text


def test_an_indoor_unit_has_no_rule_of_its_own():
    with pytest.raises(Refused, match="outdoor unit"):
        actions.publish_rule(make.product("indoor"), by=None, valid_from=date(2024, 1, 1), months=24)


def test_a_card_speaks_the_language_of_the_first_member():
    owner, late = make.person(language="cs"), make.person(language="en")
    pump = make.device(make.site(make.customer(members=[owner, late])), purchased_on=date(2024, 2, 1))
    assert current(make.warranted(pump)).language == "cs"


def test_what_is_rolled_back_leaves_nothing():
    pump = make.device(purchased_on=date(2024, 2, 1))
    make.warranty_rule(pump)
    with transaction.atomic():
        make.service(pump)
        transaction.set_rollback(True)
    assert not ServiceRecord.objects.exists() and not WarrantyCard.objects.exists() and verbs(pump) == []


def test_facts_have_one_digest_whatever_their_order():
    assert (
        card.digest_of({"a": 1, "b": "ż"}) == card.digest_of({"b": "ż", "a": 1}) != card.digest_of({"a": 2, "b": "ż"})
    )
