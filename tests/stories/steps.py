"""Steps that several stories take."""

import pytest

from accounts.models import Customer
from tests import factories
from tests.stories.visitor import Visitor

STORY = [pytest.mark.story, pytest.mark.django_db(transaction=True)]
PASSWORD = "three quiet radiators"
ADDRESS = {"street": "ul. Długa 5", "postcode": "00-238", "city": "Warszawa"}
CONTACT = {"first_name": "Anna", "last_name": "Kowalska", "phone": "22 517 36 00", **ADDRESS}


def chooses_a_kind(who: Visitor, kind: str) -> None:
    who.picks("kind", kind)
    who.presses("Continue")


def gives_contact_data(who: Visitor, **fields: str) -> None:
    who.types(**CONTACT | fields)
    who.selects(country="PL")
    who.picks("consent")
    who.picks("terms")
    who.presses("Continue")


def gives_a_site(who: Visitor, **fields: str) -> None:
    who.selects(building_kind="house")
    who.types(**ADDRESS | fields)
    who.selects(country="PL")
    who.presses("Continue")


def adds_a_monobloc(who: Visitor, model: str, serial: str) -> None:
    who.clicks("a.kind[href*=monobloc]")
    who.types(monobloc__model=model, monobloc__serial=serial)
    who.presses("Continue")


def gives_sign_in_data(who: Visitor, email: str) -> None:
    who.types(email=email, password=PASSWORD, password_again=PASSWORD)
    who.presses("Continue")


def confirms_the_address(who: Visitor, link: str) -> None:
    """The link alone changes nothing: it shows a button."""
    who.opens(link)
    who.sees("Waiting for your confirmation")
    who.presses("Confirm the e-mail address")
    who.sees("Your e-mail address is confirmed. You can sign in now.")


def registered_owner(email: str, **fields: str) -> Customer:
    """Somebody who registered before this story begins."""
    return factories.customer(members=[factories.person(email=email, password=PASSWORD, **fields)])


def reviewer(who: Visitor, email: str) -> None:
    """A clerk who has just signed in."""
    factories.clerk(email=email, language=who.language, first_name="Zofia", last_name="Nowak")
    who.signs_in(email, factories.PASSWORD)


def opens_the_queue(who: Visitor, label: str, case: str) -> None:
    """From the first page of the back office to a case, by what its link says."""
    who.opens("/admin/")
    who.clicks(who.page.get_by_role("link", name=who.say(label)).locator("visible=true").first)
    who.clicks(who.page.locator("main").get_by_role("link", name=case).first)


def dispatcher(who: Visitor, email: str, **fields: str) -> None:
    """A clerk who assigns orders and has just signed in."""
    factories.clerk("dispatcher", email=email, language=who.language, **fields)
    who.signs_in(email, factories.PASSWORD)


def opens_and_signs_in(who: Visitor, link: str, email: str, password: str = PASSWORD) -> None:
    """The button of a letter, pressed by somebody who is signed out: after signing in, the page is there."""
    who.opens(link)
    who.types(login=email, password=password)
    who.presses("Sign in")
