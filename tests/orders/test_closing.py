"""From the signature to both papers in the owner's hands, by real workers, whatever kills them on the way."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

import warranty.tasks
from orders import tasks
from orders.models import Protocol
from portal.files.models import Document
from portal.outbox import delivery
from portal.outbox.models import HUNG_AFTER, Message, State
from tests.factories import close_protocol, service_order
from tests.orders.test_protocols import heat_pump
from tests.portal.fakes import MailServer, serving
from tests.portal.test_outbox import running, until
from warranty.models import WarrantyCard

STEPS = [
    "before the protocol is drawn", "once the protocol's file is kept", "once the protocol is attached",
    "before the card is drawn", "once the card's file is kept",
    "once an e-mail is claimed", "once an e-mail is taken",
]  # fmt: skip
PAPERS = ["orders/protocol_ready", "warranty/card_ready"]


@pytest.fixture
def mail_server(environment) -> Iterator[MailServer]:
    with serving(MailServer()) as server:
        environment |= {"EMAIL_URL": f"smtp://127.0.0.1:{server.port}", "SECURE": "0"}
        del environment["OUTBOX_FOLDER"]
        yield server


@contextmanager
def worker(environment: dict[str, str], *, app: str = "portal") -> Iterator[subprocess.Popen]:
    command = [sys.executable, "-m", "celery", "-A", app, "worker", "--pool=solo", "--without-mingle"]
    options = ["--without-gossip", "-l", "warning"]
    with running(subprocess.Popen([*command, *options], env=environment)) as process:
        yield process


def close() -> Protocol:
    """A first start-up, signed; its tasks lie with the broker."""
    order = service_order(heat_pump(), code="first_start_up", upto="under_way")
    protocol = order.protocols.get()
    close_protocol(protocol, by=protocol.engineer)
    return protocol


def sweep(monkeypatch) -> None:
    """All that beat sends, as if some time had passed."""
    Message.objects.filter(state=State.SENDING).update(claimed_at=timezone.now() - HUNG_AFTER - timedelta(minutes=1))
    delivery.sweep()
    later = timezone.now() + timedelta(minutes=2)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: later)
        tasks.draw_missing_protocols()
        warranty.tasks.sweep()


def swept_and_told(monkeypatch) -> bool:
    sweep(monkeypatch)
    time.sleep(0.5)
    papers = Message.objects.filter(kind__in=PAPERS, state=State.SENT).count()
    return papers == len(PAPERS) and not Message.objects.exclude(state=State.SENT).exists()


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_leaves_one_of_each(step, environment, broker, mail_server, monkeypatch):
    protocol = close()
    with worker(environment | {"DIES_AT": step}, app="tests.orders.doomed") as doomed:
        assert doomed.wait(120) == -signal.SIGKILL
    with worker(environment):
        until(lambda: swept_and_told(monkeypatch), seconds=120)
    protocol.refresh_from_db()
    card = WarrantyCard.objects.get()
    assert protocol.pdf and card.pdf and Protocol.objects.count() == 1
    assert Document.objects.filter(pk__in=[protocol.pdf_id, card.pdf_id], attached_at__isnull=False).count() == 2
    for kind, paper in zip(PAPERS, [protocol.pdf, card.pdf], strict=True):
        message = Message.objects.get(kind=kind)
        copies = [mail for mail in mail_server.got if mail["Message-ID"] == message.message_id]
        assert copies and [file.get_filename() for file in copies[-1].iter_attachments()] == [paper.name]
    assert len({mail["Message-ID"] for mail in mail_server.got}) == Message.objects.count()


def seconds_until(condition: Callable[[], bool]) -> float:
    started = time.monotonic()
    until(condition, seconds=120)
    return time.monotonic() - started


def test_both_papers_are_there_soon_after_the_signature(environment, broker, mail_server):
    with worker(environment):
        close()
        until(lambda: not Protocol.objects.undrawn().exists(), seconds=120)
        close()
        seconds = seconds_until(
            lambda: not Protocol.objects.undrawn().exists() and not WarrantyCard.objects.undrawn().exists()
        )
    assert seconds < 10
    assert (Protocol.objects.count(), WarrantyCard.objects.count()) == (2, 2)
    print(f"both papers after {seconds:.1f} s")
