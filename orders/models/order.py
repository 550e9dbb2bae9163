"""Orders: work that a customer hands to the office, and through it to a service partner."""

import uuid
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from devices.models import Device
from orders.states import ACCEPTED, HELD, SCHEDULED, STATES
from portal.access import Area, OwnedQuerySet
from portal.files.models import Document
from services.languages import LANGUAGES
from services.models import ServiceKind

PROOF_STATES = ["in_review", "waiting", "done", "refused", "withdrawn"]
FINAL = ["done", "refused", "withdrawn", "cancelled"]


def times_open(order: str = "pk") -> models.Exists:
    """Whether proposed times wait for the owner's answer, if the order (a column) is in a state for it."""
    proposals = apps.get_model("orders", "Proposal").objects
    return models.Exists(proposals.filter(order=models.OuterRef(order), outcome="", by_owner=False))


# What the owner's page of an order shows; of a service, see `Service.objects.for_page()`.
SHOWN_ON_PAGE = [
    "number", "kind", "state", "customer", "created_at", "closed_at",
    "device__name", "device__site__own_name", "device__site__building_kind", "device__site__street",
    "device__site__city", "device__site__postcode", "device__site__country",
    *(f"service_kind__name_{language}" for language in LANGUAGES),
    "revision", "service_kind", "device__kind", "device__purchased_on",
    "proof__order", "proof__purchased_on", "proof__reason_code", "proof__reason",
]  # fmt: skip


class OrderQuerySet(OwnedQuerySet):
    def for_page(self) -> Self:
        """With what the owner's page of any order shows, without the service."""
        return self.select_related("device__site", "service_kind", "proof").only(*SHOWN_ON_PAGE)

    def filtered(self, name: str) -> Self:
        """One of the owner's filters: open, yours, done, ended; all for anything else."""
        to_pick = Q(times_open(), state__in=[ACCEPTED, SCHEDULED])
        wanted = {
            "open": Q(closed_at=None),
            "yours": Q(state__in=[Order.State.WAITING, Order.State.DRAFT]) | to_pick,
            "done": Q(state=Order.State.DONE),
            "ended": Q(state__in=[Order.State.CANCELLED, Order.State.REFUSED, Order.State.WITHDRAWN]),
        }
        return self.filter(wanted.get(name, Q()))

    def of_kind(self, code: str) -> Self:
        """Purchase proofs, or one kind of service by its code; all for ""."""
        if code == Order.Kind.PURCHASE_PROOF:
            return self.filter(kind=code)
        return self.filter(service_kind__code=code) if code else self

    def matching(self, words: str, devices: models.QuerySet) -> Self:
        """Orders with these words in their number, or about one of the `devices`: those that match them."""
        return self.filter(Q(number__icontains=words) | Q(device__in=devices.values("pk"))) if words else self

    def without_discarded(self) -> Self:
        """Without drafts that were thrown away."""
        # Not by a join: those few are found by an index, and the count of a long list is quicker by half.
        never_sent = apps.get_model("orders", "Service").objects.filter(submitted_at=None)
        return self.exclude(pk__in=never_sent.filter(order__state=Order.State.CANCELLED).values("order"))

    def open(self) -> Self:
        return self.filter(closed_at=None)

    def in_review(self) -> Self:
        """Purchase proofs that the office has to look at."""
        return self.filter(state=Order.State.IN_REVIEW)

    def services(self) -> Self:
        """Those that a service partner does."""
        return self.filter(kind=Order.Kind.SERVICE)

    def on_way_to(self, outcome: str) -> Self:
        """Sent and not closed, of a kind with this outcome: "start_up" or "inspection"."""
        return self.services().open().exclude(state=Order.State.DRAFT).filter(service_kind__outcome=outcome)

    def to_assign(self) -> Self:
        """Services that wait for the office to find a partner."""
        return self.services().filter(state__in=[Order.State.SUBMITTED, Order.State.DECLINED])

    def for_work(self) -> Self:
        """With everything that a partner's page of an order shows."""
        units = models.Prefetch("device__units", to_attr="nameplates")
        return self.select_related(
            "service__partner", "service__engineer", "service__checklist", "service_kind", "device__site", "customer"
        ).prefetch_related(units)

    def of_partner(self, user: Any) -> Self:
        """What a person of a service partner may see at this moment: offers and work in hand.

        A manager sees all of the company's, an engineer those that were handed over. Nothing of them is left once
        the order is done: then there is the protocol.
        """
        if not user.is_authenticated:
            return self.none()
        places = list(user.partner_memberships.all())
        manages = [place.partner_id for place in places if place.is_manager]
        works = [place.partner_id for place in places]
        mine = Q(service__partner__in=manages) | Q(service__engineer=user, service__partner__in=works)
        held = Q(state__in=HELD) | Q(state=Order.State.WAITING, service__accepted_at__isnull=False)
        offered = Q(state=Order.State.OFFERED, service__partner__in=manages)
        return self.services().filter(offered | held & mine)


