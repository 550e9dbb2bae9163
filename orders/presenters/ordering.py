"""The steps of ordering a service, and what the owner checks before sending."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import Device
from orders.models import Order
from orders.presenters import owner
from orders.presenters.words import day_off_notes
from orders.queries import asks_owner
from portal.files.models import Document
from portal.ui.table import link

WHAT, ANSWERS, WISHES, CHECK = "what", "answers", "wishes", "check"
LABELS = {
    WHAT: gettext_lazy("Service"),
    ANSWERS: gettext_lazy("Questions"),
    WISHES: gettext_lazy("Visit"),
    CHECK: gettext_lazy("Check and send"),
}


def steps_of(order: Order) -> list[str]:
    """Without the questions where the checklist asks the owner nothing."""
    return [WHAT, ANSWERS, WISHES, CHECK] if asks_owner(order) else [WHAT, WISHES, CHECK]


def step_url(order: Order, step: str) -> str:
    return reverse(f"order-{step}", args=[order.pk])


def frame(current: str, order: Order | None = None) -> dict[str, Any]:
    """What the frame of the wizard (ui/wizard.html) shows. Without an order the first step is the current one."""
    names = steps_of(order) if order else list(LABELS)
    place = names.index(current)
    steps = [
        {
            "label": LABELS[name],
            "url": step_url(order, name) if order else "",
            "state": "done" if number < place else "current" if number == place else "ahead",
        }
        for number, name in enumerate(names)
    ]
    before = names[place - 1] if place else ""
    return {
        "steps": steps,
        "step_number": place + 1,
        "step_count": len(names),
        "back_url": step_url(order, before) if order and before else "",
    }


def after(order: Order, step: str) -> str:
    """The address of the step that comes next."""
    names = steps_of(order)
    following = names.index(step) + 1 if step in names else names.index(WISHES)
    return step_url(order, names[following])


def other_device(order: Order, former: Device) -> str:
    """That what a draft says was said of another device than the one that it is for now."""
    return _(
        "Order %(number)s is for %(device)s now. Its answers, files and notes were given for %(former)s: "
        "look through them, and change what is different."
    ) % {"number": order.number, "device": named(order.device), "former": named(former)}


def named(device: Device) -> str:
    return f"{device.name} ({device.serials})"


def check_sections(order: Order, documents: list[Document]) -> list[dict[str, Any]]:
    """All that will be sent, as ui/answers.html shows it."""
    what = [
        (_("Service"), order.what),
        (_("Device"), owner.device_words(order)),
        (_("Place"), owner.place_words(order)),
        (_("Service partner"), order.service.chosen_partner or _("We assign one")),
    ]
    sections = [_section(_("Service"), order, WHAT, what)]
    answers = owner.owner_answers(order, documents)
    for group in answers:
        rows = [(f"[{row['number']}] {row['label']}", _answer(row)) for row in group["rows"]]
        sections.append(_section(f"[{group['number']}] {group['title']}", order, ANSWERS, rows))
    wishes = owner.wish_rows(order)
    if notes := day_off_notes(order.service.wished_days, order.device.site.country):
        wishes.append((_("Look at this once more"), " ".join(notes)))
    if others := owner.other_files(answers, documents):
        wishes.append((_("Files"), files(others)))
    sections.append(_section(_("Visit"), order, WISHES, wishes or [(_("Wishes"), _("none"))]))
    return sections


def _answer(row: dict[str, Any]) -> Any:
    """The answer with what looks odd about it."""
    shown = files(row["documents"]) or row["shown"]
    return format_html('{}<p class="answer-warning">{}</p>', shown, row["warning"]) if row["warning"] else shown


def _section(title: Any, order: Order, step: str, rows: list[tuple[Any, Any]]) -> dict[str, Any]:
    return {"title": title, "change_url": step_url(order, step), "rows": rows}


def files(documents: list[Document]) -> SafeString:
    """Links to files, one below the other."""
    links = ((link(reverse("document", args=[document.pk]), document.name),) for document in documents)
    return format_html_join(SafeString("<br>"), "{}", links)
