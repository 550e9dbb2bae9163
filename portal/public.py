"""Views that anybody may open without signing in, by name. A test walks all others and demands a refusal."""

from collections.abc import Callable
from typing import TypeVar

View = TypeVar("View", bound=Callable)


def public(view: View) -> View:
    view.public = True  # type: ignore[attr-defined]
    return view
