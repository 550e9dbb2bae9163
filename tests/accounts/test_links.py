"""Where the links of messages lead: to the right customer, and never to the one whom the sender acts for."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import set_script_prefix
from django.utils import timezone

from accounts.actions.people import tell_members
from accounts.links import link_for
from accounts.models import Customer, User
from orders import messages
from orders.actions import visits
from portal.access import Area
from portal.addresses import address, plain, without_prefix
from portal.outbox.models import Message
from portal.outbox.queue import send
from tests.factories import able_partner, customer, device, member, person, service_order, site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def chosen():
    """As in a request for the customer K-000777."""
    set_script_prefix("/c/K-000777/")
    yield
    set_script_prefix("/")


def two_customers() -> tuple[User, Customer, Customer]:
    user = person(language="en")
    return user, customer(members=[user]), customer(members=[user])


def link_to(user: User, *, kind: str = "") -> str:
    letter = Message.objects.filter(recipient=user.email, kind__contains=kind).latest("pk")
    return re.search(r"https?://[^/\s]+(/\S*)", letter.text).group(1)


def test_who_acts_for_several_comes_to_the_right_one_and_others_to_the_plain_page(chosen):
    user, first, second = two_customers()
    other = member(first)
    assert link_for(user, second, "/c/K-000777/orders/5/") == f"/c/{second.number}/orders/5/"
    assert link_for(user, first, "/orders/5/") == f"/c/{first.number}/orders/5/"
    assert link_for(other, first, "/c/K-000777/orders/5/") == "/orders/5/"


def test_a_grant_that_is_over_does_not_count():
    user = member(ends_on="2020-01-01", starts_on="2019-01-01")
    assert link_for(user, customer(members=[user]), "/devices/") == "/devices/"


def test_addresses_are_made_for_the_request_and_can_be_had_without_its_customer(chosen):
    assert address("device", 5) == "/c/K-000777/devices/5/" and plain(address("device", 5)) == "/devices/5/"
    with without_prefix():
        assert address("device", 5) == "/devices/5/"
    assert address("device", 6) == "/c/K-000777/devices/6/"


def test_links_that_a_template_makes_are_for_its_reader(chosen):
    letter = send("accounts/partner_approved", to="a@example.com", language="en", context={"partner": "P", "name": "A"})
    assert "/partner/" in letter.text and "K-000777" not in letter.text + letter.html


def test_each_member_gets_the_own_link(chosen):
    user, _first, second = two_customers()
    other = member(second)
    context = {"device": "Pump", "serial": "X1"}
    tell_members(second, "devices/unit_attached", context=context, area=Area.TECHNICAL, path="/c/K-000777/devices/9/")
    assert link_to(user) == f"/c/{second.number}/devices/9/" and link_to(other) == "/devices/9/"


def test_in_a_request_for_a_customer_the_partner_gets_a_plain_link():
    user, _first, second = two_customers()
    mechanic = person()
    place, company = site(second), able_partner(people=[mechanic])
    order = service_order(device(place), code="repair", upto="accepted", by=user, to=company)
    order = visits.ask(order, question="Which floor?", by=mechanic, revision=order.revision)
    browser = Client()
    browser.force_login(user)
    assert link_to(user, kind="question_asked") == f"/c/{second.number}/orders/{order.pk}/"
    url = f"/c/{second.number}/orders/{order.pk}/reply/"
    browser.post(url, {"words": "The second", "revision": order.revision})
    assert link_to(mechanic, kind="question_answered") == f"/work/{order.pk}/"
    assert not Message.objects.filter(recipient=mechanic.email, text__contains="/c/K-").exists()


def test_technical_messages_go_to_those_who_see_the_site():
    owner = customer()
    here, there = site(owner), site(owner)
    order = service_order(device(here), code="repair")
    told = {grade: member(owner, grade) for grade in ("technical", "read_only")}
    here_too, silent = member(owner, sites=[here.pk]), member(owner, sites=[there.pk])
    others = [silent, member(owner, "financial"), member(owner, ends_on="2020-01-01", starts_on="2019-01-01")]
    Message.objects.all().delete()
    messages.tell_owner(order, "order_accepted")
    recipients = set(Message.objects.values_list("recipient", flat=True))
    assert {user.email for user in [*told.values(), here_too]} <= recipients and len(recipients) == 4
    assert not {user.email for user in others} & recipients


def test_only_who_may_change_the_order_gets_the_link_that_answers(client):
    owner = customer()
    place = site(owner)
    watcher, helper = member(owner, "read_only"), member(owner, "technical", sites=[place.pk])
    mechanic = person()
    order = service_order(device(place), code="repair", upto="accepted", to=able_partner(people=[mechanic]))
    noon = timezone.now().replace(minute=0, second=0, microsecond=0)
    slots = [noon + timedelta(days=days) for days in (3, 4)]
    visits.propose(order, slots=slots, by=mechanic, revision=order.revision)
    assert not Message.objects.filter(kind="orders/visit_proposed", recipient=watcher.email).exists()
    link = link_to(helper, kind="visit_proposed")
    assert client.get(link).status_code == 200
    helper.memberships.update(grade="read_only")
    assert client.get(link).status_code == 404


def test_who_is_not_signed_in_finds_the_plain_sign_in_page(client):
    owner = customer()
    answer = client.get(f"/c/{owner.number}/devices/")
    assert answer.url == f"/sign-in/?next=/c/{owner.number}/devices/"
