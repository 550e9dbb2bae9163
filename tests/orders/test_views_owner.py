"""Service orders through the owner's pages: in every state, and every act with its refusal."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from orders.actions import offers, ordering, protocols, visits
from orders.models import Order
from tests.factories import PDF, UPTO, able_partner, clerk, customer, device, document, person, service_order, site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
NEXT = {
    "draft": "not sent yet",
    "submitted": "looks for a service partner, at the latest by",
    "offered": "We have asked Serwis Ciepła to do it. The answer is due by",
    "accepted": "has accepted the order and proposes times",
    "scheduled": "Serwis Ciepła comes on",
    "under_way": "is at work",
    "done": "The service is done",
}


@pytest.fixture
def owner(client):
    someone = person(language="en")
    client.force_login(someone)
    return someone


@pytest.fixture
def pump(owner):
    return device(site(customer(members=[owner])), name="Garage")


def page(answer) -> str:
    return " ".join(answer.content.decode().split())


def see(client, order) -> str:
    return page(client.get(reverse("order", args=[order.pk])))


def partner_of(order):
    return order.service.partner.people.first().user


@pytest.mark.parametrize("upto", UPTO)
def test_the_page_says_in_every_state_who_has_it_and_what_comes(client, pump, upto):
    order = service_order(pump, upto=upto)
    shown = see(client, order)
    assert NEXT[upto] in shown and order.number in shown
    # The partner's phone number is there from the acceptance on.
    assert ('href="tel:+48601234567"' in shown) is (UPTO.index(upto) >= UPTO.index("accepted"))
    assert (reverse("order-change", args=[order.pk]) in shown) is (upto in ("submitted", "offered"))
    assert (reverse("order-cancel", args=[order.pk]) in shown) is (upto not in ("under_way", "done"))


def test_a_declined_order_looks_for_another_and_keeps_the_reason_to_the_office(client, pump):
    order = service_order(pump, upto="offered")
    offers.decline(order, reason="The owner never pays.", by=partner_of(order), revision=order.revision)
    shown = see(client, order)
    assert "looks for another one" in shown and "never pays" not in shown
    assert "never pays" not in page(client.get(reverse("device", args=[pump.pk])))


def test_an_overdue_order_stands_out_in_the_list_and_on_its_page(client, pump):
    order = service_order(pump)
    assert "Overdue" not in page(client.get(reverse("orders")))
    order.service.turn_since = timezone.now() - timedelta(days=30)
    order.service.save()
    assert "Overdue" in page(client.get(reverse("orders"))) and "is overdue" in see(client, order)


def test_the_list_names_both_kinds_and_filters_by_what_is_to_do(client, pump):
    done = service_order(pump, code="repair", upto="done")
    order = service_order(pump, upto="accepted")
    shown = page(client.get(reverse("orders")))
    assert "Repair" in shown and "Periodic inspection" in shown
    listed = {name: page(client.get(reverse("orders"), {"state": name})) for name in ("open", "yours", "done", "ended")}
    assert order.number in listed["open"] and done.number in listed["done"]
    assert order.number not in listed["yours"] + listed["done"] + listed["ended"]
    propose(order)
    assert "Choose a time" in page(client.get(reverse("orders"), {"state": "yours"}))


def propose(order, *, days: int = 2):
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=days)
    slots = [start, start + timedelta(days=1)]
    visits.propose(order, slots=slots, by=partner_of(order), revision=order.revision, words="Ladder needed")
    order.refresh_from_db()
    return order.proposals.get(outcome="")


def pick(client, order, proposal, slot=None):
    data = {"proposal": proposal.pk} | ({"slot": slot.isoformat()} if slot else {})
    return client.post(reverse("visit-pick", args=[order.pk]), data, follow=True)


def test_the_owner_picks_a_time_and_gets_it_for_the_calendar(client, pump):
    order = service_order(pump, upto="accepted")
    proposal = propose(order)
    shown = see(client, order)
    assert "Ladder needed" in shown and shown.count('type="radio"') == 2
    for _ in range(2):
        assert "The visit is agreed" in page(pick(client, order, proposal, proposal.slots[1]))
    order.refresh_from_db()
    assert (order.state, order.service.visit_starts) == ("scheduled", proposal.slots[1])
    calendar = client.get(reverse("order-calendar", args=[order.pk]))
    assert calendar["Content-Type"] == "text/calendar" and b"BEGIN:VEVENT" in calendar.content


def test_no_time_chosen_is_said_at_the_field(client, pump):
    order = service_order(pump, upto="accepted")
    shown = page(pick(client, order, propose(order)))
    assert "Choose one of the times." in shown and "error-summary" in shown


def test_times_that_were_replaced_cannot_be_picked(client, pump):
    order = service_order(pump, upto="accepted")
    old = propose(order)
    propose(order, days=5)
    shown = page(pick(client, order, old, old.slots[0]))
    order.refresh_from_db()
    assert order.state == "accepted" and "no longer open" in shown


def test_none_of_the_times_suits(client, pump):
    order = service_order(pump, upto="accepted")
    proposal, url = propose(order), reverse("visit-others", args=[order.pk])
    assert f'name="proposal" value="{proposal.pk}"' in page(client.get(url))
    client.post(url, {"words": "Fridays only", "proposal": proposal.pk})
    proposal.refresh_from_db()
    assert (proposal.outcome, proposal.answer) == ("others_asked", "Fridays only")
    late = page(client.post(url, {"words": "Mondays", "proposal": proposal.pk}))
    assert "no longer open" in late and "Mondays" in late


def test_an_agreed_date_can_be_moved_and_stands_until_then(client, pump):
    order = service_order(pump, upto="scheduled")
    url = reverse("visit-others", args=[order.pk])
    assert "stands until you agree" in page(client.get(url))
    client.post(url, {"words": "A week later", "proposal": ""})
    assert "comes on" in see(client, order)
    order.refresh_from_db()
    proposal = propose(order, days=9)
    pick(client, order, proposal, proposal.slots[0])
    order.service.refresh_from_db()
    assert order.service.visit_starts == proposal.slots[0]


def test_the_owner_proposes_times_of_their_own_to_move_the_visit(client, pump):
    order = service_order(pump, upto="scheduled")
    url, later = reverse("visit-move", args=[order.pk]), timezone.localtime() + timedelta(days=9)
    assert url in see(client, order) and "stands until" in page(client.get(url))
    early = {"first": f"{timezone.localtime():%Y-%m-%dT23:59}", "revision": order.revision}
    assert "Choose a time from" in page(client.post(url, early))
    data = {"first": f"{later:%Y-%m-%dT10:00}", "words": "My exam", "revision": order.revision}
    assert "is asked to move the visit" in page(client.post(url, data, follow=True))
    shown = see(client, order)
    assert "You asked to move the visit" in shown and "10:00" in shown and 'type="radio"' not in shown
    listed = page(client.get(reverse("orders"), {"state": "yours"}))
    assert order.number not in listed
    for name in ("devices", "orders"):
        assert "Choose a time" not in page(client.get(reverse(name)))


def test_an_owner_moves_only_what_is_agreed_and_ahead(client, pump):
    order = service_order(pump, upto="scheduled")
    url, now = reverse("visit-move", args=[order.pk]), timezone.now()
    order.service.visit_starts, order.service.visit_ends = now - timedelta(hours=2), now - timedelta(hours=1)
    order.service.save()
    shown = see(client, order)
    assert url not in shown and reverse("visit-others", args=[order.pk]) in shown
    assert client.get(url).status_code == 302
    late = f"{timezone.localtime() + timedelta(days=9):%Y-%m-%dT10:00}"
    assert "should have begun already" in page(client.post(url, {"first": late, "revision": order.revision}))


def test_a_sent_order_can_be_changed_until_it_is_accepted(client, pump):
    order = service_order(pump)
    url = reverse("order-change", args=[order.pk])
    data = answers_of(order) | {"part": "afternoon", "notes": "Green gate", "revision": order.revision}
    assert "Ring twice." in page(client.get(url))
    wrong = client.post(url, data | {"day1": "2020-01-01"})
    assert "from tomorrow on" in page(wrong) and "Green gate" in page(wrong)
    assert client.post(url, data).url == reverse("order", args=[order.pk])
    assert "Something happened" in page(client.post(url, data))
    order.service.refresh_from_db()
    assert (order.service.notes, order.service.wished_part) == ("Green gate", "afternoon")


def answers_of(order) -> dict:
    return {f"q{number}": value for number, value in order.service.answers.items()}


def test_an_accepted_order_cannot_be_changed_and_what_was_typed_is_still_there(client, pump):
    order = service_order(pump, upto="accepted")
    url = reverse("order-change", args=[order.pk])
    assert client.get(url).url == reverse("order", args=[order.pk])
    late = page(client.post(url, answers_of(order) | {"part": "any", "notes": "Green gate", "revision": 2}))
    assert "Nothing of yours was saved" in late and "Green gate" in late


def test_an_order_is_cancelled_after_a_question_and_the_visit_called_off(client, pump):
    order = service_order(pump, upto="scheduled")
    url = reverse("order-cancel", args=[order.pk])
    assert "called off" in page(client.get(url))
    stale = page(client.post(url, {"revision": 1, "reason": "Sold the house"}))
    assert "Nothing of yours was saved" in stale and "Sold the house" in stale
    answer = client.post(url, {"revision": order.revision, "reason": "Sold the house"}, follow=True)
    assert "is cancelled" in page(answer) and "Sold the house" in page(answer)
    assert client.get(url).url == reverse("order", args=[order.pk])
    assert Order.objects.get().state == "cancelled"


def test_work_under_way_cannot_be_cancelled(client, pump):
    order = service_order(pump, upto="under_way")
    url = reverse("order-cancel", args=[order.pk])
    assert client.get(url).status_code == 302
    assert "Nothing of yours was saved" in page(client.post(url, {"revision": order.revision}))


def test_the_owner_answers_a_question(client, pump):
    order = service_order(pump)
    order = visits.ask(order, question="Which colour?", by=clerk("dispatcher"), revision=order.revision)
    assert "Our office asks: Which colour?" in see(client, order)
    url = reverse("order-reply", args=[order.pk])
    assert "Which colour?" in page(client.get(url))
    assert "Write an answer" in page(client.post(url, {"words": " ", "revision": order.revision}))
    photo = SimpleUploadedFile("photo.pdf", PDF, "application/pdf")
    data = {"words": "Green", "documents": photo, "revision": order.revision}
    assert "Your answer is sent." in page(client.post(url, data, follow=True))
    late = page(client.post(url, data | {"documents": SimpleUploadedFile("b.pdf", PDF, "application/pdf")}))
    assert "Nothing of yours was saved" in late and "Green" in late
    order.refresh_from_db()
    assert (order.state, order.service.answer, order.documents.count()) == ("submitted", "Green", 1)


def test_of_two_versions_the_newest_stands_first_and_the_other_one_is_marked(client, pump):
    order = service_order(pump, upto="done")
    by = order.protocols.get().engineer
    assert "Download version" not in see(client, order)
    correction = protocols.correct(order, reason="Wrong pressure", by=by, revision=order.revision)
    protocols.close(correction, signed_name="Anna", visited_on=correction.visited_on, by=by)
    order.protocols.update(pdf=document(attached_at=timezone.now()))
    words = re.findall("version 1|version 2|Replaced", see(client, order).split(">Protocol<", 1)[1])
    assert words[:5] == ["version 2", "version 2", "version 1", "Replaced", "version 1"]
    papers = page(client.get(reverse("device", args=[pump.pk]))).split("<h2>Documents</h2>", 1)[1]
    assert re.findall("version 1|version 2|Replaced", papers) == ["version 2", "version 1", "Replaced"]


def test_what_happened_names_the_order_on_the_page_of_the_device_alone(client, pump):
    order = service_order(pump, upto="scheduled")
    happened = see(client, order).split("What happened", 1)[1]
    assert f"Order {order.number}" not in happened and "<p>Sent</p>" in happened and "<p>Visit agreed for" in happened
    assert f"<p>Order {order.number} sent</p>" in page(client.get(reverse("device", args=[pump.pk])))


def test_the_protocol_is_there_when_the_work_is_done(client, pump):
    order = service_order(pump, upto="done")
    protocol = order.protocols.get()
    assert protocol.number in see(client, order) and 'data-refresh-while="making"' in see(client, order)
    shown = page(client.get(reverse("protocol", args=[protocol.pk])))
    assert "As it should be" in shown and "Anna Kowalska" in shown


def test_the_owner_sees_the_device_note_of_what_is_on_order(client, pump):
    order = service_order(pump, upto="scheduled")
    shown = page(client.get(reverse("device", args=[pump.pk])))
    assert "Periodic inspection: Date agreed" in shown and reverse("order", args=[order.pk]) in shown
    assert f"{reverse('order-new')}?device={pump.pk}" in shown


def test_colleague_and_stranger(client, pump):
    order, colleague = service_order(pump, upto="done"), person(language="en")
    pump.site.customer.memberships.create(user=colleague)
    urls = [reverse(name, args=[order.pk]) for name in ("order", "order-change", "order-cancel", "order-reply",
            "visit-pick", "visit-others", "visit-move")]  # fmt: skip
    urls += [reverse("protocol", args=[order.protocols.get().pk]), reverse("order-calendar", args=[order.pk])]
    for who, statuses in ((colleague, {200, 302}), (customer().members.get(), {404})):
        client.force_login(who)
        assert {client.get(url).status_code for url in urls} <= statuses, who
    assert {client.post(url, {"revision": order.revision}).status_code for url in urls} == {404}


@pytest.mark.parametrize("revision", ["", "x", "²", "9" * 40, "-1"])
def test_a_strange_revision_is_a_stale_one(client, pump, revision):
    order = service_order(pump)
    answer = client.post(reverse("order-cancel", args=[order.pk]), {"revision": revision})
    assert answer.status_code == 200 and "Nothing of yours was saved" in page(answer)


def test_a_long_list_needs_few_queries(client, pump, django_assert_max_num_queries):
    for _ in range(3):
        service_order(device(pump.site), upto="accepted", to=able_partner())
    template = service_order(pump)
    services = []
    rows = [
        Order(number=f"X{n}", kind="service", service_kind=template.service_kind, state="cancelled",
              closed_at=timezone.now(), customer=template.customer, device=pump, created_by=template.created_by,
              once_key=uuid.uuid4())
        for n in range(60)
    ]  # fmt: skip
    for new in Order.objects.bulk_create(rows):
        services.append(type(template.service)(order=new, submitted_at=timezone.now()))
    type(template.service).objects.bulk_create(services)
    with django_assert_max_num_queries(12):
        shown = page(client.get(reverse("orders")))
    assert re.search(r"1 to 25 of 64", shown)


def test_a_page_with_sixty_photos_needs_few_queries(client, pump, django_assert_max_num_queries):
    order = service_order(pump, upto="scheduled")
    order.documents.add(*[document(name=f"photo-{n}.jpg") for n in range(60)])
    with django_assert_max_num_queries(12):
        assert see(client, order).count("gallery-item") == 60


def test_ordering_act_is_in_the_trail(client, pump):
    order = service_order(pump)
    ordering.change(order, by=order.created_by, revision=order.revision, notes="Blue gate")
    assert "changed" in see(client, order)
