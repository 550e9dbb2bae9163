"""Choosing a partner for an order: the suitable ones first, what speaks against the others beside them."""

from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Partner
from orders.admin.common import RevisionForm
from orders.matching import Candidate, candidates
from orders.models import Service
from orders.presenters.office import candidate_facts


class CandidateSelect(forms.RadioSelect):
    """The partners as radio buttons; whoever may not be offered the order cannot be chosen."""

    template_name = "back_office/candidates.html"
    candidates: list[Candidate] = []
    chosen: int | None = None

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        # Django's renderer of forms does not look into the project's templates.
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        rows = [
            {
                "partner": one.partner,
                "facts": candidate_facts(one, self.chosen),
                "is_suitable": one.is_suitable,
                "is_disabled": not one.may_be_offered,
                "is_checked": str(one.partner.pk) == str(value),
            }
            for one in self.candidates
        ]
        return {
            "widget": {"name": name, "id": (attrs or {}).get("id", name)},
            "suitable": [row for row in rows if row["is_suitable"]],
            "others": [row for row in rows if not row["is_suitable"]],
            "others_open": any(row["is_checked"] and not row["is_suitable"] for row in rows),
        }


class AssignForm(RevisionForm):
    partner = forms.ChoiceField(
        label=_("Service partner"),
        widget=CandidateSelect,
        error_messages={
            "required": _("Choose a partner."),
            "invalid_choice": _("This partner cannot be offered the order any more. Choose another one."),
        },
    )

    def __init__(self, *args: Any, thing: Service, **kwargs: Any):
        super().__init__(*args, thing=thing, **kwargs)
        found = candidates(thing.order)
        field: Any = self.fields["partner"]
        self.offerable = {str(one.partner.pk): one.partner for one in found if one.may_be_offered}
        field.choices = [(key, partner.name) for key, partner in self.offerable.items()]
        field.widget.candidates, field.widget.chosen = found, thing.chosen_partner_id
        field.initial = self._first(found, thing.chosen_partner_id)
        kind = thing.order.service_kind
        assert kind
        field.help_text = gettext("The partner has %(hours)s working hours to answer.") % {"hours": kind.answer_hours}

    def _first(self, found: list[Candidate], chosen: int | None) -> str:
        """Whom the owner chose, else the one with the least open work."""
        suitable = [one.partner.pk for one in found if one.is_suitable]
        first = chosen if chosen in suitable else next(iter(suitable), None)
        return str(first or "")

    def clean_partner(self) -> Partner:
        return self.offerable[self.cleaned_data["partner"]]
