"""What the database knows of a device's warranty, handed to the pure rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.utils import timezone

from devices.models import Device, DeviceUnit
from warranty import rules
from warranty.models import ServiceRecord, WarrantyRule


@dataclass(frozen=True)
class Known:
    """A device with its nameplates, its services by date, and the rule that counts for it."""

    device: Device
    units: list[DeviceUnit]
    records: list[ServiceRecord]

    @classmethod
    def of(cls, device: Device) -> "Known":
        units = list(device.units.select_related("unit__product"))
        return cls(device, units, list(device.services.order_by("done_on", "pk")))

    @property
    def main(self) -> DeviceUnit | None:
        """The unit that speaks for the device, of a split the outdoor one; None while the register does not know it."""
        return self.units[0] if self.units and self.units[0].unit else None

    @property
    def start_up(self) -> ServiceRecord | None:
        return next((record for record in self.records if record.kind == ServiceRecord.Kind.START_UP), None)

    @property
    def inspections(self) -> list[ServiceRecord]:
        return [record for record in self.records if record.kind == ServiceRecord.Kind.INSPECTION]

    @cached_property
    def rule(self) -> WarrantyRule | None:
        """The one in force on the day of the purchase; until that is confirmed, on the day of the start-up."""
        day = self.device.purchased_on or (self.start_up.done_on if self.start_up else None)
        if self.main is None or self.main.unit is None or day is None:
            return None
        return WarrantyRule.objects.in_force(self.main.unit.product, day)

    @property
    def facts(self) -> rules.Facts:
        return rules.Facts(
            purchase=self.device.purchased_on,
            delivery=self.main.unit.delivered_on if self.main and self.main.unit else None,
            **services_of(self.records),
        )

    def standing(self, today: date | None = None) -> rules.Standing:
        terms = self.rule.terms if self.rule else None
        return rules.standing(self.facts, terms, today or timezone.localdate())


def services_of(records: Sequence[ServiceRecord]) -> dict[str, Any]:
    """`start_up` and `inspections` as the rule wants them."""
    done: dict[str, list[rules.Service]] = {kind: [] for kind in ServiceRecord.Kind.values}
    for record in records:
        done[record.kind].append(rules.Service(record.done_on, record.proof))
    return {
        "start_up": next(iter(done[ServiceRecord.Kind.START_UP]), None),
        "inspections": tuple(done[ServiceRecord.Kind.INSPECTION]),
    }
