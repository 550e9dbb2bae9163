"""Cards are drawn by a worker: once, whatever is killed on the way; and the same facts give the same bytes."""

import hashlib
import logging
import re
import signal
import subprocess
import sys
import time
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from portal import celery_app
from portal.files.models import Document
from portal.outbox.models import Message, State
from tests import factories as make
from tests.portal.test_outbox import running, until, worker
from tests.portal.test_pdf import inside, text_of
from warranty import actions, card, tasks
from warranty.models import Recount, WarrantyCard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def issued() -> WarrantyCard:
    """A card that is not drawn yet, of a customer with two members."""
    owners = [make.person(language="en"), make.person(language="pl")]
    place = make.site(make.customer(members=owners, name="Łucja Říčná"))
    pump = make.device(place, kind="split", purchased_on=date(2024, 2, 1))
    make.warranty_rule(pump, start_up_within_months=6, grace_days=30)
    make.service(
        pump,
        partner=make.partner(),
        card_facts={"seller": "Hurtownia Ciepło", "invoice_number": "FV/7", "installer": "Chłód Sp. z o.o."},
    )
    make.service(pump, "inspection", done_on=date(2025, 3, 20))
    return WarrantyCard.objects.current().get()


def make_older(issued: WarrantyCard) -> None:
    """As if it had been issued a while ago; the trigger that keeps it as it is looks away for that."""
    table, long_ago = "ALTER TABLE warranty_warrantycard %s TRIGGER warranty_card_is_final", timedelta(minutes=2)
    with connection.cursor() as cursor:
        cursor.execute(table % "DISABLE")
        WarrantyCard.objects.filter(pk=issued.pk).update(issued_at=issued.issued_at - long_ago, try_after=None)
        cursor.execute(table % "ENABLE")


def drawn(issued: WarrantyCard) -> WarrantyCard:
    issued.refresh_from_db()
    assert issued.pdf and issued.pdf.attached_at
    assert hashlib.sha256(issued.pdf.file.read()).hexdigest() == issued.pdf.sha256
    return issued


def letters() -> list[tuple[str, int]]:
    return sorted((message.recipient, message.documents.count()) for message in Message.objects.all())


def once_for_each_member(issued: WarrantyCard) -> list[tuple[str, int]]:
    return sorted((member.email, 1) for member in issued.device.site.customer.members.all())


def test_a_card_is_drawn_once_and_sent_once_to_each_member(issued):
    for _again in range(2):
        tasks.draw_card(issued.pk)
    assert drawn(issued).pdf.pages == 1 and Document.objects.count() == 1
    assert letters() == once_for_each_member(issued)
    assert "KG/" in Message.objects.first().text and issued.replaces.get().number in Message.objects.first().text


def test_of_two_workers_one_hands_it_out(issued, monkeypatch):
    draw = card.draw

    def meanwhile(of: WarrantyCard) -> bytes:
        monkeypatch.setattr(card, "draw", draw)
        actions.draw_card(of.pk)
        return draw(of)

    monkeypatch.setattr(card, "draw", meanwhile)
    actions.draw_card(issued.pk)
    assert Document.objects.get() == drawn(issued).pdf and letters() == once_for_each_member(issued)


def test_a_card_that_is_replaced_meanwhile_is_not_sent(issued, monkeypatch):
    draw = card.draw

    def meanwhile(of: WarrantyCard) -> bytes:
        make.service(of.device, "inspection", done_on=date(2026, 3, 1))
        return draw(of)

    monkeypatch.setattr(card, "draw", meanwhile)
    actions.draw_card(issued.pk)
    issued.refresh_from_db()
    assert issued.pdf is None and not Document.objects.exists() and not Message.objects.exists()


def test_the_sweeper_finds_what_got_lost_and_nothing_else(transactional_db, broker, issued):
    broker.flushdb()
    tasks.sweep()
    assert broker.llen("celery") == 0, "a task that was just queued is not lost"
    make_older(issued)
    for _again in range(2):
        tasks.sweep()
    assert broker.llen("celery") == 2
    tasks.draw_card(issued.pk)
    broker.flushdb()
    tasks.sweep()
    assert broker.llen("celery") == 0


def test_a_card_that_cannot_be_drawn_is_tried_less_and_less_often(issued, monkeypatch):
    monkeypatch.setattr(card, "draw", lambda issued: 1 / 0)
    now, tried = timezone.now(), []
    for minute in range(1, 60):
        monkeypatch.setattr(timezone, "now", lambda minute=minute: now + timedelta(minutes=minute, seconds=1))
        if WarrantyCard.objects.lost(timezone.now(), after=tasks.LOST_AFTER).exists():
            tried.append(minute)
            with pytest.raises(ZeroDivisionError):
                tasks.draw_card(issued.pk)
    assert tried == [1, 3, 7, 15, 31]


