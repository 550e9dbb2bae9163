"""The office sees which inspections are overdue, and whom to call."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from devices.models import Device
from tests import factories as make

pytestmark = pytest.mark.django_db
LIST = "admin:warranty_cover_changelist"


@pytest.fixture
def clerk(client):
    person = make.clerk("manager", language="en")
    client.force_login(person)
    return person


def due_in(days: int, **fields) -> Device:
    """A device that should be inspected in so many days: it was started up some 12 months ago."""
    day = timezone.localdate() - timedelta(days=365 - days)
    return make.started_up(make.device(**fields), done_on=day)


def listed(client, query: str) -> set[int]:
    return {cover.device_id for cover in client.get(reverse(LIST) + query).context["cl"].result_list}


def test_overdue_inspections_wait_until_they_are_ordered(client, clerk):
    late, ordered, soon, _later = due_in(-40), due_in(-50), due_in(20), due_in(200)
    make.service_order(ordered)
    make.service_order(late, upto="draft")
    queue = next(one for one in client.get(reverse("admin:index")).context["queues"] if "inspection=" in one.url)
    assert (queue.count, queue.url) == (1, f"{reverse(LIST)}?inspection=overdue")
    assert timedelta(days=38) < timezone.now() - queue.oldest < timedelta(days=42)
    assert listed(client, "?inspection=overdue") == {late.pk}
    assert listed(client, "?inspection=ordered") == {ordered.pk}
    assert listed(client, "?inspection=soon") == {soon.pk}


def test_a_row_tells_whom_to_call_and_who_was_there_last(client, clerk):
    device, partner = make.device(), make.able_partner(name="Serwis Nord")
    make.service(device, done_on=timezone.localdate() - timedelta(days=400), partner=partner)
    order, customer = make.service_order(device), device.site.customer
    page = client.get(reverse(LIST)).content.decode()
    words = [customer.name, str(customer.phone), order.number, partner.name]
    assert not [word for word in words if word not in page]
    assert "chip-attention" in page


def test_a_row_leads_to_the_device(client, clerk):
    device = due_in(10)
    answer = client.get(reverse("admin:warranty_cover_change", args=[device.cover.pk]))
    assert answer.url == reverse("admin:devices_device_change", args=[device.pk])


def test_the_list_takes_as_many_queries_for_many_as_for_one(client, clerk):
    counts = []
    for more in (1, 20):
        for _ in range(more):
            make.service_order(due_in(-40))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(LIST))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_a_reviewer_has_no_queue_of_inspections(client):
    due_in(-40)
    client.force_login(make.clerk("reviewer"))
    assert not [queue for queue in client.get(reverse("admin:index")).context["queues"] if "inspection" in queue.url]
