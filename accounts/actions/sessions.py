"""Where a person is signed in, and ending that."""

from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts.models import User
from portal.events import record


@transaction.atomic
def end(session: UserSession, *, by: User) -> None:
    """Whoever uses this session has to sign in again."""
    session.end()
    record("sessions.ended", by=by, about=[session.user])


@transaction.atomic
def end_others(person: User, *, but: str) -> int:
    """Ends the person's sessions, but for the one with this key; tells how many there were."""
    count = end_all(person, but=but)
    if count:
        record("sessions.ended", by=person, about=[person])
    return count


@transaction.atomic
def end_by_office(person: User, *, by: User) -> None:
    """A clerk signs somebody out everywhere, e.g. because a phone was stolen."""
    end_all(person)
    record("sessions.ended_by_office", by=by, about=[person])


def end_all(person: User, *, but: str = "") -> int:
    """Ends the sessions without a word in the trail: for acts that tell of it themselves."""
    sessions = [row for row in UserSession.objects.purge_and_list(person) if row.session_key != but]
    for session in sessions:
        session.end()
    return len(sessions)
