"""What the maker promises, what was done to keep the promise, and the cards that say so."""

import secrets
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Partner, User
from devices.models import Device, Product
from portal.access import Area, OwnedQuerySet
from portal.files.models import Document
from warranty.rules import Terms

# Without the signs that people confuse.
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12


class RuleQuerySet(models.QuerySet["WarrantyRule"]):
    def in_force(self, product: Product | None, day: date) -> "WarrantyRule | None":
        """The rule for a purchase of that day: the latest version that is valid from then or earlier."""
        return self.filter(product=product, valid_from__lte=day).order_by("-version").first()


class WarrantyRule(models.Model):
    """One version of what the maker promises for a product. It is never changed: a change is a new version."""

    class Start(models.TextChoices):
        START_UP = "start_up", _("with the first start-up")
        PURCHASE = "purchase", _("with the purchase")

    staff_only = True

    product = models.ForeignKey(
        Product, models.PROTECT, related_name="warranty_rules", verbose_name=_("product"),
        help_text=_("Of a split, its outdoor unit."),
    )  # fmt: skip
    version = models.PositiveSmallIntegerField(_("version"))
    valid_from = models.DateField(
        _("for purchases from"),
        help_text=_(
            "Devices bought on this day or later are counted by this version, also those that we know already."
        ),
    )
    months = models.PositiveSmallIntegerField(_("length in months"))
    start = models.CharField(_("begins"), max_length=10, choices=Start.choices, default=Start.START_UP)
    cap_months = models.PositiveSmallIntegerField(_("at most so many months from the purchase"), null=True, blank=True)
    delivery_cap_months = models.PositiveSmallIntegerField(
        _("at most so many months from the delivery"), null=True, blank=True
    )
    start_up_within_months = models.PositiveSmallIntegerField(
        _("start-up at most so many months after the purchase"), null=True, blank=True
    )
    inspection_months = models.PositiveSmallIntegerField(
        _("an inspection every so many months"), null=True, blank=True, help_text=_("Empty if none is demanded.")
    )
    grace_days = models.PositiveSmallIntegerField(_("days that an inspection may be late"), default=0)
    published_at = models.DateTimeField(_("published"), auto_now_add=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("warranty rule")
        verbose_name_plural = _("warranty rules")
        ordering = ["product__code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["product", "version"], name="one_rule_per_version"),
            models.CheckConstraint(
                condition=Q(months__gt=0),
                name="a_warranty_lasts",
                violation_error_message=_("A warranty lasts a month at least."),
            ),
            models.CheckConstraint(
                condition=~Q(inspection_months=0),
                name="inspections_are_months_apart",
                violation_error_message=_("Leave the months between inspections empty if none is demanded."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product.code}, {self.version}"

    @property
    def terms(self) -> Terms:
        return Terms(
            months=self.months,
            start="purchase" if self.start == self.Start.PURCHASE else "start_up",
            cap_months=self.cap_months,
            delivery_cap_months=self.delivery_cap_months,
            start_up_within_months=self.start_up_within_months,
            inspection_months=self.inspection_months,
            grace_days=self.grace_days,
        )


class ServiceRecord(models.Model):
    """A first start-up or an inspection that was done, with what proves it."""

    class Kind(models.TextChoices):
        START_UP = "start_up", _("first start-up")
        INSPECTION = "inspection", _("inspection")

    customer_path = "device__site__customer"
    site_path = "device__site"
    area = Area.TECHNICAL

    device = models.ForeignKey(Device, models.PROTECT, related_name="services", verbose_name=_("device"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    done_on = models.DateField(_("done on"))
    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="+", verbose_name=_("service partner"), null=True, blank=True
    )
    # As it was called then.
    partner_name = models.CharField(_("name of the service partner"), max_length=160, blank=True)
    order_number = models.CharField(_("order"), max_length=24, blank=True)
    protocol_number = models.CharField(_("protocol"), max_length=24, blank=True)
    # What the protocol knows for the card: installer, installer_fgas, seller, invoice_number.
    card_facts = models.JSONField(_("facts for the card"), default=dict, blank=True)
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("start-up or inspection")
        verbose_name_plural = _("start-ups and inspections")
        ordering = ["done_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["device"], condition=Q(kind="start_up"), name="one_start_up_per_device"),
            models.UniqueConstraint(
                fields=["kind", "order_number"], condition=~Q(order_number=""), name="one_record_per_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.done_on:%Y-%m-%d}"

    @property
    def proof(self) -> str:
        """The number of the paper that proves it."""
        return self.protocol_number or self.order_number


class CoverQuerySet(OwnedQuerySet):
    def overdue(self, today: date) -> Self:
        """Whose inspection should have been before today."""
        return self.filter(next_inspection_on__lt=today)


class Cover(models.Model):
    """The days of a device's warranty, kept for lists and reminders. `warranty.actions.refresh` writes it."""

    customer_path = "device__site__customer"
    site_path = "device__site"
    area = Area.TECHNICAL

    device = models.OneToOneField(Device, models.CASCADE, related_name="cover", verbose_name=_("device"))
    rule = models.ForeignKey(
        WarrantyRule, models.PROTECT, related_name="covers", verbose_name=_("warranty rule"), null=True, blank=True
    )
    started_up_on = models.DateField(_("first start-up"), null=True, blank=True)
    starts_on = models.DateField(_("warranty from"), null=True, blank=True)
    ends_on = models.DateField(_("warranty until"), null=True, blank=True)
    next_inspection_on = models.DateField(_("next inspection"), null=True, blank=True, db_index=True)

    objects = CoverQuerySet.as_manager()

    class Meta:
        verbose_name = _("warranty of a device")
        verbose_name_plural = _("warranties of devices")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on__isnull=False, rule__isnull=False), name="what_ends_has_begun"
            )
        ]

    def __str__(self) -> str:
        return str(self.device)


class Recount(models.Model):
    """A device that a worker has yet to count anew, since its facts changed together with many others'.

    Each change leaves a row of its own, so that none gets lost while a worker is at the one before.
    """

    staff_only = True

    device = models.ForeignKey(Device, models.CASCADE, related_name="+", verbose_name=_("device"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("changed by"), null=True)
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)

    class Meta:
        verbose_name = _("warranty to be counted anew")
        verbose_name_plural = _("warranties to be counted anew")

    def __str__(self) -> str:
        return str(self.device)


class CardQuerySet(OwnedQuerySet):
    def current(self) -> Self:
        """Neither replaced by a newer one nor withdrawn."""
        return self.filter(replaced_by=None, withdrawn_at=None)

    def undrawn(self) -> Self:
        """Current cards whose PDF is not there yet."""
        return self.current().filter(pdf=None)

    def lost(self, now: datetime, *, after: timedelta) -> Self:
        """Undrawn so long after the issue, or after the last attempt said to try again; the longest wait first."""
        late = Q(try_after=None, issued_at__lt=now - after) | Q(try_after__lt=now)
        return self.undrawn().filter(late).order_by(F("try_after").asc(nulls_first=True), "pk")


def new_check_code() -> str:
    """Twelve signs that nobody guesses (59 bits), easy to read aloud and to type."""
    return "".join(secrets.choice(CODE_SIGNS) for _sign in range(CODE_LENGTH))


def read_check_code(text: str) -> str:
    """A check code as people type it: any case, with or without dashes and spaces."""
    return "".join(sign for sign in text.upper() if sign.isalnum())


class WarrantyCard(models.Model):
    """A card as it was issued: `facts` is all that it says, and never changes.

    A card of other facts replaces it. A card whose warranty has gone, since the unit went to another customer, is
    withdrawn; a later card of the device replaces that too.
    """

    customer_path = "device__site__customer"
    site_path = "device__site"
    area = Area.TECHNICAL

    number = models.CharField(_("number"), max_length=24, unique=True)
    device = models.ForeignKey(Device, models.PROTECT, related_name="warranty_cards", verbose_name=_("device"))
    facts = models.JSONField(_("facts"))
    digest = models.CharField(max_length=64, editable=False)
    language = models.CharField(_("language"), max_length=2)
    check_code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_check_code, editable=False)
    issued_at = models.DateTimeField(_("issued"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    replaced_by = models.ForeignKey(
        "self", models.PROTECT, related_name="replaces", verbose_name=_("replaced by"), null=True, blank=True
    )
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)
    pdf = models.ForeignKey(Document, models.PROTECT, related_name="+", verbose_name="PDF", null=True, blank=True)
    # Set by each attempt to draw it: the sweeper leaves it alone until then.
    try_after = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CardQuerySet.as_manager()

    class Meta:
        verbose_name = _("warranty card")
        verbose_name_plural = _("warranty cards")
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(replaced_by=None, replaced_at=None)
                | Q(replaced_by__isnull=False, replaced_at__isnull=False),
                name="card_replaced_whole",
            ),
            models.CheckConstraint(condition=~Q(replaced_by=F("id")), name="no_card_replaces_itself"),
            # One card of a device is the last: each other one is replaced by exactly one. Looked at on commit, since
            # the new card is there before the old one points to it.
            models.UniqueConstraint(
                fields=["device", "replaced_by"],
                nulls_distinct=False,
                deferrable=models.Deferrable.DEFERRED,
                name="one_last_card_per_device",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_current(self) -> bool:
        return self.replaced_by_id is None and self.withdrawn_at is None

    @property
    def shown_code(self) -> str:
        """The check code in groups of four: "ABCD-EFGH-JKLM"."""
        return "-".join(self.check_code[place : place + 4] for place in range(0, CODE_LENGTH, 4))

    @property
    def starts_on(self) -> date:
        return date.fromisoformat(self.facts["starts_on"])

    @property
    def ends_on(self) -> date:
        return date.fromisoformat(self.facts["ends_on"])

    def state_on(self, today: date) -> str:
        """ "valid", "ended", or "replaced" or "withdrawn" for a card that no longer counts."""
        if self.replaced_by_id:
            return "replaced"
        if self.withdrawn_at:
            return "withdrawn"
        return "valid" if self.starts_on <= today <= self.ends_on else "ended"


def document_ids_visible_to(user: Any) -> models.QuerySet:
    """The PDFs of cards: for the customer's members, and for staff who may look cards up."""
    cards = WarrantyCard.objects.visible_to(user)
    if user.has_perm("warranty.view_warrantycard"):
        cards = WarrantyCard.objects.all()
    return cards.exclude(pdf=None).values("pdf_id")
