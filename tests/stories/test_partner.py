"""A service partner with a phone in a boiler room: accepts, agrees a date, fills in the protocol, has it signed."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from django.utils import timezone
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Request, expect

from orders.actions import protocols
from orders.models import Order, Protocol
from tests import factories
from tests.stories.steps import PASSWORD, STORY
from tests.stories.visitor import DESKTOP, Visitor

pytestmark = STORY
MAREK = "marek@example.com"
OFFLINE = "Not sent yet – kept on this phone. It is sent as soon as there is a network."


def marek_at_work(visitor: Any, upto: str, kind: str = "monobloc", **options: Any) -> tuple[Visitor, Order]:
    """The manager of a partner, signed in, and an order in this state."""
    manager = factories.person(email=MAREK, password=PASSWORD, first_name="Marek", last_name="Zieliński", language="en")
    company = factories.company_with_engineer()
    company.people.filter(user=company.manager).update(user=manager)
    order = factories.service_order(factories.device(kind=kind), upto=upto, to=company)
    marek = visitor("en", **options)
    marek.signs_in(MAREK, PASSWORD)
    return marek, order


def fails(route: Any) -> None:
    """What is sent does not arrive; pages can still be read."""
    if route.request.method == "POST":
        route.abort()
    else:
        route.continue_()


def waiting(marek: Visitor) -> Locator:
    """The lines that say what is on the phone of other pages."""
    return marek.page.locator("[data-waiting] li")


def filled_in(order: Order) -> Protocol:
    """The order's protocol with all its answers."""
    protocol = order.protocols.get()
    given, photos = factories.answers_to(protocol.checklist.groups(), device_kind=order.device.kind, by="partner")
    return protocols.save_part(protocol, answers=given, documents=photos, by=protocol.engineer, key=uuid4())


def types_into_some_part(marek: Visitor, order: Order, said: str) -> None:
    words = marek.page.locator(".checklist-text input:visible, .checklist-long_text textarea:visible")
    for part in order.protocols.get().checklist.groups():
        marek.opens(f"/work/{order.pk}/protocol/{part.number}/")
        if words.count():
            break
    words.first.fill(said)


def first_choice(marek: Visitor) -> Locator:
    """The first question on the page that is answered by a press."""
    return marek.page.locator(".checklist-item", has=marek.page.locator("input[type=radio]")).first


