"""Who acts for a customer: invitations, grants, and that somebody always decides."""

import re
from datetime import date, timedelta
from functools import partial
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from accounts import tasks
from accounts.actions import access, invitations, staff
from accounts.grants import Grant
from accounts.models import Customer, Invitation, Membership, User
from portal.access import all_rights
from portal.errors import Refused
from portal.events import Event
from portal.outbox.models import Message
from tests.factories import clerk, customer, member, partner, person, site
from tests.orders.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def technical() -> Grant:
    """From today on: midnight may come between two tests."""
    return Grant("technical")


def owned() -> tuple[Customer, User]:
    """A customer and the one who decides on everything."""
    head = person(first_name="Helena", language="en")
    return customer(name="Under the Limes", members=[head]), head


def invited(email: str = "new@example.com", *, grant: Grant | None = None) -> Invitation:
    owner, head = owned()
    return access.invite(owner, email=email, language="en", grant=grant or technical(), by=head)


def place_of(owner: Customer, user: User) -> Membership:
    return Membership.objects.get(customer=owner, user=user)


def verbs(owner: Customer) -> list[str]:
    return list(Event.objects.about(owner).filter(verb__startswith="access.").values_list("verb", flat=True))


def test_an_invitation_is_an_email_with_a_secret_link_and_is_told_to_full_members():
    owner, head = owned()
    other = member(owner, "technical")
    found = access.invite(owner, email=" New@Example.com ", language="pl", grant=technical(), by=head)
    letter, told = Message.objects.get(recipient="new@example.com"), Message.objects.get(recipient=head.email)
    token = re.search(r"/invitation/([^/\s]+)/", letter.text).group(1)
    assert letter.secret and invitations.invitation_of(token) == found and letter.language == "pl"
    assert "new@example.com" in told.text and "/invitation/" not in told.text
    assert not Message.objects.filter(recipient=other.email).exists() and verbs(owner) == ["access.invited"]


def test_an_invitation_of_somebody_whose_own_access_has_ended_opens_nothing():
    owner, _head = owned()
    helper = member(owner, "full")
    found = access.invite(owner, email="new@example.com", language="en", grant=Grant("full"), by=helper)
    days = {"starts_on": timezone.localdate() - timedelta(days=9), "ends_on": timezone.localdate() - timedelta(days=1)}
    Membership.objects.filter(customer=owner, user=helper).update(**days)
    with pytest.raises(Refused, match="no longer open"):
        access.accept_invitation(found, by=person(email="new@example.com"))


def test_nobody_outlasts_the_own_last_day_by_access_for_others():
    owner, head = owned()
    until = timezone.localdate() + timedelta(days=5)
    helper, guest = member(owner, "full", ends_on=until), member(owner, "technical", ends_on=until)
    for longer in (Grant("full"), Grant("full", ends_on=until + timedelta(days=1))):
        with pytest.raises(Refused, match="Your own access ends on"):
            access.invite(owner, email="me@example.com", language="en", grant=longer, by=helper)
        with pytest.raises(Refused, match="Your own access ends on"):
            access.change_grant(place_of(owner, guest), grant=longer, by=helper)
    found = access.invite(owner, email="me@example.com", language="en", grant=Grant("full", ends_on=until), by=helper)
    access.change_grant(place_of(owner, helper), grant=Grant("full", ends_on=until - timedelta(days=1)), by=head)
    with pytest.raises(Refused, match="no longer open"):
        access.accept_invitation(found, by=person(email="me@example.com"))


@pytest.mark.parametrize("grade", ["financial", "technical", "read_only"])
def test_only_who_decides_invites(grade):
    owner, _head = owned()
    with pytest.raises(Refused, match="full access"):
        access.invite(owner, email="x@example.com", language="en", grant=technical(), by=member(owner, grade))


def test_a_full_member_of_another_customer_or_of_yesterday_invites_nobody():
    owner, _head = owned()
    yesterday = timezone.localdate() - timedelta(days=1)
    past = member(owner, "full", starts_on=yesterday, ends_on=yesterday)
    for stranger in (owned()[1], past, clerk("reviewer")):
        with pytest.raises(Refused):
            access.invite(owner, email="x@example.com", language="en", grant=technical(), by=stranger)


