"""The export of a customer's data, or of a person's: asked for by one click, made by a worker, kept for seven days."""

import logging
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.links import link_for
from accounts.models import Customer, DataExport, User
from accounts.models.requests import EXPORT_KEPT_FOR, stored_at
from accounts.takeout import Takeout, parts
from portal.access import Right, all_rights
from portal.errors import Refused
from portal.events import record
from portal.outbox.queue import send
from portal.work import hand_over, hand_over_on_commit

logger = logging.getLogger(__name__)

MAKE = "accounts.tasks.make_export"
# A worker that is alive gives a sign of life with every part, and every few hundred rows or files.
LOST_AFTER = timedelta(minutes=10)
GIVEN_UP_AFTER = timedelta(days=1)
State = DataExport.State


class Overtaken(Exception):
    """Somebody else makes this export by now, or nobody wants it any more."""


def noted(right: Right | None) -> dict[str, Any]:
    """What a person may see of a customer, as an export notes it; nothing for one of the person's own data."""
    if right is None:
        return {}
    return {"grade": str(right.grade), "sites": None if right.sites is None else sorted(right.sites)}


@transaction.atomic
def ask_export(customer: Customer | None, *, by: User) -> DataExport:
    """A member asks for a copy of all that the member may see, and who acts for no customer for one of the own data.

    While one is being made, that one counts.
    """
    right = None
    if customer:
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        right = right_at(by, customer.pk)
        if right is None:
            raise Refused(_("You have no access to this customer any more."))
    else:
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
    waiting = DataExport.objects.filter(customer=customer, asked_by=by, state=State.WAITING).first()
    if waiting:
        return waiting
    export = DataExport.objects.create(customer=customer, asked_by=by, rights=noted(right), parts=len(parts()) + 1)
    record("export.asked", by=by, about=[customer or by])
    hand_over_on_commit(MAKE, str(export.pk))
    return export


def make_export(pk: UUID) -> None:
    """Writes the file and tells the asker, once. Call it outside a transaction.

    A second run leaves at once while the first is alive. What a killed one leaves behind is written anew.
    """
    export = _claim(pk)
    if export is None:
        return
    part = path_of(export).with_suffix(f".{os.getpid()}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write(export, part)
        _hand_out(export, part)
    except Overtaken:
        logger.info("export %s is no longer ours", pk)
    finally:
        part.unlink(missing_ok=True)


def path_of(export: DataExport) -> Path:
    return Path(default_storage.path(stored_at(export, "")))


def _claim(pk: UUID) -> DataExport | None:
    """Takes an export that nobody is at, committed on return."""
    now = timezone.now()
    waiting = DataExport.objects.filter(pk=pk, state=State.WAITING)
    free = waiting.filter(claimed_at=None) | waiting.filter(claimed_at__lt=now - LOST_AFTER)
    if not free.update(claimed_at=now, done=0):
        return None
    return DataExport.objects.select_related("customer", "asked_by").get(pk=pk)


def _write(export: DataExport, part: Path) -> None:
    def tick(parts: int) -> None:
        """Progress and sign of life in one; whoever lost the claim stops."""
        export.done, before, export.claimed_at = export.done + parts, export.claimed_at, timezone.now()
        mine = DataExport.objects.filter(pk=export.pk, state=State.WAITING, claimed_at=before)
        if not mine.update(done=min(export.done, export.parts), claimed_at=export.claimed_at):
            raise Overtaken

    with translation.override(export.asked_by.language), open(part, "xb", opener=_private) as target:
        Takeout(export.customer, export.asked_by, tick).write(target)
        target.flush()
        os.fsync(target.fileno())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@transaction.atomic
def _hand_out(export: DataExport, part: Path) -> None:
    """The file is whole: puts it in its place, notes it and writes to the asker. The one before is no longer needed."""
    found = DataExport.objects.select_for_update(of=("self",)).filter(pk=export.pk, state=State.WAITING).first()
    if found is None or found.claimed_at != export.claimed_at:
        raise Overtaken
    # What the writing has read and not what the asking has: the access may have become more in between, or ended.
    right = right_at(export.asked_by, found.customer_id)
    if found.customer and right is None:
        found.state, found.claimed_at = State.FAILED, None
        return found.save()
    part.replace(path_of(found))
    found.state, found.ready_at, found.claimed_at, found.done = State.READY, timezone.now(), None, found.parts
    found.file.name = stored_at(found, "")
    found.rights = noted(right)
    found.save()
    former = DataExport.objects.filter(customer=found.customer_id, asked_by=found.asked_by_id, state=State.READY)
    former.exclude(pk=found.pk).update(ready_at=timezone.now() - EXPORT_KEPT_FOR)
    about = found.customer or found.asked_by
    record("export.ready", by=None, about=[about])
    send(
        "accounts/export_ready",
        to=found.asked_by.email,
        language=found.asked_by.language,
        context={
            "name": found.asked_by.first_name,
            "customer": found.customer.name if found.customer else "",
            "until": timezone.localdate(found.kept_until),
            "path": link_for(found.asked_by, found.customer, reverse("exports")),
        },
        about=[about],
    )


def right_at(user: User, customer: int | None) -> Right | None:
    return next((right for right in all_rights(user) if right.customer == customer), None)


def may_fetch(export: DataExport, right: Right | None) -> bool:
    """Whether it is there, and the asker, who has this right now, still sees all that is in it."""
    if export.customer_id and right is None:
        return False
    if export.state != State.READY or export.rights != noted(right):
        return False
    return path_of(export).exists()


def remove_old(now: datetime) -> None:
    """Takes away the files of exports that are older than seven days: the file first, then the note of it."""
    old = DataExport.objects.filter(state=State.READY, ready_at__lte=now - EXPORT_KEPT_FOR)
    for export in old:
        path_of(export).unlink(missing_ok=True)
        DataExport.objects.filter(pk=export.pk, state=State.READY).update(state=State.GONE, file="")


def sweep(now: datetime) -> None:
    """Queues what got lost, gives up what cannot be made, and removes what killed workers left behind."""
    waiting = DataExport.objects.filter(state=State.WAITING)
    waiting.filter(asked_at__lt=now - GIVEN_UP_AFTER).update(state=State.FAILED, claimed_at=None)
    fresh = waiting.filter(claimed_at=None, asked_at__lt=now - timedelta(minutes=1))
    for pk in (fresh | waiting.filter(claimed_at__lt=now - LOST_AFTER)).values_list("pk", flat=True):
        if not hand_over(MAKE, str(pk), expires=60):
            break
    _remove_leftovers(now)


def _remove_leftovers(now: datetime) -> None:
    """What killed workers left: parts of files, and files that no row tells of any more."""
    folder = Path(default_storage.path("exports"))
    known = set(DataExport.objects.exclude(file="").values_list("file", flat=True))
    for path in [*folder.glob("*.part"), *folder.glob("*.zip")]:
        is_old = path.stat().st_mtime < (now - GIVEN_UP_AFTER).timestamp()
        if is_old and f"exports/{path.name}" not in known:
            path.unlink(missing_ok=True)
