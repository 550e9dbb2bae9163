"""The protocol: kept part by part, closed once and for good, corrected beside the old one; and what follows from it."""

import re
import uuid
from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.db import DatabaseError, transaction
from django.utils import timezone

from orders.actions import protocols, visits
from orders.models import Order, Protocol, Service
from portal.errors import Refused
from portal.events import Event
from portal.files.models import Document
from portal.outbox.models import Message
from tests.factories import answers_to, clerk, close_protocol, device, document, person, product, service_order, unit
from tests.orders.together import together
from warranty.actions import publish_rule, record_service
from warranty.models import Cover, ServiceRecord, WarrantyCard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

TODAY = timezone.localdate


def begun(code: str = "inspection", **fields) -> Protocol:
    return service_order(code=code, upto="under_way", **fields).protocols.get()


def kept(protocol: Protocol, answers: dict, *, key: uuid.UUID | None = None, **fields) -> Protocol:
    return protocols.save_part(protocol, answers=answers, by=protocol.engineer, key=key or uuid.uuid4(), **fields)


def signed(protocol: Protocol, **fields) -> Protocol:
    fields = {"signed_name": "Anna Kowalska", "visited_on": TODAY(), "by": protocol.engineer, **fields}
    return protocols.close(protocol, **fields)


def corrected(protocol: Protocol, reason: str = "A slip") -> Protocol:
    order = Order.objects.get(pk=protocol.order_id)
    return protocols.correct(order, reason=reason, by=protocol.engineer, revision=order.revision)


# Filling in


def test_parts_come_together():
    protocol = kept(kept(begun(), {"601": "12"}), {"602": "3"})
    assert protocol.answers == {"601": "12", "602": "3"}


def test_a_part_that_comes_twice_counts_once():
    protocol, key, photo = begun(), uuid.uuid4(), document()
    kept(protocol, {"601": "12"}, key=key, documents=[photo])
    kept(protocol, {"601": "15"})
    protocol = kept(protocol, {"601": "12"}, key=key, documents=[photo])
    assert protocol.answers == {"601": "15"} and list(protocol.documents.all()) == [photo]
    assert Event.objects.filter(verb="service.fill_in").count() == 0


def test_what_is_not_finished_cannot_be_closed():
    protocol = begun()
    with pytest.raises(Refused, match=r"not finished.*\[\d+\]"):
        signed(protocol)
    assert Order.objects.get().state == "under_way" and not Message.objects.filter(kind__contains="protocol").exists()


@pytest.mark.parametrize("name", ["", "   "])
def test_nothing_is_closed_without_a_name(name):
    protocol = filled(begun())
    with pytest.raises(Refused, match="signs with a finger"):
        signed(protocol, signed_name=name)


def filled(protocol: Protocol) -> Protocol:
    groups = protocol.checklist.groups()
    answers, photos = answers_to(groups, device_kind=protocol.order.device.kind, by="partner")
    return kept(protocol, answers, documents=photos)


@pytest.mark.parametrize("days", [-1, 1])
def test_the_day_of_the_visit_is_neither_before_it_began_nor_to_come(days):
    protocol = filled(begun())
    with pytest.raises(Refused, match="day of the visit"):
        signed(protocol, visited_on=TODAY() + timedelta(days=days))


def test_interrupted_work_keeps_what_was_filled_in():
    protocol = kept(begun(), {"601": "12"})
    order = Order.objects.get()
    order = protocols.interrupt(order, reason="A part is missing", by=protocol.engineer, revision=order.revision)
    assert (order.state, order.service.visit_starts) == ("accepted", None)
    again = protocols.begin_work(order, by=protocol.engineer, revision=order.revision)
    assert again == protocol and again.answers == {"601": "12"}


def test_who_takes_the_work_over_goes_on_with_the_same_protocol():
    protocol, second = kept(begun(), {"601": "12"}), person()
    order = Order.objects.get()
    order.service.partner.people.create(user=second, role="engineer")
    visits.hand_over(order, engineer=second, by=protocol.engineer, revision=order.revision)
    protocol.refresh_from_db()
    assert protocol.engineer == second
    assert kept(protocol, {"602": "1"}).answers == {"601": "12", "602": "1"}


# Closing


def test_closing_twice_closes_once():
    protocol = filled(begun())
    for _ in range(2):
        protocol = signed(protocol)
    assert Order.objects.get().state == "done" and protocol.number.startswith("PT/")
    assert Event.objects.filter(verb="service.close").count() == 1
    assert ServiceRecord.objects.filter(order_number=protocol.order.number).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_phones_close_at_once():
    protocol = filled(begun())
    assert together(lambda: signed(protocol), lambda: signed(protocol)) == ["done", "done"]
    assert Event.objects.filter(verb="service.close").count() == 1


