"""The wizard of the registration, and the link in its e-mail. Anybody may open these pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.forms.registration import CompanyContactForm, ContactForm, KindForm, QualificationForm
from devices import presenters, registration
from devices.forms import ConfirmForm, NameplatesForm, SignInDataForm, SiteForm
from devices.models import ROLES_OF_KIND, Product, Registration
from devices.rules import serial_key
from portal.errors import Refused, post_only
from portal.files.models import Document
from portal.limits import address_of, within_limit
from portal.once import once_key
from portal.public import public

SESSION_KEY = "registration"
TITLES = {
    "kind": gettext_lazy("Who are you registering as?"),
    "contact": gettext_lazy("Your contact data"),
    "site": gettext_lazy("Where is the device installed?"),
    "devices": gettext_lazy("Which devices are there?"),
    "qualification": gettext_lazy("Your certificate and the areas that you serve"),
    "signin": gettext_lazy("How will you sign in?"),
}
NOT_TYPED = {
    "csrfmiddlewaretoken",
    "go",
    "revision",
    "once",
    "password",
    "password_again",
    "website",
}


def current(request: HttpRequest) -> Registration | None:
    """The draft of this browser. Its key is in the session, which outlives the browser."""
    pk = request.session.get(SESSION_KEY)
    return Registration.objects.filter(pk=pk).first() if pk else None


def with_draft(view: Callable) -> Callable:
    """Gives the view the draft of this browser; without one the registration begins."""

    @public
    @never_cache
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect("start")
        draft = current(request)
        if draft is None:
            return redirect("register")
        if draft.state != Registration.State.DRAFT:
            if request.method == "POST":
                messages.info(request, _("This registration has been sent already. Look into your e-mail."))
            return redirect("register-sent")
        return view(request, draft, *args, **kwargs)

    return inner


@public
@never_cache
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Goes on where this browser left off; a POST starts afresh."""
    if request.user.is_authenticated:
        return redirect("start")
    draft = None if request.method == "POST" else current(request)
    if draft is None or draft.state == Registration.State.CONFIRMED:
        draft = Registration.objects.create()
        request.session[SESSION_KEY] = str(draft.pk)
    if draft.state == Registration.State.SENT:
        return redirect("register-sent")
    step = registration.first_open_step(draft)
    return redirect("register-step", step) if step else redirect("register-check")


def typed_of(request: HttpRequest) -> dict[str, Any]:
    """What the form sent, as it was typed; never a password. The database cannot keep a NUL."""
    typed = {name: request.POST.getlist(name)[-1] for name in request.POST if name not in NOT_TYPED}
    return {name.replace("\0", ""): value.replace("\0", "") for name, value in typed.items()}


def make_form(draft: Registration, step: str, data: Any = None) -> Any:
    """The form of a step: with what is sent now, or else with what was typed before."""
    typed = registration.answer(draft, step)["typed"]
    if step == "kind":
        return KindForm(data, initial=typed)
    if step == "contact":
        private = registration.clean(draft, "kind").get("kind") == "private"
        form = (ContactForm if private else CompanyContactForm)(data, initial=typed)
        form.show_texts()
        return form
    if step == "site":
        return SiteForm(data, initial=typed)
    if step == "qualification":
        return QualificationForm(data, initial=typed)
    contact = registration.clean(draft, "contact")
    person = {name: contact.get(name, "") for name in ("first_name", "last_name")}
    return SignInDataForm(data, initial=typed, person=person, password_kept=bool(draft.password_hash))


def frame(draft: Registration, step: str) -> dict[str, Any]:
    """What the wizard's frame needs."""
    names = registration.steps(draft)
    if step not in names:
        raise Http404
    place = names.index(step)
    return {
        "steps": presenters.wizard_steps(draft, names, step),
        "step": step,
        "step_number": place + 1,
        "step_count": len(names),
        "title": TITLES[step],
        "skip": step in registration.SKIPPABLE,
        "back_url": reverse("register-step", args=[names[place - 1]]) if place else "",
        "revision": registration.answer(draft, step)["revision"],
        "autosave_url": reverse("register-autosave", args=[step]),
    }


@with_draft
def step(request: HttpRequest, draft: Registration, step: str) -> HttpResponse:
    """One question page. Whatever is typed is kept first; only then is it looked at."""
    open_step = registration.first_open_step(draft)
    names = registration.steps(draft)
    if open_step and step in names and names.index(step) > names.index(open_step):
        return redirect("register-step", open_step)
    context = frame(draft, step)
    if step == "devices":
        return device_list(request, draft, context)
    if request.method != "POST":
        return render(
            request,
            "devices/register/step.html",
            context | {"form": make_form(draft, step)},
        )
    return take_answer(request, draft, step, context)


