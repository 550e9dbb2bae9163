"""A clerk who sees the portal as a customer does: what the clerk is for such a page, and what is refused there."""

import copy
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import ResolverMatch
from django.utils.translation import gettext as _

from accounts.models import SupportView, User
from portal.access import Grade, Right, all_rights
from portal.addresses import plain
from portal.back_office import page_url
from portal.views import forbidden

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# What even whoever only looks may do.
WAYS_OUT = {"support-view-end", "account_logout"}
# What the pages about people tell of the customer rather than of a person.
OF_THE_CUSTOMER = {"customer-data", "access", "change-requests", "change-request", "terms"}
# PostgreSQL's name for a write in a transaction that only reads.
WRITE_REFUSED = "25006"


class ViewingMiddleware:
    """Makes a member who only looks of the clerk, on the pages of the customer that an open view names.

    The address names the customer, so the clerk's own pages and the back office stay what they are. Whatever is no
    mere look is refused: by its method, and by the database, which lets such a page write nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number, clerk = request.customer_number, request.user  # type: ignore[attr-defined]
        if not number or not clerk.is_authenticated or not clerk.is_staff:
            return self.get_response(request)
        views = SupportView.objects.filter(staff=clerk, customer__number=number).select_related("customer")
        view = views.open().first()
        if view and clerk.has_perm("accounts.see_as_customer"):
            request.user = seen_as_member(clerk, view)
            return self._read_only(request) if request.method in SAFE_METHODS else self.get_response(request)
        over = views.last()
        if over is None or any(right.number == number for right in all_rights(clerk)):
            return self.get_response(request)
        messages.info(request, _("The view as this customer is over."))
        return redirect(plain(page_url(over.customer)))

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if getattr(request.user, "support_view", None) is None:
            return
        match = request.resolver_match
        assert match
        if "admin" in match.app_names:
            raise Http404
        if match.url_name in WAYS_OUT:
            return
        if request.method not in SAFE_METHODS or is_personal(match):
            raise PermissionDenied

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if getattr(exception.__cause__, "pgcode", "") != WRITE_REFUSED:
            return None
        request.tried_to_write = True  # type: ignore[attr-defined]
        return HttpResponse(status=403)

    def _read_only(self, request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            response = self.get_response(request)
            tried_to_write = getattr(request, "tried_to_write", False)
            transaction.set_rollback(tried_to_write)
        return forbidden(request, PermissionDenied()) if tried_to_write else response


def seen_as_member(clerk: Any, view: SupportView) -> User:
    """The clerk of one request, who has no rights but to look at everything of this customer."""
    # A copy: what request.user knew before must not lose its rights, and nobody may save this one.
    viewer = copy.copy(clerk._wrapped if hasattr(clerk, "_wrapped") else clerk)
    of = view.customer
    viewer.is_staff = viewer.is_superuser = False
    viewer.support_view = view
    viewer.known_rights = [Right(of.pk, Grade.FULL, None, of.number, of.name, looks_only=True)]
    return viewer


def is_personal(match: ResolverMatch) -> bool:
    """A page of a person or of a partner, not of a customer."""
    module = match.func.__module__
    if module.startswith(("accounts.", "allauth.")):
        return match.url_name not in OF_THE_CUSTOMER
    return match.route.startswith("work/")
