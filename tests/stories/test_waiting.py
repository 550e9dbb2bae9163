"""Parts that move by themselves: what a worker is making appears, and a deadline counts down."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.stories.steps import STORY

pytestmark = STORY
PAGE = "/demo/ui/"
COUNTED = """moment => {
  const time = document.querySelector("#waiting time");
  time.dateTime = moment;
  countAllDown();
  return [time.textContent, time.className];
}"""


def made(route) -> None:
    """The page as it is once the worker is done."""
    answer = route.fetch()
    words = answer.text().replace('data-refresh-while="making"', "").replace("Reload the page", "Here it is")
    route.fulfill(response=answer, body=words)


def test_what_is_being_made_appears_by_itself_and_the_asking_ends(visitor):
    anna = visitor("en")
    anna.opens(PAGE)
    anna.page.evaluate("document.querySelector('#forms input').value = 'typed'")
    asked = []
    # Counted where it is answered: what was asked before that told of nothing new.
    anna.page.route(f"**{PAGE}", lambda route: (asked.append(route.request.url), made(route)))
    expect(anna.page.locator("#waiting")).to_contain_text("Here it is")
    assert anna.page.input_value("#forms input >> nth=0") == "typed"
    anna.page.wait_for_timeout(3000)
    assert len(asked) == 1


def test_it_goes_on_asking_when_the_network_fails_once(visitor):
    anna = visitor("en")
    anna.opens(PAGE)
    asked = []

    def fails_once(route) -> None:
        asked.append(route.request.url)
        route.abort() if len(asked) == 1 else made(route)

    anna.page.route(f"**{PAGE}", fails_once)
    expect(anna.page.locator("#waiting")).to_contain_text("Here it is")
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("language", "left", "words"),
    [
        ("en", timedelta(hours=2, minutes=10, seconds=30), "2 hr 10 min left"),
        ("en", timedelta(minutes=5, seconds=30), "5 min left"),
        ("en", timedelta(days=1, hours=3, minutes=1), "1 day 3 hr left"),
        ("en", timedelta(seconds=-30), "overdue"),
        ("pl", timedelta(days=2, seconds=30), "2 dni"),
    ],
)
def test_a_deadline_counts_down(visitor, language, left, words):
    anna = visitor(language)
    anna.opens(PAGE)
    moment = (timezone.now() + left).isoformat()
    # In one step: the part that the time stands in is replaced every now and then.
    told, classes = anna.page.evaluate(COUNTED, moment)
    assert words in told
    assert ("overdue" in classes) == (left < timedelta(0))


def test_without_scripts_there_are_dates_and_a_link(visitor):
    anna = visitor("en", java_script_enabled=False)
    anna.opens(PAGE)
    day = timezone.localtime(timezone.now() + timedelta(hours=26))
    assert f"{day.year}" in anna.page.locator("#waiting time").first.inner_text()
    anna.page.get_by_text("Reload the page").click()
    assert anna.path == PAGE


def test_a_part_that_waits_itself_is_replaced_too(visitor):
    anna = visitor("en")
    anna.opens(PAGE)
    anna.page.route(f"**{PAGE}", made)
    anna.page.evaluate("""() => {
      const part = document.querySelector("#waiting");
      part.removeAttribute("data-refresh");
      part.dataset.refreshWhile = "making";
    }""")
    expect(anna.page.locator("#waiting")).to_contain_text("Here it is")
    assert anna.page.locator("[data-refresh-while]").count() == 0
