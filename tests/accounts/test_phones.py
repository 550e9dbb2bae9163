"""A person's phone numbers."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions import phones as actions
from accounts.models import MobileCode
from portal.errors import Refused
from portal.events import Event
from portal.outbox.models import Message
from tests.factories import person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
MOBILE, OTHER = "+48601234567", "+48602345678"


@pytest.fixture
def someone(client):
    someone = person(language="en")
    client.force_login(someone)
    return someone


def sent_code():
    return re.search(r"\b\d{6}\b", Message.objects.filter(channel="sms").latest("pk").text)[0]


def ask(client, mobile=MOBILE, **more):
    return client.post(reverse("phones"), {"mobile": mobile, "landline": "", **more})


def test_a_landline_counts_at_once(client, someone):
    assert ask(client, mobile="", landline="22 517 36 00").url == reverse("phones")
    someone.refresh_from_db()
    assert someone.landline.as_e164 == "+48225173600" and not Message.objects.exists()
    assert Event.objects.about(someone).get().verb == "phone.landline"


def test_a_mobile_number_counts_once_its_code_has_come_back(client, someone):
    assert ask(client).url == reverse("phone-code")
    someone.refresh_from_db()
    assert not someone.phone
    sms = Message.objects.get()
    assert (sms.channel, sms.recipient) == ("sms", MOBILE) and sms.secret and len(sms.text) <= 160
    code = sent_code()
    assert code not in MobileCode.objects.get().code_hash
    assert client.post(reverse("phone-code"), {"code": code}).url == reverse("phones")
    someone.refresh_from_db()
    assert someone.phone.as_e164 == MOBILE and someone.phone_confirmed_at
    assert client.get(reverse("phone-code")).url == reverse("phones")


@pytest.mark.parametrize("language", ["en", "pl", "cs"])
def test_the_sms_fits_one_part_in_each_language(language):
    actions.send_code(person(language=language), number=parsed(MOBILE))
    assert sent_code() and len(Message.objects.get().text) <= 160


def parsed(number):
    return person(phone=number).phone


def test_a_landline_is_no_mobile_number(client, someone):
    page = ask(client, mobile="22 517 36 00").content.decode()
    assert "This is not a mobile number" in page and not MobileCode.objects.exists()


def test_five_wrong_codes_and_the_right_one_no_longer_helps(client, someone):
    ask(client)
    code = sent_code()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _try in range(5):
        assert "This is not the code" in client.post(reverse("phone-code"), {"code": wrong}).content.decode()
    assert "five wrong codes" in client.post(reverse("phone-code"), {"code": code}).content.decode()
    someone.refresh_from_db()
    assert not someone.phone


def test_a_code_works_for_a_quarter_of_an_hour(someone):
    actions.send_code(someone, number=parsed(MOBILE))
    MobileCode.objects.update(sent_at=timezone.now() - timedelta(minutes=15, seconds=1))
    with pytest.raises(Refused, match="15 minutes have passed"):
        actions.confirm(someone, code=sent_code(), by=someone)


def test_a_new_code_takes_the_place_of_the_old_one(client, someone):
    ask(client)
    first = sent_code()
    ask(client, mobile=OTHER)
    second = sent_code()
    if first != second:
        client.post(reverse("phone-code"), {"code": first})
    client.post(reverse("phone-code"), {"code": second})
    someone.refresh_from_db()
    assert someone.phone.as_e164 == OTHER


def test_codes_are_few_for_a_person_and_for_a_number(client, someone):
    for _each in range(5):
        assert ask(client).status_code == 302
    page = ask(client, mobile=OTHER)
    assert page.status_code == 200 and "Try again tomorrow" in page.content.decode()
    with pytest.raises(Refused, match="tomorrow"):
        actions.send_code(person(), number=parsed(MOBILE))
    assert Message.objects.filter(channel="sms").count() == 5


def test_a_number_from_before_is_confirmed_by_a_button(client):
    someone = person(phone=MOBILE)
    client.force_login(someone)
    assert "Send a code to this number" in client.get(reverse("phones")).content.decode()
    assert ask(client).url == reverse("phones") and not Message.objects.exists()
    assert ask(client, confirm="1").url == reverse("phone-code")
    client.post(reverse("phone-code"), {"code": sent_code()})
    someone.refresh_from_db()
    assert someone.phone_confirmed_at


def test_a_mobile_number_is_removed(client):
    someone = person(phone=MOBILE, phone_confirmed_at=timezone.now())
    client.force_login(someone)
    ask(client, mobile="")
    someone.refresh_from_db()
    assert not someone.phone and someone.phone_confirmed_at is None
