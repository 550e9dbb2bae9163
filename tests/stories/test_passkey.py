"""A passkey, made and used in Chromium with a device that exists only there."""

import pytest
from playwright.sync_api import expect

from accounts.models import SignIn
from tests.authenticator import code_of_app
from tests.stories.steps import PASSWORD, STORY, registered_owner
from tests.stories.visitor import DESKTOP, PHONE, Visitor

pytestmark = STORY
ANNA = "anna.nowak@example.com"
LANGUAGES = pytest.mark.parametrize(
    ("language", "screen"), [("pl", PHONE), ("en", DESKTOP)], ids=["pl-phone", "en-desktop"]
)
NO_SCRIPTS = (
    "This browser cannot make passkeys, or its scripts are switched off. Take another one, or add an authenticator app."
)
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


class Finger:
    """What opens the passkeys of a phone."""

    def __init__(self, who: Visitor):
        # Passkeys belong to a name, never to a number.
        who.home = who.home.replace("127.0.0.1", "localhost")
        self.line = who.context.new_cdp_session(who.page)
        self.line.send("WebAuthn.enable")
        self.device = self.line.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]

    def refuses(self, refused: bool = True) -> None:
        self.line.send("WebAuthn.setUserVerified", {"authenticatorId": self.device, "isUserVerified": not refused})

    @property
    def passkeys(self) -> list[dict]:
        return self.line.send("WebAuthn.getCredentials", {"authenticatorId": self.device})["credentials"]


def confirms(who: Visitor) -> None:
    who.types(password=PASSWORD)
    who.presses("Confirm")


def adds_a_passkey(who: Visitor, name: str) -> None:
    who.opens("/signing-in/")
    who.follows("Add a passkey")
    if who.path == "/confirm/":
        confirms(who)
    who.types(name=name)
    who.presses("Add a passkey")


@LANGUAGES
def test_a_passkey_is_added_and_lets_in_alone(visitor, language, screen):
    registered_owner(ANNA, language=language)
    anna = visitor(language, screen)
    finger = Finger(anna)
    anna.signs_in(ANNA, PASSWORD)
    adds_a_passkey(anna, "Telefon")
    assert anna.path == "/signing-in/codes/" and len(finger.passkeys) == 1
    anna.sees("Recovery codes", "Codes that are left")
    anna.follows("I have kept the codes")
    anna.sees("Telefon")
    anna.signs_out()

    anna.opens("/sites/")
    assert anna.path == "/sign-in/"
    finger.refuses()
    anna.page.get_by_role("button", name=anna.say("Sign in with a passkey")).click()
    anna.sees("Nothing came back from your device. Try again, or choose another way.")
    finger.refuses(False)
    anna.presses("Sign in with a passkey")
    assert anna.path == "/sites/"
    assert SignIn.objects.first().method == "passkey"


@LANGUAGES
def test_a_passkey_is_the_second_factor_confirms_and_is_removed(visitor, language, screen):
    registered_owner(ANNA, language=language)
    anna = visitor(language, screen)
    finger = Finger(anna)
    anna.signs_in(ANNA, PASSWORD)
    adds_a_passkey(anna, "Telefon")
    anna.signs_out()

    anna.signs_in(ANNA, PASSWORD)
    assert anna.path == "/sign-in/code/"
    anna.presses("Use your passkey")
    assert anna.path == "/devices/"
    anna.opens("/password/change/")
    anna.follows("Use a passkey")
    anna.presses("Confirm with your passkey")
    assert anna.path == "/password/change/"
    anna.opens("/signing-in/")
    anna.clicks('a[href^="/signing-in/passkeys/"]:not([href$="/remove/"])')
    anna.types(name="Stary telefon")
    anna.presses("Save")
    anna.sees("Stary telefon")
    anna.clicks('a[href$="/remove/"]')
    anna.presses("Remove the passkey")
    anna.sees_not("Stary telefon")
    assert len(finger.passkeys) == 1


@LANGUAGES
def test_without_scripts_the_app_is_the_way(visitor, language, screen):
    registered_owner(ANNA, language=language)
    anna = visitor(language, screen, java_script_enabled=False)
    anna.signs_in(ANNA, PASSWORD)
    expect(anna.page.locator("form[data-passkey]")).to_have_count(0)
    anna.opens("/signing-in/passkeys/new/")
    confirms(anna)
    anna.sees(NO_SCRIPTS)
    anna.opens("/signing-in/app/")
    key = "".join(anna.page.locator("main .code").inner_text().split())
    anna.types(code=code_of_app(key))
    anna.presses("Add the app")
    anna.sees("Codes that are left")
    anna.signs_out()
    anna.signs_in(ANNA, PASSWORD)
    anna.types(code="000000")
    anna.presses("Sign in")
    anna.is_told("id_code")
    anna.types(code=code_of_app(key, ahead=1))
    anna.presses("Sign in")
    assert anna.path == "/devices/"
