"""Seeing the portal as a customer does: the act on the customer's page of the back office, and who did so before."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions.support_view import begin_view
from accounts.links import for_customer
from accounts.models import Customer, SupportView
from portal.back_office import Act, ActForm, Listing, add_act, add_listing, link
from portal.ui.templatetags.ui import local_moment

SHOWN = 20


class ReasonForm(ActForm):
    reason = forms.CharField(
        label=_("Why you need to see it"),
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("The customer reads this, in an e-mail and in the list of who has access."),
    )


def support_views(request: HttpRequest, customer: Customer) -> Listing:
    found = customer.support_views.select_related("staff").order_by("-started_at", "-pk")[:SHOWN]
    rows = [(link(request, view.staff), view.reason, local_moment(view.started_at), until(view)) for view in found]
    return Listing(_("Who saw the portal as this customer"), [_("Clerk"), _("Reason"), _("From"), _("Until")], rows)


def until(view: SupportView) -> Any:
    return _("now") if view.is_open else local_moment(view.ended_at or view.ends_at)


add_listing("accounts.customer", support_views)
add_act(
    "accounts.customer",
    Act(
        "see_as_customer", _("See as the customer"), "accounts.see_as_customer",
        lambda customer, by, data: begin_view(customer, by=by, **data), _("you see the portal as this customer now."),
        lambda customer: customer.erased_at is None, form=ReasonForm,
        hint=_("For 30 minutes, and read only. The customer is told by e-mail."),
        leads_to=lambda customer: for_customer(customer.number, "/start/"),
    ),
)  # fmt: skip
