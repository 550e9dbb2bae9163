"""A clerk sees the portal as a customer does: for a reason that the customer can read, for half an hour, read only."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.people import tell_members
from accounts.models import Customer, SupportView, User
from portal.errors import Refused
from portal.events import record

LASTS = timedelta(minutes=30)


@transaction.atomic
def begin_view(customer: Customer, *, reason: str, by: User) -> SupportView:
    """Opens the customer's portal to the clerk; the customer's trail says so, and all full members are told by e-mail.

    A view that the clerk has open ends with it: a closed tab locks nobody out.
    """
    if not by.has_perm("accounts.see_as_customer"):
        raise PermissionDenied
    now = timezone.now()
    User.objects.select_for_update().get(pk=by.pk)
    SupportView.objects.filter(staff=by, ended_at=None, ends_at__lte=now).update(ended_at=F("ends_at"))
    if customer.erased_at:
        raise Refused(_("This customer's data are erased."))
    end_views_of(by)
    view = SupportView.objects.create(staff=by, customer=customer, reason=reason, started_at=now, ends_at=now + LASTS)
    facts = {"moment": view.ends_at.isoformat()}
    record("access.viewed", by=by, about=[customer, view], data=facts, reason=reason)
    tell_members(
        customer,
        "accounts/support_view",
        context={"reason": reason, "customer": str(customer), "at": now, "until": view.ends_at},
        path=reverse("access"),
        about=[customer, view],
    )
    return view


@transaction.atomic
def end_view(view: SupportView, *, by: User) -> SupportView:
    """The clerk has seen enough. A view that is over by itself stays as it is."""
    view = SupportView.objects.select_for_update().select_related("customer").get(pk=view.pk)
    if not view.is_open:
        return view
    view.ended_at = timezone.now()
    view.save(update_fields=["ended_at"])
    record("access.view_ended", by=by, about=[view.customer, view])
    return view


def end_views_of(person: User) -> None:
    """Signing out ends what is open."""
    for view in SupportView.objects.open().filter(staff=person):
        end_view(view, by=person)
