"""Limits on tries, and that nothing tells whether an address has an account."""

import re
import statistics
import time
from collections.abc import Callable, Iterator

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import MD5PasswordHasher, PBKDF2PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import SignIn, User
from accounts.signing_in.tries import in_words
from devices.models import Registration
from portal.outbox.models import Message
from tests.authenticator import code_of_app
from tests.factories import PASSWORD, customer, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
HERE, ELSEWHERE = "198.51.100.7", "203.0.113.9"


class Slow(PBKDF2PasswordHasher):
    """As in production, only quicker."""

    iterations = 20_000


@pytest.fixture
def owner() -> User:
    return customer().members.get()


@pytest.fixture
def hashed(monkeypatch) -> Iterator[list[str]]:
    """The passwords that were really looked at."""
    seen: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self, password, salt):
        seen.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return seen


def tries(client: Client, email: str, password: str = "wrong-password-12", address: str = HERE):
    return client.post(reverse("account_login"), {"login": email, "password": password}, REMOTE_ADDR=address)


def gets_in(client: Client, owner: User, address: str = HERE) -> bool:
    return tries(client, owner.email, PASSWORD, address).status_code == 302


def has_signed_in(owner: User, address: str = HERE) -> Client:
    """The owner's browser, which has been here before and is out now."""
    browser = Client()
    assert gets_in(browser, owner, address)
    browser.post(reverse("account_logout"))
    return browser


def test_a_thousand_wrong_passwords_for_one_account(owner, hashed):
    known = has_signed_in(owner)
    hashed.clear()
    attacker = Client()
    for number in range(1000):
        answer = tries(attacker, owner.email, f"wrong-password-{number}")
    assert len(hashed) == 10
    # Fewer than 15 where a thousand tries took a while.
    assert re.search(r"There were too many tries\. Wait for (1\d|\d) minutes?, then", answer.content.decode())
    assert not gets_in(attacker, owner)
    # The rightful owner: from elsewhere with any browser, and from the attacker's own network with the known one.
    assert gets_in(Client(), owner, ELSEWHERE) and gets_in(known, owner)
    assert SignIn.objects.filter(outcome="too_many").count() == 1


def test_a_thousand_addresses_tried_from_one_network(owner, hashed):
    known, attacker = has_signed_in(owner), Client()
    hashed.clear()
    for number in range(1000):
        tries(attacker, f"person{number}@example.com")
    assert len(hashed) == 30
    assert not gets_in(Client(), owner)
    assert gets_in(Client(), owner, ELSEWHERE) and gets_in(known, owner)


def test_a_row_of_addresses_is_one_network(hashed):
    for number in range(250):
        tries(Client(), f"person{number}@example.com", address=f"198.51.100.{number}")
    assert len(hashed) == 100
    hashed.clear()
    for number in range(50):
        tries(Client(), f"person{number}@example.com", address=f"2001:db8::{number}")
    assert len(hashed) == 30


def test_from_many_networks_one_account_is_tried_a_hundred_times_an_hour(owner, hashed):
    known = has_signed_in(owner)
    hashed.clear()
    for number in range(150):
        tries(Client(), owner.email, address=f"10.{number}.0.1")
    assert len(hashed) == 100
    assert not gets_in(Client(), owner, ELSEWHERE) and gets_in(known, owner, ELSEWHERE)


def test_a_new_password_by_e_mail_opens_the_way_again(client, owner):
    from accounts.links import password_path

    for number in range(101):
        tries(Client(), owner.email, address=f"10.{number}.0.1")
    form = client.get(password_path(owner), follow=True)
    new = {"password1": "four new radiators", "password2": "four new radiators"}
    client.post(form.redirect_chain[-1][0], new)
    assert tries(client, owner.email, "four new radiators").status_code == 302


def test_the_wait_gets_shorter_and_ends(owner, monkeypatch):
    for _number in range(10):
        tries(Client(), owner.email)
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 10 * 60 + 30)
    assert "Wait for 5 minutes" in tries(Client(), owner.email, PASSWORD).content.decode()
    monkeypatch.setattr("time.time", lambda: now + 15 * 60 + 1)
    assert gets_in(Client(), owner)


def test_right_passwords_do_not_count(owner):
    assert all(gets_in(Client(), owner) for _number in range(12))


def test_tries_of_someone_elses_browser_are_not_the_owners(owner):
    """A browser that is known to one account has no tries of its own for another."""
    attacker = has_signed_in(person(language="en"))
    for _number in range(11):
        answer = tries(attacker, owner.email)
    assert "too many tries" in answer.content.decode()


def test_codes_are_limited_and_the_wait_is_told(client, owner):
    TOTP.activate(owner, generate_totp_secret())
    assert gets_in(client, owner)
    for number in range(11):
        answer = client.post(reverse("mfa_authenticate"), {"code": f"{number:06}"})
    assert "Wait for 15 minutes" in answer.content.decode()


