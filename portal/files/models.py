"""The table of documents that people sent."""

import uuid
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.files.access import document_access
from portal.files.names import clean_name

PDF = "application/pdf"
# As long as a half-filled form may lie in a browser; portal.files.forms lets its tokens live as long.
UNATTACHED_FOR = timedelta(hours=48)


class DocumentQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """Documents of things that the person may see, as the apps registered them. No entry, no document."""
        if not user.is_authenticated:
            return self.none()
        allowed = Q(pk__in=[])
        for ids in document_access:
            allowed |= Q(pk__in=ids(user))
        return self.filter(allowed)

    def unattached(self) -> Self:
        return self.filter(attached_at=None)

    def forgotten(self) -> Self:
        """Sent with a form that was never finished, more than 48 hours ago."""
        return self.unattached().filter(created_at__lt=timezone.now() - UNATTACHED_FOR)


def stored_at(document: "Document", filename: str) -> str:
    """A place that tells nothing: "documents/ab/<uuid>.pdf"."""
    extension = filename.rpartition(".")[2]
    return f"documents/{document.pk.hex[:2]}/{document.pk}.{extension}"


class Document(models.Model):
    """A PDF or a photo that somebody sent, as it was kept. Its content never changes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=100)
    content_type = models.CharField(_("type"), max_length=40)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField(_("pages"), null=True)
    file = models.FileField(_("file"), upload_to=stored_at)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("sent by"),
        null=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)
    # Empty while the form is not finished yet.
    attached_at = models.DateTimeField(_("attached"), null=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["created_at"], condition=Q(attached_at=None), name="unattached_documents")]
        constraints = [
            models.CheckConstraint(
                condition=Q(content_type=PDF, pages__gt=0) | (~Q(content_type=PDF) & Q(pages=None)),
                name="a_pdf_and_only_a_pdf_has_pages",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def name_for(self, reader: Any) -> str:
        """The name to save it under. What one gave a file may name a person, whom a partner must not know too early."""
        is_drawn = self.is_pdf and self.uploaded_by_id is None  # by the portal; it draws no photos
        if reader.is_staff or is_drawn or self.uploaded_by_id == reader.pk:
            return self.name
        return clean_name(None, self.name.rpartition(".")[2])

    @property
    def is_pdf(self) -> bool:
        return self.content_type == PDF

    @property
    def page_numbers(self) -> range:
        """The pages that can be looked at, from 1; a photo is one page."""
        return range(1, (self.pages or 1) + 1)
