"""Pages that show something of several apps: each app adds its entry in its `AppConfig.ready()`.

So the page stays on the ground floor and no import runs upwards.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class Tab:
    """A tab of the start page."""

    label: Any
    url_name: str
    position: int
    # The right (portal.access.Area) without which the tab is not shown.
    area: str = "general"


@dataclass(frozen=True)
class Note:
    """What is going on with a device: a chip for lists, and on its page what happens next.

    `text` may be a function that puts it together; lists, which do not show it, never call it.
    `is_look`: the action only shows something; any other is for those who may change things.
    `look_label` and `look_text` (the same kind as `text`) stand in for words that tell the reader to act.
    """

    label: Any
    tone: str
    text: Any = ""
    action: Any = ""
    url: str = ""
    is_look: bool = False
    look_label: Any = ""
    look_text: Any = ""

    def for_reader(self) -> "Note":
        """The same for somebody who may look and change nothing."""
        told = replace(self, label=self.look_label or self.label, text=self.look_text or self.text)
        return told if self.is_look else replace(told, action="", url="")

    @property
    def urgency(self) -> int:
        """What the reader has to do comes before what others do, and that before what is done."""
        return ["done", "neutral", "progress", "problem", "attention"].index(self.tone)


@dataclass(frozen=True)
class Queue:
    """Work that waits for the staff."""

    label: Any
    url: str
    count: int
    oldest: datetime | None


@dataclass(frozen=True)
class Attachment:
    """A document on a device's page."""

    label: Any
    url: str
    added: datetime
    # What a chip beside it says, e.g. that a newer one has replaced it.
    mark: Any = ""


start_tabs: list[Tab] = []
# (primary key of a customer) -> (primary key, name) of each of its sites
places: list[Callable[[int], list[tuple[int, str]]]] = []
# (devices) -> {device primary key: Note}; the most urgent is shown.
device_notes: list[Callable[[Sequence[Any]], dict[int, Note]]] = []
# (device) -> its documents
device_documents: list[Callable[[Any], list[Attachment]]] = []
# (user) -> the queues that this member of staff may work on
staff_queues: list[Callable[[Any], list[Queue]]] = []
# (devices) -> {device primary key: day of the next inspection, None where none is demanded}, once that is known
next_inspections: list[Callable[[Sequence[Any]], dict[int, date | None]]] = []
# (devices) -> {device primary key: where an inspection is ordered, "" where the office has none for it}, without those
# that have one on order: nobody is asked to order it again
inspections_to_order: list[Callable[[Sequence[Any]], dict[int, str]]] = []
# (device) -> (template, context) of a part of its page
device_sections: list[Callable[[Any], tuple[str, dict[str, Any]]]] = []
# (service partner) -> (template, context) of a part of its own page
partner_sections: list[Callable[[Any], tuple[str, dict[str, Any]]]] = []
# (devices, by), in the transaction of the change: facts of devices changed that higher floors count with, which are
# their purchase dates, their units, and their places
devices_changed: list[Callable[[Sequence[Any], Any], None]] = []
# (former, new, by), both nameplates of devices, in the transaction in which a unit goes from one to the other
units_moved: list[Callable[[Any, Any, Any], None]] = []
# (customer, by), in the transaction of the change: the customer's record says something else, such as another name
customers_changed: list[Callable[[Any, Any], None]] = []
# (device) -> number and address of the order by which the office confirmed its purchase, None without one
purchase_proofs: list[Callable[[Any], tuple[str, str] | None]] = []
# (device) -> {number: address} of the papers that prove its start-up and inspections, as far as they have a page
service_proofs: list[Callable[[Any], dict[str, str]]] = []
# (device) -> what the confirmed invoice says, as far as the office noted it: "seller", "invoice_number"
purchase_facts: list[Callable[[Any], dict[str, str]]] = []
# (devices) -> why they cannot get another address now, a sentence; "" where nothing stands against it
move_faults: list[Callable[[Sequence[Any]], str]] = []
# (customer) -> why its data are still needed, so that they cannot be erased now: sentences, each with the page of the
# thing that it names
erasure_objections: list[Callable[[Any], list[tuple[str, str]]]] = []
