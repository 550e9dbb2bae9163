"""Papers and photos that a story's people send."""

from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw
from pillow_heif import from_pillow

EXE = {"name": "invoice.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90\x00" + b"\x00" * 500}


def _sheet(*lines: str, size: tuple[int, int] = (620, 877)) -> Image.Image:
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    for place, line in enumerate(lines):
        draw.text((40, 60 + 60 * place), line, fill="black", font_size=30)
    return sheet


def invoice(*lines: str, name: str = "faktura.pdf") -> dict[str, Any]:
    """A PDF with one page."""
    buffer = BytesIO()
    _sheet("Faktura", *lines).save(buffer, "PDF", resolution=75)
    return {"name": name, "mimeType": "application/pdf", "buffer": buffer.getvalue()}


def photo(*lines: str, name: str = "IMG_0042.HEIC") -> dict[str, Any]:
    """A photo as phones take them."""
    buffer = BytesIO()
    from_pillow(_sheet(*lines, size=(640, 480))).save(buffer)
    return {"name": name, "mimeType": "image/heic", "buffer": buffer.getvalue()}


def snapshot(*lines: str, name: str = "IMG_0043.jpg") -> dict[str, Any]:
    """A photo that browsers can draw too."""
    buffer = BytesIO()
    _sheet(*lines, size=(640, 480)).save(buffer, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": buffer.getvalue()}
