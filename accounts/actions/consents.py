"""What people say to the texts: yes, no more, I object, not now. Rows are only ever added."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import legal
from accounts.actions.people import record_consent
from accounts.models import Consent, LegalText, Subject, User
from accounts.people import takes_sms
from portal.errors import Refused
from portal.outbox.queue import send

Act = Consent.Act

# What may be said to each text. Whoever does not want the terms any more gives the account up.
ACTS: dict[str, tuple[str, ...]] = {
    Subject.DATA_PROCESSING: (Act.GIVEN, Act.WITHDRAWN),
    Subject.TERMS: (Act.GIVEN, Act.LATER),
    Subject.MARKETING: (Act.OBJECTED, Act.WITHDRAWN),
    Subject.E_DOCUMENTS: (Act.GIVEN, Act.WITHDRAWN),
    Subject.SMS: (Act.GIVEN, Act.WITHDRAWN),
}


@transaction.atomic
def say(person: User, *, kind: str, act: str, version: str, by: User) -> Consent | None:
    """A person answers the text whose `version` was on the page. None where that stands already.

    Whether SMS come follows from the consent to them: this changes both.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    if by.pk != person.pk or act not in ACTS.get(kind, ()):
        raise Refused(_("This cannot be said here."))
    last, text = Consent.objects.latest_of(person).get(kind), LegalText.objects.current(kind)
    if stands_already(person, last, text, act):
        return None
    if act == Act.WITHDRAWN:
        words = _taken_back(person, kind, last)
    elif version != text.version:
        raise Refused(_("The text has changed since you opened this page. Read it again."))
    else:
        words = legal.words_said(kind, act)
    if kind == Subject.SMS:
        _turn_sms(person, act == Act.GIVEN)
    kept = record_consent(person, consent=words)
    if kind == Subject.DATA_PROCESSING and act == Act.WITHDRAWN:
        _tell_of_withdrawal(person)
    return kept


def state_of(person: User, kind: str, last: Consent | None) -> str:
    """What holds now: an act, or "" while nothing was said. SMS may be on or off from before there was a text."""
    if kind == Subject.SMS:
        return Act.GIVEN if person.sms_notices else Act.WITHDRAWN if last else ""
    return last.act if last else ""


def stands_already(person: User, last: Consent | None, text: LegalText, act: str) -> bool:
    """A button pressed twice, or in two tabs, says a thing once. A yes to an older version is not one to this."""
    state, is_current = state_of(person, text.kind, last), last is None or last.version == text.version
    if act == Act.LATER:
        return last is not None and is_current
    return state == act and (act == Act.WITHDRAWN or is_current)


def _taken_back(person: User, kind: str, last: Consent | None) -> dict[str, Any]:
    """What is withdrawn is what was said then, with the words of then."""
    if state_of(person, kind, last) not in (Act.GIVEN, Act.OBJECTED):
        raise Refused(_("There is nothing to withdraw."))
    said = legal.words_said(kind, Act.WITHDRAWN)
    return said | ({"version": last.version, "language": last.language, "text": last.text} if last else {})


def _turn_sms(person: User, on: bool) -> None:
    if on and not (takes_sms(person.phone) and person.phone_confirmed_at):
        raise Refused(_("SMS go to a mobile number that is confirmed. Confirm yours under “Phone numbers” first."))
    person.sms_notices = on
    person.save(update_fields=["sms_notices"])


def _tell_of_withdrawal(person: User) -> None:
    """The person, and the office, which has to wind up what is going on."""
    send(
        "accounts/consent_withdrawn",
        to=person.email,
        language=person.language,
        context={"name": person.first_name, "at": timezone.now()},
        about=[person],
    )
    send(
        "accounts/consent_withdrawn_office",
        to=settings.BRAND["email"],
        language=settings.LANGUAGE_CODE,
        context={"person": str(person), "person_id": person.pk},
        about=[person],
    )
