"""HTML to a tagged PDF (PDF/UA-1) with the brand's typeface embedded."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import font_source_sans_pro
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language
from PIL import ImageFile

if TYPE_CHECKING:
    from weasyprint.text.fonts import FontConfiguration

FONTS = Path(font_source_sans_pro.font_directory)
_own = threading.local()


def render_pdf(template: str, context: dict[str, Any]) -> bytes:
    """Renders a template that extends "pdf/base.html", in the language of the moment.

    Reads nothing from the network: what a template names must be a data: or file: address. The same HTML gives the
    same bytes, on every machine with the same version of WeasyPrint.
    """
    # Imported late: it is slow, and few processes draw PDFs.
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    # WeasyPrint tells Pillow to read broken pictures, in the whole process; an upload must not pass because of that.
    ImageFile.LOAD_TRUNCATED_IMAGES = False

    values = {
        **context,
        "brand": settings.BRAND,
        "language": get_language(),
        "fonts": FONTS.as_uri(),
    }
    html = HTML(
        string=render_to_string(template, values),
        url_fetcher=URLFetcher(allowed_protocols=["data", "file"]),
    )
    return html.write_pdf(pdf_variant="pdf/ua-1", font_config=_typeface())


def _typeface() -> "FontConfiguration":
    """The brand's typeface, loaded once: each loading would cost time, and a quarter of a megabyte for good.

    Each thread has its own, since it remembers what it has drawn.
    """
    from weasyprint.text.fonts import FontConfiguration

    if not hasattr(_own, "typeface"):
        _own.typeface = FontConfiguration()
    return _own.typeface
