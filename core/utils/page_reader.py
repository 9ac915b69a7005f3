"""Parses pages of other sites, which may keep a parser busy, on purpose or not."""

import time
from html.parser import HTMLParser

CHUNK = 16 * 1024
LONGEST_TAG = 64 * 1024
MAX_SECONDS = 5.0


class Unreadable(Exception):
    """The page keeps the parser busy, on purpose or not."""


class PageReader(HTMLParser):
    """A parser with a time limit. is_done: nothing more needs to be read."""

    is_done = False

    def read(self, text: str) -> None:
        """Read a page in pieces. Raises Unreadable.

        A hostile page could make the parser read the same characters again and again: some kilobytes of "<a
        <a <a" take it seconds, a megabyte hours. `close()` is not called, because that is what takes so long:
        anything left open at the end is no tag.
        """
        ends_at = time.monotonic() + MAX_SECONDS
        for start in range(0, len(text), CHUNK):
            try:
                self.feed(text[start : start + CHUNK])
            except AssertionError:  # raised for "<![<"
                raise Unreadable from None
            if self.is_done:
                return
            if len(self.rawdata) > LONGEST_TAG or time.monotonic() > ends_at:
                raise Unreadable
