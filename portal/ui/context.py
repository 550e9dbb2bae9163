"""What the shell around every page needs to know."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, gettext

from portal import collect
from portal.access import all_rights, may
from portal.addresses import plain


def start_tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """The tabs of the start page for a customer who is signed in; none for anybody else."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.is_staff:
        return []
    tabs = sorted((tab for tab in collect.start_tabs if may(user, tab.area)), key=lambda tab: tab.position)
    rows = [{"label": tab.label, "url": reverse(tab.url_name)} for tab in tabs]
    # The start page itself may lie above the others: the longest address that fits is where the reader is.
    fits = [row["url"] for row in rows if request.path.startswith(row["url"])]
    return [row | {"current": bool(fits) and row["url"] == max(fits, key=len)} for row in rows]


def acting(request: HttpRequest) -> dict[str, str] | None:
    """For whom a person with several customers sees the page, and where to choose another; None for anybody else."""
    user = getattr(request, "user", None)
    rights = all_rights(user) if user is not None and not user.is_staff else []
    if len(rights) < 2:
        return None
    chosen = next((right.name for right in rights if right.customer == getattr(user, "acts_for", None)), None)
    return {"name": chosen or gettext("All customers"), "url": plain(reverse("customers"))}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    return {
        "brand": settings.BRAND,
        "demo": settings.DEMO,
        "language": get_language(),
        "languages": settings.LANGUAGES,
        "acting": lambda: acting(request),
    }


def staff_dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The queues on the first page of the back office (unfold's DASHBOARD_CALLBACK)."""
    context["queues"] = [queue for find in collect.staff_queues for queue in find(request.user)]
    return context
