"""The team of a service partner: who comes in, what they may do, and what becomes of the work of those who go."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import partners as account_acts
from accounts.links import password_path
from accounts.models import User
from orders.actions import team, visits
from portal.errors import Refused
from portal.events import Event
from portal.outbox.models import Message
from tests import factories as make
from tests.orders.test_work import page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
NEW = {"first_name": "Ola", "last_name": "Nowak", "email": "Ola.Nowak@Example.com ", "role": "engineer"}


@pytest.fixture
def company() -> Any:
    return make.company_with_engineer()


@pytest.fixture
def manager(client, company) -> User:
    client.force_login(company.manager)
    return company.manager


def add(client: Any, **fields: str) -> str:
    return client.post(reverse("work-team"), NEW | fields, follow=True).content.decode()


def place_of(company: Any, person: User) -> Any:
    return company.people.get(user=person)


def test_somebody_new_gets_a_link_to_choose_a_password(client, company, manager):
    assert "Ola Nowak is in the team and has an e-mail." in add(client)
    letter = Message.objects.get(kind="accounts/team_added")
    assert letter.recipient == "ola.nowak@example.com" and letter.secret and company.name in letter.text
    link = next(word for word in letter.text.split() if "/password/reset/" in word)
    client.logout()
    form = client.get(urlsplit(link).path, follow=True)
    password = "three quiet radiators"
    client.post(form.redirect_chain[-1][0], {"password1": password, "password2": password})
    client.post("/sign-in/", {"login": "ola.nowak@example.com", "password": password})
    assert client.get(reverse("start")).url == reverse("work")
    assert Event.objects.about(company).filter(verb="team.added", actor=manager).exists()


def test_the_address_counts_as_confirmed_once_the_password_is_chosen(client, company, manager):
    assert "Has not chosen a password yet." in add(client)
    invited = User.objects.get(email="ola.nowak@example.com")
    assert not invited.emailaddress_set.get().verified and invited in User.objects.invited()
    browser = Client()
    form = browser.get(password_path(invited), follow=True)
    chosen = dict.fromkeys(("password1", "password2"), "three quiet radiators")
    browser.post(form.redirect_chain[-1][0], chosen)
    assert invited.emailaddress_set.get().verified and invited in User.objects.agreed()
    assert "Has not chosen a password yet." not in page(client, "work-team")


def test_mistakes_stay_in_the_form(client, company, manager):
    found = add(client, email="ola", last_name="")
    assert "Enter an e-mail address, such as" in found and "Fill in “Last name”." in found and 'value="Ola"' in found
    assert company.people.count() == 2


@pytest.mark.parametrize("who", ["member", "colleague", "clerk", "closed"])
def test_an_address_that_is_somebody_elses_is_not_taken(client, company, manager, who):
    someone = {
        "member": lambda: make.customer().members.get(),
        "colleague": lambda: company.engineer,
        "clerk": make.clerk,
        "closed": lambda: make.person(is_active=False),
    }[who]()
    assert "This address cannot be added." in add(client, email=someone.email)
    assert company.people.count() == 2 and not Message.objects.filter(kind="accounts/team_added").exists()


def test_somebody_comes_back(client, company, manager):
    User.objects.filter(pk=company.engineer.pk).update(language="en")
    account_acts.remove_from_team(place_of(company, company.engineer), by=manager)
    add(client, email=company.engineer.email)
    assert place_of(company, company.engineer).role == "engineer"
    assert "Sign in with your e-mail address" in Message.objects.get(kind="accounts/team_added").text


def test_roles_change(client, company, manager):
    place = place_of(company, company.engineer)
    client.post(reverse("work-member", args=[place.pk]), {"role": "manager"})
    place.refresh_from_db()
    assert place.is_manager
    client.post(reverse("work-member", args=[place.pk]), {"role": "king"})
    place.refresh_from_db()
    assert place.role == "manager"


def test_nobody_takes_away_the_own_place(client, company, manager):
    place = place_of(company, manager)
    for data in ({"act": "remove"}, {"role": "engineer"}):
        answer = client.post(reverse("work-member", args=[place.pk]), data, follow=True)
        assert "Your own place is changed by another manager" in answer.content.decode()
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
            account_acts.change_role(place_of(company, company.engineer), role="manager", by=by)
