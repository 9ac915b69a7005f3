"""Attributions, which email programs write above a quotation: "On ... wrote:", a block of fields, a rule.

They exist in every language, so they are recognised by shape, not by word lists: a date or our name or
address, and a colon at the end; or lines of "Word: something".
"""

import re
from dataclasses import dataclass

SEPARATOR = re.compile(
    r"\s*(?:[-=_\N{EM DASH}\N{BOX DRAWINGS LIGHT HORIZONTAL}]{2,}(?:[^-=_\n]|(?<=\w)-(?=\w)){2,60}[-=_\N{EM DASH}\N{BOX DRAWINGS LIGHT HORIZONTAL}]{2,}|[_\N{BOX DRAWINGS LIGHT HORIZONTAL}]{10,}|[-=]{10,})\s*$"
)
FIELD = re.compile(
    r"[*\s]{0,3}[^\s:\N{FULLWIDTH COLON}*<>][^:\N{FULLWIDTH COLON}<>\n]{0,30}[:\N{FULLWIDTH COLON}]\*?(?:\s+\S|(?<=\N{FULLWIDTH COLON})\S|$)"
)
DATE = re.compile(r"\d{1,2}[:.h]\d{2}|\d{4}|\d{1,2}[./-]\d{1,2}|\d{1,2}월|\d{1,2}日")
CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}(?!\d)")
ADDRESS = re.compile(r"<?[^\s<>@]{1,100}@[^\s<>@]{1,100}>?")
OPENING = re.compile(
    r"[\W_]*(?:\d|on|at|am|um|le|el|em|il|op|den|dne|dnia|w|em|la|på|kl|pada|vào|le|ke|ti|to|fr|lö|sö|må|ma|ti|ons|tor|fre|lør|søn|em|a|à|"
    r"mon|tue|wed|thu|fri|sat|sun|пн|вт|ср|чт|пт|сб|вс|在|于|في|בתאריך)[.,،]?(?=[\s\d\W])",
    re.IGNORECASE,
)
# If text and an attribution are on one line: the beginning of the attribution, right before a date.
OPENING_INSIDE = re.compile(r"(?:\s|-{2,}\s?)(?=(?:On|Am|Le|El|Em|Il|Op|Den|Dne|W dniu|At)\s[^\n]{0,40}?\d)")
END_OF_INTRO = re.compile(r"(?:[:\N{FULLWIDTH COLON}]|\S ?-{2,})$")
NOT_SEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
MAX_INTRO_LINES = 4
LONGEST_INTRO = 400
# Longer text is not the rest of a wrapped line.
LONG_FOR_A_REST = 30
MAX_FIELD_LINES = 10
FIELDS_IN_BLOCK = 3
# Lotus Notes uses a table; as text it is our name, a time, and labels without colons, one per line.
MAX_TABLE_LINES = 16
WORDS_OF_A_LABEL = 4
LABELS_IN_TABLE = 2


@dataclass(frozen=True)
class Head:
    """Lines from start to end (exclusive). is_sure: it contains our address, or our name and a time."""

    start: int
    end: int
    is_sure: bool
    is_block: bool = False
    mentions_us: bool = True


