"""Members of each grade at the pages of orders, and at the acts behind them."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from orders import messages
from orders.actions import ordering, proofs, steps, visits
from orders.models import Order, Proposal
from orders.presenters.words import slot_words
from portal.errors import Refused
from portal.outbox.models import Message
from services.models import ServiceKind
from tests.factories import customer, device, document, member, order_in_review, owner_of, service_order, site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

WHO = ["full", "technical", "read_only", "financial", "elsewhere", "ended", "stranger"]
SEEN = dict(zip(WHO, [200, 200, 200, 403, 403, 404, 404], strict=True))
CHANGED = dict(zip(WHO, [200, 200, 403, 403, 403, 404, 404], strict=True))
# The addresses of an order that change it, and the state in which they show a form.
CHANGE = {
    "draft": ["order-what", "order-answers", "order-wishes", "order-check"],
    "submitted": ["order-change", "order-cancel"],
    "scheduled": ["visit-others", "visit-move"],
}


def reader(who: str, order: Order) -> User:
    """Somebody with a grade, or a technical member of another site, or whose time is over, or of another customer."""
    owner = order.customer
    if who == "stranger":
        return customer().members.get()
    if who == "elsewhere":
        return member(owner, sites=[site(owner).pk])
    if who == "ended":
        yesterday = timezone.localdate() - timedelta(days=1)
        return member(owner, "full", starts_on=yesterday, ends_on=yesterday)
    return member(owner, who)


def statuses(client: Any, urls: list[str]) -> set[int]:
    return {client.get(url).status_code for url in urls}


@pytest.mark.parametrize("who", WHO)
def test_a_proof_is_seen_and_changed_as_the_grade_says(client, who):
    order = order_in_review()
    client.force_login(reader(who, order))
    papers = [reverse("document", args=[order.documents.get().pk])]
    assert statuses(client, [reverse("order", args=[order.pk])]) == {SEEN[who]}
    assert statuses(client, papers) == {200 if SEEN[who] == 200 else 404}
    acts = [reverse("proof-withdraw", args=[order.pk]), reverse("proof-new", args=[order.device_id])]
    assert statuses(client, acts) == {CHANGED[who]}
    if CHANGED[who] != 200:
        assert client.post(acts[0], {"revision": 1}).status_code == CHANGED[who]
    order.refresh_from_db()
    assert order.state == "in_review"


@pytest.mark.parametrize("upto", CHANGE)
def test_a_service_is_seen_and_changed_as_the_grade_says(client, upto):
    order = service_order(upto=upto, code="repair")
    urls = [reverse(name, args=[order.pk]) for name in CHANGE[upto]]
    for who in WHO:
        client.force_login(reader(who, order))
        assert statuses(client, [reverse("order", args=[order.pk])]) == {SEEN[who]}, who
        assert statuses(client, urls) == {CHANGED[who]}, who
        if CHANGED[who] != 200:
            assert {client.post(url).status_code for url in urls} == {CHANGED[who]}, who


@pytest.mark.parametrize("who", WHO)
def test_ordering_is_for_those_who_may_change_things_there(client, who):
    order = service_order(upto="done", code="repair")
    client.force_login(reader(who, order))
    pump = order.device
    there = [reverse("order-service", args=[pump.pk, "repair"]), f"{reverse('order-choices')}?device={pump.pk}"]
    assert statuses(client, there) == {CHANGED[who]}
    assert statuses(client, [reverse("protocol", args=[order.protocols.get().pk])]) == {SEEN[who]}
    new = {"elsewhere": 200, "stranger": 200, "ended": 403}.get(who, CHANGED[who])
    assert statuses(client, [reverse("order-new")]) == {new}
    listed = {"financial": 403, "ended": 403}.get(who, 200)
    assert statuses(client, [reverse("orders")]) == {listed}
    assert (order.number in client.get(reverse("orders")).content.decode()) == (SEEN[who] == 200)


def test_only_devices_of_the_persons_sites_can_be_ordered_for(client):
    here = device(name="Garage")
    there = device(site(here.site.customer), name="Cellar")
    client.force_login(member(here.site.customer, sites=[here.site_id]))
    page = client.get(reverse("order-new")).content.decode()
    assert "Garage" in page and "Cellar" not in page
    kind = ServiceKind.objects.get(code="repair")
    answer = client.post(reverse("order-new"), {"device": there.pk, "kind": kind.pk})
    assert answer.status_code == 200 and not Order.objects.exists()


@pytest.mark.parametrize("who", ["technical", "read_only"])
@pytest.mark.parametrize(
    ("upto", "acts"),
    [
        ("draft", ["continue/", "cancel/"]),
        ("submitted", ["change/", "cancel/"]),
        ("scheduled", ["visit/move/", "cancel/"]),
    ],
)
def test_what_a_reader_may_not_do_is_not_offered(client, who, upto, acts):
    order = service_order(upto=upto, code="repair")
    client.force_login(reader(who, order))
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    shown = [act for act in acts if f"/orders/{order.pk}/{act}" in page]
    assert shown == (acts if who == "technical" else []) and order.number in page
    assert ("/orders/new/" in client.get(reverse("orders")).content.decode()) == (who == "technical")


@pytest.mark.parametrize("who", ["technical", "read_only"])
def test_proposed_times_are_told_to_all_and_a_choice_to_those_who_may_pick_one(client, who):
    proposal = proposed()
    client.force_login(reader(who, proposal.order))
    page = client.get(reverse("order", args=[proposal.order_id])).content.decode()
    assert slot_words(proposal.slots[0], proposal.minutes) in page
    assert ('id="times"' in page) == ("See the times" in page) == (who == "technical")


def proposed() -> Proposal:
    order = service_order(upto="accepted")
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    visits.propose(order, slots=[start], by=order.service.partner.people.get().user, revision=order.revision)
    return order.proposals.get()


def test_the_link_of_an_e_mail_ends_with_the_right(client):
    proposal = proposed()
    someone = member(proposal.order.customer)
    link = reverse("visit-answer", args=[messages.proposal_token(proposal, someone)])
    assert client.get(link).status_code == 200
    for change in ({"grade": "read_only"}, {"grade": "technical", "sites": [site(proposal.order.customer).pk]}):
        someone.memberships.update(**change)
        for method in (client.get, client.post):
            answer = method(link, {"go": "pick", "slot": proposal.slots[0].isoformat()})
            assert answer.status_code == 404
    yesterday = timezone.localdate() - timedelta(days=1)
    someone.memberships.update(sites=None, starts_on=yesterday, ends_on=yesterday)
    assert client.get(link).status_code == 404
    proposal.refresh_from_db()
    assert proposal.outcome == ""


@pytest.mark.parametrize("who", [who for who in WHO if CHANGED[who] != 200])
def test_acts_refuse_whoever_has_no_right(who):
    order = service_order(upto="draft", code="repair")
    by = reader(who, order)
    acts = [
        lambda: ordering.save(order, by=by, notes="X"),
        lambda: ordering.submit(order, by=by, revision=1),
        lambda: ordering.cancel(order, by=by, revision=1),
        lambda: ordering.choose(order, device=order.device, kind=order.service_kind, chosen_partner=None, by=by),
        lambda: ordering.start_order(order.device, order.service_kind, by=by),
        lambda: proofs.send_proof(order.device, purchased_on=timezone.localdate(), documents=[document()], by=by),
    ]
    for act in acts:
        with pytest.raises((Refused, PermissionDenied)):
            act()
    assert Order.objects.get() == order and order.state == "draft"


@pytest.mark.parametrize("who", [who for who in WHO if CHANGED[who] != 200])
def test_proofs_refuse_whoever_has_no_right(who):
    order = order_in_review()
    with pytest.raises(PermissionDenied):
        proofs.withdraw_proof(order, by=reader(who, order), revision=1)
    Order.objects.update(state="waiting")
    facts = {"purchased_on": timezone.localdate(), "documents": [document()], "revision": 1}
    with pytest.raises(PermissionDenied):
        proofs.answer_proof(order, by=reader(who, order), **facts)
    assert Order.objects.get().revision == 1


def test_a_draft_does_not_move_to_a_site_of_others():
    order = service_order(upto="draft", code="repair")
    by, there = member(order.customer, sites=[order.device.site_id]), device(site(order.customer))
    with pytest.raises(PermissionDenied):
        ordering.choose(order, device=there, kind=order.service_kind, chosen_partner=None, by=by)
    order.refresh_from_db()
    assert order.device != there


@pytest.mark.parametrize(("who", "is_owner"), [("technical", True), ("read_only", False), ("elsewhere", False)])
def test_an_owner_in_the_table_of_steps_is_who_may_change_things_at_the_site(who, is_owner):
    order = service_order()
    assert ("owner" in steps.roles_of(order, reader(who, order))) == is_owner
    assert "owner" in steps.roles_of(order, owner_of(order.device))


def test_a_reader_is_told_but_asked_nothing():
    order = service_order(upto="accepted")
    told, kept_out = reader("read_only", order), reader("elsewhere", order)
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    engineer = order.service.partner.people.get().user
    visits.propose(order, slots=[start], by=engineer, revision=order.revision)
    order.refresh_from_db()
    visits.agree(order, starts=start, by=engineer, revision=order.revision)
    kinds = set(Message.objects.filter(recipient=told.email).values_list("kind", flat=True))
    assert kinds == {"orders/visit_agreed"} and not Message.objects.filter(recipient=kept_out.email).exists()


@pytest.mark.parametrize("who", ["technical", "read_only"])
def test_a_note_tells_only_those_to_act_who_may(client, who):
    proposal = proposed()
    order = proposal.order
    missing = device(order.device.site)
    client.force_login(reader(who, order))
    addresses = [reverse("orders"), reverse("order", args=[order.pk]), reverse("devices")]
    addresses += [reverse("device", args=[pk]) for pk in (order.device_id, missing.pk)]
    pages = [client.get(address).content.decode() for address in addresses]
    demands = ["Choose a time", "Choose the one", "Choose a time", "Choose a time", "Attach the purchase invoice"]
    assert [words in page for page, words in zip(pages, demands, strict=True)] == [who == "technical"] * 5
    assert ("The purchase date is not confirmed yet." in pages[-1]) == (who == "read_only")


@pytest.mark.parametrize(("who", "label"), [("technical", "Waiting for you"), ("read_only", "Waiting for an answer")])
def test_a_question_waits_for_those_who_may_answer_it(client, who, label):
    order = service_order(upto="accepted")
    visits.ask(order, question="Which?", by=order.service.partner.people.get().user, revision=order.revision)
    client.force_login(reader(who, order))
    addresses = [reverse("orders"), reverse("order", args=[order.pk]), reverse("device", args=[order.device_id])]
    for page in [client.get(address).content.decode() for address in addresses]:
        assert f"{label}</span>" in page


def test_the_rights_that_came_later_find_a_group_that_was_renamed():
    Group.objects.filter(name="dispatcher").update(name="planner")
    editor = SimpleNamespace(connection=connection)
    import_module("orders.migrations.0009_staff_groups_accounts").add_rights(apps, editor)
    assert Group.objects.get(name="dispatcher").permissions.filter(codename="change_membership").exists()
