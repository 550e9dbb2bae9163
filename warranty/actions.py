"""What happens to a warranty. Each act is one transaction that leaves an event behind."""

import logging
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.people import tell_members
from accounts.models import Partner, User
from devices.models import Device, DeviceUnit, Product
from portal.access import Area
from portal.errors import Refused
from portal.events import record
from portal.files.models import Document
from portal.files.store import attach, discard, keep_drawn
from portal.numbers import next_number
from portal.work import hand_over_on_commit
from warranty import card as cards
from warranty.models import Cover, Recount, ServiceRecord, WarrantyCard, WarrantyRule
from warranty.standing import Known

logger = logging.getLogger(__name__)

SERIES = "KG"
# Pages that change so few devices show the new days at once.
COUNTED_AT_ONCE = 5
TRY_AGAIN_SOONEST, TRY_AGAIN_LATEST = timedelta(minutes=1), timedelta(days=1)


@transaction.atomic
def record_service(
    device: Device,
    *,
    kind: str,
    done_on: date,
    partner: Partner | None,
    order_number: str,
    protocol_number: str,
    by: User | None,
    card_facts: dict[str, Any] | None = None,
    reason: str = "",
) -> ServiceRecord:
    """A start-up or an inspection was done; warranty and card follow, in the caller's transaction.

    `kind` is "start_up" or "inspection". `card_facts` may name what the protocol knows for the card: "seller",
    "invoice_number", "installer", "installer_fgas". The same order again changes nothing where nothing differs, and
    corrects the record where something does. Raises Refused for a day that is to come, a second start-up, and what is
    recorded without an order a second time. The office says in `reason` where it knows the visit from.
    """
    if done_on > timezone.localdate():
        raise Refused(_("The day of the visit cannot be in the future."))
    _lock(device)
    of_order = ServiceRecord.objects.select_for_update(of=("self",)).filter(kind=kind, order_number=order_number)
    found = of_order.first() if order_number else None
    said: dict[str, Any] = {"done_on": done_on, "protocol_number": protocol_number}
    went_along = found is not None and found.device_id != device.pk
    if found and went_along:
        # With the unit, without what names the former owner: see `take_along`.
        device = found.device
    else:
        name = partner.name if partner else ""
        said |= {"partner": partner, "partner_name": name, "card_facts": card_facts or {}}
    if found is None and kind == ServiceRecord.Kind.START_UP and device.services.filter(kind=kind).exists():
        raise Refused(_("The first start-up of this device is recorded already."))
    if not order_number and device.services.filter(kind=kind, done_on=done_on).exists():
        raise Refused(_("An inspection of this device on this day is recorded already."))
    if found and all(getattr(found, name) == value for name, value in said.items()):
        return found
    verb = f"warranty.{kind}_corrected" if found else f"warranty.{kind}"
    found = found or ServiceRecord(device=device, kind=kind, order_number=order_number)
    for name, value in said.items():
        setattr(found, name, value)
    found.save()
    record(
        verb,
        by=by,
        about=[device, found],
        data={"date": done_on.isoformat()} | ({"number": found.proof} if found.proof else {}),
        reason=reason,
    )
    if went_along:
        # Whoever has that device may wait for the one that is locked here.
        _leave_to_worker([device], by)
    else:
        refresh(device, by=by)
    return found


def _lock(device: Device) -> Device:
    """One after the other: whoever comes second counts with what the first one wrote."""
    locked = Device.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("site__customer").get(pk=device.pk)


@transaction.atomic
def refresh(device: Device, *, by: User | None) -> None:
    """Counts a device's warranty anew; where its card says something else by now, a new one replaces it.

    Changes nothing where no fact has changed.
    """
    known = Known.of(_lock(device))
    _keep_cover(known)
    _keep_card(known, by=by)


def take_along(former: DeviceUnit, new: DeviceUnit, by: User | None) -> None:
    """For `portal.collect`: a unit goes to another customer's device, and what was done to it goes along.

    That is where the unit speaks for both devices. A device that was started up itself keeps its own history, and the
    other one too: then the unit was never in that. What names the former owner, or would lead the company that knows
    the former owner to the new one, stays behind.
    """
    done, start_up = former.device.services.all(), ServiceRecord.Kind.START_UP
    both = former.device.services.filter(kind=start_up).exists() and new.device.services.filter(kind=start_up).exists()
    if former.position or new.position or both:
        return
    if done.update(device=new.device, partner=None, card_facts={}):
        record("warranty.came_along", by=by, about=[new.device], data={"serial": new.serial})


def devices_changed(devices: Sequence[Device], by: User | None) -> None:
    """For `portal.collect`: the devices' own facts have changed. A few are counted at once, many by a worker."""
    if len(devices) <= COUNTED_AT_ONCE:
        for device in devices:
            refresh(device, by=by)
        return
    _leave_to_worker(devices, by)


def _leave_to_worker(devices: Iterable[Device], by: User | None) -> None:
    Recount.objects.bulk_create(Recount(device=device, by=by) for device in devices)
    hand_over_on_commit("warranty.tasks.count_anew")


def count_anew() -> int:
    """Counts the devices that wait for it, each in its own transaction; how many were counted now.

    Call it outside a transaction. One that fails is told in the log, waits for the next time, and holds up no other.
    """
    waiting = Recount.objects.order_by("device_id").values_list("device_id", flat=True).distinct()
    return sum(_count_one(pk) for pk in list(waiting))