def test_who_has_stolen_the_password_does_not_use_up_the_owners_codes(owner):
    mine = has_signed_in(owner)
    secret = generate_totp_secret()
    TOTP.activate(owner, secret)
    thief = Client()
    for browser in (thief, mine):
        assert gets_in(browser, owner)
    for number in range(11):
        answer = thief.post(reverse("mfa_authenticate"), {"code": f"{number:06}"})
    assert "too many tries" in answer.content.decode()
    assert mine.post(reverse("mfa_authenticate"), {"code": code_of_app(secret)}).url == "/start/"


def test_confirming_is_limited_and_signing_in_is_not(client, owner):
    client.force_login(owner)
    for number in range(11):
        answer = client.post(reverse("account_reauthenticate"), {"password": f"wrong-{number}"})
    assert "Wait for 15 minutes" in answer.content.decode()
    assert gets_in(Client(), owner)


@pytest.mark.parametrize("known", [True, False])
def test_letters_with_a_link_to_a_new_password_are_limited(client, owner, known):
    email = owner.email if known else "nobody@example.com"
    answers = [client.post(reverse("account_reset_password"), {"email": email}) for _number in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 200]
    assert "Wait for 15 minutes" in answers[-1].content.decode()


def test_letters_with_a_link_to_a_new_password_are_ten_a_day_from_strangers(monkeypatch, owner):
    mine, now = has_signed_in(owner), time.time()
    for number in range(11):
        monkeypatch.setattr("time.time", lambda number=number: now + number * 3600)
        answer = Client().post(
            reverse("account_reset_password"), {"email": owner.email}, REMOTE_ADDR=f"10.0.{number}.1"
        )
        assert answer.status_code == (302 if number < 10 else 200)
    assert "Wait for 14 hours, then try again." in answer.content.decode()
    assert reset(mine, owner.email).status_code == 302


@pytest.mark.parametrize(
    ("seconds", "wait"), [(60, "1 minute,"), (5400, "90 minutes,"), (5401, "2 hours,"), (7201, "3 hours,")]
)
def test_long_waits_are_told_in_hours(seconds, wait):
    assert f"Wait for {wait}" in in_words(seconds)


def test_the_counters_name_nobody(owner):
    tries(Client(), owner.email)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(cache_key || value, ' ') FROM portal_cache")
        assert owner.email.split("@")[0] not in cursor.fetchone()[0]


# Nothing tells whether an address has an account


def reset(client: Client, email: str):
    return client.post(reverse("account_reset_password"), {"email": email})


def plain(answer) -> tuple[int, str, str]:
    words = re.sub(r'(csrfmiddlewaretoken" value|value|nonce)="[^"]*"', "", answer.content.decode())
    return answer.status_code, answer.get("Location", ""), words


@pytest.mark.parametrize("act", [tries, reset], ids=["sign-in", "reset"])
def test_words_hashes_and_queries_are_the_same_for_everybody(owner, hashed, act):
    nothing_usable = person()
    nothing_usable.set_unusable_password()
    nothing_usable.save()
    answers, work = [], []
    for email in (owner.email, "nobody@example.com", nothing_usable.email):
        act(Client(), email)
        hashed.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answers.append(plain(act(Client(), email)))
        work.append((len(hashed), len(queries)))
    assert answers[0] == answers[1] == answers[2]
    assert work[0] == work[1] == work[2], work


def test_a_registration_answers_and_works_the_same_for_everybody(client, owner, hashed):
    answers, work = [], []
    for email in ("first@example.com", owner.email, "nobody@example.com"):
        visitor = Client()
        visitor.get(reverse("register"))
        row = Registration.objects.latest("created_at")
        row.answers = {"kind": {"clean": {"kind": "private"}}, "contact": {"clean": {"first_name": "Anna"}}}
        row.answers |= {"site": {"skipped": True}, "signin": {"clean": {"email": email}}}
        row.email = email
        row.save()
        hashed.clear()
        with CaptureQueriesContext(connection) as queries:
            answers.append(plain(visitor.post(reverse("register-check"), follow=True)))
        work.append((len(hashed), len(queries)))
    # The first one fills what is kept for all.
    assert answers[1][2].replace(owner.email, "") == answers[2][2].replace("nobody@example.com", "")
    assert work[1] == work[2] and Message.objects.count() == 3


@pytest.mark.parametrize("act", [tries, reset], ids=["sign-in", "reset"])
def test_it_takes_as_long_for_everybody(owner, settings, act: Callable):
    settings.PASSWORD_HASHERS = ["tests.accounts.test_tries.Slow"]
    owner.set_password(PASSWORD)
    owner.save()
    ratios = []
    for number in range(51):
        times: dict[str, float] = {}
        # One beside the other, and each first by turns: what else the machine does is the same for both.
        for email in sorted([owner.email, "nobody@example.com"], reverse=bool(number % 2)):
            cache.clear()
            began = time.perf_counter()
            act(Client(), email)
            times[email] = time.perf_counter() - began
        ratios.append(times[owner.email] / times["nobody@example.com"])
    assert 0.7 < statistics.median(ratios) < 1.43, ratios
