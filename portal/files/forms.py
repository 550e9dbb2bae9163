"""A form field for documents.

A browser cannot fill a file input again. So a good file is kept at once, not attached to anything yet, and
the form carries it on in a signed token: through errors in other fields, through going back, for two days.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from portal.files.inspect import inspect
from portal.files.models import UNATTACHED_FOR, Document
from portal.files.store import discard, keep_inspected
from portal.files.upload import MAX_MEGABYTES

SALT = "portal.files.kept"
ACCEPT = ".pdf,.jpg,.jpeg,.png,.heic,.heif,application/pdf,image/jpeg,image/png,image/heic,image/heif"


def token_of(document: Document) -> str:
    return signing.dumps(str(document.pk), salt=SALT)


def document_ids(tokens: Iterable[str]) -> list[UUID]:
    """What the tokens name, in their order. Forged and old ones name nothing."""
    found = []
    for token in tokens:
        try:
            found.append(UUID(signing.loads(token, salt=SALT, max_age=UNATTACHED_FOR)))
        except signing.BadSignature:
            continue
    return found


@dataclass
class Submission:
    """What a form sent: new files, tokens of the kept ones, and which of these to remove."""

    uploads: list[UploadedFile] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)

    @property
    def carried(self) -> list[str]:
        return [token for token in dict.fromkeys(self.tokens) if token not in self.removed]


def all_of(data: Any, name: str) -> list[Any]:
    """Every value that was sent under a name; data may be a plain dict."""
    if hasattr(data, "getlist"):
        return data.getlist(name)
    value = data.get(name) or []
    return list(value) if isinstance(value, list | tuple) else [value]


class DocumentsWidget(forms.Widget):
    """A file input for several files, below the list of those kept."""

    template_name = "files/documents_widget.html"
    needs_multipart_form = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Submission:
        return Submission(
            uploads=all_of(files, name),
            tokens=all_of(data, f"{name}-kept"),
            removed=set(all_of(data, f"{name}-remove")),
        )

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in files and f"{name}-kept" not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        own = context["widget"]["attrs"]
        kept = [(document, token_of(document)) for document in value or []]
        if kept:  # an empty input is fine then
            own.pop("required", None)
        own.setdefault("class", "form-control")
        if own.get("id"):
            formats = f"{own['id']}_formats"
            own["aria-describedby"] = f"{own.get('aria-describedby', '')} {formats}".strip()
            context["formats_id"] = formats
        return context | {"kept": kept, "accept": ACCEPT, "megabytes": MAX_MEGABYTES}

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        # Django's renderer of forms does not look into the project's templates.
        return render_to_string(self.template_name, self.get_context(name, value, attrs))


class DocumentsField(forms.Field):
    """Up to `max_files` PDFs and photos; cleans to a list of Documents that are not attached yet.

    `initial` may be Documents kept earlier. A form may set `uploaded_by` to the person signed in. Cleaning
    stores the good files, whatever else is wrong with the form: call `attach` on them in the action.
    """

    widget = DocumentsWidget
    default_error_messages = {
        "required": _("Add at least one file."),
        "too_many": _("Add at most %(max)d files. Remove one to add another."),
        "gone": _("A file that you added earlier is no longer here. Add it again."),
        "already_sent": _("These files were already sent. Go back to the start page to see what we have."),
    }
    # What is said instead of a sentence of `inspect.SENTENCES`, by its key.
    sentences: dict[str, Any] = {}
    uploaded_by: Any = None
    kept: list[Document] | None = None

    def __init__(self, *, max_files: int = 10, **kwargs: Any):
        super().__init__(**kwargs)
        self.max_files = max_files

    def clean(self, value: Submission) -> list[Document]:
        errors: list[ValidationError] = []
        self._remove(value)
        documents, sent = self._carried(value, errors)
        for upload in value.uploads:
            try:
                self._add(upload, documents)
            except ValidationError as error:
                errors.append(error)
                if error.code in ("disk_full", "too_many"):  # the next ones would say the same
                    break
        self.kept = documents
        if not (documents or errors) and self.required:
            errors.append(self._error("already_sent" if sent else "required"))
        if errors:
            raise ValidationError(errors)
        return documents

    def bound_data(self, data: Submission, initial: Any) -> list[Document]:
        """What the form shows when it comes back."""
        if self.kept is None:
            self.kept = self._carried(data, [])[0]
        return self.kept

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = {document.pk for document in initial or []}
        return bool(data.uploads) or set(document_ids(data.carried)) != before

    def _error(self, code: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params={"max": self.max_files})

    def _carried(self, value: Submission, errors: list[ValidationError]) -> tuple[list[Document], bool]:
        """The kept documents, and whether some were attached since: that form was sent twice."""
        found = Document.objects.in_bulk(document_ids(value.carried)[: self.max_files])
        if len(found) < len(value.carried):
            errors.append(self._error("gone"))
        documents = [document for document in found.values() if not document.attached_at]
        return sorted(documents, key=lambda document: document.created_at), len(documents) < len(found)

    def _add(self, upload: UploadedFile, documents: list[Document]) -> None:
        """Keeps one file more; a file that is there already changes nothing."""
        try:
            inspected = inspect(upload)
        except ValidationError as error:
            error.message = self.sentences.get(error.code or "", error.message)
            raise
        if inspected.sha256 in {document.sha256 for document in documents}:
            return
        if len(documents) >= self.max_files:
            raise self._error("too_many")
        documents.append(keep_inspected(inspected, by=self.uploaded_by))

    def _remove(self, value: Submission) -> None:
        chosen = document_ids(token for token in value.tokens if token in value.removed)
        for document in Document.objects.unattached().filter(pk__in=chosen):
            discard(document)
