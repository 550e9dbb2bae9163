"""Sentences that end in a company's name, which may end in a full stop itself."""

import re
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.template import engines
from django.urls import reverse

from accounts.actions.erasure import why_not_closed
from portal.outbox.models import Message
from portal.outbox.queue import send
from portal.words import one_stop
from tests import factories as make

COMPANY = "Ciepło Sp. z o.o."
LANGUAGES = ["pl", "cs", "en"]
NAME_LAST = re.compile(r"%\((asker|brand|brand_name|company|customer|former|maker|names|partner|seller)\)s\.(?!\w)")


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("You act for A. B.. Give it up.", "You act for A. B. Give it up."),
        ("You act for A. B..", "You act for A. B."),
        ("<p>You act for A. B..</p>", "<p>You act for A. B.</p>"),
        ("Wait... or go to ../up and https://a/b..c", "Wait... or go to ../up and https://a/b..c"),
    ],
)
def test_two_full_stops_are_one(sentence, told):
    assert one_stop(sentence) == told


def test_on_a_page_names_stay_escaped():
    page = engines["django"].from_string("{% filter one_stop %}<p>{{ name }}.</p>{% endfilter %}")
    assert page.render({"name": "<A> & B."}) == "<p>&lt;A&gt; &amp; B.</p>"


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_end_in_one_full_stop(db, settings, language):
    settings.BRAND = settings.BRAND | {"name": COMPANY}
    told = {"act": "changed", "by": "Anna Kowalska", "customer": COMPANY, "path": "/"}
    send("accounts/own_access", to="jan@example.com", language=language, context=told)
    send("accounts/access", to="jan@example.com", language=language, context=told | {"person": "Jan"})
    for message in Message.objects.all():
        assert message.text.count(COMPANY) > 1 and message.html.count(COMPANY) > 1
        assert "o.o.." not in message.text + message.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_end_in_one_full_stop(client, db, language):
    person = make.person(language=language)
    make.customer(members=[person, make.person()], name=COMPANY)
    make.company_with_engineer(name=COMPANY).people.filter(role="engineer").update(user=person)
    client.force_login(person)
    leave_team = reverse("work-leave", args=[person.partner_memberships.get().pk])
    told = [sentence for sentence, _url in why_not_closed(person)]
    for url in (reverse("access-leave"), leave_team):
        told += [client.get(url).content.decode(), client.post(url, follow=True).content.decode()]
    assert len(told) == 6 and all(COMPANY in words and "o.o.." not in words for words in told)


def test_every_sentence_that_ends_in_a_name_is_looked_after():
    for language in ("pl", "cs"):
        for entry in polib.pofile(settings.BASE_DIR / f"locale/{language}/LC_MESSAGES/django.po"):
            if NAME_LAST.search(" ".join([entry.msgid, entry.msgstr, *entry.msgstr_plural.values()])):
                for place in {place for place, _line in entry.occurrences if "/mail/" not in place}:
                    assert "one_stop" in Path(settings.BASE_DIR, place).read_text(), (place, entry.msgid)
