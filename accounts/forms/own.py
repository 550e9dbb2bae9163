"""What a person changes about oneself."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import Form, PhoneField, name_the_missing
from accounts.models import User
from accounts.people import takes_sms


class ProfileForm(forms.ModelForm):
    """What a person changes about oneself."""

    class Meta:
        model = User
        fields = ["first_name", "last_name", "language"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        name_the_missing(self.fields)


class EmailChangeForm(Form):
    """A new address for signing in."""

    new = forms.EmailField(
        label=gettext_lazy("New e-mail address"),
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"}),
    )


class PhonesForm(Form):
    """How a person can be reached by phone."""

    mobile = PhoneField(
        label=gettext_lazy("Mobile phone"),
        required=False,
        help_text=gettext_lazy("We send a code to a new number, to be sure that it is yours."),
        error_messages={"invalid": gettext_lazy("Enter a mobile number with all its digits, such as 601 123 456.")},
    )
    landline = PhoneField(label=gettext_lazy("Landline"), required=False)

    def clean_mobile(self) -> Any:
        number = self.cleaned_data["mobile"]
        if number and not takes_sms(number):
            raise forms.ValidationError(
                _("This is not a mobile number, so it cannot receive SMS. Enter a mobile number.")
            )
        return number


class CodeForm(Form):
    """The code from an SMS."""

    code = forms.RegexField(
        r"^\d{6}$",
        label=gettext_lazy("Code from the SMS"),
        error_messages={"invalid": gettext_lazy("Enter the six digits of the code.")},
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
