"""Every part of the portal's pages in every state, on one page of the demo."""

import datetime
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from portal.collect import Note
from portal.public import public

STATES = [
    ("done", _("Confirmed")),
    ("attention", _("Your answer is needed")),
    ("problem", _("Refused")),
    ("progress", _("Being checked")),
    ("neutral", _("Not started")),
]
KINDS = [("house", _("Single-family house")), ("flat", _("Flat")), ("office", _("Office"))]
ICON_NAMES = [
    "home",
    "device",
    "order",
    "file",
    "camera",
    "check",
    "plus",
    "download",
    "clock",
    "phone",
    "mail",
]


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=_("Name of the device"), help_text=_("For example the room that it stands in."))
    serial = forms.CharField(label=_("Serial number"), widget=forms.TextInput({"data-serial": True}))
    bought = forms.DateField(label=_("Purchase date on the invoice"))
    building = forms.ChoiceField(label=_("Kind of building"), choices=KINDS)
    account = forms.ChoiceField(label=_("Kind of account"), choices=KINDS, widget=forms.RadioSelect)
    areas = forms.MultipleChoiceField(label=_("Areas"), choices=KINDS, widget=forms.CheckboxSelectMultiple)
    proof = forms.FileField(label=_("Purchase invoice"), help_text=_("A PDF or photos."))
    notes = forms.CharField(label=_("Notes"), required=False, widget=forms.Textarea({"rows": 3}))
    consent = forms.BooleanField(label=_("I agree that my data are processed to look after my device."))

    def clean(self) -> None:
        self.add_error(None, _("The model does not fit the serial number."))


def sample_events(reader: Any) -> list[Any]:
    """A device's history as the timeline tag wants it."""
    at = datetime.datetime(2026, 11, 20, 13, 5, tzinfo=datetime.UTC)
    office = SimpleNamespace(pk=-1, is_staff=True)
    told: list[tuple[Any, str, Any, Any]] = [
        (_("Purchase confirmed"), "done", office, ""),
        (_("More is needed"), "attention", office, _("The second page of the invoice is missing.")),
        (_("Purchase invoice sent, order ZL/2026/11/00012"), "progress", reader, ""),
        (_("Device registered"), "neutral", None, ""),
    ]
    return [
        SimpleNamespace(
            sentence=sentence, tone=tone, actor=actor, reason=reason, at=at - datetime.timedelta(days=3 * n),
            staff_only_verb=False, reason_told_to=lambda reader, reason=reason: reason,
        )
        for n, (sentence, tone, actor, reason) in enumerate(told)
    ]  # fmt: skip


def sample_devices() -> list[dict[str, Any]]:
    """Rows of a device list, one in each state."""
    day = datetime.date(2023, 2, 21)
    return [
        {
            "name": f"Pompa {n}",
            "site": "Dom, ul. Lipowa 4",
            "serial": 1479963 + n,
            "tone": tone,
            "label": label,
            "day": day,
        }
        for n, (tone, label) in enumerate(STATES)
    ]


def sample_steps() -> list[dict[str, Any]]:
    labels = [_("Account"), _("Contact"), _("Place"), _("Devices"), _("Sign-in")]
    states = ["done", "done", "current", "ahead", "ahead"]
    return [{"label": label, "url": "#", "state": state} for label, state in zip(labels, states, strict=True)]


@public
@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """The parts one below the other."""
    return render(
        request,
        "ui/gallery.html",
        {
            "states": STATES,
            "icons": ICON_NAMES,
            "devices": sample_devices(),
            "events": sample_events(request.user),
            "page": Paginator(range(200), 25).page(2),
            "notes": [Note(label, tone, _("We answer within two working days."), _("Attach the invoice"), "#")
                      for tone, label in STATES],
            "soon": timezone.now() + datetime.timedelta(hours=26),
            "over": timezone.now() - datetime.timedelta(hours=1),
            "facts": [(_("Model"), "KT-HP 09"), (_("Serial number"), "1479963"), (_("Purchase date"), None)],
            "form": SampleForm(),
            "wrong_form": SampleForm({"name": "", "building": "flat", "bought": "x"}, prefix="wrong"),
        },
    )  # fmt: skip


@public
@require_GET
def gallery_wizard(request: HttpRequest) -> HttpResponse:
    """The frame of a question page; with ?wrong=1 after a mistake."""
    form = SampleForm({"name": "Kotłownia"} if "wrong" in request.GET else None)
    return render(
        request,
        "ui/wizard.html",
        {
            "steps": sample_steps(), "step_number": 3, "step_count": 5, "title": _("Place of installation"),
            "form": form, "skip": True, "back_url": "#",
        },
    )  # fmt: skip
