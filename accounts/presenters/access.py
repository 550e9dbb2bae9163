"""Words for who acts for a customer, since when and until when."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Invitation, Membership, PartnerMembership, TeamInvitation, User
from accounts.models.customer import Granted
from accounts.models.invitation import Asked
from portal.access import Grade
from portal.addresses import address
from portal.ui.table import Column, Table, small_button
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


ROLE_WORDS = {
    PartnerMembership.Role.MANAGER: gettext_lazy("answers offers, hands orders out and looks after the team"),
    PartnerMembership.Role.ENGINEER: gettext_lazy("sees the orders that are handed over, and fills in the protocols"),
}


def team_facts(invitation: TeamInvitation) -> list[tuple[Any, Any]]:
    """What somebody is asked to."""
    role = PartnerMembership.Role(invitation.role)
    return [
        (_("Company"), f"{invitation.partner.name}, {invitation.partner.address}"),
        (_("Role"), _("%(role)s: %(words)s") % {"role": role.label, "words": ROLE_WORDS[role]}),
    ]


def access_table(places: Iterable[Membership], names: Mapping[int, str], *, may_change: bool, reader: User) -> Table:
    """Who acts for a customer. Needs `user` and `granted_by`. Nobody changes the own access."""
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
    acts = {True: ("access-remove", _("Give up")), False: ("access-change", _("Change"))}

    def button(place: Membership) -> Any:
        name, words = acts[place.user_id == reader.pk]
        return small_button(address(name, place.pk), words, place.user)

    return Table(columns, [
        (
            format_html("<strong>{}</strong><small>{}</small>", str(place.user), place.user.email),
            place.get_grade_display(),
            site_words(place, names),
            local_date(place.starts_on),
            period_words(place),
            str(place.granted_by or "–"),
            local_moment(place.last_used_at),
            button(place) if may_change else "",
        )
        for place in places
    ])  # fmt: skip


def invitation_table(invitations: Iterable[Invitation], names: Mapping[int, str], *, may_change: bool) -> Table:
    """Invitations that nobody has answered. Needs `invited_by`."""
    columns = [
        Column(_("E-mail address"), "main-cell"),
        Column(_("Access")),
        Column(_("Sites")),
        Column(_("From")),
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
            local_date(invitation.starts_on),
            period_words(invitation),
            str(invitation.invited_by or "–"),
            local_moment(invitation.expires_at),
            take_back and small_button(address("invitation-withdraw", invitation.pk), take_back, invitation.email),
        )
        for invitation in invitations
    ])  # fmt: skip


def state_chip(invitation: Asked, *, is_open: bool) -> Any:
    if is_open:
        return chip("progress", invitation.get_state_display())
    tone = "done" if invitation.state == Asked.State.ACCEPTED else "neutral"
    words = _("too old") if invitation.state == Asked.State.OPEN else invitation.get_state_display()
    return chip(tone, words)
