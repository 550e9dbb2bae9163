"""Passwords, second factors, and confirming once more."""

import json
import time
from functools import partial
from urllib.parse import quote

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.actions.staff import remove_factors
from accounts.models import User
from accounts.signing_in.factors import factors_of
from accounts.templatetags.sign_ins import in_fours
from portal.errors import Refused
from portal.events import Event
from portal.outbox.models import Message
from tests.authenticator import code_of_app
from tests.factories import PASSWORD, clerk, customer, person
from tests.orders.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
NEW = "four new radiators"
ANSWER = dict.fromkeys(("clientDataJSON", "authenticatorData", "signature", "attestationObject"), "AAAA")
NO_CREDENTIALS = [
    json.dumps({"id": name, "rawId": name, "type": "public-key", "response": answer})
    for name in ("x", "AAAA")
    for answer in (
        {},
        ANSWER,
        ANSWER | {"userHandle": None},
        ANSWER | {"userHandle": "AAAA"},
        ANSWER | {"userHandle": 1},
    )
]


@pytest.fixture
def member() -> User:
    return customer(members=[person(language="en")]).members.get()


@pytest.fixture
def secret(member: User) -> str:
    """The member has an authenticator app with this key, and recovery codes."""
    made = generate_totp_secret()
    TOTP.activate(member, made)
    RecoveryCodes.activate(member)
    return made


def sign_in(client: Client, someone: User, password: str = PASSWORD):
    return client.post(reverse("account_login"), {"login": someone.email, "password": password})


def confirm(client: Client) -> None:
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302


# Passwords


@pytest.mark.parametrize(
    "password",
    [
        "short words", "password1234", "qwertyuiop12", "zaq12wsxcde3", "P@ssw0rd1234", "1234567890123",
        "aaaaaaaaaaaaaa", "kochamcie123", "polska123456", "iloveyou1234", "Admin123456!", "Polska2023!!",
        "mojehaslo1234", "bardzotajnehaslo", "kochamciebie1", "Warszawa2024!", "legiawarszawa", "zaq1@WSXcde3",
        "lechpoznan1922", "MojeHasło2024", "mojeheslo123", "tajnéheslo123", "miluji-tě-lásko", "Kochammisia1!",
    ],
)  # fmt: skip
def test_a_short_common_or_leaked_password_is_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password, User(email="a@example.com"))


@pytest.mark.parametrize("password", ["Anna.Kowalska7", "annakowalska1", "obokobokobok1", "anka.k@example7"])
def test_the_own_name_address_or_ours_makes_no_password(password):
    someone = User(first_name="Anna", last_name="Kowalska", email="anka.k@example.com")
    with pytest.raises(ValidationError, match=r"Besides your name|lists that thieves try"):
        validate_password(password, someone)


SENTENCE = "Za lasem stoi młyn, w młynie mieszka siedem sów, a każda liczy inne gwiazdy nad rzeką."


@pytest.mark.parametrize("password", [NEW, "zielony kot pod mostem", "żółwie piją kawę", "Zs8!kdP2mmQx", SENTENCE])
def test_long_words_of_any_kind_are_accepted(password):
    assert validate_password(password, User(email="anna@example.com", first_name="Anna")) is None


def test_a_password_has_an_end():
    with pytest.raises(ValidationError, match="at most 128"):
        validate_password("four new radiators " * 7)


# The second factor


@pytest.mark.parametrize(
    ("asked", "back"),
    [("mfa_activate_totp", "/signing-in/"), ("email-change", "/profile/"), (None, "/profile/")],
)
def test_who_does_not_want_to_confirm_gets_back_and_never_to_another_site(client, member, asked, back):
    sign_in(client, member)
    url = f"{reverse('account_reauthenticate')}?next=https://evil.example/"
    page = client.get(reverse(asked) if asked else url, follow=True).content.decode()
    assert f'<a class="way-back" href="{back}"' in page and f'<a class="btn btn-quiet" href="{back}"' in page
    assert 'href="https://evil' not in page


def test_an_app_is_added_after_confirming_and_asked_for_from_then_on(client, member):
    sign_in(client, member)
    page = reverse("mfa_activate_totp")
    assert client.get(page).url == f"{reverse('account_reauthenticate')}?next={quote(page, safe='')}"
    confirm(client)
    shown = client.get(page)
    assert in_fours(shown.context["form"].secret) in shown.content.decode()
    answer = client.post(page, {"code": code_of_app(shown.context["form"].secret)})
    assert answer.url == reverse("mfa_view_recovery_codes")
    client.post(reverse("account_logout"))
    assert sign_in(client, member).url == reverse("mfa_authenticate")
    assert client.get(reverse("devices")).url.startswith("/sign-in/")


def test_a_code_lets_in_once_even_if_the_clock_is_half_a_minute_late(client, member, secret):
    sign_in(client, member)
    late = code_of_app(secret, ahead=-1)
    assert client.post(reverse("mfa_authenticate"), {"code": late}).url == "/start/"
    other = Client()
    sign_in(other, member)
    assert "not the right code" in other.post(reverse("mfa_authenticate"), {"code": late}).content.decode()


