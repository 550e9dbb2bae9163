"""Looks a nameplate up in the register, hints at misreadings, and stops people who guess."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from devices.models import Product, SerialLookup, Unit
from devices.rules import first_difference, model_key, neighbours, serial_key, skeleton

MISSES_ALLOWED = 10
MISS_WINDOW = timedelta(hours=1)

FOUND, UNKNOWN, WRONG_MODEL, TAKEN, OWN, TOO_MANY = (
    "found",
    "unknown",
    "wrong_model",
    "taken",
    "own",
    "too_many",
)


@dataclass(frozen=True)
class Finding:
    """What the register says of a nameplate: `state` is one of the words above, `sentence` tells the person.

    A hint names a place in the number, never another number, so that it gives nobody's number away.
    """

    state: str
    unit: Unit | None = None
    sentence: str = ""


def look_up(*, model: str, serial: str, role: str, askers: list[str], customers: Any = ()) -> Finding:
    """Finds the unit of a nameplate for a person who belongs to `customers`.

    `askers` names who tries, e.g. ["user:12", "ip:10.0.0.1"]; after ten misses in an hour by any of them
    nothing is looked up any more. A unit that somebody else holds counts as a miss.
    """
    if too_many_misses(askers):
        return Finding(
            TOO_MANY,
            sentence=_("Too many numbers were tried. Wait an hour, or send a photo."),
        )
    finding = _find(model=model, key=serial_key(serial), role=role, customers=customers)
    if finding.state in (UNKNOWN, WRONG_MODEL, TAKEN):
        SerialLookup.objects.bulk_create(SerialLookup(asker=asker, serial_key=serial_key(serial)) for asker in askers)
    return finding


def too_many_misses(askers: list[str]) -> bool:
    """Whether one of the askers has used up the misses of this hour. The same number again is no new guess."""
    since = timezone.now() - MISS_WINDOW
    misses = SerialLookup.objects.filter(asker__in=askers, at__gte=since)
    tried: dict[str, set[str]] = {}
    for asker, key in misses.values_list("asker", "serial_key"):
        tried.setdefault(asker, set()).add(key)
    return any(len(keys) >= MISSES_ALLOWED for keys in tried.values())


def _find(*, model: str, key: str, role: str, customers: Any) -> Finding:
    unit = Unit.objects.select_related("product", "held_by__device__site").filter(key=key).first()
    if unit is None:
        return Finding(UNKNOWN, sentence=_unknown(key, model, role))
    if unit.product.code_key != model_key(model) or unit.product.role != role:
        return Finding(WRONG_MODEL, unit, _wrong_model(unit, role))
    holder = getattr(unit, "held_by", None)
    if holder is None:
        return Finding(FOUND, unit)
    if holder.device.site.customer_id in customers:
        return Finding(OWN, unit, _("This unit is among your devices already."))
    return Finding(TAKEN, unit, _("This unit is registered already."))


def _wrong_model(unit: Unit, role: str) -> str:
    if unit.product.role != role:
        return _("This serial number belongs to another kind of unit. Check which nameplate it stands on.")
    return _("This serial number does not fit this model. Check the model on the nameplate.")


def _unknown(key: str, model: str, role: str) -> str:
    """The sentence for a number that is not in the register, with the likeliest misreading."""
    sentence = _("This serial number is not in our register.")
    if hint := _hint(key, model, role):
        return f"{sentence} {hint}"
    return sentence


def _hint(key: str, model: str, role: str) -> str:
    same_model = Q(product__code_key=model_key(model), product__role=role)
    alike = Unit.objects.filter(skeleton=skeleton(key)).order_by("pk").first()
    if alike:
        place = first_difference(key, alike.key)
        return _(
            "Check sign number %(place)s: “%(sign)s” is easily mistaken, such as the letter O for a zero or "
            "the letter I for a one."
        ) % {"place": place, "sign": key[place - 1 : place]}
    near = Unit.objects.filter(same_model, key__in=list(neighbours(key))).order_by("pk").first()
    if near:
        return _("A number of this model differs in just one place. Check sign number %(place)s.") % {
            "place": first_difference(key, near.key)
        }
    if not Product.objects.filter(code_key=model_key(model), role=role).exists():
        return _("We do not know this model either. Check both lines of the nameplate.")
    return _("Check it sign by sign against the nameplate.")
