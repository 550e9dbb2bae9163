"""A clerk reviews purchase proofs."""

from datetime import date

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.actions import proofs as actions
from orders.models import Order
from portal.errors import Refused
from portal.events import Event
from portal.outbox.models import Message
from tests import factories as make

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def clerk(client):
    person = make.clerk("reviewer", first_name="Jan", last_name="Nowak", language="en")
    client.force_login(person)
    return person


def page_of(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def told(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_the_document_stands_beside_the_data(client, clerk):
    order = make.order_in_review(make.device(kind="split"))
    page = client.get(page_of(order)).content.decode()
    document, units = order.documents.get(), order.device.units.all()
    assert reverse("document-page", args=[document.pk, 1]) in page and reverse("document", args=[document.pk]) in page
    assert all(unit.serial in page for unit in units) and order.customer.email in page
    assert client.get(reverse("document-page", args=[document.pk, 1])).status_code == 200


def test_confirming_leads_to_the_next_oldest(client, clerk):
    first, second, _third = (make.order_in_review() for _ in range(3))
    answer = client.post(page_of(second), {"act": "confirm", "revision": second.revision})
    assert answer.url == page_of(first)
    second.refresh_from_db()
    assert second.state == Order.State.DONE and second.device.purchased_on == date(2024, 6, 1)
    assert second.proof.decided_by == clerk
    assert Message.objects.filter(
        kind="orders/proof_confirmed", topics__contains=[f"orders.order:{second.pk}"]
    ).exists()


def test_what_the_clerk_reads_on_the_invoice_is_kept(client, clerk):
    order = make.order_in_review()
    words = {"act": "confirm", "revision": order.revision, "seller": "Hurtownia Ciepła", "invoice_number": "FV/7"}
    client.post(page_of(order), words)
    order.proof.refresh_from_db()
    assert (order.proof.seller, order.proof.invoice_number) == ("Hurtownia Ciepła", "FV/7")
    page = client.get(page_of(order)).content.decode()
    assert "Hurtownia Ciepła" in page and "FV/7" in page


def test_the_last_one_leads_back_to_the_queue(client, clerk):
    order = make.order_in_review()
    answer = client.post(page_of(order), {"act": "confirm", "revision": order.revision})
    assert answer.url == reverse("admin:orders_order_changelist") + "?state__exact=in_review"
    assert client.get(answer.url).context["cl"].result_count == 0


@pytest.mark.parametrize(("act", "state"), [("more", "waiting"), ("refuse", "refused")])
def test_a_no_has_a_coded_reason_and_words(client, clerk, act, state):
    order = make.order_in_review()
    words = {"act": act, "revision": order.revision, "reason_code": "unreadable", "reason": "Page 2 is black."}
    client.post(page_of(order), words)
    order.refresh_from_db()
    assert (order.state, order.proof.reason_code, order.proof.reason) == (state, "unreadable", "Page 2 is black.")


def test_a_missing_reason_code_keeps_the_words(client, clerk):
    order = make.order_in_review()
    answer = client.post(page_of(order), {"act": "more", "revision": order.revision, "reason": "Page 2 is black."})
    page = answer.content.decode()
    assert answer.status_code == 200 and "Page 2 is black." in page
    assert Order.objects.get(pk=order.pk).state == Order.State.IN_REVIEW


def test_the_second_clerk_is_told_and_overwrites_nothing(client, clerk):
    order = make.order_in_review()
    colleague = make.clerk("reviewer", first_name="Ewa", last_name="Lis")
    actions.confirm_proof(order, by=colleague, revision=order.revision)
    words = {"act": "refuse", "revision": order.revision, "reason_code": "other", "reason": "No."}
    answer = client.post(page_of(order), words, headers=ENGLISH)
    assert answer.status_code == 200 and "Ewa Lis" in told(answer)
    order.refresh_from_db()
    assert order.state == Order.State.DONE and order.proof.decided_by == colleague
    assert answer.context["acts"] == []


def test_an_owner_who_was_too_late_is_told_without_a_clerks_name():
    order = make.order_in_review()
    actions.confirm_proof(order, by=make.clerk(first_name="Ewa", last_name="Lis"), revision=order.revision)
    with pytest.raises(Refused) as refusal:
        actions.withdraw_proof(order, by=order.created_by, revision=order.revision)
    assert order.number in str(refusal.value) and "Ewa" not in str(refusal.value)


def test_words_survive_when_the_owner_was_quicker(client, clerk):
    """Sent back and answered while the page was open: the form has the new revision and the old words."""
    order = make.order_in_review()
    opened = order.revision
    order = actions.ask_for_more(order, reason_code="other", reason="?", by=make.clerk(), revision=opened)
    order = actions.answer_proof(
        order, purchased_on=date(2024, 6, 2), documents=[], by=order.created_by, revision=order.revision
    )
    words = {"act": "refuse", "revision": opened, "reason_code": "other", "reason": "Too late for me."}
    page = client.post(page_of(order), words).content.decode()
    assert "Too late for me." in page and f'name="revision" value="{order.revision}"' in page
    assert Order.objects.get(pk=order.pk).state == Order.State.IN_REVIEW


def test_a_double_click_confirms_once(client, clerk):
    order = make.order_in_review()
    for _ in range(2):
        client.post(page_of(order), {"act": "confirm", "revision": order.revision})
    assert Event.objects.about(order).filter(verb="proof.confirmed").count() == 1


def test_a_purchase_before_the_unit_was_made_is_pointed_out(client, clerk):
    early = make.order_in_review(purchased_on=date(2023, 1, 1))
    assert len(client.get(page_of(early)).context["warnings"]) == 1
    assert client.get(page_of(make.order_in_review())).context["warnings"] == []


def test_the_dispatcher_looks_and_may_not_answer(client):
    order = make.order_in_review()
    client.force_login(make.clerk("dispatcher"))
    assert client.get(page_of(order)).context["acts"] == []
    assert client.post(page_of(order), {"act": "confirm", "revision": order.revision}).status_code == 403
    assert Order.objects.get(pk=order.pk).state == Order.State.IN_REVIEW


def test_the_list_takes_as_many_queries_for_fifty_as_for_one(client, clerk):
    counts = []
    for wanted in (1, 50):
        while Order.objects.count() < wanted:
            make.order_in_review()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("admin:orders_order_changelist")).context["cl"].result_count == wanted
        counts.append(len(queries))
    assert counts[0] == counts[1]
