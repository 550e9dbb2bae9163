"""The phone numbers of a person."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.actions import phones as actions
from accounts.forms.own import CodeForm, PhonesForm
from accounts.models import MobileCode, User
from accounts.people import person_of


@login_required
def phones(request: HttpRequest) -> HttpResponse:
    """A landline counts at once; a new mobile number gets a code first."""
    person = person_of(request)
    form = PhonesForm(request.POST or None, initial={"mobile": person.phone, "landline": person.landline})
    if request.method == "POST" and form.is_valid():
        next_page = _save(request, form, person)
        if next_page:
            return redirect(next_page)
    return render(request, "accounts/phones.html", {"form": form, "person": person})


def _save(request: HttpRequest, form: PhonesForm, person: User) -> str:
    """Changes what differs; the name of the page to go on with, "" where the form has to be shown again."""
    mobile, landline = form.cleaned_data["mobile"], form.cleaned_data["landline"]
    if landline != person.landline:
        actions.change_landline(person, number=landline, by=person)
    if not mobile and person.phone:
        actions.remove_mobile(person, by=person)
    elif mobile and (mobile != person.phone or "confirm" in request.POST):
        form.attempt(actions.send_code, person, number=mobile)
        return "" if form.errors else "phone-code"
    messages.success(request, _("Your data are saved."))
    return "phones"


@login_required
def code(request: HttpRequest) -> HttpResponse:
    """The code that came by SMS."""
    person = person_of(request)
    sent = MobileCode.objects.filter(user=person).first()
    if sent is None:
        return redirect("phones")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.attempt(actions.confirm, person, code=form.cleaned_data["code"], by=person)
        if not form.errors:
            messages.success(request, _("Your mobile number is confirmed."))
            return redirect("phones")
    return render(request, "accounts/phone_code.html", {"form": form, "sent": sent})
