"""A streaming JSON reader for any size. Repairs wrong encodings; refuses invalid JSON and endless strings."""

import codecs
import re
from collections.abc import Iterator
from contextlib import closing
from typing import IO, Any

import ijson
from django.utils.translation import gettext as _

from transfer.imports.stream import ImportRefused
from transfer.wordpress.repair import BYTES_MARK, HANDLERS

CHUNK_BYTES = 64 * 1024
# A post with everything in it.
MAX_TEXT_BYTES = 20 * 1024 * 1024
MAX_DEPTH = 1000
# One post with all its comments, or one comment: a post with 100,000 comments has as many values.
MAX_ITEM_BYTES = 64 * 1024 * 1024
MAX_ITEM_VALUES = 1_000_000
ESCAPED = re.compile(rb"\\.", re.DOTALL)
BRACKET = re.compile(rb"[\[\]{}]")
# An escape sequence; `half`: an unpaired surrogate.
ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)
HIGH = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}")
LONGEST_ESCAPE = 12
# A run of backslashes is not split between chunks; a longer one is not text.
LONGEST_RUN = 64 * 1024
# Not allowed anywhere in JSON. Tabs and line breaks are allowed between values.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


class RepairedJson:
    """A JSON file as valid UTF-8. was_repaired: it had another encoding or forbidden characters.

    item_depth: the bracket depth below which values are parsed whole, None if no value is large.
    """

    def __init__(self, file: IO[bytes], item_depth: int | None = None) -> None:
        self.file, self.item_depth = file, item_depth
        self.item_bytes = self.item_values = 0
        self.decoder: codecs.IncrementalDecoder | None = None
        self.was_repaired = False
        self.run = 0
        self.is_escaped = self.is_in_text = False
        self.depth = 0
        self.rest = ""

    def read(self, size: int = -1) -> bytes:
        if size == 0:
            return b""
        while chunk := self.file.read(CHUNK_BYTES):
            if data := self._mended(chunk, is_end=False):
                return data
        return self._mended(b"", is_end=True)

    def _mended(self, chunk: bytes, *, is_end: bool) -> bytes:
        if self.decoder is None:  # decided once, at the start of the file
            is_wide = chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            made = codecs.getincrementaldecoder("utf-16" if is_wide else "utf-8-sig")
            self.decoder = made("replace" if is_wide else HANDLERS["cp1252"])
        text = self.decoder.decode(chunk, is_end)
        if BYTES_MARK in text:
            self.was_repaired, text = True, text.replace(BYTES_MARK, "")
        text = self._with_whole_characters(text, is_end=is_end)
        clean = CONTROL.sub(" ", text)
        self.was_repaired = self.was_repaired or clean != text
        data = clean.encode("utf-8", "replace")
        self._measure(data)
        return data

    def _with_whole_characters(self, text: str, *, is_end: bool) -> str:
        """Replace unpaired surrogates ("\ud83d" alone), which a program leaves when it truncates a text."""
        text, self.rest = self.rest + text, ""
        if not is_end and (start := text.find("\\", max(len(text) - LONGEST_ESCAPE, 0))) >= 0:
            if HIGH.fullmatch(text, max(start - 6, 0), start):
                start -= 6
            while start and text[start - 1] == "\\" and len(text) - start < LONGEST_RUN:
                start -= 1
            text, self.rest = text[:start], text[start:]
        return ESCAPE.sub(self._whole, text) if "\\u" in text else text

    def _whole(self, found: re.Match[str]) -> str:
        if found["half"] is None:
            return found[0]
        self.was_repaired = True
        return "\ufffd"

    def _measure(self, data: bytes) -> None:
        """Measure the strings and count the brackets that are open outside them.

        The parser would keep a string of any length, and the whole path to each open bracket.
        """
        if self.is_escaped:
            data = data[1:]
        bare = ESCAPED.sub(b"..", data)
        self.is_escaped = bare.endswith(b"\\")
        for number, part in enumerate(bare.split(b'"')):
            if number:
                self.is_in_text, self.run = not self.is_in_text, 0
            self.run += len(part)
            if self.run > MAX_TEXT_BYTES:
                raise ImportRefused(
                    _("There is a text longer than %(bytes)s MB in it.") % {"bytes": MAX_TEXT_BYTES // 2**20}
                )
            if self.item_depth is not None and self.depth > self.item_depth:
                self.item_bytes += len(part)
                self.item_values += 0 if self.is_in_text else part.count(b",")
            for bracket in BRACKET.findall(part) if not self.is_in_text else ():
                self._count(1 if bracket in b"[{" else -1)
            self._check_item()

    def _count(self, deeper: int) -> None:
        self.depth += deeper
        self.item_values += 1
        if self.depth > MAX_DEPTH:
            raise ImportRefused(
                _("Its values are nested more than %(depth)s deep, deeper than in any export.")
                % {"depth": f"{MAX_DEPTH:,}"}
            )
        if self.item_depth is None or self.depth <= self.item_depth:
            self._check_item()
            self.item_bytes = self.item_values = 0

    def _check_item(self) -> None:
        """Limit the size of a value, because the parser builds each one whole."""
        if self.item_bytes > MAX_ITEM_BYTES:
            raise ImportRefused(
                _("A post or comment in it is larger than %(bytes)s MB, more than in any export.")
                % {"bytes": MAX_ITEM_BYTES // 2**20}
            )
        if self.item_values > MAX_ITEM_VALUES:
            raise ImportRefused(
                _("A post or comment in it has more than %(values)s values, more than in any export.")
                % {"values": f"{MAX_ITEM_VALUES:,}"}
            )


def items(file: IO[bytes], prefix: str, losses: set[str] | None = None) -> Iterator[Any]:
    """The values at a path ("db.item.data.posts.item"), one by one. Raises ImportRefused."""
    # Single values such as "version" are next to the posts: no bracket is parsed whole there.
    repaired = RepairedJson(
        file, prefix.count(".") + 1 if prefix.endswith(".item") or prefix == "item" else None
    )
    try:
        with closing(file):
            yield from ijson.items(repaired, prefix, use_float=True)
    except ijson.JSONError as error:
        raise ImportRefused(_sentence_for(error)) from None
    except RecursionError:
        raise ImportRefused(_("Its values are nested too deeply.")) from None
    if losses is not None and repaired.was_repaired:
        losses.add(_("some characters were not valid UTF-8 and are read as Windows-1252, or left out"))


def objects(file: IO[bytes], losses: set[str] | None = None) -> Iterator[Any]:
    """The values of a file with one value per line (JSON Lines), or simply concatenated."""
    repaired = RepairedJson(file, 0)
    try:
        with closing(file):
            yield from ijson.items(repaired, "", multiple_values=True, use_float=True)
    except ijson.JSONError as error:
        raise ImportRefused(_sentence_for(error)) from None
    if losses is not None and repaired.was_repaired:
        losses.add(_("some characters were not valid UTF-8 and are read as Windows-1252, or left out"))


def has_key(head: bytes, *keys: str) -> bool:
    """Whether the start of a file contains all these keys, at any level."""
    return all(re.search(rb'"%s"\s*:' % re.escape(key.encode()), head) for key in keys)


def is_json(head: bytes) -> bool:
    return head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in {b"{", b"["}


def _sentence_for(error: Exception) -> str:
    if isinstance(error, ijson.IncompleteJSONError) and "premature" in str(error).lower():
        return _("The file is incomplete. Export it again.")
    first = " ".join(str(error).split())[:120]
    return _("It isn’t valid JSON (%(error)s).") % {"error": first}
