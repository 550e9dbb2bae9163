"""The registration, from the first answer to the account.

Everything typed is kept in one `Registration` row: with errors, when going back, when the browser closes.
Nothing else comes to be until the e-mail address is confirmed.
"""

import uuid
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.actions.partners import apply_as_partner
from accounts.actions.people import found_customer, open_account, record_consent
from accounts.legal import words_said
from accounts.models import Consent, Customer, Subject, User
from accounts.rules import parse_areas
from devices.actions import Nameplate, NewDevice, add_device, add_site
from devices.models import Claim, NameplateCheck, Registration
from portal.errors import Refused
from portal.files.models import Document
from portal.files.store import attach, discard
from portal.outbox.queue import send

LABELS = {
    "kind": gettext_lazy("Kind of account"),
    "contact": gettext_lazy("Contact data"),
    "site": gettext_lazy("Place of installation"),
    "devices": gettext_lazy("Adding devices"),
    "qualification": gettext_lazy("Certificate and areas"),
    "signin": gettext_lazy("Sign-in data"),
}
CUSTOMER_STEPS = ["kind", "contact", "site", "devices", "signin"]
PARTNER_STEPS = ["kind", "contact", "qualification", "signin"]
SKIPPABLE = {"site", "devices"}

LINK_SALT = "devices.registration"
LINK_VALID_FOR = timedelta(days=3)
KEPT_FOR = timedelta(days=7)
RESEND_AFTER = timedelta(minutes=1)


# What is typed


def answer(registration: Registration, step: str) -> dict[str, Any]:
    """One step's answers: "typed" as sent, "clean" when they are right, "skipped", "revision"."""
    empty: dict[str, Any] = {"typed": {}, "clean": None, "skipped": False, "revision": 0}
    return empty | registration.answers.get(step, {})


def clean(registration: Registration, step: str) -> dict[str, Any]:
    """The checked answers of a step; empty while there are none."""
    return answer(registration, step)["clean"] or {}


def is_partner(registration: Registration) -> bool:
    return clean(registration, "kind").get("kind") == "partner"


def steps(registration: Registration) -> list[str]:
    """The steps of this kind of account; whoever skips the site skips the devices."""
    names = PARTNER_STEPS if is_partner(registration) else CUSTOMER_STEPS
    if answer(registration, "site")["skipped"]:
        return [name for name in names if name != "devices"]
    return names


def is_done(registration: Registration, step: str) -> bool:
    state = answer(registration, step)
    if step == "devices":
        return state["skipped"] or bool(devices(registration))
    if step == "contact" and state["clean"] is not None:
        # Changing the kind of account changes what is asked here.
        private = clean(registration, "kind").get("kind") == Customer.Kind.PRIVATE
        return ("company" not in state["clean"]) == private
    return state["skipped"] or state["clean"] is not None


def first_open_step(registration: Registration) -> str | None:
    """Where to go on; None when every step is done."""
    return next((step for step in steps(registration) if not is_done(registration, step)), None)


@transaction.atomic
def keep(registration: Registration, step: str, **changes: Any) -> Registration:
    """Writes one step's answers without touching the others: two tabs may be on two steps."""
    locked = Registration.objects.select_for_update().get(pk=registration.pk)
    if locked.state != Registration.State.DRAFT:
        raise Refused(_("This registration has been sent already. Look into your e-mail."))
    locked.answers[step] = answer(locked, step) | changes
    locked.save(update_fields=["answers", "changed_at"])
    return locked


def keep_clean(registration: Registration, step: str, typed: dict[str, Any], data: dict[str, Any]) -> Registration:
    """Keeps right answers. What is said to a text is kept with its version, its time and the words that were shown."""
    if step == "contact":
        data = data | {"consents": _consents(data)}
    revision = answer(registration, step)["revision"] + 1
    return keep(registration, step, typed=typed, clean=data, skipped=False, revision=revision)


def _consents(data: dict[str, Any]) -> list[dict[str, Any]]:
    """What the boxes of the contact data say."""
    said = [words_said(Subject.DATA_PROCESSING), words_said(Subject.TERMS)]
    if data["e_documents"]:
        said.append(words_said(Subject.E_DOCUMENTS))
    if data["objection"]:
        said.append(words_said(Subject.MARKETING, Consent.Act.OBJECTED))
    return said


