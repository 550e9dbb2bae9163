"""HTML to a tagged PDF (PDF/UA-1) with the brand's typeface embedded."""

from pathlib import Path
from typing import Any

import font_source_sans_pro
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language
from PIL import ImageFile

FONTS = Path(font_source_sans_pro.font_directory)


def render_pdf(template: str, context: dict[str, Any]) -> bytes:
    """Renders a template that extends "pdf/base.html", in the language of the moment.

    Reads nothing from the network: what a template names must be a data: or file: address.
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
    return html.write_pdf(pdf_variant="pdf/ua-1")
