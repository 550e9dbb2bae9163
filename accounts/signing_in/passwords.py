"""What a password must be like: long, and not among those that thieves try first. No rule about kinds of characters."""

import re
import unicodedata
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

LENGTH, LONGEST = 12, 128
# zxcvbn's score 4, "very unguessable": more than 10,000 million guesses, even for whoever knows its lists. Three common
# words in a row get 3.
GOOD_SCORE = 4
# What zxcvbn's English lists lack: words that passwords in Polish and Czech begin with, without accents.
COMMON_WORDS = (Path(__file__).parent / "common_words.txt").read_text().split()
# zxcvbn takes no more, and what is good so far does not get worse behind that.
LOOKED_AT = 72


class GoodPassword:
    """Refuses what is on the machine's lists of common and leaked passwords, or close to it.

    The person's own data and the portal's name are left out of what is judged: they are the first that is tried.
    """

    def __init__(self) -> None:
        self.common = CommonPasswordValidator().passwords

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(_("Choose a password of at most %(count)d characters.") % {"count": LONGEST})
        if len(password) < LENGTH:
            return  # another validator says so
        rest = without_own_words(password, user)
        if rest != password and _score(rest) < GOOD_SCORE:
            raise ValidationError(
                _(
                    "Besides your name, your e-mail address or our name there is too little in this password. "
                    "Take four words or more that do not belong together."
                )
            )
        if password.lower().strip() in self.common or _score(password) < GOOD_SCORE:
            raise ValidationError(
                _(
                    "This password is on the lists that thieves try first, or close to one of them. "
                    "Take four words or more that do not belong together."
                )
            )

    def get_help_text(self) -> str:
        return _("Four words that do not belong together are easy to remember and hard to guess.")


def _score(password: str) -> int:
    """0 to 4, as zxcvbn rates how many guesses it takes. Accents do not make a common word a rare one."""
    plain = without_accents(password)[:LOOKED_AT]
    return zxcvbn(plain, user_inputs=COMMON_WORDS)["score"] if plain else 0


def without_accents(text: str) -> str:
    """`Żółty` as `Zolty`, as many people type it."""
    parts = unicodedata.normalize("NFKD", text.translate({ord("ł"): "l", ord("Ł"): "L"}))
    return "".join(part for part in parts if not unicodedata.combining(part))


def without_own_words(password: str, user: Any) -> str:
    """The password without the parts of the person's name and e-mail address, and without the portal's name."""
    told = [settings.BRAND["name"], settings.BRAND["company"]]
    told += [getattr(user, name, "") or "" for name in ("email", "first_name", "last_name")]
    words = {word for text in told for word in re.split(r"\W+", text.lower()) if len(word) > 2}
    for word in sorted(words, key=len, reverse=True):
        password = re.sub(re.escape(word), "", password, flags=re.IGNORECASE)
    return password
