"""The back office of requests to change a customer's data."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.actions.requests import decide_change, fingerprint
from accounts.models import ChangeRequest, Customer, ErasureRequest
from accounts.models.requests import part_name
from accounts.presenters.requests import PartShown, parts_shown, request_chip
from portal.back_office import (
    Act,
    ActForm,
    AnswerFilter,
    Listing,
    PageAdmin,
    Section,
    add_listing,
    age,
    answer_section,
    link,
    two_lines,
)
from portal.ui.templatetags.ui import chip, local_moment


class AcceptForm(ActForm):
    """A tick for each part that is let through; why, for each that is not.

    A tick carries what the record said when the page was opened: if that has changed since, it does not count.
    """

    ticked = forms.MultipleChoiceField(
        label=_("What is accepted"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick what is accepted, or refuse the whole request."),
            "invalid_choice": _("The record has changed since you opened this page. Look again, and tick knowingly."),
        },
    )

    def __init__(self, *args: Any, thing: ChangeRequest, **kwargs: Any):
        prints = {part: fingerprint(thing, part) for part in thing.parts}
        initial = {"ticked": [prints[part] for part in thing.parts if not thing.is_overtaken(part)]}
        super().__init__(*args, thing=thing, initial=initial, **kwargs)
        choices = [(prints[part], part_name(thing.customer, part)) for part in thing.parts]
        self.fields["ticked"].choices = choices  # type: ignore[attr-defined]
        for part in thing.parts:
            self.fields[f"reason-{part}"] = forms.CharField(
                label=format_lazy("{}: {}", _("Why not"), part_name(thing.customer, part)),
                required=False,
                max_length=1000,
                help_text=_("Needed where you do not tick it. The customer reads this."),
            )
        self.fields["answer"] = forms.CharField(
            label=_("Words to the customer (may stay empty)"), required=False, widget=forms.Textarea({"rows": 3})
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        prints = {part: fingerprint(self.thing, part) for part in self.thing.parts}
        for part in self.thing.parts:
            if "ticked" in data and prints[part] not in data["ticked"] and not data.get(f"reason-{part}"):
                self.add_error(f"reason-{part}", _("Say why this stays as it is; the customer reads it."))
        return data


class RefuseForm(ActForm):
    answer = forms.CharField(
        label=_("Why, and what the customer can do"),
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The customer reads this in an e-mail."),
    )


def accept(request: ChangeRequest, by: Any, data: dict[str, Any]) -> ChangeRequest:
    reasons = {name.removeprefix("reason-"): words for name, words in data.items() if name.startswith("reason-")}
    return decide_change(request, ticked=data["ticked"], reasons=reasons, answer=data["answer"], by=by)


def refuse(request: ChangeRequest, by: Any, data: dict[str, Any]) -> ChangeRequest:
    return decide_change(request, ticked=[], answer=data["answer"], by=by)


def state_chip(request: ChangeRequest) -> str:
    return request_chip(request) if request.decision else chip("progress", _("waiting for an answer"))


def waits(request: ChangeRequest | ErasureRequest) -> bool:
    return not request.decision


def asked(request: HttpRequest, thing: ChangeRequest | ErasureRequest) -> list[tuple[Any, Any]]:
    """Who wants it, for whom, and since when."""
    return [
        (_("Customer"), link(request, thing.customer)),
        (_("Customer number"), thing.customer.number),
        (_("Requested by"), link(request, thing.asked_by)),
        (_("Requested"), local_moment(thing.asked_at)),
        (_("Note"), thing.note),
    ]


@admin.register(ChangeRequest)
class ChangeRequestAdmin(PageAdmin):
    list_display = ["number", "customer", "shown_parts", "shown_state", "age", "decided_by"]
    list_filter = [("decision", AnswerFilter), "asked_at"]
    list_select_related = ["customer", "decided_by"]
    search_fields = ["number", "customer__name", "customer__number"]
    search_help_text = _("Number of the request, name or number of the customer")
    ordering = ["asked_at", "pk"]
    queue_query = "?decision__exact="
    acts = [
        Act(
            "accept", _("Accept what is ticked"), "accounts.decide_changerequest", accept, _("answered."),
            waits, form=AcceptForm, tone="primary",
            hint=_("What is ticked is written to the record at once. Whoever asked gets an e-mail."),
        ),
        Act(
            "refuse", _("Refuse the whole request"), "accounts.decide_changerequest", refuse, _("refused."),
            waits, form=RefuseForm, tone="danger",
        ),
    ]  # fmt: skip

    def waiting(self) -> QuerySet:
        return ChangeRequest.objects.waiting().order_by("asked_at", "pk")

    @display(description=_("what is to change"))
    def shown_parts(self, request: ChangeRequest) -> str:
        return ", ".join(str(part_name(request.customer, part)) for part in request.parts)

    @display(description=_("state"), ordering="decision")
    def shown_state(self, request: ChangeRequest) -> str:
        return state_chip(request)

    @display(description=_("age"), ordering="asked_at")
    def age(self, request: ChangeRequest) -> str:
        return age(request.asked_at)

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        parts = parts_shown(thing)
        overtaken = [
            _("“%(part)s” has been changed since this was asked for. Tick it only if it is to be written all the same.")
            % {"part": part.name}
            for part in parts
            if part.is_overtaken
        ]
        return {
            "state": state_chip(thing),
            "warnings": overtaken,
            "documents": thing.documents.all(),
            "tables": [side_by_side(thing, parts)],
            "first": [
                *answer_section(thing, [(_("In words"), thing.answer)]),
                Section(_("Request"), asked(request, thing)),
            ],
        }


def side_by_side(request: ChangeRequest, parts: Sequence[PartShown]) -> Listing:
    """Old and new, and what is on record now; once answered also what came of each part."""
    headers = [_("Part"), _("Then on record"), _("Asked for")]
    rows: list[tuple[Any, ...]]
    if waits(request):
        headers += [_("Now on record")]
        rows = [(part.name, part.old, part.new, _present(part)) for part in parts]
    else:
        headers += [_("Decision"), _("Reason")]
        rows = [(part.name, part.old, part.new, part.outcome, part.reason) for part in parts]
    return Listing(_("Old and new"), headers, rows)


def _present(part: PartShown) -> str:
    return two_lines(part.present, chip("attention", _("changed since")) if part.is_overtaken else "")


def requests_of_customer(request: HttpRequest, customer: Customer) -> Listing:
    rows = [
        (link(request, one), state_chip(one), local_moment(one.asked_at))
        for one in ChangeRequest.objects.filter(customer=customer).order_by("-asked_at")
    ]
    return Listing(_("Changes of data"), [_("Number"), _("State"), _("Sent")], rows)


add_listing("accounts.customer", requests_of_customer)
