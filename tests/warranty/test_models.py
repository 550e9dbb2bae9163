"""What the database itself knows of warranties."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from portal.files.models import Document
from tests import factories as make
from warranty.models import (
    CODE_SIGNS,
    Cover,
    ServiceRecord,
    WarrantyCard,
    WarrantyRule,
    new_check_code,
    read_check_code,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("change", [{"months": 12}, {"valid_from": date(2020, 1, 1)}, {"version": 7}])
def test_a_published_rule_cannot_be_changed(change):
    rule = make.warranty_rule(valid_from=date(2021, 1, 1))
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        WarrantyRule.objects.filter(pk=rule.pk).update(**change)


@pytest.mark.parametrize("change", [{"facts": {}}, {"number": "KG/1"}, {"language": "cs"}, {"check_code": "X"}])
def test_an_issued_card_keeps_its_words(change):
    card = make.warranted().warranty_cards.get()
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        WarrantyCard.objects.filter(pk=card.pk).update(**change)


def test_neither_a_rule_nor_a_card_is_deleted():
    card = make.warranted().warranty_cards.get()
    Cover.objects.all().delete()
    for rows in (WarrantyCard.objects.filter(pk=card.pk), WarrantyRule.objects.all()):
        with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
            rows.delete()
    assert WarrantyCard.objects.count() == WarrantyRule.objects.count() == 1


def test_the_pdf_of_a_card_is_set_once():
    card = make.warranted().warranty_cards.get()
    cards = WarrantyCard.objects.filter(pk=card.pk)
    cards.update(pdf=make.document())
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        cards.update(pdf=make.document())


def test_the_rule_in_force_is_the_latest_version_that_began():
    pump = make.device()
    old, new = make.warranty_rule(pump), make.warranty_rule(pump, valid_from=date(2024, 6, 1))
    rules, product = WarrantyRule.objects, old.product
    assert rules.in_force(product, date(2024, 5, 31)) == old and rules.in_force(product, date(2024, 6, 1)) == new
    assert (
        rules.in_force(product, date(2019, 12, 31)) is None and rules.in_force(make.product(), date(2025, 1, 1)) is None
    )


def test_a_device_is_started_up_once():
    pump = make.warranted()
    with pytest.raises(IntegrityError, match="one_start_up_per_device"), transaction.atomic():
        ServiceRecord.objects.create(device=pump, kind="start_up", done_on=date(2024, 4, 1), order_number="ZL/99")


def test_one_card_of_a_device_is_the_last():
    card = make.warranted().warranty_cards.get()
    with pytest.raises(IntegrityError, match="one_last_card_per_device"), transaction.atomic():
        second_card(card)


def second_card(card: WarrantyCard) -> None:
    """Looked at now, as on commit."""
    WarrantyCard.objects.create(number="KG/2", device=card.device, facts=card.facts, digest="", language="pl")
    connection.check_constraints()


@pytest.mark.parametrize("half", ["replaced_at", "replaced_by"])
def test_replaced_is_whole(half):
    card, other = make.warranted().warranty_cards.get(), make.warranted().warranty_cards.get()
    value = other if half == "replaced_by" else timezone.now()
    with pytest.raises(IntegrityError, match="card_replaced_whole"), transaction.atomic():
        WarrantyCard.objects.filter(pk=card.pk).update(**{half: value})


def test_the_first_and_the_last_day_belong_to_the_warranty():
    card = WarrantyCard(facts={"starts_on": "2023-03-01", "ends_on": "2028-03-01"})
    days = [date(2023, 2, 28), date(2023, 3, 1), date(2028, 3, 1), date(2028, 3, 2)]
    assert [card.state_on(day) for day in days] == ["ended", "valid", "valid", "ended"]


def test_covers_are_found_by_their_next_inspection():
    cover = make.warranted().cover
    day = cover.next_inspection_on
    assert day == date(2025, 3, 1)
    assert list(Cover.objects.overdue(date(2025, 3, 2))) == [cover] and not Cover.objects.overdue(day)


@pytest.mark.parametrize("model", [Cover, ServiceRecord, WarrantyCard])
def test_owner_and_colleague_see_it_and_a_stranger_does_not(model):
    owner, colleague = make.person(), make.person()
    make.warranted(make.device(make.site(make.customer(members=[owner, colleague])), purchased_on=date(2024, 2, 1)))
    for member in (owner, colleague):
        assert model.objects.visible_to(member).count() == 1
    for other in (make.customer().members.get(), make.partner().people.get().user, AnonymousUser()):
        assert not model.objects.visible_to(other).exists()


def test_the_pdf_is_for_the_customers_members_and_for_staff_who_look_cards_up():
    owner, kept = make.person(), make.document()
    pump = make.warranted(make.device(make.site(make.customer(members=[owner])), purchased_on=date(2024, 2, 1)))
    pump.warranty_cards.update(pdf=kept)
    assert list(Document.objects.visible_to(owner)) == [kept]
    assert not Document.objects.visible_to(make.customer().members.get()).exists()
    assert not Document.objects.visible_to(make.person(is_staff=True)).exists()
    assert list(Document.objects.visible_to(make.person(is_staff=True, is_superuser=True))) == [kept]


def test_a_check_code_is_long_enough_and_read_as_people_type_it():
    codes = {new_check_code() for _number in range(200)}
    assert len(codes) == 200 and all(set(code) <= set(CODE_SIGNS) and len(code) == 12 for code in codes)
    assert read_check_code(" abcd-efgh jkmn ") == "ABCDEFGHJKMN"
