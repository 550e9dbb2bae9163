"""The texts that people agree to: drafts come and go, what is published stays as it is."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import LegalText, User
from portal.errors import Refused
from portal.events import record


@transaction.atomic
def save_draft(text: LegalText, *, by: User) -> LegalText:
    """Keeps a new draft, or what was changed in one."""
    if text.pk:
        _open(text)
    if LegalText.objects.filter(kind=text.kind, version=text.version).exclude(pk=text.pk).exists():
        raise Refused(_("There is a version with this name already. Give this one another name."))
    text.save()
    record("text.saved", by=by, about=[text], data={"version": text.version})
    return text


@transaction.atomic
def remove_draft(text: LegalText, *, by: User) -> None:
    text = _open(text)
    record("text.removed", by=by, about=[text], data={"version": text.version})
    text.delete()


@transaction.atomic
def publish(text: LegalText, *, by: User) -> LegalText:
    """From now on this is the text of its kind. New terms are asked about when people next sign in."""
    text = _open(text)
    text.published_at, text.published_by = timezone.now(), by
    text.save(update_fields=["published_at", "published_by"])
    record("text.published", by=by, about=[text], data={"version": text.version})
    return text


def _open(text: LegalText) -> LegalText:
    """The draft, locked."""
    found = LegalText.objects.select_for_update().filter(pk=text.pk).first()
    if found is None:
        raise Refused(_("This draft has been removed."))
    if found.published_at:
        raise Refused(_("This text is published and stays as it is. Write a new version."))
    return found
