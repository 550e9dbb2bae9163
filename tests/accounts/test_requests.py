"""Changes of a customer's data: members ask, a clerk lets through what is right, the record is written once."""

import re
import threading
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.actions.requests import ask_for_change, decide_change, fingerprint, withdraw_change
from accounts.models import ChangeRequest, Customer, Membership, User
from portal.collect import staff_queues
from portal.errors import Refused
from portal.events import Event
from portal.files.models import Document
from portal.outbox.models import Message
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
COMPANY = {"kind": "company", "name": "Ciepło Sp. z o.o.", "tax_number": "5265877635"}
FORM = {
    "name": "Anna Nowak", "phone": "601 234 567", "email": "anna@example.com", "street": "ul. Długa 5",
    "postcode": "00-238", "city": "Warszawa", "country": "PL", "note": "", "accurate": "on",
}  # fmt: skip
MOVED = {"street": "ul. Nowa 1", "postcode": "31-001", "city": "Kraków"}


@pytest.fixture
def owner() -> Customer:
    return make.customer()


@pytest.fixture
def anna(owner) -> User:
    return owner.members.get()


def clerk() -> User:
    person = make.clerk(first_name="Maria", last_name="Nowak")
    for name in ("view_changerequest", "decide_changerequest"):
        person.user_permissions.add(Permission.objects.get(codename=name))
    return person


def asked(owner: Customer, **wanted: str) -> ChangeRequest:
    wanted = wanted or {"name": "Anna Nowak", **MOVED}
    return ask_for_change(owner, wanted=wanted, by=owner.members.order_by("pk")[0], documents=[make.document()])


def ticks(request: ChangeRequest, *parts: str) -> list[str]:
    fresh = ChangeRequest.objects.get(pk=request.pk)
    return [fingerprint(fresh, part) for part in parts or fresh.parts]


# Asking


def test_a_request_has_a_number_and_changes_nothing_yet(owner, anna):
    request = asked(owner)
    assert request.number.startswith("ZD/") and request.parts == ["name", "address"]
    assert request.changes["street"] == {"old": "ul. Długa 5", "new": "ul. Nowa 1"}
    assert request.changes["country"] == {"old": "PL", "new": "PL"}  # an address is asked for as a whole
    owner.refresh_from_db()
    assert owner.name == "Anna Kowalska"
    assert Event.objects.about(owner).first().verb == "change.asked"
    letter = Message.objects.get(kind="accounts/change_asked")
    assert letter.recipient == anna.email and request.number in letter.text


@pytest.mark.parametrize("grade", ["financial", "technical", "read_only"])
def test_only_whoever_decides_on_everything_may_ask(owner, grade):
    colleague = make.person()
    Membership.objects.create(customer=owner, user=colleague, grade=grade)
    with pytest.raises(PermissionDenied):
        ask_for_change(owner, wanted={"name": "B"}, by=colleague)


def test_nothing_different_is_no_request(owner, anna):
    with pytest.raises(Refused, match="Nothing here is different"):
        ask_for_change(owner, wanted={"name": "Anna Kowalska", "phone": "+48601234567"}, by=anna)


def test_the_same_from_two_tabs_is_one_request_and_another_waits(owner, anna):
    first = asked(owner, name="Anna Nowak")
    assert ask_for_change(owner, wanted={"name": "Anna Nowak"}, by=anna) == first
    with pytest.raises(Refused, match=first.number):
        ask_for_change(owner, wanted={"name": "Anna Lis"}, by=anna)


