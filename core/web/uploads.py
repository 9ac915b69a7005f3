"""Uploads while the disk for temporary files is full: the form's text is kept without the file."""

import logging
from contextlib import suppress
from typing import Any

from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest

logger = logging.getLogger(__name__)


class SafeUploadHandler(TemporaryFileUploadHandler):
    """Leaves out a file that cannot be stored. Django's handler raises OSError, which loses the whole form.

    core.web.middleware.LostUploadMiddleware responds to such a request.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().new_file(*args, **kwargs)
        except OSError as error:
            self._give_up(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError as error:
            self._give_up(error)

    def file_complete(self, file_size: int) -> Any:
        try:
            return super().file_complete(file_size)
        except OSError as error:  # the last bytes are only written here
            self._note(error)
            return None

    def _give_up(self, error: OSError) -> None:
        self._note(error)
        with suppress(OSError):  # flushing fails too; Django closes it again
            self.file.close()
        raise SkipFile from error

    def _note(self, error: OSError) -> None:
        logger.error("An upload could not be stored: %s", error)
        if self.request is not None:
            self.request.is_upload_lost = True  # type: ignore[attr-defined]  # ours, read by is_upload_lost


def is_upload_lost(request: HttpRequest) -> bool:
    return getattr(request, "is_upload_lost", False)
