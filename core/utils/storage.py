"""Pictures in S3-compatible object storage instead of this machine's disk. Needs requirements-s3.txt."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage
from storages.utils import clean_name


@contextmanager
def errors_as_of_a_disk() -> Iterator[None]:
    """Raise OSError, as for a disk, if a bucket is unavailable, full or not accessible."""
    try:
        yield
    except (BotoCoreError, Boto3Error, ClientError) as error:
        raise OSError(errno.EIO, f"The bucket: {error}") from error


class BucketObject:
    """An object of a bucket, or a part of it.

    Nothing is fetched before it is read, and nothing is stored on this machine.
    """

    def __init__(self, found: Any) -> None:
        self.size: int = found.content_length
        self._found = found
        self._part: dict[str, str] = {}
        self._body: Any = None

    def only(self, first: int, last: int) -> None:
        """Request these bytes only. Call it before reading."""
        self._part = {"Range": f"bytes={first}-{last}"}

    def read(self, count: int | None = None) -> bytes:
        with errors_as_of_a_disk():
            if self._body is None:
                self._body = self._found.get(**self._part)["Body"]
            piece: bytes = self._body.read(count)
        return piece

    def close(self) -> None:
        if self._body is not None:
            self._body.close()


class BucketStorage(S3Storage):
    """A bucket whose pictures have the same URLs as on our disk: MEDIA_URL and their name.

    URLs are part of stored HTML and cached pages, so they must not expire as signed ones do. With
    MEDIA_URL=/media/ this site serves the pictures, and the bucket can be private; with the URL of a public
    bucket or a CDN, browsers fetch them there.
    """

    def _open(self, *args: Any, **kwargs: Any) -> Any:
        with errors_as_of_a_disk():
            return super()._open(*args, **kwargs)

    def stream(self, name: str) -> BucketObject:
        """For streaming: `open` would fetch the whole object first."""
        with errors_as_of_a_disk():
            found = self.bucket.Object(self._normalize_name(clean_name(name)))
            found.load()
        return BucketObject(found)

    def _save(self, *args: Any, **kwargs: Any) -> Any:
        with errors_as_of_a_disk():
            return super()._save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        with errors_as_of_a_disk():
            return super().delete(*args, **kwargs)

    def exists(self, *args: Any, **kwargs: Any) -> Any:
        with errors_as_of_a_disk():
            return super().exists(*args, **kwargs)

    def listdir(self, *args: Any, **kwargs: Any) -> Any:
        with errors_as_of_a_disk():
            return super().listdir(*args, **kwargs)

    def get_modified_time(self, *args: Any, **kwargs: Any) -> Any:
        with errors_as_of_a_disk():
            return super().get_modified_time(*args, **kwargs)

    def size(self, *args: Any, **kwargs: Any) -> Any:
        with errors_as_of_a_disk():
            return super().size(*args, **kwargs)

    def url(self, name: str, *_args: Any, **_kwargs: Any) -> str:
        return urljoin(settings.MEDIA_URL, filepath_to_uri(name))