@transaction.atomic
def keep_sign_in(registration: Registration, typed: dict[str, Any], *, email: str, password: str) -> Registration:
    """Keeps address and password, the latter hashed; an empty password leaves the kept one."""
    registration = keep_clean(registration, "signin", typed, {"email": email})
    registration.email = email
    if password:
        registration.password_hash = make_password(password)
    registration.save(update_fields=["email", "password_hash", "changed_at"])
    return registration


# Devices in the draft


def devices(registration: Registration) -> list[dict[str, Any]]:
    """The devices entered so far: {"id", "kind", "nameplates": [...]}."""
    return clean(registration, "devices").get("items", [])


def device_of(registration: Registration, item_id: str) -> dict[str, Any] | None:
    return next((item for item in devices(registration) if item["id"] == item_id), None)


@transaction.atomic
def keep_device(
    registration: Registration,
    kind: str,
    nameplates: list[Nameplate],
    *,
    item_id: str = "",
    once_key: str = "",
) -> Registration:
    """Adds a device to the draft, or replaces the one with `item_id`. The same `once_key` adds once."""
    locked = Registration.objects.select_for_update().get(pk=registration.pk)
    new = {
        "id": item_id or once_key or uuid.uuid4().hex,
        "kind": kind,
        "nameplates": [_plain(plate) for plate in nameplates],
    }
    items = [item for item in devices(locked) if item["id"] != new["id"]]
    documents = [document for plate in nameplates for document in (*plate.photos, *plate.claim_proofs)]
    attach([document for document in documents if not document.attached_at])
    locked.documents.add(*documents)
    keep(locked, "device-form", typed={})
    return keep(locked, "devices", clean={"items": [*items, new]}, skipped=False)


def _plain(plate: Nameplate) -> dict[str, Any]:
    """A nameplate as JSON."""
    return asdict(plate) | {
        "photos": [str(document.pk) for document in plate.photos],
        "claim_proofs": [str(document.pk) for document in plate.claim_proofs],
    }


def nameplate_of(plain: dict[str, Any]) -> Nameplate:
    """A nameplate from JSON, with its documents."""
    return Nameplate(
        **plain
        | {
            "photos": list(Document.objects.filter(pk__in=plain["photos"])),
            "claim_proofs": list(Document.objects.filter(pk__in=plain["claim_proofs"])),
        }
    )


@transaction.atomic
def drop_device(registration: Registration, item_id: str) -> Registration:
    items = [item for item in devices(registration) if item["id"] != item_id]
    return keep(registration, "devices", clean={"items": items} if items else None)


# Sending and confirming


def link_of(registration: Registration) -> str:
    """The address in the e-mail. It can confirm for 3 days, and shows the state ever after."""
    token = signing.dumps(str(registration.pk), salt=LINK_SALT)
    return settings.SITE_URL + reverse("register-confirm", args=[token])


def read_link(token: str) -> tuple[Registration | None, bool]:
    """The registration that a link names, if it still exists, and whether the link may still confirm.

    Raises signing.BadSignature for a link that we have not made.
    """
    pk = signing.loads(token, salt=LINK_SALT)
    registration = Registration.objects.filter(pk=pk).first()
    try:
        signing.loads(token, salt=LINK_SALT, max_age=LINK_VALID_FOR)
    except signing.SignatureExpired:
        return registration, False
    return registration, True


@transaction.atomic
def send_registration(registration: Registration) -> Registration:
    """The person has checked all answers: an e-mail goes out. A second time is harmless."""
    registration = Registration.objects.select_for_update().get(pk=registration.pk)
    if registration.state != Registration.State.DRAFT:
        return registration
    if first_open_step(registration):
        raise Refused(_("Some answers are missing. Go through the steps that are not done."))
    registration.state = Registration.State.SENT
    registration.sent_at = timezone.now()
    registration.language = get_language() or "pl"
    registration.save()
    _mail(registration)
    return registration


@transaction.atomic
def send_again(registration: Registration) -> Registration:
    """Another e-mail with a link that is valid for another 3 days; at most one a minute."""
    registration = Registration.objects.select_for_update().get(pk=registration.pk)
    if registration.state != Registration.State.SENT or not registration.sent_at:
        raise Refused(_("There is nothing to confirm."))
    if timezone.now() - registration.sent_at < RESEND_AFTER:
        raise Refused(_("We have just sent you an e-mail. Wait a minute before you ask for another one."))
    registration.sent_at = timezone.now()
    registration.save(update_fields=["sent_at", "changed_at"])
    _mail(registration)
    return registration


