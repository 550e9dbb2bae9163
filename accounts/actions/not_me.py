"""“This was not me”: what is done about a sign-in that the person did not make."""

from dataclasses import dataclass
from typing import Any

from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes
from allauth.mfa.models import Authenticator
from django.core import signing
from django.db import transaction

from accounts.actions import email_change, sessions
from accounts.links import password_path
from accounts.models import SignIn, User
from accounts.signing_in.factors import factors_of, is_required
from accounts.signing_in.tries import digest
from portal.events import Event, record
from portal.outbox.queue import send

SALT = "accounts.not-me"
LINK_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True)
class Link:
    """The link of an e-mail about a new browser; `sent_to` is the digest of the address that it went to."""

    sign_in: SignIn
    sent_to: str

    def is_for(self, person: User) -> bool:
        """Whether the person still has that address: another mailbox decides nothing about the account."""
        return digest(person.email) == self.sent_to


def token(sign_in: SignIn) -> str:
    """Names a sign-in, and the address that the person has now, for the link of the e-mail, signed."""
    return signing.dumps([sign_in.pk, digest(sign_in.user.email)], salt=SALT)


def read_token(signed: str) -> Link | None:
    """None for a forged or old link, and for people whose account was closed by something else than this."""
    try:
        pk, sent_to = signing.loads(signed, salt=SALT, max_age=LINK_SECONDS)
    except signing.BadSignature:
        return None
    sign_in = SignIn.objects.filter(pk=pk).select_related("user").first()
    if sign_in is None or not (sign_in.user.is_active or denial_of(sign_in)):
        return None
    return Link(sign_in, sent_to)


def denial_of(sign_in: SignIn) -> Event | None:
    """The event of the button pressed; its data say what was done: `factors`, `stopped` and `closed`."""
    return Event.objects.about(sign_in).filter(verb="signin.denied").first()


@transaction.atomic
def deny(link: Link) -> bool:
    """Locks out whoever signed in, takes back what that one may have changed, and begins a reset of the password.

    A second press changes nothing, nor does the link once the person has another address: then it gives back False.
    """
    sign_in = link.sign_in
    person = User.objects.select_for_update().get(pk=sign_in.user_id)
    if not (person.is_active and link.is_for(person)) or denial_of(sign_in):
        return False
    person.set_unusable_password()
    factors = _remove_factors(person, sign_in)
    # A new password by e-mail, and a factor added after it: that would open the office to whoever reads the mailbox.
    person.is_active = not is_required(person) or factors_of(person).exists()
    person.save(update_fields=["password", "is_active"])
    stopped = email_change.stop_open(person, by=person)
    sessions.end_all(person)
    # The browser is a new one again: it has no tries of its own, and its next sign-in writes a letter.
    person.sign_ins.filter(browser=sign_in.browser, at__gte=sign_in.at).update(browser=None)
    done = {"factors": factors, "stopped": stopped, "closed": not person.is_active}
    record("signin.denied", by=person, about=[person, sign_in], data=done)
    if person.is_active:
        _send("choose_password", person, password_path=password_path(person))
    else:
        record("signin.closed", by=None, about=[person])
        _send("account_closed", person)
    return True


def _remove_factors(person: User, sign_in: SignIn) -> int:
    """Passkeys and apps that were added with the denied browser; codes that it made go too, and are not counted."""
    theirs = person.sign_ins.filter(browser=sign_in.browser) if sign_in.browser else [sign_in]
    added = Event.objects.about(person).filter(data__sign_in__in=[row.pk for row in theirs])
    found = Authenticator.objects.filter(user=person, pk__in=[event.data["factor"] for event in added])
    count = found.exclude(type=Authenticator.Type.RECOVERY_CODES).count()
    found.delete()
    delete_dangling_recovery_codes(person)
    return count


def _send(name: str, person: User, **context: Any) -> None:
    context["name"] = person.first_name
    send(f"accounts/{name}", to=person.email, language=person.language, context=context, secret=True)
