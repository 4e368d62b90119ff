"""Receiving a form's files: in memory, up to the limit; what is more is counted and let go.

Django's own handler would write large files unencrypted into a temporary folder.
"""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

_FILES_AT_ONCE = 4  # so many files of the greatest size are held in memory for one request


class CappedUpload(FileUploadHandler):
    """Holds a file in memory. Of one over the limit only the size is kept: its content is empty."""

    _spent = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._kept, self._size = BytesIO(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._size += len(raw_data)
        if not self._over:
            self._kept.write(raw_data)
            self._spent += len(raw_data)
        elif self._kept.tell():
            self._spent -= self._kept.tell()
            self._kept = BytesIO()

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        kept = BytesIO() if self._over else self._kept
        kept.seek(0)
        return InMemoryUploadedFile(
            kept, self.field_name, self.file_name, self.content_type, self._size, self.charset,
            self.content_type_extra,
        )  # fmt: skip

    @property
    def _over(self) -> bool:
        most: int = settings.PAPER_MOST_BYTES
        return self._size > most or self._spent > most * _FILES_AT_ONCE
