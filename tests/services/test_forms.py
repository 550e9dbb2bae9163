"""A checklist as a form: drafts keep what was typed, complete ones demand what shows."""

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from PIL import Image

from portal.files.forms import token_of
from portal.files.store import attach
from services.forms import ChecklistForm
from tests import factories as make
from tests.services.samples import group, groups, item

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english_words")]


@pytest.fixture
def english_words():
    with translation.override("en"):
        yield


def picture(colour: str = "red", name: str = "IMG_1.jpg") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def form(data=None, files=None, *, by="partner", answers=None, of=None, device_kind="split", complete=True, **options):
    if data is not None:
        lists = {key: value if isinstance(value, list) else [value] for key, value in data.items()}
        data, files = MultiValueDict(lists), MultiValueDict(files or {})
    return ChecklistForm(
        data, files, groups=of or groups(), answers=answers or {}, device_kind=device_kind, by=by, uploaded_by=None,
        complete=complete, **options,
    )  # fmt: skip


def html(of: ChecklistForm) -> str:
    return render_to_string("services/checklist_fields.html", {"form": of})


def test_a_side_sees_its_questions_with_what_could_show():
    assert list(form().fields) == ["q601", "q602", "q603", "q604", "q605"]
    assert "q502" in form(by="owner").fields and "q500" not in form(by="owner", device_kind="monobloc").fields


def test_without_javascript_one_reads_when_a_question_applies():
    page = html(form(by="owner"))
    assert 'data-shown-if="q501" data-shown-for="no"' in page
    assert "<span data-condition>Only if [501] is “no”.</span>" in page


def test_a_condition_on_the_other_side_is_settled_already():
    of = [*groups(), group(700, item(701, depends_on="501", depends_values=("no",)))]
    assert "q701" not in form(of=of, answers={"501": "yes"}).fields
    shown = form(of=of, answers={"501": "no"})
    assert "q701" in shown.fields and 'data-shown-if="q501"' not in html(shown)


def test_what_is_required_must_be_there_if_it_shows():
    assert sorted(form({}).errors) == ["q601", "q602"]
    assert sorted(form({"q601": "2", "q602": "other"}).errors) == ["q603"]
    assert form({"q601": "2", "q602": "copper"}).is_valid()


def test_the_answer_of_a_hidden_question_is_dropped_with_its_mistake():
    sent = form({"q601": "1,5", "q602": "copper", "q603": "rubbish"})
    assert sent.is_valid() and sent.answers() == {"601": "1.5", "602": "copper"}


def test_a_draft_keeps_a_wrong_answer_as_it_was_typed():
    draft = form({"q601": "about two", "q602": ""}, complete=False)
    assert draft.answers() == {"601": "about two"}
    assert list(draft.errors) == ["q601"] and "about two" in html(draft)
    again = form(answers=draft.answers(), complete=False)
    assert 'value="about two"' in html(again)


def test_a_draft_keeps_only_what_the_database_takes():
    assert form({"q601": "2\x00x\ud800"}, complete=False).answers() == {"601": "2x"}
    assert len(form({"q601": "x" * 9000}, complete=False).answers()["601"]) == 4000


def test_a_draft_demands_nothing():
    draft = form({}, complete=False)
    assert draft.is_valid() and draft.answers() == {} and draft.documents == []


def test_one_part_leaves_the_others_and_the_other_side_alone():
    of = [*groups(), group(700, item(701), item(702, depends_on="602", depends_values=("other",)))]
    part = form({"q701": "done"}, of=of, answers={"101": "Firma", "601": "2", "602": "copper"}, part="700")
    assert list(part.fields) == ["q701"]
    assert part.is_valid() and part.answers() == {"601": "2", "602": "copper", "701": "done"}


def test_a_number_is_shown_as_the_reader_writes_it():
    with translation.override("pl"):
        assert 'value="1,5"' in html(form(answers={"601": "1.5"}))


def test_a_wrong_answer_is_explained_at_its_field():
    assert form({"q601": "9", "q602": "copper"}).errors["q601"] == ["This is too high. Enter at most 6\xa0bar."]


def test_phones_show_digits_and_the_unit_stands_by():
    page = html(form())
    assert 'inputmode="decimal"' in page and '<span class="unit-sign">bar</span>' in page
    frosty = form(of=[group(600, item(601, "number", unit="°C", minimum=-30))])
    assert 'inputmode="text"' in html(frosty)  # the keys for decimals have no minus on some phones


def test_the_partner_has_the_camera_at_hand_and_the_owner_chooses():
    assert 'capture="environment"' in html(form()) and 'accept="image/*"' in html(form(by="owner"))
    assert "capture=" not in html(form(by="owner"))


def test_photos_are_kept_and_named_in_the_answers():
    sent = form({}, {"q605": [picture("red"), picture("blue")]}, complete=False)
    assert len(sent.documents) == 2 and sent.answers()["605"] == [str(one.pk) for one in sent.documents]


def test_photos_survive_a_mistake_elsewhere():
    wrong = form({"q601": "x"}, {"q605": [picture()]})
    assert not wrong.is_valid()
    [kept] = wrong.documents
    again = form({"q601": "1", "q602": "copper", "q605-kept": [token_of(kept)]})
    assert again.is_valid() and again.documents == [kept]


def test_photos_that_the_order_has_stay_and_come_no_second_time():
    first = form({}, {"q605": [picture()]}, complete=False)
    attach(first.documents)
    answers = first.answers()
    twice = form({}, {"q605": [picture()]}, answers=answers, complete=False)  # the phone sends it once more
    assert twice.documents == [] and twice.answers() == answers
    empty = form({}, answers=answers, complete=False)
    assert empty.answers() == answers


def test_a_photo_goes_only_when_somebody_removes_it():
    photo = make.document(name="a.pdf")
    attach([photo])
    token = token_of(photo)
    gone = form({"q605-kept": [token], "q605-remove": [token]}, answers={"605": [str(photo.pk)]}, complete=False)
    assert gone.answers() == {}


def test_a_token_takes_nothing_that_belongs_elsewhere():
    photo = make.document()
    attach([photo])
    assert form({"q605-kept": [token_of(photo)]}, complete=False).answers() == {}


def test_a_required_photo_is_asked_for():
    missing = form({"q101": "Firma", "q500": "FGAZ-O/01/12345/22", "q501": "yes"}, by="owner")
    assert missing.errors["q102"] == ["Add at least one photo: [102] Question 102."]


def test_answers_that_are_no_photos_break_nothing():
    for odd in ("x", ["x"], [str(uuid.uuid4())], 5):
        assert form(answers={"605": odd}).fields["q605"].has == []


def test_an_odd_fgas_number_is_pointed_out_and_taken():
    sent = form({"q500": "12/2009"}, by="owner", complete=False)
    assert sent.answers()["500"] == "12/2009" and "[500]" in sent.warnings["500"]
    assert form({"q500": "FGAZ-O/01/12345/22"}, by="owner", complete=False).warnings == {}
    assert "12/2009" in html(sent) and "FGAZ-O/01/12345/22" in html(sent)


def test_the_words_of_the_office_are_no_html():
    of = [group(600, item(601, labels=dict.fromkeys(("pl", "cs", "en"), "<b>x"), helps={"en": "<script>"}))]
    page = html(form(of=of))
    assert "<script>" not in page and "<b>" not in page


def test_who_need_not_answer_can_take_the_answer_back():
    of = [group(600, item(604, "yes_no", required=False))]
    assert ("", "no answer") in form(of=of).fields["q604"].choices
    assert form({"q604": ""}, of=of, answers={"604": "yes"}).answers() == {}
