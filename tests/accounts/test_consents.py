"""The texts that people agree to: versions that never change, answers with the words that were shown."""

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import legal
from accounts.actions import texts
from accounts.actions.consents import say
from accounts.models import Consent, LegalText, Subject, User
from portal.errors import Refused
from portal.events import Event
from portal.outbox.models import Message
from tests import factories as make
from tests.factories import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
FIRST = "2026-11-01"


@pytest.fixture
def anna() -> User:
    number = {"phone": "+48601234567", "phone_confirmed_at": timezone.now()}
    return make.person(agreed=False, language="en", **number)


def said(person: User, kind: str, act: str = "given", version: str = FIRST) -> Consent | None:
    return say(person, kind=kind, act=act, version=version, by=person)


def new_version(kind: str = "terms", version: str = "2027-01-01", **fields: str) -> LegalText:
    words = {"text_pl": "Nowe.", "text_cs": "Nové.", "text_en": "New.", **fields}
    return LegalText.objects.create(kind=kind, version=version, published_at=timezone.now(), **words)


def acts(person: User, kind: str) -> list[str]:
    return [row.act for row in person.consents.filter(kind=kind).order_by("pk")]


# Texts


def test_each_text_came_in_each_language_with_the_brand_filled_in(settings):
    settings.BRAND = settings.BRAND | {"company": "Ciepło z Braces {s.c.}"}
    for kind in Subject.values:
        text = LegalText.objects.current(kind)
        for language in ("pl", "cs", "en"):
            words = legal.filled(text, language)
            assert len(words) > 60 and "{company}" not in words and "Ciepło z Braces {s.c.}" in words


@pytest.mark.parametrize("sql", ["UPDATE accounts_legaltext SET text_pl = 'x'", "DELETE FROM accounts_legaltext"])
def test_a_published_text_never_changes(sql):
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_draft_changes_nothing_until_it_is_published():
    draft = LegalText.objects.create(kind="terms", version="2", text_pl="A", text_cs="A", text_en="A")
    assert LegalText.objects.current("terms").version == FIRST
    manager = make.clerk("manager")
    texts.publish(draft, by=manager)
    assert LegalText.objects.current("terms").version == "2"
    with pytest.raises(Refused, match="stays as it is"):
        texts.publish(draft, by=manager)
    with pytest.raises(Refused, match="stays as it is"):
        texts.remove_draft(draft, by=manager)


def test_the_terms_can_be_kept_as_a_file(client):
    kept = client.get(reverse("terms"), {"file": "1"})
    assert kept["Content-Disposition"] == f'attachment; filename="Terms of use {FIRST}.txt"'
    assert legal.wording("terms") in kept.content.decode() and settings.BRAND["company"] in kept.content.decode()


def test_anybody_may_read_the_terms(client):
    page = client.get(reverse("terms")).content.decode()
    assert "1 Nov 2026" in page and "runs the portal" in page


# Answers


def test_an_answer_keeps_version_language_words_and_time(anna):
    said(anna, "data_processing")
    consent = anna.consents.get()
    assert (consent.version, consent.language, consent.text) == (FIRST, "en", legal.wording("data_processing"))
    assert timezone.now() - consent.at < timedelta(minutes=1)
    assert Event.objects.about(anna).first().verb == "consent.given"


def test_a_button_pressed_twice_says_a_thing_once(anna):
    assert said(anna, "e_documents") and said(anna, "e_documents") is None
    assert said(anna, "e_documents", "withdrawn") and said(anna, "e_documents", "withdrawn") is None
    assert said(anna, "e_documents")
    assert acts(anna, "e_documents") == ["given", "withdrawn", "given"]


def test_what_was_never_said_cannot_be_withdrawn(anna):
    for kind in ("data_processing", "marketing", "sms"):
        with pytest.raises(Refused, match="nothing to withdraw"):
            said(anna, kind, "withdrawn")


@pytest.mark.parametrize(
    ("kind", "act"), [("terms", "withdrawn"), ("marketing", "given"), ("sms", "later"), ("x", "given")]
)
def test_only_what_makes_sense_can_be_said(anna, kind, act):
    with pytest.raises(Refused, match="cannot be said"):
        said(anna, kind, act)


def test_nobody_answers_for_somebody_else(anna):
    with pytest.raises(Refused, match="cannot be said"):
        say(anna, kind="sms", act="given", version=FIRST, by=make.person())


def test_a_yes_is_to_the_version_that_was_on_the_page(anna):
    new_version("e_documents")
    with pytest.raises(Refused, match="has changed since you opened"):
        said(anna, "e_documents")
    assert said(anna, "e_documents", version="2027-01-01").text == "New."


