"""Who works in the office, and with which rights."""

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import access
from accounts.models import User
from portal.errors import Refused
from portal.events import record
from portal.outbox.queue import send


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
    """Lets somebody in or out of the portal, the office, and its groups.

    An account may be closed though nobody decides for a customer then: it may be in wrong hands. The office's pages
    warn of such customers, and those who still decide are told.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.pk == by.pk:
        raise Refused(_("Your own access is changed by a colleague, so that nobody is locked out by mistake."))
    if person.is_superuser and not by.is_superuser:
        raise Refused(_("This person administers the portal; only another administrator changes the access."))
    if groups and not is_staff:
        raise Refused(_("Groups are for people who work in the office. Tick that too, or take the groups away."))
    if is_active and person.erased_at:
        raise Refused(_("The data of this person are erased; the account cannot be opened again."))
    if is_staff and person.memberships.exists():
        raise Refused(_("This person acts for a customer. For the office the person needs an account of its own."))
    is_locked = person.is_active and not is_active
    person.is_active, person.is_staff = is_active, is_staff
    person.save(update_fields=["is_active", "is_staff"])
    person.groups.set(groups)
    record("staff.changed", by=by, about=[person], data=_access(person))
    if is_locked:
        access.tell_locked(person, by=by)
    return person


@transaction.atomic
def remove_factors(person: User, *, reason: str, by: User) -> None:
    """For somebody who has lost phone and codes, and whom the office knows: the password alone lets in again."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.pk == by.pk:
        raise Refused(_("Your own factors are removed by a colleague. As long as you are signed in, add a new one."))
    if person.is_superuser and not by.is_superuser:
        raise Refused(_("This person administers the portal; only another administrator removes the factors."))
    if not Authenticator.objects.filter(user=person).delete()[0]:
        raise Refused(_("This person has no second factor."))
    record("factor.all_removed", by=by, about=[person], reason=reason)
    context = {"name": person.first_name, "change": "factors_removed"}
    send("accounts/signing_in_changed", to=person.email, language=person.language, context=context, about=[person])


def _access(person: User) -> dict[str, Any]:
    groups = sorted(group.name for group in person.groups.all())
    return {"active": person.is_active, "staff": person.is_staff, "groups": groups}
