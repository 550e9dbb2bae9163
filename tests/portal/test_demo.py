"""The demo's story: told whole, told once, and everybody in it can sign in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import Consent, Customer, LegalText, Partner, User
from devices.models import ROLES_OF_KIND, Claim, Device, DeviceUnit, NameplateCheck, Unit
from devices.rules import serial_key
from orders.models import Order, PurchaseProof
from portal.demo import data
from portal.demo.story import BROKEN_ADDRESS
from portal.events import Event
from portal.files.models import Document
from portal.outbox.delivery import deliver
from portal.outbox.models import Message
from portal.startup import DEMO_DOMAIN
from warranty.models import WarrantyCard


@pytest.fixture(scope="module")
def media(django_db_setup: None, django_db_blocker, tmp_path_factory) -> Iterator[Path]:
    """The story is told once, and taken back after the last test here. Yields where its papers lie."""
    folder = tmp_path_factory.mktemp("media")
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=folder, PASSWORD_HASHERS=quick):
        with transaction.atomic():
            data.main()
            yield folder
            transaction.set_rollback(True)


@pytest.fixture
def story(media: Path, db: None) -> Path:
    return media


def test_nobody_agreed_to_a_text_before_it_was_there(story):
    published = {(text.kind, text.version): text.published_at for text in LegalText.objects.all()}
    consents = list(Consent.objects.all())
    assert len(consents) > 15
    assert not [one for one in consents if not published[one.kind, one.version] < one.at <= timezone.now()]


def states(owner: str) -> list[str]:
    return sorted(Order.objects.filter(customer__name=owner).values_list("state", flat=True))


def test_the_story_has_its_people_and_their_things(story):
    assert states("Anna Kowalska") == ["done", "in_review", "waiting"]
    assert {device.kind for device in Device.objects.filter(site__customer__name="Anna Kowalska")} == set(ROLES_OF_KIND)
    association = Customer.objects.get(name="Wspólnota Mieszkaniowa Pod Lipami")
    assert association.sites.count() == 4 and Device.objects.filter(site__customer=association).count() == 12
    proofs = Order.objects.filter(customer=association, kind="purchase_proof")
    assert set(proofs.values_list("state", flat=True)) == {"done", "in_review", "waiting", "refused"}
    services = Order.objects.services().values_list("state", flat=True)
    assert set(services) >= {"draft", "submitted", "offered", "accepted", "scheduled", "under_way", "done"}
    assert sorted(Partner.objects.values_list("decision", flat=True)) == ["", "approved", "approved"]
    assert User.objects.filter(language="cs").count() == 1
    check, claim = NameplateCheck.objects.waiting().get(), Claim.objects.waiting().get()
    assert check.photos.get().content_type == "image/jpeg" and claim.proofs.get().pages == 1
    assert Unit.objects.count() >= 4997


def test_a_second_run_changes_nothing(story):
    counts = [model.objects.count() for model in (User, Unit, Device, Order, Event, Message, Document)]
    data.main()
    assert counts == [model.objects.count() for model in (User, Unit, Device, Order, Event, Message, Document)]


def test_everybody_signs_in_and_sees_the_own_first_page(story):
    for account in data.ACCOUNTS:
        person = authenticate(None, email=account["email"], password=account["password"])
        assert person is not None and len(account["password"]) >= 12, account
        client = Client()
        client.force_login(person)
        assert client.get("/start/", follow=True).status_code == 200, account
        assert person.is_staff == (account["role"] == "staff")


def test_nobody_of_the_demo_could_live_in_production(story):
    assert not User.objects.exclude(email__endswith=f"@{DEMO_DOMAIN}").exists()
    assert not Message.objects.exclude(recipient__endswith=f"@{DEMO_DOMAIN}").exists()


def test_the_clock_was_set_back(story):
    orders = list(Order.objects.order_by("created_at"))
    assert [order.number for order in orders] == sorted((order.number for order in orders), key=lambda n: n[3:])
    assert (orders[-1].created_at - orders[0].created_at).days > 90
    for proof in PurchaseProof.objects.exclude(decided_at=None):
        assert proof.decided_at > proof.order.created_at
        assert Event.objects.about(proof.order).first().at == proof.decided_at


def test_a_card_says_the_day_on_which_it_was_issued(story):
    cards = list(WarrantyCard.objects.all())
    assert cards and all(card.issued_at == Event.objects.about(card).earliest("at").at for card in cards)


def test_a_proof_is_never_older_than_the_unit(story):
    for device in Device.objects.exclude(purchased_on=None):
        assert all(held.unit.made_on < device.purchased_on for held in device.units.select_related("unit"))


def test_a_customer_is_not_a_login(story):
    association = Customer.objects.get(name="Wspólnota Mieszkaniowa Pod Lipami")
    grades = dict(association.memberships.values_list("user__first_name", "grade"))
    assert grades == {"Piotr": "full", "Halina": "financial", "Marek": "technical"}
    caretaker = User.objects.get(email="marek.dozorca@demo.example")
    assert Device.objects.visible_to(caretaker).count() == 3 and caretaker.memberships.get().ends_on is not None
    assert not Device.objects.visible_to(User.objects.get(email="halina.maj@demo.example")).exists()
    assert User.objects.get(email="beata.wronska@demo.example").memberships.full().count() == 12
    assert association.invitations.open().count() == 1


def test_the_free_serial_numbers_are_free(story):
    assert len(data.FREE_SERIALS) == 5
    for device in data.FREE_SERIALS:
        units = [Unit.objects.get(key=serial_key(serial), product__code=model) for model, serial in device["units"]]
        assert [unit.product.role for unit in units] == ROLES_OF_KIND[device["kind"]]
        assert not DeviceUnit.objects.filter(unit__in=units).exists()


def test_one_message_cannot_be_delivered(story):
    message = Message.objects.get(recipient=BROKEN_ADDRESS)
    deliver(message.pk)
    assert Message.objects.undeliverable().get() == message


def test_the_papers_are_files(story):
    for document in Document.objects.all():
        assert Path(story, document.file.name).stat().st_size == document.size > 500


def test_only_accounts_that_are_there_are_announced(story):
    assert data.accounts_there() == data.ACCOUNTS
    User.objects.filter(email="kamil.wrona@demo.example").update(email="somebody@demo.example")
    assert [one["email"] for one in data.ACCOUNTS if one not in data.accounts_there()] == ["kamil.wrona@demo.example"]
