"""Inspections are not forgotten: their owners are reminded, and told with the last partner when one is overdue."""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from accounts.actions.people import tell_members
from accounts.models import Partner
from devices.models import Device
from orders import messages
from orders.models import InspectionReminder, Protocol
from orders.reminders import OVERDUE, distance, windows
from portal.access import Area
from portal.events import record
from portal.outbox.queue import send
from services.models import ServiceKind, kinds_for
from warranty.models import Cover, ServiceRecord

INSPECTION = ServiceKind.Outcome.INSPECTION


def devices_to_remind() -> list[int]:
    """Primary keys of the devices whose owners have not had the reminder of these days."""
    found: list[int] = []
    for days, window in windows(timezone.localdate()).items():
        told = InspectionReminder.objects.filter(
            device=OuterRef("device"), due_on=OuterRef("next_inspection_on"), days_before=days
        )
        due = Cover.objects.filter(~Exists(told), next_inspection_on__range=window)
        found += due.order_by("next_inspection_on", "pk").values_list("device_id", flat=True)
    return found


@transaction.atomic
def remind_of_inspection(device: Device) -> bool:
    """The reminder of these days, once for each due day and distance. False where there is nothing to say.

    That is while an inspection is on order: should it be cancelled, the reminder goes out then. And where the office
    has no service that could be ordered.
    """
    device = Device.objects.select_for_update(of=("self",), no_key=True).select_related("site").get(pk=device.pk)
    today = timezone.localdate()
    cover = Cover.objects.filter(device=device, next_inspection_on__isnull=False).first()
    days = distance(cover.next_inspection_on, today) if cover and cover.next_inspection_on else None
    if cover is None or days is None or device.orders.on_way_to(INSPECTION).exists():
        return False
    kind = kinds_for(ServiceKind.objects.active().with_product_keys(), [device], INSPECTION).get(device.pk)
    if kind is None:
        return False
    due_on = cover.next_inspection_on
    assert due_on
    _reminder, is_new = InspectionReminder.objects.get_or_create(device=device, due_on=due_on, days_before=days)
    if not is_new:
        return False
    verb = "inspection.overdue" if days == OVERDUE else "inspection.reminded"
    record(verb, by=None, about=[device], data={"date": due_on.isoformat()})
    context = {
        "service": kind,
        "device": device.name,
        "place": device.site.address,
        "due": due_on,
        "days": (due_on - today).days,
        "is_covered": cover.ends_on is not None and today <= cover.ends_on,
    }
    name = "orders/inspection_overdue" if days == OVERDUE else "orders/inspection_due"
    tell_members(
        device.site.customer,
        name,
        context=context,
        area=Area.TECHNICAL,
        site=device.site_id,
        change=True,
        path=reverse("order-service", args=[device.pk, kind.code]),
        about=[device],
    )
    if days == OVERDUE:
        _tell_last_partner(device, context)
    return True


def _tell_last_partner(device: Device, context: dict) -> None:
    """The company that was there last may ring; its own protocol tells it whom."""
    last = ServiceRecord.objects.filter(device=device, partner__isnull=False).order_by("done_on", "pk").last()
    if last is None or last.partner is None or last.partner.decision != Partner.Decision.APPROVED:
        return
    protocol = Protocol.objects.closed().filter(partner=last.partner, order__device=device).order_by("closed_at").last()
    path = reverse("work-paper", args=[protocol.pk]) if protocol else reverse("work-done")
    for person in messages.managers_of(last.partner):
        send(
            "orders/inspection_overdue_partner",
            to=person.email,
            language=person.language,
            context={**context, "name": person.first_name, "done_on": last.done_on, "path": path},
            about=[device],
        )
