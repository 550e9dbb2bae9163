"""What the protocol of a visit says as a PDF, and how it is drawn."""

import base64
import logging
from collections.abc import Iterator
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Country
from devices.models import DEVICE_KINDS, UNIT_ROLES, Device, Site
from orders.models import Protocol
from portal.files.models import Document
from portal.files.photos import as_jpeg, open_image
from portal.files.pictures import KEPT_FORMATS, KEPT_PIXELS, picture_of
from portal.pdf import render_pdf
from services.presenters import answer_groups

logger = logging.getLogger(__name__)

# Half a page wide at 230 dots per inch: sixty of them still go into an e-mail.
PHOTO_PIXELS = 760
Row = tuple[Any, Any]


def draw(protocol: Protocol) -> bytes:
    """A closed protocol as a PDF, in the owner's language. The same facts give the same bytes."""
    protocol = Protocol.objects.select_related(
        "checklist", "engineer", "partner", "signature", "order__service", "order__service_kind",
        "order__device__site", "order__customer",
    ).get(pk=protocol.pk)  # fmt: skip
    with translation.override(protocol.order.customer.language):
        return render_pdf("orders/pdf/protocol.html", _page(protocol))


def _page(protocol: Protocol) -> dict[str, Any]:
    order = protocol.order
    groups = _answers(protocol)
    return {
        "protocol": protocol,
        "former": protocol.version - 1,
        "order": order,
        "service": order.service_kind,
        "device": order.device,
        "facts": [
            (_("Device"), _device_rows(order.device)),
            (_("Place"), _site_rows(order.device.site)),
            (_("Owner"), _owner_rows(protocol)),
            (_("Service partner"), _partner_rows(protocol)),
        ],
        "groups": groups,
        "photos": list(_photos(groups)),
        "signature": _picture(protocol.signature) if protocol.signature else "",
        "signed_at": timezone.localtime(protocol.closed_at),
    }


def _answers(protocol: Protocol) -> list[dict[str, Any]]:
    """What the owner and the engineer answered, group by group."""
    if protocol.checklist is None:
        return []
    order = protocol.order
    documents = {str(document.pk): document for held in (order, protocol) for document in held.documents.all()}
    return answer_groups(
        protocol.checklist.groups(),
        {**order.service.answers, **protocol.answers},
        device_kind=order.device.kind,
        documents=documents,
    )


def _device_rows(device: Device) -> list[Row]:
    units = list(device.units.select_related("unit__product"))
    makers = dict.fromkeys(unit.unit.product.maker for unit in units if unit.unit)
    roles = dict(UNIT_ROLES)
    return [
        (_("Name"), device.name),
        *([(_("Maker"), ", ".join(makers))] if makers else []),
        (_("Type"), dict(DEVICE_KINDS)[device.kind]),
        *(
            (_("%(unit)s, serial number") % {"unit": roles[unit.role]}, f"{unit.model}, {unit.serial}")
            for unit in units
        ),
    ]


def _site_rows(site: Site) -> list[Row]:
    return [
        (_("Address"), f"{site.address}, {Country(site.country).label}"),
        (_("Kind of building"), Site.BuildingKind(site.building_kind).label),
    ]


def _owner_rows(protocol: Protocol) -> list[Row]:
    owner = protocol.order.customer
    return [
        (_("Name or company"), owner.name),
        (_("Address"), owner.address),
        (_("Phone"), owner.phone),
        (_("E-mail address"), owner.email),
    ]


def _partner_rows(protocol: Protocol) -> list[Row]:
    partner = protocol.partner
    return [
        (_("Company"), partner.name),
        (_("Address"), partner.address),
        (_("Phone"), partner.phone),
        (_("Engineer"), protocol.engineer),
    ]


def _photos(groups: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    """The pictures with the question that each answers."""
    for group in groups:
        for row in group["rows"]:
            for document in row["documents"]:
                if source := _picture(document):
                    yield {"source": source, "number": row["number"], "label": row["label"]}


def _picture(document: Document) -> str:
    """A document as a small picture in a data: address; "" if its file is gone, which must not hold the paper up."""
    try:
        content, _type = picture_of(document, 1)
    except FileNotFoundError:
        logger.warning("the file of document %s is gone, the protocol goes without it", document.pk)
        return ""
    small = as_jpeg(open_image(content, KEPT_FORMATS, KEPT_PIXELS), PHOTO_PIXELS)
    return f"data:image/jpeg;base64,{base64.b64encode(small).decode()}"
