"""Pages that belong to no app."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from portal import collect
from portal.access import may
from portal.public import public


@public
@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    """Two ways in; whoever is in already goes on to the start page."""
    return redirect("start") if request.user.is_authenticated else render(request, "landing.html")


@login_required
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Sends each to the own first page: staff to the back office, partners to theirs, customers to their first tab."""
    if request.user.is_staff:  # type: ignore[union-attr]
        return redirect("admin:index")
    places = request.user.partner_memberships  # type: ignore[union-attr]
    if places.filter(partner__decision="approved").exists():
        return redirect("work")
    if places.exists():
        return redirect("partner")
    return redirect(first_page(request.user))


def first_page(user: Any) -> str:
    """The name of the first tab that a customer's person may see; who sees none comes to the own page."""
    tabs = sorted(collect.start_tabs, key=lambda tab: tab.position)
    return next((tab.url_name for tab in tabs if may(user, tab.area)), "profile")


def remember_language(response: HttpResponse, language: str) -> None:
    """From the next page on, this browser gets pages in `language`, e.g. "pl"."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


@public
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "legal/privacy.html")


@public
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "legal/accessibility.html")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without context processors: the database may be what failed."""
    from django.template.loader import render_to_string

    return HttpResponse(render_to_string("500.html"), status=500)
