"""Writing a message: rendered in the reader's language, stored with the change that it tells of.

A message is one template, `<app>/mail/<name>.txt`, that begins with `{% extends base %}` and fills the blocks
subject, body (paragraphs between blank lines), button (its label), url and why (the reason why it came); for
an SMS the block sms.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.template.loader import render_to_string
from django.utils import translation

from portal import events
from portal.addresses import without_prefix
from portal.files.models import Document
from portal.outbox import gsm
from portal.outbox.models import Channel, Message
from portal.words import one_stop
from portal.work import hand_over_on_commit

DELIVER = "portal.outbox.tasks.deliver"


@transaction.atomic
def send(
    kind: str,
    *,
    to: Any,
    language: str,
    context: Mapping[str, Any] | None = None,
    about: Iterable[models.Model] = (),
    channel: str = Channel.EMAIL,
    secret: bool = False,
    documents: Iterable[Document] = (),
    calendar: str = "",
) -> Message:
    """Writes one message in the caller's transaction; a worker gets it on commit.

    `kind` "orders/confirmed" is the template `orders/mail/confirmed.txt`. `about` names the things on whose
    pages staff see the message. `secret` is for links that let their bearer in. An e-mail carries the `documents`
    and `calendar`, an iCalendar text, as a date that the reader's calendar takes over; an SMS leaves both behind.
    """
    message = Message(
        kind=kind, channel=channel, recipient=str(to), language=language, secret=secret,
        topics=[events.key(thing) for thing in about], calendar=calendar if channel == Channel.EMAIL else "",
    )  # fmt: skip
    with translation.override(language), without_prefix():
        _write(message, context or {})
    message.save()
    if channel == Channel.EMAIL:
        message.documents.add(*documents)
    hand_over_on_commit(DELIVER, message.pk)
    return message


def _write(message: Message, context: Mapping[str, Any]) -> None:
    """Fills in the words; an e-mail's template is rendered once for each of its forms."""
    app, _, name = message.kind.partition("/")
    values = {
        **context, "site_url": settings.SITE_URL, "brand": settings.BRAND, "language": message.language,
    }  # fmt: skip

    def render(base: str) -> str:
        return one_stop(render_to_string(f"{app}/mail/{name}.txt", {**values, "base": f"mail/{base}"}).strip())

    if message.channel == Channel.SMS:
        message.text = gsm.one_part(render("sms.txt"))
        return
    message.subject = " ".join(render("subject.txt").split())[:250]
    values["button_url"] = render("url.txt")
    message.text = _tidy(render("base.txt"))
    message.html = render("base.html")


def _tidy(text: str) -> str:
    """Plain text without the gaps that template tags leave."""
    lines = "\n".join(line.strip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
