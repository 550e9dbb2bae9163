"""Who acts for a customer, as the office sees and changes it."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import staff
from accounts.models import Customer, Invitation, Membership, User
from portal.events import Event
from tests.factories import clerk, customer, member, person, site

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


def words_of(answer: Any) -> str:
    return re.sub(r"(<[^>]+>|\s)+", " ", answer.content.decode())


def test_the_page_tells_number_members_sites_days_and_last_use():
    owner = customer(members=[head := person(first_name="Helena")])
    place = site(owner, own_name="Boiler house")
    guest = member(owner, "technical", sites=[place.pk], ends_on="2030-01-31", granted_by=head)
    page = words_of(office()[0].get(page_of(owner)))
    told = (owner.number, guest.email, "Boiler house", "31 Jan 2030", "Helena Kowalska", "no end")
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
    typed = {"act": "grant", "member": place.pk, "grade": "read_only", "ends_on": "2030-01-31"}
    assert browser.post(page_of(owner), typed).status_code == 302
    place.refresh_from_db()
    assert place.grade == "read_only" and place.ends_on.year == 2030
    assert browser.post(page_of(owner), {"act": "take-away", "member": place.pk}).status_code == 302
    assert not guest.memberships.exists()
    assert Event.objects.about(owner).filter(verb__startswith="access.", actor=someone).count() == 3


def test_nobody_of_another_customer_can_be_named_and_the_last_one_stays():
    browser, _someone = office()
    owner, other = customer(), customer()
    for place in (other.memberships.get(), owner.memberships.get()):
        browser.post(page_of(owner), {"act": "take-away", "member": place.pk})
    assert owner.memberships.exists() and other.memberships.exists()


def test_without_the_right_the_office_only_looks():
    browser, _someone = office(may=False)
    owner = customer()
    page = browser.get(page_of(owner))
    assert page.status_code == 200 and 'value="take-away"' not in page.content.decode()
    place = member(owner).memberships.get()
    assert browser.post(page_of(owner), {"act": "take-away", "member": place.pk}).status_code == 403


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
