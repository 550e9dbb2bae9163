"""To be forgotten: what that means, asking for it, and taking it back."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actions.erasure import ask_erasure, objections, withdraw_erasure
from accounts.customers import for_one_customer
from accounts.forms.erasure import ErasureForm
from accounts.models import Customer, ErasureRequest
from accounts.people import person_of
from portal.access import Area
from portal.privacy import REASONS


@require_safe
@for_one_customer(Area.ACCOUNT, change=True)
def erasure(request: HttpRequest, customer: Customer) -> HttpResponse:
    """What an erasure means, and the latest request."""
    latest = ErasureRequest.objects.filter(customer=customer).order_by("-asked_at", "-pk").first()
    context = {
        "customer": customer,
        "latest": latest,
        "objections": objections(customer),
        "reasons": [REASONS[code] for code in ("warranty", "work", "device", "consents", "trail")],
    }
    return render(request, "accounts/erasure.html", context)


@for_one_customer(Area.ACCOUNT, change=True)
@reauthentication_required
def ask(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Asks for everything to be erased, after the person has shown anew who it is."""
    form = ErasureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        new = form.attempt(ask_erasure, customer, by=person_of(request), note=form.cleaned_data["note"])
        if new:
            messages.success(request, _("Request %(number)s is sent. We write to you.") % {"number": new.number})
            return redirect("erasure")
    return render(request, "accounts/erasure_ask.html", {"customer": customer, "form": form})


@require_POST
@for_one_customer(Area.ACCOUNT, change=True)
def withdraw(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Takes the waiting request back."""
    if waiting := ErasureRequest.objects.waiting().filter(customer=customer).first():
        withdraw_erasure(waiting, by=person_of(request))
        messages.success(request, _("The request is taken back. Everything stays as it is."))
    return redirect("erasure")
