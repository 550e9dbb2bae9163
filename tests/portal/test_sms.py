"""SMS: the alphabet, what fits into a part, and the conversation with SMSAPI."""

import json
from datetime import timedelta

import pytest
import requests
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from portal.outbox import delivery, gsm
from portal.outbox.channels import Undeliverable, sms
from portal.outbox.models import Channel, Message, State
from tests.portal.fakes import SmsServer, serving

PLAIN = "Alarm: wezel ul. Dluga 5 - brak danych od 24 h"
POLISH = "Alarm: węzeł ul. Długa 5 – brak danych od 24 h"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3),
        ("ą" * 70, 1), ("ą" * 71, 2), ("ą" * 134, 2), ("ą" * 135, 3),
        ("€" * 80, 1), ("€" * 81, 2), ("a" * 159 + "€", 2),
        ("😀" * 35, 1), ("😀" * 36, 2), ("", 1),
    ],
)  # fmt: skip
def test_number_of_parts(text, parts):
    assert gsm.parts(text)[2] == parts


def test_encoding_and_units():
    assert gsm.parts(PLAIN) == ("GSM-7", 46, 1)
    assert gsm.parts(POLISH) == ("UCS-2", 46, 1)
    assert gsm.parts("éàöü [€]") == ("GSM-7", 11, 1)


def test_no_escaped_sign_is_split_over_two_parts():
    text = "a" * 152 + "€" + "a" * 151
    assert gsm.units(text) == 305
    assert gsm.parts(text) == ("GSM-7", 305, 2)
    assert gsm.parts(text + "a") == ("GSM-7", 306, 3)


def test_polish_czech_and_typographic_signs_are_transliterated():
    assert gsm.transliterate(POLISH) == PLAIN
    assert gsm.transliterate("ąćęłńóśźż ĄĆĘŁŃÓŚŹŻ") == "acelnoszz ACELNOSZZ"
    assert gsm.transliterate("ěščřžýáíúůďťň ŘŽ") == "escrzyaiuudtn RZ"
    assert gsm.transliterate("„Ciepło”… 5\u00a0°C é 😀") == '"Cieplo"... 5 ?C é ?'


@given(st.text())
def test_whatever_is_typed_fits_one_part(text):
    encoding, units, parts = gsm.parts(gsm.one_part(text))
    assert (encoding, parts) == ("GSM-7", 1) and units <= 160


def test_a_long_sms_is_cut_at_a_word():
    text = gsm.one_part("Zażółć " * 40)
    assert text == " ".join(["Zazolc"] * 22) + "..."


@pytest.mark.parametrize(
    ("number", "expected"),
    [("+48601234567", "48601234567"), ("601 234 567", "48601234567"), ("+420 601 123 456", "420601123456")],
)
def test_mobile_numbers(number, expected):
    assert sms.mobile(number) == expected


@pytest.mark.parametrize("number", ["+48225173600", "22 517 36 00", "123", "000000000", "", "abc"])
def test_only_mobile_numbers_get_sms(number):
    with pytest.raises(Undeliverable, match="not a mobile number"):
        sms.mobile(number)


@pytest.fixture
def provider(settings):
    with serving(SmsServer()) as server:
        settings.OUTBOX_FOLDER = None
        settings.SMSAPI_URL = f"http://127.0.0.1:{server.port}/sms.do"
        settings.SMSAPI_TOKEN = "token"
        yield server


def queued(text: str = PLAIN, **fields) -> Message:
    fields = {"recipient": "+48601234567", "language": "pl", "kind": "tests/alarm", **fields}
    return Message.objects.create(channel=Channel.SMS, text=text, **fields)


def delivered(message: Message) -> Message:
    delivery.deliver(message.pk)
    message.refresh_from_db()
    return message


def test_the_provider_gets_the_form_that_it_knows(db, provider):
    message = delivered(queued())
    authorization, form = provider.got[0]
    assert authorization == "Bearer token"
    assert form["to"] == "48601234567" and form["message"] == PLAIN and form["format"] == "json"
    assert form["idx"] == str(message.key) and form["check_idx"] == "1"
    assert (message.state, message.provider_id) == (State.SENT, "SMS1")


def test_a_refused_number_waits_for_a_clerk(db, provider):
    provider.answer = {"error": 13, "message": "No correct phone numbers", "invalid_numbers": []}
    message = delivered(queued())
    assert message.state == State.FAILED
    with translation.override("en"):
        assert message.problem.startswith("This is not a mobile number")
    assert message.problem_detail == "SMSAPI 13: No correct phone numbers"


def test_no_credit_is_tried_again_later(db, provider):
    provider.answer = {"error": 103, "message": "Insufficient credits"}
    message = delivered(queued())
    assert message.state == State.QUEUED and message.not_before > timezone.now() + timedelta(seconds=50)
    assert "Insufficient credits" in message.last_error


def test_a_copy_that_the_provider_knows_already_counts_as_sent(db, provider):
    provider.answer = {"error": 53, "message": "Not unique idx"}
    assert delivered(queued()).state == State.SENT


@pytest.mark.parametrize("answer", ["nonsense", {"list": []}, {}, None])
def test_an_odd_answer_is_tried_again_later(db, provider, answer):
    provider.answer = answer
    assert delivered(queued()).state == State.QUEUED


def test_a_server_error_and_a_closed_port_are_tried_again_later(db, provider, settings):
    provider.status = 503
    assert delivered(queued()).state == State.QUEUED
    settings.SMSAPI_URL = "http://127.0.0.1:1/"
    message = delivered(queued())
    assert message.state == State.QUEUED and requests.ConnectionError.__name__ in message.last_error


def test_a_link_is_refused(db, provider):
    message = delivered(queued("Zobacz https://example.com"))
    assert message.state == State.FAILED and not provider.got


def test_with_a_folder_nothing_leaves_the_house(db, provider, settings, tmp_path):
    settings.OUTBOX_FOLDER = tmp_path
    message = delivered(queued())
    assert json.loads((tmp_path / f"{message.key}.sms").read_bytes())["message"] == PLAIN
    assert message.state == State.SENT and not provider.got
