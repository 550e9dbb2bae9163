"""Input of who wants to be forgotten."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import Form


class CloseForm(Form):
    understood = forms.BooleanField(
        label=_("I know that I cannot sign in any more, and that nothing can be brought back."),
        error_messages={"required": _("Tick the box if you want to close your account.")},
    )


class ErasureForm(Form):
    note = forms.CharField(
        label=_("Notes for our office"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
    )
    understood = forms.BooleanField(
        label=_("I know that nobody can sign in for this customer any more, and that nothing can be brought back."),
        error_messages={"required": _("Tick the box if you want the data to be erased.")},
    )
