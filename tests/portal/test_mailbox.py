"""The demo's mailbox: what went out can be read, with working links and nothing that runs."""

import json
import os
import uuid
from email.message import EmailMessage

import pytest

from portal.outbox import delivery
from portal.outbox.models import Channel, Message

LINK = "http://testserver/confirm/abc/"
HTML = f'<html><head><title>x</title></head><body><p style="color:red"><a href="{LINK}">Go</a></p></body></html>'


@pytest.fixture(autouse=True)
def _english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def letter(to: str = "anna@example.com", **fields) -> Message:
    fields = {"subject": "Confirm ąę", "text": f"Confirm:\n{LINK}", "html": HTML, "language": "en", **fields}
    message = Message.objects.create(kind="tests/letter", recipient=to, **fields)
    delivery.deliver(message.pk)
    return message


def test_an_empty_mailbox_says_what_will_be_here(db, client):
    assert "Nothing was sent yet" in client.get("/demo/mailbox/").content.decode()


def test_emails_and_sms_are_listed_newest_first(db, client, settings):
    first = letter(subject="First")
    # The clock of files goes in ticks of some milliseconds.
    os.utime(settings.OUTBOX_FOLDER / f"{first.key}.eml", (1, 1))
    letter("+48601234567", channel=Channel.SMS, text="Second", subject="", html="")
    page = client.get("/demo/mailbox/").content.decode()
    assert page.index("Second") < page.index("First") and "+48601234567" in page


def test_the_recipient_is_kept_in_the_address(db, client):
    letter(subject="To Anna")
    letter("jan@example.com", subject="To Jan")
    page = client.get("/demo/mailbox/?to=JAN@").content.decode()
    assert "To Jan" in page and "To Anna" not in page and 'value="JAN@"' in page
    assert "No message went to" in client.get("/demo/mailbox/?to=nobody").content.decode()


def test_a_message_shows_its_text_with_a_link_and_its_html_in_a_frame(db, client):
    message = letter(subject="<script>alert(1)</script>")
    page = client.get(f"/demo/mailbox/{message.key}/").content.decode()
    assert f'href="{LINK}"' in page and "<script>alert" not in page
    assert f'src="/demo/mailbox/{message.key}/html/"' in page and 'sandbox="allow-top-navigation' in page


def test_only_the_frame_allows_inline_styles_and_nothing_runs_in_it(db, client):
    message = letter()
    frame = client.get(f"/demo/mailbox/{message.key}/html/")
    policy = frame["Content-Security-Policy"]
    assert "style-src 'unsafe-inline'" in policy and "default-src 'none'" in policy and "script-src" not in policy
    assert '<base target="_top">' in frame.content.decode() and LINK in frame.content.decode()
    page = client.get(f"/demo/mailbox/{message.key}/")
    assert "unsafe-inline" not in page["Content-Security-Policy"]


def test_an_sms_has_no_frame(db, client):
    message = letter("+48601234567", channel=Channel.SMS, text="Alarm", subject="", html="")
    assert "iframe" not in client.get(f"/demo/mailbox/{message.key}/").content.decode()
    assert client.get(f"/demo/mailbox/{message.key}/html/").status_code == 404


def test_attachments_are_named_and_open(db, client, settings):
    settings.OUTBOX_FOLDER.mkdir()
    key = uuid.uuid4()
    mail = EmailMessage()
    mail["Subject"], mail["To"] = "S", "a@example.com"
    mail.set_content("Text")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="order.pdf")
    (settings.OUTBOX_FOLDER / f"{key}.eml").write_bytes(bytes(mail))
    assert f'href="/demo/mailbox/{key}/1/">order.pdf' in client.get(f"/demo/mailbox/{key}/").content.decode()
    answer = client.get(f"/demo/mailbox/{key}/1/")
    assert (answer.content, answer["Content-Type"]) == (b"%PDF", "application/pdf")
    assert "order.pdf" in answer["Content-Disposition"] and answer["Content-Security-Policy"].startswith("sandbox")
    assert client.get(f"/demo/mailbox/{key}/2/").status_code == 404
    assert client.get(f"/demo/mailbox/{key}/0/").status_code == 404


def test_what_is_not_there_is_not_found(db, client, settings):
    assert client.get(f"/demo/mailbox/{uuid.uuid4()}/").status_code == 404
    settings.OUTBOX_FOLDER = None
    assert client.get(f"/demo/mailbox/{uuid.uuid4()}/").status_code == 404
    assert client.get("/demo/mailbox/").status_code == 200


def test_other_files_in_the_folder_do_no_harm(db, client, settings):
    settings.OUTBOX_FOLDER.mkdir()
    (settings.OUTBOX_FOLDER / ".x.1.part").write_text("half")
    (settings.OUTBOX_FOLDER / "notes.txt").write_text(json.dumps({}))
    assert client.get("/demo/mailbox/").status_code == 200
