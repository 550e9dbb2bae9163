"""The back office of requests for erasure."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts import erasing
from accounts.actions import erasure
from accounts.admin.requests import asked, waits
from accounts.erasing import report_lines
from accounts.models import ErasureRequest
from portal.back_office import Act, ActForm, AnswerFilter, PageAdmin, Section, age, answer_chip, answer_section


class EraseForm(ActForm):
    """The second step: whoever types the number has looked at whose data they are."""

    confirmation = forms.CharField(
        label=_("The customer's number"),
        max_length=12,
        help_text=_("Type it to confirm. What is erased cannot be brought back."),
    )


class RefuseForm(ActForm):
    reason = forms.CharField(
        label=_("Why the data cannot be erased"),
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The customer reads this in an e-mail."),
    )


@admin.register(ErasureRequest)
class ErasureAdmin(PageAdmin):
    list_display = ["number", "customer", "shown_state", "age"]
    list_select_related = ["customer"]
    list_filter = [("decision", AnswerFilter), "asked_at"]
    search_fields = ["number", "customer__number", "customer__name"]
    search_help_text = _("Number of the request, or number or name of the customer")
    ordering = ["-asked_at", "-pk"]
    queue_query = "?decision__exact="
    acts = [
        Act(
            "erase", _("Erase the data"), "accounts.decide_erasurerequest",
            lambda request, by, data: erasure.erase(request, by=by, **data), _("the data are erased."),
            waits, form=EraseForm, tone="danger",
        ),
        Act(
            "refuse", _("Refuse"), "accounts.decide_erasurerequest",
            lambda request, by, data: erasure.refuse_erasure(request, by=by, **data), _("request refused."),
            waits, form=RefuseForm,
        ),
    ]  # fmt: skip

    def waiting(self) -> QuerySet:
        return ErasureRequest.objects.waiting().order_by("asked_at", "pk")

    @display(description=_("state"), ordering="decision")
    def shown_state(self, request: ErasureRequest) -> str:
        return answer_chip(request)

    @display(description=_("age"), ordering="asked_at")
    def age(self, request: ErasureRequest) -> str:
        return age(request.asked_at)

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        report = thing.report if thing.decision else erasing.plan(thing.customer).report()
        lines = report_lines(report)
        erased, kept = (
            (_("What was erased"), _("What was kept"))
            if thing.decision
            else (_("What will be erased"), _("What will be kept, without names, addresses and words"))
        )
        sections = [
            Section(erased, [(line["what"], line["count"]) for line in lines["erased"]]),
            Section(kept, [(line["what"], f"{line['count']} – {line['why']}") for line in lines["kept"]]),
        ]
        return {
            "state": answer_chip(thing),
            "warnings": [words for words, _url in erasure.objections(thing.customer)] if waits(thing) else [],
            "first": [
                *answer_section(thing, [(_("In words"), thing.answer)]),
                Section(_("Request"), asked(request, thing)),
            ],
            "sections": [section for section in sections if section.rows],
        }
