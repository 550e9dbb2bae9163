"""The team of a service partner: who comes in, what they may do, and what becomes of the work of those who go."""

import re
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from accounts.actions import teams
from accounts.models import Partner, PartnerMembership, User
from orders.actions import team, visits
from orders.models import Service
from portal.errors import Refused
from portal.events import Event
from portal.outbox.models import Message
from tests import factories as make
from tests.orders.test_work import page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
NEW = {"first_name": "Ola", "last_name": "Nowak", "email": "Ola.Nowak@Example.com ", "role": "engineer"}


@pytest.fixture
def company() -> Any:
    company = make.company_with_engineer()
    User.objects.update(language="en")
    return company


@pytest.fixture
def manager(client, company) -> User:
    client.force_login(company.manager)
    return company.manager


def add(client: Any, **fields: str) -> str:
    return client.post(reverse("work-team"), NEW | fields, follow=True).content.decode()


def place_of(company: Any, person: User) -> Any:
    return company.people.get(user=person)


def link_of(email: str = "ola.nowak@example.com") -> str:
    letter = Message.objects.filter(kind="accounts/team_invitation", recipient=email).latest("pk")
    return urlsplit(next(word for word in letter.text.split() if "/invitation/" in word)).path


ACCEPTED = {
    "go": "accept", "first_name": "Aleksandra", "last_name": "Nowak", "phone": "", "consent": "on", "terms": "on",
    "password": "three quiet radiators", "password_again": "three quiet radiators",
}  # fmt: skip


def test_somebody_new_is_in_the_team_after_accepting(client, company, manager):
    User.objects.update(language="en")
    assert "We have sent the invitation to ola.nowak@example.com" in add(client)
    letter = Message.objects.get(kind="accounts/team_invitation")
    assert letter.secret and company.name in letter.text
    assert not User.objects.filter(email=letter.recipient).exists() and company.people.count() == 2
    assert "Ola Nowak" in page(client, "work-team") and "Take back" in page(client, "work-team")
    browser = Client()
    assert f"Invitation to the team of {company.name}" in browser.get(link_of()).content.decode()
    assert "only if you agree" in browser.post(link_of(), ACCEPTED | {"consent": ""}).content.decode()
    assert browser.post(link_of(), ACCEPTED, follow=True).redirect_chain[-1][0] == reverse("work")
    place = company.people.get(user__email=letter.recipient)
    assert place.role == "engineer" and str(place.user) == "Aleksandra Nowak" and place.user.consents.count() == 2
    assert Event.objects.about(company).filter(verb="team.accepted", actor=place.user).exists()
    assert "has accepted" in Message.objects.get(kind="accounts/team", recipient=manager.email).text


def test_mistakes_stay_in_the_form(client, company, manager):
    found = add(client, email="ola", last_name="")
    assert "Enter a whole e-mail address" in found and "Fill in “Last name”." in found and 'value="Ola"' in found
    assert company.people.count() == 2


def test_a_manager_learns_nothing_about_an_address(client, company, manager):
    known = [make.customer().members.get(), make.clerk(), make.person(is_active=False)]
    answers = set()
    for address in [*(person.email for person in known), "nobody@example.com"]:
        answer = re.sub(r"(csrf[^>]+|/invitations/\d+)", "", add(client, email=address)).replace(address, "")
        company.invitations.all().delete()
        answers.add(answer)
    assert len(answers) == 1 and "Ola Nowak" in answers.pop() and company.people.count() == 2


def test_whoever_is_there_is_not_asked_and_nobody_writes_to_the_whole_world(client, company, manager, monkeypatch):
    assert "in the team already" in add(client, email=company.engineer.email.upper())
    monkeypatch.setattr(teams, "INVITATIONS_A_DAY", 2)
    add(client)
    add(client)
    first, second = company.invitations.order_by("pk")
    assert (first.state, second.state) == ("withdrawn", "open")
    assert "Too many invitations" in add(client, email="b@example.com") and company.invitations.count() == 2
    verbs = list(Event.objects.about(company).filter(verb__startswith="team.").values_list("verb", flat=True))
    assert verbs == ["team.invited", "team.withdrawn", "team.invited"]


