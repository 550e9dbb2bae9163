"""What may come in: the type is told from the content, photos are drawn anew, PDFs are opened and checked.

A refused file raises a ValidationError whose code is a key of SENTENCES.
"""

import hashlib
import re
import zlib
from dataclasses import dataclass, field
from typing import Any, NoReturn

import pypdfium2
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from pypdfium2 import raw as pdfium

from portal.files.names import clean_name, shown_name
from portal.files.photos import PHOTO_FORMATS, TooManyPixels, redraw
from portal.files.upload import MAX_BYTES, MAX_MEGABYTES

MAX_PAGES = 50
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
# An object stream may hide the names that we look for; so much of each is unpacked and read. Fifty pages have
# far fewer of them; a file that names thousands would keep us busy for minutes.
OBJECT_STREAM_BYTES = 4 * 1024 * 1024
MAX_OBJECT_STREAMS = 500

SENTENCES = {
    "too_large": _("“%(name)s” is larger than %(megabytes)d MB. Send a smaller version or a photo of it."),
    "too_much": _("“%(name)s” was one file too many for one go. Add it again now."),
    "disk_full": _(
        "We cannot take files at the moment because our storage is full. "
        "What you typed is kept; please try again later."
    ),
    "empty": _("“%(name)s” is empty. Check the file and add it again."),
    "unknown_type": _(
        "“%(name)s” is not a PDF, JPG, PNG or HEIC file. Save it as a PDF or take a photo of it, and add that."
    ),
    "encrypted": _(
        "“%(name)s” is locked with a password. Save a copy without the password, or take a photo of it, and add that."
    ),
    "broken": _("“%(name)s” is damaged and cannot be opened. Save it again, or take a photo of it, and add that."),
    "too_many_pages": _("“%(name)s” has more than %(pages)d pages. Save only the pages that matter, and add those."),
    "active": _(
        "“%(name)s” contains a program, which we do not take. Print it to a new PDF, or take a photo of it, "
        "and add that."
    ),
    "too_many_pixels": _(
        "“%(name)s” is too large a picture: more than %(megapixels)d million pixels. Save it smaller, and add it again."
    ),
}
MAX_MEGAPIXELS = 50


@dataclass(frozen=True)
class Inspected:
    """A file that is fit to be kept. `content` is what will be stored; `pages` is None for a photo."""

    name: str
    extension: str
    content_type: str
    pages: int | None
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def refuse(code: str, name: str | None) -> NoReturn:
    params = {
        "name": shown_name(name),
        "megabytes": MAX_MEGABYTES,
        "pages": MAX_PAGES,
        "megapixels": MAX_MEGAPIXELS,
    }
    raise ValidationError(SENTENCES[code], code=code, params=params)


def inspect(upload: UploadedFile) -> Inspected:
    """Checks and cleans one upload. Raises ValidationError with a sentence that names the file."""
    if fault := getattr(upload, "fault", ""):
        refuse(fault, upload.name)
    if (upload.size or 0) > MAX_BYTES:
        refuse("too_large", upload.name)
    upload.seek(0)
    content = upload.read()
    if not content:
        refuse("empty", upload.name)
    kind = kind_of(content)
    if not kind:
        refuse("unknown_type", upload.name)
    return _pdf(content, upload.name) if kind == "pdf" else _photo(content, kind, upload.name)


def kind_of(content: bytes) -> str:
    """ "pdf", "jpeg", "png", "heif", or "" for anything else, whatever the name says."""
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content[4:8] == b"ftyp" and content[8:12] in HEIF_BRANDS:
        return "heif"
    # Some mail gateways put a few bytes before the mark; readers look for it in the first 1024.
    if b"%PDF-" in content[:1024] and not content.startswith(b"MZ"):
        return "pdf"
    return ""


def _photo(content: bytes, kind: str, name: str | None) -> Inspected:
    try:
        photo, kept_as = redraw(content, PHOTO_FORMATS[kind], max_pixels=MAX_MEGAPIXELS * 1_000_000)
    except TooManyPixels:
        refuse("too_many_pixels", name)
    except Exception:  # decoders fail in many ways on hostile input, and all of them mean the same
        refuse("broken", name)
    extension = {"JPEG": "jpg", "PNG": "png"}[kept_as]
    return Inspected(clean_name(name, extension), extension, f"image/{kept_as.lower()}", None, photo)


def _pdf(content: bytes, name: str | None) -> Inspected:
    try:
        pages, scripts = _open_pdf(content)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        refuse("encrypted" if locked else "broken", name)
    if pages > MAX_PAGES:
        refuse("too_many_pages", name)
    if content.count(b"/ObjStm") > MAX_OBJECT_STREAMS:
        refuse("broken", name)
    if scripts or names_a_program(content):
        refuse("active", name)
    return Inspected(clean_name(name, "pdf"), "pdf", "application/pdf", pages, content)


def _open_pdf(content: bytes) -> tuple[int, int]:
    """Number of pages and of scripts. Opens each page that we would take; PdfiumError where that fails."""
    with pypdfium2.PdfDocument(content) as document:
        pages = len(document)
        for number in range(min(pages, MAX_PAGES)):
            document[number].close()
        return pages, max(pdfium.FPDFDoc_GetJavaScriptActionCount(document), 0)


def names_a_program(content: bytes) -> bool:
    """Whether a PDF names JavaScript or the start of another program, in the open or in an object stream.

    It cannot find what is hidden on purpose; therefore PDFs are also sent to browsers in a sandbox, and shown
    to clerks as pictures.
    """
    return any(re.search(rb"/(JavaScript|Launch)\b", part) for part in (content, *_object_streams(content)))


def _object_streams(content: bytes) -> Any:
    for found in re.finditer(rb"/ObjStm\b.{0,400}?stream\r?\n", content, re.DOTALL):
        try:
            packed = content[found.end() : found.end() + OBJECT_STREAM_BYTES]
            yield zlib.decompressobj().decompress(packed, OBJECT_STREAM_BYTES)
        except zlib.error:
            continue
