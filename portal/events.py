"""The audit trail: who did what to which thing, when, and why.

A row is written in the transaction of the change that it tells of. Rows are never changed or deleted; a
trigger in the database sees to that. An event names every thing that it is about, so the timeline of a
device is one query.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from portal.access import Grade
from portal.prepared import Prepared
from portal.words import version_words


def key(thing: models.Model) -> str:
    """Names a thing in the trail, e.g. "devices.device:12"."""
    return f"{thing._meta.label_lower}:{thing.pk}"


@dataclass(frozen=True)
class Verb:
    """How an act is told: `sentence` may name entries of the event's data, e.g. "Order %(number)s sent".

    An entry `name` needs no mention: it is told after the sentence, "Device added: Boiler room".
    `staff_only`: the act is told to the staff alone; `reason_for_staff`: its reason is.
    `unnumbered`: the sentence where the data have no number, or "–" for it.
    `keeps`: what an erasure leaves in the data of this act besides `KEPT_FACTS`, since no person's words stand there.
    """

    sentence: Any
    tone: str = "neutral"
    staff_only: bool = False
    reason_for_staff: bool = False
    unnumbered: Any = ""
    keeps: frozenset[str] = frozenset()


VERBS: dict[str, Verb] = {}


def describe(verbs: dict[str, Verb]) -> None:
    """Called from each app's `AppConfig.ready()` with the acts that it records."""
    VERBS.update(verbs)


class Telling:
    """How an act is told, from its verb, facts and reason."""

    verb: Any
    data: Any
    reason: Any

    @property
    def sentence(self) -> str:
        """What happened, in the reader's language."""
        verb = VERBS.get(self.verb)
        if verb is None:
            return self.verb
        is_unnumbered = verb.unnumbered and self.data.get("number", "–") == "–"
        told = str(verb.unnumbered if is_unnumbered else verb.sentence) % _shown(self.data)
        return f"{told}: {self.data['name']}" if self.data.get("name") else told

    @property
    def tone(self) -> str:
        verb = VERBS.get(self.verb)
        return verb.tone if verb else "neutral"

    @property
    def staff_only_verb(self) -> bool:
        verb = VERBS.get(self.verb)
        return verb is None or verb.staff_only

    def reason_told_to(self, reader: Any) -> str:
        """The reason, unless it was written for the staff and the reader is somebody else."""
        verb = VERBS.get(self.verb)
        return "" if verb and verb.reason_for_staff and not reader.is_staff else self.reason


@dataclass(frozen=True)
class Told(Telling):
    """What a timeline tells of an event."""

    at: datetime
    verb: str
    data: dict[str, Any]
    reason: str
    actor: Any


# The columns of a person that a timeline needs; the last one is never empty.
PERSON = ["is_staff", "first_name", "last_name", "email"]


class EventQuerySet(models.QuerySet):
    def about(self, thing: models.Model) -> Self:
        """The thing's timeline, newest first, with the people in it."""
        found = self.filter(topics__contains=[key(thing)]).select_related("actor")
        # A phone number is parsed when it is loaded, which takes longer than the rest of the event.
        return found.defer("actor__phone").order_by("-at", "-pk")


class Event(Telling, models.Model):
    """One act of a person or of the portal itself (`actor` empty)."""

    staff_only = True

    at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    # No constraint: the trail outlives the person, and must not be changed when the person goes.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        verbose_name=_("who"),
        null=True,
        db_constraint=False,
        related_name="+",
    )
    verb = models.CharField(_("act"), max_length=60, db_index=True)
    topics = ArrayField(models.CharField(max_length=80), verbose_name=_("about"))
    data = models.JSONField(_("facts"), default=dict)
    reason = models.TextField(_("reason"), blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-at", "-pk"]
        permissions = [("export_lists", _("Can take lists of the back office away as tables"))]
        indexes = [GinIndex(fields=["topics"], name="event_topics")]

    def __str__(self) -> str:
        return str(self.sentence)


def _shown(data: dict[str, Any]) -> dict[str, Any]:
    """The facts; days and `moment`, kept in ISO 8601, as the reader writes dates and times; `grade` in words."""
    shown: dict[str, Any] = {}
    if "grade" in data:
        shown["grade"] = Grade(data["grade"]).label
    if "date" in data:
        shown["date"] = date_format(date.fromisoformat(data["date"]), "SHORT_DATE_FORMAT")
    if isinstance(data.get("version"), str):
        shown["version"] = version_words(data["version"])
    if "moment" in data:
        shown["moment"] = date_format(localtime(datetime.fromisoformat(data["moment"])), "SHORT_DATETIME_FORMAT")
    return data | shown if shown else data


TIMELINE = Prepared(
    lambda keys: (
        Event.objects.filter(topics__contains=keys)
        .order_by("-at", "-pk")
        .values_list("at", "verb", "data", "reason", "actor_id", *(f"actor__{name}" for name in PERSON))
    )
)


def told_of(thing: models.Model) -> list[Told]:
    """The thing's timeline, newest first. Rows, and each person once: models take much longer, on every page."""
    people: dict[int | None, Any] = {}
    told = []
    for at, verb, data, reason, pk, *person in TIMELINE.rows(key(thing)):
        # The trail outlives a person: then there is a key, and nobody behind it.
        if pk not in people:
            people[pk] = get_user_model()(pk=pk, **dict(zip(PERSON, person, strict=True))) if person[-1] else None
        told.append(Told(at, verb, json.loads(data), reason, people[pk]))
    return told


def record(
    verb: str,
    *,
    by: Any,
    about: Iterable[models.Model],
    data: dict[str, Any] | None = None,
    reason: str = "",
) -> Event:
    """Writes one event. `by` is a person, or None for the portal itself; `data` must be JSON."""
    return Event.objects.create(
        verb=verb,
        actor=by,
        topics=[key(thing) for thing in about],
        data=data or {},
        reason=reason,
    )
