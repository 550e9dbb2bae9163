"""Words for the pages and the card."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import Country
from devices.models import DEVICE_KINDS, UNIT_ROLES, Device, Site
from portal import collect
from portal.ui.table import link
from warranty import rules
from warranty.models import Cover, ServiceRecord, WarrantyCard
from warranty.standing import services_of

TONES = {"met": "done", "due": "progress", "missed": "problem"}
Row = tuple[Any, Any]


def shown_day(day: date | str | None) -> str:
    """A day, or one in ISO form, as the reader's language writes it; empty for none."""
    if not day:
        return ""
    return date_format(date.fromisoformat(day) if isinstance(day, str) else day, "SHORT_DATE_FORMAT")


# The device's page


def empty_section(device: Device) -> dict[str, Any]:
    """While nothing is known that a warranty could be counted from."""
    return {"facts": [(_("Warranty ends"), _("known after the first start-up"))], "conditions": [], "older": []}


def section(
    device: Device, cover: Cover, records: Sequence[ServiceRecord], cards: Sequence[WarrantyCard]
) -> dict[str, Any]:
    """Days, conditions and cards of a device; `cards` newest first."""
    number, url = next(filter(None, (proof_of(device) for proof_of in collect.purchase_proofs)), ("", ""))
    facts = rules.Facts(purchase=device.purchased_on, purchase_proof=number, **services_of(records))
    conditions = rules.conditions(facts, cover.rule.terms, cover.ends_on, timezone.localdate()) if cover.rule else []
    pages = {number: url} | {paper: at for entry in collect.service_proofs for paper, at in entry(device).items()}
    return {
        "facts": [(_("Warranty ends"), _end(device, cover)), *_begin(cover), *_next(cover, conditions)],
        "conditions": [_condition_row(condition, pages) for condition in conditions],
        "is_missed": any(condition.state == "missed" for condition in conditions),
        "card": next((card for card in cards if card.is_current), None),
        "older": [card for card in cards if not card.is_current],
    }


def _end(device: Device, cover: Cover) -> str:
    if cover.ends_on:
        return shown_day(cover.ends_on)
    if cover.rule is None:
        return _("we do not know a warranty for this device; write or call us")
    if not device.purchased_on:
        return _("known once the purchase date is confirmed")
    return _("known after the first start-up")


def _begin(cover: Cover) -> list[Row]:
    return [(_("Warranty began"), shown_day(cover.starts_on))] if cover.ends_on else []


def _next(cover: Cover, conditions: Sequence[rules.Condition]) -> list[Row]:
    """The day of the next inspection, and the last one that the warranty allows where that is later."""
    planned = cover.next_inspection_on
    if not planned:
        return []
    latest = next((one.due_by for one in conditions if one.code == "inspection" and one.state == "due"), None)
    if latest is None or latest <= planned:
        return [(_("Next inspection"), shown_day(planned))]
    days = {"day": shown_day(planned), "latest": shown_day(latest)}
    return [(_("Next inspection"), _("planned for %(day)s, at the latest %(latest)s") % days)]


def _condition_row(condition: rules.Condition, pages: dict[str, str]) -> dict[str, Any]:
    """One line: what it is about, how it stands, and what proves it, as a link where `pages` has its number."""
    titles = {"purchase": _("Purchase date"), "start_up": _("First start-up"), "inspection": _("Inspection")}
    return {
        "tone": TONES[condition.state],
        "state": _state(condition),
        "title": titles[condition.code],
        "text": _condition_text(condition),
        "proof": link(url, condition.proof) if (url := pages.get(condition.proof)) else condition.proof,
    }


def _state(condition: rules.Condition) -> str:
    if condition.state == "due" and condition.due_by:
        return _("due by %(date)s") % {"date": shown_day(condition.due_by)}
    if condition.state == "due" and condition.code == "purchase":
        return pgettext("purchase date", "not confirmed")
    return {"met": _("met"), "due": _("not yet"), "missed": _("missed")}[condition.state]


def _condition_text(condition: rules.Condition) -> str:
    days = {"done": shown_day(condition.done_on), "due": shown_day(condition.due_by)}
    if condition.state == "missed" and condition.done_on:
        return _("done on %(done)s, the last day was %(due)s") % days
    if condition.state == "missed":
        return _("not done, the last day was %(due)s") % days
    if condition.done_on:
        return _("%(done)s, confirmed") % days if condition.code == "purchase" else _("done on %(done)s") % days
    return ""


# The card


def card_page(card: WarrantyCard) -> dict[str, Any]:
    """All that a card says, in the language of the moment; what is not known is left out."""
    facts = card.facts
    product = facts["product"]
    return {
        "card": card,
        "issued_on": shown_day(timezone.localtime(card.issued_at).date()),
        "product": product,
        "starts_on": shown_day(facts["starts_on"]),
        "ends_on": shown_day(facts["ends_on"]),
        "next_inspection_on": shown_day(facts["next_inspection_on"]),
        "columns": [
            [(_("Device"), known(_device_rows(facts))), (_("Owner"), known(_owner_rows(facts)))],
            [
                (_("Purchase and installation"), known(_purchase_rows(facts))),
                (_("Place of installation"), known(_site_rows(facts))),
            ],
        ],
        "inspections": [_inspection_row(inspection) for inspection in facts["inspections"]],
        "conditions": _promise(facts["terms"]),
    }


