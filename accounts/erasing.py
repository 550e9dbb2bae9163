"""The erasure of a customer's data or of an account: what `portal.privacy.REGISTRY` says of each table, done.

What goes and what stays is counted first, by the same rules: so the clerk reads beforehand what the report will say.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst

from accounts.models import Customer, EmailChange, MobileCode, TeamInvitation, User
from portal.events import key
from portal.files.models import Document
from portal.privacy import ERASED, REASONS, REGISTRY, Entry, Fate, Kind, Scope, blank, erasing

# A statement names so many rows at most.
AT_ONCE = 1000


@dataclass
class Plan:
    """The rows of each table that are about the customer, and the files that belong to them."""

    scope: Scope
    rows: dict[str, list[Any]] = field(default_factory=dict)
    documents: set[Any] = field(default_factory=set)
    # Files that are no documents, by their stored names.
    files: set[str] = field(default_factory=set)

    @property
    def touched(self) -> list[tuple[Entry, list[Any]]]:
        """What there is, from the ground floor up."""
        return [(entry, self.rows[label]) for label, entry in REGISTRY.items() if self.rows.get(label)]

    def report(self) -> list[dict[str, Any]]:
        """For each table how many rows go or stay, and why: label, count, "erased" or "kept", key of REASONS."""
        return [
            {
                "what": entry.label,
                "count": len(pks),
                "done": "erased" if entry.fate == Fate.GOES else "kept",
                "why": entry.why,
            }
            for entry, pks in self.touched
        ]


def leavers(customer: Customer) -> frozenset[int]:
    """Those members who belong to nothing else: their accounts go with the customer."""
    members = User.objects.filter(memberships__customer=customer, is_staff=False, partner_memberships=None)
    others = User.objects.filter(memberships__customer__in=Customer.objects.exclude(pk=customer.pk))
    return frozenset(members.exclude(pk__in=others.values("pk")).values_list("pk", flat=True))


def _scope(customer: Customer | None, persons: frozenset[int]) -> Scope:
    bare = Scope(customer, persons, addresses=_addresses(persons))
    return replace(bare, keys=_keys(bare))


def _addresses(persons: frozenset[int]) -> list[str]:
    """Where the portal wrote to those who go, and to nobody who stays: some letters name nothing that they are about.

    Letters about the customer are found by its keys, wherever they went.
    """
    found = {address for person in User.objects.filter(pk__in=persons) for address in _reached_at(person)}
    for change in EmailChange.objects.filter(user__in=persons):
        found |= {change.old, change.new}
    found |= {code.number.as_e164 for code in MobileCode.objects.filter(user__in=persons)}
    staying = User.objects.filter(Q(email__in=found) | Q(phone__in=found)).exclude(pk__in=persons)
    return sorted(found - {address for person in staying for address in _reached_at(person)})


def _reached_at(person: User) -> set[str]:
    return {person.email, *([person.phone.as_e164] if person.phone else [])}


def _keys(scope: Scope) -> list[str]:
    """How the trail and the outbox name the customer's things."""
    keys = [f"accounts.user:{pk}" for pk in scope.persons]
    if scope.customer:
        keys.append(key(scope.customer))
    for entry in REGISTRY.values():
        if entry.customer:
            keys += [f"{entry.label}:{pk}" for pk in entry.rows(scope).values_list("pk", flat=True)]
    # These belong to no customer.
    return keys + [key(one) for one in TeamInvitation.objects.filter(email__in=scope.addresses)]


def plan(customer: Customer, *, lock: bool = False) -> Plan:
    """What an erasure would do now. Changes nothing.

    With `lock`, in a transaction: whoever is about to give a paper its PDF comes before, or finds the names gone; and
    so does a member who is about to accept the invitation of another customer.
    """
    if lock:
        list(User.objects.filter(memberships__customer=customer).order_by("pk").select_for_update(of=("self",)))
    return _plan(_scope(customer, leavers(customer)), lock)


