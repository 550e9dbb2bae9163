"""The register and the products come in by file: read, checked line by line, written whole."""

import io
import time
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.utils.translation import override

from devices import imports
from devices.actions import import_table
from devices.models import Product, Unit
from portal.errors import Refused
from portal.events import Event
from portal.files.models import Document
from portal.outbox.models import Message
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


@pytest.fixture
def product() -> Product:
    return make.product(code="HP-10")


def checked(text: str | bytes, kind=Unit) -> imports.Report:
    content = text.encode() if isinstance(text, str) else text
    return imports.check(imports.read(content, kind), kind)


def sheet(*rows) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def kept(text: str | bytes) -> Document:
    return make.document(text.encode() if isinstance(text, str) else text, "r.csv", content_type="text/csv", pages=None)


def states(report: imports.Report) -> list[tuple[int, str]]:
    return [(line.number, line.state) for line in report.lines]


def test_lines_are_new_changed_or_unchanged(product):
    make.unit(product, serial="A1", made_on=date(2024, 1, 15))
    make.unit(product, serial="A2", made_on=date(2024, 1, 15))
    report = checked("model,serial,made_on\nHP-10,A1,2024-01-15\nhp 10,a-2,2024-01-16\n\nHP-10,A3,\n")
    assert states(report) == [(2, "unchanged"), (3, "changed"), (5, "new")]
    assert "2024-01-15 → 2024-01-16" in report.lines[1].sentence


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("XX-1;A1;", "do not know the model “XX-1”"),
        ("HP-10;;", "serial is empty"),
        ("HP-10;--;", "neither letters nor digits"),
        ("HP-10;A1;31.02.2024", "not a date"),
        ("HP-10;A1;2999-01-01", "in the future"),
        ("HP-10;A1;1024-01-01", "too long ago"),
        ("HP-10;=1+1;", "formula"),
        ("HP-10;#REF!;", "formula or an error"),
        ("HP-10;1,23E+12;", "rounded"),
        (f"HP-10;{'9' * 41};", "longer than 40"),
        ("HP-10;A1;;;extra", "more cells"),
        ("HP-10;A1;;2999-01-01", "in the future"),
        ("HP-10;A1;2024-03-01;2024-02-01", "delivered before it was made"),
    ],
)
def test_a_wrong_line_is_told_in_a_sentence(product, line, words):
    report = checked(f"model;serial;made_on;delivered_on\nHP-10;OK1;\n{line}\n")
    assert states(report) == [(2, "new"), (3, "error")]
    assert words in report.lines[1].sentence


def test_the_same_number_twice_names_the_first_line(product):
    report = checked("model;serial\nHP-10;A-1\nHP-10;a1\n")
    assert report.lines[1].sentence == "The same as line 2."


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"model;serial\n", "no lines below"),
        (b"model;made_on\nHP;2024-01-01\n", "missing: serial"),
        (b"model;serial;colour\nHP;A1;red\n", "do not know the column “colour”"),
        (b"model;serial;serial\nHP;A1;A2\n", "same name"),
        (b"%PDF-1.7 nothing", "neither a CSV nor an XLSX"),
        (b"MZ\x00\x00", "neither a CSV nor an XLSX"),
        (b"PK\x03\x04broken", "damaged"),
    ],
)
def test_a_file_that_cannot_be_used(content, words):
    with pytest.raises(imports.Unreadable, match=words):
        imports.read(content, Unit)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250"])
def test_letters_arrive_whole(encoding):
    content = "model;name;maker;role\nHP-1;Pompa ciepła Žár;Ciepłotech;monobloc\n".encode(encoding)
    assert checked(content, Product).rows[0].name == "Pompa ciepła Žár"


def test_a_spreadsheet_with_its_own_dates_and_numbers(product):
    content = sheet(
        ["Model", "Serial", "Made_on"],
        ["HP-10", 123456, datetime(2024, 1, 15)],  # noqa: DTZ001
        ["HP-10", "=A1", "15.01.2024"],
        ["HP-10", 1234567890123456789, None],
        ["HP-10", True, None],
    )
    report = checked(content)
    assert [line.state for line in report.lines] == ["new", "error", "error", "error"]
    assert (report.rows[0].serial, report.rows[0].made_on) == ("123456", date(2024, 1, 15))


