"""A warranty card appears on the device's page while its owner looks at it; a stranger checks it by its code."""

from datetime import date

import pytest
from playwright.sync_api import expect

from tests import factories as make
from tests.stories.steps import STORY
from tests.stories.visitor import Visitor
from warranty import actions
from warranty.models import WarrantyCard

pytestmark = STORY


def issued_for(anna: Visitor, language: str) -> WarrantyCard:
    owner = make.person(language=language)
    anna.signs_in(owner.email, make.PASSWORD)
    place = make.site(make.customer(members=[owner]))
    return make.warranted(make.device(place, purchased_on=date(2024, 2, 1), kind="split")).warranty_cards.get()


@pytest.mark.parametrize("language", ["en", "pl", "cs"])
def test_the_card_appears_by_itself_and_anybody_may_check_it(visitor, language):
    anna = visitor(language)
    card = issued_for(anna, language)
    anna.opens(f"/devices/{card.device_id}/")
    part = anna.page.locator("#warranty-card")
    expect(part.get_by_role("link", name="PDF")).to_have_count(0)
    actions.draw_card(card.pk)
    expect(part.get_by_role("link", name="PDF")).to_be_visible()
    anna.looks()
    jan = visitor(language)
    jan.opens(f"/warranty/check/{card.shown_code.lower()}/")
    expect(jan.page.locator("h1")).to_contain_text(card.number)
    assert "Anna" not in jan.page.inner_text("main")


def test_without_scripts_the_page_is_loaded_again(visitor):
    anna = visitor("en", java_script_enabled=False)
    card = issued_for(anna, "en")
    anna.opens(f"/devices/{card.device_id}/")
    actions.draw_card(card.pk)
    anna.opens(f"/devices/{card.device_id}/")
    expect(anna.page.locator("#warranty-card").get_by_role("link", name="PDF")).to_be_visible()
