"""Counts what somebody does too often. The counters live in the cache, which is a table of the database."""

import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


def within_limit(name: str, key: str, *, amount: int, seconds: int) -> bool:
    """Counts one more; False when `key` has done it more than `amount` times in this stretch of `seconds`."""
    counter = f"limit:{name}:{key}:{int(time.time() // seconds)}"
    # Not `incr`: that would let the counter go after five minutes.
    count = cache.get(counter, 0) + 1
    cache.set(counter, count, seconds)
    return count <= amount


def address_of(request: HttpRequest) -> str:
    """The network address of whoever asks; proxies are trusted as ALLAUTH_TRUSTED_PROXY_COUNT says."""
    return get_adapter().get_client_ip(request) or "unknown"
