"""Checklists: the working copy that the office edits, and the published versions that never change."""

from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.core.validators import StepValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from devices.models import DEVICE_KINDS
from services import checklists
from services.checklists import Choice, Group, Item, parse
from services.languages import LANGUAGES, in_language, texts_of
from services.models.kind import ServiceKind


class Checklist(models.Model):
    """The questions of a kind of service, for one kind of device or for all."""

    staff_only = True

    service_kind = models.ForeignKey(
        ServiceKind, models.PROTECT, related_name="checklists", verbose_name=_("kind of service")
    )
    device_kind = models.CharField(
        _("kind of device"),
        max_length=10,
        choices=DEVICE_KINDS,
        blank=True,
        help_text=_("Empty: for every kind of device that has no checklist of its own."),
    )

    class Meta:
        verbose_name = _("checklist")
        verbose_name_plural = _("checklists")
        ordering = ["service_kind__position", "device_kind"]
        permissions = [("publish_checklist", _("Can publish checklists"))]
        constraints = [
            models.UniqueConstraint(fields=["service_kind", "device_kind"], name="one_checklist_per_kinds"),
        ]

    def __str__(self) -> str:
        return f"{self.service_kind}, {self.get_device_kind_display()}" if self.device_kind else str(self.service_kind)

    def draft(self) -> list[Group]:
        """The working copy as the engine reads it; an item whose group is missing gets one without a title."""
        items: dict[int, list[Item]] = {}
        for row in sorted(self.items.all(), key=lambda item: item.number):
            items.setdefault(row.group_number, []).append(row.as_item())
        rows = {row.number: row for row in self.groups.all()}
        return [
            Group(
                number=str(number),
                titles=texts_of(rows[number], "title") if number in rows else {},
                items=tuple(items.get(number, ())),
                device_kind=rows[number].device_kind if number in rows else "",
            )
            for number in sorted(rows.keys() | items.keys())
        ]

    @property
    def latest(self) -> "ChecklistVersion | None":
        """The published version that new orders get."""
        return max(self.versions.all(), key=lambda version: version.number, default=None)

    @property
    def is_changed(self) -> bool:
        """Whether the working copy differs from what is published."""
        latest = self.latest
        return latest is None or parse(latest.content) != self.draft()


class ChecklistGroup(models.Model):
    """The title above the items of one hundred: group 500 has the items 500 to 599."""

    staff_only = True

    checklist = models.ForeignKey(Checklist, models.CASCADE, related_name="groups", verbose_name=_("checklist"))
    number = models.PositiveSmallIntegerField(
        _("number"),
        validators=[StepValueValidator(100)],
        help_text=_("A hundred, such as 500: the items 500 to 599 stand below it."),
    )
    title_pl = models.CharField(_("title in Polish"), max_length=120)
    title_cs = models.CharField(_("title in Czech"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=120)
    device_kind = models.CharField(
        _("only for"), max_length=10, choices=DEVICE_KINDS, blank=True, help_text=_("Empty: for every kind of device.")
    )

    class Meta:
        verbose_name = _("group of a checklist")
        verbose_name_plural = _("groups of checklists")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["checklist", "number"], name="one_group_per_number"),
            models.CheckConstraint(condition=Q(number__gte=100, number__lte=9900), name="group_number_in_range"),
        ]

    def __str__(self) -> str:
        return f"[{self.number}] {in_language(texts_of(self, 'title'))}"


