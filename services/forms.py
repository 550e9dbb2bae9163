"""Checklists as forms: for an owner at a desk, and for an engineer in a boiler room with wet hands."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.forms import Form
from portal.files.forms import DocumentsField, DocumentsWidget, Submission, document_ids
from portal.files.models import Document
from services import checklists, presenters
from services.checklists import PARTNER, Answers, Fault, Group, Item, all_items, clean, visible

# More answers than these do not fit a phone's screen as buttons.
MAX_BUTTONS = 6


class MeasureInput(forms.TextInput):
    """A number with its unit behind it; phones show their keys for digits."""

    def __init__(self, item: Item):
        # The keys for decimals have no minus on some phones.
        signed = item.minimum is None or item.minimum < 0
        super().__init__({"inputmode": "text" if signed else "decimal", "autocomplete": "off"})
        self.unit = item.unit

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        own = super().render(name, value, attrs, renderer)
        return format_html('<span class="with-unit">{}<span class="unit-sign">{}</span></span>', own, self.unit)


class PhotosWidget(DocumentsWidget):
    """Photos: from the camera at once, or chosen from those that the phone has."""

    template_name = "services/photos_widget.html"
    # The question, for those who do not see where the button stands; empty where there is no such button.
    camera = ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, value, attrs) | {"camera": self.camera}


class PhotosField(DocumentsField):
    """Photos of one item. Those that the answer has stay until somebody removes them, whatever the form sends.

    So a page that is sent again, or that is older than the answer, loses no photo and adds none twice.
    """

    widget = PhotosWidget

    def __init__(self, *, has: Sequence[Document], **kwargs: Any):
        super().__init__(max_files=checklists.MAX_PHOTOS, initial=list(has), **kwargs)
        self.has = list(has)

    def _carried(self, value: Submission, errors: list[ValidationError]) -> tuple[list[Document], bool]:
        removed = set(document_ids(value.removed))
        had = {document.pk for document in self.has}
        stays = [document for document in self.has if document.pk not in removed]
        others = [pk for pk in document_ids(value.carried) if pk not in had]
        # What another item or order has meanwhile cannot be taken by a token.
        found = Document.objects.unattached().in_bulk(others[: self.max_files])
        return [*stays, *sorted(found.values(), key=lambda document: document.created_at)], False


def cleaned(item: Item, value: Any) -> Any:
    """The answer as the engine keeps it. What is required is the form's matter, which knows what shows."""
    try:
        return clean(item, value)
    except Fault as fault:
        raise ValidationError(presenters.answer_fault(item, fault.code), code=fault.code) from None


class AnswerField(forms.Field):
    """An answer that is written."""

    def __init__(self, item: Item, **kwargs: Any):
        self.item = item
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        return cleaned(self.item, value)


class AnswerChoiceField(forms.ChoiceField):
    """One of the answers that the item offers."""

    def __init__(self, item: Item, **kwargs: Any):
        self.item = item
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        return cleaned(self.item, value)


class AnswerPhotosField(PhotosField):
    """Photos as an answer; like every other answer they are asked for by the form, if the item shows."""

    sentences = {
        "too_large": _("“%(name)s” is larger than %(megabytes)d MB. Choose a smaller photo."),
        "unknown_type": _("“%(name)s” is not a photo (JPG, PNG, HEIC). Take a new one."),
        "broken": _("“%(name)s” is damaged and cannot be opened. Take a new photo."),
    }

    def clean(self, value: Submission) -> list[Document]:
        wanted, self.required = self.required, False
        try:
            return super().clean(value)
        finally:
            self.required = wanted


