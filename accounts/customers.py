"""For which customer a page is asked."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import Customer
from portal.access import rights_of

View = Callable[..., HttpResponse]


def for_one_customer(area: str, *, change: bool = False) -> Callable[[View], View]:
    """For a page about one customer, which its view gets as second argument. Asks to sign in.

    Who acts for several and has not chosen does so first. 404 for who acts for nobody, 403 without the right to see
    (or change) the `area`.
    """

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def for_one(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            rights = rights_of(request.user)
            if not rights:
                raise Http404
            if len(rights) > 1:
                return redirect(f"{reverse('customers')}?{urlencode({'to': request.get_full_path()})}")
            if not rights[0].covers(area, change=change):
                raise PermissionDenied
            return view(request, Customer.objects.get(pk=rights[0].customer), *args, **kwargs)

        return for_one

    return decorate


def names_shown(user: Any) -> dict[int, str]:
    """The names of customers by primary key, for lists of a person who looks at several at once; else nothing."""
    rights = rights_of(user)
    return {right.customer: right.name for right in rights} if len(rights) > 1 else {}
