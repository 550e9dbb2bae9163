"""The parts that pages are put together from. They are built in: templates use them without loading anything."""

import datetime
import string
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django import forms, template
from django.conf import settings
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portal.addresses import without_prefix
from portal.collect import Note
from portal.events import Event, Told
from portal.files.gallery import Shown
from portal.files.gallery import gallery as drawn_gallery
from portal.files.sizes import size_words
from portal.files.upload import MAX_BYTES
from portal.ui import drawings, pages
from portal.ui.context import start_tabs as tabs_of
from portal.ui.table import Table, unbroken
from portal.words import one_stop, version_words

register = template.Library()
register.filter(version_words)


@register.simple_tag
def chip(tone: str, label: Any) -> SafeString:
    """A status with a word and a shape. `tone`: done, attention, problem, progress or neutral.

    Its words begin with a capital letter, wherever they come from.
    """
    return _chip(tone, capfirst(str(label)))


@lru_cache(maxsize=512)
def _chip(tone: str, label: str) -> SafeString:
    return format_html('<span class="chip chip-{}">{}{}</span>', tone, drawings.shape(tone), label)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A small drawing beside words; it says nothing to a screen reader."""
    return drawings.icon(name)


@register.simple_tag
def shape(tone: str) -> SafeString:
    """The shape of a tone alone, where the words stand elsewhere."""
    return drawings.shape(tone)


@register.simple_tag
def table(of: Table) -> SafeString:
    """A table whose rows become cards on a phone."""
    return of.__html__()


@register.simple_tag
def gallery(documents: Iterable[Shown]) -> SafeString:
    """Small pictures of documents, each a link to the document."""
    return drawn_gallery(documents)


@register.simple_tag
def support() -> SafeString:
    """The foot of every page: where to ask. It differs by language only; its links are for everybody."""
    return _support(get_language())


@lru_cache(maxsize=8)
def _support(language: str | None) -> SafeString:
    with without_prefix():
        return render_to_string("ui/support.html", {"brand": settings.BRAND})


@register.simple_tag(takes_context=True)
def account_menu(context: Context) -> SafeString:
    """The reader's language and account, at the head of every page."""
    request, user = context["request"], context["user"]
    reader = "" if not user.is_authenticated else "staff" if user.is_staff else "owner"
    own = {"path": request.get_full_path(), "email": getattr(user, "email", ""), "token": context["csrf_token"]}
    menu = _account_menu(get_language(), reader, get_script_prefix())
    return SafeString(menu.substitute({name: escape(value) for name, value in own.items()}))


@lru_cache(maxsize=256)
def _account_menu(language: str | None, reader: str, _prefix: str) -> string.Template:
    """It differs by language and kind of reader; three values of the request are put in afterwards."""
    marks = {"path": "$path", "email": "$email", "csrf_token": "$token"}
    facts = {"reader": reader, "language": language, "languages": settings.LANGUAGES}
    return string.Template(render_to_string("ui/account_menu.html", facts | marks))


@register.simple_tag(takes_context=True)
def start_tabs(context: Context) -> SafeString:
    """The tabs of a customer; nothing for anybody else."""
    tabs = tuple((str(tab["label"]), tab["url"], tab["current"]) for tab in tabs_of(context["request"]))
    return _start_tabs(get_language(), tabs) if tabs else SafeString("")


@lru_cache(maxsize=64)
def _start_tabs(_language: str | None, tabs: tuple[tuple[str, str, bool], ...]) -> SafeString:
    return render_to_string("ui/tabs.html", {"tabs": tabs})


@register.simple_tag
def brand(key: str) -> str:
    """An entry of settings.BRAND, for pages that are drawn without a request."""
    return settings.BRAND[key]


@register.simple_tag
def local_date(day: datetime.date | None) -> SafeString:
    """A day as the reader's language writes it, 21.02.2023; of a moment, its local day; a dash for none."""
    if day is None:
        return SafeString("–")
    if isinstance(day, datetime.datetime):
        day = timezone.localtime(day).date()
    return _date(day, get_language())


@lru_cache(maxsize=1024)
def _date(day: datetime.date, language: str | None) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), date_format(day, "SHORT_DATE_FORMAT"))


@register.simple_tag
def local_moment(moment: datetime.datetime | None) -> SafeString:
    """A moment in local time as the reader's language writes it, 21.02.2023 14:05; a dash for none."""
    if moment is None:
        return SafeString("–")
    return _moment(timezone.localtime(moment).replace(second=0, microsecond=0), get_language())


