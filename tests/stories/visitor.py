"""A person at a browser: what they do, and what has to be right on every page that they come to."""

import hashlib
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect

# Milliseconds that a page or a sentence may take to come. Far more than they need: a busy machine is no fault.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
SHOTS = Path(__file__).parents[2] / ".local" / "shots"
# What differs between two loads of the same page.
TOKENS = re.compile(r'(name="(csrfmiddlewaretoken|once)" value=|page/|-kept" value=)"[^"]+"')

axe = Axe()
checked: set[str] = set()


class Visitor:
    """Reads the portal in one language on one screen. Each page is checked as soon as it is loaded."""

    def __init__(self, context: BrowserContext, home: str, language: str, *, story: str, scripts: bool):
        self.context, self.home, self.language, self.story, self.scripts = context, home, language, story, scripts
        self.faults: list[str] = []
        self.shots = 0
        self.page = self.new_tab()

    def new_tab(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("requestfinished", self._no_strangers)
        return page

    def _console(self, message: ConsoleMessage) -> None:
        # Most stories keep service workers out, which the partner's pages ask for.
        if message.type in ("error", "warning") and "blocked by Playwright" not in message.text:
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _no_strangers(self, request: Any) -> None:
        if not request.url.startswith((self.home, "data:", "blob:", "chrome")):
            self.faults.append(f"asked a stranger: {request.url}")

    def say(self, words: str, **values: Any) -> str:
        """The sentence as this visitor's language has it."""
        with translation.override(self.language):
            return gettext(words) % values if values else gettext(words)

    # What people do

    def opens(self, address: str, status: int = 200) -> None:
        """A page by its path or its whole address, which answers with the status."""
        url = address if address.startswith("http") else self.home + address
        response = self.page.goto(url)
        assert response and response.status == status, f"{url} answered {response and response.status}"
        self.looks(status)

    def follows(self, *parts: str) -> None:
        """A link, by all of its words: "Change", "Contact data" is the link “Change: Contact data”."""
        # Playwright wants the slash escaped.
        name = r"\s*:\s*".join(re.escape(self.say(part)).replace("/", r"\/") for part in parts)
        self.clicks(self.page.get_by_role("link", name=re.compile(f"^{name}$")).first)

    def presses(self, words: str, status: int = 200) -> None:
        """A button that sends a form, by all of its words; the next page answers with the status."""
        button = self.page.get_by_role("button", name=self.say(words), exact=True)
        self.clicks(button.locator("visible=true").first, status)

    def clicks(self, thing: str | Locator, status: int = 200) -> None:
        """Something that leads to another page."""
        target = self.page.locator(thing).first if isinstance(thing, str) else thing
        with self.page.expect_navigation(wait_until="load"):
            target.click()
        self.looks(status)

    def unfolds(self, words: str) -> None:
        """What lies behind a summary."""
        self.page.locator("summary", has_text=self.say(words)).first.click()

    def field(self, name: str) -> Locator:
        return self.page.locator(f'[name="{name}"]:not([type=hidden])').locator("visible=true").first

    def types(self, **fields: str) -> None:
        """Into fields by their names; `__` stands for a dash."""
        for name, value in fields.items():
            self.field(name.replace("__", "-")).fill(value)

    def selects(self, **fields: str) -> None:
        for name, value in fields.items():
            self.field(name).select_option(value)

    def picks(self, name: str, value: str = "") -> None:
        """A radio button or a box, by a click on its words."""
        box = self.page.locator(f'input[name="{name}"]' + (f'[value="{value}"]' if value else "")).first
        self.page.locator(f'label[for="{box.get_attribute("id")}"]').click()
        expect(box).to_be_checked()

    def attaches(self, name: str, *files: dict[str, Any]) -> None:
        self.page.locator(f'input[type=file][name="{name}"]').set_input_files(list(files))

    def signs_in(self, email: str, password: str) -> None:
        self.opens("/sign-in/")
        self.types(login=email, password=password)
        self.presses("Sign in")

    def signs_out(self) -> None:
        self.unfolds("Your account")
        self.presses("Sign out")

    # What people see

    def sees(self, *sentences: str, **values: Any) -> None:
        for words in sentences:
            expect(self._shown(self.say(words, **values))).not_to_have_count(0)

    def sees_not(self, *sentences: str, **values: Any) -> None:
        for words in sentences:
            expect(self._shown(self.say(words, **values))).to_have_count(0)

    def _shown(self, words: str) -> Locator:
        return self.page.get_by_text(words).locator("visible=true")

    def has_typed(self, **fields: str) -> None:
        """What stands in the fields; `__` stands for a dash."""
        for name, value in fields.items():
            expect(self.field(name.replace("__", "-"))).to_have_value(value)

    def is_told(self, field: str, words: str = "", **values: Any) -> None:
        """An error in the summary that leads to its field; with `words`, one that has these in it."""
        link = self.page.locator(f'.error-summary a[href="#{field}"]')
        expect(link).not_to_have_count(0)
        if words:
            expect(link.first).to_contain_text(self.say(words, **values))

    def sees_a_picture(self, selector: str) -> None:
        """One that has really been drawn, not only an element for it."""
        width = self.page.locator(selector).first.evaluate(
            "picture => { picture.scrollIntoView(); return picture.decode().then(() => picture.naturalWidth) }"
        )
        assert width > 100, f"{selector} on {self.path} is {width} pixels wide"

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    # What must be right on every page

    def looks(self, status: int = 200) -> None:
        """No fault in the console, nothing wider than the screen, nothing that axe objects to."""
        self._shoot()
        faults = [fault for fault in self.faults if f"status of {status}" not in fault]
        assert not faults, f"{self.path}: {faults}"
        self.faults.clear()
        if not self.scripts:  # axe is a script; the same pages are looked at with scripts in other stories
            return
        wide = self.page.evaluate(WIDE)
        assert not wide, f"{self.path} is wider than the screen, or than its panel: {wide}"
        content = TOKENS.sub("", self.page.content())
        key = hashlib.sha256(f"{self.page.viewport_size}{content}".encode()).hexdigest()
        if key not in checked:
            violations = axe.run(self.page).response["violations"]
            assert not violations, f"{self.path}: {told(violations)}"
            checked.add(key)

    def _shoot(self) -> None:
        if not os.environ.get("SHOTS"):
            return
        self.shots += 1
        name = f"{self.story}-{self.language}-{self.shots:02}{self.path.replace('/', '_')[:40]}.png"
        self.page.screenshot(path=SHOTS / name, full_page=True)


# A page may not scroll sideways, nor a panel cut off what is in it.
WIDE = """[document.documentElement, ...document.querySelectorAll('.panel')]
    .filter(box => box.scrollWidth > box.clientWidth + 1).map(box => box.outerHTML.slice(0, 120))"""


def told(violations: list[dict[str, Any]]) -> str:
    """axe's violations with the elements that they are about."""
    lines = []
    for violation in violations:
        lines.append(f"{violation['id']}: {violation['help']}")
        lines += [f"    {node['html'][:240]}\n        {node['failureSummary']}" for node in violation["nodes"][:4]]
    return "\n".join(lines)