def large_photo() -> dict[str, Any]:
    """Four times as large as a protocol needs."""
    out = BytesIO()
    sheet = Image.effect_noise((4000, 3000), 60).convert("RGB")
    ImageDraw.Draw(sheet).text((200, 200), "Heat pump", fill="black", font_size=300)
    sheet.save(out, "JPEG", quality=70)
    return {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def answers(question: Locator) -> None:
    """Something right for any kind of question."""
    if (photo := question.locator('input[data-photo="choose"]')).count():
        photo.set_input_files(large_photo())
        expect(question.locator(".photos-kept li")).to_have_count(1)
    elif question.locator("input[type=radio]").count():
        question.locator(".choice label").first.click()
    elif (box := question.locator("select")).count():
        box.select_option(index=1)
    elif (day := question.locator("input[type=date]")).count():
        day.fill(timezone.localdate().isoformat())
    elif (measure := question.locator(".with-unit input")).count():
        measure.fill(usual(question))
    else:
        question.locator("input[type=text], textarea").first.fill("As it should be")


def usual(question: Locator) -> str:
    """A number within the range that the help names: "0.5 to 3 bar"; the supply is warmer than the return."""
    help_text = question.locator(".hint").all_inner_texts()
    words = " ".join(help_text).replace("−", "-").split()
    numbers = [word for word in words if word.replace(".", "").replace(",", "").lstrip("-").isdigit()]
    is_supply = "[802]" in question.inner_text()
    return numbers[-1 if is_supply else 0].replace(",", "") if numbers else "1"


def fills_in_this_part(marek: Visitor) -> None:
    for place in range(marek.page.locator(".checklist-item").count()):
        question = marek.page.locator(".checklist-item").nth(place)
        if question.is_visible():
            answers(question)


def goes_on(marek: Visitor) -> None:
    button = marek.page.locator(".work-go .btn-primary")
    marek.clicks(button)


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


def agrees_a_date(marek: Visitor) -> None:
    """On the phone with the owner; a time that is over is not taken."""
    marek.follows("Note the agreed time")
    marek.types(starts="2020-01-01T10:00")
    marek.presses("Save the time")
    marek.is_told("id_starts", "This time is over. Choose one that is still ahead.")
    tomorrow = timezone.localtime() + timedelta(days=1)
    marek.types(starts=f"{tomorrow:%Y-%m-%d}T10:00")
    marek.presses("Save the time")
    marek.sees("The visit is noted.")


def test_from_the_offer_to_the_signature(visitor):
    marek, order = marek_at_work(visitor, "offered")
    assert marek.path == "/work/"
    marek.clicks(".work-bar a[href='/work/offers/']")
    marek.sees_not(order.customer.name)
    marek.clicks(".work-card a")
    marek.sees_not(order.customer.name)
    marek.presses("Accept")
    marek.sees("The order is yours. Agree a date with the owner.", order.customer.name)
    agrees_a_date(marek)
    marek.opens("/work/")
    marek.clicks(".work-card h3 a")
    begins_the_work(marek)

    marek.clicks(".work-buttons .btn-primary")
    loses_the_network_in_the_middle(marek, order)
    while "/protocol/" in marek.path and marek.page.locator("[data-part-form]").count():
        fills_in_this_part(marek)
        goes_on(marek)
    marek.follows("Read through and sign")
    marek.sees_not("To be filled in or corrected")
    signs_with_a_finger(marek)
    marek.types(signed_name="Anna Kowalska")
    marek.presses("Sign and close")
    protocol = order.protocols.get()
    assert protocol.closed_at and protocol.signature and protocol.signed_name == "Anna Kowalska"
    marek.sees(f"Protocol {protocol.number} is signed and closed.")
    assert max(Image.open(photo.file).size[0] for photo in protocol.documents.all()) == 2000
    marek.clicks(".work-bar a[href='/work/done/']")
    marek.sees(protocol.number)


def begins_the_work(marek: Visitor) -> None:
    if not marek.page.get_by_role("button", name=marek.say("Begin the work")).is_visible():
        marek.unfolds("Also possible")  # the visit is on the next day
    marek.presses("Begin the work")


def test_the_owner_asks_to_move_the_visit_and_one_tap_moves_it(visitor):
    marek, order = marek_at_work(visitor, "scheduled")
    owner = order.customer.members.get()
    owner.set_password(PASSWORD)
    owner.language = "en"
    owner.save()
    anna = visitor("en")
    anna.signs_in(owner.email, PASSWORD)
    anna.opens(f"/orders/{order.pk}/")
    anna.follows("Move the visit")
    anna.types(first=f"{timezone.localtime():%Y-%m-%d}T23:45")
    anna.presses("Ask to move the visit")
    anna.is_told("id_first")
    later = timezone.localtime() + timedelta(days=9)
    anna.types(first=f"{later:%Y-%m-%d}T09:00", second=f"{later:%Y-%m-%d}T13:30", words="I am away that week.")
    anna.presses("Ask to move the visit")
    anna.sees("%(partner)s is asked to move the visit.", partner=order.service.partner)
    marek.opens("/work/")
    marek.sees("The owner asks to move the visit.")
    marek.clicks(".work-card h3 a")
    marek.sees("I am away that week.")
    marek.clicks(marek.page.locator(".work-buttons button").nth(1))
    marek.sees("The visit is moved. The owner is told.")
    order.service.refresh_from_db()
    assert f"{timezone.localtime(order.service.visit_starts):%d %H:%M}" == f"{later:%d} 13:30"
    anna.opens(f"/orders/{order.pk}/")
    expect(anna.page.locator(".visit-when")).to_contain_text("13:30")


def loses_the_network_in_the_middle(marek: Visitor, order: Order) -> None:
    """What is typed without a line survives a reload, and is sent once when the line is back."""
    protocol = order.protocols.get()
    question = first_choice(marek)
    name = question.locator("input").first.get_attribute("name") or ""
    url, before = marek.page.url, len(protocol.part_keys)

    marek.context.set_offline(True)
    question.locator(".choice label").first.click()
    marek.sees(OFFLINE)
    marek.page.locator(".work-go .btn-primary").click()
    marek.sees(OFFLINE)
    assert marek.page.url == url
    protocol.refresh_from_db()
    assert name[1:] not in protocol.answers and len(protocol.part_keys) == before

    marek.context.set_offline(False)
    expect(marek.page.get_by_text("Saved.")).not_to_have_count(0)
    marek.page.wait_for_timeout(1500)
    protocol.refresh_from_db()
    assert protocol.answers[name[1:]] and len(protocol.part_keys) == before + 1
    assert marek.page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('obok.part.'))") == []
    marek.faults.clear()  # the browser writes every failed request into its console


