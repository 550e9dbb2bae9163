"""What is noted of each try to sign in, who is told of it, and “This was not me”."""

import re
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from dateutil.relativedelta import relativedelta
from django.core import signing
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.actions import history, not_me
from accounts.models import EmailChange, SignIn, User
from accounts.signing_in import browsers, tries
from accounts.signing_in.factors import FactorAdapter
from accounts.tasks import forget_sign_ins
from portal.events import Event
from portal.outbox.models import Message
from tests.factories import PASSWORD, able_partner, clerk, customer, member, partner, person
from tests.orders.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.5 Mobile/15E148 Safari/604.1"
)


def sign_in(email, password=PASSWORD, *, agent=FIREFOX, client=None, address="203.0.113.7"):
    """A try; gives back the browser, with its cookies."""
    client = client or Client()
    headers = {"HTTP_USER_AGENT": agent, "REMOTE_ADDR": address}
    client.post(reverse("account_login"), {"login": email, "password": password}, **headers)
    return client


def link_in(letter):
    return re.search(r"https?://[^/\s]+(/not-me/\S+)", letter.text).group(1)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (ANDROID, "Chrome on an Android phone"),
        (ANDROID.replace("Mobile ", ""), "Chrome on an Android tablet"),
        (IPHONE, "Safari on iPhone"),
        ("", "unknown browser"),
        ("curl/8.5", "curl"),
        ("<script>", "unknown browser"),
    ],
)
def test_a_browser_in_words(agent, words):
    with translation.override("en"):
        assert browsers.in_words(agent) == words


def test_the_cookie_of_a_browser_is_signed_and_stays_the_same():
    someone = person()
    client = sign_in(someone.email)
    first = SignIn.objects.get().browser
    assert client.cookies["browser"]["httponly"] and client.cookies["browser"]["samesite"] == "Lax"
    sign_in(someone.email, client=client)
    request = RequestFactory().get("/")
    request.COOKIES["browser"] = str(first)
    assert browsers.browser_of(request) is None
    request.COOKIES["browser"] = client.cookies["browser"].value
    assert browsers.browser_of(request) == first


def test_a_good_sign_in_is_noted_with_all_that_is_known():
    someone = person()
    sign_in(someone.email.upper(), agent=ANDROID)
    row = SignIn.objects.get()
    assert (row.user, row.outcome, row.method, row.factor) == (someone, "good", "password", "")
    assert (row.address, row.user_agent) == ("203.0.113.7", ANDROID)


def test_a_wrong_password_is_noted_for_addresses_with_an_account_only():
    someone = person()
    sign_in(someone.email, "not-the-password")
    sign_in("nobody@example.com", "not-the-password")
    row = SignIn.objects.get()
    assert (row.user, row.outcome, row.address) == (someone, "wrong_password", "203.0.113.7")


def test_noting_asks_the_database_the_same_whether_there_is_an_account_or_not():
    someone, asked = person(), []
    for email in (someone.email, "nobody@example.com"):
        with CaptureQueriesContext(connection) as queries:
            history.note_failure(request(), SignIn.Outcome.WRONG_PASSWORD, email=email)
        asked.append([re.sub(r"'[^']*'|_x\d+", "", query["sql"]) for query in queries.captured_queries])
    assert asked[0] == asked[1] and SignIn.objects.count() == 1


def request(user=None, session=None):
    made = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7", HTTP_USER_AGENT=FIREFOX)
    made.user, made.session = user, {} if session is None else session
    return made


def test_too_many_tries_fill_one_line_a_quarter_of_an_hour():
    someone = person()
    for _try in range(3):
        history.note_failure(request(), SignIn.Outcome.TOO_MANY, email=someone.email)
    SignIn.objects.update(at=timezone.now() - timedelta(minutes=16))
    history.note_failure(request(), SignIn.Outcome.TOO_MANY, email=someone.email)
    assert SignIn.objects.count() == 2


def test_a_closed_account_is_noted():
    someone = person(is_active=False)
    sign_in(someone.email)
    assert SignIn.objects.get().outcome == "inactive"


