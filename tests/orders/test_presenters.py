"""What a list says of an order."""

import pytest
from django.utils import timezone

from orders.models import Order
from orders.presenters import order_table
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.mark.parametrize(("state", "told"), [("done", True), ("refused", False), ("withdrawn", False)])
def test_only_what_was_done_has_a_day_on_which_it_was_done(state, told):
    order = factories.order_in_review()
    Order.objects.filter(pk=order.pk).update(state=state, closed_at=timezone.now())
    [row] = order_table(Order.objects.for_list()).rows
    assert (row[-1] != "–") is told
