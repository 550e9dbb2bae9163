"""Somebody else has the password: the letter about a new browser, “This was not me”, and what follows."""

from tests.stories.mailbox import link_in, text_of
from tests.stories.steps import PASSWORD, STORY, registered_owner
from tests.stories.visitor import DESKTOP

pytestmark = STORY
ANNA = "anna@example.com"
CHOSEN = "four new radiators in the hall"


def test_this_was_not_me(visitor, mailbox):
    registered_owner(ANNA, language="pl")
    # After signing in the pages speak the account's language, whoever reads them.
    anna, thief = visitor("pl"), visitor("pl", DESKTOP)
    anna.signs_in(ANNA, PASSWORD)
    anna.opens("/sessions/")
    anna.sees("this session")
    thief.signs_in(ANNA, PASSWORD)
    thief.opens("/email/")
    thief.types(password=PASSWORD)
    thief.presses("Confirm")
    thief.types(new="thief@example.com")
    thief.presses("Send the link")
    thief.opens(link_in(mailbox.newest("thief@example.com")))
    thief.presses("Confirm the address")

    mailbox.deliver()
    letter = mailbox.about(ANNA, anna.say("Somebody signed in with a new browser"))[-1]
    anna.opens("/sign-ins/")
    anna.opens(link_in(letter))
    anna.sees("Was this not you?")
    thief.opens("/profile/")
    anna.presses("This was not me")
    anna.sees("What we have done", "A change of your e-mail address was under way. It is stopped.")

    thief.opens("/profile/")
    assert thief.path == "/sign-in/"
    thief.types(login=ANNA, password=PASSWORD)
    thief.presses("Sign in")
    assert thief.page.locator(".error-summary").is_visible()

    anna.opens(link_in(mailbox.newest(ANNA)))
    anna.types(password1=CHOSEN, password2=CHOSEN)
    anna.presses("Save the new password")
    anna.signs_in(ANNA, CHOSEN)
    anna.opens("/sign-ins/")
    anna.sees("wrong password", "Password changed")
    anna.opens(link_in(letter))
    anna.sees("What we have done")


def test_a_code_for_a_phone_and_a_change_of_address_that_is_stopped(visitor, mailbox):
    registered_owner(ANNA, language="pl")
    anna = visitor("pl")
    anna.signs_in(ANNA, PASSWORD)
    anna.opens("/phones/")
    anna.types(mobile="601 234 567")
    anna.presses("Save")
    anna.types(code="12")
    anna.presses("Confirm")
    anna.is_told("id_code")
    anna.opens("/email/")
    anna.types(password=PASSWORD)
    anna.presses("Confirm")
    anna.types(new="anna.nowa@example.com")
    anna.presses("Send the link")
    anna.sees("Your new e-mail address")
    anna.opens(link_in(mailbox.newest("anna.nowa@example.com")))
    anna.presses("Confirm the address")
    letter = mailbox.newest(ANNA)
    assert "anna.nowa@example.com" in text_of(letter)
    anna.opens(link_in(letter))
    anna.presses("Stop the change")
    anna.sees("Did you not ask for it? Then somebody else knows your password. Choose a new one.")
    anna.opens("/email/")
    anna.sees("Change the e-mail address")
