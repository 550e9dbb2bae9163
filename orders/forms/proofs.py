"""Input about orders."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import Form
from devices.rules import purchase_date_fault
from portal.files.forms import DocumentsField


class ProofForm(Form):
    """The purchase date and the documents that show it. `made` are the days on which the units were made."""

    purchased_on = forms.DateField(
        label=gettext_lazy("Purchase date on the invoice"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Enter a date, such as 21.02.2023.")},
    )
    documents = DocumentsField(label=gettext_lazy("Invoice or receipt, as a PDF or as photos"))

    def __init__(
        self,
        *args: Any,
        made: Sequence[date],
        uploaded_by: Any,
        documents_required: bool = True,
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.made = made
        self.fields["documents"].required = documents_required
        self.fields["documents"].uploaded_by = uploaded_by  # type: ignore[attr-defined]
        self.fields["purchased_on"].widget.attrs["max"] = timezone.localdate().isoformat()

    def clean_purchased_on(self) -> date:
        purchased = self.cleaned_data["purchased_on"]
        fault = purchase_date_fault(purchased, today=timezone.localdate(), made=self.made)
        if fault == "future":
            raise forms.ValidationError(_("The purchase date is in the future. Enter the date on the invoice."))
        if fault == "before_made":
            raise forms.ValidationError(
                _("The unit was made on %(made)s, so it cannot have been bought before. Check the date on the invoice.")
                % {"made": date_format(max(self.made), "SHORT_DATE_FORMAT")}
            )
        return purchased
