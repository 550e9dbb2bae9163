"""A small checklist that has everything; and those that come with the portal."""

from decimal import Decimal
from importlib import import_module
from typing import Any

from services.checklists import Choice, Group, Item, parse

_MIGRATION = import_module("services.migrations.0003_shipped")
ship = _MIGRATION.ship
# What comes with the portal, by the code of its service.
_LATER = import_module("services.migrations.0005_usual_answers")
CHECKLISTS = {
    code: parse(_LATER.changed(content, _LATER.CHANGES.get(code, {})))
    for code, content in _MIGRATION.shipped()["checklists"].items()
}


def shipped_item(code: str, number: str) -> Item:
    return next(one for group in CHECKLISTS[code] for one in group.items if one.number == number)


def said(words: str) -> dict[str, str]:
    return {"pl": f"{words} PL", "cs": f"{words} CS", "en": words}


def item(number: int, kind: str = "text", **fields: Any) -> Item:
    return Item(str(number), kind, fields.pop("labels", said(f"Question {number}")), **fields)


def group(number: int, *items: Item, **fields: Any) -> Group:
    return Group(str(number), fields.pop("titles", said(f"Group {number}")), items, **fields)


PIPES = (Choice("copper", said("copper")), Choice("other", said("other")))


def groups() -> list[Group]:
    """[100] by the owner, [500] for split only, [600] by the partner."""
    return [
        group(
            100,
            item(101, filled_by="owner"),
            item(102, "photo", filled_by="owner"),
            item(103, "date", filled_by="owner", required=False),
        ),
        group(
            500,
            item(500, filled_by="owner", form_check="fgas"),
            item(501, "yes_no", filled_by="owner"),
            item(502, "long_text", filled_by="owner", depends_on="501", depends_values=("no",)),
            device_kind="split",
        ),
        group(
            600,
            item(601, "number", unit="bar", minimum=Decimal("0.5"), maximum=Decimal("6")),
            item(602, "choice", choices=PIPES),
            item(603, "yes_no", depends_on="602", depends_values=("other",)),
            item(604, "yes_no", depends_on="603", depends_values=("yes",), required=False),
            item(605, "photo", required=False),
        ),
    ]
