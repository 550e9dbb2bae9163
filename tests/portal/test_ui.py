"""The parts of the pages: the stylesheet, the template tags, forms, and the shell around every page."""

import datetime
import gzip
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import timezone, translation
from django.utils.safestring import mark_safe

from portal.collect import Note, Tab
from portal.ui import context, drawings, stylesheet
from portal.ui.table import Column, Table, link
from portal.ui.templatetags import ui
from tests import factories

FIRST_VISIT_BYTES = 150_000


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def draw(source: str, **values: object) -> str:
    return Template(source).render(Context(values))


def person(pk: int, *, is_staff: bool = False) -> SimpleNamespace:
    return SimpleNamespace(pk=pk, is_staff=is_staff, is_authenticated=True, __str__=lambda self: "Anna")


class Sample(forms.Form):
    serial = forms.CharField(label="Serial number", help_text="On the nameplate.")
    bought = forms.DateField(label="Purchase date")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    notes = forms.CharField(label="Notes", required=False)
    consent = forms.BooleanField(label="I agree.")


def draw_form(form: forms.Form) -> str:
    return draw("{% load crispy_forms_filters %}{% field_error_summary form %}{{ form|crispy }}", form=form)


# The stylesheet


def test_stylesheet_is_found_and_puts_bootstrap_in_a_layer_below_ours():
    text = Path(finders.find("portal.css")).read_text(encoding="utf-8")
    assert text.startswith('@charset "UTF-8";\n@layer bootstrap{')
    assert text.index(".form-select") < text.index(".error-summary")
    assert "sourceMappingURL" not in text


def test_stylesheet_is_listed_for_collectstatic():
    found = dict(stylesheet.StylesheetFinder().list([]))
    assert list(found) == ["portal.css"]
    assert found["portal.css"].exists("portal.css")


def test_a_first_visit_is_light():
    parts = [finders.find(name) for name in ("portal.css", "portal/portal.js", "portal/favicon.svg")]
    assert sum(len(gzip.compress(Path(part).read_bytes())) for part in parts) < FIRST_VISIT_BYTES / 2


