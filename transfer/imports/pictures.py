"""Pictures of imported posts, from the export or fetched from the old site by the safe HTTP client."""

import html
import io
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.utils.images import clean_picture
from posts.editor.foreign import fetch_picture
from posts.editor.uploads import AUDIO, FILES, add_picture
from posts.models import Post
from posts.models.editing import Upload
from posts.services.publishing import COVER_SIZE
from transfer.imports.bundle import Bundle
from transfer.imports.stream import ImportRefused
from transfer.imports.texts import absolute

ENDINGS = (".jpg", ".jpeg", ".png", ".gif", ".webp")
# After this many consecutive failures, a host is not tried again in this import.
FAILURES = 3
NOT_READ = gettext_lazy("a picture in the export could not be read")
NOT_FETCHED = gettext_lazy("a picture could not be fetched from the old site")
NO_COVER = gettext_lazy(
    "a cover picture is left out, as it’s not in the file (“Fetch pictures from the old site” would import it)"
)
COVER_NOT_READ = gettext_lazy("a cover picture is left out, as it could not be fetched or read")


class Pictures:
    """losses: messages about the current post; count: the number of pictures found so far."""

    def __init__(self, bundle: Bundle, by: User | None, *, may_fetch: bool, is_dry_run: bool) -> None:
        self.bundle, self.by, self.may_fetch, self.is_dry_run = bundle, by, may_fetch, is_dry_run
        self.by_name: dict[str, list[str]] = defaultdict(list)
        for name in bundle.matching(*ENDINGS, *(f".{ending}" for ending in (*FILES, *AUDIO))):
            self.by_name[PurePosixPath(name).name.lower()].append(name)
        self.failures: Counter[str] = Counter()
        self.losses: set[str] = set()
        self.found: set[str] = set()

    def tag(self, address: str, alt: str, folder: str, base: str) -> str:
        """Our <img> for a picture of the old site, "" if it stays there."""
        if self.is_dry_run:
            return '<img src="picture">' if self.can_be_found(address, folder, base) else ""
        upload = self.upload(address, alt, folder, base)
        if upload is None:
            return ""
        return f'<img src="{html.escape(upload.file.url)}" alt="{html.escape(alt)}" width="{upload.width}" height="{upload.height}">'

    def cover(self, address: str, folder: str, base: str) -> ContentFile | None:
        """The cover picture of a post, cropped as in the editor."""
        if self.is_dry_run:
            self.can_be_found(address, folder, base)
            return None
        upload = self.upload(address, "", folder, base)
        if upload is None:
            return None
        try:
            with default_storage.open(str(upload.file.name)) as file:
                return clean_picture(file, size=COVER_SIZE)
        except (ValidationError, OSError):
            self.losses.add(str(NOT_READ))
            return None

    def why_no_cover(self) -> str:
        return str(COVER_NOT_READ if self.may_fetch or str(NOT_READ) in self.losses else NO_COVER)

    def upload(
        self, address: str, alt: str, folder: str, base: str, *, by_name: bool = True
    ) -> Upload | None:
        """by_name: whether it may be a file of the export; otherwise it is only fetched."""
        name = self.name_of(address, folder) if by_name else ""
        try:
            if name:
                upload = add_picture(
                    io.BytesIO(self.bundle.read(name)), by=self.by, alt=alt, title=PurePosixPath(name).name
                )
            else:
                found = self._fetched(absolute(address, base))
                if found is None:
                    return None
                upload = found
        except (ValidationError, ImportRefused):  # a broken picture does not stop an import
            self.losses.add(str(NOT_READ))
            return None
        self.found.add(address)
        return upload

    def can_be_found(self, address: str, folder: str, base: str, *, by_name: bool = True) -> bool:
        is_here = (by_name and bool(self.name_of(address, folder))) or (
            self.may_fetch and bool(absolute(address, base))
        )
        if is_here:
            self.found.add(address)
        return is_here

    def _fetched(self, url: str) -> Upload | None:
        host = urlsplit(url).hostname or ""
        if not self.may_fetch or not host:
            return None
        if (known := Upload.objects.filter(source_url=url[:2000]).first()) is not None:
            return known
        if self.failures[host] < FAILURES:
            try:
                upload = fetch_picture(url, by=self.by)
            except ValidationError:
                self.failures[host] += 1
            else:
                self.failures[host] = 0
                return upload
        self.losses.add(str(NOT_FETCHED))
        return None

    def name_of(self, address: str, folder: str) -> str:
        """The file of the export with the longest common end of its path, or ""."""
        try:
            path = unquote(urlsplit(address).path)
        except ValueError:
            return ""
        parts = [part for part in PurePosixPath(path).parts if part not in {"/", ".", ".."}]
        if not parts:
            return ""
        candidates = self.by_name.get(parts[-1].lower(), [])
        beside = f"{folder}/{'/'.join(parts)}".lstrip("/")
        if beside in candidates:
            return beside
        scored = sorted(((_shared_end(parts, name), name) for name in candidates), reverse=True)
        if not scored or (len(scored) > 1 and scored[0][0] == scored[1][0]):
            return ""
        return scored[0][1]


def forget_cover(cover: ContentFile | None) -> None:
    """Delete the file of a cover whose post was not written."""
    if cover is not None and cover.name:
        with suppress(OSError):
            Post._meta.get_field("cover").storage.delete(cover.name)


def _shared_end(parts: list[str], name: str) -> int:
    count = 0
    for mine, theirs in zip(reversed(parts), reversed(PurePosixPath(name).parts), strict=False):
        if mine.lower() != theirs.lower():
            break
        count += 1
    return count
