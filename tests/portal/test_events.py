"""The audit trail: written with the change, never changed after it."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import InternalError, connection, transaction
from django.utils import translation

from accounts.models import Subject, User
from portal.events import VERBS, Event, key, record
from tests.factories import device, order_in_review, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

APPS = ["portal", "accounts", "devices", "services", "warranty", "orders"]


@pytest.fixture
def event():
    return record("site.added", by=person(), about=[device()], reason="Because.")


@pytest.mark.parametrize(
    "change",
    [
        lambda event: Event.objects.filter(pk=event.pk).update(reason="x"),
        lambda event: Event.objects.filter(pk=event.pk).delete(),
        lambda event: event.delete(),
        lambda event: event.save(),
        lambda event: connection.cursor().execute("UPDATE portal_event SET verb = 'x'"),
        lambda event: connection.cursor().execute("DELETE FROM portal_event"),
    ],
)
def test_the_trail_cannot_be_changed_by_any_way(event, change):
    with pytest.raises(InternalError, match="cannot be changed"), transaction.atomic():
        change(event)
    assert Event.objects.get().reason == "Because."


@pytest.mark.parametrize("setting", ["off", ""])
def test_the_trail_cannot_be_emptied_outside_of_tests(event, setting):
    cursor = connection.cursor()
    with pytest.raises(InternalError, match="cannot be changed"), transaction.atomic():
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL obok.tests = '{setting}'; TRUNCATE portal_event")
    assert Event.objects.exists()


def test_the_trail_outlives_the_person(event):
    actor = event.actor
    actor.delete()
    assert not User.objects.filter(pk=actor.pk).exists()
    kept = Event.objects.get(pk=event.pk)
    assert kept.actor_id == event.actor_id


def test_a_page_can_still_show_what_a_deleted_person_did(client):
    order = order_in_review()
    gone = person()
    record("proof.answered", by=gone, about=[order], data={"number": order.number})
    gone.delete()
    client.force_login(order.created_by)
    answer = client.get(f"/orders/{order.pk}/")
    assert answer.status_code == 200 and "Our question answered" in answer.content.decode()


def test_an_event_is_gone_with_the_change_that_failed():
    def fail() -> None:
        record("site.added", by=None, about=[])
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"), transaction.atomic():
        fail()
    assert not Event.objects.exists()


def test_a_timeline_is_one_query_newest_first(django_assert_num_queries):
    thing, other = device(), device()
    for verb, about in [("device.added", [thing]), ("device.moved", [thing, other]), ("device.added", [other])]:
        record(verb, by=person(), about=about)
    with django_assert_num_queries(1):
        found = [(event.verb, event.actor.first_name) for event in Event.objects.about(thing)]
    assert found == [("device.moved", "Anna"), ("device.added", "Anna")]
    assert key(thing) == f"devices.device:{thing.pk}"


def test_an_unknown_verb_shows_itself_to_staff_alone():
    event = record("old.verb", by=None, about=[])
    assert event.sentence == "old.verb" and event.staff_only_verb and event.tone == "neutral"


def test_a_date_is_written_in_the_readers_way():
    event = record("purchase.confirmed", by=None, about=[], data={"date": "2024-06-01"})
    with translation.override("pl"):
        assert "01.06.2024" in event.sentence


def code() -> str:
    files = (path for app in APPS for path in Path(settings.BASE_DIR, app).rglob("*.py"))
    return "\n".join(path.read_text() for path in files)


def test_every_verb_that_the_code_records_is_described():
    words = set(re.findall(r'[^_]record\(\s*f?"([^"]+)"', code())) | set(
        re.findall(r'"([a-z]+\.[a-z]+)" if \w+ else', code())
    )
    words |= {f"proof.{act}" for act in re.findall(r'_record\("(\w+)"', code())}
    words |= {"unit.registered", "product.added", "partner.approved", "partner.refused"}
    plain = {word for word in words if "{" not in word}
    assert len(plain) > 20
    assert plain <= set(VERBS), plain - set(VERBS)


def test_every_described_verb_is_recorded_somewhere():
    text = code()
    for verb in VERBS:
        app_word, act = verb.split(".")
        if app_word in {"consent", *Subject.values}:
            assert 'f"{subject}.{said.act}"' in text
            continue
        assert text.count(f'"{verb}"') > 1 or f'_record("{act}"' in text or f'f"{app_word}.{{' in text, verb


def test_every_sentence_can_be_told_with_the_facts_that_are_recorded():
    facts = {
        "number": "ZL/1",
        "serial": "S",
        "old": "O",
        "model": "M",
        "date": "2024-06-01",
        "added": 1,
        "version": "1",
        "changed": 2,
        "list": "accounts.customer",
        "rows": 3,
        "partner": "P",
        "engineer": "E",
        "moment": "2024-06-01T09:00:00+00:00",
        "protocol": "PR/1",
        "person": "Anna",
        "grade": "full",
        "company": "Obok",
        "service": "Inspection",
        "services": "Inspection, repair",
    }
    for name, verb in VERBS.items():
        assert str(verb.sentence) % facts, name
        assert str(verb.unnumbered) % {"date": facts["date"]} or not verb.unnumbered, name


@pytest.mark.parametrize(
    ("data", "told"), [({"name": "Boiler room, 100%"}, "Device added: Boiler room, 100%"), ({}, "Device added")]
)
def test_a_name_is_told_where_it_was_recorded(data, told):
    with translation.override("en"):
        assert Event(verb="device.added", data=data).sentence == told
