"""What the owner does with service orders."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from orders.actions import ordering
from orders.models import Order
from portal.errors import Refused
from portal.files.models import Document
from portal.outbox.models import Message
from services.models import ServiceKind
from tests.factories import UPTO, able_partner, clerk, customer, device, document, person, service_order, started_up
from warranty.actions import record_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def kind(code: str) -> ServiceKind:
    return ServiceKind.objects.get(code=code)


@pytest.fixture
def pump():
    return started_up(device())


@pytest.fixture
def owner(pump):
    return pump.site.customer.members.get()


@pytest.mark.parametrize("code", ["inspection", "first_start_up", "repair", "installation_check"])
def test_every_shipped_service_can_be_brought_to_its_end(code):
    assert service_order(code=code, upto="done").state == "done"


@pytest.mark.parametrize("upto", UPTO)
def test_an_order_comes_into_each_state(upto):
    assert service_order(upto=upto).state == upto


def test_a_draft_keeps_the_checklist_of_its_moment_and_tells_nobody(pump, owner):
    order = ordering.start_order(pump, kind("repair"), by=owner)
    assert order.service.checklist.checklist.service_kind.code == "repair"
    assert (order.state, order.customer, Message.objects.count()) == ("draft", pump.site.customer, 0)


def test_the_same_key_gives_the_draft_of_the_first_time(pump, owner):
    key = "8a0c9f5e-5a0d-4a5b-9c57-1d8b0c6f2a11"
    orders = [ordering.start_order(pump, kind("repair"), by=owner, once_key=key) for _ in range(2)]
    assert orders[0] == orders[1] and Order.objects.count() == 1


@pytest.mark.parametrize(("days", "allowed"), [(30, False), (120, True)])
def test_an_inspection_not_too_soon_after_the_last(owner, pump, days, allowed):
    done_on = timezone.localdate() - timedelta(days=days)
    record_service(
        pump, kind="inspection", done_on=done_on, partner=None, order_number="X", protocol_number="", by=None
    )
    if allowed:
        assert ordering.start_order(pump, kind("inspection"), by=owner)
        return
    with pytest.raises(Refused, match="You can order it again from"):
        ordering.start_order(pump, kind("inspection"), by=owner)


@pytest.mark.parametrize(("rule", "words"), [
    ({"min_months_since_last": 3}, "You can order it again from"), ({"once_per_device": True}, "needs it only once"),
])  # fmt: skip
def test_a_service_without_an_outcome_has_its_time_too(rule, words):
    ServiceKind.objects.filter(code="repair").update(**rule)
    done = service_order(code="repair", upto="done")
    with pytest.raises(Refused, match=words):
        ordering.start_order(done.device, kind("repair"), by=done.created_by)
    other = device(done.device.site)
    assert ordering.start_order(other, kind("repair"), by=done.created_by)


def test_two_drafts_of_one_service_and_only_one_is_sent():
    first = service_order(upto="draft")
    second = service_order(first.device, upto="draft")
    ordering.submit(first, by=first.created_by, revision=1)
    with pytest.raises(Refused, match=f"ordered already: order {first.number}"):
        ordering.submit(second, by=first.created_by, revision=1)


def test_what_the_checklist_demands_must_be_there(pump, owner):
    order = ordering.start_order(pump, kind("repair"), by=owner)
    with pytest.raises(Refused, match=r"Some answers are missing: \[101\]"):
        ordering.submit(order, by=owner, revision=1)


def test_a_service_that_needs_photos_is_not_sent_without():
    ServiceKind.objects.filter(code="installation_check").update(photos_needed=True)
    order = service_order(code="installation_check", upto="draft")
    with pytest.raises(Refused, match="needs photos"):
        ordering.submit(order, by=order.created_by, revision=1)
    ordering.save(order, by=order.created_by, documents=[document()])
    assert ordering.submit(order, by=order.created_by, revision=1).state == "submitted"


def test_the_owners_wish_is_asked_first(pump, owner):
    User.objects.update(language="en")
    chosen = able_partner()
    order = ordering.start_order(pump, kind("installation_check"), by=owner, chosen_partner=chosen)
    order = ordering.save(order, by=owner, answers={"101": "Look"})
    order = ordering.submit(order, by=owner, revision=1)
    assert (order.state, order.service.partner) == ("offered", chosen)
    assert f"{chosen}, whom you chose, has it now and answers by" in Message.objects.get(kind="orders/order_sent").text


def test_a_chosen_partner_who_may_not_do_it_any_more_is_named(pump, owner):
    User.objects.update(language="en")
    chosen = able_partner()
    order = ordering.start_order(pump, kind("installation_check"), by=owner, chosen_partner=chosen)
    order = ordering.save(order, by=owner, answers={"101": "Look"})
    chosen.certificates.update(valid_until=timezone.localdate() - timedelta(days=1))
    order = ordering.submit(order, by=owner, revision=1)
    letter = Message.objects.get(kind="orders/order_sent").text
    assert order.state == "submitted" and f"{chosen}, whom you chose, cannot take it at the moment." in letter


def test_photos_that_an_answer_no_longer_names_go_and_other_files_stay():
    order = service_order(code="first_start_up", upto="draft")
    bill, photo = document(name="bill.pdf"), next(iter(order.service.answers["201"]))
    ordering.save(order, by=order.created_by, documents=[bill])
    answers = order.service.answers | {"201": []}
    ordering.save(order, by=order.created_by, answers=answers)
    assert not Document.objects.filter(pk=photo).exists() and bill in order.documents.all()
    ordering.save(order, by=order.created_by, removed=[bill])
    assert not Document.objects.filter(pk=bill.pk).exists()


def test_another_service_asks_other_questions_and_keeps_the_files():
    order = service_order(code="first_start_up", upto="draft")
    files = order.documents.count()
    order = ordering.choose(order, device=order.device, kind=kind("repair"), chosen_partner=None, by=order.created_by)
    assert order.service.answers == {} and order.documents.count() == files > 0
    assert order.service.checklist.checklist.service_kind.code == "repair"


def test_another_device_with_the_same_questions_keeps_the_answers():
    order = service_order(code="repair", upto="draft")
    other, answers = device(order.device.site), order.service.answers
    order = ordering.choose(order, device=other, kind=order.service_kind, chosen_partner=None, by=order.created_by)
    assert order.device == other and order.service.answers == answers != {}


def test_a_draft_whose_wished_day_is_over_is_not_sent():
    order = service_order(upto="draft")
    ordering.save(order, by=order.created_by, wished_days=[timezone.localdate()])
    with pytest.raises(Refused, match="is over"):
        ordering.submit(order, by=order.created_by, revision=1)


def test_a_draft_stays_with_its_customer():
    order = service_order(upto="draft")
    with pytest.raises(Refused, match="same customer"):
        ordering.choose(order, device=device(), kind=kind("repair"), chosen_partner=None, by=order.created_by)


def test_a_discarded_draft_leaves_no_file_and_tells_nobody():
    order = service_order(code="first_start_up", upto="draft")
    ordering.cancel(order, by=order.created_by, revision=1)
    assert not Document.objects.exists() and not Message.objects.exists()


def test_the_owner_is_told_of_a_draft_that_the_office_cancels():
    order = service_order(upto="draft")
    ordering.cancel(order, by=clerk("dispatcher"), revision=1, reason="Ordered on the phone")
    assert "Ordered on the phone" in Message.objects.get(kind="orders/order_cancelled").text


def test_a_stranger_may_do_nothing():
    order, stranger = service_order(upto="draft"), person()
    customer(members=[stranger])
    for act, facts in ((ordering.save, {}), (ordering.submit, {"revision": 1}), (ordering.cancel, {"revision": 1})):
        with pytest.raises(Refused, match="is not with you"):
            act(order, by=stranger, **facts)


def test_a_colleague_sends_what_another_began():
    order, colleague = service_order(upto="draft"), person()
    order.customer.memberships.create(user=colleague)
    assert ordering.submit(order, by=colleague, revision=1).state == "submitted"


def test_a_partner_who_does_not_serve_the_place_cannot_be_chosen(owner, pump):
    far = able_partner(areas=["8"])
    with pytest.raises(Refused, match="does not do this service at this place"):
        ordering.start_order(pump, kind("repair"), by=owner, chosen_partner=far)


def test_a_cancelled_order_can_be_ordered_anew():
    order = service_order()
    ordering.cancel(order, by=order.created_by, revision=order.revision, reason="Later")
    assert service_order(order.device).state == "submitted"
