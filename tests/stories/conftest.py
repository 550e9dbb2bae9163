"""What browser stories share: one browser, the portal on 127.0.0.1, and the letters that it sent."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.conftest import BROWSERS
from tests.portal.test_outbox import until
from tests.stories.mailbox import Mailbox
from tests.stories.visitor import PATIENCE, PHONE, SHOTS, Visitor

OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, once for all stories of this process."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"No browser was found: none of {', '.join(BROWSERS)} is installed.")
    SHOTS.mkdir(parents=True, exist_ok=True)
    # Playwright runs an event loop in this thread, and Django would refuse to ask the database here.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def home(transactional_db: None, settings, broker) -> Iterator[str]:
    """The address of the portal, served by real threads. pytest's own server knows no test's settings."""
    cache.clear()  # the rate limits of other stories
    server = LiveServer("127.0.0.1")
    settings.SITE_URL = server.url
    yield server.url
    server.stop()
    _all_are_answered()


def _all_are_answered() -> None:
    """A request whose browser is gone still works in the database, which is emptied next."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(PATIENCE / 1000)


@pytest.fixture
def visitor(browser: Browser, home: str, request) -> Iterator[Callable[..., Visitor]]:
    """Opens a browser of its own for each person of a story."""
    story = re.sub(r"\W+", "-", request.node.name.removeprefix("test_"))
    opened: list[Visitor] = []

    def open_one(language: str = "en", screen: dict[str, int] = PHONE, **options: Any) -> Visitor:
        options.setdefault("java_script_enabled", True)
        options.setdefault("service_workers", "block")
        # Nothing glides: where a thing is, and in which colour, is the same at once.
        options.setdefault("reduced_motion", "reduce")
        context = browser.new_context(viewport=screen, locale=language, **options)
        scripts = options["java_script_enabled"]
        opened.append(Visitor(context, home, language, story=f"{story}-{len(opened)}", scripts=scripts))
        return opened[-1]

    yield open_one
    for each in opened:
        each.context.close()


@pytest.fixture
def mailbox(settings) -> Mailbox:
    return Mailbox(settings.OUTBOX_FOLDER)


@pytest.fixture
def worker(environment: dict[str, str], broker) -> Iterator[subprocess.Popen]:
    """A real Celery worker on the test's database, broker and folders, ready to work."""
    command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "--pool", "solo", "-l", "warning"]
    process = subprocess.Popen([*command, "--without-mingle", "--without-gossip"], env=environment)
    try:
        until(lambda: broker.exists("portal:alive:worker"), seconds=120)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)