def test_a_signature_belongs_to_the_protocol():
    picture = document(name="signature.png", content_type="image/png", pages=None)
    protocol = signed(filled(begun()), signature=picture)
    picture.refresh_from_db()
    assert protocol.signature == picture and picture.attached_at


def test_a_worker_is_told_on_commit(broker, django_capture_on_commit_callbacks):
    protocol = filled(begun())
    with django_capture_on_commit_callbacks() as callbacks:
        signed(protocol)
        assert broker.llen("celery") == 0
    for callback in callbacks:
        callback()
    assert broker.llen("celery") >= 1


@pytest.mark.parametrize("change", [{"answers": {"601": "0"}}, {"signed_name": "Jan"}, {"closed_at": None}])
def test_the_database_lets_nobody_change_a_closed_protocol(change):
    protocol = service_order(upto="done").protocols.get()
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        Protocol.objects.filter(pk=protocol.pk).update(**change)
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        Protocol.objects.filter(pk=protocol.pk)._raw_delete("default")


def test_its_pdf_comes_once():
    protocol = service_order(upto="done").protocols.get()
    Protocol.objects.update(pdf=document())
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        Protocol.objects.filter(pk=protocol.pk).update(pdf=document())


def test_nothing_more_is_filled_in_once_it_is_closed():
    protocol = service_order(upto="done").protocols.get()
    with pytest.raises(Refused, match="closed"):
        kept(protocol, {"601": "1"})


# Correcting


def test_a_correction_is_a_new_version_beside_the_old():
    first = service_order(upto="done").protocols.get()
    second = corrected(first)
    assert (second.version, second.answers, second.number) == (2, first.answers, "")
    second = signed(kept(second, {"1104": "All well"}), visited_on=first.visited_on)
    first.refresh_from_db()
    assert second.number == first.number and "1104" not in first.answers and first.version == 1
    assert Order.objects.get().state == "done"


def test_a_correction_needs_a_reason():
    with pytest.raises(Refused, match="Say what is corrected"):
        corrected(service_order(upto="done").protocols.get(), " ")


def test_a_correction_that_is_open_is_gone_on_with():
    first = service_order(upto="done").protocols.get()
    assert corrected(first) == corrected(first, "Another slip")


def test_a_correction_begun_by_mistake_is_given_up():
    first = service_order(code="inspection", upto="done").protocols.get()
    photo, signed_answers = document(), dict(first.answers)
    second = kept(corrected(first), {"601": "99"}, documents=[photo])
    order = Order.objects.get(pk=first.order_id)
    protocols.drop_correction(order, by=second.engineer, revision=order.revision)
    assert order.protocols.get() == first and order.protocols.get().answers == signed_answers
    assert not Document.objects.filter(pk=photo.pk).exists()
    assert first.documents.count() == Document.objects.filter(pk__in=first.documents.all()).count()
    with pytest.raises(Refused, match="No correction"):
        protocols.drop_correction(order, by=second.engineer, revision=order.revision + 1)


def test_a_corrected_day_may_be_earlier_and_never_to_come():
    first = service_order(code="repair", upto="done").protocols.get()
    second = corrected(first)
    with pytest.raises(Refused, match="day of the visit"):
        signed(second, visited_on=TODAY() + timedelta(days=1))
    assert signed(second, visited_on=TODAY() - timedelta(days=3)).visited_on == TODAY() - timedelta(days=3)


# What follows


def heat_pump():
    """With a warranty: 36 months from start-up, an inspection each 12."""
    model = product()
    publish_rule(
        model, by=None, valid_from=date(2020, 1, 1), months=36, start="start_up", inspection_months=12, grace_days=30
    )
    pump = device(units=[unit(model)])
    pump.purchased_on = TODAY() - relativedelta(months=2)
    pump.save()
    return pump


def test_a_first_start_up_gives_the_day_the_next_inspection_and_a_card():
    pump = heat_pump()
    protocol = begun("first_start_up", of=pump)
    close_protocol(protocol, by=protocol.engineer)
    record, cover = ServiceRecord.objects.get(device=pump), Cover.objects.get(device=pump)
    assert (record.kind, record.done_on, record.partner) == ("start_up", TODAY(), protocol.partner)
    assert (cover.starts_on, cover.next_inspection_on) == (TODAY(), TODAY() + relativedelta(months=12))
    card = WarrantyCard.objects.get(device=pump)
    assert card.facts["start_up"]["done_on"] == TODAY().isoformat()


def test_an_inspection_moves_the_next_one_on():
    pump = heat_pump()
    protocol = begun("inspection", of=pump)
    before = Cover.objects.get(device=pump).next_inspection_on
    close_protocol(protocol, by=protocol.engineer)
    after = Cover.objects.get(device=pump).next_inspection_on
    assert before < after == TODAY() + relativedelta(months=12)


