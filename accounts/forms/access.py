"""Input about who has access to a customer."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.forms import Form, NewPasswordFields, PhoneField, text
from accounts.grants import LAST_DAY, Grant, places_of
from accounts.models import Customer, User
from accounts.presenters.access import GRADE_WORDS
from portal.access import Grade


def day(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **kwargs)


ALL_SITES, SOME_SITES = "all", "some"


def grant_of(data: dict[str, Any]) -> Grant:
    """What a `GrantForm` asks for, out of its clean data."""
    sites = sorted(data["sites"]) if data.get("where") == SOME_SITES else None
    return Grant(data["grade"], sites, data["starts_on"], data["ends_on"])


class GrantForm(Form):
    """How much somebody may see and do, where, and for how long. `before` is the grant that is there already."""

    grade = forms.ChoiceField(
        label=gettext_lazy("Access"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how much the person may see and do.")},
    )
    where = forms.ChoiceField(
        label=gettext_lazy("Where"),
        choices=[
            (ALL_SITES, gettext_lazy("All sites, later ones too")),
            (SOME_SITES, gettext_lazy("Only the sites that are ticked below")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose for which sites the access is.")},
    )
    sites = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Sites"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    starts_on = day(gettext_lazy("From"), initial=timezone.localdate)
    ends_on = day(
        gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("The last day. If empty, the access does not end."),
    )

    def __init__(self, *args: Any, customer: Customer, before: Grant | None = None, **kwargs: Any):
        known = {**before.fields, "where": SOME_SITES if before.sites else ALL_SITES} if before else {}
        super().__init__(*args, initial=known, **kwargs)
        self.fields["grade"].choices = [  # type: ignore[attr-defined]
            (grade.value, _("%(grade)s: %(words)s") % {"grade": grade.label, "words": GRADE_WORDS[grade]})
            for grade in Grade
        ]
        self.fields["sites"].choices = places_of(customer.pk)  # type: ignore[attr-defined]
        # Whose sites are all gone must not get all of those to come.
        if not self.fields["sites"].choices and not known.get("sites"):  # type: ignore[attr-defined]
            del self.fields["where"], self.fields["sites"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self._check_sites(data.get("where"), data.get("sites") or [], is_full=data.get("grade") == Grade.FULL)
        self._check_days(data.get("starts_on"), data.get("ends_on"))
        return data

    def _check_sites(self, where: str | None, sites: list[int], *, is_full: bool) -> None:
        if where == SOME_SITES and is_full:
            self.add_error("where", _("Full access is for all sites. Choose all sites, or less access."))
        elif where == SOME_SITES and not sites:
            self.add_error("sites", _("Tick at least one site."))
        # Ticks that were there before say nothing; those that somebody has made do.
        elif where == ALL_SITES and not set(sites) <= set(self.initial.get("sites") or []):
            self.add_error("where", _("You have ticked sites. Choose only these, or take the ticks away."))

    def _check_days(self, starts_on: date | None, ends_on: date | None) -> None:
        """A first day that is over may only stay as it was."""
        if starts_on and starts_on < timezone.localdate() and starts_on != self.initial.get("starts_on"):
            self.add_error("starts_on", _("The first day is over already. Choose today or a later one."))
        for name, value in (("starts_on", starts_on), ("ends_on", ends_on)):
            if value and value > LAST_DAY:
                self.add_error(name, _("Enter a day before 2101."))
        if starts_on and ends_on and ends_on < max(starts_on, timezone.localdate()):
            self.add_error("ends_on", _("Enter a day that is not over, and not before the first one."))

    def grant(self) -> Grant:
        return grant_of(self.cleaned_data)


class InviteForm(GrantForm):
    """Who is asked, in which language."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("We send an e-mail with a link. Who has an account already keeps it."),
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the e-mail"), choices=settings.LANGUAGES, initial=get_language
    )

    field_order = ["email", "language", "grade", "where", "sites", "starts_on", "ends_on"]


class NewcomerForm(NewPasswordFields):
    """The account of somebody who was invited and has none."""

    first_name = text(gettext_lazy("First name"), "given-name")
    last_name = text(gettext_lazy("Last name"), "family-name")
    phone = PhoneField(required=False)
    consent = forms.BooleanField(
        label=gettext_lazy("I agree to the processing of my personal data."),
        error_messages={
            "required": gettext_lazy("We can open an account only if you agree to the processing of your data.")
        },
    )
    terms = forms.BooleanField(
        label=gettext_lazy("I accept the terms of use."),
        error_messages={"required": gettext_lazy("We can open an account only if you accept the terms of use.")},
    )

    field_order = ["first_name", "last_name", "phone", "password", "password_again", "consent", "terms"]

    def __init__(self, *args: Any, email: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        names = {name: data.get(name, "") for name in ("first_name", "last_name")}
        self.check_password(User(email=self.email, **names))
        return data

    def facts(self) -> dict[str, Any]:
        """What `accept_as_newcomer` needs; hashes the password, which takes a while."""
        data = {name: self.cleaned_data[name] for name in ("first_name", "last_name", "phone")}
        return data | {"password_hash": make_password(self.cleaned_data["password"])}