@lru_cache(maxsize=1024)
def _moment(here: datetime.datetime, language: str | None) -> SafeString:
    return format_html(
        '<time datetime="{}">{}</time>',
        here.isoformat(timespec="minutes"),
        date_format(here, "SHORT_DATETIME_FORMAT"),
    )


@register.filter
def moment_words(moment: datetime.datetime) -> str:
    """A moment in a sentence, in local time: "Monday, 23.11.2026 12:00"."""
    here = timezone.localtime(moment)
    return f"{in_sentence(date_format(here, 'l'))}, {date_format(here, 'SHORT_DATETIME_FORMAT')}"


@register.simple_tag
def countdown(moment: datetime.datetime, until: str = "{}", left: str = "") -> SafeString:
    """A deadline as a plain date that the browser turns into "2 h 10 min left"; class "overdue" once it has passed.

    `until` and `left` are sentences of their own around the date and around the time that is left, at the sign {}.
    """
    here = timezone.localtime(moment).replace(second=0, microsecond=0)
    return format_html(
        '<time data-countdown class="countdown{}" datetime="{}" data-left="{}" data-over="{}">{}</time>',
        " overdue" if moment < timezone.now() else "",
        here.isoformat(timespec="minutes"),
        # Translators: {} is an amount of time, such as "2 h 10 min".
        left or _("{} left"),
        _("overdue"),
        until.replace("{}", date_format(here, "SHORT_DATETIME_FORMAT")),
    )


@register.inclusion_tag("ui/progress.html")
def progress_note(text: Any) -> dict[str, Any]:
    """That a worker is making something. The page looks for it by itself: put it into a part with data-refresh."""
    return {"text": text}


def who(event: Event | Told, reader: Any) -> str:
    """Who did it, in the reader's eyes. A member of staff has a name for colleagues only."""
    actor = event.actor
    if actor is None:
        return _("The portal")
    if actor.pk == reader.pk:
        return _("You")
    if actor.is_staff and not reader.is_staff:
        return _("Our office")
    return str(actor)


@register.simple_tag(takes_context=True)
def timeline(context: Context, events: Iterable[Event | Told], of: str = "") -> SafeString:
    """What happened, newest first; what concerns only the staff is left out for others.

    `of` names the thing whose page it is ("Order ZL/2026/000123"): a sentence that begins with it goes without.
    """
    reader = context["request"].user
    shown = [_happened(event, reader, of) for event in events if reader.is_staff or not event.staff_only_verb]
    return SafeString(f'<ol class="timeline">\n{"".join(shown) or _nothing_happened()}</ol>')


def _happened(event: Event | Told, reader: Any, of: str) -> str:
    sentence = capfirst(event.sentence.removeprefix(of).lstrip(": ")) if of else event.sentence
    reason = event.reason_told_to(reader)
    quote = f"\n<blockquote>{escape(reason)}</blockquote>" if reason else ""
    return (
        f'<li class="tone-{event.tone}">{drawings.shape(event.tone)}\n<p>{escape(sentence)}</p>\n'
        f'<p class="when">{local_moment(event.at)} · {escape(who(event, reader))}</p>{quote}</li>\n'
    )


def _nothing_happened() -> str:
    words = escape(_("Nothing has happened yet."))
    return f'<li class="tone-neutral">{drawings.shape("neutral")}<p>{words}</p></li>\n'


@register.simple_tag(takes_context=True)
def page_links(context: Context, page: Any) -> SafeString:
    """Links to the other pages of a list (`page`: Django's Page); the filter stays in the address."""
    return pages.page_links(page, context["request"].GET)


def first_input(field: BoundField) -> str:
    """The id that a link to the field must name: for a group of choices, the first of them."""
    if field.id_for_label:
        return field.id_for_label
    return field.subwidgets[0].id_for_label if field.subwidgets else f"div_{field.auto_id}"


def named(field: BoundField, error: str) -> str:
    """The error with its field's label before it, unless it names it anyway or the label is a whole sentence."""
    label = str(field.label)
    return error if label.endswith((".", "?")) or label.lower() in error.lower() else f"{label}: {error}"


def form_errors(form: Any) -> list[tuple[str, str]]:
    """(id of the field or "", sentence) for each error of a form, in their order."""
    own = [("", str(error)) for error in form.non_field_errors()]
    for field in form:
        target = "" if field.is_hidden else first_input(field)
        own += [(target, named(field, str(error))) for error in field.errors]
    return own


