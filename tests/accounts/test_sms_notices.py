"""Who wants it is told by SMS too."""

import pytest

from orders.actions.proofs import ask_for_more
from portal.outbox.models import Message
from tests import factories

pytestmark = pytest.mark.django_db


def test_answer_goes_by_sms_to_those_who_want_it():
    wants = factories.person(phone="+48601234567", sms_notices=True)
    order = factories.order_in_review(factories.device(factories.site(factories.customer(members=[wants]))), by=wants)
    clerk = factories.clerk()
    ask_for_more(order, reason_code="unreadable", reason="Too dark", by=clerk, revision=order.revision)
    [sms] = Message.objects.filter(channel="sms")
    assert sms.recipient == "+48601234567"
    assert order.number in sms.text
    assert len(sms.text) <= 160
    assert Message.objects.filter(channel="email", kind="orders/proof_more_needed").count() == 1


def test_nobody_else_gets_one():
    person = factories.person(phone="+48601234567")
    order = factories.order_in_review(factories.device(factories.site(factories.customer(members=[person]))), by=person)
    ask_for_more(order, reason_code="unreadable", reason="Dark", by=factories.clerk(), revision=order.revision)
    assert not Message.objects.filter(channel="sms").exists()
