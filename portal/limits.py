"""Counts what somebody does too often. The counters live in the cache, which is a table of the database."""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


def within_limit(name: str, key: str, *, amount: int, seconds: int) -> bool:
    """Counts one more; False when `key` has done it more than `amount` times within `seconds`."""
    counter = f"limit:{name}:{key}"
    cache.add(counter, 0, seconds)
    return cache.incr(counter) <= amount


def address_of(request: HttpRequest) -> str:
    """The network address of whoever asks; proxies are trusted as ALLAUTH_TRUSTED_PROXY_COUNT says."""
    return get_adapter().get_client_ip(request) or "unknown"
