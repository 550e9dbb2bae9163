"""The back office of the ground floor: signing in, the audit trail, messages to people."""

import json
import re
from typing import Any

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from portal.back_office import Act, ActForm, LookAdmin, PageAdmin, Section, age, chip
from portal.events import VERBS, Event
from portal.outbox import delivery
from portal.outbox.models import Message, State
from portal.ui.templatetags.ui import local_moment

# Staff sign in where everybody does, once.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


def change_password(request: HttpRequest, *_more: Any) -> HttpResponse:
    """Staff change the password where everybody does: Django's own page knows no limit, no event and no letter."""
    return redirect("account_change_password")


admin.site.password_change = change_password  # type: ignore[method-assign, assignment]


class VerbFilter(admin.SimpleListFilter):
    """By act, in the words of the timeline."""

    title = _("act")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        words = [(name, re.sub(r"%\(\w+\)s", "…", str(verb.sentence))) for name, verb in VERBS.items()]
        return sorted(words, key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(verb=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(LookAdmin):
    list_display = ["at", "who", "what", "reason", "about"]
    list_display_links = ["at"]
    list_filter = [VerbFilter, "at"]
    list_select_related = ["actor"]
    search_fields = ["reason"]
    search_help_text = _("Number, name, reason, or thing such as orders.order:12")
    date_hierarchy = "at"
    fields = ["at", "who", "what", "verb", "reason", "about", "facts"]
    readonly_fields = ["at", "who", "what", "verb", "reason", "about", "facts"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.split():
            queryset = queryset.annotate(words=Cast("data", TextField())).filter(
                Q(reason__icontains=word)
                | Q(words__icontains=word)
                | Q(topics__contains=[word.lower()])
                | Q(actor__email__icontains=word)
                | Q(actor__first_name__icontains=word)
                | Q(actor__last_name__icontains=word)
            )
        return queryset, False

    @display(description=_("who"), ordering="actor")
    def who(self, event: Event) -> str:
        return str(event.actor or _("The portal"))

    @display(description=_("what happened"), ordering="verb")
    def what(self, event: Event) -> str:
        return event.sentence

    @display(description=_("about"))
    def about(self, event: Event) -> str:
        return format_html_join(", ", "{}", ((topic,) for topic in event.topics))

    @display(description=_("facts"))
    def facts(self, event: Event) -> str:
        return json.dumps(event.data, ensure_ascii=False)


class DismissForm(ActForm):
    reason = forms.CharField(
        label=_("Why it is put aside"),
        widget=forms.Textarea({"rows": 2}),
        help_text=_("For your colleagues, such as: told the customer by phone."),
    )


def failed(message: Message) -> bool:
    return message.state == State.FAILED


@admin.register(Message)
class MessageAdmin(PageAdmin):
    TONES = {
        State.QUEUED: "progress",
        State.SENDING: "progress",
        State.SENT: "done",
        State.FAILED: "problem",
        State.DISMISSED: "neutral",
    }

    list_display = ["recipient", "subject", "channel", "shown_state", "problem", "age"]
    list_filter = ["state", "channel", "created_at"]
    search_fields = ["recipient", "subject"]
    search_help_text = _("Recipient or subject")
    queue_query = "?state__exact=failed"
    acts = [
        Act(
            "retry", _("Send once more"), "portal.change_message",
            lambda message, by, data: delivery.retry(message, by=by), _("it is being sent once more."),
            failed, tone="primary", hint=_("The portal tries again with all its attempts."),
        ),
        Act(
            "dismiss", _("Put aside"), "portal.change_message",
            lambda message, by, data: delivery.dismiss(message, by=by, **data), _("put aside."),
            failed, form=DismissForm,
        ),
    ]  # fmt: skip

    def waiting(self) -> QuerySet:
        return Message.objects.undeliverable().order_by("created_at", "pk")

    @display(description=_("state"), ordering="state")
    def shown_state(self, message: Message) -> str:
        return chip(self.TONES[State(message.state)], message.get_state_display())

    @display(description=_("problem"))
    def problem(self, message: Message) -> str:
        return message.problem

    @display(description=_("age"), ordering="created_at")
    def age(self, message: Message) -> str:
        return age(message.created_at)

    def attached(self, message: Message) -> str:
        """Names only: whoever may open a document finds it on the page of the thing that it belongs to."""
        names = [document.name for document in message.documents.all()]
        return ", ".join([*names, "invite.ics"] if message.calendar else names)

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        facts = [
            (_("To"), thing.recipient),
            (_("Channel"), thing.get_channel_display()),
            (_("Subject"), thing.subject),
            (_("Written"), local_moment(thing.created_at)),
            (_("Attempts"), thing.attempts),
            (_("Sent"), local_moment(thing.sent_at)),
        ]
        words = (
            _("Not shown: this message carries a link that lets its bearer in.") if thing.secret else thing.staff_text
        )
        sections = [
            Section(_("Message"), facts),
            Section(_("Words"), [(_("Text"), words), (_("Attachments"), self.attached(thing))]),
        ]
        if thing.last_error:
            problem = [
                (_("Problem"), thing.problem),
                (_("What the provider said"), thing.problem_detail),
            ]
            sections.insert(0, Section(_("Why it was not delivered"), problem))
        return {"title": thing.subject or thing.kind, "state": self.shown_state(thing), "first": sections}
