"""Each field of each table has a class, and an erasure leaves nothing of a person anywhere in the database."""

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import InternalError, connection, models, transaction
from django.db.models import F
from phonenumber_field.modelfields import PhoneNumberField

from accounts import erasing
from accounts.takeout import parts
from portal.events import Event, record
from portal.own_data import without_people
from portal.privacy import ERASED, HIDDEN, REASONS, REGISTRY, Fate, Kind
from tests import factories, worlds

MODELS = [model for model in apps.get_models() if not model._meta.proxy]
MARK, PHONE, ADDRESS = "Qzxv", "+48509876123", "203.0.113.77"


@pytest.mark.parametrize("model", MODELS, ids=[model._meta.label for model in MODELS])
def test_each_field_has_one_privacy_class(model):
    entry = REGISTRY.get(model._meta.label_lower)
    assert entry, f"declare {model._meta.label} in {model._meta.app_label}/privacy.py"
    columns = [*model._meta.concrete_fields, *model._meta.local_many_to_many]
    assert set(entry.kinds) == {column.name for column in columns}


@pytest.mark.parametrize("entry", REGISTRY.values(), ids=REGISTRY)
def test_each_table_says_what_an_erasure_does(entry):
    assert entry.is_about_somebody == (entry.fate != Fate.STAYS)
    assert bool(entry.why) == (entry.fate == Fate.BLANKED)
    assert not entry.why or entry.why in REASONS
    columns = entry.of_kind(*ERASED)
    if entry.fate == Fate.BLANKED:
        odd = [c.name for c in columns if not isinstance(c, models.CharField | models.TextField) and not c.null]
        assert set(odd) <= set(entry.left) | {"data"}, "say what is left in these"


def test_whatever_belongs_to_a_customer_is_about_somebody():
    owned = {model._meta.label_lower for model in MODELS if hasattr(model, "customer_path")}
    assert owned <= {label for label, entry in REGISTRY.items() if entry.customer is not None}


def test_an_export_says_what_each_of_its_tables_holds():
    assert not [entry.label for entry in parts() if not entry.holds]


def test_an_export_knows_each_table_that_is_about_somebody():
    left_out = {label for label, entry in REGISTRY.items() if entry.is_about_somebody and not entry.exported}
    assert left_out == {
        "accounts.dataexport", "account.emailconfirmation", "devices.seriallookup", "orders.offer",
        "portal.document", "sessions.session",
    }  # fmt: skip
    assert all(set(entry.kinds.values()) - HIDDEN for entry in parts())


def planted(column: models.Field):
    """Something in the column that leads to the person, of its type."""
    if isinstance(column, models.EmailField):
        return models.functions.Concat(
            models.Value(MARK.lower()), models.functions.Cast(F("pk"), models.CharField()), models.Value("@example.com")
        )
    if isinstance(column, PhoneNumberField):
        return PHONE
    if isinstance(column, models.GenericIPAddressField):
        return ADDRESS
    return {"person": MARK} if isinstance(column, models.JSONField) else MARK


def plant(entry, rows) -> None:
    """Into every column that an erasure has to empty, as far as the constraints let something in."""
    values = {column.name: planted(column) for column in entry.of_kind(*ERASED)}
    if entry.label == "devices.seriallookup":
        values = {}  # the column that leads to the person is what finds the row
    if entry.label == "warranty.warrantycard":
        facts = {card.pk: card.facts for card in rows}
        for pk, known in facts.items():
            rows.filter(pk=pk).update(facts=known | {"owner": known["owner"] | {"name": MARK}, "installer": MARK})
        values = {}
    if entry.label == "orders.protocol":
        rows.filter(version=1).update(signed_name=values.pop("signed_name"))
        rows.filter(version=2).update(correction=values.pop("correction"))
    if values:
        rows.update(**values)