@pytest.mark.parametrize("spelling", ["{}{}", "{} {}", "{}-{}"])
def test_a_used_code_stays_used_for_as_long_as_it_could_be_right(client, member, secret, monkeypatch, spelling):
    """allauth alone remembers it for 30 seconds."""
    sign_in(client, member)
    now = code_of_app(secret)
    client.post(reverse("mfa_authenticate"), {"code": now})
    monkeypatch.setattr(TOTP, "_mark_code_used", lambda self, code: True)
    other = Client()
    sign_in(other, member)
    spelt = spelling.format(now[:3], now[3:])
    assert other.post(reverse("mfa_authenticate"), {"code": spelt}).status_code == 200


def test_a_recovery_code_lets_in_once(client, member, secret):
    codes = Authenticator.objects.get(user=member, type="recovery_codes").wrap().get_unused_codes()
    for expected in (302, 200):
        visitor = Client()
        sign_in(visitor, member)
        assert visitor.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == expected
    assert len(Authenticator.objects.get(user=member, type="recovery_codes").wrap().get_unused_codes()) == 9


def test_recovery_codes_are_shown_downloaded_and_made_anew_after_confirming(client, member, secret):
    client.force_login(member)
    for name in ("mfa_view_recovery_codes", "mfa_download_recovery_codes", "mfa_generate_recovery_codes"):
        assert client.get(reverse(name)).url.startswith("/confirm/")
    confirm(client)
    before = client.get(reverse("mfa_download_recovery_codes"))
    assert before["Content-Disposition"] == 'attachment; filename="recovery-codes-obok.txt"'
    assert member.email in before.content.decode()
    first = before.content.decode().split()[-1]
    client.post(reverse("mfa_generate_recovery_codes"))
    assert first not in client.get(reverse("mfa_view_recovery_codes")).content.decode()


def test_keys_and_codes_cannot_be_read_in_the_database(member, secret):
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    codes = Authenticator.objects.get(type="recovery_codes").wrap()
    assert secret not in kept and codes.instance.data["seed"].startswith("gAAAA")


def test_an_older_secret_key_still_opens_them(member, secret, settings):
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-secret-key-of-the-same-portal"
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code_of_app(secret))


def test_a_reset_password_does_not_open_an_account_with_an_app(client, member, secret):
    from accounts.links import password_path

    form = client.get(password_path(member), follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert client.get(reverse("devices")).status_code == 302
    assert sign_in(client, member, NEW).url == reverse("mfa_authenticate")


def test_the_app_is_removed_after_confirming_and_the_codes_go_with_it(client, member, secret):
    client.force_login(member)
    assert client.get(reverse("mfa_deactivate_totp")).url.startswith("/confirm/")
    confirm(client)
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=member).exists()
    assert "removed from your account" in Message.objects.latest("pk").text


def test_a_code_confirms_too_and_leads_back(client, member, secret):
    client.force_login(member)
    page = reverse("account_change_password")
    answer = client.post(f"{reverse('mfa_reauthenticate')}?next={page}", {"code": code_of_app(secret), "next": page})
    assert answer.url == page and client.get(page).status_code == 200


@pytest.mark.parametrize("credential", ["", "x", "{}", "[]", '"x"', *NO_CREDENTIALS])
@pytest.mark.parametrize("name", ["mfa_login_webauthn", "mfa_reauthenticate_webauthn", "mfa_add_webauthn"])
def test_what_no_browser_sends_as_a_passkey_is_refused(client, member, name, credential):
    if name != "mfa_login_webauthn":
        client.force_login(member)
        confirm(client)
    assert client.post(reverse(name), {"credential": credential}).status_code in (200, 302)
    assert not Authenticator.objects.exists()


def test_the_question_for_a_passkey_names_nobody(client, member):
    answer = client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
    asked = answer.json()["request_options"]["publicKey"]
    assert asked["userVerification"] == "required" and not asked.get("allowCredentials")


def test_the_overview_offers_what_is_missing(client, member):
    client.force_login(member)
    page = client.get(reverse("mfa_index")).content.decode()
    assert "Add a passkey" in page and "Add an app" in page and "Recovery codes" not in page


# Confirming


def test_a_new_password_is_typed_only_after_the_old_one(client, member):
    sign_in(client, member)
    page, new = reverse("account_change_password"), {"password1": NEW, "password2": NEW}
    assert client.post(page, new).url == page
    assert NEW not in str(dict(client.session.items()))
    assert client.get(page).url.startswith(reverse("account_reauthenticate"))
    confirm(client)
    assert client.post(page, {"password1": "password1234", "password2": "password1234"}).status_code == 200
    assert client.post(page, new).url == reverse("mfa_index")
    member.refresh_from_db()
    assert member.check_password(NEW) and client.get(reverse("devices")).status_code == 200
    assert "the password of your account was changed" in Message.objects.latest("pk").text


