"""The own data of a person, and the first page of a service partner."""

from allauth.account.views import PasswordChangeView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import actions
from accounts.forms import ProfileForm
from accounts.models import Partner
from accounts.people import person_of
from portal.public import public
from portal.views import remember_language

change_password = login_required(PasswordChangeView.as_view(success_url=reverse_lazy("profile")))


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Name, phone and language of the person who is signed in."""
    person = person_of(request)
    form = ProfileForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        actions.change_profile(person, by=person, **form.cleaned_data)
        messages.success(request, _("Your data are saved."))
        response = redirect("profile")
        remember_language(response, form.cleaned_data["language"])
        return response
    context = {
        "form": form,
        "consents": person.consents.order_by("-given_at"),
        "is_member": person.memberships.exists(),
    }
    return render(request, "accounts/profile.html", context)


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keeps the choice in a cookie, and with the person who is signed in: e-mails follow it."""
    language, target = request.POST.get("language", ""), request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = redirect(target)
    if language in dict(settings.LANGUAGES):
        remember_language(response, language)
        if request.user.is_authenticated and request.user.language != language:
            actions.change_profile(request.user, by=request.user, language=language)
    return response


@login_required
def partner(request: HttpRequest) -> HttpResponse:
    """The state of a service partner's application."""
    company = get_object_or_404(Partner.objects.visible_to(request.user).order_by("pk")[:1])
    rows = [
        (_("Tax number"), company.tax_number),
        (_("F-gas certificate"), company.fgas_certificate),
        (_("Areas served"), _("Postcodes that begin with %(areas)s") % {"areas": ", ".join(company.areas)}),
        (_("Address"), company.address),
        (_("Phone"), company.phone.as_international),
    ]
    return render(request, "accounts/partner.html", {"partner": company, "rows": rows})
