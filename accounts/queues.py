"""What waits for the staff in this app."""

from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import ChangeRequest, ErasureRequest, Partner
from portal.collect import Queue


def partner_applications(user: Any) -> list[Queue]:
    if not user.has_perm("accounts.decide_partner"):
        return []
    waiting = Partner.objects.waiting().aggregate(count=Count("pk"), oldest=Min("applied_at"))
    url = reverse("admin:accounts_partner_changelist") + "?decision__exact="
    return [Queue(_("Partner applications"), url, waiting["count"], waiting["oldest"])]


def change_requests(user: Any) -> list[Queue]:
    if not user.has_perm("accounts.decide_changerequest"):
        return []
    waiting = ChangeRequest.objects.waiting().aggregate(count=Count("pk"), oldest=Min("asked_at"))
    url = reverse("admin:accounts_changerequest_changelist") + "?decision__exact="
    return [Queue(_("Changes of customers' data"), url, waiting["count"], waiting["oldest"])]


def erasure_requests(user: Any) -> list[Queue]:
    if not user.has_perm("accounts.decide_erasurerequest"):
        return []
    waiting = ErasureRequest.objects.waiting().aggregate(count=Count("pk"), oldest=Min("asked_at"))
    url = reverse("admin:accounts_erasurerequest_changelist") + "?decision__exact="
    return [Queue(_("Requests for erasure"), url, waiting["count"], waiting["oldest"])]