class Order(models.Model):
    """One piece of work about one device, with a number, a state, and a history."""

    class Kind(models.TextChoices):
        PURCHASE_PROOF = "purchase_proof", _("Purchase proof")
        SERVICE = "service", _("Service")

    class State(models.TextChoices):
        # Of a purchase proof.
        IN_REVIEW = "in_review", _("Being verified")
        # Of a service, see orders/states.py.
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Sent")
        OFFERED = "offered", _("With a service partner")
        DECLINED = "declined", _("Looking for a partner")
        ACCEPTED = "accepted", _("Accepted")
        SCHEDULED = "scheduled", _("Date agreed")
        UNDER_WAY = "under_way", _("Under way")
        CANCELLED = "cancelled", _("Cancelled")
        # Of both.
        WAITING = "waiting", _("Waiting for you")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    customer_path = "customer"
    site_path = "device__site"
    area = Area.TECHNICAL

    TONES = {
        State.IN_REVIEW: "progress",
        State.DRAFT: "attention",
        State.SUBMITTED: "progress",
        State.OFFERED: "progress",
        State.DECLINED: "progress",
        State.ACCEPTED: "progress",
        State.SCHEDULED: "progress",
        State.UNDER_WAY: "progress",
        State.CANCELLED: "neutral",
        State.WAITING: "attention",
        State.DONE: "done",
        State.REFUSED: "problem",
        State.WITHDRAWN: "neutral",
    }

    # The states' own words speak to the owner.
    OFFICE_WORDS = {
        State.IN_REVIEW: _("To review"),
        State.WAITING: _("Waiting for the owner"),
        State.SUBMITTED: _("To assign"),
        State.OFFERED: _("Offered"),
        State.DECLINED: _("Declined, to assign"),
    }

    number = models.CharField(_("number"), max_length=24, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    service_kind = models.ForeignKey(
        ServiceKind, models.PROTECT, related_name="orders", verbose_name=_("service"), null=True, blank=True
    )
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
        permissions = [
            ("review_order", _("Can review purchase proofs")),
            ("assign_order", _("Can assign service orders and act on them")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["device"],
                condition=Q(closed_at=None, kind="purchase_proof"),
                name="one_open_proof_per_device",
            ),
            models.UniqueConstraint(
                fields=["device", "service_kind"],
                condition=Q(closed_at=None, kind="service") & ~Q(state="draft"),
                name="one_open_order_per_service",
            ),
            models.CheckConstraint(
                condition=Q(kind="purchase_proof", service_kind=None) | Q(kind="service", service_kind__isnull=False),
                name="a_service_and_only_a_service_has_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="purchase_proof", state__in=PROOF_STATES) | Q(kind="service", state__in=STATES),
                name="states_of_the_kind",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) & ~Q(state__in=FINAL) | Q(closed_at__isnull=False, state__in=FINAL),
                name="closed_at_with_final_state",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-created_at"], name="order_list"),
            models.Index(fields=["state", "created_at"], name="order_queue"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def title(self) -> str:
        """As sentences begin that are about it: "Order ZL/2026/000123"."""
        return gettext("Order %(number)s") % {"number": self.number}

    def get_state_display(self) -> str:  # type: ignore[no-redef]
        # Django's own translates every choice at each call, which lists of orders feel.
        return str(self.State(self.state).label)

    def state_seen_by(self, reader: Any) -> str:
        """The state in the owner's or in the office's words."""
        words = self.OFFICE_WORDS.get(self.State(self.state)) if reader.is_staff else None
        return str(words or self.get_state_display())

    @property
    def what(self) -> str:
        """What was ordered: the name of the service, or that it is a purchase proof."""
        return self.service_kind.name if self.service_kind else str(self.Kind(self.kind).label)

    @property
    def tone(self) -> str:
        return self.TONES[self.State(self.state)]
