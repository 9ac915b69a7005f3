"""Extracts the new text of a reply to an email of ours, without the quoted email and without a signature.

We know the quoted email (`ours`), so it is recognised line by line, however an email program wrapped or
marked it. Attributions above a quotation (`heads`) are removed if what follows them is ours. All other text
stays: that between and below quoted parts, and quotations of anything else. What is removed besides our own
email is returned, so that its author can be told. Every step reads each line a fixed number of times,
whatever the message contains.
"""

import re
from dataclasses import dataclass
from enum import Enum

from notifications.inbound.known_text import ENOUGH, STOP_LINK, KnownText, key_of
from notifications.inbound.quote_headers import NOT_SEEN, SEPARATOR, AttributionFinder, Head
from notifications.inbound.signatures import without_signature

MAX_LINES = 5000
QUOTE = re.compile(r"\s{0,3}(?:[>\N{FULLWIDTH GREATER-THAN SIGN}] ?)+")
# A URL in brackets at the end of a line, and the part of it that may begin the next: programs break them at
# "-".
BROKEN_LINK = re.compile(r"<https?://[^\s<>]*$", re.IGNORECASE)
REST_OF_LINK = re.compile(r"\s*[^\s<>]+(?P<end>>(?=(?:\s+\S+){0,8}\s*$)|$)")
# With this character, which no email contains, `html_text` marks lines that the email program marked as
# quoted.
DECLARED = "\x00"
# For an unmarked copy of ours without an attribution: more letters than anyone writes by chance.
LETTERS_OF_A_COPY = 40
LINES_OF_A_DELIBERATE_QUOTE = 3


class Kind(Enum):
    BLANK = "blank"
    OWN = "own"
    QUOTE = "a quotation, perhaps not of ours"
    OURS = "a line of ours"


@dataclass(frozen=True)
class StrippedReply:
    """The new text, and what was removed though it was neither ours nor a known signature."""

    words: str
    left_out: str = ""


def cut(text: str, names: list[str], ours: KnownText | None = None) -> str:
    """The new text of a reply. names: in attributions of our emails: addresses, the name of the site."""
    return part(text, names, ours).words


def part(
    text: str, names: list[str], ours: KnownText | None = None, *, signature: str | None = None
) -> StrippedReply:
    """Split a reply into its new text and the rest.

    Without `ours`, our email is recognised by its signed URLs.

    signature: as in Incoming.
    """
    return _QuoteRemover(text, names, ours or KnownText(), signature).parted()