class ChecklistForm(Form):
    """The items of a checklist that one side, `by`, fills in; field "q501" is item [501].

    `groups` are a version's, in whole, so that conditions are seen; `part` keeps the form to one group, e.g. "600".
    `answers` are what is known so far, of both sides. With `complete` what is required must be there. Without it the
    form is a draft: `answers()` and `documents` are to be kept even if `is_valid()` is False, and the errors only
    shown. Attach `documents` in the action that keeps the answers.
    """

    # What is required depends on what shows, which the browser without JavaScript does not know.
    use_required_attribute = False

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        groups: Sequence[Group],
        answers: Answers,
        device_kind: str,
        by: str,
        uploaded_by: Any,
        complete: bool,
        part: str = "",
        **kwargs: Any,
    ):
        super().__init__(data, files, **kwargs)
        self.all_groups, self.device_kind, self.by, self.complete = list(groups), device_kind, by, complete
        self.known = dict(answers)
        self.shown_groups = self._possible(part)
        photos = self._photos()
        for item in all_items(self.shown_groups):
            self._add(item, photos, uploaded_by)

    def _possible(self, part: str) -> list[Group]:
        """The groups with the items of this side that show, or could while the form is filled in."""
        wanted = [group for group in self.all_groups if part in ("", group.number)]
        in_form = {item.number for item in all_items(wanted) if item.filled_by == self.by}
        loose = _without_conditions(self.all_groups, in_form)
        possible = visible(loose, self.known, device_kind=self.device_kind, by=self.by)
        numbers = {group.number for group in wanted}
        items = {item.number: item for item in all_items(wanted)}
        return [
            Group(group.number, group.titles, tuple(items[item.number] for item in group.items), group.device_kind)
            for group in possible
            if group.number in numbers
        ]

    def _photos(self) -> dict[str, list[Document]]:
        """The photos that the answers name, by item."""
        ids = {}
        for item in all_items(self.shown_groups):
            if item.kind == checklists.PHOTO:
                try:
                    ids[item.number] = clean(item, self.known.get(item.number)) or []
                except Fault:
                    ids[item.number] = []
        every = [one for these in ids.values() for one in these]
        found = {str(document.pk): document for document in Document.objects.filter(pk__in=every)}
        return {number: [found[one] for one in these if one in found] for number, these in ids.items()}

    def _add(self, item: Item, photos: Mapping[str, list[Document]], uploaded_by: Any) -> None:
        field = _field(item, photos.get(item.number, []), camera=self.by == PARTNER)
        condition = presenters.condition_sentence(item, self.shown_groups)
        # The page's script shows the question only where it applies, and hides this sentence.
        told = [format_html("<span data-condition>{}</span>", condition)] if condition else []
        told += [escape(words) for words in (item.help, presenters.range_sentence(item)) if words]
        field.help_text = SafeString(" ".join(told))
        if item.kind == checklists.PHOTO:
            field.uploaded_by = uploaded_by  # type: ignore[attr-defined]
        else:
            field.initial = _initial(item, self.known.get(item.number))
        self.fields[f"q{item.number}"] = field

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        answers = self._merged()
        shown = {item.number for item in all_items(visible(self.all_groups, answers, device_kind=self.device_kind))}
        for item in all_items(self.shown_groups):
            name = f"q{item.number}"
            if item.number not in shown:
                self.errors.pop(name, None)
            elif self.complete and item.required and item.number not in answers and name not in self.errors:
                self.add_error(name, presenters.missing_sentence(item))
        return data

    def _merged(self) -> dict[str, Any]:
        """What is known, with what the form says instead; wrong answers as they were typed."""
        if not hasattr(self, "cleaned_data"):
            self.full_clean()
        answers = dict(self.known)
        for item in all_items(self.shown_groups):
            value = self._answer(item)
            answers.pop(item.number, None)
            if checklists.is_answered(value):
                answers[item.number] = value
        return answers

    def _answer(self, item: Item) -> Any:
        name = f"q{item.number}"
        if item.kind == checklists.PHOTO:
            kept = self.fields[name].kept or []  # type: ignore[attr-defined]
            return [str(document.pk) for document in kept]
        return self.cleaned_data[name] if name in self.cleaned_data else checklists.as_typed(self[name].data)

    def answers(self) -> dict[str, Any]:
        """What to keep: this side's answers, those of other parts as they were; hidden items have none.

        A draft keeps a wrong answer as it was typed; `checklists.missing` names it later.
        """
        merged = self._merged() if self.is_bound else self.known
        shown = {item.number for item in all_items(visible(self.all_groups, merged, device_kind=self.device_kind))}
        dropped = {
            item.number for item in all_items(self.all_groups) if item.number not in shown or item.filled_by != self.by
        }
        return {number: value for number, value in merged.items() if number not in dropped}

    @property
    def documents(self) -> list[Document]:
        """Photos that came with this form and belong to nothing yet."""
        self.is_valid()
        kept = [
            document
            for item in all_items(self.shown_groups)
            if item.kind == checklists.PHOTO
            for document in self.fields[f"q{item.number}"].kept or []  # type: ignore[attr-defined]
        ]
        return list({document.pk: document for document in kept if not document.attached_at}.values())

    @property
    def warnings(self) -> dict[str, str]:
        """What looks odd and is taken all the same, by the number of the item."""
        answers = self.answers() if self.is_bound else self.known
        found = {item.number: presenters.answer_warning(item, answers) for item in all_items(self.shown_groups)}
        return {number: words for number, words in found.items() if words}

    @property
    def has_new_warnings(self) -> bool:
        """Whether there is a warning that the page that was sent did not show yet: one stays there once to read it."""
        return not self.warnings.keys() <= set(self.data.getlist("warned"))  # type: ignore[attr-defined]

    @property
    def sections(self) -> list[dict[str, Any]]:
        """For the page: number, title and questions (field, kind, shown_if, shown_for)."""
        in_form = {item.number for item in all_items(self.shown_groups)}
        return [
            {
                "number": group.number,
                "title": group.title,
                "questions": [self._question(item, in_form) for item in group.items],
            }
            for group in self.shown_groups
        ]

    def _question(self, item: Item, in_form: set[str]) -> dict[str, Any]:
        field: BoundField = self[f"q{item.number}"]
        depends = item.depends_on in in_form
        return {
            "field": field,
            "kind": item.kind,
            "shown_if": f"q{item.depends_on}" if depends else "",
            "shown_for": " ".join(item.depends_values) if depends else "",
        }