def plan_of_account(person: User) -> Plan:
    """What it would do to close the account of somebody who acts for no customer. The caller has locked the person."""
    return _plan(_scope(None, frozenset({person.pk})), lock=True)


def _plan(scope: Scope, lock: bool) -> Plan:
    found = Plan(scope)
    for label, entry in REGISTRY.items():
        if entry.is_about_somebody:
            found.rows[label] = list(entry.rows(found.scope).values_list("pk", flat=True).distinct())
            files = entry.of_kind(Kind.FILE)
            if lock and files:
                list(_rows(entry, found.rows[label]).order_by("pk").select_for_update(of=("self",)))
            for column in files:
                _note_files(found, entry, column)
    found.rows[Document._meta.label_lower] = list(found.documents.union(found.rows[Document._meta.label_lower]))
    return found


def _note_files(found: Plan, entry: Entry, column: models.Field) -> None:
    if entry.model is Document:
        return
    values = entry.model._default_manager.filter(pk__in=found.rows[entry.label]).values_list(column.name, flat=True)
    held = {value for value in values if value}
    if column.is_relation:
        found.documents |= held
    else:
        found.files |= held


def carry_out(found: Plan) -> list[str]:
    """Erases, in the caller's transaction. The stored files that are to be removed once it is committed."""
    documents = Document.objects.filter(pk__in=found.rows[Document._meta.label_lower])
    files = [*documents.values_list("file", flat=True), *found.files]
    with erasing():
        # From the ground floor up, since papers take over what is left of people and places; then rows from above.
        for entry, pks in found.touched:
            if entry.fate == Fate.BLANKED:
                _blank(entry, pks)
        for entry, pks in reversed(found.touched):
            if entry.fate == Fate.GOES and entry.model is not Document:
                _rows(entry, pks).delete()
        documents.delete()
        now = timezone.now()
        User.objects.filter(pk__in=found.scope.persons).update(erased_at=now)
        if found.scope.customer:
            Customer.objects.filter(pk=found.scope.customer.pk).update(erased_at=now)
    return files


def _rows(entry: Entry, pks: list[Any]) -> models.QuerySet:
    return entry.model._default_manager.filter(pk__in=pks)


def _blank(entry: Entry, pks: list[Any]) -> None:
    """Takes names, words and files out of the rows: what each row has to say itself first, the rest in one go."""
    for start in range(0, len(pks), AT_ONCE):
        rows = _rows(entry, pks[start : start + AT_ONCE])
        if entry.left:
            for row in rows.order_by("pk"):
                _leave(entry, row)
        values = {column.name: blank(column) for column in entry.of_kind(*ERASED) if column.name not in entry.left}
        values |= {column.name: None for column in entry.of_kind(Kind.FILE) if column.many_to_one}
        if values:
            rows.update(**values)


def _leave(entry: Entry, row: models.Model) -> None:
    for name, left in entry.left.items():
        setattr(row, name, left(row))
    entry.model._default_manager.filter(pk=row.pk).update(**{name: getattr(row, name) for name in entry.left})


def report_lines(report: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The report of an erasure in the reader's language: "erased" and "kept", each with what, count, why."""
    found: dict[str, list[dict[str, Any]]] = {"erased": [], "kept": []}
    for line in report:
        why = REASONS[line["why"]] if line["why"] else ""
        found[line["done"]].append({"what": REGISTRY[line["what"]].title, "count": line["count"], "why": why})
    return found


def what_stays() -> list[tuple[str, Any]]:
    """The records that an erasure leaves without the person, and why: those with one reason in one line."""
    records: dict[str, list[str]] = {}
    for entry in REGISTRY.values():
        if entry.fate == Fate.BLANKED:
            records.setdefault(entry.why, []).append(entry.words)
    return [(capfirst(", ".join(records[code])), why) for code, why in REASONS.items() if code in records]
