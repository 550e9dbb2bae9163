"""Queries whose SQL is written once in a process.

For a handful of rows Django takes several times longer to write the SQL than PostgreSQL to answer it. What every page
of a thing asks is kept here ready to send (docs/bench.md).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet

PLACE = 987654321


class Prepared:
    """`build` makes a query for a list of keys: whole numbers, or texts. It is called once for each length.

    It must not depend on anything else, such as the time or the language.
    """

    def __init__(self, build: Callable[[list[Any]], QuerySet]):
        self.build = build
        # Bounded: a page has few keys, but a nightly task may ask for any number of them.
        self._written = lru_cache(maxsize=64)(self._write)

    def rows(self, *keys: Any) -> list[tuple[Any, ...]]:
        """The rows for these keys, of a `values_list`. Values are as the driver gives them: JSON is text."""
        if not keys:
            return []
        _query, sql, params = self._ready(keys)
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall()

    def models(self, *keys: Any) -> list[Any]:
        """The models for these keys, of one table."""
        if not keys:
            return []
        query, sql, params = self._ready(keys)
        return list(query.model._default_manager.raw(sql, params))

    def _ready(self, keys: tuple[Any, ...]) -> tuple[QuerySet, str, list[Any]]:
        query, sql, places = self._written(isinstance(keys[0], str), len(keys))
        return query, sql, [_filled(place, keys) for place in places]

    def _write(self, is_text: bool, count: int) -> tuple[QuerySet, str, tuple[Any, ...]]:
        places = range(PLACE, PLACE + count)
        query = self.build([str(place) for place in places] if is_text else list(places))
        return query, *query.query.sql_with_params()


def _filled(place: Any, keys: tuple[Any, ...]) -> Any:
    """The key that belongs to a place; whatever else is in a query stays."""
    if isinstance(place, list):
        return [_filled(one, keys) for one in place]
    is_place = isinstance(place, type(keys[0])) and str(place).isdecimal() and 0 <= int(place) - PLACE < len(keys)
    return keys[int(place) - PLACE] if is_place else place
