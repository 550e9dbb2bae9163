"""The purchase proof sent twice, without scripts, and in the words of the users."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from orders.models import Order
from tests import factories
from tests.stories import things
from tests.stories.steps import PASSWORD, STORY, registered_owner
from tests.stories.visitor import DESKTOP, Visitor

pytestmark = STORY
ANNA = "anna@example.com"


def fills_in_the_proof(anna: Visitor) -> None:
    device = factories.device(factories.site(registered_owner(ANNA, language=anna.language)))
    anna.signs_in(ANNA, PASSWORD)
    anna.opens(f"/devices/{device.pk}/proof/")
    anna.types(purchased_on="2024-06-01")
    anna.attaches("documents", things.invoice("01.06.2024"), things.photo("Faktura, strona 2"))


@pytest.mark.parametrize("scripts", [True, False])
def test_a_double_click_makes_one_order(visitor, scripts):
    anna = visitor("en", java_script_enabled=scripts)
    fills_in_the_proof(anna)
    anna.page.get_by_role("button", name="Save", exact=True).dblclick()
    # Not expect_navigation: the second press can break off the first one's way.
    expect(anna.page).to_have_url(re.compile(r"/orders/\d+/$"))
    anna.page.wait_for_load_state()
    anna.looks()
    assert Order.objects.count() == 1 and Order.objects.get().documents.count() == 2
    anna.sees(Order.objects.get().number)


def test_whoever_goes_back_is_told_of_the_order(visitor):
    anna = visitor("en", java_script_enabled=False)
    fills_in_the_proof(anna)
    anna.presses("Save")
    anna.page.go_back()
    anna.sees("A purchase proof for this device is on its way already")
    anna.follows("See the order")
    assert anna.path == f"/orders/{Order.objects.get().pk}/"


def test_a_second_tab_is_told_of_the_order(visitor):
    anna = visitor("en")
    fills_in_the_proof(anna)
    first, anna.page = anna.page, anna.new_tab()
    anna.opens(urlsplit(first.url).path)
    anna.types(purchased_on="2024-06-02")
    anna.attaches("documents", things.invoice("02.06.2024"))
    anna.presses("Save")
    anna.page = first
    anna.presses("Save")
    anna.sees("A purchase proof for this device is on its way already: order")
    assert Order.objects.count() == 1


def test_wrong_files_each_get_a_sentence(visitor):
    anna = visitor("en", DESKTOP, java_script_enabled=False)
    fills_in_the_proof(anna)
    broken = {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 half of it"}
    anna.attaches("documents", things.EXE, broken, things.photo("Faktura"))
    anna.presses("Save")
    anna.is_told("id_documents", "invoice.pdf")
    anna.sees("IMG_0042")
    anna.has_typed(purchased_on="2024-06-01")
    assert not Order.objects.exists()
    anna.presses("Save")
    assert Order.objects.get().documents.count() == 1


def test_an_order_is_taken_back(visitor):
    anna = visitor("cs", DESKTOP)
    owner = registered_owner(ANNA, language="cs")
    order = factories.order_in_review(factories.device(factories.site(owner)))
    anna.signs_in(ANNA, PASSWORD)
    anna.follows("Orders")
    anna.follows(order.number)
    anna.follows("Take the order back")
    anna.presses("Take it back")
    anna.sees("You have taken this order back.")


def test_the_portal_speaks_the_words_of_its_users(visitor):
    """Those that the guide of 2023 uses."""
    owner = registered_owner(ANNA, language="pl")
    site = factories.site(owner)
    factories.device(site, name="Bez daty")
    factories.order_in_review(factories.device(site, name="W toku"))
    done = factories.order_in_review(factories.device(site, name="Gotowe"))
    Order.objects.filter(pk=done.pk).update(state=Order.State.DONE, closed_at=done.created_at)
    anna = visitor("pl", DESKTOP)
    anna.opens("/")
    anna.sees("Zaloguj się", "Zarejestruj się")
    anna.signs_in(ANNA, PASSWORD)
    anna.sees("Twoje urządzenia", "Twoje obiekty", "Zlecenia")
    anna.sees("Załącz fakturę zakupu", "Trwa weryfikacja dowodu zakupu")
    anna.opens("/orders/")
    anna.sees("Wykonane")
