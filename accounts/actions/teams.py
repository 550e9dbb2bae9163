"""The team of a service partner: who is asked to join it, what each may do, and who leaves.

Each act locks the row of the partner first: a team never loses its last manager.
"""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.invitations import LINK_WORKS_FOR, close, open_for_newcomer, path_of, person_for, still_open
from accounts.models import Partner, PartnerMembership, TeamInvitation, User
from portal.addresses import plain
from portal.errors import Refused
from portal.events import record
from portal.limits import within_limit
from portal.outbox.queue import send
from portal.words import one_stop

# So that nobody writes to the whole world in our name.
INVITATIONS_A_DAY = 20
DAY = 24 * 3600
State = TeamInvitation.State


@transaction.atomic
def invite(
    partner: Partner, *, email: str, first_name: str, last_name: str, role: str, language: str, by: User
) -> TeamInvitation:
    """A manager asks somebody by e-mail to join the team. A new invitation takes the place of an open one.

    Until the person accepts, there is neither an account nor a place, and the name is the one that was typed.
    """
    partner = _begin(partner, by)
    email = email.strip().lower()
    if partner.people.filter(user__email=email).exists():
        raise Refused(_("This person is in the team already."))
    if not within_limit("team-invitation", str(partner.pk), amount=INVITATIONS_A_DAY, seconds=DAY):
        raise Refused(_("Too many invitations were sent today. Try again tomorrow."))
    for former in partner.invitations.filter(state=State.OPEN, email=email):
        _close(former, State.WITHDRAWN, by=by)
    invitation = TeamInvitation.objects.create(
        partner=partner, email=email, first_name=first_name, last_name=last_name, role=role, language=language,
        invited_by=by, expires_at=timezone.now() + LINK_WORKS_FOR,
    )  # fmt: skip
    record("team.invited", by=by, about=[partner, invitation], data={"person": str(invitation)})
    context = {
        "partner": partner.name, "by": str(by), "days": LINK_WORKS_FOR.days, "path": path_of(invitation),
    }  # fmt: skip
    about = [partner, invitation]
    send("accounts/team_invitation", to=email, language=language, context=context, about=about, secret=True)
    return invitation


@transaction.atomic
def withdraw_invitation(invitation: TeamInvitation, *, by: User) -> None:
    """A manager takes an invitation back: its link works no more."""
    _begin(invitation.partner, by)
    _close(still_open(invitation), State.WITHDRAWN, by=by)


@transaction.atomic
def decline_invitation(invitation: TeamInvitation, *, by: User | None) -> None:
    """The person who got the e-mail does not want to; `by` is None where nobody is signed in."""
    partner = _lock(invitation.partner)
    _close(still_open(invitation), State.DECLINED, by=by)
    _tell(partner, "declined", str(invitation))


@transaction.atomic
def accept_invitation(invitation: TeamInvitation, *, by: User) -> PartnerMembership:
    """The person who was asked, signed in with the very address that was written to, joins. Once more is harmless."""
    partner = _lock(invitation.partner)
    before = partner.people.filter(user=by).first()
    if before and TeamInvitation.objects.filter(pk=invitation.pk, state=State.ACCEPTED).exists():
        return before
    return _accept(still_open(invitation), partner, by)


@transaction.atomic
def accept_as_newcomer(invitation: TeamInvitation, **account: Any) -> PartnerMembership:
    """Opens an account (see `open_for_newcomer`) and accepts."""
    partner, invitation = _lock(invitation.partner), still_open(invitation)
    return _accept(invitation, partner, open_for_newcomer(invitation, **account))


def _accept(invitation: TeamInvitation, partner: Partner, by: User) -> PartnerMembership:
    by = person_for(invitation, by)
    if by.is_staff:
        raise Refused(_("An account of the office cannot be in the team of a service partner."))
    if partner.people.filter(user=by).exists():
        raise Refused(_("You are in this team already."))
    if invitation.invited_by and not _manages(partner, invitation.invited_by):
        raise Refused(_("This invitation is no longer open."))
    close(invitation, State.ACCEPTED)
    place = PartnerMembership.objects.create(partner=partner, user=by, role=invitation.role)
    record("team.accepted", by=by, about=[partner, by], data={"person": str(by)})
    _tell(partner, "accepted", str(by), besides=by)
    return place


