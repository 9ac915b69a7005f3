"""Profile pictures: one file in a common format, plus WebP files in several widths.

The file name lists the widths: 3f2a…_96_192_512.jpg comes with 3f2a…_96.webp and two more. So one column is
enough. A picture stored before there were widths (3f2a….webp) has none.
"""

import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models.fields.files import ImageFieldFile
from django.utils import timezone

from core.utils.files import delete_stored, room_for
from core.utils.images import CropBox, PictureSet, clean_picture_set

SETTLES_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Shape:
    """The crop size of a picture in pixels, and the stored widths."""

    size: tuple[int, int]
    widths: tuple[int, ...]

    def draw(self, upload: Any, cut: CropBox) -> "DrawnPicture":
        """Crop and encode an upload. Raises ValidationError unless it is a picture in a supported format."""
        return DrawnPicture(
            clean_picture_set(upload, size=self.size, widths=self.widths, plain_width=self.size[0], cut=cut)
        )


SHAPES = {"avatar": Shape((512, 512), (96, 192)), "cover": Shape((1500, 500), (480, 960))}


class DrawnPicture(ContentFile):
    """A processed picture that is not stored yet."""

    def __init__(self, drawn: PictureSet) -> None:
        widths = "_".join(map(str, drawn.webp))
        super().__init__(drawn.plain, name=f"{uuid.uuid4().hex}_{widths}.{drawn.plain_format}")
        self.webp = drawn.webp


def stem(name: str) -> str:
    """The common prefix of all files of a picture: avatars/3f2a…"""
    return name.rpartition(".")[0].partition("_")[0]


def widths_of(name: str) -> list[int]:
    """The widths of a picture's WebP files."""
    return [int(width) for width in name.rpartition(".")[0].partition("_")[2].split("_") if width.isdigit()]


def files_of(name: str) -> list[str]:
    """The names of a stored picture: the file itself, then its WebP files."""
    return [name, *(f"{stem(name)}_{width}.webp" for width in widths_of(name))]


class ProfilePictureFile(ImageFieldFile):
    """A stored picture of a profile, with WebP files of several widths in pixels beside it."""

    @property
    def widths(self) -> list[int]:
        return widths_of(self.name or "")

    def webp_url(self, wanted_width: int) -> str:
        """The URL of the narrowest wide-enough WebP file, else the widest, else the picture itself."""
        if not self.widths:
            return self.url
        width = next((width for width in self.widths if width >= wanted_width), self.widths[-1])
        return self.storage.url(f"{stem(self.name or '')}_{width}.webp")

    @property
    def srcset(self) -> str:
        return ", ".join(f"{self.webp_url(width)} {width}w" for width in self.widths)

    def save(self, name: str, content: Any, save: bool = True) -> None:
        """Store all files. If the disk is full, store none and raise ValidationError for the field."""
        try:
            with room_for("picture"):
                super().save(name, content, save=False)
                for width, webp in getattr(content, "webp", {}).items():
                    self.storage.save(f"{stem(self.name or '')}_{width}.webp", ContentFile(webp))
        except ValidationError as error:
            discard_files(self.name or "")
            raise ValidationError({self.field.name: error}) from error
        if save:
            self.instance.save()


class ProfilePictureField(models.ImageField):
    """A column whose files have WebP variants in several widths beside them."""

    attr_class = ProfilePictureFile


def discard_files(name: str) -> None:
    """Delete all existing files of a picture immediately."""
    for file in files_of(name) if name else []:
        with suppress(OSError):
            default_storage.delete(file)


def remove_picture(name: str | None) -> None:
    """Delete the files of a picture after the transaction commits."""
    for file in files_of(name) if name else []:
        transaction.on_commit(partial(delete_stored, file))


def sweep_pictures(folder: str, in_use: set[str]) -> int:
    """Delete files older than a day that belong to no picture in use. Returns how many.

    A killed process can leave such files, since file operations are not rolled back.
    """
    try:
        _folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return 0
    stems = {stem(name) for name in in_use}
    settled = timezone.now() - SETTLES_AFTER
    orphans = [f"{folder}/{file}" for file in files if stem(f"{folder}/{file}") not in stems]
    orphans = [name for name in orphans if default_storage.get_modified_time(name) < settled]
    for name in orphans:
        default_storage.delete(name)
    return len(orphans)
