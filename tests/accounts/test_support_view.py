"""A clerk sees the portal as a customer does."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.actions.support_view import begin_view, end_view
from accounts.models import Customer, Membership, SupportView, User
from accounts.viewing import ViewingMiddleware
from portal.events import Event
from portal.outbox.models import Message
from tests.factories import clerk, customer, device, order_in_review, person, site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def helper() -> User:
    """A clerk who may see as a customer, whatever the groups say."""
    found = clerk(first_name="Ewa", last_name="Biurowa")
    found.user_permissions.add(Permission.objects.get(codename="see_as_customer"))
    return User.objects.get(pk=found.pk)


@pytest.fixture
def owner() -> Customer:
    return customer(members=[person(), person()])


def at(owner: Customer, path: str) -> str:
    return f"/c/{owner.number}{path}"


def test_the_customer_reads_who_looked_and_why(helper, owner, client):
    Membership.objects.filter(pk=owner.memberships.first().pk).update(grade="technical")
    begin_view(owner, reason="You asked about the invoice.", by=helper)
    assert [message.recipient for message in Message.objects.filter(kind="accounts/support_view")] == [
        owner.memberships.get(grade="full").user.email
    ]
    assert "You asked about the invoice." in Message.objects.get(kind="accounts/support_view").text
    client.force_login(owner.memberships.get(grade="full").user)
    page = client.get(reverse("access")).content.decode()
    assert "Our office opened the portal as you see it" in page and "You asked about the invoice." in page
    assert "Our office" in page and "Biurowa" not in page


def test_the_act_in_the_back_office_leads_to_the_customers_portal(helper, owner, client):
    client.force_login(helper)
    url = reverse("admin:accounts_customer_change", args=[owner.pk])
    assert client.post(url, {"act": "see_as_customer", "reason": ""}).context["typed"]["see_as_customer"].errors
    answer = client.post(url, {"act": "see_as_customer", "reason": "A question"})
    assert answer.url == at(owner, "/start/")
    page = client.get(answer.url, follow=True).content.decode()
    assert "Ewa Biurowa, you see the portal as" in page and owner.number in page and "End this view" in page
    assert "A question" in client.get(url).content.decode()


def test_without_the_right_there_is_no_act(owner, client):
    client.force_login(clerk())
    url = reverse("admin:accounts_customer_change", args=[owner.pk])
    assert "see_as_customer" not in client.get(url).content.decode()
    assert client.post(url, {"act": "see_as_customer", "reason": "x"}).status_code == 403
    with pytest.raises(PermissionDenied):
        begin_view(owner, reason="x", by=person())
    assert not SupportView.objects.exists()


def test_the_clerk_sees_what_the_customer_sees_and_nothing_else(helper, owner, client):
    order = order_in_review(device(site(owner)), by=owner.members.first())
    other = order_in_review()
    begin_view(owner, reason="x", by=helper)
    client.force_login(helper)
    things = {"device": order.device, "order": order, "document": order.documents.get(), "site": order.device.site}
    for name, thing in things.items():
        assert client.get(at(owner, reverse(name, args=[thing.pk]))).status_code == 200, name
    for name, thing in {"device": other.device, "order": other, "document": other.documents.get()}.items():
        assert client.get(at(owner, reverse(name, args=[thing.pk]))).status_code == 404, name
    assert f"/devices/{order.device.pk}/" in client.get(at(owner, "/devices/")).content.decode()
    assert client.get(at(other.customer, "/devices/")).status_code == 404
    assert f"/devices/{order.device.pk}/" not in client.get("/devices/").content.decode()


def test_the_clerk_gets_no_rights_of_the_office_there(helper, owner, client):
    helper.is_superuser = True
    helper.save()
    begin_view(owner, reason="x", by=helper)
    client.force_login(helper)
    page = client.get(at(owner, "/devices/"))
    assert not page.context["user"].has_perm("accounts.view_customer") and not page.context["user"].is_staff
    assert client.get(at(owner, "/admin/")).status_code == 404
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    "name",
    ["profile", "account_change_password", "mfa_index", "sign-ins", "sessions", "consents", "phones", "email-change",
     "work", "partner", "customers"],
)  # fmt: skip
def test_pages_of_a_person_are_closed(helper, owner, client, name):
    begin_view(owner, reason="x", by=helper)
    client.force_login(helper)
    assert client.get(at(owner, reverse(name))).status_code == 403


@pytest.mark.parametrize("name", ["access", "customer-data", "change-requests", "devices", "sites", "orders"])
def test_pages_of_the_customer_are_open_and_have_the_bar(helper, owner, client, name):
    begin_view(owner, reason="x", by=helper)
    client.force_login(helper)
    page = client.get(at(owner, reverse(name)))
    assert page.status_code == 200 and "view-bar" in page.content.decode()


@pytest.mark.parametrize("name", ["access-invite", "change-request-new", "site-new", "device-new", "order-new"])
def test_pages_that_change_something_are_closed(helper, owner, client, name):
    device(site(owner))
    begin_view(owner, reason="x", by=helper)
    client.force_login(helper)
    assert client.get(at(owner, reverse(name))).status_code == 403


def test_nothing_can_be_sent(helper, owner, client):
    place = site(owner)
    begin_view(owner, reason="x", by=helper)
    client.force_login(helper)
    events = Event.objects.count()
    for name in ("set-language", "profile", "site-new", "access-invite", "account_change_password"):
        assert client.post(at(owner, reverse(name)), {"language": "cs", "next": "/"}).status_code == 403, name
    assert client.post(at(owner, reverse("site-change", args=[place.pk])), {"city": "Łódź"}).status_code == 403
    assert Event.objects.count() == events


def test_not_even_a_page_that_is_looked_at_writes(helper, owner, rf):
    begin_view(owner, reason="x", by=helper)

    def writes(request):
        try:
            Customer.objects.filter(pk=owner.pk).update(name="Written")
        except Exception as error:
            return middleware.process_exception(request, error)
        return HttpResponse("written")

    middleware = ViewingMiddleware(writes)
    request = rf.get("/devices/")
    request.customer_number, request.user = owner.number, helper
    assert middleware(request).status_code == 403
    owner.refresh_from_db()
    assert owner.name == "Anna Kowalska"
    Customer.objects.filter(pk=owner.pk).update(name="Written")  # afterwards one may write again


def test_it_is_over_after_half_an_hour(helper, owner, client):
    view = begin_view(owner, reason="x", by=helper)
    now = timezone.now()
    SupportView.objects.filter(pk=view.pk).update(started_at=now - timedelta(minutes=31), ends_at=now)
    client.force_login(helper)
    answer = client.get(at(owner, "/devices/"))
    assert answer.url == reverse("admin:accounts_customer_change", args=[owner.pk])
    assert "is over" in client.get(answer.url).content.decode()
    assert client.post(at(owner, reverse("support-view-end"))).url == answer.url
    begin_view(owner, reason="y", by=helper)
    view.refresh_from_db()
    assert view.ended_at == view.ends_at


def test_the_button_ends_it(helper, owner, client):
    view = begin_view(owner, reason="x", by=helper)
    assert timedelta(minutes=29) < view.ends_at - timezone.now() <= timedelta(minutes=30)
    client.force_login(helper)
    answer = client.post(at(owner, reverse("support-view-end")))
    assert answer.url == reverse("admin:accounts_customer_change", args=[owner.pk])
    assert Event.objects.about(owner)[0].verb == "access.view_ended"
    assert client.get(at(owner, "/devices/")).status_code == 302
    assert client.post(reverse("support-view-end")).status_code == 404
    end_view(view, by=helper)
    assert Event.objects.about(owner).filter(verb="access.view_ended").count() == 1


def test_signing_out_ends_it(helper, owner, client):
    view = begin_view(owner, reason="x", by=helper)
    client.force_login(helper)
    client.post(at(owner, reverse("account_logout")))
    view.refresh_from_db()
    assert view.ended_at


def test_without_a_second_factor_nobody_looks(helper, owner, client, settings):
    settings.STAFF_FACTOR_REQUIRED = True
    begin_view(owner, reason="Cannot find the form", by=helper)
    client.force_login(helper)
    assert client.get(at(owner, "/devices/")).url == reverse("mfa_index")


def test_a_new_view_ends_the_one_before(helper, owner):
    first = begin_view(owner, reason="x", by=helper)
    begin_view(owner, reason="The tab was closed", by=helper)
    first.refresh_from_db()
    assert not first.is_open and first.ended_at
    with pytest.raises(IntegrityError), transaction.atomic():
        SupportView.objects.create(
            staff=helper, customer=owner, reason="x", ends_at=timezone.now() + timedelta(minutes=5)
        )


def test_a_right_that_is_taken_away_ends_it_at_once(helper, owner, client):
    begin_view(owner, reason="x", by=helper)
    client.force_login(helper)
    assert client.get(at(owner, "/devices/")).status_code == 200
    helper.user_permissions.clear()
    assert client.get(at(owner, "/devices/")).status_code == 302
    User.objects.filter(pk=helper.pk).update(is_staff=False)
    assert client.get(at(owner, "/devices/")).status_code == 404


def test_members_never_meet_the_bar(owner, client):
    client.force_login(owner.members.first())
    assert "view-bar" not in client.get(at(owner, "/devices/")).content.decode()
    assert client.post(reverse("support-view-end")).status_code == 404


@pytest.mark.parametrize("path", ["/orders/999999/", "/no-such-page/", "/profile/"])
def test_refusals_have_the_bar_too(path, helper, owner, client):
    begin_view(owner, reason="A question", by=helper)
    client.force_login(helper)
    answer = client.get(at(owner, path))
    assert answer.status_code in (403, 404) and "End this view" in answer.content.decode()