@register.inclusion_tag("ui/error_summary.html")
def field_error_summary(form: Any) -> dict[str, Any]:
    """All errors of a form at the top of the page, each a link to its field; nothing if there are none."""
    return {"errors": form_errors(form) if form else []}


@register.inclusion_tag("ui/next_step.html")
def next_step(note: Note | None, further: Iterable[Note] = ()) -> dict[str, Any]:
    """What happens next: the state, what the reader can do now, and a button for it; below that what else goes on."""
    return {"note": note, "further": further}


@register.inclusion_tag("ui/empty_state.html")
def empty_state(title: Any, text: Any, url: str = "", label: Any = "", icon: str = "order") -> dict[str, Any]:
    """What will be here, and the first step."""
    return {"title": title, "text": text, "url": url, "label": label, "icon": icon}


@register.simple_tag
def facts(rows: Iterable[tuple[Any, Any]]) -> SafeString:
    """A list of (label, value); a dash for None."""
    return SafeString(f'<dl class="facts">{"".join(_fact(label, value) for label, value in rows)}</dl>')


def _fact(label: Any, value: Any) -> str:
    shown = "–" if value is None else conditional_escape(unbroken(value))
    return f"<div><dt>{conditional_escape(unbroken(label))}</dt><dd>{shown}</dd></div>"


@register.simple_tag
def answers(groups: Iterable[Mapping[str, Any]], warned: bool = False) -> SafeString:
    """Answers to numbered questions in groups: `number`, `title`, and `rows` with number, label, shown, documents.

    `warned`: also what looks odd about an answer, `warning`.
    """
    return SafeString("".join(_answers(group, warned=warned) for group in groups))


def _answers(group: Mapping[str, Any], *, warned: bool) -> str:
    rows = "".join(
        f"<div><dt>[{row['number']}] {escape(row['label'])}</dt>"
        f"<dd>{gallery(row['documents']) if row['documents'] else conditional_escape(row['shown'])}"
        f"{odd_answer(row['warning']) if warned and row['warning'] else ''}</dd></div>"
        for row in group["rows"]
    )
    return (
        '<section class="panel answers checklist-answers"><div class="answers-head">'
        f"<h2>[{group['number']}] {escape(group['title'])}</h2></div>"
        f'<dl class="facts">{rows}</dl></section>\n'
    )


def odd_answer(warning: str) -> SafeString:
    """What looks odd about an answer, for whoever reads it below the answer."""
    return format_html('<p class="odd-answer">{} <span>{}</span></p>', drawings.shape("attention"), warning)


@register.simple_tag
def field_control(field: BoundField) -> SafeString:
    """The input of a field with the classes of our style sheet; dates get the browser's own date input."""
    widget = field.field.widget
    # It repeats the label, and is gone once one types.
    widget.attrs.pop("placeholder", None)
    if isinstance(widget, forms.DateInput):
        widget.input_type = "date"
        widget.format = "%Y-%m-%d"
    if widget.needs_multipart_form:
        widget.attrs |= {"data-cap": MAX_BYTES, "data-too-large": _("is too large. Choose a smaller file.")}
    if isinstance(widget, forms.CheckboxInput):
        return field.as_widget()
    name = "form-select" if isinstance(widget, forms.Select) else "form-control"
    return field.as_widget(attrs={"class": f"{widget.attrs.get('class', '')} {name}".strip()})


@register.filter(name="unbroken")
def unbroken_words(value: Any) -> Any:
    """A postcode, a serial number or "e-mail" stays on one line: words with a hyphen and numbers with spaces."""
    return unbroken(value)


@register.filter
def file_size(size: int) -> str:
    """A size in bytes: "85 kB", "3.4 MB"."""
    return size_words(size)


@register.filter(name="one_stop", is_safe=True)
def one_stop_only(sentence: str) -> str:
    """A sentence that ends in a name, which may end in a full stop itself."""
    return one_stop(sentence)


@register.filter
def in_sentence(words: str) -> str:
    """A day in the middle of a sentence, where Polish and Czech write it with a small letter."""
    return words[:1].lower() + words[1:] if get_language() in ("pl", "cs") else words


@register.filter
def is_group(field: BoundField) -> bool:
    """Whether the field is a group of radio buttons or boxes, or several inputs under one legend."""
    return field.use_fieldset


@register.filter
def is_choices(field: BoundField) -> bool:
    """Whether the field is drawn as a list of radio buttons or boxes."""
    return isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)


@register.filter
def is_box(field: BoundField) -> bool:
    """Whether the field is a single box to tick."""
    return isinstance(field.field.widget, forms.CheckboxInput)