def test_the_inviter_learns_nothing_about_an_address():
    owner, head = owned()
    known, unknown = person(email="known@example.com").email, "unknown@example.com"
    for email in (known, unknown):
        access.invite(owner, email=email, language="en", grant=technical(), by=head)
    first, second = Message.objects.filter(recipient=head.email).order_by("pk")
    assert first.text.replace(known, unknown) == second.text
    topics = Event.objects.filter(verb="access.invited").values_list("topics", flat=True)
    assert not any("user" in topic for named in topics for topic in named)


def test_a_second_invitation_takes_the_place_of_the_first():
    first = invited()
    second = access.invite(
        first.customer, email=first.email, language="en", grant=Grant("financial"), by=first.invited_by
    )
    first.refresh_from_db()
    assert first.state == "withdrawn" and list(Invitation.objects.open()) == [second]
    assert verbs(first.customer) == ["access.invited", "access.withdrawn", "access.invited"]
    # One letter for each invitation, none about the one that is replaced.
    assert Message.objects.filter(kind="accounts/access", recipient=first.invited_by.email).count() == 2


def test_whoever_has_access_is_not_invited_again_and_nobody_writes_to_the_whole_world(monkeypatch):
    owner, head = owned()
    with pytest.raises(Refused, match="access already"):
        access.invite(owner, email=head.email.upper(), language="en", grant=technical(), by=head)
    monkeypatch.setattr(access, "INVITATIONS_A_DAY", 1)
    access.invite(owner, email="a@example.com", language="en", grant=technical(), by=head)
    with pytest.raises(Refused, match="Too many"):
        access.invite(owner, email="b@example.com", language="en", grant=technical(), by=head)


def test_a_grant_is_for_the_customers_own_sites_and_for_days_to_come():
    owner, head = owned()
    foreign, today = site(), timezone.localdate()
    wrong = [
        Grant("technical", [foreign.pk]), Grant("technical", []), Grant("full", [site(owner).pk]), Grant("king"),
        Grant("technical", ends_on=today - timedelta(days=1)),
        Grant("technical", starts_on=today + timedelta(days=2), ends_on=today + timedelta(days=1)),
    ]  # fmt: skip
    for grant in wrong:
        with pytest.raises(Refused):
            access.invite(owner, email="x@example.com", language="en", grant=grant, by=head)
    assert not Invitation.objects.exists()


def test_a_login_that_is_there_is_kept():
    owner, head = owned()
    place, until = site(owner), timezone.localdate() + timedelta(days=30)
    elsewhere = customer(name="Elsewhere", members=[guest := person(email="guest@example.com")])
    grant = Grant("technical", [place.pk], ends_on=until)
    found = access.invite(owner, email=guest.email, language="en", grant=grant, by=head)
    new = access.accept_invitation(found, by=guest)
    assert (new.grade, new.sites, new.ends_on, new.granted_by) == ("technical", [place.pk], until, head)
    assert {right.customer for right in all_rights(guest)} == {owner.pk, elsewhere.pk}
    assert verbs(owner)[0] == "access.accepted" and Message.objects.filter(recipient=head.email).count() == 2


def test_accepting_twice_changes_nothing_and_somebody_else_cannot():
    found = invited("guest@example.com")
    guest = person(email="guest@example.com")
    with pytest.raises(Refused, match="somebody else"):
        access.accept_invitation(found, by=person())
    first = access.accept_invitation(found, by=guest)
    assert access.accept_invitation(found, by=guest) == first and verbs(found.customer).count("access.accepted") == 1


def test_the_office_does_not_become_a_customer():
    with pytest.raises(Refused, match="office"):
        access.accept_invitation(invited("staff@example.com"), by=clerk(email="staff@example.com"))


def newcomer(found: Invitation) -> Membership:
    return access.accept_as_newcomer(
        found, first_name="Nina", last_name="Nowa", phone="", password_hash="md5$x$5e5f1c1e2a6b1a5f3d6a7d8d6b0f6c4e"
    )


def test_a_newcomer_gets_an_account_with_a_confirmed_address_and_both_consents():
    found = invited()
    user = newcomer(found).user
    assert user.email == "new@example.com" and user.emailaddress_set.get().verified
    assert set(user.consents.values_list("kind", flat=True)) == {"data_processing", "terms"}
    assert [right.customer for right in all_rights(user)] == [found.customer_id]
    with pytest.raises(Refused):
        newcomer(found)


