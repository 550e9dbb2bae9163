"""The purchase date and its documents."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from orders.forms import ProofForm
from tests.factories import PDF, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def form(day: str, *, files: int = 1, made: tuple[date, ...] = (), required: bool = True) -> ProofForm:
    uploads = [SimpleUploadedFile(f"{n}.pdf", PDF + b"%%%d\n" % n, "application/pdf") for n in range(files)]
    return ProofForm(
        {"purchased_on": day},
        MultiValueDict({"documents": uploads}),
        made=made,
        uploaded_by=person(),
        documents_required=required,
    )


@pytest.mark.parametrize("day", ["2024-06-01", "01.06.2024"])
def test_a_date_is_taken_from_the_browsers_field_and_as_people_write_it(day):
    found = form(day)
    assert found.is_valid(), found.errors
    assert found.cleaned_data["purchased_on"] == date(2024, 6, 1)
    assert len(found.cleaned_data["documents"]) == 1


def test_today_is_right_and_tomorrow_is_not():
    today = timezone.localdate()
    assert form(today.isoformat()).is_valid()
    future = form((today + timedelta(1)).isoformat())
    assert "is in the future" in future.errors["purchased_on"][0]


def test_a_purchase_before_the_making_of_the_latest_unit():
    made = (date(2024, 1, 10), date(2024, 2, 20))
    early = form("2024-02-19", made=made)
    assert "cannot have been bought before" in early.errors["purchased_on"][0]
    assert "2024" in early.errors["purchased_on"][0]
    assert form("2024-02-20", made=made).is_valid()


@pytest.mark.parametrize("day", ["", "yesterday", "31.02.2024", "0000-00-00"])
def test_what_is_no_date_gets_a_sentence(day):
    wrong = form(day).errors["purchased_on"][0]
    assert wrong in ("Fill in “Purchase date on the invoice”.", "Enter a date, such as 21.02.2023.")


def test_a_document_is_needed_for_a_proof_but_not_for_an_answer():
    assert form("2024-06-01", files=0).errors == {"documents": ["Add at least one file."]}
    assert form("2024-06-01", files=0, required=False).is_valid()