def _mail(registration: Registration) -> None:
    """The same on the page for every address; only the e-mail tells its owner that there is an account."""
    known = User.objects.filter(email=registration.email).first()
    if known:
        send(
            "devices/already_registered",
            to=known.email,
            language=known.language,
            context={"name": known.first_name},
        )
        return
    send(
        "devices/confirm_address",
        to=registration.email,
        language=registration.language,
        context={
            "name": clean(registration, "contact")["first_name"],
            "link": link_of(registration),
        },
        secret=True,
    )


@transaction.atomic
def confirm(registration: Registration) -> Registration:
    """The address is confirmed: person, customer or partner, site and devices come to be. Twice is harmless."""
    # All registrations of this address are locked: two of them confirmed at once must not make two accounts.
    rivals = Registration.objects.select_for_update().filter(email=registration.email).order_by("pk")
    registration = {rival.pk: rival for rival in rivals}[registration.pk]
    if registration.state == Registration.State.CONFIRMED:
        return registration
    if User.objects.filter(email=registration.email).exists():
        raise Refused(_("This e-mail address has an account already. Sign in, or choose a new password."))
    contact = clean(registration, "contact")
    user = open_account(
        email=registration.email,
        password_hash=registration.password_hash,
        first_name=contact["first_name"],
        last_name=contact["last_name"],
        phone=contact["phone"],
        language=registration.language,
    )
    # Whoever sent the registration before there were terms has said one thing only.
    for consent in contact.get("consents") or [contact["consent"]]:
        record_consent(user, consent=consent)
    if is_partner(registration):
        _make_partner(registration, user)
    else:
        _make_customer(registration, user)
    registration.user, registration.state = user, Registration.State.CONFIRMED
    registration.confirmed_at = timezone.now()
    # What was typed lives on in the account; a copy here would only be one more place to forget.
    registration.answers, registration.password_hash = (
        {"kind": registration.answers["kind"]},
        "",
    )
    registration.save()
    _let_go_of_documents(registration)
    return registration


def _let_go_of_documents(registration: Registration) -> None:
    """Photos and proofs belong to the clerks' cases now; those that no case needs are deleted."""
    needed = Q(pk__in=NameplateCheck.objects.values("photos")) | Q(pk__in=Claim.objects.values("proofs"))
    spare = list(registration.documents.exclude(needed))
    registration.documents.clear()
    for document in spare:
        discard(document)


def _shared(registration: Registration) -> dict[str, Any]:
    """What customers and partners have in common."""
    contact = clean(registration, "contact")
    names = ("street", "postcode", "city", "country", "phone", "notes")
    fields = {name: contact[name] for name in names}
    return fields | {
        "name": contact.get("company") or f"{contact['first_name']} {contact['last_name']}",
        "tax_number": contact.get("tax_number", ""),
        "email": registration.email,
    }


def _make_partner(registration: Registration, user: User) -> None:
    qualification = clean(registration, "qualification")
    apply_as_partner(
        by=user,
        fgas_certificate=qualification["fgas_certificate"],
        areas=parse_areas(qualification["areas"]),
        **_shared(registration),
    )


def _make_customer(registration: Registration, user: User) -> None:
    kind = clean(registration, "kind")["kind"]
    customer = found_customer(by=user, kind=kind, **_shared(registration))
    if "devices" not in steps(registration):
        return
    site = add_site(customer, by=user, **clean(registration, "site"))
    if answer(registration, "devices")["skipped"]:
        return
    for item in devices(registration):
        plates = [nameplate_of(plain) for plain in item["nameplates"]]
        add_device(site, NewDevice(kind=item["kind"], nameplates=plates), by=user)


def remove_unconfirmed() -> int:
    """Deletes what was never confirmed or sent within 7 days, with its documents. A second run finds nothing."""
    limit = timezone.now() - KEPT_FOR
    return sum(_remove(pk, limit) for pk in _forgotten(limit).values_list("pk", flat=True))


def _forgotten(limit: datetime) -> QuerySet[Registration]:
    """Drafts that nobody touched, and sent registrations that nobody confirmed, since `limit`."""
    return Registration.objects.filter(
        Q(state=Registration.State.DRAFT, changed_at__lt=limit) | Q(state=Registration.State.SENT, sent_at__lt=limit)
    )


@transaction.atomic
def _remove(pk: uuid.UUID, limit: datetime) -> int:
    """Looks again under a lock: the person may have come back in the meantime."""
    registration = _forgotten(limit).select_for_update(skip_locked=True).filter(pk=pk).first()
    if registration is None:
        return 0
    documents = list(registration.documents.all())
    registration.delete()
    for document in documents:
        discard(document)
    return 1