def test_stylesheet_follows_the_brand(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(stylesheet, "BUILT", tmp_path)
    before = stylesheet.build().read_text(encoding="utf-8")
    settings.BRAND = settings.BRAND | {"accent": "#7a1fa2"}
    assert "--accent:#7a1fa2" in stylesheet.build().read_text(encoding="utf-8") != before


@pytest.mark.parametrize("accent", ["#0b6e4f", "#ffe600", "#000000", "#ffffff", "#ff0000", "#777777"])
@pytest.mark.parametrize("ground", [stylesheet.LIGHT_GROUND, stylesheet.DARK_GROUND])
def test_any_accent_can_be_read(accent, ground):
    colour = stylesheet.readable(accent, ground)
    assert stylesheet.contrast(stylesheet.parse(colour), stylesheet.parse(ground)) >= 4.5


def test_grounds_of_the_accent_are_those_of_the_stylesheet():
    tokens = (stylesheet.OWN_PARTS / "10-tokens.css").read_text(encoding="utf-8")
    assert f"--sunken: {stylesheet.LIGHT_GROUND}" in tokens
    assert f"--sunken: {stylesheet.DARK_GROUND}" in tokens


def test_an_odd_accent_is_told():
    with pytest.raises(ImproperlyConfigured, match="BRAND_ACCENT"):
        stylesheet.accent_rules("green")


@pytest.mark.parametrize("tone", drawings.SHAPES)
def test_every_tone_has_colours_in_both_themes(tone):
    tokens = (stylesheet.OWN_PARTS / "10-tokens.css").read_text(encoding="utf-8")
    assert tokens.count(f"--{tone}:") == tokens.count(f"--{tone}-ground:") == 2


# Tags


@pytest.mark.parametrize("tone", drawings.SHAPES)
def test_chip_has_a_word_and_a_shape(tone):
    html = draw("{% chip tone label %}", tone=tone, label="Paid & done")
    assert f"chip-{tone}" in html and "<svg" in html and "Paid &amp; done" in html


def test_every_tone_has_a_shape_of_its_own():
    assert len(set(drawings.SHAPES.values())) == len(drawings.SHAPES)


@pytest.mark.parametrize(("language", "shown"), [("pl", "21.02.2023"), ("cs", "21.02.2023"), ("en", "21 Feb 2023")])
def test_dates_are_written_as_the_reader_does(language, shown):
    with translation.override(language):
        assert f">{shown}<" in draw("{% local_date day %}", day=datetime.date(2023, 2, 21))


def test_a_moment_is_shown_on_its_local_day():
    late = datetime.datetime(2026, 7, 1, 22, 30, tzinfo=datetime.UTC)
    with translation.override("pl"):
        assert ">02.07.2026<" in draw("{% local_date moment %}", moment=late)
        assert ">02.07.2026 00:30<" in draw("{% local_moment moment %}", moment=late)
    assert draw("{% local_date day %}{% local_moment day %}", day=None) == "––"


def test_timeline_names_no_clerk_to_a_customer():
    anna, clerk, chief = person(1), person(2, is_staff=True), person(3, is_staff=True)
    by_clerk = SimpleNamespace(actor=clerk)
    assert ui.who(by_clerk, anna) == "Our office"
    assert ui.who(by_clerk, chief) == str(clerk)
    assert ui.who(SimpleNamespace(actor=anna), anna) == "You"
    assert ui.who(SimpleNamespace(actor=None), anna) == "The portal"


def test_timeline_keeps_what_concerns_the_staff_from_others(rf: RequestFactory):
    now = datetime.datetime.now(datetime.UTC)
    event = SimpleNamespace(
        sentence="Secret", tone="done", actor=None, staff_only_verb=True, at=now, reason_told_to=lambda reader: "<b>"
    )  # fmt: skip
    request = rf.get("/")
    request.user = person(1)
    assert "Secret" not in draw("{% timeline events %}", request=request, events=[event])
    request.user = person(2, is_staff=True)
    shown = draw("{% timeline events %}", request=request, events=[event])
    assert "Secret" in shown and "&lt;b&gt;" in shown


def test_page_links_keep_the_filter(rf: RequestFactory):
    page = Paginator(range(100), 25).page(2)
    html = draw("{% page_links page %}", request=rf.get("/?q=dom&page=2"), page=page)
    assert "?q=dom&amp;page=3" in html and 'aria-current="page"' in html
    assert "26 to 50 of 100" in html


def test_page_links_lead_back_and_on_and_mark_where_the_reader_is(rf: RequestFactory):
    page = Paginator(range(250), 25).page(5)
    html = draw("{% page_links page %}", request=rf.get("/?q=%22%3Cb"), page=page)
    numbers = re.findall(r"(?:</span> |gap\">)(\d+|…)<", html)
    assert numbers == ["1", "…", "4", "5", "6", "…", "10"]
    assert re.findall(r'page=(\d+)" rel="(\w+)"', html) == [("4", "prev"), ("6", "next")]
    assert html.count("aria-current") == 1 and "<b" not in html


def test_one_page_needs_no_links(rf: RequestFactory):
    assert "<nav" not in draw("{% page_links page %}", request=rf.get("/"), page=Paginator([1], 25).page(1))


def test_next_step_offers_a_button_only_where_there_is_something_to_do():
    note = Note("Being checked", "progress", "We answer soon.", "Answer", "/orders/1/")
    assert 'href="/orders/1/"' in draw("{% next_step note %}", note=note)
    waiting = draw("{% next_step note %}", note=Note("Being checked", "progress", "We answer soon."))
    assert "We answer soon." in waiting and "btn" not in waiting
    assert draw("{% next_step note %}", note=None).strip() == ""


# Forms


def test_only_optional_fields_say_so():
    html = draw_form(Sample())
    assert html.count("(optional)") == 1
    assert "*" not in html
    assert "error-summary" not in html


def test_an_error_is_linked_from_the_top_and_stands_before_its_input():
    html = draw_form(Sample({"bought": "2023-02-21"}))
    assert '<a href="#id_serial">Serial number: This field is required.</a>' in html
    assert '<a href="#id_kind_0">' in html
    assert html.index('id="id_serial_helptext"') < html.index('id="id_serial_error"') < html.index('name="serial"')
    assert 'aria-describedby="id_serial_helptext id_serial_error"' in html
    assert '<a href="#id_consent">This field is required.</a>' in html


def test_choices_are_a_group_with_a_legend():
    html = draw_form(Sample())
    assert "<legend>Kind</legend>" in html
    assert html.count('type="radio"') == 2


@pytest.mark.parametrize("language", ["pl", "en"])
def test_a_date_is_asked_for_with_the_browsers_own_input(language):
    with translation.override(language):
        html = draw_form(Sample(initial={"bought": datetime.date(2023, 2, 21)}))
    assert 'type="date"' in html and 'value="2023-02-21"' in html


def test_further_notes_stand_below_the_first():
    first, second = Note("Send it", "attention", "A.", "Send", "/a/"), Note("Checked", "progress", "B.", "Look", "/b/")
    html = draw("{% next_step note further %}", note=first, further=[second])
    assert html.index("Send it") < html.index("next-further") < html.index("Checked")
    assert html.count("btn-primary") == 1 and html.count("<h2>") == 1 and 'href="/b/"' in html


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        ("ul. Długa 5, 00-238 Warszawa", ["00-238"]),
        ("Dlouhá 5, 110 00 Praha", ["110 00"]),
        ("Adres e-mail", ["e-mail"]),
        ("Phone +48 601 234 567", ["+48 601 234 567"]),
        ("CT-M08, NV-S/1-2", ["CT-M08", "NV-S/1-2"]),
        ("Serwis Ciepła sp. z o.o., Teplo s.r.o.", ["sp. z o.o.", "s.r.o."]),
        ("A – B, 5 m", []),
        ("1234-5678-9012-3456-7890-1234", []),
    ],
)
def test_what_must_not_be_torn_is_marked(words, whole):
    html = str(ui.unbroken(words))
    assert re.findall(r'<span class="whole">([^<]+)</span>', html) == whole
    assert re.sub(r"<[^>]+>", "", html) == words


