"""SMS by SMSAPI.pl, or into a folder where `OUTBOX_FOLDER` is set."""

import json
import re
from typing import Any

import phonenumbers
import requests
from django.conf import settings
from django.utils.translation import gettext_noop

from portal.outbox.channels import Undeliverable, folder
from portal.outbox.models import Message

TIMEOUT_SECONDS = 10
LINK = re.compile(r"https?:|www\.", re.IGNORECASE)
MOBILE = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
NOT_UNIQUE = 53  # SMSAPI has this `idx` already: an earlier copy went out
NO_PHONE = gettext_noop("This is not a mobile number that can receive SMS. Ask the customer for the right one.")
# What no second try changes; all other answers (no credit, wrong token, busy) may be well in an hour.
REFUSALS = {
    11: gettext_noop("The SMS provider refused the text of this message."),
    12: gettext_noop("The SMS provider refused the text of this message."),
    13: NO_PHONE,
}


def send(message: Message) -> str:
    """Hands the SMS to the provider; the answer is the provider's number for it."""
    form = compose(message)
    if settings.OUTBOX_FOLDER:
        folder.drop(settings.OUTBOX_FOLDER, message, ".sms", json.dumps(form, ensure_ascii=False, indent=1).encode())
        return ""
    return _read(_post(form))


def compose(message: Message) -> dict[str, str]:
    """What SMSAPI gets. With `check_idx` it refuses a second copy of the same message."""
    if LINK.search(message.text):
        raise Undeliverable(gettext_noop("An SMS must not carry a link, and this one does."))
    return {
        "to": mobile(message.recipient),
        "message": message.text,
        "from": settings.SMS_SENDER,
        "encoding": "utf-8",
        "format": "json",
        "max_parts": "1",
        "idx": str(message.key),
        "check_idx": "1",
    }


def mobile(number: str) -> str:
    """The number as SMSAPI writes it, "48601234567"; only mobile phones can receive SMS."""
    try:
        parsed = phonenumbers.parse(number, settings.PHONENUMBER_DEFAULT_REGION)
    except phonenumbers.NumberParseException as error:
        raise Undeliverable(NO_PHONE, str(error)) from error
    if not phonenumbers.is_valid_number(parsed) or phonenumbers.number_type(parsed) not in MOBILE:
        raise Undeliverable(NO_PHONE)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164).removeprefix("+")


def _post(form: dict[str, str]) -> dict[str, Any]:
    answer = requests.post(
        settings.SMSAPI_URL,
        data=form,
        headers={"Authorization": f"Bearer {settings.SMSAPI_TOKEN}"},
        timeout=TIMEOUT_SECONDS,
        allow_redirects=False,
    )
    answer.raise_for_status()
    return answer.json()


def _read(answer: dict[str, Any]) -> str:
    """The provider's number for the SMS. SMSAPI tells errors with HTTP 200, so the code decides."""
    if "error" not in answer:
        return str(answer["list"][0]["id"])
    if answer["error"] == NOT_UNIQUE:
        return ""
    detail = f"SMSAPI {answer['error']}: {answer.get('message', '')}"
    if answer["error"] in REFUSALS:
        raise Undeliverable(REFUSALS[answer["error"]], detail)
    raise requests.RequestException(detail)
