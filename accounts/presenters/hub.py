"""The pages about a person."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Partner
from portal.access import Area, Right, all_rights
from portal.addresses import plain


def hub(user: Any) -> list[tuple[Any, list[tuple[Any, str, Any]]]]:
    """The pages about a person: headings, and below each (label, address, what it is for)."""
    return [
        (_("Signing in"), [
            (
                _("Password, second factor and passkeys"), reverse("mfa_index"),
                _("Safer with a passkey or an app."),
            ),
            (_("E-mail address"), reverse("email-change"), _("You sign in with it, and we write to it.")),
            (_("Phone numbers"), reverse("phones"), _("For the service partner, and for SMS.")),
            (_("Sign-in history"), reverse("sign-ins"), _("Who signed in as you or tried to, when and from where.")),
            (_("Sessions"), reverse("sessions"), _("Where you are signed in now. You can end each of them.")),
        ]),
        *_customer_pages(all_rights(user)),
        *_team_pages(user),
        (_("Privacy"), [
            (_("Consents"), reverse("consents"), _("What you have agreed to, and how to take it back.")),
            *_copies_and_erasure(user, all_rights(user)),
        ]),
    ]  # fmt: skip


def _copies_and_erasure(user: Any, rights: list[Right]) -> list[tuple[Any, str, Any]]:
    """A copy for everybody, and the way out: with the customer for who decides on everything, else alone."""
    pages = [(_("A copy of your data"), reverse("exports"), _("Everything that you may see, as a ZIP file."))]
    if any(right.covers(Area.ACCOUNT, change=True) for right in rights):
        pages.append((_("Erase all data"), reverse("erasure"), _("When you no longer want to be our customer.")))
    elif not user.is_staff:
        pages.append((_("Close your account"), reverse("account-close"), _("When you no longer want to sign in.")))
    return pages


def _customer_pages(rights: list[Right]) -> list[tuple[Any, list[tuple[Any, str, Any]]]]:
    """What belongs to the customers that somebody acts for; nothing for anybody else."""
    if not rights:
        return []
    pages: list[tuple[Any, str, Any]] = []
    if len(rights) > 1:
        pages.append(
            (_("Your customers"), plain(reverse("customers")), _("Choose for whom you want to see the portal."))
        )
    if any(right.covers(Area.ACCOUNT) for right in rights):
        pages += [
            (_("Who has access"), reverse("access"), _("Who acts for the customer, since when and until when.")),
            (_("Customer's data"), reverse("customer-data"), _("Number, name, addresses.")),
            (_("Changes of data"), reverse("change-requests"), _("What you asked us to change, and our answers.")),
        ]
    own = [(_("Give up your access"), reverse("access-leave"), _("You then see nothing of the customer any more."))]
    return [(_("Customer") if len(rights) == 1 else _("Customers"), pages + own)]


def _team_pages(user: Any) -> list[tuple[Any, list[tuple[Any, str, Any]]]]:
    """The way out of each team that somebody is in."""
    places = user.partner_memberships.filter(partner__decision=Partner.Decision.APPROVED).select_related("partner")
    pages = [
        (
            _("Leave the team of %(partner)s") % {"partner": place.partner},
            plain(reverse("work-leave", args=[place.pk])), _("You then see nothing of the company any more."),
        )
        for place in places.order_by("pk")
    ]  # fmt: skip
    return [(_("Service partner"), pages)] if pages else []
