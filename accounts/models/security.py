"""How people get in: the history of sign-ins, and changes of address and number that wait to be confirmed."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.models.person import User

# How long the old address may stop a change after the new one is confirmed.
STOPPABLE_FOR = timedelta(hours=72)


class SignIn(models.Model):
    """One try to sign in, good or not. Tries at addresses without an account are not kept."""

    class Outcome(models.TextChoices):
        GOOD = "good", _("signed in")
        WRONG_PASSWORD = "wrong_password", _("wrong password")
        WRONG_CODE = "wrong_code", _("wrong second factor")
        TOO_MANY = "too_many", _("too many tries")
        INACTIVE = "inactive", _("the account is closed")

    class Method(models.TextChoices):
        PASSWORD = "password", _("password")
        PASSKEY = "passkey", _("passkey")
        LINK = "link", _("link from an e-mail")

    class Factor(models.TextChoices):
        TOTP = "totp", _("authenticator app")
        PASSKEY = "webauthn", _("passkey")
        RECOVERY = "recovery_codes", _("recovery code")

    staff_only = True

    user = models.ForeignKey(User, models.CASCADE, related_name="sign_ins", verbose_name=_("person"))
    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    outcome = models.CharField(_("result"), max_length=16, choices=Outcome.choices)
    method = models.CharField(_("with"), max_length=10, choices=Method.choices)
    factor = models.CharField(_("second factor"), max_length=16, choices=Factor.choices, blank=True)
    address = models.GenericIPAddressField(_("network address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=300, blank=True)
    # A cookie that the browser keeps; tells known browsers from new ones.
    browser = models.UUIDField(null=True, editable=False)

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["user", "-at"], name="sign_ins_of_a_person")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_outcome_display()}"


class EmailChangeQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Neither done nor stopped."""
        return self.filter(done_at=None, stopped_at=None)

    def due(self) -> Self:
        """Confirmed at the new address, and the old one has had its time to stop it."""
        return self.open().filter(confirmed_at__lt=timezone.now() - STOPPABLE_FOR)


class EmailChange(models.Model):
    """A new address for signing in: confirmed at the new one, announced at the old one, done 72 hours later."""

    staff_only = True

    user = models.ForeignKey(User, models.CASCADE, related_name="email_changes", verbose_name=_("person"))
    old = models.EmailField(_("old address"))
    new = models.EmailField(_("new address"))
    asked_at = models.DateTimeField(_("requested"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)

    objects = EmailChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of e-mail address")
        verbose_name_plural = _("changes of e-mail address")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(done_at=None, stopped_at=None), name="one_open_change_of_address"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(confirmed_at__isnull=False, stopped_at=None),
                name="address_changed_only_when_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"

    @property
    def takes_effect_at(self) -> datetime | None:
        return self.confirmed_at + STOPPABLE_FOR if self.confirmed_at else None


class MobileCode(models.Model):
    """A code sent to a mobile number that somebody wants to use. Only its hash is kept."""

    staff_only = True

    user = models.OneToOneField(User, models.CASCADE, related_name="mobile_code", verbose_name=_("person"))
    number = PhoneNumberField(_("mobile phone"))
    code_hash = models.CharField(max_length=128, editable=False)
    sent_at = models.DateTimeField(_("sent"), default=timezone.now)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)

    class Meta:
        verbose_name = _("code for a mobile phone")
        verbose_name_plural = _("codes for mobile phones")

    def __str__(self) -> str:
        return str(self.user)
