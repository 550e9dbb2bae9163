"""The papers of the demo's story, drawn when it is told: invoices, a deed, photos."""

import io
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pypdfium2
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from accounts.models import Customer
from devices.models import Site, Unit
from portal.files.models import Document
from portal.files.store import keep
from portal.pdf import FONTS, render_pdf

SELLER = {
    "name": "Instalacje Wronka sp. z o.o.",
    "trade": "Pompy ciepła, montaż i serwis",
    "address": "ul. Miedziana 12, 05-500 Piaseczno",
    "city": "Piaseczno",
    "nip": "9992045179",
    "account": "00 0000 0000 0000 0000 0000 0000",
    "clerk": "Beata Wronka",
}
NET_PRICES = {"monobloc": Decimal(24600), "outdoor": Decimal(15800), "indoor": Decimal(9400)}
INSTALLATION = Decimal(6200)


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", " ").replace(".", ",")


def _item(text: str, net: Decimal, serial: str = "") -> dict[str, str]:
    return {"text": text, "serial": serial, "net": _money(net), "gross": _money(net * Decimal("1.08"))}


def invoice(buyer: Customer, units: Sequence[Unit], day: date) -> bytes:
    """A Polish invoice for these units and their installation, as a PDF."""
    items = [
        _item(f"Pompa ciepła {unit.product.maker} {unit.product.code}", NET_PRICES[unit.product.role], unit.serial)
        for unit in units
    ]
    total = (sum(NET_PRICES[unit.product.role] for unit in units) + INSTALLATION) * Decimal("1.08")
    context = {
        "number": f"FV/{day:%Y/%m}/{units[0].pk % 400 + 1:03d}",
        "seller": SELLER,
        "buyer": buyer,
        "day": day,
        "items": [*items, _item("Montaż i podłączenie", INSTALLATION)],
        "total": _money(total),
    }
    with translation.override("pl"):
        return render_pdf("demo_papers/invoice.html", context)


def deed(site: Site, unit: Unit, *, seller: Customer, day: date) -> bytes:
    """A record that a house changed hands with its heat pump, as a PDF."""
    sold = day - timedelta(days=9)
    context = {"site": site, "unit": unit, "seller": seller, "buyer": site.customer, "day": day, "sold": sold}
    with translation.override("pl"):
        return render_pdf("demo_papers/deed.html", context)


def resolution(customer: Customer, *, wanted: dict[str, str], day: date) -> bytes:
    """An association decides where its letters go, as a PDF."""
    with translation.override("pl"):
        return render_pdf("demo_papers/resolution.html", {"customer": customer, "wanted": wanted, "day": day})


def blurred_photo(pdf: bytes) -> bytes:
    """A photo of a paper that nobody can read."""
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0].render(scale=1.4).to_pil().convert("RGB")
    table = Image.new("RGB", (page.width + 240, page.height + 240), "#7a5c3e")
    table.paste(page, (120, 120))
    photo = table.rotate(4, fillcolor="#6b4f34", resample=Image.Resampling.BICUBIC)
    return _jpeg(photo.filter(ImageFilter.GaussianBlur(5)))


def nameplate_photo(maker: str, model: str, serial: str, facts: Sequence[tuple[str, str]]) -> bytes:
    """A photo of a nameplate, a little askew."""
    plate = Image.new("RGB", (1100, 640), "#d9dcdd")
    draw = ImageDraw.Draw(plate)
    draw.rounded_rectangle((12, 12, 1087, 627), 24, outline="#3a3f42", width=5)
    for corner in ((36, 36), (1064, 36), (36, 604), (1064, 604)):
        draw.circle(corner, 13, fill="#9aa0a3", outline="#55595c")
    draw.text((90, 50), maker, font=_font(64, "Bold"), fill="#1c2326")
    draw.line((70, 140, 1030, 140), fill="#3a3f42", width=3)
    for number, (label, value) in enumerate([("MODEL", model), ("S/N", serial), *facts]):
        top = 160 + number * 66
        draw.text((90, top + 8), label, font=_font(34), fill="#3a3f42")
        draw.text((420, top), value, font=_font(46, "Semibold"), fill="#1c2326")
    _barcode(draw, serial)
    wall = Image.new("RGB", (1500, 1000), "#f1efe9")
    wall.paste(plate, (200, 180))
    return _jpeg(wall.rotate(-3, fillcolor="#e4e1d8", resample=Image.Resampling.BICUBIC))


def _barcode(draw: ImageDraw.ImageDraw, serial: str) -> None:
    """Bars that look like a code; they hold nothing."""
    left = 90
    for sign in serial * 3:
        width = ord(sign) % 5 + 2
        draw.rectangle((left, 540, left + width, 600), fill="#1c2326")
        left += width + ord(sign) % 4 + 4


def _font(size: int, weight: str = "Regular") -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"SourceSansPro-{weight}.ttf"), size)


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


def sent(content: bytes, name: str, *, by: Any) -> Document:
    """The paper as if this person had uploaded it, with all the checks of an upload."""
    return keep(SimpleUploadedFile(name, content), by=by)


def boiler_room_photo(caption: str, number: int) -> bytes:
    """A drawn stand-in for a photo of an installation: pipes, a tank, and what it would show."""
    wall = ["#dfe3e0", "#e6e0d6", "#d8dfe6", "#e3e3dc"][number % 4]
    photo = Image.new("RGB", (1200, 900), wall)
    draw = ImageDraw.Draw(photo)
    draw.rectangle((0, 760, 1200, 900), fill="#a39e94")
    draw.rounded_rectangle((150, 190, 470, 760), 60, fill="#f4f5f3", outline="#8b9391", width=6)
    draw.rounded_rectangle((700, 330, 1080, 760), 18, fill="#eceeec", outline="#8b9391", width=6)
    draw.circle((890, 545), 130, fill="#c9cfcc", outline="#6d7674", width=8)
    for step, colour in enumerate(["#b5532f", "#2f6fb5"]):
        top = 250 + step * 60 + number % 3 * 14
        draw.line([(470, top), (590, top), (590, 640 + step * 40), (700, 640 + step * 40)], fill=colour, width=22)
    draw.rectangle((0, 0, 1200, 84), fill="#1c2326")
    draw.text((36, 16), caption[:58], font=_font(44, "Semibold"), fill="#f4f5f3")
    return _jpeg(photo)
