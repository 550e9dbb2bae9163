"""Keeping documents and letting them go. A file is there whole or not at all."""

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pypdfium2
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.errors import Refused
from portal.files.inspect import Inspected, inspect, refuse
from portal.files.models import PDF, Document, stored_at
from portal.files.upload import disk_is_full


def keep(upload: UploadedFile, *, by: Any = None) -> Document:
    """Checks an upload and keeps it, not attached to anything yet. Raises ValidationError with a sentence.

    Call it outside a transaction: the row is there before the file is, so the sweeper finds, through the row,
    what a killed process left behind.
    """
    return keep_inspected(inspect(upload), by=by)


def keep_inspected(inspected: Inspected, *, by: Any = None) -> Document:
    """As `keep`, for an upload that has been inspected."""
    document = Document(
        name=inspected.name,
        content_type=inspected.content_type,
        size=len(inspected.content),
        sha256=inspected.sha256,
        pages=inspected.pages,
        uploaded_by=by if by is not None and by.is_authenticated else None,
    )
    document.file.name = stored_at(document, inspected.name)
    document.save(force_insert=True)
    try:
        write_whole(document.file.name, inspected.content)
    except OSError as error:
        document.delete()
        if disk_is_full(error):
            refuse("disk_full", inspected.name)
        raise
    return document


def keep_drawn(content: bytes, name: str) -> Document:
    """Keeps a PDF that the portal drew itself, as `keep` keeps an upload."""
    with pypdfium2.PdfDocument(content) as pdf:
        pages = len(pdf)
    return keep_inspected(Inspected(name, "pdf", PDF, pages, content))


def write_whole(name: str, content: bytes) -> None:
    """Writes a stored file in one step: others see all of it or nothing. OSError leaves nothing."""
    path = Path(default_storage.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT, settings.FILE_UPLOAD_PERMISSIONS), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def attach(documents: Iterable[Document]) -> None:
    """Marks documents as belonging to something, in the caller's transaction.

    Raises Refused if one was attached before (the form was sent twice) or has been removed.
    """
    now = timezone.now()
    pks = {document.pk for document in documents}
    with transaction.atomic():
        if Document.objects.unattached().filter(pk__in=pks).update(attached_at=now) != len(pks):
            raise Refused(_("These files were already sent, or waited too long. Reload the page to see what we have."))
    for document in documents:
        document.attached_at = now


def discard(document: Document) -> None:
    """Deletes the row, and once that is certain the file and the pictures of its pages."""
    with transaction.atomic():
        transaction.on_commit(partial(remove_files, str(document.file.name)))
        document.delete()


def remove_files(name: str) -> None:
    """Removes "<uuid>.pdf" with everything that begins with the same uuid."""
    path = Path(default_storage.path(name))
    for sibling in path.parent.glob(f"{path.stem}*"):
        sibling.unlink(missing_ok=True)