def test_what_could_not_be_sent_survives_a_reload(visitor):
    marek, order = marek_at_work(visitor, "under_way")
    marek.opens(f"/work/{order.pk}/protocol/")
    marek.clicks(".work-parts a")
    marek.page.route("**/protocol/*/", fails)
    question = first_choice(marek)
    radio = question.locator("input").first
    question.locator(".choice label").first.click()
    marek.sees(OFFLINE)
    marek.page.reload()
    expect(radio).to_be_checked()
    marek.sees(OFFLINE)
    marek.page.unroute("**/protocol/*/", fails)
    marek.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(marek.page.get_by_text("Saved.")).not_to_have_count(0)
    assert len(order.protocols.get().part_keys) == 1


def test_an_answer_of_the_server_that_got_lost_makes_no_second_save(visitor):
    marek, order = marek_at_work(visitor, "under_way")
    marek.opens(f"/work/{order.pk}/protocol/")
    marek.clicks(".work-parts a")
    seen: list[str] = []

    def loses_the_answer(route: Any) -> None:
        if route.request.method == "POST" and not seen:
            seen.append(route.fetch().text())
            route.abort()
        else:
            route.continue_()

    marek.page.route("**/protocol/*/", loses_the_answer)
    first_choice(marek).locator("label").first.click()
    expect(marek.page.get_by_text("Saved.")).not_to_have_count(0)
    assert '"saved": true' in seen[0] and len(order.protocols.get().part_keys) == 1


def test_the_protocol_opens_without_a_network(visitor):
    """Parts that the phone has kept: two are filled in without a line, and sent once when it is back."""
    marek, order = marek_at_work(visitor, "under_way", service_workers="allow")
    marek.opens(f"/work/{order.pk}/protocol/")
    has_kept = marek.page.locator("[data-kept]")
    expect(has_kept).to_have_count(1)
    marek.page.reload()
    marek.page.wait_for_function("navigator.serviceWorker.controller !== null")
    expect(has_kept).to_have_count(1)
    sign = f"caches.match('/work/{order.pk}/sign/').then(Boolean)"
    assert marek.page.evaluate(sign)

    marek.context.set_offline(True)
    # A page that has just been opened is now and then on the line for a moment, for all that.
    marek.context.route("**/work/**", fails)
    marek.opens(f"/work/{order.pk}/sign/")
    marek.sees("To be filled in or corrected")
    marek.opens(f"/work/{order.pk}/protocol/")
    marek.page.locator(".work-parts a").first.click()
    for _part in range(2):
        expect(marek.page.locator("[data-part-form]")).to_have_count(1)
        first_choice(marek).locator("label").first.click()
        marek.sees(OFFLINE)
        url = marek.page.url
        marek.page.locator(".work-go .btn-primary").click()
        marek.page.wait_for_url(lambda now, url=url: now != url)
    assert not order.protocols.get().part_keys
    assert marek.page.evaluate(sign) is False  # it would show older answers than these

    marek.context.unroute("**/work/**")
    marek.context.set_offline(False)
    expect(marek.page.get_by_text("Saved.")).not_to_have_count(0)
    protocol = order.protocols.get()
    assert len(protocol.answers) == 2 and len(protocol.part_keys) == 2
    marek.faults.clear()
    marek.signs_out()
    assert marek.page.evaluate("caches.has('protocols')") is False


