"""Who acts for a customer, as the office sees and changes it."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import staff, teams
from accounts.models import Customer, Invitation, Membership, User
from portal.events import Event
from tests.factories import clerk, customer, member, partner, person, site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def office(*, may: bool = True) -> tuple[Client, User]:
    someone = clerk("dispatcher", language="en")
    right = Permission.objects.get(codename="change_membership")
    for group in someone.groups.all():
        group.permissions.add(right) if may else group.permissions.remove(right)
    browser = Client()
    browser.force_login(someone)
    return browser, someone


def page_of(owner: Customer) -> str:
    return reverse("admin:accounts_customer_change", args=[owner.pk])


def page_of_place(place: Membership) -> str:
    return reverse("admin:accounts_membership_change", args=[place.pk])


def words_of(answer: Any) -> str:
    return re.sub(r"(<[^>]+>|\s)+", " ", answer.content.decode())


def test_the_page_tells_number_members_sites_days_and_last_use():
    owner = customer(members=[head := person(first_name="Helena")])
    place = site(owner, own_name="Boiler house")
    guest = member(owner, "technical", sites=[place.pk], ends_on="2030-01-31", granted_by=head)
    page = words_of(office()[0].get(page_of(owner)))
    told = (owner.number, guest.email.partition("@")[0], "Boiler house", "31 Jan 2030", "Helena Kowalska", "no end")
    assert not [words for words in told if words not in page], page


def test_the_office_invites_changes_and_takes_away():
    browser, someone = office()
    owner = customer()
    guest = member(owner, "technical")
    place = Membership.objects.get(user=guest)
    typed = {
        "act": "invite",
        "email": "new@example.com",
        "language": "pl",
        "grade": "financial",
        "starts_on": timezone.localdate().isoformat(),
    }
    assert browser.post(page_of(owner), typed).status_code == 302
    assert Invitation.objects.get().invited_by == someone
    today = timezone.localdate().isoformat()
    typed = {"act": "grant", "grade": "read_only", "starts_on": today, "ends_on": "2030-01-31"}
    assert browser.post(page_of_place(place), typed).url == page_of(owner)
    place.refresh_from_db()
    assert place.grade == "read_only" and place.ends_on.year == 2030
    assert browser.post(page_of_place(place), {"act": "take-away"}).url == page_of(owner)
    assert not guest.memberships.exists()
    assert Event.objects.about(owner).filter(verb__startswith="access.", actor=someone).count() == 3


def test_the_last_one_stays():
    browser, _someone = office()
    owner = customer()
    page = browser.post(page_of_place(owner.memberships.get()), {"act": "take-away"})
    assert "Nobody else has full access" in words_of(page) and owner.memberships.exists()


def test_the_office_widens_no_grant_by_leaving_something_out():
    browser, _someone = office()
    owner, today = customer(), timezone.localdate()
    place, _other = site(owner, own_name="Boiler house"), site(owner)
    guest = member(owner, "technical", sites=[place.pk], ends_on=today)
    limited = Membership.objects.get(user=guest)
    page = browser.get(page_of_place(limited))
    form = next(form for act, form in page.context["acts"] if act.name == "grant")
    assert f'href="{page_of_place(limited)}"' in browser.get(page_of(owner)).content.decode()
    assert (form["where"].value(), form["sites"].value(), form["ends_on"].value()) == ("some", [place.pk], today)
    browser.post(page_of_place(limited), {"act": "grant", "grade": "read_only", "starts_on": today.isoformat()})
    limited.refresh_from_db()
    assert (limited.grade, limited.sites, limited.ends_on) == ("technical", [place.pk], today)


def test_the_office_takes_an_invitation_back():
    browser, _someone = office()
    owner = customer()
    assert "Take an invitation back" not in words_of(browser.get(page_of(owner)))
    typed = {"email": "new@example.com", "language": "en", "grade": "financial", "starts_on": timezone.localdate()}
    browser.post(page_of(owner), {"act": "invite", **typed})
    sent = Invitation.objects.get()
    assert "Take an invitation back" in words_of(browser.get(page_of(owner)))
    browser.post(page_of(owner), {"act": "take-back", "invitation": sent.pk})
    sent.refresh_from_db()
    assert sent.state == Invitation.State.WITHDRAWN and not owner.invitations.open().exists()


def test_the_office_takes_an_invitation_to_a_team_back():
    browser, someone = office()
    company = partner()
    names = {"first_name": "Ola", "last_name": "Nowak"}
    sent = teams.invite(company, email="ola@example.com", role="engineer", language="en", by=someone, **names)
    url = reverse("admin:accounts_partner_change", args=[company.pk])
    browser.post(url, {"act": "take-back", "invitation": sent.pk})
    sent.refresh_from_db()
    assert sent.state == "withdrawn"


def test_without_the_right_the_office_only_looks():
    browser, _someone = office(may=False)
    owner = customer()
    page = browser.get(page_of(owner))
    place = member(owner).memberships.get()
    assert page.status_code == 200 and page_of_place(place) not in browser.get(page_of(owner)).content.decode()
    assert browser.post(page_of_place(place), {"act": "take-away"}).status_code == 403


def test_a_customer_for_whom_nobody_decides_is_pointed_out_on_both_pages():
    browser, _someone = office()
    owner = customer(members=[head := person()])
    pages = [page_of(owner), reverse("admin:accounts_user_change", args=[head.pk])]
    warning = "Nobody decides for"
    assert not [page for page in pages if warning in words_of(browser.get(page))]
    manager = clerk("manager")
    staff.change_access(head, is_active=False, is_staff=False, groups=[], by=manager)
    assert not [page for page in pages if warning not in words_of(browser.get(page))]
    member(owner, "full")
    assert not [page for page in pages if warning in words_of(browser.get(page))]


def test_the_page_of_a_person_shows_the_landline():
    browser, _someone = office()
    page = reverse("admin:accounts_user_change", args=[person(landline="+48225173600").pk])
    assert "22 517 36 00" in words_of(browser.get(page))
