"""The paper of a closed protocol: drawn outside any transaction, then kept and sent, once."""

from django.db import transaction
from django.urls import reverse

from orders import messages, papers
from orders.models import Protocol
from portal.events import record
from portal.files.models import Document
from portal.files.store import attach, discard, keep_drawn


def draw_protocol(pk: int) -> None:
    """Draws a protocol's PDF and sends it to the owner, once: whoever finds it drawn leaves quietly.

    Call it outside a transaction. What a killed process leaves behind is a document that belongs to nothing, which
    is removed after two days.
    """
    protocol = Protocol.objects.undrawn().filter(pk=pk).first()
    if protocol is None:
        return
    kept = keep_drawn(papers.draw(protocol), _file_name(protocol))
    if not _hand_out(protocol, kept):
        discard(kept)


def _file_name(protocol: Protocol) -> str:
    """ "PT-2026-11-00001.pdf", a correction "PT-2026-11-00001-v2.pdf"."""
    version = f"-v{protocol.version}" if protocol.version > 1 else ""
    return f"{protocol.number.replace('/', '-')}{version}.pdf"


@transaction.atomic
def _hand_out(protocol: Protocol, document: Document) -> bool:
    """Attaches the PDF and tells the owner; False if somebody was quicker."""
    found = Protocol.objects.undrawn().select_for_update(of=("self",)).filter(pk=protocol.pk).first()
    if found is None:
        return False
    found.pdf = document
    found.save(update_fields=["pdf"])
    attach([document])
    order = found.order
    about = {"number": order.number, "protocol": found.number}
    record("service.drawn", by=None, about=[order, order.device], data=about)
    messages.tell_owner(
        order,
        "protocol_ready",
        context={
            "protocol": found.number,
            "version": found.version,
            "visited_on": found.visited_on,
            "path": reverse("protocol", args=[found.pk]),
        },
        documents=[document],
    )
    return True
