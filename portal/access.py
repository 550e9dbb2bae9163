"""The one place that says who may see and do what: grades, rights, and `Model.objects.visible_to(user)`.

A person acts for customers through memberships, each with a grade, for all sites or named ones, from a day to a day.
A model that belongs to a customer says by `customer_path` how to get there ("" for the customer itself), by `site_path`
how to get to its site (None: it belongs to no site in particular), and by `area` which right shows it.

What belongs to other customers does not exist for the person who asks (404). What belongs to the own customer and is
not within the person's rights is refused (403): `find` tells the two apart.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.prepared import Prepared


class Area(StrEnum):
    """What rights are given for."""

    GENERAL = "general"  # the customer's name and its sites: every member sees these
    TECHNICAL = "technical"  # devices, orders, warranty, meters, alarms
    FINANCIAL = "financial"  # contracts, invoices, payments
    ACCOUNT = "account"  # the customer's own record, who has access, requests about data


class Grade(models.TextChoices):
    """How much a member may do; see `sees` and `changes`."""

    FULL = "full", _("full")
    FINANCIAL = "financial", _("financial")
    TECHNICAL = "technical", _("technical")
    READ_ONLY = "read_only", _("read only")

    @property
    def sees(self) -> frozenset[str]:
        return _SEES[self]

    @property
    def changes(self) -> frozenset[str]:
        return _CHANGES[self]


_SEES: dict[str, frozenset[str]] = {
    Grade.FULL: frozenset(Area),
    Grade.FINANCIAL: frozenset({Area.GENERAL, Area.FINANCIAL}),
    Grade.TECHNICAL: frozenset({Area.GENERAL, Area.TECHNICAL}),
    Grade.READ_ONLY: frozenset({Area.GENERAL, Area.TECHNICAL, Area.FINANCIAL}),
}
_CHANGES: dict[str, frozenset[str]] = {
    Grade.FULL: frozenset(Area),
    Grade.FINANCIAL: frozenset({Area.FINANCIAL}),
    # Whoever orders service may also say where a device stands.
    Grade.TECHNICAL: frozenset({Area.GENERAL, Area.TECHNICAL}),
    Grade.READ_ONLY: frozenset(),
}


@dataclass(frozen=True)
class Right:
    """What a person may see and (unless it `looks_only`) change of one customer today. `sites` None: everywhere."""

    customer: int
    grade: Grade
    sites: frozenset[int] | None
    number: str
    name: str
    looks_only: bool = False

    def covers(self, area: str, *, change: bool = False, site: int | None = None) -> bool:
        """Whether it lets see (or change) this area, at this site where one is given."""
        if change and self.looks_only:
            return False
        areas = self.grade.changes if change else self.grade.sees
        return area in areas and (site is None or self.sites is None or site in self.sites)


def all_rights(user: Any) -> list[Right]:
    """A person's rights at every customer, by name: one query a page, however many there are."""
    if not user.is_authenticated:
        return []
    known = getattr(user, "known_rights", None)
    if known is None:
        known = _read_rights(user)
        # Only the person of a request, whom the middleware has marked, keeps them: for as long as that lasts.
        if hasattr(user, "known_rights"):
            user.known_rights = known
    return known


def _memberships(people: list[int]) -> models.QuerySet:
    columns = ["customer_id", "grade", "sites", "customer__number", "customer__name", "starts_on", "ends_on"]
    found = get_user_model().memberships.rel.related_model.objects.filter(user__in=people)  # type: ignore[attr-defined]
    return found.order_by("customer_id").values_list(*columns)


_MEMBERSHIPS = Prepared(_memberships)


def _read_rights(user: Any) -> list[Right]:
    today = timezone.localdate()
    rights = [
        Right(customer, Grade(grade), None if sites is None else frozenset(sites), number, name)
        for customer, grade, sites, number, name, starts_on, ends_on in _MEMBERSHIPS.rows(user.pk)
        if starts_on <= today and (ends_on is None or today <= ends_on)
    ]
    return sorted(rights, key=lambda right: _as_read(right.name))


