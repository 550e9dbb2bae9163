"""Short words to write questions down with. Texts stand in the order Polish, Czech, English."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.checklists import (
    CHOICE,
    DATE,
    FGAS,
    LONG_TEXT,
    NO,
    NUMBER,
    OWNER,
    PHOTO,
    TEXT,
    YES,
    YES_NO,
    Choice,
    Group,
    Item,
)
from services.languages import LANGUAGES

Texts = tuple[str, str, str]


def texts(words: tuple[str, ...]) -> dict[str, str]:
    """One text is the same in each language; none is an empty text in each."""
    words = words or ("",)
    return dict(zip(LANGUAGES, words * 3 if len(words) == 1 else words, strict=True))


def group(number: int, title: Texts, *items: Item, only: str = "") -> Group:
    """`only` names the kind of device that it is for."""
    return Group(str(number), texts(title), items, device_kind=only)


def ask(number: int, kind: str, label: Texts, *, help: tuple[str, ...] = (), **more: Any) -> Item:
    return Item(str(number), kind, texts(label), texts(help), **more)


def text(number: int, label: Texts, **more: Any) -> Item:
    return ask(number, TEXT, label, **more)


def words(number: int, label: Texts, **more: Any) -> Item:
    """Several lines."""
    return ask(number, LONG_TEXT, label, **more)


def yes_no(number: int, label: Texts, **more: Any) -> Item:
    return ask(number, YES_NO, label, **more)


def day(number: int, label: Texts, **more: Any) -> Item:
    return ask(number, DATE, label, **more)


def photos(number: int, label: Texts, **more: Any) -> Item:
    return ask(number, PHOTO, label, **more)


def fgas(number: int, label: Texts, **more: Any) -> Item:
    return ask(number, TEXT, label, form_check=FGAS, **more)


def measure(number: int, label: Texts, unit: str, least: str, most: str, **more: Any) -> Item:
    """A number that can lie between `least` and `most`, both included."""
    return ask(number, NUMBER, label, unit=unit, minimum=Decimal(least), maximum=Decimal(most), **more)


def choose(number: int, label: Texts, options: Mapping[str, tuple[str, ...]], **more: Any) -> Item:
    """`options` maps a code to its words."""
    return ask(
        number, CHOICE, label, choices=tuple(Choice(code, texts(said)) for code, said in options.items()), **more
    )


def when(other: int, *values: str) -> dict[str, Any]:
    """As arguments of a question: it shows only where the other one has such an answer."""
    return {"depends_on": str(other), "depends_values": values}


def if_yes(other: int) -> dict[str, Any]:
    return when(other, YES)


def if_no(other: int) -> dict[str, Any]:
    return when(other, NO)


BY_OWNER: dict[str, Any] = {"filled_by": OWNER}
OPTIONAL: dict[str, Any] = {"required": False}
