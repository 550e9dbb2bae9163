"""The protocol as a PDF: all facts, in the owner's language, the same bytes for the same facts; drawn and sent once."""

import io
import re
import uuid
from datetime import timedelta

import pypdfium2
import pytest
from django.utils import timezone, translation
from django.utils.formats import date_format
from PIL import Image

from accounts.models import User
from orders import papers, tasks
from orders.actions import protocols
from orders.models import Order, Protocol
from portal.events import Event
from portal.files.models import Document
from portal.outbox.models import Message
from tests.factories import answers_to, document, person, service_order
from tests.portal.test_pdf import inside

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def photo(colour: str = "teal", name: str = "boiler.jpg") -> Document:
    out = io.BytesIO()
    Image.new("RGB", (1600, 1200), colour).save(out, "JPEG")
    return document(out.getvalue(), name, content_type="image/jpeg", pages=None)


def closed(code: str = "inspection", **fields) -> Protocol:
    order = service_order(code=code, upto="done", **fields)
    speak(order, "en")
    return order.protocols.get()


def speak(order: Order, language: str) -> None:
    User.objects.filter(memberships__customer=order.customer).update(language=language)


def words(content: bytes) -> str:
    with pypdfium2.PdfDocument(content) as pdf:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in pdf).split())


def test_all_facts_are_on_it():
    protocol = closed()
    order, device = protocol.order, protocol.order.device
    told = words(papers.draw(protocol))
    unit = device.units.get()
    for fact in (
        protocol.number, order.number, device.name, unit.serial, unit.model, device.site.street, order.customer.name,
        protocol.partner.name, str(protocol.engineer), "Anna Kowalska, for the owner", order.service_kind.name_en,
    ):  # fmt: skip
        assert str(fact) in told
    with translation.override("en"):
        assert f"Done on {date_format(protocol.visited_on, 'SHORT_DATE_FORMAT')}" in told


def test_each_question_that_shows_is_answered_on_it():
    protocol = closed("first_start_up")
    told = words(papers.draw(protocol))
    items = [item for group in papers._answers(protocol) for item in group["rows"]]
    assert len(items) > 10
    assert all(f"[{item['number']}]" in told for item in items)


def test_it_speaks_the_owners_language():
    protocol = closed()
    speak(protocol.order, "pl")
    assert protocol.order.service_kind.name_pl in words(papers.draw(protocol))


def test_the_same_facts_give_the_same_bytes():
    protocol = closed("first_start_up")
    assert papers.draw(protocol) == papers.draw(Protocol.objects.get())


def test_it_is_tagged_has_the_typeface_in_it_and_draws_without_a_warning(caplog):
    content = inside(papers.draw(closed()))
    assert all(mark in content for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang", b"pdfuaid:part"))
    fonts = set(re.findall(rb"/FontName /\w+\+([\w-]+)", content))
    assert fonts and len(re.findall(rb"/FontFile", content)) >= len(fonts)
    assert not [line for line in caplog.records if line.name.startswith(("weasyprint", "fontTools"))]


def test_photos_stand_on_pages_of_their_own_and_are_small():
    order = service_order(upto="under_way")
    speak(order, "en")
    protocol = order.protocols.get()
    photos = [photo(colour) for colour in ("teal", "red", "navy")]
    answers, _documents = answers_to(protocol.checklist.groups(), device_kind="monobloc", by="partner")
    answers["1103"] = [str(one.pk) for one in photos]
    protocols.save_part(protocol, answers=answers, documents=photos, by=protocol.engineer, key=uuid.uuid4())
    protocols.close(protocol, signed_name="Anna", visited_on=timezone.localdate(), by=protocol.engineer)
    content = papers.draw(protocol)
    assert "3 photos, see the last pages" in words(content) and len(content) < 600_000
    with pypdfium2.PdfDocument(content) as pdf:
        pictures = [len(list(page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))) for page in pdf]
    assert pictures[-1] == 3 and sum(pictures[:-1]) == 0


def test_a_photo_whose_file_is_gone_does_not_hold_it_up(caplog):
    gone = photo()
    gone.file.storage.delete(gone.file.name)
    assert papers._picture(gone) == "" and str(gone.pk) in caplog.text