def _without_conditions(groups: Iterable[Group], in_form: set[str]) -> list[Group]:
    """The groups where what depends on an item of the form always shows: its answer may change any moment."""
    return [
        Group(
            group.number,
            group.titles,
            tuple(_free(item) if item.depends_on in in_form else item for item in group.items),
            group.device_kind,
        )
        for group in groups
    ]


def _free(item: Item) -> Item:
    return Item(item.number, item.kind, item.labels, filled_by=item.filled_by)


def _initial(item: Item, value: Any) -> Any:
    """An answer as the input shows it: numbers as the reader writes them, dates as browsers want them."""
    if item.kind == checklists.NUMBER and checklists.is_answered(value):
        return presenters.written(item, value)
    return value


def _field(item: Item, photos: Sequence[Document], *, camera: bool) -> forms.Field:
    label = f"[{item.number}] {item.label}"
    basics: dict[str, Any] = {"required": item.required, "label": label}
    if item.kind == checklists.PHOTO:
        photo_field = AnswerPhotosField(has=photos, **basics)
        photo_field.widget.camera = label if camera else ""
        return photo_field
    if item.offered:
        return AnswerChoiceField(item, choices=_choices(item), widget=_choice_widget(item), **basics)
    widgets = {
        checklists.NUMBER: lambda: MeasureInput(item),
        checklists.DATE: lambda: forms.DateInput({"type": "date", **_latest(item)}, format="%Y-%m-%d"),
        checklists.LONG_TEXT: lambda: forms.Textarea({"rows": 3}),
        checklists.TEXT: lambda: forms.TextInput({"autocomplete": "off", **_keys(item)}),
    }
    return AnswerField(item, widget=widgets[item.kind](), **basics)


def _latest(item: Item) -> dict[str, str]:
    return {"max": timezone.localdate().isoformat()} if item.form_check == checklists.PAST else {}


def _keys(item: Item) -> dict[str, str]:
    """Phones show their keys for digits."""
    return {"inputmode": "tel"} if item.form_check == checklists.PHONE else {}


def _choices(item: Item) -> list[tuple[str, Any]]:
    """What is offered; who need not answer can take the answer back."""
    offered: list[tuple[str, Any]] = [(value, presenters.offered_label(item, value)) for value in item.offered]
    if not _is_buttons(item):
        return [("", _("Choose …")), *offered]
    return offered if item.required else [*offered, ("", _("no answer"))]


def _is_buttons(item: Item) -> bool:
    return len(item.offered) <= MAX_BUTTONS


def _choice_widget(item: Item) -> forms.Widget:
    return forms.RadioSelect() if _is_buttons(item) else forms.Select()
