"""People, the customers that they act for, and service partners."""

from typing import Any, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from portal.access import OwnedQuerySet


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def invited(self) -> "models.QuerySet[User]":
        """Let into a team, and without a password so far: nobody has agreed to these accounts."""
        return self.filter(is_staff=False, password__startswith=UNUSABLE_PASSWORD_PREFIX)

    def agreed(self) -> "models.QuerySet[User]":
        """People who know of their account."""
        return self.exclude(pk__in=self.invited().values("pk"))


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. What the person may see comes from memberships, never from this row."""

    staff_only = True

    email = models.EmailField(_("e-mail address"), unique=True)
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    phone = PhoneNumberField(_("phone"), blank=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="pl")
    sms_notices = models.BooleanField(
        _("SMS"), default=False, help_text=_("Whether to be told by SMS too when the office has answered.")
    )
    is_staff = models.BooleanField(_("office staff"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(_("since"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["first_name", "last_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.CheckConstraint(condition=models.Q(email=Lower("email")), name="email_in_lower_case")]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name


class Country(models.TextChoices):
    PL = "PL", _("Poland")
    CZ = "CZ", _("Czechia")


class Address(models.Model):
    """A postal address in Poland or Czechia."""

    street = models.CharField(_("street and number"), max_length=120)
    postcode = models.CharField(_("postcode"), max_length=8)
    city = models.CharField(_("town"), max_length=80)
    country = models.CharField(_("country"), max_length=2, choices=Country.choices, default=Country.PL)

    class Meta:
        abstract = True

    @property
    def address(self) -> str:
        return one_line(self)


def one_line(place: Any) -> str:
    """An address, or a row with its columns: "ul. Długa 5, 00-238 Warszawa"."""
    return f"{place.street}, {place.postcode} {place.city}"


class Customer(Address):
    """Whoever owns sites, devices and orders: a private person, a company, a housing association."""

    class Kind(models.TextChoices):
        PRIVATE = "private", _("private person")
        COMPANY = "company", _("company")
        ASSOCIATION = "association", _("housing association or property manager")

    customer_path = ""

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=160)
    tax_number = models.CharField(_("tax number"), max_length=14, blank=True)
    email = models.EmailField(_("e-mail address"))
    phone = PhoneNumberField(_("phone"))
    notes = models.TextField(_("notes"), blank=True)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    members = models.ManyToManyField(User, through="Membership", related_name="customers")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="private") | ~models.Q(tax_number=""),
                name="companies_have_a_tax_number",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def language(self) -> str:
        """Of papers for the customer: that of the member who was there first."""
        first = self.memberships.filter(user__is_active=True).order_by("pk").values_list("user__language", flat=True)
        return first.first() or settings.LANGUAGE_CODE


class Membership(models.Model):
    """Ties a person to a customer."""

    class Grade(models.TextChoices):
        FULL = "full", _("full")

    customer_path = "customer"

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="memberships", verbose_name=_("customer"))
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    grade = models.CharField(_("grade"), max_length=12, choices=Grade.choices, default=Grade.FULL)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["customer", "user"], name="one_membership_per_person")]

    def __str__(self) -> str:
        return f"{self.user} – {self.customer}"


class Consent(models.Model):
    """A person's yes to a text, with the very words that were shown."""

    class Kind(models.TextChoices):
        DATA_PROCESSING = "data_processing", _("data processing")

    staff_only = True

    user = models.ForeignKey(User, models.CASCADE, related_name="consents", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    version = models.CharField(_("version of the text"), max_length=20)
    language = models.CharField(_("language"), max_length=2)
    text = models.TextField(_("text as shown"))
    given_at = models.DateTimeField(_("given"))

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"


class PartnerQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> Self:
        """A partner company is seen by its own people."""
        return self.filter(people__user=user) if user.is_authenticated else self.none()

    def waiting(self) -> Self:
        return self.filter(decision="")

    def approved(self) -> Self:
        return self.filter(decision=Partner.Decision.APPROVED)


class Partner(Address):
    """A service company. It works only after a clerk's yes."""

    class Decision(models.TextChoices):
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")

    name = models.CharField(_("name"), max_length=160)
    tax_number = models.CharField(_("tax number"), max_length=14)
    email = models.EmailField(_("e-mail address"))
    phone = PhoneNumberField(_("phone"))
    fgas_certificate = models.CharField(_("F-gas certificate"), max_length=40)
    areas = ArrayField(
        models.CharField(max_length=5),
        verbose_name=_("areas served"),
        help_text=_("Beginnings of postcodes."),
    )
    notes = models.TextField(_("notes"), blank=True)
    applied_at = models.DateTimeField(_("applied"), auto_now_add=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User,
        models.PROTECT,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        related_name="+",
    )
    decision_reason = models.TextField(_("reason"), blank=True)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("service partner")
        verbose_name_plural = _("service partners")
        permissions = [("decide_partner", _("Can answer applications of service partners"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decision="", decided_at=None, decided_by=None)
                | ~models.Q(decision="") & models.Q(decided_at__isnull=False, decided_by__isnull=False),
                name="partner_decision_whole",
            )
        ]

    def __str__(self) -> str:
        return self.name


class PartnerMembership(models.Model):
    """Ties a person to a service partner: a manager answers offers and hands orders to engineers."""

    class Role(models.TextChoices):
        MANAGER = "manager", _("manager")
        ENGINEER = "engineer", _("engineer")

    staff_only = True

    partner = models.ForeignKey(
        Partner,
        models.CASCADE,
        related_name="people",
        verbose_name=_("service partner"),
    )
    user = models.ForeignKey(
        User,
        models.CASCADE,
        related_name="partner_memberships",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.MANAGER)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("person of a service partner")
        verbose_name_plural = _("people of service partners")
        constraints = [models.UniqueConstraint(fields=["partner", "user"], name="one_place_per_partner")]

    def __str__(self) -> str:
        return f"{self.user} – {self.partner}"

    @property
    def is_manager(self) -> bool:
        return self.role == self.Role.MANAGER
