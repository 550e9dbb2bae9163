"""What people do with accounts. Each act is one transaction that leaves an event behind."""

from collections.abc import Iterable
from typing import Any

from allauth.account.forms import EmailAwarePasswordResetTokenGenerator as PasswordTokens
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import (
    Consent,
    Customer,
    Membership,
    Partner,
    PartnerMembership,
    User,
)
from portal.errors import Refused
from portal.events import record
from portal.files.models import Document
from portal.outbox.queue import send


@transaction.atomic
def open_account(
    *,
    email: str,
    password_hash: str,
    first_name: str,
    last_name: str,
    phone: str,
    language: str,
) -> User:
    """A person whose e-mail address is confirmed gets an account. The password arrives hashed.

    Whoever was invited to a team and never agreed takes over the account of that invitation, which lapses.
    """
    user = User.objects.invited().select_for_update(of=("self",)).filter(email=email).first() or User(email=email)
    user.first_name, user.last_name, user.phone, user.language = first_name, last_name, phone, language
    user.password = password_hash
    user.save()
    EmailAddress.objects.update_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    for place in user.partner_memberships.select_related("partner"):
        record("team.removed", by=user, about=[place.partner, user], data={"person": str(user)})
        place.delete()
    record("person.registered", by=user, about=[user])
    return user


def found_customer(*, by: User, **fields: Any) -> Customer:
    """A customer with its first member."""
    customer = Customer.objects.create(**fields)
    Membership.objects.create(customer=customer, user=by)
    record("customer.founded", by=by, about=[customer])
    return customer


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
            "password_path": "" if person.has_usable_password() else _password_path(person),
        },
        secret=True,
    )
    return place


def _is_somewhere(person: User) -> bool:
    return person.memberships.exists() or person.partner_memberships.exists()


def _password_path(person: User) -> str:
    """Where somebody without a password chooses one; as long as the link of a forgotten password."""
    key = PasswordTokens().make_token(person)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(person), "key": key})


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


def record_consent(user: User, *, consent: dict[str, str]) -> Consent:
    """Keeps a yes with its words: `consent` has kind, version, language, text, given_at (ISO 8601)."""
    given = Consent.objects.create(user=user, **consent)
    record("consent.given", by=user, about=[user, given], data={"version": given.version})
    return given


def tell_members(
    customer: Customer,
    kind: str,
    *,
    context: dict[str, Any],
    about: Iterable[models.Model] = (),
    by_sms: bool = False,
    documents: Iterable[Document] = (),
    calendar: str = "",
) -> None:
    """Queues an e-mail to every member of a customer, each in the own language.

    With `by_sms` those who want it get an SMS too; the message's template has the words for it. The e-mail carries the
    `documents` and `calendar`, an iCalendar text.
    """
    for member in customer.members.filter(is_active=True):
        message: dict[str, Any] = {
            "language": member.language,
            "context": {"name": member.first_name, **context},
            "about": about,
        }
        send(kind, to=member.email, documents=documents, calendar=calendar, **message)
        if by_sms and member.sms_notices and member.phone:
            send(kind, to=member.phone.as_e164, channel="sms", **message)


@transaction.atomic
def change_profile(user: User, *, by: User, **fields: Any) -> User:
    """A person corrects the own data: first_name, last_name, phone, language, sms_notices."""
    user = User.objects.select_for_update().get(pk=user.pk)
    for name, value in fields.items():
        setattr(user, name, value)
    user.save(update_fields=list(fields))
    record("profile.changed", by=by, about=[user])
    return user


@transaction.atomic
def add_colleague(person: User, *, groups: Iterable[Group], by: User) -> User:
    """A new member of staff. Without a password: the person chooses one by e-mail."""
    person.is_staff = True
    person.set_unusable_password()
    person.save(force_insert=True)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    person.groups.set(groups)
    record("staff.added", by=by, about=[person], data=_access(person))
    return person


@transaction.atomic
def change_access(person: User, *, is_active: bool, is_staff: bool, groups: Iterable[Group], by: User) -> User:
    """Lets somebody in or out of the portal, the office, and its groups."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.pk == by.pk:
        raise Refused(_("Your own access is changed by a colleague, so that nobody is locked out by mistake."))
    if person.is_superuser and not by.is_superuser:
        raise Refused(_("This person administers the portal; only another administrator changes the access."))
    if groups and not is_staff:
        raise Refused(_("Groups are for people who work in the office. Tick that too, or take the groups away."))
    person.is_active, person.is_staff = is_active, is_staff
    person.save(update_fields=["is_active", "is_staff"])
    person.groups.set(groups)
    record("staff.changed", by=by, about=[person], data=_access(person))
    return person


def _access(person: User) -> dict[str, Any]:
    groups = sorted(group.name for group in person.groups.all())
    return {"active": person.is_active, "staff": person.is_staff, "groups": groups}
