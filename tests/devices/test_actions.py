"""Acts about sites, devices and units: allowed or refused with a sentence, once, and with an event."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from devices import actions
from devices.actions import Nameplate, NewDevice
from devices.models import Claim, Device, DeviceUnit, NameplateCheck, Product, Site, Unit
from portal.errors import Refused
from portal.events import Event
from portal.outbox.models import Message
from tests import factories
from tests.factories import clerk, customer, device, document, nameplate_check, owner_of, person, product, site, unit
from tests.orders.together import until_somebody_waits_for_me

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

PLACE = {"building_kind": "house", "street": "ul. Nowa 1", "postcode": "00-001", "city": "Warszawa", "country": "PL"}


def plate_of(found: Unit, **fields: Any) -> Nameplate:
    return Nameplate(role=found.product.role, model=found.product.code, serial=found.serial, **fields)


def added(found: Unit, at: Site | None = None, **fields: Any) -> DeviceUnit:
    """A new device with this one nameplate."""
    at = at or site()
    by = at.customer.members.get()
    return actions.add_device(at, NewDevice("monobloc", [plate_of(found, **fields)]), by=by).units.get()


def waiting(found: Unit | None = None, *, model: str = "CT-M08", serial: str = "AB-1") -> DeviceUnit:
    """A device whose number the register does not know."""
    place = device(units=[]).units.get()
    place.model, place.serial = model, serial
    place.save()
    return place


def side_by_side(*acts: Callable[[], Any]) -> list[Any]:
    """Runs acts in threads that start together; what each returned or raised."""
    gate, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait()
            outcomes[place] = act()
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return outcomes


# Sites and devices


def test_the_same_opening_of_a_form_adds_one_site_and_one_device():
    owner, key, found = customer(), uuid.uuid4(), unit()
    by = owner.members.get()
    first, second = (actions.add_site(owner, by=by, once_key=key, **PLACE) for _ in range(2))
    assert first == second and Site.objects.count() == 1
    new = NewDevice("monobloc", [plate_of(found)])
    devices = [actions.add_device(first, new, by=by, once_key=key) for _ in range(2)]
    assert devices[0] == devices[1] and Device.objects.count() == 1
    event = Event.objects.get(verb="device.added")
    assert event.data == {"name": f"{new.nameplates[0].model} {new.nameplates[0].serial}"}


@pytest.mark.django_db(transaction=True)
def test_a_double_click_adds_one_site_and_one_device():
    owner, found = customer(), unit()
    by, key, new = owner.members.get(), uuid.uuid4(), NewDevice("monobloc", [plate_of(found)])
    sites = side_by_side(*[lambda: actions.add_site(owner, by=by, once_key=key, **PLACE)] * 2)
    assert sites[0] == sites[1] == Site.objects.get()
    devices = side_by_side(*[lambda: actions.add_device(sites[0], new, by=by, once_key=key)] * 2)
    assert devices[0] == devices[1] == Device.objects.get()


def test_a_site_is_named_by_building_and_address_until_it_gets_a_name():
    place = site(street="ul. Leśna 7", postcode="05-500", city="Piaseczno")
    assert place.name == "Detached house, ul. Leśna 7, 05-500 Piaseczno"
    actions.change_site(place, by=owner_of(place), own_name="Summer house")
    place.refresh_from_db()
    assert place.name == "Summer house"
    assert Event.objects.about(place).get().data == {"changed": {"own_name": ["", "Summer house"]}}


def test_a_site_that_did_not_change_leaves_no_event():
    place = site()
    actions.change_site(place, by=owner_of(place), city=place.city)
    assert not Event.objects.exists()


def test_a_device_moves_within_a_customer_only():
    here = device()
    with pytest.raises(Refused, match="same customer"):
        actions.change_device(here, name="X", site=site(), by=owner_of(here))
    there = site(here.site.customer)
    actions.change_device(here, name="Garage", site=there, by=owner_of(here))
    here.refresh_from_db()
    assert (here.name, here.site) == ("Garage", there)
    assert {event.verb for event in Event.objects.about(here)} == {"device.changed", "device.moved"}


def test_a_device_has_the_nameplates_of_its_kind():
    place, found = site(), unit()
    with pytest.raises(Refused, match="A monobloc has one unit"):
        actions.add_device(place, NewDevice("split", [plate_of(found)]), by=owner_of(place))
    assert not Device.objects.exists()


def test_a_free_unit_is_attached_as_the_register_writes_it():
    found, home = unit(product(code="CT-M08"), serial="AB-1205-77"), site()
    typed = NewDevice("monobloc", [Nameplate("monobloc", "ct m08", "ab120577")])
    place = actions.add_device(home, typed, by=owner_of(home)).units.get()
    assert (place.unit, place.model, place.serial) == (found, "CT-M08", "AB-1205-77")
    assert place.device.name == "CT-M08"


def test_a_held_unit_is_not_attached_to_another():
    held = device().units.get().unit
    assert added(held).unit is None
    assert not Claim.objects.exists()


def test_the_database_gives_a_unit_to_one_device_only():
    held = device().units.get().unit
    with pytest.raises(IntegrityError), transaction.atomic():
        DeviceUnit.objects.filter(pk=waiting().pk).update(unit=held)
    assert DeviceUnit.objects.filter(unit=held).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_attach_one_unit_at_once_one_wins():
    found, places = unit(), [site(), site()]
    by = {place.pk: place.customer.members.get() for place in places}

    def add(place: Site) -> Device:
        return actions.add_device(place, NewDevice("monobloc", [plate_of(found)]), by=by[place.pk])

    outcomes = side_by_side(lambda: add(places[0]), lambda: add(places[1]))
    assert all(isinstance(outcome, Device) for outcome in outcomes), outcomes
    assert sorted(outcome.units.get().unit is None for outcome in outcomes) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_of_two_clerks_who_confirm_one_number_at_once_one_wins():
    of, checks, by = product(), [nameplate_check(), nameplate_check()], [person(), person()]

    def confirm(place: int) -> Any:
        return actions.confirm_nameplate(checks[place], product=of, serial="NEW-1", by=by[place])

    outcomes = side_by_side(lambda: confirm(0), lambda: confirm(1))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NameplateCheck", "Refused"], outcomes


# The register catches up


@pytest.fixture
def at_leisure(monkeypatch) -> Callable[[str], threading.Event]:
    """Lets the first who takes this step of an act wait behind it until somebody waits for them."""

    def slow_down(step: str) -> threading.Event:
        taken, take = threading.Event(), getattr(actions, step)

        def slow(*given: Any, **named: Any) -> Any:
            found = take(*given, **named)
            taken.set()
            until_somebody_waits_for_me()
            return found

        monkeypatch.setattr(actions, step, slow)
        return taken

    return slow_down


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["confirm", "correct"])
def test_who_has_a_nameplate_and_who_imports_its_unit_never_wait_for_each_other(at_leisure, act):
    place, of, by = waiting(), product(code="CT-M08"), clerk("manager")
    owner, table = owner_of(place.device), document(b"model,serial\nCT-M08,AB-1", "units.csv")
    check = NameplateCheck.objects.create(device_unit=place) if act == "confirm" else None
    taken = at_leisure("_open_case" if check else "_demand_owner")

    def work() -> Any:
        if check:
            return actions.confirm_nameplate(check, product=of, serial="AB-1", by=by)
        return actions.correct_nameplate(place, Nameplate("monobloc", "CT-M08", "AB-1"), by=owner)

    outcomes = side_by_side(work, lambda: taken.wait(60) and actions.import_table(table, Unit, by=by))
    assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
    place.refresh_from_db()
    assert place.unit == Unit.objects.get()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("enters", ["unit", "product"])
def test_who_confirms_a_nameplate_and_who_enters_what_it_waits_for_never_wait_for_each_other(at_leisure, enters):
    of, by, taken = product(code="CT-M08"), clerk("manager"), at_leisure("_open_case")
    check = nameplate_check(waiting().device)
    if enters == "product":
        unit(of, serial="AB-1")
        of.code = "CT-M8"
    serial = "AB-2" if enters == "product" else "AB-1"

    def enter() -> Any:
        assert taken.wait(60)
        if enters == "product":
            return actions.save_product(of, by=by)
        return actions.save_unit(Unit(product=of, serial="AB-1"), by=by)

    outcomes = side_by_side(lambda: actions.confirm_nameplate(check, product=of, serial=serial, by=by), enter)
    # A unit that the clerk has entered meanwhile is not entered again.
    assert [type(one).__name__ for one in outcomes] == [
        "NameplateCheck", "Product" if enters == "product" else "Refused",
    ], outcomes  # fmt: skip
    check.device_unit.refresh_from_db()
    assert check.device_unit.unit.serial == serial


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["confirm", "save"])
def test_who_attaches_a_unit_and_who_imports_the_products_of_the_device_never_wait_for_each_other(at_leisure, act):
    """The first has the device; whether the new unit's product is there is looked at when all is written."""
    inner, outer, by = product("indoor"), product("outdoor", code="CT-M08"), clerk("manager")
    place = device(kind="split", units=[unit(outer)]).units.get(role="indoor")
    place.model, place.serial = inner.code, "AB-1"
    place.save()
    table = document(b"model,name,maker,role\nCT-M08,Another name,Maker,outdoor", "products.csv")
    check = NameplateCheck.objects.create(device_unit=place)
    taken = at_leisure("_close_case" if act == "confirm" else "attach_waiting")

    def attach() -> Any:
        if act == "confirm":
            return actions.confirm_nameplate(check, product=inner, serial="AB-1", by=by)
        return actions.save_unit(Unit(product=inner, serial="AB-1"), by=by)

    outcomes = side_by_side(attach, lambda: taken.wait(60) and actions.import_table(table, Product, by=by))
    assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
    place.refresh_from_db()
    assert place.unit.serial == "AB-1" and Product.objects.filter(name="Another name").exists()


