"""Pages of the ground floor."""

import pytest
from django.test import Client
from django.urls import reverse

from portal.events import Event
from tests.factories import clerk, customer, partner, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def page(answer) -> str:
    return answer.content.decode()


def test_the_first_page_offers_the_two_ways_in(client):
    shown = page(client.get("/"))
    assert reverse("account_login") in shown and reverse("register") in shown
    client.force_login(person())
    assert client.get("/").url == "/start/"


def test_everybody_has_a_first_page_of_their_own(client):
    for someone, url in [
        (customer().members.get(), reverse("devices")),
        (partner().people.get().user, reverse("partner")),
        (clerk(), reverse("admin:index")),
    ]:
        client.force_login(someone)
        assert client.get("/start/").url == url


def test_a_language_is_kept_in_the_browser_and_with_the_person(client):
    someone = person(language="pl")
    client.force_login(someone)
    answer = client.post(reverse("set-language"), {"language": "cs", "next": "/profile/"})
    assert answer.url == "/profile/" and answer.cookies["django_language"]["samesite"] == "Lax"
    assert '<html lang="cs"' in page(client.get("/profile/"))
    someone.refresh_from_db()
    assert someone.language == "cs"
    assert Event.objects.get(verb="profile.changed").actor == someone


def test_a_stranger_may_choose_a_language_too(client):
    client.post(reverse("set-language"), {"language": "pl", "next": "/"})
    assert '<html lang="pl"' in page(client.get("/"))


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example", ""]
)
def test_a_language_leads_to_no_other_host(client, target):
    assert client.post(reverse("set-language"), {"language": "pl", "next": target}).url == "/"


@pytest.mark.parametrize("language", ["de", "", "xx", "../etc", "\x00"])
def test_an_unknown_language_changes_nothing(client, language):
    answer = client.post(reverse("set-language"), {"language": language, "next": "/"})
    assert answer.status_code == 302 and "django_language" not in answer.cookies
    assert client.get(reverse("set-language")).status_code == 405


def test_a_missing_page_has_words_and_a_way_on(client):
    answer = client.get("/nowhere/")
    assert answer.status_code == 404 and 'href="/' in page(answer)


def test_a_form_without_its_token_is_refused_with_words():
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(reverse("account_login"), {"login": "a", "password": "b"})
    assert answer.status_code == 403 and "<h1" in page(answer)


def test_pages_for_everybody_are_there(client):
    for name in ("privacy", "accessibility", "account_reset_password", "account_inactive"):
        assert client.get(reverse(name)).status_code == 200


def test_no_page_carries_a_script_or_style_of_its_own(client):
    answer = client.get("/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "<style" not in page(answer) and " style=" not in page(answer) and "onclick" not in page(answer)
