"""What the pages of the back office share: lists that nobody edits, and pages where a clerk looks and answers.

A page is read only. What a clerk may do there is an `Act`, which calls the same action as everybody else.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ChoicesFieldListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from unfold.admin import ModelAdmin

from portal import export
from portal.errors import Refused
from portal.events import Event, record
from portal.outbox.models import Message
from portal.ui.stylesheet import DARK_GROUND, LIGHT_GROUND, parse, readable
from portal.ui.templatetags.ui import chip, local_moment

HISTORY_SHOWN = 100
# unfold's own word for "nothing chosen", which it has in English alone.
UNFOLD_WORDS = [gettext_noop("Select value")]
PALER = {"50": 0.95, "100": 0.9, "200": 0.8, "300": 0.6, "400": 0.35}
DEEPER = {"700": 0.15, "800": 0.3, "900": 0.45, "950": 0.6}


class ActForm(forms.Form):
    """What a clerk adds to an act; `thing` is what the page is about."""

    def __init__(self, *args: Any, thing: Any, **kwargs: Any):
        self.thing = thing
        super().__init__(*args, **kwargs)


@dataclass(frozen=True)
class Act:
    """Something that a clerk may do on a page.

    `run(thing, by, data)` calls the action with the form's clean data; `open(thing)` says whether to offer it.
    """

    name: str
    label: Any
    permission: str
    run: Callable[[Any, Any, dict[str, Any]], Any]
    done: Any
    open: Callable[[Any], bool]
    form: type[ActForm] = ActForm
    tone: str = "plain"
    hint: Any = ""
    # (thing) -> the address that the clerk goes on to, where that is not the usual one.
    leads_to: Callable[[Any], str] | None = None

    def form_for(self, thing: Any, data: Any = None) -> ActForm:
        return self.form(data, thing=thing, auto_id=f"{self.name}_%s")


@dataclass(frozen=True)
class Section:
    """A heading with (label, value) below it."""

    title: Any
    rows: Sequence[tuple[Any, Any]]

    @property
    def filled(self) -> list[tuple[Any, Any]]:
        return [(label, value) for label, value in self.rows if value not in ("", None)]


@dataclass(frozen=True)
class Listing:
    """A small table on a page; the first cell of a row is its link."""

    title: Any
    headers: Sequence[Any]
    rows: Sequence[Sequence[Any]]

    @property
    def labelled(self) -> list[list[tuple[Any, Any]]]:
        """Each cell with its heading, which stands beside it where the row is a card."""
        return [list(zip(self.headers, row, strict=False)) for row in self.rows]


# Model label -> functions (request, thing) -> Listing: what higher floors add to the page of a thing.
listings: dict[str, list[Callable[[HttpRequest, Any], Listing]]] = {}


def add_listing(label: str, listing: Callable[[HttpRequest, Any], Listing]) -> None:
    """Adds a table to the pages of a model, e.g. "accounts.customer"."""
    listings.setdefault(label, []).append(listing)


# Model label -> what higher floors let a clerk do on the page of a thing.
added_acts: dict[str, list[Act]] = {}


def add_act(label: str, act: Act) -> None:
    """Adds an act to the pages of a model, e.g. "devices.device"."""
    added_acts.setdefault(label, []).append(act)


# Model label -> filters that higher floors add to its list.
added_filters: dict[str, list[Any]] = {}


def add_filter(label: str, list_filter: Any) -> None:
    """Adds an entry of `list_filter` to the list of a model, e.g. "accounts.partner"."""
    added_filters.setdefault(label, []).append(list_filter)


def page_url(thing: models.Model) -> str:
    return reverse(
        f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change",
        args=[thing.pk],
    )


def link(request: HttpRequest, thing: models.Model | None, words: Any = None) -> str:
    """The thing's name, as a link where the clerk may look at it; empty for nothing."""
    if thing is None:
        return ""
    shown = str(thing if words is None else words)
    label, model = thing._meta.app_label, thing._meta.model_name
    if not any(request.user.has_perm(f"{label}.{right}_{model}") for right in ("view", "change")):
        return shown
    return format_html('<a href="{}">{}</a>', page_url(thing), shown)


