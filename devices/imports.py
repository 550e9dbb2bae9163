"""The unit register and the products, as CSV or XLSX: read, check line by line, write.

`read` turns a file into lines of text; `check` compares them with the database and reports by line, without
writing; `write` brings a report without errors into the database.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import openpyxl
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from devices.models import UNIT_ROLES, DeviceUnit, Product, Unit
from devices.rules import model_key, serial_key

MAX_LINES = 200_000
MAX_UNPACKED_BYTES = 300 * 1024 * 1024
BATCH = 2_000
NEW, CHANGED, UNCHANGED, ERROR = "new", "changed", "unchanged", "error"
# A number that a spreadsheet has rounded: its digits are lost.
ROUNDED = re.compile(r"\d+([.,]\d+)?E[+-]?\d+", re.IGNORECASE)
EARLIEST_YEAR = 1970


class Unreadable(Exception):
    """The file as a whole cannot be used; the message is a sentence for the person."""


class Wrong(Exception):
    """One line is wrong; the message is a sentence for the person."""


@dataclass
class Line:
    """What happens with one line of the file."""

    number: int
    state: str
    shown: str
    sentence: str = ""
    row: Any = None


@dataclass
class Report:
    """The outcome of a check, line by line."""

    lines: list[Line] = field(default_factory=list)

    def having(self, state: str) -> list[Line]:
        return [line for line in self.lines if line.state == state]

    def count(self, state: str) -> int:
        return sum(line.state == state for line in self.lines)

    @property
    def rows(self) -> list[Any]:
        """What is to be written."""
        return [line.row for line in self.lines if line.state in (NEW, CHANGED)]


UNIT_COLUMNS = {"model": 40, "serial": 40, "made_on": 40, "delivered_on": 40}
PRODUCT_COLUMNS = {
    "model": 40,
    "name": 120,
    "maker": 80,
    "role": 10,
    "heat_output_kw": 12,
    "refrigerant": 12,
}
REQUIRED = {Unit: ["model", "serial"], Product: ["model", "name", "maker", "role"]}
COLUMNS: dict[Any, dict[str, int]] = {Unit: UNIT_COLUMNS, Product: PRODUCT_COLUMNS}

Cells = dict[str, str]
Numbered = tuple[int, Cells | Wrong]


def read(content: bytes, kind: type[Unit] | type[Product]) -> list[Numbered]:
    """The lines of a file with their numbers, each a value by column name. Raises Unreadable."""
    table = _xlsx(content) if content.startswith(b"PK\x03\x04") else _csv(content)
    rows = ((number, cells) for number, cells in table if any(cell not in ("", None) for cell in cells))
    head = next(rows, None)
    if head is None:
        raise Unreadable(_("The file is empty."))
    names = _header(head[1], kind)
    found: list[Numbered] = []
    for number, cells in rows:
        if len(found) >= MAX_LINES:
            raise Unreadable(_("The file has more than %(lines)s lines. Split it.") % {"lines": MAX_LINES})
        found.append((number, _cells(cells, names, COLUMNS[kind])))
    if not found:
        raise Unreadable(_("The file has column names but no lines below them."))
    return found


def _header(cells: Sequence[Any], kind: type[Unit] | type[Product]) -> list[str]:
    names = [str(cell or "").strip().lower() for cell in cells]
    while names and not names[-1]:
        names.pop()
    known = COLUMNS[kind]
    for name in names:
        if name not in known:
            raise Unreadable(
                _("We do not know the column “%(name)s”. The first line must have these names: %(known)s.")
                % {"name": name, "known": ", ".join(known)}
            )
    if len(set(names)) < len(names):
        raise Unreadable(_("Two columns have the same name."))
    if missing := [name for name in REQUIRED[kind] if name not in names]:
        raise Unreadable(
            _("These columns are missing: %(missing)s. The first line must have these names: %(known)s.")
            % {"missing": ", ".join(missing), "known": ", ".join(known)}
        )
    return names


def _cells(cells: Sequence[Any], names: Sequence[str], lengths: dict[str, int]) -> Cells | Wrong:
    try:
        if any(cell not in ("", None) for cell in cells[len(names) :]):
            raise Wrong(_("The line has more cells than there are columns. Check the quotation marks and separators."))
        padded = [*cells, *[""] * (len(names) - len(cells))]
        values = {name: _text(cell, name) for name, cell in zip(names, padded, strict=False)}
        for name, value in values.items():
            if len(value) > lengths[name]:
                raise Wrong(_("%(column)s is longer than %(most)s signs.") % {"column": name, "most": lengths[name]})
    except Wrong as wrong:
        return wrong
    return values


def _text(cell: Any, name: str) -> str:
    """A cell's value as text. A formula, an error or a rounded number is wrong."""
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.strftime("%Y-%m-%d")
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, bool) or (isinstance(cell, int) and abs(cell) >= 10**15):
        raise Wrong(
            _("%(column)s is not text. Format the column as text and enter the value again.") % {"column": name}
        )
    text = str(cell).strip()
    if text.startswith(("=", "@", "#")) or any(ord(sign) < 32 for sign in text):
        raise Wrong(
            _("%(column)s holds a formula or an error: “%(text)s”. Put the plain value there.")
            % {"column": name, "text": text[:40]}
        )
    if name in ("serial", "model") and ROUNDED.fullmatch(text):
        raise Wrong(
            _("%(column)s was rounded by the spreadsheet: “%(text)s”. Format the column as text and enter it again.")
            % {"column": name, "text": text}
        )
    return text


