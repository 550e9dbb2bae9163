"""Input about the date of a visit."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import Form
from orders.forms.work import SlotsForm
from orders.models import Proposal
from orders.presenters.words import slot_words
from orders.queries import soonest_move


class TimesForm(Form):
    """The proposed times; those that are over are not offered any more."""

    slot = forms.TypedChoiceField(
        label=gettext_lazy("Which time suits you?"),
        widget=forms.RadioSelect,
        coerce=parse_datetime,
        error_messages={
            "required": gettext_lazy("Choose one of the times."),
            "invalid_choice": gettext_lazy("This time is no longer offered. Choose one of those below."),
        },
    )

    def __init__(self, *args: Any, proposal: Proposal, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.proposal = proposal
        self.fields["slot"].choices = [  # type: ignore[attr-defined]
            (slot.isoformat(), slot_words(slot, proposal.minutes)) for slot in open_slots(proposal)
        ]


def open_slots(proposal: Proposal) -> list[datetime]:
    """The times that are still ahead."""
    return [slot for slot in proposal.slots if slot > timezone.now()]


class OthersForm(Form):
    """None of the times suits."""

    words = forms.CharField(
        label=gettext_lazy("When would it suit you?"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Days and times of day that suit you, for the service partner."),
    )


class MoveForm(SlotsForm):
    """The owner asks to move the agreed visit."""

    words = forms.CharField(
        label=gettext_lazy("Why, or what else the service partner should know"), max_length=500, required=False,
        widget=forms.Textarea({"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.soonest = soonest_move(self.order)

    def fault(self, slot: datetime) -> str:
        if timezone.localdate(slot) >= self.soonest:
            return super().fault(slot)
        return _("Choose a time from %(day)s on.") % {"day": date_format(self.soonest, "SHORT_DATE_FORMAT")}
