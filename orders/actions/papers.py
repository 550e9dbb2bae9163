"""The paper of a closed protocol: drawn outside any transaction, then kept and sent, once."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from orders import messages, papers
from orders.models import Protocol
from portal.events import record
from portal.files.models import Document
from portal.files.store import attach, discard, keep_drawn

TRY_AGAIN_SOONEST, TRY_AGAIN_LATEST = timedelta(minutes=1), timedelta(days=1)


def draw_protocol(pk: int) -> None:
    """Draws a protocol's PDF and sends it to the owner, once: whoever finds it drawn leaves quietly.

    Call it outside a transaction. What a killed process leaves behind is a document that belongs to nothing, which
    is removed after two days.
    """
    protocol = Protocol.objects.undrawn().filter(pk=pk).first()
    if protocol is None:
        return
    _put_off(protocol)
    kept = keep_drawn(papers.draw(protocol), _file_name(protocol))
    if not _hand_out(protocol, kept):
        discard(kept)


def _put_off(protocol: Protocol) -> None:
    """Should this attempt fail, the next one comes after as long as the protocol has waited so far."""
    assert protocol.closed_at
    now = timezone.now()
    waited = min(max(now - protocol.closed_at, TRY_AGAIN_SOONEST), TRY_AGAIN_LATEST)
    Protocol.objects.undrawn().filter(pk=protocol.pk).update(try_after=now + waited)


def _file_name(protocol: Protocol) -> str:
    """ "PT-2026-11-00001.pdf", a correction "PT-2026-11-00001-v2.pdf"."""
    version = f"-v{protocol.version}" if protocol.version > 1 else ""
    return f"{protocol.number.replace('/', '-')}{version}.pdf"


@transaction.atomic
def _hand_out(protocol: Protocol, document: Document) -> bool:
    """Attaches the PDF and tells the owner; False if somebody was quicker, or the owner was erased meanwhile."""
    found = Protocol.objects.undrawn().select_for_update(of=("self",)).filter(pk=protocol.pk).first()
    if found is None or found.signed_name != protocol.signed_name:
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
        context={"protocol": found.number, "version": found.version, "visited_on": found.visited_on},
        path=reverse("protocol", args=[found.pk]),
        documents=[document],
    )
    return True
