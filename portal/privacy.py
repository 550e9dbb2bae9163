"""What each field of each table holds about people, and what becomes of it when somebody wants to be forgotten.

Each app declares its tables in `<app>/privacy.py`, called from `AppConfig.ready()`. A test demands a class for each
field. The export of a customer's data and the erasure read this list and nothing else.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import connection, models
from django.db.models import Case, F, QuerySet, Value, When
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField


class Kind(StrEnum):
    """What a field holds."""

    PERSON = "person"  # names somebody
    CONTACT = "contact"  # leads to somebody: address, phone, e-mail address, network address
    FREE_TEXT = "free_text"  # people wrote it, so it may name anybody
    FILE = "file"  # a document or picture
    FACT = "fact"  # says nothing about a person once the rest is gone
    LINK = "link"  # points to another row
    SECRET = "secret"  # noqa: S105  lets its bearer in; never handed out
    INTERNAL = "internal"  # the portal's own bookkeeping


ERASED = frozenset({Kind.PERSON, Kind.CONTACT, Kind.FREE_TEXT})
HIDDEN = frozenset({Kind.SECRET, Kind.INTERNAL})

# Why something stays. The report of an erasure keeps the keys.
REASONS = {
    "record": _("Without the person it only says that there was a customer with this number."),
    "requests": _("Shows that the request was answered, and by whom."),
    "consents": _("Shows that there was a consent, and to which words (GDPR, article 7)."),
    "access": _("Shows who in the office looked at the data (GDPR, article 5)."),
    "trail": _("Shows who did what and when (GDPR, article 5); names and words are taken out."),
    "device": _("Serial numbers and dates belong to the device, and the warranty goes on with it."),
    "warranty": _("A claim from the warranty has to be judged as long as it can be made."),
    "work": _("Work on heat pumps and refrigerants has to be proved for five years, and so have its accounts."),
    "account": _("The trail and the papers point to it; it has no name and no address any more."),
}


class Fate(StrEnum):
    """What an erasure does with the rows."""

    GOES = "goes"
    BLANKED = "blanked"  # the row stays, without what names people
    STAYS = "stays"  # belongs to nobody who can be erased with a customer


@dataclass(frozen=True)
class Scope:
    """Whom an erasure is about. `keys` name their things in the trail; `addresses` are e-mail addresses and phones.

    Of somebody who closes the own account the `customer` is None.
    """

    customer: Any
    # Those who belong to nothing else: they go with the customer.
    persons: frozenset[int]
    keys: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Entry:
    """One table. `customer` and `person` say how its rows lead to whom they are about, "" for the row itself."""

    model: type[models.Model]
    kinds: dict[str, Kind]
    fate: Fate = Fate.STAYS
    why: str = ""
    customer: str | None = None
    person: str | None = None
    # What is left in a field, where that is not what `blank` leaves; counted from the row.
    left: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    # (scope) -> the rows, where no path leads to them
    touched: Callable[[Scope], QuerySet] | None = None
    # (user, customer) -> what an export for this member shows; by default what `visible_to` shows
    shown: Callable[[Any, Any], QuerySet] | None = None
    # Fields that everybody sees who sees the row; the others are for those who may see the customer's own record.
    basics: frozenset[str] = frozenset()
    # (row, user) -> the row as an export tells it, where the fields alone would tell nobody anything
    told: Callable[[Any, Any], dict[str, Any]] | None = None
    exported: bool = True
    # What an export says of the table: a sentence for the reader of its files.
    holds: Any = ""
    # What its rows are called for customers, where the office or somebody else's library says it otherwise.
    called: Any = ""
    # What the names of linked rows are made of, two steps away: asked for with the rows.
    related: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    @property
    def words(self) -> str:
        """What a reader calls the rows, in the middle of a sentence."""
        return str(self.called or self.model._meta.verbose_name_plural)

    @property
    def title(self) -> str:
        return capfirst(self.words)

    @property
    def is_about_somebody(self) -> bool:
        return self.customer is not None or self.person is not None or self.touched is not None

    def of_kind(self, *kinds: Kind) -> list[models.Field]:
        names = [name for name, kind in self.kinds.items() if kind in kinds]
        return [self.model._meta.get_field(name) for name in names]  # type: ignore[misc]

    def rows(self, scope: Scope) -> QuerySet:
        """The rows that an erasure touches."""
        everything = self.model._default_manager.all()
        if self.touched:
            return self.touched(scope)
        found = everything.none()
        if self.customer is not None and scope.customer:
            found |= everything.filter(**{self.customer or "pk": scope.customer.pk})
        if self.person is not None:
            found |= everything.filter(**{f"{self.person or 'pk'}__in": scope.persons})
        return found

    def shown_to(self, user: Any, customer: Any) -> QuerySet:
        """What an export about the customer shows this member; `user` acts for the customer.

        Without a customer it is about the user alone, who acts for nobody: `visible_to` then shows nothing.
        """
        everything = self.model._default_manager.all()
        if self.shown:
            return self.shown(user, customer)
        if self.customer is not None:
            return everything.visible_to(user).order_by("pk")  # type: ignore[attr-defined]
        return everything.filter(**{self.person or "pk": user.pk}).order_by("pk")


# `person` says whom a row is about, so the fields that name people are given as `names`.
_WORD = {Kind.PERSON: "names"}

# By label, in the order of the floors: what is declared later may point to what is declared before.
REGISTRY: dict[str, Entry] = {}


def declare(model: type[models.Model], *, fate: Fate = Fate.STAYS, basics: str = "", **more: Any) -> None:
    """Tells of one table. Besides `Entry`'s own words, each kind takes the names of its fields: fact="kind number".

    `customer` is taken from the model's `customer_path`, unless it is said.
    """
    kinds = {name: kind for kind in Kind for name in more.pop(_WORD.get(kind, kind), "").split()}
    more.setdefault("customer", getattr(model, "customer_path", None))
    entry = Entry(model, kinds, fate, basics=frozenset(basics.split()), **more)
    REGISTRY[entry.label] = entry


# Names in a row are this sign after an erasure: not empty, since many a constraint wants something to be there.
BLANK = "–"


def shown(contact: str) -> Any:
    """An address of somebody as a page tells it: "erased" for what an erasure has left of it."""
    return _("erased") if contact == BLANK or contact.endswith("@invalid") else contact


def blank(column: models.Field) -> Any:
    """What an erasure leaves in a column: a value, or an expression for the update of many rows."""
    if column.null:
        return None
    if isinstance(column, models.EmailField):
        return models.functions.Concat(
            Value("erased-"), models.functions.Cast(F("pk"), models.CharField()), Value("@invalid")
        )
    if isinstance(column, PhoneNumberField):
        return ""
    if isinstance(column, models.CharField | models.TextField):
        return Case(When(**{column.name: ""}, then=Value("")), default=Value(BLANK))
    return column.get_default()


@contextmanager
def erasing() -> Iterator[None]:
    """The one door through the triggers that keep papers and the trail as they are. Within a transaction only.

    Through it names and words can be taken out of them; facts cannot be changed, and no row of the trail goes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('obok.erasing', 'on', true)")
        yield
        cursor.execute("SELECT set_config('obok.erasing', 'off', true)")
