"""The protocol, filled in part by part, kept once, signed and corrected."""

import html
import io
import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from orders.actions import offers, protocols, visits
from orders.models import Order, Protocol
from portal.errors import Refused
from portal.files.models import Document
from services import checklists
from tests import factories as make
from tests.orders.test_work import page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture
def company() -> Any:
    return make.company_with_engineer()


@pytest.fixture
def order(client, company) -> Order:
    """Work under way, with its manager signed in."""
    client.force_login(company.manager)
    return make.service_order(upto="under_way", to=company)


def picture(colour: str = "red", name: str = "photo.jpg") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def groups(of: Order) -> list[checklists.Group]:
    protocol = of.protocols.latest("version")
    return checklists.visible(
        protocol.checklist.groups(), protocol.answers, device_kind=of.device.kind, by=checklists.PARTNER
    )


def item_of(of: Order, kind: str) -> tuple[str, str]:
    """The first free question of a kind: its group and its number."""
    return next(
        (group.number, item.number) for group in groups(of) for item in group.items
        if item.kind == kind and not item.depends_on
    )  # fmt: skip


def send(client: Any, of: Order, group: str, headers: dict[str, str] | None = None, **data: Any) -> Any:
    return client.post(reverse("work-part", args=[of.pk, int(group)]), data, headers=headers or {})


def answers(of: Order) -> dict[str, Any]:
    return of.protocols.latest("version").answers


def test_the_overview_tells_what_each_part_needs(client, order):
    found = page(client, "work-protocol", order.pk)
    assert len(groups(order)) >= 3
    for group in groups(order):
        assert reverse("work-part", args=[order.pk, int(group.number)]) in found
    assert "missing" in found and "Filled in" not in found


def test_a_part_is_kept_and_the_next_one_follows(client, order):
    group, number = item_of(order, checklists.YES_NO)
    answer = send(client, order, group, **{f"q{number}": "yes"})
    assert answer.status_code == 302 and answer.url != reverse("work-part", args=[order.pk, int(group)])
    assert answers(order) == {number: "yes"}


def test_what_is_wrong_is_kept_and_said(client, order):
    group, number = item_of(order, checklists.NUMBER)
    answer = send(client, order, group, **{f"q{number}": "twelve"})
    found = answer.content.decode()
    assert "error-summary" in found and f'href="#id_q{number}"' in found and "What you entered is saved." in found
    assert answers(order)[number] == "twelve"
    assert "missing" in page(client, "work-protocol", order.pk)


def test_an_answer_can_be_taken_back_and_other_parts_stay(client, order):
    (group, number), (other, remark) = item_of(order, checklists.NUMBER), item_of(order, checklists.LONG_TEXT)
    assert group != other
    send(client, order, group, **{f"q{number}": "1"})
    send(client, order, other, **{f"q{remark}": "All well"})
    send(client, order, group)
    assert answers(order) == {remark: "All well"}


def test_the_same_key_counts_once(client, order):
    group, number = item_of(order, checklists.NUMBER)
    key = str(uuid.uuid4())
    for value in ("1", "2"):
        answer = send(client, order, group, FETCH, key=key, **{f"q{number}": value})
        assert answer.json()["saved"] is True
    protocol = order.protocols.get()
    assert protocol.answers == {number: "1"} and protocol.part_keys == [uuid.UUID(key)]


def test_the_script_is_told_what_is_wrong_and_what_is_missing(client, order):
    group, number = item_of(order, checklists.NUMBER)
    told = send(client, order, group, FETCH, **{f"q{number}": "twelve"}).json()
    assert list(told["errors"]) == [f"q{number}"] and number in told["missing"] and told["left"] > 1
    told = send(client, order, group, FETCH, **{f"q{number}": "1"}).json()
    assert told["errors"] == {} and number not in told["missing"]


