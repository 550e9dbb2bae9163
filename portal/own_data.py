"""What the ground floor's own tables, and those of Django, hold about people."""

import json
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from portal.access import Area, may
from portal.events import VERBS, Event, key
from portal.files.models import Document
from portal.numbers import NumberSeries
from portal.outbox.models import Message
from portal.privacy import BLANK, REGISTRY, Fate, Scope, declare
from portal.ui.templatetags.ui import who

# Facts of an event that are the portal's own words, never a person's.
KEPT_FACTS = frozenset({
    "number", "protocol", "serial", "model", "partner", "date", "moment", "version",
    "grade", "before", "starts_on", "ends_on",
})  # fmt: skip


def declare_own_data() -> None:
    declare(Permission, fact="id name content_type codename")
    declare(Group, fact="id name permissions")
    declare(ContentType, fact="id app_label model")
    # The back office edits products and checklists with it, no people.
    declare(
        LogEntry, link="user content_type", fact="id action_time object_id object_repr action_flag change_message"
    )  # fmt: skip
    declare(
        Session, called=gettext_lazy("what browsers that are signed in remember"),
        fate=Fate.GOES, touched=_sessions, exported=False,
        internal="session_key expire_date", secret="session_data",  # noqa: S106  the class, not a secret
    )  # fmt: skip
    declare(NumberSeries, internal="id kind year last")
    declare(
        Event, called=gettext_lazy("lines of the history"), holds=gettext_lazy("What was done, when and by whom."),
        fate=Fate.BLANKED, why="trail", touched=_events, shown=_history, told=_event_told,
        left={"data": lambda event: without_people(event.verb, event.data)},
        fact="id at verb", link="actor", internal="topics", free_text="data reason",
    )  # fmt: skip
    declare(
        Message, called=gettext_lazy("letters and SMS"), holds=gettext_lazy("The letters and SMS that we sent to you."),
        fate=Fate.GOES, touched=_messages, shown=_letters, told=_letter_told,
        contact="recipient", free_text="subject text html calendar last_error",
        fact="id channel kind language state created_at sent_at", link="documents",
        internal="key secret topics attempts not_before claimed_at provider_id",
    )  # fmt: skip
    # The files that rows point to go with the rows, and stand beside them in an export.
    declare(
        Document, fate=Fate.GOES, touched=_forgotten_uploads, exported=False,
        free_text="name", file="file", fact="id content_type size pages created_at",
        internal="sha256 attached_at", link="uploaded_by",
    )  # fmt: skip


def _sessions(scope: Scope) -> QuerySet:
    """Those that are listed as theirs, and those that nobody's list has any more but that name them inside."""
    from allauth.usersessions.models import UserSession

    theirs = UserSession.objects.filter(user__in=scope.persons).values("session_key")
    unlisted = Session.objects.exclude(session_key__in=UserSession.objects.values("session_key"))
    found = [one.pk for one in unlisted.iterator(chunk_size=500) if _names(one.get_decoded(), scope)]
    return Session.objects.filter(Q(session_key__in=theirs) | Q(session_key__in=found))


def _names(session: dict[str, Any], scope: Scope) -> bool:
    """Whether a session is of one of those people, or carries the address of one."""
    if session.get("_auth_user_id") in {str(pk) for pk in scope.persons}:
        return True
    words = json.dumps(session, ensure_ascii=False).lower()
    return any(address.lower() in words for address in scope.addresses)


def _events(scope: Scope) -> QuerySet:
    return Event.objects.filter(topics__overlap=scope.keys)


def without_people(verb: str, data: dict[str, Any]) -> dict[str, Any]:
    """The facts of an event, with a dash for every word that a person may have written."""
    kept = KEPT_FACTS | (VERBS[verb].keeps if verb in VERBS else frozenset())
    return {name: value if name in kept else _dashed(value) for name, value in data.items()}


def _dashed(value: Any) -> Any:
    if isinstance(value, str):
        return BLANK
    return type(value)() if isinstance(value, dict | list) else value


def _messages(scope: Scope) -> QuerySet:
    return Message.objects.filter(Q(topics__overlap=scope.keys) | Q(recipient__in=scope.addresses))


def _forgotten_uploads(scope: Scope) -> QuerySet:
    return Document.objects.unattached().filter(uploaded_by__in=scope.persons)


def visible_keys(user: Any, customer: Any) -> list[str]:
    """The things of a customer that this member may see, as the trail names them; the own account among them."""
    keys = [f"accounts.user:{user.pk}"]
    for entry in REGISTRY.values():
        # What is about the customer as such is the business of those who may see its record.
        if entry.exported and entry.customer:
            keys += [f"{entry.label}:{pk}" for pk in entry.shown_to(user, customer).values_list("pk", flat=True)]
    if customer and may(user, Area.ACCOUNT, customer=customer.pk):
        keys.append(f"accounts.customer:{customer.pk}")
    return keys


def _history(user: Any, customer: Any) -> QuerySet:
    told = [name for name, verb in VERBS.items() if not verb.staff_only]
    found = Event.objects.filter(verb__in=told, topics__overlap=visible_keys(user, customer))
    return found.select_related("actor").order_by("at", "pk")


def _event_told(event: Event, user: Any) -> dict[str, Any]:
    return {"at": event.at, "what": event.sentence, "who": who(event, user), "reason": event.reason_told_to(user)}


def _letters(user: Any, customer: Any) -> QuerySet:
    own = Message.objects.filter(
        recipient__in=[user.email, *([user.phone.as_e164] if user.phone else [])], secret=False
    )
    if customer is None:
        # Of what is left of former customers and of a team, too; a phone may be somebody else's as well.
        found = own.filter(Q(recipient=user.email) | Q(topics__contains=[key(user)]))
    else:
        found = own.filter(topics__overlap=visible_keys(user, customer))
    return found.order_by("created_at", "pk")


def _letter_told(message: Message, user: Any) -> dict[str, Any]:
    return {
        "sent_at": message.sent_at, "channel": message.channel, "recipient": message.recipient,
        "subject": message.subject, "text": message.text,
    }  # fmt: skip
