"""Purchase proofs, as their owner sends them."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.people import person_of
from devices.models import Device
from orders.actions import proofs as actions
from orders.forms.proofs import ProofForm
from orders.models import Order
from orders.presenters import proofs as presenters
from orders.views.parts import revision_of
from portal.access import find
from portal.once import once_key


def proof_to_change(request: HttpRequest, pk: int) -> Order:
    """The purchase proof, if this person may change it: 404 for strangers, 403 for those who may look only."""
    proofs = Order.objects.filter(kind=Order.Kind.PURCHASE_PROOF).select_related("device__site", "proof")
    return find(proofs, request.user, change=True, pk=pk)


def days_made(device: Device) -> list[date]:
    """When the confirmed units of a device were made."""
    days = device.units.values_list("unit__made_on", flat=True)
    return [day for day in days if day]


def proof_form(request: HttpRequest, device: Device, **kwargs: Any) -> ProofForm:
    return ProofForm(
        request.POST or None,
        request.FILES or None,
        made=days_made(device),
        uploaded_by=person_of(request),
        **kwargs,
    )


@login_required
def new_proof(request: HttpRequest, pk: int) -> HttpResponse:
    """Attaches the purchase invoice: makes an order."""
    device = find(Device.objects.select_related("site"), request.user, change=True, pk=pk)
    once = once_key(request)
    if request.method == "POST" and (before := Order.objects.filter(device=device, once_key=once).first()):
        return redirect("order", before.pk)
    form = proof_form(request, device)
    facts = {"by": person_of(request), "once_key": once}
    if form.is_valid() and (new := form.attempt(actions.send_proof, device, **facts, **form.cleaned_data)):
        messages.success(
            request,
            _("Order %(number)s is sent. We verify it and write to you.") % {"number": new.number},
        )
        return redirect("order", new.pk)
    context = {
        "form": form,
        "device": device,
        "once_key": once,
        "open_order": presenters.open_proof(device),
    }
    return render(request, "orders/proof_form.html", context)


@login_required
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answers the office's question on the same order."""
    found = proof_to_change(request, pk)
    if request.method != "POST" and found.state != Order.State.WAITING:
        return redirect("order", found.pk)
    form = proof_form(
        request,
        found.device,
        documents_required=False,
        initial={"purchased_on": found.proof.purchased_on},
    )
    facts = {"by": person_of(request), "revision": revision_of(request), "once_key": once_key(request)}
    if form.is_valid() and form.attempt(actions.answer_proof, found, **facts, **form.cleaned_data):
        messages.success(request, _("Your answer is sent. We verify it and write to you."))
        return redirect("order", found.pk)
    context = {
        "form": form,
        "order": found,
        "documents": found.documents.all(),
        "once_key": once_key(request),
    }
    return render(request, "orders/answer_form.html", context)


@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks first, then takes the order back."""
    found = proof_to_change(request, pk)
    if request.method == "POST":
        actions.withdraw_proof(found, by=person_of(request), revision=revision_of(request))
        messages.success(request, _("Order %(number)s is withdrawn.") % {"number": found.number})
        return redirect("order", found.pk)
    if found.closed_at:
        return redirect("order", found.pk)
    return render(request, "orders/withdraw.html", {"order": found})
