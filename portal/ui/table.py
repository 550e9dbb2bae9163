"""Tables, whose rows become cards on a phone.

Drawn in Python: the same 25 rows as a template took a third of the whole page's time (docs/bench.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Column:
    """`style` is the class of its cells. A card names each value, but not its title and its button."""

    label: Any
    style: str = ""

    @property
    def head(self) -> SafeString:
        label = format_html('<span class="visually-hidden">{}</span>', self.label) if self.is_action else self.label
        style = SafeString(' class="num"') if self.style == "num" else ""
        return format_html('<th scope="col" role="columnheader"{}>{}</th>', style, label)

    @property
    def cell_start(self) -> str:
        """The tag that begins a cell."""
        style = format_html(' class="{}"', self.style) if self.style else ""
        is_named = not self.is_action and not self.style.startswith("main-cell")
        label = format_html(' data-label="{}"', self.label) if is_named else ""
        return f'<td role="cell"{style}{label}>'

    @property
    def is_action(self) -> bool:
        return self.style == "row-action"


@dataclass(frozen=True)
class Table:
    """Columns, and rows with a value for each of them; a value that is not safe is escaped."""

    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]

    def __html__(self) -> SafeString:
        starts = [column.cell_start for column in self.columns]
        body = "\n".join(self._row(starts, row) for row in self.rows)
        head = "".join(column.head for column in self.columns)
        return SafeString(
            '<div class="panel panel-flush"><table class="cards" role="table">'
            f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
            f'<tbody role="rowgroup">{body}</tbody></table></div>'
        )

    def _row(self, starts: Sequence[str], row: Sequence[Any]) -> str:
        cells = [f"{start}{conditional_escape(value)}</td>" for start, value in zip(starts, row, strict=True)]
        return f'<tr role="row">{"".join(cells)}</tr>'


def link(url: str, label: Any) -> SafeString:
    return SafeString(f'<a href="{escape(url)}">{conditional_escape(label)}</a>')


def small_button(url: str, label: Any, of: Any) -> SafeString:
    """A link that looks like a button. `of` tells a screen reader which row it belongs to."""
    return SafeString(
        f'<a class="btn btn-secondary btn-small" href="{escape(url)}">{conditional_escape(label)}'
        f'<span class="visually-hidden">: {conditional_escape(of)}</span></a>'
    )