def test_the_database_itself_keeps_one_open_request(owner):
    first = asked(owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeRequest.objects.create(number="ZD/X", customer=owner, asked_by=first.asked_by, changes={})


def test_a_request_taken_back_makes_room_and_stays_so(owner, anna):
    request = asked(owner)
    withdraw_change(request, by=anna)
    assert withdraw_change(request, by=anna).decision == "withdrawn"
    with pytest.raises(Refused, match="taken this request back"):
        decide_change(request, ticked=ticks(request), by=clerk())
    assert asked(owner, name="Anna Lis").decision == ""


# Answering


def test_what_is_accepted_is_written(owner):
    request = decide_change(asked(owner), ticked=ticks(ChangeRequest.objects.get()), by=clerk())
    owner.refresh_from_db()
    assert (owner.name, owner.street, owner.city) == ("Anna Nowak", "ul. Nowa 1", "Kraków")
    assert request.decision == "accepted" and len(request.accepted) == 5
    assert Event.objects.about(owner).first().verb == "change.accepted"


def test_a_part_may_stay_and_the_reason_is_told(owner, anna):
    request = asked(owner)
    reasons = {"name": "The certificate is of another person."}
    decide_change(request, ticked=ticks(request, "address"), reasons=reasons, by=clerk())
    owner.refresh_from_db()
    assert (owner.name, owner.city) == ("Anna Kowalska", "Kraków")
    letter = Message.objects.get(kind="accounts/change_answered")
    assert "certificate is of another person" in letter.text and letter.recipient == anna.email
    assert ChangeRequest.objects.get().decision == "partly"


def test_who_has_left_meanwhile_does_not_read_the_answer(owner, anna):
    request, heir = asked(owner), make.person()
    Membership.objects.create(customer=owner, user=heir)
    owner.memberships.filter(user=anna).delete()
    decide_change(request, ticked=ticks(request), by=clerk())
    assert [letter.recipient for letter in Message.objects.filter(kind="accounts/change_answered")] == [heir.email]


def test_what_stays_needs_a_reason(owner):
    request = asked(owner)
    with pytest.raises(Refused, match="Say why"):
        decide_change(request, ticked=ticks(request, "name"), by=clerk())
    with pytest.raises(Refused, match="Say why"):
        decide_change(request, ticked=[], by=clerk())
    assert not ChangeRequest.objects.get().decision


def test_a_request_is_answered_once_and_the_second_clerk_told_by_whom(owner):
    request = asked(owner)
    seen = ticks(request)
    decide_change(request, ticked=[], answer="The papers are missing.", by=clerk())
    with pytest.raises(Refused, match="Maria Nowak has answered"):
        decide_change(request, ticked=seen, by=clerk())
    owner.refresh_from_db()
    assert owner.name == "Anna Kowalska"


def test_a_tick_counts_only_for_what_the_clerk_saw(owner):
    """Between opening the page and pressing the button somebody else wrote to the record."""
    request = asked(owner)
    seen = ticks(request)
    Customer.objects.filter(pk=owner.pk).update(street="ul. Inna 9")
    with pytest.raises(Refused, match="has changed since you opened"):
        decide_change(request, ticked=seen, by=clerk())
    assert ChangeRequest.objects.get().is_overtaken("address") and not ChangeRequest.objects.get().is_overtaken("name")
    decide_change(request, ticked=ticks(request), by=clerk())
    owner.refresh_from_db()
    assert (owner.street, owner.city) == ("ul. Nowa 1", "Kraków")


def test_a_company_keeps_its_numbers_and_a_person_has_none(owner):
    company = make.customer(**COMPANY)
    request = asked(company, business_number="123456785")
    decide_change(request, ticked=ticks(request), by=clerk())
    company.refresh_from_db()
    assert (company.business_number, company.tax_number) == ("123456785", "5265877635")


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_answer_once():
    owner = make.customer()
    request, clerks = asked(owner), [clerk(), clerk()]
    seen, told, gate = ticks(request), [], threading.Barrier(2)

    def answer(by: User, **how: Any) -> None:
        gate.wait()
        try:
            decide_change(ChangeRequest.objects.get(pk=request.pk), by=by, **how)
            told.append("done")
        except Refused:
            told.append("refused")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=answer, args=[clerks[0]], kwargs={"ticked": seen}),
        threading.Thread(target=answer, args=[clerks[1]], kwargs={"ticked": [], "answer": "No."}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    owner.refresh_from_db()
    assert sorted(told) == ["done", "refused"]
    assert (owner.name == "Anna Nowak") == (ChangeRequest.objects.get().decision == "accepted")
    assert Message.objects.filter(kind="accounts/change_answered").count() == 1


# The pages of members


def test_the_form_holds_the_present_data_and_becomes_a_request(client, owner, anna):
    client.force_login(anna)
    page = client.get(reverse("change-request-new")).content.decode()
    assert 'value="Anna Kowalska"' in page and "(NIP)" not in page
    assert "only if you tick this box" in page
    answer = client.post(reverse("change-request-new"), FORM)
    request = ChangeRequest.objects.get()
    assert answer.url == reverse("change-request", args=[request.pk])
    assert request.changes == {"name": {"old": "Anna Kowalska", "new": "Anna Nowak"}}
    assert request.number in client.get(reverse("change-requests")).content.decode()
    assert "Anna Nowak" in client.get(answer.url).content.decode()
    assert request.number in client.get(reverse("change-request-new")).content.decode()


def test_a_form_that_was_opened_before_an_accepted_change_does_not_ask_to_undo_it(client, owner, anna):
    client.force_login(anna)
    page = client.get(reverse("change-request-new")).content.decode()
    shown = re.search(r'name="shown" value="([^"]+)"', page)[1]
    request = asked(owner, **MOVED)
    decide_change(request, ticked=ticks(request), by=clerk())
    data = FORM | {"name": "Anna Kowalska", "email": "nowa@example.com", "phone": str(owner.phone), "shown": shown}
    assert client.post(reverse("change-request-new"), data).status_code == 302
    assert ChangeRequest.objects.waiting().get().parts == ["email"]
    withdraw_change(ChangeRequest.objects.waiting().get(), by=anna)
    # Whoever has touched the address means the whole of it.
    client.post(reverse("change-request-new"), data | {"street": "ul. Trzecia 3"})
    new = ChangeRequest.objects.waiting().get()
    assert new.values("address", "new") == ["ul. Trzecia 3", "00-238", "Warszawa", "PL"]


@pytest.mark.parametrize("shown", ["", "made:up"])
def test_a_form_that_does_not_say_what_it_began_with_is_held_against_the_record(client, anna, shown):
    client.force_login(anna)
    client.post(reverse("change-request-new"), FORM | {"shown": shown})
    assert ChangeRequest.objects.get().changes == {"name": {"old": "Anna Kowalska", "new": "Anna Nowak"}}


def test_a_declaration_is_needed_and_nothing_typed_is_lost(client, anna):
    client.force_login(anna)
    page = client.post(reverse("change-request-new"), FORM | {"accurate": ""}).content.decode()
    assert "declare that they are right" in page and 'value="Anna Nowak"' in page
    assert not ChangeRequest.objects.exists()


def test_an_address_for_letters_is_whole_or_nothing(client, owner, anna):
    client.force_login(anna)
    letters = {"letters_elsewhere": "on", "post_name": "Jan Nowak", "post_street": "Nádražní 21", "post_city": "Praha"}
    page = client.post(reverse("change-request-new"), FORM | letters).content.decode()
    assert "Fill in “Postcode for letters”." in page
    client.post(reverse("change-request-new"), FORM | letters | {"post_postcode": "110 00"})
    assert ChangeRequest.objects.get().values("letters", "new") == ["Jan Nowak", "Nádražní 21", "110 00", "Praha"]


@pytest.mark.parametrize(("number", "right"), [("123456785", True), ("123456786", False), ("PL5265877635", False)])
def test_a_regon_with_a_wrong_digit_is_told(client, number, right):
    company = make.customer(**COMPANY)
    client.force_login(company.members.get())
    data = FORM | {"name": company.name, "tax_number": "526-587-76-35", "business_number": number}
    answer = client.post(reverse("change-request-new"), data)
    assert (answer.status_code == 302) == right == ChangeRequest.objects.exists()


def test_strangers_and_lower_grades_do_not_see_a_request(client, owner):
    request = asked(owner)
    colleague = make.person()
    Membership.objects.create(customer=owner, user=colleague, grade="technical")
    urls = [reverse("change-request", args=[request.pk]), reverse("change-request-withdraw", args=[request.pk])]
    document = reverse("document", args=[request.documents.get().pk])
    for person, expected in ((colleague, 403), (make.customer().members.get(), 404), (make.person(), 404)):
        client.force_login(person)
        assert [client.get(url).status_code for url in urls] == [expected, expected]
        assert client.get(document).status_code == 404
    client.force_login(owner.members.order_by("pk")[0])
    assert [client.get(url).status_code for url in [*urls, document]] == [200, 200, 200]


def test_the_form_and_the_list_ask_for_the_right(client, owner):
    colleague = make.person()
    Membership.objects.create(customer=owner, user=colleague, grade="financial")
    for person, expected in ((colleague, 403), (make.person(), 404)):
        client.force_login(person)
        for name in ("change-requests", "change-request-new"):
            assert client.get(reverse(name)).status_code == expected


def test_a_member_takes_a_request_back_on_its_page(client, owner, anna):
    request = asked(owner)
    client.force_login(anna)
    url = reverse("change-request-withdraw", args=[request.pk])
    assert "Take it back" in client.get(url).content.decode()
    assert client.post(url).url == reverse("change-request", args=[request.pk])
    assert ChangeRequest.objects.get().decided_by == anna


# The back office


def page_of(request: ChangeRequest) -> str:
    return reverse("admin:accounts_changerequest_change", args=[request.pk])


def test_the_clerk_sees_both_sides_and_a_record_that_moved_on(client, owner):
    request = asked(owner)
    client.force_login(clerk())
    Customer.objects.filter(pk=owner.pk).update(street="ul. Inna 9")
    page = client.get(page_of(request), headers={"accept-language": "en"}).content.decode()
    assert all(words in page for words in ("ul. Długa 5", "ul. Nowa 1", "ul. Inna 9"))
    assert "“Address” has been changed since this was asked for." in page
    fresh = ChangeRequest.objects.get()
    name, address = (f'value="{fingerprint(fresh, part)}"' for part in ("name", "address"))
    ticked = {line for line in page.split("<input") if "checked" in line.split(">")[0]}
    assert any(name in line for line in ticked) and not any(address in line for line in ticked)


def test_the_clerk_accepts_on_the_page(client, owner):
    request = asked(owner)
    client.force_login(clerk())
    data = {"act": "accept", "ticked": ticks(request, "name"), "reason-address": "No paper.", "answer": ""}
    assert client.post(page_of(request), data).status_code == 302
    owner.refresh_from_db()
    assert (owner.name, owner.city) == ("Anna Nowak", "Warszawa")
    assert ChangeRequest.objects.get().reason("address") == "No paper."


def test_an_old_tick_comes_back_unticked(client, owner):
    request = asked(owner)
    data = {"act": "accept", "ticked": ticks(request), "answer": ""}
    Customer.objects.filter(pk=owner.pk).update(name="Anna Lis")
    client.force_login(clerk())
    answer = client.post(page_of(request), data, headers={"accept-language": "en"})
    assert "has changed since you opened this page" in answer.content.decode()
    owner.refresh_from_db()
    assert owner.name == "Anna Lis" and not ChangeRequest.objects.get().decision


def test_the_queue_is_there_for_those_who_answer(owner):
    asked(owner)

    def counts(user: User) -> list[int]:
        urls = [queue for find in staff_queues for queue in find(user) if "changerequest" in queue.url]
        return [queue.count for queue in urls]

    assert counts(clerk()) == [1] and counts(make.person(is_staff=True)) == []


def test_papers_of_a_request_are_seen_by_staff_with_the_right_alone(owner):
    request = asked(owner)
    paper = Document.objects.filter(pk=request.documents.get().pk)
    assert Document.objects.visible_to(clerk()).filter(pk__in=paper).exists()
    assert not Document.objects.visible_to(make.person(is_staff=True)).filter(pk__in=paper).exists()
