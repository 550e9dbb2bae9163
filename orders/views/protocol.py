"""The protocol of a visit, filled in part by part on a phone, signed at the end, corrected by a new version.

A part is a page with a form. With JavaScript (static/orders/protocol.js) it is sent as one goes and answered in JSON; a
key that the phone makes lets a part that was sent twice count once.
"""

import json
import uuid
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.people import person_of
from orders import states
from orders.actions import protocols
from orders.forms.work import ActForm, ReasonForm, SignForm
from orders.models import Order, Protocol
from orders.presenters import work as words
from orders.queries import answers_mark
from orders.views.owner import revision_of
from orders.views.workplace import Gone, for_partners, former, show
from portal.errors import Refused
from portal.files.forms import token_of
from portal.public import public
from portal.ui.templatetags.ui import field_control
from services.checklists import PARTNER, PHOTO, all_items
from services.forms import ChecklistForm

WORKER = Path(settings.BASE_DIR, "static", "orders", "worker.js")


def open_protocol(request: HttpRequest, pk: int) -> Protocol:
    """The protocol that the person fills in for an order: that of work under way, or a correction.

    Where there is none, an order of the person leads elsewhere; for any other one, and for the script, it is a 404.
    """
    person = person_of(request)
    under_way = Order.objects.of_partner(person).filter(state=states.UNDER_WAY)
    corrections = Protocol.objects.of_partner(person).filter(order__state=states.DONE)
    found = (
        Protocol.objects.filter(Q(order__in=under_way) | Q(pk__in=corrections), closed_at=None, order=pk)
        .select_related(
            "order__service", "order__service_kind", "order__device__site", "order__customer", "checklist", "partner"
        )
        .first()
    )
    if found is None and is_fetch(request):
        raise Http404
    if found is None:
        raise Gone(former(request, pk))
    return found


def is_fetch(request: HttpRequest) -> bool:
    """Whether the page's own script asks, which wants JSON."""
    return request.headers.get("X-Requested-With") == "fetch"


def frame(request: HttpRequest, protocol: Protocol) -> dict[str, Any]:
    """What every page of an open protocol shows."""
    return {
        "protocol": protocol,
        "order": protocol.order,
        "heading": words.heading(protocol.order),
        "store": f"{person_of(request).pk}.{protocol.pk}",
    }


@for_partners
@require_safe
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    """All parts, and what each still needs."""
    protocol = open_protocol(request, pk)
    parts = words.parts(protocol)
    left = sum(len(part["missing"]) for part in parts)
    following = next((part for part in parts if part["missing"]), None)
    context = {"parts": parts, "left": left, "following": following, "total": len(parts)}
    if protocol.version > 1:
        context["closed"] = closed_before(protocol)
    return show(request, "protocol", frame(request, protocol) | context)


def closed_before(correction: Protocol) -> Protocol:
    """The closed version that is being corrected."""
    return correction.order.protocols.closed().latest("version")


@for_partners
def part(request: HttpRequest, pk: int, group: int) -> HttpResponse:
    """One part of the protocol. It is kept whole or not, right or wrong; what is wrong is said."""
    protocol = open_protocol(request, pk)
    parts = words.parts(protocol)
    place = next((number for number, one in enumerate(parts) if one["number"] == str(group)), None)
    if place is None and is_fetch(request):
        raise Http404
    if place is None:
        return redirect("work-protocol", pk)
    if request.method != "POST":
        return part_page(request, protocol, parts, place, part_form(request, protocol, parts[place]["number"]))
    try:
        form = save_part(request, protocol, parts[place]["number"])
    except Refused as refusal:
        if not is_fetch(request):
            raise
        return JsonResponse({"refused": str(refusal.sentence)}, status=409)
    if is_fetch(request):
        return JsonResponse(part_answer(request, protocol, form))
    if form.errors or form.has_new_warnings:
        return part_page(request, protocol, parts, place, form)
    return redirect(next_url(pk, parts, place))


def next_url(pk: int, parts: list[dict[str, Any]], place: int) -> str:
    """After the last part comes the overview, which leads to the signature."""
    return parts[place + 1]["url"] if place + 1 < len(parts) else reverse("work-protocol", args=[pk])


def part_form(request: HttpRequest, protocol: Protocol, group: str, data: Any = None) -> ChecklistForm:
    assert protocol.checklist
    return ChecklistForm(
        data,
        request.FILES if data is not None else None,
        groups=protocol.checklist.groups(),
        answers=words.all_answers(protocol),
        device_kind=protocol.order.device.kind,
        by=PARTNER,
        uploaded_by=person_of(request),
        complete=False,
        part=group,
    )


