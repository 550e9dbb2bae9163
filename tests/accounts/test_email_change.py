"""A new address for signing in."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from accounts.actions import email_change as actions
from accounts.links import password_path
from accounts.models import EmailChange
from accounts.tasks import change_addresses
from portal.errors import Refused
from portal.events import Event
from portal.outbox.models import Message
from tests.accounts.test_history import sign_in
from tests.accounts.test_sessions import is_in, prove
from tests.factories import PASSWORD, person
from tests.orders.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
OLD, NEW = "old@example.com", "new@example.com"


@pytest.fixture
def someone():
    return person(email=OLD, language="en")


def link_in(kind):
    letter = Message.objects.filter(kind=f"accounts/{kind}").latest("pk")
    return re.search(r"https?://[^/\s]+(/\S+)", letter.text).group(1)


def pass_hours(hours):
    EmailChange.objects.filter(confirmed_at__isnull=False).update(
        confirmed_at=timezone.now() - timedelta(hours=hours, seconds=1)
    )


def test_asking_needs_the_password_again(client, someone):
    client.force_login(someone)
    answer = client.get(reverse("email-change"))
    assert answer.status_code == 302 and answer.url.startswith(reverse("account_reauthenticate"))
    prove(client, someone)
    assert client.get(reverse("email-change")).status_code == 200


def test_a_change_from_asking_to_done(client, someone):
    mine = sign_in(OLD)
    prove(mine, someone)
    assert mine.post(reverse("email-change"), {"new": "New@Example.com"}).status_code == 302
    link = link_in("email_confirm")
    assert "Confirm that new@example.com" in client.get(link).content.decode()
    assert EmailChange.objects.get().confirmed_at is None
    client.post(link)
    assert "is confirmed" in client.get(link).content.decode()
    pass_hours(71)
    assert change_addresses() == 0
    pass_hours(72)
    assert (change_addresses(), change_addresses()) == (1, 0)
    someone.refresh_from_db()
    assert someone.email == NEW and list(EmailAddress.objects.values_list("email", "verified")) == [(NEW, True)]
    assert set(Message.objects.filter(kind="accounts/email_changed").values_list("recipient", flat=True)) == {OLD, NEW}
    assert is_in(mine)
    assert "The change is done" in client.get(link).content.decode()


def test_the_new_address_signs_in_and_the_old_one_does_not(client, someone):
    actions.confirm(actions.ask(someone, new=NEW, by=someone))
    pass_hours(72)
    change_addresses()
    assert not is_in(sign_in(OLD, PASSWORD)) and is_in(sign_in(NEW, PASSWORD))


def test_the_old_address_stops_it(client, someone):
    change = actions.ask(someone, new=NEW, by=someone)
    actions.confirm(change)
    letter = Message.objects.get(kind="accounts/email_announced")
    assert letter.recipient == OLD and NEW in letter.text
    link = link_in("email_announced")
    client.get(link)
    assert EmailChange.objects.open().exists()
    client.post(link)
    pass_hours(72)
    assert change_addresses() == 0
    assert "The change is stopped" in client.get(link).content.decode()
    assert "was stopped" in client.get(link_in("email_confirm")).content.decode()


def test_a_forgotten_password_stops_it_and_one_that_is_changed_does_not(client, someone):
    mine, new = sign_in(OLD), {"password1": "four new radiators", "password2": "four new radiators"}
    prove(mine, someone)
    mine.post(reverse("email-change"), {"new": "thief@example.com"})
    mine.post(reverse("account_change_password"), new)
    assert EmailChange.objects.open().exists()
    someone.refresh_from_db()
    form = client.get(password_path(someone), follow=True)
    client.post(form.redirect_chain[-1][0], dict.fromkeys(new, "eleven-warm-buckets"))
    someone.refresh_from_db()
    assert someone.check_password("eleven-warm-buckets") and not EmailChange.objects.open().exists()


def test_what_is_done_is_no_longer_stopped(client, someone):
    actions.confirm(actions.ask(someone, new=NEW, by=someone))
    pass_hours(72)
    change_addresses()
    link = link_in("email_announced")
    client.post(link)
    assert EmailChange.objects.get().stopped_at is None
    assert "The change is done" in client.get(link).content.decode()


def test_a_taken_address_gives_no_hint(client, someone):
    person(email=NEW)
    pages = []
    for new in (NEW, "free@example.com"):
        client.force_login(someone)
        prove(client, someone)
        page = client.post(reverse("email-change"), {"new": new}, follow=True).content.decode()
        page = page.replace(new, "X")
        pages.append(re.sub(r'(csrfmiddlewaretoken" value|value|nonce)="[^"]*"', "", page))
    assert pages[0] == pages[1]
    assert list(Message.objects.values_list("kind", flat=True)) == ["accounts/email_confirm"] * 2


def test_whoever_reads_the_mailbox_of_a_taken_address_learns_why(client, someone):
    actions.ask(someone, new=NEW, by=someone)
    person(email=NEW)
    page = client.post(link_in("email_confirm"), follow=True).content.decode()
    assert "has an account already, so the change was not made" in page and reverse("account_login") in page


def test_an_address_that_was_taken_meanwhile_is_refused_quietly(someone):
    actions.confirm(actions.ask(someone, new=NEW, by=someone))
    person(email=NEW)
    pass_hours(72)
    assert change_addresses() == 0
    someone.refresh_from_db()
    assert someone.email == OLD and not EmailChange.objects.open().exists()
    letter = Message.objects.get(kind="accounts/email_not_changed")
    assert letter.recipient == OLD


def test_an_address_that_somebody_takes_in_the_very_moment_is_left_to_them(someone):
    person(email=NEW)
    assert not actions._move(someone, NEW)
    assert someone.email == OLD == EmailAddress.objects.get(user=someone).email


def test_a_later_wish_takes_the_place_of_an_earlier_one(client, someone):
    first = actions.ask(someone, new=NEW, by=someone)
    actions.ask(someone, new="other@example.com", by=someone)
    actions.confirm(first)
    first.refresh_from_db()
    assert first.stopped_at and first.confirmed_at is None
    assert EmailChange.objects.open().get().new == "other@example.com"


def test_the_person_keeps_the_old_address(client, someone):
    actions.ask(someone, new=NEW, by=someone)
    client.force_login(someone)
    for _press in range(2):
        assert client.post(reverse("email-take-back")).status_code == 302
    assert not EmailChange.objects.open().exists()
    assert Event.objects.about(someone).filter(verb="email.stopped").count() == 1


def test_the_own_address_and_too_many_wishes_are_refused(someone):
    with pytest.raises(Refused, match="with this address already"):
        actions.ask(someone, new="OLD@example.com", by=someone)
    for number in range(5):
        actions.ask(someone, new=f"new{number}@example.com", by=someone)
    with pytest.raises(Refused, match="tomorrow"):
        actions.ask(someone, new=NEW, by=someone)


def test_links_are_for_one_thing_each(client, someone):
    actions.confirm(actions.ask(someone, new=NEW, by=someone))
    token = link_in("email_confirm").split("/")[-2]
    assert client.post(reverse("email-stop", args=[token])).status_code == 404
    assert EmailChange.objects.open().exists()


@pytest.mark.django_db(transaction=True)
def test_stopping_and_doing_at_the_same_moment_leave_one_of_them():
    for number in range(4):
        someone = person(email=f"old{number}@example.com")
        change = actions.ask(someone, new=f"new{number}@example.com", by=someone)
        actions.confirm(change)
        pass_hours(72)
        change.refresh_from_db()
        together(lambda at=change: actions.stop(at), lambda at=change: actions._carry_out(at))
        change.refresh_from_db()
        someone.refresh_from_db()
        assert bool(change.done_at) != bool(change.stopped_at)
        assert someone.email == (change.new if change.done_at else change.old)
