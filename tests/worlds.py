"""A customer about whom every table of the portal holds something."""

from datetime import timedelta
from typing import Any

from allauth.account.models import EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts import erasing
from accounts.models import (
    ChangeRequest,
    Consent,
    Customer,
    DataExport,
    EmailChange,
    ErasureRequest,
    Invitation,
    Membership,
    MobileCode,
    SignIn,
    SupportView,
    TeamInvitation,
    User,
)
from devices.models import Registration, SerialLookup
from orders.actions import protocols, visits
from orders.models import InspectionReminder, Order, Protocol, Service
from portal.events import record
from portal.outbox.queue import send
from portal.privacy import REGISTRY
from tests import factories
from warranty.models import WarrantyCard


def person_full_of_data() -> User:
    """Acts for no customer any more, and belonged to a team."""
    person = factories.person(first_name="Wanda", last_name="Wilk", phone="+48601000111", landline="+48225173600")
    _about_person(person)
    day = timezone.localdate() - timedelta(days=9)
    Membership.objects.create(customer=factories.customer(), user=person, starts_on=day, ends_on=day)
    DataExport.objects.create(asked_by=person, state="ready", ready_at=timezone.now(), file=ContentFile(b"PK", "x.zip"))
    send("accounts/erasure_off", to=person.email, language="en", context={"name": "Wanda"}, about=[person])
    record("team.added", by=person, about=[person], data={"person": "Wanda Wilk"})
    return person


def full_of_data() -> Customer:
    """With a member who belongs to nothing else, devices, papers, a closed order, cases and letters."""
    person = factories.person(first_name="Wanda", last_name="Wilk", phone="+48601000111", landline="+48225173600")
    customer = factories.customer(
        members=[person], kind="company", tax_number="5265877635", name="Wanda Wilk", notes="Ring twice",
        post_name="Wilk", post_street="ul. Inna 2", post_postcode="00-239", post_city="Warszawa",
    )  # fmt: skip
    _about_person(person)
    _about_customer(customer, person)
    _about_devices(customer, person)
    return customer


def _about_person(person: Any) -> None:
    now = timezone.now()
    Consent.objects.create(
        user=person, kind="data_processing", version="1", language="pl", text="I agree", at=now
    )  # fmt: skip
    address = person.emailaddress_set.get()
    EmailConfirmation.objects.create(email_address=address, key=f"key-{person.pk}")
    Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
    # One that is listed, one that is over and that nobody's list has any more, one of a first step of signing in.
    session = _session(f"listed{person.pk}", {"_auth_user_id": str(person.pk)})
    _session(f"over{person.pk}", {"_auth_user_id": str(person.pk), "methods": [{"email": person.email}]})
    _session(f"begun{person.pk}", {"account_login": {"email": person.email.capitalize()}})
    UserSession.objects.create(user=person, session_key=session.pk, ip="127.0.0.1", user_agent="Firefox", data={})
    SignIn.objects.create(user=person, outcome="good", method="password", address="127.0.0.1", user_agent="Firefox")
    EmailChange.objects.create(user=person, old=person.email, new="new@example.com")
    MobileCode.objects.create(user=person, number="+48601000222", code_hash="x")
    Registration.objects.create(user=person, email=person.email, answers={"kind": {"typed": "private"}})
    SerialLookup.objects.create(asker=f"user:{person.pk}", serial_key="X")
    factories.document(name="forgotten.pdf", uploaded_by=person)
    TeamInvitation.objects.create(
        partner=factories.partner(), email=person.email, first_name="Wanda", last_name="Wilk", role="engineer",
        language="pl", expires_at=now + timedelta(days=14),
    )  # fmt: skip


def _session(name: str, data: dict[str, Any]) -> Session:
    return Session.objects.create(
        session_key=name, session_data=SessionStore().encode(data), expire_date=timezone.now()
    )  # fmt: skip


