"""The outbox: written with the change, claimed once, sent outside the transaction, never lost."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation

from portal import celery_app, work
from portal.errors import Refused
from portal.events import Event
from portal.files.models import Document
from portal.files.store import discard
from portal.outbox import delivery, tasks
from portal.outbox.channels import email
from portal.outbox.models import Channel, Message, State
from portal.outbox.queue import send
from tests.factories import document, person
from tests.portal.fakes import MailServer, serving

LETTER = """{% extends base %}
{% block subject %}Proof of {{ name }}
confirmed{% endblock %}
{% block body %}Dear {{ name }},

{% if proof %}
thank you.
{% endif %}
{% translate "Yes" %} & no.{% endblock %}
{% block button %}Open{% endblock %}
{% block url %}{{ site_url }}/x/?a=1&b=2{% endblock %}
{% block why %}You asked {{ brand.name }}.{% endblock %}
"""
PLAIN = "{% extends base %}{% block subject %}S{% endblock %}{% block body %}B{% endblock %}"
SMS = "{% extends base %}{% block sms %}Żółty węzeł {{ name }}{% endblock %}"


@pytest.fixture(autouse=True)
def _outbox(settings, tmp_path):
    """Templates of the tests."""
    folder = tmp_path / "templates" / "tests" / "mail"
    folder.mkdir(parents=True)
    for name, text in {"letter": LETTER, "plain": PLAIN, "alarm": SMS}.items():
        (folder / f"{name}.txt").write_text(text)
    first, *rest = settings.TEMPLATES
    settings.TEMPLATES = [{**first, "DIRS": [*first["DIRS"], tmp_path / "templates"]}, *rest]


@pytest.fixture
def mail_server(settings) -> Iterator[MailServer]:
    with serving(MailServer()) as server:
        settings.OUTBOX_FOLDER = None
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def written(**fields) -> Message:
    fields = {"to": "anna@example.com", "language": "en", "context": {"name": "Żaneta <b>"}, **fields}
    return send(fields.pop("kind", "tests/letter"), **fields)


def delivered(message: Message) -> Message:
    delivery.deliver(message.pk)
    message.refresh_from_db()
    return message


def days_later(message: Message, **fields) -> None:
    """As if time had passed: due now, and claimed long ago where it is claimed."""
    long_ago = timezone.now() - timedelta(minutes=6)
    Message.objects.filter(pk=message.pk).update(not_before=long_ago, **fields)
    Message.objects.filter(pk=message.pk, state=State.SENDING).update(claimed_at=long_ago)


# Writing


def test_one_template_makes_subject_text_and_html(db):
    message = written()
    assert message.subject == "Proof of Żaneta <b> confirmed"
    assert "Dear Żaneta <b>,\n\nYes & no.\n\nOpen:\nhttp" in message.text
    assert "/x/?a=1&b=2\n" in message.text and "You asked Obok." in message.text
    assert "Żaneta &lt;b&gt;" in message.html and 'lang="en"' in message.html
    assert "/x/?a=1&amp;b=2" in message.html


def test_a_message_is_in_the_language_of_its_reader(db):
    with translation.override("en"):
        message = written(language="pl")
        assert translation.get_language() == "en"
    assert "Tak & no." in message.text and 'lang="pl"' in message.html


def test_a_message_without_a_button_has_none(db):
    message = written(kind="tests/plain")
    assert "B\n\n--" in message.text and "inline-block" not in message.html


def test_an_sms_is_one_part_of_plain_letters(db):
    message = written(kind="tests/alarm", channel=Channel.SMS, to="+48601234567", context={"name": "x" * 200})
    assert message.text.startswith("Zolty wezel") and len(message.text) <= 160
    assert message.html == message.subject == ""


def test_no_header_can_be_smuggled_in(db, mail_server):
    message = written(context={"name": "x\r\nBcc: all@example.com\n"})
    assert delivered(message).state == State.SENT
    assert mail_server.got[0]["Bcc"] is None and "Bcc: all@example.com" in mail_server.got[0]["Subject"]


def test_a_change_that_is_rolled_back_sends_nothing(transactional_db, broker):
    with transaction.atomic():
        written()
        transaction.set_rollback(True)
    assert not Message.objects.exists() and broker.llen("celery") == 0


def test_a_message_is_queued_on_commit(transactional_db, broker):
    with transaction.atomic():
        written()
        assert broker.llen("celery") == 0
    assert broker.llen("celery") == 1


def test_a_thing_knows_its_messages(db):
    anna, jan = person(), person()
    message = written(about=[anna])
    assert list(Message.objects.about(anna)) == [message] and not Message.objects.about(jan)


@pytest.mark.parametrize("fields", [{"state": State.SENT}, {"state": State.SENDING}, {"sent_at": timezone.now()}])
def test_the_database_knows_the_pairs(db, fields):
    message = written()
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(**fields)


# Sending


def test_an_email_goes_out_with_text_html_and_its_own_id(db, mail_server):
    message = delivered(written())
    mail = mail_server.got[0]
    assert (message.state, message.attempts, message.last_error) == (State.SENT, 1, "")
    assert mail["Message-ID"] == f"<{message.key}@127.0.0.1>" and mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "en" and mail["To"] == "anna@example.com"
    assert "Żaneta" in mail.get_body(("plain",)).get_content() and "<html" in mail.get_body(("html",)).get_content()


CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Przegląd\r\nEND:VCALENDAR\r\n"


def test_a_calendar_entry_is_a_form_of_the_text_and_a_file(db, mail_server):
    delivered(written(calendar=CALENDAR))
    mail = mail_server.got[0]
    forms, file = mail.iter_parts()
    assert [part.get_content_type() for part in forms.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    entry = list(forms.iter_parts())[-1]
    assert (entry.get_param("method"), entry.get_content_charset()) == ("REQUEST", "utf-8")
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invite.ics")
    for part in (entry, file):
        assert part.get_payload(decode=True).decode().split() == CALENDAR.split()


def test_documents_are_attached_under_their_names(db, mail_server):
    card, protocol = document(name="Karta gwarancyjna ł.pdf"), document(name="b.pdf")
    delivered(written(documents=[card, protocol]))
    files = list(mail_server.got[0].iter_attachments())
    assert [file.get_filename() for file in files] == ["Karta gwarancyjna ł.pdf", "b.pdf"]
    assert [file.get_content_type() for file in files] == ["application/pdf"] * 2
    assert files[0].get_payload(decode=True) == card.file.open().read()


def test_a_second_copy_carries_the_same(db):
    message = written(documents=[document()], calendar=CALENDAR)
    one, two = (email.compose(message) for _ in range(2))
    assert one.attachments == two.attachments and one.alternatives == two.alternatives
    assert one.extra_headers == two.extra_headers and len(one.attachments) == 2


def test_an_email_goes_out_without_a_file_that_is_gone(db, mail_server, caplog):
    gone, there = document(name="gone.pdf"), document(name="there.pdf")
    gone.file.storage.delete(gone.file.name)
    assert delivered(written(documents=[gone, there])).state == State.SENT
    assert [file.get_filename() for file in mail_server.got[0].iter_attachments()] == ["there.pdf"]
    assert str(gone.pk) in caplog.text


def test_a_file_that_cannot_be_read_now_is_tried_again(db, mail_server, monkeypatch):
    message = written(documents=[document()])
    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._open", lambda *args: os.stat("/dev/null/x"))
    assert delivered(message).state == State.QUEUED and not mail_server.got


def test_an_attachment_lets_nobody_see_the_document(db):
    anna = person()
    sent = document()
    written(to=anna.email, documents=[sent], about=[anna])
    assert not Document.objects.visible_to(anna).exists()


def test_a_document_that_is_thrown_away_leaves_the_message(db, mail_server):
    paper = document()
    message = written(documents=[paper])
    discard(paper)
    assert delivered(message).state == State.SENT and not list(mail_server.got[0].iter_attachments())


def test_an_sms_carries_nothing(db):
    message = written(kind="tests/alarm", channel=Channel.SMS, documents=[document()], calendar=CALENDAR)
    assert message.calendar == "" and not message.documents.exists()


def test_a_refused_address_waits_for_a_clerk(db, mail_server):
    mail_server.rcpt = "550 5.1.1 no such user"
    message = delivered(written())
    assert list(Message.objects.undeliverable()) == [message]
    with translation.override("en"):
        assert message.problem.startswith("The mail server refused this address.")
    assert message.problem_detail == "550 5.1.1 no such user"


@pytest.mark.parametrize(("answer", "state"), [("451 later", State.QUEUED), ("554 spam", State.FAILED)])
def test_an_answer_to_the_letter_itself(db, mail_server, answer, state):
    mail_server.data = answer
    message = delivered(written())
    assert message.state == state and answer[4:] in message.last_error


def test_a_busy_server_is_asked_again_less_and_less_often(db, mail_server):
    mail_server.rcpt = "451 try later"
    message = written()
    waits = []
    for _ in range(delivery.MAX_ATTEMPTS):
        assert delivered(message).attempts == len(waits) + 1
        waits.append(round((message.not_before - timezone.now()) / timedelta(minutes=1)))
        days_later(message)
    assert waits[:-1] == [1, 5, 15, 60, 240, 720, 720]
    assert message.state == State.FAILED and "451" in message.problem_detail


def test_a_message_that_is_not_due_is_left_alone(db, mail_server):
    message = written()
    Message.objects.update(not_before=timezone.now() + timedelta(minutes=1))
    assert delivered(message).attempts == 0 and not mail_server.got


def test_a_server_that_hangs_up_without_goodbye_gets_no_second_copy(db, mail_server):
    mail_server.goodbye = False
    assert delivered(written()).state == State.SENT


def test_what_is_no_address_is_refused(db, mail_server):
    assert delivered(written(to="no address @ all")).state == State.FAILED
    assert not mail_server.got


def test_a_secret_is_blanked_once_sent_and_not_before(db, mail_server):
    message = written(secret=True)
    assert "/x/" in message.text and message.staff_text == ""
    delivered(message)
    assert message.text == message.html == "" and "/x/" in mail_server.got[0].get_body(("plain",)).get_content()


def test_a_full_disk_is_tried_again_and_leaves_no_half_file(db, settings, monkeypatch):
    monkeypatch.setattr("pathlib.Path.replace", lambda *args: (_ for _ in ()).throw(OSError(28, "No space left")))
    message = delivered(written())
    assert message.state == State.QUEUED and "No space left" in message.problem_detail
    assert list(settings.OUTBOX_FOLDER.iterdir()) == []


def test_both_tasks_may_run_twice(transactional_db, mail_server, broker):
    message = written()
    for _ in range(2):
        tasks.sweep()
        tasks.deliver(message.pk)
    message.refresh_from_db()
    assert len(mail_server.got) == 1 and message.attempts == 1


def test_of_two_workers_one_sends(transactional_db, mail_server):
    message = written()
    barrier = threading.Barrier(2)

    def work(_: int) -> None:
        barrier.wait()
        try:
            delivery.deliver(message.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    assert len(mail_server.got) == 1
    assert Message.objects.get().attempts == 1


# What hung


def test_a_dead_workers_message_goes_out_again_under_the_same_id(db, mail_server, broker):
    message = written()
    delivery.claim(message.pk)
    first = message.message_id
    delivery.sweep()
    assert not Message.objects.due().exists()
    days_later(message)
    delivery.sweep()
    assert delivered(message).attempts == 2
    assert mail_server.got[0]["Message-ID"] == first == Message.objects.get().message_id


def test_a_message_that_keeps_killing_its_worker_is_given_up(db, broker):
    message = written()
    delivery.claim(message.pk)
    days_later(message, attempts=delivery.MAX_ATTEMPTS)
    delivery.sweep()
    message.refresh_from_db()
    assert message.state == State.FAILED and message.claimed_at is None


def test_a_slow_yes_after_the_sweep_still_counts(db, mail_server, broker):
    message = written()
    claimed = delivery.claim(message.pk)
    days_later(message)
    delivery.sweep()
    delivery._sent(claimed, "")
    assert delivered(message).state == State.SENT and not mail_server.got


def test_a_slow_no_after_the_sweep_changes_nothing(db, broker):
    message = written()
    claimed = delivery.claim(message.pk)
    days_later(message)
    delivery.sweep()
    delivery._postpone(claimed, "too slow")
    message.refresh_from_db()
    assert message.last_error == "" and message in Message.objects.due()


# Clerks


def failed(**fields) -> Message:
    message = written(**fields)
    Message.objects.filter(pk=message.pk).update(state=State.FAILED, attempts=8, last_error="no")
    return message


def test_a_clerk_has_it_sent_once_more(db, mail_server):
    message, clerk = failed(), person()
    delivery.retry(message, by=clerk)
    assert delivered(message).state == State.SENT
    event = Event.objects.about(message).get()
    assert (event.verb, event.actor, event.staff_only_verb) == ("message.retried", clerk, True)


def test_a_clerk_puts_it_aside(db):
    message, clerk = failed(secret=True), person()
    delivery.dismiss(message, by=clerk, reason="moved away")
    message.refresh_from_db()
    assert (message.state, message.text) == (State.DISMISSED, "")
    assert Event.objects.about(message).get().reason == "moved away"


@pytest.mark.parametrize("act", [delivery.retry, delivery.dismiss])
def test_the_second_clerk_is_told(db, act):
    message, clerk = failed(), person()
    stale = Message.objects.get()
    delivery.dismiss(message, by=clerk)
    with pytest.raises(Refused):
        act(stale, by=clerk)
    assert Event.objects.about(message).count() == 1


# The broker


@contextmanager
def broker_at(url: str) -> Iterator[None]:
    """The application pointed at another broker, as impatient as it is, without the connections that it has open."""
    conf = celery_app.conf
    before = conf.broker_url, conf.broker_transport_options

    def point(url: str, options: dict[str, Any]) -> None:
        conf.broker_url, conf.broker_transport_options = url, options
        celery_app._pool = celery_app.amqp._producer_pool = None

    point(url, settings.CELERY_BROKER_TRANSPORT_OPTIONS)
    try:
        yield
    finally:
        point(*before)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_a_broker_that_is_down_costs_the_page_nothing(transactional_db, broker, mail_server, monkeypatch):
    started = time.monotonic()
    with broker_at(f"redis://127.0.0.1:{closed_port()}/0"):
        message = written()
        delivery.sweep()
    assert time.monotonic() - started < 10
    monkeypatch.setattr(work, "_quiet_until", 0.0)
    delivery.sweep()
    assert broker.llen("celery") == 1
    assert delivered(message).state == State.SENT


def test_a_broker_that_hangs_costs_the_page_a_second_however_many_messages(transactional_db):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        started = time.monotonic()
        with broker_at(f"redis://127.0.0.1:{mute.getsockname()[1]}/0"):
            for _ in range(20):
                written()
        assert time.monotonic() - started < 15
    assert Message.objects.due().count() == 20


# A real worker


def worker(environment: dict[str, str], *options: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "celery", "-A", "portal", "worker", "--pool=solo", "--without-mingle"]
    return subprocess.Popen([*command, "--without-gossip", "-l", "warning", *options], env=environment)


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@contextmanager
def running(process: subprocess.Popen) -> Iterator[subprocess.Popen]:
    try:
        yield process
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()


def test_a_worker_killed_in_the_middle_of_sending_loses_nothing(environment, broker):
    with serving(MailServer()) as server:
        environment = environment | {"EMAIL_URL": f"smtp://127.0.0.1:{server.port}", "SECURE": "0"}
        del environment["OUTBOX_FOLDER"]
        server.wait = threading.Event()
        with running(worker(environment)) as victim:
            message, other = written(), written(to="jan@example.com")
            assert server.reading.wait(60)
            victim.kill()
        server.data, server.wait = "250 taken", None
        assert not Message.objects.filter(state=State.SENT).exists()
        days_later(message)
        days_later(other)
        celery_app.send_task("portal.outbox.tasks.sweep")
        with running(worker(environment)):
            until(lambda: Message.objects.filter(state=State.SENT).count() == 2)
    assert {mail["Message-ID"] for mail in server.got} == {message.message_id, other.message_id}
    assert Message.objects.get(pk=message.pk).attempts == 2
