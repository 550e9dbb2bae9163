"""Names of files as people gave them, made fit to be shown and to be saved under."""

import re
import unicodedata
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

MAX_LENGTH = 100
KNOWN_EXTENSIONS = {"pdf", "jpg", "jpeg", "png", "heic", "heif"}


def shown_name(name: str | None) -> str:
    """The name without folders, control characters and marks of direction; at most 100 characters."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name or ""))[-1]
    spaced = re.sub(r"\s+", " ", last)
    visible = "".join(char for char in spaced if unicodedata.category(char)[0] != "C")
    return visible.strip(" .")[:MAX_LENGTH].strip(" .") or _("document")


def clean_name(name: str | None, extension: str) -> str:
    """The shown name with the extension (no dot) that the content deserves; at most 100 characters."""
    stem = shown_name(name)
    suffix = PurePosixPath(stem).suffix
    if suffix[1:].lower() in KNOWN_EXTENSIONS:
        stem = stem.removesuffix(suffix)
    stem = stem[: MAX_LENGTH - len(extension) - 1].strip(" .")
    return f"{stem or shown_name('')}.{extension}"
