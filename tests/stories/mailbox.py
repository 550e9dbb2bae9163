"""The letters that a story's people get."""

import re
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from portal.outbox import delivery
from portal.outbox.models import Message


class Mailbox:
    """Reads the folder that stands in for the mail server."""

    def __init__(self, folder: Path):
        self.folder = folder

    def deliver(self) -> None:
        """Does what a worker does with everything that is due."""
        for pk in Message.objects.due().order_by("pk").values_list("pk", flat=True):
            delivery.deliver(pk)

    def letters(self, to: str) -> list[EmailMessage]:
        """Sent to this address, the newest last: two may be sent in the same tick of the files' clock."""
        written = {str(key): pk for key, pk in Message.objects.values_list("key", "pk")}
        files = sorted(self.folder.glob("*.eml"), key=lambda file: written.get(file.stem, 0))
        letters = [message_from_bytes(file.read_bytes(), EmailMessage, policy=policy.default) for file in files]
        return [letter for letter in letters if letter["To"] == to]

    def newest(self, to: str) -> EmailMessage:
        self.deliver()
        letters = self.letters(to)
        assert letters, f"no letter went to {to}"
        return letters[-1]

    def wait_for(self, to: str, about: str = "", seconds: float = 120) -> EmailMessage:
        """The letter that a worker is about to send, with these words in its subject."""
        deadline = time.monotonic() + seconds
        while not (found := self.about(to, about)):
            assert time.monotonic() < deadline, f"no worker sent a letter to {to} about {about!r}"
            time.sleep(0.1)
        return found[-1]

    def about(self, to: str, words: str) -> list[EmailMessage]:
        """Sent to this address with these words in the subject, the newest last."""
        return [letter for letter in self.letters(to) if words in letter["Subject"]]


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return part.get_content()


def link_in(letter: EmailMessage) -> str:
    """The address behind the one button."""
    found = re.search(r"https?://\S+", text_of(letter))
    assert found, text_of(letter)
    return found[0]


def files_in(letter: EmailMessage, content_type: str = "application/pdf") -> list[bytes]:
    """What came with the letter, of this type."""
    return [part.get_payload(decode=True) for part in letter.walk() if part.get_content_type() == content_type]
