"""What the warranty adds to the pages of devices: next inspections, what waits, and a part of its own."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from devices.models import Device
from portal import collect
from portal.collect import Note
from portal.prepared import Prepared
from warranty import presenters
from warranty.models import Cover, WarrantyRule

# So long before the day the owner is reminded on the page, as by e-mail.
DUE_SOON = timedelta(days=60)


COVER = [field.attname for field in Cover._meta.concrete_fields]
RULE = [field.attname for field in WarrantyRule._meta.concrete_fields]
_COVERS = Prepared(
    lambda devices: Cover.objects.filter(device__in=devices).values_list(*COVER, *(f"rule__{name}" for name in RULE))
)


def covers_of(devices: Sequence[Device]) -> dict[int, Cover]:
    """The warranties of these devices that have one. One query, kept on the devices: a page asks several times."""
    new = [device for device in devices if not hasattr(device, "known_cover")]
    found = {cover.device_id: cover for cover in map(_cover, _COVERS.rows(*(device.pk for device in new)))}
    for device in new:
        device.known_cover = found.get(device.pk)  # type: ignore[attr-defined]
    return {device.pk: cover for device in devices if (cover := device.known_cover)}  # type: ignore[attr-defined]


def _cover(row: tuple[Any, ...]) -> Cover:
    """With its rule, where it has one."""
    cover = Cover.from_db(DEFAULT_DB_ALIAS, COVER, row[: len(COVER)])
    cover.rule = WarrantyRule.from_db(DEFAULT_DB_ALIAS, RULE, row[len(COVER) :]) if cover.rule_id else None
    return cover


def next_inspections(devices: Sequence[Device]) -> dict[int, date | None]:
    """For devices that were started up: before that nobody knows."""
    return {pk: cover.next_inspection_on for pk, cover in covers_of(devices).items() if cover.started_up_on}


def inspection_notes(devices: Sequence[Device]) -> dict[int, Note]:
    """For devices that have to be inspected soon, or should have been, and for which nothing is ordered yet."""
    today = timezone.localdate()
    due = {
        pk: (cover.next_inspection_on, cover.ends_on is not None and today <= cover.ends_on)
        for pk, cover in covers_of(devices).items()
        if cover.next_inspection_on and cover.next_inspection_on <= today + DUE_SOON
    }
    asked = [device for device in devices if device.pk in due]
    addresses = {pk: url for entry in collect.inspections_to_order for pk, url in entry(asked).items()} if due else {}
    return {
        pk: _inspection_note(addresses[pk], day, is_late=day < today, is_covered=is_covered)
        for pk, (day, is_covered) in due.items()
        if pk in addresses
    }


def _inspection_note(url: str, day: date, *, is_late: bool, is_covered: bool) -> Note:
    label = _("Inspection overdue") if is_late else _("Inspection due soon")
    told = {"date": date_format(day, "SHORT_DATE_FORMAT")}
    text = _inspection_text(is_late, is_covered, may_order=bool(url)) % told
    plain = _("The inspection was due on %(date)s.") if is_late else _("The next inspection is due by %(date)s.")
    return Note(label, "attention", text, _("Order the inspection") if url else "", url, look_text=plain % told)


def _inspection_text(is_late: bool, is_covered: bool, may_order: bool) -> str:
    """Names the warranty only where one runs that the inspection keeps."""
    if not may_order:
        return _("The inspection is due by %(date)s. It cannot be ordered here at the moment; write or call us.")
    if not is_covered:
        if is_late:
            return _("The inspection was due on %(date)s. Order it now, so that the device stays efficient and safe.")
        return _("The next inspection is due by %(date)s. It keeps the device efficient and safe.")
    if is_late:
        return _("The inspection was due on %(date)s. Order it now, so that you keep your warranty.")
    return _("The next inspection is due by %(date)s. You keep your warranty by having it done in time.")


def warranty_section(device: Device) -> tuple[str, dict[str, Any]]:
    """The part of a device's page about its warranty."""
    cover = covers_of([device]).get(device.pk)
    if cover is None:
        return "warranty/section.html", presenters.empty_section(device)
    records, cards = list(device.services.all()), list(device.warranty_cards.defer("facts", "digest"))
    return "warranty/section.html", presenters.section(device, cover, records, cards)
