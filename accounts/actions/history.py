"""The history of sign-ins: what is noted of each try, and for how long."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from allauth.account.authentication import get_authentication_records
from dateutil.relativedelta import relativedelta
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.actions import not_me
from accounts.models import SignIn, User
from accounts.signing_in import browsers
from portal.limits import address_of
from portal.outbox.queue import send
from portal.prepared import Prepared

KEPT_FOR = relativedelta(months=13)
# Tries that a limit stopped come by the hundred; one row in this time tells enough.
TOO_MANY_NOTED_EVERY = timedelta(minutes=15)
Outcome, Method = SignIn.Outcome, SignIn.Method

# One statement, whether the address has an account or not: neither takes longer than the other.
WRITE_FAILURE = """
    INSERT INTO accounts_signin (user_id, at, outcome, method, factor, address, user_agent, browser)
    SELECT person.id, %(at)s, %(outcome)s, %(method)s, %(factor)s, %(address)s, %(user_agent)s, %(browser)s
    FROM accounts_user person
    WHERE person.email = %(email)s AND NOT (%(outcome)s = 'too_many' AND EXISTS (
        SELECT FROM accounts_signin earlier
        WHERE earlier.user_id = person.id AND earlier.outcome = 'too_many' AND earlier.at > %(since)s
        AND earlier.address IS NOT DISTINCT FROM %(address)s::inet
    ))
"""


@transaction.atomic
def note_good(request: HttpRequest, user: User, response: HttpResponse) -> SignIn:
    """Notes a sign-in, gives the browser its cookie, and tells the person where the browser is a new one."""
    earlier = SignIn.objects.filter(user=user, outcome=Outcome.GOOD)
    browser = browsers.browser_of(request)
    is_new = not (browser and earlier.filter(browser=browser).exists()) and earlier.exists()
    method, factor = _how(request, user)
    known = {"browser": browsers.remember(response, request), "address": address(request)}
    new = SignIn.objects.create(
        user=user, outcome=Outcome.GOOD, method=method, factor=factor, user_agent=user_agent(request), **known
    )
    request.session["sign_in"] = new.pk
    if is_new:
        tell_of_new_browser(new)
    return new


def note_failure(
    request: HttpRequest, outcome: str, *, email: str, method: str = Method.PASSWORD, factor: str = ""
) -> None:
    """Notes a try that failed. Of an address without an account nothing is kept."""
    now = timezone.now()
    values: dict[str, Any] = {
        "at": now, "outcome": outcome, "method": method, "factor": factor, "email": email.strip().lower(),
        "address": address(request), "user_agent": user_agent(request), "browser": browsers.browser_of(request),
        "since": now - TOO_MANY_NOTED_EVERY,
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        # Waiting for the disk would tell an address that has an account from one that has none.
        cursor.execute("SET LOCAL synchronous_commit TO off")
        cursor.execute(WRITE_FAILURE, values)


def _how(request: HttpRequest, user: User) -> tuple[str, str]:
    """By what the person got in, and the second factor ("" for none), as allauth has it in the session."""
    method, factor = Method.PASSWORD, ""
    for step in get_authentication_records(request, user):
        if step["method"] == "mfa" and step.get("passwordless"):
            method, factor = Method.PASSKEY, ""
        elif step["method"] == "mfa":
            factor = step["type"]
        elif step["method"] == "password_reset":
            method, factor = Method.LINK, ""
        else:
            method, factor = Method.PASSWORD, ""
    return method, factor


def address(request: HttpRequest) -> str | None:
    """The network address that the request comes from."""
    found = address_of(request)
    return None if found == "unknown" else found


def user_agent(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "")[:300]


def tell_of_new_browser(sign_in: SignIn) -> None:
    """An e-mail with what is known of the sign-in, and a link for whoever it was not."""
    person = sign_in.user
    context = {
        "name": person.first_name,
        "moment": timezone.localtime(sign_in.at),
        # Named while the message is written: in the reader's language.
        "browser": partial(browsers.in_words, sign_in.user_agent),
        "address": sign_in.address or "",
        "token": not_me.token(sign_in),
    }
    send("accounts/new_browser", to=person.email, language=person.language, context=context, secret=True)


@dataclass(frozen=True)
class LastTries:
    """The last good sign-in before this one, and the last that failed; None where there is none."""

    good: SignIn | None
    failed: SignIn | None


COLUMNS = [field.attname for field in SignIn._meta.concrete_fields]


def _latest(people: list[int]) -> QuerySet:
    """Two that were good, since one of them may be the reader's own of now, and one that was not."""
    tries = SignIn.objects.filter(user__in=people)
    good, failed = tries.filter(outcome=Outcome.GOOD)[:2], tries.exclude(outcome=Outcome.GOOD)[:1]
    return good.values_list(*COLUMNS).union(failed.values_list(*COLUMNS))


_LATEST = Prepared(_latest)


def last_tries(request: HttpRequest, user: User) -> LastTries:
    """One query. The sign-in by which the reader came in does not count."""
    found = [SignIn.from_db(DEFAULT_DB_ALIAS, COLUMNS, row) for row in _LATEST.rows(user.pk)]
    others = [row for row in found if row.pk != request.session.get("sign_in")]
    good = max((row for row in others if row.outcome == Outcome.GOOD), key=lambda row: (row.at, row.pk), default=None)
    return LastTries(good, next((row for row in others if row.outcome != Outcome.GOOD), None))


def forget_old() -> int:
    """Removes tries older than 13 months, but each person's last good one: without it no browser would be new."""
    later = SignIn.objects.filter(user=OuterRef("user"), outcome=Outcome.GOOD, at__gt=OuterRef("at"))
    old = SignIn.objects.filter(at__lt=timezone.now() - KEPT_FOR)
    return old.filter(~Q(outcome=Outcome.GOOD) | Exists(later)).delete()[0]
