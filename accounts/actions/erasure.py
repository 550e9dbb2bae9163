"""A customer wants to be forgotten: asked for by a full member, decided by a clerk, done in one transaction.

Whoever acts for no customer closes the own account without the office: nothing hangs on it that the law keeps.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import erasing
from accounts.actions.people import tell_members
from accounts.erasing import report_lines
from accounts.links import for_customer, link_for
from accounts.models import Customer, ErasureRequest, User
from portal import collect
from portal.addresses import plain
from portal.errors import Refused
from portal.events import record
from portal.files.store import remove_files
from portal.numbers import next_number
from portal.outbox.models import Message, State
from portal.outbox.queue import send
from portal.words import one_stop

Decision = ErasureRequest.Decision
# To an address that the portal forgets once this letter is sent.
LAST_WORDS = "accounts/erased"
LAST_WORDS_KEPT_DAYS = 7


def objections(customer: Customer) -> list[tuple[str, str]]:
    """Why the customer cannot be forgotten now: sentences for the customer, each with the page of what it names."""
    return [found for find in collect.erasure_objections for found in find(customer)]


@transaction.atomic
def ask_erasure(customer: Customer, *, by: User, note: str = "") -> ErasureRequest:
    """A full member asks for everything to be erased. All members are told; those with full access may take it back.

    While a request waits, that one counts.
    """
    customer = _locked(customer.pk, by)
    waiting = ErasureRequest.objects.waiting().filter(customer=customer).first()
    if waiting:
        return waiting
    _refuse_while_needed(customer)
    request = ErasureRequest.objects.create(
        number=next_number("ZU"), customer=customer, asked_by=by, asked_at=timezone.now(), note=note.strip()
    )
    record("erasure.asked", by=by, about=[customer, request], data={"number": request.number})
    _tell_of_request(request, customer)
    return request


def _tell_of_request(request: ErasureRequest, customer: Customer) -> None:
    """Each member reads what would become of the own access and account, and where to go before that."""
    full, leavers = _deciders(customer), erasing.leavers(customer)
    for person in _concerned(customer):
        decides = person.pk in full
        path = link_for(person, customer, reverse("erasure")) if decides else plain(reverse("exports"))
        context = {
            "number": request.number, "customer": customer.name, "by": str(request.asked_by), "path": path,
            "name": person.first_name, "decides": decides, "leaves": person.pk in leavers,
        }  # fmt: skip
        send("accounts/erasure_asked", to=person.email, language=person.language, context=context, about=[request])


def _concerned(customer: Customer) -> QuerySet[User]:
    """Who has access today, and who belongs to nothing else: whoever had access once has nothing to do with it."""
    current = customer.memberships.current().values("user_id")
    return User.objects.filter(Q(pk__in=current) | Q(pk__in=erasing.leavers(customer))).order_by("pk")


def _deciders(customer: Customer) -> set[int]:
    return set(customer.memberships.full().values_list("user_id", flat=True))


def _tell_it_is_off(request: ErasureRequest, customer: Customer, people: Iterable[User]) -> None:
    """To those who were told that all data are to be erased. `by` is empty where the office has said no."""
    by = str(request.decided_by) if request.decision == Decision.WITHDRAWN else ""
    for person in people:
        context = {"number": request.number, "customer": customer.name, "name": person.first_name, "by": by}
        send("accounts/erasure_off", to=person.email, language=person.language, context=context, about=[request])


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
    _tell_it_is_off(request, customer, _concerned(customer).exclude(pk=by.pk))
    return request


@transaction.atomic
def refuse_erasure(request: ErasureRequest, *, by: User, reason: str) -> ErasureRequest:
    """A clerk says no, and why: those read it who may ask for this. The others read that everything stays."""
    customer, request = _begin(request)
    if not reason.strip():
        raise Refused(_("Say why the data cannot be erased; the customer reads it."))
    request.answer = reason.strip()
    _close(request, Decision.REFUSED, by=by)
    data = {"number": request.number}
    record("erasure.refused", by=by, about=[customer, request], data=data, reason=request.answer)
    context = {"number": request.number, "customer": customer.name, "reason": request.answer}
    tell_members(customer, "accounts/erasure_refused", context=context, path=reverse("erasure"), about=[request])
    _tell_it_is_off(request, customer, _concerned(customer).exclude(pk__in=_deciders(customer)))
    return request


@transaction.atomic
def erase(request: ErasureRequest, *, by: User, confirmation: str) -> ErasureRequest:
    """A clerk lets it happen; `confirmation` is the customer's number, typed. It cannot be undone.

    The report stays with the request. It is the last thing that the asker and those with full access hear of us;
    the other members read that it is done, and what became of their account.
    """
    customer, request = _begin(request)
    if confirmation.strip().upper() != customer.number:
        raise Refused(_("Type the customer's number, %(number)s, to confirm.") % {"number": customer.number})
    _refuse_while_needed(customer)
    name, deciders = customer.name, {*_deciders(customer), request.asked_by_id}
    people = {request.asked_by, *_concerned(customer)}
    # Noted before, since the addresses are gone afterwards. The asker may have closed the own account meanwhile.
    readers = [(person.pk, person.email, person.language) for person in people if not person.erased_at]
    found = erasing.plan(customer, lock=True)
    report = found.report()
    _carry_out(found)
    request.refresh_from_db()
    request.report = report
    _close(request, Decision.ERASED, by=by)
    record("erasure.done", by=by, about=[customer, request], data={"number": request.number})
    for pk, address, language in sorted(readers):
        context = {
            "number": request.number, "customer": name, "leaves": pk in found.scope.persons,
            "lines": partial(report_lines, report) if pk in deciders else None,
        }  # fmt: skip
        send(LAST_WORDS, to=address, language=language, context=context, secret=True)
    return request


def why_not_closed(person: User) -> list[tuple[str, str]]:
    """What stands against closing the account now: sentences for the person, each with the page where to end it."""
    acts = _("You act for %(customer)s. Give up that access first.")
    belongs = _("You are in the team of %(partner)s. Leave it first, or write to us if you are its only manager.")
    customers = Customer.objects.filter(memberships__in=person.memberships.current()).order_by("name", "pk")
    teams = person.partner_memberships.select_related("partner").order_by("partner__name", "pk")
    leave = plain(reverse("access-leave"))
    return [
        *((one_stop(acts % {"customer": one.name}), for_customer(one.number, leave)) for one in customers),
        *(
            (one_stop(belongs % {"partner": place.partner.name}), plain(reverse("work-leave", args=[place.pk])))
            for place in teams
        ),
    ]


@transaction.atomic
def close_account(person: User) -> None:
    """Erases the account of a person who acts for nobody. It cannot be undone; a last letter tells of it."""
    person = User.objects.select_for_update().get(pk=person.pk)
    if person.is_staff or person.erased_at:
        raise PermissionDenied
    if found := why_not_closed(person):
        raise Refused(" ".join(sentence for sentence, _url in found))
    address, language = person.email, person.language
    plan = erasing.plan_of_account(person)
    report = plan.report()
    _carry_out(plan)
    record("person.closed", by=person, about=[person])
    context = {"number": "", "customer": "", "leaves": True, "lines": partial(report_lines, report)}
    send(LAST_WORDS, to=address, language=language, context=context, secret=True)


def _carry_out(found: erasing.Plan) -> None:
    """The rows now, the files once that is committed."""
    for stored in erasing.carry_out(found):
        transaction.on_commit(partial(_remove, stored), robust=True)


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
        raise Refused(" ".join([_("The data are still needed."), *(sentence for sentence, _url in found)]))


def _close(request: ErasureRequest, decision: str, *, by: User) -> None:
    request.decision, request.decided_at, request.decided_by = decision, timezone.now(), by
    request.save()


def forget_last_words() -> int:
    """The last letters to people whose data are erased, once they are sent, or could not be for a week."""
    late = timezone.now() - timedelta(days=LAST_WORDS_KEPT_DAYS)
    letters = Message.objects.filter(kind=LAST_WORDS)
    gone, _rows = (letters.filter(state=State.SENT) | letters.filter(created_at__lt=late)).delete()
    return gone
