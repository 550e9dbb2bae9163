"""Input of service partners."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import Form, text
from accounts.models import PartnerMembership, User
from orders.forms.ordering import FURTHEST
from orders.models import MAX_SLOTS, Order
from orders.presenters.words import length_words
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
        raise forms.ValidationError("", code="invalid")


def moment_field(label: Any, **kwargs: Any) -> forms.DateTimeField:
    """A day and a time of day, in local time."""
    widget = forms.DateTimeInput({"type": "datetime-local", "step": 900}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(
        label=label, widget=widget, validators=[refuse_far],
        error_messages={"invalid": gettext_lazy("Enter a day and a time, such as 21.02.2023 9:00.")}, **kwargs,
    )  # fmt: skip


class LengthMixin:
    """How long the visit takes; at first as long as the kind of service says."""

    order: Order
    fields: dict[str, Any]

    def offer_lengths(self) -> None:
        usual = self.order.service_kind.duration_minutes  # type: ignore[union-attr]
        choices = [(minutes, length_words(minutes)) for minutes in sorted({*MINUTES, usual})]
        self.fields["minutes"].choices, self.fields["minutes"].initial = choices, usual


def length_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=gettext_lazy("Length of the visit"), coerce=int)


class SlotsForm(ActForm):
    """One to three times for a visit."""

    first = moment_field(gettext_lazy("First time"))
    second = moment_field(gettext_lazy("Second time"), required=False)
    third = moment_field(gettext_lazy("Third time"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in ("first", "second", "third")[:MAX_SLOTS]:
            if (slot := data.get(name)) and (fault := self.fault(slot)):
                self.add_error(name, fault)
        return data

    def fault(self, slot: datetime) -> str:
        """What is wrong with a time, or ""."""
        return _("This time is over. Choose one that is still ahead.") if slot <= timezone.now() else ""

    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        slots = [data.pop(name) for name in ("first", "second", "third")]
        return {**data, "slots": [slot for slot in slots if slot]}


class TimesForm(LengthMixin, SlotsForm):
    """The partner proposes times."""

    minutes = length_field()
    words = forms.CharField(
        label=gettext_lazy("Words for the owner"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer_lengths()


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
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"), widget=forms.EmailInput({"autocomplete": "off"}),
        error_messages={"invalid": gettext_lazy("Enter an e-mail address, such as name@example.com.")},
    )  # fmt: skip
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=PartnerMembership.Role.choices, initial=PartnerMembership.Role.ENGINEER,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("A manager answers offers, hands orders out and looks after this team."),
    )  # fmt: skip