def test_a_unit_that_comes_in_attaches_the_device_that_waited_and_its_owner_is_told_once():
    check = nameplate_check(waiting().device)
    place, by = check.device_unit, clerk()
    new = unit(product(code="CT-M08"), serial="ab1")
    assert actions.attach_waiting([new.key], by=by) == 1
    assert actions.attach_waiting([new.key], by=by) == 0
    place.refresh_from_db()
    check.refresh_from_db()
    assert (place.unit, check.decision, check.decided_by) == (new, "attached", by)
    assert Message.objects.get().kind == "devices/unit_attached"


def test_saving_a_unit_attaches_what_waited_for_it():
    place = waiting()
    actions.save_unit(Unit(product=product(code="CT-M08"), serial="AB 1"), by=clerk())
    place.refresh_from_db()
    assert place.unit.serial == "AB 1"


def test_a_device_waits_for_its_own_model_and_kind():
    place = waiting()
    actions.save_unit(Unit(product=product(code="CT-M16"), serial="AB-1"), by=clerk())
    place.refresh_from_db()
    assert place.unit is None and not Message.objects.exists()


def test_whoever_waits_longest_gets_the_unit():
    first, second = waiting(), waiting()
    actions.save_unit(Unit(product=product(code="CT-M08"), serial="AB-1"), by=clerk())
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.unit and second.unit is None


