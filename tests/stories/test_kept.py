"""What was typed is there again when the session ended before it was sent."""

from django.urls import reverse
from playwright.sync_api import expect

from orders.actions import visits
from tests import factories as make
from tests.stories.steps import STORY

pytestmark = STORY
WORDS = "The key is with the neighbour."


def test_an_answer_outlives_the_session(visitor):
    owner = make.person(language="en")
    order = make.service_order(make.device(make.site(make.customer(members=[owner]))))
    order = visits.ask(order, question="Where is the key?", by=make.clerk("dispatcher"), revision=order.revision)
    anna = visitor("en")
    anna.signs_in(owner.email, make.PASSWORD)
    anna.opens(reverse("order-reply", args=[order.pk]))
    anna.types(words=WORDS)
    anna.context.clear_cookies(name="sessionid")
    anna.presses("Send the answer")
    anna.types(login=owner.email, password=make.PASSWORD)
    anna.presses("Sign in")
    expect(anna.field("words")).to_have_value(WORDS)
    anna.sees("What you typed before is here again.")
    anna.presses("Send the answer")
    anna.sees(WORDS)
    assert anna.page.evaluate("sessionStorage.length") == 0
