"""What the tables of orders hold about people."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.models import InspectionReminder, Offer, Order, Proposal, Protocol, PurchaseProof, Service
from portal import collect
from portal.addresses import address
from portal.privacy import Fate, declare
from services.checklists import CHOICE, DATE, NUMBER, YES_NO, all_items

# Answers that nobody typed as words.
KEPT_ANSWERS = frozenset({YES_NO, NUMBER, CHOICE, DATE})


def open_orders(customer: Any) -> list[tuple[str, str]]:
    """Why the customer's data are still needed: somebody works for it."""
    words = _("Order %(number)s is not finished. Cancel it, or wait until it is done.")
    orders = Order.objects.open().filter(customer=customer).order_by("pk")
    return [(words % {"number": order.number}, address("order", order.pk)) for order in orders]


def declare_privacy() -> None:
    collect.erasure_objections.append(open_orders)
    declare(
        Order, holds=gettext_lazy("Everything that you ordered or sent in, with its state."),
        fate=Fate.BLANKED, why="work", file="documents", link="service_kind customer device created_by",
        fact="id number kind state created_at closed_at", internal="revision once_key",
    )  # fmt: skip
    declare(
        PurchaseProof, holds=gettext_lazy("Proofs of purchase and our answers; the files stand with the orders."),
        fate=Fate.BLANKED, why="warranty", names="seller", free_text="reason", link="order decided_by",
        fact="id purchased_on invoice_number decision reason_code decided_at",
    )  # fmt: skip
    declare(
        Service, called=gettext_lazy("service orders"),
        holds=gettext_lazy("Service orders: wishes, answers, partner, visit."),
        fate=Fate.BLANKED, why="work", left={"answers": answers_left},
        contact="contact", free_text="answers notes question answer",
        fact="id wished_days wished_part submitted_at answer_by accepted_at asked_at visit_starts visit_ends",
        internal="turn_since calendar_uid calendar_sequence reminded_of",
        link="order checklist chosen_partner partner engineer asked_by",
    )  # fmt: skip
    # What the office and the partners said to each other about an order.
    declare(
        Offer, called=gettext_lazy("offers of the work to service partners"), customer="order__customer",
        fate=Fate.BLANKED, why="work", exported=False, free_text="reason",
        fact="id made_at answer_by outcome closed_at", link="order partner",
    )  # fmt: skip
    declare(
        Proposal, holds=gettext_lazy("Times of visits that were proposed, and which was chosen."),
        fate=Fate.BLANKED, why="work", free_text="words answer", link="order made_by",
        fact="id slots minutes by_owner made_at outcome picked closed_at told_at",
    )  # fmt: skip
    declare(
        Protocol, holds=gettext_lazy("Protocols of finished work, with the answers in them."),
        fate=Fate.BLANKED, why="work", shown=_closed, left={"answers": answers_left},
        names="signed_name", free_text="answers correction", file="documents signature pdf",
        fact="id version number visited_on begun_at closed_at", internal="part_keys key try_after",
        link="order checklist partner engineer",
    )  # fmt: skip
    declare(
        InspectionReminder, holds=gettext_lazy("When you were reminded of an inspection."),
        fate=Fate.BLANKED, why="warranty", fact="id due_on days_before sent_at", link="device"
    )  # fmt: skip


def _closed(user: Any, customer: Any) -> QuerySet:
    """A protocol that is being filled in is the partner's."""
    return Protocol.objects.visible_to(user).closed().order_by("pk")


def answers_left(row: Service | Protocol) -> dict[str, Any]:
    """The answers without words and photos."""
    if row.checklist is None:
        return {}
    kept = {item.number for item in all_items(row.checklist.groups()) if item.kind in KEPT_ANSWERS}
    return {number: answer for number, answer in row.answers.items() if number in kept}