@transaction.atomic
def change_role(place: PartnerMembership, *, role: str, by: User) -> PartnerMembership:
    """Makes an engineer a manager, or the other way round."""
    _begin(place.partner, by)
    place = _still_there(place)
    if place.user_id == by.pk:
        raise Refused(_("Your own role is changed by another manager, so that nobody is locked out by mistake."))
    if role not in PartnerMembership.Role.values:
        raise Refused(_("Choose a role."))
    place.role = role
    place.save(update_fields=["role"])
    record(f"team.{role}", by=by, about=[place.partner, place.user], data={"person": str(place.user)})
    _take_back_of(place, by=by)
    return place


@transaction.atomic
def remove(place: PartnerMembership, *, by: User) -> None:
    """Somebody is taken out of the team, or leaves it, and sees nothing of the partner any more; the account stays."""
    is_own = place.user_id == by.pk
    partner = _lock(place.partner) if is_own else _begin(place.partner, by)
    place = _still_there(place)
    if is_own and place.is_manager and not _managers(partner).exclude(pk=place.pk).exists():
        sentence = _("Nobody else manages %(partner)s. Make somebody a manager first, or write to us.")
        raise Refused(one_stop(sentence % {"partner": partner}))
    act = "left" if is_own else "removed"
    record(f"team.{act}", by=by, about=[partner, place.user], data={"person": str(place.user)})
    place.delete()
    _take_back_of(place, by=by)
    if is_own:
        _tell(partner, "left", str(place.user))


def _lock(partner: Partner) -> Partner:
    return Partner.objects.select_for_update().get(pk=partner.pk)


def _begin(partner: Partner, by: User) -> Partner:
    """The partner, locked. The office may too: a company whose only manager has left needs another one."""
    partner = _lock(partner)
    if not _manages(partner, by):
        raise Refused(_("Only a manager of %(partner)s changes its team.") % {"partner": partner})
    return partner


def _manages(partner: Partner, by: User) -> bool:
    is_clerk = by.is_staff and by.has_perm("accounts.change_partner")
    return is_clerk or _managers(partner).filter(user=by).exists()


def _managers(partner: Partner) -> QuerySet[PartnerMembership]:
    """The places of those who decide, and can sign in."""
    return partner.people.filter(role=PartnerMembership.Role.MANAGER, user__is_active=True)


def _still_there(place: PartnerMembership) -> PartnerMembership:
    found = PartnerMembership.objects.select_related("user", "partner").filter(pk=place.pk).first()
    if found is None:
        raise Refused(_("This person is no longer in the team."))
    return found


def _take_back_of(place: PartnerMembership, *, by: User) -> None:
    """Whoever manages no more leaves no open invitations behind."""
    if _managers(place.partner).filter(user=place.user_id).exists():
        return
    for invitation in place.partner.invitations.open().filter(invited_by=place.user_id):
        _close(invitation, State.WITHDRAWN, by=by)


def _close(invitation: TeamInvitation, state: str, *, by: User | None) -> None:
    close(invitation, state)
    record(f"team.{state}", by=by, about=[invitation.partner, invitation], data={"person": str(invitation)})


def _tell(partner: Partner, act: str, who: str, *, besides: User | None = None) -> None:
    """Tells the managers what somebody else has decided."""
    for place in _managers(partner).exclude(user=besides).select_related("user"):
        context = {
            "name": place.user.first_name, "partner": partner.name, "person": who, "act": act,
            "path": plain(reverse("work-team")),
        }  # fmt: skip
        send("accounts/team", to=place.user.email, language=place.user.language, context=context, about=[partner])
