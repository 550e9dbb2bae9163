"""A person who signs in."""

from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. What the person may see comes from memberships, never from this row."""

    staff_only = True

    email = models.EmailField(_("e-mail address"), unique=True)
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    # A mobile number where the person has one: SMS go there.
    phone = PhoneNumberField(_("mobile phone"), blank=True)
    # When a code in an SMS has shown that the number is the person's; empty for one that was only typed.
    phone_confirmed_at = models.DateTimeField(_("mobile phone confirmed"), null=True, blank=True)
    landline = PhoneNumberField(_("landline"), blank=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="pl")
    sms_notices = models.BooleanField(
        _("SMS"), default=False, help_text=_("Whether to be told by SMS too when the office has answered.")
    )
    is_staff = models.BooleanField(_("office staff"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    # The person's data are gone; the row stays for the trail and for papers that the law keeps.
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)
    date_joined = models.DateTimeField(_("since"), auto_now_add=True)

    # Set on the person of a request alone: the view by which a clerk sees a customer's portal (accounts/viewing.py).
    support_view: Any = None

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["first_name", "last_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.CheckConstraint(condition=models.Q(email=Lower("email")), name="email_in_lower_case")]

    def __str__(self) -> str:
        return self.get_full_name() or (gettext("closed account") if self.email.endswith("@invalid") else self.email)

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """A clerk who sees the portal as a customer does has no rights of the office meanwhile."""
        return self.support_view is None and super().has_perm(perm, obj)
