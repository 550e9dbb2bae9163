"""The back office of the ground floor: signing in, the audit trail, messages to people."""

import json
import re
from collections.abc import Iterable
from typing import Any

from allauth.account.decorators import secure_admin_login
from django import forms
from django.apps import apps
from django.contrib import admin
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from portal.back_office import Act, ActForm, LookAdmin, PageAdmin, Section, age, chip, link
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


def name_topics(request: HttpRequest, events: Iterable[Event]) -> None:
    """Sets `named` of each event: what it is about in words, each a link where it has a page and is still there.

    Takes one query for each kind of thing, and none for kinds without a page.
    """
    wanted: dict[str, set[str]] = {}
    for event in events:
        for label, _colon, pk in (topic.partition(":") for topic in event.topics):
            wanted.setdefault(label, set()).add(pk)
    names = {label: _names(request, label, pks) for label, pks in wanted.items()}
    for event in events:
        told = [(label, pk) for label, _colon, pk in (topic.partition(":") for topic in event.topics)]
        event.named = [names[label].get(pk, _kind(label)) for label, pk in told]  # type: ignore[attr-defined]


def _kind(label: str) -> str:
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except LookupError:  # from before the model went
        return label


def _names(request: HttpRequest, label: str, pks: set[str]) -> dict[str, str]:
    """By key: "device Boiler room", the name being a link."""
    pages = {model._meta.label_lower: page for model, page in admin.site._registry.items()}
    if label not in pages:
        return {}
    page: Any = pages[label]
    things = page.model._default_manager.filter(pk__in=pks)
    if page.list_select_related:
        things = things.select_related(*page.list_select_related)
    return {str(thing.pk): format_html("{} {}", _kind(label), link(request, thing)) for thing in things}


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
    heading = _("Audit trail")
    list_display = ["at", "who", "what", "reason", "about"]
    list_display_links = ["at"]
    list_filter = [VerbFilter, "at"]
    list_select_related = ["actor"]
    search_fields = ["reason"]
    search_help_text = _("Number, name, reason, or thing such as orders.order:12")
    date_hierarchy = "at"
    readonly_fields = ["at", "who", "what", "reason", "about", "facts"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Only what there is."""
        empty = {name for name, value in (("reason", obj.reason), ("facts", obj.data)) if not value} if obj else set()
        return [name for name in self.readonly_fields if name not in empty]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        name_topics(request, changelist.result_list)
        return changelist

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Event | None:
        event = super().get_object(request, object_id, from_field)
        name_topics(request, [event] if event else [])
        return event

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
        words = format_html_join(", ", "{}", ((words,) for words in event.named))  # type: ignore[attr-defined]
        return format_html("<span>{}</span>", words)

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
