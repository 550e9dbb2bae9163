"""How often somebody may try to get in, and what is said to whoever has tried too often.

The rightful owner is never locked out by others: a browser that has signed in to the account before has tries of its
own, and so has every network. See docs/decisions/0015-signing-in.md.
"""

import hashlib
import math
import uuid

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import ngettext

from accounts.models import SignIn, User
from accounts.signing_in.browsers import browser_of
from portal.limits import Bucket, Limit, address_of, empty, network_of, take

QUARTER, HOUR, DAY = 15 * 60, 60 * 60, 24 * 60 * 60

# Wrong passwords. The browser, the network address and the network stand for whoever tries, the account for the victim.
KNOWN_BROWSER = Limit("password-browser", 10, QUARTER)
ACCOUNT_FROM_ADDRESS = Limit("password-pair", 10, QUARTER)
ADDRESS = Limit("password-address", 30, QUARTER)
NETWORK = Limit("password-network", 100, QUARTER)
ACCOUNT = Limit("password-account", 100, HOUR)
# Wrong passwords of somebody who is signed in and confirms something.
CONFIRMING = Limit("password-confirm", 10, QUARTER)
# Wrong codes, of whoever has the password already.
CODE = Limit("code", 10, QUARTER)
CODE_A_DAY = Limit("code-day", 50, DAY)
# E-mails with a link to a new password: nobody's mailbox is flooded.
RESET = Limit("reset", 3, QUARTER)
RESET_A_DAY = Limit("reset-day", 10, DAY)
RESET_FROM_ADDRESS = Limit("reset-address", 20, QUARTER)


def of_password(request: HttpRequest, email: str) -> list[Bucket]:
    """The buckets that one more password for this address counts in. An address without an account has the same."""
    if request.user.is_authenticated:
        return [(CONFIRMING, str(request.user.pk))]
    email = email.strip().lower()
    account = digest(email)
    browser = _known_browser(request, email)
    if browser:
        return [(KNOWN_BROWSER, f"{account}:{browser}")]
    return [*_of_account(request, account), (ADDRESS, _narrow(request)), (NETWORK, _wide(request))]


def _known_browser(request: HttpRequest, email: str) -> uuid.UUID | None:
    """The browser's number, where it has signed in to the account with this address before."""
    browser = browser_of(request)
    good = SignIn.objects.filter(user__email=email, browser=browser, outcome=SignIn.Outcome.GOOD)
    return browser if browser and good.exists() else None


def _of_account(request: HttpRequest, account: str) -> list[Bucket]:
    return [(ACCOUNT_FROM_ADDRESS, f"{account}:{_narrow(request)}"), (ACCOUNT, account)]


def of_code(request: HttpRequest, user: User) -> list[Bucket]:
    """A known browser has its own: whoever has stolen the password does not use up the owner's tries."""
    key = f"{user.pk}:{_known_browser(request, user.email) or ''}"
    return [(CODE, key), (CODE_A_DAY, key)]


def of_reset(request: HttpRequest, email: str) -> list[Bucket]:
    """A known browser has its own: whoever asks for letters to somebody else does not use up the owner's."""
    email = email.strip().lower()
    key = f"{digest(email)}:{_known_browser(request, email) or ''}"
    return [(RESET, key), (RESET_A_DAY, key), (RESET_FROM_ADDRESS, _narrow(request))]


def forget(request: HttpRequest, email: str) -> None:
    """Whoever has chosen a new password need not wait for what others, or the own guesses, have used up.

    What the network has used up stays: with an account of one's own one could try those of others for ever.
    """
    empty(*_of_account(request, digest(email.strip().lower())))


def count(*buckets: Bucket) -> None:
    """Counts one try. Raises ValidationError with the time to wait where there were too many."""
    wait = take(*buckets)
    if wait:
        raise ValidationError(in_words(wait), code="too_many")


def in_words(seconds: int) -> str:
    """In minutes, and in hours where the wait is longer than 90 minutes; rounded up."""
    if seconds > 90 * 60:
        hours = math.ceil(seconds / HOUR)
        return ngettext(
            "There were too many tries. Wait for %(hours)d hour, then try again.",
            "There were too many tries. Wait for %(hours)d hours, then try again.",
            hours,
        ) % {"hours": hours}
    minutes = math.ceil(seconds / 60)
    return ngettext(
        "There were too many tries. Wait for %(minutes)d minute, then try again.",
        "There were too many tries. Wait for %(minutes)d minutes, then try again.",
        minutes,
    ) % {"minutes": minutes}


def digest(email: str) -> str:
    """An e-mail address as the counters keep it: nobody reads there who tried to get in."""
    return hashlib.sha256(email.encode()).hexdigest()[:32]


def _narrow(request: HttpRequest) -> str:
    """One connection: an address of version 4, or the 64 bits that a household has of version 6."""
    return network_of(address_of(request), bits=32, bits_of_six=64)


def _wide(request: HttpRequest) -> str:
    """What one tenant may hold in a row."""
    return network_of(address_of(request), bits=24, bits_of_six=48)