def tables_with(*words: str) -> set[str]:
    """What is left anywhere; sessions are looked into, since what they hold is packed."""
    sessions = [str(session.get_decoded()).lower() for session in Session.objects.all()]
    found = {"django_session"} if any(word.lower() in data for word in words for data in sessions) else set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            for word in words:
                cursor.execute(f'SELECT 1 FROM "{table}" AS t WHERE t::text ILIKE %s LIMIT 1', [f"%{word}%"])
                found |= {table} if cursor.fetchone() else set()
    return found


@pytest.mark.django_db
def test_after_an_erasure_nothing_of_a_person_is_left_in_any_table():
    customer = worlds.full_of_data()
    person = customer.members.get()
    found = erasing.plan(customer)
    about = {label for label, entry in REGISTRY.items() if entry.is_about_somebody}
    # Whoever is in a team does not go with a customer.
    missing = about - {label for label, pks in found.rows.items() if pks} - {"accounts.partnermembership"}
    assert not missing, "tests/worlds.py makes a row of each table"
    addresses = person.email, person.phone.as_e164
    assert "django_session" in tables_with(*addresses)
    with erasing.erasing():
        for entry, pks in found.touched:
            plant(entry, entry.model._default_manager.filter(pk__in=pks))
    assert len(tables_with(MARK, PHONE, ADDRESS)) > 20
    erasing.carry_out(found)
    assert tables_with(MARK, PHONE, ADDRESS, *addresses) == set()


@pytest.mark.django_db
def test_after_an_account_is_closed_nothing_of_the_person_is_left_in_any_table():
    person, other = worlds.person_full_of_data(), worlds.full_of_data()
    before, address = worlds.told(other), person.email
    factories.partner(people=[person])
    found = erasing.plan_of_account(person)
    tables = {label for label, entry in REGISTRY.items() if entry.person is not None}
    assert tables <= {label for label, pks in found.rows.items() if pks}
    with erasing.erasing():
        for entry, pks in found.touched:
            plant(entry, entry.model._default_manager.filter(pk__in=pks))
    erasing.carry_out(found)
    assert tables_with(MARK, PHONE, ADDRESS, address) == set()
    assert worlds.told(other) == before


@pytest.mark.django_db
def test_an_erasure_touches_nobody_else():
    customer, other = worlds.full_of_data(), worlds.full_of_data()
    before = worlds.told(other)
    erasing.carry_out(erasing.plan(customer))
    assert worlds.told(other) == before


@pytest.mark.django_db
def test_the_door_lets_words_out_of_the_trail_and_nothing_else():
    event = record("site.added", by=None, about=[factories.site()], reason="Ask Anna")
    with pytest.raises(InternalError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(reason="")
    with erasing.erasing():
        Event.objects.filter(pk=event.pk).update(reason="")
        with pytest.raises(InternalError), transaction.atomic():
            Event.objects.filter(pk=event.pk).update(verb="other")
        with pytest.raises(InternalError), transaction.atomic():
            event.delete()
    with pytest.raises(InternalError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(reason="x")


def test_the_facts_of_the_trail_keep_numbers_and_no_words():
    facts = {"number": "ZL/2026/11/00001", "name": "Anna's", "version": 2, "count": 3, "changed": {"name": ["a", "b"]}}
    assert without_people("unit.added", facts) == facts | {"name": "–", "changed": {}}


def test_numbers_of_cards_and_units_that_were_replaced_stay_and_names_of_devices_do_not():
    facts = {"old": "KG/2026/000001"}
    assert without_people("warranty.card_replaced", facts) == without_people("unit.corrected", facts) == facts
    assert without_people("device.renamed", facts) == without_people("no.such", facts) == {"old": "–"}


def test_files_of_rows_that_stay_can_be_taken_away():
    for entry in REGISTRY.values():
        if entry.fate == Fate.BLANKED:
            assert all(column.null or column.many_to_many for column in entry.of_kind(Kind.FILE)), entry.label