def test_a_number_corrected_after_a_refused_claim_attaches_itself_too():
    refused = factories.claim()
    actions.refuse_claim(refused, answer="The deed names somebody else.", by=clerk())
    place = refused.device_unit
    plate = Nameplate("monobloc", "CT-M08", "AB-1", photos=[document()])
    actions.correct_nameplate(place, plate, by=owner_of(place.device))
    actions.save_unit(Unit(product=product(code="CT-M08"), serial="AB-1"), by=clerk())
    place.refresh_from_db()
    assert place.unit.serial == "AB-1"


def test_a_unit_in_a_device_keeps_its_number():
    held = device().units.get().unit
    held.serial = "OTHER"
    with pytest.raises(Refused, match="only the date"):
        actions.save_unit(held, by=clerk())
    with pytest.raises(Refused, match="already"):
        actions.save_unit(Unit(product=held.product, serial=Unit.objects.get().serial.lower()), by=clerk())


# Nameplates on a clerk's desk


def test_a_confirmed_nameplate_enters_the_register_and_the_owner_is_told():
    check, of, by = nameplate_check(), product(), clerk()
    actions.confirm_nameplate(check, product=of, serial="NEW-1", by=by)
    place = DeviceUnit.objects.get()
    assert (place.unit.serial, place.unit.product, place.model) == ("NEW-1", of, of.code)
    assert Message.objects.get().kind == "devices/unit_attached"
    with pytest.raises(Refused, match=f"{by} has answered this case already"):
        actions.refuse_nameplate(check, answer="No.", by=clerk())


def test_a_unit_that_was_in_the_register_is_not_entered_again():
    known = unit()
    actions.confirm_nameplate(nameplate_check(), product=known.product, serial=known.serial, by=clerk())
    assert Unit.objects.count() == 1
    assert not Event.objects.filter(verb="unit.registered").exists()


