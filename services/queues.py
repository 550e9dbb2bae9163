"""What waits for the staff in this app."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.collect import Queue
from services.models import Certificate, unready_partners
from services.rules import WARNING_DAYS


def ending_certificates(user: Any) -> list[Queue]:
    """Certificates of partners that are over or will be soon; each waits from the day of its first warning on."""
    if not user.has_perm("services.change_certificate"):
        return []
    waiting = Certificate.objects.to_watch(today=timezone.localdate()).aggregate(
        count=Count("pk"), end=Min("valid_until")
    )
    since = waiting["end"] and timezone.make_aware(
        datetime.combine(waiting["end"] - timedelta(days=max(WARNING_DAYS)), time())
    )
    url = reverse("admin:services_certificate_changelist") + "?ends=soon"
    return [Queue(_("Certificates that end"), url, waiting["count"], since)]


def partners_to_complete(user: Any) -> list[Queue]:
    """Approved partners whom nobody can choose yet; each waits from the office's yes on."""
    if not user.has_perm("services.change_qualification"):
        return []
    waiting = unready_partners(timezone.localdate()).aggregate(count=Count("pk"), since=Min("decided_at"))
    url = reverse("admin:accounts_partner_changelist") + "?ready=no"
    return [Queue(_("Partners without services or a valid certificate"), url, waiting["count"], waiting["since"])]
