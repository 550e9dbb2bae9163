"""Which service partners can do an order, and why the others cannot."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Partner
from devices.models import Device
from orders import states
from orders.models import Offer, Order
from orders.rules import serves
from services.models import Certificate, Qualification, ServiceKind, product_keys

WORDS = {
    "area": _("does not serve this postcode"),
    "service": _("does not do this service"),
    "product": _("does not work on this product"),
    "certificate": _("has no valid certificate"),
    "fgas": _("has no valid F-gas certificate"),
    "training": _("has no valid training by the maker"),
    "declined": _("has declined this order"),
    "expired": _("did not answer in time"),
    "recalled": _("had this order, and it was taken back"),
}
REFUSED = [Offer.Outcome.DECLINED, Offer.Outcome.EXPIRED, Offer.Outcome.RECALLED]
# The office may overrule the others.
FORBIDDING = {"certificate", "fgas", "training"}
# One that waits for the owner is with the partner still.
OPEN_WORK = [states.OFFERED, states.WAITING, *states.HELD]


@dataclass(frozen=True)
class Candidate:
    """An approved partner, what speaks against it (codes of WORDS), and how many orders it has in hand."""

    partner: Partner
    faults: list[str] = field(default_factory=list)
    open_work: int = 0

    @property
    def is_suitable(self) -> bool:
        return not self.faults

    @property
    def may_be_offered(self) -> bool:
        return not FORBIDDING & set(self.faults)

    @property
    def reasons(self) -> list[str]:
        """What speaks against the partner, in the reader's language."""
        return [str(WORDS[fault]) for fault in self.faults]


def candidates(order: Order) -> list[Candidate]:
    """All approved partners for an order: the suitable ones first, those with the least open work before the rest."""
    assert order.service_kind
    refused = {offer.partner_id: offer.outcome for offer in order.offers.all() if offer.outcome in REFUSED}
    found = [
        Candidate(partner, [*faults, *_before(partner, refused)], partner.open_work)
        for partner, faults in _looked_at(order.device, order.service_kind)
    ]
    return sorted(found, key=lambda one: (bool(one.faults), one.open_work, one.partner.name, one.partner.pk))


def suitable_for(device: Device, kind: ServiceKind, keys: frozenset[str] | None = None) -> list[Partner]:
    """The partners among whom an owner may choose, by name. `keys` are the device's products, if known already."""
    found = [partner for partner, faults in _looked_at(device, kind, keys) if not faults]
    return sorted(found, key=lambda partner: partner.name)


def suitable_by_kind(device: Device, kinds: Iterable[ServiceKind]) -> dict[int, list[int]]:
    """The primary keys of the suitable partners for each service, by its primary key."""
    keys, partners = product_keys(device), list(_partners())
    return {kind.pk: [one.pk for one in partners if not _faults(one, device, kind, keys)] for kind in kinds}


def choosable() -> list[Partner]:
    """The partners who could do some order, by name."""
    return list(_partners().filter(is_certified=True).order_by("name", "pk"))


def _looked_at(device: Device, kind: ServiceKind, keys: frozenset[str] | None = None) -> list[tuple[Any, list[str]]]:
    """Each approved partner, with `open_work`, and what speaks against it."""
    keys = product_keys(device) if keys is None else keys
    return [(partner, _faults(partner, device, kind, keys)) for partner in _partners()]


def _faults(partner: Any, device: Device, kind: ServiceKind, keys: frozenset[str]) -> list[str]:
    site = device.site
    fits = {
        "area": partner.country == site.country and serves(partner.areas, site.postcode),
        "service": kind.code in partner.kind_codes,
        "product": not partner.product_keys or bool(keys & set(partner.product_keys)),
        "certificate": partner.is_certified,
    }
    faults = [fault for fault, is_well in fits.items() if not is_well]
    if partner.is_certified:
        faults += sorted(kind.certificates_for(device.kind) - set(partner.certificate_kinds))
    return faults


def _partners() -> QuerySet:
    """Approved partners with what decides about them, in one query."""
    qualification = Qualification.objects.filter(partner=OuterRef("pk"))
    valid = Certificate.objects.filter(partner=OuterRef("pk")).valid_on(timezone.localdate())
    return Partner.objects.approved().annotate(
        open_work=Count("services", filter=Q(services__order__state__in=OPEN_WORK)),
        kind_codes=ArraySubquery(qualification.filter(kinds__isnull=False).values("kinds__code")),
        product_keys=ArraySubquery(qualification.filter(products__isnull=False).values("products__code_key")),
        is_certified=Exists(valid),
        certificate_kinds=ArraySubquery(valid.values("kind")),
    )


def _before(partner: Partner, refused: dict[int, str]) -> list[str]:
    return [refused[partner.pk]] if partner.pk in refused else []
