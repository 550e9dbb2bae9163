"""Products and the register of units; sites and the devices that customers have there."""

import uuid
from collections.abc import Callable
from functools import cache
from typing import Any, Self

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import Address, Customer, one_line
from devices.rules import model_key, serial_key, skeleton
from portal.access import Area, OwnedQuerySet
from portal.decisions import decision_whole
from portal.files.models import Document
from portal.prepared import Prepared

DEVICE_KINDS = [("monobloc", _("Monobloc")), ("split", _("Split"))]
UNIT_ROLES = [
    ("monobloc", _("Monobloc unit")),
    ("outdoor", _("Outdoor unit")),
    ("indoor", _("Indoor unit")),
]
# Which nameplates a device of each kind has.
ROLES_OF_KIND = {"monobloc": ["monobloc"], "split": ["outdoor", "indoor"]}


class Product(models.Model):
    """A model that the maker sells: what the first line of a nameplate names."""

    staff_only = True

    code = models.CharField(_("model"), max_length=40, unique=True, help_text=_("As on the nameplate."))
    code_key = models.CharField(max_length=40, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    maker = models.CharField(_("maker"), max_length=80)
    role = models.CharField(_("kind of unit"), max_length=10, choices=UNIT_ROLES)
    heat_output_kw = models.DecimalField(_("heat output (kW)"), max_digits=5, decimal_places=1, null=True, blank=True)
    refrigerant = models.CharField(_("refrigerant"), max_length=12, blank=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.code_key = model_key(self.code)
        super().save(*args, **kwargs)


class Unit(models.Model):
    """One produced unit in the register: product and serial number, as on its nameplate."""

    staff_only = True

    product = models.ForeignKey(Product, models.PROTECT, related_name="units", verbose_name=_("product"))
    serial = models.CharField(_("serial number"), max_length=40)
    # Derived from `serial`; indexed, since look-ups compare these.
    key = models.CharField(max_length=40, unique=True, editable=False)
    skeleton = models.CharField(max_length=40, db_index=True, editable=False)
    made_on = models.DateField(_("made on"), null=True, blank=True)
    # To the first buyer; some warranties run at most so long from then.
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    added_at = models.DateTimeField(_("entered"), auto_now_add=True)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")

    def __str__(self) -> str:
        return f"{self.product.code} {self.serial}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.derive()
        super().save(*args, **kwargs)

    def derive(self) -> None:
        """Sets the columns that follow from the serial number; bulk writes call it themselves."""
        self.key = serial_key(self.serial)
        self.skeleton = skeleton(self.key)


class Site(Address):
    """A place of installation."""

    class BuildingKind(models.TextChoices):
        HOUSE = "house", _("Detached house")
        SEMI = "semi", _("Semi-detached or terraced house")
        FLATS = "flats", _("Block of flats")
        OFFICE = "office", _("Office building")
        INDUSTRY = "industry", _("Industrial building")
        PUBLIC = "public", _("Public building")
        POOL = "pool", _("Swimming pool")
        OTHER = "other", _("Other building")

    customer_path = "customer"
    site_path = ""
    area = Area.GENERAL

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="sites", verbose_name=_("customer"))
    building_kind = models.CharField(_("kind of building"), max_length=10, choices=BuildingKind.choices)
    own_name = models.CharField(
        _("own name"),
        max_length=80,
        blank=True,
        help_text=_("If empty, the kind of building and the address."),
    )
    notes = models.TextField(_("notes"), blank=True)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    once_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    def get_building_kind_display(self) -> str:  # type: ignore[no-redef]
        # Django's own translates every choice at each call, which lists of sites and devices feel.
        return str(self.BuildingKind(self.building_kind).label)

    @property
    def name(self) -> str:
        return site_name(self)


def site_name(place: Any) -> str:
    """What people call a site, or a row with its columns: the own name, or kind of building and address."""
    return place.own_name or f"{Site.BuildingKind(place.building_kind).label}, {one_line(place)}"


def sites_of(customer: int) -> list[tuple[int, str]]:
    """Primary keys and names of the sites of a customer, for grants that name some of them."""
    return [(site.pk, site.name) for site in Site.objects.filter(customer=customer)]


class DeviceQuerySet(OwnedQuerySet):
    def for_list(self) -> Self:
        """With everything that a row of a list shows."""
        return self.select_related("site").prefetch_related(
            models.Prefetch("units", DeviceUnit.objects.with_review(), to_attr="nameplates")
        )

    def matching(self, words: str) -> Self:
        """Devices whose name, serial number, town or street has these words."""
        found = self
        for word in words.split():
            hit = (
                Q(name__icontains=word)
                | Q(site__own_name__icontains=word)
                | Q(site__street__icontains=word)
                | Q(site__city__icontains=word)
            )
            if key := serial_key(word):
                hit |= Q(pk__in=DeviceUnit.objects.filter(serial_key__contains=key).values("device_id"))
            found = found.filter(hit)
        return found


class Device(models.Model):
    """An installed heat pump: one unit as a monobloc, two as a split."""

    customer_path = "site__customer"
    site_path = "site"
    area = Area.TECHNICAL

    site = models.ForeignKey(Site, models.PROTECT, related_name="devices", verbose_name=_("site"))
    kind = models.CharField(_("kind"), max_length=10, choices=DEVICE_KINDS)
    name = models.CharField(_("name"), max_length=80)
    purchased_on = models.DateField(_("purchase date"), null=True, blank=True)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    once_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def nameplates(self) -> "list[DeviceUnit]":
        """The units, outdoor unit first. A page sets them, which is quicker: see `for_list()` and `nameplates_of`."""
        return list(self.units.all())

    @property
    def serials(self) -> str:
        """The serial numbers as typed, outdoor unit first."""
        return ", ".join(unit.serial for unit in self.nameplates)


@cache
def _reviews() -> dict[str, models.Exists]:
    """Built once: every page with devices needs them, and building them takes as long as asking."""
    cases = {"checking": NameplateCheck, "claimed": Claim}
    return {
        name: models.Exists(case.objects.waiting().filter(device_unit=models.OuterRef("pk")))  # type: ignore[misc]
        for name, case in cases.items()
    }


class DeviceUnitQuerySet(OwnedQuerySet):
    def with_review(self) -> Self:
        """Marks those that a clerk has on the desk: `checking`, `claimed`."""
        return self.annotate(**_reviews())

    def waiting_for_register(self) -> Self:
        """Those whose number was not in the register when it was typed, and that no open claim is about."""
        return self.filter(unit=None).exclude(claims__in=Claim.objects.waiting())


class DeviceUnit(models.Model):
    """A nameplate as the customer typed it, and the unit of the register that it turned out to be."""

    customer_path = "device__site__customer"
    site_path = "device__site"
    area = Area.TECHNICAL
    # Set by `with_review()`.
    checking: bool
    claimed: bool

    device = models.ForeignKey(Device, models.CASCADE, related_name="units", verbose_name=_("device"))
    role = models.CharField(_("kind of unit"), max_length=10, choices=UNIT_ROLES)
    position = models.PositiveSmallIntegerField(default=0)
    model = models.CharField(_("model"), max_length=40)
    serial = models.CharField(_("serial number"), max_length=40)
    serial_key = models.CharField(max_length=40, db_index=True, editable=False)
    # One unit is in one device; this is what makes two owners of one unit impossible.
    unit = models.OneToOneField(
        Unit,
        models.PROTECT,
        related_name="held_by",
        null=True,
        blank=True,
        verbose_name=_("unit of the register"),
    )

    objects = DeviceUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit of a device")
        verbose_name_plural = _("units of devices")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["device", "role"], name="one_unit_per_role")]

    def __str__(self) -> str:
        return f"{self.model} {self.serial}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.serial_key = serial_key(self.serial)
        super().save(*args, **kwargs)

    @property
    def under_review(self) -> bool:
        """Whether a clerk has it on the desk; needs `with_review()`."""
        return self.checking or self.claimed


