"""Photos of a nameplate are as little lost as what is typed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from devices.models import Registration, SerialLookup
from portal.files.models import Document
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
PAGE = reverse("register-device-new", args=["monobloc"])
UNKNOWN = {"monobloc-model": "X1", "monobloc-serial": "999"}


@pytest.fixture
def visitor(client):
    client.get(reverse("register"))
    return client


def photo() -> SimpleUploadedFile:
    from weasyprint import HTML

    return SimpleUploadedFile("nameplate.pdf", HTML(string="<p>CT-M08").write_pdf())


def send(visitor, **fields):
    return visitor.post(PAGE, UNKNOWN | fields, follow=True)


@pytest.mark.parametrize("go", ["back", "next"])
def test_a_photo_is_there_again_after_going_away(visitor, go):
    send(visitor, **{"go": go, "monobloc-model": "", "monobloc-photos": photo()})
    page = visitor.get(PAGE).content.decode()
    assert "nameplate.pdf" in page
    assert 'name="monobloc-photos-kept"' in page


def test_what_is_saved_as_one_types_does_not_forget_the_photo(visitor):
    send(visitor, **{"go": "back", "monobloc-photos": photo()})
    keep = reverse("register-autosave", args=["device-form"])
    visitor.post(keep, {"monobloc-serial": "1000", "kind": "monobloc", "item": ""})
    page = visitor.get(PAGE).content.decode()
    assert "nameplate.pdf" in page and "1000" in page


def test_one_network_cannot_fill_the_disk(visitor, monkeypatch):
    monkeypatch.setattr("devices.views.registration.within_limit", lambda *args, **kwargs: False)
    answer = send(visitor, **{"monobloc-photos": photo()})
    assert "Too many files" in answer.content.decode()
    assert "999" in answer.content.decode()
    assert not Document.objects.exists()


def test_a_unit_that_somebody_holds_is_a_miss_too(visitor):
    held = factories.device().units.get()
    send(visitor, **{"monobloc-model": held.model, "monobloc-serial": held.serial})
    assert set(SerialLookup.objects.values_list("serial_key", flat=True)) == {held.serial_key}
    assert Registration.objects.count() == 1