def known(rows: Sequence[Row]) -> list[Row]:
    return [(label, value) for label, value in rows if value]


def _device_rows(facts: dict[str, Any]) -> list[Row]:
    product = facts["product"]
    roles = dict(UNIT_ROLES)
    serials = [(roles[unit["role"]], _("%(model)s, no. %(serial)s") % unit) for unit in facts["units"]]
    return [
        (_("Maker"), product["maker"]),
        (_("Model"), f"{product['model']}, {product['name']}"),
        (_("Type"), dict(DEVICE_KINDS)[facts["kind"]]),
        *serials,
    ]


def _purchase_rows(facts: dict[str, Any]) -> list[Row]:
    start_up = facts["start_up"]
    return [
        (_("Purchase date"), shown_day(facts["purchased_on"])),
        (_("Invoice"), facts["invoice_number"]),
        (_("Seller"), facts["seller"]),
        (_("Delivered on"), shown_day(facts["delivered_on"])),
        (_("Installed by"), facts["installer"]),
        (_("F-gas certificate"), facts["installer_fgas"]),
        (_("First start-up"), shown_day(start_up["done_on"])),
        (_("Service partner"), start_up["partner"]),
        (_("Start-up protocol"), start_up["protocol"]),
    ]


def _owner_rows(facts: dict[str, Any]) -> list[Row]:
    owner = facts["owner"]
    return [
        (_("Name or company"), owner["name"]),
        (_("Address"), _with_country(owner)),
        (_("Phone"), owner["phone"]),
        (_("E-mail address"), owner["email"]),
    ]


def _site_rows(facts: dict[str, Any]) -> list[Row]:
    site = facts["site"]
    return [
        (_("Address"), _with_country(site)),
        (_("Kind of building"), str(Site.BuildingKind(site["building_kind"]).label)),
    ]


def _with_country(place: dict[str, str]) -> str:
    return f"{place['address']}, {Country(place['country']).label}"


def _inspection_row(inspection: dict[str, Any]) -> list[str]:
    in_time = {True: _("yes"), False: _("no"), None: "–"}[inspection["in_time"]]
    proof = inspection["protocol"] or inspection["order"]
    days = shown_day(inspection["done_on"]), shown_day(inspection["next_due"])
    return [days[0], inspection["partner"] or "–", proof or "–", in_time, days[1] or "–"]


def _promise(terms: dict[str, Any]) -> list[str]:
    """What is promised and on which conditions, sentence by sentence."""
    told = [_length(terms)]
    if months := terms["cap_months"]:
        told.append(
            ngettext(
                "It ends at the latest %(months)s month after the purchase.",
                "It ends at the latest %(months)s months after the purchase.",
                months,
            )
            % {"months": months}
        )
    if months := terms["delivery_cap_months"]:
        told.append(
            ngettext(
                "It ends at the latest %(months)s month after the delivery.",
                "It ends at the latest %(months)s months after the delivery.",
                months,
            )
            % {"months": months}
        )
    if months := terms["start_up_within_months"]:
        told.append(
            ngettext(
                "The first start-up is done by an authorised service partner within %(months)s month of the purchase.",
                "The first start-up is done by an authorised service partner within %(months)s months of the purchase.",
                months,
            )
            % {"months": months}
        )
    return told + _inspection_promise(terms)


def _length(terms: dict[str, Any]) -> str:
    if terms["start"] == "purchase":
        sentence = ngettext(
            "The warranty lasts %(months)s month from the purchase.",
            "The warranty lasts %(months)s months from the purchase.",
            terms["months"],
        )
    else:
        sentence = ngettext(
            "The warranty lasts %(months)s month from the first start-up.",
            "The warranty lasts %(months)s months from the first start-up.",
            terms["months"],
        )
    return sentence % {"months": terms["months"]}


def _inspection_promise(terms: dict[str, Any]) -> list[str]:
    if not terms["inspection_months"]:
        return []
    told = [
        ngettext(
            "An authorised service partner inspects the device every month; the owner pays for the inspections.",
            "An authorised service partner inspects the device every %(months)s months; "
            "the owner pays for the inspections.",
            terms["inspection_months"],
        )
        % {"months": terms["inspection_months"]}
    ]
    if days := terms["grace_days"]:
        told.append(
            ngettext("An inspection may be %(days)s day late.", "An inspection may be up to %(days)s days late.", days)
            % {"days": days}
        )
    return [*told, _("If a condition is missed, the maker decides whether the warranty goes on.")]
