"""Tables, whose rows become cards on a phone.

Drawn in Python: the same 25 rows as a template took a third of the whole page's time (docs/bench.md).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString

# What a line break would tear apart: words with a hyphen ("00-238", "e-mail"), numbers in groups ("110 00"), and what
# a Polish or Czech company is ("sp. z o.o.").
TORN = re.compile(r"\w+(?:[-/]\w+)+|\+?\d+(?: \d+)+|(?:\b[Ss]p\. )?\bz o\. ?o\.|\bs\. ?r\. ?o\.")
LONGEST_WHOLE = 24  # a phone's card has room for so many letters


def unbroken(value: Any) -> Any:
    """Words with what must stay on one line marked so; what is safe already, or no words, as it is."""
    if value is None or hasattr(value, "__html__"):
        return value
    return _unbroken(str(value))


@lru_cache(maxsize=4096)
def _unbroken(words: str) -> str:
    if "@" not in words and not TORN.search(words):
        return words
    # Escaped signs such as &#x27; have neither a hyphen nor a space within. An e-mail address breaks after its sign.
    return SafeString(TORN.sub(_whole, escape(words)).replace("@", "@<wbr>"))


def _whole(found: re.Match[str]) -> str:
    return f'<span class="whole">{found[0]}</span>' if len(found[0]) <= LONGEST_WHOLE else found[0]


@dataclass(frozen=True)
class Column:
    """`style` is the class of its cells. A card names each value, but not its title and its button."""

    label: Any
    style: str = ""

    @property
    def head(self) -> SafeString:
        label = unbroken(self.label)
        if self.is_action:
            label = format_html('<span class="visually-hidden">{}</span>', label)
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
        cells = [f"{start}{_cell(value)}</td>" for start, value in zip(starts, row, strict=True)]
        return f'<tr role="row">{"".join(cells)}</tr>'


def _cell(value: Any) -> str:
    """The words of a cell as one thing: on a phone the cell lays out its parts side by side."""
    shown = conditional_escape(unbroken(value))
    return f"<span>{shown}</span>" if 'class="whole"' in shown or "<wbr>" in shown else shown


def link(url: str, label: Any) -> SafeString:
    return SafeString(f'<a href="{escape(url)}">{conditional_escape(unbroken(label))}</a>')


def small_button(url: str, label: Any, of: Any) -> SafeString:
    """A link that looks like a button. `of` tells a screen reader which row it belongs to."""
    return SafeString(
        f'<a class="btn btn-secondary btn-small" href="{escape(url)}">{conditional_escape(label)}'
        f'<span class="visually-hidden">: {conditional_escape(of)}</span></a>'
    )