def test_a_wrong_number_is_said_at_once(visitor):
    marek, order = marek_at_work(visitor, "under_way")
    groups = order.protocols.get().checklist.groups()
    group, item = next(
        (group, item) for group in groups for item in group.items
        if item.kind == "number" and item.minimum is not None and not item.depends_on and item.filled_by == "partner"
    )  # fmt: skip
    marek.opens(f"/work/{order.pk}/protocol/{group.number}/")
    field = marek.page.locator(f"#id_q{item.number}")
    field.fill(str(item.minimum - 1))
    marek.page.locator(".work-go .btn-primary").click()
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-describedby", re.compile(rf"\bid_q{item.number}_error\b"))
    marek.sees("What you entered is saved. Some of it needs another look.")
    assert marek.page.get_by_text("Saved.", exact=True).count() == 0
    field.fill(str(item.minimum))
    expect(marek.page.get_by_text("Saved.", exact=True)).to_have_count(1)
    expect(marek.page.locator(".field-error")).to_have_count(0)
    assert "_error" not in (field.get_attribute("aria-describedby") or "")


def comes_to_sign(marek: Visitor, order: Order) -> None:
    """The page tries at once to send what waits; it fails before anything else happens."""
    page = f"/work/{order.pk}/sign/"

    def tried(request: Request) -> bool:
        return request.method == "POST" and request.headers.get("referer", "").endswith(page)

    with marek.page.expect_event("requestfailed", tried):
        marek.page.goto(marek.home + page)


def test_an_answer_that_comes_in_late_is_read_before_it_is_signed(visitor):
    marek, order = marek_at_work(visitor, "under_way")
    protocol = filled_in(order)
    marek.page.route("**/protocol/*/", fails)
    types_into_some_part(marek, order, "Late")
    marek.sees(OFFLINE)
    comes_to_sign(marek, order)
    marek.page.get_by_label("Name of the person who signs").fill("Anna Kowalska")
    marek.page.unroute("**/protocol/*/", fails)
    sent: list[str] = []
    marek.page.on("request", lambda request: sent.append(request.method) if request.url.endswith("/sign/") else None)
    with marek.page.expect_navigation():
        marek.page.get_by_role("button", name="Sign and close").click()
    assert sent == ["GET"]
    marek.sees("The answers have changed since the owner signed. The signature is not taken")
    marek.has_typed(signed_name="")
    protocol.refresh_from_db()
    marek.faults.clear()
    assert protocol.closed_at is None and "Late" in protocol.answers.values()


def test_a_signature_outlives_a_part_that_comes_twice(visitor):
    """The server had the part, and the phone did not hear so: what the owner read has not changed."""
    marek, order = marek_at_work(visitor, "under_way")
    protocol = filled_in(order)
    deaf = lambda route: (route.fetch(), route.abort()) if route.request.method == "POST" else route.continue_()  # noqa: E731
    marek.page.route("**/protocol/*/", deaf)
    types_into_some_part(marek, order, "Heard")
    marek.sees(OFFLINE)
    comes_to_sign(marek, order)
    signs_with_a_finger(marek)
    marek.types(signed_name="Anna Kowalska")
    marek.page.unroute("**/protocol/*/", deaf)
    marek.page.get_by_role("button", name="Sign and close").click()
    marek.page.wait_for_url("**/work/done/*/")
    protocol.refresh_from_db()
    assert protocol.signed_name == "Anna Kowalska" and protocol.signature and "Heard" in protocol.answers.values()


def test_a_signature_is_kept_on_the_phone_and_sent_from_any_page(visitor):
    marek, order = marek_at_work(visitor, "under_way")
    protocol = filled_in(order)
    marek.page.route("**/sign/", fails)
    marek.opens(f"/work/{order.pk}/sign/")
    signs_with_a_finger(marek)
    marek.types(signed_name="Anna Kowalska")
    marek.page.reload()
    marek.has_typed(signed_name="Anna Kowalska")
    marek.page.get_by_role("button", name="Sign and close").click()
    marek.sees(OFFLINE)
    marek.page.goto(f"{marek.home}/work/")
    marek.sees(OFFLINE)
    expect(waiting(marek)).to_have_text(f"Order {order.number}: signature")
    marek.page.unroute("**/sign/", fails)
    marek.page.evaluate("window.dispatchEvent(new Event('online'))")
    marek.sees("Saved.")
    expect(waiting(marek)).to_have_count(0)
    protocol.refresh_from_db()
    marek.faults.clear()
    drawn = Image.open(protocol.signature.file).convert("L").getextrema()
    assert protocol.closed_at and protocol.signed_name == "Anna Kowalska" and drawn[0] < 100


