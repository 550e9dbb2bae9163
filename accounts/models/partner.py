"""Service companies and their people."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.models.customer import Address
from accounts.models.invitation import Asked, AskedQuerySet, asked_whole
from accounts.models.person import User
from portal.decisions import decision_whole


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
        constraints = [decision_whole("partner_decision_whole")]

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


class TeamInvitation(Asked):
    """Somebody is asked to join the team of a service partner; named as whoever asks knows the person."""

    staff_only = True

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="invitations", verbose_name=_("service partner"))
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    role = models.CharField(_("role"), max_length=10, choices=PartnerMembership.Role.choices)

    objects = AskedQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation to a team")
        verbose_name_plural = _("invitations to teams")
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "email"],
                condition=models.Q(state="open"),
                name="one_open_team_invitation_per_address",
            ),
            asked_whole("team_invitation"),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"
