"""The back office of service partners: applications, areas, teams."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.actions import partners, teams
from accounts.admin.access import TakeBackForm, has_open_invitations
from accounts.models import Partner, PartnerMembership
from accounts.rules import looks_like_fgas_certificate, parse_areas
from portal.back_office import (
    Act,
    ActForm,
    AnswerFilter,
    Listing,
    PageAdmin,
    Section,
    age,
    answer_chip,
    answer_section,
    link,
    page_url,
)
from portal.ui.templatetags.ui import local_moment
from portal.words import one_stop


class RefusePartnerForm(ActForm):
    reason = forms.CharField(
        label=_("Why the application is refused"),
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The applicant reads this in an e-mail."),
    )


class AreasForm(ActForm):
    areas = forms.CharField(
        label=_("Areas served"),
        max_length=400,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("The beginnings of postcodes, with commas: 00, 01, 05-5. New offers follow them."),
        error_messages={"required": _("Enter at least one beginning of a postcode.")},
    )

    def __init__(self, *args: Any, thing: Partner, **kwargs: Any):
        super().__init__(*args, thing=thing, initial={"areas": ", ".join(thing.areas)}, **kwargs)

    def clean_areas(self) -> list[str]:
        try:
            return parse_areas(self.cleaned_data["areas"])
        except ValueError:
            raise forms.ValidationError(
                _("Enter the beginnings of postcodes with commas between them, such as 00, 01, 05-5.")
            ) from None


class TeamForm(ActForm):
    first_name = forms.CharField(label=_("First name"), max_length=80)
    last_name = forms.CharField(label=_("Last name"), max_length=80)
    email = forms.EmailField(label=_("E-mail address"), help_text=_("The person gets an e-mail with a link."))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    role = forms.ChoiceField(
        label=_("Role"),
        choices=PartnerMembership.Role.choices,
        initial=PartnerMembership.Role.ENGINEER,
        help_text=_("A manager answers offers and hands orders to engineers."),
    )


def applied(partner: Partner) -> bool:
    return not partner.decision


def approved(partner: Partner) -> bool:
    return partner.decision == Partner.Decision.APPROVED


@admin.register(Partner)
class PartnerAdmin(PageAdmin):
    list_display = [
        "name",
        "city",
        "tax_number",
        "fgas_certificate",
        "shown_state",
        "age",
    ]
    export_permission = "portal.export_lists"
    list_filter = [("decision", AnswerFilter), "applied_at"]
    search_fields = ["name", "tax_number", "email", "city", "fgas_certificate"]
    search_help_text = _("Name, tax number, e-mail address, town or certificate")
    ordering = ["-applied_at", "-pk"]
    queue_query = "?decision__exact="
    acts = [
        Act(
            "approve", _("Approve"), "accounts.decide_partner",
            lambda partner, by, data: partners.decide_partner(partner, approve=True, by=by), _("application approved."),
            applied, tone="primary", hint=_("The company's people can then work with us; they get an e-mail."),
        ),
        Act(
            "refuse", _("Refuse"), "accounts.decide_partner",
            lambda partner, by, data: partners.decide_partner(partner, approve=False, by=by, **data),
            _("application refused."), applied, form=RefusePartnerForm, tone="danger",
        ),
        Act(
            "areas", _("Change areas"), "accounts.change_partner",
            lambda partner, by, data: partners.change_areas(partner, by=by, **data), _("areas changed."),
            approved, form=AreasForm,
        ),
        Act(
            "person", _("Invite a person"), "accounts.change_partner",
            lambda partner, by, data: teams.invite(partner, by=by, **data), _("invitation sent."),
            approved, form=TeamForm, hint=_("The person accepts by a link in an e-mail and is in the team then."),
        ),
        Act(
            "take-back", _("Take an invitation back"), "accounts.change_partner",
            lambda partner, by, data: teams.withdraw_invitation(data["invitation"], by=by),
            _("invitation taken back."), has_open_invitations, form=TakeBackForm, hint=_("Its link works no more."),
        ),
    ]  # fmt: skip

    def waiting(self) -> QuerySet:
        return Partner.objects.waiting().order_by("applied_at", "pk")

    def _next_url(self, thing: Any) -> str:
        """Applications are answered one after the other; what changes a partner stays on its page."""
        return super()._next_url(thing) if applied(thing) else page_url(thing)

    @display(description=_("state"), ordering="decision")
    def shown_state(self, partner: Partner) -> str:
        return answer_chip(partner)

    @display(description=_("age"), ordering="applied_at")
    def age(self, partner: Partner) -> str:
        return age(partner.applied_at)

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        company = [
            (_("Tax number"), thing.tax_number),
            (_("Address"), f"{thing.address}, {thing.get_country_display()}"),
            (_("E-mail address"), thing.email),
            (_("Phone"), thing.phone),
            (_("Notes"), thing.notes),
            (_("Applied"), local_moment(thing.applied_at)),
        ]
        work = [
            (_("F-gas certificate"), thing.fgas_certificate),
            (_("Areas served"), _("Postcodes that begin with %(areas)s") % {"areas": ", ".join(thing.areas)}),
        ]
        warnings: list[Any] = []
        if not looks_like_fgas_certificate(thing.fgas_certificate):
            warnings.append(_("The number of the F-gas certificate does not have the usual form FGAZ-P/01/12345/22."))
        if others := Partner.objects.filter(tax_number=thing.tax_number).exclude(pk=thing.pk):
            names = ", ".join(map(str, others))
            warnings.append(one_stop(_("The same tax number has: %(names)s.") % {"names": names}))
        answer = answer_section(thing, [(_("In words"), thing.decision_reason)])
        return {
            "state": answer_chip(thing),
            "warnings": warnings,
            "first": [*answer, Section(_("Certificate and areas"), work), Section(_("Company"), company)],
        }

    def listings(self, request: HttpRequest, thing: Any) -> list[Listing]:
        people = [
            (link(request, place.user), place.user.email, place.get_role_display())
            for place in thing.people.select_related("user").order_by("user__last_name", "pk")
        ]
        asked = [
            (str(row), row.email, row.get_role_display(), row.get_state_display(), local_moment(row.created_at))
            for row in thing.invitations.order_by("-created_at", "-pk")[:20]
        ]
        return [
            Listing(_("People"), [_("Person"), _("E-mail address"), _("Role")], people),
            Listing(_("Invitations"), [_("Person"), _("E-mail address"), _("Role"), _("State"), _("Sent")], asked),
            *super().listings(request, thing),
        ]