def test_marking_escapes_and_leaves_markup_alone():
    assert ui.unbroken("<b>-x 00-1</b>") == '&lt;b&gt;-x <span class="whole">00-1</span>&lt;/b&gt;'
    assert ui.unbroken(mark_safe("<i>00-238</i>")) == "<i>00-238</i>" and ui.unbroken(None) is None


def test_facts_tables_and_labels_keep_codes_whole():
    whole = '<span class="whole">00-238</span>'
    assert whole in draw("{% facts rows %}", rows=[("Address", "00-238 Warszawa")])
    assert whole in Table([Column("Site")], [["00-238 Warszawa"]]).__html__()
    assert link("/x/", "00-238") == f'<a href="/x/">{whole}</a>'


def test_a_placeholder_is_not_drawn():
    class Login(forms.Form):
        name = forms.CharField(widget=forms.TextInput({"placeholder": "Name"}))

    assert "placeholder" not in draw("{% field_control form.name %}", form=Login())


def test_a_countdown_is_a_date_without_scripts():
    soon = timezone.now() + datetime.timedelta(hours=2)
    html = draw("{% countdown at %}", at=soon)
    assert "data-countdown" in html and 'data-left="{} left"' in html and 'overdue"' not in html.split("data-left")[0]
    assert timezone.localtime(soon).strftime("%H:%M</time>") in html
    past = draw("{% countdown at %}", at=soon - datetime.timedelta(hours=3))
    assert 'class="countdown overdue"' in past


