"""The signed link of an e-mail: it shows first, and only its buttons change anything."""

from datetime import timedelta

import pytest
from django.core import signing
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from orders import messages
from orders.actions import ordering, visits
from portal.outbox.models import Message
from tests.factories import customer, device, person, service_order, site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def owner():
    return person(language="en", first_name="Ola")


@pytest.fixture
def order(owner):
    return service_order(device(site(customer(members=[owner])), name="Garage"), upto="accepted")


@pytest.fixture
def proposal(order):
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    slots = [start, start + timedelta(days=1)]
    visits.propose(order, slots=slots, by=order.service.engineer, revision=order.revision)
    order.refresh_from_db()
    return order.proposals.get()


@pytest.fixture
def link(proposal, owner):
    return reverse("visit-answer", args=[messages.proposal_token(proposal, owner)])


def page(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_the_e_mail_carries_the_link(link, owner):
    message = Message.objects.get(kind="orders/visit_proposed", recipient=owner.email)
    assert link.rsplit("/", 2)[0] in message.text and message.secret


def test_opening_the_link_changes_nothing(client, link, order, proposal):
    for _ in range(2):
        answer = client.get(link)
    order.refresh_from_db()
    assert page(answer).count('type="radio"') == 2 and order.state == "accepted"
    assert "no-store" in answer["Cache-Control"]


def test_the_page_of_the_link_says_who_proposes_and_whose_words_they_are(client, link, order, proposal):
    partner = order.service.partner.name
    proposal.words = "By car"
    proposal.save()
    shown = page(client.get(link))
    assert f"<p>Proposed by {partner}</p>" in shown and f"<p>{partner} writes:</p>" in shown


def test_a_button_picks_the_time_as_the_person_of_the_link(client, link, order, proposal, owner):
    data = {"slot": proposal.slots[0].isoformat(), "go": "pick"}
    for _ in range(2):
        answer = client.post(link, data, follow=True)
    assert "Thank you, the date is agreed: " in page(answer) and 'type="radio"' not in page(answer)
    order.refresh_from_db()
    proposal.refresh_from_db()
    assert order.state == "scheduled" and proposal.outcome == "picked"


def test_the_link_hands_out_the_agreed_visit_for_the_calendar(client, link, order, proposal, owner):
    assert client.get(f"{link}visit.ics").status_code == 404
    visits.pick(order, proposal=proposal, slot=proposal.slots[0], by=owner)
    assert 'href="visit.ics"' in page(client.get(link))
    file = client.get(f"{link}visit.ics")
    assert file["Content-Type"] == "text/calendar"
    assert f"mailto:{owner.email}" in file.content.decode().replace("\r\n ", "")
    assert client.get(reverse("visit-calendar", args=["forged"])).status_code == 404


def test_other_times_are_asked_for(client, link, order, proposal):
    answer = client.post(link, {"words": "Fridays", "go": "others"}, follow=True)
    assert "was asked for other times" in page(answer)
    proposal.refresh_from_db()
    assert (proposal.outcome, proposal.answer) == ("others_asked", "Fridays")


@pytest.mark.parametrize("slot", ["", "2020-01-01T10:00:00+00:00", "x"])
def test_a_time_that_was_not_offered_is_said(client, link, order, slot):
    answer = client.post(link, {"slot": slot, "go": "pick"})
    assert answer.status_code == 200 and "error-summary" in page(answer)
    order.refresh_from_db()
    assert order.state == "accepted"


def test_forged_and_old_links_tell_nothing(client, link, order, proposal, monkeypatch):
    forged = reverse("visit-answer", args=[signing.dumps([proposal.pk, 1], salt="another")])
    for url in (forged, link[:-3] + "x/"):
        assert client.get(url).status_code == client.post(url, {"go": "pick"}).status_code == 404
        assert "Garage" not in page(client.get(url))
    monkeypatch.setattr(messages, "PROPOSAL_LINK_SECONDS", -1)
    assert client.get(link).status_code == 404


def test_who_is_no_longer_a_member_or_may_not_sign_in_reads_nothing(client, link, order, owner):
    owner.is_active = False
    owner.save()
    assert client.get(link).status_code == 404
    owner.is_active = True
    owner.save()
    order.customer.memberships.all().delete()
    assert client.get(link).status_code == 404 and client.post(link, {"go": "others"}).status_code == 404


def test_an_answered_link_says_what_is_now(client, link, order, proposal, owner):
    visits.ask_others(order, by=owner, proposal=proposal)
    order.refresh_from_db()
    late = page(client.post(link, {"slot": proposal.slots[0].isoformat(), "go": "pick"}))
    assert "was asked for other times" in late
    ordering.cancel(order, by=owner, revision=order.revision)
    assert "Nobody comes" in page(client.get(link))


def test_the_page_speaks_the_language_of_the_person(client, link, owner):
    owner.language = "pl"
    owner.save()
    assert '<html lang="pl"' in page(client.get(link))


def test_a_day_within_a_sentence_begins_with_a_small_letter(client, link, order, proposal, owner):
    owner.language = "pl"
    owner.save()
    visits.pick(order, proposal=proposal, slot=proposal.slots[0], by=owner)
    with translation.override("pl"):
        day = date_format(timezone.localtime(proposal.slots[0]), "l").lower()
    assert f": {day}," in page(client.get(link))