def save_part(request: HttpRequest, protocol: Protocol, group: str) -> ChecklistForm:
    """Keeps what was sent, once for each key. The form tells what is wrong with it."""
    key = sent_key(request)
    if key in protocol.part_keys:
        return part_form(request, protocol, group)
    form = part_form(request, protocol, group, sent_data(request, part_form(request, protocol, group)))
    answers = form.answers()
    saved = protocols.save_part(
        protocol,
        answers={item.number: answers.get(item.number) for item in all_items(form.shown_groups)},
        before=protocol.answers,
        documents=form.documents,
        by=person_of(request),
        # A photo that was refused comes again from a phone that did not hear why.
        key=uuid.uuid4() if is_fetch(request) and photo_refused(form) else key,
    )
    protocol.answers = saved.answers
    return form


def photo_refused(form: ChecklistForm) -> bool:
    return any(f"q{item.number}" in form.errors for item in all_items(form.shown_groups) if item.kind == PHOTO)


def sent_data(request: HttpRequest, kept: ChecklistForm) -> QueryDict:
    """What was changed on the page that was sent, the rest as it is kept (`kept`).

    The script names what was changed; without it the page tells what it showed. So a page that is older than the
    answers of a colleague, or of another part, takes nothing back.
    """
    data, now = request.POST.copy(), shown_values(kept)
    if "partial" in data:
        changed = set(data.getlist("changed"))
    else:
        shown = shown_before(request)
        changed = {name for name in now if name not in shown or one_line_end(data.get(name, "")) != shown[name]}
    for name in now.keys() - changed:
        data[name] = now[name]
    return data


def shown_values(form: ChecklistForm) -> dict[str, str]:
    """What the fields of a page show, by name; photos are kept by themselves."""
    names = [f"q{item.number}" for item in all_items(form.shown_groups) if item.kind != PHOTO]
    return {name: one_line_end(str(form[name].value() or "")) for name in names}


def shown_before(request: HttpRequest) -> dict[str, str]:
    """What the page showed that was sent, as it tells; empty for anything odd."""
    try:
        shown = json.loads(request.POST.get("shown", ""))
    except ValueError:
        return {}
    return shown if isinstance(shown, dict) else {}


def one_line_end(text: str) -> str:
    """As Python writes the ends of lines; browsers write them otherwise."""
    return text.replace("\r\n", "\n")