def _as_read(name: str) -> list[Any]:
    """The key by which people sort names: house 2 before house 10."""
    return [int(part) if part.isdecimal() else part.casefold() for part in re.split(r"(\d+)", name)]


def rights_of(user: Any) -> list[Right]:
    """A person's rights at the customer that the address names (`user.acts_for`), or at all of them."""
    chosen = getattr(user, "acts_for", None)
    return [right for right in all_rights(user) if chosen in (None, right.customer)]


def may(user: Any, area: str, *, change: bool = False, customer: int | None = None, site: int | None = None) -> bool:
    """Whether the person may see (or change) this area: of this customer, or of any where none is given."""
    return any(
        right.covers(area, change=change, site=site)
        for right in rights_of(user)
        if customer is None or right.customer == customer
    )


def changed_customers(user: Any, area: str) -> set[int]:
    """Of which customers somebody may change what is shown in this area."""
    return {right.customer for right in rights_of(user) if right.covers(area, change=True)}


def demand(user: Any, area: str, *, change: bool = False, customer: int | None = None, site: int | None = None) -> None:
    """Raises PermissionDenied (403) where `may` says no."""
    if not may(user, area, change=change, customer=customer, site=site):
        raise PermissionDenied


# Stands for a site that is not there yet, which only those add who act at all sites.
NEW_SITE = 0


def may_now(user: Any, area: str, *, customer: int, site: int) -> bool:
    """For an act: whether the person may change this area there, whatever page of whichever customer asks for it.

    The rights are read anew: a grant may have ended since the page that was sent was opened.
    """
    rights = (right for right in _read_rights(user) if right.customer == customer)
    return any(right.covers(area, change=True, site=site) for right in rights)


def demand_now(user: Any, area: str, *, customer: int, site: int) -> None:
    """Raises PermissionDenied (403) where `may_now` says no."""
    if not may_now(user, area, customer=customer, site=site):
        raise PermissionDenied


class OwnedQuerySet(models.QuerySet):
    """Rows that belong to a customer through `model.customer_path`."""

    def visible_to(self, user: Any) -> Self:
        """What a person may see as a member of a customer; nothing for anybody else, staff included."""
        return self._within([right for right in rights_of(user) if right.covers(self._area)])

    def changeable_by(self, user: Any) -> Self:
        """What a person may change as a member of a customer."""
        return self._within([right for right in rights_of(user) if right.covers(self._area, change=True)])

    def of_members(self, user: Any) -> Self:
        """What belongs to the person's customers, within the person's rights or not: nothing of it may be shown."""
        return self._of_customers([right.customer for right in rights_of(user)])

    @property
    def _area(self) -> str:
        return self.model.area  # type: ignore[attr-defined]

    def _of_customers(self, customers: list[int]) -> Self:
        return self.filter(**{f"{self.model.customer_path or 'pk'}__in": customers})  # type: ignore[attr-defined]

    def _within(self, rights: list[Right]) -> Self:
        path, site_path = self.model.customer_path or "pk", self.model.site_path  # type: ignore[attr-defined]
        if site_path is None or all(right.sites is None for right in rights):
            # Asked once and not joined: every query of a page is simpler by two tables, and lists are quicker.
            return self._of_customers([right.customer for right in rights])
        everywhere = [right.customer for right in rights if right.sites is None]
        limited = [right.customer for right in rights if right.sites is not None]
        sites = frozenset[int]().union(*(right.sites for right in rights if right.sites is not None))
        # Both are asked for: a site that has gone to another customer takes no grant along.
        named = Q(**{f"{path}__in": limited, f"{site_path or 'pk'}__in": sites})
        return self.filter(Q(**{f"{path}__in": everywhere}) | named)


def find(rows: "OwnedQuerySet", user: Any, *, change: bool = False, **lookup: Any) -> Any:
    """The row, if the person may see (or change) it. 404 for what is not the own; 403 without the right."""
    try:
        # Not by first(), for which the query would have to sort.
        return (rows.changeable_by(user) if change else rows.visible_to(user)).get(**lookup)
    except rows.model.DoesNotExist:
        if rows.of_members(user).filter(**lookup).exists():
            raise PermissionDenied from None
        raise Http404 from None