def _about_customer(customer: Customer, person: Any) -> None:
    now = timezone.now()
    clerk = factories.person(is_staff=True)
    Invitation.objects.create(
        customer=customer, email=f"invited{customer.pk}@example.com", language="pl", invited_by=person,
        expires_at=now + timedelta(days=14),
    )  # fmt: skip
    SupportView.objects.create(
        staff=clerk, customer=customer, reason="Wanda called", started_at=now - timedelta(minutes=9), ends_at=now,
        ended_at=now,
    )  # fmt: skip
    answered = {"decided_at": now, "decided_by": clerk, "answer": "Dear Wanda", "note": "I moved"}
    change = ChangeRequest.objects.create(
        number=f"ZD/{customer.pk}", customer=customer, asked_by=person, decision="accepted",
        changes={"name": {"old": "Wanda", "new": "Wanda Wilk"}}, accepted=["name"], **answered,
    )  # fmt: skip
    change.documents.add(factories.document(name="deed of Wanda.pdf", attached_at=now))
    ErasureRequest.objects.create(
        number=f"ZU/{customer.pk}", customer=customer, asked_by=person, decision="refused", **answered
    )  # fmt: skip
    DataExport.objects.create(
        customer=customer, asked_by=person, state="ready", ready_at=now, file=ContentFile(b"PK", "x.zip")
    )  # fmt: skip
    send("devices/unit_attached", to=person.email, language="en", context={"name": "Wanda"}, about=[customer])


def _about_devices(customer: Customer, person: Any) -> None:
    now = timezone.now()
    site = factories.site(customer, own_name="Grandma's", notes="The key is with Jan")
    device = factories.warranted(factories.device(site, purchased_on=timezone.localdate() - timedelta(days=400)))
    claim, check = factories.claim(factories.device(site, units=[])), factories.nameplate_check(
        factories.device(site, units=[])
    )  # fmt: skip
    answered = {"decided_at": now, "decided_by": factories.person(is_staff=True), "answer": "Dear Wanda"}
    for case in (claim, check):
        type(case).objects.filter(pk=case.pk).update(decision="refused", **answered)
    InspectionReminder.objects.create(device=device, due_on=timezone.localdate(), days_before=30)
    proof = factories.order_in_review(factories.device(site), by=person)
    proof.proof.reason = "Wanda, the invoice is blurred"
    proof.proof.save()
    Order.objects.filter(pk=proof.pk).update(state="withdrawn", closed_at=now)
    _order(device, person)


def _order(device: Any, person: Any) -> None:
    now = timezone.now()
    order = factories.service_order(device, by=person, upto="accepted")
    engineer = order.service.partner.people.first().user
    slot = (now + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    visits.propose(order, slots=[slot], minutes=60, words="Wanda, when?", by=engineer, revision=order.revision)
    order.refresh_from_db()
    protocol = protocols.begin_work(order, by=engineer, revision=order.revision)
    factories.close_protocol(protocol, by=engineer, signed_name="Wanda Wilk")
    drawn = factories.document(name="protocol.pdf", attached_at=now)
    Protocol.objects.filter(pk=protocol.pk).update(pdf=drawn)
    order.refresh_from_db()
    protocols.correct(order, reason="Wanda's name", by=engineer, revision=order.revision)
    card = factories.document(name="card.pdf", attached_at=now)
    WarrantyCard.objects.filter(device=device, replaced_by=None).update(pdf=card)
    asked = {"question": "Where is the key?", "asked_at": now, "asked_by": engineer, "answer": "With Jan"}
    Service.objects.filter(order=order).update(**asked)


def told(customer: Customer) -> dict[str, list[Any]]:
    """Every row about a customer, word for word."""
    rows = erasing.plan(customer).rows
    return {
        label: list(entry.model._default_manager.filter(pk__in=rows[label]).order_by("pk").values())
        for label, entry in REGISTRY.items()
        if rows.get(label)
    }