def test_an_old_page_on_the_phone_takes_nothing_back(client, order):
    """The script names what was changed there; the rest stays as it is."""
    group, number = item_of(order, checklists.NUMBER)
    other = next(
        item.number for one in groups(order) if one.number == group for item in one.items if item.kind == "yes_no"
    )
    send(client, order, group, **{f"q{number}": "1.5"})
    old = {f"q{number}": "", f"q{other}": "yes", "changed": f"q{other}", "partial": "yes"}
    send(client, order, group, FETCH, **old)
    assert answers(order) == {number: "1.5", other: "yes"}
    send(client, order, group, FETCH, **old | {"changed": f"q{number}"})
    assert answers(order) == {other: "yes"}


def two_items(of: Order) -> tuple[str, str, str]:
    """A part, and a number and a yes or no in it."""
    group, number = item_of(of, checklists.NUMBER)
    items = next(one.items for one in groups(of) if one.number == group)
    return group, number, next(item.number for item in items if item.kind == checklists.YES_NO)


def quicker(monkeypatch, of: Order, answered: dict[str, Any]) -> None:
    """A colleague's phone is heard between the reading and the writing of the next part that is sent."""
    real, protocol, by = protocols.save_part, of.protocols.get(), of.service.partner.people.first().user

    def save_part(*args: Any, **kwargs: Any) -> Protocol:
        monkeypatch.setattr(protocols, "save_part", real)
        real(protocol, answers=answered, by=by, key=uuid.uuid4())
        return real(*args, **kwargs)

    monkeypatch.setattr(protocols, "save_part", save_part)


@pytest.mark.parametrize("script", [True, False])
def test_two_phones_in_one_part_at_once_keep_what_each_changed(client, order, monkeypatch, script):
    group, number, other = two_items(order)
    quicker(monkeypatch, order, {number: "1.5"})
    shown = {"shown": json.dumps({f"q{number}": "", f"q{other}": ""})}
    how = {"changed": f"q{other}", "partial": "yes"} if script else shown
    send(client, order, group, FETCH if script else None, **{f"q{number}": "", f"q{other}": "yes", **how})
    assert answers(order) == {number: "1.5", other: "yes"}


def test_two_phones_may_send_photos_at_once(client, order, monkeypatch):
    group, photos = item_of(order, checklists.PHOTO)
    taken = str(make.document(attached_at=timezone.now()).pk)
    quicker(monkeypatch, order, {photos: [taken]})
    send(client, order, group, FETCH, **{f"q{photos}": picture(), "partial": "yes"})
    found = answers(order)[photos]
    assert found[0] == taken and len(found) == 2


def test_without_the_script_an_old_page_changes_what_was_typed_there_and_no_more(client, order):
    group, number, other = two_items(order)
    url = reverse("work-part", args=[order.pk, int(group)])
    [shown] = re.findall(r'name="shown" value="([^"]*)"', client.get(url).content.decode())
    send(client, order, group, **{f"q{number}": "1.5"})
    send(client, order, group, **{f"q{number}": "", f"q{other}": "yes", "shown": html.unescape(shown)})
    assert answers(order) == {number: "1.5", other: "yes"}


@pytest.mark.parametrize("shown", ["", "x", "[]", "7", '{"q1": 3}'])
def test_an_odd_word_of_what_was_shown_is_as_none(client, order, shown):
    group, number, _other = two_items(order)
    send(client, order, group, **{f"q{number}": "1.5", "shown": shown})
    assert answers(order) == {number: "1.5"}


def test_why_a_photo_is_refused_is_told_each_time_it_comes(client, order):
    """The phone that did not hear the answer must not take it for kept."""
    group, number = item_of(order, checklists.PHOTO)
    key = str(uuid.uuid4())
    for _time in range(2):
        bad = SimpleUploadedFile("photo.jpg", b"no photo", "image/jpeg")
        told = send(client, order, group, FETCH, key=key, partial="yes", **{f"q{number}": bad}).json()
        assert told["errors"][f"q{number}"]
    assert number not in answers(order)


