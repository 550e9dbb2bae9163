"""Lists of devices as rows: as models, with a site and its units each, they take twice as long."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.db.models import F

from devices.models import Device, DeviceUnit
from portal.prepared import Prepared

SITE = ["customer_id", "own_name", "building_kind", "street", "postcode", "city"]


class Plate(NamedTuple):
    """What a list tells of a nameplate, and whether a clerk has it on the desk."""

    device_id: int
    serial: str
    unit_id: int | None
    checking: bool
    claimed: bool


@dataclass
class Row:
    """What a list, and the notes in it, need of a device: named as in the models, its site's columns beside its own."""

    pk: int
    name: str
    kind: str
    purchased_on: date | None
    customer_id: int
    own_name: str
    building_kind: str
    street: str
    postcode: str
    city: str
    nameplates: list[Plate] = field(default_factory=list)

    @property
    def serials(self) -> str:
        """The serial numbers as typed, outdoor unit first."""
        return ", ".join(plate.serial for plate in self.nameplates)


_DEVICES = Prepared(
    lambda pks: (
        Device.objects.filter(pk__in=pks)
        .annotate(**{name: F(f"site__{name}") for name in SITE})
        .values_list("pk", "name", "kind", "purchased_on", *SITE)
    )
)
_PLATES = Prepared(
    lambda pks: DeviceUnit.objects.with_review().filter(device__in=pks).values_list(*Plate._fields)  # type: ignore[misc]
)


def rows_of(pks: Iterable[int]) -> list[Row]:
    """These devices, in this order, with their nameplates. Two queries."""
    wanted = list(pks)
    plates: dict[int, list[Plate]] = defaultdict(list)
    for plate in map(Plate._make, _PLATES.rows(*wanted)):
        plates[plate.device_id].append(plate)
    found = {row[0]: Row(*row) for row in _DEVICES.rows(*wanted)}
    for pk, row in found.items():
        row.nameplates = plates[pk]
    return [found[pk] for pk in wanted if pk in found]
