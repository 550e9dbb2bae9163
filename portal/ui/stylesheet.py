"""The one stylesheet, `portal.css`: Bootstrap's from its package, in a layer below ours, then the files in `css/`.

The brand's accent is put in here, darkened or lightened as far as it must be to be read on light and on dark.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage, Storage

NAME = "portal.css"
OWN_PARTS = Path(__file__).parent / "css"
BUILT = settings.BASE_DIR / ".local" / "stylesheet"
# The darkest and the lightest ground that text in the accent stands on; the same as in css/10-tokens.css.
LIGHT_GROUND, DARK_GROUND = "#e9ece8", "#222926"
READABLE = 4.6

Colour = tuple[float, float, float]


def parse(colour: str) -> Colour:
    """The three channels, 0 to 255, of a colour written as "#0b6e4f"."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ImproperlyConfigured(f"BRAND_ACCENT is {colour!r}; write it as six hex digits, such as #0b6e4f.")
    return (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))


def luminance(colour: Colour) -> float:
    """Relative luminance as WCAG defines it, 0 to 1."""
    parts = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio as WCAG defines it, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(colour: str, ground: str) -> str:
    """The colour, moved towards black or white in small steps until text in it can be read on the ground."""
    behind = parse(ground)
    end = 0 if luminance(behind) > 0.2 else 255
    hue = parse(colour)
    for step in range(21):
        red, green, blue = (round(channel + (end - channel) * step / 20) for channel in hue)
        if contrast((red, green, blue), behind) >= READABLE:
            break
    return f"#{red:02x}{green:02x}{blue:02x}"


def accent_rules(accent: str) -> str:
    """The accent for both themes, and the colour of words on it."""
    rules = []
    for ground in (LIGHT_GROUND, DARK_GROUND):
        colour = readable(accent, ground)
        on_it = max(("#ffffff", "#0d1210"), key=lambda words: contrast(parse(words), parse(colour)))
        rules.append(f":root{{--accent:{colour};--on-accent:{on_it}}}")
    return f"{rules[0]}\n@media (prefers-color-scheme:dark){{{rules[1]}}}\n"


def bootstrap() -> str:
    """Bootstrap's style sheet from the installed package, without what a browser would go looking for."""
    import django_include_bootstrap

    path = Path(django_include_bootstrap.__file__).parent / "static" / "css" / "bootstrap.min.css"
    text = path.read_text(encoding="utf-8").replace('@charset "UTF-8";', "")
    return re.sub(r"/\*# sourceMappingURL=.*?\*/", "", text)


def compose() -> str:
    """The whole stylesheet. What stands outside the layer wins over Bootstrap, however specific that is."""
    own = "".join(part.read_text(encoding="utf-8") for part in sorted(OWN_PARTS.glob("*.css")))
    own = re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", own, flags=re.DOTALL))
    return f'@charset "UTF-8";\n@layer bootstrap{{{bootstrap()}}}\n{accent_rules(settings.BRAND["accent"])}{own}'


def build() -> Path:
    """Writes the stylesheet if it differs from what is there, whole or not at all."""
    target = BUILT / NAME
    text = compose()
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        BUILT.mkdir(parents=True, exist_ok=True)
        draft = BUILT / f"{NAME}.{os.getpid()}"
        draft.write_text(text, encoding="utf-8")
        draft.replace(target)
    return target


class StylesheetFinder(BaseFinder):
    """Lets Django's static files know the stylesheet."""

    def check(self, **kwargs: object) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False) -> Any:
        if path != NAME:
            return []
        found = str(build())
        return [found] if find_all else found

    def list(self, ignore_patterns: object) -> Iterator[tuple[str, Storage]]:
        build()
        yield NAME, FileSystemStorage(location=BUILT)
