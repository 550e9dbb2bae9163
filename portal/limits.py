"""Counts what somebody does too often. The counters live in the cache, which is a table of the database."""

import hashlib
import ipaddress
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest


@dataclass(frozen=True)
class Limit:
    """At most `amount` in any stretch of `seconds`, for each key that is counted under the name."""

    name: str
    amount: int
    seconds: int


# A limit, and whose tries it counts.
Bucket = tuple[Limit, str]


@transaction.atomic
def take(*buckets: Bucket) -> int:
    """Counts one more in all of the buckets and returns 0.

    Where one of them is full nothing is counted, and the answer is the seconds until it no longer is.
    """
    limits = {_place(limit, key): limit for limit, key in buckets}
    moments = _lock_and_read(limits)
    now = time.time()
    recent = {place: [at for at in moments.get(place, []) if at > now - limits[place].seconds] for place in limits}
    waits = [
        recent[place][0] + limit.seconds - now for place, limit in limits.items() if len(recent[place]) >= limit.amount
    ]
    if waits:
        return math.ceil(max(waits))
    for place, limit in limits.items():
        cache.set(place, [*recent[place], now], limit.seconds)
    return 0


@transaction.atomic
def give_back(*buckets: Bucket) -> None:
    """Takes the newest count out of each bucket again: what was tried turned out to be right."""
    limits = {_place(limit, key): limit for limit, key in buckets}
    moments = _lock_and_read(limits)
    for place, limit in limits.items():
        cache.set(place, moments.get(place, [])[:-1], limit.seconds)


def empty(*buckets: Bucket) -> None:
    """Forgets what was counted."""
    cache.delete_many([_place(limit, key) for limit, key in buckets])


def within_limit(name: str, key: str, *, amount: int, seconds: int) -> bool:
    """Counts one more; False when `key` has done it `amount` times in this stretch of `seconds` already."""
    return take((Limit(name, amount, seconds), key)) == 0


def _place(limit: Limit, key: str) -> str:
    return f"limit:{limit.name}:{key}"


def _lock_and_read(places: Iterable[str]) -> dict[str, list[float]]:
    """The moments that were counted; nobody else counts in these places until the transaction ends."""
    # Everybody takes the locks in the same order, so that no two wait for each other.
    locks = sorted(int.from_bytes(hashlib.sha256(place.encode()).digest()[:8], "big", signed=True) for place in places)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(lock) FROM unnest(%s::bigint[]) AS lock", [locks])
    return cache.get_many(list(places))


def address_of(request: HttpRequest) -> str:
    """The network address of whoever asks; proxies are trusted as ALLAUTH_TRUSTED_PROXY_COUNT says."""
    return get_adapter().get_client_ip(request) or "unknown"


def network_of(address: str, *, bits: int, bits_of_six: int) -> str:
    """The network that an address belongs to, by its first bits: "10.1.2.0/24" or "2001:db8::/48"."""
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{address}/{bits if version == 4 else bits_of_six}", strict=False))