def test_the_sweeper_finds_devices_that_nobody_counted(transactional_db, broker, issued):
    broker.flushdb()
    left = Recount.objects.create(device=issued.device)
    tasks.sweep()
    assert broker.llen("celery") == 0, "it was just left"
    Recount.objects.filter(pk=left.pk).update(asked_at=left.asked_at - timedelta(minutes=2))
    for _again in range(2):
        tasks.sweep()
    assert broker.llen("celery") == 2
    assert [tasks.count_anew(), tasks.count_anew()] == [1, 0]


# Killed

KILLED_AT = ["warranty.card.draw", "warranty.actions.keep_drawn", "warranty.actions._hand_out",
             "warranty.actions.attach", "warranty.actions.tell_members"]  # fmt: skip
DIES = """
import os, signal, sys
import django
django.setup()
from django.utils.module_loading import import_string
from importlib import import_module
from warranty import actions

module, _, name = sys.argv[2].rpartition(".")
act = import_string(sys.argv[2])

def die(*args, **options):
    act(*args, **options)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(import_module(module), name, die)
actions.draw_card(int(sys.argv[1]))
"""


@pytest.mark.parametrize("point", KILLED_AT)
def test_a_worker_killed_at_any_step_leaves_one_card_and_one_letter(environment, broker, issued, point):
    victim = subprocess.run([sys.executable, "-c", DIES, str(issued.pk), point], env=environment, check=False)
    assert victim.returncode == -signal.SIGKILL
    for _again in range(2):
        tasks.draw_card(issued.pk)
    assert Document.objects.filter(attached_at__isnull=False).get() == drawn(issued).pdf
    assert letters() == once_for_each_member(issued)


def test_what_a_killed_worker_left_is_drawn_by_the_next_one(environment, broker, issued):
    """A real worker dies with the task in its hands; the sweeper gives the card to the next."""
    broker.flushdb()
    celery_app.send_task("warranty.tasks.draw_card", (issued.pk,))
    with running(worker(environment)) as victim:
        until(lambda: broker.llen("celery") == 0)
        victim.kill()
    make_older(issued)
    celery_app.send_task("warranty.tasks.sweep")
    with running(worker(environment)):
        until(lambda: Message.objects.filter(state=State.SENT).count() == 2)
    assert drawn(issued) and letters() == once_for_each_member(issued)


# The PDF


def test_the_same_facts_give_the_same_bytes_in_another_process(environment, issued):
    here = hashlib.sha256(card.draw(issued)).hexdigest()
    code = (
        "import django, hashlib, sys; django.setup()\n"
        "from warranty import card; from warranty.models import WarrantyCard\n"
        "print(hashlib.sha256(card.draw(WarrantyCard.objects.get(pk=sys.argv[1]))).hexdigest())"
    )
    time.sleep(1)  # no clock is in it either
    there = subprocess.run(
        [sys.executable, "-c", code, str(issued.pk)],
        env=environment | {"PYTHONHASHSEED": "7"}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert there.stdout.strip() == here == hashlib.sha256(card.draw(issued)).hexdigest()


def test_it_is_one_tagged_page_with_its_own_letters_and_a_name_for_the_qr_code(issued, caplog):
    with caplog.at_level(logging.WARNING):
        pdf = inside(card.draw(issued))
    assert not [line for line in caplog.records if line.name.startswith(("weasyprint", "fontTools"))]
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang", b"pdfuaid:part", b"/Figure", b"/Alt", b"/TH"):
        assert mark in pdf, mark
    names = re.findall(rb"/FontName /\w+\+([\w-]+)", pdf)
    assert set(names) == {b"Obok-Sans", b"Obok-Sans-Semi-Bold"} and pdf.count(b"/FontFile") == len(names)


def test_it_says_all_that_is_known_and_leaves_out_what_is_not(issued):
    words = text_of(card.draw(issued))
    for known in (
        issued.number, issued.shown_code, "Łucja Říčná", "Hurtownia Ciepło", "FV/7", "Chłód Sp. z o.o.", "ul. Leśna 7",
        "Detached house", "Split", "Outdoor unit", "Indoor unit", "Under warranty until 1 Mar 2029", "20 Mar 2026",
        "at the latest 66 months after the purchase", "Your rights against the seller",
    ):  # fmt: skip
        assert known in words, known
    assert "F-gas certificate" not in words and "Delivered on" not in words


def test_a_long_card_takes_more_pages_and_stays_whole(issued):
    issued.facts["inspections"] *= 40
    issued.facts["owner"]["name"] = "W" * 160
    assert text_of(card.draw(issued)).count("20 Mar 2025") == 40


def test_the_qr_code_leads_to_the_check(issued, settings):
    assert card.check_url(issued) == f"{settings.SITE_URL}/warranty/check/{issued.shown_code}/"
    assert len(issued.shown_code) == 14
