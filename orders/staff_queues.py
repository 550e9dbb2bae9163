"""What waits for the office, on its first page. A queue counts what its link lists."""

from datetime import datetime, time
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import Order, Service
from portal.collect import Queue
from services.models import ServiceKind
from warranty.models import Cover


def proofs_to_review(user: Any) -> list[Queue]:
    if not user.has_perm("orders.review_order"):
        return []
    waiting = Order.objects.in_review().aggregate(count=Count("pk"), oldest=Min("created_at"))
    url = reverse("admin:orders_order_changelist") + "?state__exact=in_review"
    return [Queue(_("Proofs to review"), url, waiting["count"], waiting["oldest"])]


def service_queues(user: Any) -> list[Queue]:
    """Orders that stand still. The first page shows the last of these on top."""
    if not user.has_perm("orders.assign_order"):
        return []
    services = Service.objects.all()
    return [
        _queue("undrawn", _("Signed protocols without a PDF"), services.undrawn(), "signed_at"),
        _queue("stuck", _("Work not finished a day after the visit"), services.stuck(), "visit_ends"),
        _queue("owner", _("Owners who have not answered in time"), services.owner_late(), "due_since"),
        _queue("undated", _("Accepted, no date in time"), services.undated(), "turn_since"),
        _queue("missed", _("Visits that were not begun"), services.visits_missed(), "visit_ends"),
        _queue("moves", _("Visits to be moved, without an answer in time"), services.unanswered_moves(), "answer_by"),
        _queue("due", _("Offers to be answered today, or without an answer"), services.answers_due(), "offered_at"),
        _queue("assign", _("Orders to assign"), services.to_assign(), "submitted_at"),
    ]


def _queue(code: str, label: Any, services: QuerySet, since: str) -> Queue:
    if since == "offered_at":
        services = services.filter(order__offers__outcome="").annotate(offered_at=F("order__offers__made_at"))
    waiting = services.aggregate(count=Count("pk"), oldest=Min(since))
    return Queue(
        label, f"{reverse('admin:orders_service_changelist')}?queue={code}", waiting["count"], waiting["oldest"]
    )


def inspections_overdue(user: Any) -> list[Queue]:
    """Nobody has ordered them; somebody has to call."""
    if not user.has_perm("orders.assign_order"):
        return []
    waiting = unordered(Cover.objects.overdue(timezone.localdate())).aggregate(
        count=Count("pk"), oldest=Min("next_inspection_on")
    )
    oldest = waiting["oldest"] and timezone.make_aware(datetime.combine(waiting["oldest"], time()))
    url = reverse("admin:warranty_cover_changelist") + "?inspection=overdue"
    return [Queue(_("Inspections overdue"), url, waiting["count"], oldest)]


def inspections_on_order() -> QuerySet:
    """Inspections on their way, of the device of an outer Cover."""
    return Order.objects.on_way_to(ServiceKind.Outcome.INSPECTION).filter(device=OuterRef("device"))


def unordered(covers: QuerySet) -> QuerySet:
    """Those of which no inspection is on order."""
    return covers.exclude(Exists(inspections_on_order()))
