"""A copy of the data: what is in it for whom, and that a worker may die at any moment."""

import csv
import io
import json
import os
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import takeout, tasks
from accounts.actions import exports
from accounts.actions.exports import ask_export, make_export
from accounts.models import DataExport, Membership
from accounts.takeout import parts
from portal.events import Event
from portal.outbox.models import Message
from portal.outbox.queue import send
from portal.privacy import HIDDEN, REGISTRY
from tests import factories, worlds

pytestmark = pytest.mark.django_db


def made(customer, person) -> DataExport:
    export = ask_export(customer, by=person)
    make_export(export.pk)
    export.refresh_from_db()
    return export


def opened(export: DataExport) -> zipfile.ZipFile:
    return zipfile.ZipFile(default_storage.path(export.file.name))


def table(archive: zipfile.ZipFile, name: str) -> list[dict]:
    return json.loads(archive.read(f"data/{name}.json"))


@pytest.fixture
def customer():
    known = worlds.full_of_data()
    known.exports.all().delete()
    return known


def test_it_has_each_table_each_open_field_and_the_files(customer):
    person = customer.members.get()
    archive = opened(made(customer, person))
    for entry in parts():
        rows = table(archive, entry.label.replace(".", "-"))
        if entry.label == "accounts.partnermembership":
            continue  # of people who are in a team
        assert rows, entry.label
        if entry.told is None:
            assert set(rows[0]) == {name for name, kind in entry.kinds.items() if kind not in HIDDEN}, entry.label
    assert table(archive, "accounts-customer")[0]["name"] == "Wanda Wilk"
    proof = next(row for row in table(archive, "orders-order") if row["kind"] == "purchase_proof")
    assert archive.read(proof["documents"][0]) == factories.PDF
    readme = archive.read("README.txt").decode()
    assert "Wanda Wilk" in readme and "data/orders-protocol.json, .csv" in readme
    assert str(REGISTRY["orders.protocol"].holds) in readme


def test_its_tables_open_in_a_spreadsheet_and_are_no_formulas(customer):
    site = customer.sites.get()
    site.own_name = "=HYPERLINK(1)"
    site.save()
    archive = opened(made(customer, customer.members.get()))
    content = archive.read("data/devices-site.csv")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert content.startswith(b"\xef\xbb\xbf")
    assert rows[0]["own_name"] == "'=HYPERLINK(1)"
    assert table(archive, "devices-site")[0]["own_name"] == "=HYPERLINK(1)"


def test_secrets_and_what_is_between_others_stay_out(customer):
    person = customer.members.get()
    archive = opened(made(customer, person))
    content = b"".join(archive.read(name) for name in archive.namelist() if name.startswith("data/"))
    assert person.password.encode() not in content
    assert b'"secret"' not in content and b"orders-offer" not in b"".join(map(str.encode, archive.namelist()))
    assert customer.memberships.get().customer.number.encode() in content


def test_it_holds_nothing_of_another_customer(customer):
    other = worlds.full_of_data()
    other.name = "Somebody else"
    other.save()
    other.sites.update(street="ul. Obca 99")
    archive = opened(made(customer, customer.members.get()))
    content = b"".join(archive.read(name) for name in archive.namelist() if name.startswith("data/"))
    assert b"Somebody else" not in content and b"ul. Obca 99" not in content
    assert other.number.encode() not in content


def test_a_technical_member_of_one_site_gets_that_site_and_no_record(customer):
    factories.device(factories.site(customer, own_name="The other house"))
    site = customer.sites.order_by("pk").first()
    caretaker = factories.person(first_name="Jan")
    Membership.objects.create(customer=customer, user=caretaker, grade="technical", sites=[site.pk])
    archive = opened(made(customer, caretaker))
    assert [row["id"] for row in table(archive, "devices-site")] == [site.pk]
    assert {row["site"]["id"] for row in table(archive, "devices-device")} == {site.pk}
    assert set(table(archive, "accounts-customer")[0]) == {"id", "number", "kind", "name", "created_at"}
    assert [row["user"]["name"] for row in table(archive, "accounts-membership")] == ["Jan Kowalska"]
    assert table(archive, "accounts-changerequest") == []
    assert not [row for row in table(archive, "portal-event") if "ZU/" in row["what"]]


def test_asking_twice_makes_one_and_leaves_an_event(customer):
    person = customer.members.get()
    first, second = ask_export(customer, by=person), ask_export(customer, by=person)
    assert first == second
    assert Event.objects.filter(verb="export.asked").count() == 1


def test_the_task_run_twice_writes_once_and_tells_once(customer):
    export = made(customer, customer.members.get())
    before = default_storage.get_modified_time(export.file.name)
    tasks.make_export(str(export.pk))
    assert default_storage.get_modified_time(export.file.name) == before
    assert Message.objects.filter(kind="accounts/export_ready").count() == 1
    assert export.done == export.parts and export.claimed_at is None


