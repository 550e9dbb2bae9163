"""To be forgotten: what that means, asking for it, and taking it back; closing the own account."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actions.erasure import ask_erasure, close_account, objections, why_not_closed, withdraw_erasure
from accounts.customers import for_one_customer
from accounts.erasing import what_stays
from accounts.forms.erasure import CloseForm, ErasureForm
from accounts.models import Customer, ErasureRequest
from accounts.people import person_of
from portal.access import Area
from portal.errors import post_only


@require_safe
@for_one_customer(Area.ACCOUNT, change=True)
def erasure(request: HttpRequest, customer: Customer) -> HttpResponse:
    """What an erasure means, and the latest request."""
    latest = ErasureRequest.objects.filter(customer=customer).order_by("-asked_at", "-pk").first()
    context = {
        "customer": customer,
        "latest": latest,
        "objections": objections(customer),
        "kept": what_stays(),
    }
    return render(request, "accounts/erasure.html", context)


@for_one_customer(Area.ACCOUNT, change=True)
def ask(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Asks for everything to be erased, where nothing stands against it: else the page before says what does."""
    if objections(customer) or ErasureRequest.objects.waiting().filter(customer=customer).exists():
        return redirect("erasure")
    return _ask(request, customer)


@reauthentication_required
def _ask(request: HttpRequest, customer: Customer) -> HttpResponse:
    """After the person has shown anew who it is."""
    form = ErasureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        new = form.attempt(ask_erasure, customer, by=person_of(request), note=form.cleaned_data["note"])
        if new:
            messages.success(request, _("Request %(number)s is sent. We write to you.") % {"number": new.number})
            return redirect("erasure")
    return render(request, "accounts/erasure_ask.html", {"customer": customer, "form": form})


@post_only
@for_one_customer(Area.ACCOUNT, change=True)
def withdraw(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Takes the waiting request back."""
    if waiting := ErasureRequest.objects.waiting().filter(customer=customer).first():
        withdraw_erasure(waiting, by=person_of(request))
        messages.success(request, _("The request is taken back. Everything stays as it is."))
    return redirect("erasure")


@login_required
def close(request: HttpRequest) -> HttpResponse:
    """Closes the own account, of whoever acts for nobody. The office's accounts are closed by the office."""
    if person_of(request).is_staff:
        raise Http404
    return _close(request)


@reauthentication_required
def _close(request: HttpRequest) -> HttpResponse:
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.attempt(close_account, person_of(request))
        if not form.errors:
            # The session is gone with the account; what is left of it is in this request.
            logout(request)
            messages.success(request, _("Your account is closed. We send you a last e-mail."))
            return redirect("landing")
    return render(request, "accounts/account_close.html", {"form": form, "faults": why_not_closed(person_of(request))})
