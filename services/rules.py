"""Pure rules: what may be ordered when, and when a certificate needs a warning."""

from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

# So many days before its end a certificate's holder is warned, nearest first.
WARNING_DAYS = (14, 60)


@dataclass(frozen=True)
class KindFacts:
    """What a kind of service demands. No products: every product."""

    device_kinds: frozenset[str]
    product_keys: frozenset[str] = frozenset()
    min_months_since_last: int | None = None
    once_per_device: bool = False
    needs_start_up: bool = False
    is_active: bool = True


@dataclass(frozen=True)
class DeviceFacts:
    """What the rule must know of a device. `last_done_on`: when a service with this outcome, or of
    a kind without one, was last done."""

    kind: str
    product_keys: frozenset[str] = frozenset()
    last_done_on: date | None = None
    started_up_on: date | None = None
    open_order: str = ""


def misfit(kind: KindFacts, device: DeviceFacts) -> str:
    """Why this service is for other devices, or "": device_kind, product."""
    if device.kind not in kind.device_kinds:
        return "device_kind"
    if kind.product_keys and not kind.product_keys & device.product_keys:
        return "product"
    return ""


def soonest(kind: KindFacts, device: DeviceFacts) -> date | None:
    """The first day on which this service may be ordered again; None where it may at any time."""
    if kind.min_months_since_last is None or device.last_done_on is None:
        return None
    return device.last_done_on + relativedelta(months=kind.min_months_since_last)


def may_order(kind: KindFacts, device: DeviceFacts, *, today: date) -> str:
    """Why this service cannot be ordered for this device now, or "" when it can.

    Faults: inactive, device_kind, product, open_order, done_before, no_start_up, too_soon.
    """
    if not kind.is_active:
        return "inactive"
    if fault := misfit(kind, device):
        return fault
    if device.open_order:
        return "open_order"
    if kind.once_per_device and device.last_done_on:
        return "done_before"
    if kind.needs_start_up and not device.started_up_on:
        return "no_start_up"
    first_day = soonest(kind, device)
    return "too_soon" if first_day and today < first_day else ""


def warning_due(valid_until: date, *, today: date) -> int | None:
    """The warning (60 or 14 days before) in whose time we are; None before all, and after the certificate's end."""
    left = (valid_until - today).days
    return next((days for days in WARNING_DAYS if 0 <= left <= days), None)