def test_a_signature_is_drawn(settings):
    order = service_order(upto="under_way")
    speak(order, "en")
    protocol = order.protocols.get()
    Protocol.objects.filter(pk=protocol.pk).update(
        number="PT/1", signed_name="Anna K.", signature=photo("black", "signature.png"), closed_at=timezone.now()
    )
    told = words(papers.draw(protocol))
    assert "signed on the engineer's phone" in told and "Anna K., for the owner" in told


def test_a_correction_says_what_it_corrects():
    first = closed()
    order = Order.objects.get()
    second = protocols.correct(order, reason="The pressure was 1.8 bar.", by=first.engineer, revision=order.revision)
    second = protocols.close(second, signed_name="Anna", visited_on=first.visited_on, by=first.engineer)
    told = words(papers.draw(second))
    assert second.number == first.number and f"{first.number}, version 2" in told
    assert "This version corrects version 1. The pressure was 1.8 bar." in told
    assert "version 2" not in words(papers.draw(first))


# Kept and sent


def test_it_is_kept_sent_and_told_once_however_often_the_task_runs():
    protocol = closed()
    for _ in range(2):
        tasks.draw_protocol(protocol.pk)
    protocol.refresh_from_db()
    mail = Message.objects.get(kind="orders/protocol_ready")
    assert list(mail.documents.all()) == [protocol.pdf] and f"/protocols/{protocol.pk}/" in mail.text
    assert protocol.pdf.name == protocol.number.replace("/", "-") + ".pdf" and protocol.pdf.attached_at
    assert Event.objects.filter(verb="service.drawn").count() == 1
    assert Document.objects.unattached().count() == 0


def test_each_member_gets_it():
    protocol = closed()
    protocol.order.customer.memberships.create(user=person())
    tasks.draw_protocol(protocol.pk)
    assert Message.objects.filter(kind="orders/protocol_ready").count() == 2


def test_whoever_is_second_throws_the_own_copy_away(monkeypatch):
    protocol = closed()
    draw = papers.draw

    def slowly(of: Protocol) -> bytes:
        monkeypatch.setattr(papers, "draw", draw)
        tasks.draw_protocol(of.pk)
        return draw(of)

    monkeypatch.setattr(papers, "draw", slowly)
    tasks.draw_protocol(protocol.pk)
    assert Message.objects.filter(kind="orders/protocol_ready").count() == 1
    assert Document.objects.filter(content_type="application/pdf", attached_at=None).count() == 0


def test_what_cannot_be_drawn_is_tried_again_after_as_long_as_it_has_waited(broker, monkeypatch):
    protocol, now = closed(), timezone.now()

    def fails(of: Protocol) -> bytes:
        raise OSError("no fonts")

    def queued(after: timedelta) -> bool:
        monkeypatch.setattr(timezone, "now", lambda: now + after)
        before = broker.llen("celery")
        tasks.draw_missing_protocols()
        return broker.llen("celery") > before

    monkeypatch.setattr(papers, "draw", fails)
    assert queued(timedelta(minutes=2))
    for waits, not_yet, again in ((10, 19, 21), (60 * 48, 60 * 71, 60 * 73)):
        monkeypatch.setattr(timezone, "now", lambda waits=waits: now + timedelta(minutes=waits))
        with pytest.raises(OSError, match="no fonts"):
            tasks.draw_protocol(protocol.pk)
        assert [queued(timedelta(minutes=later)) for later in (not_yet, again)] == [False, True]


def test_the_sweep_finds_what_got_lost_twice_the_same(broker):
    protocol = closed()
    tasks.draw_missing_protocols()
    assert broker.llen("celery") == 0
    with pytest.MonkeyPatch.context() as patch:
        later = timezone.now() + timedelta(minutes=2)
        patch.setattr(timezone, "now", lambda: later)
        for _ in range(2):
            tasks.draw_missing_protocols()
    assert broker.llen("celery") == 2
    for _ in range(2):
        tasks.draw_protocol(protocol.pk)
    assert Message.objects.filter(kind="orders/protocol_ready").count() == 1