def test_a_corrected_day_counts_anew():
    pump = heat_pump()
    first = begun("first_start_up", of=pump)
    close_protocol(first, by=first.engineer)
    earlier = TODAY() - timedelta(days=10)
    signed(corrected(first), visited_on=earlier)
    assert ServiceRecord.objects.get(device=pump).done_on == earlier
    assert Cover.objects.get(device=pump).next_inspection_on == earlier + relativedelta(months=12)
    assert WarrantyCard.objects.current().get(device=pump).facts["start_up"]["done_on"] == earlier.isoformat()


def test_a_repair_moves_no_date():
    service_order(code="repair", upto="done")
    assert not ServiceRecord.objects.filter(order_number__startswith="ZL").exists()


def test_the_warranty_card_learns_of_seller_invoice_and_installer_from_the_start_up():
    order = service_order(code="first_start_up", upto="under_way")
    order.service.answers |= {"101": "Chłód Sp. z o.o.", "109": "Hurtownia Ciepło", "110": "FV/7"}
    order.service.save()
    protocol = order.protocols.get()
    close_protocol(protocol, by=protocol.engineer)
    said = {"installer": "Chłód Sp. z o.o.", "seller": "Hurtownia Ciepło", "invoice_number": "FV/7"}
    assert order.device.services.get().card_facts == said


def test_work_without_an_agreed_date_is_due_too():
    order = service_order(upto="accepted")
    protocols.begin_work(order, by=order.service.partner.people.get().user, revision=order.revision)
    order.refresh_from_db()
    service = Order.objects.get(pk=order.pk).service
    assert service.visit_ends - service.visit_starts == timedelta(minutes=order.service_kind.duration_minutes)


def test_a_start_up_that_the_office_recorded_meanwhile_does_not_keep_the_visit_from_being_closed():
    order = service_order(code="first_start_up", upto="under_way")
    record_service(
        order.device, kind="start_up", done_on=timezone.localdate(), partner=None, order_number="", protocol_number="",
        by=None,
    )  # fmt: skip
    protocol = order.protocols.get()
    close_protocol(protocol, by=protocol.engineer)
    assert order.device.services.count() == 1 and Order.objects.get(pk=order.pk).state == "done"


# The calendar, where the work does not begin on the agreed day


def events_of(order) -> list[tuple[str, int, str]]:
    """(kind of the e-mail, number of the event's version, REQUEST or CANCEL), as they went out."""
    found = Message.objects.exclude(calendar="").order_by("pk")
    return [
        (mail.kind, int(re.search(r"SEQUENCE:(\d+)", mail.calendar)[1]), re.search(r"METHOD:(\w+)", mail.calendar)[1])
        for mail in found
    ]


def test_work_that_begins_on_another_day_moves_the_visit_in_the_calendars():
    order = service_order(upto="scheduled")
    sequence, by = order.service.calendar_sequence, order.service.engineer
    protocols.begin_work(order, by=by, revision=order.revision)
    order.service.refresh_from_db()
    assert order.service.visit_starts <= timezone.now() < order.service.visit_ends
    mails = [event for event in events_of(order) if event[0] == "orders/work_begun"]
    assert mails == [("orders/work_begun", sequence + 1, "REQUEST")] * 2
    assert set(Message.objects.filter(kind="orders/work_begun").values_list("recipient", flat=True)) == {
        order.created_by.email, by.email,
    }  # fmt: skip


def test_work_that_begins_on_the_agreed_day_sends_nothing():
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    order = service_order(upto="accepted")
    order.state = "scheduled"
    order.save()
    Service.objects.filter(order=order).update(visit_starts=noon, visit_ends=noon + timedelta(hours=2))
    protocols.begin_work(order, by=order.service.engineer, revision=order.revision)
    assert events_of(order) == [] and Service.objects.get(order=order).visit_starts == noon


@pytest.mark.parametrize("hours", [1, -1])
def test_work_that_is_interrupted_before_its_visit_takes_it_out_of_the_calendars(hours):
    order, by = service_order(upto="under_way"), None
    by, sequence = order.service.engineer, order.service.calendar_sequence
    starts = timezone.now() + timedelta(hours=hours)
    Service.objects.filter(order=order).update(visit_starts=starts, visit_ends=starts + timedelta(hours=2))
    protocols.interrupt(order, reason="No power", by=by, revision=order.revision)
    mails = [event for event in events_of(order) if "interrupted" in event[0]]
    kinds = ["orders/work_interrupted", "orders/work_interrupted_partner"]
    assert mails == ([(kind, sequence + 1, "CANCEL") for kind in kinds] if hours > 0 else [])


def test_the_engineer_is_told_when_the_office_interrupts_the_work():
    order = service_order(upto="under_way")
    protocols.interrupt(order, reason="No power", by=clerk("dispatcher"), revision=order.revision)
    letter = Message.objects.get(kind="orders/work_interrupted_partner")
    assert letter.recipient == order.service.engineer.email and "No power" in letter.text