def test_an_empty_date_keeps_what_is_there(product):
    make.unit(product, serial="A1", made_on=date(2024, 1, 15))
    assert states(checked("model;serial;made_on\nHP-10;A1;\n")) == [(2, "unchanged")]


def test_a_delivery_date_comes_in_and_an_empty_one_keeps_it(product):
    unit = make.unit(product, serial="A1", delivered_on=date(2024, 2, 1))
    assert states(checked("model;serial;delivered_on\nHP-10;A1;\n")) == [(2, "unchanged")]
    document = kept("model;serial;delivered_on\nHP-10;A1;03.02.2024\nHP-10;B1;2024-02-04\n")
    import_table(document, Unit, by=make.clerk("manager"))
    unit.refresh_from_db()
    assert (unit.delivered_on, Unit.objects.get(key="B1").delivered_on) == (date(2024, 2, 3), date(2024, 2, 4))


def test_a_unit_in_a_device_never_changes_its_product(product):
    held = make.device().units.get().unit
    free = make.unit()
    report = checked(f"model;serial\nHP-10;{held.serial}\nHP-10;{free.serial}\n")
    assert states(report) == [(2, "error"), (3, "changed")]


def test_products_with_a_comma_in_the_number():
    make.product(code="HP-1", heat_output_kw=Decimal("8.5"))
    report = checked(
        "model;name;maker;role;heat_output_kw\n"
        "HP-1;Heat pump;Ciepłotech;monobloc;8,5\nHP-2;N;M;split;\nHP-3;N;M;indoor;much\n",
        Product,
    )
    assert [line.state for line in report.lines] == ["unchanged", "error", "error"]


def test_an_import_is_written_with_its_event(product):
    make.unit(product, serial="A1", made_on=date(2024, 1, 15))
    document, by = kept("model;serial;made_on\nHP-10;A1;2024-02-01\nHP-10;B-1;15.01.2024\n"), make.clerk("manager")
    import_table(document, Unit, by=by)
    assert Unit.objects.get(key="A1").made_on == date(2024, 2, 1)
    new = Unit.objects.get(key="B1")
    assert (new.serial, new.skeleton, new.made_on) == ("B-1", "81", date(2024, 1, 15))
    event = Event.objects.about(document).get()
    assert (event.verb, event.data["added"], event.data["changed"], event.actor) == ("register.imported", 1, 1, by)


def test_a_second_import_of_the_same_file_is_refused(product):
    document, by = kept("model;serial\nHP-10;A1\n"), make.clerk("manager")
    import_table(document, Unit, by=by)
    with pytest.raises(Refused):
        import_table(document, Unit, by=by)
    assert Event.objects.filter(verb="register.imported").count() == 1


def test_nothing_is_half_written(product):
    document = kept("model;serial\nHP-10;A1\nHP-10;A2\n")
    held = make.device().units.get()
    Unit.objects.filter(pk=held.unit_id).update(serial="A2", key="A2")  # came after the dry run
    with pytest.raises(Refused):
        import_table(document, Unit, by=make.clerk("manager"))
    assert not Unit.objects.filter(key="A1").exists()
    document.refresh_from_db()
    assert document.attached_at is None


def test_waiting_devices_attach_themselves_and_owners_are_told(product):
    place = make.device(units=[]).units.get()
    place.model, place.serial = "HP-10", "W-1"
    place.save()
    import_table(kept("model;serial\nHP-10;W1\n"), Unit, by=make.clerk("manager"))
    place.refresh_from_db()
    assert place.unit.key == "W1"
    assert Message.objects.filter(kind="devices/unit_attached").count() == 1


def test_fifty_thousand_lines_in_under_a_minute(product):
    lines = "".join(f"HP-10;S{number:06d};2024-01-15\n" for number in range(50_000))
    document, began = kept("model;serial;made_on\n" + lines), time.monotonic()
    assert checked("model;serial;made_on\n" + lines).count("new") == 50_000
    import_table(document, Unit, by=make.clerk("manager"))
    assert time.monotonic() - began < 60
    assert Unit.objects.count() == 50_000


def test_nobody_attaches_a_unit_while_the_register_is_written():
    imports.lock(Unit)
    with connection.cursor() as cursor:
        cursor.execute("SELECT mode FROM pg_locks WHERE relation = 'devices_unit'::regclass AND pid = pg_backend_pid()")
        assert "ExclusiveLock" in {row[0] for row in cursor.fetchall()}
