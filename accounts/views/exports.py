"""A copy of the data: asked for, made, downloaded."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.actions import exports as actions
from accounts.models import Customer, DataExport
from accounts.people import person_of
from portal.access import Right, rights_of


@login_required
def exports(request: HttpRequest) -> HttpResponse:
    """What one may have a copy of, and the copies that there are: of each customer, or of the own data alone."""
    person = person_of(request)
    rights: list[Right | None] = [*rights_of(person)] or [None]
    if request.method == "POST":
        actions.ask_export(wanted(rights, request.POST.get("customer", "")), by=person)
        return redirect("exports")
    made: dict[int | None, list[DataExport]] = {}
    for export in DataExport.objects.filter(asked_by=person):
        made.setdefault(export.customer_id, []).append(export)
    cards = [card(right, made.get(right.customer if right else None, [])) for right in rights]
    is_making = any(one["waiting"] for one in cards)
    return render(request, "accounts/exports.html", {"cards": cards, "is_making": is_making})


def wanted(rights: list[Right | None], number: str) -> Customer | None:
    """The customer with this number, None for the own data. 404 for what is not on the page."""
    if rights == [None]:
        return None
    right = next((right for right in rights if right and right.number == number), None)
    if right is None:
        raise Http404
    return Customer.objects.get(pk=right.customer)


def card(right: Right | None, made: list[DataExport]) -> dict[str, Any]:
    """What the page tells about one customer or the own data: the copy that is being made, can be had, or failed."""
    state = made[0].state if made else ""
    ready = next((export for export in made if export.state == DataExport.State.READY), None)
    return {
        "right": right,
        "waiting": made[0] if state == DataExport.State.WAITING else None,
        "failed": made[0] if state == DataExport.State.FAILED else None,
        "ready": ready if ready and actions.may_fetch(ready, right) else None,
    }


@require_safe
@login_required
@cache_control(private=True, no_store=True)
def download(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The ZIP, for nobody but who asked for it, and only while that person sees all of it."""
    person = person_of(request)
    export = get_object_or_404(DataExport.objects.select_related("customer"), pk=pk, asked_by=person)
    if not actions.may_fetch(export, actions.right_at(person, export.customer_id)):
        raise Http404
    made = timezone.localtime(export.ready_at)
    name = f"{export.customer.number if export.customer else 'account'}-{made:%Y-%m-%d}.zip"
    return FileResponse(
        export.file.open("rb"), as_attachment=True, filename=name, content_type="application/zip"
    )  # fmt: skip
