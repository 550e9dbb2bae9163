"""The authenticator app on a person's phone."""

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value


def code_of_app(key: str, *, ahead: int = 0) -> str:
    """What an app with this key shows now, or so many stretches of 30 seconds later (earlier, if negative)."""
    return format_hotp_value(hotp_value(key, int(time.time()) // 30 + ahead))
