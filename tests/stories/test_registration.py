"""Coming back to a registration: later, in two tabs, with the browser's own buttons, without scripts."""

from datetime import timedelta
from urllib.parse import parse_qsl

from django.core import signing
from django.utils import timezone
from playwright.sync_api import Request

from accounts.models import User
from devices.models import Registration
from tests import factories
from tests.stories.mailbox import link_in, text_of
from tests.stories.steps import (
    CONTACT,
    PASSWORD,
    STORY,
    adds_a_monobloc,
    chooses_a_kind,
    confirms_the_address,
    gives_a_site,
    gives_contact_data,
    gives_sign_in_data,
    registered_owner,
)
from tests.stories.visitor import DESKTOP, Visitor

pytestmark = STORY
JAN = "jan@example.com"


def registers_without_devices(jan: Visitor, email: str = JAN) -> None:
    jan.opens("/register/")
    chooses_a_kind(jan, "private")
    gives_contact_data(jan)
    jan.presses("Skip this step")
    gives_sign_in_data(jan, email)
    jan.sees("Skipped. You can add it later.")
    jan.presses("Send")


def sent_with(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.post_data or ""))


def test_the_browser_is_closed_for_a_day(visitor):
    jan = visitor("cs")
    jan.opens("/register/")
    chooses_a_kind(jan, "private")
    typed = CONTACT | {"postcode": "1"}
    # Whoever types slowly is told in between that the beginning is saved.
    with jan.page.expect_response(lambda answer: typed.items() <= sent_with(answer.request).items()):
        jan.types(**typed)
        jan.selects(country="PL")
    jan.sees("Saved. You can come back later.")

    state = jan.context.storage_state()
    jan.context.close()
    Registration.objects.update(changed_at=timezone.now() - timedelta(days=1))
    later = visitor("cs", storage_state=state)

    later.opens("/")
    later.follows("Register")
    assert later.path == "/register/contact/"
    later.has_typed(first_name="Anna", postcode="1", phone="22 517 36 00")


def test_two_tabs_on_one_step(visitor):
    jan = visitor("en", DESKTOP)
    jan.opens("/register/")
    chooses_a_kind(jan, "private")
    first, second = jan.page, jan.new_tab()
    jan.page = second
    jan.opens("/register/contact/")
    gives_contact_data(jan, first_name="Second")
    jan.page = first
    jan.types(**CONTACT | {"first_name": "First"})
    jan.selects(country="PL")
    jan.picks("consent")
    jan.picks("terms")
    jan.presses("Continue", status=409)  # what a script saves while one types is refused, too
    jan.sees("You have answered this step differently in another window.")
    jan.has_typed(first_name="First")
    jan.presses("Continue")
    jan.opens("/register/contact/")
    jan.has_typed(first_name="First")


def test_back_and_reload_lose_nothing(visitor):
    jan = visitor("en")
    jan.opens("/register/")
    chooses_a_kind(jan, "company")
    jan.types(company="Ciepło Sp. z o.o.", tax_number="526-58-77-636")
    jan.presses("Back")
    jan.presses("Continue")
    jan.has_typed(company="Ciepło Sp. z o.o.", tax_number="526-58-77-636")
    jan.page.go_back()
    jan.looks()
    assert jan.path == "/register/kind/"
    jan.page.go_forward()
    jan.has_typed(company="Ciepło Sp. z o.o.")
    jan.types(**CONTACT)
    jan.selects(country="PL")
    jan.picks("consent")
    jan.picks("terms")
    jan.presses("Continue")
    jan.is_told("id_tax_number", "This is not a valid tax number: a digit is wrong or missing.")
    jan.types(tax_number="PL 526-58-77-635")
    jan.presses("Continue")
    jan.opens("/register/contact/")
    jan.page.reload()
    jan.looks()
    jan.has_typed(tax_number="PL 526-58-77-635")


def test_the_whole_registration_without_scripts(visitor, mailbox):
    factories.unit(factories.product(code="CT-M08"), serial="AB1234507")
    jan = visitor("en", DESKTOP, java_script_enabled=False)
    jan.opens("/")
    jan.follows("Register")
    chooses_a_kind(jan, "association")
    jan.presses("Continue")
    jan.is_told("id_company")
    jan.types(company="Wspólnota Długa 5", tax_number="5265877635")
    gives_contact_data(jan)
    gives_a_site(jan)
    adds_a_monobloc(jan, "CT-M08", "AB1234507")
    jan.presses("Continue")
    gives_sign_in_data(jan, JAN)
    jan.presses("Send")
    confirms_the_address(jan, link_in(mailbox.newest(JAN)))
    jan.signs_in(JAN, PASSWORD)
    jan.sees("AB1234507", "Purchase date missing")


def test_an_old_link_sends_a_new_one(visitor, mailbox, monkeypatch):
    jan = visitor("cs")
    registers_without_devices(jan)
    link = link_in(mailbox.newest(JAN))
    jan.opens(link[:-3], status=404)
    jan.sees("This link is not complete")

    four_days_pass(monkeypatch)
    jan.opens(link)
    jan.sees("Link too old")
    jan.presses("Send a new link")
    jan.sees("We have sent you a new link.")
    new = link_in(mailbox.newest(JAN))
    assert new != link
    confirms_the_address(jan, new)
    jan.opens(link)
    jan.sees("Confirmed")


def four_days_pass(monkeypatch) -> None:
    """For the signatures of links, and for the registration itself."""

    class Later:
        @staticmethod
        def time() -> float:
            return timezone.now().timestamp() + timedelta(days=4).total_seconds()

    monkeypatch.setattr(signing, "time", Later)
    Registration.objects.update(sent_at=timezone.now() - timedelta(days=4))


def test_a_known_address_learns_nothing_on_the_page(visitor, mailbox):
    registered_owner(JAN, language="en")
    stranger = visitor("en")
    registers_without_devices(stranger)
    stranger.sees("Look into your e-mail")
    assert "It has an account already" in text_of(mailbox.newest(JAN))
    assert User.objects.count() == 1
