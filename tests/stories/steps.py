"""Steps that several stories take."""

import pytest

from tests.stories.visitor import Visitor

STORY = [pytest.mark.story, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
PASSWORD = "three quiet radiators"
ADDRESS = {"street": "ul. Długa 5", "postcode": "00-238", "city": "Warszawa"}
CONTACT = {"first_name": "Anna", "last_name": "Kowalska", "phone": "22 517 36 00", **ADDRESS}


def chooses_a_kind(who: Visitor, kind: str) -> None:
    who.picks("kind", kind)
    who.presses("Continue")


def gives_contact_data(who: Visitor, **fields: str) -> None:
    who.types(**CONTACT | fields)
    who.picks("consent")
    who.presses("Continue")


def gives_a_site(who: Visitor, **fields: str) -> None:
    who.selects(building_kind="house")
    who.types(**ADDRESS | fields)
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
