"""A quiet line about the last sign-ins, for first pages."""

from typing import Any

from django import template
from django.template.context import Context

from accounts.actions.history import last_tries

register = template.Library()


@register.inclusion_tag("accounts/last_tries.html", takes_context=True)
def last_sign_ins(context: Context) -> dict[str, Any]:
    """When somebody last got in before this time, and when somebody last failed to. One query.

    Nothing for a clerk who sees the portal as a customer does.
    """
    request = context["request"]
    if getattr(request.user, "support_view", None):
        return {}
    return {"last": last_tries(request, request.user)}


@register.filter
def in_fours(key: str) -> str:
    """A key that somebody types: "ABCD EFGH"."""
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))
