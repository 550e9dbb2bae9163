"""What all invitations have in common: a link of 14 days to one address, and the account of a newcomer.

Nothing that the inviter sees may depend on whether the address has an account.
"""

from datetime import timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.actions.people import open_account, record_consent
from accounts.legal import words_said
from accounts.models import Invitation, Subject, TeamInvitation, User
from portal.addresses import plain
from portal.errors import Refused

LINK_WORKS_FOR = timedelta(days=14)
LINK_SALT = "accounts.invitation"

AnyInvitation = Invitation | TeamInvitation
One = TypeVar("One", Invitation, TeamInvitation)


def token_of(invitation: AnyInvitation) -> str:
    return signing.dumps(str(invitation.key), salt=LINK_SALT)


def path_of(invitation: AnyInvitation) -> str:
    return plain(reverse("invitation", args=[token_of(invitation)]))


def invitation_of(token: str) -> AnyInvitation | None:
    """What the link of an e-mail names, whatever its state; None for a forged link."""
    try:
        key = signing.loads(token, salt=LINK_SALT)
    except signing.BadSignature:
        return None
    return (
        Invitation.objects.select_related("customer", "invited_by").filter(key=key).first()
        or TeamInvitation.objects.select_related("partner", "invited_by").filter(key=key).first()
    )


def still_open(invitation: One) -> One:
    """The invitation as it is now. Raises Refused where it was answered or is too old."""
    found = type(invitation).objects.open().select_related("invited_by").filter(pk=invitation.pk).first()
    if found is None:
        raise Refused(_("This invitation is no longer open."))
    return found


def is_replaced(invitation: AnyInvitation) -> bool:
    """Whether the same address was written to once more since."""
    asks = invitation.partner if isinstance(invitation, TeamInvitation) else invitation.customer
    return asks.invitations.filter(email=invitation.email, created_at__gt=invitation.created_at).exists()


def close(invitation: AnyInvitation, state: str) -> None:
    invitation.state, invitation.closed_at = state, timezone.now()
    invitation.save(update_fields=["state", "closed_at"])


def person_for(invitation: AnyInvitation, by: User) -> User:
    """Who accepts, locked and read anew: an erasure may have come before. Raises Refused for anybody else."""
    by = User.objects.select_for_update().get(pk=by.pk)
    if by.email != invitation.email:
        raise Refused(_("This invitation is for somebody else. Sign in with the address that we wrote to."))
    return by


def open_for_newcomer(invitation: AnyInvitation, **account: Any) -> User:
    """Opens an account for whoever holds the link, which shows whose address it is: first_name, last_name, phone,
    password_hash.

    The form has asked for a yes to data processing and to the terms. A closed account is an account too.
    """
    if User.objects.filter(email=invitation.email).exists():
        raise Refused(_("This e-mail address has an account already. Sign in with it to accept the invitation."))
    person = open_account(email=invitation.email, language=get_language() or settings.LANGUAGE_CODE, **account)
    for kind in (Subject.DATA_PROCESSING, Subject.TERMS):
        record_consent(person, consent=words_said(kind))
    return person
