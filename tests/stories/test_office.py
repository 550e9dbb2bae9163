"""The dispatcher's day: orders without a partner, a partner who cannot come, and two colleagues at one order."""

import pytest

from orders.models import Order
from tests import factories
from tests.stories.steps import STORY, dispatcher, opens_the_queue, registered_owner
from tests.stories.visitor import DESKTOP, PHONE

pytestmark = STORY
OLA, JAN, EVA = "ola@example.com", "jan@example.com", "eva@example.com"


def an_order(**fields) -> Order:
    """Somebody's start-up with photos, sent and without a partner."""
    owner = registered_owner(EVA, language="en")
    device = factories.device(factories.site(owner), kind="split")
    return factories.service_order(device, code="first_start_up", **fields)


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_an_order_finds_its_partner_and_loses_it_again(visitor, screen):
    order = an_order()
    near, far = factories.able_partner(name="Near"), factories.able_partner(name="Far", areas=["9"])
    factories.partner(name="Bare", decision="approved", decided_at=order.created_at, decided_by=order.created_by)
    ola = visitor("en", screen)

    dispatcher(ola, OLA)
    opens_the_queue(ola, "Orders to assign", order.number)
    ola.sees("Ring twice.", "open orders: 0", "Photos and files")
    ola.unfolds("2 other partners")
    ola.sees("does not serve this postcode", "has no valid certificate")
    ola.picks("partner", str(far.pk))
    ola.picks("partner", str(near.pk))
    ola.presses("Offer to this partner")
    ola.sees("offered.")

    ola.opens("/admin/orders/service/")
    ola.clicks(ola.page.locator("main").get_by_role("link", name=order.number))
    ola.unfolds("Take back from the partner")
    ola.types(reason="They are on holiday.")
    ola.clicks(ola.page.locator("details[open] button"))
    ola.sees("taken back. Choose another partner.", "They are on holiday.")
    ola.picks("partner", str(near.pk))
    assert Order.objects.get(pk=order.pk).state == Order.State.SUBMITTED


def test_two_dispatchers_at_one_order(visitor):
    """Both have the page open; the second is told who was quicker and what became of it, and nothing is overwritten."""
    order, near = an_order(), factories.able_partner(name="Near")
    far = factories.able_partner(name="Far")
    ola, jan = visitor("en", DESKTOP), visitor("en", DESKTOP)
    dispatcher(ola, OLA, first_name="Ola", last_name="Lis")
    dispatcher(jan, JAN)
    for colleague in (ola, jan):
        opens_the_queue(colleague, "Orders to assign", order.number)
    ola.picks("partner", str(near.pk))
    ola.presses("Offer to this partner")
    jan.picks("partner", str(far.pk))
    jan.presses("Offer to this partner")
    jan.sees("Somebody was quicker.", "Ola Lis", "Take back from the partner")
    jan.sees_not("Offer to this partner")
    assert Order.objects.get(pk=order.pk).service.partner == near


def test_a_reviewer_looks_and_has_no_button(visitor):
    order = an_order(upto="scheduled")
    zofia = visitor("en", PHONE, java_script_enabled=False)
    factories.clerk("reviewer", email=OLA, language="en")
    zofia.signs_in(OLA, factories.PASSWORD)
    zofia.opens("/admin/orders/service/")
    zofia.clicks(zofia.page.locator("main").get_by_role("link", name=order.number))
    zofia.sees("Date agreed", order.service.partner.name)
    zofia.sees_not("What to do", "Cancel the order")