SLOWLY = """const decode = HTMLImageElement.prototype.decode;
HTMLImageElement.prototype.decode = function () {
  return new Promise((resolve) => setTimeout(resolve, 2000)).then(() => decode.call(this));
};"""


def test_a_signature_that_is_not_drawn_again_yet_is_not_lost(visitor):
    """A slow phone: one types and presses the button before the page shows what it kept."""
    marek, order = marek_at_work(visitor, "under_way")
    protocol = filled_in(order)
    marek.opens(f"/work/{order.pk}/sign/")
    signs_with_a_finger(marek)
    marek.page.add_init_script(SLOWLY)
    marek.page.reload()
    marek.types(signed_name="Anna Kowalska")
    marek.page.get_by_role("button", name="Sign and close").click()
    marek.page.wait_for_url("**/work/done/*/")
    protocol.refresh_from_db()
    assert protocol.closed_at and Image.open(protocol.signature.file).convert("L").getextrema()[0] < 100


def test_what_waits_is_said_and_sent_on_every_page(visitor):
    marek, order = marek_at_work(visitor, "under_way")
    marek.page.route("**/protocol/*/", fails)
    marek.opens(f"/work/{order.pk}/protocol/")
    marek.clicks(".work-parts a")
    part = marek.page.url.rstrip("/").rpartition("/")[2]
    first_choice(marek).locator("label").first.click()
    marek.sees(OFFLINE)
    marek.page.goto(f"{marek.home}/work/")
    marek.sees(OFFLINE)
    expect(waiting(marek)).to_have_text(f"Order {order.number}: [{part}]")
    marek.faults.clear()
    marek.looks()
    marek.page.unroute("**/protocol/*/", fails)
    marek.page.evaluate("window.dispatchEvent(new Event('online'))")
    marek.sees("Saved.")
    expect(waiting(marek)).to_have_count(0)
    marek.faults.clear()  # the page may have tried once more while it was looked at
    marek.opens("/work/offers/")
    assert len(order.protocols.get().answers) == 1 and len(order.protocols.get().part_keys) == 1


def test_what_cannot_be_sent_any_more_stays_until_somebody_drops_it(visitor):
    marek, order = marek_at_work(visitor, "under_way")
    marek.page.route("**/protocol/*/", fails)
    marek.opens(f"/work/{order.pk}/protocol/")
    marek.clicks(".work-parts a")
    first_choice(marek).locator("label").first.click()
    marek.sees(OFFLINE)
    protocols.interrupt(order, reason="Rain", by=order.protocols.get().engineer, revision=order.revision)
    marek.page.unroute("**/protocol/*/", fails)
    for _time in range(2):
        marek.page.goto(f"{marek.home}/work/")
        marek.sees("Not saved: this protocol is no longer open for you. What you typed is kept on this phone.")
        expect(waiting(marek)).to_contain_text(order.number)
    marek.page.once("dialog", lambda dialog: dialog.dismiss())
    waiting(marek).get_by_role("button").click()
    expect(waiting(marek)).to_have_count(1)
    marek.page.once("dialog", lambda dialog: dialog.accept())
    waiting(marek).get_by_role("button").click()
    expect(waiting(marek)).to_have_count(0)
    marek.faults.clear()
    marek.page.reload()
    expect(marek.page.locator("[data-waiting]")).to_be_hidden()


def test_an_odd_fgas_number_stops_the_engineer_once(visitor):
    marek, order = marek_at_work(visitor, "under_way", kind="split")
    groups = order.protocols.get().checklist.groups()
    group, item = next(
        (group, item) for group in groups for item in group.items if item.form_check and item.filled_by == "partner"
    )
    marek.opens(f"/work/{order.pk}/protocol/{group.number}/")
    url, go = marek.page.url, marek.page.locator(".work-go .btn-primary")
    marek.page.locator(f"#id_q{item.number}").fill("abc")
    go.click()
    marek.sees(f"[{item.number}]: an F-gas certificate usually has a number such as FGAZ-O/01/12345/22.")
    expect(marek.page.locator(f"#id_q{item.number}")).to_be_focused()
    assert marek.page.url == url
    marek.looks()
    go.click()
    marek.page.wait_for_url(lambda now: now != url)
    marek.opens(f"/work/{order.pk}/sign/")
    marek.sees("Look at this once more")


