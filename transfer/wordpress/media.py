"""The media library of a WordPress blog: which files are imported, and the links to them.

They come from an uploads folder or a zip, or are fetched from the old site. That happens before a post is
written, so that no one waits for a picture while the database is locked.
"""

import html
import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext_lazy

from posts.editor.uploads import AUDIO, FILES, add_upload
from posts.models.old_addresses import old_address_key
from transfer.imports.pictures import ENDINGS, Pictures
from transfer.imports.stream import ImportRefused
from transfer.wordpress.blocks import SIZE_IN_NAME
from transfer.wordpress.finder import LibraryPicture
from transfer.wordpress.items import WpItem

# The image proxy of WordPress.com and Jetpack.
PHOTON = re.compile(r"https?://i[0-9]\.wp\.com/([^/?#]+/[^?#]*)(?:[?#].*)?", re.IGNORECASE)
STAYS = gettext_lazy("a file stays on the old site, and the text links to it there")


class Media(NamedTuple):
    """An attachment. post: the id of the post to which it was uploaded."""

    address: str
    alt: str
    caption: str
    post: int


class Shown(NamedTuple):
    address: str
    width: int
    height: int


def media_of(item: WpItem) -> Media | None:
    """The attachment of an item with the type "attachment"; None if it has no file."""
    address = item.attachment or item.guid
    if item.number <= 0 or not address.lower().startswith(("http://", "https://", "/")):
        return None
    return Media(
        address, item.meta.get("_wp_attachment_image_alt", "").strip(), item.excerpt.strip(), item.parent
    )


class MediaFolder:
    """media: the attachments by id. pictures: their source, None for a blog without any.

    is_settled: nothing more is stored or fetched; files that are unknown by then stay on the old site. posts:
    the former URLs of posts, as keys of posts.models.old_addresses.
    """

    def __init__(
        self, media: dict[int, Media], posts: set[str], base: str, pictures: Pictures | None
    ) -> None:
        self.media, self.posts, self.base, self.pictures = media, posts, base, pictures
        self.host = _host_of(base)
        # A picture with the same name on any other site is a different picture.
        self.hosts = {self.host} | {_host_of(one.address) for one in media.values()}
        self.is_settled = False
        self.known: dict[str, Shown | None] = {}
        self.files: dict[str, str] = {}
        self.losses: set[str] = set()
        self.full = {one.address for one in media.values()} if pictures else set()
        self.by_post: dict[int, list[int]] = {}
        for number, one in media.items():
            self.by_post.setdefault(one.post, []).append(number)

    @property
    def has_sources(self) -> bool:
        return self.pictures is not None and (self.pictures.may_fetch or bool(self.pictures.by_name))

    # --- for texts (transfer.wordpress.blocks.Finder)

    def picture(self, address: str, alt: str, attachment: int, width: int) -> str:
        shown = self._shown(address, attachment, alt)
        if shown is None:
            return ""
        if self.pictures is not None and self.pictures.is_dry_run:
            return '<img src="picture">'
        here = self.media.get(attachment)
        wide = min(width or shown.width, shown.width)
        high = max(1, round(shown.height * wide / max(shown.width, 1)))
        alt_text = html.escape(alt or (here.alt if here else ""))
        return f'<img src="{html.escape(shown.address)}" alt="{alt_text}" width="{wide}" height="{high}">'

    def address(self, address: str) -> str:
        if not address or _host_of(address) not in self.hosts:
            return ""
        parts = urlsplit(address)
        key = old_address_key(unquote(parts.path), parts.query)
        if key in self.posts and _host_of(address) == self.host:
            # Redirects from there, whatever slug the post has or will have.
            return (
                parts.path
                + (f"?{parts.query}" if parts.query else "")
                + (f"#{parts.fragment}" if parts.fragment else "")
            )
        ending = PurePosixPath(parts.path).suffix.lower()
        if ending in ENDINGS:
            shown = self._shown(address, 0, "")
            return shown.address if shown and shown.address else ""
        return self._file(address, ending.lstrip("."))

    def recording(self, address: str) -> str:
        ending = PurePosixPath(urlsplit(address).path).suffix.lower().lstrip(".") if address else ""
        return self._file(address, ending) if ending in AUDIO else ""

    def attached(self, numbers: Iterable[int], post: int, without: Iterable[int]) -> list[LibraryPicture]:
        left = set(without)
        wanted = list(numbers) or (self.by_post.get(post, []) if post > 0 else [])
        return [
            LibraryPicture(number, one.address, one.alt, one.caption)
            for number in wanted
            if number not in left
            and (one := self.media.get(number)) is not None
            and PurePosixPath(urlsplit(one.address).path).suffix.lower() in ENDINGS
        ]

    # --- covers

    def cover(self, attachment: int) -> tuple[ContentFile | None, str, bool]:
        """The featured picture of a post, its alt text, and whether one was available."""
        one = self.media.get(attachment)
        if one is None or self.pictures is None:
            return None, "", False
        self.pictures.losses = set()
        cover = self.pictures.cover(one.address, "", self.base)
        return cover, one.alt, one.address in self.pictures.found

    # --- finding files

    def _shown(self, address: str, attachment: int, alt: str) -> Shown | None:
        if self.pictures is None:
            return None
        for candidate in dict.fromkeys(self._candidates(address, attachment)):
            if candidate not in self.known and not self.is_settled:
                self.known[candidate] = self._taken(candidate, alt)
            if (shown := self.known.get(candidate)) is not None:
                return shown
        return None

    def _candidates(self, address: str, attachment: int) -> list[str]:
        """Possible files: the full-size picture before a smaller copy of it."""
        if found := PHOTON.fullmatch(address):
            address = f"https://{found[1]}"
        here = self.media.get(attachment)
        whole = SIZE_IN_NAME.sub("", address)
        is_known = whole in self.full or bool(
            self.pictures and _host_of(whole) in self.hosts and self.pictures.name_of(whole, "")
        )
        return [
            *([here.address] if here else []),
            *([whole] if whole != address and is_known else []),
            address,
        ]

    def _taken(self, address: str, alt: str) -> Shown | None:
        assert self.pictures is not None  # noqa: S101 - checked before
        by_name = _host_of(address) in self.hosts
        if self.pictures.is_dry_run:
            is_there = self.pictures.can_be_found(address, "", self.base, by_name=by_name)
            return Shown("", 0, 0) if is_there else None
        upload = self.pictures.upload(address, alt, "", self.base, by_name=by_name)
        return Shown(upload.file.url, upload.width or 0, upload.height or 0) if upload else None

    def _file(self, address: str, ending: str) -> str:
        """Our URL of a file that is no picture. It can only come from the folder or zip."""
        if ending not in FILES and ending not in AUDIO:
            return ""
        if address not in self.files and not self.is_settled:
            self.files[address] = self._stored(address)
        if not self.files.get(address):
            self.losses.add(str(STAYS))
        return self.files.get(address, "")

    def _stored(self, address: str) -> str:
        if self.pictures is None or not (name := self.pictures.name_of(address, "")):
            return ""
        if self.pictures.is_dry_run:
            return "/file"
        try:
            file = SimpleUploadedFile(PurePosixPath(name).name, self.pictures.bundle.read(name))
            return str(add_upload(file, by=self.pictures.by).file.url)
        except (ValidationError, ImportRefused):
            return ""


def _host_of(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return "?"
