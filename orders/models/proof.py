"""The purchase proof: what the customer says about the purchase, and what the office answers."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order
from portal.access import Area, OwnedQuerySet


class PurchaseProof(models.Model):
    """What the customer says about the purchase, and the clerk's latest answer."""

    class Decision(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        MORE_NEEDED = "more_needed", _("more needed")
        REFUSED = "refused", _("refused")

    class Reason(models.TextChoices):
        UNREADABLE = "unreadable", _("the document cannot be read")
        NOT_INVOICE = "not_invoice", _("the document is not an invoice or receipt")
        OTHER_DATE = "other_date", _("the date on the document is a different one")
        OTHER_DEVICE = "other_device", _("the document is about another device")
        NO_SERIAL = (
            "no_serial",
            _("the document does not name the device or its serial number"),
        )
        OTHER_BUYER = "other_buyer", _("the document names another buyer")
        PAGES_MISSING = "pages_missing", _("pages are missing")
        OTHER = "other", _("another reason")

    customer_path = "order__customer"
    site_path = "order__device__site"
    area = Area.TECHNICAL

    order = models.OneToOneField(Order, models.CASCADE, related_name="proof", verbose_name=_("order"))
    purchased_on = models.DateField(_("purchase date on the invoice"))
    # What the clerk read on the invoice, for the warranty card.
    seller = models.CharField(_("seller"), max_length=160, blank=True)
    invoice_number = models.CharField(_("invoice number"), max_length=60, blank=True)
    decision = models.CharField(_("decision"), max_length=12, choices=Decision.choices, blank=True)
    reason_code = models.CharField(_("reason"), max_length=16, choices=Reason.choices, blank=True)
    reason = models.TextField(_("in words"), blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("decided by"),
        null=True,
        blank=True,
    )

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("purchase proof")
        verbose_name_plural = _("purchase proofs")
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None, decided_by=None, reason_code="")
                | ~Q(decision="") & Q(decided_at__isnull=False, decided_by__isnull=False),
                name="proof_decision_whole",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["", "confirmed"]) | ~Q(reason_code=""),
                name="proof_no_needs_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.order)