def test_a_wrong_code_is_noted_but_not_of_whoever_is_in_already():
    someone, app = person(), SimpleNamespace(type="totp")
    for inside in (True, False):
        mfa.authentication_failed.send(
            None, request=request(), user=someone, authenticator=app, reauthentication=inside
        )
    row = SignIn.objects.get()
    assert (row.outcome, row.factor) == ("wrong_code", "totp")


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([{"method": "password"}], ("password", "")),
        ([{"method": "password"}, {"method": "mfa", "type": "totp"}], ("password", "totp")),
        ([{"method": "mfa", "type": "webauthn", "passwordless": True}], ("passkey", "")),
        ([{"method": "password"}, {"method": "mfa", "type": "webauthn", "passwordless": True}], ("passkey", "")),
        ([{"method": "password_reset"}], ("link", "")),
    ],
)
def test_how_somebody_got_in(steps, told):
    someone = person()
    session = {"account_authentication_methods": steps, "account_authentication_methods_user": str(someone.pk)}
    assert history._how(request(someone, session), someone) == told


def test_factors_stand_in_the_trail():
    someone = person()
    key = Authenticator(user=someone, type="webauthn", data={"name": "Phone", "credential": {}})
    mfa.authenticator_added.send(None, request=request(), user=someone, authenticator=key)
    mfa.authenticator_removed.send(None, request=request(), user=someone, authenticator=key)
    told = [event.sentence for event in Event.objects.about(someone)]
    assert told == ["Passkey removed: Phone", "Passkey added: Phone"]


def test_the_first_sign_in_and_known_browsers_write_no_letter():
    someone = person()
    client = sign_in(someone.email)
    client.post(reverse("account_logout"))
    sign_in(someone.email, client=client)
    assert SignIn.objects.count() == 2 and not Message.objects.exists()


def test_a_new_browser_is_told_in_the_persons_language():
    someone = person(language="cs")
    sign_in(someone.email)
    sign_in(someone.email, agent=ANDROID, address="198.51.100.9")
    letter = Message.objects.get()
    assert (letter.kind, letter.recipient, letter.language) == ("accounts/new_browser", someone.email, "cs")
    assert letter.secret and "198.51.100.9" in letter.text and "Chrome" in letter.text


def test_the_link_alone_changes_nothing_and_a_forged_one_is_refused(client):
    someone = person(language="en")
    theirs = sign_in(someone.email)
    sign_in(someone.email, agent=ANDROID)
    path = link_in(Message.objects.get())
    assert "Chrome on an Android phone" in client.get(path).content.decode()
    assert theirs.get(reverse("profile")).status_code == 200 and not Event.objects.about(someone).exists()
    forged = signing.dumps(SignIn.objects.latest("pk").pk, salt="another")
    assert client.get(reverse("not-me", args=[forged])).status_code == 404


def test_this_was_not_me_locks_everybody_out_and_begins_a_reset(client):
    someone = person(language="en")
    rightful = sign_in(someone.email)
    thief = sign_in(someone.email, agent=ANDROID)
    path = link_in(Message.objects.get())
    for _press in range(2):
        assert client.post(path).url == path
    for each in (rightful, thief):
        assert each.get(reverse("profile")).status_code == 302
    assert not UserSession.objects.exists()
    sign_in(someone.email)
    assert SignIn.objects.latest("pk").outcome == "wrong_password"
    assert Event.objects.filter(verb="signin.denied").count() == 1
    letter = Message.objects.get(kind="accounts/choose_password")
    chosen = re.search(r"https?://[^/\s]+(/password/reset/\S+)", letter.text).group(1)
    assert client.get(chosen, follow=True).status_code == 200
    assert "All sessions are ended" in client.get(path).content.decode()


def test_the_browser_of_whoever_it_was_stays_a_new_one(client):
    someone = person()
    sign_in(someone.email)
    thief = sign_in(someone.email, agent=ANDROID)
    client.post(link_in(Message.objects.get()))
    someone.refresh_from_db()
    someone.set_password(PASSWORD)
    someone.save()
    sign_in(someone.email, agent=ANDROID, client=thief)
    assert Message.objects.filter(kind="accounts/new_browser").count() == 2


