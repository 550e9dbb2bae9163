"""Signing in and out, a forgotten password, the language, the demo's mailbox, and every page of an owner."""

from contextlib import suppress

import pytest
from django.conf import settings as portal_settings
from playwright.sync_api import TimeoutError

from tests import factories
from tests.stories.mailbox import link_in
from tests.stories.steps import PASSWORD, STORY, registered_owner
from tests.stories.visitor import DESKTOP, PHONE

pytestmark = STORY
ANNA = "anna@example.com"


def test_signing_in_with_mistakes_and_out_again(visitor):
    registered_owner(ANNA, language="en")
    anna = visitor("en")
    anna.opens("/orders/")
    anna.presses("Sign in")
    anna.is_told("id_login")
    anna.types(login=ANNA, password="wrong")
    anna.presses("Sign in")
    assert anna.page.locator(".error-summary").is_visible()
    anna.has_typed(login=ANNA)
    anna.types(password=PASSWORD)
    anna.presses("Sign in")
    assert anna.path == "/orders/"
    anna.signs_out()
    anna.opens("/orders/")
    assert anna.path == "/sign-in/"


def test_a_forgotten_password(visitor, mailbox):
    registered_owner(ANNA, language="pl")
    anna = visitor("pl")
    anna.opens("/password/reset/")
    anna.types(email=ANNA)
    anna.presses("Send the link")
    anna.sees("Look into your mailbox")
    link = link_in(mailbox.newest(ANNA))
    anna.opens(link)
    anna.types(password1="short", password2="short")
    anna.presses("Save the new password")
    anna.is_told("id_password1")
    anna.types(password1="four new radiators", password2="four new radiators")
    anna.presses("Save the new password")
    anna.sees("Your new password works")
    anna.opens(link)
    anna.sees("This link no longer works")
    anna.signs_in(ANNA, "four new radiators")
    assert anna.path == "/devices/"


def test_the_language_changes_and_the_page_stays(visitor):
    device = factories.device(factories.site(registered_owner(ANNA, language="en")))
    anna = visitor("en", DESKTOP)
    anna.signs_in(ANNA, PASSWORD)
    anna.opens("/devices/?q=heat")
    for language in ("pl", "cs", "en"):
        anna.unfolds("Language")
        anna.clicks(f"button[value={language}]")
        anna.language = language
        assert anna.path == "/devices/" and anna.page.url.endswith("?q=heat")
        anna.sees("Your devices", device.name)
        assert anna.page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize(
    ("language", "screen", "scheme"),
    [("pl", PHONE, "light"), ("cs", DESKTOP, "light"), ("cs", PHONE, "dark"), ("en", DESKTOP, "dark")],
    ids=["pl-phone", "cs-desktop", "cs-phone-dark", "en-desktop-dark"],
)
def test_every_page_of_an_owner(visitor, language, screen, scheme):
    owner = registered_owner(ANNA, language=language)
    site = factories.site(owner)
    device, split = factories.device(site), factories.device(site, kind="split", units=[])
    order = factories.order_in_review(device)
    anna = visitor(language, screen, color_scheme=scheme)
    for path in ("/", "/privacy/", "/accessibility/", "/sign-in/", "/password/reset/"):
        anna.opens(path)
    anna.opens("/nowhere/", status=404)
    anna.signs_in(ANNA, PASSWORD)
    for path in (
        "/devices/", f"/devices/{device.pk}/", f"/devices/{device.pk}/change/", f"/devices/{split.pk}/nameplates/",
        f"/devices/{split.pk}/proof/", "/devices/new/", "/devices/new/split/", "/sites/", f"/sites/{site.pk}/",
        f"/sites/{site.pk}/change/", "/sites/new/", "/orders/", f"/orders/{order.pk}/",
        f"/orders/{order.pk}/withdraw/", "/profile/", "/signing-in/", "/confirm/",
    ):  # fmt: skip
        anna.opens(path)
        assert anna.path == path


@pytest.mark.skipif(not portal_settings.DEMO, reason="The mailbox page is there in the demo only.")
def test_a_link_in_the_mailbox_of_the_demo_works(visitor, mailbox):
    registered_owner(ANNA, language="en")
    anna = visitor("en")
    anna.opens("/password/reset/")
    anna.types(email=ANNA)
    anna.presses("Send the link")
    mailbox.deliver()
    anna.opens("/demo/mailbox/")
    anna.follows("Choose a new password")
    button = anna.page.frame_locator("iframe").get_by_role("link", name="Choose a new password")
    for _press in range(10):  # a press on a frame that is still finding its place goes nowhere
        with suppress(TimeoutError):
            button.click(timeout=5000)
            anna.page.wait_for_url("**/password/reset/**", timeout=5000)
            break
    anna.looks()
    anna.sees("Choose a new password")
