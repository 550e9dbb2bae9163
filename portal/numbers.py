"""Document numbers: one gapless series per kind and year."""

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class NumberSeries(models.Model):
    """The last number given in a series. Locked while a document is written, so no number is lost or doubled."""

    staff_only = True

    kind = models.CharField(_("kind"), max_length=8)
    year = models.PositiveSmallIntegerField(_("year"))
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        constraints = [models.UniqueConstraint(fields=["kind", "year"], name="one_series_per_kind_and_year")]

    def __str__(self) -> str:
        return f"{self.kind}/{self.year}"


def next_number(kind: str) -> str:
    """The next number of a kind, e.g. "ZL/2026/11/00012": kind, local year and month, counter of the year.

    Must be called in the transaction that writes the document; the number is free again if that fails.
    """
    today = timezone.localdate()
    return f"{kind}/{today:%Y/%m}/{_next(kind, today.year):05d}"


def next_plain_number(kind: str) -> str:
    """The next number of a kind that knows no years, e.g. "K-000123"; in the transaction that writes the row."""
    return f"{kind}-{_next(kind, 0):06d}"


def _next(kind: str, year: int) -> int:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a number needs the transaction that writes the document")
    NumberSeries.objects.get_or_create(kind=kind, year=year)
    series = NumberSeries.objects.select_for_update().get(kind=kind, year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return series.last
