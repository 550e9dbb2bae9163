"""The back office of the texts that people agree to: drafts, a look at them, and publishing."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts import legal
from accounts.actions import texts
from accounts.models import LegalText, Subject
from accounts.people import person_of
from portal.back_office import Act, ActForm, PageAdmin, Section, page_url
from portal.ui.templatetags.ui import chip, local_moment
from portal.words import version_words

LANGUAGES = {"pl": "polski", "cs": "čeština", "en": "English"}
TEXTS = [f"text_{language}" for language in LANGUAGES]
# The accent is a colour: it has no place in a text.
FILLED_IN = [name for name in settings.BRAND if name != "accent"]
PLACES = ", ".join(f"{{{name}}}" for name in FILLED_IN)
PLACES_HINT = format_lazy(_("In the place of these names the portal puts the company's data: {places}"), places=PLACES)


def unknown_places(text: str) -> list[str]:
    """What stands in braces and would stay so: "{compnay}"."""
    return [found for found in re.findall(r"\{[^{}]*\}", text) if found[1:-1] not in FILLED_IN]


class Words(forms.Form):
    """Version and words of a draft."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in TEXTS:
            if unknown := unknown_places(data.get(name, "")):
                self.add_error(
                    name,
                    _("%(unknown)s is not known here. What can be filled in: %(places)s.")
                    % {"unknown": ", ".join(unknown), "places": PLACES},
                )
        return data


class NewTextForm(Words, forms.ModelForm):
    class Meta:
        model = LegalText
        fields = ["kind", "version", *TEXTS]
        help_texts = {
            "version": _("Such as the day from which it is to apply."),
            "text_pl": PLACES_HINT,
        }


class ChangeTextForm(Words, ActForm):
    version = forms.CharField(label=_("Version"), max_length=20)

    def __init__(self, *args: Any, thing: LegalText, **kwargs: Any):
        kwargs["initial"] = {name: getattr(thing, name) for name in ("version", *TEXTS)}
        super().__init__(*args, thing=thing, **kwargs)
        for name in TEXTS:
            label = LegalText._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            self.fields[name] = forms.CharField(label=label, widget=forms.Textarea({"rows": 14}))
        self.fields["text_pl"].help_text = PLACES_HINT


class PublishForm(ActForm):
    looked_at = forms.BooleanField(label=_("I have read the text in each language."))


def is_draft(text: LegalText) -> bool:
    return text.pk is not None and text.published_at is None


def change(text: LegalText, by: Any, data: dict[str, Any]) -> LegalText:
    for name, value in data.items():
        setattr(text, name, value)
    return texts.save_draft(text, by=by)


class PublishedFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("draft", _("Draft")), ("published", _("Published"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(published_at__isnull=self.value() == "draft") if self.value() else queryset


@admin.register(LegalText)
class LegalTextAdmin(PageAdmin):
    list_display = ["shown_version", "kind", "shown_state", "published_at", "published_by"]
    list_filter = ["kind", PublishedFilter]
    list_select_related = ["published_by"]
    ordering = ["kind", "-published_at", "-pk"]
    form = NewTextForm
    fields = ["kind", "version", *TEXTS]
    acts = [
        Act(
            "publish", _("Publish"), "accounts.publish_legaltext",
            lambda text, by, data: texts.publish(text, by=by), _("the text is published."), is_draft, form=PublishForm,
            hint=_("It cannot be changed any more. New terms of use are shown to everybody at the next sign-in."),
        ),
        Act(
            "change", _("Change the draft"), "accounts.change_legaltext", change, _("saved."), is_draft,
            form=ChangeTextForm,
        ),
        Act(
            "remove", _("Remove the draft"), "accounts.change_legaltext",
            lambda text, by, data: texts.remove_draft(text, by=by), _("the draft is removed."), is_draft, tone="danger",
        ),
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm("accounts.add_legaltext")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_current()  # type: ignore[attr-defined]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new version begins with the words of the one that applies."""
        initial: dict[str, Any] = {"version": timezone.localdate().isoformat()}
        kind = request.GET.get("kind", "")
        if kind in Subject.values:
            text = LegalText.objects.current(kind)
            initial |= {"kind": kind, **{name: getattr(text, name) for name in TEXTS}}
        return initial

    def save_model(self, request: HttpRequest, obj: LegalText, form: Any, change: bool) -> None:
        texts.save_draft(obj, by=person_of(request))

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The audit trail has it."""

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        return redirect(page_url(obj))

    def _next_url(self, thing: Any) -> str:
        is_there = LegalText.objects.filter(pk=thing.pk).exists()
        return page_url(thing) if is_there else reverse("admin:accounts_legaltext_changelist")

    @display(description=_("version"), ordering="version")
    def shown_version(self, text: LegalText) -> str:
        return version_words(text.version)

    @display(description=_("state"))
    def shown_state(self, text: LegalText) -> str:
        return state_chip(text)

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        facts = [
            (_("Kind"), thing.get_kind_display()),
            (_("Version"), version_words(thing.version)),
            (_("Published"), local_moment(thing.published_at) if thing.published_at else ""),
            (_("Published by"), thing.published_by or (_("The portal") if thing.published_at else "")),
        ]
        if thing.published_at and request.user.has_perm("accounts.add_legaltext"):
            url = f"{reverse('admin:accounts_legaltext_add')}?kind={thing.kind}"
            facts.append((_("Something to change?"), format_html('<a href="{}">{}</a>', url, _("Write a new version"))))
        preview = [(name, shown(thing, language)) for language, name in LANGUAGES.items()]
        return {
            "state": state_chip(thing),
            "first": [Section(_("Text"), facts), Section(_("As it is read"), preview)],
        }


def state_chip(text: Any) -> str:
    """Needs `with_current()`."""
    if not text.published_at:
        return chip("attention", _("draft"))
    if text.is_current:
        return chip("done", _("applies"))
    return chip("neutral", _("applied earlier"))


def shown(text: LegalText, language: str) -> SafeString:
    """The words as a person reads them."""
    return format_html('<div lang="{}">{}</div>', language, legal.filled(text, language))
