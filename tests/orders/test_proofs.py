"""Purchase proofs: which step is allowed in which state, and what each leaves behind."""

import threading
import uuid
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from devices.models import Device
from orders.actions import proofs as actions
from orders.models import Order, PurchaseProof
from portal.errors import Refused
from portal.events import Event
from portal.files.models import Document
from portal.numbers import NumberSeries
from portal.outbox.models import Message
from tests.factories import clerk, customer, device, document, order_in_review, owner_of, person, site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

BOUGHT = date(2024, 6, 1)
WHY = {"reason_code": "unreadable", "reason": "The photo is blurred."}
STATES = ["in_review", "waiting", "done", "refused", "withdrawn"]
# act -> the states in which it is allowed, and the state that it leads to
TABLE = {
    "confirm": ({"in_review"}, "done"),
    "more": ({"in_review"}, "waiting"),
    "refuse": ({"in_review", "waiting"}, "refused"),
    "answer": ({"waiting"}, "in_review"),
    "withdraw": ({"in_review", "waiting"}, "withdrawn"),
}


def do(act: str, order: Order, *, by: Any = None, revision: int | None = None) -> Order:
    """One act, with all that it needs, as whoever may take it."""
    is_clerks = act in ("confirm", "more", "refuse")
    facts = {"by": by or (person(is_staff=True) if is_clerks else owner_of(order.device))}
    facts["revision"] = order.revision if revision is None else revision
    if act == "confirm":
        return actions.confirm_proof(order, **facts)
    if act == "more":
        return actions.ask_for_more(order, **WHY, **facts)
    if act == "refuse":
        return actions.refuse_proof(order, **WHY, **facts)
    if act == "answer":
        return actions.answer_proof(order, purchased_on=BOUGHT, documents=[document()], **facts)
    return actions.withdraw_proof(order, **facts)


def order_in(state: str) -> Order:
    path = {"in_review": None, "waiting": "more", "done": "confirm", "refused": "refuse", "withdrawn": "withdraw"}[
        state
    ]
    order = order_in_review()
    return do(path, order) if path else order


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", TABLE)
def test_every_act_in_every_state(act, state):
    order, (allowed, after) = order_in(state), TABLE[act]
    events = Event.objects.count()
    if state in allowed:
        do(act, order)
    else:
        with pytest.raises(Refused, match=order.number):
            do(act, order)
    order.refresh_from_db()
    assert order.state == (after if state in allowed else state)
    assert (Event.objects.count() > events) is (state in allowed)


@pytest.mark.parametrize("state", STATES)
def test_a_new_proof_may_be_sent_after_a_refusal_or_a_withdrawal_only(state):
    of = order_in(state).device
    if state in ("refused", "withdrawn"):
        assert order_in_review(of).state == "in_review"
    else:
        with pytest.raises(Refused, match="already"):
            order_in_review(of)


@pytest.mark.parametrize("act", TABLE)
def test_a_page_that_is_out_of_date_changes_nothing(act):
    order = order_in("waiting" if act == "answer" else "in_review")
    with pytest.raises(Refused, match="has changed since you opened this page"):
        do(act, order, revision=order.revision - 1)
    assert Order.objects.get().revision == order.revision


def test_the_second_clerk_reads_who_was_first_but_the_owner_does_not():
    order, first = order_in_review(), clerk(first_name="Ewa", last_name="Pierwsza")
    do("more", order, by=first)
    with pytest.raises(Refused, match="Ewa Pierwsza answered it at"):
        do("confirm", order, by=clerk())
    with pytest.raises(Refused) as told:
        do("withdraw", order)
    assert "Pierwsza" not in told.value.sentence


def test_the_purchase_date_comes_with_the_confirmation_alone():
    order = order_in_review(purchased_on=BOUGHT)
    for act in ("more", "answer"):
        do(act, order)
        order.refresh_from_db()
        order.device.refresh_from_db()
        assert order.device.purchased_on is None
    do("confirm", order)
    assert Device.objects.get().purchased_on == BOUGHT
    assert Event.objects.about(order.device).filter(verb="purchase.confirmed").exists()


def test_the_trail_does_not_put_the_clerks_words_into_the_owners_mouth():
    order = do("withdraw", order_in("waiting"))
    withdrawn = Event.objects.about(order).get(verb="proof.withdrawn")
    assert (withdrawn.reason, withdrawn.data["reason_code"]) == ("", "")
    asked = Event.objects.about(order).get(verb="proof.more_needed")
    assert (asked.reason, asked.data["reason_code"]) == (WHY["reason"], WHY["reason_code"])


