"""The way out for a clerk who sees the portal as a customer does."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.actions.support_view import end_view
from accounts.models import SupportView
from accounts.people import person_of
from portal.addresses import plain
from portal.back_office import page_url
from portal.errors import post_only


@login_required
@post_only
def end(request: HttpRequest) -> HttpResponse:
    """Ends the open view and goes back to the customer's page in the back office. 404 for who has none."""
    person = person_of(request)
    view = SupportView.objects.open().filter(staff=person).first()
    if view is None:
        raise Http404
    end_view(view, by=person)
    return redirect(plain(page_url(view.customer)))
