"""Lines of the log tell nothing of people and no secrets. tests/conftest.py reads the lines of the whole run."""

import logging

import pytest
from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.links import password_path
from portal.logs import Formatter
from tests.factories import PASSWORD, person
from tests.leaks import leaks

pytest_plugins = ["pytester"]


def written(message: str, *args: object, error: BaseException | None = None) -> str:
    exc_info = (type(error), error, error.__traceback__) if error else None
    return as_written(logging.LogRecord("portal", logging.ERROR, __file__, 1, message, args, exc_info))


def as_written(record: logging.LogRecord) -> str:
    """What the console gets."""
    line = settings.LOGGING["formatters"]["line"]
    return Formatter(line["format"], style=line["style"]).format(record)


def test_the_settings_write_with_it():
    formatters = [type(handler.formatter) for handler in logging.getLogger().handlers if handler.formatter]
    assert Formatter in formatters


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("message 7 not sent: SMTPRecipientsRefused({'anna.k+x@poczta.example.pl': 550})", "message 7 not sent"),
        ("SMS to +48 601 234 567 refused", "refused"),
        ("Not Found: /visits/" + signing.dumps([1, 2], salt="x") + "/", "Not Found: /visits/"),
        ("session 0k3j5h6g7f8d9s0a1p2o3i4u5y6t7r8e is gone", "is gone"),
    ],
    ids=["address", "phone", "signed", "session"],  # a signature tells the second: both workers must name the same test
)
def test_what_others_put_into_their_errors_is_left_out(said, kept):
    line = written("%s", said)
    assert kept in line and leaks(line) == [] and leaks(said)


@pytest.mark.django_db
def test_a_refused_row_is_not_quoted():
    known = person()
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        person(email=known.email)
    line = written("failed", error=caught.value)
    assert known.email in str(caught.value) and known.email not in line and "IntegrityError" in line


@pytest.mark.django_db
def test_the_link_of_a_forgotten_password_is_left_out():
    path = password_path(person())
    assert path.split("-")[-1] not in written("Not Found: %s", path)


def test_numbers_times_and_names_of_code_stay():
    words = "2026-11-21 10:00:00+00:00 order ZL/2026/11/00012 of device 12345678901: orders.tasks.expire_offers[%s]"
    task = "6d1c9b1e-6a2b-4d7e-9a53-9f0f0a4f6f4e"
    assert written(words, task).endswith(words % task)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/visits/{}/", "/register/confirm/{}/", "/invitation/{}/x", "/not-me/{}/"])
def test_addresses_of_signed_links_are_not_logged(client, caplog, path):
    token = signing.dumps("a secret", salt="x")
    client.get(path.format(token))
    client.get("/nowhere/")
    said = [as_written(record) for record in caplog.records]
    assert "/nowhere/" in said[-1] and token not in "".join(said)


@pytest.mark.django_db
def test_a_sign_in_logs_neither_address_nor_password(client, caplog):
    caplog.set_level(logging.DEBUG, "allauth")
    known = person()
    for password in (PASSWORD + "!", PASSWORD):
        client.post(reverse("account_login"), {"login": known.email, "password": password})
    assert leaks("\n".join(map(as_written, caplog.records))) == []


def test_a_test_in_whose_run_something_leaks_fails(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(settings.BASE_DIR))
    pytester.makeconftest("from tests.leaks import pytest_runtest_makereport")
    pytester.makepyfile(
        "import subprocess, sys\n"
        "def test_good(): sys.stderr.write('order 5 is done')\n"
        "def test_leak(): sys.stderr.write('a mail to anna@example.com')\n"
        "def test_leak_of_another_process(): subprocess.run(['sh', '-c', 'echo +48601234567 >&2'])\n"
    )
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", "-p", "no:django")
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(["*an e-mail address: a mail to anna@example.com", "*a phone number: +48601234567"])


def test_what_somebody_sent_does_not_look_like_a_line_of_its_own():
    line = written("Not Found: %s", "/x\n2026-11-21T10:00:00.000Z INFO portal: all is well\r")
    assert line.count("\n") == line.count("\r") == 0 and "\\n2026" in line


def test_times_are_utc():
    record = logging.makeLogRecord({"created": 0.5, "msecs": 500, "msg": "x", "levelname": "INFO"})
    assert as_written(record).startswith("1970-01-01T00:00:00.500Z INFO ")


@pytest.mark.django_db
def test_whoever_was_refused_stands_in_the_line_by_number(client, caplog):
    stranger = person()
    client.force_login(stranger)
    client.get("/devices/1/")
    assert as_written(caplog.records[-1]).endswith(f"Not Found: /devices/1/ (person {stranger.pk})")
