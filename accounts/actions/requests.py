"""Changes of a customer's record: members ask for them, clerks let them through. The customer's row is locked first."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.links import link_for
from accounts.models import ChangeRequest, Customer, User
from accounts.models.requests import PARTS, part_name, values_of
from portal import collect
from portal.access import Area
from portal.errors import Refused
from portal.events import record
from portal.files.models import Document
from portal.files.store import attach
from portal.numbers import next_number
from portal.outbox.queue import send

Decision = ChangeRequest.Decision


@transaction.atomic
def ask_for_change(
    customer: Customer, *, wanted: Mapping[str, str], by: User, note: str = "", documents: Iterable[Document] = ()
) -> ChangeRequest:
    """A full member asks for other data; `wanted` maps fields to what they are to be. Twice the same is one request.

    Raises Refused if nothing is different, or if another request waits.
    """
    customer = _locked(customer.pk, by)
    changes = _changes(customer, wanted)
    if not changes:
        raise Refused(_("Nothing here is different from what we have on record."))
    waiting = ChangeRequest.objects.waiting().filter(customer=customer).first()
    if waiting and waiting.asked_by_id == by.pk and waiting.changes == changes:
        return waiting
    if waiting:
        raise Refused(
            _("Our office has a request of yours already, %(number)s. Wait for the answer, or take it back.")
            % {"number": waiting.number}
        )
    documents = list(documents)
    attach(documents)
    request = ChangeRequest.objects.create(
        number=next_number("ZD"),
        customer=customer,
        asked_by=by,
        asked_at=timezone.now(),
        changes=changes,
        note=note,
    )
    request.documents.set(documents)
    record("change.asked", by=by, about=[customer, request], data={"number": request.number})
    _tell(request, "accounts/change_asked")
    return request


def _locked(pk: int, by: User) -> Customer:
    """The customer, locked; refused to whoever may not decide on everything for it."""
    customer = Customer.objects.select_for_update().get(pk=pk)
    if not customer.memberships.full().filter(user=by).exists():
        raise PermissionDenied
    return customer


def _changes(customer: Customer, wanted: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Each part that is different, with all of its fields."""
    changes: dict[str, dict[str, str]] = {}
    for part, fields in PARTS.items():
        old = dict(zip(fields, values_of(customer, part), strict=True))
        new = {field: str(wanted.get(field, old[field])).strip() for field in fields}
        if old != new:
            changes |= {field: {"old": old[field], "new": new[field]} for field in fields}
    return changes


@transaction.atomic
def withdraw_change(request: ChangeRequest, *, by: User) -> ChangeRequest:
    """A full member takes the request back before it is answered. A second time is harmless."""
    customer = _locked(request.customer_id, by)
    request = ChangeRequest.objects.select_for_update().get(pk=request.pk)
    if request.decision == Decision.WITHDRAWN:
        return request
    _refuse_if_answered(request)
    _close(request, Decision.WITHDRAWN, by=by)
    record("change.withdrawn", by=by, about=[customer, request], data={"number": request.number})
    return request


def fingerprint(request: ChangeRequest, part: str) -> str:
    """Names a part with what the record says of it now. A tick carries it, so it counts only for what was seen."""
    seen = "\0".join([str(request.pk), *values_of(request.customer, part)])
    return f"{part}-{hashlib.sha256(seen.encode()).hexdigest()[:16]}"


@transaction.atomic
def decide_change(
    request: ChangeRequest,
    *,
    ticked: Iterable[str],
    by: User,
    reasons: Mapping[str, str] | None = None,
    answer: str = "",
) -> ChangeRequest:
    """A clerk lets some or all parts through, which are written at once, or none.

    `ticked` are the parts' fingerprints as the clerk saw them; `reasons` maps each part that stays to why, where
    `answer` does not say it.
    """
    customer = Customer.objects.select_for_update().get(pk=request.customer_id)
    request = ChangeRequest.objects.select_for_update(of=("self",)).select_related("decided_by").get(pk=request.pk)
    _refuse_if_answered(request)
    request.customer, ticked, reasons = customer, set(ticked), dict(reasons or {})
    accepted = [part for part in request.parts if fingerprint(request, part) in ticked]
    if len(accepted) != len(ticked):
        raise Refused(_("The record has changed since you opened this page. Look again, and tick knowingly."))
    refused = [part for part in request.parts if part not in accepted]
    if any(not (answer.strip() or reasons.get(part, "").strip()) for part in refused):
        raise Refused(_("Say why for each part that stays as it is; the customer reads it."))
    _write(customer, request, accepted, by=by)
    for part in refused:
        for field in PARTS[part]:
            request.changes[field]["reason"] = reasons.get(part, "").strip()
    request.accepted = [field for part in accepted for field in PARTS[part]]
    decision = Decision.REFUSED if not accepted else Decision.PARTLY if refused else Decision.ACCEPTED
    _close(request, decision, by=by, answer=answer.strip())
    record(
        f"change.{decision}",
        by=by,
        about=[customer, request],
        data={"number": request.number, "fields": request.accepted},
        reason=answer.strip(),
    )
    _tell(request, "accounts/change_answered")
    return request


def _write(customer: Customer, request: ChangeRequest, parts: Iterable[str], *, by: User) -> None:
    """Into the record; higher floors follow with what they say of the customer."""
    fields = [field for part in parts for field in PARTS[part]]
    for field in fields:
        setattr(customer, field, request.changes[field]["new"])
    if not fields:
        return
    customer.save(update_fields=fields)
    for told in collect.customers_changed:
        told(customer, by)


def _refuse_if_answered(request: ChangeRequest) -> None:
    if request.decision == Decision.WITHDRAWN:
        raise Refused(_("The customer has taken this request back."))
    if request.decision and request.decided_by:
        raise Refused(
            _("%(who)s has answered this request already: %(answer)s.")
            % {"who": request.decided_by, "answer": request.get_decision_display()}
        )


def _close(request: ChangeRequest, decision: str, *, by: User, answer: str = "") -> None:
    request.decision, request.decided_at, request.decided_by = decision, timezone.now(), by
    request.answer = answer
    request.save()


def _tell(request: ChangeRequest, kind: str) -> None:
    """Whoever asked reads what was asked for, and later what became of each part; without access, who has it."""
    people = request.customer.people(Area.ACCOUNT)
    context: dict[str, Any] = {
        "number": request.number,
        "customer": str(request.customer),
        "parts": [part_name(request.customer, part) for part in request.parts],
        "answer": request.answer,
        "decision": request.decision,
        "outcome": [
            (part_name(request.customer, part), request.is_accepted(part), request.reason(part))
            for part in request.parts
        ],
    }
    for person in people.filter(pk=request.asked_by_id) or people:
        path = link_for(person, request.customer, reverse("change-request", args=[request.pk]))
        own = {**context, "name": person.first_name, "path": path}
        send(kind, to=person.email, language=person.language, context=own, about=[request])
