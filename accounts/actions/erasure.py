"""A customer wants to be forgotten: asked for by a full member, decided by a clerk, done in one transaction."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import erasing
from accounts.actions.people import tell_members
from accounts.erasing import report_lines
from accounts.models import Customer, ErasureRequest, User
from portal import collect
from portal.errors import Refused
from portal.events import record
from portal.files.store import remove_files
from portal.numbers import next_number
from portal.outbox.models import Message, State
from portal.outbox.queue import send

Decision = ErasureRequest.Decision
# To an address that the portal forgets once this letter is sent.
LAST_WORDS = "accounts/erased"
LAST_WORDS_KEPT_DAYS = 7


def objections(customer: Customer) -> list[str]:
    """Why the customer cannot be forgotten now: sentences for the customer."""
    return [sentence for find in collect.erasure_objections for sentence in find(customer)]


@transaction.atomic
def ask_erasure(customer: Customer, *, by: User, note: str = "") -> ErasureRequest:
    """A full member asks for everything to be erased. All full members are told, since each may take it back.

    While a request waits, that one counts.
    """
    customer = _locked(customer.pk, by)
    waiting = ErasureRequest.objects.waiting().filter(customer=customer).first()
    if waiting:
        return waiting
    _refuse_while_needed(customer)
    request = ErasureRequest.objects.create(number=next_number("ZU"), customer=customer, asked_by=by, note=note.strip())
    record("erasure.asked", by=by, about=[customer, request], data={"number": request.number})
    context = {"number": request.number, "customer": customer.name, "by": str(by)}
    tell_members(customer, "accounts/erasure_asked", context=context, path=reverse("erasure"), about=[request])
    return request


@transaction.atomic
def withdraw_erasure(request: ErasureRequest, *, by: User) -> ErasureRequest:
    """A full member takes the request back before it is answered. A second time is harmless."""
    customer = _locked(request.customer_id, by)
    request = ErasureRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.decision == Decision.WITHDRAWN:
        return request
    _refuse_answered(request)
    _close(request, Decision.WITHDRAWN, by=by)
    record("erasure.withdrawn", by=by, about=[customer, request], data={"number": request.number})
    return request


@transaction.atomic
def refuse_erasure(request: ErasureRequest, *, by: User, reason: str) -> ErasureRequest:
    """A clerk says no, and why."""
    customer, request = _begin(request)
    if not reason.strip():
        raise Refused(_("Say why the data cannot be erased; the customer reads it."))
    request.answer = reason.strip()
    _close(request, Decision.REFUSED, by=by)
    data = {"number": request.number}
    record("erasure.refused", by=by, about=[customer, request], data=data, reason=request.answer)
    context = {"number": request.number, "customer": customer.name, "reason": request.answer}
    tell_members(customer, "accounts/erasure_refused", context=context, path=reverse("erasure"), about=[request])
    return request


@transaction.atomic
def erase(request: ErasureRequest, *, by: User, confirmation: str) -> ErasureRequest:
    """A clerk lets it happen; `confirmation` is the customer's number, typed. It cannot be undone.

    The report stays with the request, and is the last thing that the asker hears of us.
    """
    customer, request = _begin(request)
    if confirmation.strip().upper() != customer.number:
        raise Refused(_("Type the customer's number, %(number)s, to confirm.") % {"number": customer.number})
    _refuse_while_needed(customer)
    asker = request.asked_by
    address, language, name = asker.email, asker.language, customer.name
    found = erasing.plan(customer, lock=True)
    report = found.report()
    files = erasing.carry_out(found)
    request.refresh_from_db()
    request.report = report
    _close(request, Decision.ERASED, by=by)
    record("erasure.done", by=by, about=[customer, request], data={"number": request.number})
    context = {"number": request.number, "customer": name, "lines": partial(report_lines, report)}
    send(LAST_WORDS, to=address, language=language, context=context, secret=True)
    for stored in files:
        transaction.on_commit(partial(_remove, stored), robust=True)
    return request


def _remove(stored: str) -> None:
    """A document with the pictures of its pages; an export is alone."""
    if stored.startswith("documents/"):
        remove_files(stored)
    else:
        Path(default_storage.path(stored)).unlink(missing_ok=True)


def _locked(pk: int, by: User) -> Customer:
    customer = Customer.objects.select_for_update().get(pk=pk)
    if not customer.memberships.full().filter(user=by).exists():
        raise PermissionDenied
    return customer


def _begin(request: ErasureRequest) -> tuple[Customer, ErasureRequest]:
    """Both locked, the customer first: nobody begins anything new for it until this is decided."""
    customer = Customer.objects.select_for_update().get(pk=request.customer_id)
    locked = ErasureRequest.objects.select_for_update(of=("self",)).select_related("asked_by", "decided_by")
    request = locked.get(pk=request.pk)
    _refuse_answered(request)
    return customer, request


def _refuse_answered(request: ErasureRequest) -> None:
    if request.decision == Decision.WITHDRAWN:
        raise Refused(_("The customer has taken this request back."))
    if request.decision:
        raise Refused(
            _("%(who)s has answered this request already: %(answer)s.")
            % {"who": request.decided_by, "answer": request.get_decision_display()}
        )


def _refuse_while_needed(customer: Customer) -> None:
    if found := objections(customer):
        raise Refused(" ".join([_("The data are still needed."), *found]))


def _close(request: ErasureRequest, decision: str, *, by: User) -> None:
    request.decision, request.decided_at, request.decided_by = decision, timezone.now(), by
    request.save()


def forget_last_words() -> int:
    """The last letters to people whose data are erased, once they are sent, or could not be for a week."""
    late = timezone.now() - timedelta(days=LAST_WORDS_KEPT_DAYS)
    letters = Message.objects.filter(kind=LAST_WORDS)
    gone, _rows = (letters.filter(state=State.SENT) | letters.filter(created_at__lt=late)).delete()
    return gone
