"""What a person said to the texts: words, colours and buttons."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import legal
from accounts.actions.consents import state_of
from accounts.models import Consent, LegalText, Subject, User

Act = Consent.Act

TITLES: dict[str, Any] = {
    Subject.DATA_PROCESSING: _("Processing of your data"),
    Subject.TERMS: _("Terms of use"),
    Subject.MARKETING: _("Marketing"),
    Subject.E_DOCUMENTS: _("Documents without paper"),
    Subject.SMS: _("SMS"),
}
# What holds now, as a chip: (tone, words) for a text and the last act, or for the text where that act is not named.
STATES: dict[tuple[str, str], tuple[str, Any]] = {
    (Subject.DATA_PROCESSING, Act.GIVEN): ("done", _("agreed to")),
    (Subject.DATA_PROCESSING, Act.WITHDRAWN): ("problem", _("agreement withdrawn")),
    (Subject.DATA_PROCESSING, ""): ("attention", _("not agreed to")),
    (Subject.TERMS, Act.GIVEN): ("done", _("accepted")),
    (Subject.TERMS, ""): ("attention", _("not accepted yet")),
    (Subject.MARKETING, Act.OBJECTED): ("done", _("you object")),
    (Subject.MARKETING, ""): ("neutral", _("no objection")),
    (Subject.E_DOCUMENTS, Act.GIVEN): ("done", _("agreed to")),
    (Subject.E_DOCUMENTS, ""): ("neutral", _("on paper")),
    (Subject.SMS, Act.GIVEN): ("done", _("you get SMS")),
    (Subject.SMS, ""): ("neutral", _("no SMS")),
}
BUTTONS: dict[tuple[str, str], Any] = {
    (Subject.DATA_PROCESSING, Act.GIVEN): _("Agree to the processing"),
    (Subject.TERMS, Act.GIVEN): _("Accept the terms"),
    (Subject.MARKETING, Act.OBJECTED): _("Object to marketing"),
    (Subject.MARKETING, Act.WITHDRAWN): _("Withdraw the objection"),
    (Subject.E_DOCUMENTS, Act.GIVEN): _("Agree to documents without paper"),
    (Subject.E_DOCUMENTS, Act.WITHDRAWN): _("Have documents on paper again"),
    (Subject.SMS, Act.GIVEN): _("Get SMS"),
    (Subject.SMS, Act.WITHDRAWN): _("Stop SMS"),
}
# In the history, where the act alone would say too little.
SAID: dict[tuple[str, str], Any] = {
    (Subject.MARKETING, Act.WITHDRAWN): _("objection withdrawn"),
    (Subject.TERMS, Act.GIVEN): _("accepted"),
}


@dataclass(frozen=True)
class ConsentCard:
    """One text with what the person said to it.

    `act` is what the `button` says; `url` the page that asks before a consent is withdrawn; `earlier` the version that
    was answered, where that is not this one. `needs_phone`: nothing can be said before a mobile number is confirmed.
    """

    kind: str
    title: Any
    tone: str
    state: Any
    words: str
    version: str
    earlier: str
    act: str
    needs_phone: bool
    button: Any
    url: str

    @property
    def is_long(self) -> bool:
        return self.kind == Subject.TERMS


def consent_cards(person: User) -> list[ConsentCard]:
    """Each text as it is today, in the order of `Subject`."""
    said = Consent.objects.latest_of(person)
    return [_card(person, LegalText.objects.current(kind), said.get(kind)) for kind in Subject.values]


def _card(person: User, text: LegalText, last: Consent | None) -> ConsentCard:
    state = state_of(person, text.kind, last)
    tone, words = STATES.get((text.kind, state)) or STATES[text.kind, ""]
    is_yes = state in (Act.GIVEN, Act.OBJECTED)
    earlier = last.version if last and is_yes and last.version != text.version else ""
    act = _act_of(text.kind, state, is_open=bool(earlier))
    needs_phone = text.kind == Subject.SMS and act == Act.GIVEN and not person.phone_confirmed_at
    asks_first = text.kind == Subject.DATA_PROCESSING and is_yes
    return ConsentCard(
        kind=text.kind,
        title=TITLES[text.kind],
        tone=tone,
        state=words,
        words=legal.filled(text),
        version=text.version,
        earlier=earlier,
        act="" if needs_phone else act,
        needs_phone=needs_phone,
        button=BUTTONS.get((text.kind, act), ""),
        url=reverse("consent-withdraw") if asks_first else "",
    )


def _act_of(kind: str, state: str, *, is_open: bool) -> str:
    """What the button of a text does, "" for no button: says yes, or takes it back where one press may do that."""
    yes = Act.OBJECTED if kind == Subject.MARKETING else Act.GIVEN
    if state != yes or is_open:
        return yes
    return "" if kind in (Subject.TERMS, Subject.DATA_PROCESSING) else Act.WITHDRAWN


def consent_history(person: User) -> list[tuple[Consent, Any, Any]]:
    """(answer, title of its text, what was said) for each answer, newest first."""
    return [
        (row, TITLES[row.kind], SAID.get((row.kind, row.act)) or row.get_act_display())
        for row in person.consents.order_by("-at", "-pk")
    ]
