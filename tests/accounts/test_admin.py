"""Partner applications, customers, and who works in the office."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.actions import staff
from accounts.models import User
from portal.errors import Refused
from portal.events import Event
from tests import factories as make

pytestmark = pytest.mark.django_db


def page_of(thing) -> str:
    return reverse(f"admin:accounts_{thing._meta.model_name}_change", args=[thing.pk])


def test_an_application_is_approved_once(client):
    company = make.partner()
    client.force_login(make.clerk("dispatcher"))
    client.post(page_of(company), {"act": "approve"})
    answer = client.post(page_of(company), {"act": "refuse", "reason": "No certificate."})
    company.refresh_from_db()
    assert company.decision == "approved" and {act.name for act, _form in answer.context["acts"]} == {"areas", "person"}
    assert [event.verb for event in Event.objects.about(company)] == ["partner.approved"]


def test_a_refusal_needs_a_reason(client):
    company = make.partner()
    client.force_login(make.clerk("dispatcher"))
    assert client.post(page_of(company), {"act": "refuse"}).context["typed"]["refuse"].errors
    client.post(page_of(company), {"act": "refuse", "reason": "No certificate."})
    company.refresh_from_db()
    assert (company.decision, company.decision_reason) == ("refused", "No certificate.")


def test_an_odd_certificate_is_pointed_out(client):
    client.force_login(make.clerk("dispatcher"))
    assert client.get(page_of(make.partner())).context["warnings"] == []
    twin = make.partner(fgas_certificate="12")
    assert len(client.get(page_of(twin)).context["warnings"]) == 2


def test_a_customer_with_everything_it_has(client):
    order = make.order_in_review()
    client.force_login(make.clerk("reviewer"))
    page = client.get(page_of(order.customer)).content.decode().replace("<wbr>", "")
    for words in (order.number, order.device.serials, order.device.site.name, order.created_by.email):
        assert words in page


def test_a_manager_gives_access(client):
    person = make.person()
    reviewer = Group.objects.get(name="reviewer")
    client.force_login(make.clerk("manager"))
    client.post(page_of(person), {"act": "access", "is_active": "on", "is_staff": "on", "groups": [reviewer.pk]})
    person.refresh_from_db()
    assert person.is_staff and list(person.groups.all()) == [reviewer]
    assert Event.objects.about(person).get().data["groups"] == ["reviewer"]


@pytest.mark.parametrize("group", ["reviewer", "dispatcher"])
def test_only_managers_give_access(client, group):
    person, me = make.person(), make.clerk(group)
    client.force_login(me)
    assert client.get(page_of(person)).context["acts"] == []
    assert client.post(page_of(person), {"act": "access", "is_staff": "on"}).status_code == 403


def test_nobody_changes_the_own_access_or_an_administrators():
    manager, administrator = make.clerk("manager"), make.person(is_staff=True, is_superuser=True)
    for person in (manager, administrator):
        with pytest.raises(Refused):
            staff.change_access(person, is_active=False, is_staff=False, groups=[], by=manager)
    assert User.objects.filter(is_active=True, is_staff=True).count() == 2


def test_a_new_colleague_chooses_the_password_by_email(client):
    reviewer = Group.objects.get(name="reviewer")
    client.force_login(make.clerk("manager"))
    client.post(
        reverse("admin:accounts_user_add"),
        {
            "email": "Ola@Example.com",
            "first_name": "Ola",
            "last_name": "Mak",
            "language": "pl",
            "groups": [reviewer.pk],
        },
    )
    colleague = User.objects.get(email="ola@example.com")
    assert colleague.is_staff and not colleague.has_usable_password() and list(colleague.groups.all()) == [reviewer]
    assert Event.objects.about(colleague).get().verb == "staff.added"


def test_people_are_not_edited_past_the_actions(client):
    person = make.person()
    client.force_login(make.person(is_staff=True, is_superuser=True))
    assert client.post(page_of(person), {"email": "other@example.com", "is_superuser": "on"}).status_code == 403
    person.refresh_from_db()
    assert not person.is_superuser and person.email != "other@example.com"


def test_areas_of_a_partner_are_changed(client):
    company = make.able_partner(areas=["00"])
    client.force_login(make.clerk("dispatcher"))
    answer = client.post(page_of(company), {"act": "areas", "areas": "05-5, 00"})
    company.refresh_from_db()
    assert (answer.url, company.areas) == (page_of(company), ["00", "055"])
    assert Event.objects.about(company).first().data == {"changed": {"areas": ["00", "00, 055"]}}


def test_odd_areas_stay_in_the_form(client):
    company = make.able_partner(areas=["00"])
    client.force_login(make.clerk("dispatcher"))
    answer = client.post(page_of(company), {"act": "areas", "areas": "Warsaw"})
    company.refresh_from_db()
    assert "Warsaw" in answer.content.decode() and company.areas == ["00"]


def test_the_office_invites_a_person_to_a_team(client):
    company = make.able_partner()
    client.force_login(make.clerk("dispatcher"))
    person = {
        "first_name": "Ida",
        "last_name": "Nowak",
        "email": "ida@example.com",
        "language": "pl",
        "role": "engineer",
    }
    client.post(page_of(company), {"act": "person", **person})
    asked = company.invitations.get()
    assert (asked.email, asked.role, asked.language) == ("ida@example.com", "engineer", "pl")
    assert "ida@example.com" in client.get(page_of(company)).content.decode() and company.people.count() == 1


def test_a_reviewer_does_not_touch_a_team(client):
    company = make.able_partner()
    client.force_login(make.clerk("reviewer"))
    assert client.post(page_of(company), {"act": "areas", "areas": "05"}).status_code == 403
