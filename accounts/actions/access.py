"""Who acts for a customer: invitations and grants. Each change is told to all full members and stands in the trail.

Each act locks the row of the customer first, so that two at once see each other: a customer never loses the last person
who decides on everything.
"""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actions.invitations import (
    LINK_WORKS_FOR,
    close,
    open_for_newcomer,
    path_of,
    person_for,
    still_open,
)
from accounts.actions.people import tell_members
from accounts.grants import Grant, places_of
from accounts.models import Customer, Invitation, Membership, User
from portal.access import Area, Grade
from portal.addresses import plain
from portal.errors import Refused
from portal.events import record
from portal.outbox.queue import send

# So that nobody writes to the whole world in our name.
INVITATIONS_A_DAY = 50


@transaction.atomic
def invite(customer: Customer, *, email: str, language: str, grant: Grant, by: User) -> Invitation:
    """Asks somebody by e-mail to act for a customer. A new invitation takes the place of an open one.

    Nothing here depends on whether the address has an account: whoever invites must not learn that.
    """
    customer = _begin(customer, by)
    grant.check(customer)
    _refuse_longer(customer, grant, by)
    email = email.strip().lower()
    if customer.memberships.filter(user__email=email).exists():
        raise Refused(_("This person has access already. Change the access instead."))
    since = timezone.now() - timedelta(days=1)
    if customer.invitations.filter(created_at__gt=since).count() >= INVITATIONS_A_DAY:
        raise Refused(_("Too many invitations were sent today. Try again tomorrow."))
    for former in customer.invitations.filter(state=Invitation.State.OPEN, email=email):
        # The letter about the new one says enough.
        _end(former, customer, Invitation.State.WITHDRAWN, by=by)
    invitation = Invitation.objects.create(
        customer=customer,
        email=email,
        language=language,
        invited_by=by,
        expires_at=timezone.now() + LINK_WORKS_FOR,
        **grant.fields,
    )
    record("access.invited", by=by, about=[customer, invitation], data={"person": email, **_facts(grant)})
    send(
        "accounts/invitation",
        to=email,
        language=language,
        context={
            **_words(customer, grant),
            "by": str(by),
            "days": LINK_WORKS_FOR.days,
            "path": path_of(invitation),
        },
        about=[customer, invitation],
        secret=True,
    )
    _tell(customer, "invited", email, grant, by=by, invitation=invitation)
    return invitation


@transaction.atomic
def withdraw_invitation(invitation: Invitation, *, by: User) -> Invitation:
    """A full member takes an invitation back: its link works no more."""
    customer = _begin(invitation.customer, by)
    return _close(still_open(invitation), customer, Invitation.State.WITHDRAWN, by=by)


@transaction.atomic
def decline_invitation(invitation: Invitation, *, by: User | None) -> Invitation:
    """The person who got the e-mail does not want to; `by` is None where nobody is signed in."""
    customer = _lock(invitation.customer)
    return _close(still_open(invitation), customer, Invitation.State.DECLINED, by=by)


@transaction.atomic
def accept_invitation(invitation: Invitation, *, by: User) -> Membership:
    """The person who was asked, signed in with the very address that was written to, acts for the customer from now on.

    Accepting once more changes nothing.
    """
    customer = _lock(invitation.customer)
    before = customer.memberships.filter(user=by).first()
    if before and Invitation.objects.filter(pk=invitation.pk, state=Invitation.State.ACCEPTED).exists():
        return before
    return _accept(still_open(invitation), customer, by)


@transaction.atomic
def accept_as_newcomer(invitation: Invitation, **account: Any) -> Membership:
    """Opens an account (see `open_for_newcomer`) and accepts."""
    customer, invitation = _lock(invitation.customer), still_open(invitation)
    return _accept(invitation, customer, open_for_newcomer(invitation, **account))