def test_what_is_withdrawn_is_what_was_said_then(anna):
    given = said(anna, "e_documents")
    new_version("e_documents")
    assert said(anna, "e_documents", "withdrawn").text == given.text


def test_a_withdrawn_consent_to_processing_is_told_to_the_person_and_the_office(anna, settings):
    said(anna, "data_processing")
    said(anna, "data_processing", "withdrawn")
    letters = {letter.kind: letter for letter in Message.objects.all()}
    assert letters["accounts/consent_withdrawn"].recipient == anna.email
    assert letters["accounts/consent_withdrawn_office"].recipient == settings.BRAND["email"]


def test_sms_follow_the_consent(anna):
    said(anna, "sms")
    assert User.objects.get(pk=anna.pk).sms_notices
    said(anna, "sms", "withdrawn")
    assert not User.objects.get(pk=anna.pk).sms_notices
    said(anna, "sms")
    assert User.objects.get(pk=anna.pk).sms_notices


def test_who_had_sms_before_there_was_a_text_may_stop_them():
    old = make.person(phone="+48601234567", sms_notices=True)
    said(old, "sms", "withdrawn")
    assert not User.objects.get(pk=old.pk).sms_notices


@pytest.mark.parametrize(("phone", "confirmed"), [("", False), ("+48225173600", True), ("+48601234567", False)])
def test_sms_need_a_mobile_number_that_is_confirmed(phone, confirmed):
    person = make.person(phone=phone, phone_confirmed_at=timezone.now() if confirmed else None)
    with pytest.raises(Refused, match="mobile number that is confirmed"):
        said(person, "sms")
    assert not person.consents.filter(kind="sms").exists()


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_say_it_once():
    person = make.person()
    gate = threading.Barrier(2)

    def press() -> None:
        gate.wait()
        try:
            said(person, "marketing", "objected")
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert acts(person, "marketing") == ["objected"]


# The page


def test_the_page_shows_each_text_and_the_history_with_its_words(client, anna):
    client.force_login(anna)
    client.post(reverse("consents"), {"kind": "marketing", "act": "objected", "version": FIRST})
    client.post(reverse("consents"), {"kind": "marketing", "act": "withdrawn", "version": FIRST})
    page = client.get(reverse("consents")).content.decode()
    assert "objection withdrawn" in page and legal.wording("marketing") in page and "No objection" in page
    assert "Object to marketing" in page and "Withdraw the objection" not in page


def test_an_earlier_answer_is_named_and_the_new_text_offered(client, anna):
    said(anna, "e_documents")
    new_version("e_documents")
    client.force_login(anna)
    page = client.get(reverse("consents")).content.decode()
    assert "You answered an earlier version of this text, 1 Nov 2026." in page
    client.post(reverse("consents"), {"kind": "e_documents", "act": "given", "version": "2027-01-01"})
    assert acts(anna, "e_documents") == ["given", "given"]


def test_withdrawing_the_processing_says_first_what_follows(client, anna):
    client.force_login(anna)
    assert client.get(reverse("consent-withdraw")).url == reverse("consents")
    said(anna, "data_processing")
    assert "may be unable to take new orders" in client.get(reverse("consent-withdraw")).content.decode()
    client.post(reverse("consents"), {"kind": "data_processing", "act": "withdrawn", "version": FIRST})
    assert acts(anna, "data_processing") == ["given", "withdrawn"]


def test_everybody_has_the_page_and_an_odd_answer_is_refused_politely(client):
    for person in (make.person(), make.clerk(), make.partner().people.get().user):
        client.force_login(person)
        assert client.get(reverse("consents")).status_code == 200
        assert client.post(reverse("consents"), {"kind": "x", "act": "y"}).status_code < 500
    assert not Consent.objects.exclude(kind="terms").exists()


# New terms


def sign_in(client, person: User, **more: str):
    return client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD, **more})


def test_new_terms_are_asked_about_once_and_the_way_goes_on(client):
    anna = make.customer(members=[make.person(language="en")]).members.get()
    assert sign_in(client, anna, next="/sites/").url == "/sites/"
    client.logout()
    new_version()
    asked = sign_in(client, anna, next="/sites/").url
    assert asked == "/terms/new/?next=%2Fsites%2F"
    page = client.get(asked).content.decode()
    assert "New." in page and "You accepted version 1 Nov 2026" in page
    answer = client.post("/terms/new/", {"act": "given", "version": "2027-01-01", "next": "/sites/"})
    assert answer.url == "/sites/" and acts(anna, "terms") == ["given", "given"]
    client.logout()
    assert sign_in(client, anna, next="/sites/").url == "/sites/"