def take_answer(request: HttpRequest, draft: Registration, step: str, context: dict[str, Any]) -> HttpResponse:
    typed, go = typed_of(request), request.POST.get("go", "next")
    if conflict := changed_elsewhere(request, draft, step, typed):
        form = make_form(draft, step, request.POST)
        return render(
            request,
            "devices/register/step.html",
            context | {"form": form, "conflict": conflict},
        )
    if go == "back":
        registration.keep(draft, step, typed=typed)
        return redirect(context["back_url"] or "register")
    if go == "skip" and context["skip"]:
        return go_on(registration.keep(draft, step, typed=typed, skipped=True), request)
    form = make_form(draft, step, request.POST)
    draft = registration.keep(draft, step, typed=typed)
    if not form.is_valid():
        # An earlier answer does not stand in for one that was taken back, such as a consent.
        registration.keep(draft, step, clean=None)
        return render(request, "devices/register/step.html", context | {"form": form})
    return go_on(keep_valid(draft, step, typed, form), request)


def changed_elsewhere(request: HttpRequest, draft: Registration, step: str, typed: dict[str, Any]) -> bool:
    """Whether another tab gave other answers to this step since this page was opened."""
    state = registration.answer(draft, step)
    return str(state["revision"]) != request.POST.get("revision", "0") and state["typed"] != typed


def keep_valid(draft: Registration, step: str, typed: dict[str, Any], form: Any) -> Registration:
    if step == "signin":
        if form.cleaned_data["website"]:
            raise Refused(_("This does not look like a person. Leave the hidden field empty."))
        return registration.keep_sign_in(
            draft,
            typed,
            email=form.cleaned_data["email"],
            password=form.cleaned_data["password"],
        )
    data = {name: value if isinstance(value, bool) else str(value) for name, value in form.cleaned_data.items()}
    return registration.keep_clean(draft, step, typed, data)


def go_on(draft: Registration, request: HttpRequest) -> HttpResponse:
    """To the first step that is not done; when all are, to the page that shows every answer."""
    open_step = registration.first_open_step(draft)
    return redirect("register-step", open_step) if open_step else redirect("register-check")


@with_draft
@post_only
def autosave(request: HttpRequest, draft: Registration, step: str) -> HttpResponse:
    """Keeps what is being typed, unchecked; 409 where another tab has answered the step since. Nothing comes back."""
    known = {*registration.steps(draft), "device-form"}
    if step not in known:
        raise Http404
    if str(registration.answer(draft, step)["revision"]) != request.POST.get("revision", "0"):
        return HttpResponse(status=409)
    # Files do not come this way; those kept earlier stay.
    files = registration.answer(draft, step)["typed"].get("files", {})
    registration.keep(draft, step, typed=typed_of(request) | ({"files": files} if files else {}))
    return HttpResponse(status=204)


# Devices


def device_list(request: HttpRequest, draft: Registration, context: dict[str, Any]) -> HttpResponse:
    """The devices so far, and the two kinds that can be added."""
    if request.method == "POST" and request.POST.get("go") == "skip":
        return go_on(registration.keep(draft, "devices", skipped=True), request)
    if request.method == "POST" and request.POST.get("go") == "back":
        return redirect(context["back_url"])
    if request.method == "POST" and registration.devices(draft):
        return go_on(registration.keep(draft, "devices", skipped=False), request)
    if request.method == "POST":
        messages.error(request, _("Add a device, or skip this step."))
    context |= {
        "devices": presenters.draft_devices(draft),
        "monobloc_url": reverse("register-device-new", args=["monobloc"]),
        "split_url": reverse("register-device-new", args=["split"]),
        "autosave_url": "",
    }
    return render(request, "devices/register/devices.html", context)


@with_draft
def device(request: HttpRequest, draft: Registration, kind: str, item: str = "") -> HttpResponse:
    """The nameplates of one device: a new one, or with `item` one that was entered before."""
    before = registration.device_of(draft, item) if item else None
    if kind not in ROLES_OF_KIND or (item and (before is None or before["kind"] != kind)):
        raise Http404
    if request.method == "POST" and not item and registration.device_of(draft, once_key(request)):
        return redirect("register-step", "devices")
    form = nameplates_form(request, draft, kind, before)
    if request.method == "POST":
        typed = typed_of(request) | {"kind": kind, "item": item}
        count_files(request, draft, typed)
        right = form.is_valid()
        draft = registration.keep(draft, "device-form", typed=typed | {"files": form.kept_files()})
        if request.POST.get("go") == "back":
            return redirect("register-step", "devices")
        if right:
            registration.keep_device(
                draft,
                kind,
                form.nameplates(),
                item_id=item,
                once_key=once_key(request),
            )
            return redirect("register-step", "devices")
    context = frame(draft, "devices") | {
        "form": form,
        "kind": kind,
        "title": presenters.device_title(kind),
        "back_url": reverse("register-step", args=["devices"]),
        "skip": False,
        "item": item,
        "once_key": once_key(request),
        "products": Product.objects.filter(role__in=ROLES_OF_KIND[kind]),
        "autosave_url": reverse("register-autosave", args=["device-form"]),
    }
    return render(request, "devices/register/device.html", context)


