"""Editing and publishing checklists, papers of partners, and warnings."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from portal.errors import Refused
from portal.events import Event
from portal.files.models import Document
from portal.outbox.models import Message
from services import actions
from services.models import Certificate, Checklist, ChecklistGroup, ChecklistItem, Qualification, ServiceKind
from tests import factories as make
from tests.services.test_models import certificate

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def me():
    return make.person(is_staff=True)


def repair() -> Checklist:
    return Checklist.objects.get(service_kind__code="repair")


def edit(me, number: int = 101, **fields) -> None:
    row = repair().items.get(number=number)
    for name, value in fields.items():
        setattr(row, name, value)
    actions.save_row(row, by=me)


def verbs(thing) -> list[str]:
    return [event.verb for event in Event.objects.about(thing)]


def test_an_edit_reaches_nobody_before_it_is_published(me):
    before = repair().latest.groups()
    edit(me, label_en="What is wrong?")
    assert repair().latest.groups() == before and repair().is_changed
    version = actions.publish(repair(), by=me)
    assert (version.number, version.published_by) == (2, me) and not repair().is_changed
    assert version.groups()[0].items[0].labels["en"] == "What is wrong?"
    assert verbs(repair()) == ["checklist.published", "checklist.edited"]


def test_nothing_is_published_twice(me):
    with pytest.raises(Refused):
        actions.publish(repair(), by=me)
    assert repair().versions.count() == 1


def test_a_template_with_faults_is_not_published(me):
    edit(me, label_cs=" ")
    with translation.override("en"), pytest.raises(Refused) as refusal:
        actions.publish(repair(), by=me)
    assert "[101]" in refusal.value.sentence and repair().versions.count() == 1


def test_a_question_goes_and_old_versions_keep_it(me):
    version = repair().latest
    actions.remove_row(repair().items.get(number=104), by=me)
    actions.publish(repair(), by=me)
    assert "104" in [one.number for one in version.groups()[0].items]
    assert "104" not in [one.number for one in repair().latest.groups()[0].items]


def test_a_new_checklist_begins_empty(me):
    checklist = actions.add_checklist(Checklist(service_kind=repair().service_kind, device_kind="split"), by=me)
    with pytest.raises(Refused):
        actions.publish(checklist, by=me)
    words = {f"{name}_{language}": "x" for name in ("title",) for language in ("pl", "cs", "en")}
    actions.save_row(ChecklistGroup(checklist=checklist, number=100, **words), by=me)
    words = {f"label_{language}": "x" for language in ("pl", "cs", "en")}
    actions.save_row(ChecklistItem(checklist=checklist, number=101, kind="text", **words), by=me)
    assert actions.publish(checklist, by=me).number == 1


def test_a_kind_of_service_changes_with_its_products(me):
    kind, product = ServiceKind.objects.get(code="repair"), make.product()
    actions.save_kind(kind, products=[product], by=me)
    assert kind.facts.product_keys == {product.code_key} and verbs(kind) == ["service.changed"]


def test_what_a_partner_does_is_set_once(me):
    company, kinds = make.partner(), list(ServiceKind.objects.all()[:2])
    for _time in range(2):
        actions.save_qualification(company, kinds=kinds, products=[], by=me)
    assert set(Qualification.objects.get(partner=company).kinds.all()) == set(kinds)
    assert verbs(company) == ["qualification.changed"]


def test_a_paper_comes_goes_and_takes_its_file_along(me, django_capture_on_commit_callbacks):
    company, paper = make.partner(), make.document()
    new = Certificate(partner=company, kind="fgas", number="1", valid_until=TODAY)
    actions.save_certificate(new, document=paper, by=me)
    paper.refresh_from_db()
    assert paper.attached_at and verbs(company) == ["certificate.added"]
    actions.remove_certificate(new, by=me)
    assert not Document.objects.exists() and verbs(company)[0] == "certificate.removed"


def test_a_new_scan_takes_the_place_of_the_old(me):
    one, old, new = certificate(), make.document(), make.document()
    actions.save_certificate(one, document=old, by=me)
    actions.save_certificate(one, document=new, by=me)
    assert list(Document.objects.all()) == [new] and verbs(one) == ["certificate.changed"] * 2


def approved(**fields):
    return make.partner(decision="approved", decided_at=timezone.now(), decided_by=make.person(), **fields)


def warned(*, on) -> list[str]:
    before = Message.objects.count()
    actions.warn_of_expiry(today=on)
    return [message.recipient for message in Message.objects.order_by("pk")[before:]]


def test_each_warning_comes_once_at_60_and_14_days():
    person = make.person(language="en")
    end = certificate(365, approved(people=[person])).valid_until
    days = {left: warned(on=end - timedelta(days=left)) for left in (61, 60, 59, 14, 13, 0, -1)}
    assert [left for left, told in days.items() if told] == [60, 14]
    assert days[60] == [person.email] and Message.objects.filter(kind="services/certificate_ends").count() == 2


def test_who_enters_it_late_is_warned_once():
    certificate(10, approved())
    assert len(warned(on=TODAY)) == 1 and warned(on=TODAY) == []


def test_a_corrected_end_begins_anew(me):
    one = certificate(10, approved())
    warned(on=TODAY)
    one.valid_until = TODAY + timedelta(days=50)
    actions.save_certificate(one, by=me)
    assert len(warned(on=TODAY)) == 1


def test_nobody_is_warned_of_what_is_replaced_or_of_a_partner_who_is_none():
    company = approved()
    certificate(10, company)
    certificate(400, company)
    certificate(10, make.partner())
    assert warned(on=TODAY) == []


def test_the_warning_names_the_paper_and_its_end():
    certificate(10, approved(people=[make.person(language="en")]))
    warned(on=TODAY)
    message = Message.objects.get()
    assert "FGAZ-P/01/12345/22" in message.subject and "Serwis Ciepła" in message.text


def test_one_certificate_that_fails_stops_no_other(monkeypatch):
    bad, tell = certificate(5, approved()), actions._tell_of_end
    certificate(10, approved(people=[make.person(), make.person()]))
    monkeypatch.setattr(actions, "_tell_of_end", lambda one, user: 1 / (one != bad) and tell(one, user))
    assert len(warned(on=TODAY)) == 2
    monkeypatch.undo()
    assert len(warned(on=TODAY)) == 1, "it is tried again"
