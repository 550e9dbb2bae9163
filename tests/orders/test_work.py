"""The service partner's place: who sees what, and every act through its page."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders.actions import offers, ordering, protocols, visits
from orders.models import Order, Service
from orders.presenters import work as words
from orders.presenters.words import by_when
from portal.outbox.models import Message
from portal.ui.templatetags.ui import moment_words
from tests import factories as make
from warranty.models import Cover, ServiceRecord

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
SECRETS = ["Zenobia", "Wyczółkowska", "601 555 777", "601555777", "zenobia@example.com", "Ring twice", "601 234 567"]
ACTS = [
    "work-order", "work-accept", "work-decline", "work-give-back", "work-hand-over", "work-ask", "work-times",
    "work-agree", "work-pick", "work-begin", "work-interrupt", "work-protocol", "work-sign",
]  # fmt: skip


@pytest.fixture
def company() -> Any:
    return make.company_with_engineer()


def secretive() -> Any:
    """A device whose owner must not be known too early."""
    owner = make.person(first_name="Zenobia", last_name="Wyczółkowska", email="zenobia@example.com")
    name = "Zenobia Wyczółkowska"
    customer = make.customer(members=[owner], name=name, phone="+48601555777", email="zenobia@example.com")
    return make.device(make.site(customer, own_name=name, street="ul. Cicha 3", postcode="00-100", city="Warszawa"))


def order(company: Any, upto: str, **fields: Any) -> Order:
    return make.service_order(fields.pop("of", None) or secretive(), upto=upto, to=company, **fields)


def handed(company: Any, upto: str = "accepted", **fields: Any) -> Order:
    """An order that the manager has handed to the engineer."""
    new = order(company, upto, **fields)
    visits.hand_over(new, engineer=company.engineer, by=company.manager, revision=new.revision)
    new.refresh_from_db()
    return new


def page(client: Any, name: str, *args: Any, status: int = 200) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == status, (name, answer.status_code)
    return answer.content.decode()


def act(client: Any, name: str, of: Order, **data: Any) -> str:
    """Sends a form from a page that is up to date; the page that follows."""
    of.refresh_from_db()
    answer = client.post(reverse(name, args=[of.pk]), {"revision": of.revision, **data}, follow=True)
    assert answer.status_code == 200
    of.refresh_from_db()
    return answer.content.decode()


def local(moment: Any) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


def ahead(**delta: Any) -> Any:
    return timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(**delta)


def at(hour: int, minute: int = 0, *, days: int = 2) -> Any:
    """A local time of a coming day."""
    return timezone.localtime().replace(hour=hour, minute=minute, second=0, microsecond=0) + timedelta(days=days)


# Who sees what


def test_before_acceptance_the_pages_say_place_and_device_but_not_who(client, company):
    new = order(company, "offered")
    client.force_login(company.manager)
    pages = [page(client, "work-order", new.pk), page(client, "work-offers"), page(client, "work-decline", new.pk)]
    assert not [secret for secret in SECRETS if any(secret in one for one in pages)]
    assert "ul. Cicha 3" in pages[0] and new.device.units.first().serial in pages[0] and "data-countdown" in pages[1]


def test_the_e_mail_of_an_offer_names_the_model_and_nobody(company):
    pump = secretive()
    pump.name = "Zenobia's pump"
    pump.save()
    order(company, "offered", of=pump)
    letter = Message.objects.get(kind="orders/offer_made", channel="email")
    assert not [secret for secret in SECRETS if secret in letter.subject + letter.text]
    assert pump.units.first().model in letter.text


def test_from_acceptance_on_the_page_says_who_and_the_phone_number(client, company):
    new = order(company, "accepted")
    client.force_login(company.manager)
    found = page(client, "work-order", new.pk)
    assert 'href="tel:+48-601-555-777"' in found and "Zenobia Wyczółkowska" in found and "Ring twice" in found
    assert re.search(r'href="https://www.openstreetmap.org/search\?query=ul.+Cicha[^"]+" rel="noreferrer"', found)


def test_before_acceptance_only_photos_that_answer_questions_are_open(client, company):
    new = make.service_order(make.device(kind="split"), code="first_start_up", upto="offered", to=company)
    photo = new.documents.first()
    photo.name = "Zenobia.jpg"
    photo.save()
    free = make.document(name="faktura-Zenobia.pdf", attached_at=timezone.now(), uploaded_by=new.created_by)
    new.documents.add(free)
    client.force_login(company.manager)

    def answer(document):
        return client.get(reverse("document", args=[document.pk])).status_code

    found = page(client, "work-order", new.pk)
    assert "Zenobia" not in found and str(photo.pk) in found and str(free.pk) not in found
    assert (answer(photo), answer(free)) == (200, 404)
    offers.accept(new, by=company.manager, revision=new.revision)
    assert "faktura-Zenobia.pdf" in page(client, "work-order", new.pk) and answer(free) == 200


def test_an_odd_answer_of_the_owner_is_pointed_out(client, company):
    new = make.service_order(make.device(kind="split"), code="first_start_up", upto="accepted", to=company)
    client.force_login(company.manager)
    told = "[500]: an F-gas certificate usually has a number"
    for answer, is_odd in (("FGAZ-O/01/12345/22", False), ("12345", True)):
        new.service.answers["500"] = answer
        new.service.save()
        assert (told in page(client, "work-order", new.pk)) is is_odd
    client.force_login(new.created_by)
    assert told not in page(client, "order", new.pk)


def test_a_file_is_not_saved_under_a_name_that_somebody_else_gave_it(client, company):
    new = order(company, "accepted")
    file = make.document(name="Zenobia.pdf", attached_at=timezone.now(), uploaded_by=new.created_by)
    new.documents.add(file)
    for reader, name in ((company.manager, "document.pdf"), (new.created_by, "Zenobia.pdf")):
        client.force_login(reader)
        answer = client.get(reverse("document", args=[file.pk]))
        assert answer["Content-Disposition"] == f'inline; filename="{name}"'


def test_what_the_owner_told_the_office_is_not_read_before_acceptance(client, company):
    new = order(company, "offered")
    new.service.answer = "Ask for Zenobia"
    new.service.save()
    client.force_login(company.manager)
    assert "Zenobia" not in page(client, "work-order", new.pk)
    offers.accept(new, by=company.manager, revision=new.revision)
    assert "Ask for Zenobia" in page(client, "work-order", new.pk)


@pytest.mark.parametrize("upto", ["offered", "accepted", "scheduled", "under_way"])
def test_an_order_is_there_for_the_company_alone(client, company, upto):
    new = order(company, upto)
    others = make.company_with_engineer()
    for someone in (others.manager, others.engineer, company.engineer, new.created_by, make.person(), make.clerk()):
        client.force_login(someone)
        for name in ACTS:
            url = reverse(name, args=[new.pk])
            assert client.get(url).status_code == 404, (name, someone)
            assert client.post(url).status_code in (404, 405), (name, someone)


def test_an_engineer_sees_only_what_is_handed_over(client, company):
    mine, other = handed(company), order(company, "accepted", of=make.device())
    client.force_login(company.engineer)
    listed = page(client, "work")
    assert reverse("work-order", args=[mine.pk]) in listed and reverse("work-order", args=[other.pk]) not in listed
    page(client, "work-order", mine.pk)
    page(client, "work-order", other.pk, status=404)


def test_what_only_managers_do_is_refused_to_an_engineer(client, company):
    mine = handed(company)
    client.force_login(company.engineer)
    for name in ("work-hand-over", "work-give-back"):
        assert client.get(reverse(name, args=[mine.pk])).status_code == 403
        assert client.post(reverse(name, args=[mine.pk]), {"reason": "x"}).status_code == 403
    for name in ("work-offers", "work-team"):
        page(client, name, status=403)
    assert "Give the order back" not in page(client, "work-order", mine.pk)


def test_whoever_left_the_company_sees_nothing(client, company):
    mine = handed(company)
    company.people.filter(user=company.engineer).delete()
    client.force_login(company.engineer)
    page(client, "work-order", mine.pk, status=404)
    assert not Order.objects.of_partner(company.engineer).exists()


@pytest.mark.parametrize("name", ["work", "work-offers", "work-done", "work-team"])
def test_the_place_is_for_people_of_approved_partners(client, name):
    for someone in (make.customer().members.get(), make.partner().people.get().user, make.clerk()):
        client.force_login(someone)
        page(client, name, status=404)


def test_the_first_page_of_a_partner_is_the_work(client, company):
    client.force_login(company.engineer)
    assert client.get(reverse("start")).url == reverse("work")
    client.force_login(make.partner().people.get().user)
    assert client.get(reverse("start")).url == reverse("partner")


@pytest.mark.parametrize("ending", ["done", "recalled", "cancelled"])
def test_when_it_is_over_only_the_protocol_is_left(client, company, ending):
    new = order(company, "done" if ending == "done" else "scheduled")
    if ending == "recalled":
        clerk = make.person(is_superuser=True, is_staff=True)
        offers.recall(new, reason="Too far", by=clerk, revision=new.revision)
    if ending == "cancelled":
        ordering.cancel(new, by=new.created_by, revision=new.revision)
    client.force_login(company.manager)
    assert (new.number in page(client, "work-done")) is False
    if ending != "done":
        found = page(client, "work-order", new.pk, status=410)
        assert new.number in found and not [secret for secret in SECRETS if secret in found]
    else:
        protocol = new.protocols.get()
        for name in ("work-order", "work-sign", "work-protocol", "work-times"):
            answer = client.get(reverse(name, args=[new.pk]))
            assert answer.status_code == 302 and answer.url == reverse("work-paper", args=[protocol.pk]), name
        assert protocol.number in page(client, "work-done")
        found = page(client, "work-paper", protocol.pk)
        assert protocol.number in found and "601 555 777" not in found


def given_back(new, company):
    offers.give_back(new, reason="Ill", by=company.manager, revision=new.revision)


def taken_back(new, company):
    offers.recall(new, reason="Too far", by=make.clerk("manager"), revision=new.revision)


def called_off(new, company):
    ordering.cancel(new, by=new.created_by, revision=new.revision)


@pytest.mark.parametrize(
    ("ending", "why"),
    [(given_back, "declined it or gave it back"), (taken_back, "took it back"), (called_off, "It was cancelled on 2")],
)
def test_an_order_that_left_says_why_to_those_who_had_it(client, company, ending, why):
    new = order(company, "scheduled")
    ending(new, company)
    stranger = make.company_with_engineer().manager
    for someone, status in ((company.manager, 410), (company.engineer, 404), (stranger, 404)):
        client.force_login(someone)
        for name in ("work-order", "work-agree", "work-protocol"):
            assert (why in page(client, name, new.pk, status=status)) is (status == 410), name


def test_an_engineer_reads_that_a_colleague_has_the_order_now(client, company):
    new = handed(company, "scheduled")
    visits.hand_over(new, engineer=company.manager, by=company.manager, revision=new.revision)
    client.force_login(company.engineer)
    assert "handed over to a colleague" in page(client, "work-order", new.pk, status=410)
    client.force_login(company.manager)
    assert client.get(reverse("work-protocol", args=[new.pk])).url == reverse("work-order", args=[new.pk])


def test_a_closed_protocol_is_the_companys_and_the_engineers_own(client, company):
    protocol = order(company, "done").protocols.get()
    others = make.company_with_engineer()
    for someone, status in ((company.manager, 200), (company.engineer, 404), (others.manager, 404)):
        client.force_login(someone)
        page(client, "work-paper", protocol.pk, status=status)


# The day


def test_today_sorts_the_round_by_time_and_lets_the_overdue_stand_out(client, company):
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    orders = {}
    times = {
        "late": noon - timedelta(days=1), "second": noon.replace(hour=23), "first": noon.replace(hour=22),
        "tomorrow": noon + timedelta(days=1),
    }  # fmt: skip
    for name, visit in times.items():
        orders[name] = order(company, "scheduled", of=make.device())
        service = orders[name].service
        service.visit_starts, service.visit_ends = visit, visit + timedelta(minutes=50)
        service.save()
    client.force_login(company.manager)
    found = page(client, "work")
    places = {name: found.index(f'href="{reverse("work-order", args=[new.pk])}"') for name, new in orders.items()}
    assert sorted(places, key=places.get) == ["late", "first", "second", "tomorrow"]
    assert "has not begun" in found and "Tomorrow" in found and "Overdue" in found


def test_an_order_without_a_date_asks_for_one_and_stands_out_after_three_days(client, company):
    new = order(company, "accepted")
    client.force_login(company.manager)
    assert "Agree a date" in page(client, "work") and "no date is agreed" not in page(client, "work")
    new.service.accepted_at = new.service.turn_since = timezone.now() - timedelta(days=9)
    new.service.save()
    assert "Accepted 9 days ago, and no date is agreed." in page(client, "work")


def test_a_manager_may_look_at_the_own_orders_only(client, company):
    mine, theirs = order(company, "accepted", of=make.device()), handed(company)
    visits.hand_over(mine, engineer=company.manager, by=company.manager, revision=mine.revision)
    client.force_login(company.manager)
    everything, own = page(client, "work"), client.get(reverse("work") + "?who=me").content.decode()
    assert reverse("work-order", args=[theirs.pk]) in everything and "Show only mine" in everything
    assert reverse("work-order", args=[theirs.pk]) not in own and reverse("work-order", args=[mine.pk]) in own


def test_lists_ask_the_database_as_often_for_many_orders_as_for_one(client, company):
    counts = []
    client.force_login(company.manager)
    for more in (1, 5):
        for _number in range(more):
            order(company, "scheduled", of=make.device())
            order(company, "offered", of=make.device())
            order(company, "done", of=make.device())
        for name in ("work", "work-offers", "work-done", "work-team"):
            with CaptureQueriesContext(connection) as queries:
                page(client, name)
            counts.append(len(queries))
    assert counts[:4] == counts[4:] and max(counts) <= 12


def test_the_page_of_an_order_asks_seldom(client, company):
    new = order(company, "scheduled")
    new.documents.add(*[make.document(attached_at=timezone.now()) for _number in range(60)])
    client.force_login(company.manager)
    with CaptureQueriesContext(connection) as queries:
        page(client, "work-order", new.pk)
    assert len(queries) <= 12


# Acts


def test_accepting_an_offer(client, company):
    new = order(company, "offered")
    client.force_login(company.manager)
    assert "Agree a date" in act(client, "work-accept", new) and new.state == "accepted"


def test_declining_needs_a_reason_and_takes_the_order_away(client, company):
    new = order(company, "offered")
    client.force_login(company.manager)
    assert "Say why." in act(client, "work-decline", new) and new.state == "offered"
    assert "Declined" in act(client, "work-decline", new, reason="Too far") and new.state == "declined"
    assert new.offers.get().reason == "Too far"


def test_giving_back_calls_the_visit_off(client, company):
    new = order(company, "scheduled")
    client.force_login(company.manager)
    assert "back with our office" in act(client, "work-give-back", new, reason="Ill") and new.state == "declined"
    assert Message.objects.filter(kind="orders/partner_sought", calendar__contains="METHOD:CANCEL").exists()


def test_handing_over_tells_the_engineer(client, company):
    new = order(company, "scheduled")
    client.force_login(company.manager)
    assert "Choose who does the work." in act(client, "work-hand-over", new)
    stranger = make.person()
    act(client, "work-hand-over", new, engineer=stranger.pk)
    assert not Message.objects.filter(kind="orders/order_handed_over").exists()
    act(client, "work-hand-over", new, engineer=company.engineer.pk)
    letter = Message.objects.get(kind="orders/order_handed_over")
    assert letter.recipient == company.engineer.email and "METHOD:REQUEST" in letter.calendar


def test_asking_the_owner_makes_the_order_wait(client, company):
    new = handed(company)
    client.force_login(company.engineer)
    found = act(client, "work-ask", new, question="Is there a socket?")
    assert new.state == "waiting" and "You asked: “Is there a socket?”" in found
    assert "Is there a socket?" in page(client, "work")
    visits.answer(new, words="Yes, two.", by=new.created_by, revision=new.revision)
    assert "Yes, two." in page(client, "work-order", new.pk)
    assert "Yes, two." in Message.objects.get(kind="orders/question_answered").text


def test_proposing_up_to_three_times(client, company):
    new = order(company, "accepted")
    client.force_login(company.manager)
    assert "This time is over." in act(client, "work-times", new, first=local(ahead(hours=-5)), minutes=120)
    assert "Fill in “First time”." in act(client, "work-times", new, minutes=120)
    slots = [at(10), at(10, days=3)]
    found = act(client, "work-times", new, first=local(slots[1]), second=local(slots[0]), minutes=90, words="By car")
    proposal = new.proposals.get()
    assert proposal.slots == slots and proposal.minutes == 90 and "You proposed:" in found


def test_once_times_are_proposed_it_is_for_the_owner_to_choose(client, company):
    new = order(company, "accepted")
    client.force_login(company.manager)
    assert re.search(r'class="btn btn-primary" href="[^"]+">Propose times<', page(client, "work-order", new.pk))
    proposal = visits.propose(new, slots=[ahead(days=2)], by=company.manager, revision=new.revision).proposals.get()
    found = page(client, "work-order", new.pk)
    assert "next-step tone-progress" in found and "The owner is to choose" in found and "Date to agree" not in found
    assert re.search(r'class="btn btn-secondary" href="[^"]+">Propose other times<', found)
    assert "btn-primary" not in found and "The owner is to choose" in page(client, "work")
    proposal.slots = [ahead(hours=-2)]
    proposal.save()
    over = page(client, "work-order", new.pk)
    assert "next-step tone-attention" in over and "Date to agree" in over
    assert re.search(r'class="btn btn-primary" href="[^"]+">Propose other times<', over)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (at(3), "", "This is at night."),
        (at(22), "", "This is at night."),
        (at(10), at(10, 30), "This time overlaps with one above."),
        (at(12), at(11), "This time overlaps with one above."),
        (at(10), at(10), "You have named this time already."),
        (at(10, days=400), "", "Choose a time within the next year."),
        ("soon", "", "Enter a day and a time, such as {example} 9:00."),
    ],
)
def test_odd_times_are_not_proposed(client, company, first, second, told):
    new = order(company, "accepted")
    client.force_login(company.manager)
    first, second = (moment if isinstance(moment, str) else local(moment) for moment in (first, second))
    told = told.format(example=f"{timezone.localdate() + timedelta(days=7):%-d %b %Y}")
    assert told in act(client, "work-times", new, first=first, second=second, minutes=120)
    assert not new.proposals.exists()


def test_times_that_follow_each_other_on_a_holiday_are_proposed_with_a_note(client, company):
    new = order(company, "accepted")
    client.force_login(company.manager)
    christmas = timezone.localtime().replace(month=12, day=25, hour=8, minute=0, second=0, microsecond=0)
    if christmas < timezone.now():
        christmas = christmas.replace(year=christmas.year + 1)
    first, second = local(christmas), local(christmas + timedelta(hours=2))
    found = act(client, "work-times", new, first=first, second=second, minutes=120)
    assert new.proposals.exists() and "is a public holiday." in found


def test_the_owners_wish_for_other_times_is_read(client, company):
    new = order(company, "accepted")
    proposal = visits.propose(new, slots=[ahead(days=2)], by=company.manager, revision=new.revision).proposals.get()
    visits.ask_others(new, proposal=proposal, by=new.created_by, words="Only after five")
    client.force_login(company.manager)
    assert "Only after five" in page(client, "work-order", new.pk)
    assert "Only after five" in Message.objects.get(kind="orders/others_asked").text


def test_one_tap_moves_the_visit_to_a_time_of_the_owner(client, company):
    new = handed(company, "scheduled")
    slots = [ahead(days=9), ahead(days=10)]
    new = visits.propose_move(new, slots=slots, by=new.created_by, words="My exam", revision=new.revision)
    mine = new.proposals.get(outcome="")
    client.force_login(company.engineer)
    listed = page(client, "work")
    assert "The owner asks to move the visit" in listed and "Asked to move" in listed
    shown = page(client, "work-order", new.pk)
    assert "My exam" in shown and shown.count(reverse("work-pick", args=[new.pk])) == 2
    for _ in range(2):
        found = act(client, "work-pick", new, proposal=mine.pk, slot=slots[1].isoformat())
        assert "The visit is moved." in found
    new.service.refresh_from_db()
    assert new.service.visit_starts == slots[1] and reverse("work-pick", args=[new.pk]) not in found


def test_a_move_has_a_deadline_that_both_sides_read(client, company):
    new = handed(company, "scheduled")
    new = visits.propose_move(new, slots=[ahead(days=9)], by=new.created_by, revision=new.revision)
    client.force_login(new.created_by)
    by = by_when(new.service.answer_by)
    assert f"answers by {by}" in client.get(reverse("order", args=[new.pk]), follow=True).content.decode()
    client.force_login(company.engineer)
    assert f"Answer by {by}." in page(client, "work") and "Time to answer:" in page(client, "work-order", new.pk)
    Service.objects.filter(order=new).update(answer_by=timezone.now() - timedelta(minutes=1))
    late = "The owner waits for your answer about another time."
    assert late in page(client, "work") and late in page(client, "work-order", new.pk)
    client.force_login(new.created_by)
    shown = client.get(reverse("order", args=[new.pk]), follow=True).content.decode()
    assert "the answer was due by" in shown and "Overdue" in client.get(reverse("orders"), follow=True).content.decode()


@pytest.mark.parametrize("slot", ["", "x", "2020-01-01T10:00:00+00:00"])
def test_a_time_that_the_owner_did_not_propose_is_not_picked(client, company, slot):
    new = order(company, "scheduled")
    new = visits.propose_move(new, slots=[ahead(days=9)], by=new.created_by, revision=new.revision)
    client.force_login(company.manager)
    found = act(client, "work-pick", new, proposal=new.proposals.get().pk, slot=slot)
    assert "was not proposed" in found
    assert "was not proposed" in act(client, "work-pick", new, proposal="0", slot=ahead(days=9).isoformat())


def test_noting_a_time_of_the_phone(client, company):
    new = order(company, "accepted")
    client.force_login(company.manager)
    assert "This time is over." in act(client, "work-agree", new, starts=local(ahead(hours=-1)), minutes=60)
    act(client, "work-agree", new, starts=local(ahead(days=1)), minutes=60)
    assert new.state == "scheduled"
    new.service.refresh_from_db()
    assert new.service.visit_starts == ahead(days=1) and new.service.visit_ends == ahead(days=1, hours=1)


def test_the_agreed_time_saved_unchanged_moves_nothing(client, company):
    new = order(company, "scheduled")
    visits.propose(new, slots=[ahead(days=9)], by=company.manager, revision=new.revision)
    client.force_login(company.manager)
    shown = page(client, "work-agree", new.pk)
    service, told = new.service, Message.objects.count()
    length = (service.visit_ends - service.visit_starts) // timedelta(minutes=1)
    assert "<h1>Move the visit</h1>" in shown and f'<option value="{length}" selected' in shown
    assert "agreed for this time already" in act(
        client, "work-agree", new, starts=local(service.visit_starts), minutes=length
    )
    assert Message.objects.count() == told and new.proposals.get(outcome="")


def test_a_time_that_does_not_exist_is_an_error_and_no_crash(client, company):
    new = order(company, "accepted")
    client.force_login(company.manager)
    for odd in ("2027-03-28T02:30", "tomorrow", "2027-13-01T10:00", "9999-12-31T23:30", "0001-01-01T00:00"):
        assert "error-summary" in act(client, "work-agree", new, starts=odd, minutes=60), odd
        assert "error-summary" in act(client, "work-times", new, first=odd, minutes=60), odd
    assert new.state == "accepted"


def test_beginning_and_stopping_the_work(client, company):
    new = order(company, "scheduled")
    client.force_login(company.manager)
    assert "Protocol" in act(client, "work-begin", new) and new.state == "under_way"
    assert "Fill in the protocol" in page(client, "work")
    act(client, "work-interrupt", new, reason="A part is missing")
    assert new.state == "accepted" and new.protocols.get().closed_at is None
    assert "Agree a date" in page(client, "work-order", new.pk)


def test_the_loser_of_a_race_is_told(client, company):
    new = order(company, "offered")
    second = make.person(first_name="Second")
    company.people.create(user=second, role="manager")
    offers.accept(new, by=second, revision=new.revision)
    client.force_login(company.manager)
    for name, data in (("work-accept", {}), ("work-decline", {"reason": "Too far"})):
        answer = client.post(reverse(name, args=[new.pk]), {"revision": new.revision, **data}, follow=True)
        assert "Something happened since you opened this page" in answer.content.decode(), name
    new.refresh_from_db()
    assert new.state == "accepted"


def test_whoever_acts_on_an_order_that_went_elsewhere_is_told(client, company):
    new = order(company, "scheduled")
    offers.give_back(new, reason="Ill", by=company.manager, revision=new.revision)
    client.force_login(company.manager)
    for name in ("work-begin", "work-agree"):
        answer = client.post(reverse(name, args=[new.pk]), {"revision": new.revision}, follow=True)
        assert "is not with you any more. Nothing was saved." in answer.content.decode()


def test_an_old_page_changes_nothing(client, company):
    new = order(company, "accepted")
    client.force_login(company.manager)
    answer = client.post(reverse("work-ask", args=[new.pk]), {"revision": new.revision - 1, "question": "Socket?"})
    assert answer.status_code == 200 and "Something happened since" in answer.content.decode()
    assert "Socket?" in answer.content.decode()
    new.refresh_from_db()
    assert new.state == "accepted"


def test_an_address_that_only_takes_a_button_leads_to_the_order(client, company):
    new = order(company, "accepted")
    client.force_login(company.manager)
    for name in ("work-accept", "work-begin", "work-decline", "work-interrupt"):
        assert client.get(reverse(name, args=[new.pk])).url == reverse("work-order", args=[new.pk])


# Inspections that nobody ordered


def test_overdue_inspections_name_device_and_town_only(client, company):
    of = secretive()
    ServiceRecord.objects.create(
        device=of, kind="inspection", done_on=timezone.localdate() - timedelta(days=500), partner=company
    )
    Cover.objects.update_or_create(
        device=of, defaults={"next_inspection_on": timezone.localdate() - timedelta(days=100)}
    )
    client.force_login(company.manager)
    found = page(client, "work-done")
    assert of.units.first().serial in found and "00-100 Warszawa" in found
    assert not [secret for secret in [*SECRETS, "ul. Cicha 3"] if secret in found]
    assert "1 device that you serviced is overdue" in page(client, "work")
    client.force_login(make.company_with_engineer().manager)
    assert "Inspections overdue" not in page(client, "work-done")


# Corrections


def test_a_correction_is_a_new_version_beside_the_old(client, company):
    new = order(company, "done")
    protocol = new.protocols.get()
    client.force_login(company.manager)
    url = reverse("work-correct", args=[protocol.pk])
    assert "Say why." in client.post(url, {"revision": new.revision}).content.decode()
    answer = client.post(url, {"revision": new.revision, "reason": "Wrong pressure"}, follow=True)
    assert "Correction, version 2" in answer.content.decode()
    assert "Go on with the correction" in page(client, "work-paper", protocol.pk)
    assert "Correction, version 2: Wrong pressure" in page(client, "work-sign", new.pk)
    version = new.protocols.get(version=2)
    protocols.close(version, signed_name="Anna", visited_on=version.visited_on, by=company.manager)
    assert "A later version has corrected this one." in page(client, "work-paper", protocol.pk)
    assert page(client, "work-done").count(protocol.number) == 2  # once to see, once to be read out


def test_the_wished_days_stand_where_times_are_proposed(client, company):
    new = order(company, "accepted")
    client.force_login(company.manager)
    assert "Wished days" in page(client, "work-times", new.pk)
    assert "Wished days" not in page(client, "work-ask", new.pk)


def test_wished_days_and_earlier_services_are_told_briefly():
    wished = Service(wished_days=[date(2026, 11, 24)])
    assert words.wish_facts(Order(service=wished)) == [("Wished days", "Tue, 24 Nov, any time of day")]
    earlier = [ServiceRecord(kind="inspection", done_on=date(2025, 11, 7))]
    assert words.service_rows(earlier) == [("Inspection", "7 Nov 2025")]


def test_an_offer_names_the_moment_until_which_to_answer(client, company):
    new = order(company, "offered")
    client.force_login(company.manager)
    moment = f"until {moment_words(new.service.answer_by)}"
    assert moment in page(client, "work-offers") and moment in page(client, "work-order", new.pk)


def test_a_correction_that_was_begun_is_the_next_step_for_who_has_it_and_the_manager(client, company):
    new = handed(company, "under_way")
    protocol = make.close_protocol(new.protocols.get(), by=company.engineer)
    go_on = reverse("work-protocol", args=[new.pk])
    new.refresh_from_db()
    protocols.correct(new, reason="A slip", by=company.manager, revision=new.revision)
    client.force_login(company.manager)
    paper, today = page(client, "work-paper", protocol.pk), page(client, "work")
    assert paper.index(go_on) < paper.index("<h2>Facts</h2>") and "Nothing is left to do." not in paper
    assert "Corrections that were begun" in today and go_on in today and "No work in hand" not in today
    client.force_login(company.engineer)
    paper, today = page(client, "work-paper", protocol.pk), page(client, "work")
    assert go_on not in paper + today and "began a correction" in paper and "Correct the protocol" not in paper
    new.protocols.filter(version=2).update(engineer=company.engineer)
    assert go_on in page(client, "work-paper", protocol.pk) and go_on in page(client, "work")
    client.force_login(make.company_with_engineer().manager)
    assert "Corrections that were begun" not in page(client, "work")


def test_a_correction_is_given_up_after_a_question(client, company):
    new = order(company, "done")
    client.force_login(company.manager)
    url = reverse("work-drop", args=[new.pk])
    assert client.get(url).status_code == 404
    protocols.correct(new, reason="A slip", by=company.manager, revision=new.revision)
    new.refresh_from_db()
    assert url in page(client, "work-protocol", new.pk)
    assert "What was changed in the new version is lost." in page(client, "work-drop", new.pk)
    assert new.protocols.count() == 2
    answer = client.post(url, {"revision": new.revision}, follow=True)
    assert "The correction is given up. Version 1 counts, as before." in answer.content.decode()
    assert new.protocols.count() == 1