def test_a_photo_that_arrives_twice_is_there_once(client, order):
    group, number = item_of(order, checklists.PHOTO)
    key, before = str(uuid.uuid4()), Document.objects.count()
    for _time in range(2):
        told = send(client, order, group, FETCH, key=key, **{f"q{number}": picture()}).json()
    assert order.protocols.get().documents.count() == 1 and Document.objects.count() == before + 1
    assert len(answers(order)[number]) == 1 and "photos-kept" in told["photos"][f"q{number}"]


def test_a_later_part_does_not_lose_photos(client, order):
    group, number = item_of(order, checklists.PHOTO)
    send(client, order, group, FETCH, **{f"q{number}": picture("red")})
    send(client, order, group, FETCH, **{f"q{number}": picture("blue")})
    send(client, order, group, FETCH)
    assert len(answers(order)[number]) == 2


def test_a_file_that_is_no_photo_is_refused_with_a_sentence(client, order):
    group, number = item_of(order, checklists.PHOTO)
    told = send(client, order, group, FETCH, **{f"q{number}": SimpleUploadedFile("x.jpg", b"MZ no photo")}).json()
    assert "“x.jpg” is not a photo (JPG, PNG, HEIC). Take a new one." in told["errors"][f"q{number}"][0]
    assert not order.protocols.get().documents.exists()


def test_the_script_is_told_when_the_protocol_is_closed_or_gone(client, order, company):
    group, number = item_of(order, checklists.NUMBER)
    protocols.interrupt(order, reason="Rain", by=company.manager, revision=order.revision)
    assert send(client, order, group, FETCH, **{f"q{number}": "1"}).status_code == 404
    assert answers(order) == {}


def test_signed_out_the_script_is_sent_to_the_sign_in_page(client, order):
    group, number = item_of(order, checklists.NUMBER)
    client.logout()
    answer = send(client, order, group, FETCH, **{f"q{number}": "1"})
    assert answer.status_code == 302 and answer.url.startswith("/sign-in/") and answers(order) == {}


@pytest.fixture
def split(client, company) -> Order:
    """Work under way on a split, whose protocol asks for the number of an F-gas certificate."""
    client.force_login(company.manager)
    return make.service_order(make.device(kind="split"), upto="under_way", to=company)


def test_a_wrong_answer_is_to_be_corrected_and_not_missing(client, order):
    group, number = item_of(order, checklists.NUMBER)
    send(client, order, group, **{f"q{number}": "99999999"})
    assert "1 to correct" in page(client, "work-protocol", order.pk)
    listed = page(client, "work-sign", order.pk)
    assert re.search(rf"\[{number}\] [^<]+: 99999999 \S*\. This is too high\.", listed)


def test_an_unusual_answer_is_shown_before_the_owner_signs(client, company):
    client.force_login(company.manager)
    order = make.service_order(code="first_start_up", upto="under_way", to=company)
    protocol = fill(order, company.manager)
    protocol.answers |= {"902": "190", "1003": "35", "1004": "40"}
    protocol.save()
    listed = html.unescape(page(client, "work-sign", order.pk))
    assert "190\xa0V is unusual. Usually from 207 to 253\xa0V." in listed
    assert "40\xa0°C is not lower than [1003], as it usually is." in listed and "signed_name" in listed


def fgas_item(of: Order) -> tuple[str, str]:
    return next(
        (group.number, item.number) for group in groups(of) for item in group.items if item.form_check == "fgas"
    )


def test_an_odd_fgas_number_is_shown_once_before_one_goes_on(client, split):
    group, number = fgas_item(split)
    odd = send(client, split, group, **{f"q{number}": "abc"})
    assert odd.status_code == 200 and f'name="warned" value="{number}"' in odd.content.decode()
    assert answers(split) == {number: "abc"}
    assert send(client, split, group, **{f"q{number}": "abc", "warned": number}).status_code == 302


