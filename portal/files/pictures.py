"""Pictures of pages, so that a document can be looked at beside the data without any plug-in."""

import io
import logging

import pypdfium2
from django.core.files.storage import default_storage

from portal.files import photos
from portal.files.models import Document
from portal.files.photos import as_jpeg, open_image
from portal.files.store import write_whole

logger = logging.getLogger(__name__)
DOTS_PER_INCH = 110
LONG_SIDE = 1400
KEPT_FORMATS = ("JPEG", "PNG")
KEPT_PIXELS = photos.LONG_SIDE**2


def picture_of(document: Document, number: int) -> tuple[bytes, str]:
    """The page (from 1) as a picture of at most 1400 pixels on its long side, and its content type.

    Drawn once and kept beside the file. FileNotFoundError if the file is gone.
    """
    extension, content_type = ("png", "image/png") if document.is_pdf else ("jpg", "image/jpeg")
    stem = str(document.file.name).rpartition(".")[0]
    name = f"{stem}-{number}.{extension}"
    if default_storage.exists(name):
        with default_storage.open(name) as kept:
            return kept.read(), content_type
    with document.file.open("rb") as file:
        content = file.read()
    picture = page_picture(content, number) if document.is_pdf else photo_picture(content)
    _keep(name, picture)
    return picture, content_type


def page_picture(content: bytes, number: int) -> bytes:
    """A PDF's page as PNG."""
    with pypdfium2.PdfDocument(content) as pdf:
        page = pdf[number - 1]
        scale = min(DOTS_PER_INCH / 72, LONG_SIDE / max(*page.get_size(), 1))
        out = io.BytesIO()
        page.render(scale=scale).to_pil().convert("RGB").save(out, "PNG")
    return out.getvalue()


def photo_picture(content: bytes) -> bytes:
    """A kept photo as a smaller JPEG."""
    return as_jpeg(open_image(content, KEPT_FORMATS, KEPT_PIXELS), LONG_SIDE)


def _keep(name: str, picture: bytes) -> None:
    try:
        write_whole(name, picture)
    except OSError:  # a full disk: the reader gets the picture all the same
        logger.warning("no room to keep the picture %s", name)