def _csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(content)
    head = text.lstrip().partition("\n")[0]
    separator = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise Unreadable(
            _("Line %(number)s cannot be read: check its quotation marks.") % {"number": reader.line_num}
        ) from error


def _decoded(content: bytes) -> str:
    """UTF-8 with or without a mark at its beginning, else the Windows code page of Central Europe."""
    if b"\x00" in content or content.startswith(b"%PDF"):
        raise Unreadable(_("This is neither a CSV nor an XLSX file. Save the table as one of these."))
    for encoding in ("utf-8-sig", "cp1250"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_("The letters of this file cannot be read. Save it as CSV in UTF-8, or as XLSX."))


def _xlsx(content: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise Unreadable(_("This XLSX file is too large. Split it, or save it as CSV."))
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        yield from enumerate(sheet.iter_rows(values_only=True), start=1)
    except Unreadable:
        raise
    # Whatever openpyxl trips over in a broken or hostile file.
    except Exception as error:
        raise Unreadable(_("This XLSX file is damaged. Open it, save it again, and try once more.")) from error


def check(lines: Sequence[Numbered], kind: type[Unit] | type[Product]) -> Report:
    """Compares the lines with the database: what would be new, changed, unchanged, or is wrong."""
    checker = UnitChecker(lines) if kind is Unit else ProductChecker(lines)
    report = Report()
    seen: dict[str, int] = {}
    for number, cells in lines:
        report.lines.append(_check_line(checker, number, cells, seen))
    return report


def _check_line(checker: Any, number: int, cells: Cells | Wrong, seen: dict[str, int]) -> Line:
    if isinstance(cells, Wrong):
        return Line(number, ERROR, "", str(cells))
    shown = checker.shown(cells)
    try:
        key = checker.key(cells)
        if key in seen:
            raise Wrong(_("The same as line %(number)s.") % {"number": seen[key]})
        seen[key] = number
        row, old = checker.row(key, cells)
    except Wrong as wrong:
        return Line(number, ERROR, shown, str(wrong))
    if old is None:
        return Line(number, NEW, shown, row=row)
    differences = [
        f"{name}: {_plain(before)} → {_plain(after)}"
        for name, before, after in checker.compare(old, row)
        if before != after
    ]
    return Line(
        number,
        CHANGED if differences else UNCHANGED,
        shown,
        "; ".join(differences),
        row=row,
    )


def _plain(value: Any) -> str:
    return "–" if value in (None, "") else str(value)


def _required(cells: Cells, name: str) -> str:
    if not cells[name]:
        raise Wrong(_("%(column)s is empty.") % {"column": name})
    return cells[name]


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    unique = sorted(set(keys))
    for start in range(0, len(unique), BATCH):
        yield unique[start : start + BATCH]


class UnitChecker:
    """Knows the products, and the units of the register that the file names."""

    def __init__(self, lines: Sequence[Numbered]):
        keys = {serial_key(cells["serial"]) for _number, cells in lines if not isinstance(cells, Wrong)}
        self.products = {product.code_key: product for product in Product.objects.all()}
        self.units: dict[str, Unit] = {}
        self.held: set[int] = set()
        for batch in _batches(keys):
            self.units.update((unit.key, unit) for unit in Unit.objects.filter(key__in=batch).select_related("product"))
            self.held.update(DeviceUnit.objects.filter(unit__key__in=batch).values_list("unit_id", flat=True))
        self.today = timezone.localdate()

    def shown(self, cells: Cells) -> str:
        return f"{cells['model']} {cells['serial']}"

    def key(self, cells: Cells) -> str:
        if not (key := serial_key(_required(cells, "serial"))):
            raise Wrong(_("The serial number has neither letters nor digits."))
        return key

    def row(self, key: str, cells: Cells) -> tuple[Unit, Unit | None]:
        product = self.products.get(model_key(_required(cells, "model")))
        if product is None:
            raise Wrong(
                _("We do not know the model “%(model)s”. Import the products first.") % {"model": cells["model"]}
            )
        made_on, delivered_on = (self._past_day(cells.get(name, "")) for name in ("made_on", "delivered_on"))
        old = self.units.get(key)
        if old and old.pk in self.held and old.product_id != product.pk:
            raise Wrong(
                _("This unit is in a customer's device as %(model)s; its model cannot change by an import.")
                % {"model": old.product.code}
            )
        row = Unit(
            product=product,
            serial=cells["serial"],
            made_on=made_on or (old.made_on if old else None),
            delivered_on=delivered_on or (old.delivered_on if old else None),
        )
        if row.made_on and row.delivered_on and row.delivered_on < row.made_on:
            raise Wrong(_("The unit cannot have been delivered before it was made."))
        row.derive()
        return row, old

    def compare(self, old: Unit, row: Unit) -> Iterator[tuple[str, Any, Any]]:
        yield "model", old.product.code, row.product.code
        yield "serial", old.serial, row.serial
        yield "made_on", old.made_on, row.made_on
        yield "delivered_on", old.delivered_on, row.delivered_on

    def _past_day(self, text: str) -> date | None:
        """ISO, or as people write it, 15.01.2024; a time of day behind it does not matter."""
        if not text:
            return None
        day = _day(text.removesuffix(" 00:00:00"))
        if day is None:
            raise Wrong(_("“%(text)s” is not a date. Write it as 2024-01-15 or 15.01.2024.") % {"text": text})
        if day > self.today:
            raise Wrong(_("The date %(text)s is in the future.") % {"text": text})
        if day.year < EARLIEST_YEAR:
            raise Wrong(_("The date %(text)s is too long ago.") % {"text": text})
        return day


def _day(text: str) -> date | None:
    """Year first with dashes, or day first with dots."""
    iso, local = re.fullmatch(r"(\d{4})-(\d\d?)-(\d\d?)", text), re.fullmatch(r"(\d\d?)\.(\d\d?)\.(\d{4})", text)
    parts = iso.groups() if iso else local.groups()[::-1] if local else None
    try:
        return date(*map(int, parts)) if parts else None
    except ValueError:
        return None


class ProductChecker:
    """Knows the products, and which of them customers have."""

    def __init__(self, lines: Sequence[Numbered]):
        self.products = {product.code_key: product for product in Product.objects.all()}
        self.held = set(DeviceUnit.objects.exclude(unit=None).values_list("unit__product_id", flat=True).distinct())

    def shown(self, cells: Cells) -> str:
        return f"{cells['model']} {cells['name']}"

    def key(self, cells: Cells) -> str:
        if not (key := model_key(_required(cells, "model"))):
            raise Wrong(_("The model has neither letters nor digits."))
        return key

    def row(self, key: str, cells: Cells) -> tuple[Product, Product | None]:
        role, old = cells["role"].lower(), self.products.get(key)
        if role not in dict(UNIT_ROLES):
            raise Wrong(
                _("“%(role)s” is not a kind of unit. Write one of: %(roles)s.")
                % {"role": cells["role"], "roles": ", ".join(dict(UNIT_ROLES))}
            )
        if old and old.pk in self.held and old.role != role:
            raise Wrong(_("Customers have units of this product; its kind of unit cannot change by an import."))
        row = Product(
            code=cells["model"],
            code_key=key,
            name=_required(cells, "name"),
            maker=_required(cells, "maker"),
            role=role,
            heat_output_kw=self._output(cells.get("heat_output_kw", "")) or (old.heat_output_kw if old else None),
            refrigerant=cells.get("refrigerant", "") or (old.refrigerant if old else ""),
        )
        return row, old

    def compare(self, old: Product, row: Product) -> Iterator[tuple[str, Any, Any]]:
        yield "model", old.code, row.code
        for name in ("name", "maker", "role", "heat_output_kw", "refrigerant"):
            yield name, getattr(old, name), getattr(row, name)

    def _output(self, text: str) -> Decimal | None:
        """Kilowatts with at most one decimal, comma or point."""
        if not text:
            return None
        try:
            output = Decimal(text.replace(",", "."))
        except InvalidOperation:
            output = Decimal(-1)
        if not output.is_finite() or not 0 < output < 10_000 or output != output.quantize(Decimal("0.1")):
            raise Wrong(_("“%(text)s” is not a heat output in kW, such as 8.5.") % {"text": text})
        return output.quantize(Decimal("0.1"))


def lock(kind: type[Unit] | type[Product]) -> None:
    """Until the end of the transaction nobody else enters or attaches a unit, so that what is checked stays true."""
    if kind is Unit:
        _lock_table(Product, "ROW SHARE")
    _lock_table(kind, "EXCLUSIVE")


def share_register() -> None:
    """Waits for those who have the register for themselves; call it before the lock of a nameplate.

    They lock nameplates and devices. So products come first everywhere, then units, then those; without this an act
    that enters a unit would want them last, since what refers to a product is checked at the end of its transaction.
    """
    _lock_table(Product, "ROW SHARE")
    _lock_table(Unit, "ROW SHARE")


def _lock_table(kind: type[Unit] | type[Product], mode: str) -> None:
    table = connection.ops.quote_name(kind._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN {mode} MODE")


def write(report: Report, kind: type[Unit] | type[Product]) -> None:
    """Brings what is new or changed into the database, in the caller's transaction."""
    if kind is Unit:
        unique, fields = "key", ["product", "serial", "skeleton", "made_on", "delivered_on"]
    else:
        unique, fields = (
            "code_key",
            ["code", "name", "maker", "role", "heat_output_kw", "refrigerant"],
        )
    kind._default_manager.bulk_create(
        report.rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=[unique],
        update_fields=fields,
    )
