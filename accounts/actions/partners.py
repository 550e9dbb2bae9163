"""Service partners: their application, and where they work."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import (
    Partner,
    PartnerMembership,
    User,
)
from portal.errors import Refused
from portal.events import record
from portal.outbox.queue import send


@transaction.atomic
def apply_as_partner(*, by: User, **fields: Any) -> Partner:
    """A service company asks to work with us; a clerk answers."""
    partner = Partner.objects.create(**fields)
    PartnerMembership.objects.create(partner=partner, user=by)
    record("partner.applied", by=by, about=[partner])
    return partner


@transaction.atomic
def decide_partner(partner: Partner, *, approve: bool, by: User, reason: str = "") -> Partner:
    """A clerk's answer to an application. Refused with a sentence when somebody answered before."""
    partner = Partner.objects.select_for_update().get(pk=partner.pk)
    if partner.decision:
        raise Refused(
            _("%(who)s has answered this application already: %(answer)s.")
            % {"who": partner.decided_by, "answer": partner.get_decision_display()}
        )
    if not approve and not reason.strip():
        raise Refused(_("Say why the application is refused; the applicant reads it."))
    partner.decision = Partner.Decision.APPROVED if approve else Partner.Decision.REFUSED
    partner.decided_at, partner.decided_by, partner.decision_reason = (
        timezone.now(),
        by,
        reason,
    )
    partner.save()
    record(f"partner.{partner.decision}", by=by, about=[partner], reason=reason)
    for place in partner.people.select_related("user"):
        send(
            f"accounts/partner_{partner.decision}",
            to=place.user.email,
            language=place.user.language,
            context={
                "name": place.user.first_name,
                "partner": partner.name,
                "reason": reason,
            },
            about=[partner],
        )
    return partner


@transaction.atomic
def change_areas(partner: Partner, *, areas: list[str], by: User) -> Partner:
    """Where the partner works from now on: beginnings of postcodes. The same again changes nothing."""
    partner = Partner.objects.select_for_update().get(pk=partner.pk)
    before = partner.areas
    if areas == before:
        return partner
    partner.areas = areas
    partner.save(update_fields=["areas"])
    changed = {"areas": [", ".join(before), ", ".join(areas)]}
    record("partner.areas_changed", by=by, about=[partner], data={"changed": changed})
    return partner
