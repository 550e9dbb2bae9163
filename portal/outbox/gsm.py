"""The alphabet of SMS (GSM 03.38): what fits into one part, and how to write without accents."""

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Written as an escape and a letter: two units each.
EXTENDED = frozenset("\f^{}\\[~]|€")
# Letters that do not fall apart into a letter and its accent, and signs of the typesetter.
REPLACED = str.maketrans(
    {
        "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
        "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-",
        "„": '"', "“": '"', "”": '"', "«": '"', "»": '"',
        "‚": "'", "‘": "'", "’": "'", "`": "'",
        "…": "...", "•": "-", "·": "-", "×": "x", "\t": " ",
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200b": "", "\u00ad": "",
    }
)  # fmt: skip

ONE_PART = 160


def units(text: str) -> int:
    """Length in GSM-7 units; the text must be of that alphabet."""
    return sum(2 if sign in EXTENDED else 1 for sign in text)


def _letter(sign: str) -> str:
    if sign in BASIC or sign in EXTENDED:
        return sign
    plain = "".join(part for part in unicodedata.normalize("NFKD", sign) if part in BASIC or part in EXTENDED)
    return plain or "?"


def transliterate(text: str) -> str:
    """The text in the GSM-7 alphabet: ą becomes a, ř r, and – a hyphen; what has no likeness becomes ?."""
    composed = unicodedata.normalize("NFC", text.translate(REPLACED))
    return "".join(_letter(sign) for sign in composed)


def _count(costs: list[int], single: int, multi: int) -> tuple[int, int]:
    """Units and parts; a sign is never split over two parts."""
    total = sum(costs)
    if total <= single:
        return total, 1
    parts, room = 1, multi
    for cost in costs:
        if cost > room:
            parts, room = parts + 1, multi
        room -= cost
    return total, parts


def parts(text: str) -> tuple[str, int, int]:
    """How an SMS goes out: ("GSM-7" or "UCS-2", length in its units, number of parts paid for)."""
    if all(sign in BASIC or sign in EXTENDED for sign in text):
        return "GSM-7", *_count([2 if sign in EXTENDED else 1 for sign in text], ONE_PART, 153)
    return "UCS-2", *_count([2 if ord(sign) > 0xFFFF else 1 for sign in text], 70, 67)


def one_part(text: str) -> str:
    """The text transliterated, on one line, and cut at a word with "..." where it is longer than one part."""
    words = transliterate(text).split()
    if units(" ".join(words)) <= ONE_PART:
        return " ".join(words)
    while len(words) > 1 and units(" ".join(words)) > ONE_PART - 3:
        words.pop()
    cut = " ".join(words)
    while units(cut) > ONE_PART - 3:
        cut = cut[:-1]
    return cut + "..."
