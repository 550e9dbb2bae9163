"""The purchase date and its documents."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from orders.forms.ordering import WhatForm, WishesForm
from orders.forms.proofs import ProofForm
from orders.forms.visits import TimesForm
from orders.models import Proposal
from orders.queries import ordering_faults
from services.models import ServiceKind
from tests.factories import PDF, device, document, person, site, started_up

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


# Ordering a service


def what(devices: list, data: dict | None = None, **initial) -> WhatForm:
    kinds = list(ServiceKind.objects.active())
    devices = [type(one).objects.for_list().get(pk=one.pk) for one in devices]
    faults = ordering_faults(devices, kinds)
    return WhatForm(data, devices=devices, kinds=kinds, faults=faults, partners=[], initial=initial)


def reasons(found: WhatForm) -> dict[str, str]:
    return {kind.code: found.reason(kind) for kind in found.kinds}


def test_devices_stand_below_their_sites():
    home = site(own_name="Home")
    summer = site(home.customer, own_name="Summer house")
    found = what([device(home, name="Garage"), device(summer, name="Attic")])
    groups = dict(found.fields["device"].choices[1:])
    assert {name: rows[0][1].partition(" (")[0] for name, rows in groups.items()} == {
        "Home": "Garage", "Summer house": "Attic",
    }  # fmt: skip


def test_an_only_device_is_chosen_and_its_reasons_are_told():
    found = what([device()])
    assert "first start-up comes before" in reasons(found)["inspection"] and reasons(found)["repair"] == ""


def test_what_one_of_two_devices_may_have_is_offered_until_a_device_is_chosen():
    fresh = device()
    running = started_up(device(fresh.site))
    assert reasons(what([fresh, running]))["inspection"] == ""
    assert reasons(what([fresh, running], device=fresh.pk))["inspection"]
    barred = what([fresh, running], device=fresh.pk).fields["kind"].widget.barred
    assert not barred, "another device may be chosen in the same form"


def wishes(**data) -> WishesForm:
    return WishesForm({"part": "any", **data}, MultiValueDict(), uploaded_by=person())


def day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


@pytest.mark.parametrize(("days", "well"), [(-1, False), (0, False), (1, True), (365, True), (366, False)])
def test_wished_days_are_ahead_and_within_a_year(days, well):
    assert wishes(day2=day(days).isoformat()).is_valid() is well


def test_the_same_day_counts_once_and_gaps_close():
    found = wishes(day1=day(3).isoformat(), day3=day(3).isoformat())
    assert found.wishes()["wished_days"] == [day(3)] and list(found.errors) == ["day3"]


def test_what_is_well_is_kept_beside_what_is_not():
    found = wishes(day1="2020-01-01", day2=day(2).isoformat(), contact="x" * 200, notes="Blue gate")
    assert not found.is_valid()
    assert found.wishes() == {"wished_days": [day(2)], "wished_part": "any", "notes": "Blue gate"}


def test_files_stay_until_somebody_removes_them():
    has = [document(attached_at=timezone.now())]
    found = WishesForm({"part": "any"}, MultiValueDict(), has=has, uploaded_by=person())
    assert found.is_valid() and found.removed == [] and found.documents == []


def test_times_that_are_over_are_not_offered():
    now = timezone.now()
    proposal = Proposal(slots=[now - timedelta(hours=1), now + timedelta(days=1)], minutes=90)
    found = TimesForm(proposal=proposal)
    assert [value for value, _label in found.fields["slot"].choices] == [proposal.slots[1].isoformat()]
