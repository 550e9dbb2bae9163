"""The back office of checklists: the working copy, its preview, and the published versions."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy
from unfold.decorators import display

from accounts.people import person_of
from devices.models import DEVICE_KINDS
from portal.back_office import Act, ActForm, Listing, PageAdmin, Section, link, page_url
from portal.ui.templatetags.ui import chip, local_moment
from services import actions, checklists
from services.admin_parts import RowAdmin
from services.checklists import Group, Item, template_faults
from services.forms import ChecklistForm
from services.models import Checklist, ChecklistGroup, ChecklistItem, ChecklistVersion
from services.models.checklist import parse_choices
from services.presenters import condition_sentence, template_fault

LANGUAGE_NAMES = {"pl": "polski", "cs": "čeština", "en": "English"}
SIDES = {checklists.OWNER: _("owner"), checklists.PARTNER: _("partner")}
HEADERS = [_("Question"), pgettext_lazy("noun", "Answer"), _("Who answers"), _("Must"), _("Shows")]


class PublishForm(ActForm):
    looked_at = forms.BooleanField(label=_("I have looked at the preview in each language."))


@admin.register(Checklist)
class ChecklistAdmin(PageAdmin):
    list_display = ["shown_name", "device_kind", "published", "shown_state"]
    list_filter = ["service_kind", "device_kind"]
    list_select_related = ["service_kind"]
    fields = ["service_kind", "device_kind"]
    acts = [
        Act(
            "publish", _("Publish"), "services.publish_checklist",
            lambda checklist, by, data: actions.publish(checklist, by=by), _("published."),
            lambda checklist: checklist.is_changed, form=PublishForm,
            hint=_("New orders get these questions. Orders that have begun keep the version they have."),
        ),
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm("services.add_checklist")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With all that tells whether the working copy is published."""
        newest = ChecklistVersion.objects.order_by("checklist_id", "-number").distinct("checklist_id")
        return super().get_queryset(request).prefetch_related("items", "groups", Prefetch("versions", newest))

    def get_urls(self) -> list[Any]:
        preview = self.admin_site.admin_view(self.preview_view)
        return [path("<int:pk>/preview/", preview, name="services_checklist_preview"), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Checklist, form: Any, change: bool) -> None:
        actions.add_checklist(obj, by=person_of(request))

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The audit trail has it."""

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        return redirect(page_url(obj))

    @display(description=_("checklist"))
    def shown_name(self, checklist: Checklist) -> str:
        return str(checklist)

    @display(description=_("published version"))
    def published(self, checklist: Checklist) -> str:
        latest = checklist.latest
        return str(latest.number) if latest else "–"

    @display(description=_("state"))
    def shown_state(self, checklist: Checklist) -> str:
        return state_chip(checklist)

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        latest = thing.latest
        facts = [
            (_("Kind of service"), link(request, thing.service_kind)),
            (_("Kind of device"), thing.get_device_kind_display() or _("every kind")),
            (_("Published version"), latest.number if latest else _("none yet")),
            (_("Published"), local_moment(latest.published_at) if latest else ""),
        ]
        if request.user.has_perm("services.change_checklist"):
            facts.append((_("Add"), _add_links(thing)))
        preview = Section(_("Preview of the working copy"), _preview_rows(thing))
        return {
            "state": state_chip(thing),
            "warnings": [template_fault(fault) for fault in template_faults(thing.draft())],
            "first": [Section(_("Checklist"), facts), preview],
        }

    def listings(self, request: HttpRequest, thing: Any) -> list[Listing]:
        rows = {str(row.number): row for row in thing.items.all()}
        titles = {str(row.number): row for row in thing.groups.all()}
        groups = thing.draft()
        tables = [group_listing(group, groups, lambda item: _row_link(rows[item.number])) for group in groups]
        versions = [
            (link(request, one, one.number), local_moment(one.published_at), one.published_by or _("The portal"))
            for one in thing.versions.select_related("published_by")
        ]
        return [
            Listing(_("Groups"), [_("Group"), _("Only for")],
                    [(_row_link(row), row.get_device_kind_display()) for row in titles.values()]),
            *tables,
            Listing(_("Published versions"), [_("Version"), _("Published"), _("By")], versions),
        ]  # fmt: skip

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form as an owner or a partner sees it: ?by=owner&device=split&language=pl, of a ?version= or the copy."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        checklist = get_object_or_404(Checklist, pk=pk)
        by, device_kind = _one_of(request, "by", SIDES), _one_of(request, "device", dict(DEVICE_KINDS))
        language = _one_of(request, "language", LANGUAGE_NAMES)
        groups = _groups(checklist, request.GET.get("version", ""))
        with override(language):
            form = ChecklistForm(
                groups=groups, answers={}, device_kind=device_kind, by=by, uploaded_by=None, complete=False
            )
            context = {
                "checklist": checklist,
                "form": form,
                "side": SIDES[by],
                "device": dict(DEVICE_KINDS)[device_kind],
                "back_url": page_url(checklist),
            }
            return render(request, "services/preview.html", context)


def _one_of(request: HttpRequest, name: str, offered: dict[str, Any]) -> str:
    """The value in the address; the first where there is none or an odd one."""
    value = request.GET.get(name, "")
    return value if value in offered else next(iter(offered))


def _groups(checklist: Checklist, number: str) -> list[Group]:
    if not number:
        return checklist.draft()
    if not number.isdecimal():
        raise Http404
    return get_object_or_404(checklist.versions, number=int(number)).groups()


def state_chip(checklist: Checklist) -> str:
    if checklist.latest is None:
        return chip("neutral", _("not published yet"))
    return chip("attention", _("changes not published")) if checklist.is_changed else chip("done", _("published"))


def _add_links(checklist: Checklist) -> SafeString:
    """A question or a group, with the checklist filled in."""
    links = [
        (f"{reverse('admin:services_checklistitem_add')}?checklist={checklist.pk}", _("a question")),
        (f"{reverse('admin:services_checklistgroup_add')}?checklist={checklist.pk}", _("a group")),
    ]
    return format_html_join(" · ", '<a href="{}">{}</a>', links)


def _row_link(row: ChecklistGroup | ChecklistItem) -> str:
    """To the form of a group or a question, which needs no right beyond the one to the checklist."""
    return format_html('<a href="{}">{}</a>', page_url(row), row)


def _preview_rows(checklist: Checklist, version: str = "") -> list[tuple[Any, Any]]:
    """For each kind of device and side a link for each language."""
    kinds = [kind for kind in DEVICE_KINDS if checklist.device_kind in ("", kind[0])]
    base = reverse("admin:services_checklist_preview", args=[checklist.pk])
    return [
        (
            format_html("{}, {}", kind_name, side_name),
            format_html_join(" · ", '<a href="{}" lang="{}">{}</a>', [
                (f"{base}?by={side}&device={kind}&language={language}{version}", language, name)
                for language, name in LANGUAGE_NAMES.items()
            ]),
        )
        for kind, kind_name in kinds
        for side, side_name in SIDES.items()
    ]  # fmt: skip


def group_listing(group: Group, groups: Iterable[Group], named: Any) -> Listing:
    """The questions of a group as a table; `named(item)` is what stands in the first column."""
    title = f"[{group.number}] {group.title}"
    if group.device_kind:
        title = _("%(group)s (only for: %(kind)s)") % {
            "group": title, "kind": str(dict(DEVICE_KINDS)[group.device_kind]).lower(),
        }  # fmt: skip
    rows = [
        (named(item), _answer_words(item), SIDES[item.filled_by], _("yes") if item.required else _("no"),
         condition_sentence(item, groups) or _("always"))
        for item in group.items
    ]  # fmt: skip
    return Listing(title, HEADERS, rows)


def _answer_words(item: Item) -> str:
    words = str(ChecklistItem.Kind(item.kind).label)
    if item.kind == checklists.NUMBER:
        return f"{words}, {item.unit}" if item.unit else words
    return f"{words}: {', '.join(choice.label for choice in item.choices)}" if item.choices else words


class ChecklistRowAdmin(RowAdmin):
    """Groups and items belong to their checklist: who may change it may change them."""

    list_select_related = ["checklist__service_kind"]
    list_filter = ["checklist"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("services.view_checklist")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("services.change_checklist")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("services.change_checklist")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("services.change_checklist")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["checklist"] if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actions.save_row(obj, by=person_of(request))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        actions.remove_row(obj, by=person_of(request))

    def target(self, obj: Any) -> str:
        return page_url(obj.checklist)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        obj = self.get_object(request, object_id)
        response = super().delete_view(request, object_id, extra_context)
        return redirect(self.target(obj)) if obj and response.status_code == 302 else response


@admin.register(ChecklistGroup)
class ChecklistGroupAdmin(ChecklistRowAdmin):
    list_display = ["__str__", "checklist", "device_kind"]
    fields = ["checklist", "number", "title_pl", "title_cs", "title_en", "device_kind"]


class ChecklistItemForm(forms.ModelForm):
    class Meta:
        model = ChecklistItem
        exclude: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name in ("minimum", "maximum", "usual_minimum", "usual_maximum"):  # 10, not 10.000
            if (number := self.initial.get(name)) is not None:
                self.initial[name] = checklists.plain_number(number)

    def clean_choices(self) -> str:
        """Codes have no commas: conditions list them with commas between."""
        text = self.cleaned_data["choices"]
        for choice in parse_choices(text):
            if not choice.value or "," in choice.value or not all(choice.labels.values()):
                raise ValidationError(_("Write each line as: code = Polish | Czech | English."))
        return text

    def clean_depends_values(self) -> str:
        return ", ".join(part.strip() for part in self.cleaned_data["depends_values"].split(",") if part.strip())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if (data.get("depends_on") is None) != (not data.get("depends_values")):
            self.add_error("depends_values", _("A condition needs the number of an item and its answers."))
        return data


@admin.register(ChecklistItem)
class ChecklistItemAdmin(ChecklistRowAdmin):
    form = ChecklistItemForm
    list_display = ["__str__", "checklist", "kind", "filled_by", "required"]
    list_filter = ["checklist", "filled_by", "kind"]
    fieldsets = [
        (None, {"fields": ["checklist", "number", "filled_by", "kind", "required"]}),
        (_("Words"), {"fields": ["label_pl", "label_cs", "label_en", "help_pl", "help_cs", "help_en"]}),
        (_("What may be answered"), {"fields": ["unit", "minimum", "maximum", "choices", "form_check"]}),
        (_("What is usual"), {"fields": ["usual_minimum", "usual_maximum", "lower_than"]}),
        (_("When it shows"), {"fields": ["depends_on", "depends_values"]}),
    ]


@admin.register(ChecklistVersion)
class ChecklistVersionAdmin(PageAdmin):
    """What was published, for good."""

    list_display = ["__str__", "published_at", "published_by"]
    list_filter = ["checklist"]
    list_select_related = ["checklist__service_kind", "published_by"]
    ordering = ["-published_at", "-pk"]

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        facts = [
            (_("Checklist"), link(request, thing.checklist)),
            (_("Version"), thing.number),
            (_("Published"), local_moment(thing.published_at)),
            (_("Published by"), thing.published_by or _("The portal")),
        ]
        preview = _preview_rows(thing.checklist, f"&version={thing.number}")
        return {"first": [Section(_("Version"), facts), Section(_("As it is seen"), preview)]}

    def listings(self, request: HttpRequest, thing: Any) -> list[Listing]:
        groups = thing.groups()
        return [group_listing(group, groups, lambda item: f"[{item.number}] {item.label}") for group in groups]
