"""A service order: who does it, what the owner told, who was asked, and when they meet."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Partner
from accounts.models.customer import Country
from devices.models import Device
from orders.deadlines import CLOSING_TIME, OWNER_TIME, PARTNER_HOURS
from orders.models.order import Order, times_open
from orders.models.protocol import Protocol
from orders.rules import worked_since
from portal.access import Area, OwnedQuerySet
from services.models import ChecklistVersion

MAX_SLOTS = 3
# A worker draws a protocol within seconds. What takes so long fails each time, and somebody has to look why.
DRAWN_WITHIN = timedelta(hours=1)


# What the owner's page of an order shows of its service.
SHOWN_ON_PAGE = [
    "order", "turn_since", "answer_by", "asked_at", "accepted_at", "visit_ends", "checklist", "answers",
    "chosen_partner", "wished_days", "wished_part", "contact", "notes", "submitted_at", "partner", "engineer",
    "question", "asked_by", "answer", "visit_starts", "partner__name", "partner__phone", "engineer__first_name",
    "engineer__last_name", "engineer__email", "checklist__number",
]  # fmt: skip


class ServiceQuerySet(OwnedQuerySet):
    def for_page(self) -> Self:
        """With what the owner's page of an order shows. Apart from the order: a join of seven tables takes longer."""
        return self.select_related("partner", "engineer", "checklist").only(*SHOWN_ON_PAGE)

    def to_assign(self) -> Self:
        """Those that wait for the office to find a partner."""
        return self.filter(order__state__in=[Order.State.SUBMITTED, Order.State.DECLINED])

    def overdue_offers(self) -> Self:
        """Offers whose time to answer has run out."""
        return self.filter(order__state=Order.State.OFFERED, answer_by__lte=timezone.now())

    def answers_due(self) -> Self:
        """Offers whose time to answer has run out, or does so today."""
        tomorrow = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return self.filter(order__state=Order.State.OFFERED, answer_by__lt=tomorrow)

    def unanswered_moves(self) -> Self:
        """Agreed visits that the owner asks to move, and the partner did not answer in time."""
        return self.filter(~times_open("order"), order__state=Order.State.SCHEDULED, answer_by__lte=timezone.now())

    def undated(self) -> Self:
        """Accepted, and no date was agreed or proposed in time."""
        now, late = timezone.now(), Q()
        for country in Country.values:
            since = worked_since(now, hours=PARTNER_HOURS, country=country)
            late |= Q(order__device__site__country=country, turn_since__lte=since)
        return self.filter(late, order__state=Order.State.ACCEPTED, answer_by=None)

    def owner_late(self) -> Self:
        """`due_since`: the owner has not answered a question, or proposed times, in time."""
        now = timezone.now()
        asked = Q(order__state=Order.State.WAITING, asked_at__lte=now - OWNER_TIME)
        times = Q(times_open("order"), order__state__in=[Order.State.ACCEPTED, Order.State.SCHEDULED])
        late = self.filter(asked | times & Q(answer_by__lte=now)).exclude(pk__in=self.visits_missed().values("pk"))
        return late.annotate(due_since=Coalesce(models.F("asked_at") + OWNER_TIME, models.F("answer_by")))

    def visits_missed(self) -> Self:
        """Agreed visits that are over, and no work was begun."""
        agreed = [Order.State.SCHEDULED, Order.State.WAITING]
        return self.filter(order__state__in=agreed, visit_ends__lte=timezone.now())

    def with_times(self) -> Self:
        """`has_times`: whether the owner has proposed times to answer."""
        return self.annotate(has_times=times_open("order"))

    def stuck(self) -> Self:
        """Under way, and the protocol was not signed within a day after the visit."""
        return self.filter(order__state=Order.State.UNDER_WAY, visit_ends__lte=timezone.now() - CLOSING_TIME)

    def undrawn(self) -> Self:
        """`signed_at`: with a protocol signed more than an hour ago that could not be drawn; it is tried again."""
        late = Protocol.objects.undrawn().filter(closed_at__lt=timezone.now() - DRAWN_WITHIN)
        signed = late.filter(order=models.OuterRef("order")).order_by("closed_at").values("closed_at")[:1]
        return self.filter(order__in=late.values("order")).annotate(signed_at=models.Subquery(signed))

    def visits_between(self, start: datetime, end: datetime) -> Self:
        """Agreed visits that begin in this time."""
        agreed = [Order.State.SCHEDULED, Order.State.WAITING]
        return self.filter(order__state__in=agreed, visit_starts__gte=start, visit_starts__lt=end)


