"""Messages as files: what the demo and the tests read instead of a mail server and a phone."""

import os
from pathlib import Path

from portal.outbox.models import Message


def drop(folder: Path, message: Message, suffix: str, content: bytes) -> None:
    """Writes `<key><suffix>` whole or not at all; a second copy replaces the first."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{message.key}.{os.getpid()}.part"
    try:
        part.write_bytes(content)
        part.replace(folder / f"{message.key}{suffix}")
    finally:
        part.unlink(missing_ok=True)
