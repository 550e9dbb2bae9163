"""A list of the back office as a table: the columns that the list shows, for all rows that its filters leave."""

import csv
import html
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.contrib.admin.views.main import ChangeList
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeData, SafeString
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

# Rows are fetched in one go up to this many; each further go asks for the related things once more.
AT_ONCE = 2000
TIME_SHOWN = re.compile(r'<time datetime="([^"]+)">[^<]*</time>')
# A spreadsheet takes what begins so for a formula, but for numbers and phone numbers, which are none.
FORMULA = re.compile(r"[=+\-@\t\r](?!$)")
NUMBER = re.compile(r"[+-]?[\d\s.,]*")

Cell = str | int | float | Decimal | date
Rows = Iterator[list[Cell]]


def csv_table(rows: Rows, name: str) -> HttpResponseBase:
    """As CSV in UTF-8, row by row; dates as 2026-11-21, moments as 2026-11-21 14:05 of local time."""
    writer = csv.writer(_Echo())
    lines = (writer.writerow([_in_words(cell) for cell in row]) for row in rows)
    return _named(StreamingHttpResponse(_with_mark(lines), content_type="text/csv; charset=utf-8"), f"{name}.csv")


def xlsx_table(rows: Rows, name: str) -> HttpResponseBase:
    """As XLSX; numbers and dates are such, and are shown as in the CSV."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    for row in rows:
        sheet.append([_xlsx_cell(sheet, cell) for cell in row])
    content = BytesIO()
    book.save(content)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _named(HttpResponse(content.getvalue(), content_type=kind), f"{name}.xlsx")


FORMATS: dict[str, Callable[[Rows, str], HttpResponseBase]] = {"csv": csv_table, "xlsx": xlsx_table}


def rows_of(changelist: ChangeList, only: Sequence[str] = ()) -> Rows:
    """The headings, then every row of the list in its order, not only those of the page; by default its columns."""
    admin, columns = changelist.model_admin, only or changelist.list_display
    yield [_heading(name, changelist) for name in columns]
    for thing in changelist.queryset.iterator(chunk_size=AT_ONCE):
        yield [_cell(name, thing, admin) for name in columns]


def _heading(name: Any, changelist: ChangeList) -> str:
    """A column that shows how long ago something was tells in the table since when."""
    return _("Since") if name == "age" else plain(str(label_for_field(name, changelist.model, changelist.model_admin)))


def _cell(name: Any, thing: Any, admin: Any) -> Cell:
    field, attribute, value = lookup_field(name, thing, admin)
    if field is not None and (field.choices or field.many_to_one):
        return plain(str(display_for_field(value, field, "") if field.choices else value or ""))
    if isinstance(value, bool) or getattr(attribute, "boolean", False):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    if value is None:
        return ""
    return value if isinstance(value, int | float | Decimal | date) else time_in(value) or plain(str(value))


def time_in(words: Any) -> date | None:
    """The day or the local moment that a cell of ours shows, so that a spreadsheet can sort by it; None without one.

    Words around it ("answer by", a chip) are left out.
    """
    found = TIME_SHOWN.findall(words) if isinstance(words, SafeString) else []
    if len(found) != 1:
        return None
    return datetime.fromisoformat(found[0]).replace(tzinfo=None) if "T" in found[0] else date.fromisoformat(found[0])


def plain(words: str) -> str:
    """A cell's words without its chip or link, with ISO dates, and never a formula.

    Only markup of our own is taken off: what people wrote keeps its signs.
    """
    is_ours = isinstance(words, SafeData)
    shown = html.unescape(strip_tags(TIME_SHOWN.sub(r"\1", words))) if is_ours else words
    clean = ILLEGAL_CHARACTERS_RE.sub("", shown).strip(" \n")
    return f"'{clean}" if FORMULA.match(clean) and not NUMBER.fullmatch(clean) else clean


def _in_words(cell: Cell) -> str:
    return cell.isoformat(" ", "minutes") if isinstance(cell, datetime) else str(cell)


def _xlsx_cell(sheet: Any, value: Cell) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd hh:mm" if isinstance(value, datetime) else "yyyy-mm-dd"
    return cell


class _Echo:
    """What csv writes to, handing each line back."""

    def write(self, line: str) -> str:
        return line


def _with_mark(lines: Iterator[str]) -> Iterator[str]:
    """By the mark at the beginning Excel knows that the letters are UTF-8."""
    yield "\ufeff"
    yield from lines


def _named(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response