def _accept(invitation: Invitation, customer: Customer, by: User) -> Membership:
    by = person_for(invitation, by)
    if by.is_staff:
        raise Refused(_("An account of the office cannot act for a customer."))
    if customer.memberships.filter(user=by).exists():
        raise Refused(_("You have access to this customer already."))
    grant, inviter = Grant.of(invitation), invitation.invited_by
    # The inviter's own access may have ended since, or got an earlier last day.
    if inviter and (not _decides(customer, inviter) or _is_longer(customer, grant, inviter)):
        raise Refused(_("This invitation is no longer open."))
    grant.check(customer, before=grant)
    close(invitation, Invitation.State.ACCEPTED)
    place = Membership.objects.create(customer=customer, user=by, granted_by=invitation.invited_by, **grant.fields)
    record("access.accepted", by=by, about=[customer, by], data={"person": str(by), **_facts(grant)})
    _tell(customer, "accepted", str(by), grant, by=by)
    return place


@transaction.atomic
def change_grant(place: Membership, *, grant: Grant, by: User) -> Membership:
    """Another grade, other sites or other days. The same again changes nothing. Nobody changes the own grant.

    So nobody lifts the own last day; whoever wants less gives the access up, or asks somebody else.
    """
    customer = _begin(place.customer, by)
    if place.user_id == by.pk:
        raise Refused(_("You cannot change your own access. Somebody else with full access can, or you give it up."))
    place = _place(place)
    before = Grant.of(place)
    if grant == before:
        return place
    grant.check(customer, before=before)
    _refuse_longer(customer, grant, by)
    if not grant.lasts:
        _keep_one(place)
    for name, value in grant.fields.items():
        setattr(place, name, value)
    place.end_told_at = None
    place.save(update_fields=[*grant.fields, "end_told_at"])
    _take_back_of(place, by=by)
    facts = {"person": str(place.user), **_facts(grant), "before": before.grade}
    record("access.changed", by=by, about=[customer, place.user], data=facts)
    _tell(customer, "changed", str(place.user), grant, by=by, person=place.user)
    return place


@transaction.atomic
def remove_member(place: Membership, *, by: User) -> None:
    """Takes somebody's access away. Everybody may give up the own."""
    is_own = place.user_id == by.pk
    customer = _lock(place.customer) if is_own else _begin(place.customer, by)
    place = _place(place)
    _keep_one(place)
    person, grant = place.user, Grant.of(place)
    act = "left" if is_own else "removed"
    record(f"access.{act}", by=by, about=[customer, person], data={"person": str(person), **_facts(grant)})
    place.delete()
    _take_back_of(place, by=by)
    _tell(customer, act, str(person), grant, by=by, person=person)


def tell_locked(person: User, *, by: User) -> None:
    """The office has closed an account: those who decide for the person's customers are told, in the caller's act."""
    for place in person.memberships.current().select_related("customer"):
        grant = Grant.of(place)
        data = {"person": str(person), **_facts(grant)}
        record("access.locked", by=by, about=[place.customer, person], data=data)
        _tell(place.customer, "locked", str(person), grant, by=by)


def tell_ended() -> int:
    """Tells of the grants whose last day is over, each once, and how many those were."""
    return sum(_tell_end(pk) for pk in list(Membership.objects.ended_untold().values_list("pk", flat=True)))


@transaction.atomic
def _tell_end(pk: int) -> bool:
    """False where somebody else has told it, or the grant was changed or taken away."""
    untold = Membership.objects.ended_untold().select_for_update(of=("self",)).select_related("customer", "user")
    place = untold.filter(pk=pk).first()
    if place is None:
        return False
    place.end_told_at = timezone.now()
    place.save(update_fields=["end_told_at"])
    customer, person, grant = place.customer, place.user, Grant.of(place)
    record("access.ended", by=None, about=[customer, person], data={"person": str(person), **_facts(grant)})
    _tell(customer, "ended", str(person), grant, by=None, person=person)
    return True


def _lock(customer: Customer) -> Customer:
    return Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)


def _begin(customer: Customer, by: User) -> Customer:
    """The customer, locked; refused unless `by` decides on everything there, or is a clerk with that right."""
    customer = _lock(customer)
    if not _decides(customer, by):
        raise Refused(_("Only somebody with full access decides who has access."))
    return customer


def _decides(customer: Customer, by: User) -> bool:
    return _is_clerk(by) or customer.memberships.full().filter(user=by).exists()