def test_who_has_an_account_keeps_it_and_joins_by_signing_in(client, company, manager):
    guest = make.customer().members.get()
    add(client, email=guest.email)
    browser = Client()
    assert "/sign-in/?next=" in browser.post(link_of(guest.email), {"go": "accept"}).url
    assert not company.people.filter(user=guest).exists()
    browser.force_login(make.person())
    assert "for somebody else" in browser.post(link_of(guest.email), {"go": "accept"}, follow=True).content.decode()
    browser.force_login(guest)
    assert browser.post(link_of(guest.email), {"go": "accept"}).url == reverse("start")
    assert company.people.get(user=guest).role == "engineer" and guest.memberships.exists()


def test_an_account_of_the_office_does_not_join(client, company, manager):
    someone = make.clerk()
    add(client, email=someone.email)
    with pytest.raises(Refused, match="An account of the office"):
        teams.accept_invitation(company.invitations.get(), by=someone)


def test_a_closed_account_is_not_taken_over_by_the_link(client, company, manager):
    closed = make.person(is_active=False)
    add(client, email=closed.email)
    typed = {"first_name": "A", "last_name": "B", "phone": "", "password_hash": "x"}
    with pytest.raises(Refused, match="has an account already"):
        teams.accept_as_newcomer(company.invitations.get(), **typed)


@pytest.mark.parametrize("end", ["withdrawn", "declined", "manager gone"])
def test_a_closed_invitation_lets_nobody_in(client, company, manager, end):
    add(client)
    asked, link = company.invitations.get(), link_of()
    if end == "withdrawn":
        client.post(reverse("work-invitation-withdraw", args=[asked.pk]))
    elif end == "declined":
        Client().post(link, {"go": "decline"})
    else:
        PartnerMembership.objects.filter(user=company.engineer).update(role="manager")
        teams.remove(place_of(company, manager), by=company.engineer)
    assert "password" not in Client().post(link, ACCEPTED).content.decode()
    assert not User.objects.filter(email=asked.email).exists() and not company.invitations.open().exists()


def test_somebody_leaves_and_the_managers_have_the_orders(client, company):
    order = make.service_order(upto="scheduled", to=company)
    visits.hand_over(order, engineer=company.engineer, by=company.manager, revision=order.revision)
    User.objects.update(language="en")
    client.force_login(company.engineer)
    url = reverse("work-leave", args=[place_of(company, company.engineer).pk])
    assert url in client.get(reverse("profile")).content.decode()
    assert "1 order in hand goes back" in client.get(url).content.decode()
    assert client.post(url).url == reverse("profile") and not company.people.filter(user=company.engineer).exists()
    assert "has left the team" in Message.objects.get(kind="accounts/team").text
    client.force_login(company.manager)
    assert "not handed over yet" in page(client, "work")


def test_a_manager_who_leaves_does_not_get_the_own_visit_back(client, company, manager):
    PartnerMembership.objects.filter(user=company.engineer).update(role="manager")
    order = make.service_order(upto="scheduled", to=company)
    visits.hand_over(order, engineer=manager, by=manager, revision=order.revision)
    Message.objects.all().delete()
    client.post(reverse("work-leave", args=[place_of(company, manager).pk]))
    handed = Message.objects.filter(kind="orders/order_handed_over").values_list("recipient", flat=True)
    assert list(handed) == [company.engineer.email]


def test_a_team_that_is_not_approved_can_be_left_too(client, company):
    Partner.objects.filter(pk=company.pk).update(decision="refused")
    client.force_login(company.engineer)
    url = reverse("work-leave", args=[place_of(company, company.engineer).pk])
    assert client.get(url).status_code == 200 and client.post(url).status_code == 302
    assert not company.people.filter(user=company.engineer).exists()


def test_the_only_manager_stays_until_there_is_another(client, company, manager):
    url = reverse("work-leave", args=[place_of(company, manager).pk])
    assert "Nobody else manages" in client.post(url, follow=True).content.decode()
    PartnerMembership.objects.filter(user=company.engineer).update(role="manager")
    client.post(url)
    assert list(company.people.all()) == [place_of(company, company.engineer)]


def test_roles_change(client, company, manager):
    place = place_of(company, company.engineer)
    client.post(reverse("work-member", args=[place.pk]), {"role": "manager"})
    place.refresh_from_db()
    assert place.is_manager
    client.post(reverse("work-member", args=[place.pk]), {"role": "king"})
    place.refresh_from_db()
    assert place.role == "manager"


