"""The pages about who has access, the link of an invitation, and the choice of a customer."""

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import access
from accounts.grants import Grant
from accounts.models import Customer, Invitation, Membership, SignIn, User
from portal.outbox.models import Message
from tests.factories import PASSWORD, clerk, customer, device, member, partner, person, site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

DAY = "2030-01-31"
TYPED = {"grade": "technical", "language": "en", "email": "new@example.com"}


def today() -> str:
    return timezone.localdate().isoformat()


@pytest.fixture(autouse=True)
def _from_today() -> None:
    """Not from the day on which the tests were collected: midnight may be between."""
    TYPED["starts_on"] = today()


def as_person(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def owned(**fields: Any) -> tuple[Customer, User, Client]:
    head = person(first_name="Helena", language="en")
    return customer(**{"name": "Under the Limes", "members": [head], **fields}), head, as_person(head)


def words_of(answer: Any) -> str:
    page = re.sub(r"</?(span|wbr)[^>]*>", "", answer.content.decode())
    return re.sub(r"(<[^>]+>|\s)+", " ", page)


def link_in(email: str) -> str:
    letter = Message.objects.filter(recipient=email).latest("pk")
    return re.search(r"https?://[^/\s]+(/invitation/\S+)", letter.text).group(1)


def test_the_list_tells_who_since_when_until_when_and_by_whom():
    owner, head, browser = owned()
    place = site(owner, own_name="Boiler house")
    guest = member(owner, "technical", sites=[place.pk], ends_on=DAY, granted_by=head)
    page = words_of(browser.get(reverse("access")))
    missing = [
        words for words in (guest.email, "Boiler house", "technical", "Helena", "31 Jan 2030") if words not in page
    ]
    assert not missing, page


def test_from_the_form_to_the_first_view(client):
    owner, _head, browser = owned()
    first, second = site(owner, own_name="First house"), site(owner, own_name="Second house")
    device(first, name="Pump one")
    device(second, name="Pump two")
    assert browser.post(reverse("access-invite"), TYPED | {"where": "some", "sites": [first.pk]}).url == reverse(
        "access"
    )
    assert "new@example.com" in words_of(browser.get(reverse("access")))
    link = link_in("new@example.com")
    assert "Open your account" in words_of(client.get(link)) and not Membership.objects.filter(sites__len=1).exists()
    typed = {"first_name": "Nina", "last_name": "Nowa", "phone": ""}
    typed |= dict.fromkeys(["password", "password_again"], "correct zebra battery 9")
    wrong = client.post(link, typed | {"go": "accept"})
    assert "only if you agree" in words_of(wrong) and 'value="Nina"' in wrong.content.decode()
    page = words_of(client.post(link, typed | {"go": "accept", "consent": "on", "terms": "on"}, follow=True))
    assert "Your account is open" in page and "Pump one" in page and "Pump two" not in page
    assert SignIn.objects.get(user__email="new@example.com").outcome == SignIn.Outcome.GOOD


def test_what_is_typed_wrong_is_said_at_the_field():
    owner, _head, browser = owned()
    place = site(owner)
    typed = TYPED | {
        "grade": "full",
        "where": "some",
        "sites": [place.pk],
        "email": "no address",
        "ends_on": "2020-01-01",
    }
    page = words_of(browser.post(reverse("access-invite"), typed))
    assert "Full access is for all sites" in page and "a day that is not over" in page
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "Choose for which sites"),
        ({"where": "some"}, "Tick at least one site"),
        ({"where": "all", "sites": True}, "You have ticked sites"),
    ],
)
def test_for_which_sites_is_said_and_not_guessed(typed, told):
    owner, _head, browser = owned()
    place = site(owner)
    if "sites" in typed:
        typed = typed | {"sites": [place.pk]}
    page = words_of(browser.post(reverse("access-invite"), TYPED | typed))
    assert told in page and not Invitation.objects.exists()


