"""Counting what somebody does too often."""

import pytest
from django.core.cache import cache
from django.db import connection

from portal.limits import within_limit

pytestmark = pytest.mark.django_db


def expiry(name: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM expires - now()) FROM portal_cache WHERE cache_key LIKE %s", [name])
        return float(cursor.fetchone()[0])


def test_more_than_the_amount_is_too_much():
    answers = [within_limit("register", "10.0.0.1", amount=2, seconds=3600) for _ in range(3)]
    assert answers == [True, True, False]
    assert within_limit("register", "10.0.0.2", amount=2, seconds=3600)


def test_a_count_lasts_as_long_as_its_limit():
    within_limit("register", "10.0.0.1", amount=2, seconds=3600)
    assert expiry("%limit:register:10.0.0.1%") > 3500


def test_many_counters_do_not_push_each_other_out():
    """Django's own 300 entries would let a crowd of addresses wipe out the counts of tries."""
    for number in range(400):
        cache.set(f"limit:sign-in:{number:03}", 1, 3600)
    assert cache.get("limit:sign-in:000") == 1
