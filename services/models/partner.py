"""What service partners may do, and until when."""

from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Partner
from devices.models import Product
from portal.files.models import Document
from services.models.kind import CertificateKind, ServiceKind
from services.rules import WARNING_DAYS


class Qualification(models.Model):
    """The services that a partner does, and on which products."""

    staff_only = True

    partner = models.OneToOneField(
        Partner, models.CASCADE, related_name="qualification", verbose_name=_("service partner")
    )
    kinds = models.ManyToManyField(ServiceKind, related_name="+", verbose_name=_("services"), blank=True)
    products = models.ManyToManyField(
        Product,
        related_name="+",
        verbose_name=_("products"),
        blank=True,
        help_text=_("None chosen: every product."),
    )

    class Meta:
        verbose_name = _("services of a partner")
        verbose_name_plural = _("services of partners")

    def __str__(self) -> str:
        return str(self.partner)


class CertificateQuerySet(models.QuerySet):
    def valid_on(self, day: date) -> Self:
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=day), valid_until__gte=day)

    def newest(self) -> Self:
        """Without those that a later one of the same partner and kind has replaced.

        Other certificates are of many kinds, so each of them stays until somebody removes it.
        """
        later = Certificate.objects.exclude(kind=Certificate.Kind.OTHER).filter(
            partner=models.OuterRef("partner"),
            kind=models.OuterRef("kind"),
            valid_until__gt=models.OuterRef("valid_until"),
        )
        return self.exclude(models.Exists(later))

    def expiring(self, days: int, *, today: date) -> Self:
        """Still valid today, not replaced, and over within so many days."""
        return self.newest().filter(valid_until__range=(today, today + timedelta(days=days)))

    def to_watch(self, *, today: date) -> Self:
        """What the office looks at: over, or soon over, and not replaced."""
        return self.newest().filter(valid_until__lte=today + timedelta(days=max(WARNING_DAYS)))


class Certificate(models.Model):
    """A paper that says what a partner may do, until a day; that day it is still valid."""

    Kind = CertificateKind

    staff_only = True

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="certificates", verbose_name=_("service partner"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    number = models.CharField(_("number"), max_length=40)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"))
    document = models.ForeignKey(
        Document, models.PROTECT, related_name="+", verbose_name=_("document"), null=True, blank=True
    )

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate of a partner")
        verbose_name_plural = _("certificates of partners")
        ordering = ["valid_until", "pk"]
        indexes = [models.Index(fields=["valid_until"], name="certificate_end")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until__gte=models.F("valid_from")),
                name="certificate_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


def unready_partners(today: date) -> models.QuerySet[Partner]:
    """Approved, and offered nothing: no service is named, or no certificate is valid today."""
    services = Qualification.objects.filter(partner=models.OuterRef("pk"), kinds__isnull=False)
    valid = Certificate.objects.filter(partner=models.OuterRef("pk")).valid_on(today)
    return Partner.objects.approved().filter(~models.Exists(services) | ~models.Exists(valid))


class CertificateWarning(models.Model):
    """That people were told of a certificate's end: once for each end and distance, whoever runs how often."""

    staff_only = True

    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="warnings", verbose_name=_("certificate"))
    valid_until = models.DateField(_("valid until"))
    days_before = models.PositiveSmallIntegerField(_("days before"))
    sent_at = models.DateTimeField(_("sent"), auto_now_add=True)

    class Meta:
        verbose_name = _("warning of a certificate's end")
        verbose_name_plural = _("warnings of certificates' ends")
        constraints = [
            models.UniqueConstraint(fields=["certificate", "valid_until", "days_before"], name="warn_once"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate}: {self.days_before}"


def document_ids_visible_to(user: object) -> models.QuerySet:
    """Papers of certificates: for the partner's own people, and for staff who may look at them."""
    seen = Certificate.objects.filter(partner__in=Partner.objects.visible_to(user))
    if user.has_perm("services.view_certificate"):  # type: ignore[attr-defined]
        seen = Certificate.objects.all()
    return Document.objects.filter(pk__in=seen.filter(document__isnull=False).values("document")).values("pk")
