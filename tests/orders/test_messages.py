"""Who is told what: every message in every language, dates for the calendar, and nothing that is not for its reader."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core import signing
from django.utils import timezone
from icalendar import Calendar

from accounts.models import User
from orders import actions, messages
from orders.actions import offers, ordering, protocols, visits
from orders.models import Order
from portal.outbox import gsm
from portal.outbox.models import Message
from portal.outbox.queue import send
from tests.factories import able_partner, company_with_engineer, customer, device, person, service_order, site

pytestmark = pytest.mark.django_db

FOLDER = Path(django_settings.BASE_DIR) / "templates/orders/mail"
NAMES = sorted(path.stem for path in FOLDER.glob("*.txt") if not path.stem.startswith("proof_"))
WITH_SMS = ["offer_made", "question_asked", "visit_proposed", "visit_reminder"]
SOON = datetime(2027, 3, 3, 9, tzinfo=UTC)
FACTS = {
    "path": "/orders/1/", "name": "Zdzisława", "former": "Serwis Ciepła", "reason": "Brak części", "moved": True,
    "question": "Jaki jest numer?", "answer": "12", "words": "Po południu",
    "slots": [(SOON + timedelta(days=days), SOON + timedelta(days=days, hours=2)) for days in range(2)],
    "starts": SOON, "ends": SOON, "answer_by": SOON, "days": 30, "due": date(2027, 3, 3), "done_on": date(2026, 3, 3),
    "visited_on": date(2027, 3, 3), "protocol": "PT/2026/11/00001", "version": 2, "number": "ZL/2026/11/00012",
    "service": "Uruchomienie i pierwszy przegląd pompy ciepła", "device": "Pompa ciepła w kotłowni przy garażu",
    "place": "ul. Marszałka Józefa Piłsudskiego 127/12, 05-500 Piaseczno", "partner_phone": "+48601234567",
    "partner": "Serwis Ciepła i Chłodu sp. z o.o.",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _before_those_visits(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: SOON - timedelta(days=90))


@pytest.mark.parametrize("language", ["pl", "cs", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_every_email_can_be_written_in_every_language(name, language):
    mail = send(f"orders/{name}", to="a@example.com", language=language, context=FACTS)
    assert mail.subject and "Zdzisława" in mail.text and mail.subject.count("\n") == 0
    link = re.findall(r"https?://\S+", mail.text.partition("\n--\n")[0])
    assert len(link) == 1 and link[0].startswith(django_settings.SITE_URL + "/")
    assert f'lang="{language}"' in mail.html and link[0] in mail.html and "None" not in mail.text
    assert not re.search(r"[{}]|%\(", mail.text)


@pytest.mark.parametrize("language", ["pl", "cs", "en"])
@pytest.mark.parametrize("name", WITH_SMS)
def test_every_sms_is_one_part_without_a_link(name, language):
    sms = send(f"orders/{name}", to="+48601234567", language=language, channel="sms", context=FACTS)
    assert 20 < len(sms.text) <= 160 and gsm.one_part(sms.text) == sms.text
    assert not re.search(r"https?:|www\.|/orders/", sms.text)
    assert not sms.text.endswith(("…", "...")), "cut"


def test_every_message_has_its_words():
    code = "".join(path.read_text() for path in Path(actions.__file__).parent.glob("*.py"))
    code += Path(messages.__file__).read_text()
    told = set(re.findall(r'tell_(?:owner|partner)\(\s*order,\s*"(\w+)"', code)) | {"visit_proposed"}
    assert len(told) > 15 and told <= set(NAMES)


# Who


def to(name: str) -> list[str]:
    return sorted(Message.objects.filter(kind=f"orders/{name}").values_list("recipient", flat=True))


def test_a_question_names_the_firm_that_asks_it_and_not_the_office():
    order = service_order(upto="accepted")
    other = service_order()
    User.objects.update(language="en")
    visits.ask(order, question="Which?", by=order.service.engineer, revision=order.revision)
    visits.ask(other, question="Which?", by=person(is_staff=True, is_superuser=True), revision=other.revision)
    texts = Message.objects.filter(kind="orders/question_asked").order_by("pk").values_list("text", flat=True)
    assert [f"{order.service.partner} has a question" in text for text in texts] == [True, False]


def test_proposed_times_have_an_end_and_one_is_no_plural():
    order = service_order(upto="accepted")
    User.objects.update(language="en")
    slot = timezone.localtime(timezone.now() + timedelta(days=2)).replace(hour=9, minute=0, second=0, microsecond=0)
    visits.propose(order, slots=[slot], minutes=90, by=order.service.engineer, revision=order.revision)
    text = Message.objects.get(kind="orders/visit_proposed").text
    assert "proposes this time for" in text and ", 09:00–10:30\n" in text and "Agree to it" in text


def test_all_members_are_told_and_by_sms_who_wants_it():
    one, two = person(sms_notices=True, phone="+48601111111"), person(phone="+48602222222")
    order = service_order(device(site(customer(members=[one, two]))), by=one)
    visits.ask(order, question="Which?", by=person(is_staff=True, is_superuser=True), revision=order.revision)
    assert to("question_asked") == ["+48601111111", *sorted([one.email, two.email])]


def test_somebody_who_left_is_not_told():
    one, gone = person(), person(is_active=False)
    service_order(device(site(customer(members=[one, gone]))), by=one)
    assert to("order_sent") == [one.email]


def test_each_reads_the_own_language():
    order = service_order(device(site(customer(members=[person(language="cs")]))))
    mail = Message.objects.get(kind="orders/order_sent")
    assert mail.language == "cs" and order.service_kind.name_cs in mail.subject + mail.text


def test_before_acceptance_a_partner_reads_neither_name_nor_phone():
    owner = customer(name="Jan Tajny", email="tajny@example.com", phone="+48609876543")
    order = service_order(device(site(owner)), upto="offered")
    by = order.service.partner.people.get().user
    offers.decline(order, reason="No", by=by, revision=order.revision)
    second = able_partner()
    order = offers.offer(Order.objects.get(pk=order.pk), partner=second, by=None)
    ordering.cancel(order, by=owner.members.get(), revision=order.revision)
    read = Message.objects.filter(recipient__in=[by.email, second.people.get().user.email])
    assert read.count() == 3
    for mail in read:
        assert not re.search("Tajny|tajny|876|Kowalska|601 234 567", mail.text.replace(mail.recipient, "")), mail.kind
        assert order.device.site.street in mail.text


def test_the_link_of_a_proposal_names_its_reader_and_cannot_be_forged():
    order = service_order(upto="accepted")
    visits.propose(order, slots=[timezone.now() + timedelta(days=2)], by=manager_of(order), revision=order.revision)
    proposal, owner = order.proposals.get(), order.customer.members.get()
    token = messages.proposal_token(proposal, owner)
    mail = Message.objects.get(kind="orders/visit_proposed")
    assert mail.secret and messages.read_proposal_token(token) == (proposal.pk, owner.pk)
    with pytest.raises(signing.BadSignature):
        messages.read_proposal_token(token[:-2] + "xx")


# The calendar


def manager_of(order: Order):
    return order.service.partner.people.order_by("pk")[0].user


def entries(name: str, *, recipient: str = "") -> list[tuple[str, int, datetime]]:
    """Method, sequence and beginning of the calendar entries of these messages, oldest first."""
    found = []
    for mail in Message.objects.filter(kind=f"orders/{name}", recipient__contains=recipient).order_by("pk"):
        calendar = Calendar.from_ical(mail.calendar)
        [event] = calendar.walk("VEVENT")
        found.append((str(calendar["METHOD"]), int(event["SEQUENCE"]), event["DTSTART"].dt))
    return found


def uids() -> set[str]:
    mails = Message.objects.exclude(calendar="")
    return {str(event["UID"]) for mail in mails for event in Calendar.from_ical(mail.calendar).walk("VEVENT")}


def test_a_visit_is_agreed_moved_and_cancelled_in_one_entry():
    order = service_order(upto="scheduled", visit=SOON)
    order = visits.agree(order, starts=SOON + timedelta(hours=2), by=manager_of(order), revision=order.revision)
    order = ordering.cancel(order, by=order.customer.members.get(), revision=order.revision)
    for agreed, cancelled in (("visit_agreed", "order_cancelled"), ("visit_agreed_partner", "order_cancelled_partner")):
        (first, one, begins), (second, two, moved) = entries(agreed)
        [(last, three, _gone)] = entries(cancelled)
        assert (first, second, last) == ("REQUEST", "REQUEST", "CANCEL") and one < two < three
        assert (begins, moved) == (SOON, SOON + timedelta(hours=2))
    assert len(uids()) == 1


def test_a_visit_that_is_called_off_and_agreed_with_another_partner_stays_one_entry():
    order = service_order(upto="scheduled", visit=SOON)
    order = offers.give_back(order, reason="Ill", by=manager_of(order), revision=order.revision)
    second = able_partner()
    order = offers.offer(order, partner=second, by=None)
    order = offers.accept(order, by=manager_of(order), revision=order.revision)
    order = visits.agree(order, starts=SOON + timedelta(days=3), by=manager_of(order), revision=order.revision)
    [(method, cancelled, _begins)] = entries("partner_sought")
    sequences = [sequence for _method, sequence, _begins in entries("visit_agreed")]
    assert method == "CANCEL" and sequences[0] < cancelled < sequences[1] and len(uids()) == 1


def test_the_second_visit_after_an_interruption_moves_the_entry_on():
    order = service_order(upto="under_way", visit=timezone.now() + timedelta(hours=1))
    order = protocols.interrupt(order, reason="A part", by=manager_of(order), revision=order.revision)
    visits.agree(order, starts=SOON, by=manager_of(order), revision=order.revision)
    sequences = [sequence for _method, sequence, _begins in entries("visit_agreed")]
    assert sequences == sorted(set(sequences)) and len(sequences) == 2


def test_nothing_is_put_into_a_calendar_without_a_visit():
    order = service_order(upto="accepted")
    ordering.cancel(order, by=order.customer.members.get(), revision=order.revision)
    assert not Message.objects.exclude(calendar="").exists()


def test_an_entry_is_in_the_readers_language_and_names_the_place():
    owner = customer(members=[person(language="cs")])
    order = service_order(device(site(owner)), upto="scheduled", visit=SOON)
    mail = Message.objects.get(kind="orders/visit_agreed")
    [event] = Calendar.from_ical(mail.calendar).walk("VEVENT")
    assert order.service_kind.name_cs in str(event["SUMMARY"]) and order.device.site.street in str(event["LOCATION"])


def test_a_manager_loses_the_entry_when_the_order_is_first_handed_to_an_engineer():
    company = company_with_engineer()
    order = service_order(upto="scheduled", to=company, visit=SOON)
    assert to("visit_agreed_partner") == [company.manager.email]
    order = visits.hand_over(order, engineer=company.engineer, by=company.manager, revision=order.revision)
    [(method, sequence, _begins)] = entries("order_taken_away")
    assert (method, to("order_taken_away")) == ("CANCEL", [company.manager.email])
    assert entries("order_handed_over") == [("REQUEST", sequence, SOON)]


def test_a_manager_who_does_the_work_keeps_the_entry():
    company = company_with_engineer()
    order = service_order(upto="scheduled", to=company, visit=SOON)
    visits.hand_over(order, engineer=company.manager, by=company.manager, revision=order.revision)
    assert to("order_taken_away") == [] and to("order_handed_over") == [company.manager.email]
