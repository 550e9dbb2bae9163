"""The owner's list of orders as rows: as models, with a site and a service each, they take three times as long."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet

from devices.models import DeviceUnit
from orders.models import Order
from orders.models.order import times_open
from portal.prepared import Prepared

# Where the columns of a row are that are not the order's own.
SITE = ["own_name", "building_kind", "street", "postcode", "city", "country"]
SERVICE = ["turn_since", "answer_by", "asked_at", "visit_ends"]


class Row(NamedTuple):
    """What the list tells of an order. A purchase proof has None for all that a service has."""

    pk: int
    customer_id: int
    number: str
    kind: str
    state: str
    created_at: datetime
    closed_at: datetime | None
    device_name: str
    own_name: str
    building_kind: str
    street: str
    postcode: str
    city: str
    country: str
    name_pl: str | None
    name_cs: str | None
    name_en: str | None
    turn_since: datetime | None
    answer_by: datetime | None
    asked_at: datetime | None
    visit_ends: datetime | None
    serials: list[str]
    has_times: bool


def _orders(pks: list[int]) -> QuerySet:
    units = DeviceUnit.objects.filter(device=OuterRef("device")).order_by("position").values("serial")
    names = {name: F(f"service_kind__{name}") for name in Row._fields if name.startswith("name_")}
    return (
        Order.objects.filter(pk__in=pks)
        .annotate(device_name=F("device__name"), serials=ArraySubquery(units), has_times=times_open(), **names)
        .annotate(**{name: F(f"device__site__{name}") for name in SITE})
        .annotate(**{name: F(f"service__{name}") for name in SERVICE})
        .values_list(*Row._fields)
    )


_ROWS = Prepared(_orders)


def rows_of(pks: Iterable[int]) -> list[Row]:
    """These orders, in this order."""
    wanted = list(pks)
    found = {row[0]: Row._make(row) for row in _ROWS.rows(*wanted)}
    return [found[pk] for pk in wanted if pk in found]
