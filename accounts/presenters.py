"""Words for pages about customers and the people who act for them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.links import for_customer
from accounts.models import Customer, Invitation, Membership
from accounts.models.customer import Granted
from portal.access import Area, Grade, Right, all_rights
from portal.addresses import address, plain
from portal.ui.table import Column, Table, link, small_button
from portal.ui.templatetags.ui import chip, local_date, local_moment

GRADE_WORDS = {
    Grade.FULL: gettext_lazy("sees and does everything, and decides who has access"),
    Grade.FINANCIAL: gettext_lazy("contracts, invoices and payments"),
    Grade.TECHNICAL: gettext_lazy("devices, orders, meters and alarms"),
    Grade.READ_ONLY: gettext_lazy("sees devices, orders, contracts and invoices, and changes nothing"),
}


def site_words(granted: Granted, names: Mapping[int, str]) -> str:
    """The sites of a grant by name, "all" where it names none."""
    if granted.sites is None:
        return _("all")
    return ", ".join(names[pk] for pk in granted.sites if pk in names)


def period_words(granted: Granted) -> str:
    """From when and until when, as far as that matters to the reader."""
    if granted.ends_on is None:
        return _("no end")
    return date_format(granted.ends_on, "SHORT_DATE_FORMAT")


def grant_facts(granted: Granted, names: Mapping[int, str]) -> list[tuple[Any, Any]]:
    """What somebody is given."""
    grade = Grade(granted.grade)
    return [
        (_("Access"), _("%(grade)s: %(words)s") % {"grade": grade.label, "words": GRADE_WORDS[grade]}),
        (_("Sites"), site_words(granted, names)),
        (_("From"), local_date(granted.starts_on)),
        (_("Until"), period_words(granted)),
    ]


def access_table(places: Iterable[Membership], names: Mapping[int, str], *, may_change: bool) -> Table:
    """Who acts for a customer. Needs `user` and `granted_by`."""
    columns = [
        Column(_("Person"), "main-cell person-cell"),
        Column(_("Access")),
        Column(_("Sites")),
        Column(_("From")),
        Column(_("Until")),
        Column(_("Given by")),
        Column(_("Last used")),
        Column(_("Actions"), "row-action"),
    ]
    change = _("Change") if may_change else ""
    return Table(columns, [
        (
            format_html("<strong>{}</strong><small>{}</small>", str(place.user), place.user.email),
            place.get_grade_display(),
            site_words(place, names),
            local_date(place.starts_on),
            period_words(place),
            str(place.granted_by or "–"),
            local_moment(place.last_used_at),
            change and small_button(address("access-change", place.pk), change, place.user),
        )
        for place in places
    ])  # fmt: skip


def invitation_table(invitations: Iterable[Invitation], names: Mapping[int, str], *, may_change: bool) -> Table:
    """Invitations that nobody has answered. Needs `invited_by`."""
    columns = [
        Column(_("E-mail address"), "main-cell"),
        Column(_("Access")),
        Column(_("Sites")),
        Column(_("Until")),
        Column(_("Invited by")),
        Column(_("Link works until")),
        Column(_("Actions"), "row-action"),
    ]
    take_back = _("Take back") if may_change else ""
    return Table(columns, [
        (
            invitation.email,
            invitation.get_grade_display(),
            site_words(invitation, names),
            period_words(invitation),
            str(invitation.invited_by or "–"),
            local_moment(invitation.expires_at),
            take_back and small_button(address("invitation-withdraw", invitation.pk), take_back, invitation.email),
        )
        for invitation in invitations
    ])  # fmt: skip


def customer_table(rights: Iterable[Right], *, to: str) -> Table:
    """The customers that a person acts for; each leads to the page `to` for this customer."""
    columns = [
        Column(_("Name"), "main-cell"),
        Column(_("Customer number"), "nowrap"),
        Column(_("Your access")),
        Column(_("Sites")),
    ]
    every, some = _("all"), _("some")
    return Table(columns, [
        (
            link(for_customer(right.number, to), right.name),
            right.number,
            right.grade.label,
            every if right.sites is None else some,
        )
        for right in rights
    ])  # fmt: skip


def customer_facts(customer: Customer) -> list[tuple[Any, Any]]:
    """A customer's own record, as its members read it."""
    company = [(_("Tax number (NIP)"), customer.tax_number), (_("REGON"), customer.business_number or "–")]
    return [
        (_("Customer number"), customer.number),
        (_("Kind"), str(customer.get_kind_display()).capitalize()),
        (_("Name"), customer.name),
        *([] if customer.kind == Customer.Kind.PRIVATE else company),
        (_("Address"), f"{customer.address}, {customer.get_country_display()}"),
        (_("Address for letters"), post_address(customer) or _("the same")),
        (_("E-mail address"), customer.email),
        (_("Phone"), customer.phone.as_international if customer.phone else "–"),
    ]


def post_address(customer: Customer) -> str:
    """Where letters go, in one line; empty where that is the customer's address."""
    if not customer.post_name:
        return ""
    return f"{customer.post_name}, {customer.post_street}, {customer.post_postcode} {customer.post_city}"


def state_chip(invitation: Invitation, *, is_open: bool) -> Any:
    if is_open:
        return chip("progress", invitation.get_state_display())
    tone = "done" if invitation.state == Invitation.State.ACCEPTED else "neutral"
    words = _("too old") if invitation.state == Invitation.State.OPEN else invitation.get_state_display()
    return chip(tone, words)


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
        (_("Privacy"), [
            (_("Consents"), reverse("consents"), _("What you have agreed to, and how to take it back.")),
            *_copies_and_erasure(all_rights(user)),
        ]),
    ]  # fmt: skip


def _copies_and_erasure(rights: list[Right]) -> list[tuple[Any, str, Any]]:
    """What everybody may have who acts for a customer, and what those decide who decide on everything."""
    pages = []
    if rights:
        pages.append((_("A copy of your data"), reverse("exports"), _("Everything that you may see, as a ZIP file.")))
    if any(right.covers(Area.ACCOUNT, change=True) for right in rights):
        pages.append((_("Erase all data"), reverse("erasure"), _("When you no longer want to be our customer.")))
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
