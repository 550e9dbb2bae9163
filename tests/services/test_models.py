"""What the tables promise."""

import inspect
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone, translation

from portal.files.models import Document
from portal.files.store import attach
from services.checklists import parse
from services.models import (
    Certificate,
    Checklist,
    ChecklistVersion,
    ServiceKind,
    current_version,
)
from services.models.checklist import parse_choices
from tests import factories as make
from tests.services.samples import CHECKLISTS, ship

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def kind(code: str = "inspection") -> ServiceKind:
    return ServiceKind.objects.get(code=code)


def version(of: Checklist, number: int = 1, **fields) -> ChecklistVersion:
    return ChecklistVersion.objects.create(
        checklist=of, number=number, content=[], published_at=timezone.now(), **fields
    )


def certificate(days: int = 365, of=None, **fields) -> Certificate:
    return Certificate.objects.create(
        partner=of or make.partner(), kind=fields.pop("kind", "fgas"), number="FGAZ-P/01/12345/22",
        valid_until=TODAY + timedelta(days=days), **fields,
    )  # fmt: skip


def test_the_four_kinds_are_there_in_each_language():
    assert [one.code for one in ServiceKind.objects.all()] == [*CHECKLISTS]
    start_up = kind("first_start_up")
    for language, word in [("pl", "Pierwsze"), ("cs", "První"), ("en", "First")]:
        with translation.override(language):
            assert start_up.name.startswith(word) and start_up.hint
    assert start_up.facts.once_per_device and kind().facts.min_months_since_last == 3


def test_a_missing_language_falls_back_to_english():
    one = ServiceKind(name_pl="Naprawa", name_en="Repair")
    with translation.override("cs"):
        assert one.name == "Repair" and one.hint == ""


@pytest.mark.parametrize("code", CHECKLISTS)
def test_working_copy_and_version_are_what_was_shipped(code):
    checklist = Checklist.objects.get(service_kind__code=code)
    assert checklist.latest.groups() == CHECKLISTS[code]
    assert checklist.draft() == parse(checklist.latest.content) and not checklist.is_changed


def test_what_is_shipped_does_not_hang_on_todays_code():
    source = Path(inspect.getfile(ship)).read_text()
    assert not re.findall(r"(?:from|import) (?:services|portal|devices|accounts)", source)


def test_shipping_again_leaves_what_the_office_changed():
    from django.apps import apps

    ServiceKind.objects.filter(code="repair").update(name_en="Mending")
    Checklist.objects.get(service_kind__code="repair").items.all().delete()
    ship(apps)
    assert kind("repair").name_en == "Mending" and ChecklistVersion.objects.count() == 6
    assert not Checklist.objects.get(service_kind__code="repair").items.exists()


def test_the_version_for_the_kind_of_device_comes_before_that_for_all():
    for_split = Checklist.objects.create(service_kind=kind(), device_kind="split")
    assert current_version(kind(), "split").checklist.device_kind == ""
    own = version(for_split)
    later = version(for_split, 2, published_by=make.person())
    assert own.number == 1 and current_version(kind(), "split") == later
    assert current_version(kind(), "monobloc").checklist.device_kind == ""
    assert current_version(ServiceKind.objects.create(code="x", device_kinds=["split"]), "split") is None


@pytest.mark.parametrize("act", ["change", "delete"])
def test_a_published_version_never_changes(act):
    published = ChecklistVersion.objects.first()
    with pytest.raises(DatabaseError, match="published"), transaction.atomic():
        published.delete() if act == "delete" else ChecklistVersion.objects.filter(pk=published.pk).update(content=[])
    assert ChecklistVersion.objects.get(pk=published.pk).content


def test_only_the_first_two_versions_may_have_come_with_the_portal():
    checklist = Checklist.objects.first()
    with pytest.raises(IntegrityError, match="checklist_published_whole"), transaction.atomic():
        version(checklist, 3)
    assert version(checklist, 3, published_by=make.person()).number == 3


def test_a_condition_is_whole():
    with pytest.raises(IntegrityError, match="item_condition_whole"), transaction.atomic():
        Checklist.objects.first().items.update(depends_on=101, depends_values="")


def test_choices_are_read():
    same, good = parse_choices("r32 = R32\ngood = dobry | dobrý | good")
    assert (same.value, set(same.labels.values()), good.labels["cs"]) == ("r32", {"R32"}, "dobrý")
    [odd] = parse_choices("good = dobry | dobrý")
    assert odd.labels == {"pl": "dobry", "cs": "dobrý", "en": ""}


def test_a_certificate_is_valid_on_its_last_day():
    first, last = certificate(0, valid_from=TODAY - timedelta(days=9)), certificate(-1)
    later = certificate(9, valid_from=TODAY + timedelta(days=1))
    assert list(Certificate.objects.valid_on(TODAY)) == [first]
    assert last not in Certificate.objects.valid_on(TODAY) and later in Certificate.objects.valid_on(later.valid_until)


def test_a_renewed_certificate_is_watched_no_longer():
    of = make.partner()
    old, over, other = certificate(10, of), certificate(-5), certificate(20, of, kind="training")
    assert list(Certificate.objects.to_watch(today=TODAY)) == [over, old, other]
    certificate(400, of)
    assert list(Certificate.objects.to_watch(today=TODAY)) == [over, other]
    assert list(Certificate.objects.expiring(14, today=TODAY)) == []


def test_who_sees_the_paper_of_a_certificate():
    own, other = make.person(), make.person()
    company = make.partner(people=[own])
    make.partner(people=[other])
    paper = make.document(name="fgaz.pdf")
    attach([paper])
    certificate(of=company, document=paper)
    office = make.person(is_staff=True, is_superuser=True)
    seen = [list(Document.objects.visible_to(who)) for who in (own, other, make.person(), AnonymousUser(), office)]
    assert seen == [[paper], [], [], [], [paper]]


def test_another_paper_of_mixed_kinds_replaces_nothing():
    of = make.partner()
    first = certificate(10, of, kind="other")
    certificate(400, of, kind="other")
    assert list(Certificate.objects.expiring(14, today=TODAY)) == [first]
