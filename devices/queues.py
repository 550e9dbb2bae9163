"""What waits: for the staff on their first page, for the owner at each device."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from devices.models import Claim, Device, NameplateCheck
from portal.addresses import address
from portal.collect import Note, Queue


def _queue(user: Any, model: Any, label: Any) -> list[Queue]:
    name = model._meta.model_name
    if not user.has_perm(f"devices.decide_{name}"):
        return []
    waiting = model.objects.waiting().aggregate(count=Count("pk"), oldest=Min("created_at"))
    url = reverse(f"admin:devices_{name}_changelist") + "?decision__exact="
    return [Queue(label, url, waiting["count"], waiting["oldest"])]


def nameplate_checks(user: Any) -> list[Queue]:
    return _queue(user, NameplateCheck, gettext_lazy("Nameplates to check"))


def claims(user: Any) -> list[Queue]:
    return _queue(user, Claim, gettext_lazy("Claims"))


def unit_notes(devices: Sequence[Device]) -> dict[int, Note]:
    """For devices with a unit that is not confirmed: what is going on with it. Needs `for_list()`."""
    return {
        device.pk: _unit_note(device.pk, checking=unit.checking, claimed=unit.claimed)
        for device in devices
        for unit in device.nameplates
        if unit.unit_id is None
    }


def _unit_note(device_id: int, *, checking: bool, claimed: bool) -> Note:
    if claimed:
        return Note(
            _("Claim being decided"),
            "progress",
            _(
                "Our office looks at your claim to this unit. You get an e-mail with the answer; "
                "there is nothing to do until then."
            ),
        )
    if checking:
        return Note(
            _("Nameplate being checked"),
            "progress",
            _(
                "Our office compares the photo of the nameplate with our records. You get an e-mail with the answer; "
                "there is nothing to do until then."
            ),
        )
    return Note(
        _("Serial number not confirmed"),
        "attention",
        _("One serial number of this device is not confirmed. Correct it, or send a photo of the nameplate."),
        _("Correct the serial number"),
        address("device-nameplates", device_id),
        look_text=_("One serial number of this device is not confirmed."),
    )