class Service(models.Model):
    """What a service order has beyond every order. `partner` has an offer, or since `accepted_at` the work."""

    class PartOfDay(models.TextChoices):
        ANY = "any", _("any time of day")
        MORNING = "morning", _("in the morning")
        AFTERNOON = "afternoon", _("in the afternoon")

    customer_path = "order__customer"
    site_path = "order__device__site"
    area = Area.TECHNICAL

    order = models.OneToOneField(Order, models.CASCADE, related_name="service", verbose_name=_("order"))
    # The version with which the order began, as long as it lives.
    checklist = models.ForeignKey(
        ChecklistVersion, models.PROTECT, related_name="+", verbose_name=_("checklist"), null=True, blank=True
    )
    # The owner's answers: item number -> value, e.g. {"500": "FGAZ-P/01/12345/22"}.
    answers = models.JSONField(_("the owner's answers"), default=dict, blank=True)
    chosen_partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="+", verbose_name=_("partner whom the owner chose"), null=True, blank=True
    )
    wished_days = ArrayField(models.DateField(), verbose_name=_("wished days"), default=list, blank=True)
    wished_part = models.CharField(_("time of day"), max_length=10, choices=PartOfDay.choices, default=PartOfDay.ANY)
    contact = models.CharField(_("who is on site, with phone number"), max_length=120, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    submitted_at = models.DateTimeField(_("sent"), null=True, blank=True)
    # Since when the office has to find a partner, or the partner to agree a date: it came to them, or came back.
    turn_since = models.DateTimeField(null=True, blank=True, editable=False)

    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="services", verbose_name=_("service partner"), null=True, blank=True
    )
    # The partner to the offer or to the owner's wish to move the visit; the owner to the times that are proposed.
    answer_by = models.DateTimeField(_("answer by"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    engineer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("engineer"), null=True, blank=True
    )

    # What the partner or the office asks the owner, while the order waits for the answer.
    question = models.TextField(_("question"), blank=True)
    asked_at = models.DateTimeField(_("asked"), null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"), null=True, blank=True
    )
    answer = models.TextField(_("answer"), blank=True)

    # The agreed visit, and the calendar event that tells of it.
    visit_starts = models.DateTimeField(_("visit begins"), null=True, blank=True)
    visit_ends = models.DateTimeField(_("visit ends"), null=True, blank=True)
    calendar_uid = models.UUIDField(default=uuid.uuid4, editable=False)
    calendar_sequence = models.PositiveIntegerField(default=0, editable=False)
    # The beginning of the visit of which people were reminded: a moved visit is another one.
    reminded_of = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        indexes = [
            models.Index(fields=["order"], condition=Q(submitted_at=None), name="service_never_sent"),
            models.Index(fields=["answer_by"], condition=Q(answer_by__isnull=False), name="service_answer_by"),
            models.Index(fields=["visit_starts"], condition=Q(visit_starts__isnull=False), name="service_visit"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(partner__isnull=False) | Q(answer_by=None, accepted_at=None, engineer=None),
                name="service_partner_first",
            ),
            models.CheckConstraint(
                condition=Q(visit_starts=None, visit_ends=None)
                | Q(visit_starts__isnull=False, visit_ends__gt=models.F("visit_starts")),
                name="service_visit_whole",
            ),
            models.CheckConstraint(
                condition=Q(question="", asked_at=None, asked_by=None)
                | ~Q(question="") & Q(asked_at__isnull=False, asked_by__isnull=False),
                name="service_question_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.order)

    @property
    def is_accepted(self) -> bool:
        return self.accepted_at is not None


class Offer(models.Model):
    """An order that was put before a partner, and what became of it."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        EXPIRED = "expired", _("not answered in time")
        RECALLED = "recalled", _("taken back")

    staff_only = True

    order = models.ForeignKey(Order, models.CASCADE, related_name="offers", verbose_name=_("order"))
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="offers", verbose_name=_("service partner"))
    made_at = models.DateTimeField(_("offered"), auto_now_add=True)
    answer_by = models.DateTimeField(_("answer by"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True)
    closed_at = models.DateTimeField(_("answered"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(outcome=""), name="one_open_offer"),
            models.CheckConstraint(
                condition=Q(outcome="", closed_at=None) | ~Q(outcome="") & Q(closed_at__isnull=False),
                name="offer_outcome_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} → {self.partner}"


class ProposalQuerySet(OwnedQuerySet):
    def unanswered(self) -> Self:
        """Those that were not answered in time, and of which the owner was not told so far."""
        agreed = [Order.State.ACCEPTED, Order.State.SCHEDULED]
        late = Service.objects.filter(order__state__in=agreed, answer_by__lte=timezone.now())
        return self.filter(order__in=late.values("order"), outcome="", told_at=None)


class Proposal(models.Model):
    """Up to three times for a visit. Mostly the partner proposes, and the owner picks one or asks for others.

    `by_owner`: the owner asks to move an agreed visit, and the partner picks one or proposes others.
    """

    class Outcome(models.TextChoices):
        PICKED = "picked", _("picked")
        OTHERS_ASKED = "others_asked", _("other times asked for")
        REPLACED = "replaced", _("no longer needed")

    customer_path = "order__customer"
    site_path = "order__device__site"
    area = Area.TECHNICAL

    order = models.ForeignKey(Order, models.CASCADE, related_name="proposals", verbose_name=_("order"))
    by_owner = models.BooleanField(_("proposed by the owner"), default=False)
    slots = ArrayField(models.DateTimeField(), verbose_name=_("times"))
    minutes = models.PositiveSmallIntegerField(_("length in minutes"))
    words = models.TextField(_("words about the times"), blank=True)
    made_at = models.DateTimeField(_("proposed"), auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices, blank=True)
    picked = models.DateTimeField(_("picked time"), null=True, blank=True)
    closed_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answer = models.TextField(_("the owner's words"), blank=True)

    # When the owner was told that it was not answered in time.
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal of times")
        verbose_name_plural = _("proposals of times")
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(outcome=""), name="one_open_proposal"),
            models.CheckConstraint(
                condition=Q(slots__len__gte=1, slots__len__lte=MAX_SLOTS), name="one_to_three_slots"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", closed_at=None) | ~Q(outcome="") & Q(closed_at__isnull=False),
                name="proposal_outcome_whole",
            ),
            models.CheckConstraint(
                condition=Q(outcome="picked", picked__isnull=False) | ~Q(outcome="picked") & Q(picked=None),
                name="picked_proposal_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {len(self.slots)}"


class InspectionReminder(models.Model):
    """That the owner was reminded of an inspection: once for each date and distance."""

    customer_path = "device__site__customer"
    site_path = "device__site"
    area = Area.TECHNICAL

    device = models.ForeignKey(Device, models.CASCADE, related_name="+", verbose_name=_("device"))
    due_on = models.DateField(_("inspection due"))
    # 60, 30, 7; and 0 for the word that it is overdue.
    days_before = models.PositiveSmallIntegerField(_("days before"))
    sent_at = models.DateTimeField(_("sent"), auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder of an inspection")
        verbose_name_plural = _("reminders of inspections")
        constraints = [
            models.UniqueConstraint(fields=["device", "due_on", "days_before"], name="remind_once"),
        ]

    def __str__(self) -> str:
        return f"{self.device}: {self.days_before}"
