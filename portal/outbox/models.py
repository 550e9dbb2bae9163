"""The outbox: a message to a person is a row before it is anything else."""

import re
import uuid
from datetime import timedelta
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.events import key as topic_of
from portal.files.models import Document

HUNG_AFTER = timedelta(minutes=5)


class Channel(models.TextChoices):
    EMAIL = "email", _("e-mail")
    SMS = "sms", _("SMS")


class State(models.TextChoices):
    QUEUED = "queued", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("cannot be delivered")
    DISMISSED = "dismissed", _("put aside")


class MessageQuerySet(models.QuerySet):
    def due(self) -> Self:
        """Waiting, and its time has come."""
        return self.filter(state=State.QUEUED, not_before__lte=timezone.now())

    def hung(self) -> Self:
        """Claimed by a worker that did not come back."""
        return self.filter(state=State.SENDING, claimed_at__lt=timezone.now() - HUNG_AFTER)

    def undeliverable(self) -> Self:
        """Waits for a clerk: tried in vain, or refused for good."""
        return self.filter(state=State.FAILED)

    def about(self, thing: models.Model) -> Self:
        """The messages that a thing's page shows, newest first."""
        return self.filter(topics__contains=[topic_of(thing)]).order_by("-created_at", "-pk")


class Message(models.Model):
    """One message to one person through one channel, in the person's language.

    `text` is the whole SMS, or the plain part of the e-mail that has `html` too. A secret message carries a
    link that lets its bearer in: its words are blanked once it is sent, and no page shows them before.
    `documents` go out with an e-mail, and let nobody see them in the portal; `calendar` is an iCalendar text.
    """

    staff_only = True

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices, default=Channel.EMAIL)
    kind = models.CharField(_("kind"), max_length=80)
    recipient = models.CharField(_("recipient"), max_length=254)
    language = models.CharField(_("language"), max_length=8)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField("HTML", blank=True)
    calendar = models.TextField(_("calendar entry"), blank=True)
    documents = models.ManyToManyField(Document, verbose_name=_("attachments"), related_name="+", blank=True)
    secret = models.BooleanField(_("secret"), default=False)
    topics = ArrayField(models.CharField(max_length=80), verbose_name=_("about"), default=list, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(_("not before"), default=timezone.now)
    claimed_at = models.DateTimeField(_("sending since"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    provider_id = models.CharField(_("number at the provider"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("written"), auto_now_add=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="message_sent_at_iff_sent",
                condition=Q(state=State.SENT, sent_at__isnull=False) | (~Q(state=State.SENT) & Q(sent_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="message_claimed_at_iff_sending",
                condition=Q(state=State.SENDING, claimed_at__isnull=False)
                | (~Q(state=State.SENDING) & Q(claimed_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["not_before"], name="message_due", condition=Q(state=State.QUEUED)),
            models.Index(fields=["claimed_at"], name="message_sending", condition=Q(state=State.SENDING)),
            models.Index(fields=["created_at"], name="message_failed", condition=Q(state=State.FAILED)),
            GinIndex(fields=["topics"], name="message_topics"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient}"

    @property
    def message_id(self) -> str:
        """The e-mail's Message-ID: the same for every copy that ever goes out."""
        return f"<{self.key}@{urlsplit(settings.SITE_URL).hostname}>"

    @property
    def calendar_method(self) -> str:
        """What the calendar entry wants, "REQUEST" or "CANCEL"; a calendar that says nothing publishes."""
        found = re.search(r"^METHOD:([A-Z]+)\s*$", self.calendar, re.MULTILINE)
        return found[1] if found else "PUBLISH"

    @property
    def problem(self) -> str:
        """Why it was not delivered, for a clerk: the first line of `last_error`, translated."""
        sentence = self.last_error.partition("\n")[0]
        return gettext(sentence) if sentence else ""

    @property
    def problem_detail(self) -> str:
        """What the provider or the network said, word for word."""
        return self.last_error.partition("\n")[2]

    @property
    def staff_text(self) -> str:
        """The words, for a clerk; empty for a secret message."""
        return "" if self.secret else self.text
