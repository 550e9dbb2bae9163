"""What happens to every request."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.errors import Refused


class AdminPolicyMiddleware:
    """Loosens the content security policy for the back office alone: unfold's Alpine.js evaluates expressions.

    See docs/decisions/0005-admin-policy.md.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_update = {  # type: ignore[attr-defined]
                "script-src": ["'unsafe-eval'", "'unsafe-inline'"],
                "style-src": ["'unsafe-inline'"],
            }
        return response


class RefusalMiddleware:
    """Turns a refused step into a sentence: on the page where it was tried, if that is known."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        if request.method == "POST":
            messages.error(request, exception.sentence)
            return redirect(request.path)
        return render(request, "refused.html", {"sentence": exception.sentence}, status=409)