def adds_a_factor(client, name):
    """As allauth tells of a passkey that was added with this browser."""
    session = client.session
    someone = SignIn.objects.get(pk=session["sign_in"]).user
    key = Authenticator.objects.create(user=someone, type="webauthn", data={"name": name, "credential": {}})
    mfa.authenticator_added.send(None, request=request(someone, session), user=someone, authenticator=key)


def pressed(sign_in):
    """The page of the letter's link after its button."""
    return Client().post(reverse("not-me", args=[not_me.token(sign_in)]), follow=True).content.decode()


def test_this_was_not_me_takes_back_what_that_browser_changed():
    someone = person(language="en")
    rightful, thief = sign_in(someone.email), sign_in(someone.email, agent=ANDROID)
    row = SignIn.objects.latest("pk")
    adds_a_factor(thief, "Thief")
    adds_a_factor(rightful, "Added afterwards by the owner")
    EmailChange.objects.create(user=someone, old=someone.email, new="thief@example.com")
    page = pressed(row)
    assert [str(each) for each in Authenticator.objects.all()] == ["Added afterwards by the owner"]
    assert not EmailChange.objects.open().exists()
    assert not_me.denial_of(row).data == {"factors": 1, "stopped": 1, "closed": False}
    assert "added with this browser are removed" in page and "It is stopped" in page


def test_recovery_codes_that_the_denied_browser_made_go_too():
    someone = person()
    rightful, thief = sign_in(someone.email), sign_in(someone.email, agent=ANDROID)
    adds_a_factor(rightful, "Mine")
    codes = Authenticator.objects.create(user=someone, type="recovery_codes", data={})
    mfa.authenticator_reset.send(None, request=request(someone, thief.session), user=someone, authenticator=codes)
    pressed(SignIn.objects.latest("pk"))
    assert [str(each) for each in Authenticator.objects.all()] == ["Mine"]


def test_the_link_lives_for_seven_days(client, monkeypatch):
    row = SignIn.objects.create(user=person(), outcome="good", method="password")
    path = reverse("not-me", args=[not_me.token(row)])
    now = time.time()
    for days, status in ((6.9, 200), (7.1, 404)):
        monkeypatch.setattr("time.time", lambda days=days: now + days * 24 * 3600)
        assert client.get(path).status_code == status


def test_a_letter_to_an_address_that_is_no_longer_the_persons_does_nothing():
    """Neither an old mailbox takes the account back, nor does a thief's once the owner has the account again."""
    someone = person(language="en", email="old@example.com")
    mine = sign_in(someone.email)
    row = SignIn.objects.get()
    path = reverse("not-me", args=[not_me.token(row)])
    User.objects.filter(pk=someone.pk).update(email="new@example.com")
    page = Client().post(path, follow=True).content.decode()
    assert "Your account has another e-mail address now" in page and "This was not me" not in page
    assert mine.get(reverse("profile")).status_code == 200
    assert not not_me.denial_of(row) and not Message.objects.exists()


def test_the_office_does_not_get_in_by_email_alone_after_its_only_factor_is_gone(client, settings):
    settings.STAFF_FACTOR_REQUIRED = True
    colleague = clerk(language="en")
    adds_a_factor(sign_in(colleague.email), "Of the denied browser")
    page = pressed(SignIn.objects.get())
    colleague.refresh_from_db()
    assert not colleague.is_active and "Your account is closed" in page
    assert Event.objects.about(colleague).first().verb == "signin.closed"
    letter = Message.objects.get()
    assert letter.kind == "accounts/account_closed" and "/password/reset/" not in letter.text
    client.post(reverse("account_reset_password"), {"email": colleague.email})
    assert Message.objects.latest("pk").kind == "accounts/unknown_account"


def test_the_office_with_another_factor_stays_open(settings):
    settings.STAFF_FACTOR_REQUIRED = True
    colleague = clerk()
    rightful = sign_in(colleague.email)
    adds_a_factor(rightful, "Mine")
    pressed(SignIn.objects.create(user=colleague, outcome="good", method="password"))
    colleague.refresh_from_db()
    assert colleague.is_active and Message.objects.get().kind == "accounts/choose_password"