@pytest.mark.parametrize("field", ["reason_code", "reason"])
def test_a_no_needs_a_code_and_words(field):
    order = order_in_review()
    for act in (actions.ask_for_more, actions.refuse_proof):
        with pytest.raises(Refused, match="Choose a reason"):
            act(order, **WHY | {field: " " if field == "reason" else ""}, by=clerk(), revision=order.revision)
    assert PurchaseProof.objects.get().decision == ""


def test_an_answer_clears_the_decision_and_adds_documents():
    order = order_in("waiting")
    do("answer", order)
    proof = PurchaseProof.objects.get()
    assert (proof.decision, proof.reason, proof.decided_by, proof.decided_at) == ("", "", None, None)
    assert order.documents.count() == 2 and not Document.objects.unattached().exists()


ANSWERS = {"confirm": "proof_confirmed", "more": "proof_more_needed", "refuse": "proof_refused"}


@pytest.mark.parametrize("act", ANSWERS)
def test_every_answer_goes_to_every_member_in_the_own_language(act):
    members = [person(language=language) for language in ("pl", "cs", "en")]
    order = order_in_review(device(site(customer(members=members))), by=members[0])
    do(act, order)
    letters = Message.objects.filter(kind=f"orders/{ANSWERS[act]}")
    assert {(letter.recipient, letter.language) for letter in letters} == {(who.email, who.language) for who in members}
    for letter in letters:
        assert order.number in letter.subject + letter.text
        assert f"/{'devices' if act == 'confirm' else 'orders'}/" in letter.text
        assert act == "confirm" or WHY["reason"] in letter.text


def test_the_owner_gets_a_receipt():
    order_in_review()
    assert Message.objects.get().kind == "orders/proof_sent"


# Once


def test_a_double_click_makes_one_order():
    of, key = device(), uuid.uuid4()
    orders = {order_in_review(of, once_key=key) for _ in range(2)}
    assert len(orders) == Order.objects.count() == Message.objects.count() == 1
    assert NumberSeries.objects.exclude(kind="K").get().last == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_key", [True, False])
def test_two_proofs_at_once_are_one_order(same_key):
    of, key = device(), uuid.uuid4()
    by, gate, outcomes = of.site.customer.members.get(), threading.Barrier(2), []

    def send() -> None:
        gate.wait()
        try:
            once = key if same_key else uuid.uuid4()
            outcomes.append(actions.send_proof(of, purchased_on=BOUGHT, documents=[document()], by=by, once_key=once))
        except Refused as refusal:
            outcomes.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join(120) for thread in threads]
    assert len(outcomes) == 2 and Order.objects.count() == 1
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == (0 if same_key else 1)


def test_a_file_that_was_sent_before_stops_the_whole_order():
    first, other = order_in_review(), device()
    with pytest.raises(Refused, match="already sent"):
        actions.send_proof(other, purchased_on=BOUGHT, documents=list(first.documents.all()), by=owner_of(other))
    assert Order.objects.count() == 1 and NumberSeries.objects.exclude(kind="K").get().last == 1


# The database itself


def test_the_database_refuses_two_open_proofs_for_one_device():
    order = order_in_review()
    with pytest.raises(IntegrityError, match="one_open_proof_per_device"), transaction.atomic():
        Order.objects.create(
            number="ZL/1", kind=order.kind, customer=order.customer, device=order.device, created_by=person()
        )
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"state": "done"}, "closed_at_with_final_state"),
        ({"closed_at": timezone.now()}, "closed_at_with_final_state"),
        ({"state": "nonsense"}, "states_of_the_kind"),
    ],
)
def test_the_database_keeps_state_and_closing_together(fields, name):
    order = order_in_review()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**fields)
    assert Order.objects.in_review().count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"decision": "confirmed"}, {"decided_at": timezone.now()}, {"reason_code": "other"},
        {"decision": "refused", "decided_at": timezone.now()},
    ],
)  # fmt: skip
def test_the_database_keeps_a_decision_whole(fields):
    order = order_in_review()
    with pytest.raises(IntegrityError, match="proof_"), transaction.atomic():
        PurchaseProof.objects.filter(order=order).update(**fields)
    assert PurchaseProof.objects.get().decision == ""


def test_the_database_wants_a_code_for_a_no():
    order = order_in("waiting")
    with pytest.raises(IntegrityError, match="proof_no_needs_a_reason"), transaction.atomic():
        PurchaseProof.objects.filter(order=order).update(reason_code="")
    assert PurchaseProof.objects.get().reason_code == "unreadable"


def test_the_same_answer_sent_twice_is_one_answer():
    order = order_in("waiting")
    once = uuid.uuid4()
    facts = {"purchased_on": date(2024, 5, 1), "documents": [], "by": order.created_by, "revision": order.revision}
    for _again in range(2):
        actions.answer_proof(order, **facts, once_key=once)
    assert Event.objects.about(order).filter(verb="proof.answered").count() == 1
