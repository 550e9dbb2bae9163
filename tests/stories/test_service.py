"""From the owner's wish to the warranty card: the owner, the office and the service partner play it together."""

import re
from datetime import date, timedelta
from io import BytesIO

import pypdfium2
import pytest
from dateutil.relativedelta import relativedelta
from django.utils import timezone
from icalendar import Calendar, Event
from playwright.sync_api import Locator, Request, expect

from accounts.models import Partner
from devices.models import Device
from orders import tasks
from orders.actions import offers
from orders.models import Order, Service
from portal.outbox.models import Message
from services.models import ServiceKind
from tests import factories
from tests.stories import things
from tests.stories.boiler_room import OFFLINE, fills_in_this_part, first_choice, goes_on, signs_with_a_finger
from tests.stories.mailbox import Mailbox, files_in, link_in
from tests.stories.steps import (
    PASSWORD,
    STORY,
    dispatcher,
    opens_and_signs_in,
    opens_the_queue,
    registered_owner,
)
from tests.stories.visitor import DESKTOP, Visitor
from warranty.models import Cover, WarrantyCard

pytestmark = STORY
ANNA, OLA, MAREK = "anna@example.com", "ola@example.com", "marek@example.com"
EWA, JAN = "ewa@example.com", "jan@example.com"
ODD_CERTIFICATE = "F-gazy 12/2022"


# Given


def a_bought_split() -> Device:
    """Anna's, bought three weeks ago; its product has a warranty of five years from the start-up."""
    bought = timezone.localdate() - timedelta(days=21)
    place = factories.site(registered_owner(ANNA, language="pl", last_name="Wiśniewska"))
    device = factories.device(place, kind="split", name="Pompa w garażu", purchased_on=bought)
    factories.warranty_rule(device)
    return device


def a_started_device(*, due_in: int = 60) -> Device:
    """Anna's, whose inspection is due in so many days."""
    place = factories.site(registered_owner(ANNA, language="pl"))
    device = factories.device(place, name="Pompa w garażu", purchased_on=date(2024, 2, 1))
    factories.warranty_rule(device)
    done_on = timezone.localdate() + timedelta(days=due_in) - relativedelta(years=1)
    return factories.started_up(device, done_on=done_on)


def a_company(name: str, manager: str) -> Partner:
    """It does all services near Anna's; its manager signs in with PASSWORD."""
    person = factories.person(
        email=manager, password=PASSWORD, language="pl", first_name="Marek", last_name="Zieliński"
    )
    return factories.able_partner(people=[person], name=name, city="Piaseczno")


