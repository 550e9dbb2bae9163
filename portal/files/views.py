"""Hands documents out, to those who may see them."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
)
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal.files.models import Document
from portal.files.pictures import picture_of

# Whatever a file contains, it may not run or fetch anything, nor pass for a page of the portal.
POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


@require_safe
@login_required
@cache_control(private=True, max_age=600)
def document(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The document as it is kept."""
    found = get_object_or_404(Document.objects.visible_to(request.user), pk=pk)
    try:
        file = found.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return guarded(FileResponse(file, content_type=found.content_type, filename=found.name_for(request.user)))


@require_safe
@login_required
@cache_control(private=True, max_age=600)
def document_page(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    """A picture of one page, counted from 1."""
    found = get_object_or_404(Document.objects.visible_to(request.user), pk=pk)
    if number not in found.page_numbers:
        raise Http404
    try:
        picture, content_type = picture_of(found, number)
    except FileNotFoundError:
        raise Http404 from None
    return guarded(HttpResponse(picture, content_type=content_type))


def guarded(response: HttpResponseBase) -> HttpResponseBase:
    """For an answer whose content came from outside."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY  # the policy's middleware leaves a header that is there
    return response
