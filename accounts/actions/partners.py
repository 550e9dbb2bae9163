"""Service partners: their application, where they work, and their teams."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.links import password_path
from accounts.models import (
    Partner,
    PartnerMembership,
    User,
)
from portal.errors import Refused
from portal.events import record
from portal.outbox.queue import send


@transaction.atomic
def apply_as_partner(*, by: User, **fields: Any) -> Partner:
    """A service company asks to work with us; a clerk answers."""
    partner = Partner.objects.create(**fields)
    PartnerMembership.objects.create(partner=partner, user=by)
    record("partner.applied", by=by, about=[partner])
    return partner


@transaction.atomic
def decide_partner(partner: Partner, *, approve: bool, by: User, reason: str = "") -> Partner:
    """A clerk's answer to an application. Refused with a sentence when somebody answered before."""
    partner = Partner.objects.select_for_update().get(pk=partner.pk)
    if partner.decision:
        raise Refused(
            _("%(who)s has answered this application already: %(answer)s.")
            % {"who": partner.decided_by, "answer": partner.get_decision_display()}
        )
    if not approve and not reason.strip():
        raise Refused(_("Say why the application is refused; the applicant reads it."))
    partner.decision = Partner.Decision.APPROVED if approve else Partner.Decision.REFUSED
    partner.decided_at, partner.decided_by, partner.decision_reason = (
        timezone.now(),
        by,
        reason,
    )
    partner.save()
    record(f"partner.{partner.decision}", by=by, about=[partner], reason=reason)
    for place in partner.people.select_related("user"):
        send(
            f"accounts/partner_{partner.decision}",
            to=place.user.email,
            language=place.user.language,
            context={
                "name": place.user.first_name,
                "partner": partner.name,
                "reason": reason,
            },
            about=[partner],
        )
    return partner


@transaction.atomic
def change_areas(partner: Partner, *, areas: list[str], by: User) -> Partner:
    """Where the partner works from now on: beginnings of postcodes. The same again changes nothing."""
    partner = Partner.objects.select_for_update().get(pk=partner.pk)
    before = partner.areas
    if areas == before:
        return partner
    partner.areas = areas
    partner.save(update_fields=["areas"])
    changed = {"areas": [", ".join(before), ", ".join(areas)]}
    record("partner.areas_changed", by=by, about=[partner], data={"changed": changed})
    return partner


@transaction.atomic
def add_to_team(
    partner: Partner, *, email: str, first_name: str, last_name: str, role: str, language: str, by: User
) -> PartnerMembership:
    """A manager takes somebody into the partner's team; an e-mail leads the person to a password of the own.

    Until the person follows it the account is an invitation: its address counts as not confirmed, and is free for
    whoever registers with it.
    An address that has an account is taken only where nobody else's data hang on it: somebody who was in a team before.
    """
    partner = Partner.objects.select_for_update().get(pk=partner.pk)
    _refuse_unless_manager(partner, by)
    email = email.strip().lower()
    person = User.objects.filter(email=email).first()
    if person is None:
        person = User(email=email, first_name=first_name, last_name=last_name, language=language)
        person.set_unusable_password()
        person.save(force_insert=True)
        EmailAddress.objects.create(user=person, email=email, verified=False, primary=True)
    elif person.is_staff or not person.is_active or _is_somewhere(person):
        raise Refused(_("This address cannot be added. Ask for another one, or write to us."))
    place = PartnerMembership.objects.create(partner=partner, user=person, role=role)
    record("team.added", by=by, about=[partner, person], data={"person": str(person)})
    send(
        "accounts/team_added",
        to=person.email,
        language=person.language,
        context={
            "name": person.first_name,
            "partner": partner.name,
            "by": str(by),
            "password_path": "" if person.has_usable_password() else password_path(person),
        },
        secret=True,
    )
    return place


def _is_somewhere(person: User) -> bool:
    return person.memberships.exists() or person.partner_memberships.exists()


@transaction.atomic
def change_role(place: PartnerMembership, *, role: str, by: User) -> PartnerMembership:
    """Makes an engineer a manager, or the other way round."""
    place = _colleague(place, by)
    if role not in PartnerMembership.Role.values:
        raise Refused(_("Choose a role."))
    place.role = role
    place.save(update_fields=["role"])
    record(f"team.{role}", by=by, about=[place.partner, place.user], data={"person": str(place.user)})
    return place


@transaction.atomic
def remove_from_team(place: PartnerMembership, *, by: User) -> None:
    """Somebody leaves the team and sees nothing of the partner any more; the account stays."""
    place = _colleague(place, by)
    record("team.removed", by=by, about=[place.partner, place.user], data={"person": str(place.user)})
    place.delete()


def _colleague(place: PartnerMembership, by: User) -> PartnerMembership:
    """The place, with its partner locked, so that a team never loses its last manager."""
    partner = Partner.objects.select_for_update().get(pk=place.partner_id)
    _refuse_unless_manager(partner, by)
    found = partner.people.select_related("user", "partner").filter(pk=place.pk).first()
    if found is None:
        raise Refused(_("This person is no longer in the team."))
    if found.user_id == by.pk:
        raise Refused(_("Your own place is changed by another manager, so that nobody is locked out by mistake."))
    return found


def _refuse_unless_manager(partner: Partner, by: User) -> None:
    """The office may too: a company whose only manager has left needs another one."""
    if by.is_staff and by.has_perm("accounts.change_partner"):
        return
    if not partner.people.filter(user=by, role=PartnerMembership.Role.MANAGER).exists():
        raise Refused(_("Only a manager of %(partner)s changes its team.") % {"partner": partner})
