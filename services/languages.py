"""Texts that the office writes in every language of the portal."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language

LANGUAGES = ("pl", "cs", "en")


def in_language(texts: Mapping[str, str]) -> str:
    """The text in the reader's language; where it is missing, in English, then in Polish, then in any."""
    own = (get_language() or "en")[:2]
    for language in (own, "en", "pl", *LANGUAGES):
        if text := texts.get(language, ""):
            return text
    return ""


def texts_of(row: Any, name: str) -> dict[str, str]:
    """The columns name_pl, name_cs and name_en of a row as one mapping."""
    return {language: getattr(row, f"{name}_{language}") for language in LANGUAGES}
