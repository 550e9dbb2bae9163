"""What the register tells of a nameplate, and what it never tells."""

from datetime import timedelta

import pytest
from django.utils import timezone

from devices import lookup
from devices.models import SerialLookup
from tests.factories import customer, device, product, site, unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def pump():
    return unit(product(code="CT-M08"), serial="AB-1205-77")


def look(serial: str, *, model: str = "CT-M08", role: str = "monobloc", asker: str = "ip:1", customers=()):
    return lookup.look_up(model=model, serial=serial, role=role, askers=[asker], customers=customers)


@pytest.mark.parametrize(
    ("serial", "model"), [("AB-1205-77", "CT-M08"), ("ab120577", "ct m08"), (" a b1 2-05 77", "CTM08")]
)
def test_a_unit_is_found_however_it_is_written(pump, serial, model):
    finding = look(serial, model=model)
    assert (finding.state, finding.unit) == (lookup.FOUND, pump)
    assert not SerialLookup.objects.exists()


@pytest.mark.parametrize("serial", ["ABI20577", "AB12O577", "A81205I7".replace("I7", "77")])
def test_a_look_alike_gets_a_hint_at_its_place(pump, serial):
    finding = look(serial)
    assert finding.state == lookup.UNKNOWN
    assert "easily mistaken" in finding.sentence


@pytest.mark.parametrize("serial", ["AB120576", "AB12057", "AB1205777", "BA120577"])
def test_a_neighbour_of_the_same_model_gets_a_hint(pump, serial):
    assert "differs in just one place" in look(serial).sentence
    assert "differs" not in look(serial, model="CT-M16").sentence


@pytest.mark.parametrize("serial", ["ABI20577", "AB120576", "AB12057", "XX120577", "AB-1205-77"])
def test_no_hint_names_another_number_or_owner(pump, serial):
    device(site(customer(name="Jan Tajny")), units=[pump])
    finding = look(serial)
    assert finding.state != lookup.FOUND
    for secret in ("AB120577", "AB-1205-77", "Tajny", "Leśna"):
        assert secret not in finding.sentence


def test_a_number_of_another_model_or_another_nameplate(pump):
    product(code="CT-M16")
    other = look("AB120577", model="CT-M16")
    assert other.state == lookup.WRONG_MODEL and "does not fit this model" in other.sentence
    side = look("AB120577", role="outdoor")
    assert side.state == lookup.WRONG_MODEL and "which nameplate" in side.sentence


def test_an_unknown_model_is_told(pump):
    assert "do not know this model" in look("ZZZ999", model="NOPE").sentence


def test_a_held_unit_is_taken_for_others_and_own_for_its_owner(pump):
    holder = device(units=[pump]).site.customer
    assert look("AB120577").state == lookup.TAKEN
    own = look("AB120577", customers=[holder.pk])
    assert own.state == lookup.OWN and "among your devices" in own.sentence


def test_guessing_ends_after_ten_misses_for_this_asker_alone(pump):
    for number in range(10):
        assert look(f"WRONG{number}").state == lookup.UNKNOWN
    assert look("AB120577").state == lookup.TOO_MANY
    assert look("WRONG99").state == lookup.TOO_MANY
    assert look("AB120577", asker="ip:2").state == lookup.FOUND


def test_what_is_said_after_too_many_misses_is_the_same_for_every_number(pump):
    for number in range(10):
        look(f"WRONG{number}")
    assert {look(serial).sentence for serial in ("AB120577", "AB120576", "ZZZ")} == {look("").sentence}


def test_the_same_number_again_is_no_new_guess(pump):
    for _ in range(12):
        assert look("WRONG1").state == lookup.UNKNOWN


def test_wrong_models_are_guesses_too(pump):
    for number in range(10):
        unit(pump.product, serial=f"OTHER{number}")
        assert look(f"OTHER{number}", model="CT-M16").state == lookup.WRONG_MODEL
    assert look("AB120577").state == lookup.TOO_MANY


def test_after_an_hour_one_may_look_again(pump):
    for number in range(10):
        look(f"WRONG{number}")
    SerialLookup.objects.update(at=timezone.now() - timedelta(minutes=61))
    assert look("AB120577").state == lookup.FOUND


def test_a_hint_costs_few_queries(pump, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        look("AB120576")