@pytest.mark.parametrize("left", [0, 1])
def test_a_grant_whose_site_is_gone_does_not_become_one_for_all_sites(left):
    owner, _head, browser = owned()
    gone = site(owner)
    for _number in range(left):
        site(owner)
    place = Membership.objects.get(user=member(owner, "technical", sites=[gone.pk]))
    gone.delete()
    url, typed = reverse("access-change", args=[place.pk]), {"grade": "read_only", "starts_on": today()}
    form = browser.get(url).context["form"]
    assert form["where"].value() == "some"
    assert "Tick at least one site" in words_of(browser.post(url, typed | {"where": "some", "sites": []}))
    assert browser.post(url, typed).context["form"].errors.keys() == {"where"}
    place.refresh_from_db()
    assert place.sites and place.grade == "technical"
    assert browser.post(url, typed | {"where": "all"}).status_code == 302
    place.refresh_from_db()
    assert place.sites is None


def invitation_for(email: str) -> tuple[Invitation, str]:
    owner, head, _browser = owned()
    found = access.invite(owner, email=email, language="en", grant=Grant("technical"), by=head)
    return found, link_in(email)


def test_who_has_an_account_signs_in_and_keeps_it(client):
    guest = person(email="guest@example.com", language="en")
    found, link = invitation_for(guest.email)
    page = client.get(link)
    assert "There is an account" in words_of(page) and f"/sign-in/?next={quote(link)}" in page.content.decode()
    assert client.post(link, {"go": "accept"}).url.startswith("/sign-in/?next=")
    sign_in = client.post(reverse("account_login"), {"login": guest.email, "password": PASSWORD, "next": link})
    assert sign_in.url == link and "Accept" in words_of(client.get(link))
    assert client.post(link, {"go": "accept"}).url == reverse("start")
    assert found.customer.memberships.filter(user=guest).exists()
    assert "was accepted" in words_of(client.get(link))


def test_somebody_else_who_is_signed_in_is_told_politely():
    found, link = invitation_for("guest@example.com")
    other = person()
    browser = as_person(other)
    assert f"You are signed in as {other.email}" in words_of(browser.get(link))
    page = browser.post(link, {"go": "accept"}, follow=True)
    assert "for somebody else" in words_of(page) and not other.memberships.exists()
    found.refresh_from_db()
    assert found.state == "open"


def test_opening_the_link_changes_nothing_and_declining_needs_the_button(client):
    found, link = invitation_for("guest@example.com")
    client.get(link)
    client.head(link)
    found.refresh_from_db()
    assert found.state == "open"
    client.post(link, {"go": "decline"})
    found.refresh_from_db()
    assert found.state == "declined" and "was declined" in words_of(client.get(link))


def test_an_old_link_answers_with_its_state_and_a_forged_one_with_404(client):
    found, link = invitation_for("guest@example.com")
    access.withdraw_invitation(found, by=found.invited_by)
    page = client.post(link, {"go": "accept"})
    assert page.status_code == 200 and "no longer works" in words_of(page)
    assert client.get(link[:-3] + "xx/").status_code == 404


def test_change_and_remove_ask_and_then_act():
    owner, _head, browser = owned()
    guest = member(owner, "technical")
    place = Membership.objects.get(user=guest)
    assert "Access of" in words_of(browser.get(reverse("access-change", args=[place.pk])))
    typed = {"grade": "read_only", "starts_on": today(), "ends_on": DAY}
    assert browser.post(reverse("access-change", args=[place.pk]), typed).url == reverse("access")
    place.refresh_from_db()
    assert place.grade == "read_only" and place.ends_on.isoformat() == DAY
    remove = reverse("access-remove", args=[place.pk])
    assert browser.get(remove).status_code == 200 and guest.memberships.exists()
    assert browser.post(remove).url == reverse("access") and not guest.memberships.exists()


