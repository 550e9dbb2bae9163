"""The office works on service orders: finds them, assigns them, asks, takes back, cancels."""

from datetime import timedelta
from functools import partial

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders import staff_queues
from orders.actions import offers, ordering, visits
from orders.models import Offer, Order, Service
from portal.events import Event
from portal.outbox.models import Message
from tests import factories as make
from tests.orders.together import together

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
LIST = "admin:orders_service_changelist"
MOST_QUERIES = 12


@pytest.fixture
def clerk(client):
    person = make.clerk("dispatcher", first_name="Jan", last_name="Nowak", language="en")
    client.force_login(person)
    return person


def page_of(order: Order) -> str:
    return reverse("admin:orders_service_change", args=[order.service.pk])


def state_of(order: Order) -> str:
    return Order.objects.get(pk=order.pk).state


def told(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def act(client, order: Order, name: str, **data):
    return client.post(page_of(order), {"act": name, "revision": order.revision, **data}, headers=ENGLISH)


def offered_acts(client, order: Order) -> set[str]:
    return {one.name for one, _form in client.get(page_of(order)).context["acts"]}


def queries_of(client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def listed(client, query: str) -> set[int]:
    return {service.order_id for service in client.get(reverse(LIST) + query).context["cl"].result_list}


def test_an_order_of_either_kind_leads_to_its_own_page(client, clerk):
    service, proof = make.service_order(), make.order_in_review()
    pages = [client.get(reverse("admin:orders_order_change", args=[order.pk])) for order in (service, proof)]
    assert pages[0].url == page_of(service) and pages[1].status_code == 200
    assert [order.pk for order in client.get(reverse("admin:orders_order_changelist")).context["cl"].result_list] == [
        proof.pk
    ]


def test_the_page_tells_the_whole_order(client, clerk):
    order = make.service_order(code="first_start_up", upto="scheduled")
    page = client.get(page_of(order), headers=ENGLISH).content.decode()
    service, customer = order.service, order.customer
    words = [order.number, customer.name, customer.email, service.partner.name, "Ring twice.", "Anna, 601 234 567"]
    words += [unit.serial for unit in order.device.units.all()]
    assert not [word for word in words if word not in page]
    assert all(reverse("document-page", args=[photo.pk, 1]) in page for photo in order.documents.all())
    assert order.documents.exists()


@pytest.mark.parametrize(
    ("upto", "acts"),
    [
        ("submitted", {"offer", "ask", "cancel", "correct_address"}),
        ("offered", {"recall", "cancel", "correct_address"}),
        ("accepted", {"recall", "cancel", "correct_address"}),
        ("scheduled", {"recall", "cancel", "correct_address"}),
        ("under_way", {"interrupt", "correct_address"}),
        ("done", set()),
    ],
)
def test_only_what_the_table_allows_is_offered(client, clerk, upto, acts):
    assert offered_acts(client, make.service_order(upto=upto)) == acts


def test_the_reviewer_looks_and_may_not_act(client):
    order = make.service_order()
    client.force_login(make.clerk("reviewer"))
    assert offered_acts(client, order) == set()
    assert act(client, order, "cancel", reason="No.").status_code == 403
    assert state_of(order) == Order.State.SUBMITTED


def test_suitable_partners_stand_first_with_reasons_and_the_rest_cannot_all_be_chosen(client, clerk):
    order = make.service_order()
    busy, free = make.able_partner(name="Busy"), make.able_partner(name="Free")
    make.service_order(upto="offered", to=busy)
    bare = make.partner(name="Bare", decision="approved", decided_at=timezone.now(), decided_by=clerk)
    form = {one.name: form for one, form in client.get(page_of(order)).context["acts"]}["offer"]
    names = [one.partner.name for one in form.fields["partner"].widget.candidates]
    assert names == ["Free", "Busy", "Bare"] and form.fields["partner"].initial == str(free.pk)
    page = client.get(page_of(order), headers=ENGLISH).content.decode()
    assert "has no valid certificate" in page and f'value="{bare.pk}" disabled' in page


def test_an_order_is_offered_and_the_next_one_comes(client, clerk):
    first, second = make.service_order(), make.service_order()
    partner = make.able_partner()
    answer = act(client, first, "offer", partner=partner.pk)
    assert answer.url == page_of(second)
    offer = Offer.objects.get(order=first)
    assert (offer.partner, offer.outcome, state_of(first)) == (partner, "", Order.State.OFFERED)
    assert Message.objects.filter(kind="orders/offer_made").exists()


def test_the_last_order_leads_back_to_the_queue(client, clerk):
    order = make.service_order()
    answer = act(client, order, "offer", partner=make.able_partner().pk)
    assert answer.url == reverse(LIST) + "?queue=assign"
    assert listed(client, "?queue=assign") == set()


def test_a_partner_without_a_certificate_cannot_be_forced(client, clerk):
    order = make.service_order()
    bare = make.partner(decision="approved", decided_at=timezone.now(), decided_by=clerk)
    answer = act(client, order, "offer", partner=bare.pk)
    assert answer.context["typed"]["offer"].errors["partner"]
    assert state_of(order) == Order.State.SUBMITTED


def test_an_order_goes_from_one_partner_to_another(client, clerk):
    order = make.service_order(upto="scheduled")
    former, other = order.service.partner, make.able_partner(name="Other")
    assert act(client, order, "recall", reason="The engineer is ill.").url == page_of(order)
    order.refresh_from_db()
    assert (order.state, offered_acts(client, order)) == (
        Order.State.SUBMITTED,
        {"offer", "ask", "cancel", "correct_address"},
    )
    act(client, order, "offer", partner=other.pk)
    assert [offer.partner for offer in order.offers.all()] == [former, other]
    assert Service.objects.get(order=order).visit_starts is None


def test_the_owner_is_asked(client, clerk):
    order = make.service_order()
    act(client, order, "ask", question="Is there a lift?")
    service = Service.objects.get(order=order)
    assert (state_of(order), service.question, service.asked_by) == (Order.State.WAITING, "Is there a lift?", clerk)


def test_work_is_interrupted_and_stays_with_the_partner(client, clerk):
    order = make.service_order(upto="under_way")
    act(client, order, "interrupt", reason="A part is missing.")
    assert state_of(order) == Order.State.ACCEPTED
    assert Service.objects.get(order=order).partner == order.service.partner


def test_an_order_is_cancelled_with_a_reason(client, clerk):
    order = make.service_order(upto="offered")
    assert act(client, order, "cancel", reason=" ").context["typed"]["cancel"].errors
    assert state_of(order) == Order.State.OFFERED
    act(client, order, "cancel", reason="The house was sold.")
    assert state_of(order) == Order.State.CANCELLED
    assert Event.objects.about(order).first().reason == "The house was sold."


def test_of_two_clerks_one_wins_and_the_other_is_told(client, clerk):
    order = make.service_order()
    mine, theirs = make.able_partner(name="Mine"), make.able_partner(name="Theirs")
    colleague = make.clerk("dispatcher", first_name="Ewa", last_name="Lis")
    offers.offer(order, partner=theirs, by=colleague, revision=order.revision)
    answer = act(client, order, "offer", partner=mine.pk)
    assert answer.status_code == 200 and "Ewa Lis" in told(answer) and "Theirs" in told(answer)
    assert Offer.objects.get().partner == theirs and state_of(order) == Order.State.OFFERED


@pytest.mark.django_db(transaction=True)
def test_of_two_clerks_at_the_same_moment_one_wins():
    order, partners = make.service_order(), [make.able_partner(name=name) for name in ("Mine", "Theirs")]
    answers = []

    def post(browser: Client, partner) -> None:
        answers.append(act(browser, order, "offer", partner=partner.pk))

    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(make.clerk("dispatcher", language="en"))
    together(*(partial(post, *pair) for pair in zip(browsers, partners, strict=True)))
    loser = next(answer for answer in answers if answer.status_code == 200)
    assert len(answers) == 2 and "Somebody was quicker" in told(loser)
    assert Offer.objects.get().partner == Service.objects.get(order=order).partner


def test_words_survive_when_the_owner_was_quicker(client, clerk):
    order = make.service_order()
    opened = order.revision
    ordering.change(order, by=order.created_by, revision=opened, notes="Ring three times.")
    page = act(client, order, "ask", question="Is there a lift?").content.decode()
    assert "Is there a lift?" in page and f'name="revision" value="{opened + 1}"' in page
    assert state_of(order) == Order.State.SUBMITTED


def late_orders() -> dict[str, Order]:
    """One of each queue, and one order of each state that is in time."""
    now = timezone.now()
    for upto in ("draft", "scheduled", "under_way", "done"):
        make.service_order(upto=upto)
    make_due = make.service_order(upto="offered")
    Service.objects.filter(order=make_due).update(answer_by=now - timedelta(hours=1))
    in_time = make.service_order(upto="offered")
    Service.objects.filter(order=in_time).update(answer_by=now + timedelta(days=3))
    missed = make.service_order(upto="scheduled")
    start = now - timedelta(days=2)
    Service.objects.filter(order=missed).update(visit_starts=start, visit_ends=start + timedelta(hours=2))
    stuck = make.service_order(upto="under_way")
    Service.objects.filter(order=stuck).update(visit_starts=start, visit_ends=now - timedelta(hours=25))
    moved = make.service_order(upto="scheduled")
    slots = [moved.service.visit_starts + timedelta(days=7)]
    visits.propose_move(moved, slots=slots, by=moved.created_by, revision=moved.revision)
    Service.objects.filter(order=moved).update(answer_by=now - timedelta(hours=1))
    return {"assign": make.service_order(), "due": make_due, "missed": missed, "stuck": stuck, "moves": moved}


def test_what_stands_still_waits_in_a_queue_with_its_age(client, clerk):
    late = late_orders()
    queues = {queue.url: queue for queue in client.get(reverse("admin:index")).context["queues"]}
    for code, order in late.items():
        queue = queues[f"{reverse(LIST)}?queue={code}"]
        assert queue.count == 1 and queue.oldest <= timezone.now()
        assert listed(client, f"?queue={code}") == {order.pk}


def test_the_office_is_told_of_protocols_that_could_not_be_drawn(client, clerk):
    order, now = make.service_order(upto="done"), timezone.now()
    with pytest.MonkeyPatch.context() as patch:
        for hours, count in ((0, 0), (2, 1)):
            patch.setattr(timezone, "now", lambda hours=hours: now + timedelta(hours=hours))
            found = {queue.url: queue.count for queue in staff_queues.service_queues(clerk)}
            assert found[f"{reverse(LIST)}?queue=undrawn"] == count
        assert listed(client, "?queue=undrawn") == {order.pk}
    order.protocols.update(pdf=make.document(attached_at=now))
    assert listed(client, "?queue=undrawn") == set()


def test_what_is_late_stands_out_in_the_list(client, clerk):
    late = late_orders()
    changelist = client.get(reverse(LIST)).context["cl"]
    deadline = changelist.model_admin.deadline
    shown = {row.order_id for row in changelist.result_list if "chip-attention" in deadline(row)}
    assert shown == {order.pk for code, order in late.items() if code != "assign"}


@pytest.mark.parametrize(
    "query", ["?order__state__exact=offered", "?q=Zielona", "?order__service_kind__id__exact={kind}"]
)
def test_the_list_is_filtered_and_searched(client, clerk, query):
    mine = make.service_order(make.device(name="Zielona"), code="repair", upto="offered")
    make.service_order()
    assert listed(client, query.format(kind=mine.service_kind_id)) == {mine.pk}


def test_the_list_of_two_thousand_orders_takes_few_queries(client, clerk):
    first = make.service_order(upto="offered")
    fields = {"kind": "service", "service_kind": first.service_kind, "customer": first.customer, "device": first.device}
    orders = Order.objects.bulk_create(
        Order(number=f"T{i}", state="cancelled", closed_at=timezone.now(), created_by=first.created_by, **fields)
        for i in range(2000)
    )
    Service.objects.bulk_create(Service(order=order, partner=first.service.partner) for order in orders)
    assert queries_of(client, reverse(LIST)) <= MOST_QUERIES


def test_an_odd_answer_is_pointed_out(client, clerk):
    order = make.service_order(make.device(kind="split"), code="first_start_up")
    told = "[500]: an F-gas certificate usually has a number"
    for answer, is_odd in (("FGAZ-O/01/12345/22", False), ("12345", True)):
        order.service.answers["500"] = answer
        order.service.save()
        assert (told in client.get(page_of(order), headers=ENGLISH).content.decode()) is is_odd


@pytest.mark.parametrize("upto", ["under_way", "done"])
def test_the_page_tells_what_the_engineer_filled_in(client, clerk, upto):
    order = make.service_order(upto=upto)
    protocol = order.protocols.get()
    if upto == "under_way":
        photo = make.document(name="boiler.jpg")
        protocol.documents.add(photo)
        protocol.answers = {"301": "1.7", "1103": [str(photo.pk)]}
        protocol.save()
    shown = client.get(page_of(order), headers=ENGLISH)
    content = shown.content.decode()
    assert "Protocol: [300] Water side" in content and "[301] System pressure" in content
    assert ("1.7 bar" in content) is (upto == "under_way") is ("Protocol: [200]" not in content)
    assert any(question.startswith("[1103]") for question, _document in shown.context["photos"])


@pytest.mark.parametrize("upto", make.UPTO)
def test_a_page_with_sixty_photos_takes_few_queries(client, clerk, upto):
    order = make.service_order(code="first_start_up", upto=upto)
    for _ in range(3):
        make.able_partner()
    order.documents.add(*(make.document(name=f"{i}.jpg", content_type="image/jpeg", pages=None) for i in range(60)))
    assert queries_of(client, page_of(order)) <= MOST_QUERIES


def test_the_page_tells_of_offers_times_and_protocols(client, clerk):
    order = make.service_order(upto="offered")
    person = order.service.partner.people.get().user
    offers.decline(order, reason="Too far away.", by=person, revision=order.revision)
    titles = [listing.title for listing in client.get(page_of(order), headers=ENGLISH).context["listings"]]
    assert titles == ["Offers"] and "Too far away." in client.get(page_of(order)).content.decode()
    done = make.service_order(upto="done")
    shown = client.get(page_of(done), headers=ENGLISH)
    assert [listing.title for listing in shown.context["listings"]] == ["Offers"]
    # The papers stand just below where the order stands, above all answers.
    assert [part.title for part in shown.context["first"]][:2] == ["Where it stands", "Protocol"]
    assert done.protocols.get().number in client.get(page_of(done)).content.decode()


def test_the_page_tells_which_times_were_proposed(client, clerk):
    order = make.service_order(upto="accepted")
    slot = timezone.now().replace(microsecond=0) + timedelta(days=2)
    person = order.service.partner.people.get().user
    order = visits.propose(order, slots=[slot], by=person, revision=order.revision)
    visits.ask_others(order, by=order.created_by, words="Only after five.")
    page = client.get(page_of(order), headers=ENGLISH).content.decode()
    assert "Only after five." in page and "other times asked for" in page
    assert timezone.localtime(slot).isoformat(timespec="minutes") in page


def test_a_partner_page_shows_open_work_and_engineers(client, clerk):
    order = make.service_order(upto="accepted")
    page = client.get(reverse("admin:accounts_partner_change", args=[order.service.partner.pk])).content.decode()
    assert order.number in page and order.service.partner.people.get().user.email in page


def test_the_list_is_taken_away_as_it_is_filtered(client):
    client.force_login(make.clerk("manager", language="en"))
    mine = make.service_order(upto="offered")
    other = make.service_order()
    everything = b"".join(client.get(reverse("admin:orders_service_csv"), headers=ENGLISH).streaming_content).decode()
    assert "the office" in next(line for line in everything.splitlines() if other.number in line)
    answer = client.get(reverse("admin:orders_service_csv") + "?order__state__exact=offered", headers=ENGLISH)
    table = b"".join(answer.streaming_content).decode()
    assert mine.number in table and other.number not in table and mine.service.partner.name in table
    assert f",{timezone.localtime(mine.service.answer_by):%Y-%m-%d %H:%M}," in table and "<" not in table
