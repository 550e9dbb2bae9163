"""The back office: kinds of services, checklists with their preview, papers of partners."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from portal.back_office import page_url
from portal.events import Event
from services.models import Certificate, Checklist, ChecklistItem, Qualification, ServiceKind
from tests import factories as make
from tests.services.test_models import certificate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
WORDS = {"pl": "Nowe pytanie", "cs": "Nová otázka", "en": "New question"}


@pytest.fixture
def office(client):
    client.force_login(make.person(is_staff=True, is_superuser=True, language="en"))
    return client


def repair() -> Checklist:
    return Checklist.objects.get(service_kind__code="repair")


def question(**fields) -> dict:
    labels = {f"label_{language}": words for language, words in WORDS.items()}
    return {"checklist": repair().pk, "number": 105, "filled_by": "owner", "kind": "text", **labels, **fields}


def add(client, **fields):
    return client.post(reverse("admin:services_checklistitem_add"), question(**fields))


def test_a_question_is_added_and_the_checklist_shows_that_it_is_not_published(office):
    assert add(office).url == page_url(repair())
    page = office.get(page_url(repair())).content.decode()
    assert "New question" in page and "Changes not published" in page
    assert Event.objects.about(repair()).get().verb == "checklist.edited"


def test_publishing_wants_a_look_at_the_preview(office):
    add(office)
    assert office.post(page_url(repair()), {"act": "publish"}).context["typed"]["publish"].errors
    assert repair().latest.number == 1
    office.post(page_url(repair()), {"act": "publish", "looked_at": "on"})
    assert repair().latest.number == 2 and office.get(page_url(repair())).context["acts"] == []


def test_faults_stand_on_the_page_and_stop_publishing(office):
    add(office, number=901)
    answer = office.post(page_url(repair()), {"act": "publish", "looked_at": "on"})
    assert repair().latest.number == 1 and any("[900]" in warning for warning in answer.context["warnings"])


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "choice", "choices": "good"},
        {"kind": "choice", "choices": "a,b = A"},
        {"kind": "choice", "choices": "good = dobry | dobrý"},
        {"depends_on": "101"},
        {"depends_values": "yes"},
        {"number": "101"},
        {"number": "99"},
    ],
)
def test_a_question_that_cannot_be_is_sent_back(office, fields):
    assert add(office, **fields).context["errors"]
    assert not ChecklistItem.objects.filter(label_en="New question").exists()


def test_a_question_is_changed_and_removed(office):
    row = repair().items.get(number=104)
    office.post(page_url(row), question(number=104, kind="photo"))
    row.refresh_from_db()
    assert row.label_en == "New question"
    url = reverse("admin:services_checklistitem_delete", args=[row.pk])
    assert office.post(url, {"post": "yes"}).url == page_url(repair())
    assert not repair().items.filter(number=104).exists()
    assert [event.verb for event in Event.objects.about(repair())] == ["checklist.shortened", "checklist.edited"]


@pytest.mark.parametrize("language", ["pl", "cs", "en"])
@pytest.mark.parametrize("side", ["owner", "partner"])
@pytest.mark.parametrize("device", ["monobloc", "split"])
def test_the_preview_is_the_form_in_each_language(office, language, side, device):
    checklist = Checklist.objects.get(service_kind__code="first_start_up")
    url = reverse("admin:services_checklist_preview", args=[checklist.pk])
    answer = office.get(url, {"by": side, "device": device, "language": language})
    page = answer.content.decode()
    assert f'lang="{language}"' in page and ("[500]" in page) is (device == "split" and side == "owner")
    assert {"owner": "[101]", "partner": "[701]"}[side] in page


def test_the_preview_of_a_version_is_what_was_published(office):
    add(office)
    url = reverse("admin:services_checklist_preview", args=[repair().pk])
    assert "New question" in office.get(url, {"language": "en"}).content.decode()
    assert "New question" not in office.get(url, {"language": "en", "version": "1"}).content.decode()
    assert office.get(url, {"version": "9"}).status_code == office.get(url, {"version": "x"}).status_code == 404


def test_a_version_can_be_looked_at_and_not_changed(office):
    version = repair().latest
    assert "[101]" in office.get(page_url(version)).content.decode()
    assert office.post(page_url(version), {"content": "[]"}).status_code == 403


def test_a_new_checklist_for_one_kind_of_device(office):
    data = {"service_kind": repair().service_kind_id, "device_kind": "split"}
    answer = office.post(reverse("admin:services_checklist_add"), data)
    new = Checklist.objects.get(device_kind="split")
    assert answer.url == page_url(new) and "Not published yet" in office.get(page_url(new)).content.decode()
    assert office.post(reverse("admin:services_checklist_add"), data).context["errors"]


def kind_data(kind: ServiceKind, **fields) -> dict:
    texts = {f"{name}_{lang}": getattr(kind, f"{name}_{lang}") for name in ("name", "hint") for lang in WORDS}
    return {
        **texts, "position": 5, "is_active": "on", "device_kinds": ["monobloc"], "duration_minutes": 90,
        "answer_hours": 8, "min_months_since_last": "", **fields,
    }  # fmt: skip


def test_the_office_changes_a_kind_of_service(office):
    kind, product = ServiceKind.objects.get(code="repair"), make.product()
    office.post(page_url(kind), kind_data(kind, products=[product.pk], passes_on="on", code="other"))
    kind.refresh_from_db()
    assert kind.device_kinds == ["monobloc"] and kind.passes_on and kind.code == "repair"
    assert list(kind.products.all()) == [product]
    assert Event.objects.about(kind).get().verb == "service.changed"


def test_a_kind_of_service_is_for_some_device(office):
    kind = ServiceKind.objects.get(code="repair")
    assert office.post(page_url(kind), kind_data(kind, device_kinds=[])).context["errors"]


def test_the_services_of_a_partner_are_chosen_from_its_page(office):
    company, kind = make.partner(), ServiceKind.objects.get(code="repair")
    add_url = f"{reverse('admin:services_qualification_add')}?partner={company.pk}"
    assert add_url in office.get(page_url(company)).content.decode()
    answer = office.post(add_url, {"partner": company.pk, "kinds": [kind.pk]})
    assert answer.url == page_url(company)
    page = office.get(page_url(company)).content.decode()
    assert "Repair" in page and page_url(Qualification.objects.get()) in page
    office.post(page_url(Qualification.objects.get()), {"kinds": []})
    assert not Qualification.objects.get().kinds.exists() and Event.objects.about(company).count() == 2


def send_certificate(client, url: str, **fields):
    until = timezone.localdate() + timedelta(days=30)
    return client.post(url, {"kind": "fgas", "number": "FGAZ-P/01/12345/22", "valid_until": until, **fields})


def test_a_certificate_is_added_with_its_scan(office):
    company = make.partner()
    url = f"{reverse('admin:services_certificate_add')}?partner={company.pk}"
    answer = send_certificate(office, url, file=SimpleUploadedFile("fgaz.pdf", make.PDF))
    one = Certificate.objects.get()
    assert answer.url == page_url(company) and one.document.attached_at
    page = office.get(page_url(company)).content.decode()
    assert "FGAZ-P/01/12345/22" in page and "Ends soon" in page
    assert Event.objects.about(company).get().verb == "certificate.added"


def test_an_odd_number_is_pointed_out_and_taken(office):
    url = f"{reverse('admin:services_certificate_add')}?partner={make.partner().pk}"
    answer = send_certificate(office, url, number="12/2009")
    assert Certificate.objects.get().number == "12/2009"
    assert "FGAZ-P/01/12345/22" in office.get(answer.url).content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"valid_until": "2020-01-01", "valid_from": "2021-01-01"},
        {"number": ""},
        {"file": SimpleUploadedFile("x.exe", b"MZ")},
    ],
)
def test_what_cannot_be_a_certificate_is_sent_back(office, fields):
    url = f"{reverse('admin:services_certificate_add')}?partner={make.partner().pk}"
    assert send_certificate(office, url, **fields).context["form"].errors and not Certificate.objects.exists()


def test_a_certificate_is_corrected_and_removed(office):
    one = certificate()
    send_certificate(office, reverse("admin:services_certificate_edit", args=[one.pk]), number="FGAZ-P/02/00001/26")
    one.refresh_from_db()
    assert one.number == "FGAZ-P/02/00001/26"
    assert office.post(page_url(one), {"act": "remove"}).url == page_url(one.partner)
    assert not Certificate.objects.exists()


def test_the_list_shows_what_ends(office):
    soon, over, later = certificate(20), certificate(-3), certificate(300)
    url = reverse("admin:services_certificate_changelist")
    shown = {
        name: {one.pk for one in office.get(url, {"ends": name}).context["cl"].result_list}
        for name in ("soon", "valid")
    }
    assert shown == {"soon": {soon.pk, over.pk}, "valid": {soon.pk, later.pk}}


def test_no_partner_no_certificate(office):
    for partner in ("", "0", "x"):
        assert office.get(reverse("admin:services_certificate_add"), {"partner": partner}).status_code == 404


def test_who_has_no_right_gets_in_nowhere(client):
    client.force_login(make.person(is_staff=True))
    one = certificate()
    for name, args in [
        ("servicekind_changelist", []), ("checklist_change", [repair().pk]), ("checklist_preview", [repair().pk]),
        ("checklistitem_add", []), ("checklistversion_change", [repair().latest.pk]), ("qualification_add", []),
        ("certificate_change", [one.pk]), ("certificate_edit", [one.pk]), ("certificate_add", []),
    ]:  # fmt: skip
        assert client.get(reverse(f"admin:services_{name}", args=args)).status_code == 403, name


def test_only_who_may_publish_publishes(client):
    clerk = make.person(is_staff=True)
    rights = ["view_checklist", "change_checklist"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(clerk)
    add(client)
    assert repair().is_changed and client.get(page_url(repair())).context["acts"] == []
    assert client.post(page_url(repair()), {"act": "publish", "looked_at": "on"}).status_code == 403


@pytest.mark.parametrize(("code", "is_form"), [("change_checklist", True), ("view_checklist", False)])
def test_questions_and_groups_are_links_for_whoever_reads_the_checklist(client, code, is_form):
    clerk = make.person(is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in={"view_checklist", code}))
    client.force_login(clerk)
    page = client.get(page_url(repair())).content.decode()
    for row in (repair().items.first(), repair().groups.first()):
        assert f'href="{page_url(row)}"' in page
        assert ('name="number"' in client.get(page_url(row)).content.decode()) == is_form
