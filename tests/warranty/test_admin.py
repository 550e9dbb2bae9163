"""The back office of warranties: rules are published, cards are looked up."""

from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.events import Event
from tests import factories as make
from warranty import actions
from warranty.models import WarrantyRule

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
ADD = reverse("admin:warranty_warrantyrule_add")
TERMS = {
    "valid_from": "2024-01-01", "months": 60, "start": "start_up", "cap_months": 66, "delivery_cap_months": "",
    "start_up_within_months": 6, "inspection_months": 12, "grace_days": 30,
}  # fmt: skip


def staff(*rights: str):
    person = make.person(is_staff=True, language="en")
    person.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return person


@pytest.fixture
def manager(client):
    person = staff("view_warrantyrule", "add_warrantyrule", "view_warrantycard", "view_device", "view_servicerecord")
    client.force_login(person)
    return person


def page_of(thing) -> str:
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])


def test_a_rule_is_published_through_the_action(client, manager):
    product = make.product()
    answer = client.post(ADD, {"product": product.pk, **TERMS})
    rule = WarrantyRule.objects.get()
    assert answer.status_code == 302
    assert (rule.version, rule.start_up_within_months, rule.delivery_cap_months) == (1, 6, None)
    event = Event.objects.about(rule).get()
    assert (event.verb, event.actor) == ("warranty.rule_published", manager)


def test_a_new_version_begins_with_the_terms_of_the_one_before(client, manager):
    rule = make.warranty_rule(months=84)
    words = client.get(page_of(rule)).content.decode()
    address = ADD + "?"
    link = words[words.index(address) :].partition('"')[0].replace("&amp;", "&")
    form = client.get(link).context["adminform"].form
    assert str(form["months"].value()) == "84" and str(form["product"].value()) == str(rule.product_id)
    client.post(ADD, {"product": rule.product_id, **TERMS})
    assert list(WarrantyRule.objects.values_list("version", "months").order_by("version")) == [(1, 84), (2, 60)]


def test_a_published_rule_cannot_be_changed_or_deleted(client, manager):
    rule = make.warranty_rule()
    assert client.post(page_of(rule), {"product": rule.product_id, **TERMS}).status_code == 403
    assert client.post(reverse("admin:warranty_warrantyrule_delete", args=[rule.pk])).status_code == 403
    assert WarrantyRule.objects.get().months == 60 == rule.months


@pytest.mark.parametrize("wrong", [{"months": 0}, {"inspection_months": 0}, {"valid_from": ""}])
def test_terms_that_make_no_sense_are_told(client, manager, wrong):
    answer = client.post(ADD, {"product": make.product().pk, **TERMS, **wrong})
    assert answer.context["adminform"].form.errors and not WarrantyRule.objects.exists()


def test_an_indoor_unit_cannot_be_chosen(client, manager):
    answer = client.post(ADD, {"product": make.product("indoor").pk, **TERMS})
    assert answer.context["adminform"].form.errors["product"] and not WarrantyRule.objects.exists()


def test_who_may_only_look_publishes_nothing(client):
    client.force_login(staff("view_warrantyrule"))
    rule = make.warranty_rule()
    assert ADD not in client.get(page_of(rule)).content.decode()
    assert client.post(ADD, {"product": rule.product_id, **TERMS}).status_code == 403


def test_a_card_is_looked_up_by_number_code_serial_and_customer(client, manager):
    card = make.warranted().warranty_cards.get()
    make.warranted(make.device(make.site(make.customer(name="Other")), purchased_on=date(2024, 2, 1)))
    serial = card.facts["units"][0]["serial"]
    for words in (card.number, card.check_code, serial, "Anna Kowalska"):
        found = client.get(reverse("admin:warranty_warrantycard_changelist"), {"q": words})
        assert [each.pk for each in found.context["cl"].result_list] == [card.pk], words


def test_a_cards_page_shows_its_pdf_and_what_became_of_it(client, manager):
    pump = make.warranted()
    card = pump.warranty_cards.get()
    actions.draw_card(card.pk)
    make.service(pump, "inspection", done_on=date(2025, 2, 1))
    words = client.get(page_of(card)).content.decode()
    card.refresh_from_db()
    assert "Replaced" in words and card.replaced_by.number in words
    assert reverse("document", args=[card.pdf_id]) in words and card.shown_code in words


def test_a_devices_page_lists_services_and_cards(client, manager):
    pump = make.warranted()
    words = client.get(page_of(pump)).content.decode()
    assert pump.warranty_cards.get().number in words and pump.services.get().protocol_number in words


VISIT = {"act": "record", "kind": "start_up", "done_on": "2024-03-01", "reason": "Paper protocol, by post"}


@pytest.mark.parametrize("group", ["dispatcher", "manager"])
def test_a_visit_outside_the_portal_is_recorded_and_counts(client, group):
    by, pump, company = (
        make.clerk(group, language="en"),
        make.device(purchased_on=date(2024, 2, 1)),
        make.able_partner(),
    )
    make.warranty_rule(pump)
    client.force_login(by)
    assert "Record a start-up or inspection" in client.get(page_of(pump)).content.decode()
    client.post(page_of(pump), VISIT | {"partner": company.pk, "protocol_number": "P 7/2024"})
    record, card = pump.services.get(), pump.warranty_cards.get()
    assert (record.proof, record.partner, record.order_number) == ("P 7/2024", company, "")
    assert card.facts["start_up"]["protocol"] == "P 7/2024" and pump.cover.ends_on == date(2029, 3, 1)
    event = Event.objects.about(record).get()
    assert (event.verb, event.actor, event.reason) == ("warranty.start_up", by, "Paper protocol, by post")


def test_what_the_office_knows_of_installer_and_purchase_is_on_the_card(client):
    pump = make.device(purchased_on=date(2024, 2, 1))
    make.warranty_rule(pump)
    client.force_login(make.clerk("dispatcher", language="en"))
    told = {"installer": "Chłód", "installer_fgas": "FGAZ-P/01/12345/22", "seller": "Hurtownia", "invoice_number": "7"}
    client.post(page_of(pump), VISIT | told)
    assert pump.services.get().card_facts == told and told.items() <= pump.warranty_cards.get().facts.items()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({}, "recorded already"),
        ({"kind": "inspection", "done_on": "2099-01-01"}, "cannot be in the future"),
        ({"kind": "inspection", "done_on": "2024-12-01"}, "on this day is recorded already"),
        ({"kind": "inspection", "reason": ""}, "This field is required"),
    ],
)
def test_what_cannot_be_recorded_is_told(client, wrong, told):
    pump = make.warranted()
    make.service(pump, "inspection", done_on=date(2024, 12, 1))
    client.force_login(make.clerk("dispatcher", language="en"))
    assert told in client.post(page_of(pump), VISIT | wrong).content.decode()
    assert pump.services.count() == 2


def test_who_may_not_record_is_not_asked_and_not_heard(client):
    pump = make.device()
    client.force_login(make.clerk("reviewer", language="en"))
    assert "Record a start-up" not in client.get(page_of(pump)).content.decode()
    assert client.post(page_of(pump), VISIT).status_code == 403 and not pump.services.exists()


@pytest.mark.parametrize("name", ["warrantycard", "warrantyrule"])
def test_lists_take_as_many_queries_for_many_as_for_one(client, manager, name):
    counts = []
    for more in (1, 10):
        for _number in range(more):
            make.warranted()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(f"admin:warranty_{name}_changelist")).context["cl"].result_count >= more
        counts.append(len(queries))
    assert counts[0] == counts[1]