def test_nobody_changes_the_own_role(client, company, manager):
    place = place_of(company, manager)
    answer = client.post(reverse("work-member", args=[place.pk]), {"role": "engineer"}, follow=True)
    assert "Your own role is changed by another manager" in answer.content.decode()
    place.refresh_from_db()
    assert place.is_manager


def test_orders_of_somebody_who_goes_are_the_managers_again(client, company, manager):
    order = make.service_order(upto="scheduled", to=company)
    visits.hand_over(order, engineer=company.engineer, by=manager, revision=order.revision)
    place = place_of(company, company.engineer)
    assert "1 order in hand goes back to the managers." in page(client, "work-member", place.pk)
    client.post(reverse("work-member", args=[place.pk]), {"act": "remove"})
    order.service.refresh_from_db()
    assert order.service.engineer is None and "not handed over yet" in page(client, "work")
    letter = Message.objects.get(kind="orders/order_taken_away", recipient=company.engineer.email)
    assert "METHOD:CANCEL" in letter.calendar
    assert not company.people.filter(pk=place.pk).exists()


def test_the_visit_of_somebody_who_goes_is_in_the_managers_calendars(company):
    order = make.service_order(upto="scheduled", to=company)
    visits.hand_over(order, engineer=company.engineer, by=company.manager, revision=order.revision)
    team.remove(place_of(company, company.engineer), by=company.manager)
    letter = Message.objects.get(kind="orders/order_handed_over", recipient=company.manager.email)
    gone = Message.objects.get(kind="orders/order_taken_away", recipient=company.engineer.email)
    sequence = f"SEQUENCE:{Service.objects.get(order=order).calendar_sequence}"
    assert "METHOD:REQUEST" in letter.calendar and sequence in letter.calendar and sequence in gone.calendar


def test_no_order_is_handed_to_somebody_who_has_not_accepted(client, company, manager):
    order = make.service_order(upto="accepted", to=company)
    add(client)
    # With the sign before the name: three letters alone may stand in a form's token.
    assert ">Ewa" in page(client, "work-hand-over", order.pk) and ">Ola" not in page(client, "work-hand-over", order.pk)
    Client().post(link_of(), ACCEPTED)
    assert "Aleksandra" in page(client, "work-hand-over", order.pk)


def test_somebody_at_work_is_not_taken_out(company):
    order = make.service_order(upto="under_way", to=company)
    visits.hand_over(order, engineer=company.engineer, by=company.manager, revision=order.revision)
    with pytest.raises(Refused, match=r"is at work on order"):
        team.remove(place_of(company, company.engineer), by=company.manager)
    assert company.people.count() == 2


def test_only_managers_of_this_team_change_it(client, company):
    others = make.company_with_engineer()
    client.force_login(others.manager)
    page(client, "work-member", place_of(company, company.engineer).pk, status=404)
    for by in (others.manager, company.engineer):
        with pytest.raises(Refused):
            teams.change_role(place_of(company, company.engineer), role="manager", by=by)


def test_a_manager_of_two_companies_looks_after_both_teams(client, company):
    other = make.able_partner(people=[company.manager], name="Zimno")
    helper = make.person(first_name="Olga")
    place = PartnerMembership.objects.create(partner=other, user=helper, role="engineer")
    client.force_login(company.manager)
    assert f"?company={other.pk}" in page(client, "work-team") and "Olga" not in page(client, "work-team")
    team_page = f"{reverse('work-team')}?company={other.pk}"
    assert "Olga" in client.get(team_page).content.decode()
    assert client.post(reverse("work-member", args=[place.pk]), {"role": "manager"}).url == team_page
    client.post(team_page, NEW)
    assert other.invitations.exists() and not company.invitations.exists()


def test_at_the_upgrade_nobody_is_in_a_team_unasked(company):
    unasked = make.person(email="unasked@example.com", password=None)
    PartnerMembership.objects.create(partner=company, user=unasked, role="engineer")
    import_module("accounts.migrations.0010_team_invitations").let_go_of_the_unasked(apps, None)
    unasked.refresh_from_db()
    assert company.people.count() == 2 and not unasked.emailaddress_set.exists()
    assert unasked.email == f"erased-{unasked.pk}@invalid" and unasked.erased_at and not unasked.is_active
