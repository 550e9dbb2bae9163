"""The texts that people agree to, and what each person said to them."""

from typing import Any, Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User
from portal.words import version_words


class Subject(models.TextChoices):
    DATA_PROCESSING = "data_processing", _("data processing")
    TERMS = "terms", _("terms of use")
    MARKETING = "marketing", _("marketing")
    E_DOCUMENTS = "e_documents", _("documents by e-mail")
    SMS = "sms", _("SMS")


class LegalTextQuerySet(models.QuerySet["LegalText"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def with_current(self) -> Self:
        """With `is_current`: whether it is the newest published version of its kind."""
        newest = LegalText.objects.published().filter(kind=OuterRef("kind")).order_by("-published_at", "-pk")
        return self.annotate(is_current=Q(pk=Subquery(newest.values("pk")[:1])))

    def current(self, kind: str) -> "LegalText":
        """The newest published version."""
        return self.published().filter(kind=kind).latest("published_at", "pk")


class LegalText(models.Model):
    """One version of a text, in each language. Once published it never changes (a trigger sees to it)."""

    staff_only = True

    kind = models.CharField(_("kind"), max_length=20, choices=Subject.choices)
    version = models.CharField(_("version"), max_length=20)
    text_pl = models.TextField(_("text in Polish"))
    text_cs = models.TextField(_("text in Czech"))
    text_en = models.TextField(_("text in English"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    # Empty for the texts that came with the portal.
    published_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("published by"), null=True, blank=True, editable=False
    )

    objects = LegalTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal text")
        verbose_name_plural = _("legal texts")
        permissions = [("publish_legaltext", _("Can publish legal texts"))]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="one_text_per_version"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=False) | Q(published_at=None, published_by=None),
                name="text_published_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {version_words(self.version)}"

    def text(self, language: str) -> str:
        """In this language, e.g. "pl"."""
        return str(getattr(self, f"text_{language}"))


class ConsentQuerySet(models.QuerySet["Consent"]):
    def latest_of(self, user: Any) -> "dict[str, Consent]":
        """What the person said last, by kind."""
        return {row.kind: row for row in self.filter(user=user).order_by("at", "pk")}


class Consent(models.Model):
    """What a person said to a text, with the very words that were shown. Rows are only ever added."""

    class Act(models.TextChoices):
        GIVEN = "given", _("agreed")
        WITHDRAWN = "withdrawn", _("agreement withdrawn")
        OBJECTED = "objected", _("objected")
        # To new terms: the earlier ones go on, and the question is not put again.
        LATER = "later", _("not now")

    Kind = Subject
    staff_only = True

    user = models.ForeignKey(User, models.CASCADE, related_name="consents", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=20, choices=Subject.choices)
    act = models.CharField(_("answer"), max_length=10, choices=Act.choices, default=Act.GIVEN)
    version = models.CharField(_("version of the text"), max_length=20)
    language = models.CharField(_("language"), max_length=2)
    text = models.TextField(_("text as shown"))
    at = models.DateTimeField(_("when"))

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {version_words(self.version)}"