def sent_key(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid.uuid4()


def part_answer(request: HttpRequest, protocol: Protocol, form: ChecklistForm) -> dict[str, Any]:
    """For the script: that it is kept, what is wrong or looks odd, how much is missing, and the photos' fields."""
    parts = words.parts(protocol)
    here = next((one for one in parts if one["number"] in {group.number for group in form.shown_groups}), None)
    fresh = part_form(request, protocol, form.shown_groups[0].number) if form.shown_groups else form
    photos = [f"q{item.number}" for item in all_items(fresh.shown_groups) if item.kind == PHOTO]
    return {
        "saved": True,
        "errors": {name: [str(error) for error in errors] for name, errors in form.errors.items()},
        "warnings": form.warnings,
        "missing": [item.number for item in here["missing"]] if here else [],
        "label": str(here["label"]) if here else "",
        "left": sum(len(one["missing"]) for one in parts),
        "photos": {name: field_control(fresh[name]) for name in photos},
    }


def part_page(
    request: HttpRequest, protocol: Protocol, parts: list[dict[str, Any]], place: int, form: ChecklistForm
) -> HttpResponse:
    pk = protocol.order_id
    context = {
        "form": form,
        "part": parts[place],
        "number": place + 1,
        "total": len(parts),
        "key": uuid.uuid4(),
        "shown": json.dumps(shown_values(form)),
        "back_url": parts[place - 1]["url"] if place else reverse("work-protocol", args=[pk]),
        "next_url": next_url(pk, parts, place),
        "is_last": place + 1 == len(parts),
    }
    return show(request, "part", frame(request, protocol) | context)


@public
@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The script that opens protocols without a network. Its address decides which pages it may serve."""
    return HttpResponse(WORKER.read_bytes(), content_type="text/javascript")


# The end of the visit


@for_partners
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """The owner reads all answers and signs. Then nobody changes it any more."""
    person = person_of(request)
    closed = just_closed(request, pk)
    if closed:
        return to_paper(request, closed)
    protocol = open_protocol(request, pk)
    first_day = first_possible_day(protocol)
    shown = request.POST.get("shown")
    if shown is not None and shown != answers_mark(protocol):
        return sign_anew(request, pk)
    form = SignForm(
        request.POST or None, request.FILES or None, first_day=first_day, uploaded_by=person,
        initial={"visited_on": timezone.localdate() if protocol.version == 1 else protocol.visited_on},
    )  # fmt: skip
    facts = {"by": person, "shown": shown}
    if form.is_valid() and (done := form.attempt(protocols.close, protocol, **facts, **form.cleaned_data)):
        return signed(request, done)
    if request.method == "POST" and is_fetch(request):
        return JsonResponse({"errors": True}, status=422)
    return sign_page(request, protocol, form)


def sign_anew(request: HttpRequest, pk: int) -> HttpResponse:
    """The answers are no longer those that were signed: the signature is dropped, and that is said."""
    if is_fetch(request):
        return JsonResponse({"changed": True}, status=422)
    messages.error(request, protocols.ANSWERS_CHANGED)
    return redirect("work-sign", pk)


def just_closed(request: HttpRequest, pk: int) -> Protocol | None:
    """The closed protocol of an order that the phone tries to close once more, since it heard no answer."""
    if request.method != "POST":
        return None
    person = person_of(request)
    mine = Protocol.objects.of_partner(person).closed().filter(order=pk)
    return mine.filter(key=sent_key(request)).first()


def signed(request: HttpRequest, protocol: Protocol) -> HttpResponse:
    messages.success(request, _("Protocol %(number)s is signed and closed.") % {"number": protocol.number})
    return to_paper(request, protocol)


def to_paper(request: HttpRequest, protocol: Protocol) -> HttpResponse:
    url = reverse("work-paper", args=[protocol.pk])
    return JsonResponse({"next": url}) if is_fetch(request) else redirect(url)


def first_possible_day(protocol: Protocol) -> date:
    """A visit is not before the work began; a correction may say that it was."""
    return timezone.localdate(protocol.begun_at if protocol.version == 1 else protocol.order.created_at)


def sign_page(request: HttpRequest, protocol: Protocol, form: SignForm) -> HttpResponse:
    documents = list(protocol.documents.all()) + list(protocol.order.documents.all())
    answers = []
    if protocol.checklist:
        answers = words.answers_of(
            protocol.checklist, words.all_answers(protocol), protocol.order.device.kind, documents, by=PARTNER
        )
    kept = form.fields["signature"].kept or []  # type: ignore[attr-defined]
    context = {
        "form": form,
        "missing": words.left_to_do(protocol),
        "warnings": warnings_of(protocol, answers),
        "answer_groups": answers,
        "shown": answers_mark(protocol),
        "kept": [token_of(document) for document in kept if not document.attached_at],
    }
    return show(request, "sign", frame(request, protocol) | context)


def warnings_of(protocol: Protocol, groups: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What looks odd among the answers: where to look at it, and the words."""
    urls = {group["number"]: reverse("work-part", args=[protocol.order_id, int(group["number"])]) for group in groups}
    return [
        (f"{urls[group['number']]}#div_id_q{row['number']}", row["warning"])
        for group in groups for row in group["rows"] if row["warning"]
    ]  # fmt: skip


@for_partners
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Begins a new version beside a closed protocol; says first what is wrong with the old one."""
    person = person_of(request)
    closed = get_object_or_404(
        Protocol.objects.of_partner(person).closed().select_related("order__service_kind", "order__device__site"), pk=pk
    )
    order = closed.order
    form = ReasonForm(request.POST or None, order=order)
    form.fields["reason"].label = _("What is corrected")
    facts = {"by": person, "revision": revision_of(request)}
    if form.is_valid() and form.attempt(protocols.correct, order, **facts, **form.cleaned_data):
        return redirect("work-protocol", order.pk)
    context = {
        "form": form,
        "order": order,
        "revision": revision_of(request) or order.revision,
        "back": reverse("work-paper", args=[pk]),
        "heading": words.heading(order),
        "title": _("Correct the protocol"),
        "lead": _("The new version begins with the old answers, and counts once it is signed. The old one stays."),
        "submit": _("Begin the correction"),
    }
    return show(request, "act", context)


@for_partners
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives up a correction that was begun by mistake; asks first."""
    new = get_object_or_404(
        Protocol.objects.of_partner(person_of(request))
        .filter(closed_at=None, version__gt=1, order__state=states.DONE)
        .select_related("order__service_kind", "order__device__site"),
        order=pk,
    )
    order = new.order
    former = closed_before(new)
    form = ActForm(request.POST or None, order=order)
    facts = {"by": person_of(request), "revision": revision_of(request)}
    if form.is_valid() and form.attempt(protocols.drop_correction, order, **facts):
        messages.success(request, _("The correction is given up. Version %(version)s counts, as before.") % {
            "version": former.version
        })  # fmt: skip
        return redirect("work-paper", former.pk)
    context = {
        "form": form,
        "order": order,
        "revision": revision_of(request) or order.revision,
        "back": reverse("work-protocol", args=[pk]),
        "heading": words.heading(order),
        "title": _("Give the correction up"),
        "lead": _("What was changed in the new version is lost. The signed version stays as it is."),
        "submit": _("Give the correction up"),
        "danger": True,
    }
    return show(request, "act", context)