class _QuoteRemover:
    def __init__(self, text: str, names: list[str], ours: KnownText, signature: str | None) -> None:
        self.signature = signature
        raw = [line.rstrip() for line in re.sub(r"\r\n?", "\n", text).split("\n")[:MAX_LINES]]
        self.is_quoted = [line.startswith(DECLARED) or bool(QUOTE.match(line)) for line in raw]
        self.is_declared = [line.startswith(DECLARED) for line in raw]
        self.lines = [line.replace(DECLARED, "") for line in raw]
        self.bare = [
            line[mark.end() :] if is_quoted and (mark := QUOTE.match(line)) else line
            for line, is_quoted in zip(self.lines, self.is_quoted, strict=True)
        ]
        self.ours = ours
        self.finder = AttributionFinder(self.lines, names)
        self.kinds = self._kinds()
        self.begins: set[int] = set()
        self.gone = [False] * len(raw)
        self.left_out: list[str] = []

    def parted(self) -> StrippedReply:
        heads = self.finder.find(self.is_quoted, [kind is Kind.OURS for kind in self.kinds])
        self.begins = {head.start for head in heads}
        for head in heads:
            if not all(self.gone[head.start : head.end]):
                self._follow(head)
        self._cut_runs()
        self._cut_unmarked_copies()
        self._cut_lonely_rules()
        lines = self._without_signatures()
        if not any(line.strip() and not QUOTE.match(line) for line in lines):
            self.left_out += lines
            lines = []
        words = "\n".join(lines)
        return StrippedReply(re.sub(r"\n{3,}", "\n\n", words).strip(), "\n".join(self.left_out).strip())

    def _kinds(self) -> list[Kind]:
        kinds: list[Kind] = []
        before, in_link = "", False
        for at, (line, is_quoted) in enumerate(zip(self.bare, self.is_quoted, strict=True)):
            if not NOT_SEEN.sub("", line).strip():
                in_link = False
                self.lines[at] = self.lines[at] if is_quoted else ""
                kinds.append(Kind.QUOTE if is_quoted else Kind.BLANK)
                continue
            is_rule_below = (
                bool(kinds) and kinds[-1] is Kind.OURS and not key_of(line) and bool(SEPARATOR.match(line))
            )
            is_head = is_quoted and self.finder.is_marked_head(line)
            rest = REST_OF_LINK.match(line) if in_link else None
            is_ours = (
                is_rule_below
                or is_head
                or rest is not None
                or self._is_secret(line)
                or self.ours.has(line, before)
            )
            in_link = is_ours and bool(BROKEN_LINK.search(line) or (rest and not rest["end"]))
            beside = key_of(BROKEN_LINK.sub("", line[rest.end() :] if rest else line))
            before = (before + beside if rest else beside) if is_ours else ""
            kinds.append(Kind.OURS if is_ours else Kind.QUOTE if is_quoted else Kind.OWN)
        for at in self.finder.marked_blocks(self.bare, self.is_quoted):
            kinds[at] = Kind.OURS
        return kinds

    def _is_secret(self, line: str) -> bool:
        """Whether a line has a signed URL, and little else that could be text."""
        rest = STOP_LINK.sub("", line)
        return rest != line and len(rest.split()) <= 8

    # --- what follows an attribution ------------------------------------------------------

    def _follow(self, head: Head) -> None:
        below = next(
            (at for at in range(head.end, len(self.lines)) if self.kinds[at] is not Kind.BLANK), None
        )
        if below is not None and self.is_quoted[below]:
            end = self._end_of_run(below)
            if head.is_sure or not self.ours.is_known or self._is_run_of_ours(below, end):
                self._remove_head(head)
                self._mark_run(below, end)
            return
        known = [
            at
            for at in range(head.end, len(self.lines))
            if self.kinds[at] is Kind.OURS and not self.is_quoted[at]
        ]
        if known and (head.is_sure or self._is_copy(known)):
            self._remove_head(head)
            for at in range(head.end, known[-1] + 1):
                # If our email is known, lines that are not part of it were written by the author.
                if self.kinds[at] is Kind.OURS or not self.ours.is_known or not key_of(self.bare[at]):
                    self._take_out(at)
        elif head.is_block and head.is_sure and not self.ours.is_known:
            self._remove_head(head)
            for at in range(head.end, len(self.lines)):
                self._take_out(at)
        elif head.is_sure:
            if below is not None and not head.is_block and below not in self.begins:
                # Nothing is quoted below: perhaps an attribution, perhaps a sentence that continues.
                self.left_out += self.lines[head.start : head.end]
            self._remove_head(head)

    def _is_copy(self, known: list[int]) -> bool:
        return any(self._is_secret(self.bare[at]) for at in known) or (
            len(known) > 1 and sum(len(key_of(self.bare[at])) for at in known) >= LETTERS_OF_A_COPY
        )

    def _remove(self, start: int, end: int) -> None:
        self.gone[start:end] = [True] * (end - start)

    def _remove_head(self, head: Head) -> None:
        self._remove(head.start, head.end)
        if words := self.finder.text_before(head):
            self.lines[head.start] = words
            self.gone[head.start] = False

    def _take_out(self, at: int) -> None:
        """Remove a line, and keep it for its author if it may be theirs."""
        if not self.gone[at] and self.kinds[at] in {Kind.OWN, Kind.QUOTE} and key_of(self.bare[at]):
            self.left_out.append(self.bare[at])
        self.gone[at] = True

    # --- quotations ---------------------------------------------------------------------

    def _end_of_run(self, start: int) -> int:
        end = start
        for at in range(start, len(self.lines)):
            if self.is_quoted[at]:
                end = at + 1
            elif self.kinds[at] is not Kind.BLANK:
                # A long quoted line that was wrapped in transit continues without a mark.
                if self.kinds[at] is Kind.OURS and at == end and self.is_quoted[at - 1]:
                    self.is_quoted[at] = True
                    end = at + 1
                    continue
                break
        return end

    def _is_run_of_ours(self, start: int, end: int) -> bool:
        return any(
            self.kinds[at] is Kind.OURS or self.is_declared[at]
            for at in range(start, end)
            if self.is_quoted[at]
        )

    def _mark_run(self, start: int, end: int) -> None:
        """Everything in a quotation of ours is ours."""
        for at in range(start, end):
            if self.kinds[at] is Kind.QUOTE:
                self.is_declared[at] = True

    def _cut_runs(self) -> None:
        """Remove quotations of ours.

        In a point-by-point reply the quoted parts stay, without the rest of our email.
        """
        runs = []
        # If our email is not known, everything quoted under an attribution that names us counts as ours.
        is_all_ours = not self.ours.is_known and any(self.gone)
        at = 0
        while at < len(self.lines):
            if self.is_quoted[at]:
                end = self._end_of_run(at)
                if is_all_ours or self._is_run_of_ours(at, end):
                    runs.append((at, end))
                at = end
            at += 1
        pieces = {run: self._piece(*run) for run in runs}
        answered = [run for run in runs if pieces[run] and self._is_answered(run[1])]
        is_deliberate = (
            len(runs) == 1 and not any(self.gone) and self._is_deliberate(*runs[0], pieces[runs[0]])
        )
        for run in runs:
            kept = pieces[run] if (len(answered) > 1 and run in answered) or is_deliberate else set()
            for at in sorted(set(range(*run)) - kept):
                if (
                    self.ours.is_known
                    and self.kinds[at] is Kind.QUOTE
                    and len(key_of(self.bare[at])) >= ENOUGH
                    and not self.finder.mentions_us(self.bare[at])
                ):
                    self._take_out(at)
                self.gone[at] = True

    def _piece(self, start: int, end: int) -> set[int]:
        """The lines of a quotation that are from the parent comment, up to our signature."""
        piece = set()
        for at in range(start, end):
            if self.bare[at].strip() in {"--", "-- "}:
                break
            if (
                self.bare[at].strip()
                and self.is_quoted[at]
                and not self._is_secret(self.bare[at])
                and self.ours.is_of_body(self.bare[at])
            ):
                piece.add(at)
        return piece

    def _is_answered(self, end: int) -> bool:
        below = next((at for at in range(end, len(self.lines)) if self.kinds[at] is not Kind.BLANK), None)
        return below is not None and self.kinds[below] is Kind.OWN and not self.gone[below]

    def _is_deliberate(self, start: int, end: int, piece: set[int]) -> bool:
        """Whether a quoted line was introduced by a colon, that is, chosen by the author."""
        above = next((self.lines[at] for at in range(start - 1, -1, -1) if self.kinds[at] is Kind.OWN), "")
        everything = {at for at in range(start, end) if self.bare[at].strip()}
        is_short = len(everything) <= LINES_OF_A_DELIBERATE_QUOTE
        return (
            self.ours.is_known
            and above.endswith((":", "\N{FULLWIDTH COLON}"))
            and is_short
            and everything == piece
        )

    # --- without attributions or marks ------------------------------------------------------

    def _cut_unmarked_copies(self) -> None:
        group: list[int] = []
        for at in [*range(len(self.lines)), -1]:
            if at >= 0 and self.kinds[at] is Kind.OURS and not self.is_quoted[at] and not self.gone[at]:
                group.append(at)
            elif at >= 0 and (
                self.gone[at] or self.kinds[at] is Kind.BLANK or (group and not key_of(self.bare[at]))
            ):
                continue
            elif group:
                if self._is_copy(group):
                    self._remove(group[0], group[-1] + 1)
                group = []
        for at, line in enumerate(self.lines):
            if not self.gone[at]:
                self.lines[at] = self._without_secrets(line)

    def _without_secrets(self, line: str) -> str:
        line = STOP_LINK.sub("…", line)
        for address in self.finder.addresses:
            if address.endswith("+") and address in line.lower():
                line = re.sub(
                    rf"<?(?:mailto:)?{re.escape(address)}[^\s<>]*>?", "…", line, flags=re.IGNORECASE
                )
        return line

    def _cut_lonely_rules(self) -> None:
        """Remove rules before what was removed."""
        for at in range(1, len(self.lines)):
            if self.gone[at] and not self.gone[at - 1]:
                above = at - 1
                while above > 0 and self.kinds[above] is Kind.BLANK:
                    above -= 1
                if SEPARATOR.match(self.lines[above]) and not self.is_quoted[above]:
                    self.gone[above] = True

    def _without_signatures(self) -> list[str]:
        """What is left, each part without a signature, unless text by the author follows closely."""
        parts: list[list[str]] = [[]]
        for at, line in enumerate(self.lines):
            if self.gone[at]:
                if parts[-1]:
                    parts.append([])
            else:
                parts[-1].append(line)
        with_words = [one for one in parts if any(line.strip() for line in one)]
        for number in {0, len(with_words) - 1} if with_words else ():
            with_words[number] = without_signature(with_words[number], self.signature)
        return [line for one in with_words for line in [*one, ""]]
