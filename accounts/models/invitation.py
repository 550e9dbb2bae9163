"""Somebody is asked by e-mail to act for a customer, or to join the team of a service partner."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.person import User


class AskedQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Sent, neither accepted nor taken back, and not too old."""
        return self.filter(state=Asked.State.OPEN, expires_at__gt=timezone.now())


class Asked(models.Model):
    """What invitations have in common. The link's bearer answers; whoever may invite takes it back."""

    class State(models.TextChoices):
        OPEN = "open", _("sent")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("no longer valid")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"))
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    invited_by = models.ForeignKey(User, models.SET_NULL, related_name="+", verbose_name=_("invited by"), null=True)
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)
    expires_at = models.DateTimeField(_("link works until"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        abstract = True


def asked_whole(prefix: str) -> models.CheckConstraint:
    """An answer has its time."""
    return models.CheckConstraint(
        condition=Q(state="open", closed_at=None) | ~Q(state="open") & Q(closed_at__isnull=False),
        name=f"{prefix}_closed_whole",
    )
