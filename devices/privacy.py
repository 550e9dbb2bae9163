"""What the tables of sites and devices hold about people."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import (
    Claim,
    Device,
    DeviceUnit,
    NameplateCheck,
    Product,
    Registration,
    SerialLookup,
    Site,
    Unit,
)
from portal import collect
from portal.addresses import address
from portal.privacy import Fate, Scope, declare


def waiting_cases(customer: Any) -> list[tuple[str, str]]:
    """Why the customer's data are still needed: a clerk has something of it on the desk."""
    place = {"device_unit__device__site__customer": customer}
    words = _("We are still checking the serial number %(serial)s.")
    return [
        (words % {"serial": serial}, address("device", device))
        for cases in (Claim.objects, NameplateCheck.objects)
        for serial, device in cases.waiting().filter(**place).values_list("device_unit__serial", "device_unit__device")
    ]


def declare_privacy() -> None:
    collect.erasure_objections.append(waiting_cases)
    declare(Product, fact="id code code_key name maker role heat_output_kw refrigerant")
    declare(Unit, fact="id serial made_on delivered_on added_at", internal="key skeleton", link="product")
    # Town and postcode tell where a heat pump stands, and no longer whose it is.
    declare(
        Site, holds=gettext_lazy("The places where the devices stand."),
        fate=Fate.BLANKED, why="device", contact="street", free_text="own_name notes",
        fact="id postcode city country building_kind created_at", internal="once_key", link="customer",
    )  # fmt: skip
    declare(
        Device, holds=gettext_lazy("The heat pumps: name, kind, place, day of purchase."),
        fate=Fate.BLANKED, why="device", free_text="name", fact="id kind purchased_on created_at",
        internal="once_key", link="site",
    )  # fmt: skip
    declare(
        DeviceUnit, called=gettext_lazy("serial numbers of devices"),
        holds=gettext_lazy("The units that a device is made of, with their serial numbers."),
        fate=Fate.BLANKED, why="device", fact="id role position model serial",
        internal="serial_key", link="device unit", related=("unit__product",),
    )  # fmt: skip
    case = {"free_text": "answer", "fact": "id created_at decided_at decision", "link": "device_unit decided_by"}
    declare(
        NameplateCheck, called=gettext_lazy("photos of nameplates that we looked at"),
        holds=gettext_lazy("Photos of nameplates that we looked at, and our answers."),
        fate=Fate.BLANKED, why="device", file="photos", **case
    )  # fmt: skip
    declare(
        Claim, called=gettext_lazy("requests for serial numbers that others had registered"),
        holds=gettext_lazy("Serial numbers that were registered to somebody else, and our answers."),
        fate=Fate.BLANKED, why="device", file="proofs", **case | {"free_text": "answer reason"}
    )  # fmt: skip
    # Kept for a week.
    declare(
        SerialLookup, called=gettext_lazy("serial numbers that were looked up"),
        fate=Fate.GOES, touched=_lookups, exported=False, contact="asker", fact="id serial_key at"
    )  # fmt: skip
    declare(
        Registration, holds=gettext_lazy("What you entered when you registered."),
        person="user", fate=Fate.GOES, free_text="answers", contact="email",
        fact="id state language created_at changed_at sent_at confirmed_at",
        secret="password_hash", link="user documents",  # noqa: S106  the class, not a secret
    )  # fmt: skip


def _lookups(scope: Scope) -> QuerySet:
    return SerialLookup.objects.filter(asker__in=[f"user:{pk}" for pk in scope.persons])
