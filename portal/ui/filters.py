"""Selects above a list, whose choices stay in its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

# A list as short as this is looked through without help.
FEW = 5


@dataclass(frozen=True)
class Select:
    """One select; `options` are values with their words, `value` the chosen one ("" for none)."""

    name: str
    label: Any
    options: Mapping[str, Any]
    value: str
    empty: Any

    @classmethod
    def of(cls, request: HttpRequest, name: str, label: Any, options: Mapping[str, Any], empty: Any) -> "Select":
        """As the address says; what it does not offer is no choice."""
        value = request.GET.get(name, "")
        return cls(name, label, options, value if value in options else "", empty)


def words_of(request: HttpRequest) -> str:
    """What somebody looks for."""
    return request.GET.get("q", "").replace("\0", "").strip()
