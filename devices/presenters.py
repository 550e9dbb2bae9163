"""Words for pages that have many."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.registration import KindForm
from accounts.models import Country, Partner
from devices import registration
from devices.models import DEVICE_KINDS, UNIT_ROLES, Device, DeviceUnit, Registration, Site, site_name
from devices.rows import Row
from portal.addresses import address
from portal.collect import Note
from portal.ui.table import Column, Table, link, small_button
from portal.ui.templatetags.ui import chip, local_date


def device_title(kind: str) -> str:
    if kind == "split":
        return _("A split: outdoor and indoor unit")
    return _("A monobloc: one unit")


def wizard_steps(draft: Registration, names: list[str], here: str) -> list[dict[str, Any]]:
    """The steps for the frame: which are done, where the reader is, what is ahead."""
    return [
        {
            "label": registration.LABELS[name],
            "url": reverse("register-step", args=[name]),
            "state": "current" if name == here else "done" if registration.is_done(draft, name) else "ahead",
        }
        for name in names
    ]


def draft_devices(draft: Registration) -> list[dict[str, Any]]:
    """The devices of a draft, with what happens to each of their nameplates."""
    return [
        {
            "id": item["id"],
            "kind": item["kind"],
            "label": dict(DEVICE_KINDS)[item["kind"]],
            "nameplates": [_plate_row(plate) for plate in item["nameplates"]],
        }
        for item in registration.devices(draft)
    ]


def _plate_row(plate: dict[str, Any]) -> dict[str, Any]:
    if plate["claim_reason"]:
        tone, note = "progress", _("Our office decides on your claim")
    elif plate["photos"]:
        tone, note = "progress", _("Our office checks the photo")
    else:
        tone, note = "done", _("In our register")
    return {
        "role": dict(UNIT_ROLES)[plate["role"]],
        "model": plate["model"],
        "serial": plate["serial"],
        "tone": tone,
        "note": note,
    }


def typed_nameplates(item: dict[str, Any]) -> dict[str, str]:
    """The nameplates of a device of a draft, as its form names them."""
    typed: dict[str, str] = {}
    for plate in item["nameplates"]:
        typed |= {
            f"{plate['role']}-model": plate["model"],
            f"{plate['role']}-serial": plate["serial"],
            f"{plate['role']}-reason": plate["claim_reason"],
        }
    return typed


def answer_sections(draft: Registration) -> list[dict[str, Any]]:
    """Every answer of the registration, step by step, for the page that asks whether all is right."""
    rows = {
        "kind": _kind_rows,
        "contact": _contact_rows,
        "site": _site_rows,
        "devices": _device_rows,
        "qualification": _qualification_rows,
        "signin": _sign_in_rows,
    }
    return [
        {
            "title": registration.LABELS[name],
            "change_url": reverse("register-step", args=[name]),
            "rows": rows[name](draft),
        }
        for name in registration.steps(draft)
    ]


def _kind_rows(draft: Registration) -> list[tuple[Any, Any]]:
    kind = registration.clean(draft, "kind")["kind"]
    field = KindForm.base_fields["kind"]
    return [(registration.LABELS["kind"], dict(field.choices)[kind])]  # type: ignore[attr-defined]


def _address(data: dict[str, Any]) -> str:
    return f"{data['street']}, {data['postcode']} {data['city']}, {Country(data['country']).label}"


def _contact_rows(draft: Registration) -> list[tuple[Any, Any]]:
    data = registration.clean(draft, "contact")
    company = [(_("Company"), data["company"]), (_("Tax number"), data["tax_number"])] if "company" in data else []
    return [
        *company,
        (_("First and last name"), f"{data['first_name']} {data['last_name']}"),
        (_("Phone"), data["phone"]),
        (_("Address"), _address(data)),
        (_("Notes"), data["notes"] or "–"),
        (_("Data processing"), _("You agree")),
        (_("Terms of use"), _("You accept them")),
        (_("Documents without paper"), _("Yes") if data.get("e_documents") else _("No")),
        (_("Marketing"), _("You object") if data.get("objection") else _("You do not object")),
    ]


def _site_rows(draft: Registration) -> list[tuple[Any, Any]]:
    if registration.answer(draft, "site")["skipped"]:
        return [(_("Site"), _("Skipped. You can add it later."))]
    data = registration.clean(draft, "site")
    return [
        (_("Kind of building"), Site.BuildingKind(data["building_kind"]).label),
        (_("Address"), _address(data)),
        (_("Notes"), data["notes"] or "–"),
    ]


def _device_rows(draft: Registration) -> list[tuple[Any, Any]]:
    if registration.answer(draft, "devices")["skipped"]:
        return [(_("Devices"), _("Skipped. You can add them later."))]
    return [
        (
            f"{item['label']}: {plate['role']}",
            f"{plate['model']}, {plate['serial']} – {plate['note']}",
        )
        for item in draft_devices(draft)
        for plate in item["nameplates"]
    ]


def _qualification_rows(draft: Registration) -> list[tuple[Any, Any]]:
    data = registration.clean(draft, "qualification")
    return [
        (_("F-gas certificate"), data["fgas_certificate"]),
        (_("Areas served"), _("Postcodes that begin with %(areas)s") % {"areas": data["areas"]}),
    ]


def _sign_in_rows(draft: Registration) -> list[tuple[Any, Any]]:
    return [
        (_("E-mail address"), draft.email),
        (_("Password"), _("kept, and shown to nobody")),
    ]


def link_state(found: Registration | None) -> dict[str, Any]:
    """What the link of an e-mail tells about a registration: its state, and a partner's application."""
    if found is None:
        return {"state": "removed"}
    if found.state != Registration.State.CONFIRMED:
        return {"state": "waiting", "registrant": registrant_of(found)}
    partner = Partner.objects.visible_to(found.user).first() if found.user else None
    return {"state": "confirmed", "partner": partner}


