"""What all tests share: nothing of one test, or of one of its neighbours, is seen by another."""

import os
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import hypothesis
import pytest
import redis
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection
from django.db.models.signals import post_migrate

from tests.leaks import pytest_runtest_makereport  # noqa: F401  reads the log of the whole run

# pytest-xdist's workers take the databases 1, 2, ... of Redis. A plain run takes the one in REDIS_URL.
REDIS_DATABASES = 16
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Seconds. The portal waits for one, and then keeps away from a broker that is down; here it is only slow at times.
PATIENT_WITH_THE_BROKER = {"socket_connect_timeout": 30, "socket_timeout": 30}
OTHERS_GO = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def pytest_configure(config: pytest.Config) -> None:
    # Two cores that many tests share are slow at times; that is no fault of the rule that is tried. Every run tries
    # the same examples.
    slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("obok", deadline=None, derandomize=True, suppress_health_check=slow)
    hypothesis.settings.load_profile("obok")
    _wait_for_the_broker()
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        _use_redis(_numbered(os.environ["REDIS_URL"], int(worker.removeprefix("gw")) + 1))


def _numbered(url: str, number: int) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{number % REDIS_DATABASES}"))


def _wait_for_the_broker() -> None:
    from portal.celery import app

    app.conf.broker_transport_options = app.conf.broker_transport_options | PATIENT_WITH_THE_BROKER


def _use_redis(url: str) -> None:
    from portal.celery import app

    os.environ["REDIS_URL"] = url
    django_settings.REDIS_URL = django_settings.CELERY_BROKER_URL = app.conf.broker_url = url


@pytest.hookimpl(wrapper=True, tryfirst=True)  # outermost: what it writes stands below pytest's own summary
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    yield
    if not any(shutil.which(name) for name in BROWSERS):
        terminalreporter.write_line(
            "No browser was found, so no browser story was told. Install one with: apt-get install chromium",
            red=True,
        )


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.OUTBOX_FOLDER = tmp_path / "outbox"


@pytest.fixture(autouse=True)
def _broker_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was down in the last test is left alone for a while."""
    monkeypatch.setattr("portal.work._quiet_until", 0.0)


@pytest.fixture(autouse=True)
def _quick(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Static files come from where they lie; nothing is collected.
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    settings.STORAGES = django_settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture(scope="session", autouse=True)
def _groups_come_back(django_db_setup: None) -> None:
    """A test that really commits ends with empty tables; what migrations made must be there again."""
    post_migrate.connect(_make_groups, sender=apps.get_app_config("orders"), weak=False)
    post_migrate.connect(_ship_services, sender=apps.get_app_config("services"), weak=False)
    post_migrate.connect(_ship_texts, sender=apps.get_app_config("accounts"), weak=False)


@pytest.fixture(scope="session", autouse=True)
def _trail_may_be_emptied(django_db_setup: None, django_db_blocker) -> None:
    """After a test that really commits all tables are emptied; elsewhere the audit trail forbids that."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"ALTER DATABASE {name} SET obok.tests = 'on'")
        cursor.execute("SET obok.tests = 'on'")


@pytest.fixture(scope="session", autouse=True)
def _nobody_stays(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """A thread or process of a test may still hold a connection; the test database could not be dropped then."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(OTHERS_GO)


@pytest.fixture(autouse=True)
def _nobody_is_in_the_way(request: pytest.FixtureRequest, _django_db_marker: None) -> Iterator[None]:
    """After a test that really commits all tables are emptied, and a process that it killed may still hold one.

    Idle connections hold none. One is of this very process: within the browser's loop Django opens another.
    """
    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction"))
    if commits:
        request.getfixturevalue("transactional_db")
    yield
    if commits:
        with connection.cursor() as cursor:
            cursor.execute(f"{OTHERS_GO} AND state <> 'idle'")


def _make_groups(**kwargs: object) -> None:
    with connection.schema_editor() as editor:
        import_module("orders.migrations.0005_staff_groups_services").make_groups(apps, editor)
        import_module("orders.migrations.0009_staff_groups_accounts").add_rights(apps, editor)


def _ship_services(**kwargs: object) -> None:
    import_module("services.migrations.0003_shipped").ship(apps)
    import_module("services.migrations.0004_who_may_do_it").warn_in_capitals(apps, None)
    import_module("services.migrations.0005_usual_answers").change(apps, None)


def _ship_texts(**kwargs: object) -> None:
    import_module("accounts.migrations.0005_legal_texts").ship(apps, None)


@pytest.fixture
def english(settings) -> None:
    """Pages and sentences as they stand in the code, whatever translations are compiled."""
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """The real broker, empty before and after the test."""
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture
def environment(transactional_db: None, settings, tmp_path: Path) -> dict[str, str]:
    """The environment of a process that works beside the test: same database, broker and folders.

    A process that serves pages must run collectstatic first; it writes below the test's own folder.
    """
    return os.environ | {
        "DATABASE_URL": database_url(),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "OUTBOX_FOLDER": str(settings.OUTBOX_FOLDER),
        "STATIC_ROOT": str(tmp_path / "static"),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }


def database_url() -> str:
    """DATABASE_URL with the name of the database that the tests made."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{quote(connection.settings_dict['NAME'])}"))
