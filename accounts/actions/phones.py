"""A person's phone numbers: a landline counts at once, a mobile number once a code has come back from it."""

import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import MobileCode, User
from portal.errors import Refused
from portal.events import record
from portal.limits import within_limit
from portal.outbox.models import Channel
from portal.outbox.queue import send

VALID_FOR = timedelta(minutes=15)
TRIES = 5
# Each SMS costs money, and may go to somebody who never asked for it.
CODES_A_DAY = 5
DAY = 24 * 3600


@transaction.atomic
def change_landline(person: User, *, number: Any, by: User) -> None:
    """`number` empty: none any more."""
    person = _locked(person)
    person.landline = number
    person.save(update_fields=["landline"])
    record("phone.landline", by=by, about=[person])


@transaction.atomic
def remove_mobile(person: User, *, by: User) -> None:
    """No SMS goes anywhere any more."""
    person = _locked(person)
    person.phone, person.phone_confirmed_at = "", None
    person.save(update_fields=["phone", "phone_confirmed_at"])
    MobileCode.objects.filter(user=person).delete()
    record("phone.removed", by=by, about=[person])


@transaction.atomic
def send_code(person: User, *, number: Any) -> None:
    """Sends a code to the number; a code that was sent before no longer counts."""
    person = _locked(person)
    for name, key in (("mobile-code", str(person.pk)), ("mobile-code-to", number.as_e164)):
        if not within_limit(name, key, amount=CODES_A_DAY, seconds=DAY):
            raise Refused(_("That is as many codes as we send in one day. Try again tomorrow."))
    code = f"{secrets.randbelow(10**6):06}"
    facts = {"number": number, "code_hash": make_password(code), "sent_at": timezone.now(), "tries": 0}
    MobileCode.objects.update_or_create(user=person, defaults=facts)
    send(
        "accounts/mobile_code", to=number.as_e164, language=person.language, context={"code": code},
        channel=Channel.SMS, secret=True,
    )  # fmt: skip


def confirm(person: User, *, code: str, by: User) -> None:
    """From now on the number that the code went to is the person's. Wrong tries count, five of them at most."""
    refusal = _try(person, code, by)
    # Raised out here: inside, the count of the tries would be taken back.
    if refusal:
        raise Refused(refusal)


@transaction.atomic
def _try(person: User, code: str, by: User) -> str:
    """What is wrong with the code, "" for nothing."""
    person = _locked(person)
    sent = MobileCode.objects.filter(user=person).first()
    if sent is None or sent.sent_at < timezone.now() - VALID_FOR:
        return _("This code no longer works: 15 minutes have passed. Ask for a new one.")
    if sent.tries >= TRIES:
        return _("That were five wrong codes. Ask for a new one.")
    if not check_password(code, sent.code_hash):
        sent.tries += 1
        sent.save(update_fields=["tries"])
        return _("This is not the code. Compare it with the SMS.")
    person.phone, person.phone_confirmed_at = sent.number, timezone.now()
    person.save(update_fields=["phone", "phone_confirmed_at"])
    sent.delete()
    record("phone.confirmed", by=by, about=[person])
    return ""


def _locked(person: User) -> User:
    return User.objects.select_for_update().get(pk=person.pk)