def test_not_now_is_an_answer_too(client):
    anna = make.customer(members=[make.person(language="en")]).members.get()
    new_version()
    sign_in(client, anna)
    client.post("/terms/new/", {"act": "later", "version": "2027-01-01", "next": "/start/"})
    client.logout()
    assert sign_in(client, anna).url == "/start/"
    assert "Accept the terms" in client.get(reverse("consents")).content.decode()
    client.post(reverse("consents"), {"kind": "terms", "act": "given", "version": "2027-01-01"})
    assert acts(anna, "terms") == ["given", "later", "given"]
    client.post("/terms/new/", {"act": "later", "version": "2027-01-01"})  # from a tab that stayed open
    assert acts(anna, "terms") == ["given", "later", "given"]


def test_who_goes_away_without_an_answer_is_asked_again_and_never_locked_out(client, anna):
    assert sign_in(client, anna).url.startswith("/terms/new/")
    assert client.get(reverse("profile")).status_code == 200
    client.logout()
    assert sign_in(client, anna).url.startswith("/terms/new/")


def test_the_way_on_never_leads_to_another_host(client, anna):
    client.force_login(anna)
    data = {"act": "given", "version": FIRST, "next": "https://evil.example/"}
    assert client.post("/terms/new/", data).url == "/start/"
    assert client.get("/terms/new/?next=//evil.example/").url == "/start/"


def test_the_office_works_under_other_terms(client):
    assert sign_in(client, make.clerk(agreed=False)).url == "/start/"


# The back office


@pytest.fixture
def editor(client) -> User:
    person = make.clerk("manager")
    for name in ("view_legaltext", "add_legaltext", "change_legaltext", "publish_legaltext"):
        person.user_permissions.add(Permission.objects.get(codename=name))
    client.force_login(person)
    return person


WORDS = {"text_pl": "A {company}", "text_cs": "B", "text_en": "C"}


def test_versions_are_days_as_the_reader_writes_them(client, editor):
    said(editor, "terms")
    urls = [reverse("admin:accounts_legaltext_changelist"), reverse("admin:accounts_user_change", args=[editor.pk])]
    for page in [client.get(url, headers={"accept-language": "pl"}).content.decode() for url in urls]:
        assert "01.11.2026" in page and FIRST not in page


def test_the_list_shows_drafts_or_what_is_published(client, editor):
    LegalText.objects.create(kind="sms", version="draft-7", **WORDS)
    url = reverse("admin:accounts_legaltext_changelist")
    pages = [client.get(f"{url}?state={state}", headers={"accept-language": "pl"}) for state in ("draft", "published")]
    shown = [page.content.decode() for page in pages]
    assert [("draft-7" in page, "01.11.2026" in page) for page in shown] == [(True, False), (False, True)]


def test_a_new_version_begins_with_the_words_that_apply(client, editor):
    page = client.get(reverse("admin:accounts_legaltext_add") + "?kind=sms").content.decode()
    assert "Zgadzam się na otrzymywanie" in page


def test_a_draft_is_written_read_changed_and_published(client, editor, settings):
    client.post(reverse("admin:accounts_legaltext_add"), {"kind": "sms", "version": "2", **WORDS})
    draft = LegalText.objects.get(kind="sms", version="2")
    url = reverse("admin:accounts_legaltext_change", args=[draft.pk])
    assert f"A {settings.BRAND['company']}" in client.get(url).content.decode()
    client.post(url, {"act": "change", "version": "3", **WORDS})
    client.post(url, {"act": "publish", "looked_at": "on"})
    draft.refresh_from_db()
    assert (draft.version, draft.published_by) == ("3", editor)
    assert client.post(url, {"act": "change", "version": "4", **WORDS}).status_code < 500
    assert LegalText.objects.get(pk=draft.pk).version == "3"


def test_a_place_that_nothing_fills_is_told(client, editor):
    data = {"kind": "sms", "version": "2", **WORDS, "text_cs": "{compnay}"}
    answer = client.post(reverse("admin:accounts_legaltext_add"), data, headers={"accept-language": "en"})
    assert "{compnay}" in answer.content.decode() and not LegalText.objects.filter(version="2").exists()


def test_a_version_of_the_same_name_is_refused(editor):
    draft = LegalText(kind="sms", version=FIRST, **WORDS)
    with pytest.raises(Refused, match="with this name already"):
        texts.save_draft(draft, by=editor)
