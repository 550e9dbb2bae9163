"""Words for the pages about sign-ins and sessions."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from allauth.usersessions.models import UserSession
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import SignIn, User
from accounts.signing_in.browsers import in_words
from portal.events import Event
from portal.ui.table import Column, Table
from portal.ui.templatetags.ui import chip, local_moment

# What changes who gets in, or what they may see.
MATTERS = ("password.", "email.", "factor.", "recovery.", "phone.", "sessions.", "signin.", "access.", "export.")
ACTS_SHOWN = 50
TONES = {SignIn.Outcome.GOOD: "done", SignIn.Outcome.TOO_MANY: "problem"}


def sign_in_table(request: HttpRequest, rows: Iterable[SignIn]) -> Table:
    """One line for each try; the one by which the reader came in says so."""
    own = request.session.get("sign_in")
    columns = [
        Column(_("When"), "main-cell"), Column(_("Result")), Column(_("Browser")), Column(_("Network address")),
        Column(_("With")),
    ]  # fmt: skip
    lines = [(*_when(row, own), in_words(row.user_agent), row.address or "–", _with(row)) for row in rows]
    return Table(columns, lines)


def _when(row: SignIn, own: int | None) -> tuple[SafeString, SafeString]:
    moment = local_moment(row.at)
    if row.pk == own:
        moment = format_html("{} ({})", moment, _("this time"))
    return moment, chip(TONES.get(SignIn.Outcome(row.outcome), "attention"), row.get_outcome_display())


def _with(row: SignIn) -> str:
    """Password, passkey or link, and the second factor."""
    parts = [row.get_method_display(), row.get_factor_display()]
    return capfirst(" + ".join(part for part in parts if part))


def acts_that_matter(person: User) -> "QuerySet[Event]":
    """What was done about the account, newest first."""
    chosen = reduce(or_, (Q(verb__startswith=beginning) for beginning in MATTERS))
    return Event.objects.about(person).filter(chosen)[:ACTS_SHOWN]


@dataclass(frozen=True)
class SessionRow:
    session: UserSession
    browser: str
    is_own: bool


def session_rows(request: HttpRequest, person: User) -> list[SessionRow]:
    """The person's sessions that still work: the reader's own first, then the last used."""
    rows = [
        SessionRow(session, in_words(session.user_agent), session.session_key == request.session.session_key)
        for session in UserSession.objects.purge_and_list(person)
    ]
    return sorted(rows, key=lambda row: (row.is_own, row.session.last_seen_at), reverse=True)