def test_an_address_with_an_account_is_never_taken_over_by_the_link():
    found, known = invited("known@example.com"), person(email="known@example.com")
    before = known.password
    with pytest.raises(Refused, match="account already"):
        newcomer(found)
    known.refresh_from_db()
    assert known.password == before and not known.memberships.exists()


@pytest.mark.parametrize("end", ["withdrawn", "declined", "old"])
def test_a_closed_invitation_lets_nobody_in(end):
    found = invited("guest@example.com")
    if end == "withdrawn":
        access.withdraw_invitation(found, by=found.invited_by)
    elif end == "declined":
        access.decline_invitation(found, by=None)
    else:
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Refused, match="no longer open"):
        access.accept_invitation(found, by=person(email="guest@example.com"))
    assert end == "old" or verbs(found.customer)[0] == f"access.{end}"


def test_a_change_is_told_to_the_person_and_to_those_who_decide():
    owner, head = owned()
    guest = member(owner, "technical")
    changed = access.change_grant(place_of(owner, guest), grant=Grant("read_only"), by=head)
    assert changed.grade == "read_only" and verbs(owner) == ["access.changed"]
    assert set(Message.objects.values_list("recipient", flat=True)) == {head.email, guest.email}
    access.change_grant(changed, grant=Grant("read_only"), by=head)
    assert verbs(owner) == ["access.changed"]


def test_who_is_taken_out_sees_nothing_any_more_and_is_told():
    owner, head = owned()
    guest = member(owner, "full")
    pending = access.invite(owner, email="friend@example.com", language="en", grant=Grant("full"), by=guest)
    Message.objects.all().delete()
    access.remove_member(place_of(owner, guest), by=head)
    pending.refresh_from_db()
    assert all_rights(guest) == [] and Message.objects.filter(recipient=guest.email).count() == 1
    assert pending.state == "withdrawn", "whoever is taken out leaves no way back in"


def test_everybody_may_give_up_the_own_access_and_no_other():
    owner, _head = owned()
    guest, other = member(owner, "technical"), member(owner, "read_only")
    with pytest.raises(Refused):
        access.remove_member(place_of(owner, other), by=guest)
    access.remove_member(place_of(owner, guest), by=guest)
    assert verbs(owner) == ["access.left"] and not guest.memberships.exists()


@pytest.mark.parametrize(
    "wanted", [technical, lambda: Grant("full", ends_on=timezone.localdate() + timedelta(days=900)), None]
)
def test_the_last_one_who_decides_stays(wanted):
    grant = wanted() if wanted else None
    owner, head = owned()
    member(owner, "full", ends_on=timezone.localdate() + timedelta(days=5))
    member(owner, "full", user=person(is_active=False))
    place = place_of(owner, head)
    office = clerk("manager", is_superuser=True)
    with pytest.raises(Refused, match="Nobody else"):
        access.change_grant(place, grant=grant, by=office) if grant else access.remove_member(place, by=office)
    if not grant:
        with pytest.raises(Refused, match="Nobody else"):
            access.remove_member(place, by=head)
    other = member(owner, "full")
    access.change_grant(place, grant=grant, by=other) if grant else access.remove_member(place, by=head)
    assert owner.memberships.full().exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["remove", "leave", "downgrade"])
def test_two_who_take_each_other_out_at_once_leave_one(act):
    first, second = person(), person()
    owner = customer(members=[first, second])
    mine, other = place_of(owner, first), place_of(owner, second)
    acts = {
        "remove": [partial(access.remove_member, other, by=first), partial(access.remove_member, mine, by=second)],
        "leave": [partial(access.remove_member, mine, by=first), partial(access.remove_member, other, by=second)],
        "downgrade": [
            partial(access.change_grant, other, grant=technical(), by=first),
            partial(access.change_grant, mine, grant=technical(), by=second),
        ],
    }
    assert sorted(together(*acts[act])) == ["done", "refused"]
    assert owner.memberships.full().count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_invitation_is_accepted_once_though_two_press_the_button():
    found = invited("guest@example.com")
    assert sorted(together(partial(newcomer, found), partial(newcomer, found))) == ["done", "refused"]
    assert Membership.objects.filter(customer=found.customer).count() == 2


def test_a_partner_may_be_a_customer_too():
    engineer = partner().people.get().user
    found = invited(engineer.email)
    assert access.accept_invitation(found, by=engineer).grade == "technical"