def count_files(request: HttpRequest, draft: Registration, typed: dict[str, Any]) -> None:
    """Anybody may send files here, so one network sends at most a hundred forms with files an hour."""
    if request.FILES and not within_limit("files", address_of(request), amount=100, seconds=3600):
        registration.keep(draft, "device-form", typed=typed)
        raise Refused(_("Too many files came from your network. Try again in an hour."))


def nameplates_form(
    request: HttpRequest, draft: Registration, kind: str, before: dict[str, Any] | None
) -> NameplatesForm:
    typed = registration.answer(draft, "device-form")["typed"]
    initial = presenters.typed_nameplates(before) if before else {}
    if typed.get("kind") == kind and typed.get("item") == (before["id"] if before else ""):
        initial |= typed | {name: kept_earlier(pks) for name, pks in typed.get("files", {}).items()}
    others = [other for other in registration.devices(draft) if other is not before]
    earlier = [registration.nameplate_of(plain) for plain in before["nameplates"]] if before else []
    return NameplatesForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        initial=initial,
        roles=ROLES_OF_KIND[kind],
        askers=[f"registration:{draft.pk}", f"ip:{address_of(request)}"],
        taken=[serial_key(plain["serial"]) for other in others for plain in other["nameplates"]],
        earlier={plate.role: [*plate.photos, *plate.claim_proofs] for plate in earlier},
    )


def kept_earlier(pks: list[str]) -> list[Document]:
    """The files of an earlier try, those of them that are still here."""
    return list(Document.objects.unattached().filter(pk__in=pks))


@with_draft
@post_only
def drop_device(request: HttpRequest, draft: Registration, item: str) -> HttpResponse:
    registration.drop_device(draft, item)
    return redirect("register-step", "devices")


# The end


@with_draft
def check(request: HttpRequest, draft: Registration) -> HttpResponse:
    """All answers on one page, each with a way to change it; then they are sent."""
    if open_step := registration.first_open_step(draft):
        return redirect("register-step", open_step)
    if request.method == "POST":
        count_email(request)
        registration.send_registration(draft)
        return redirect("register-sent")
    context = {
        "sections": presenters.answer_sections(draft),
        "back_url": reverse("register-step", args=[registration.steps(draft)[-1]]),
    }
    return render(request, "devices/register/check.html", context)


def count_email(request: HttpRequest) -> None:
    """Anybody may type anybody's address, so one network causes at most twenty e-mails an hour."""
    if not within_limit("register", address_of(request), amount=20, seconds=3600):
        raise Refused(_("Too many registrations came from your network. Try again in an hour."))


@public
@never_cache
@require_http_methods(["GET", "POST"])
def sent(request: HttpRequest) -> HttpResponse:
    """Look into your e-mail. A POST sends it again."""
    draft = current(request)
    if draft is None or draft.state == Registration.State.DRAFT:
        return redirect("register")
    if request.method == "POST":
        count_email(request)
        registration.send_again(draft)
        messages.success(request, _("We have sent the e-mail again."))
        return redirect("register-sent")
    if draft.state == Registration.State.CONFIRMED:
        return redirect("account_login")
    return render(request, "devices/register/sent.html", {"email": draft.email})


@public
@never_cache
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link from the e-mail: shows the state of the registration; a button confirms the address."""
    try:
        found, fresh = registration.read_link(token)
    except signing.BadSignature:
        return render(request, "devices/register/link_broken.html", status=404)
    form = confirm_form(request, found) if found and fresh else None
    if found and request.method == "POST" and (form is None or form.is_valid()):
        return answer_link(request, found, token, fresh=fresh)
    context = {"registration": found, "fresh": fresh, "form": form, **presenters.link_state(found)}
    return render(request, "devices/register/link.html", context)


def confirm_form(request: HttpRequest, found: Registration) -> ConfirmForm | None:
    """The password once more, unless this browser has registered: somebody else may have typed this address."""
    if found.state != Registration.State.SENT or request.session.get(SESSION_KEY) == str(found.pk):
        return None
    return ConfirmForm(request.POST or None, registration=found)


def answer_link(request: HttpRequest, found: Registration, token: str, *, fresh: bool) -> HttpResponse:
    """Confirms through a link that is valid; sends a new one for a link that is too old."""
    if fresh:
        registration.confirm(found)
        messages.success(request, _("Your e-mail address is confirmed. You can sign in now."))
    else:
        count_email(request)
        registration.send_again(found)
        messages.success(request, _("We have sent you a new link."))
    return redirect("register-confirm", token)


@public
@require_GET
def start_over(request: HttpRequest) -> HttpResponse:
    """Asks before what was typed is thrown away."""
    return render(request, "devices/register/start_over.html")
