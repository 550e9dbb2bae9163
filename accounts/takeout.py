"""Everything about a customer that one member may see, or about a person, as a ZIP: tables as JSON and CSV, and files.

What there is stands in `portal.privacy.REGISTRY`; who sees what is the business of `visible_to`.
"""

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Customer, User
from portal.access import Area, may
from portal.export import plain
from portal.files.models import Document
from portal.privacy import HIDDEN, REGISTRY, Entry, Kind

AT_ONCE = 500
# What is kept in memory of a table before it goes to the disk.
SPOOLED = 1024 * 1024
# By this at the beginning Excel knows that the letters are UTF-8.
MARK = b"\xef\xbb\xbf"


def parts() -> list[Entry]:
    """The tables of an export, from people down to papers; the files come after them."""
    return [entry for entry in REGISTRY.values() if entry.is_about_somebody and entry.exported]


class Takeout:
    """Writes one export. `tick` is called with the parts that are done since, often with 0; it may raise to stop."""

    def __init__(self, customer: Customer | None, user: User, tick: Callable[[int], None]):
        self.customer, self.user, self.tick = customer, user, tick
        # The member sees what the member sees on the pages of this customer; in the own data there is no customer's.
        user.acts_for = customer and customer.pk  # type: ignore[attr-defined]
        user.known_rights = None if customer else []  # type: ignore[attr-defined]
        self.sees_record = may(user, Area.ACCOUNT, customer=user.acts_for)  # type: ignore[attr-defined]
        self.documents: dict[Any, str] = {}
        self.tables: list[dict[str, Any]] = []
        self.files = 0

    def write(self, target: IO[bytes]) -> None:
        """The whole ZIP, in the language of the moment. Nothing but one row and one file is held in memory."""
        with ZipFile(target, "w", ZIP_DEFLATED) as archive:
            for entry in parts():
                self._write_table(archive, entry)
                self.tick(1)
            self._write_files(archive)
            archive.writestr("README.txt", self._readme())
            self.tick(1)

    def _write_table(self, archive: ZipFile, entry: Entry) -> None:
        name = entry.label.replace(".", "-")
        rows = entry.shown_to(self.user, self.customer)
        if self.customer is None and not rows.exists():
            return
        count = 0
        with tempfile.SpooledTemporaryFile(SPOOLED, "w+b") as table:
            with archive.open(f"data/{name}.json", "w", force_zip64=True) as data:
                data.write(b"[")
                for row in self._told(entry, rows):
                    data.write(b",\n" if count else b"\n")
                    data.write(json.dumps(row, ensure_ascii=False, indent=1).encode())
                    table.write(b"" if count else MARK + _line(dict(zip(row, row, strict=True))))
                    table.write(_line(row))
                    count += 1
                    if count % AT_ONCE == 0:
                        self.tick(0)
                data.write(b"\n]\n")
            table.seek(0)
            if count:
                with archive.open(f"data/{name}.csv", "w", force_zip64=True) as cells:
                    shutil.copyfileobj(table, cells)
        self.tables.append({"name": name, "label": entry.title, "count": count, "holds": entry.holds})

    def _told(self, entry: Entry, rows: models.QuerySet) -> Iterator[dict[str, Any]]:
        if entry.told:
            for row in rows.iterator(chunk_size=AT_ONCE):
                yield {name: value_of(value) for name, value in entry.told(row, self.user).items()}
            return
        names = [name for name, kind in entry.kinds.items() if kind not in HIDDEN]
        if entry.basics and not self.sees_record:
            names = [name for name in names if name in entry.basics]
        columns = [entry.model._meta.get_field(name) for name in names]
        single = [column.name for column in columns if column.many_to_one or column.one_to_one]
        several = [column.name for column in columns if column.many_to_many]
        if single:
            rows = rows.select_related(*single, *entry.related)
        for row in rows.prefetch_related(*several).iterator(chunk_size=AT_ONCE):
            yield {column.name: self._cell(row, column, entry.kinds[column.name]) for column in columns}

    def _cell(self, row: models.Model, column: Any, kind: Kind) -> Any:
        if column.many_to_many:
            found = list(getattr(row, column.name).all())
            return [self._file(document) if kind == Kind.FILE else self._name(document) for document in found]
        value = getattr(row, column.name)
        if not column.is_relation:
            return value_of(value)
        if value is None:
            return None
        return self._file(value) if kind == Kind.FILE else {"id": value_of(value.pk), "name": self._name(value)}

    def _name(self, thing: models.Model) -> str:
        """What a link leads to. Who works in the office has no name for customers."""
        return _("our office") if isinstance(thing, User) and thing.is_staff else str(thing)

    def _file(self, document: Document) -> str:
        """Where in the ZIP the file stands; it is written there at the end, if the member may see it."""
        path = f"files/{str(document.pk)[:8]}-{document.name_for(self.user)}"
        self.documents[document.pk] = path
        return path

    def _write_files(self, archive: ZipFile) -> None:
        allowed = Document.objects.visible_to(self.user).in_bulk(list(self.documents))
        written = 0
        for pk, document in allowed.items():
            try:
                source = document.file.open("rb")
            except FileNotFoundError:
                continue
            # Photos and PDFs are packed as they are.
            with source, archive.open(self._stored(self.documents[pk], document), "w", force_zip64=True) as file:
                shutil.copyfileobj(source, file)
            written += 1
            if written % AT_ONCE == 0:
                self.tick(0)
        self.files = written

    def _stored(self, path: str, document: Document) -> ZipInfo:
        info = ZipInfo(path, date_time=timezone.localtime(document.created_at).timetuple()[:6])
        info.compress_type = ZIP_STORED
        return info

    def _readme(self) -> str:
        context = {
            "customer": self.customer, "user": self.user, "made_at": timezone.localtime(), "tables": self.tables,
            "whole": self.sees_record, "files": self.files,
        }  # fmt: skip
        return render_to_string("accounts/export_readme.txt", context)


def value_of(value: Any) -> Any:
    """A value as JSON has it: moments in ISO 8601 with their offset, whatever is no number as text."""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, dict):
        return {str(key): value_of(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [value_of(one) for one in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _line(row: dict[str, Any]) -> bytes:
    """One line of a CSV; nothing in it is a formula."""
    text = io.StringIO()
    csv.writer(text).writerow([_as_cell(value) for value in row.values()])
    return text.getvalue().encode()


def _as_cell(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"id", "name"}:
        value = value["name"]
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = ", ".join(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return plain(value) if isinstance(value, str) else value
