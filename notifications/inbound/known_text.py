"""Recognises the text that we sent, however an email program wrapped, marked or garbled it."""

import re
import unicodedata
from collections.abc import Iterable

# Every email of ours contains signed URLs, which a quotation must not publish.
STOP_LINK = re.compile(r"<?(?:https?://\S*)?/unsubscribe/[^\s<>]+>?", re.IGNORECASE)
BRACKETED_LINK = re.compile(
    r"<(?:https?:|mailto:)[^<>\s]{1,2000}>|\[(?:image|cid):[^\]\n]{0,200}\]", re.IGNORECASE
)
LINK = re.compile(r"https?://[^\s<>()\[\]]+")
LONGEST_LINE = 2000
MAX_KNOWN_CHARACTERS = 60_000
# The number of letters by which a line is recognised as ours. Anyone could write fewer: "Yes, that is it".
FEW, ENOUGH, PIECE = 6, 16, 8
MOSTLY = 0.8


def key_of(line: str) -> str:
    """Letters and digits only, without case and width: what is the same in every email program."""
    text = unicodedata.normalize("NFKC", BRACKETED_LINK.sub(" ", line[:LONGEST_LINE])).casefold()
    return "".join(sign for sign in text if sign.isalnum())


class KnownText:
    """The text of our notification, compared line by line.

    texts: the email as sent, in each of its forms. body: the text of the parent comment, parts of which may
    be quoted in the reply. Without texts, only signed URLs are recognised.
    """

    def __init__(self, texts: Iterable[str] = (), body: str = "") -> None:
        texts = list(texts)
        lines = [
            key
            for text in texts
            for line in text.splitlines()
            for one in {line, STOP_LINK.sub("", line)}
            if (key := key_of(one))
        ]
        self.stream = "\n".join("".join(key_of(line) for line in text.splitlines()) for text in texts)[
            :MAX_KNOWN_CHARACTERS
        ]
        self.lines = frozenset(lines)
        self.links = frozenset(found.rstrip("/") for text in texts for found in LINK.findall(text))
        self.body = "".join(key_of(line) for line in body.splitlines())
        self.pieces = frozenset(self.stream[at : at + PIECE] for at in range(len(self.stream) - PIECE + 1))

    @property
    def is_known(self) -> bool:
        return bool(self.stream)

    def has(self, line: str, before: str = "") -> bool:
        """Whether a line is ours.

        before: the key of the line above if that was ours, for the rest of a wrapped line.
        """
        key = key_of(line)
        if (alone := LINK.fullmatch(line.strip(" <>()[]*"))) and alone[0].rstrip("/") in self.links:
            return True
        if not key:
            return False
        if len(key) >= FEW and (key in self.lines or (len(key) >= ENOUGH and key in self.stream)):
            return True
        if before and before[-40:] + key in self.stream:
            return True
        if len(key) < ENOUGH:
            return key in self.lines and len(key) >= FEW
        found = sum(key[at : at + PIECE] in self.pieces for at in range(len(key) - PIECE + 1))
        return found >= MOSTLY * (len(key) - PIECE + 1)

    def is_quoted_by(self, words: str) -> bool:
        """Whether the text quotes the parent comment: a long part, a line, or a beginning and an ellipsis."""
        key = key_of(words)
        is_cut = words.rstrip().endswith(("…", "..."))
        begins = is_cut and len(key) >= FEW and any(line.startswith(key) for line in self.lines)
        return bool(key) and key in self.body and (len(key) >= ENOUGH or key in self.lines or begins)

    def is_of_body(self, line: str) -> bool:
        """Whether a line is part of the parent comment, not of the email around it."""
        key = key_of(line)
        return bool(key) and (key in self.body if self.is_known else True)