class AttributionFinder:
    """Finds attributions in an email, in linear time. names: addresses of ours, and the name of the site."""

    def __init__(self, lines: list[str], names: list[str]) -> None:
        self.lines = [NOT_SEEN.sub("", line[:1000]).rstrip("*_ \u00a0") for line in lines]
        self.addresses = [name.lower() for name in names if "@" in name or name.endswith("+")]
        self.names = [name.lower() for name in names if name]

    def find(self, is_quoted: list[bool], is_ours: list[bool] | None = None) -> list[Head]:
        """Find the attributions. is_ours: which lines are of our email, if known."""
        is_ours = is_ours or [False] * len(self.lines)
        heads: list[Head] = []
        at = 0
        while at < len(self.lines):
            head = (
                None
                if is_quoted[at] or not self.lines[at]
                else self._block(at, is_quoted)
                or self._intro(at, is_quoted, is_ours)
                or self._table(at, is_quoted, is_ours)
            )
            if head is not None and (not heads or head.start >= heads[-1].end):
                heads.append(
                    Head(
                        self._with_rule_above(head.start, is_quoted),
                        head.end,
                        head.is_sure,
                        head.is_block,
                        head.mentions_us,
                    )
                )
            at = max(at + 1, head.end if head else 0)
        return heads

    def text_before(self, head: Head) -> str:
        """The author's text before an attribution on the same line; "" if the attribution begins the line."""
        line = self.lines[head.start]
        if (
            head.is_block
            or OPENING.match(line)
            or self._begins_with_site_name(line)
            or not (found := OPENING_INSIDE.search(line))
        ):
            return ""
        before = line[: found.start()].rstrip("- ")
        return "" if self.mentions_us(before) or DATE.search(before) or "@" in before else before

    def has_address(self, text: str) -> bool:
        return any(address in text.lower() for address in self.addresses)

    def mentions_us(self, text: str) -> bool:
        return any(name in text.lower() for name in self.names)

    def is_marked_head(self, text: str) -> bool:
        """Whether a line with quotation marks before it is an attribution.

        It may be of a reply within a reply, or by GroupWise (">>> The Long Table <address> 28.11.2026 10:15
        >>>").
        """
        if not END_OF_INTRO.search(text) and not text.endswith(">>>"):
            return False
        if self.has_address(text):
            return True
        if self._begins_with_site_name(text) and DATE.search(text) and CLOCK.search(text):
            return True
        return text.endswith(">>>") and self.mentions_us(text) and bool(DATE.search(ADDRESS.sub("", text)))

    def _block(self, at: int, is_quoted: list[bool]) -> Head | None:
        if not FIELD.match(self.lines[at]):
            return None
        end, fields = at, 0
        while end < min(len(self.lines), at + MAX_FIELD_LINES) and self.lines[end] and not is_quoted[end]:
            is_field = bool(FIELD.match(self.lines[end]))
            goes_on = self.lines[end - 1].endswith(("<", ",", ";")) or self.lines[end].startswith(
                (" ", "\t", "<")
            )
            if not (is_field or goes_on or self.has_address(self.lines[end])):
                break
            fields += is_field
            end += 1
        block = "\n".join(self.lines[at:end])
        is_sure = self.has_address(block)
        if fields < FIELDS_IN_BLOCK - is_sure or not self.mentions_us(block):
            return None
        return Head(at, end, is_sure, is_block=True)

    def marked_blocks(self, bare: list[str], is_quoted: list[bool]) -> list[int]:
        """Lines of field blocks that name us, within quotations. bare: the lines without quotation marks."""
        found: list[int] = []
        block: list[int] = []
        for at in range(len(bare) + 1):
            if at < len(bare) and is_quoted[at] and FIELD.match(bare[at]):
                block.append(at)
                continue
            if len(block) >= FIELDS_IN_BLOCK and any(self.mentions_us(bare[one]) for one in block):
                found += block
            block = []
        return found

    def _table(self, at: int, is_quoted: list[bool], is_ours: list[bool]) -> Head | None:
        """Lotus Notes: our name, a time, "To", the reader, "Subject", our subject, by line or in columns."""
        if not self._is_of_a_table(self.lines[at]) or not self.mentions_us(self.lines[at]):
            return None
        end = at + 1
        while end < min(len(self.lines), at + MAX_TABLE_LINES) and not (is_ours[end] or is_quoted[end]):
            if self.lines[end] and not self._is_of_a_table(self.lines[end]):
                return None
            end += 1
        rows = [line for line in self.lines[at:end] if line]
        labels = [line for line in rows if not (DATE.search(line) or "@" in line or self.mentions_us(line))]
        words = " ".join(rows)
        if (
            end >= len(self.lines)
            or not is_ours[end]
            or len(labels) < LABELS_IN_TABLE
            or not CLOCK.search(ADDRESS.sub("", words))
        ):
            return None
        return Head(at, end, is_sure=True, is_block=True)

    def _is_of_a_table(self, line: str) -> bool:
        return len(line.split()) <= WORDS_OF_A_LABEL + len(ADDRESS.findall(line)) * 2 and not line.endswith(
            (".", "!", "?", ",", "。")
        )

    def _is_bare_intro(self, at: int, is_quoted: list[bool], is_ours: list[bool]) -> bool:
        """ "2026/11/28 The Long Table <address>", without a colon, right above a quotation."""
        line = self.lines[at]
        if not (self.has_address(line) and line.endswith(">") and DATE.match(line)):
            return False
        below = next((one for one in range(at + 1, min(len(self.lines), at + 3)) if self.lines[one]), at)
        return is_quoted[below] or is_ours[below]

    def _intro(self, at: int, is_quoted: list[bool], is_ours: list[bool]) -> Head | None:
        """Whether "On 3 May 2027, 10:15, The Long Table wrote:", perhaps of several lines, ends here."""
        if self._is_bare_intro(at, is_quoted, is_ours):
            return Head(at, at + 1, is_sure=True)
        if not END_OF_INTRO.search(self.lines[at]):
            return None
        start = at
        while (
            start > max(0, at - MAX_INTRO_LINES + 1)
            and self.lines[start - 1]
            and not is_quoted[start - 1]
            and self._starts_above(start, at)
        ):
            start -= 1
        words = " ".join(self.lines[start : at + 1])
        mentions_us = self.mentions_us(words)
        has_date = bool(DATE.search(ADDRESS.sub("", words)))
        if len(words) > LONGEST_INTRO or not (has_date or mentions_us):
            return None
        is_sure = self.has_address(words) or (mentions_us and has_date and bool(CLOCK.search(words)))
        return Head(start, at + 1, is_sure, mentions_us=mentions_us)

    def _starts_above(self, start: int, at: int) -> bool:
        words = " ".join(self.lines[start : at + 1])
        if self.lines[start - 1].endswith(("<", "(")) or (
            self.has_address(self.lines[start - 1]) and not self.has_address(words)
        ):
            return True
        is_begun = bool(OPENING.match(words)) or self._begins_with_site_name(words)
        is_told = self.mentions_us(words) or "@" in words or len(words) > LONG_FOR_A_REST
        if is_begun and is_told and DATE.search(ADDRESS.sub("", words)):
            return False
        above = self.lines[start - 1]
        if above.endswith((".", "!", "?", ":", "。")) and not OPENING.match(above):
            return False
        return bool(
            DATE.search(ADDRESS.sub("", above)) or self._begins_with_site_name(above) or OPENING.match(above)
        )

    def _begins_with_site_name(self, text: str) -> bool:
        begin = text.lower().lstrip("\"'“„«*_ ")
        return any(begin.startswith(name) for name in self.names if name not in self.addresses)

    def _with_rule_above(self, start: int, is_quoted: list[bool]) -> int:
        """Include "-----Original Message-----" or an equivalent, which may be a blank line higher."""
        for _step in range(2):
            above = start - 1
            while above >= max(0, start - 2) and not self.lines[above]:
                above -= 1
            if above < max(0, start - 3) or is_quoted[above] or not SEPARATOR.match(self.lines[above]):
                break
            start = above
        return start
