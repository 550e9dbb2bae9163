"""The one rule about visibility: `Model.objects.visible_to(user)`.

A model that belongs to a customer says by `customer_path` how to get there ("" for the customer itself).
What is not visible does not exist for the person who asks: a view that starts from `visible_to` answers 404.
"""

from typing import Any, Self

from django.db import models


class OwnedQuerySet(models.QuerySet):
    """Rows that belong to a customer through `model.customer_path`."""

    def visible_to(self, user: Any) -> Self:
        """What a person may see as a member of a customer; nothing for anybody else, staff included."""
        if not user.is_authenticated:
            return self.none()
        path = self.model.customer_path  # type: ignore[attr-defined]
        membership = f"{path}__memberships__user" if path else "memberships__user"
        return self.filter(**{membership: user})