def test_a_progress_note_can_be_reloaded_without_scripts():
    html = draw("{% progress_note 'The card is being made.' %}")
    assert 'data-refresh-while="making"' in html and '<a href="">Reload the page</a>' in html


# The shell


@pytest.mark.django_db
def test_tabs_are_for_customers_and_the_deepest_fit_is_current(monkeypatch, rf: RequestFactory):
    tabs = [Tab("Privacy", "privacy", 2), Tab("First", "landing", 1)]
    monkeypatch.setattr("portal.collect.start_tabs", tabs)
    request = rf.get("/privacy/")
    request.user = factories.customer().members.get()
    shown = context.start_tabs(request)
    assert [(tab["label"], tab["current"]) for tab in shown] == [("First", False), ("Privacy", True)]
    request.user = person(2, is_staff=True)
    assert context.start_tabs(request) == []


def menu(request: HttpRequest, user: object) -> str:
    return draw("{% account_menu %}", request=request, user=user, csrf_token="secret")


def test_the_account_menu_is_kept_but_each_reader_sees_the_own_one(rf: RequestFactory):
    anna, jan = ({"pk": 1, "is_staff": False, "is_authenticated": True, "email": f"{name}@x.pl"} for name in "aj")
    first = menu(rf.get("/orders/?q=<b>$email"), SimpleNamespace(**anna))
    assert "a@x.pl" in first and 'value="/orders/?q=%3Cb%3E$email"' in first and first.count('value="secret"') == 2
    second = menu(rf.get("/"), SimpleNamespace(**jan))
    assert "j@x.pl" in second and "a@x.pl" not in second and "orders" not in second


def test_the_account_menu_fits_the_reader_and_the_language(rf: RequestFactory):
    owner, staff = (SimpleNamespace(is_authenticated=True, is_staff=is_staff, email="x") for is_staff in (False, True))
    assert "Your details" in menu(rf.get("/"), owner) and "Back office" in menu(rf.get("/"), staff)
    nobody = menu(rf.get("/"), SimpleNamespace(is_authenticated=False))
    assert "Sign out" not in nobody and 'lang="en" aria-current="true"' in nobody
    with translation.override("cs"):
        assert 'lang="cs" aria-current="true"' in menu(rf.get("/"), owner)


@pytest.mark.django_db
def test_the_back_office_offers_every_language(client: Client):
    client.force_login(factories.clerk())
    html = client.get("/admin/").content.decode()
    assert all(f'name="language" value="{code}"' in html for code in ("pl", "cs", "en"))


@pytest.mark.django_db
def test_first_page_offers_two_things(client: Client):
    html = client.get("/", headers={"accept-language": "en"}).content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    assert main.count("<a ") == 2
    assert '<html lang="en">' in html and 'href="#main"' in html


@pytest.mark.parametrize("status", [400, "403_csrf", 500])
def test_error_pages_need_neither_request_nor_database(status, settings):
    html = render_to_string(f"{status}.html")
    assert settings.BRAND["email"] in html and "<h1>" in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/demo/ui/", "/demo/ui/wizard/", "/demo/ui/wizard/?wrong=1", "/privacy/", "/sign-in/"]
)
def test_pages_have_no_inline_script_or_style(client: Client, path):
    html = client.get(path).content.decode()
    assert 'class="main"' in html
    assert " style=" not in html and "<style" not in html and " onclick=" not in html
    assert html.count("<script") == html.count("<script src=")


def test_a_version_that_is_a_day_is_written_as_one():
    with translation.override("en"):
        assert [ui.version_words(version) for version in ("2026-11-01", "3a")] == ["1 Nov 2026", "3a"]


def test_an_e_mail_address_breaks_after_its_sign():
    assert "anna.kowalska@<wbr>demo.example" in ui.facts([("E-mail", "anna.kowalska@demo.example")])


def test_a_chip_begins_with_a_capital_letter():
    assert ui.chip("done", "accepted").endswith("Accepted</span>")
