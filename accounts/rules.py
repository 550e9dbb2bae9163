"""Pure rules about identifiers of people and companies. Nothing here reads a database or a clock."""

import re

import phonenumbers
from stdnum.cz import dic
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.pl import nip, regon

# stdnum takes any digits; KSeF's schema also demands that the first digits can be a tax office.
NIP_FORM = re.compile(r"[1-9](?:[0-9][1-9]|[1-9][0-9])[0-9]{7}")
FGAS_FORM = re.compile(r"FGAZ-[OP]/[0-9]{2}/[0-9]{5}/[0-9]{2}")
POSTCODE_FORMS = {
    "PL": re.compile(r"([0-9]{2})-?([0-9]{3})"),
    "CZ": re.compile(r"([0-9]{3}) ?([0-9]{2})"),
}
POSTCODE_SIGNS = {"PL": "-", "CZ": " "}


def normalise_tax_number(text: str, country: str) -> str:
    """NIP as ten digits for "PL", DIČ with "CZ" in front for "CZ"; dashes, spaces and the prefix aside.

    Raises ValueError when the form or the check digit is wrong.
    """
    compact = re.sub(r"[\s.\-‐‑–—]", "", text).upper()
    if country == "CZ":
        return _czech_tax_number(compact)
    compact = compact.removeprefix("PL")
    if not (compact.isascii() and NIP_FORM.fullmatch(compact) and nip.is_valid(compact)):
        raise ValueError(text)
    return compact


def _czech_tax_number(compact: str) -> str:
    try:
        return "CZ" + str(dic.validate(compact))
    except StdnumError as error:
        raise ValueError(compact) from error


def normalise_postcode(text: str, country: str) -> str:
    """ "04041" becomes "04-041" in "PL"; "11000" becomes "110 00" in "CZ". Raises ValueError."""
    match = POSTCODE_FORMS[country].fullmatch(re.sub(r"\s+", " ", text.strip()))
    if not match:
        raise ValueError(text)
    return POSTCODE_SIGNS[country].join(match.groups())


def parse_areas(text: str) -> list[str]:
    """Beginnings of postcodes, as in "00, 01; 05-5", as a sorted list of 1 to 5 digits. Raises ValueError."""
    parts = [part for part in re.split(r"[,;\n]+", text) if part.strip()]
    areas = {re.sub(r"[\s\-]", "", part) for part in parts}
    if not areas or not all(re.fullmatch(r"[0-9]{1,5}", area) for area in areas):
        raise ValueError(text)
    return sorted(areas)


def looks_like_fgas_certificate(text: str) -> bool:
    """The usual form, e.g. "FGAZ-O/01/12345/22". Older forms exist, so a mismatch is a warning only."""
    return bool(FGAS_FORM.fullmatch(text.strip().upper()))


def looks_like_phone(text: str) -> bool:
    """A number that exists in Poland or Czechia, or with its country's prefix anywhere."""
    for region in POSTCODE_FORMS:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(text, region)):
                return True
        except phonenumbers.NumberParseException:
            pass
    return False


def normalise_business_number(text: str, country: str) -> str:
    """REGON of 9 or 14 digits for "PL", IČO of 8 digits for "CZ", without spaces and dashes. Raises ValueError."""
    compact = re.sub(r"[\s.\-‐‑–—]", "", text)
    if country == "CZ":
        if not (re.fullmatch(r"[0-9]{8}", compact) and dic.is_valid(compact)):
            raise ValueError(text)
        return compact
    if not (compact.isascii() and regon.is_valid(compact)):
        raise ValueError(text)
    return compact
