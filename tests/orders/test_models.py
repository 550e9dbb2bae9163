"""Questions that pages ask the orders."""

import pytest

from orders.actions.proofs import withdraw_proof
from orders.models import Order, document_ids_visible_to
from portal.files.models import Document
from tests.factories import clerk, customer, device, order_in_review, owner_of, partner, person, site

pytestmark = pytest.mark.django_db


def test_open_and_in_review():
    order = order_in_review()
    closed = order_in_review()
    withdraw_proof(closed, by=owner_of(closed.device), revision=closed.revision)
    assert list(Order.objects.open()) == list(Order.objects.in_review()) == [order]


def test_an_order_is_seen_by_every_member_of_the_customer_and_nobody_else():
    owner, colleague = person(), person()
    order = order_in_review(device(site(customer(members=[owner, colleague]))), by=owner)
    for who, seen in [(owner, True), (colleague, True), (person(), False), (partner().people.get().user, False)]:
        assert Order.objects.visible_to(who).filter(pk=order.pk).exists() is seen


def test_its_documents_are_seen_by_members_and_reviewers():
    order = order_in_review()
    owner, paper = order.created_by, order.documents.get()
    for who, seen in [(owner, True), (clerk("reviewer"), True), (person(), False), (person(is_staff=True), False)]:
        assert Document.objects.visible_to(who).filter(pk=paper.pk).exists() is seen
        assert document_ids_visible_to(who).filter(pk=paper.pk).exists() is seen


@pytest.mark.parametrize("state", Order.State)
def test_every_state_has_a_colour(state):
    assert Order(state=state).tone in {"progress", "attention", "done", "problem", "neutral"}
