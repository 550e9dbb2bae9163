"""What only a clerk can settle: unknown numbers, claims, partners, and two clerks on one case."""

from devices.models import DeviceUnit, Unit
from orders.models import Order, PurchaseProof
from tests import factories
from tests.stories import things
from tests.stories.mailbox import link_in, text_of
from tests.stories.steps import (
    PASSWORD,
    STORY,
    chooses_a_kind,
    confirms_the_address,
    gives_contact_data,
    gives_sign_in_data,
    opens_the_queue,
    registered_owner,
    reviewer,
)
from tests.stories.visitor import DESKTOP, PHONE

pytestmark = STORY
EVA, ADAM, ZOFIA = "eva@example.com", "adam@example.com", "zofia@example.com"


def test_a_split_with_a_number_that_nobody_knows(visitor, mailbox):
    """The owner sends a photo and goes on; the clerk enters the unit; the device attaches itself."""
    outdoor, indoor = factories.product("outdoor", code="CT-S10"), factories.product("indoor", code="CT-I10")
    factories.unit(outdoor, serial="OU7654321")
    factories.site(registered_owner(EVA, language="cs"))
    eva, zofia = visitor("cs"), visitor("pl", DESKTOP)

    eva.signs_in(EVA, PASSWORD)
    eva.follows("Add a device")
    eva.clicks("a.kind[href*=split]")
    eva.types(outdoor__model="CT-S10", outdoor__serial="ou-7654321", indoor__model="CT-I10", indoor__serial="ZZ99")
    eva.presses("Add the device")
    eva.is_told("id_indoor-serial", "This serial number is not in our register.")
    eva.attaches("indoor-photos", things.photo("CT-I10", "S/N ZZ99"))
    eva.presses("Add the device")
    eva.sees("The device is added.", "our office checks the photo")

    reviewer(zofia, ZOFIA)
    opens_the_queue(zofia, "Nameplates to check", "ZZ99")
    zofia.sees_a_picture(".pages-picture")
    zofia.types(serial="ZZ99", made_on="2024-01-15")
    zofia.presses("Enter the unit and attach it")

    assert Unit.objects.get(key="ZZ99").product == indoor
    letter = mailbox.newest(EVA)
    assert "ZZ99" in letter["Subject"]
    eva.opens(link_in(letter))
    eva.sees("Purchase date missing")
    eva.sees_not("our office checks the photo")


def test_a_claim_of_a_unit_that_somebody_holds(visitor, mailbox):
    held = factories.device(factories.site(registered_owner(ADAM, first_name="Adam", last_name="Skryty")))
    unit = held.units.get().unit
    factories.site(registered_owner(EVA, language="en"))
    eva, zofia = visitor("en"), visitor("en", DESKTOP)

    eva.signs_in(EVA, PASSWORD)
    eva.opens("/devices/new/monobloc/")
    eva.types(monobloc__model=unit.product.code, monobloc__serial=unit.serial)
    eva.presses("Add the device")
    eva.is_told("id_monobloc-serial", "This unit is registered already.")
    eva.sees_not("Skryty", "Adam")
    eva.types(monobloc__reason="I bought the house.")
    eva.presses("Add the device")
    eva.is_told("id_monobloc-serial", "add a proof")
    eva.has_typed(monobloc__reason="I bought the house.")
    eva.attaches("monobloc-proofs", things.invoice("Deed", name="deed.pdf"))
    eva.presses("Add the device")
    eva.sees("our office decides on your claim")
    eva.sees_not("Skryty", "Adam")

    reviewer(zofia, ZOFIA)
    opens_the_queue(zofia, "Claims", unit.serial)
    zofia.sees("I bought the house.")
    zofia.presses("Grant the claim")

    assert DeviceUnit.objects.get(unit=unit).device.site.customer.members.get().email == EVA
    assert unit.serial in mailbox.newest(EVA)["Subject"] and unit.serial in mailbox.newest(ADAM)["Subject"]
    assert EVA not in text_of(mailbox.newest(ADAM)) and "Skryty" not in text_of(mailbox.newest(EVA))
    eva.page.reload()
    eva.looks()
    eva.sees_not("our office decides on your claim")


def test_a_service_partner_applies_and_is_let_in(visitor, mailbox):
    factories.clerk("dispatcher", email=ZOFIA, language="pl")
    pawel, zofia = visitor("pl"), visitor("pl", DESKTOP)
    address = "pawel@example.com"
    pawel.opens("/register/")
    chooses_a_kind(pawel, "partner")
    pawel.types(company="Serwis Pompa", tax_number="526-58-77-635")
    gives_contact_data(pawel)
    pawel.types(fgas_certificate="FGAZ-P/01/12345/22", areas="Warszawa")
    pawel.presses("Continue")
    pawel.is_told("id_areas", "Enter the beginnings of postcodes with commas between them, such as 00, 01, 05-5.")
    pawel.types(areas="00, 01; 05-5")
    pawel.presses("Continue")
    gives_sign_in_data(pawel, address)
    pawel.presses("Send")
    confirms_the_address(pawel, link_in(mailbox.newest(address)))
    pawel.sees("Application being checked")
    pawel.signs_in(address, PASSWORD)
    pawel.sees("Application being checked")

    zofia.signs_in(ZOFIA, factories.PASSWORD)
    opens_the_queue(zofia, "Service partners", "Serwis Pompa")
    zofia.presses("Approve")

    letter = mailbox.newest(address)
    assert "Serwis Pompa" in letter["Subject"]
    pawel.opens(link_in(letter))
    pawel.sees("Approved", "FGAZ-P/01/12345/22")


def test_two_clerks_on_one_case(visitor):
    order = factories.order_in_review()
    zofia, piotr = visitor("en", DESKTOP), visitor("en", PHONE)
    reviewer(zofia, ZOFIA)
    factories.clerk(email="piotr@example.com", language="en")
    piotr.signs_in("piotr@example.com", factories.PASSWORD)
    address = f"/admin/orders/order/{order.pk}/change/"
    zofia.opens(address)
    piotr.opens(address)
    zofia.presses("Confirm the purchase date")
    piotr.unfolds("Refuse")
    piotr.selects(reason_code=PurchaseProof.Reason.UNREADABLE)
    piotr.types(reason="Cannot read it.")
    piotr.presses("Refuse")
    piotr.sees("has changed since you opened this page: Zofia Nowak answered it")
    assert Order.objects.get().state == Order.State.DONE
