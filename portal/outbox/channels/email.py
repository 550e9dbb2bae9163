"""E-mail by SMTP, or into a folder where `OUTBOX_FOLDER` is set."""

import logging
import smtplib
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.utils.translation import gettext_noop

from portal.outbox.channels import Undeliverable, folder
from portal.outbox.models import Message

logger = logging.getLogger(__name__)


def compose(message: Message) -> EmailMultiAlternatives:
    """The e-mail of a message, the same each time but for its date and the marks between its parts."""
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        to=[message.recipient],
        reply_to=[settings.BRAND["email"]],
        headers={
            "Message-ID": message.message_id,
            "Auto-Submitted": "auto-generated",
            "Content-Language": message.language,
        },
    )
    mail.attach_alternative(message.html, "text/html")
    if message.calendar:
        # Twice: Outlook and Gmail read the one among the forms of the text, others only the attached file.
        mail.attach_alternative(message.calendar, f"text/calendar; method={message.calendar_method}")
        mail.attach("invite.ics", message.calendar.encode(), "application/ics")
    _attach_documents(mail, message)
    return mail


def _attach_documents(mail: EmailMultiAlternatives, message: Message) -> None:
    """A file that is gone does not hold up the words: they say what happened, and their button leads to the portal."""
    for document in message.documents.all():
        try:
            with document.file.open("rb") as file:
                mail.attach(document.name, file.read(), document.content_type)
        except FileNotFoundError:
            logger.error("message %s goes out without document %s, whose file is gone", message.pk, document.pk)


def send(message: Message) -> str:
    """Hands the e-mail to the mail server. The server gives no number of its own, so the answer is empty."""
    try:
        validate_email(message.recipient)
    except ValidationError as error:
        raise Undeliverable(gettext_noop("This is not an e-mail address.")) from error
    mail = compose(message)
    if settings.OUTBOX_FOLDER:
        folder.drop(settings.OUTBOX_FOLDER, message, ".eml", mail.message().as_bytes())
    else:
        _smtp(mail)
    return ""


def _smtp(mail: EmailMultiAlternatives) -> None:
    connection = get_connection()
    connection.open()
    try:
        connection.send_messages([mail])
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
        code, words = _answer(error)
        if code < 500:
            raise
        raise _refused(error, f"{code} {words}") from error
    finally:
        # The server said yes or no already: an error at the goodbye must not send a second copy.
        with suppress(Exception):
            connection.close()


def _answer(error: smtplib.SMTPException) -> tuple[int, str]:
    """The server's code and words."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
    else:
        code, words = error.smtp_code, error.smtp_error  # type: ignore[attr-defined]
    return code, words.decode("utf-8", "replace") if isinstance(words, bytes) else words


def _refused(error: smtplib.SMTPException, detail: str) -> Undeliverable:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return Undeliverable(
            gettext_noop("The mail server refused this address. Ask the customer for the right one."),
            detail,
        )
    return Undeliverable(gettext_noop("The mail server refused to take this message."), detail)
