"""Orders through the owner's pages."""

import re
import time
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from orders.actions import proofs as actions
from orders.models import Order
from portal.files.models import Document
from portal.outbox.models import Message
from tests.factories import PDF, clerk, customer, device, order_in_review, person, service_order, site
from tests.portal.test_outbox import broker_at, closed_port

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
WHY = {"reason_code": "unreadable", "reason": "The photo is blurred."}


@pytest.fixture
def owner(client):
    someone = person(language="en")
    client.force_login(someone)
    return someone


@pytest.fixture
def pump(owner):
    return device(site(customer(members=[owner])), name="Garage")


def upload(content: bytes = PDF, name: str = "invoice.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


def proof(**more) -> dict:
    return {"purchased_on": "2024-06-01", "documents": upload(), "once": str(uuid.uuid4())} | more


def page(answer) -> str:
    return answer.content.decode()


def test_a_proof_becomes_an_order_that_the_owner_can_follow(client, pump):
    answer = client.post(reverse("proof-new", args=[pump.pk]), proof(), follow=True)
    order = Order.objects.get()
    assert re.fullmatch(r"ZL/\d{4}/\d\d/00001", order.number)
    assert order.number in page(answer) and "compares the document" in page(answer)
    assert "Purchase proof being verified" in page(client.get(reverse("device", args=[pump.pk])))
    assert order.number in page(client.get(reverse("orders")))


def test_the_same_form_sent_twice_makes_one_order(client, pump):
    data = proof()
    first = client.post(reverse("proof-new", args=[pump.pk]), data)
    second = client.post(reverse("proof-new", args=[pump.pk]), data | {"documents": upload()})
    assert first.url == second.url and Order.objects.count() == 1


@pytest.mark.parametrize("once", ["", "x", "None", "1' or 1=1"])
def test_a_strange_once_key_is_no_error_page(client, pump, once):
    assert client.post(reverse("proof-new", args=[pump.pk]), proof(once=once)).status_code == 302


def test_errors_keep_the_date_and_the_file(client, pump):
    wrong = client.post(reverse("proof-new", args=[pump.pk]), proof(purchased_on="2999-01-01"))
    assert "is in the future" in page(wrong) and 'value="2999-01-01"' in page(wrong) and "invoice.pdf" in page(wrong)
    token = re.search(r'name="documents-kept" value="([^"]+)"', page(wrong)).group(1)
    data = {"purchased_on": "2024-06-01", "documents-kept": token, "once": str(uuid.uuid4())}
    assert client.post(reverse("proof-new", args=[pump.pk]), data).status_code == 302
    assert Order.objects.get().documents.get().name == "invoice.pdf"


def test_a_program_named_pdf_gets_a_sentence(client, pump):
    answer = client.post(reverse("proof-new", args=[pump.pk]), proof(documents=upload(b"MZ\x90\x00" * 99)))
    assert answer.status_code == 200 and "invoice.pdf" in page(answer)
    assert not Order.objects.exists() and not Document.objects.exists()


def test_a_colleague_was_faster_and_nothing_typed_is_lost(client, pump):
    order_in_review(pump)
    answer = client.post(reverse("proof-new", args=[pump.pk]), proof())
    assert "is on its way already" in page(answer)
    assert 'value="2024-06-01"' in page(answer) and "documents-kept" in page(answer)
    assert Order.objects.count() == 1


def test_the_owner_answers_on_the_same_order(client, pump):
    order = actions.ask_for_more(order_in_review(pump), **WHY, by=clerk(), revision=1)
    assert "The photo is blurred." in page(client.get(reverse("order", args=[order.pk])))
    shown = page(client.get(reverse("proof-answer", args=[order.pk])))
    assert f'name="revision" value="{order.revision}"' in shown
    data = {"purchased_on": "2024-06-02", "documents": upload(), "revision": order.revision}
    assert client.post(reverse("proof-answer", args=[order.pk]), data).url == reverse("order", args=[order.pk])
    order.refresh_from_db()
    assert (order.state, order.documents.count(), str(order.proof.purchased_on)) == ("in_review", 2, "2024-06-02")


@pytest.mark.parametrize("closed", [True, False])
def test_an_answer_that_comes_too_late_is_told_and_keeps_what_was_typed(client, pump, closed):
    order = actions.ask_for_more(order_in_review(pump), **WHY, by=clerk(), revision=1)
    if closed:
        actions.refuse_proof(order, **WHY, by=clerk(), revision=order.revision)
    data = {"purchased_on": "2024-06-02", "documents": upload(), "revision": order.revision - (not closed)}
    answer = client.post(reverse("proof-answer", args=[order.pk]), data)
    assert "has changed since you opened this page" in page(answer)
    assert 'value="2024-06-02"' in page(answer) and "documents-kept" in page(answer)
    order.refresh_from_db()
    assert order.documents.count() == 1


@pytest.mark.parametrize("revision", ["", "x", "-1", "１", "9" * 30])
def test_a_strange_revision_is_no_error_page(client, pump, revision):
    order = order_in_review(pump)
    assert client.post(reverse("proof-withdraw", args=[order.pk]), {"revision": revision}).status_code == 302
    order.refresh_from_db()
    assert order.state == "in_review"


def test_an_order_is_taken_back_once(client, pump):
    order = order_in_review(pump)
    assert "Take it back" in page(client.get(reverse("proof-withdraw", args=[order.pk])))
    for _ in range(2):
        answer = client.post(reverse("proof-withdraw", args=[order.pk]), {"revision": 1}, follow=True)
    assert "has changed since" in page(answer)
    order.refresh_from_db()
    assert (order.state, order.revision) == ("withdrawn", 2)


def test_the_list_can_be_filtered_and_odd_filters_do_no_harm(client, pump):
    order = order_in_review(pump)
    assert order.number in page(client.get(reverse("orders"), {"state": "open"}))
    assert order.number not in page(client.get(reverse("orders"), {"state": "done"}))
    for odd in ({"state": "nonsense"}, {"page": "x"}, {"page": "999"}, {"state": "\x00"}):
        assert client.get(reverse("orders"), odd).status_code == 200


def listed(client, **data) -> list[str]:
    return re.findall(r">([A-Z]{2}/[0-9/]+)<", page(client.get(reverse("orders"), data)))


def test_a_manager_of_many_finds_orders_by_words_kind_and_customer(client, pump):
    mine = order_in_review(pump)
    other = customer(members=[mine.customer.members.get()], name="Second")
    there = service_order(device(site(other, own_name="Mill"), name="Attic"))
    assert listed(client) == [there.number, mine.number]
    assert listed(client, sort="oldest") == listed(client, sort="number") == [mine.number, there.number]
    for found in ({"q": "mill"}, {"q": there.number}, {"kind": "inspection"}, {"customer": other.pk}):
        assert listed(client, **found) == [there.number], found
    assert listed(client, kind="purchase_proof") == [mine.number]
    for odd in ({"kind": "x"}, {"customer": "x"}, {"sort": "x"}, {"customer": "999"}):
        assert len(listed(client, **odd)) == 2, odd
    assert "No order is like that" in page(client.get(reverse("orders"), {"q": "\x00%"}))


def test_a_short_list_needs_no_filter(client, pump):
    order_in_review(pump)
    assert 'name="kind"' not in page(client.get(reverse("orders")))
    assert 'name="kind"' in page(client.get(reverse("orders"), {"state": "open"}))


def test_documents_are_for_the_owner_and_reviewers_and_nobody_else(client, pump):
    paper = reverse("document", args=[order_in_review(pump).documents.get().pk])
    assert client.get(paper).status_code == 200
    for stranger in (customer().members.get(), person(is_staff=True)):
        client.force_login(stranger)
        assert client.get(paper).status_code == 404
    client.force_login(clerk("reviewer"))
    assert client.get(paper).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_proof_is_sent_while_the_broker_is_down_and_its_message_waits(client, pump):
    started = time.monotonic()
    with broker_at(f"redis://127.0.0.1:{closed_port()}/0"):
        answer = client.post(reverse("proof-new", args=[pump.pk]), proof())
    assert answer.status_code == 302 and time.monotonic() - started < 10
    assert Message.objects.due().get().kind == "orders/proof_sent"