def test_the_script_is_told_of_an_odd_fgas_number(client, split):
    group, number = fgas_item(split)
    told = send(client, split, group, FETCH, **{f"q{number}": "abc"}).json()
    assert f"[{number}]: an F-gas certificate" in told["warnings"][number] and told["errors"] == {}
    told = send(client, split, group, FETCH, **{f"q{number}": "FGAZ-O/01/12345/22"}).json()
    assert told["warnings"] == {}


def test_an_odd_fgas_number_is_shown_before_the_owner_signs(client, split):
    group, number = fgas_item(split)
    send(client, split, group, FETCH, **{f"q{number}": "abc"})
    found = page(client, "work-sign", split.pk)
    assert "Look at this once more" in found and f"/protocol/{int(group)}/#div_id_q{number}" in found


def test_a_part_that_is_no_longer_asked_is_gone_for_the_script(client, order):
    assert send(client, order, "999", FETCH).status_code == 404
    assert send(client, order, "999").url == reverse("work-protocol", args=[order.pk])


def test_the_engineer_who_takes_over_goes_on_with_it(client, order, company):
    group, number = item_of(order, checklists.PHOTO)
    send(client, order, group, **{f"q{number}": picture()})
    visits.hand_over(order, engineer=company.engineer, by=company.manager, revision=order.revision)
    client.force_login(company.engineer)
    page(client, "work-part", order.pk, int(group))
    assert client.get(reverse("document", args=[answers(order)[number][0]])).status_code == 200


def test_another_company_that_goes_on_gets_the_protocol(client, order, company):
    stopped = protocols.interrupt(order, reason="Rain", by=company.manager, revision=order.revision)
    given = offers.give_back(stopped, reason="Ill", by=company.manager, revision=stopped.revision)
    others = make.company_with_engineer()
    offered = offers.offer(given, partner=others, by=None)
    accepted = offers.accept(offered, by=others.manager, revision=offered.revision)
    protocol = protocols.begin_work(accepted, by=others.manager, revision=accepted.revision)
    assert protocol.partner == others and protocol.engineer == others.manager
    page(client, "work-protocol", order.pk, status=410)
    client.force_login(others.manager)
    page(client, "work-protocol", order.pk)


def test_the_worker_may_serve_the_partners_pages_and_nothing_else(client):
    answer = client.get(reverse("work-worker"))
    script = answer.content.decode()
    assert answer["Content-Type"].startswith("text/javascript") and reverse("work-worker").startswith(reverse("work"))
    assert r"^\/work\/\d+\/(protocol\/" in script and reverse("work-protocol", args=[7]) == "/work/7/protocol/"


# The signature


def fill(order: Order, by: Any) -> Protocol:
    protocol = order.protocols.get()
    given, photos = make.answers_to(protocol.checklist.groups(), device_kind=order.device.kind, by=checklists.PARTNER)
    return protocols.save_part(protocol, answers=given, documents=photos, by=by, key=uuid.uuid4())


def signature(**more: Any) -> dict[str, Any]:
    out = io.BytesIO()
    Image.new("RGB", (300, 120), "white").save(out, "PNG")
    drawn = SimpleUploadedFile("signature.png", out.getvalue(), "image/png")
    return {"signed_name": "Anna Kowalska", "visited_on": timezone.localdate().isoformat(), "signature": drawn, **more}


def test_before_all_is_filled_in_nobody_can_sign(client, order):
    found = page(client, "work-sign", order.pk)
    number = groups(order)[0].items[0].number
    assert "To be filled in or corrected" in found and f"#div_id_q{number}" in found and "signed_name" not in found
    answer = client.post(reverse("work-sign", args=[order.pk]), signature())
    assert "The protocol is not finished." in answer.content.decode() and not order.protocols.get().closed_at