def test_the_last_one_is_told_why_not():
    _owner, head, browser = owned()
    place = Membership.objects.get(user=head)
    page = browser.post(reverse("access-remove", args=[place.pk]), follow=True)
    assert "Nobody else has full access" in words_of(page) and head.memberships.exists()
    asked = browser.get(reverse("access-leave"))
    assert "Nobody else has full access" in words_of(asked) and "Give it up" not in words_of(asked)
    assert f'href="{reverse("access-invite")}"' in asked.content.decode()
    assert "Nobody else has full access" in words_of(browser.post(reverse("access-leave"), follow=True))


def test_the_own_row_offers_to_give_up_and_no_change():
    owner, head, browser = owned()
    guest = member(owner)
    own, other = Membership.objects.get(user=head), Membership.objects.get(user=guest)
    page = browser.get(reverse("access")).content.decode()
    links = {
        name: [reverse(name, args=[one.pk]) for one in (own, other)] for name in ("access-remove", "access-change")
    }
    shown = {name: [f'href="{url}"' in page for url in urls] for name, urls in links.items()}
    assert shown == {"access-remove": [True, False], "access-change": [False, True]}


def test_a_link_that_was_replaced_says_so_and_leads_on(client):
    _owner, _head, browser = owned()
    assert "works no more" not in words_of(browser.post(reverse("access-invite"), TYPED, follow=True))
    first = link_in("new@example.com")
    again = browser.post(reverse("access-invite"), TYPED, follow=True)
    assert "The link of the one before works no more." in words_of(again)
    page = client.get(first)
    assert "A newer invitation was sent" in words_of(page) and f'href="{reverse("landing")}"' in page.content.decode()
    assert "A newer invitation" not in words_of(client.get(link_in("new@example.com")))


def test_the_two_passwords_of_a_newcomer_must_be_the_same(client):
    _owner, _head, browser = owned()
    browser.post(reverse("access-invite"), TYPED)
    typed = {"go": "accept", "first_name": "Nina", "last_name": "Nowa", "consent": "on", "terms": "on"}
    typed |= {"password": "correct zebra battery 9", "password_again": "correct zebra battery 8"}
    assert "The two passwords are not the same." in words_of(client.post(link_in("new@example.com"), typed))
    assert not User.objects.filter(email="new@example.com").exists()


def test_who_lost_the_last_access_reads_what_to_do():
    owner, _head, _browser = owned()
    guest = member(owner, "technical")
    browser = as_person(guest)
    words = "Whoever wants you to act for them sends an invitation"
    assert words not in words_of(browser.get(reverse("profile")))
    Membership.objects.filter(user=guest).delete()
    assert words in words_of(browser.get(reverse("profile")))
    page = words_of(browser.get(reverse("customers")))
    assert words in page and "Choose one" not in page


def test_who_leaves_comes_to_the_own_page():
    owner, _head, _browser = owned()
    guest = member(owner, "read_only")
    browser = as_person(guest)
    assert browser.get(reverse("access-leave")).status_code == 200
    assert browser.post(reverse("access-leave")).url == "/profile/" and not owner.members.contains(guest)
    assert browser.get("/profile/").status_code == 200 and browser.get("/devices/").status_code == 403


def test_who_may_see_which_page():
    owner, head, _browser = owned()
    guest = member(owner, "technical")
    place, open_one = (
        Membership.objects.get(user=guest),
        access.invite(owner, email="x@example.com", language="en", grant=Grant("full"), by=head),
    )
    lists = [reverse(name) for name in ("access", "access-invite", "customer-data")]
    rows = [
        reverse("access-change", args=[place.pk]), reverse("access-remove", args=[place.pk]),
        reverse("invitation-withdraw", args=[open_one.pk]),
    ]  # fmt: skip
    answers = {
        head: (200, 200), guest: (403, 403), member(owner, "read_only"): (403, 403),
        customer().members.get(): (200, 404), partner().people.get().user: (404, 404),
        clerk("manager"): (404, 404), person(): (404, 404),
    }  # fmt: skip
    for someone, (of_list, of_row) in answers.items():
        browser = as_person(someone)
        assert {browser.get(url).status_code for url in lists} == {of_list}, someone
        assert {browser.get(url).status_code for url in rows} == {of_row}, someone
    for someone in (guest, person()):
        assert {as_person(someone).post(url).status_code for url in rows} <= {403, 404}
    assert guest.memberships.exists() and Invitation.objects.open().exists()


