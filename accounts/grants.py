"""How much somebody may see and do for a customer: what is asked for, before it is a membership or an invitation."""

from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models.customer import Customer, Granted
from portal import collect
from portal.access import Grade
from portal.errors import Refused

# Whoever means longer leaves the last day empty.
LAST_DAY = date(2100, 12, 31)


@dataclass(frozen=True)
class Grant:
    """A grade, for all sites (None) or those with these primary keys, from a day to a day (None: without an end)."""

    grade: str
    sites: list[int] | None = None
    starts_on: date = field(default_factory=timezone.localdate)
    ends_on: date | None = None

    @classmethod
    def of(cls, granted: Granted) -> "Grant":
        sites = None if granted.sites is None else sorted(granted.sites)
        return cls(granted.grade, sites, granted.starts_on, granted.ends_on)

    @property
    def fields(self) -> dict[str, object]:
        return {"grade": self.grade, "sites": self.sites, "starts_on": self.starts_on, "ends_on": self.ends_on}

    @property
    def lasts(self) -> bool:
        """Whether it lets decide on everything from today on, without an end."""
        return self.grade == Grade.FULL and self.ends_on is None and self.starts_on <= timezone.localdate()

    def check(self, customer: Customer, *, before: "Grant | None" = None) -> None:
        """Raises Refused where this cannot be granted. A first day that is over may only stay as it was `before`."""
        if self.grade not in Grade.values:
            raise Refused(_("Choose how much the person may see and do."))
        if self.sites is not None:
            self._check_sites(customer, self.sites)
        if self.starts_on < timezone.localdate() and (before is None or self.starts_on != before.starts_on):
            raise Refused(_("The first day is over already. Choose today or a later one."))
        if max(self.starts_on, self.ends_on or self.starts_on) > LAST_DAY:
            raise Refused(_("Access can be given until the end of 2100. For longer, leave the last day empty."))
        if self.ends_on and self.ends_on < max(self.starts_on, timezone.localdate()):
            raise Refused(_("The last day is before the first one, or over already. Choose a later one."))

    def _check_sites(self, customer: Customer, sites: list[int]) -> None:
        if self.grade == Grade.FULL:
            raise Refused(_("Full access is for all sites. Take the ticks at the sites away, or choose less access."))
        if not sites or not set(sites) <= {pk for pk, _label in places_of(customer.pk)}:
            raise Refused(_("Choose from the customer's sites."))


def places_of(customer: int) -> list[tuple[int, str]]:
    """The sites of the customer with this primary key, with their names: a floor above knows them."""
    return [place for find in collect.places for place in find(customer)]