def test_signing_closes_for_good_and_says_what_follows(client, order, company):
    fill(order, company.manager)
    answer = client.post(reverse("work-sign", args=[order.pk]), signature(), follow=True)
    protocol = order.protocols.get()
    assert protocol.closed_at and protocol.signed_name == "Anna Kowalska" and protocol.signature.attached_at
    assert f"Protocol {protocol.number} is signed and closed." in answer.content.decode()
    assert "is drawn as a PDF now" in answer.content.decode()
    order.refresh_from_db()
    assert order.state == "done" and order.device.services.filter(order_number=order.number).count() == 1
    assert client.get(reverse("work-protocol", args=[order.pk])).url == reverse("work-paper", args=[protocol.pk])


def test_a_typed_name_is_enough_and_no_name_is_not(client, order, company):
    fill(order, company.manager)
    data = signature(signed_name=" ")
    found = client.post(reverse("work-sign", args=[order.pk]), data).content.decode()
    assert "Type the name of the person who signs." in found and "The drawn signature is kept." in found
    data = signature()
    del data["signature"]
    client.post(reverse("work-sign", args=[order.pk]), data)
    assert order.protocols.get().closed_at and order.protocols.get().signature is None


@pytest.mark.parametrize("days", [-1, 1])
def test_the_visit_was_neither_before_the_work_began_nor_tomorrow(client, order, company, days):
    fill(order, company.manager)
    day = (timezone.localdate() + timedelta(days=days)).isoformat()
    found = client.post(reverse("work-sign", args=[order.pk]), signature(visited_on=day)).content.decode()
    assert "cannot be before the work began" in found and not order.protocols.get().closed_at


def test_a_phone_that_heard_no_answer_closes_once(client, order, company):
    key = str(fill(order, company.manager).key)
    answers = [
        client.post(reverse("work-sign", args=[order.pk]), signature(key=key), headers=FETCH) for _time in range(2)
    ]
    urls = {json.loads(answer.content)["next"] for answer in answers}
    assert urls == {reverse("work-paper", args=[order.protocols.get().pk])}
    assert client.get(urls.pop()).content.decode().count("is signed and closed") == 1
    assert order.device.services.filter(order_number=order.number).count() == 1


def test_the_script_is_told_to_send_the_form_that_has_mistakes(client, order, company):
    fill(order, company.manager)
    answer = client.post(reverse("work-sign", args=[order.pk]), signature(signed_name=""), headers=FETCH)
    assert answer.status_code == 422 and not order.protocols.get().closed_at


def mark(found: str) -> str:
    return re.findall(r'name="shown" value="(\w+)"', found)[0]


def test_answers_that_came_after_the_signature_are_not_signed(client, order, company):
    fill(order, company.manager)
    url, old = reverse("work-sign", args=[order.pk]), mark(page(client, "work-sign", order.pk))
    group, number = item_of(order, checklists.LONG_TEXT)
    send(client, order, group, FETCH, partial="yes", changed=f"q{number}", **{f"q{number}": "Late"})
    told = client.post(url, signature(shown=old), headers=FETCH)
    assert told.status_code == 422 and told.json() == {"changed": True}
    found = client.post(url, signature(shown=old), follow=True).content.decode()
    assert "The answers have changed since the owner signed." in found and "signature is kept" not in found
    assert not order.protocols.get().closed_at and mark(found) != old
    client.post(url, signature(shown=mark(found)))
    assert order.protocols.get().closed_at


def test_answers_that_come_while_it_is_signed_are_not_signed(order, company):
    protocol = fill(order, company.manager)
    facts = {"signed_name": "Anna", "visited_on": timezone.localdate(), "by": company.manager}
    with pytest.raises(Refused, match="answers have changed"):
        protocols.close(protocol, shown="of older answers", **facts)
    assert not order.protocols.get().closed_at


def test_a_colleague_may_close_and_close_again(order, company):
    protocol = fill(order, company.manager)
    visits.hand_over(order, engineer=company.engineer, by=company.manager, revision=order.revision)
    for by in (company.engineer, company.manager):
        protocols.close(protocol, signed_name="Anna", visited_on=timezone.localdate(), by=by)
    assert order.protocols.get().signed_name == "Anna"
