"""What waits for the staff in this app."""

from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Partner
from portal.collect import Queue


def partner_applications(user: Any) -> list[Queue]:
    if not user.has_perm("accounts.decide_partner"):
        return []
    waiting = Partner.objects.waiting().aggregate(count=Count("pk"), oldest=Min("applied_at"))
    url = reverse("admin:accounts_partner_changelist") + "?decision__exact="
    return [Queue(_("Partner applications"), url, waiting["count"], waiting["oldest"])]
