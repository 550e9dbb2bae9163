"""To be forgotten: asked for, decided, done; what goes, and what is left of papers and trail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pypdfium2
import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from accounts import erasing, tasks
from accounts.actions import access, teams
from accounts.actions.erasure import ask_erasure, close_account, erase, refuse_erasure, withdraw_erasure
from accounts.grants import Grant
from accounts.models import Customer, EmailChange, ErasureRequest, Membership, User
from devices import actions as devices
from devices.models import Device
from orders import papers
from orders.actions.ordering import start_order
from orders.actions.papers import draw_protocol
from orders.actions.proofs import send_proof
from orders.models import Order, Protocol
from portal import privacy
from portal.back_office import page_url
from portal.errors import Refused
from portal.events import Event
from portal.files.models import Document
from portal.outbox.delivery import deliver
from portal.outbox.models import Message
from portal.outbox.queue import send
from portal.tasks import forget_sessions
from services.models import ServiceKind
from tests import factories, worlds
from tests.orders.together import until_somebody_waits_for_me
from warranty import actions as warranty
from warranty.card import facts_of
from warranty.models import WarrantyCard
from warranty.standing import Known

pytestmark = pytest.mark.django_db
NAME = "Wanda"


@pytest.fixture
def customer() -> Customer:
    return worlds.full_of_data()


@pytest.fixture
def clerk() -> User:
    return factories.person(is_staff=True, first_name="Zofia", last_name="Nowak")


def erased(customer: Customer, clerk: User) -> ErasureRequest:
    request = ask_erasure(customer, by=customer.members.first())
    return erase(request, by=clerk, confirmation=customer.number)


def text_of(document: Document) -> str:
    with pypdfium2.PdfDocument(document.file.path) as pdf:
        return "\n".join(page.get_textpage().get_text_bounded() for page in pdf)


def test_the_customer_and_who_belongs_to_nothing_else_are_gone(customer, clerk, client):
    person = customer.members.get()
    address = person.email
    client.force_login(person)
    assert client.get(reverse("profile")).status_code == 200
    request = erased(customer, clerk)
    assert client.get(reverse("profile")).status_code == 302
    customer.refresh_from_db()
    person.refresh_from_db()
    assert (customer.name, customer.street, str(customer.phone)) == (customer.number, "–", "")
    assert person.email == f"erased-{person.pk}@invalid" and "invalid" not in str(person)
    assert not person.is_active and not person.has_usable_password()
    assert customer.erased_at and person.erased_at and not customer.memberships.exists()
    assert (request.decision, request.decided_by) == ("erased", clerk)
    client.post(reverse("account_login"), {"login": address, "password": factories.PASSWORD})
    assert client.get(reverse("profile")).status_code == 302


def test_the_office_reads_erased_where_a_name_or_an_address_was(customer, clerk, client):
    person = customer.members.get()
    erased(customer, clerk)
    client.force_login(factories.clerk("manager"))
    customer.refresh_from_db()
    pages = [page_url(person), page_url(customer), reverse("admin:accounts_user_changelist")]
    told = [client.get(url, headers={"accept-language": "en"}).content.decode() for url in pages]
    assert all("erased" in page and "@invalid" not in page and "–, –" not in page for page in told)


def test_whoever_acts_for_somebody_else_too_stays(customer, clerk):
    manager = factories.person(first_name="Piotr")
    Membership.objects.create(customer=customer, user=manager)
    factories.customer(members=[manager])
    erased(customer, clerk)
    manager.refresh_from_db()
    assert manager.is_active and manager.first_name == "Piotr" and manager.emailaddress_set.exists()
    assert not customer.memberships.exists() and manager.memberships.count() == 1


def test_a_person_of_a_partner_stays(customer, clerk):
    person = customer.members.get()
    factories.partner(people=[person])
    erased(customer, clerk)
    person.refresh_from_db()
    assert person.is_active and person.first_name == NAME


def test_the_report_says_what_went_what_stayed_and_why(customer, clerk):
    planned = erasing.plan(customer).report()
    report = {line["what"]: line for line in erased(customer, clerk).report}
    assert report["portal.message"]["done"] == report["accounts.membership"]["done"] == "erased"
    assert (report["orders.protocol"]["done"], report["orders.protocol"]["why"]) == ("kept", "work")
    assert report["warranty.warrantycard"]["why"] == "warranty"
    before = {line["what"]: line["count"] for line in planned}
    assert before["devices.device"] == report["devices.device"]["count"]


def test_the_last_letter_tells_it_and_is_forgotten_then(customer, clerk):
    person = customer.members.get()
    address = person.email
    erased(customer, clerk)
    (letter,) = Message.objects.filter(recipient=address)
    assert (letter.kind == "accounts/erased" and "Gwarancj" in letter.text + letter.html) or "arrant" in letter.text
    assert tasks.forget_last_words() == 0
    deliver(letter.pk)
    assert (tasks.forget_last_words(), tasks.forget_last_words()) == (1, 0)


def test_stored_files_go_once_it_is_committed(customer, clerk, django_capture_on_commit_callbacks):
    documents = [document.file.name for document in Document.objects.filter(pk__in=erasing.plan(customer).documents)]
    export = customer.exports.get().file.name
    with django_capture_on_commit_callbacks() as callbacks:
        erased(customer, clerk)
    assert documents and all(map(default_storage.exists, [*documents, export]))
    for callback in callbacks:
        callback()
    assert not any(map(default_storage.exists, [*documents, export]))


def test_papers_are_drawn_anew_without_the_person(customer, clerk):
    erased(customer, clerk)
    protocol = Protocol.objects.closed().get(order__customer=customer)
    draw_protocol(protocol.pk)
    card = WarrantyCard.objects.current().get(device__site__customer=customer)
    warranty.draw_card(card.pk)
    protocol.refresh_from_db()
    card.refresh_from_db()
    for paper in (protocol.pdf, card.pdf):
        words = text_of(paper)
        assert customer.number in words and NAME not in words and "Wilk" not in words
    assert card.number in text_of(card.pdf)
    assert not Message.objects.exclude(kind="accounts/erased").filter(recipient__contains="@").filter(
        documents__in=[protocol.pdf, card.pdf]
    )  # fmt: skip


def test_a_paper_that_was_drawn_before_the_erasure_is_not_kept(customer, clerk, monkeypatch):
    protocol = Protocol.objects.closed().get(order__customer=customer)
    with privacy.erasing():
        Protocol.objects.filter(pk=protocol.pk).update(pdf=None)
    real = papers.draw

    def slow(found):
        content = real(found)
        erased(customer, clerk)
        return content

    monkeypatch.setattr(papers, "draw", slow)
    draw_protocol(protocol.pk)
    protocol.refresh_from_db()
    assert protocol.pdf is None and not Document.objects.filter(name__startswith="PT-").exists()


def test_the_card_says_afterwards_what_it_would_say_anew(customer, clerk):
    erased(customer, clerk)
    card = WarrantyCard.objects.current().get(device__site__customer=customer)
    assert card.facts == facts_of(Known.of(card.device))
    warranty.refresh(card.device, by=None)
    assert WarrantyCard.objects.filter(device=card.device, replaced_by=None).get() == card


def test_facts_of_the_work_stay(customer, clerk):
    protocol = Protocol.objects.closed().get(order__customer=customer)
    before = (protocol.number, protocol.visited_on, protocol.partner, len(protocol.answers))
    erased(customer, clerk)
    protocol.refresh_from_db()
    assert (protocol.number, protocol.visited_on, protocol.partner) == before[:3]
    assert 0 < len(protocol.answers) < before[3] and protocol.signed_name == "–"
    assert protocol.order.device.units.get().serial


def test_the_trail_stays_without_names(customer, clerk):
    device = customer.sites.first().devices.first()
    count = Event.objects.about(device).count()
    erased(customer, clerk)
    with translation.override("en"):
        told = [(str(event.sentence), event.reason) for event in Event.objects.about(device)]
    assert len(told) == count > 3
    assert NAME not in str(told)
    assert Event.objects.filter(verb="erasure.done", actor=clerk).count() == 1


def test_an_open_order_is_in_the_way(customer, clerk):
    request = ask_erasure(customer, by=customer.members.get())
    order = Order.objects.filter(customer=customer).first()
    Order.objects.filter(pk=order.pk).update(
        state="under_way" if order.kind == "service" else "in_review", closed_at=None
    )
    with pytest.raises(Refused, match=order.number):
        erase(request, by=clerk, confirmation=customer.number)
    withdraw_erasure(request, by=customer.members.get())
    with pytest.raises(Refused, match=order.number):
        ask_erasure(customer, by=customer.members.get())
    customer.refresh_from_db()
    assert customer.name == "Wanda Wilk"


def test_the_number_has_to_be_typed(customer, clerk):
    request = ask_erasure(customer, by=customer.members.get())
    with pytest.raises(Refused):
        erase(request, by=clerk, confirmation="K-999999")
    assert Customer.objects.get(pk=customer.pk).erased_at is None


@pytest.fixture
def members(customer) -> dict[str, User]:
    """Besides Wanda: another who decides, one who does not, one whose grant is over, one with another customer."""
    people = {name: factories.person(first_name=name, language="en") for name in ("full", "technical", "over", "both")}
    Membership.objects.create(customer=customer, user=people["full"])
    for name in ("technical", "both"):
        Membership.objects.create(customer=customer, user=people[name], grade="technical")
    day = timezone.localdate() - timedelta(days=9)
    Membership.objects.create(customer=customer, user=people["over"], starts_on=day, ends_on=day)
    factories.customer(members=[people["both"]])
    return people


def texts(kind: str, people: dict[str, User]) -> dict[str, str]:
    """What each read, by name; whoever got nothing is not there."""
    letters = {letter.recipient: letter.text for letter in Message.objects.filter(kind=kind)}
    return {name: letters[one.email] for name, one in people.items() if one.email in letters}


def test_all_members_are_told_when_it_is_asked_what_becomes_of_their_accounts(customer, members):
    ask_erasure(customer, by=customer.members.first())
    told = texts("accounts/erasure_asked", members)
    assert set(told) == set(members)
    assert all("Your own account is erased with it" in told[name] for name in ("full", "technical", "over"))
    assert "Your own account stays" in told["both"]
    assert "/erasure/" in told["full"] and all("/exports/" in told[name] for name in ("technical", "over", "both"))


def test_all_who_lose_something_get_a_last_letter_that_outlives_their_account(customer, clerk, members):
    erased(customer, clerk)
    told = texts("accounts/erased", members)
    assert set(told) == set(members)
    assert all("Your account is erased" in told[name] for name in ("full", "technical", "over"))
    assert "Your own account stays" in told["both"] and "cannot sign in" not in told["both"]
    assert "Kept, without names" in told["full"] and "Kept, without names" not in told["technical"]


def test_all_members_are_told_that_nothing_is_erased(customer, clerk, members):
    wanda = customer.members.first()
    withdraw_erasure(ask_erasure(customer, by=wanda), by=wanda)
    told = texts("accounts/erasure_off", members)
    assert set(told) == set(members) and "Wanda Wilk has taken back" in told["technical"]
    Message.objects.all().delete()
    refuse_erasure(ask_erasure(customer, by=wanda), by=clerk, reason="An invoice is not paid.")
    told = texts("accounts/erasure_off", members)
    assert set(told) == {"technical", "over", "both"} and "An invoice" not in str(told)
    assert "An invoice" in texts("accounts/erasure_refused", members)["full"]


def test_who_had_access_once_and_belongs_elsewhere_hears_nothing(customer, clerk, members):
    factories.customer(members=[members["over"]])
    wanda = customer.members.first()
    withdraw_erasure(ask_erasure(customer, by=wanda), by=wanda)
    erased(customer, clerk)
    assert not Message.objects.filter(recipient=members["over"].email).exists()


def test_an_asker_who_is_gone_by_then_is_written_to_no_more(customer, clerk, members):
    wanda = customer.members.first()
    request = ask_erasure(customer, by=wanda)
    User.objects.filter(pk=wanda.pk).update(erased_at=timezone.now())
    Message.objects.all().delete()
    erase(ErasureRequest.objects.get(pk=request.pk), by=clerk, confirmation=customer.number)
    assert wanda.email not in Message.objects.values_list("recipient", flat=True)


def test_sessions_that_are_over_are_removed_and_a_second_run_finds_none(customer):
    begun = Session.objects.filter(expire_date__lt=timezone.now()).count()
    current = Session.objects.create(session_key="now", session_data="", expire_date=timezone.now() + timedelta(days=1))
    assert begun > 1 and (forget_sessions(), forget_sessions()) == (begun, 0)
    assert list(Session.objects.all()) == [current]


def test_who_acts_for_nobody_closes_the_account(client, english):
    person = worlds.person_full_of_data()
    address = person.email
    User.objects.filter(pk=person.pk).update(language="en")
    client.force_login(person)
    assert client.get(reverse("account-close")).url.startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    assert "Tick the box" in client.post(reverse("account-close"), {"understood": ""}).content.decode()
    answer = client.post(reverse("account-close"), {"understood": "on"}, follow=True)
    assert answer.status_code == 200 and "Your account is closed" in answer.content.decode()
    assert client.get(reverse("profile")).status_code == 302
    person.refresh_from_db()
    assert person.erased_at and not person.is_active and "@invalid" in person.email
    letter = Message.objects.get(recipient=address)
    assert "your account is closed" in letter.text and "Sign-ins" in letter.text
    assert Event.objects.about(person).filter(verb="person.closed").count() == 1


def test_who_acts_for_a_customer_or_is_in_a_team_does_not_close_the_account(customer):
    engineer = factories.person()
    factories.partner(people=[engineer], name="Termo")
    for person, sentence in ((customer.members.get(), "Give up that access"), (engineer, "team of Termo")):
        with translation.override("en"), pytest.raises(Refused, match=sentence):
            close_account(person)
        person.refresh_from_db()
        assert person.is_active
    with pytest.raises(PermissionDenied):
        close_account(factories.clerk())


def test_protocols_of_an_engineer_who_has_left_stay(customer):
    protocol = Protocol.objects.closed().get(order__customer=customer)
    engineer = protocol.engineer
    engineer.partner_memberships.all().delete()
    close_account(engineer)
    protocol.refresh_from_db()
    assert protocol.pdf and protocol.signed_name == "Wanda Wilk"
    with translation.override("en"):
        assert str(protocol.engineer) == "closed account"


def test_the_hub_shows_a_way_out_to_everybody(customer, client, members, english):
    for person, way in (
        (members["full"], "erasure"),
        (members["technical"], "account-close"),
        (factories.person(), "account-close"),
    ):
        client.force_login(person)
        page = client.get(reverse("profile")).content.decode()
        assert f'href="{reverse(way)}"' in page and f'href="{reverse("exports")}"' in page


def test_a_no_says_why_to_all_members(customer, clerk):
    Membership.objects.create(customer=customer, user=(colleague := factories.person()))
    request = ask_erasure(customer, by=customer.members.first())
    assert Message.objects.filter(kind="accounts/erasure_asked").count() == 2
    with pytest.raises(Refused):
        refuse_erasure(request, by=clerk, reason=" ")
    request = refuse_erasure(request, by=clerk, reason="An invoice is not paid.")
    letters = Message.objects.filter(kind="accounts/erasure_refused")
    assert letters.filter(recipient=colleague.email).exists() and "An invoice" in letters[0].text
    with pytest.raises(Refused):
        erase(request, by=clerk, confirmation=customer.number)


def test_a_request_taken_back_cannot_be_carried_out(customer, clerk):
    person = customer.members.get()
    request = ask_erasure(customer, by=person)
    assert ask_erasure(customer, by=person) == request
    withdraw_erasure(request, by=person)
    assert withdraw_erasure(request, by=person).decision == "withdrawn"
    with pytest.raises(Refused):
        erase(request, by=clerk, confirmation=customer.number)


@pytest.mark.parametrize(
    ("grade", "status"), [("full", 200), ("financial", 403), ("technical", 403), ("read_only", 403)]
)
def test_only_full_members_see_the_page(customer, client, grade, status):
    Membership.objects.create(customer=customer, user=(colleague := factories.person()), grade=grade)
    client.force_login(colleague)
    assert client.get(reverse("erasure")).status_code == status
    assert client.post(reverse("erasure-withdraw")).status_code == (302 if status == 200 else 403)
    assert client.post(reverse("erasure-ask")).status_code == (302 if status == 200 else 403)
    assert not ErasureRequest.objects.waiting().exists()


def test_a_stranger_finds_nothing(customer, client):
    client.force_login(factories.person())
    assert client.get(reverse("erasure")).status_code == client.get(reverse("erasure-ask")).status_code == 404


def test_asking_wants_the_password_again_and_a_tick(customer, client, english):
    person = customer.members.get()
    client.force_login(person)
    answer = client.get(reverse("erasure-ask"))
    assert answer.status_code == 302 and answer.url.startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
    assert "Tick the box" in client.post(reverse("erasure-ask"), {"note": ""}).content.decode()
    answer = client.post(reverse("erasure-ask"), {"understood": "on", "note": "Goodbye"}, follow=True)
    assert "is with our office" in answer.content.decode()
    assert ErasureRequest.objects.waiting().get().asked_by == person
    client.post(reverse("erasure-withdraw"))
    assert not ErasureRequest.objects.waiting().exists()


def test_while_something_is_open_there_is_no_form_but_a_link_to_each_thing(customer, client, english):
    person = customer.members.get()
    device = Device.objects.filter(site__customer=customer).first()
    order = start_order(device, ServiceKind.objects.get(code="repair"), by=person)
    client.force_login(person)
    assert client.get(reverse("erasure-ask")).url == reverse("erasure")
    page = client.get(reverse("erasure")).content.decode()
    assert f'href="{reverse("order", args=[order.pk])}"' in page and reverse("erasure-ask") not in page


def test_the_page_names_what_stays_before_it_says_why(customer, client, english):
    client.force_login(customer.members.get())
    page = client.get(reverse("erasure")).content.decode()
    assert "<strong>Consents</strong> – Shows that there was a consent" in page
    assert "<strong>Lines of the history</strong>" in page and "serial numbers of devices" in page


def test_the_report_speaks_the_readers_words():
    labels = ["sessions.session", "usersessions.usersession", "portal.event", "devices.deviceunit"]
    with translation.override("en"):
        titles = [privacy.REGISTRY[label].title for label in labels]
    assert titles[1:] == ["Sessions", "Lines of the history", "Serial numbers of devices"] and len(set(titles)) == 4


def test_taking_it_back_while_a_clerk_answers_ends_on_a_page_that_says_so(
    customer, clerk, client, english, monkeypatch
):
    person = customer.members.get()
    request = ask_erasure(customer, by=person)

    def too_late(*args, **kwargs):
        refuse_erasure(request, by=clerk, reason="An invoice is not paid.")
        return withdraw_erasure(*args, **kwargs)

    monkeypatch.setattr("accounts.views.erasure.withdraw_erasure", too_late)
    client.force_login(person)
    answer = client.post(reverse("erasure-withdraw"), follow=True)
    assert answer.status_code == 409
    assert "has answered this request already" in answer.content.decode()


def test_the_clerk_sees_what_will_happen_and_decides(customer, client, english):
    request = ask_erasure(customer, by=customer.members.get(), note="Goodbye")
    boss = factories.person(is_staff=True, is_superuser=True)
    client.force_login(boss)
    address = reverse("admin:accounts_erasurerequest_change", args=[request.pk])
    page = client.get(address).content.decode()
    assert "What will be erased" in page and "Protocols" in page and "Goodbye" in page
    client.post(address, {"act": "erase", "confirmation": "K-1"})
    assert Customer.objects.get(pk=customer.pk).erased_at is None
    client.post(address, {"act": "erase", "confirmation": customer.number})
    page = client.get(address).content.decode()
    assert "What was erased" in page and NAME not in page


def test_a_clerk_without_the_right_cannot_decide(customer, client):
    request = ask_erasure(customer, by=customer.members.get())
    client.force_login(factories.clerk("dispatcher"))
    address = reverse("admin:accounts_erasurerequest_change", args=[request.pk])
    assert client.post(address, {"act": "erase", "confirmation": customer.number}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_of_two_clerks_at_once_one_erases(customer, clerk):
    request = ask_erasure(customer, by=customer.members.get())

    def tries(_number):
        try:
            return erase(request, by=clerk, confirmation=customer.number).decision
        except Refused:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(tries, range(2))) == ["erased", "refused"]
    assert Event.objects.filter(verb="erasure.done").count() == 1


def test_the_trail_of_who_had_access_can_still_be_told(customer, clerk, client):
    grant = Grant("read_only")
    access.invite(customer, email="jan@example.com", language="pl", grant=grant, by=customer.members.get())
    erased(customer, clerk)
    event = Event.objects.about(customer).get(verb="access.invited")
    with translation.override("en"):
        assert event.sentence == "– invited. Access: read only"
    client.force_login(factories.person(is_staff=True, is_superuser=True))
    assert client.get(reverse("admin:accounts_customer_change", args=[customer.pk])).status_code == 200


def test_a_letter_of_another_customer_to_the_same_address_stays(customer):
    other = factories.customer()
    for one in (customer, other):
        facts = {"email": "jan@example.com", "language": "pl", "grant": Grant("read_only")}
        access.invite(one, by=one.members.get(), **facts)
    erasing.carry_out(erasing.plan(customer))
    letter = Message.objects.get(recipient="jan@example.com")
    assert letter.topics[0] == f"accounts.customer:{other.pk}"


def test_an_sms_to_a_phone_that_is_shared_with_somebody_who_stays_stays(customer):
    person = customer.members.get()
    husband = factories.person(phone=person.phone)
    for about in (husband, customer):
        send("accounts/mobile_code", to=person.phone.as_e164, channel="sms", language="en", about=[about])
    erasing.carry_out(erasing.plan(customer))
    assert Message.objects.get(recipient=person.phone.as_e164).topics == [f"accounts.user:{husband.pk}"]


def test_letters_to_a_former_address_go_too(customer):
    EmailChange.objects.filter(user=customer.members.get()).update(old="before@example.com")
    send("devices/already_registered", to="before@example.com", language="en", context={"name": "Wanda"})
    send("accounts/mobile_code", to="+48601000222", channel="sms", language="en", secret=True)
    erasing.carry_out(erasing.plan(customer))
    assert not Message.objects.filter(recipient__in=["before@example.com", "+48601000222"]).exists()


def test_who_is_erased_while_accepting_another_invitation_does_not_get_in(customer, clerk):
    person, other = customer.members.get(), factories.customer()
    grant, owner = Grant("read_only"), other.members.get()
    invitation = access.invite(other, email=person.email, language="pl", grant=grant, by=owner)
    erased(customer, clerk)
    with pytest.raises(Refused):
        access.accept_invitation(invitation, by=person)  # as the request had read it before
    assert other.members.get() == owner


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["site", "device"])
def test_what_is_added_at_that_moment_is_refused(customer, clerk, what):
    request, person = ask_erasure(customer, by=customer.members.get()), customer.members.get()
    new = devices.NewDevice(kind="monobloc", nameplates=[])
    adding = {
        "site": lambda: devices.add_site(customer, by=person, street="ul. Nowa 1", postcode="00-001", city="Warszawa"),
        "device": lambda: devices.add_device(customer.sites.first(), new, by=person),
    }

    def adds():
        try:
            adding[what]()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            erase(request, by=clerk, confirmation=customer.number)
            done = pool.submit(adds)
            until_somebody_waits_for_me()
        with pytest.raises(PermissionDenied):
            done.result()


def test_an_invitation_of_another_customer_to_the_erased_address_goes_and_its_trail_is_blank(customer, clerk):
    person, other = customer.members.get(), factories.customer()
    grant, head = Grant("read_only"), other.members.get()
    invitation = access.invite(other, email=person.email, language="pl", grant=grant, by=head)
    access.invite(other, email="jan@example.com", language="pl", grant=grant, by=head)
    address = person.email
    access.decline_invitation(invitation, by=person)
    erased(customer, clerk)
    assert other.invitations.get().email == "jan@example.com"
    kept = Event.objects.about(other).filter(data__has_key="person").values_list("data__person", flat=True)
    assert sorted(kept) == ["jan@example.com", "–", "–"]
    assert not Message.objects.filter(text__contains=address).exclude(kind="accounts/erased").exists()


def test_an_invitation_of_a_team_to_the_erased_address_goes_and_its_trail_is_blank(customer, clerk):
    person, company = customer.members.get(), factories.partner(people=[boss := factories.person()])
    named = {"first_name": "Zenobia", "last_name": "Kos", "role": "engineer", "language": "pl"}
    teams.invite(company, email=person.email, by=boss, **named)
    erased(customer, clerk)
    assert not company.invitations.exists() and not Message.objects.filter(kind="accounts/team_invitation").exists()
    assert Event.objects.about(company).get(verb="team.invited").data == {"person": "–"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["order", "proof"])
def test_an_order_at_that_moment_waits_and_is_refused(customer, clerk, what):
    person = customer.members.get()
    request, device = ask_erasure(customer, by=person), customer.sites.first().devices.first()
    kind = ServiceKind.objects.get(code="repair")
    ordering = {
        "order": lambda: start_order(device, kind, by=person),
        "proof": lambda: send_proof(device, purchased_on=date(2024, 6, 1), documents=[], by=person),
    }
    Device.objects.filter(pk=device.pk).update(purchased_on=None)

    def orders():
        try:
            ordering[what]()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Customer.objects.select_for_update().get(pk=customer.pk)
            done = pool.submit(orders)
            until_somebody_waits_for_me()
            erase(request, by=clerk, confirmation=customer.number)
        with pytest.raises(PermissionDenied):
            done.result()
