"""Parses a search query: words, "phrases", -without, from:, in:, link:, tag:, before:, after:."""

import re
from dataclasses import dataclass, field
from datetime import date

LONGEST_QUERY = 200
MAX_WORDS = 12

QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』＂〝〞", '"'))
PART = re.compile(r'(-?)(?:(from|in|link|tag|before|after):)?(?:"([^"]*)"?|([^\s"]+))', re.IGNORECASE)
DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


@dataclass(frozen=True)
class Phrase:
    """One word, or several adjacent ones. starts: a single character also matches the beginning of a word."""

    text: str
    is_excluded: bool = False


@dataclass
class Query:
    """A parsed query. before: only earlier days; after: that day or later."""

    typed: str
    phrases: list[Phrase] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)
    domains: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    before: date | None = None
    after: date | None = None
    # What could not be understood, as typed.
    odd: list[str] = field(default_factory=list)

    @property
    def wanted(self) -> list[Phrase]:
        return [phrase for phrase in self.phrases if not phrase.is_excluded]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to search for: no words, places, or dates alone."""
        return not (self.wanted or self.has_places or self.is_of_days_alone)

    @property
    def has_places(self) -> bool:
        return bool(self.authors or self.posts or self.domains or self.tags)

    @property
    def is_of_days_alone(self) -> bool:
        return bool(self.before or self.after) and not (self.phrases or self.has_places)


def read_query(typed: str) -> Query:
    """Parse a query. Never fails: anything that is not an operator is a word."""
    typed = "".join(char if char.isprintable() else " " for char in typed)[:LONGEST_QUERY].strip()
    query = Query(typed)
    for minus, operator, quoted, bare in PART.findall(typed.translate(QUOTES)):
        text = quoted.strip() or bare
        name = operator.lower()
        if not text:
            continue
        if not name:
            query.phrases.append(Phrase(text, is_excluded=bool(minus)))
        elif name in {"before", "after"}:
            if (day := _day(text)) is None:
                query.odd.append(f"{operator}:{text}")
            else:
                setattr(query, name, day)
        elif minus:
            query.odd.append(f"-{operator}:{text}")
        else:
            {"from": query.authors, "in": query.posts, "link": query.domains, "tag": query.tags}[name].append(
                text
            )
    query.phrases = query.phrases[:MAX_WORDS]
    return query


def _day(text: str) -> date | None:
    """A day, or the first day of a month or year."""
    found = DAY.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None
