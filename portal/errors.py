"""The one exception for a step that is not allowed, and where its sentence is told."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.views.decorators.http import require_POST

View = TypeVar("View", bound=Callable)


class Refused(Exception):
    """An act that the rules do not allow now. `sentence` is for the person who tried."""

    def __init__(self, sentence: Any):
        self.sentence = sentence
        super().__init__(str(sentence))


def post_only(view: View) -> View:
    """For a view behind a button of another page. A refusal gets a page of its own: there is none to go back to."""
    guarded = require_POST(view)
    guarded.post_only = True  # type: ignore[attr-defined]
    return guarded
