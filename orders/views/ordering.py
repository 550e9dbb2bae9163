"""Ordering a service, step by step. Nothing typed is lost: each step keeps what it has in a draft."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.forms import Form
from accounts.people import person_of
from devices.models import Device
from orders import matching
from orders.actions import ordering as actions
from orders.forms.ordering import OneServiceForm, WhatForm
from orders.models import Order
from orders.presenters import ordering as presenters
from orders.queries import (
    days_over,
    device_facts,
    devices_for_one_service,
    draft_mark,
    fault_of,
    is_filled_in,
    missing_answers,
    ordering_faults,
)
from orders.views.owner import answers_form, checklist_form, wishes_form
from orders.views.parts import number_in, revision_of, service_orders, service_to_change
from portal.access import Area, demand, find
from portal.once import once_key
from services.checklists import OWNER, missing, nothing_to_report
from services.forms import ChecklistForm
from services.models import ServiceKind, current_version


def kinds() -> list[ServiceKind]:
    return list(ServiceKind.objects.active().prefetch_related("products"))


def devices_of(request: HttpRequest) -> Any:
    """The devices for which this person may order something, by site."""
    return Device.objects.changeable_by(request.user).for_list().order_by("site_id", "pk")


def what_form(
    request: HttpRequest, devices: list[Device], offered: list[ServiceKind], initial: dict[str, Any]
) -> WhatForm:
    return WhatForm(
        request.POST if request.method == "POST" else None,
        devices=devices,
        kinds=offered,
        faults=ordering_faults(devices, offered),
        partners=matching.choosable(),
        initial=initial,
    )


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """The first step: which service, for which device."""
    demand(request.user, Area.TECHNICAL, change=True)
    once = once_key(request)
    before = sent_before(request, once)
    if before and before.state != Order.State.DRAFT:
        return redirect("order-continue", before.pk)
    devices, offered = list(devices_of(request)), kinds()
    if not devices:
        return render(request, "orders/no_devices.html")
    asked = next((device for device in devices if device.pk == number_in(request.GET, "device")), None)
    code = request.GET.get("service", "")
    initial = {
        "device": asked.pk if asked else None,
        "site": asked.site_id if asked else None,
        "kind": next((kind.pk for kind in offered if kind.code == code), None),
    }
    form = what_form(request, devices, offered, initial)
    if request.method == "POST" and form.is_valid() and (draft := start(request, form, once, before)):
        return redirect(next_url(request, draft, presenters.WHAT))
    context = {"form": form, "once_key": once, "title": _("What do you need?"), **presenters.frame(presenters.WHAT)}
    return render(request, "orders/what.html", context)


def sent_before(request: HttpRequest, once: str) -> Order | None:
    """The order that began with this form, when it is sent again."""
    if request.method != "POST":
        return None
    return Order.objects.visible_to(request.user).services().filter(once_key=once).first()


def start(request: HttpRequest, form: WhatForm, once: str, before: Order | None) -> Order | None:
    """The draft; whoever went back in the browser and chose something else changes the one that is there."""
    if before:
        return choose(request, form, before)
    data = form.cleaned_data
    facts = {"by": person_of(request), "chosen_partner": data["partner"], "once_key": once}
    return form.attempt(actions.start_order, data["device"], data["kind"], **facts)


def choose(request: HttpRequest, form: WhatForm, draft: Order) -> Order | None:
    """What the draft is about. What was said of another device is kept, and its owner is told to look through it."""
    data, former = form.cleaned_data, draft.device
    facts = {"device": data["device"], "kind": data["kind"], "chosen_partner": data["partner"]}
    chosen = form.attempt(actions.choose, draft, by=person_of(request), **facts)
    if chosen and chosen.device_id != former.pk and is_filled_in(chosen):
        messages.warning(request, presenters.other_device(chosen, former))
    return chosen


def next_url(request: HttpRequest, order: Order, step: str) -> str:
    """Where a step's button leads: on, back, or to the list with the draft."""
    go = request.POST.get("go")
    if go == "later":
        messages.success(request, _("The draft is saved. You find it below; you can go on at any time."))
        return "orders"
    if go == "back" and (url := presenters.frame(step, order)["back_url"]):
        return url
    return presenters.after(order, step)


@login_required
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """To the step of a draft where something is missing, else to its last."""
    found = service_to_change(request, pk)
    if found.state != Order.State.DRAFT:
        return redirect("order", pk)
    if missing_answers(found):
        return redirect("order-answers", pk)
    return redirect("order-wishes", pk)


