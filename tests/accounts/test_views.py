"""Signing in and out, the own data, the partner's first page."""

import re

import pytest
from django.urls import reverse

from accounts.models import User
from portal.outbox.models import Message
from tests.factories import PASSWORD, customer, partner, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def test_a_person_signs_in_by_address_and_password_and_out_again(client):
    someone = customer().members.get()
    answer = client.post(reverse("account_login"), {"login": someone.email.upper(), "password": PASSWORD})
    assert answer.status_code == 302 and answer.url == "/start/"
    assert client.get("/start/").url == reverse("devices")
    client.post(reverse("account_logout"))
    assert client.get(reverse("devices")).status_code == 302


def test_wrong_password_and_unknown_address_look_the_same(client):
    someone = person()
    pages = [
        client.post(reverse("account_login"), {"login": login, "password": "wrong-password-12"}).content.decode()
        for login in (someone.email, "nobody@example.com")
    ]
    plain = [re.sub(r'(csrfmiddlewaretoken" value|value|nonce)="[^"]*"', "", page) for page in pages]
    assert plain[0] == plain[1]


def test_the_sign_in_returns_to_the_page_but_never_to_another_host(client):
    someone = customer().members.get()
    data = {"login": someone.email, "password": PASSWORD}
    assert client.post(reverse("account_login") + "?next=/sites/", data | {"next": "/sites/"}).url == "/sites/"
    client.logout()
    assert client.post(reverse("account_login"), data | {"next": "https://evil.example/"}).url == "/start/"


def test_a_forgotten_password_is_replaced_through_the_outbox(client):
    someone = person(language="en")
    assert client.post(reverse("account_reset_password"), {"email": someone.email}).status_code == 302
    letter = Message.objects.get()
    assert letter.recipient == someone.email and letter.secret
    path = re.search(r"https?://[^/\s]+(/\S+)", letter.text).group(1)
    form = client.get(path, follow=True)
    answer = client.post(
        form.redirect_chain[-1][0], {"password1": "another-long-one-7", "password2": "another-long-one-7"}
    )
    assert answer.status_code == 302
    someone.refresh_from_db()
    assert someone.check_password("another-long-one-7")


def test_the_page_after_asking_for_a_password_is_the_same_for_everybody(client):
    known = client.post(reverse("account_reset_password"), {"email": person().email}, follow=True)
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.com"}, follow=True)
    assert known.redirect_chain == unknown.redirect_chain
    assert Message.objects.filter(recipient="nobody@example.com").get().kind == "accounts/unknown_account"


def test_nobody_signs_up_past_the_wizard(client):
    assert client.get(reverse("account_signup")).url == reverse("register")
    assert client.post(reverse("account_signup"), {"email": "a@example.com", "password1": PASSWORD}).status_code == 302
    assert not User.objects.exists()


def test_a_profile_is_corrected_and_errors_keep_what_was_typed(client):
    someone = person()
    client.force_login(someone)
    data = {"first_name": "Ewa", "last_name": "", "language": "en"}
    page = client.post(reverse("profile"), data).content.decode()
    assert 'value="Ewa"' in page and "Fill in “Last name”" in page
    assert client.post(reverse("profile"), data | {"last_name": "Nowak"}).status_code == 302
    someone.refresh_from_db()
    assert str(someone) == "Ewa Nowak"


def test_the_pages_follow_a_language_chosen_in_the_profile(client):
    someone = person(language="pl")
    client.force_login(someone)
    client.post(reverse("profile"), {"first_name": "Ewa", "last_name": "Nowak", "language": "cs"})
    assert '<html lang="cs"' in client.get(reverse("profile")).content.decode()


def test_a_partner_sees_the_own_application_and_nobody_elses(client):
    company = partner(name="Serwis Ciepła")
    client.force_login(company.people.get().user)
    assert client.get("/start/").url == reverse("partner")
    assert "Serwis Ciepła" in client.get(reverse("partner")).content.decode()
    client.force_login(person())
    assert client.get(reverse("partner")).status_code == 404


def test_a_person_of_two_partners_still_has_a_first_page(client):
    someone = person()
    partner(people=[someone], name="Serwis Pierwszy")
    partner(people=[someone], name="Serwis Drugi")
    client.force_login(someone)
    assert "Serwis Pierwszy" in client.get(reverse("partner")).content.decode()
