"""Acts about accounts: each leaves an event, each refusal a sentence."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions import partners, people, staff
from accounts.models import Customer, Partner, User
from portal.errors import Refused
from portal.events import Event
from portal.outbox.models import Message
from tests.factories import clerk, customer, document, partner, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def test_members_get_documents_and_a_date_by_email_only():
    owner = customer(members=[person(phone="+48601234567", sms_notices=True)])
    paper, entry = document(), "BEGIN:VCALENDAR"
    context = {"serial": "X1", "device": "Pump", "path": "/"}
    more = {"documents": [paper], "calendar": entry, "by_sms": True}
    people.tell_members(owner, "orders/proof_confirmed", context=context, **more)
    email, sms = Message.objects.get(channel="email"), Message.objects.get(channel="sms")
    assert list(email.documents.all()) == [paper] and email.calendar == entry
    assert not sms.documents.exists() and sms.calendar == ""


def test_an_application_is_approved_once():
    company, first, second = partner(), clerk(first_name="Jan", last_name="Pierwszy"), clerk()
    partners.decide_partner(company, approve=True, by=first)
    company.refresh_from_db()
    assert (company.decision, company.decided_by) == ("approved", first)
    with pytest.raises(Refused, match="Jan Pierwszy has answered this application already"):
        partners.decide_partner(company, approve=False, by=second, reason="No certificate.")
    assert Event.objects.filter(verb__startswith="partner.").count() == 1


def test_a_refused_applicant_reads_the_reason_in_the_own_language():
    company = partner(
        people=[person(language="cs", email="cs@example.com"), person(language="en", email="en@example.com")]
    )
    partners.decide_partner(company, approve=False, by=clerk(), reason="The certificate has run out.")
    letters = {letter.recipient: letter for letter in Message.objects.filter(kind="accounts/partner_refused")}
    assert {address: letter.language for address, letter in letters.items()} == {
        "cs@example.com": "cs",
        "en@example.com": "en",
    }
    assert all("The certificate has run out." in letter.text for letter in letters.values())


def test_a_refusal_needs_a_reason():
    company = partner()
    with pytest.raises(Refused, match="Say why"):
        partners.decide_partner(company, approve=False, by=clerk(), reason="  ")
    company.refresh_from_db()
    assert company.decision == ""


def test_the_database_keeps_a_partners_decision_whole():
    company = partner()
    for half in ({"decision": "approved"}, {"decided_by": clerk()}):
        with pytest.raises(IntegrityError, match="partner_decision_whole"), transaction.atomic():
            Partner.objects.filter(pk=company.pk).update(**half)
    assert Partner.objects.waiting().count() == 1


def test_the_database_wants_a_companys_tax_number_and_lower_case_addresses():
    owner, someone = customer(), person()
    with pytest.raises(IntegrityError, match="companies_have_a_tax_number"), transaction.atomic():
        Customer.objects.filter(pk=owner.pk).update(kind="company")
    with pytest.raises(IntegrityError, match="email_in_lower_case"), transaction.atomic():
        User.objects.filter(pk=someone.pk).update(email="Anna@example.com")


def test_members_are_told_each_in_the_own_language_but_not_who_left():
    members = [person(language="pl"), person(language="en"), person(language="cs", is_active=False)]
    owner = customer(members=members)
    people.tell_members(owner, "devices/claim_granted", context={"serial": "X1", "device": "Pump", "path": "/"})
    assert set(Message.objects.values_list("recipient", "language")) == {
        (members[0].email, "pl"),
        (members[1].email, "en"),
    }


def test_a_corrected_profile_is_in_the_trail():
    someone = person()
    people.change_profile(
        someone, by=someone, first_name="Ewa", last_name="Nowak", phone="+48601234567", language="en", sms_notices=True
    )
    someone.refresh_from_db()
    assert (str(someone), someone.language) == ("Ewa Nowak", "en")
    assert Event.objects.about(someone).get().verb == "profile.changed"


def test_a_colleague_comes_without_a_password(django_user_model):
    by = clerk("manager")
    new = staff.add_colleague(
        User(email="new@example.com", first_name="A", last_name="B"), groups=by.groups.all(), by=by
    )
    assert new.is_staff and not new.has_usable_password()
    assert Event.objects.about(new).get().data == {"active": True, "staff": True, "groups": ["manager"]}


def test_nobody_changes_the_own_access_or_an_administrators():
    manager, boss = clerk("manager"), person(is_staff=True, is_superuser=True)
    facts = {"is_active": False, "is_staff": False, "groups": []}
    with pytest.raises(Refused, match="changed by a colleague"):
        staff.change_access(manager, by=manager, **facts)
    with pytest.raises(Refused, match="another administrator"):
        staff.change_access(boss, by=manager, **facts)
    with pytest.raises(Refused, match="work in the office"):
        staff.change_access(person(), by=manager, is_active=True, is_staff=False, groups=list(manager.groups.all()))
    assert not Event.objects.exists()


def test_neither_a_customers_member_nor_somebody_who_is_erased_gets_into_the_office():
    boss, facts = clerk("manager"), {"groups": [], "is_active": True}
    with pytest.raises(Refused, match="acts for a customer"):
        staff.change_access(customer().members.get(), by=boss, is_staff=True, **facts)
    erased = person(is_active=False, erased_at=timezone.now())
    with pytest.raises(Refused, match="erased"):
        staff.change_access(erased, by=boss, is_staff=False, **facts)
