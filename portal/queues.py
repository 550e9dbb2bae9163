"""What waits for the staff on the ground floor."""

from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.collect import Queue
from portal.outbox.models import Message


def undeliverable_messages(user: Any) -> list[Queue]:
    if not user.has_perm("portal.change_message"):
        return []
    waiting = Message.objects.undeliverable().aggregate(count=Count("pk"), oldest=Min("created_at"))
    url = reverse("admin:portal_message_changelist") + "?state__exact=failed"
    return [
        Queue(
            _("Messages that cannot be delivered"),
            url,
            waiting["count"],
            waiting["oldest"],
        )
    ]
