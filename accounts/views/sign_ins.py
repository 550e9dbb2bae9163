"""Who was in: the history of sign-ins, the sessions, and “This was not me”."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.actions import not_me
from accounts.actions import sessions as actions
from accounts.people import person_of
from accounts.presenters.sign_ins import acts_that_matter, session_rows, sign_in_table
from accounts.signing_in.browsers import in_words
from portal.errors import post_only
from portal.public import public

PER_PAGE = 25


@login_required
@require_GET
def sign_ins(request: HttpRequest) -> HttpResponse:
    """Each try to sign in, newest first, and what was changed about the account."""
    person = person_of(request)
    page = Paginator(person.sign_ins.all(), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "table": sign_in_table(request, page.object_list), "acts": acts_that_matter(person)}
    return render(request, "accounts/sign_ins.html", context)


@login_required
@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    """Where the person is signed in."""
    return render(request, "accounts/sessions.html", {"rows": session_rows(request, person_of(request))})


@login_required
@post_only
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends another session of the person; the own one ends by signing out."""
    others = UserSession.objects.filter(user=person_of(request)).exclude(session_key=request.session.session_key)
    actions.end(get_object_or_404(others, pk=pk), by=person_of(request))
    messages.success(request, _("The session is ended."))
    return redirect("sessions")


@login_required
@post_only
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    actions.end_others(person_of(request), but=request.session.session_key or "")
    messages.success(request, _("All other sessions are ended."))
    return redirect("sessions")


@public
@never_cache
def not_mine(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the e-mail about a new browser. Only its button does anything; afterwards it tells what was done."""
    link = not_me.read_token(token)
    if link is None:
        return render(request, "accounts/link_over.html", status=404)
    sign_in = link.sign_in
    with translation.override(sign_in.user.language):
        if request.method == "POST":
            if not_me.deny(link) and request.user.pk == sign_in.user_id:
                logout(request)
            return redirect("not-me", token)
        context = {
            "sign_in": sign_in, "browser": in_words(sign_in.user_agent), "done": not_me.denial_of(sign_in),
            "is_over": not link.is_for(sign_in.user),
        }  # fmt: skip
        return render(request, "accounts/not_me.html", context)
