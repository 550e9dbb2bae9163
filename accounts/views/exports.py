"""A copy of the data: asked for, made, downloaded."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.actions import exports as actions
from accounts.models import Customer, DataExport
from accounts.people import person_of
from portal.access import Right, rights_of


@login_required
def exports(request: HttpRequest) -> HttpResponse:
    """The customers that one may have a copy of, and the copies that there are. Every member may ask for one."""
    person = person_of(request)
    rights = rights_of(person)
    if not rights:
        raise Http404
    if request.method == "POST":
        wanted = request.POST.get("customer", "")
        right = next((right for right in rights if right.number == wanted), None)
        if right is None:
            raise Http404
        actions.ask_export(Customer.objects.get(pk=right.customer), by=person)
        return redirect("exports")
    made: dict[int, list[DataExport]] = {}
    for export in DataExport.objects.filter(asked_by=person):
        made.setdefault(export.customer_id, []).append(export)
    cards = [card(right, made.get(right.customer, [])) for right in rights]
    is_making = any(one["waiting"] for one in cards)
    return render(request, "accounts/exports.html", {"cards": cards, "is_making": is_making})


def card(right: Right, made: list[DataExport]) -> dict[str, Any]:
    """What the page tells about one customer: the copy that is being made, that can be had, or that failed."""
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
    name = f"{export.customer.number}-{export.ready_at:%Y-%m-%d}.zip"
    return FileResponse(
        export.file.open("rb"), as_attachment=True, filename=name, content_type="application/zip"
    )  # fmt: skip
