"""Where somebody is signed in: seen, and ended."""

import time

import pytest
from allauth.usersessions.models import UserSession
from django.urls import reverse

from portal.events import Event
from tests.accounts.test_history import ANDROID, FIREFOX, IPHONE, sign_in
from tests.factories import clerk, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def is_in(client):
    return client.get(reverse("profile")).status_code == 200


@pytest.fixture
def someone():
    return person(language="en")


@pytest.fixture
def computer(someone):
    return sign_in(someone.email, agent=FIREFOX)


@pytest.fixture
def phone(someone, computer):
    return sign_in(someone.email, agent=ANDROID, address="198.51.100.9")


def test_the_page_lists_the_own_sessions_in_words(computer, phone):
    sign_in(person().email, agent=IPHONE)
    page = computer.get(reverse("sessions")).content.decode()
    assert "Firefox on Windows" in page and "Chrome on an Android phone" in page and "198.51.100.9" in page
    assert "iPhone" not in page and page.count("This session</span>") == 1


def test_one_session_is_ended(someone, computer, phone):
    other = UserSession.objects.get(user=someone, ip="198.51.100.9")
    computer.post(reverse("session-end", args=[other.pk]))
    assert is_in(computer) and not is_in(phone)
    assert Event.objects.about(someone).filter(verb="sessions.ended").count() == 1


def test_neither_the_own_nor_a_strangers_session_is_ended_here(someone, computer):
    stranger = person()
    theirs = sign_in(stranger.email)
    for session in UserSession.objects.all():
        assert computer.post(reverse("session-end", args=[session.pk])).status_code == 404
    assert is_in(computer) and is_in(theirs)


def test_all_others_are_ended_at_once(someone, computer, phone):
    tablet = sign_in(someone.email, agent=IPHONE)
    computer.post(reverse("sessions-end-others"))
    assert [is_in(each) for each in (computer, phone, tablet)] == [True, False, False]
    assert list(UserSession.objects.filter(user=someone).values_list("ip", flat=True)) == ["203.0.113.7"]


def test_a_new_password_ends_the_other_sessions(someone, computer, phone):
    prove(computer, someone)
    data = {"password1": "eleven-warm-buckets", "password2": "eleven-warm-buckets"}
    assert computer.post(reverse("account_change_password"), data).status_code == 302
    assert is_in(computer) and not is_in(phone)
    assert "Android" not in computer.get(reverse("sessions")).content.decode()


def prove(client, someone):
    """As if the password had been asked for just now."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(someone.pk)
    session.save()


@pytest.mark.parametrize(
    ("hours", "idle", "is_staff", "stays"),
    [(29 * 24, 0, False, True), (31 * 24, 0, False, False), (11, 0, True, True), (13, 0, True, False),
     (3, 3, True, False), (3, 3, False, True), (2, 1, True, True)],
)  # fmt: skip
def test_a_session_ends_in_time(client, hours, idle, is_staff, stays):
    client.force_login(person(is_staff=is_staff))
    session = client.session
    session["since"], session["used"] = int(time.time()) - hours * 3600, {"": int(time.time()) - idle * 3600}
    session.save()
    assert (client.get(reverse("start")).url != f"{reverse('account_login')}?next=/start/") is stays
    assert ("_auth_user_id" in client.session) is stays


def test_what_a_session_notes_stays_small_and_an_older_one_ends_in_time_too(client, someone):
    client.force_login(someone)
    session = client.session
    del session["since"]
    session["used"] = {f"K-{number:06}": int(time.time()) - 3600 for number in range(50)}
    session.save()
    client.get("/c/K-999999/devices/")
    assert list(client.session["used"]) == ["K-999999"] and client.session["since"] > time.time() - 60


def test_the_office_signs_somebody_out_everywhere(client, someone, computer, phone):
    client.force_login(clerk("manager"))
    url = reverse("admin:accounts_user_change", args=[someone.pk])
    assert client.post(url, {"act": "sign_out"}).status_code == 302
    assert not is_in(computer) and not is_in(phone)
    assert Event.objects.about(someone)[0].verb == "sessions.ended_by_office"
    client.force_login(clerk())
    assert client.post(url, {"act": "sign_out"}).status_code == 403
