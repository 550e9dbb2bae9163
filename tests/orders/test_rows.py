"""The rows of the owner's list of orders tell the same as the models."""

import pytest

from devices.models import site_name
from orders.deadlines import due_of, turn_of
from orders.models import Order
from orders.rows import rows_of
from services.languages import in_language, texts_of
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("upto", [*factories.UPTO])
def test_a_row_tells_of_a_service_what_the_models_do(upto):
    order = factories.service_order(upto=upto)
    order = Order.objects.get(pk=order.pk)
    [row] = rows_of([order.pk])
    for name in ("number", "kind", "state", "created_at", "closed_at"):
        assert getattr(row, name) == getattr(order, name)
    assert (row.device_name, row.serials) == (order.device.name, order.device.serials.split(", "))
    assert site_name(row) == order.device.site.name and in_language(texts_of(row, "name")) == order.what
    assert due_of(row, row, row.country, has_times=row.has_times) == turn_of(order)


def test_a_purchase_proof_has_nothing_of_a_service():
    order = factories.order_in_review()
    [row] = rows_of([order.pk])
    assert row.kind == Order.Kind.PURCHASE_PROOF and row.name_en is None
    assert due_of(row, row, row.country, has_times=False).by is None and not row.has_times


def test_the_rows_come_as_they_are_asked_for():
    first, second, third = (factories.order_in_review().pk for _ in range(3))
    assert [row.pk for row in rows_of([second, third, first])] == [second, third, first]
