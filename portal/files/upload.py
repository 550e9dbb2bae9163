"""Receives files. One that is too large, or that finds the disk full, costs no disk and breaks no connection.

The form sees such a file as an empty upload with a `fault`, says so in a sentence, and keeps what was typed.
"""

import errno
import io
import tempfile
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MAX_MEGABYTES = 15
MAX_BYTES = MAX_MEGABYTES * 1024 * 1024
# Ten files at their largest: one request may not fill the disk by sending many.
MAX_REQUEST_BYTES = 10 * MAX_BYTES
MEMORY_BYTES = 1024 * 1024


def disk_is_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


class Upload(UploadedFile):
    """A received file. `fault` is "", or why there is no content: "too_large", "too_much" or "disk_full"."""

    def __init__(self, file: IO[bytes], *args: Any, fault: str = "", **kwargs: Any):
        super().__init__(file, *args, **kwargs)
        self.fault = fault


class CappedUploadHandler(FileUploadHandler):
    """Keeps a file in memory below 1 MB, in a nameless temporary file above; past the cap it only drains."""

    received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.fault = ""
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115  the request closes it
            max_size=MEMORY_BYTES, dir=settings.FILE_UPLOAD_TEMP_DIR
        )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.fault:
            return
        self.received += len(raw_data)
        if start + len(raw_data) > MAX_BYTES:
            self._give_up("too_large")
        elif self.received > MAX_REQUEST_BYTES:
            self._give_up("too_much")
        else:
            self._store(raw_data)

    def file_complete(self, file_size: int) -> Upload:
        self._store(b"")
        return Upload(
            self.file,
            self.file_name,
            self.content_type,
            0 if self.fault else file_size,
            self.charset,
            self.content_type_extra,
            fault=self.fault,
        )

    def _store(self, data: bytes) -> None:
        """Writes, or with no data brings what is buffered to the disk and rewinds."""
        try:
            if data:
                self.file.write(data)
            else:
                self.file.seek(0)
        except OSError as error:
            if not disk_is_full(error):
                raise
            self._give_up("disk_full")

    def _give_up(self, fault: str) -> None:
        self.fault = fault
        self._close()
        self.file = io.BytesIO()

    def _close(self) -> None:
        try:
            self.file.close()
        except OSError as error:  # closing writes what is still buffered
            if not disk_is_full(error):
                raise
