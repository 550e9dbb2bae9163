"""The texts that people agree to: the terms for everybody, and what each person said to them."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import legal
from accounts.actions.consents import say, state_of
from accounts.models import Consent, LegalText, Subject
from accounts.people import person_of
from accounts.presenters.consents import consent_cards, consent_history
from portal.public import public


@public
@require_GET
def terms(request: HttpRequest) -> HttpResponse:
    """The terms that apply to whoever registers today; with `?file=1` as a file to keep."""
    text = LegalText.objects.current(Subject.TERMS)
    if request.GET.get("file"):
        name = _("Terms of use")
        heading = f"{name} – {settings.BRAND['company']}, {text.version}"
        kept = HttpResponse(f"{heading}\n\n{legal.filled(text)}\n", content_type="text/plain; charset=utf-8")
        kept["Content-Disposition"] = content_disposition_header(True, f"{name} {text.version}.txt")
        return kept
    return render(request, "accounts/terms.html", {"text": text, "words": legal.filled(text)})


@login_required
def consents(request: HttpRequest) -> HttpResponse:
    """What the person agreed to, withdrew and objected to, with a button for each; below it the history."""
    person = person_of(request)
    if request.method == "POST":
        _answer(request)
        messages.success(request, _("Your answer is saved."))
        return redirect("consents")
    context = {"cards": consent_cards(person), "history": consent_history(person)}
    return render(request, "accounts/consents.html", context)


@login_required
def withdraw(request: HttpRequest) -> HttpResponse:
    """Says what follows before the consent to data processing is withdrawn."""
    last = Consent.objects.latest_of(person_of(request)).get(Subject.DATA_PROCESSING)
    if state_of(person_of(request), Subject.DATA_PROCESSING, last) != Consent.Act.GIVEN:
        return redirect("consents")
    return render(request, "accounts/consent_withdraw.html", {"consent": last})


@login_required
@never_cache
def new_terms(request: HttpRequest) -> HttpResponse:
    """Right after signing in, once for each version of the terms; then on to where the person was going."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/start/"
    if request.method == "POST":
        _answer(request, kind=Subject.TERMS)
        if request.POST.get("act") == Consent.Act.GIVEN:
            messages.success(request, _("You have accepted the terms of use."))
        return redirect(target)
    text = legal.terms_to_answer(person_of(request))
    if text is None:
        return redirect(target)
    last = Consent.objects.latest_of(person_of(request)).get(Subject.TERMS)
    context = {"text": text, "words": legal.filled(text), "last": last, "target": target}
    return render(request, "accounts/new_terms.html", context)


def _answer(request: HttpRequest, **fixed: Any) -> None:
    person = person_of(request)
    said = {name: request.POST.get(name, "") for name in ("kind", "act", "version")} | fixed
    say(person, by=person, **said)