_NAMEPLATES = Prepared(lambda devices: DeviceUnit.objects.with_review().filter(device__in=devices))


def nameplates_of(device: Device) -> list[DeviceUnit]:
    """The units of a device `with_review()`, outdoor unit first."""
    return _NAMEPLATES.models(device.pk)


class CaseQuerySet(OwnedQuerySet):
    def waiting(self) -> Self:
        """Cases that a clerk has not answered."""
        return self.filter(decision="")


class Case(models.Model):
    """What a clerk has to decide about a unit of a device: answer, time and clerk are set together."""

    customer_path = "device_unit__device__site__customer"
    site_path = "device_unit__device__site"
    area = Area.TECHNICAL
    # Each kind of case has its own answers.
    decision: str
    get_decision_display: Callable[[], str]

    created_at = models.DateTimeField(_("sent"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        get_user_model(),
        models.PROTECT,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        related_name="+",
    )
    answer = models.TextField(_("answer"), blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        abstract = True


class NameplateCheck(Case):
    """A nameplate that the register does not know: a clerk looks at the photo."""

    class Decision(models.TextChoices):
        ATTACHED = "attached", _("unit entered and attached")
        REFUSED = "refused", _("not confirmed")

    device_unit = models.ForeignKey(
        DeviceUnit,
        models.CASCADE,
        related_name="checks",
        verbose_name=_("unit of a device"),
    )
    photos = models.ManyToManyField(Document, verbose_name=_("photos"), related_name="+")
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices, blank=True)

    class Meta:
        verbose_name = _("nameplate to check")
        verbose_name_plural = _("nameplates to check")
        ordering = ["created_at"]
        permissions = [("decide_nameplatecheck", _("Can answer nameplate checks"))]
        constraints = [
            decision_whole("nameplate_decision_whole"),
            models.UniqueConstraint(
                fields=["device_unit"],
                condition=Q(decision=""),
                name="one_open_nameplate_check",
            ),
        ]

    def __str__(self) -> str:
        return str(self.device_unit)


class Claim(Case):
    """A customer says: a unit that another customer holds is mine."""

    class Decision(models.TextChoices):
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("refused")

    device_unit = models.ForeignKey(
        DeviceUnit,
        models.CASCADE,
        related_name="claims",
        verbose_name=_("unit of a device"),
    )
    reason = models.TextField(_("reason"))
    proofs = models.ManyToManyField(Document, verbose_name=_("proofs"), related_name="+")
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices, blank=True)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["created_at"]
        permissions = [("decide_claim", _("Can answer claims"))]
        constraints = [
            decision_whole("claim_decision_whole"),
            models.UniqueConstraint(fields=["device_unit"], condition=Q(decision=""), name="one_open_claim"),
        ]

    def __str__(self) -> str:
        return str(self.device_unit)