def test_what_was_confirmed_counts_for_five_minutes(client, member, monkeypatch):
    client.force_login(member)
    confirm(client)
    page = reverse("account_change_password")
    assert client.get(page).status_code == 200
    later = time.time() + 301
    monkeypatch.setattr("time.time", lambda: later)
    assert client.get(page).url.startswith("/confirm/")


def test_a_form_that_came_too_late_is_typed_anew_and_its_customer_stays(client, member):
    client.force_login(member)
    page = f"/c/{member.memberships.get().customer.number}/email/"
    assert client.post(page, {"new": "anna@example.org"}).url == page
    confirming = client.get(page).url
    assert client.post(confirming, {"password": PASSWORD}).url == page
    assert client.post(page, {"new": "anna@example.org"}).url == page and member.email_changes.exists()


# The office


def test_the_office_changes_its_password_where_everybody_does(client):
    colleague = clerk()
    client.force_login(colleague)
    new = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post(reverse("admin:password_change"), new).url == reverse("account_change_password")
    colleague.refresh_from_db()
    assert not colleague.check_password(NEW)


def test_the_office_gets_a_factor_before_anything_else(client, settings):
    settings.STAFF_FACTOR_REQUIRED = True
    colleague = clerk("manager")
    client.force_login(colleague)
    for path in (
        reverse("admin:index"),
        reverse("admin:orders_order_changelist"),
        reverse("start"),
        reverse("profile"),
    ):
        assert client.get(path).url == reverse("mfa_index"), path
    page = client.get(reverse("mfa_index")).content.decode()
    assert "Whoever works in the office needs a second factor" in page
    TOTP.activate(colleague, generate_totp_secret())
    assert client.get(reverse("admin:index")).status_code == 200


def test_recovery_codes_alone_are_no_factor(client, settings):
    settings.STAFF_FACTOR_REQUIRED = True
    colleague = clerk()
    RecoveryCodes.activate(colleague)
    client.force_login(colleague)
    assert client.get(reverse("admin:index")).url == reverse("mfa_index")


def test_the_office_keeps_its_last_factor(client, settings):
    settings.STAFF_FACTOR_REQUIRED = True
    colleague = clerk()
    TOTP.activate(colleague, generate_totp_secret())
    client.force_login(colleague)
    confirm(client)
    assert "Add another one first" in client.post(reverse("mfa_deactivate_totp")).content.decode()
    assert Authenticator.objects.filter(user=colleague, type="totp").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", ["passkey", "app"])
def test_two_factors_that_are_removed_at_once_leave_the_office_one(settings, second):
    settings.STAFF_FACTOR_REQUIRED = True
    colleague, removals = clerk(), []
    passkeys = [Authenticator.objects.create(user=colleague, type="webauthn", data={"name": "x"})]
    if second == "app":
        TOTP.activate(colleague, generate_totp_secret())
        removals.append(reverse("mfa_deactivate_totp"))
    else:
        passkeys.append(Authenticator.objects.create(user=colleague, type="webauthn", data={"name": "y"}))
    removals += [reverse("mfa_remove_webauthn", args=[key.pk]) for key in passkeys]
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(colleague)
        confirm(browser)
    acts = [partial(browser.post, page) for browser, page in zip(browsers, removals, strict=True)]
    assert together(*acts) == ["done", "done"]
    assert factors_of(colleague).count() == 1


def test_owners_and_partners_need_none(client, settings, member):
    settings.STAFF_FACTOR_REQUIRED = True
    client.force_login(member)
    assert client.get(reverse("devices")).status_code == 200
    client.force_login(person())
    assert client.get(reverse("profile")).status_code == 200


def test_a_manager_removes_the_factors_of_somebody_who_lost_them(client, member, secret):
    client.force_login(clerk("manager"))
    page = reverse("admin:accounts_user_change", args=[member.pk])
    assert "Remove passkeys and second factors" in client.get(page).content.decode()
    client.post(page, {"act": "factors", "reason": "Called back at her number"})
    assert not Authenticator.objects.filter(user=member).exists()
    event = Event.objects.about(member).first()
    assert (event.verb, event.reason) == ("factor.all_removed", "Called back at her number")
    assert "our office has removed" in Message.objects.get(recipient=member.email).text
    assert sign_in(Client(), member).url == "/start/"


def test_nobody_removes_the_own_factors_or_an_administrators():
    colleague, administrator = clerk("manager"), person(is_staff=True, is_superuser=True)
    for someone in (colleague, administrator):
        TOTP.activate(someone, generate_totp_secret())
        with pytest.raises(Refused):
            remove_factors(someone, reason="Lost", by=colleague)
    assert Authenticator.objects.count() == 2


def test_whoever_signs_in_gets_the_own_language(client):
    someone = person(language="cs")
    pages = {"HTTP_ACCEPT_LANGUAGE": "pl"}
    client.post(reverse("account_login"), {"login": someone.email, "password": PASSWORD}, **pages)
    assert '<html lang="cs"' in client.get(reverse("profile"), **pages).content.decode()
