"""What the conversion of a post needs from the rest of the blog: its media library and its links."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol


class LibraryPicture(NamedTuple):
    """A picture in the media library. caption: HTML, as typed."""

    number: int
    address: str
    alt: str
    caption: str


class Finder(Protocol):
    """Finds imported files and posts of the blog. Everything is "" or empty for what is missing."""

    def picture(self, address: str, alt: str, attachment: int, width: int) -> str:
        """Our <img> for a picture.

        attachment: its id. width: the displayed width in CSS pixels; 0 for full size.
        """

    def address(self, address: str) -> str:
        """Our URL for a link to a file or post of the blog."""

    def recording(self, address: str) -> str:
        """Our URL of a sound recording."""

    def attached(self, numbers: Iterable[int], post: int, without: Iterable[int]) -> list[LibraryPicture]:
        """Pictures by id; without ids, those uploaded to a post."""


class EmptyFinder:
    """A blog of which only texts are imported."""

    def picture(self, address: str, alt: str, attachment: int, width: int) -> str:
        return ""

    def address(self, address: str) -> str:
        return ""

    def recording(self, address: str) -> str:
        return ""

    def attached(self, numbers: Iterable[int], post: int, without: Iterable[int]) -> list[LibraryPicture]:
        return []


NO_FILES = EmptyFinder()