class SerialLookup(models.Model):
    """A look-up that found nothing for the asker. Counted, so that nobody can guess numbers."""

    staff_only = True

    asker = models.CharField(max_length=80, db_index=True)
    serial_key = models.CharField(max_length=40)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.asker}: {self.serial_key}"


class Registration(models.Model):
    """Everything a person types in the registration, kept until the e-mail address is confirmed.

    Only then do person, customer, site and devices come to be, so what was never confirmed holds nothing.
    `answers` maps a step to {"typed": {...}, "clean": {...} or null, "revision": int}.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("being filled in")
        SENT = "sent", _("waiting for the e-mail address to be confirmed")
        CONFIRMED = "confirmed", _("confirmed")

    staff_only = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    answers = models.JSONField(_("answers"), default=dict)
    email = models.EmailField(_("e-mail address"), blank=True, db_index=True)
    password_hash = models.CharField(max_length=128, blank=True, editable=False)
    language = models.CharField(_("language"), max_length=2, default="pl")
    documents = models.ManyToManyField(Document, related_name="+")
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    user = models.ForeignKey(
        get_user_model(),
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False) & ~Q(email=""),
                name="sent_registration_has_address",
            ),
            models.CheckConstraint(
                condition=Q(state="confirmed", confirmed_at__isnull=False)
                | ~Q(state="confirmed") & Q(confirmed_at=None),
                name="registration_confirmed_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email or self.id} ({self.get_state_display()})"


def document_ids_visible_to(user: Any) -> models.QuerySet:
    """Photos of nameplates and proofs of claims: for the customer's members, and for staff who decide."""
    checks, claims = (
        NameplateCheck.objects.visible_to(user),
        Claim.objects.visible_to(user),
    )
    if user.has_perm("devices.view_nameplatecheck"):
        checks = NameplateCheck.objects.all()
    if user.has_perm("devices.view_claim"):
        claims = Claim.objects.all()
    return Document.objects.filter(Q(pk__in=checks.values("photos")) | Q(pk__in=claims.values("proofs"))).values("pk")
