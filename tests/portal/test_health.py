"""Signs of life."""

import time

import pytest
from celery.signals import heartbeat_sent

from portal import health
from tests.portal.test_outbox import closed_port

pytestmark = pytest.mark.django_db
WELL = {"database": "ok", "broker": "ok", "worker": "ok", "beat": "ok"}


@pytest.fixture
def alive(broker):
    for who in ("worker", "beat"):
        health.sign(who)
    return broker


def test_all_is_well(client, alive):
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()) == (200, WELL)


@pytest.mark.parametrize("who", ["worker", "beat"])
def test_one_who_gives_no_sign_is_named(client, alive, who):
    alive.delete(f"portal:alive:{who}")
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()) == (503, WELL | {who: "down"})


def test_a_broker_that_is_down_is_told_soon(client, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{closed_port()}/0"
    started = time.monotonic()
    answer = client.get("/health/")
    assert answer.status_code == 503 and time.monotonic() - started < 10
    assert answer.json() == {"database": "ok", "broker": "down", "worker": "down", "beat": "down"}


def test_a_database_that_is_down_is_told(client, alive, monkeypatch):
    def fail():
        raise OSError("gone")

    monkeypatch.setattr(health.connection, "cursor", fail)
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()) == (503, WELL | {"database": "down"})


def test_a_sign_fades_within_a_minute(alive):
    assert 0 < alive.ttl("portal:alive:worker") <= 60


def test_a_workers_heartbeat_is_its_sign(broker):
    heartbeat_sent.send(sender=None)
    assert broker.exists("portal:alive:worker")


def test_signing_does_not_fail_without_a_broker(settings, caplog):
    settings.REDIS_URL = f"redis://127.0.0.1:{closed_port()}/0"
    health.sign("worker")
    assert "no sign of life" in caplog.text


def test_nothing_but_reading(client, alive):
    assert client.post("/health/").status_code == 405
