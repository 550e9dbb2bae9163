"""What a warranty card says, and how it is drawn. What is drawn is only what `facts` holds."""

import hashlib
import json
from datetime import date
from typing import Any

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from devices.models import Device
from portal import collect
from portal.pdf import render_pdf
from warranty.models import ServiceRecord, WarrantyCard
from warranty.rules import months_after
from warranty.standing import Known

# What a visit or the invoice may add, see ServiceRecord.card_facts.
ALSO_TOLD = ("seller", "invoice_number", "installer", "installer_fgas")


def facts_of(known: Known) -> dict[str, Any] | None:
    """All that a card of this device says, as JSON; None while nothing can be promised.

    That is until the first start-up is done, the maker's rule is known, and so is the end; and while a unit is not
    confirmed, or has gone to another customer. Nothing in it depends on the day on which it is asked for.
    """
    standing = known.standing()
    if not all(place.unit for place in known.units):
        return None
    if not (known.rule and known.start_up and standing.start and standing.end and standing.start <= standing.end):
        return None
    return {
        **_device_facts(known),
        **people_facts(known.device),
        **_told_facts(known),
        "start_up": _service_facts(known.start_up),
        "inspections": _inspection_facts(known),
        "starts_on": standing.start.isoformat(),
        "ends_on": standing.end.isoformat(),
        "next_inspection_on": standing.next_inspection.isoformat() if standing.next_inspection else "",
        "terms": {
            name: getattr(known.rule, name)
            for name in (
                "version", "months", "start", "cap_months", "delivery_cap_months", "start_up_within_months",
                "inspection_months", "grace_days",
            )
        },
    }  # fmt: skip


def digest_of(facts: dict[str, Any]) -> str:
    """The same for the same facts, whatever their order."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _device_facts(known: Known) -> dict[str, Any]:
    assert known.main and known.main.unit
    unit = known.main.unit
    return {
        "product": {"model": unit.product.code, "name": unit.product.name, "maker": unit.product.maker},
        "kind": known.device.kind,
        "units": [
            {"role": place.role, "model": place.unit.product.code, "serial": place.serial}
            for place in known.units
            if place.unit
        ],
        "purchased_on": _iso(known.device.purchased_on),
        "delivered_on": _iso(unit.delivered_on),
    }


def people_facts(device: Device) -> dict[str, Any]:
    """Whose the device is, and where it stands."""
    site = device.site
    owner = site.customer
    return {
        "owner": {
            "name": owner.name,
            "address": owner.address,
            "country": owner.country,
            "phone": str(owner.phone),
            "email": owner.email,
        },
        "site": {"address": site.address, "country": site.country, "building_kind": site.building_kind},
    }


def without_people(facts: dict[str, Any], device: Device) -> dict[str, Any]:
    """The facts of a card after its owner's data are erased: what `facts_of` would say now, as far as it names people.

    The device's owner and site have to be without names already.
    """
    return {**facts, **people_facts(device), "seller": "", "installer": ""}


def _told_facts(known: Known) -> dict[str, str]:
    """What is said of the purchase and the installer; a later visit counts more, the invoice that we saw most."""
    said: dict[str, str] = dict.fromkeys(ALSO_TOLD, "")
    invoices = [facts_of_purchase(known.device) for facts_of_purchase in collect.purchase_facts]
    for told in [*(record.card_facts for record in known.records), *invoices]:
        said |= {name: str(told[name]) for name in ALSO_TOLD if told.get(name)}
    return said


def _service_facts(record: ServiceRecord) -> dict[str, str]:
    return {
        "done_on": record.done_on.isoformat(),
        "partner": record.partner_name,
        "protocol": record.protocol_number,
        "order": record.order_number,
    }


def _inspection_facts(known: Known) -> list[dict[str, Any]]:
    """The inspections in their order, each with whether it was in time; None where the warranty asks for none."""
    judged = {
        (condition.done_on, condition.proof): condition.state == "met"
        for condition in known.standing().conditions
        if condition.code == "inspection" and condition.done_on
    }
    months = known.rule.inspection_months if known.rule else None
    return [
        _service_facts(record)
        | {
            "in_time": judged.get((record.done_on, record.proof)),
            "next_due": _iso(months_after(record.done_on, months) if months else None),
        }
        for record in known.inspections
    ]


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def check_url(card: WarrantyCard) -> str:
    """The public address that tells whether the card is valid today."""
    return settings.SITE_URL + reverse("warranty-check", args=[card.shown_code])


def draw(card: WarrantyCard) -> bytes:
    """The card as a PDF, in its own language. The same card gives the same bytes."""
    from warranty.presenters import card_page

    url = check_url(card)
    with translation.override(card.language):
        return render_pdf("warranty/card.html", card_page(card) | {"check_url": url, "qr_code": _qr_code(url)})


def _qr_code(url: str) -> str:
    """As an SVG picture in a data: address."""
    return segno.make(url, error="m").svg_data_uri(border=0, omitsize=True)