def _is_clerk(by: User) -> bool:
    return by.is_staff and by.has_perm("accounts.change_membership")


def _last_day(customer: Customer, by: User) -> date | None:
    """Until when somebody who decides may give access: nobody outlasts the own end through others."""
    return None if _is_clerk(by) else customer.memberships.full().get(user=by).ends_on


def _is_longer(customer: Customer, grant: Grant, by: User) -> bool:
    end = _last_day(customer, by)
    return end is not None and (grant.ends_on is None or grant.ends_on > end)


def _refuse_longer(customer: Customer, grant: Grant, by: User) -> None:
    if _is_longer(customer, grant, by):
        raise Refused(
            _("Your own access ends on %(day)s. Choose that day or an earlier one as the last.")
            % {"day": date_format(_last_day(customer, by), "SHORT_DATE_FORMAT")}  # type: ignore[arg-type]
        )


def _place(place: Membership) -> Membership:
    found = Membership.objects.select_related("user").filter(pk=place.pk).first()
    if found is None:
        raise Refused(_("This person has no access any more."))
    return found


def why_kept(place: Membership) -> str:
    """Why this access cannot be taken away or made less, "" if it can: nobody else would decide for good."""
    others = place.customer.memberships.full().filter(ends_on=None).exclude(pk=place.pk)
    if not Grant.of(place).lasts or others.exists():
        return ""
    return _(
        "Nobody else has full access without an end. Give it to somebody else first, so that there is always a person"
        " who decides."
    )


def _keep_one(place: Membership) -> None:
    if fault := why_kept(place):
        raise Refused(fault)


def _close(invitation: Invitation, customer: Customer, state: str, *, by: User | None) -> Invitation:
    _end(invitation, customer, state, by=by)
    _tell(customer, state, invitation.email, Grant.of(invitation), by=by, invitation=invitation)
    return invitation


def _end(invitation: Invitation, customer: Customer, state: str, *, by: User | None) -> None:
    close(invitation, state)
    data = {"person": invitation.email, **_facts(Grant.of(invitation))}
    record(f"access.{state}", by=by, about=[customer, invitation], data=data)


def _take_back_of(place: Membership, *, by: User) -> None:
    """Whoever decides no more leaves no open invitations behind, which would let in again."""
    customer = place.customer
    still = customer.memberships.full().filter(user=place.user_id)
    if still.exists():
        return
    for invitation in customer.invitations.open().filter(invited_by=place.user_id):
        _close(invitation, customer, Invitation.State.WITHDRAWN, by=by)


def _facts(grant: Grant) -> dict[str, Any]:
    """What the trail keeps of a grant."""
    ends_on = grant.ends_on.isoformat() if grant.ends_on else None
    return {"grade": grant.grade, "sites": grant.sites, "starts_on": grant.starts_on.isoformat(), "ends_on": ends_on}


def _words(customer: Customer, grant: Grant) -> dict[str, Any]:
    """What messages say of a grant; the grade is put into words in the reader's language."""
    names = dict(places_of(customer.pk)) if grant.sites else {}
    return {
        "customer": customer.name,
        "grade": Grade(grant.grade).label,
        "places": [names[pk] for pk in grant.sites or [] if pk in names],
        "ends_on": grant.ends_on,
    }


def _tell(
    customer: Customer,
    act: str,
    who: str,
    grant: Grant,
    *,
    by: User | None,
    person: User | None = None,
    invitation: Invitation | None = None,
) -> None:
    """Tells all full members, and the `person` whose access it is. An erasure finds the letters by what they name."""
    context = {**_words(customer, grant), "act": act, "person": who, "by": str(by) if by else ""}
    about = [customer, *(thing for thing in (person, invitation) if thing)]
    tell_members(customer, "accounts/access", context=context, area=Area.ACCOUNT, path=reverse("access"), about=about)
    if person and person.is_active and not customer.people(Area.ACCOUNT).filter(pk=person.pk).exists():
        own = {**context, "name": person.first_name, "path": plain(reverse("customers"))}
        send("accounts/own_access", to=person.email, language=person.language, context=own, about=about)