def test_the_page_shows_the_own_tries_and_what_matters(client):
    someone, other = person(language="en"), person()
    sign_in(someone.email, "not-the-password", agent=IPHONE)
    sign_in(other.email, address="198.51.100.9")
    mine = sign_in(someone.email)
    history_page = mine.get(reverse("sign-ins")).content.decode()
    assert "Safari on iPhone" in history_page and "wrong password" in history_page.lower()
    assert "this time" in history_page and "198.51.100.9" not in history_page


def test_long_histories_come_in_pages(client):
    someone = person()
    SignIn.objects.bulk_create([SignIn(user=someone, outcome="good", method="password") for _ in range(60)])
    client.force_login(someone)
    assert client.get(reverse("sign-ins")).content.decode().count("<tr") == 26
    assert client.get(reverse("sign-ins") + "?page=3").content.decode().count("<tr") == 11


def test_the_last_tries_leave_the_present_one_out_and_cost_one_query(django_assert_num_queries):
    someone = person()
    now = timezone.now()
    rows = [
        SignIn.objects.create(user=someone, outcome=outcome, method="password", at=now - timedelta(days=ago))
        for outcome, ago in (("good", 9), ("wrong_password", 8), ("too_many", 7), ("good", 3), ("good", 0))
    ]
    with django_assert_num_queries(1):
        last = history.last_tries(request(session={"sign_in": rows[-1].pk}), someone)
    assert (last.good, last.failed) == (rows[3], rows[2])


def test_the_start_page_says_when_somebody_was_in_last():
    someone = customer(members=[person(language="en")]).members.get()
    SignIn.objects.create(
        user=someone, outcome="wrong_password", method="password", at=timezone.now() - timedelta(days=8)
    )
    mine = sign_in(someone.email)
    page = mine.get(reverse("devices")).content.decode()
    assert "Last sign-in that failed" in page and "Last sign-in before" not in page


@pytest.mark.parametrize(
    "somebody",
    [
        lambda: member(customer(), "financial"), lambda: member(customer(), "read_only"), clerk, person,
        lambda: partner(people=[person()]).people.get().user,
        lambda: able_partner(people=[person()]).people.get().user,
    ],
    ids=["accountant", "reader", "clerk", "nobody's", "applicant", "partner"],
)  # fmt: skip
def test_so_does_everybodys_first_page(somebody, client):
    someone = somebody()
    for days, outcome in ((2, "good"), (1, "wrong_password")):
        at = timezone.now() - timedelta(days=days)
        SignIn.objects.create(user=someone, outcome=outcome, method="password", at=at)
    client.force_login(someone)
    page = client.get(reverse("start"), follow=True).content.decode()
    assert "Last sign-in before this one" in page and "Last sign-in that failed" in page


def test_old_tries_go_but_each_persons_last_good_one_stays():
    someone, old = person(), timezone.now() - relativedelta(months=14)
    for outcome, at in (("good", old), ("wrong_password", old), ("good", old + timedelta(days=1)), ("too_many", None)):
        SignIn.objects.create(user=someone, outcome=outcome, method="password", at=at or timezone.now())
    assert (forget_sign_ins(), forget_sign_ins()) == (2, 0)
    assert set(SignIn.objects.values_list("outcome", flat=True)) == {"good", "too_many"}


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_act_once():
    row = SignIn.objects.create(user=person(), outcome="good", method="password")
    assert together(lambda: pressed(row), lambda: pressed(row)) == ["done", "done"]
    assert Event.objects.filter(verb="signin.denied").count() == 1
    assert Message.objects.filter(kind="accounts/choose_password").count() == 1


def test_codes_that_a_limit_stops_are_noted_once(client):
    someone = person()
    Authenticator.objects.create(user=someone, type="totp", data={"secret": FactorAdapter().encrypt("A" * 32)})
    tries.count(*tries.of_code(request(), someone))
    client.post(reverse("account_login"), {"login": someone.email, "password": PASSWORD})
    for _try in range(12):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    noted = list(SignIn.objects.values_list("outcome", "factor"))
    assert noted.count(("wrong_code", "totp")) == 9 and noted.count(("too_many", "")) == 1
