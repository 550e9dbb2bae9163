"""Addresses: quick ones for lists, and such without the prefix that the request at hand puts before all of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.urls import get_script_prefix, reverse, set_script_prefix

PLACE = 987654321


def address(name: str, pk: int) -> str:
    """The same as `reverse(name, args=[pk])`, for a page whose address names nothing but one number.

    `reverse` takes longer than all the rest of a row of a list.
    """
    return get_script_prefix() + _pattern(name) % pk


@cache
def _pattern(name: str) -> str:
    """Without the prefix, which is another in each request."""
    return plain(reverse(name, args=[PLACE]))[1:].replace("%", "%%").replace(str(PLACE), "%d")


def plain(path: str) -> str:
    """A path that was made in this request, as it is for everybody: "/c/K-000123/orders/5/" becomes "/orders/5/"."""
    prefix = get_script_prefix()
    return "/" + path[len(prefix) :] if path.startswith(prefix) else path


@contextmanager
def without_prefix() -> Iterator[None]:
    """Links that are made inside are for everybody: those of messages, and of what is kept for other requests."""
    before = get_script_prefix()
    set_script_prefix("/")
    try:
        yield
    finally:
        set_script_prefix(before)
