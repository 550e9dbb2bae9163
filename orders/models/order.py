"""Orders: work that a customer hands to the office. So far one kind, the purchase proof."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from devices.models import Device
from portal.access import OwnedQuerySet
from portal.files.models import Document


class OrderQuerySet(OwnedQuerySet):
    def for_list(self) -> Self:
        """With everything that a row of a list shows."""
        units = models.Prefetch("device__units", to_attr="nameplates")
        return self.select_related("device__site").prefetch_related(units)

    def open(self) -> Self:
        return self.filter(closed_at=None)

    def in_review(self) -> Self:
        """Those that the office has to look at."""
        return self.filter(state=Order.State.IN_REVIEW)


class Order(models.Model):
    """One piece of work about one device, with a number, a state, and a history."""

    class Kind(models.TextChoices):
        PURCHASE_PROOF = "purchase_proof", _("Purchase proof")

    class State(models.TextChoices):
        IN_REVIEW = "in_review", _("Being verified")
        WAITING = "waiting", _("Waiting for you")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    customer_path = "customer"
    TONES = {
        State.IN_REVIEW: "progress",
        State.WAITING: "attention",
        State.DONE: "done",
        State.REFUSED: "problem",
        State.WITHDRAWN: "neutral",
    }

    # The states' own words speak to the owner.
    OFFICE_WORDS = {State.IN_REVIEW: _("To review"), State.WAITING: _("Waiting for the owner")}

    number = models.CharField(_("number"), max_length=24, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.IN_REVIEW)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="orders", verbose_name=_("customer"))
    device = models.ForeignKey(Device, models.PROTECT, related_name="orders", verbose_name=_("device"))
    documents = models.ManyToManyField(Document, related_name="+", verbose_name=_("documents"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("ordered by"),
    )
    created_at = models.DateTimeField(_("ordered"), auto_now_add=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    # Counts the steps. A form that was opened before somebody else's step is told so.
    revision = models.PositiveIntegerField(default=1)
    once_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-created_at", "-pk"]
        permissions = [("review_order", _("Can review purchase proofs"))]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "kind"],
                condition=Q(closed_at=None),
                name="one_open_order_per_kind",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["in_review", "waiting"], closed_at=None)
                | Q(state__in=["done", "refused", "withdrawn"], closed_at__isnull=False),
                name="closed_at_with_final_state",
            ),
        ]
        indexes = [models.Index(fields=["customer", "-created_at"], name="order_list")]

    def __str__(self) -> str:
        return self.number

    def get_state_display(self) -> str:  # type: ignore[no-redef]
        # Django's own translates every choice at each call, which lists of orders feel.
        return str(self.State(self.state).label)

    def state_seen_by(self, reader: Any) -> str:
        """The state in the owner's or in the office's words."""
        words = self.OFFICE_WORDS.get(self.State(self.state)) if reader.is_staff else None
        return str(words or self.get_state_display())

    @property
    def tone(self) -> str:
        return self.TONES[self.State(self.state)]


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

    order = models.OneToOneField(Order, models.CASCADE, related_name="proof", verbose_name=_("order"))
    purchased_on = models.DateField(_("purchase date on the invoice"))
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


def document_ids_visible_to(user: Any) -> models.QuerySet:
    """Documents of orders: for the customer's members, and for staff who may see orders."""
    orders = Order.objects.all() if user.has_perm("orders.view_order") else Order.objects.visible_to(user)
    return Document.objects.filter(pk__in=orders.values("documents")).values("pk")
