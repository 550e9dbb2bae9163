"""Lists of the back office taken away as tables."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from openpyxl import load_workbook

from accounts.models import Customer, Partner, User
from portal import export
from portal.back_office import chip
from portal.events import Event
from portal.ui.templatetags.ui import local_date, local_moment
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

CUSTOMERS = "accounts_customer"


@pytest.fixture
def manager(client) -> User:
    manager = make.clerk("manager", language="en")
    client.force_login(manager)
    return manager


def taken(client, name: str = CUSTOMERS, query: str = "") -> list[list[str]]:
    """The rows of the CSV."""
    answer = client.get(reverse(f"admin:{name}_csv") + query)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    content = answer.getvalue().decode()
    assert content.startswith("\ufeff")
    return list(csv.reader(io.StringIO(content[1:])))


def workbook(client, name: str = CUSTOMERS) -> list[tuple]:
    content = client.get(reverse(f"admin:{name}_xlsx")).content
    return list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))


def test_a_table_has_the_columns_of_the_list(client, manager):
    make.customer(name="Żaneta Łąka", city="Łódź")
    created = timezone.localtime(Customer.objects.get().created_at)
    heading, row = taken(client)
    assert [words.lower() for words in heading] == [
        "name",
        "customer number",
        "kind",
        "town",
        "e-mail address",
        "phone",
        "customer since",
    ]
    assert row == [
        "Żaneta Łąka", Customer.objects.get().number, "private person", "Łódź", "anna@example.com", "+48 601 234 567",
        f"{created:%Y-%m-%d %H:%M}",
    ]  # fmt: skip


def test_a_workbook_holds_dates_as_dates(client, manager):
    make.customer(name="Żaneta Łąka")
    _heading, row = workbook(client)
    created = timezone.localtime(Customer.objects.get().created_at).replace(tzinfo=None, second=0, microsecond=0)
    assert row[0] == "Żaneta Łąka" and row[-1] == created and row[5] == "+48 601 234 567"


def test_a_chip_becomes_its_word(client, manager):
    make.partner(name="Waiting")
    make.partner(name="Good", decision="approved", decided_at=timezone.now(), decided_by=manager)
    states = {row[0]: row[4] for row in taken(client, "accounts_partner")[1:]}
    assert states == {"Waiting": "Waiting for an answer", "Good": Partner.Decision.APPROVED.label.capitalize()}


def test_filters_search_and_order_are_kept(client, manager):
    for name in ("Beta", "Alfa", "Gamma"):
        make.customer(name=name, city="Gdynia" if name != "Gamma" else "Opole")
    make.customer(name="Delta", city="Gdynia", kind="company", tax_number="5265877635")
    query = "?q=Gdynia&kind__exact=private&o=0"
    assert [row[0] for row in taken(client, query=query)[1:]] == ["Alfa", "Beta"]
    page = client.get(reverse("admin:accounts_customer_changelist") + query).content.decode()
    assert "/admin/accounts/customer/table.csv?" in page and "table.xlsx?" in page and "q=Gdynia" in page


def test_a_filter_that_does_not_exist_leads_back_to_the_list(client, manager):
    answer = client.get(reverse("admin:accounts_customer_csv") + "?kind__nonsense=1")
    assert answer.url == reverse("admin:accounts_customer_changelist")


@pytest.mark.parametrize("name", ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1"])
def test_no_cell_is_a_formula(client, manager, name):
    make.customer(name=name)
    for row in (taken(client)[1], workbook(client)[1]):
        assert row[0] == f"'{name}"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("+48 601 234 567", "+48 601 234 567"),
        ("-12.5", "-12.5"),
        ("–", "–"),
        ("-", "-"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("a &amp; b <5 kW>", "a &amp; b <5 kW>"),
        (mark_safe("a &amp; b <i>c</i>"), "a & b c"),
        ("bell\x07", "bell"),
    ],
)
def test_words_of_a_cell(words, shown):
    assert export.plain(words) == shown


def test_what_pages_draw_is_told_in_words():
    assert export.plain(chip("done", "Tom & Co")) == "Tom & Co"
    assert export.plain(local_moment(datetime(2026, 7, 1, 7, 5, tzinfo=UTC))) == "2026-07-01T09:05+02:00"


def test_a_deadline_is_a_date_without_its_words():
    moment = local_moment(datetime(2026, 7, 1, 7, 5, tzinfo=UTC))
    shown = export.time_in(format_html("{} {}", chip("attention", "overdue"), moment))
    assert str(shown) == "2026-07-01 09:05:00"
    assert export.time_in(local_date(date(2026, 7, 1))) == date(2026, 7, 1)
    assert export.time_in(format_html("{}, {}", moment, moment)) is None
    assert export.time_in(f"{moment}.") is None  # somebody's own words


def test_numbers_and_days_of_a_workbook_are_such():
    rows = iter([["N", "D"], [Decimal("8.5"), date(2026, 11, 21)]])
    content = export.xlsx_table(rows, "product").content
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet["A2"].value == 8.5 and sheet["B2"].value == datetime(2026, 11, 21)  # noqa: DTZ001
    assert sheet["B2"].number_format == "yyyy-mm-dd"


def test_two_thousand_rows_take_as_many_queries_as_one(client, manager):
    counts = []
    for many in (1, 2000):
        Customer.objects.bulk_create([
            Customer(number=f"K-{many}{n:05d}", kind="private", name=f"N{n}", email="a@b.pl", phone="+48601234567")
            for n in range(many)
        ])  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            assert len(taken(client)) > many
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 14


def test_rows_are_sent_one_by_one(client, manager):
    make.customer()
    assert client.get(reverse("admin:accounts_customer_csv")).streaming


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_list_and_the_right_are_both_needed(client, manager, kind):
    url = reverse(f"admin:accounts_partner_{kind}")
    right = Permission.objects.get(codename="export_lists")
    for group, rights, status in (("dispatcher", [], 403), ("reviewer", [right], 403), ("dispatcher", [right], 200)):
        clerk = make.clerk(group)
        clerk.user_permissions.set(rights)
        client.force_login(clerk)
        assert client.get(url).status_code == status, group
    assert Event.objects.filter(verb="list.exported").count() == 1


def test_no_button_without_the_right(client, manager):
    assert "table.csv" in client.get(reverse("admin:accounts_customer_changelist")).content.decode()
    client.force_login(make.clerk("dispatcher"))
    assert "table.csv" not in client.get(reverse("admin:accounts_customer_changelist")).content.decode()


def test_a_list_without_a_right_has_no_table(client, manager):
    with pytest.raises(NoReverseMatch):
        reverse("admin:portal_event_csv")
    assert "table.csv" not in client.get(reverse("admin:portal_event_changelist")).content.decode()


def test_the_trail_tells_who_took_a_list(client, manager):
    make.customer()
    taken(client, query="?q=nobody")
    event = Event.objects.get(verb="list.exported")
    assert event.actor == manager and event.data == {"list": "accounts.customer", "rows": 0, "format": "csv"}
    assert "accounts.customer" in event.sentence


def test_devices_cards_and_certificates_can_be_taken_away(client, manager):
    pump, company = make.warranted(), make.able_partner(name="Serwis")
    card, certificate = pump.warranty_cards.get(), company.certificates.get()
    found = {
        name: taken(client, name)[1] for name in ("devices_device", "warranty_warrantycard", "services_certificate")
    }
    assert pump.serials in found["devices_device"] and "2024-02-01" in found["devices_device"]
    assert {card.number, "2029-03-01"} <= set(found["warranty_warrantycard"])
    assert {"Serwis", certificate.number, certificate.valid_until.isoformat()} <= set(found["services_certificate"])


def test_a_table_is_named_by_the_list_and_the_day(client, manager):
    name = client.get(reverse("admin:orders_service_csv"))["Content-Disposition"]
    assert name == f'attachment; filename="service-orders-{timezone.localdate()}.csv"'


def test_a_table_tells_since_when_not_how_long_ago(client, manager):
    partner = make.partner()
    heading, row = taken(client, "accounts_partner")
    assert row[heading.index("Since")] == f"{timezone.localtime(partner.applied_at):%Y-%m-%d %H:%M}"


def test_a_table_keeps_apart_what_the_list_puts_into_one_column(client, manager):
    make.service_order()
    heading, row = taken(client, "orders_service")
    assert [words.lower() for words in heading[:2]] == ["number", "service"] and len(row[0].split()) == 1