# Several customers


def manager_of(many: int) -> tuple[User, list[Customer]]:
    user = person(language="en")
    return user, [customer(name=f"Association {number:03}", members=[user]) for number in range(1, many + 1)]


def test_two_tabs_show_two_customers():
    user, (first, second) = manager_of(2)
    device(site(first), name="Pump one")
    device(site(second), name="Pump two")
    browser = as_person(user)
    one, two = (browser.get(f"/c/{owner.number}/devices/") for owner in (first, second))
    assert "Pump one" in words_of(one) and "Pump two" not in words_of(one) and "Pump two" in words_of(two)
    assert "Association 001" in words_of(one) and f'href="/c/{first.number}/sites/"' in one.content.decode()
    assert f"/c/{second.number}/" not in one.content.decode() and 'href="/customers/"' in one.content.decode()
    every = words_of(browser.get("/devices/"))
    assert "Pump one" in every and "Pump two" in every and "Association 002" in every and "All customers" in every


def test_the_last_use_is_that_of_the_customer_in_the_address_or_of_the_only_one(client):
    user, (first, second) = manager_of(2)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.get("/devices/")
    assert not user.memberships.exclude(last_used_at=None).exists()
    client.get(f"/c/{first.number}/devices/")
    assert [place.customer for place in user.memberships.exclude(last_used_at=None)] == [first]
    second.memberships.get().delete()
    user.memberships.update(last_used_at=None)
    client.post(reverse("account_logout"))
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert user.memberships.get().last_used_at


@pytest.mark.parametrize("name", ["devices", "sites", "orders"])
def test_lists_name_the_customer_only_where_several_are_shown(name):
    user, (first, _second) = manager_of(2)
    device(site(first), name="Pump one")
    from tests.factories import service_order

    service_order(first.sites.get().devices.get(), code="repair", by=user)
    browser = as_person(user)
    assert 'data-label="Customer"' in browser.get(f"/{name}/").content.decode()
    assert 'data-label="Customer"' not in browser.get(f"/c/{first.number}/{name}/").content.decode()
    assert 'data-label="Customer"' not in owned()[2].get(f"/{name}/").content.decode()


def test_a_customer_of_somebody_else_does_not_exist_and_who_has_one_chooses_nothing():
    owner, _head, browser = owned()
    other = customer()
    assert browser.get(f"/c/{other.number}/devices/").status_code == 404
    assert browser.get(f"/c/{owner.number}/devices/").status_code == 200
    assert 'class="acting"' not in browser.get("/devices/").content.decode()


def test_three_hundred_customers_are_paged_and_found():
    user, owners = manager_of(300)
    browser = as_person(user)
    page = words_of(browser.get("/customers/"))
    assert "Association 001" in page and "Association 300" not in page
    assert "Association 300" in words_of(browser.get("/customers/?page=6"))
    found = browser.get("/customers/?q=300 assoc").content.decode()
    assert f"/c/{owners[-1].number}/start/" in found and "Association 001" not in found
    assert owners[7].name in words_of(browser.get(f"/customers/?q={owners[7].number}"))


def test_a_page_about_one_customer_lets_choose_first_and_comes_back():
    user, (_first, second) = manager_of(2)
    browser = as_person(user)
    answer = browser.get("/access/invite/")
    assert answer.status_code == 302
    assert f'href="/c/{second.number}/access/invite/"' in browser.get(answer.url).content.decode()
    assert browser.post(f"/c/{second.number}/access/invite/", TYPED).url == f"/c/{second.number}/access/"
    assert Invitation.objects.get().customer == second
    elsewhere = browser.get("/customers/?to=https://evil.example/").content.decode()
    assert 'href="http' not in re.search(r"<tbody.*</tbody>", elsewhere, re.S).group()


