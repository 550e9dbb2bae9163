"""Which partners suit an order, in which order they are offered, and why the others do not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Partner
from orders import matching
from orders.actions import offers, visits
from orders.models import Order
from services.models import Certificate, Qualification, ServiceKind
from tests.factories import able_partner, customer, device, partner, person, product, service_order, site, unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def order_at(postcode: str = "05-500", **fields) -> Order:
    return service_order(device(site(customer(), postcode=postcode), **fields))


def found(order: Order, who: Partner) -> matching.Candidate:
    return next(one for one in matching.candidates(order) if one.partner == who)


def test_a_partner_of_the_area_with_the_service_and_a_certificate_suits():
    assert found(order_at(), able_partner()).is_suitable


@pytest.mark.parametrize(
    ("areas", "faults"), [(["05"], []), (["055", "99"], []), (["00", "01"], ["area"]), ([], ["area"])]
)
def test_the_beginning_of_the_postcode_decides(areas, faults):
    assert found(order_at("05-500"), able_partner(areas=areas)).faults == faults


def test_another_country_is_another_area():
    assert found(order_at(), able_partner(country="CZ")).faults == ["area"]


def test_who_does_not_do_the_service_says_so():
    one = found(order_at(), able_partner(codes=["repair"]))
    assert one.faults == ["service"] and one.reasons == ["does not do this service"]


def test_some_work_on_some_products_only():
    model, who = product(), able_partner()
    Qualification.objects.get(partner=who).products.add(model)
    assert found(order_at(units=[unit(model)]), who).faults == []
    assert found(order_at(), who).faults == ["product"]


@pytest.mark.parametrize(("days", "faults"), [(0, []), (-1, ["certificate"])])
def test_a_certificate_holds_on_its_last_day(days, faults):
    who = able_partner()
    Certificate.objects.filter(partner=who).update(valid_until=timezone.localdate() + timedelta(days=days))
    one = found(order_at(), who)
    assert one.faults == faults and one.may_be_offered == (not faults)


def test_a_certificate_that_begins_tomorrow_does_not_count_today():
    who = able_partner()
    Certificate.objects.filter(partner=who).update(valid_from=timezone.localdate() + timedelta(days=1))
    assert found(order_at(), who).faults == ["certificate"]


@pytest.mark.parametrize(
    ("kind", "papers", "faults"),
    [
        ("monobloc", ["training"], []),
        ("split", ["training"], ["fgas"]),
        ("split", ["training", "fgas"], []),
        ("split", [], ["certificate"]),
    ],
)
def test_who_works_on_a_split_has_an_fgas_certificate(kind, papers, faults):
    who, until = able_partner(), timezone.localdate() + timedelta(days=9)
    Certificate.objects.all().delete()
    Certificate.objects.bulk_create(
        Certificate(partner=who, kind=paper, number="1", valid_until=until) for paper in papers
    )
    one = found(order_at(kind=kind), who)
    assert one.faults == faults and one.may_be_offered == (not faults)
    assert (who in matching.suitable_for(order_at(kind=kind).device, ServiceKind.objects.get(code="repair"))) == (
        not faults
    )


def test_the_office_says_which_certificates_a_service_needs():
    kind = ServiceKind.objects.get(code="repair")
    kind.certificates, kind.split_certificates = ["training"], []
    kind.save()
    who, order = able_partner(), service_order(device(kind="split"), code="repair")
    assert found(order, who).faults == ["training"] and not found(order, who).may_be_offered
    Certificate.objects.create(partner=who, kind="training", number="T1", valid_until=timezone.localdate())
    assert found(order, who).is_suitable


def test_one_of_two_certificates_is_enough():
    who, yesterday = able_partner(), timezone.localdate() - timedelta(days=1)
    Certificate.objects.create(partner=who, kind="fgas", number="OLD", valid_until=yesterday)
    assert found(order_at(), who).is_suitable


def test_who_is_not_approved_is_not_asked():
    waiting = partner()
    assert waiting not in [one.partner for one in matching.candidates(order_at())]


def test_without_a_word_about_services_a_partner_does_none():
    who = able_partner()
    Qualification.objects.all().delete()
    assert found(order_at(), who).faults == ["service"]


def test_all_reasons_are_told():
    who = able_partner(codes=["repair"], areas=["99"])
    Certificate.objects.all().delete()
    assert found(order_at(), who).reasons == [
        "does not serve this postcode", "does not do this service", "has no valid certificate",
    ]  # fmt: skip


def test_the_least_open_work_comes_first_and_the_unsuitable_last():
    busy, idle = able_partner(name="A"), able_partner(name="B")
    other = able_partner(name="0", areas=["99"])
    for upto in ("offered", "accepted"):
        service_order(upto=upto, to=busy)
    ranked = matching.candidates(order_at())
    assert [one.partner for one in ranked] == [idle, busy, other]
    assert [one.open_work for one in ranked] == [0, 2, 0]


def test_done_work_is_not_open_and_waiting_work_is():
    who = able_partner()
    service_order(upto="done", to=who)
    order = service_order(upto="accepted", to=who)
    visits.ask(order, question="Which?", by=who.people.get().user, revision=order.revision)
    assert found(order_at(), who).open_work == 1


def test_of_equals_the_name_decides():
    b, a = able_partner(name="B"), able_partner(name="A")
    assert [one.partner for one in matching.candidates(order_at())] == [a, b]


def test_who_declined_this_order_is_named_and_may_be_asked_again_by_the_office():
    who = able_partner()
    order = service_order(upto="offered", to=who)
    order = offers.decline(order, reason="No", by=who.people.get().user, revision=order.revision)
    one = found(order, who)
    assert one.reasons == ["has declined this order"] and one.may_be_offered
    assert found(order_at(), who).is_suitable


def test_owners_choose_among_the_suitable_by_name():
    b, a = able_partner(name="B"), able_partner(name="A")
    able_partner(name="C", areas=["99"])
    inspection = ServiceKind.objects.get(code="inspection")
    assert matching.suitable_for(order_at().device, inspection) == [a, b]


def test_many_partners_cost_no_more_queries(django_assert_num_queries):
    order = order_at()
    order = Order.objects.select_related("service_kind", "device__site").get(pk=order.pk)
    for _ in range(5):
        able_partner(people=[person()])
    with django_assert_num_queries(3):
        matching.candidates(order)
