"""Changes of a customer's data: asking for them, and what became of it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.actions.requests import ask_for_change, withdraw_change
from accounts.customers import for_one_customer, names_shown
from accounts.forms.requests import ChangeForm
from accounts.models import ChangeRequest, Customer
from accounts.people import person_of
from accounts.presenters.requests import parts_shown, request_note, request_table
from portal.access import Area, demand, find, rights_of
from portal.events import Event

PAGE = 25


@login_required
def change_requests(request: HttpRequest) -> HttpResponse:
    """The requests of the customers that the person decides for, newest first."""
    if not rights_of(request.user):
        raise Http404
    demand(request.user, Area.ACCOUNT)
    rows = ChangeRequest.objects.visible_to(request.user).select_related("customer").order_by("-asked_at", "-pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "table": request_table(page, names_shown(request.user))}
    return render(request, "accounts/change_requests.html", context)


@for_one_customer(Area.ACCOUNT, change=True)
def ask(request: HttpRequest, customer: Customer) -> HttpResponse:
    """The present data, to be corrected: makes a request. While one waits there is nothing to fill in."""
    waiting = ChangeRequest.objects.waiting().filter(customer=customer).first()
    form = ChangeForm(request.POST or None, request.FILES or None, customer=customer, uploaded_by=person_of(request))
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("note", "documents")}
        new = form.attempt(ask_for_change, customer, wanted=form.wanted, by=person_of(request), **said)
        if new:
            messages.success(request, _("Request %(number)s is sent. We write to you.") % {"number": new.number})
            return redirect("change-request", new.pk)
    return render(request, "accounts/change_ask.html", {"form": form, "customer": customer, "waiting": waiting})


@login_required
def change_request(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what is asked for, part by part, and the answer."""
    found = find(ChangeRequest.objects.select_related("customer"), request.user, pk=pk)
    context = {
        "found": found,
        "note": request_note(found),
        "parts": parts_shown(found),
        "documents": found.documents.all(),
        "events": Event.objects.about(found),
    }
    return render(request, "accounts/change_request.html", context)


@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first, then takes the request back."""
    found = find(ChangeRequest.objects.select_related("customer"), request.user, change=True, pk=pk)
    if request.method == "POST":
        withdraw_change(found, by=person_of(request))
        messages.success(request, _("The request is taken back."))
        return redirect("change-request", found.pk)
    if found.decision:
        return redirect("change-request", found.pk)
    return render(request, "accounts/change_withdraw.html", {"found": found})
