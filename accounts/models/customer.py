"""Whoever owns sites, devices and orders, and the people who act for them."""

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.models.invitation import Asked, AskedQuerySet, asked_whole
from accounts.models.person import User
from portal.access import Area, Grade, OwnedQuerySet
from portal.numbers import next_plain_number
from portal.privacy import BLANK


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
        """In one line: "ul. Długa 5, 00-238 Warszawa"."""
        return one_line(self)


def one_line(place: Any) -> str:
    """An address, or a row with its columns: "ul. Długa 5, 00-238 Warszawa"."""
    if place.street == BLANK:
        return gettext("erased")
    return f"{place.street}, {place.postcode} {place.city}"


class Customer(Address):
    """Whoever owns sites, devices and orders: a private person, a company, a housing association."""

    class Kind(models.TextChoices):
        PRIVATE = "private", _("private person")
        COMPANY = "company", _("company")
        ASSOCIATION = "association", _("housing association or property manager")

    customer_path = ""
    site_path = None
    area = Area.GENERAL

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    number = models.CharField(_("customer number"), max_length=12, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=160)
    tax_number = models.CharField(_("tax number"), max_length=14, blank=True)
    # REGON in Poland, IČO in Czechia; a private person has none.
    business_number = models.CharField(_("REGON"), max_length=14, blank=True)
    email = models.EmailField(_("e-mail address"))
    phone = PhoneNumberField(_("phone"))
    # Where letters go, if not to the address: all of it or nothing.
    post_name = models.CharField(_("name for letters"), max_length=160, blank=True)
    post_street = models.CharField(_("street and number for letters"), max_length=120, blank=True)
    post_postcode = models.CharField(_("postcode for letters"), max_length=8, blank=True)
    post_city = models.CharField(_("town for letters"), max_length=80, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)
    members = models.ManyToManyField(
        User, through="Membership", through_fields=("customer", "user"), related_name="customers"
    )

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="private") | ~models.Q(tax_number=""),
                name="companies_have_a_tax_number",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="private") | models.Q(business_number=""),
                name="persons_have_no_business_number",
            ),
            models.CheckConstraint(
                condition=models.Q(post_name="", post_street="", post_postcode="", post_city="")
                | ~models.Q(post_name="")
                & ~models.Q(post_street="")
                & ~models.Q(post_postcode="")
                & ~models.Q(post_city=""),
                name="address_for_letters_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.number:
            return super().save(*args, **kwargs)
        with transaction.atomic():
            self.number = next_plain_number("K")
            super().save(*args, **kwargs)

    @property
    def language(self) -> str:
        """Of papers for the customer: that of the member who was there first."""
        first = self.memberships.filter(user__is_active=True).order_by("pk").values_list("user__language", flat=True)
        return first.first() or settings.LANGUAGE_CODE

    def people(self, area: str, *, site: int | None = None, change: bool = False) -> models.QuerySet[User]:
        """Those members who may see (or change) this `area` today, of the site where one is given."""
        places = self.memberships.current().seeing(area, site, change=change)
        return User.objects.filter(is_active=True, memberships__in=places).order_by("pk")


class MembershipQuerySet(OwnedQuerySet):
    def current(self) -> Self:
        """In force today."""
        today = timezone.localdate()
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today)

    def full(self) -> Self:
        """Those who decide on everything for the customer, by people who can still sign in."""
        return self.current().filter(grade=Grade.FULL, user__is_active=True)

    def ended_untold(self) -> Self:
        """The last day is over, and nobody was told of it."""
        return self.filter(ends_on__lt=timezone.localdate(), end_told_at=None)

    def seeing(self, area: str, site: int | None = None, *, change: bool = False) -> Self:
        """Those whose grade shows the `area`, or lets change it; with `site`, only where that is not left out."""
        areas = {grade: grade.changes if change else grade.sees for grade in Grade}
        found = self.filter(grade__in=[grade for grade in Grade if area in areas[grade]])
        return found.filter(Q(sites=None) | Q(sites__contains=[site])) if site else found


class Granted(models.Model):
    """What somebody may see and do for a customer: how much, where, and for how long."""

    grade = models.CharField(_("grade"), max_length=12, choices=Grade.choices, default=Grade.FULL)
    # Primary keys of the sites, None for all of them. Sites live on a floor above (docs/decisions).
    sites = ArrayField(models.BigIntegerField(), verbose_name=_("sites"), null=True, blank=True)
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        abstract = True


def grant_whole(prefix: str) -> list[models.CheckConstraint]:
    """Whoever decides on everything does so at all sites; an end is not before the beginning."""
    return [
        models.CheckConstraint(condition=~Q(grade="full") | Q(sites=None), name=f"{prefix}_full_means_all_sites"),
        models.CheckConstraint(condition=Q(sites=None) | Q(sites__len__gt=0), name=f"{prefix}_names_a_site"),
        models.CheckConstraint(
            condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name=f"{prefix}_ends_after_it_starts"
        ),
    ]


class Membership(Granted):
    """Ties a person to a customer."""

    customer_path = "customer"
    site_path = None
    area = Area.ACCOUNT

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="memberships", verbose_name=_("customer"))
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    # Empty for whoever founded the customer, and for grants from before there was a note of it.
    granted_by = models.ForeignKey(
        User, models.SET_NULL, related_name="+", verbose_name=_("granted by"), null=True, blank=True
    )
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    # To the quarter of an hour.
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    # When it was told that the last day is over.
    end_told_at = models.DateTimeField(null=True, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["customer", "user"], name="one_membership_per_person"),
            *grant_whole("membership"),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.customer}"


class InvitationQuerySet(OwnedQuerySet, AskedQuerySet):  # type: ignore[override]
    pass


class Invitation(Asked, Granted):
    """Somebody is asked to act for a customer."""

    customer_path = "customer"
    site_path = None
    area = Area.ACCOUNT

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="invitations", verbose_name=_("customer"))

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "email"], condition=Q(state="open"), name="one_open_invitation_per_address"
            ),
            asked_whole("invitation"),
            *grant_whole("invitation"),
        ]

    def __str__(self) -> str:
        return f"{self.email} – {self.customer}"


class SupportViewQuerySet(models.QuerySet):
    def open(self) -> Self:
        """The clerk may look, for now."""
        return self.filter(ended_at=None, ends_at__gt=timezone.now())


class SupportView(models.Model):
    """A clerk sees the portal as a customer does, read only, for a reason that the customer can read."""

    staff_only = True

    staff = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("clerk"))
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="support_views", verbose_name=_("customer"))
    reason = models.TextField(_("reason"))
    started_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(_("until"))
    # By the clerk. Empty for one that was over by itself, until the clerk begins the next.
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = SupportViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("view as a customer")
        verbose_name_plural = _("views as a customer")
        permissions = [("see_as_customer", _("Can see the portal as a customer does"))]
        constraints = [
            models.UniqueConstraint(fields=["staff"], condition=Q(ended_at=None), name="one_open_view_per_clerk"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("started_at"))
                & (Q(ended_at=None) | Q(ended_at__gte=F("started_at"), ended_at__lte=F("ends_at"))),
                name="view_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} – {self.customer}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and timezone.now() < self.ends_at