def test_nobody_changes_the_own_grant_but_may_leave():
    owner, _head = owned()
    until = timezone.localdate() + timedelta(days=5)
    helper = member(owner, "full", ends_on=until)
    for grant in (Grant("full"), Grant("technical", ends_on=until)):
        with pytest.raises(Refused, match="own access"):
            access.change_grant(place_of(owner, helper), grant=grant, by=helper)
    assert place_of(owner, helper).ends_on == until
    access.remove_member(place_of(owner, helper), by=helper)
    assert verbs(owner) == ["access.left"]


def test_a_first_day_is_not_over_and_no_day_is_beyond_2100():
    owner, head = owned()
    today = timezone.localdate()
    guest = member(owner, "technical", starts_on=(since := today - timedelta(days=400)))
    wrong = [
        Grant("technical", starts_on=today - timedelta(days=1)), Grant("technical", starts_on=date(2101, 1, 1)),
        Grant("technical", ends_on=date(9999, 12, 31)),
    ]  # fmt: skip
    for grant in wrong:
        with pytest.raises(Refused):
            access.invite(owner, email="x@example.com", language="en", grant=grant, by=head)
        with pytest.raises(Refused):
            access.change_grant(place_of(owner, guest), grant=grant, by=head)
    access.change_grant(place_of(owner, guest), grant=Grant("read_only", starts_on=since), by=head)
    assert place_of(owner, guest).starts_on == since


def test_an_invitation_is_accepted_days_after_its_first_day():
    found = invited("guest@example.com")
    Invitation.objects.update(starts_on=timezone.localdate() - timedelta(days=3))
    assert access.accept_invitation(found, by=person(email="guest@example.com")).grade == "technical"


def test_a_grant_that_ran_out_is_told_once_to_the_person_and_to_those_who_decide():
    owner, head = owned()
    today = timezone.localdate()
    guest = member(owner, "technical", starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1))
    still = member(owner, "technical", ends_on=today)
    assert (tasks.tell_ended_access(), tasks.tell_ended_access()) == (1, 0)
    event = Event.objects.about(guest).get(verb="access.ended")
    assert Event.objects.about(owner).get() == event and str(guest) in event.sentence and event.actor is None
    assert sorted(Message.objects.values_list("recipient", flat=True)) == sorted([head.email, guest.email])
    assert {letter.kind for letter in Message.objects.all()} == {"accounts/access", "accounts/own_access"}
    assert not Event.objects.about(still).exists()


def test_a_grant_that_is_given_again_and_runs_out_again_is_told_again():
    owner, head = owned()
    today = timezone.localdate()
    guest = member(owner, "technical", starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1))
    tasks.tell_ended_access()
    since = place_of(owner, guest).starts_on
    access.change_grant(place_of(owner, guest), grant=Grant("technical", starts_on=since, ends_on=today), by=head)
    assert place_of(owner, guest).end_told_at is None and tasks.tell_ended_access() == 0
    Membership.objects.filter(user=guest).update(ends_on=today - timedelta(days=1))
    assert tasks.tell_ended_access() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_an_end_once():
    owner, _head = owned()
    yesterday = timezone.localdate() - timedelta(days=1)
    member(owner, "technical", starts_on=yesterday, ends_on=yesterday)
    together(tasks.tell_ended_access, tasks.tell_ended_access)
    assert verbs(owner) == ["access.ended"]


def test_an_account_that_the_office_closes_is_told_to_those_who_decide():
    owner, head = owned()
    guest, office = member(owner, "full"), clerk("manager")
    for _twice in range(2):
        staff.change_access(guest, is_active=False, is_staff=False, groups=[], by=office)
    assert verbs(owner) == ["access.locked"] and str(guest) in Event.objects.about(owner).first().sentence
    assert Message.objects.get().recipient == head.email and str(guest) in Message.objects.get().text


def test_what_ended_before_ends_were_told_is_not_told_by_the_first_run():
    owner, _head = owned()
    yesterday = timezone.localdate() - timedelta(days=1)
    member(owner, "technical", starts_on=yesterday, ends_on=yesterday)
    import_module("accounts.migrations.0008_ends_that_are_told").note_old_ends(apps, None)
    assert tasks.tell_ended_access() == 0 and verbs(owner) == []
