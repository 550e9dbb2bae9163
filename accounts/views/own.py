"""The own data of a person."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts.actions import people
from accounts.forms.own import ProfileForm
from accounts.people import person_of
from accounts.presenters.hub import hub
from portal.access import all_rights
from portal.errors import post_only
from portal.public import public
from portal.views import remember_language


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Name and language of the person who is signed in, and the ways to all other pages about the person."""
    person = person_of(request)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        people.change_profile(person, by=person, **form.cleaned_data)
        messages.success(request, _("Your data are saved."))
        response = redirect("profile")
        remember_language(response, form.cleaned_data["language"])
        return response
    context = {
        "form": form,
        "sections": hub(person),
        "is_member": bool(all_rights(person)),
        # Of whom nobody may look at anything: not of the office, nor of a service partner.
        "is_alone": not all_rights(person) and not person.is_staff and not person.partner_memberships.exists(),
    }
    return render(request, "accounts/profile.html", context)


@public
@post_only
def set_language(request: HttpRequest) -> HttpResponse:
    """Keeps the choice in a cookie, and with the person who is signed in: e-mails follow it."""
    language, target = request.POST.get("language", ""), request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = redirect(target)
    if language in dict(settings.LANGUAGES):
        remember_language(response, language)
        if request.user.is_authenticated and request.user.language != language:
            people.change_profile(request.user, by=request.user, language=language)
    return response
