"""An owner registers, adds a heat pump and has the purchase confirmed."""

from datetime import date

from devices.models import Device
from orders.models import Order, PurchaseProof
from tests import factories
from tests.stories import things
from tests.stories.mailbox import link_in, text_of
from tests.stories.steps import (
    CONTACT,
    PASSWORD,
    STORY,
    chooses_a_kind,
    confirms_the_address,
    gives_a_site,
    gives_sign_in_data,
    opens_the_queue,
    reviewer,
)
from tests.stories.visitor import DESKTOP, Visitor

pytestmark = STORY
ANNA = "anna@example.com"
BOUGHT = date(2023, 2, 21)


def registers(anna: Visitor) -> None:
    """Five steps, with something wrong in each."""
    anna.opens("/")
    anna.follows("Register")
    anna.presses("Continue")
    anna.is_told("id_kind_0", "Choose who you are registering as.")
    chooses_a_kind(anna, "private")
    gives_contact_data_with_mistakes(anna)
    anna.presses("Continue")
    anna.is_told("id_building_kind")
    gives_a_site(anna)
    adds_a_device_with_a_misread_number(anna)
    anna.presses("Continue")
    anna.types(email=ANNA, password="short", password_again="other")
    anna.presses("Continue")
    anna.is_told("id_password")
    anna.is_told("id_password_again", "The two passwords are not the same. Type the password again.")
    gives_sign_in_data(anna, ANNA)


def gives_contact_data_with_mistakes(anna: Visitor) -> None:
    anna.types(**CONTACT | {"phone": "517", "postcode": "0023", "last_name": ""})
    anna.presses("Continue")
    anna.is_told("id_last_name", "Last name")
    anna.is_told("id_phone", "Enter a phone number with all its digits, such as 22 517 36 00 or +48 22 517 36 00.")
    anna.is_told("id_postcode", "Enter a postcode of five digits, such as %(example)s.", example="04-041")
    anna.is_told("id_consent", "We can register you only if you agree to the processing of your data.")
    anna.is_told("id_terms", "Read the terms of use and accept them to register.")
    anna.has_typed(first_name="Anna", street="ul. Długa 5", postcode="0023")
    anna.types(last_name="Kowalska", phone="22 517 36 00", postcode="00238")
    anna.picks("consent")
    anna.picks("terms")
    anna.presses("Continue")


def adds_a_device_with_a_misread_number(anna: Visitor) -> None:
    """The letter O instead of a zero: the page says where to look, and no other number."""
    anna.clicks("a.kind[href*=monobloc]")
    anna.types(monobloc__model="ct-m08", monobloc__serial="AB 12345O7")
    anna.presses("Continue")
    anna.is_told("id_monobloc-serial", "This serial number is not in our register.")
    anna.sees_not("AB1234507")
    anna.has_typed(monobloc__model="ct-m08", monobloc__serial="AB 12345O7")
    anna.types(monobloc__serial="ab 12345-07")
    anna.presses("Continue")
    anna.sees("In our register")


def checks_all_answers(anna: Visitor) -> None:
    anna.sees("Check your answers", "00-238", "+48 22 517 36 00", "ab 12345-07")
    anna.follows("Change", "Contact data")
    anna.has_typed(phone="22 517 36 00")
    anna.types(phone="+48 601 234 567")
    anna.presses("Continue")
    anna.sees("+48 601 234 567")
    anna.presses("Send")
    anna.sees("Look into your e-mail", ANNA)


def attaches_the_invoice(anna: Visitor) -> None:
    """First an EXE and a day to come; the good file need not be chosen again."""
    anna.follows("Attach purchase invoice", Device.objects.get().name)
    anna.types(purchased_on="2099-01-01")
    anna.attaches("documents", things.invoice("21.02.2023"), things.EXE)
    anna.presses("Save")
    anna.is_told("id_purchased_on", "The purchase date is in the future. Enter the date on the invoice.")
    anna.is_told("id_documents")
    anna.sees("faktura.pdf")
    assert not Order.objects.exists()
    anna.types(purchased_on="2023-02-12")
    anna.presses("Save")
    anna.sees("Order %(number)s", number=Order.objects.get().number)
    anna.sees("faktura.pdf")


def test_the_whole_way(visitor, mailbox, worker):
    factories.unit(factories.product(code="CT-M08"), serial="AB1234507", made_on=date(2022, 5, 2))
    anna, zofia = visitor("pl"), visitor("pl", DESKTOP)

    registers(anna)
    checks_all_answers(anna)
    confirms_the_address(anna, link_in(mailbox.wait_for(ANNA)))
    worker.terminate()
    worker.wait(timeout=60)  # the story delivers the rest itself

    anna.signs_in(ANNA, PASSWORD)
    anna.sees("Your devices", "AB1234507", "Purchase date missing")
    attaches_the_invoice(anna)
    anna.opens("/devices/")
    anna.sees("Purchase proof being verified")
    order = Order.objects.get()
    assert order.number in mailbox.newest(ANNA)["Subject"]

    the_clerk_asks_for_more(zofia, order)
    letter = mailbox.newest(ANNA)
    assert order.number in letter["Subject"] and "21.02.2023" in text_of(letter)
    the_owner_answers(anna, link_in(letter))
    the_clerk_confirms(zofia, order)

    letter = mailbox.newest(ANNA)
    assert "21.02.2023" in text_of(letter)
    anna.opens(link_in(letter))
    anna.sees("21.02.2023")
    anna.opens("/orders/")
    anna.sees(order.number, "Done")


def the_clerk_asks_for_more(zofia: Visitor, order: Order) -> None:
    reviewer(zofia, "zofia@example.com")
    assert zofia.path == "/admin/"
    opens_the_queue(zofia, "Proofs to review", order.number)
    zofia.sees_a_picture(".pages-picture")
    zofia.unfolds("Ask for more")
    zofia.selects(reason_code=PurchaseProof.Reason.values[0])
    zofia.types(reason="Na fakturze jest 21.02.2023.")
    zofia.presses("Ask for more")


def the_owner_answers(anna: Visitor, link: str) -> None:
    anna.opens(link)
    anna.sees("Na fakturze jest 21.02.2023.")
    anna.follows("Answer")
    anna.types(purchased_on=BOUGHT.isoformat())
    anna.presses("Send the answer")
    anna.sees("Your answer is sent. We verify it and write to you.")


def the_clerk_confirms(zofia: Visitor, order: Order) -> None:
    zofia.opens(f"/admin/orders/order/{order.pk}/change/")
    zofia.sees("21.02.2023")
    zofia.presses("Confirm the purchase date")
