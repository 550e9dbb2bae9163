"""Texts that people agree to, in the words that they read. A changed text is a new version; consents keep the words."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import Consent, LegalText, Subject


def filled(text: LegalText, language: str = "") -> str:
    """The text in the language, or in that of the moment, with the company's name and the like in their places."""
    words = text.text(language or _language())
    # Not str.format: a stray brace of a clerk must not stop a registration.
    for name, value in settings.BRAND.items():
        words = words.replace(f"{{{name}}}", value)
    return words


def wording(kind: str) -> str:
    """What people agree to today, in the language of the moment."""
    return filled(LegalText.objects.current(kind))


def words_said(kind: str, act: str = Consent.Act.GIVEN) -> dict[str, Any]:
    """What is kept of an answer that is given now, to today's text in the language of the moment. JSON."""
    text = LegalText.objects.current(kind)
    return {
        "kind": str(kind),
        "act": str(act),
        "version": text.version,
        "language": _language(),
        "text": filled(text),
        "at": timezone.now().isoformat(),
    }


def terms_to_answer(person: Any) -> LegalText | None:
    """The terms that this person has said nothing to so far; the office works under other ones."""
    if person.is_staff:
        return None
    text = LegalText.objects.current(Subject.TERMS)
    answered = person.consents.filter(kind=Subject.TERMS, version=text.version)
    return None if answered.exists() else text


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE
