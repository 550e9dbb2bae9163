"""What a customer asks of the office about the own data: to change, to hand out, to erase."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.customer import Customer
from accounts.models.person import User
from portal.access import Area, OwnedQuerySet
from portal.decisions import decision_whole
from portal.files.models import Document

EXPORT_KEPT_FOR = timedelta(days=7)


class RequestQuerySet(OwnedQuerySet):
    def waiting(self) -> Self:
        """A clerk has to answer."""
        return self.filter(decision="")


class Request(models.Model):
    """A request with a number that a clerk answers: decision, time and clerk are set together."""

    customer_path = "customer"
    site_path = None
    area = Area.ACCOUNT

    number = models.CharField(_("number"), max_length=24, unique=True, editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", verbose_name=_("customer"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("requested by"))
    asked_at = models.DateTimeField(_("requested"), default=timezone.now)
    note = models.TextField(_("note"), blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("decided by"), null=True, blank=True
    )
    answer = models.TextField(_("answer"), blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number


# What is asked for and answered as one thing, with its columns: half of an address is none.
PARTS = {
    "name": ["name"],
    "tax_number": ["tax_number"],
    "business_number": ["business_number"],
    "phone": ["phone"],
    "email": ["email"],
    "address": ["street", "postcode", "city", "country"],
    "letters": ["post_name", "post_street", "post_postcode", "post_city"],
}

PART_NAMES = {
    "name": _("Name"),
    "tax_number": _("Tax number (NIP)"),
    "business_number": _("REGON"),
    "phone": _("Phone"),
    "email": _("E-mail address"),
    "address": _("Address"),
    "letters": _("Address for letters"),
}


def part_name(customer: Customer, part: str) -> Any:
    """What a part of the record is called; a person has a first and a last name."""
    is_person = part == "name" and customer.kind == Customer.Kind.PRIVATE
    return _("First and last name") if is_person else PART_NAMES[part]


def values_of(customer: Customer, part: str) -> list[str]:
    """What the record says now. A phone number in E.164, so that each value is its own JSON."""
    return [str(getattr(value, "as_e164", value)) for value in (getattr(customer, field) for field in PARTS[part])]


class ChangeRequest(Request):
    """The customer's record should say something else.

    `changes` maps each field to {"old": …, "new": …}, and one that was refused also to its "reason"; a part of the
    record is there with all of its fields. `accepted` names the fields that the clerk let through.
    """

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        PARTLY = "partly", _("accepted in part")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("taken back by the customer")

    changes = models.JSONField(_("changes"))
    documents = models.ManyToManyField(Document, related_name="+", verbose_name=_("documents"), blank=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices, blank=True)
    accepted = models.JSONField(_("accepted fields"), default=list, blank=True)

    class Meta:
        verbose_name = _("change of a customer's data")
        verbose_name_plural = _("changes of customers' data")
        ordering = ["asked_at"]
        permissions = [("decide_changerequest", _("Can answer changes of customers' data"))]
        constraints = [
            decision_whole("change_decision_whole"),
            models.UniqueConstraint(fields=["customer"], condition=Q(decision=""), name="one_open_change_per_customer"),
        ]

    @property
    def parts(self) -> list[str]:
        """What is asked for, in the order of the form."""
        return [part for part, fields in PARTS.items() if fields[0] in self.changes]

    def values(self, part: str, which: str) -> list[str]:
        """The fields of a part as they were ("old") or as they are to be ("new")."""
        return [self.changes[field][which] for field in PARTS[part]]

    def is_accepted(self, part: str) -> bool:
        return PARTS[part][0] in self.accepted

    def reason(self, part: str) -> str:
        """Why a part was refused, if the clerk said so."""
        return self.changes[PARTS[part][0]].get("reason", "")

    def is_overtaken(self, part: str) -> bool:
        """The record has changed since this was asked, to something else than what was asked for."""
        present = values_of(self.customer, part)
        return present not in (self.values(part, "old"), self.values(part, "new"))


def document_ids_visible_to(user: Any) -> models.QuerySet:
    """Papers of requests: for the members who see the request, and for staff who look at requests."""
    every = user.has_perm("accounts.view_changerequest")
    requests = ChangeRequest.objects.all() if every else ChangeRequest.objects.visible_to(user)
    return requests.filter(documents__isnull=False).values("documents")


class ErasureRequest(Request):
    """The customer wants to be forgotten. `report` says what went, what stayed, and why."""

    class Decision(models.TextChoices):
        ERASED = "erased", _("erased")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("taken back by the customer")

    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices, blank=True)
    report = models.JSONField(_("report"), default=list, blank=True)

    class Meta:
        verbose_name = _("request for erasure")
        verbose_name_plural = _("requests for erasure")
        ordering = ["asked_at"]
        permissions = [("decide_erasurerequest", _("Can answer requests for erasure"))]
        constraints = [
            decision_whole("erasure_decision_whole"),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(decision=""), name="one_open_erasure_per_customer"
            ),
        ]


def stored_at(export: "DataExport", filename: str) -> str:
    """A place that tells nothing: "exports/<uuid>.zip"."""
    return f"exports/{export.pk}.zip"


class DataExport(models.Model):
    """Everything about a customer that one member may see, as a ZIP. Made by the worker, gone after seven days.

    Without a customer it is what there is about the asker alone, who acts for nobody.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")
        GONE = "gone", _("removed")

    staff_only = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="exports", verbose_name=_("customer"), null=True, blank=True
    )
    asked_by = models.ForeignKey(User, models.CASCADE, related_name="exports", verbose_name=_("requested by"))
    asked_at = models.DateTimeField(_("requested"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    # Parts of it that are done, and how many there are.
    done = models.PositiveSmallIntegerField(default=0)
    parts = models.PositiveSmallIntegerField(default=0)
    # What the asker might see then, see `rights_now`: whoever may see less by now does not get it.
    rights = models.JSONField(default=dict, editable=False)
    # When the worker that makes it last gave a sign of life.
    claimed_at = models.DateTimeField(null=True, editable=False)
    ready_at = models.DateTimeField(_("ready"), null=True, blank=True)
    file = models.FileField(_("file"), upload_to=stored_at, blank=True)

    class Meta:
        verbose_name = _("export of data")
        verbose_name_plural = _("exports of data")
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["ready", "gone"], ready_at__isnull=False)
                | Q(state__in=["waiting", "failed"], ready_at=None),
                name="export_ready_whole",
            ),
            models.UniqueConstraint(
                fields=["customer", "asked_by"],
                condition=Q(state="waiting"),
                name="one_export_at_a_time",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer or self.asked_by} {self.asked_at:%Y-%m-%d}"

    @property
    def kept_until(self) -> datetime | None:
        return self.ready_at + EXPORT_KEPT_FOR if self.ready_at else None
