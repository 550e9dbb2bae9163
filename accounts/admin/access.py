"""Who acts for a customer, in the back office: the office looks, and helps where nobody else can."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.actions import access
from accounts.forms.access import GrantForm, InviteForm, grant_of
from accounts.grants import Grant, places_of
from accounts.models import Customer, Membership, Partner, User
from accounts.presenters.access import grant_facts, period_words, site_words
from portal.back_office import (
    HISTORY_SHOWN,
    Act,
    ActForm,
    Listing,
    PageAdmin,
    Section,
    add_act,
    breakable,
    link,
    page_url,
    two_lines,
)
from portal.events import Event, key
from portal.ui.templatetags.ui import local_date, local_moment

MAY = "accounts.change_membership"


def members_of(customer: Customer) -> Any:
    return customer.memberships.select_related("user", "customer", "granted_by").order_by("created_at", "pk")


class InviteActForm(ActForm, InviteForm):
    def __init__(self, *args: Any, thing: Customer, **kwargs: Any):
        super().__init__(*args, thing=thing, customer=thing, **kwargs)


class ChangeActForm(ActForm, GrantForm):
    def __init__(self, *args: Any, thing: Membership, **kwargs: Any):
        super().__init__(*args, thing=thing, customer=thing.customer, before=Grant.of(thing), **kwargs)


class TakeBackForm(ActForm):
    """One of the invitations that nobody has answered, to a customer or to a team."""

    invitation: forms.ModelChoiceField = forms.ModelChoiceField(queryset=None, label=_("Invitation"), empty_label=None)

    def __init__(self, *args: Any, thing: Customer | Partner, **kwargs: Any):
        super().__init__(*args, thing=thing, **kwargs)
        self.fields["invitation"].queryset = thing.invitations.open().order_by("email")  # type: ignore[attr-defined]
        self.fields["invitation"].label_from_instance = lambda invitation: invitation.email  # type: ignore[attr-defined]


def has_open_invitations(thing: Customer | Partner) -> bool:
    return thing.invitations.open().exists()


def invite(customer: Customer, by: User, data: dict[str, Any]) -> None:
    access.invite(customer, email=data["email"], language=data["language"], grant=grant_of(data), by=by)


def is_there(customer: Customer) -> bool:
    return customer.erased_at is None


add_act("accounts.customer", Act(
    "invite", _("Invite a person"), MAY, invite, _("invitation sent."), is_there, form=InviteActForm,
    hint=_("The person accepts by a link in an e-mail. All with full access are told."),
))  # fmt: skip


add_act("accounts.customer", Act(
    "take-back", _("Take an invitation back"), MAY,
    lambda customer, by, data: access.withdraw_invitation(data["invitation"], by=by), _("invitation taken back."),
    has_open_invitations, form=TakeBackForm, hint=_("Its link works no more. All with full access are told."),
))  # fmt: skip


@admin.register(Membership)
class MembershipAdmin(PageAdmin):
    """The page of one grant: what it is now stands in the form that changes it."""

    list_display = ["user", "customer", "grade", "starts_on", "ends_on", "last_used_at"]
    list_filter = ["grade", "ends_on"]
    list_select_related = ["user", "customer"]
    search_fields = ["user__email", "user__last_name", "customer__name", "customer__number"]
    search_help_text = _("Person, e-mail address, customer or customer number")
    ordering = ["-created_at", "-pk"]
    acts = [
        Act(
            "grant", _("Change access"), MAY,
            lambda place, by, data: access.change_grant(place, grant=grant_of(data), by=by), _("access changed."),
            lambda place: True, form=ChangeActForm, leads_to=lambda place: page_url(place.customer),
            hint=_("The person and all with full access are told."),
        ),
        Act(
            "take-away", _("Take access away"), MAY, lambda place, by, data: access.remove_member(place, by=by),
            _("access taken away."), lambda place: True, tone="danger",
            leads_to=lambda place: page_url(place.customer), hint=_("The person and all with full access are told."),
        ),
    ]  # fmt: skip

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        rows = [
            (_("Person"), link(request, thing.user)),
            (_("E-mail address"), thing.user.email),
            (_("Customer"), link(request, thing.customer)),
            *grant_facts(thing, dict(places_of(thing.customer_id))),
            (_("Given by"), link(request, thing.granted_by)),
            (_("Last used"), local_moment(thing.last_used_at)),
        ]
        told = Event.objects.about(thing.customer).filter(topics__contains=[key(thing.user)])
        return {
            "warnings": warnings_of(Customer.objects.filter(pk=thing.customer_id)),
            "first": [Section(_("Access"), rows)],
            "history": told.filter(verb__startswith="access.")[:HISTORY_SHOWN],
        }


def members(request: HttpRequest, customer: Customer) -> Listing:
    names = dict(places_of(customer.pk))
    headers = [_("Person"), _("Access"), _("Period"), _("Given by"), _("Last used")]
    rows = [
        (
            two_lines(link(request, place.user), breakable(place.user.email)),
            two_lines(
                link(request, place, place.get_grade_display()),
                format_lazy("{}: {}", _("Sites"), site_words(place, names)),
            ),
            format_html("{} – {}", local_date(place.starts_on), period_words(place)),
            link(request, place.granted_by),
            local_moment(place.last_used_at),
        )
        for place in members_of(customer)
    ]
    return Listing(_("Who has access"), headers, rows)


def warnings_of(customers: QuerySet[Customer]) -> list[str]:
    """A sentence for each of these for whom nobody decides today."""
    decided = Membership.objects.full().values("customer")
    return [
        _("Nobody decides for %(customer)s now: no account with full access can sign in.") % {"customer": customer}
        for customer in customers.filter(erased_at=None).exclude(pk__in=decided).order_by("name", "pk")
    ]


def invitations(request: HttpRequest, customer: Customer) -> Listing:
    found = customer.invitations.order_by("-created_at", "-pk")[:20]
    rows = [
        (breakable(row.email), row.get_grade_display(), row.get_state_display(), local_moment(row.created_at))
        for row in found
    ]
    return Listing(_("Invitations"), [_("E-mail address"), _("Access"), _("State"), _("Sent")], rows)
