"""Identifiers of people and companies, with the vectors of the tax offices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import rules

VALID_NIPS = ["5265877635", "8567346215", "5214349636", "6808208874"]
DIGITS = st.text("0123456789", min_size=5, max_size=5)


@pytest.mark.parametrize("nip", VALID_NIPS)
@pytest.mark.parametrize("form", ["{}", "PL{}", "pl {}", " {} "])
def test_a_nip_is_taken_with_and_without_its_prefix(nip, form):
    assert rules.normalise_tax_number(form.format(nip), "PL") == nip


@pytest.mark.parametrize(
    "typed",
    [
        "526-587-76-35",
        "526 587 76 35",
        "PL 526-58-77-635",
        "526–587–76–35",
        "526\u2011587\u201176\u201135",
        "526.587.76.35",
    ],
)
def test_separators_in_a_nip_do_not_matter(typed):
    assert rules.normalise_tax_number(typed, "PL") == "5265877635"


@pytest.mark.parametrize(
    "typed",
    [
        "8567346216", "1234567890", "0000000000", "5260000070", "526587763", "52658776355", "CZ5265877635",
        "５２６５８７７６３５", "PLPL5265877635", "", "PL", "abcdefghij", "0265877635", "5005877635",
    ],
)  # fmt: skip
def test_a_wrong_nip_is_refused(typed):
    with pytest.raises(ValueError, match=r".*"):
        rules.normalise_tax_number(typed, "PL")


@given(st.sampled_from(VALID_NIPS), st.integers(0, 9), st.sampled_from("0123456789"))
def test_one_wrong_digit_in_a_nip_is_always_noticed(nip, place, digit):
    wrong = nip[:place] + digit + nip[place + 1 :]
    if wrong == nip:
        assert rules.normalise_tax_number(wrong, "PL") == nip
    else:
        with pytest.raises(ValueError, match=wrong):
            rules.normalise_tax_number(wrong, "PL")


@pytest.mark.parametrize("typed", ["25123891", "CZ25123891", "cz 251 238 91"])
def test_a_dic_gets_its_prefix(typed):
    assert rules.normalise_tax_number(typed, "CZ") == "CZ25123891"


@pytest.mark.parametrize("typed", ["25123890", "00000000", "5265877635", "", "CZ", "PL25123891"])
def test_a_wrong_dic_is_refused(typed):
    with pytest.raises(ValueError, match=r".*"):
        rules.normalise_tax_number(typed, "CZ")


@given(st.text(max_size=15), st.sampled_from(["PL", "CZ"]))
def test_any_other_text_is_no_tax_number_or_a_clean_one(text, country):
    try:
        number = rules.normalise_tax_number(text, country)
    except ValueError:
        return
    assert number.isascii() and number.removeprefix("CZ").isdigit()


@given(DIGITS)
def test_postcodes_are_brought_into_their_countrys_form(digits):
    polish, czech = f"{digits[:2]}-{digits[2:]}", f"{digits[:3]} {digits[3:]}"
    assert rules.normalise_postcode(digits, "PL") == rules.normalise_postcode(f" {polish} ", "PL") == polish
    assert rules.normalise_postcode(digits, "CZ") == rules.normalise_postcode(f"{czech} ", "CZ") == czech


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("0404", "PL"),
        ("040411", "PL"),
        ("0-4041", "PL"),
        ("０４-０４１", "PL"),
        ("", "PL"),
        ("11-000", "CZ"),
        ("1100", "CZ"),
    ],
)
def test_wrong_postcodes_are_refused(text, country):
    with pytest.raises(ValueError, match=r".*"):
        rules.normalise_postcode(text, country)


def test_areas_are_sorted_and_said_once():
    assert rules.parse_areas("05-5, 00; 01,\n00") == ["00", "01", "055"]


@pytest.mark.parametrize("text", ["", " , ;", "0x", "123456", "０１", "Warszawa"])
def test_wrong_areas_are_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        rules.parse_areas(text)


@given(st.lists(st.text("0123456789", min_size=1, max_size=5), min_size=1))
def test_areas_survive_being_written_and_read_again(areas):
    assert rules.parse_areas(", ".join(areas)) == sorted(set(areas))


@pytest.mark.parametrize(
    ("text", "usual"),
    [("FGAZ-P/01/12345/22", True), (" fgaz-o/01/12345/22 ", True), ("FGAZ-X/01/12345/22", False), ("UDT 17", False)],
)
def test_an_unusual_certificate_is_noticed(text, usual):
    assert rules.looks_like_fgas_certificate(text) is usual
