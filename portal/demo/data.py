"""The demo's data: `python -m portal.demo.data`. A second run finds them there and changes nothing."""

import os

import django

from portal.demo.register import FREE_SERIALS

__all__ = ["ACCOUNTS", "FREE_SERIALS", "PASSWORD", "accounts_there", "main"]

# For made-up people on one's own machine; production refuses to start where they exist.
PASSWORD = "ciepla-pompa"


def _account(role: str, name: str, about: str) -> dict[str, str]:
    return {"role": role, "email": f"{name}@demo.example", "password": PASSWORD, "about": about}


ACCOUNTS = [
    _account("customer", "anna.kowalska", "private owner: two sites, three heat pumps, an inspection overdue"),
    _account("customer", "piotr.zielinski", "manages a housing association: 12 heat pumps, orders in every state"),
    _account("customer", "halina.maj", "the association's accountant: contracts and invoices, no devices"),
    _account("customer", "marek.dozorca", "its caretaker: devices and orders of one building, for some months"),
    _account("customer", "beata.wronska", "looks after twelve housing associations, and chooses one in the header"),
    _account("customer", "jana.novakova", "private owner in Czechia; one nameplate is being checked"),
    _account("customer", "tomasz.lewandowski", "bought a house; claims its heat pump from the owner before him"),
    _account("partner", "michal.serwisant", "service partner, manager: an offer, dates to agree, today's round"),
    _account("partner", "kamil.wrona", "his engineer: a visit today, a protocol begun"),
    _account("partner", "adam.zawada", "another service partner; the certificate runs out"),
    _account("partner", "ewa.klimek", "service partner, waits for the office's yes"),
    _account("staff", "maria.nowak", "office, reviewer: proofs, nameplates, claims"),
    _account("staff", "jan.dudek", "office, dispatcher: assigns orders, partners, messages"),
    _account("staff", "barbara.lis", "office, manager: all of it, products, register, people"),
]


def accounts_there() -> list[dict[str, str]]:
    """Those of ACCOUNTS that are in the database: data of an earlier version is kept and has fewer."""
    from accounts.models import User

    known = set(User.objects.values_list("email", flat=True))
    return [account for account in ACCOUNTS if account["email"] in known]


def main() -> None:
    """Tells the story, unless it has been told."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from portal.demo import story

    story.tell(PASSWORD)


if __name__ == "__main__":
    main()
