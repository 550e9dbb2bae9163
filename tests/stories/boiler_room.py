"""What an engineer does with a protocol on the phone."""

import re
from typing import Any

from django.utils import timezone
from playwright.sync_api import Locator, expect

from services import checklists
from tests.stories.visitor import Visitor

RANGES = [
    "Usually from %(minimum)s to %(maximum)s %(unit)s.", "Usually at least %(minimum)s %(unit)s.",
    "Usually at most %(maximum)s %(unit)s.", "Allowed: from %(minimum)s to %(maximum)s %(unit)s.",
]  # fmt: skip
OFFLINE = "Not sent yet – kept on this phone. It is sent as soon as there is a network."


def first_choice(marek: Visitor) -> Locator:
    """The first question on the page that is answered by a press."""
    return marek.page.locator(".checklist-item", has=marek.page.locator("input[type=radio]")).first


def answers(marek: Visitor, question: Locator, photo: dict[str, Any]) -> None:
    """Something right for any kind of question."""
    kind = (question.get_attribute("class") or "").rpartition("checklist-")[2]
    if kind == checklists.PHOTO:
        question.locator('input[data-photo="choose"]').set_input_files(photo)
        expect(question.locator(".photos-kept li")).to_have_count(1)
    elif kind in (checklists.YES_NO, checklists.CHOICE):
        question.locator(".choice label").first.click()
    elif kind == checklists.DATE:
        question.locator("input").fill(timezone.localdate().isoformat())
    elif kind == checklists.NUMBER:
        question.locator("input").fill(usual(marek, question))
    else:
        is_certificate = "f-ga" in question.inner_text().lower()
        question.locator("input, textarea").fill("FGAZ-P/01/12345/22" if is_certificate else "As it should be")


def usual(marek: Visitor, question: Locator) -> str:
    """A number of the range in the help: "Allowed: from 0.5 to 3 bar."; the return is lower than the supply."""
    hint = " ".join(question.locator(".hint").all_inner_texts())
    begins = [re.escape(marek.say(sentence).partition("%(")[0]) for sentence in RANGES]
    found = re.search(rf"(?:{'|'.join(begins)})(\S+)(?: \w+ (\S+))?", hint)
    if not found:
        return "1"
    is_supply = re.search(r"\[(1003|802)\]", question.inner_text())
    return found[2] if is_supply else found[1]


def fills_in_this_part(marek: Visitor, photo: dict[str, Any]) -> None:
    for place in range(marek.page.locator(".checklist-item").count()):
        question = marek.page.locator(".checklist-item").nth(place)
        if question.is_visible():
            answers(marek, question, photo)


def goes_on(marek: Visitor) -> None:
    marek.clicks(marek.page.locator(".work-go .btn-primary"))


def signs_with_a_finger(marek: Visitor) -> None:
    canvas = marek.page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box and box["height"] > 100
    mouse = marek.page.mouse
    mouse.move(box["x"] + 40, box["y"] + 100)
    mouse.down()
    for step in range(1, 12):
        mouse.move(box["x"] + 40 + 20 * step, box["y"] + 100 + (40 if step % 2 else -40))
    mouse.up()
