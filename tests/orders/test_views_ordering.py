"""Ordering a service through the owner's pages: step by step, and nothing typed is lost."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from orders.actions import ordering
from orders.models import Order
from services.models import ServiceKind
from tests.factories import (
    PDF,
    able_partner,
    answers_to,
    customer,
    device,
    document,
    person,
    service_order,
    site,
    started_up,
)
from warranty.actions import record_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def owner(client):
    someone = person(language="en")
    client.force_login(someone)
    return someone


@pytest.fixture
def pump(owner):
    return started_up(device(site(customer(members=[owner]), own_name="Home"), name="Garage"))


def kind(code: str) -> ServiceKind:
    return ServiceKind.objects.get(code=code)


def what(pump, code: str = "inspection", **more) -> dict:
    once = str(uuid.uuid4())
    return {"site": pump.site_id, "device": pump.pk, "kind": kind(code).pk, "once": once, "go": "next"} | more


def wishes(**more) -> dict:
    return {"day1": str(timezone.localdate() + timedelta(days=9)), "part": "morning", "go": "next"} | more


def upload(name: str = "boiler.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF, "application/pdf")


def page(answer) -> str:
    return answer.content.decode()


def draft(pump, code: str = "installation_check") -> Order:
    """With all that the checklist demands of the owner, which for the first start-up is photos too: without."""
    order = ordering.start_order(pump, kind(code), by=pump.site.customer.members.get())
    if code == "first_start_up":
        return order
    answers, _photos = answers_to(order.service.checklist.groups(), device_kind=pump.kind, by="owner")
    return ordering.save(order, by=order.created_by, answers=answers)


def answered(order: Order) -> dict:
    answers, _photos = answers_to(order.service.checklist.groups(), device_kind=order.device.kind, by="owner")
    return {f"q{number}": value for number, value in answers.items()} | {"go": "next"}


def test_an_inspection_is_ordered_step_by_step(client, pump):
    partner = able_partner()
    answer = client.post(reverse("order-new"), what(pump, partner=partner.pk))
    order = Order.objects.get()
    assert answer.url == reverse("order-answers", args=[order.pk]) and order.state == "draft"
    answer = client.post(answer.url, answered(order))
    assert answer.url == reverse("order-wishes", args=[order.pk])
    data = wishes(contact="Jan Nowy, 601000000", notes="Blue gate", attached=upload())
    answer = client.post(answer.url, data, follow=True)
    for told in ("Periodic inspection", "Serwis Ciepła", "in the morning", "Jan Nowy", "boiler.pdf"):
        assert told in page(answer)
    answer = client.post(reverse("order-check", args=[order.pk]), checked(client, order), follow=True)
    assert "is sent" in page(answer) and "We have asked Serwis Ciepła" in page(answer)
    order.refresh_from_db()
    assert (order.state, order.service.partner, order.service.notes) == ("offered", partner, "Blue gate")


def test_the_first_form_sent_twice_makes_one_draft(client, pump):
    data = what(pump)
    answers = [client.post(reverse("order-new"), data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302] and Order.objects.count() == 1


def test_going_back_in_the_browser_to_another_device_changes_the_draft(client, pump):
    other, data = started_up(device(pump.site, name="Attic")), what(pump)
    for chosen in (pump, other):
        client.post(reverse("order-new"), data | {"device": chosen.pk})
    assert Order.objects.get().device == other
    url = reverse("order-service", args=[pump.pk, "repair"])
    assert client.post(url, wishes(once=data["once"])).status_code == 302 and Order.objects.count() == 1


@pytest.mark.parametrize("go", ["next", "later"])
def test_what_was_said_for_another_device_is_kept_and_has_to_be_looked_through(client, pump, go):
    other, order = started_up(device(pump.site, name="Attic")), draft(pump)
    choice = what(other, "installation_check", go=go)
    shown = page(client.post(reverse("order-what", args=[order.pk]), choice, follow=True))
    assert f"is for Attic ({other.serials}) now" in shown and f"were given for Garage ({pump.serials})" in shown
    order.service.refresh_from_db()
    assert order.service.answers
    again = page(client.post(reverse("order-what", args=[order.pk]), choice, follow=True))
    assert "were given for" not in again


def test_an_empty_draft_goes_to_another_device_without_a_word(client, pump):
    other, data = started_up(device(pump.site, name="Attic")), what(pump)
    for chosen in (pump, other):
        shown = page(client.post(reverse("order-new"), data | {"device": chosen.pk}, follow=True))
    assert "Attic" in shown and "were given for" not in shown
    order = Order.objects.get()
    ordering.save(order, by=order.created_by, notes="Blue gate")
    assert "were given for Attic" in page(client.post(reverse("order-new"), data, follow=True))


def test_sending_twice_sends_once(client, pump):
    order = draft(pump)
    url = reverse("order-check", args=[order.pk])
    sent = checked(client, order)
    for _ in range(2):
        answer = client.post(url, sent)
        assert answer.url == reverse("order", args=[order.pk])
    order.refresh_from_db()
    assert (order.state, order.revision) == ("submitted", 2)


def checked(client, order) -> dict[str, str]:
    """What the check page sends, as it is now."""
    shown = client.get(reverse("order-check", args=[order.pk])).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(revision|shown)" value="([^"]+)"', shown))


@pytest.mark.parametrize("changed", ["notes", "answers", "files"])
def test_an_old_check_page_does_not_send_what_it_did_not_show(client, pump, changed):
    order = draft(pump)
    url, old = reverse("order-check", args=[order.pk]), checked(client, order)
    more = {
        "notes": {"notes": "Green gate"},
        "answers": {"answers": order.service.answers | {"999": "x"}},
        "files": {"documents": [document()]},
    }
    ordering.save(order, by=order.created_by, **more[changed])
    shown = page(client.post(url, old))
    order.refresh_from_db()
    assert order.state == "draft" and "changed since you opened this page" in shown
    assert ("Green gate" in shown) == (changed == "notes")
    client.post(url, checked(client, order))
    order.refresh_from_db()
    assert order.state == "submitted"


def test_only_site_and_device_are_chosen_and_the_address_fills_in_the_rest(client, pump):
    shown = page(client.get(reverse("order-new"), {"service": "repair"}))
    assert f'<option value="{pump.pk}">' not in shown or "selected" in shown
    assert re.search(rf'value="{kind("repair").pk}"[^>]*checked', shown)
    assert 'optgroup label="Home"' in shown and "All sites" not in shown


def test_of_two_devices_the_address_chooses_one(client, pump):
    other = device(pump.site, name="Attic")
    shown = page(client.get(reverse("order-new"), {"device": other.pk}))
    assert f'<option value="{other.pk}" selected' in shown and f'<option value="{pump.pk}" data-site=' in shown
    for odd in ("x", "", "9" * 30, "-1", "²"):
        assert client.get(reverse("order-new"), {"device": odd, "service": odd}).status_code == 200


def test_what_cannot_be_ordered_is_named_with_the_reason(client, pump):
    shown = page(client.get(reverse("order-new")))
    start_up = re.search(rf'<input[^>]*value="{kind("first_start_up").pk}"[^>]*>', shown).group(0)
    assert "disabled" in start_up and "a device needs it only once" in shown


@pytest.mark.parametrize(("code", "told"), [
    ("first_start_up", "a device needs it only once"), ("inspection", "is ordered already"),
])  # fmt: skip
def test_what_does_not_go_together_is_said_at_its_field(client, pump, code, told):
    device(pump.site, name="Attic")
    if code == "inspection":
        service_order(pump)
    answer = client.post(reverse("order-new"), what(pump, code))
    assert told in page(answer) and "error-summary" in page(answer)
    assert f'<option value="{pump.pk}" selected' in page(answer)
    assert not Order.objects.filter(state="draft").exists()


def test_a_device_of_another_site_is_not_taken_and_the_choice_stays(client, pump):
    elsewhere = site(pump.site.customer, own_name="Summer house")
    device(elsewhere)
    answer = client.post(reverse("order-new"), what(pump, site=elsewhere.pk))
    assert "This device is at another site" in page(answer) and not Order.objects.exists()


def test_a_partner_who_does_not_serve_the_place_is_refused_with_a_sentence(client, pump):
    far = able_partner(name="Daleko", areas=["8"])
    answer = client.post(reverse("order-new"), what(pump, partner=far.pk))
    assert "Daleko does not do this service at this place." in page(answer)
    assert f'<option value="{far.pk}" selected>' in page(answer) and not Order.objects.exists()


@pytest.mark.parametrize("missing", ["device", "kind"])
def test_what_is_missing_is_named(client, pump, missing):
    device(pump.site)
    answer = client.post(reverse("order-new"), what(pump) | {missing: ""})
    assert "error-summary" in page(answer) and not Order.objects.exists()


def test_without_a_device_the_page_offers_the_first_step(client, owner):
    customer(members=[owner])
    assert reverse("device-new") in page(client.get(reverse("order-new")))


def test_the_script_asks_what_can_be_ordered_for_a_device(client, pump):
    near, _far = able_partner(codes=["repair"]), able_partner(areas=["8"])
    told = client.get(reverse("order-choices"), {"device": pump.pk}).json()
    assert "only once" in told["faults"][str(kind("first_start_up").pk)]
    assert told["faults"][str(kind("repair").pk)] == ""
    assert told["partners"][str(kind("repair").pk)] == [near.pk]
    assert told["partners"][str(kind("inspection").pk)] == []


def test_the_first_start_up_asks_for_photos_and_answers(client, owner):
    split = device(site(customer(members=[owner])), kind="split")
    answer = client.post(reverse("order-new"), what(split, "first_start_up"))
    order = Order.objects.get()
    assert answer.url == reverse("order-answers", args=[order.pk])
    shown = page(client.get(answer.url))
    assert "PHOTOS OF THE FINISHED INSTALLATION MUST BE TAKEN" in shown and "[500]" in shown
    wrong = client.post(answer.url, {"q500": "FGAZ-O/01/12345/22", "go": "next"})
    assert "error-summary" in page(wrong) and 'value="FGAZ-O/01/12345/22"' in page(wrong)
    order.service.refresh_from_db()
    assert order.service.answers["500"] == "FGAZ-O/01/12345/22"
    assert client.get(reverse("order-check", args=[order.pk])).url == answer.url


def test_an_odd_fgas_number_is_pointed_out_once_and_again_before_it_is_sent(client, owner):
    split = device(site(customer(members=[owner])), kind="split")
    order = draft(split, "first_start_up")
    answers, photos = answers_to(order.service.checklist.groups(), device_kind="split", by="owner")
    ordering.save(order, by=owner, answers=answers, documents=photos)
    url = reverse("order-answers", args=[order.pk])
    data = {f"q{number}": value for number, value in answers.items() if isinstance(value, str)} | {"go": "next"}
    odd = client.post(url, data | {"q500": "abc"})
    assert "an F-gas certificate usually has a number" in page(odd) and 'name="warned" value="500"' in page(odd)
    again = client.post(url, data | {"q500": "abc", "warned": "500"})
    assert again.url == reverse("order-wishes", args=[order.pk])
    order.service.refresh_from_db()
    assert order.service.answers["500"] == "abc"
    assert "an F-gas certificate usually has a number" in page(client.get(reverse("order-check", args=[order.pk])))


def test_without_questions_that_step_is_left_out(client, pump):
    bare = ServiceKind.objects.create(code="talk", name_en="Talk", device_kinds=["monobloc"], outcome="")
    answer = client.post(reverse("order-new"), what(pump, "talk"))
    order = Order.objects.get()
    assert order.service_kind == bare and answer.url == reverse("order-wishes", args=[order.pk])
    assert "Step 2 of 3" in page(client.get(answer.url))
    assert client.get(reverse("order-answers", args=[order.pk])).url == answer.url


def test_a_draft_keeps_what_is_not_whole_and_can_be_continued(client, owner):
    split = device(site(customer(members=[owner])), kind="split")
    order = draft(split, "first_start_up")
    data = {"q500": "FGAZ-O/01/12345/22", "go": "later"}
    answer = client.post(reverse("order-answers", args=[order.pk]), data, follow=True)
    assert "The draft is saved" in page(answer) and order.number in page(answer) and "Draft" in page(answer)
    resumed = client.get(reverse("order-continue", args=[order.pk]), follow=True)
    assert 'value="FGAZ-O/01/12345/22"' in page(resumed)


def test_what_is_typed_is_kept_while_it_is_typed(client, pump):
    order = draft(pump)
    url = reverse("order-wishes", args=[order.pk])
    assert f'data-autosave="{url}?save"' in page(client.get(url))
    assert client.post(f"{url}?save", {"notes": "Half a sen", "part": "any"}).status_code == 204
    assert "Half a sen" in page(client.get(url))


@pytest.mark.parametrize("day", ["2020-01-01", "2999-01-01", "soon"])
def test_a_day_that_cannot_be_is_said_and_the_rest_is_kept(client, pump, day):
    order = draft(pump)
    answer = client.post(reverse("order-wishes", args=[order.pk]), wishes(day2=day, notes="Blue gate"))
    assert "error-summary" in page(answer) and "Blue gate" in page(answer) and day in page(answer)
    order.service.refresh_from_db()
    assert order.service.notes == "Blue gate" and len(order.service.wished_days) == 1


def test_a_draft_whose_wished_day_is_over_asks_for_another(client, pump):
    order = draft(pump)
    ordering.save(order, by=order.created_by, wished_days=[timezone.localdate()])
    answer = client.get(reverse("order-check", args=[order.pk]), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("order-wishes", args=[order.pk])
    assert "A day that you wished is over." in page(answer)


def test_two_sites_of_one_name_are_told_apart(client, pump):
    other = device(site(pump.site.customer, own_name="Home", street="ul. Inna 3"))
    shown = page(client.get(reverse("order-new")))
    assert f'<option value="{other.pk}" data-site="{other.site_id}">' in shown
    assert f'<option value="{other.site_id}">Home, ul. Inna 3' in shown and '<optgroup label="Home, ul. Inna 3' in shown


def test_the_warning_stands_on_the_page_of_changes_too(client, owner):
    pump = device(site(customer(members=[owner])))
    order = service_order(pump, code="first_start_up", by=owner)
    found = page(client.get(reverse("order-change", args=[order.pk])))
    assert "PHOTOS OF THE FINISHED INSTALLATION MUST BE TAKEN" in found


def test_a_file_of_a_draft_can_be_taken_out_again(client, pump):
    order = draft(pump)
    url = reverse("order-wishes", args=[order.pk])
    client.post(url, wishes(attached=upload()))
    shown = page(client.get(url))
    token = re.search(r'name="attached-remove" value="([^"]+)"', shown).group(1)
    client.post(url, wishes(**{"attached-kept": token, "attached-remove": token}))
    assert not order.documents.exists()


def test_a_file_stays_when_the_form_is_sent_again(client, pump):
    order = draft(pump)
    url = reverse("order-wishes", args=[order.pk])
    client.post(url, wishes(attached=upload()))
    client.post(url, wishes())
    assert order.documents.get().name == "boiler.pdf"


def test_a_draft_is_about_something_else_now(client, pump):
    order = draft(pump)
    answer = client.post(reverse("order-what", args=[order.pk]), what(pump, "repair"))
    order.refresh_from_db()
    assert order.service_kind.code == "repair" and answer.status_code == 302


def test_a_draft_is_discarded_and_gone_from_the_list(client, pump):
    order = draft(pump)
    url = reverse("order-cancel", args=[order.pk])
    assert "Discard the draft?" in page(client.get(url))
    answer = client.post(url, {"revision": 1}, follow=True)
    assert "The draft is discarded." in page(answer) and f"/orders/{order.pk}/" not in page(answer)


def filled_in(shown: str) -> dict[str, str]:
    """What the page has answered already: chosen radio buttons and options."""
    radios = re.findall(r'<input type="radio" name="([^"]+)" value="([^"]*)"[^>]* checked', shown)
    partner = re.search(r'<select name="partner".*?<option value="(\d*)" selected', shown, re.DOTALL)
    return dict(radios) | {"partner": partner.group(1) if partner else ""}


def test_a_service_with_everything_filled_in_asks_only_for_a_date(client, pump):
    url = reverse("order-service", args=[pump.pk, "inspection"])
    shown = page(client.get(url))
    assert "Periodic inspection" in shown and "Garage" in shown and not Order.objects.exists()
    data = filled_in(shown) | wishes(once=str(uuid.uuid4()))
    answers = [client.post(url, data) for _ in range(2)]
    order = Order.objects.get()
    assert answers[0].url == reverse("order-check", args=[order.pk])
    assert answers[1].url == reverse("order-continue", args=[order.pk])
    assert order.service.wished_part == "morning" and order.state == "draft"
    assert order.service.answers == {"101": "no", "103": "no"}


def test_what_is_to_report_is_asked_on_the_same_page(client, pump):
    url = reverse("order-service", args=[pump.pk, "inspection"])
    data = filled_in(page(client.get(url))) | wishes(once=str(uuid.uuid4()), q101="yes")
    assert "error-summary" in page(client.post(url, data)) and not Order.objects.exists()
    client.post(url, data | {"q102": "E5 in March"})
    assert Order.objects.get().service.answers["102"] == "E5 in March"


@pytest.mark.parametrize(("areas", "is_chosen"), [(["0"], True), (["8"], False)])
def test_the_last_partner_is_chosen_already_if_still_suitable(client, pump, areas, is_chosen):
    last, _other = able_partner(areas=areas), able_partner(name="Aqua")
    day = timezone.localdate() - timedelta(days=300)
    record_service(pump, kind="inspection", done_on=day, partner=last, order_number="", protocol_number="", by=None)
    shown = page(client.get(reverse("order-service", args=[pump.pk, "inspection"])))
    assert filled_in(shown)["partner"] == (str(last.pk) if is_chosen else "")


def test_many_questions_are_asked_on_a_page_of_their_own(client, owner):
    pump = device(site(customer(members=[owner])))
    url = reverse("order-service", args=[pump.pk, "first_start_up"])
    assert 'name="q101"' not in page(client.get(url))
    answer = client.post(url, wishes(once=str(uuid.uuid4())))
    assert answer.url == reverse("order-answers", args=[Order.objects.get().pk])


def test_a_service_on_order_is_not_ordered_again(client, pump):
    order = service_order(pump)
    url = reverse("order-service", args=[pump.pk, "inspection"])
    assert order.number in page(client.get(url)) and "<textarea" not in page(client.get(url))
    answer = client.post(url, wishes())
    assert answer.status_code == 200 and Order.objects.count() == 1


def test_steps_of_an_order_that_was_sent_lead_to_its_page(client, pump):
    order = service_order(pump)
    for name in ("order-what", "order-answers", "order-wishes", "order-check", "order-continue"):
        for answer in (client.get(reverse(name, args=[order.pk])), client.post(reverse(name, args=[order.pk]), {})):
            assert answer.url == reverse("order", args=[order.pk])


def test_a_colleague_goes_on_with_a_draft_and_a_stranger_does_not_see_it(client, pump):
    colleague, order = person(language="en"), draft(pump)
    pump.site.customer.memberships.create(user=colleague)
    names = ("order", "order-continue", "order-what", "order-answers", "order-wishes", "order-check", "order-cancel")
    urls = [reverse(name, args=[order.pk]) for name in names]
    urls.append(reverse("order-service", args=[pump.pk, "inspection"]))
    for who, statuses in ((colleague, {200, 302}), (customer().members.get(), {404})):
        client.force_login(who)
        assert {client.get(url).status_code for url in urls} <= statuses
    client.force_login(customer().members.get())
    assert client.get(reverse("order-choices"), {"device": pump.pk}).status_code == 404
