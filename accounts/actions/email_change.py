"""A new address for signing in: asked, confirmed at the new one, stoppable from the old one, done after 72 hours."""

from typing import Any

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import EmailChange, User
from portal.errors import Refused
from portal.events import record
from portal.limits import within_limit
from portal.outbox.queue import send

CONFIRM, STOP = "accounts.email-confirm", "accounts.email-stop"
# Old links tell how it went, so they live longer than what they can still do.
LINK_SECONDS = 60 * 24 * 3600
ASKED_A_DAY = 5
DAY = 24 * 3600


def read_token(signed: str, salt: str) -> EmailChange | None:
    """The change that a link is about: `salt` CONFIRM or STOP. None for a forged or old link."""
    try:
        pk = signing.loads(signed, salt=salt, max_age=LINK_SECONDS)
    except signing.BadSignature:
        return None
    return EmailChange.objects.filter(pk=pk, user__is_active=True).select_related("user").first()


@transaction.atomic
def ask(person: User, *, new: str, by: User) -> EmailChange:
    """Asks for a change to the address `new`, in the place of one that is open."""
    person, new = _locked(person), new.strip().lower()
    if new == person.email:
        raise Refused(_("You sign in with this address already. Enter another one."))
    if not within_limit("email-change", str(person.pk), amount=ASKED_A_DAY, seconds=DAY):
        raise Refused(_("You have asked for several new addresses today. Try again tomorrow."))
    stop_open(person, by=by)
    change = EmailChange.objects.create(user=person, old=person.email, new=new)
    record("email.asked", by=by, about=[person])
    # Whether the address has an account shows to nobody but those who read its e-mails.
    _send("email_confirm", new, change, token=signing.dumps(change.pk, salt=CONFIRM))
    return change


@transaction.atomic
def confirm(change: EmailChange) -> None:
    """By whoever reads the e-mails of the new address. From now on the old one has 72 hours to stop it."""
    person, change = _both(change)
    if not _is_open(change) or change.confirmed_at:
        return
    if is_taken(change):
        return _refuse_taken(change)
    change.confirmed_at = timezone.now()
    change.save(update_fields=["confirmed_at"])
    record("email.confirmed", by=person, about=[person])
    _send("email_announced", change.old, change, token=signing.dumps(change.pk, salt=STOP))


@transaction.atomic
def stop(change: EmailChange) -> None:
    """By whoever reads the e-mails of the old address, or the person on the portal. What is done stays done."""
    person, change = _both(change)
    if _is_open(change):
        _stop(change, by=person)


def stop_open(person: User, *, by: User | None) -> int:
    """Stops what is open; tells how many there were. The caller holds the person's lock."""
    changes = list(person.email_changes.open())  # type: ignore[attr-defined]
    for change in changes:
        _stop(change, by=by)
    return len(changes)


def carry_out_due() -> int:
    """Does what is confirmed and was not stopped in time; tells how many. Each is a transaction of its own."""
    return sum(_carry_out(change) for change in EmailChange.objects.due())


@transaction.atomic
def _carry_out(change: EmailChange) -> bool:
    person, change = _both(change)
    if not EmailChange.objects.due().filter(pk=change.pk).exists():
        return False
    if is_taken(change) or not _move(person, change.new):
        _refuse_taken(change)
        return False
    change.done_at = timezone.now()
    change.save(update_fields=["done_at"])
    record("email.changed", by=None, about=[person])
    for address in (change.old, change.new):
        _send("email_changed", address, change)
    return True


def _move(person: User, address: str) -> bool:
    """Writes the address; False where somebody else has it."""
    try:
        with transaction.atomic():
            person.email = address
            person.save(update_fields=["email"])
            EmailAddress.objects.filter(user=person).delete()
            EmailAddress.objects.create(user=person, email=address, verified=True, primary=True)
    except IntegrityError:
        person.refresh_from_db(fields=["email"])
        return False
    return True


def _locked(person: User) -> User:
    return User.objects.select_for_update().get(pk=person.pk)


def _both(change: EmailChange) -> tuple[User, EmailChange]:
    """The person, locked, and the change as it is now."""
    person = _locked(change.user)
    return person, EmailChange.objects.get(pk=change.pk)


def _is_open(change: EmailChange) -> bool:
    return change.done_at is None and change.stopped_at is None


def is_taken(change: EmailChange) -> bool:
    """Whether somebody else signs in with the new address: for the eyes of those only who read its e-mails."""
    return User.objects.filter(email=change.new).exclude(pk=change.user_id).exists()


def _stop(change: EmailChange, *, by: User | None) -> None:
    change.stopped_at = timezone.now()
    change.save(update_fields=["stopped_at"])
    record("email.stopped", by=by, about=[change.user])


def _refuse_taken(change: EmailChange) -> None:
    """The address has another account: told to the old address alone."""
    _stop(change, by=None)
    _send("email_not_changed", change.old, change)


def _send(name: str, to: str, change: EmailChange, **context: Any) -> None:
    deadline = change.takes_effect_at
    context |= {
        "name": change.user.first_name, "old": change.old, "new": change.new,
        "deadline": timezone.localtime(deadline) if deadline else None,
    }  # fmt: skip
    send(f"accounts/{name}", to=to, language=change.user.language, context=context, secret=True)
