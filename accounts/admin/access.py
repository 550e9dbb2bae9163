"""Who acts for a customer, in the back office: the office looks, and helps where nobody else can."""

from dataclasses import replace
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions import access
from accounts.forms.access import GrantForm, InviteForm, grant_of
from accounts.grants import places_of
from accounts.models import Customer, Membership, User
from accounts.presenters.access import period_words, site_words
from portal.back_office import Act, ActForm, Listing, add_act, link
from portal.ui.templatetags.ui import local_date, local_moment

MAY = "accounts.change_membership"


def members_of(customer: Customer) -> Any:
    return customer.memberships.select_related("user", "granted_by").order_by("created_at", "pk")


class InviteActForm(ActForm, InviteForm):
    def __init__(self, *args: Any, thing: Customer, **kwargs: Any):
        super().__init__(*args, thing=thing, customer=thing, **kwargs)


class MemberField(forms.ModelChoiceField):
    def __init__(self, **kwargs: Any):
        super().__init__(queryset=Membership.objects.none(), label=_("Person"), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.user} ({obj.user.email}), {obj.get_grade_display()}"


class ChangeActForm(ActForm, GrantForm):
    """The first day stays as it was."""

    member = MemberField()

    field_order = ["member", "grade", "sites", "ends_on"]

    def __init__(self, *args: Any, thing: Customer, **kwargs: Any):
        super().__init__(*args, thing=thing, customer=thing, **kwargs)
        self.fields["member"].queryset = members_of(thing)  # type: ignore[attr-defined]
        del self.fields["starts_on"]


class RemoveActForm(ActForm):
    member = MemberField()

    def __init__(self, *args: Any, thing: Customer, **kwargs: Any):
        super().__init__(*args, thing=thing, **kwargs)
        self.fields["member"].queryset = members_of(thing)  # type: ignore[attr-defined]


def invite(customer: Customer, by: User, data: dict[str, Any]) -> None:
    access.invite(customer, email=data["email"], language=data["language"], grant=grant_of(data), by=by)


def change(_customer: Customer, by: User, data: dict[str, Any]) -> None:
    place = data["member"]
    access.change_grant(place, grant=replace(grant_of(data), starts_on=place.starts_on), by=by)


def remove(_customer: Customer, by: User, data: dict[str, Any]) -> None:
    access.remove_member(data["member"], by=by)


def is_there(customer: Customer) -> bool:
    return customer.erased_at is None


def has_members(customer: Customer) -> bool:
    return customer.memberships.exists()


add_act("accounts.customer", Act(
    "invite", _("Invite a person"), MAY, invite, _("invitation sent."), is_there, form=InviteActForm,
    hint=_("The person accepts by a link in an e-mail. All with full access are told."),
))  # fmt: skip
add_act("accounts.customer", Act(
    "grant", _("Change access"), MAY, change, _("access changed."), has_members, form=ChangeActForm,
))  # fmt: skip
add_act("accounts.customer", Act(
    "take-away", _("Take access away"), MAY, remove, _("access taken away."), has_members, form=RemoveActForm,
    tone="danger", hint=_("The person and all with full access are told."),
))  # fmt: skip


def members(request: HttpRequest, customer: Customer) -> Listing:
    names = dict(places_of(customer.pk))
    headers = [
        _("Person"), _("E-mail address"), _("Access"), _("Sites"), _("From"), _("Until"), _("Given by"), _("Last used"),
    ]  # fmt: skip
    rows = [
        (
            link(request, place.user),
            place.user.email,
            place.get_grade_display(),
            site_words(place, names),
            local_date(place.starts_on),
            period_words(place),
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
        (row.email, row.get_grade_display(), row.get_state_display(), local_moment(row.created_at)) for row in found
    ]
    return Listing(_("Invitations"), [_("E-mail address"), _("Access"), _("State"), _("Sent")], rows)
