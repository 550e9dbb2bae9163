"""The demo's mailbox: every e-mail and SMS that went out, read from the outbox folder. Demo only."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from csp.decorators import csp, csp_update
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from portal.files.views import guarded
from portal.public import public

PER_PAGE = 50
# For the frame with the e-mail alone: its inline styles count, nothing in it runs.
MAIL_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'self'"],
}


@dataclass(frozen=True)
class Attached:
    """A file that came with an e-mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """One sent message, as its reader gets it."""

    key: str
    channel: str
    to: str
    subject: str
    text: str
    html: str
    attachments: list[Attached]
    at: datetime


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return part.get_content() if part else ""


def _attached(part: EmailMessage) -> Attached:
    kind = part.get_content_type()
    return Attached(part.get_filename() or kind, kind, part.get_payload(decode=True))  # type: ignore[arg-type]


def _email(file: Path, at: datetime) -> Letter:
    mail = message_from_bytes(file.read_bytes(), EmailMessage, policy=policy.default)
    files = [_attached(part) for part in mail.iter_attachments()]
    return Letter(file.stem, "email", mail["To"], mail["Subject"], _part(mail, "plain"), _part(mail, "html"), files, at)


def _sms(file: Path, at: datetime) -> Letter:
    form = json.loads(file.read_bytes())
    return Letter(file.stem, "sms", f"+{form['to']}", form["message"], form["message"], "", [], at)


READERS = {".eml": _email, ".sms": _sms}


def _read(file: Path) -> Letter:
    return _parsed(file, file.stat().st_mtime)


@lru_cache(maxsize=1000)
def _parsed(file: Path, written: float) -> Letter:
    """Kept: the list shows every message, and to take one e-mail apart costs milliseconds."""
    return READERS[file.suffix](file, datetime.fromtimestamp(written, UTC))


def _files() -> list[Path]:
    """The newest first."""
    folder = settings.OUTBOX_FOLDER
    if not folder or not folder.is_dir():
        return []
    files = [file for file in folder.iterdir() if file.suffix in READERS]
    return sorted(files, key=lambda file: file.stat().st_mtime_ns, reverse=True)


def _letter(key: UUID) -> Letter:
    for file in _files():
        if file.stem == str(key):
            return _read(file)
    raise Http404


@public
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All messages, newest first; `?to=` keeps those whose recipient contains it."""
    to = request.GET.get("to", "").strip()
    letters = [_read(file) for file in _files()]
    found = [letter for letter in letters if to.casefold() in letter.to.casefold()]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "demo/mailbox.html", {"page": page, "to": to})


@public
@require_safe
@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]
def message(request: HttpRequest, key: UUID) -> HttpResponse:
    return render(request, "demo/mailbox_message.html", {"letter": _letter(key)})


@public
@require_safe
def attachment(request: HttpRequest, key: UUID, number: int) -> HttpResponseBase:
    """One attachment as it came, counted from 1."""
    parts = _letter(key).attachments
    if not 1 <= number <= len(parts):
        raise Http404
    part = parts[number - 1]
    response = HttpResponse(part.content, content_type=part.content_type)
    response["Content-Disposition"] = str(content_disposition_header(as_attachment=False, filename=part.name))
    return guarded(response)


@public
@require_safe
@xframe_options_sameorigin
@csp(MAIL_POLICY)  # type: ignore[arg-type]
def html(request: HttpRequest, key: UUID) -> HttpResponse:
    """The e-mail's HTML alone, for the frame; its links open in the whole window."""
    content = _letter(key).html
    if not content:
        raise Http404
    return HttpResponse(content.replace("<head>", '<head><base target="_top">', 1))