def test_a_nameplate_is_not_confirmed_with_another_kind_number_or_holder():
    check, held = nameplate_check(), device().units.get().unit
    for words, of, serial in [
        ("another kind of unit", product("indoor"), "NEW-1"),
        ("under another product", product(), held.serial),
        ("Another device holds", held.product, held.serial),
        ("neither letters nor digits", product(), " - "),
    ]:
        with pytest.raises(Refused, match=words):
            actions.confirm_nameplate(check, product=of, serial=serial, by=clerk())
    check.refresh_from_db()
    assert check.decision == "" and Unit.objects.count() == 1


def test_a_refused_nameplate_needs_words_and_can_be_corrected():
    check = nameplate_check()
    with pytest.raises(Refused, match="Say why"):
        actions.refuse_nameplate(check, answer=" ", by=clerk())
    actions.refuse_nameplate(check, answer="The photo is blurred.", by=clerk())
    assert "The photo is blurred." in Message.objects.get().text
    found = unit()
    actions.correct_nameplate(check.device_unit, plate_of(found), by=owner_of(check.device_unit.device))
    assert DeviceUnit.objects.get().unit == found
    assert Event.objects.filter(verb="unit.corrected").count() == 1


def test_what_is_confirmed_or_on_a_desk_is_not_corrected():
    confirmed, on_desk, claimed = device().units.get(), nameplate_check().device_unit, factories.claim().device_unit
    for place, words in [(confirmed, "is confirmed"), (on_desk, "looking at"), (claimed, "looking at")]:
        with pytest.raises(Refused, match=words):
            actions.correct_nameplate(place, plate_of(unit()), by=owner_of(place.device))
    assert not Event.objects.exists()


def test_whoever_guessed_too_often_gets_no_answer_from_the_register():
    place = added(unit(), looked_up=False, photos=[document()])
    assert place.unit is None
    assert NameplateCheck.objects.get().device_unit == place


# Claims


def test_a_granted_claim_moves_the_unit_and_tells_both_without_naming_the_new_owner():
    loser = device(site(customer(members=[person(language="en")], name="Alt")))
    unit_ = loser.units.get().unit
    winner = device(site(customer(members=[person(language="en")], name="Jan Nowy")), units=[])
    case = factories.claim(winner, held=unit_)
    actions.grant_claim(case, by=clerk(), answer="The deed is clear.")
    assert winner.units.get().unit == unit_ and loser.units.get().unit is None
    letters = {letter.recipient: letter for letter in Message.objects.all()}
    told = letters[loser.site.customer.members.get().email]
    assert told.kind == "devices/unit_transferred"
    assert "Nowy" not in told.text + told.subject and "Nowy" not in str(Event.objects.about(loser).values())
    assert letters[winner.site.customer.members.get().email].kind == "devices/claim_granted"


def test_a_refused_claim_leaves_the_unit_and_needs_words():
    case = factories.claim()
    holder = DeviceUnit.objects.get(unit__isnull=False)
    with pytest.raises(Refused, match="Say why"):
        actions.refuse_claim(case, answer="", by=clerk())
    actions.refuse_claim(case, answer="The deed names somebody else.", by=clerk())
    holder.refresh_from_db()
    assert holder.unit and Message.objects.get().kind == "devices/claim_refused"


def test_the_second_clerk_is_told_who_was_first():
    case, first = factories.claim(), clerk(first_name="Ewa", last_name="Pierwsza")
    actions.refuse_claim(case, answer="No.", by=first)
    with pytest.raises(Refused, match="Ewa Pierwsza has answered this case already: refused"):
        actions.grant_claim(case, by=clerk())
    assert Event.objects.filter(verb__startswith="claim.").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_one_answer():
    case, first, second = factories.claim(), person(), person()
    outcomes = side_by_side(
        lambda: actions.grant_claim(case, by=first), lambda: actions.refuse_claim(case, answer="No.", by=second)
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Claim", "Refused"], outcomes


def test_the_database_keeps_decisions_whole_and_cases_single():
    case, check = factories.claim(), nameplate_check()
    for rows, name in (
        (Claim.objects.filter(pk=case.pk), "claim"),
        (NameplateCheck.objects.filter(pk=check.pk), "nameplate"),
    ):
        with pytest.raises(IntegrityError, match=f"{name}_decision_whole"), transaction.atomic():
            rows.update(decision="refused")
    with pytest.raises(IntegrityError, match="one_open_claim"), transaction.atomic():
        Claim.objects.create(device_unit=case.device_unit, reason="Again.")
    with pytest.raises(IntegrityError, match="one_open_nameplate_check"), transaction.atomic():
        NameplateCheck.objects.create(device_unit=check.device_unit)
    assert Claim.objects.count() == NameplateCheck.objects.count() == 1
