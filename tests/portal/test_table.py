"""Tables drawn in Python: what people typed is escaped, cards name their values, addresses are the real ones."""

import pytest
from django.urls import reverse

from portal.addresses import address
from portal.ui.table import Column, Table, link, small_button

NASTY = '"><script>alert(1)</script>'


@pytest.mark.parametrize("name", ["device", "site", "order", "proof-new", "device-nameplates"])
def test_an_address_is_what_reverse_says(name):
    assert [address(name, pk) for pk in (1, 4711)] == [reverse(name, args=[pk]) for pk in (1, 4711)]


def test_nothing_that_was_typed_becomes_markup():
    row = (link("/x/?a=1&b=2", NASTY), NASTY, small_button("/y/", NASTY, NASTY))
    html = Table([Column("A", "main-cell"), Column(NASTY), Column("C", "row-action")], [row]).__html__()
    assert "<script" not in html and html.count("&lt;script&gt;") == 6
    assert 'href="/x/?a=1&amp;b=2"' in html


def test_a_card_names_its_values_but_not_its_title_and_button():
    columns = [Column("Name", "main-cell"), Column("Site"), Column("Devices", "num"), Column("Actions", "row-action")]
    html = Table(columns, [("Pump", "Home", 3, "")]).__html__()
    assert 'data-label="Site">Home' in html and 'class="num" data-label="Devices">3' in html
    assert 'data-label="Name"' not in html and 'data-label="Actions"' not in html


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="zip"):
        Table([Column("A")], [("one", "two")]).__html__()