def test_photos_wait_on_the_phone_too(visitor):
    marek, order = marek_at_work(visitor, "under_way")
    marek.opens(f"/work/{order.pk}/protocol/")
    urls = [link.get_attribute("href") for link in marek.page.locator(".work-parts a").all()]
    for url in urls:
        marek.opens(url)
        if marek.page.locator('input[data-photo="choose"]').count():
            break
    marek.page.route("**/protocol/*/", fails)
    marek.page.locator('input[data-photo="choose"]').first.set_input_files(large_photo())
    marek.sees(OFFLINE)
    marek.page.reload()
    expect(marek.page.locator(".work-waiting img")).to_have_count(1)
    marek.page.unroute("**/protocol/*/", fails)
    marek.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(marek.page.locator(".photos-kept li")).to_have_count(1)
    expect(marek.page.locator(".work-waiting")).to_have_count(0)
    assert order.protocols.get().documents.count() == 1


def test_a_photo_that_is_refused_stays_on_the_phone_until_somebody_drops_it(visitor):
    marek, order = marek_at_work(visitor, "under_way")
    marek.opens(f"/work/{order.pk}/protocol/")
    for url in [link.get_attribute("href") for link in marek.page.locator(".work-parts a").all()]:
        marek.opens(url)
        if marek.page.locator('input[data-photo="choose"]').count():
            break
    bad = {"name": "IMG_2.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"}
    marek.page.locator('input[data-photo="choose"]').first.set_input_files([bad, large_photo()])
    refused = marek.page.locator(".work-refused")
    expect(refused).to_contain_text("IMG_2")
    expect(marek.page.locator(".photos-kept li")).to_have_count(1)
    marek.page.reload()
    expect(refused).to_have_count(1)
    marek.sees("A photo was refused. It stays on this phone until you remove it; the reason stands beside it.")
    why = refused.locator(".work-why").inner_text()
    assert len(why) > 20, why
    marek.opens(f"/work/{order.pk}/protocol/")
    expect(marek.page.locator(".work-part-unsent")).to_have_count(1)
    marek.opens(url)
    refused.get_by_role("button").click()
    expect(refused).to_have_count(0)
    marek.page.reload()
    expect(refused).to_have_count(0)
    assert order.protocols.get().documents.count() == 1


def test_signed_out_in_the_middle_nothing_is_lost(visitor):
    marek, order = marek_at_work(visitor, "under_way")
    marek.opens(f"/work/{order.pk}/protocol/")
    marek.clicks(".work-parts a")
    marek.context.clear_cookies()
    first_choice(marek).locator("label").first.click()
    marek.sees("You are signed out. What you typed is kept on this phone. Sign in again, and it is sent.")
    marek.faults.clear()  # the browser writes the refused request into its console
    marek.clicks(".work-unsent a")
    marek.types(login=MAREK, password=PASSWORD)
    marek.presses("Sign in")
    expect(marek.page.get_by_text("Saved.")).not_to_have_count(0)
    assert len(order.protocols.get().answers) == 1


def test_the_protocol_without_scripts(visitor):
    marek, order = marek_at_work(visitor, "under_way", java_script_enabled=False)
    marek.opens(f"/work/{order.pk}/protocol/")
    marek.clicks(".work-parts a")
    first = marek.page.url
    first_choice(marek).locator("label").first.click()
    goes_on(marek)
    assert marek.page.url != first and len(order.protocols.get().answers) == 1


def test_the_place_on_a_wide_screen(visitor):
    marek, order = marek_at_work(visitor, "scheduled", screen=DESKTOP)
    for path in ("", f"{order.pk}/", f"{order.pk}/times/", "offers/", "done/", "team/"):
        marek.opens(f"/work/{path}")
