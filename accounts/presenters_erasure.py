"""What an erasure takes away and what it leaves, in words."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.utils.text import capfirst

from portal.privacy import REASONS


def report_lines(report: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The report of an erasure in the reader's language: "erased" and "kept", each with what, count, why."""
    found: dict[str, list[dict[str, Any]]] = {"erased": [], "kept": []}
    for line in report:
        words = capfirst(apps.get_model(line["what"])._meta.verbose_name_plural)
        why = REASONS[line["why"]] if line["why"] else ""
        found[line["done"]].append({"what": words, "count": line["count"], "why": why})
    return found
