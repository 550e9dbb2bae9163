"""The protocol of a visit: filled in part by part, signed, closed for good; a correction is a new version."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Partner
from orders.models.order import Order
from portal.access import Area, OwnedQuerySet
from portal.files.models import Document
from services.models import ChecklistVersion


class ProtocolQuerySet(OwnedQuerySet):
    def closed(self) -> Self:
        return self.filter(closed_at__isnull=False)

    def corrections_begun(self) -> Self:
        """New versions of closed protocols that nobody has signed yet, the longest wait first."""
        return self.filter(closed_at=None, version__gt=1, order__state=Order.State.DONE).order_by("begun_at", "pk")

    def undrawn(self) -> Self:
        """Closed, but the worker has not made the PDF yet."""
        return self.closed().filter(pdf=None)

    def lost(self, now: datetime, *, after: timedelta) -> Self:
        """Undrawn so long after the closing, or after the last attempt said to try again; the longest wait first."""
        late = Q(try_after=None, closed_at__lt=now - after) | Q(try_after__lt=now)
        return self.undrawn().filter(late).order_by(F("try_after").asc(nulls_first=True), "pk")

    def of_partner(self, user: Any) -> Self:
        """What people of a partner see: their company's protocols; an engineer the own ones."""
        if not user.is_authenticated:
            return self.none()
        places = list(user.partner_memberships.all())
        manages = [place.partner_id for place in places if place.is_manager]
        works = [place.partner_id for place in places]
        return self.filter(Q(partner__in=manages) | Q(engineer=user, partner__in=works))


class Protocol(models.Model):
    """One version of the protocol of one order. Nobody changes it once it is closed; a trigger sees to that."""

    customer_path = "order__customer"
    site_path = "order__device__site"
    area = Area.TECHNICAL

    order = models.ForeignKey(Order, models.PROTECT, related_name="protocols", verbose_name=_("order"))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    # Taken from the series at the closing; a correction keeps it.
    number = models.CharField(_("number"), max_length=24, blank=True)
    checklist = models.ForeignKey(
        ChecklistVersion, models.PROTECT, related_name="+", verbose_name=_("checklist"), null=True, blank=True
    )
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="protocols", verbose_name=_("service partner"))
    engineer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("engineer"))
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    documents = models.ManyToManyField(Document, related_name="+", verbose_name=_("photos"))
    visited_on = models.DateField(_("day of the visit"))
    begun_at = models.DateTimeField(_("begun"), auto_now_add=True)
    # The keys of the parts that arrived: a phone on a weak network sends a part again and again.
    part_keys = ArrayField(models.UUIDField(), default=list, editable=False)
    # Why this version corrects the one before; empty for the first.
    correction = models.TextField(_("what is corrected"), blank=True)

    signed_name = models.CharField(_("signed by"), max_length=120, blank=True)
    signature = models.ForeignKey(
        Document, models.PROTECT, related_name="+", verbose_name=_("signature"), null=True, blank=True
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    pdf = models.ForeignKey(Document, models.PROTECT, related_name="+", verbose_name="PDF", null=True, blank=True)
    # Set by each attempt to draw it: the sweeper leaves it alone until then.
    try_after = models.DateTimeField(null=True, blank=True, editable=False)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = ProtocolQuerySet.as_manager()

    class Meta:
        verbose_name = _("protocol")
        verbose_name_plural = _("protocols")
        ordering = ["order_id", "version"]
        indexes = [
            models.Index(fields=["closed_at"], condition=Q(closed_at__isnull=False, pdf=None), name="protocol_undrawn"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order", "version"], name="one_protocol_per_version"),
            models.UniqueConstraint(fields=["order"], condition=Q(closed_at=None), name="one_open_protocol"),
            models.UniqueConstraint(
                fields=["number", "version"], condition=~Q(number=""), name="one_protocol_per_number"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, number="", signed_name="", signature=None, pdf=None)
                | Q(closed_at__isnull=False) & ~Q(number="") & ~Q(signed_name=""),
                name="protocol_closed_whole",
            ),
            models.CheckConstraint(
                condition=Q(version=1, correction="") | Q(version__gt=1) & ~Q(correction=""),
                name="a_correction_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number or self.order} ({self.version})" if self.version > 1 else self.number or str(self.order)