class ChecklistItem(models.Model):
    """One question of the working copy."""

    class Kind(models.TextChoices):
        TEXT = checklists.TEXT, _("a line of text")
        LONG_TEXT = checklists.LONG_TEXT, _("text of several lines")
        YES_NO = checklists.YES_NO, _("yes or no")
        NUMBER = checklists.NUMBER, _("a number")
        CHOICE = checklists.CHOICE, _("one of several answers")
        DATE = checklists.DATE, _("a date")
        PHOTO = checklists.PHOTO, _("photos")

    class FilledBy(models.TextChoices):
        OWNER = checklists.OWNER, _("the owner, when ordering")
        PARTNER = checklists.PARTNER, _("the partner, at the visit")

    class FormCheck(models.TextChoices):
        FGAS = checklists.FGAS, _("number of an F-gas certificate")
        PHONE = checklists.PHONE, _("telephone number")
        PAST = checklists.PAST, _("day that is not in the future")

    staff_only = True

    checklist = models.ForeignKey(Checklist, models.CASCADE, related_name="items", verbose_name=_("checklist"))
    number = models.PositiveSmallIntegerField(
        _("number"), help_text=_("It stands in brackets before the question and says where the question stands.")
    )
    filled_by = models.CharField(_("who answers"), max_length=10, choices=FilledBy.choices, default=FilledBy.PARTNER)
    kind = models.CharField(_("kind of answer"), max_length=10, choices=Kind.choices)
    required = models.BooleanField(_("must be answered"), default=True)
    label_pl = models.CharField(_("question in Polish"), max_length=200)
    label_cs = models.CharField(_("question in Czech"), max_length=200)
    label_en = models.CharField(_("question in English"), max_length=200)
    help_pl = models.CharField(_("help in Polish"), max_length=400, blank=True)
    help_cs = models.CharField(_("help in Czech"), max_length=400, blank=True)
    help_en = models.CharField(_("help in English"), max_length=400, blank=True)
    unit = models.CharField(_("unit"), max_length=12, blank=True, help_text=_("Such as bar, °C or l/min."))
    minimum = models.DecimalField(_("smallest number"), max_digits=12, decimal_places=3, null=True, blank=True)
    maximum = models.DecimalField(_("largest number"), max_digits=12, decimal_places=3, null=True, blank=True)
    usual_minimum = models.DecimalField(
        _("usually at least"), max_digits=12, decimal_places=3, null=True, blank=True,
        help_text=_("An unusual number is pointed out to whoever answers, and taken all the same."),
    )  # fmt: skip
    usual_maximum = models.DecimalField(_("usually at most"), max_digits=12, decimal_places=3, null=True, blank=True)
    lower_than = models.PositiveSmallIntegerField(
        _("usually lower than the item"), null=True, blank=True,
        help_text=_("The number of an earlier item. An answer that is not lower is pointed out, and taken."),
    )  # fmt: skip
    choices = models.TextField(
        _("answers to choose from"),
        blank=True,
        help_text=_(
            "One a line: a short code that never changes, then the answer in Polish, Czech and English, "
            "such as: good = dobry | dobrý | good. An answer that is the same in each is written once: r32 = R32."
        ),
    )
    form_check = models.CharField(
        _("look at its form"),
        max_length=10,
        choices=FormCheck.choices,
        blank=True,
        help_text=_(
            "An odd number of a certificate is pointed out and taken all the same. "
            "What is no telephone number, or a day that is still ahead, has to be corrected."
        ),
    )
    depends_on = models.PositiveSmallIntegerField(
        _("shows only if the item"), null=True, blank=True, help_text=_("The number of an earlier item.")
    )
    depends_values = models.CharField(
        _("has the answer"),
        max_length=200,
        blank=True,
        help_text=_("yes, no, or the codes of answers to choose from, with commas between them."),
    )

    class Meta:
        verbose_name = _("item of a checklist")
        verbose_name_plural = _("items of checklists")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["checklist", "number"], name="one_item_per_number"),
            models.CheckConstraint(condition=Q(number__gte=100, number__lte=9999), name="item_number_in_range"),
            models.CheckConstraint(
                condition=Q(depends_on=None, depends_values="") | Q(depends_on__isnull=False) & ~Q(depends_values=""),
                name="item_condition_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"[{self.number}] {in_language(texts_of(self, 'label'))}"

    @property
    def group_number(self) -> int:
        return self.number // 100 * 100

    def as_item(self) -> Item:
        """The row as the engine reads it."""
        is_number, is_choice = self.kind == self.Kind.NUMBER, self.kind == self.Kind.CHOICE
        return Item(
            number=str(self.number),
            kind=self.kind,
            labels=texts_of(self, "label"),
            helps=texts_of(self, "help"),
            unit=self.unit if is_number else "",
            minimum=_bare(self.minimum) if is_number else None,
            maximum=_bare(self.maximum) if is_number else None,
            usual_minimum=_bare(self.usual_minimum) if is_number else None,
            usual_maximum=_bare(self.usual_maximum) if is_number else None,
            lower_than=str(self.lower_than or "") if is_number else "",
            choices=parse_choices(self.choices) if is_choice else (),
            required=self.required,
            filled_by=self.filled_by,
            form_check=self.form_check if checklists.CHECKED_KINDS.get(self.form_check) == self.kind else "",
            depends_on=str(self.depends_on or ""),
            depends_values=tuple(value.strip() for value in self.depends_values.split(",") if value.strip()),
        )


def _bare(number: Decimal | None) -> Decimal | None:
    """Without the zeros that the column adds: 1.500 and 1.5 are the same range."""
    return None if number is None else Decimal(checklists.plain_number(number))


def parse_choices(text: str) -> tuple[Choice, ...]:
    """Lines as "code = Polish | Czech | English" or "code = the same in each". What is missing stays empty."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        value, _sign, words = line.partition("=")
        labels = [label.strip() for label in words.split("|")]
        if len(labels) == 1:
            labels *= len(LANGUAGES)
        labels += [""] * (len(LANGUAGES) - len(labels))
        found.append(Choice(value.strip(), dict(zip(LANGUAGES, labels, strict=False))))
    return tuple(found)


class ChecklistVersion(models.Model):
    """What was published once. Orders refer to it, so it never changes: a trigger in the database sees to that."""

    staff_only = True

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="versions", verbose_name=_("checklist"))
    number = models.PositiveSmallIntegerField(_("version"))
    content: Any = models.JSONField(_("content"))
    published_at = models.DateTimeField(_("published"))
    # Empty for the first two versions, which may have come with the portal.
    published_by = models.ForeignKey(
        get_user_model(), models.PROTECT, verbose_name=_("published by"), null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("version of a checklist")
        verbose_name_plural = _("versions of checklists")
        ordering = ["checklist", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["checklist", "number"], name="one_version_per_number"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=False) & (Q(number__lte=2) | Q(published_by__isnull=False)),
                name="checklist_published_whole",
            ),
        ]

    def __str__(self) -> str:
        return _("%(checklist)s, version %(number)s") % {"checklist": self.checklist, "number": self.number}

    def groups(self) -> list[Group]:
        """The content as the engine reads it, in every language."""
        if self.pk not in _PARSED:
            _PARSED[self.pk] = tuple(parse(self.content))
        return list(_PARSED[self.pk])


# Each version parsed once in a process: it never changes, and pages ask for it all the time.
_PARSED: dict[int, tuple[Group, ...]] = {}


def current_version(service_kind: ServiceKind, device_kind: str) -> ChecklistVersion | None:
    """The version that a new order begins with: the device kind's own, else the one for all; None without questions."""
    found = ChecklistVersion.objects.filter(
        checklist__service_kind=service_kind, checklist__device_kind__in=["", device_kind]
    )
    return found.order_by("-checklist__device_kind", "-number").first()
