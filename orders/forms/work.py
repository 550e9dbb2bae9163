"""Input of service partners."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import Form, text
from accounts.models import PartnerMembership, User
from orders.forms.ordering import FURTHEST
from orders.models import MAX_SLOTS, Order
from orders.presenters.words import day_off_notes, length_words
from orders.rules import is_night
from portal.files.forms import DocumentsField
from portal.files.models import Document

MINUTES = [30, 60, 90, 120, 150, 180, 240, 300, 360, 480]


class ActForm(Form):
    """A form about one order. `values()` is what its action takes."""

    def __init__(self, *args: Any, order: Order, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.order = order

    def values(self) -> dict[str, Any]:
        return self.cleaned_data

    def notes(self) -> list[str]:
        """What its sender should know and may well have wanted."""
        return []


class ReasonForm(ActForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=1000, widget=forms.Textarea({"rows": 3}),
        error_messages={"required": gettext_lazy("Say why.")},
    )  # fmt: skip


class QuestionForm(ActForm):
    question = forms.CharField(
        label=gettext_lazy("Your question"), max_length=1000, widget=forms.Textarea({"rows": 4}),
        error_messages={"required": gettext_lazy("Write what you want to know.")},
    )  # fmt: skip


class EngineerForm(ActForm):
    """Who of the company does the work."""

    engineer = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("Who does the work"), widget=forms.RadioSelect, empty_label=None,
        error_messages={"required": gettext_lazy("Choose who does the work.")},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        people = User.objects.filter(partner_memberships__partner=self.order.service.partner, is_active=True)
        self.fields["engineer"].queryset = people.order_by("last_name", "first_name")  # type: ignore[attr-defined]
        self.fields["engineer"].initial = self.order.service.engineer_id


def refuse_far(moment: datetime) -> None:
    """A visit further away than a year is a slip of the finger."""
    if moment > timezone.now() + FURTHEST:
        raise forms.ValidationError(_("Choose a time within the next year."))


def example() -> str:
    """How a time is written, by one that could be chosen."""
    return f"{date_format(timezone.localdate() + timedelta(days=7), 'SHORT_DATE_FORMAT')} 9:00"


def moment_field(label: Any, **kwargs: Any) -> forms.DateTimeField:
    """A day and a time of day, in local time."""
    widget = forms.DateTimeInput({"type": "datetime-local", "step": 900}, format="%Y-%m-%dT%H:%M")
    invalid = format_lazy(gettext_lazy("Enter a day and a time, such as {example}."), example=lazy(example, str)())
    return forms.DateTimeField(
        label=label, widget=widget, validators=[refuse_far], error_messages={"invalid": invalid}, **kwargs
    )


class LengthMixin:
    """How long the visit takes; at first as long as was agreed, else as the kind of service says."""

    order: Order
    fields: dict[str, Any]

    def offer_lengths(self) -> None:
        service = self.order.service
        usual: int = self.order.service_kind.duration_minutes  # type: ignore[union-attr]
        if service.visit_starts and service.visit_ends:
            usual = (service.visit_ends - service.visit_starts) // timedelta(minutes=1)
        choices = [(minutes, length_words(minutes)) for minutes in sorted({*MINUTES, usual})]
        self.fields["minutes"].choices, self.fields["minutes"].initial = choices, usual


def length_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=gettext_lazy("Length of the visit"), coerce=int)


SLOTS = ("first", "second", "third")[:MAX_SLOTS]


class SlotsForm(ActForm):
    """One to three times for a visit."""

    first = moment_field(gettext_lazy("First time"))
    second = moment_field(gettext_lazy("Second time"), required=False)
    third = moment_field(gettext_lazy("Third time"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        others: list[datetime] = []
        for name in SLOTS:
            if slot := data.get(name):
                if fault := self.fault(slot) or self.clash(slot, others):
                    self.add_error(name, fault)
                others.append(slot)
        return data

    def fault(self, slot: datetime) -> str:
        """What is wrong with a time, or ""."""
        if slot <= timezone.now():
            return _("This time is over. Choose one that is still ahead.")
        return _("This is at night. Choose a time between 6:00 and 22:00.") if is_night(slot) else ""

    def clash(self, slot: datetime, others: list[datetime]) -> str:
        """What is wrong with a time beside those above it, or ""."""
        if slot in others:
            return _("You have named this time already. Choose another one, or leave it empty.")
        if any(abs(slot - other) < self.length() for other in others):
            return _("This time overlaps with one above. Choose one that does not.")
        return ""

    def length(self) -> timedelta:
        """How long the visit is to take; a move keeps the length that was agreed."""
        service = self.order.service
        assert service.visit_starts and service.visit_ends
        return service.visit_ends - service.visit_starts

    def slots(self) -> list[datetime]:
        return [slot for name in SLOTS if (slot := self.cleaned_data.get(name))]

    def notes(self) -> list[str]:
        return day_off_notes(map(timezone.localdate, self.slots()), self.order.device.site.country)

    def values(self) -> dict[str, Any]:
        data = {name: value for name, value in self.cleaned_data.items() if name not in SLOTS}
        return {**data, "slots": self.slots()}


class TimesForm(LengthMixin, SlotsForm):
    """The partner proposes times."""

    minutes = length_field()
    words = forms.CharField(
        label=gettext_lazy("Words for the owner"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer_lengths()

    def length(self) -> timedelta:
        return timedelta(minutes=self.cleaned_data.get("minutes", 0))


class AgreedForm(LengthMixin, ActForm):
    """A time that was agreed on the phone."""

    starts = moment_field(gettext_lazy("Day and time of the visit"))
    minutes = length_field()

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer_lengths()
        self.fields["starts"].initial = self.order.service.visit_starts

    def clean_starts(self) -> datetime:
        starts = self.cleaned_data["starts"]
        if starts <= timezone.now():
            raise forms.ValidationError(_("This time is over. Choose one that is still ahead."))
        return starts


class SignForm(Form):
    """The end of a visit: the owner signs with a finger, or the name is typed alone."""

    signed_name = text(
        gettext_lazy("Name of the person who signs"), max_length=120,
        error_messages={"required": gettext_lazy("Type the name of the person who signs.")},
    )  # fmt: skip
    visited_on = forms.DateField(
        label=gettext_lazy("Day of the visit"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Enter a date, such as 21.02.2023.")},
    )
    signature = DocumentsField(label=gettext_lazy("Signature"), max_files=1, required=False)

    def __init__(self, *args: Any, first_day: date, uploaded_by: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.first_day = first_day
        self.fields["signature"].uploaded_by = uploaded_by  # type: ignore[attr-defined]
        self.fields["visited_on"].widget.attrs |= {
            "min": first_day.isoformat(),
            "max": timezone.localdate().isoformat(),
        }

    def clean_visited_on(self) -> date:
        day = self.cleaned_data["visited_on"]
        if not self.first_day <= day <= timezone.localdate():
            raise forms.ValidationError(_("The day of the visit cannot be before the work began, or in the future."))
        return day

    def clean_signature(self) -> Document | None:
        kept = self.cleaned_data["signature"]
        return kept[0] if kept else None


class NewMemberForm(Form):
    """A person who joins the partner's team."""

    first_name = text(gettext_lazy("First name"), "off")
    last_name = text(gettext_lazy("Last name"), "off")
    email = forms.EmailField(label=gettext_lazy("E-mail address"), widget=forms.EmailInput({"autocomplete": "off"}))
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=PartnerMembership.Role.choices, initial=PartnerMembership.Role.ENGINEER,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("A manager answers offers, hands orders out and looks after this team."),
    )  # fmt: skip
