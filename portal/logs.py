"""What a line of the log may say: what happened to which thing, by its number; nobody's data and no secrets.

Code logs primary keys and numbers. What others put into their errors is taken out here, in the last place.
"""

import logging
import re
import time

# (what to look for, what to write instead)
LEFT_OUT = [
    # PostgreSQL quotes the row that it refuses.
    (re.compile(r"DETAIL:.*"), "DETAIL: [left out]"),
    (re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"\+\d[\d -]{7,16}\d"), "[phone]"),
    # The signed links of e-mails: value, time, signature.
    (re.compile(r"[\w.=-]+:[\w-]{5,8}:[\w-]{40,}"), "[link]"),
    (re.compile(r"(password/reset/)[^/\s]+-[^/\s]+"), r"\1[link]"),
    # The key of a session.
    (re.compile(r"\b[a-z0-9]{32}\b"), "[key]"),
]


class Formatter(logging.Formatter):
    """Lines of the log, tracebacks included, without what must not stand in them. Times are UTC."""

    converter = staticmethod(time.gmtime)  # type: ignore[assignment]
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the name is logging's
        # What somebody sent must not look like a line of its own.
        line = super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")
        person = getattr(getattr(record, "request", None), "_cached_user", None)
        return f"{line} (person {person.pk})" if person and person.pk else line

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for pattern, instead in LEFT_OUT:
            text = pattern.sub(instead, text)
        return text
