"""An export as files: a folder, a zip, a gzip or a single file. Names are never used as local paths.

Decompressed bytes are counted: a zip bomb is refused before it fills memory or disk.
"""

import codecs
import errno
import gzip
import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, cast

from django.utils.translation import gettext as _

from transfer.imports.stream import ImportRefused

MEGABYTE = 1024 * 1024
MAX_FILES = 100_000
MAX_UNPACKED_BYTES = 20 * 1024 * MEGABYTE
# Text compresses to a tenth, repetitive text to a fiftieth; deflate cannot exceed a thousandth.
MAX_RATIO = 200
SMALL_BYTES = MEGABYTE
HEAD_BYTES = 64 * 1024
END_OF_ZIP = b"PK\x05\x06"
# A post with everything in it, or a picture.
MAX_FILE_BYTES = 40 * MEGABYTE
# The exceptions of the decompressors for invalid data. bzip2 and gzip raise an OSError without an errno.
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    RuntimeError,
    ValueError,
    MemoryError,
)


def _is_of_the_system(error: Exception) -> bool:
    """Whether it is an error of the operating system. An invalid offset in the file does not count."""
    return isinstance(error, OSError) and error.errno not in {None, errno.EINVAL, errno.EOVERFLOW}


class SizeLimitedFile(io.RawIOBase):
    """A file being decompressed. Raises ImportRefused when it exceeds the size that an export may have."""

    def __init__(self, file: IO[bytes], name: str, most: int, packed: IO[bytes] | None = None) -> None:
        self.file, self.name, self.most, self.packed, self.done = file, name, most, packed, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.done = self.file.seek(offset, whence)
        return self.done

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the stubs know no union
        try:
            data = self.file.read(len(buffer))
        except (*DAMAGED, OSError) as error:
            if _is_of_the_system(error):
                raise
            raise ImportRefused(
                _("%(name)s in it is damaged (%(error)s).") % {"name": self.name, "error": str(error)[:100]}
            ) from None
        self.done += len(data)
        if self.done > self.most:
            raise ImportRefused(
                _("%(name)s unpacks to more than %(megabyte)s MB.")
                % {"name": self.name, "megabyte": f"{self.most // MEGABYTE:,}"}
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self.file.close()
        if self.packed is not None:
            self.packed.close()
        super().close()


def _check_zipped(info: zipfile.ZipInfo, name: str) -> None:
    """Raise ImportRefused for a file of a zip that leads out of it, is encrypted, or is a zip bomb."""
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or ":" in parts[0] or stat.S_ISLNK(info.external_attr >> 16):
        raise ImportRefused(
            _("A file in the zip has a path that leads out of it (%(name)s).") % {"name": name[:80]}
        )
    if info.flag_bits & 1:
        raise ImportRefused(
            _("The zip is protected with a password. Unpack it and pack it again without one.")
        )
    if info.file_size > SMALL_BYTES and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        raise ImportRefused(
            _("%(name)s in the zip would unpack to more than %(ratio)s times its size, which no export does.")
            % {"name": name[:80], "ratio": MAX_RATIO}
        )


class Bundle:
    """names: the paths of the files in it with "/", sorted. A single file is a bundle of one."""

    def __init__(self, path: Path, name: str = "") -> None:
        self.path = path
        self.name = name or path.name
        self.zip: zipfile.ZipFile | None = None
        self.files: dict[str, Path | zipfile.ZipInfo] = {}
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        if path.is_dir():
            self._list_folder()
        elif _is_zip(path):
            self._list_zip()
        else:
            self.files[self.name] = path
        if not self.files:
            raise ImportRefused(_("There is no file in it."))

    @property
    def is_single(self) -> bool:
        return len(self.files) == 1

    @property
    def names(self) -> list[str]:
        return sorted(self.files)

    def _list_folder(self) -> None:
        for path in sorted(self.path.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue  # a symlink may lead anywhere
            name = path.relative_to(self.path).as_posix()
            if not _is_clutter(name):
                self.files[name] = path
            self._check_count()

    def _list_zip(self) -> None:
        """Note the files of a zip. Raises ImportRefused if it is damaged, hostile or too large."""
        try:
            self.zip = zipfile.ZipFile(self.path)
            infos = self.zip.infolist()
        except (*DAMAGED, OSError) as error:
            raise ImportRefused(
                _("The zip file is damaged (%(error)s).") % {"error": str(error)[:100]}
            ) from None
        total = 0
        for info in infos:
            name = info.filename.replace("\\", "/")
            if not name or info.is_dir() or _is_clutter(name):
                continue
            _check_zipped(info, name)
            total += info.file_size
            self.files[name] = info
            self._check_count()
        if total > MAX_UNPACKED_BYTES:
            raise ImportRefused(
                _("The zip would unpack to more than %(megabyte)s GB.")
                % {"megabyte": MAX_UNPACKED_BYTES // MEGABYTE // 1024}
            )

    def _check_count(self) -> None:
        if len(self.files) > MAX_FILES:
            raise ImportRefused(_("There are more than %(files)s files in it.") % {"files": f"{MAX_FILES:,}"})

    def open(self, name: str, most: int = MAX_UNPACKED_BYTES) -> IO[bytes]:
        """The contents, decompressed (gzip too). Raises ImportRefused above `most` bytes, and KeyError."""
        entry = self.files[name]
        try:
            file: IO[bytes]
            if isinstance(entry, zipfile.ZipInfo):
                assert self.zip is not None  # noqa: S101 - only a zip has entries
                file = self.zip.open(entry)
                most = min(most, entry.file_size)
            else:
                file = entry.open("rb")
        except (*DAMAGED, OSError) as error:
            if _is_of_the_system(error):
                raise
            raise ImportRefused(
                _("%(name)s in the zip is damaged (%(error)s).")
                % {"name": name[:80], "error": str(error)[:100]}
            ) from None
        packed = None
        if not isinstance(entry, zipfile.ZipInfo) and _is_gzip(file):
            most = min(most, max(SMALL_BYTES, MAX_RATIO * entry.stat().st_size))
            packed, file = file, cast("IO[bytes]", gzip.GzipFile(fileobj=file))
        return io.BufferedReader(SizeLimitedFile(file, name[:80], most, packed), MEGABYTE // 4)

    def head(self, name: str) -> bytes:
        with self.open(name) as file:
            head = file.read(HEAD_BYTES)
        is_wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return head.decode("utf-16", "ignore").encode() if is_wide else head

    def read(self, name: str, most: int = MAX_FILE_BYTES) -> bytes:
        """The contents of a small file. Raises ImportRefused if it is larger."""
        with self.open(name, most) as file:
            return file.read()

    def matching(self, *endings: str) -> Iterator[str]:
        return (name for name in self.names if name.lower().endswith(endings))

    def close(self) -> None:
        if self.zip is not None:
            self.zip.close()


def list_bytes(path: Path) -> int:
    """The length of a zip's central directory, which determines the time to list it; 0 if it is no zip."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2**16 - len(END_OF_ZIP) - 22))
        tail = file.read()
    place = tail.rfind(END_OF_ZIP)
    return int(struct.unpack_from("<L", tail, place + 12)[0]) if 0 <= place <= len(tail) - 22 else 0


def _is_zip(path: Path) -> bool:
    try:
        return zipfile.is_zipfile(path)
    except DAMAGED:  # a multi-part zip or a forged length: reported when it is listed
        return True


def _is_clutter(name: str) -> bool:
    """Files that operating systems and version control add to an export."""
    parts = PurePosixPath(name).parts
    return not parts or any(
        part in {"__MACOSX", "node_modules"} or (part.startswith(".") and part != "..") for part in parts
    )


def _is_gzip(file: IO[bytes]) -> bool:
    beginning = file.read(2)
    file.seek(0)
    return beginning == b"\x1f\x8b"
