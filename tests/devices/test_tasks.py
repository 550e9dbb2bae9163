"""Background work about registrations; each task runs twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from devices.models import Registration, SerialLookup
from devices.tasks import remove_unconfirmed_registrations
from portal.files.models import Document
from tests.factories import document, person

pytestmark = pytest.mark.django_db


def aged(days: float, **fields) -> Registration:
    """A registration that was last touched so many days ago."""
    registration = Registration.objects.create(**fields)
    then = timezone.now() - timedelta(days=days)
    sent = {"sent_at": then} if registration.sent_at else {}
    Registration.objects.filter(pk=registration.pk).update(created_at=then, changed_at=then, **sent)
    return registration


def sent(days: float) -> Registration:
    return aged(days, state="sent", email="anna@example.com", sent_at=timezone.now())


def test_what_was_never_confirmed_goes_after_seven_days_with_its_files(django_capture_on_commit_callbacks):
    old, photo = sent(7.1), document()
    old.documents.add(photo)
    with django_capture_on_commit_callbacks(execute=True):
        assert remove_unconfirmed_registrations() == 1
    assert not Registration.objects.exists() and not Document.objects.exists()
    assert not photo.file.storage.exists(photo.file.name)


def test_the_second_run_finds_nothing():
    aged(8), sent(8)
    assert remove_unconfirmed_registrations() == 2
    assert remove_unconfirmed_registrations() == 0


def test_what_is_younger_or_confirmed_stays():
    aged(6.9), sent(6.9)
    done = aged(30, state="confirmed", confirmed_at=timezone.now(), user=person())
    assert remove_unconfirmed_registrations() == 0
    assert Registration.objects.filter(pk=done.pk).exists() and Registration.objects.count() == 3


def test_a_link_sent_again_gives_seven_days_more():
    again = sent(8)
    Registration.objects.filter(pk=again.pk).update(sent_at=timezone.now() - timedelta(days=2))
    assert remove_unconfirmed_registrations() == 0


def test_what_is_changed_while_the_sweep_runs_stays(monkeypatch):
    """Somebody comes back between the sweep's look and its lock."""
    from devices import registration

    draft, remove = aged(8), registration._remove

    def come_back_first(pk, limit):
        Registration.objects.get(pk=pk).save()
        return remove(pk, limit)

    monkeypatch.setattr(registration, "_remove", come_back_first)
    assert remove_unconfirmed_registrations() == 0
    assert Registration.objects.filter(pk=draft.pk).exists()


def test_old_look_ups_are_forgotten():
    for days in (1, 8):
        SerialLookup.objects.create(asker="ip:1", serial_key="X")
        SerialLookup.objects.filter(pk=SerialLookup.objects.latest("pk").pk).update(at=timezone.now() - timedelta(days))
    remove_unconfirmed_registrations()
    remove_unconfirmed_registrations()
    assert SerialLookup.objects.count() == 1