def whatever_the_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reminders wait for the morning."""
    monkeypatch.setattr(tasks, "is_morning", lambda here: True)


def test_from_the_order_to_the_warranty_card(visitor, mailbox, worker):
    device, company = a_bought_split(), a_company("Serwis Bliski", MAREK)
    factories.able_partner(name="Serwis Daleki", areas=["9"])
    anna, ola, marek = visitor("pl", DESKTOP), visitor("pl", DESKTOP), visitor("pl")

    order = the_owner_orders_the_start_up(anna, device)
    the_clerk_assigns_it(ola, order, company)
    the_partner_accepts(marek, order, mailbox)
    the_partner_proposes_three_times(marek)
    the_owner_picks_one_without_signing_in(visitor("pl"), order, mailbox)
    both_have_it_for_their_calendars(anna, marek, order, mailbox)

    the_engineer_begins(marek, order)
    the_engineer_fills_in_the_protocol(marek, order)
    the_owner_signs_on_the_phone(marek, order)
    the_device_has_its_dates_and_papers(anna, device)
    the_papers_came_by_mail_once(anna, order, mailbox)
    anybody_may_check_the_card(visitor("pl"), device)


# The owner orders


def the_owner_orders_the_start_up(anna: Visitor, device: Device) -> Order:
    kind = ServiceKind.objects.get(code="first_start_up")
    anna.signs_in(ANNA, PASSWORD)
    anna.opens(f"/devices/{device.pk}/")
    anna.follows("Order a service")
    anna.presses("Save and continue")
    anna.is_told("id_kind_0")
    anna.picks("kind", str(kind.pk))
    anna.presses("Save and continue")
    answers_the_questions(anna, kind)
    says_when_it_suits(anna)
    anna.sees("Check and send", ODD_CERTIFICATE, "Dzwonić dwa razy.")
    anna.presses("Send the order")
    order = device.orders.get()
    anna.sees("Order %(number)s is sent.", number=order.number)
    assert order.state == Order.State.SUBMITTED and order.service.answers["500"] == ODD_CERTIFICATE
    return order


def answers_the_questions(anna: Visitor, kind: ServiceKind) -> None:
    """First nothing but an odd number: what is missing is asked for, and the number only gets a warning."""
    anna.sees(kind.hint_pl.partition(".")[0])
    anna.types(q500=ODD_CERTIFICATE)
    anna.presses("Save and continue")
    for field in ("id_q101", "id_q104_0", "id_q201", "id_q501_0"):
        anna.is_told(field)
    warning = "[%(number)s]: an F-gas certificate usually has a number such as FGAZ-O/01/12345/22. "
    warning += "Look again; if it is right as it stands, leave it."
    anna.sees(warning, number="500")
    anna.types(q101="Instalator Nowak", q102="601 234 567", q103=timezone.localdate().isoformat())
    anna.picks("q104", "floor")
    for question in ("q106", "q107", "q501"):
        anna.picks(question, "yes")
    anna.attaches("q201", things.photo("Jednostka zewnętrzna"))
    for question in ("q202", "q203", "q204"):
        anna.attaches(question, things.snapshot(question, name=f"{question}.jpg"))
    anna.presses("Save and continue")


def says_when_it_suits(anna: Visitor) -> None:
    today = timezone.localdate()
    anna.types(day1=today.isoformat(), notes="Dzwonić dwa razy.")
    anna.presses("Save and continue")
    anna.is_told("id_day1", "Choose a day from tomorrow on, within a year.")
    anna.types(day1=(today + timedelta(days=3)).isoformat())
    anna.presses("Save and continue")


# The office assigns, the partner accepts


def the_clerk_assigns_it(ola: Visitor, order: Order, company: Partner) -> None:
    dispatcher(ola, OLA)
    opens_the_queue(ola, "Orders to assign", order.number)
    ola.sees("open orders: %(count)s", count=0)
    ola.sees("Photos and files", ODD_CERTIFICATE)
    ola.page.locator(".bo-others > summary").click()
    ola.sees("does not serve this postcode")
    ola.picks("partner", str(company.pk))
    ola.presses("Offer to this partner")
    ola.sees("offered.")


def the_partner_accepts(marek: Visitor, order: Order, mailbox: Mailbox) -> None:
    """Before that the page names no person; the owner is told whom to call."""
    opens_and_signs_in(marek, link_in(mailbox.wait_for(MAREK)), MAREK)
    assert marek.path == f"/work/{order.pk}/"
    phone = order.customer.phone
    private = ["Kowalsk", "Wiśniewsk", order.customer.email, phone.as_international, phone.as_e164, "Dzwonić dwa razy."]
    assert not [words for words in private if words in marek.page.content()]
    marek.sees(order.device.site.city, ODD_CERTIFICATE)
    marek.presses("Accept")
    marek.sees("The order is yours. Agree a date with the owner.", order.customer.name, "Dzwonić dwa razy.")
    marek.sees(phone.as_international)
    accepted = {"number": order.number, "partner": "Serwis Bliski"}
    mailbox.wait_for(ANNA, marek.say("Order %(number)s accepted by %(partner)s", **accepted))


# They agree a date


def the_partner_proposes_three_times(marek: Visitor) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    first, second, third = f"{tomorrow}T08:00", f"{tomorrow}T13:00", f"{tomorrow + timedelta(days=1)}T09:00"
    marek.follows("Propose times")
    marek.types(first="2020-01-01T10:00")
    marek.presses("Send the times")
    marek.is_told("id_first", "This time is over. Choose one that is still ahead.")
    marek.types(first=first, second=f"{tomorrow}T09:00")
    marek.presses("Send the times")
    marek.is_told("id_second", "This time overlaps with one above. Choose one that does not.")
    marek.types(first=first, second=second, third=third, words="Potrwa około czterech godzin.")
    marek.presses("Send the times")
    marek.sees("The times are sent. You get an e-mail when the owner has answered.")


def the_owner_picks_one_without_signing_in(phone: Visitor, order: Order, mailbox: Mailbox) -> None:
    """Opening the link changes nothing: mail servers open links too."""
    subject = phone.say("Choose a time for the visit: order %(number)s", number=order.number)
    phone.opens(link_in(mailbox.wait_for(ANNA, subject)))
    proposal, before = order.proposals.get(), Order.objects.get(pk=order.pk)
    assert before.state == Order.State.ACCEPTED and not proposal.outcome
    phone.sees("Potrwa około czterech godzin.")
    phone.presses("Agree to this time")
    phone.is_told("id_slot_0", "Choose one of the times.")
    phone.picks("slot", proposal.slots[1].isoformat())
    phone.presses("Agree to this time")
    assert Order.objects.get(pk=order.pk).state == Order.State.SCHEDULED
    phone.sees_not("Agree to this time")
    phone.opens(f"/orders/{order.pk}/")
    assert phone.path == "/sign-in/"


def both_have_it_for_their_calendars(anna: Visitor, marek: Visitor, order: Order, mailbox: Mailbox) -> None:
    visit = Service.objects.get(order=order)
    day = f"{timezone.localtime(visit.visit_starts):%d.%m.%Y}"
    subject = anna.say("Visit agreed for %(day)s: order %(number)s", day=day, number=order.number)
    hers = invitation(mailbox.wait_for(ANNA, subject))
    his = invitation(mailbox.wait_for(MAREK, day))
    assert hers["UID"] == his["UID"] and hers.start == his.start == visit.visit_starts
    anna.opens(f"/orders/{order.pk}/")
    anna.sees("The visit", "Add to your calendar (.ics)")


def invitation(letter) -> Event:
    """The one event in a letter."""
    (content,) = files_in(letter, "text/calendar")
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    return event


# The visit


def the_engineer_begins(marek: Visitor, order: Order) -> None:
    marek.opens("/work/")
    marek.clicks(".work-card h3 a")
    if not marek.page.get_by_role("button", name=marek.say("Begin the work")).is_visible():
        marek.unfolds("Also possible")  # the visit is on the next day
    marek.presses("Begin the work")
    assert marek.path == f"/work/{order.pk}/protocol/"


def the_engineer_fills_in_the_protocol(marek: Visitor, order: Order) -> None:
    marek.follows("See all answers")
    marek.sees("To be filled in or corrected")
    marek.page.go_back()
    marek.clicks(".work-parts a")
    types_a_number_out_of_range(marek)
    fills_in_this_part(marek, things.snapshot())
    goes_on(marek)
    loses_the_network(marek, order)
    while marek.page.locator("[data-part-form]").count():
        fills_in_this_part(marek, things.snapshot())
        goes_on(marek)


def types_a_number_out_of_range(marek: Visitor) -> None:
    """The page says what is wrong and stays."""
    url = marek.page.url
    marek.types(q601="999")
    marek.page.locator(".work-go .btn-primary").click()
    marek.sees("This is too high. Enter at most %(maximum)s %(unit)s.", maximum="100", unit="m")
    assert marek.page.url == url


def loses_the_network(marek: Visitor, order: Order) -> None:
    """What is typed without a line stays on the phone, and is saved once when the line is back."""
    protocol, sent = order.protocols.get(), []
    before = len(protocol.part_keys)
    name = first_choice(marek).locator("input").first.get_attribute("name") or ""
    marek.context.set_offline(True)
    first_choice(marek).locator(".choice label").first.click()
    marek.sees(OFFLINE)
    protocol.refresh_from_db()
    assert name[1:] not in protocol.answers

    def notes(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.url)

    marek.page.on("requestfinished", notes)
    marek.context.set_offline(False)
    marek.sees("Saved.")
    marek.faults.clear()  # the browser writes every failed request into its console
    goes_on(marek)
    protocol.refresh_from_db()
    assert protocol.answers[name[1:]] and len(protocol.part_keys) == before + 1 == before + len(sent)
    marek.page.remove_listener("requestfinished", notes)
    marek.page.go_back()


def the_owner_signs_on_the_phone(marek: Visitor, order: Order) -> None:
    """A signature without a name closes nothing; it is not lost either."""
    marek.follows("Read through and sign")
    marek.sees_not("To be filled in or corrected")
    signs_with_a_finger(marek)
    marek.presses("Sign and close", status=422)
    marek.is_told("id_signed_name", "Type the name of the person who signs.")
    marek.types(signed_name="Anna Wiśniewska")
    marek.presses("Sign and close")
    protocol = order.protocols.get()
    assert protocol.closed_at and protocol.signature and protocol.signed_name == "Anna Wiśniewska"
    expect(marek.page.get_by_role("link", name=marek.say("Protocol (PDF)"))).to_be_visible()
    marek.opens(f"/work/{order.pk}/")
    assert marek.path == f"/work/done/{protocol.pk}/"


# What follows


def the_device_has_its_dates_and_papers(anna: Visitor, device: Device) -> None:
    """Counted from the visit: five years of warranty, and an inspection in a year."""
    visited_on = device.orders.get().protocols.get().visited_on
    anna.opens(f"/devices/{device.pk}/")
    warranty = anna.page.locator("#warranty")
    for years in (0, 1, 5):
        expect(warranty).to_contain_text(f"{visited_on + relativedelta(years=years):%d.%m.%Y}")
    card = warranty.get_by_role("link", name=anna.say("Warranty card (PDF)"))
    expect(card).to_be_visible()
    assert pdf_behind(anna, card).startswith(b"%PDF")
    anna.clicks(anna.page.get_by_role("link", name=device.orders.get().protocols.get().number).first)
    protocol = anna.page.get_by_role("link", name=anna.say("Download the protocol (PDF)"))
    assert pdf_behind(anna, protocol).startswith(b"%PDF")


def pdf_behind(who: Visitor, link: Locator) -> bytes:
    answer = who.context.request.get(f"{who.home}{link.get_attribute('href')}")
    assert answer.status == 200 and answer.headers["content-type"] == "application/pdf"
    return answer.body()


def the_papers_came_by_mail_once(anna: Visitor, order: Order, mailbox: Mailbox) -> None:
    names = {"service": order.service_kind.name_pl, "device": order.device.name}
    for kind, subject in (
        ("orders/protocol_ready", anna.say("Protocol of the visit: %(service)s, %(device)s", **names)),
        ("warranty/card_ready", anna.say("Your warranty card: %(device)s", **names)),
    ):
        (paper,) = files_in(mailbox.wait_for(ANNA, subject))
        assert paper.startswith(b"%PDF") and Message.objects.filter(kind=kind).count() == 1


def anybody_may_check_the_card(stranger: Visitor, device: Device) -> None:
    """By the address of the QR code, which stands on the card in letters too."""
    card = WarrantyCard.objects.get(device=device)
    with card.pdf.file.open("rb") as file, pypdfium2.PdfDocument(BytesIO(file.read())) as pdf:
        text = "".join(page.get_textpage().get_text_range() for page in pdf)
    found = re.search(r"/warranty/check/[\w-]+/", re.sub(r"\s", "", text))
    assert found, text
    stranger.opens(found[0])
    stranger.sees("valid today", card.number)
    owner, words = device.site.customer.name, stranger.page.inner_text("main")
    assert owner in text and owner not in words and device.site.city not in words


# Shorter ones


def test_an_inspection_is_ordered_from_the_reminder(visitor, mailbox, monkeypatch):
    whatever_the_hour(monkeypatch)
    device, anna = a_started_device(due_in=25), visitor("pl")
    due = device.cover.next_inspection_on
    tasks.remind_of_inspections()
    letter = mailbox.newest(ANNA)
    told = {"service": "Przegląd okresowy", "day": f"{due:%d.%m.%Y}", "device": device.name}
    subject = anna.say("%(service)s by %(day)s: %(device)s", **told)
    assert subject in letter["Subject"]

    opens_and_signs_in(anna, link_in(letter), ANNA)
    anna.sees(device.name, "Przegląd okresowy")
    anna.types(day1="2020-01-01")
    anna.presses("Continue")
    anna.is_told("id_day1")
    anna.types(day1=(due - timedelta(days=7)).isoformat())
    anna.presses("Continue")
    anna.sees("Check and send")
    anna.presses("Send the order")
    assert device.orders.get().state == Order.State.SUBMITTED

    Cover.objects.filter(device=device).update(next_inspection_on=due - timedelta(days=20))
    tasks.remind_of_inspections()
    assert Message.objects.filter(kind="orders/inspection_due").count() == 1


def test_an_order_goes_from_partner_to_partner(visitor, mailbox):
    """The first declines, the second does not answer in time, the third gets it."""
    ServiceKind.objects.update(passes_on=True)
    first, second, third = a_company("Pierwszy", MAREK), a_company("Drugi", EWA), a_company("Trzeci", JAN)
    device = a_started_device()
    order = factories.service_order(device, upto="offered", to=first)

    marek = visitor("pl")
    marek.signs_in(MAREK, PASSWORD)
    the_partner_declines(marek, order)
    assert "Pierwszy" in mailbox.newest(ANNA).get_body().get_content()
    offers.offer(order, partner=second, by=factories.clerk("dispatcher"))
    Service.objects.filter(order=order).update(answer_by=timezone.now() - timedelta(minutes=1))
    tasks.expire_offers()
    tasks.expire_offers()
    told = {"number": order.number}
    assert marek.say("Time to answer is over: order %(number)s", **told) in mailbox.newest(EWA)["Subject"]
    for subject in ("We look for another partner: order %(number)s", "Another partner is asked: order %(number)s"):
        assert len(mailbox.about(ANNA, marek.say(subject, **told))) == 1

    ewa, jan = visitor("pl"), visitor("pl")
    opens_and_signs_in(ewa, link_in(mailbox.newest(EWA)), EWA)
    ewa.sees("No offers now")
    opens_and_signs_in(jan, link_in(mailbox.newest(JAN)), JAN)
    jan.presses("Accept")
    jan.sees(order.customer.name)
    assert list(order.offers.values_list("outcome", flat=True)) == ["declined", "expired", "accepted"]
    assert Service.objects.get(order=order).partner == third


def the_partner_declines(marek: Visitor, order: Order) -> None:
    marek.opens(f"/work/{order.pk}/")
    marek.follows("Decline")
    marek.presses("Decline")
    marek.is_told("id_reason", "Say why.")
    marek.types(reason="Urlop do końca miesiąca.")
    marek.presses("Decline")
    marek.sees("Declined. Our office looks for somebody else.")
    marek.opens(f"/work/{order.pk}/", status=410)


def test_an_inspection_is_ordered_without_scripts(visitor):
    device = a_started_device()
    factories.device(device.site, name="Druga pompa")
    inspection = ServiceKind.objects.get(code="inspection")
    anna = visitor("pl", java_script_enabled=False)
    anna.signs_in(ANNA, PASSWORD)
    anna.opens("/orders/")
    anna.follows("Order a service")
    anna.picks("kind", str(inspection.pk))
    anna.presses("Save and continue")
    anna.is_told("id_device")
    anna.selects(device=str(device.pk))
    anna.presses("Save and continue")
    answers_about_the_last_year(anna)
    anna.presses("Send the order")
    order = device.orders.get()
    assert order.state == Order.State.SUBMITTED and anna.path == f"/orders/{order.pk}/"


def answers_about_the_last_year(anna: Visitor) -> None:
    """Nothing has happened. Then come the wishes, those that were told already in their fields."""
    anna.picks("q101", "no")
    anna.presses("Save and continue")
    anna.is_told("id_q103_0")
    anna.picks("q103", "no")
    anna.presses("Save and continue")
    anna.presses("Save and continue")


def test_nobody_else_sees_an_order(visitor):
    device = a_started_device()
    order = factories.service_order(device, upto="scheduled", to=a_company("Pierwszy", MAREK))
    registered_owner(JAN, language="pl")
    a_company("Drugi", EWA)
    for email in (JAN, EWA):
        stranger = visitor("pl")
        stranger.signs_in(email, PASSWORD)
        for path in ("orders", "work"):
            stranger.opens(f"/{path}/{order.pk}/", status=404)
        stranger.opens(f"/devices/{device.pk}/", status=404)