def test_new_things_are_added_for_the_chosen_customer():
    user, (first, second) = manager_of(2)
    browser = as_person(user)
    typed = {
        "building_kind": "house", "street": "ul. Nowa 1", "postcode": "00-001", "city": "Warszawa", "country": "PL",
    }  # fmt: skip
    assert browser.post("/sites/new/", typed).url.startswith("/customers/") and not second.sites.exists()
    assert browser.post(f"/c/{second.number}/sites/new/", typed).url.startswith(f"/c/{second.number}/sites/")
    assert second.sites.count() == 1 and not first.sites.exists()


def test_addresses_kept_for_lists_do_not_lead_to_somebody_elses_customer():
    user, (first, second) = manager_of(2)
    things = {owner: device(site(owner)) for owner in (first, second)}
    browser = as_person(user)
    for owner, thing in [*things.items()] * 2:
        page = browser.get(f"/c/{owner.number}/devices/").content.decode()
        assert f'href="/c/{owner.number}/devices/{thing.pk}/"' in page and 'href="/privacy/"' in page
    assert f'href="/devices/{things[first].pk}/"' in browser.get("/devices/").content.decode()


# Whom the portal shows what first


@pytest.mark.parametrize(
    ("grade", "first", "tabs"),
    [
        ("technical", "/devices/", ["/devices/", "/sites/", "/orders/"]),
        ("financial", "/sites/", ["/sites/"]),
        ("read_only", "/devices/", ["/devices/", "/sites/", "/orders/"]),
    ],
)
def test_the_start_leads_to_a_page_that_the_person_may_see(grade, first, tabs):
    browser = as_person(member(grade=grade))
    assert browser.get("/start/").url == first
    page = browser.get(first)
    nav = re.search(r'class="nav-tabs-main">(.*?)</ul>', page.content.decode(), re.S).group(1)
    assert page.status_code == 200 and re.findall(r'href="([^"]+)"', nav) == tabs


def test_who_acts_for_nobody_any_more_comes_to_the_own_page():
    browser = as_person(member(ends_on="2020-01-01", starts_on="2019-01-01"))
    assert browser.get("/start/").url == "/profile/" and browser.get("/profile/").status_code == 200


def test_the_customers_own_record():
    owner, _head, browser = owned(
        kind="association", tax_number="5265877635", business_number="123456785", post_name="Biuro",
        post_street="Krótka 2", post_postcode="00-001", post_city="Warszawa",
    )  # fmt: skip
    page = words_of(browser.get(reverse("customer-data")))
    assert all(words in page for words in (owner.number, "5265877635", "123456785", "Biuro, Krótka 2, 00-001 Warszawa"))


def test_the_own_grant_has_a_sentence_and_no_form():
    _owner, head, browser = owned()
    url = reverse("access-change", args=[Membership.objects.get(user=head).pk])
    page = browser.get(url)
    assert "cannot change your own access" in words_of(page) and 'name="grade"' not in page.content.decode()
    page = browser.post(url, {"grade": "technical", "starts_on": today()})
    assert page.status_code == 200 and Membership.objects.get(user=head).grade == "full"


@pytest.mark.parametrize("field", ["starts_on", "ends_on"])
def test_days_that_cannot_be_are_told_at_the_field(field):
    owner, _head, browser = owned()
    guest = member(owner, "technical", starts_on=timezone.localdate() - timedelta(days=400))
    url = reverse("access-change", args=[Membership.objects.get(user=guest).pk])
    typed = {"grade": "technical", "starts_on": today()}
    for wrong in (date(1990, 1, 1), date(2101, 1, 1)):
        assert browser.post(url, typed | {field: wrong.isoformat()}).context["form"].errors.keys() >= {field}
    as_it_was = Membership.objects.get(user=guest).starts_on.isoformat()
    assert browser.post(url, {"grade": "read_only", "starts_on": as_it_was}).status_code == 302
