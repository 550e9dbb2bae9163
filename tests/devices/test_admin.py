"""Clerks look after the register, answer nameplates and claims, and import files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from devices import actions
from devices.models import Claim, NameplateCheck, Unit
from portal.events import Event
from portal.files.models import Document
from portal.outbox.models import Message
from tests import factories as make

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def reviewer(client):
    person = make.clerk("reviewer")
    client.force_login(person)
    return person


@pytest.fixture
def manager(client):
    person = make.clerk("manager")
    client.force_login(person)
    return person


def page_of(thing) -> str:
    return reverse(f"admin:devices_{thing._meta.model_name}_change", args=[thing.pk])


def test_a_confirmed_nameplate_goes_into_the_register(client, reviewer):
    check, following = make.nameplate_check(), make.nameplate_check()
    product = make.product()
    words = {"act": "confirm", "product": product.pk, "serial": "N-77", "made_on": "2024-03-01"}
    assert client.post(page_of(check), words).url == page_of(following)
    check.refresh_from_db()
    assert check.decision == "attached" and check.device_unit.unit == Unit.objects.get(key="N77")
    assert Message.objects.filter(kind="devices/unit_attached").count() == 1


def test_a_refused_step_keeps_what_was_typed(client, reviewer):
    """The number is in the register under another product."""
    check, taken = make.nameplate_check(), make.unit()
    words = {"act": "confirm", "product": make.product().pk, "serial": taken.serial}
    answer = client.post(page_of(check), words)
    assert f'value="{taken.serial}"' in answer.content.decode()
    assert NameplateCheck.objects.get(pk=check.pk).decision == ""


def test_a_product_of_another_kind_cannot_be_chosen(client, reviewer):
    check, indoor = make.nameplate_check(), make.product("indoor")
    answer = client.post(page_of(check), {"act": "confirm", "product": indoor.pk, "serial": "N1"})
    assert "product" in answer.context["typed"]["confirm"].errors


def test_the_second_clerk_is_told_who_answered(client, reviewer):
    check = make.nameplate_check()
    actions.refuse_nameplate(check, answer="Too dark.", by=make.clerk(first_name="Ewa", last_name="Lis"))
    answer = client.post(page_of(check), {"act": "refuse", "answer": "Blurred."}, headers=ENGLISH)
    assert "Ewa Lis" in answer.content.decode()
    assert NameplateCheck.objects.get(pk=check.pk).answer == "Too dark."


def test_what_the_register_says_of_a_misread_number(client, reviewer):
    make.unit(serial="SN0001")
    check = make.nameplate_check()
    place = check.device_unit
    place.serial = "SNOOO1"
    place.save()
    assert "SN0001" in client.get(page_of(check)).content.decode()


def test_a_claim_shows_both_sides(client, reviewer):
    holder = make.customer(name="Jan Trzymający")
    held = make.device(make.site(holder))
    claim = make.claim(held=held.units.get().unit)
    page = client.get(page_of(claim)).content.decode()
    assert "Jan Trzymający" in page and claim.device_unit.device.site.customer.email in page
    assert reverse("document-page", args=[claim.proofs.get().pk, 1]) in page


def test_a_granted_claim_moves_the_unit(client, reviewer):
    held = make.device().units.get()
    claim = make.claim(held=held.unit)
    client.post(page_of(claim), {"act": "grant", "answer": ""})
    held.refresh_from_db()
    assert held.unit is None and Claim.objects.get(pk=claim.pk).device_unit.unit is not None


def test_a_refused_claim_needs_words(client, reviewer):
    claim = make.claim()
    assert client.post(page_of(claim), {"act": "refuse"}).context["typed"]["refuse"].errors
    client.post(page_of(claim), {"act": "refuse", "answer": "The deed names another house."})
    assert Claim.objects.get(pk=claim.pk).decision == "refused"


def test_a_unit_added_by_hand_attaches_what_waits(client, manager):
    product, place = make.product(code="HP-9"), make.device(units=[]).units.get()
    place.model, place.serial = "HP-9", "W-9"
    place.save()
    answer = client.post(reverse("admin:devices_unit_add"), {"product": product.pk, "serial": "w 9"})
    place.refresh_from_db()
    assert answer.status_code == 302 and place.unit.key == "W9"
    assert Event.objects.about(place.unit).filter(verb="unit.registered", actor=manager).exists()


def test_a_number_that_is_known_is_told_on_the_form(client, manager):
    known = make.unit(serial="K-1")
    answer = client.post(reverse("admin:devices_unit_add"), {"product": known.product_id, "serial": "k1"})
    assert "serial" in answer.context["adminform"].form.errors


def test_a_unit_of_a_customer_keeps_its_number(client, manager):
    unit = make.device().units.get().unit
    client.post(page_of(unit), {"product": make.product().pk, "serial": "OTHER", "made_on": "2024-05-05"})
    changed = Unit.objects.get(pk=unit.pk)
    assert (changed.serial, changed.product) == (unit.serial, unit.product)
    assert changed.made_on.isoformat() == "2024-05-05"


def test_a_product_of_a_customer_keeps_its_kind(client, manager):
    product = make.device().units.get().unit.product
    words = {"code": product.code, "name": "New name", "maker": "M", "role": "indoor"}
    assert "role" in client.post(page_of(product), words).context["adminform"].form.errors
    client.post(page_of(product), words | {"role": "monobloc"})
    product.refresh_from_db()
    assert product.name == "New name" and Event.objects.about(product).get().verb == "product.changed"


def upload(client, text: str, name: str = "register.csv"):
    return client.post(reverse("admin:devices_unit_import"), {"file": SimpleUploadedFile(name, text.encode())})


def test_a_file_is_checked_then_confirmed(client, manager):
    make.product(code="HP-10")
    report = upload(client, "model;serial\nHP-10;A1\nHP-10;A2\n").url
    page = client.get("/admin/devices/unit/import/" + report.removeprefix("./"))
    assert page.context["writes"] == 2 and not Unit.objects.exists()
    client.post(page.wsgi_request.path)
    assert Unit.objects.count() == 2
    client.post(page.wsgi_request.path)  # a double click
    assert Event.objects.filter(verb="register.imported").count() == 1


def test_a_file_with_errors_cannot_be_imported(client, manager):
    make.product(code="HP-10")
    report = "/admin/devices/unit/import/" + upload(client, "model;serial\nHP-10;A1\nXX;A2\n").url.removeprefix("./")
    assert client.get(report).context["errors"] == 1
    client.post(report)
    assert not Unit.objects.exists()


def test_two_tabs_import_each_its_own_file(client, manager):
    make.product(code="HP-10")
    tabs = ["/admin/devices/unit/import/" + upload(client, f"model;serial\nHP-10;T{n}\n").url[2:] for n in (1, 2)]
    client.post(tabs[0])
    assert list(Unit.objects.values_list("serial", flat=True)) == ["T1"]


def test_another_managers_file_is_not_found(client, manager):
    make.product(code="HP-10")
    report = "/admin/devices/unit/import/" + upload(client, "model;serial\nHP-10;A1\n").url.removeprefix("./")
    client.force_login(make.clerk("manager"))
    assert client.get(report).status_code == 404 and client.post(report).status_code == 404


def test_a_file_that_is_no_table_is_told_and_not_kept(client, manager):
    answer = upload(client, "MZ\x00", "register.csv")
    assert answer.context["form"].errors["file"] and not Document.objects.exists()


def test_an_export_can_be_imported_again(client, manager):
    unit = make.unit(delivered_on="2024-02-20")
    answer = client.post(reverse("admin:devices_unit_export"), {"format": "0", "resource": ""})
    assert answer["Content-Type"] == "text/csv"
    lines = answer.content.decode().splitlines()
    assert lines == ["model,serial,made_on,delivered_on", f"{unit.product.code},{unit.serial},2024-01-15,2024-02-20"]


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("unit", lambda: make.device()),
        ("device", lambda: make.device()),
        ("site", lambda: make.site()),
        ("product", lambda: make.unit()),
        ("nameplatecheck", lambda: make.nameplate_check()),
        ("claim", lambda: make.claim()),
    ],
)
def test_lists_take_as_many_queries_for_many_as_for_one(client, manager, name, new):
    counts = []
    for more in (1, 20):
        for _ in range(more):
            new()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(f"admin:devices_{name}_changelist")).context["cl"].result_count >= more
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("answer", "shown"), [("", 1), ("refused", 1), (None, 2)])
def test_cases_are_filtered_by_answer(client, reviewer, answer, shown):
    make.nameplate_check()
    actions.refuse_nameplate(make.nameplate_check(), answer="Dark.", by=reviewer)
    query = {} if answer is None else {"decision__exact": answer}
    found = client.get(reverse("admin:devices_nameplatecheck_changelist"), query)
    assert found.context["cl"].result_count == shown
