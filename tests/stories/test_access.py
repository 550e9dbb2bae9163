"""Who may see what: a caretaker comes by invitation and goes again; one browser shows two customers in two tabs."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Customer, Membership
from devices.models import Device
from tests import factories as make
from tests.stories.mailbox import link_in, text_of
from tests.stories.steps import ADDRESS, PASSWORD, STORY, opens_and_signs_in, registered_owner
from tests.stories.visitor import DESKTOP, PHONE, Visitor

pytestmark = STORY
ANNA, MAREK, BEATA = "anna@example.com", "marek@example.com", "beata@example.com"
LANGUAGES = pytest.mark.parametrize(
    ("language", "screen"), [("pl", PHONE), ("en", DESKTOP)], ids=["pl-phone", "en-desktop"]
)


def house(owner: Customer, name: str, pump: str) -> Device:
    return make.device(make.site(owner, own_name=name), name=pump)


def invites_a_caretaker(anna: Visitor, *, only: Device) -> None:
    """For one house and thirty days, from the page that lists all pages about Anna."""
    anna.opens("/profile/")
    anna.follows("Who has access")
    anna.follows("Invite somebody")
    anna.types(email=MAREK)
    anna.presses("Send the invitation")
    anna.is_told("id_grade_0")
    anna.picks("grade", "technical")
    anna.presses("Send the invitation")
    anna.is_told("id_where_0")
    anna.picks("where", "some")
    anna.picks("sites", str(only.site_id))
    anna.types(ends_on=(timezone.localdate() + timedelta(days=30)).isoformat())
    anna.presses("Send the invitation")
    anna.sees("The invitation is sent.", MAREK)


def opens_an_account(marek: Visitor, link: str) -> None:
    marek.opens(link)
    marek.sees("Open your account", "Dom przy stawie")
    marek.types(first_name="Marek", last_name="Wrona", password="short", password_again="short")
    marek.presses("Open the account and accept")
    marek.is_told("id_password")
    marek.has_typed(first_name="Marek")
    marek.types(password=PASSWORD, password_again=PASSWORD)
    marek.picks("consent")
    marek.picks("terms")
    marek.presses("Open the account and accept")


@LANGUAGES
def test_from_an_invitation_to_the_first_view_and_to_its_end(visitor, mailbox, language, screen):
    owner = registered_owner(ANNA, language=language)
    near, far = house(owner, "Dom przy stawie", "Pompa A"), house(owner, "Dom na skarpie", "Pompa B")
    foreign = make.device()
    anna, marek = visitor(language, screen), visitor(language, screen)
    anna.signs_in(ANNA, PASSWORD)
    invites_a_caretaker(anna, only=near)
    opens_an_account(marek, link := link_in(mailbox.newest(MAREK)))

    assert marek.path == "/devices/"
    marek.sees("Pompa A")
    marek.sees_not("Pompa B")
    marek.follows("Your sites")
    marek.sees("Dom przy stawie")
    marek.sees_not("Dom na skarpie")
    marek.opens(f"/devices/{near.pk}/")
    for path in (f"/devices/{far.pk}/", f"/sites/{far.site_id}/", "/sites/new/", "/access/", "/customer/"):
        marek.opens(path, status=403)
    marek.opens(f"/devices/{foreign.pk}/", status=404)
    marek.opens(link)
    marek.sees("This invitation was accepted. Sign in to see what it opened.")

    anna.opens("/access/")
    anna.clicks(f"a[href='/access/{Membership.objects.get(user__email=MAREK).pk}/']")
    anna.follows("Take the access away")
    anna.presses("Take the access away")
    expect(anna.page.locator("table", has_text=MAREK)).to_have_count(0)  # the trail below keeps him
    for path in (f"/devices/{near.pk}/", f"/sites/{near.site_id}/"):
        marek.opens(path, status=404)
    marek.opens("/devices/", status=403)
    letter = mailbox.newest(MAREK)
    assert owner.name in text_of(letter)
    marek.opens(link_in(letter))
    marek.sees("No customers")


def test_an_invitation_that_was_taken_back_opens_nothing(visitor, mailbox):
    owner = registered_owner(ANNA, language="pl")
    near = house(owner, "Dom przy stawie", "Pompa A")
    anna, marek = visitor("pl"), visitor("pl")
    anna.signs_in(ANNA, PASSWORD)
    invites_a_caretaker(anna, only=near)
    link = link_in(mailbox.newest(MAREK))
    anna.clicks("a[href$='/withdraw/']")
    anna.clicks("main form button")
    anna.sees("The invitation is taken back.")
    marek.opens(link)
    marek.sees(
        "This link no longer works: the invitation was taken back, or it is too old. "
        "Ask whoever invited you for another one."
    )
    assert not marek.page.locator("main input:not([type=hidden])").count()
    marek.opens(f"{link[:-3]}xx/", status=404)


# Two customers in two tabs


def chooses(beata: Visitor, customer: Customer) -> Page:
    """In the header of the tab that she looks at."""
    beata.clicks(".acting")
    beata.follows(customer.name)
    shows_alone(beata, customer)
    return beata.page


def shows_alone(beata: Visitor, customer: Customer) -> None:
    """The header names the customer, and each link about customers stays with it."""
    expect(beata.page.locator(".acting")).to_contain_text(customer.name)
    assert beata.path.startswith(f"/c/{customer.number}/")
    tabs = beata.page.locator(".nav-tabs-main a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert tabs and all(tab.startswith(f"/c/{customer.number}/") for tab in tabs), tabs


@LANGUAGES
def test_two_customers_in_two_tabs_of_one_browser(visitor, language, screen):
    person = make.person(email=BEATA, password=PASSWORD, language=language)
    limes, oaks = (make.customer(name=name, members=[person]) for name in ("Pod Lipami", "Pod Dębami"))
    house(limes, "Lipowa", "Pompa A")
    house(oaks, "Dębowa", "Pompa B")
    beata = visitor(language, screen)
    beata.signs_in(BEATA, PASSWORD)
    beata.sees("Pompa A", "Pompa B")
    first = chooses(beata, limes)
    beata.page = beata.new_tab()
    beata.opens("/devices/")
    second = chooses(beata, oaks)

    for tab, customer, own, other in ((first, limes, "Pompa A", "Pompa B"), (second, oaks, "Pompa B", "Pompa A")):
        beata.page = tab
        beata.opens(tab.url)
        beata.sees(own)
        beata.sees_not(other)
        beata.follows("Your sites")
        shows_alone(beata, customer)
        beata.follows("Add a site")
        beata.selects(building_kind="house", country="PL")
        beata.types(**ADDRESS | {"own_name": f"Nowy dom {customer.name}"})
    # Both forms are filled in before either is sent.
    for tab, customer in ((first, limes), (second, oaks)):
        beata.page = tab
        beata.presses("Save")
        shows_alone(beata, customer)
        assert customer.sites.filter(own_name=f"Nowy dom {customer.name}").exists() and customer.sites.count() == 2
        beata.opens(f"/c/{customer.number}/devices/")
    beata.opens(f"/c/{make.customer().number}/devices/", status=404)


@LANGUAGES
def test_the_link_of_an_email_opens_the_right_customer(visitor, mailbox, language, screen):
    person = make.person(email=BEATA, password=PASSWORD, language=language)
    limes, oaks = (make.customer(name=name, members=[person]) for name in ("Pod Lipami", "Pod Dębami"))
    links = {}
    for customer in (limes, oaks):
        make.order_in_review(house(customer, customer.name, "Pompa"), by=person)
        links[customer] = link_in(mailbox.newest(BEATA))
    beata = visitor(language, screen)
    opens_and_signs_in(beata, links[oaks], BEATA)
    shows_alone(beata, oaks)
    first, beata.page = beata.page, beata.new_tab()
    beata.opens(links[limes])
    shows_alone(beata, limes)
    beata.page = first
    beata.page.reload()
    shows_alone(beata, oaks)
