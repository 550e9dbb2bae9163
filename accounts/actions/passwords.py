"""A forgotten password."""

from django.conf import settings

from accounts.links import password_path
from accounts.models import User
from portal.outbox.queue import send


def begin_reset(email: str, *, language: str) -> None:
    """Writes to an address: with a link to a new password, or that it has no account, in the `language` of the page.

    Both take the same queries, so that nobody learns from the time which of them it was.
    """
    person = User.objects.filter(email=email.lower(), is_active=True).first()
    if person is None:
        send("accounts/unknown_account", to=email, language=language, context={"name": ""}, secret=True)
        return
    context = {"name": person.first_name, "password_reset_url": settings.SITE_URL + password_path(person)}
    send("accounts/password_reset_key", to=person.email, language=person.language, context=context, secret=True)