@login_required
def what(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes which service a draft is about."""
    found = find(service_orders().prefetch_related(None), request.user, change=True, pk=pk)
    if found.state != Order.State.DRAFT:
        return redirect("order", pk)
    devices = list(devices_of(request).filter(site__customer=found.customer_id))
    initial = {
        "site": found.device.site_id,
        "device": found.device_id,
        "kind": found.service_kind_id,
        "partner": found.service.chosen_partner_id,
    }
    form = what_form(request, devices, kinds(), initial)
    if request.method == "POST" and form.is_valid() and choose(request, form, found):
        return redirect(next_url(request, service_to_change(request, pk), presenters.WHAT))
    context = {"form": form, "order": found, "title": _("What do you need?")}
    return render(request, "orders/what.html", context | presenters.frame(presenters.WHAT, found))


@login_required
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions that the checklist asks the owner."""
    found = service_to_change(request, pk)
    if found.state != Order.State.DRAFT:
        return redirect("order", pk)
    form = answers_form(request, found, complete=request.POST.get("go") == "next")
    if form is None:
        return redirect("order-wishes", pk)
    if request.method == "POST":
        kept = form.attempt(
            actions.save, found, by=person_of(request), answers=form.answers(), documents=form.documents
        )
        if "save" in request.GET:
            return HttpResponse(status=204 if kept else 409)
        go = request.POST.get("go")
        is_read = form.is_valid() and not (go == "next" and form.has_new_warnings)
        if kept and (is_read or go == "back"):
            return redirect(next_url(request, kept, presenters.ANSWERS))
    context = {
        "form": form,
        "order": found,
        "autosave_url": f"{request.path}?save",
        "title": _("Questions before the visit"),
    }
    return render(request, "orders/answers.html", context | presenters.frame(presenters.ANSWERS, found))


@login_required
def wishes(request: HttpRequest, pk: int) -> HttpResponse:
    """When the visit would suit, who is on site, notes and files."""
    found = service_to_change(request, pk)
    if found.state != Order.State.DRAFT:
        return redirect("order", pk)
    form = wishes_form(request, found)
    if request.method == "POST":
        said = {"documents": form.documents, "removed": form.removed, **form.wishes()}
        kept = form.attempt(actions.save, found, by=person_of(request), **said)
        if "save" in request.GET:
            return HttpResponse(status=204 if kept else 409)
        if kept and (form.is_valid() or request.POST.get("go") == "back"):
            return redirect(next_url(request, kept, presenters.WISHES))
    context = {
        "form": form,
        "order": found,
        "autosave_url": f"{request.path}?save",
        "title": _("When would it suit you?"),
    }
    return render(request, "orders/wishes.html", context | presenters.frame(presenters.WISHES, found))


@login_required
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """All that was said, and the button that sends it."""
    found = service_to_change(request, pk)
    if found.state != Order.State.DRAFT:
        return redirect("order", pk)
    if missing_answers(found):
        messages.info(request, _("Some questions are still to be answered."))
        return redirect("order-answers", pk)
    if days_over(found):
        messages.info(request, _("A day that you wished is over. Choose days from tomorrow on."))
        return redirect("order-wishes", pk)
    form = Form(request.POST if request.method == "POST" else None)
    facts = {"by": person_of(request), "revision": revision_of(request), "shown": request.POST.get("shown", "")}
    if request.method == "POST" and (sent := form.attempt(actions.submit, found, **facts)):
        messages.success(request, _("Order %(number)s is sent.") % {"number": found.number})
        if sent.service.chosen_partner and not sent.service.partner:
            messages.warning(
                request,
                _("%(partner)s cannot take it at the moment. Our office finds another service partner.")
                % {"partner": sent.service.chosen_partner},
            )
        return redirect("order", pk)
    context = {
        "order": found,
        "form": form,
        "shown": draft_mark(found),
        "title": _("Check and send"),
        "sections": presenters.check_sections(found, list(found.documents.all())),
        **presenters.frame(presenters.CHECK, found),
    }
    return render(request, "orders/check.html", context)


@login_required
def service(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """A service for a device with everything filled in except for the wishes."""
    device = find(devices_for_one_service(code), request.user, change=True, pk=pk)
    kind = get_object_or_404(kinds_by_code(code))
    once = once_key(request)
    if before := sent_before(request, once):
        return redirect("order-continue", before.pk)
    known = device_facts([device], [kind])[device.pk, kind.pk]
    if fault := fault_of(kind, known):
        return not_now(request, device, kind, fault)
    is_sent = request.method == "POST"
    form = OneServiceForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        uploaded_by=person_of(request),
        partners=matching.suitable_for(device, kind, known.product_keys),
        last=device.last_partner,
    )
    questions = short_questions(request, device, kind)
    is_read = questions is None or (questions.is_valid() and not questions.has_new_warnings)
    if is_sent and all([is_read, form.is_valid()]):
        facts = {"by": person_of(request), "once_key": once, "documents": form.documents, **form.wishes()}
        if questions:
            facts |= {"answers": questions.answers(), "documents": [*questions.documents, *form.documents]}
        if draft := form.attempt(
            actions.start_order, device, kind, chosen_partner=form.cleaned_data["partner"], **facts
        ):
            return redirect("order-answers" if missing_answers(draft) else "order-check", draft.pk)
    context = {"device": device, "kind": kind, "form": form, "questions": questions, "once_key": once}
    return render(request, "orders/order_service.html", context)


def not_now(request: HttpRequest, device: Device, kind: ServiceKind, fault: str) -> HttpResponse:
    """Why a service cannot be ordered, and the order that is open, if that is why."""
    sent = device.orders.open().filter(service_kind=kind).exclude(state=Order.State.DRAFT)
    context = {"device": device, "kind": kind, "fault": fault, "open_order": sent.first()}
    return render(request, "orders/order_service.html", context)


def short_questions(request: HttpRequest, device: Device, kind: ServiceKind) -> ChecklistForm | None:
    """The checklist's questions, answered as if there is nothing to report; None where that is not enough."""
    checklist = current_version(kind, device.kind)
    if checklist is None:
        return None
    groups = checklist.groups()
    usual = nothing_to_report(groups, device_kind=device.kind, by=OWNER)
    if missing(groups, usual, device_kind=device.kind, by=OWNER):
        return None
    return checklist_form(request, groups, usual, device.kind, complete=True)


def kinds_by_code(code: str) -> Any:
    return ServiceKind.objects.active().prefetch_related("products").filter(code=code)


@login_required
def choices(request: HttpRequest) -> HttpResponse:
    """For the page's script: what can be ordered for a device, and who does it there."""
    device = find(Device.objects.for_list(), request.user, change=True, pk=number_in(request.GET, "device"))
    offered = kinds()
    faults = ordering_faults([device], offered)
    return JsonResponse({
        "faults": {kind.pk: faults[device.pk, kind.pk] for kind in offered},
        "partners": matching.suitable_by_kind(device, offered),
    })  # fmt: skip
