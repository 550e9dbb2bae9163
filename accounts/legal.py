"""Texts that people agree to. A changed text gets a new version; consents keep the words that were shown."""

from django.conf import settings
from django.utils.translation import gettext as _

DATA_PROCESSING_VERSION = "2026-11-01"


def data_processing_text() -> str:
    """The consent to data processing, in the language of the moment."""
    return _(
        "I agree that %(company)s, %(address)s, processes my personal data to register my devices, handle my "
        "orders and carry out the warranty. I can see and correct my data, and withdraw this consent at any "
        "time by writing to %(email)s; withdrawing does not affect what was done before."
    ) % {key: settings.BRAND[key] for key in ("company", "address", "email")}