def registrant_of(found: Registration) -> str:
    """Who registered, by the name that was typed."""
    contact = found.answers["contact"]["clean"]
    name = f"{contact['first_name']} {contact['last_name']}"
    return f"{name}, {contact['company']}" if contact.get("company") else name


SORTED = {"name": gettext_lazy("by name"), "site": gettext_lazy("by site"), "newest": gettext_lazy("newest first")}
SORT_COLUMNS = {
    "name": ["name", "pk"],
    "site": ["site__own_name", "site__city", "site__street", "site", "pk"],
    "newest": ["-pk"],
}


def device_table(
    rows: Iterable[tuple[Row, Note | None]],
    inspections: dict[int, date | None],
    *,
    with_site: bool = True,
    customers: Mapping[int, str] | None = None,
) -> Table:
    """Devices with what each of them waits for, and its next inspection.

    `customers` are the names of the customers to whom they belong, where they belong to several.
    """
    customers = customers or {}
    columns = [
        Column(_("Name"), "main-cell"),
        *([Column(_("Customer"))] if customers else []),
        *([Column(_("Site"), "place-cell")] if with_site else []),
        Column(_("Serial number")),
        Column(_("Purchase date")),
        Column(_("Next inspection"), "soft"),
        Column(_("Status")),
        Column(_("Actions"), "row-action"),
    ]
    later, in_order, details = _("after start-up"), _("All in order"), _("Details")
    return Table(columns, [
        (
            link(address("device", device.pk), device.name),
            *([customers[device.customer_id]] if customers else []),
            *([site_name(device)] if with_site else []),
            device.serials,
            local_date(device.purchased_on),
            local_date(inspections[device.pk]) if device.pk in inspections else later,
            chip(note.tone, note.label) if note else chip("done", in_order),
            small_button(note.url, note.action, device.name) if note and note.action
            else small_button(address("device", device.pk), details, device.name),
        )
        for device, note in rows
    ])  # fmt: skip


def site_table(sites: Iterable[Any], *, customers: Mapping[int, str]) -> Table:
    """Sites with `device_count`, how many devices each has; `customers` as in `device_table`."""
    columns = [
        Column(_("Name"), "main-cell"),
        *([Column(_("Customer"))] if customers else []),
        Column(_("Kind of building")),
        Column(_("Address")),
        Column(_("Devices"), "num"),
    ]
    return Table(columns, [
        (
            link(address("site", site.pk), site.name),
            *([customers[site.customer_id]] if customers else []),
            site.get_building_kind_display(),
            site.address,
            site.device_count,
        )
        for site in sites
    ])  # fmt: skip


def device_facts(device: Device, inspections: dict[int, date | None]) -> list[tuple[Any, Any]]:
    """What a device's page says at its top."""
    purchased = date_format(device.purchased_on, "SHORT_DATE_FORMAT") if device.purchased_on else _("not confirmed yet")
    return [
        (_("Kind"), device.get_kind_display()),
        (_("Site"), device.site.name),
        (_("Purchase date"), purchased),
        (
            _("Next inspection"),
            local_date(inspections[device.pk]) if device.pk in inspections else _("counted from the first start-up"),
        ),
    ]


def unit_rows(device: Device) -> list[dict[str, Any]]:
    """The units of a device, with whether the register knows them."""
    return [
        {
            "role": unit.get_role_display(),
            "model": unit.model,
            "serial": unit.serial,
            "tone": tone,
            "state": state,
            "may_correct": may_correct(unit),
        }
        for unit in device.nameplates
        for tone, state in [_unit_state(unit)]
    ]


def _unit_state(unit: DeviceUnit) -> tuple[str, str]:
    """Colour and words; needs `with_review()`."""
    if unit.unit_id:
        return "done", _("confirmed")
    if unit.claimed:  # type: ignore[attr-defined]
        return "progress", _("our office decides on your claim")
    if unit.checking:  # type: ignore[attr-defined]
        return "progress", _("our office checks the photo")
    return "attention", _("not confirmed")


def may_correct(unit: DeviceUnit) -> bool:
    """Whether the owner may type this nameplate again."""
    return unit.unit_id is None and not unit.under_review


def typed_units(units: dict[str, DeviceUnit]) -> dict[str, str]:
    """The nameplates of an installed device, as the form names them."""
    typed: dict[str, str] = {}
    for role, unit in units.items():
        typed |= {f"{role}-model": unit.model, f"{role}-serial": unit.serial}
    return typed