def two_lines(first: Any, second: Any) -> str:
    """A cell with a second thing in small letters below the first."""
    return format_html("<span>{}<small>{}</small></span>", first, second) if second not in ("", None) else first


def breakable(address: Any) -> SafeString:
    """An e-mail address that a narrow column may break after its sign."""
    return format_html_join(SafeString("@<wbr>"), "{}", ((part,) for part in str(address).split("@")))


def age(moment: datetime | None) -> str:
    """How long ago, in one unit: "3 days"; an exported table tells the moment."""
    if not moment:
        return ""
    exact = timezone.localtime(moment).isoformat(timespec="minutes")
    return format_html('<time datetime="{}">{}</time>', exact, timesince(moment, depth=1))


def to_page(model_admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """From the address of Django's own history to the page of the thing."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    return redirect("../change/")


def _filter_name(entry: Any) -> str:
    """What an entry of `list_filter` is called in the address."""
    if isinstance(entry, str):
        return entry
    return entry[0] if isinstance(entry, tuple) else entry.parameter_name


class LookAdmin(ModelAdmin):
    """A list that everybody with the right may look at and nobody edits here, superusers included."""

    list_per_page = 50
    show_full_result_count = False
    actions = None
    # What the list is called, where that is not the plural of its model.
    heading: Any = ""
    # The columns of the exported table, where they are not those of the list.
    export_display: Sequence[str] = ()
    # Who may look at the list and has this right may take it away as a table; nobody where it is empty.
    export_permission = ""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_list_filter(self, request: HttpRequest | None) -> list[Any]:
        return [*self.list_filter, *added_filters.get(self.opts.label_lower, [])]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only what the list offers as a filter: by `?text__contains=` one could read out what is never shown."""
        offered = [self.date_hierarchy, *map(_filter_name, self.get_list_filter(request))]
        is_offered = any(name and (lookup == name or lookup.startswith(f"{name}__")) for name in offered)
        return is_offered and super().lookup_allowed(lookup, value, request)

    def get_urls(self) -> list[Any]:
        if not self.export_permission:
            return super().get_urls()
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        views = {kind: self.admin_site.admin_view(partial(self.table_view, kind=kind)) for kind in export.FORMATS}
        tables = [path(f"table.{kind}", view, name=f"{name}_{kind}") for kind, view in views.items()]
        return [*tables, *super().get_urls()]

    def may_export(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm(self.export_permission)

    def table_view(self, request: HttpRequest, *, kind: str) -> HttpResponseBase:
        """The list with its filters as a file; the trail tells who took it."""
        if not self.may_export(request):
            raise PermissionDenied
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        facts = {"list": self.opts.label_lower, "rows": changelist.result_count, "format": kind}
        record("list.exported", by=request.user, about=[], data=facts)
        return export.FORMATS[kind](export.rows_of(changelist, self.export_display), self._file_name())

    def _file_name(self) -> str:
        """The list in the reader's language, and the day: "service-orders-2026-11-21"."""
        name = slugify(self.heading or self.opts.verbose_name_plural, allow_unicode=True)
        return f"{name}-{timezone.localdate():%Y-%m-%d}"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        formats = list(export.FORMATS) if self.export_permission and self.may_export(request) else []
        context = {**(extra_context or {}), "export_formats": formats, "heading": self.heading}
        return super().changelist_view(request, context)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        return super().render_change_form(request, {**context, "heading": self.heading}, *args, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The page itself tells the history, from the audit trail."""
        return to_page(self, request)


class PageAdmin(LookAdmin):
    """Each row of the list has a page: sections, documents, history, messages, and the acts."""

    page_template = "back_office/page.html"
    acts: Sequence[Act] = ()
    queue_query = ""

    def waiting(self) -> models.QuerySet | None:
        """The queue, oldest first, where the page belongs to one: an answered case leads to the next."""
        return None

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        """The page's content: sections `first` stand above the acts, `sections` below.

        A Listing may stand among the first. Where it has them also `documents`, `tables` above all else, `warnings`
        (sentences), `state` (a chip) and `history_of`, how the history names the thing (see the tag `timeline`).
        """
        raise NotImplementedError

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        thing = self.get_object(request, unquote(object_id))
        if thing is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        typed: dict[str, ActForm] = {}
        if request.method == "POST":
            act = self._act_named(request, request.POST.get("act", ""))
            form = typed[act.name] = act.form_for(thing, request.POST)
            if form.is_valid() and self._run(request, act, thing, form):
                return redirect(act.leads_to(thing) if act.leads_to else self._next_url(thing))
            thing = self.get_object(request, unquote(object_id))
        return self._render(request, thing, typed)

    def listings(self, request: HttpRequest, thing: Any) -> list[Listing]:
        """The page's tables; by default those that higher floors add."""
        return [listing(request, thing) for listing in listings.get(self.opts.label_lower, [])]

    def _acts(self) -> list[Act]:
        return [*self.acts, *added_acts.get(self.opts.label_lower, [])]

    def _act_named(self, request: HttpRequest, name: str) -> Act:
        for act in self._acts():
            if act.name == name and request.user.has_perm(act.permission):
                return act
        raise PermissionDenied

    def _run(self, request: HttpRequest, act: Act, thing: Any, form: ActForm) -> bool:
        """Whether the action took place; if it was refused the clerk is told why."""
        try:
            act.run(thing, request.user, form.cleaned_data)
        except Refused as refusal:
            messages.error(request, refusal.sentence)
            return False
        messages.success(request, f"{thing}: {act.done}")
        return True

    def _next_url(self, thing: Any) -> str:
        queue = self.waiting()
        if queue is None:
            return page_url(thing)
        following = queue.exclude(pk=thing.pk).first()
        if following:
            return page_url(following)
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist") + self.queue_query

    def _render(self, request: HttpRequest, thing: Any, typed: dict[str, ActForm]) -> HttpResponse:
        acts = [
            (act, typed.get(act.name) or act.form_for(thing))
            for act in self._acts()
            if request.user.has_perm(act.permission) and act.open(thing)
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": str(thing),
            "heading": self.heading,
            "opts": self.opts,
            "original": thing,
            "thing": thing,
            "acts": acts,
            "typed": typed,
            "listings": self.listings(request, thing),
            "history": Event.objects.about(thing)[:HISTORY_SHOWN],
            "notices": Message.objects.about(thing)[:HISTORY_SHOWN],
            **self.page(request, thing),
        }
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, self.page_template, context)


class AnswerFilter(ChoicesFieldListFilter):
    """A filter by a field of choices, empty included: an empty decision is a case that waits."""

    empty_label = _("waiting for an answer")

    def choices(self, changelist: Any) -> Iterator[Any]:
        everything, *answers = super().choices(changelist)
        yield everything
        yield {
            "selected": self.lookup_val == [""],
            "query_string": changelist.get_query_string({self.lookup_kwarg: ""}),
            "display": self.empty_label,
        }
        yield from answers


def answer_chip(case: Any) -> str:
    """The chip of a case that is answered once: `decision` is empty until then."""
    if not case.decision:
        return chip("progress", _("waiting for an answer"))
    good = case.decision in ("approved", "attached", "granted", "confirmed")
    return chip("done" if good else "problem", case.get_decision_display())


def answer_section(case: Any, words: Sequence[tuple[Any, Any]]) -> list[Section]:
    """Who answered a case and when, with its words; nothing while it waits."""
    if not case.decision:
        return []
    rows = [
        (_("Decision"), case.get_decision_display()),
        *words,
        (_("Decided by"), case.decided_by),
        (_("Decided"), local_moment(case.decided_at)),
    ]
    return [Section(_("The answer"), rows)]


# (heading, [(words, icon, name of the list's address, right)])
SIDEBAR = [
    (
        _("Work"),
        [
            (_("Queues"), "inbox", "index", ""),
            (_("Service orders"), "build", "orders_service_changelist", "orders.view_service"),
            (_("Inspections"), "event", "warranty_cover_changelist", "warranty.view_cover"),
            (
                _("Purchase proofs"),
                "receipt_long",
                "orders_order_changelist",
                "orders.view_order",
            ),
            (
                _("Nameplates"),
                "photo_camera",
                "devices_nameplatecheck_changelist",
                "devices.view_nameplatecheck",
            ),
            (_("Claims"), "balance", "devices_claim_changelist", "devices.view_claim"),
            (
                _("Changes of customers' data"),
                "edit_note",
                "accounts_changerequest_changelist",
                "accounts.view_changerequest",
            ),
            (
                _("Requests for erasure"),
                "person_remove",
                "accounts_erasurerequest_changelist",
                "accounts.view_erasurerequest",
            ),
            (
                _("Service partners"),
                "handyman",
                "accounts_partner_changelist",
                "accounts.view_partner",
            ),
            (_("Messages"), "mail", "portal_message_changelist", "portal.view_message"),
        ],
    ),
    (
        _("Look up"),
        [
            (
                _("Customers"),
                "groups",
                "accounts_customer_changelist",
                "accounts.view_customer",
            ),
            (_("Sites"), "home", "devices_site_changelist", "devices.view_site"),
            (
                _("Devices"),
                "heat_pump",
                "devices_device_changelist",
                "devices.view_device",
            ),
            (
                _("Register of units"),
                "tag",
                "devices_unit_changelist",
                "devices.view_unit",
            ),
            (
                _("Products"),
                "category",
                "devices_product_changelist",
                "devices.view_product",
            ),
            (
                _("Registrations"),
                "how_to_reg",
                "devices_registration_changelist",
                "devices.view_registration",
            ),
            (
                _("Warranty cards"),
                "workspace_premium",
                "warranty_warrantycard_changelist",
                "warranty.view_warrantycard",
            ),
            (_("Certificates"), "verified", "services_certificate_changelist", "services.view_certificate"),
        ],
    ),
    (
        _("Office"),
        [
            (_("People"), "person", "accounts_user_changelist", "accounts.view_user"),
            (_("Kinds of services"), "list_alt", "services_servicekind_changelist", "services.view_servicekind"),
            (_("Checklists"), "checklist", "services_checklist_changelist", "services.view_checklist"),
            (_("Warranty rules"), "gavel", "warranty_warrantyrule_changelist", "warranty.view_warrantyrule"),
            (_("Legal texts"), "policy", "accounts_legaltext_changelist", "accounts.view_legaltext"),
            (
                _("Audit trail"),
                "history",
                "portal_event_changelist",
                "portal.view_event",
            ),
        ],
    ),
]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The navigation, by task; who may not open a list does not see its link."""
    return [
        {
            "title": title,
            "items": [
                {"title": words, "icon": icon, "link": reverse(f"admin:{name}")}
                for words, icon, name, right in links
                if not right or request.user.has_perm(right)
            ],
        }
        for title, links in SIDEBAR
    ]


def stylesheet(request: HttpRequest) -> str:
    return static("back_office/back_office.css")


def favicon(request: HttpRequest) -> str:
    return static("portal/favicon.svg")


def accent_shades(request: HttpRequest) -> dict[str, str]:
    """unfold's primary colour, from the brand's accent: 600 is read on light ground, 500 on dark."""
    accent = settings.BRAND["accent"]
    light, dark = readable(accent, LIGHT_GROUND), readable(accent, DARK_GROUND)
    pale = {weight: mixed(light, "#ffffff", part) for weight, part in PALER.items()}
    deep = {weight: mixed(light, "#000000", part) for weight, part in DEEPER.items()}
    return pale | {"500": dark, "600": light} | deep


def mixed(colour: str, other: str, part: float) -> str:
    """The colour with `part` (0 to 1) of the other."""
    pairs = zip(parse(colour), parse(other), strict=True)
    return "#{:02x}{:02x}{:02x}".format(*(round(one + (two - one) * part) for one, two in pairs))
