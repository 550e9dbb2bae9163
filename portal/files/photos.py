"""Photos, drawn anew: upright, no larger than needed, without place, time and whatever else came along."""

import io
import warnings

from PIL import Image, ImageOps
from pillow_heif import register_heif_opener

register_heif_opener(thumbnails=False)

LONG_SIDE = 3000
JPEG_QUALITY = 88
PHOTO_FORMATS = {"jpeg": ("JPEG", "MPO"), "png": ("PNG",), "heif": ("HEIF",)}


class TooManyPixels(Exception):
    """More pixels than we are ready to decode."""


def redraw(content: bytes, formats: tuple[str, ...], *, max_pixels: int) -> tuple[bytes, str]:
    """The picture as a fresh file, and its format: "PNG" for a PNG of few colours, else "JPEG".

    Raises TooManyPixels, told from the header alone, and whatever Pillow raises on a broken file.
    """
    image = open_image(content, formats, max_pixels)
    if image.format == "PNG" and max(image.size) <= LONG_SIDE and _few_colours(image):
        return _saved(_upright(image), "PNG"), "PNG"
    return as_jpeg(image, LONG_SIDE), "JPEG"


def as_jpeg(image: Image.Image, long_side: int) -> bytes:
    """The picture as JPEG, upright, at most `long_side` pixels wide and high."""
    # A JPEG is decoded at a half or a quarter right away where that is enough: a 48-megapixel photo in 36 MB.
    share = min(long_side / max(image.size), 1)
    image.draft("RGB", (int(image.width * share), int(image.height * share)))
    flat = _flat(image)
    flat.thumbnail((long_side, long_side), Image.Resampling.LANCZOS)
    return _saved(_upright(flat), "JPEG")


def open_image(content: bytes, formats: tuple[str, ...], max_pixels: int) -> Image.Image:
    """Reads the header and no more."""
    with warnings.catch_warnings():
        # Our own bound is lower than the one that Pillow warns of.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            image = Image.open(io.BytesIO(content), formats=formats)
        except Image.DecompressionBombError as error:
            raise TooManyPixels from error
    if image.width * image.height > max_pixels:
        raise TooManyPixels
    return image


def _few_colours(image: Image.Image) -> bool:
    """A drawing or a screenshot, which JPEG would smear."""
    return image.mode in ("1", "L", "P", "RGB", "RGBA") and bool(image.getcolors(256))


def _upright(image: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(image) or image


def _flat(image: Image.Image) -> Image.Image:
    """In RGB on white, with the note of which side is up."""
    exif = image.getexif()
    if image.mode.startswith("I"):  # 16 bits a pixel; converting alone would turn all of it white
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image)
        image = white
    flat = image.convert("RGB")
    flat.getexif()[0x0112] = exif.get(0x0112, 1)
    return flat


def _saved(image: Image.Image, kept_as: str) -> bytes:
    """Encoded with the pixels only."""
    out = io.BytesIO()
    image.info = {key: image.info[key] for key in ("transparency",) if key in image.info}
    image.save(out, kept_as, quality=JPEG_QUALITY, optimize=True)
    return out.getvalue()
