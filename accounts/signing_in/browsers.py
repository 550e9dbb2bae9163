"""Which browser somebody uses: a cookie that tells a known one from a new one, and its name in words."""

import uuid
from functools import lru_cache

import ua_parser
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

COOKIE = "__Host-browser" if settings.SECURE else "browser"
KEPT_SECONDS = 2 * 365 * 24 * 3600
# Browsers name themselves otherwise on phones; for the reader it is the same one.
LEFT_OUT = ("Mobile", "iOS", "WebView", "Headless")
SYSTEMS = {
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "Chrome OS": "Chromebook",
    "Linux": "Linux",
    "Ubuntu": "Linux",
    "Fedora": "Linux",
    "Debian": "Linux",
}
HAND_HELD = {
    ("Android", True): gettext_lazy("an Android phone"),
    ("Android", False): gettext_lazy("an Android tablet"),
}


def browser_of(request: HttpRequest) -> uuid.UUID | None:
    """The browser's own number, once somebody has signed in with it; None for others and for forged cookies."""
    value = request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=KEPT_SECONDS)
    try:
        return uuid.UUID(value or "")
    except ValueError:
        return None


def remember(response: HttpResponse, request: HttpRequest) -> uuid.UUID:
    """Lets the browser keep its number for two years from now; a new browser gets one."""
    browser = browser_of(request) or uuid.uuid4()
    response.set_signed_cookie(
        COOKIE, str(browser), salt=COOKIE, max_age=KEPT_SECONDS, httponly=True, secure=settings.SECURE, samesite="Lax"
    )
    return browser


def in_words(user_agent: str) -> str:
    """A browser as its owner would name it, in the language of the moment: "Firefox on Windows"."""
    browser, system, is_phone = _parsed(user_agent)
    where = str(HAND_HELD.get((system, is_phone)) or SYSTEMS.get(system, system))
    if browser and where:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": where}
    return browser or where or _("unknown browser")


@lru_cache(maxsize=2048)
def _parsed(user_agent: str) -> tuple[str, str, bool]:
    """Name of the browser, name of the system or of Apple's device, and whether it is a phone."""
    found = ua_parser.parse(user_agent)
    browser = found.user_agent.family if found.user_agent else ""
    for word in LEFT_OUT:
        browser = browser.replace(word, "")
    system = found.os.family if found.os else ""
    if system == "iOS" and found.device:
        system = found.device.family
    return " ".join(browser.split()), system, "Mobile" in user_agent
