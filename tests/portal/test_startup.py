"""What stops the portal at its start, and what does not."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

from portal import settings as project_settings
from portal import startup
from tests import factories

KEY = "a-key-of-this-test-alone-that-is-long-enough-for-the-checks-0123456789"
PRODUCTION = {
    "SECRET_KEY": KEY,
    "DATABASE_URL": "postgresql://portal@127.0.0.1/portal",
    "REDIS_URL": "redis://127.0.0.1/0",
    "SITE_URL": "https://portal.example.com",
}


def load_settings(**changes: str | None) -> str:
    """What loading the settings says with these variables and no others; empty when all is well."""
    portal = {name: value for name, value in (PRODUCTION | changes).items() if value is not None}
    result = subprocess.run(
        [sys.executable, "-c", "import portal.settings"],
        env={"PATH": os.environ["PATH"]} | portal,
        cwd=project_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stderr if result.returncode else ""


def test_settings_load_with_the_four_that_have_no_default():
    assert load_settings() == ""


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL"])
def test_missing_variable_is_named(name):
    said = load_settings(**{name: None})
    assert f"{name}: Environment variable" in said
    assert "docs/configuration.md" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [("DEBUG", "perhaps"), ("DATABASE_URL", "nonsense"), ("SECURE", "2"), ("EMAIL_URL", "x")],
)
def test_odd_variable_is_named(name, value):
    said = load_settings(**{name: value})
    assert "ImproperlyConfigured" in said
    assert name in said


def test_several_faults_are_told_at_once():
    said = load_settings(SECRET_KEY=None, DEBUG="perhaps")
    assert "SECRET_KEY" in said
    assert "DEBUG" in said


def test_secret_key_of_the_demo_is_refused_outside_the_demo():
    said = load_settings(SECRET_KEY=project_settings.DEMO_SECRET_KEY)
    assert "SECRET_KEY is the demo's" in said
    assert load_settings(SECRET_KEY=project_settings.DEMO_SECRET_KEY, DEMO="1") == ""


def test_promise_of_https_needs_an_https_address():
    assert "Set SITE_URL=https://" in load_settings(SITE_URL=None)
    assert load_settings(SITE_URL=None, SECURE="0") == ""


@pytest.mark.django_db
def test_people_of_the_demo_stop_production(settings):
    settings.DEMO = False
    factories.person(email="anna@demo.example")
    with pytest.raises(ImproperlyConfigured, match="1 people of the demo"):
        startup.check_database()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "traits", [{"email": "anna@demo.example", "is_active": False}, {"email": "anna@demo.example.com"}]
)
def test_other_people_do_not(settings, traits):
    settings.DEMO = False
    factories.person(**traits)
    startup.check_database()


@pytest.mark.django_db
def test_people_of_the_demo_are_welcome_in_the_demo(settings):
    settings.DEMO = True
    factories.person(email="anna@demo.example")
    startup.check_database()


@pytest.mark.django_db
def test_old_server_stops_the_start(monkeypatch):
    monkeypatch.setattr(startup, "OLDEST_POSTGRES", 99)
    with pytest.raises(ImproperlyConfigured, match="older than PostgreSQL 99"):
        startup.check_database()


def test_database_that_is_not_up_yet_lets_the_start_pass(monkeypatch, caplog):
    def down() -> None:
        raise DatabaseError("connection refused")

    monkeypatch.setattr(startup, "check_database", down)
    monkeypatch.setattr(connection, "close", lambda: None)
    startup.check()
    assert "connection refused" in caplog.text


def test_missing_library_is_told_with_its_command(monkeypatch):
    monkeypatch.setattr(startup, "LIBRARIES", {"libno-such-thing.so.0": "libno-such-thing0"})
    with pytest.raises(ImproperlyConfigured, match="apt-get install libno-such-thing0"):
        startup.check_libraries()
