"""Pictures in an S3-compatible bucket instead of on this machine's disk. Needs requirements-s3.txt."""

from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage


class BucketStorage(S3Storage):
    """A bucket whose pictures have the same addresses as on our disk: MEDIA_URL and their name.

    Addresses are part of stored HTML and cached pages, so they must not expire as signed ones
    do. With MEDIA_URL=/media/ this site serves the pictures, and the bucket can be private; with the
    address of a bucket or a CDN that the public can read, browsers fetch them there.
    """

    def url(self, name: str, *_args: Any, **_kwargs: Any) -> str:
        return urljoin(settings.MEDIA_URL, filepath_to_uri(name))