def test_a_worker_that_died_is_followed_by_another(customer, monkeypatch):
    export = ask_export(customer, by=customer.members.get())
    queued = []
    monkeypatch.setattr(exports, "hand_over", lambda task, pk, **options: queued.append(pk) or True)
    with pytest.raises(KeyboardInterrupt):
        dies_after(3, export, monkeypatch)
    make_export(export.pk)  # too early: the dead one may still be alive
    export.refresh_from_db()
    assert export.state == "waiting" and 0 < export.done < export.parts
    DataExport.objects.update(claimed_at=timezone.now() - exports.LOST_AFTER * 2)
    tasks.sweep_exports()
    assert queued == [str(export.pk)]
    make_export(export.pk)
    export.refresh_from_db()
    assert export.state == "ready" and opened(export).testzip() is None


def dies_after(count: int, export: DataExport, monkeypatch) -> None:
    """A worker that is killed once so many parts are done."""
    from accounts.takeout import Takeout

    real = Takeout._write_table

    def dying(self, archive, entry):
        if len(self.tables) == count:
            raise KeyboardInterrupt
        real(self, archive, entry)

    with monkeypatch.context() as patch:
        patch.setattr(Takeout, "_write_table", dying)
        make_export(export.pk)


def test_whoever_was_overtaken_leaves_the_file_alone(customer, monkeypatch):
    export = ask_export(customer, by=customer.members.get())
    slow = exports._claim(export.pk)
    DataExport.objects.update(claimed_at=timezone.now() - exports.LOST_AFTER * 2)
    make_export(export.pk)
    with pytest.raises(exports.Overtaken):
        exports._hand_out(slow, exports.path_of(slow))
    assert Message.objects.filter(kind="accounts/export_ready").count() == 1


def test_after_seven_days_it_is_gone_and_a_second_sweep_changes_nothing(customer):
    export = made(customer, customer.members.get())
    path = Path(default_storage.path(export.file.name))
    tasks.sweep_exports()
    assert path.exists()
    DataExport.objects.filter(pk=export.pk).update(ready_at=timezone.now() - timedelta(days=8))
    for _run in range(2):
        tasks.sweep_exports()
        export.refresh_from_db()
        assert (export.state, export.file.name, path.exists()) == ("gone", "", False)


def test_what_killed_workers_left_behind_is_removed(customer):
    kept = exports.path_of(made(customer, customer.members.get()))
    old = (timezone.now() - timedelta(days=2)).timestamp()
    left = [kept.with_suffix(".99.part"), kept.with_name("00000000-0000-0000-0000-000000000000.zip")]
    fresh = kept.with_name("11111111-1111-1111-1111-111111111111.zip")
    for path in [*left, fresh]:
        path.write_bytes(b"")
    for path in [*left, kept]:
        os.utime(path, (old, old))
    tasks.sweep_exports()
    assert [path.exists() for path in [*left, fresh, kept]] == [False, False, True, True]


def test_an_erasure_stops_an_export_that_is_being_made(customer, monkeypatch):
    export = ask_export(customer, by=customer.members.get())
    real = exports._write

    def erased_meanwhile(found, part):
        real(found, part)
        DataExport.objects.all().delete()

    monkeypatch.setattr(exports, "_write", erased_meanwhile)
    make_export(export.pk)
    left = [path.name for path in exports.path_of(export).parent.iterdir()]
    assert not [name for name in left if name.startswith(str(export.pk))]


def test_what_cannot_be_made_for_a_day_is_given_up(customer, client, english):
    person = customer.members.get()
    export = ask_export(customer, by=person)
    DataExport.objects.filter(pk=export.pk).update(asked_at=timezone.now() - timedelta(days=2))
    tasks.sweep_exports()
    export.refresh_from_db()
    assert export.state == "failed"
    client.force_login(person)
    assert "could not be made" in client.get(reverse("exports")).content.decode()


def test_the_page_asks_shows_progress_and_hands_it_to_the_asker_alone(customer, client, english):
    person = customer.members.get()
    colleague = factories.person()
    Membership.objects.create(customer=customer, user=colleague)
    client.force_login(person)
    assert client.post(reverse("exports"), {"customer": customer.number}).status_code == 302
    assert "Being made" in client.get(reverse("exports")).content.decode()
    export = made(customer, person)
    address = reverse("export-file", args=[export.pk])
    answer = client.get(address)
    assert zipfile.ZipFile(io.BytesIO(b"".join(answer))).testzip() is None
    assert "no-store" in answer["Cache-Control"]
    assert f"{customer.number}-{timezone.localdate(export.ready_at)}.zip" in answer["Content-Disposition"]
    for other in (colleague, factories.person()):
        client.force_login(other)
        assert client.get(address).status_code == 404
    client.logout()
    assert client.get(address).status_code == 302


