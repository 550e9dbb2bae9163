"""What people do with their own accounts. Each act is one transaction that leaves an event behind."""

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from django.db import models, transaction
from django.urls import reverse

from accounts.links import link_for
from accounts.models import (
    Consent,
    Customer,
    Membership,
    Subject,
    User,
)
from portal.access import Area
from portal.events import record
from portal.files.models import Document
from portal.outbox.queue import send


@transaction.atomic
def open_account(
    *,
    email: str,
    password_hash: str,
    first_name: str,
    last_name: str,
    phone: str,
    language: str,
) -> User:
    """A person whose e-mail address is confirmed gets an account. The password arrives hashed."""
    user = User.objects.create(
        email=email, password=password_hash, first_name=first_name, last_name=last_name, phone=phone, language=language
    )
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    record("person.registered", by=user, about=[user])
    return user


def found_customer(*, by: User, **fields: Any) -> Customer:
    """A customer with its first member."""
    customer = Customer.objects.create(**fields)
    Membership.objects.create(customer=customer, user=by)
    record("customer.founded", by=by, about=[customer])
    return customer


def record_consent(user: User, *, consent: dict[str, Any]) -> Consent:
    """Keeps an answer to a text with its words: as `accounts.legal.words_said` makes them."""
    said = Consent.objects.create(user=user, **consent)
    subject = "consent" if said.kind == Subject.DATA_PROCESSING else said.kind
    record(f"{subject}.{said.act}", by=user, about=[user, said], data={"version": said.version})
    return said


def tell_members(
    customer: Customer,
    kind: str,
    *,
    context: dict[str, Any],
    area: str = Area.ACCOUNT,
    site: int | None = None,
    change: bool = False,
    path: str = "",
    about: Iterable[models.Model] = (),
    by_sms: bool = False,
    documents: Iterable[Document] = (),
    calendar: str = "",
) -> None:
    """Queues an e-mail to those members of a customer who may see the `area` (of the `site`), each in the own language.

    With `change` it goes only to those who may change things there, since it asks for that.
    The template finds as `path` where the button leads: the start page, unless said otherwise.
    With `by_sms` those who want it get an SMS too; the message's template has the words for it. The e-mail carries the
    `documents` and `calendar`, an iCalendar text.
    """
    for member in customer.people(area, site=site, change=change):
        message: dict[str, Any] = {
            "language": member.language,
            "context": {
                **context,
                "name": member.first_name,
                "path": link_for(member, customer, path or reverse("start")),
            },
            "about": about,
        }
        send(kind, to=member.email, documents=documents, calendar=calendar, **message)
        if by_sms and member.sms_notices and member.phone:
            send(kind, to=member.phone.as_e164, channel="sms", **message)


@transaction.atomic
def change_profile(user: User, *, by: User, **fields: Any) -> User:
    """A person corrects the own data: first_name, last_name, language."""
    user = User.objects.select_for_update().get(pk=user.pk)
    for name, value in fields.items():
        setattr(user, name, value)
    user.save(update_fields=list(fields))
    record("profile.changed", by=by, about=[user])
    return user
