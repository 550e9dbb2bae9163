"""My data on a phone: a copy is asked for, made, opened and compared; and a customer is forgotten."""

import json
import zipfile
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from accounts.models import Customer, ErasureRequest
from tests import factories as make
from tests.stories.mailbox import link_in, text_of
from tests.stories.steps import PASSWORD, STORY, opens_the_queue, registered_owner
from tests.stories.visitor import Visitor
from warranty.models import WarrantyCard

pytestmark = STORY
ANNA = "anna@example.com"


def data(archive: zipfile.ZipFile, name: str) -> list[dict]:
    return json.loads(archive.read(f"data/{name}.json"))


@pytest.mark.parametrize("language", ["pl", "en"])
def test_a_copy_of_the_data_has_what_the_pages_show(visitor, worker, mailbox, language):
    customer = registered_owner(ANNA, language=language)
    device = make.device(make.site(customer, own_name="Dom nad wodą"), name="Pompa w piwnicy")
    order = make.order_in_review(device)
    anna = visitor(language)
    anna.signs_in(ANNA, PASSWORD)
    anna.opens("/profile/")
    anna.follows("A copy of your data")
    anna.presses("Make a copy")
    link = anna.page.get_by_role("link", name=anna.say("Download the ZIP"))
    expect(link).to_be_visible(timeout=60_000)
    anna.looks()
    with anna.page.expect_download() as download:
        link.click()
    archive = zipfile.ZipFile(download.value.path())
    anna.opens(f"/devices/{device.pk}/")
    shown = anna.page.inner_text("main")
    assert data(archive, "devices-device")[0]["name"] == "Pompa w piwnicy" and "Pompa w piwnicy" in shown
    assert data(archive, "devices-deviceunit")[0]["serial"] in shown
    assert data(archive, "devices-site")[0]["own_name"] == "Dom nad wodą"
    (told,) = data(archive, "orders-order")
    assert told["number"] == order.number and archive.read(told["documents"][0]) == make.PDF
    assert data(archive, "accounts-user")[0]["email"] == ANNA
    letter = mailbox.wait_for(ANNA, anna.say("The copy of your data is ready"))
    anna.opens(urlsplit(link_in(letter)).path)  # the worker does not know the story's own port
    anna.sees("Download the ZIP")


@pytest.mark.parametrize("language", ["pl", "en"])
def test_who_acts_for_nobody_finds_a_copy_and_the_way_out(visitor, mailbox, language):
    person = make.person(email=ANNA, password=PASSWORD, language=language)
    anna = visitor(language)
    anna.signs_in(ANNA, PASSWORD)
    anna.opens("/profile/")
    anna.follows("A copy of your data")
    anna.sees("Make a copy")
    anna.follows("Your details")
    anna.follows("Close your account")
    if anna.path != "/account/close/":
        anna.types(password=PASSWORD)
        anna.clicks("main form button")
    anna.presses("Close your account")
    anna.is_told("id_understood")
    anna.picks("understood")
    anna.presses("Close your account")
    anna.sees("Your account is closed. We send you a last e-mail.")
    person.refresh_from_db()
    assert person.erased_at and anna.say("Erased:") in text_of(mailbox.newest(ANNA))
    anna.opens("/profile/")
    assert anna.path == "/sign-in/"


def asks_to_be_forgotten(anna: Visitor) -> None:
    anna.opens("/profile/")
    anna.follows("Erase all data")
    anna.follows("Ask us to erase all data")
    if "/erasure/" not in anna.path:  # not at once after signing in
        anna.types(password=PASSWORD)
        anna.clicks("main form button")
    anna.presses("Send the request")
    anna.is_told("id_understood")
    anna.picks("understood")
    anna.presses("Send the request")
    anna.sees("We answer within a month. Until then everything stays as it is.")


@pytest.mark.parametrize("language", ["pl", "en"])
def test_a_customer_is_forgotten_and_the_papers_stay_without_the_person(visitor, mailbox, language):
    customer = registered_owner(ANNA, language=language, first_name="Wanda", last_name="Wilk")
    Customer.objects.filter(pk=customer.pk).update(name="Wanda Wilk")
    device = make.warranted(make.device(make.site(customer), purchased_on=make.date(2024, 2, 1)))
    anna = visitor(language)
    anna.signs_in(ANNA, PASSWORD)
    asks_to_be_forgotten(anna)
    make.person(email="zofia@example.com", is_staff=True, is_superuser=True, language=language)
    zofia = visitor(language)
    zofia.signs_in("zofia@example.com", make.PASSWORD)
    opens_the_queue(zofia, "Requests for erasure", ErasureRequest.objects.get().number)
    zofia.sees("What will be erased")
    zofia.unfolds("Erase the data")
    zofia.types(confirmation=customer.number)
    zofia.clicks(zofia.page.locator("form button", has_text=zofia.say("Erase the data")).locator("visible=true").first)
    anna.opens("/devices/")
    assert anna.path == "/sign-in/"
    words = text_of(mailbox.newest(ANNA))
    assert anna.say("Kept, without names, addresses and words:") in words
    customer.refresh_from_db()
    assert customer.name == customer.number
    card = WarrantyCard.objects.current().get(device=device)
    zofia.opens(f"/admin/warranty/warrantycard/{card.pk}/change/")
    assert card.number in zofia.page.inner_text("body") and "Wilk" not in zofia.page.inner_text("body")
    zofia.opens(f"/admin/devices/device/{device.pk}/change/")
    body = zofia.page.inner_text("body")
    assert device.units.get().serial in body and "Wilk" not in body and "Wanda" not in body
