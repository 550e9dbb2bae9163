"""Looks for data of people and for secrets in what the portal's processes write while a test runs.

The patterns know the people of tests/factories.py. Nothing of the portal is imported here.
"""

import re
from collections.abc import Iterator

import pytest

LEAKS = {
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.\w+"),
    "a phone number": re.compile(r"\+48[ \d]{9,}|\b(?:48)?601 ?234 ?567\b"),
    "a name": re.compile(r"Kowalsk|Biurow|Zielińsk"),
    "an address": re.compile(r"Długa|Leśna"),
    "a password": re.compile("a-long-test-password"),
    "a signed link": re.compile(r":[\w-]{40,}|password/reset/\w+-\w+-\w+"),
    "the key of a session": re.compile(r"\b(?=[a-z]*\d)[a-z0-9]{32}\b"),
    "words that somebody searched for": re.compile(r"[?&]q=\w"),
}


def leaks(text: str) -> list[str]:
    """What is told by lines that must not tell it, each with the line."""
    return [f"{what}: {line}" for line in text.splitlines() for what, pattern in LEAKS.items() if pattern.search(line)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Every line that the portal logs in any test, also in a process of its own, tells nothing of people or secrets."""
    report = yield
    # At the end, so that what was written before, while and after is read once.
    found = leaks(report.capstderr) if report.when == "teardown" else []
    if found:
        report.outcome = "failed"
        report.longrepr = "The log says what it must not say.\n" + "\n".join(dict.fromkeys(found))
    return report