def test_whoever_may_see_less_by_now_no_longer_gets_it(customer, client):
    person = customer.members.get()
    export = made(customer, person)
    client.force_login(person)
    customer.memberships.update(grade="financial")
    assert client.get(reverse("export-file", args=[export.pk])).status_code == 404
    customer.memberships.all().delete()
    assert customer.number not in client.get(reverse("exports")).content.decode()
    assert client.get(reverse("export-file", args=[export.pk])).status_code == 404


def test_whoever_acts_for_nobody_has_a_copy_of_the_own_data(client, english):
    person = worlds.person_full_of_data()
    factories.partner(people=[person], name="Ciepło")
    customer = worlds.full_of_data()
    person.exports.all().delete()
    client.force_login(person)
    assert client.post(reverse("exports")).status_code == 302
    assert client.post(reverse("exports")).status_code == 302
    export = DataExport.objects.get(asked_by=person)
    make_export(export.pk)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(client.get(reverse("export-file", args=[export.pk])))))
    assert table(archive, "accounts-user")[0]["email"] == person.email
    assert table(archive, "accounts-partnermembership")[0]["partner"]["name"] == "Ciepło"
    assert table(archive, "accounts-membership")[0]["ends_on"]
    assert table(archive, "accounts-signin") and table(archive, "portal-message") and table(archive, "portal-event")
    names = "".join(archive.namelist())
    assert not any(what in names for what in ("devices-device", "orders", "accounts-customer", "supportview"))
    assert customer.number not in str([archive.read(name) for name in archive.namelist()])
    assert "Download the ZIP" in client.get(reverse("exports")).content.decode()
    assert Message.objects.filter(kind="accounts/export_ready", recipient=person.email).count() == 1


def test_a_copy_of_the_own_data_is_the_askers_alone(client):
    person = worlds.person_full_of_data()
    person.exports.all().delete()
    export = made(None, person)
    for other, status in ((person, 200), (factories.person(), 404), (factories.customer().members.get(), 404)):
        client.force_login(other)
        assert client.get(reverse("export-file", args=[export.pk])).status_code == status


def test_a_stranger_cannot_ask(customer, client):
    factories.customer(members=[stranger := factories.person()])
    client.force_login(stranger)
    assert client.post(reverse("exports"), {"customer": customer.number}).status_code == 404
    assert not DataExport.objects.filter(state="waiting").exists()


def test_many_devices_take_as_many_queries_as_few(customer):
    person, site = customer.members.get(), customer.sites.get()
    counts = []
    for many in (0, 40):
        for _number in range(many):
            factories.device(site)
        export = ask_export(customer, by=person)
        with CaptureQueriesContext(connection) as queries:
            make_export(export.pk)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_own_sms_are_in_it(customer):
    person = customer.members.get()
    send("accounts/mobile_code", to=person.phone.as_e164, channel="sms", language="en", about=[customer])
    letters = table(opened(made(customer, person)), "portal-message")
    assert person.phone.as_e164 in [letter["recipient"] for letter in letters]


def test_what_was_made_with_more_rights_than_were_there_at_the_asking_counts_as_that(customer):
    person = factories.person()
    place = Membership.objects.create(customer=customer, user=person, grade="technical")
    export = ask_export(customer, by=person)
    Membership.objects.filter(pk=place.pk).update(grade="full")
    make_export(export.pk)
    export.refresh_from_db()
    assert exports.may_fetch(export, exports.right_at(person, customer.pk))
    Membership.objects.filter(pk=place.pk).update(grade="technical")
    assert not exports.may_fetch(export, exports.right_at(person, customer.pk))


def test_whoever_lost_the_access_while_it_was_made_gets_neither_file_nor_letter(customer):
    person = factories.person()
    place = Membership.objects.create(customer=customer, user=person, grade="technical")
    export = ask_export(customer, by=person)
    place.delete()
    make_export(export.pk)
    export.refresh_from_db()
    assert export.state == "failed" and not exports.path_of(export).exists()
    assert not Message.objects.filter(recipient=person.email).exists()


def test_a_long_table_gives_signs_of_life_that_are_no_progress(customer, monkeypatch):
    export = ask_export(customer, by=customer.members.get())
    monkeypatch.setattr(takeout, "AT_ONCE", 1)
    ticks = []
    takeout.Takeout(customer, export.asked_by, ticks.append).write(io.BytesIO())
    assert sum(ticks) == export.parts and ticks.count(0) > 20
    make_export(export.pk)
    export.refresh_from_db()
    assert export.state == "ready"
