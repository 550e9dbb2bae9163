"""Kinds of services: data that the office edits."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import OuterRef, Q
from django.utils.translation import gettext_lazy as _

from devices.models import DEVICE_KINDS, Device, DeviceUnit, Product
from devices.rules import model_key
from services.languages import in_language, texts_of
from services.rules import DeviceFacts, KindFacts, misfit


class CertificateKind(models.TextChoices):
    FGAS = "fgas", _("F-gas certificate")
    TRAINING = "training", _("the maker's training")
    OTHER = "other", _("other certificate")


# Another certificate may say anything, so no service can ask for it.
ASKED_FOR = [(kind.value, kind.label) for kind in (CertificateKind.FGAS, CertificateKind.TRAINING)]


def for_splits() -> list[str]:
    """A visit to a split may open its refrigeration circuit; that of a monobloc is closed in the works."""
    return [CertificateKind.FGAS.value]


def product_keys(device: Device) -> frozenset[str]:
    """The models of a device's units as the register compares them: the confirmed product's, else as typed."""
    return product_keys_of([device])[device.pk]


def product_keys_of(devices: Sequence[Any]) -> dict[int, frozenset[str]]:
    """As `product_keys`, for many devices, or rows of them, in one query."""
    keys: dict[int, set[str]] = {device.pk: set() for device in devices}
    units = DeviceUnit.objects.filter(device__in=list(keys))
    for device, confirmed, typed in units.values_list("device_id", "unit__product__code_key", "model"):
        keys[device].add(confirmed or model_key(typed))
    return {pk: frozenset(found) for pk, found in keys.items()}


def kinds_for(kinds: Iterable["ServiceKind"], devices: Sequence[Any], outcome: str) -> dict[int, "ServiceKind"]:
    """The first of the `kinds` to order where a device, or a row of one, needs this outcome, by the device's key.

    Without the devices for which the office has none. The kinds are `with_product_keys()`; only where one is for some
    products, the database is asked for those of the devices.
    """
    demanded = [
        (kind, KindFacts(frozenset(kind.device_kinds), frozenset(kind.product_keys)))  # type: ignore[attr-defined]
        for kind in kinds
        if kind.is_active and kind.outcome == outcome
    ]
    keys = product_keys_of(devices) if any(facts.product_keys for _kind, facts in demanded) else {}
    found: dict[int, ServiceKind] = {}
    for device in devices:
        known = DeviceFacts(device.kind, keys.get(device.pk, frozenset()))
        if kind := next((kind for kind, facts in demanded if not misfit(facts, known)), None):
            found[device.pk] = kind
    return found


class ServiceKindQuerySet(models.QuerySet["ServiceKind"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def with_product_keys(self) -> Self:
        """`product_keys`: the models that each is for; empty where it is for every one."""
        chosen = ServiceKind.products.through.objects.filter(servicekind=OuterRef("pk"))
        return self.annotate(product_keys=ArraySubquery(chosen.values("product__code_key")))


class ServiceKind(models.Model):
    """What an owner can order."""

    class Outcome(models.TextChoices):
        START_UP = "start_up", _("the device is started up")
        INSPECTION = "inspection", _("the device is inspected")

    staff_only = True

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_pl = models.CharField(_("name in Polish"), max_length=80)
    name_cs = models.CharField(_("name in Czech"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)
    hint_pl = models.TextField(_("hint for the owner in Polish"), blank=True)
    hint_cs = models.TextField(_("hint for the owner in Czech"), blank=True)
    hint_en = models.TextField(_("hint for the owner in English"), blank=True)
    device_kinds = ArrayField(
        models.CharField(max_length=10, choices=DEVICE_KINDS), verbose_name=_("for these kinds of devices")
    )
    products = models.ManyToManyField(
        Product,
        verbose_name=_("for these products"),
        blank=True,
        related_name="+",
        help_text=_("None chosen: for every product."),
    )
    outcome = models.CharField(
        _("what follows"),
        max_length=12,
        choices=Outcome.choices,
        blank=True,
        help_text=_("What the device's dates and its warranty learn from the service. Empty: nothing."),
    )
    photos_needed = models.BooleanField(
        _("photos needed"), default=False, help_text=_("The owner must add photos to the order.")
    )
    duration_minutes = models.PositiveSmallIntegerField(
        _("length of the visit in minutes"),
        default=120,
        validators=[MinValueValidator(15), MaxValueValidator(600)],
    )
    min_months_since_last = models.PositiveSmallIntegerField(
        _("months since the last one"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(120)],
        help_text=_("So many months must have passed before it can be ordered again. Empty: none."),
    )
    once_per_device = models.BooleanField(_("only once for a device"), default=False)
    needs_start_up = models.BooleanField(_("only after the first start-up"), default=False)
    answer_hours = models.PositiveSmallIntegerField(
        _("working hours to answer an offer"),
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(200)],
    )
    passes_on = models.BooleanField(
        _("goes on to the next partner"),
        default=False,
        help_text=_("An offer that is not answered in time goes to the next suitable partner, not to the office."),
    )
    certificates = ArrayField(
        models.CharField(max_length=10, choices=ASKED_FOR),
        verbose_name=_("certificates of the partner"),
        default=list,
        blank=True,
        help_text=_("Each of these must be valid. None chosen: any valid certificate will do."),
    )
    split_certificates = ArrayField(
        models.CharField(max_length=10, choices=ASKED_FOR),
        verbose_name=_("certificates of the partner for a split"),
        default=for_splits,
        blank=True,
        help_text=_(
            "Needed besides those above where the device is a split, whose refrigeration circuit may be opened."
        ),
    )
    position = models.PositiveSmallIntegerField(_("position in lists"), default=100)
    is_active = models.BooleanField(_("can be ordered"), default=True)

    objects = ServiceKindQuerySet.as_manager()

    class Meta:
        verbose_name = _("kind of service")
        verbose_name_plural = _("kinds of services")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(device_kinds__len__gte=1), name="service_is_for_some_device"),
            models.CheckConstraint(condition=Q(duration_minutes__gte=1), name="service_takes_time"),
            models.CheckConstraint(condition=Q(answer_hours__gte=1), name="service_offer_can_be_answered"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """In the reader's language."""
        return in_language(texts_of(self, "name"))

    @property
    def hint(self) -> str:
        """What the owner should know before ordering, in the reader's language; may be empty."""
        return in_language(texts_of(self, "hint"))

    def certificates_for(self, device_kind: str) -> set[str]:
        """The kinds of certificates without which a partner may not do this service."""
        return {*self.certificates, *(self.split_certificates if device_kind == "split" else [])}

    @property
    def facts(self) -> KindFacts:
        """What `rules.may_order` asks."""
        return KindFacts(
            device_kinds=frozenset(self.device_kinds),
            product_keys=frozenset(product.code_key for product in self.products.all()),
            min_months_since_last=self.min_months_since_last,
            once_per_device=self.once_per_device,
            needs_start_up=self.needs_start_up,
            is_active=self.is_active,
        )