def _count_one(device: int) -> bool:
    try:
        with transaction.atomic():
            # What is read from here on is at least as new as these rows: a change that comes later brings its own.
            asked = list(Recount.objects.select_for_update(skip_locked=True).filter(device=device).order_by("pk"))
            if not asked:
                return False
            refresh(asked[-1].device, by=asked[-1].by)
            Recount.objects.filter(pk__in=[row.pk for row in asked]).delete()
    except Exception:
        logger.exception("The warranty of device %s cannot be counted.", device)
        return False
    return True


def _keep_cover(known: Known) -> None:
    """Writes the stored copy of the warranty's days; none where there is nothing to keep."""
    standing = known.standing()
    days = {
        "starts_on": standing.start,
        "ends_on": standing.end,
        "next_inspection_on": standing.next_inspection,
        "started_up_on": known.start_up.done_on if known.start_up else None,
        "rule": known.rule,
    }
    if not any(days.values()):
        Cover.objects.filter(device=known.device).delete()
        return
    Cover.objects.update_or_create(device=known.device, defaults=days)


def _keep_card(known: Known, *, by: User | None) -> None:
    last = known.device.warranty_cards.filter(replaced_by=None).first()
    facts = cards.facts_of(known)
    if facts is None:
        if last and last.is_current:
            _withdraw(last, by=by)
        return
    digest = cards.digest_of(facts)
    if known.device.site.customer.erased_at:
        # The last card stays, without the person; nobody is there for another one.
        return
    if last is None or not last.is_current or last.digest != digest:
        _issue(known.device, facts, digest, last, by=by)


def _issue(
    device: Device, facts: dict[str, Any], digest: str, last: WarrantyCard | None, *, by: User | None
) -> WarrantyCard:
    card = WarrantyCard.objects.create(
        number=next_number(SERIES),
        device=device,
        facts=facts,
        digest=digest,
        language=device.site.customer.language,
        issued_at=timezone.now(),
    )
    if last:
        last.replaced_by, last.replaced_at = card, timezone.now()
        last.save(update_fields=["replaced_by", "replaced_at"])
        data = {"number": card.number, "old": last.number}
        record("warranty.card_replaced", by=by, about=[device, last, card], data=data)
    else:
        record("warranty.card_issued", by=by, about=[device, card], data={"number": card.number})
    hand_over_on_commit("warranty.tasks.draw_card", card.pk)
    return card


def _withdraw(card: WarrantyCard, *, by: User | None) -> None:
    """What the card says is no longer so, and there is nothing to say instead."""
    card.withdrawn_at = timezone.now()
    card.save(update_fields=["withdrawn_at"])
    record("warranty.card_withdrawn", by=by, about=[card.device, card], data={"number": card.number})


def draw_card(pk: int) -> None:
    """Draws the card's PDF and sends it to the owner, once: whoever finds it drawn or replaced leaves quietly.

    Call it outside a transaction. What a killed process leaves behind is a document that belongs to nothing, which
    is removed after two days.
    """
    card = WarrantyCard.objects.undrawn().filter(pk=pk).first()
    if card is None:
        return
    _put_off(card)
    kept = keep_drawn(cards.draw(card), card.number.replace("/", "-") + ".pdf")
    if not _hand_out(card, kept):
        discard(kept)


def _put_off(card: WarrantyCard) -> None:
    """Should this attempt fail, the next one comes after as long as the card has waited so far."""
    now = timezone.now()
    waited = min(max(now - card.issued_at, TRY_AGAIN_SOONEST), TRY_AGAIN_LATEST)
    WarrantyCard.objects.filter(pk=card.pk).update(try_after=now + waited)


@transaction.atomic
def _hand_out(card: WarrantyCard, document: Document) -> bool:
    """Attaches the PDF and tells the owner; False if somebody was quicker, or the card is no longer the current one.

    Also where the card says something else by now, since the owner's data were erased while it was drawn.
    """
    found = WarrantyCard.objects.undrawn().select_for_update(of=("self",)).filter(pk=card.pk).first()
    if found is None or found.digest != card.digest:
        return False
    found.pdf = document
    found.save(update_fields=["pdf"])
    attach([document])
    record("warranty.card_drawn", by=None, about=[found], data={"number": found.number})
    device = found.device
    tell_members(
        device.site.customer,
        "warranty/card_ready",
        context={
            "device": device.name,
            "number": found.number,
            "ends_on": found.ends_on,
            "replaces": found.replaces.values_list("number", flat=True).first(),
        },
        area=Area.TECHNICAL,
        site=device.site_id,
        path=reverse("device", args=[device.pk]),
        about=[device, found],
        documents=[document],
    )
    return True


@transaction.atomic
def publish_rule(product: Product, *, by: User | None, **terms: Any) -> WarrantyRule:
    """A new version of a product's warranty; a worker counts its devices anew.

    `terms` are fields of WarrantyRule: valid_from, months, start, cap_months, delivery_cap_months,
    start_up_within_months, inspection_months, grace_days.
    """
    product = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    if product.role == "indoor":
        raise Refused(_("The warranty of a split is that of its outdoor unit. Choose that one."))
    latest = product.warranty_rules.order_by("-version").first()
    rule = WarrantyRule.objects.create(product=product, version=latest.version + 1 if latest else 1, **terms)
    data = {"model": product.code, "version": rule.version}
    record("warranty.rule_published", by=by, about=[rule, product], data=data)
    _leave_to_worker(Device.objects.filter(units__unit__product=product).distinct(), by)
    return rule
