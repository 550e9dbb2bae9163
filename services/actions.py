"""What the office does with services, checklists and the papers of partners, and the warnings that the portal sends."""

import logging
from collections.abc import Iterable, Sequence
from datetime import date

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Partner, User
from devices.models import Product
from portal.errors import Refused
from portal.events import record
from portal.files.models import Document
from portal.files.store import attach, discard
from portal.outbox.queue import send
from services.checklists import freeze, template_faults
from services.languages import in_language, texts_of
from services.models import (
    Certificate,
    CertificateWarning,
    Checklist,
    ChecklistGroup,
    ChecklistItem,
    ChecklistVersion,
    Qualification,
    ServiceKind,
)
from services.presenters import template_fault
from services.rules import WARNING_DAYS, warning_due

logger = logging.getLogger(__name__)

FAULTS_TOLD = 5


@transaction.atomic
def save_kind(kind: ServiceKind, *, products: Iterable[Product], by: User) -> ServiceKind:
    """A kind of service is added or changed; what it says holds for the orders from now on."""
    is_new = kind.pk is None
    kind.save()
    kind.products.set(products)
    record(
        "service.added" if is_new else "service.changed", by=by, about=[kind], data={"service": _english(kind, "name")}
    )
    return kind


@transaction.atomic
def add_checklist(checklist: Checklist, *, by: User) -> Checklist:
    """An empty checklist; it is in use once it is published."""
    checklist.save(force_insert=True)
    record("checklist.added", by=by, about=[checklist])
    return checklist


@transaction.atomic
def save_row(row: ChecklistGroup | ChecklistItem, *, by: User) -> None:
    """A group or an item of the working copy is added or changed. Nobody is asked it before the next publishing."""
    _hold(row.checklist)
    row.save()
    record("checklist.edited", by=by, about=[row.checklist], data={"number": row.number})


@transaction.atomic
def remove_row(row: ChecklistGroup | ChecklistItem, *, by: User) -> None:
    """A group or an item leaves the working copy; published versions keep it."""
    _hold(row.checklist)
    record("checklist.shortened", by=by, about=[row.checklist], data={"number": row.number})
    row.delete()


def _hold(checklist: Checklist) -> Checklist:
    """Who edits and who publishes the same checklist take turns."""
    return Checklist.objects.select_for_update().get(pk=checklist.pk)


@transaction.atomic
def publish(checklist: Checklist, *, by: User) -> ChecklistVersion:
    """Freezes the working copy as the next version, which new orders get.

    Refused with the first faults where something is missing or contradicts itself, and where nothing has changed.
    """
    checklist = _hold(checklist)
    groups = checklist.draft()
    if faults := template_faults(groups):
        told = [template_fault(fault) for fault in faults[:FAULTS_TOLD]]
        raise Refused(_("This cannot be published yet.") + " " + " ".join(told))
    latest = checklist.latest
    if latest and not checklist.is_changed:
        raise Refused(_("Nothing has changed since version %(number)s.") % {"number": latest.number})
    version = ChecklistVersion.objects.create(
        checklist=checklist,
        number=latest.number + 1 if latest else 1,
        content=freeze(groups),
        published_at=timezone.now(),
        published_by=by,
    )
    record("checklist.published", by=by, about=[checklist, version], data={"number": version.number})
    return version


@transaction.atomic
def save_qualification(
    partner: Partner, *, kinds: Sequence[ServiceKind], products: Sequence[Product], by: User
) -> Qualification:
    """What a partner does from now on; no products means all. The same again changes nothing."""
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    qualification, is_new = Qualification.objects.get_or_create(partner=partner)
    before = set(qualification.kinds.all()), set(qualification.products.all())
    if not is_new and before == (set(kinds), set(products)):
        return qualification
    qualification.kinds.set(kinds)
    qualification.products.set(products)
    record(
        "qualification.changed",
        by=by,
        about=[partner, qualification],
        data={"services": ", ".join(_english(kind, "name") for kind in kinds) or "–"},
    )
    return qualification


def _english(row: models.Model, name: str) -> str:
    """How the trail names it: its words cannot follow the reader's language."""
    with override("en"):
        return in_language(texts_of(row, name))


@transaction.atomic
def save_certificate(certificate: Certificate, *, by: User, document: Document | None = None) -> Certificate:
    """A paper of a partner is added or corrected; a `document` takes the place of the one before."""
    is_new, before = certificate.pk is None, certificate.document
    if document is not None:
        attach([document])
        certificate.document = document
    certificate.save()
    if before and before != certificate.document:
        discard(before)
    record(
        "certificate.added" if is_new else "certificate.changed",
        by=by,
        about=[certificate.partner, certificate],
        data={"number": certificate.number, "date": certificate.valid_until.isoformat()},
    )
    return certificate


@transaction.atomic
def remove_certificate(certificate: Certificate, *, by: User) -> None:
    """A paper that was entered by mistake, or that nobody will renew."""
    record("certificate.removed", by=by, about=[certificate.partner], data={"number": certificate.number})
    certificate.delete()
    if certificate.document:
        discard(certificate.document)


def warn_of_expiry(*, today: date | None = None) -> int:
    """Tells partners whose certificates end within 60 days, and again within 14; how many were told now.

    Each certificate in a transaction of its own: one that fails is told in the log, and stops neither those before nor
    those after it.
    """
    today = today or timezone.localdate()
    ending = Certificate.objects.expiring(max(WARNING_DAYS), today=today).filter(
        partner__decision=Partner.Decision.APPROVED
    )
    return sum(_try_to_warn(certificate, today=today) for certificate in ending.select_related("partner"))


def _try_to_warn(certificate: Certificate, *, today: date) -> bool:
    try:
        return _warn(certificate, today=today)
    except Exception:
        logger.exception("Nobody can be warned of the end of certificate %s.", certificate.pk)
        return False


@transaction.atomic
def _warn(certificate: Certificate, *, today: date) -> bool:
    """The row of the warning is what makes it once: who comes second finds it, and says nothing."""
    days = warning_due(certificate.valid_until, today=today)
    if days is None:
        return False
    _warning, is_new = CertificateWarning.objects.get_or_create(
        certificate=certificate, valid_until=certificate.valid_until, days_before=days
    )
    if not is_new:
        return False
    record(
        "certificate.warned",
        by=None,
        about=[certificate.partner, certificate],
        data={"number": certificate.number, "date": certificate.valid_until.isoformat()},
    )
    for place in certificate.partner.people.select_related("user").filter(user__is_active=True):
        _tell_of_end(certificate, place.user)
    return True


def _tell_of_end(certificate: Certificate, user: User) -> None:
    with override(user.language):
        context = {
            "name": user.first_name,
            "partner": certificate.partner.name,
            "certificate": str(certificate.get_kind_display()),
            "number": certificate.number,
            "until": date_format(certificate.valid_until, "SHORT_DATE_FORMAT"),
            "path": reverse("partner"),
        }
    send(
        "services/certificate_ends",
        to=user.email,
        language=user.language,
        context=context,
        about=[certificate.partner],
    )
