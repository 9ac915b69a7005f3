"""The rules for who waits for the host, independent of database and request (docs/decisions/0077).

People wait until someone replies. There are four kinds, the strongest first: a question to the host; a first
comment; a long comment; a comment by someone who had been away for months. A collective "thank you" by the
host that names people counts as a reply to all of them, but not to their questions.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

LONG_WORDS = 150
AWAY = timedelta(days=90)
# A comment of the host that names at least this many people is a collective one: it thanks, but answers no
# question.
MAX_NAMED = 2
ANSWER_WORDS = 20

QUOTED = re.compile(r"(?m)^\s*>.*$|“[^”]{0,500}”|\"[^\"\n]{0,500}\"|https?://\S+")
WORD = re.compile(r"[^\W_]+(?:[’'-][^\W_]+)*")
QUESTION = re.compile(r"[^\W\d_][)\]»]?\s*[?\uff1f\u061f]")  # including Chinese and Arabic ones
# Requests without a question mark: "I need to learn what it takes", "can you tell me".
ASKS = re.compile(
    r"\b(?:(?:can|could|would|will) (?:you|anyone|anybody|somebody|someone)"
    r"|(?:i|we) (?:need|wish|want|hope|would like|would love|’d like|'d like) to (?:learn|know|understand|hear|find out|get connected)"
    r"|(?:i|we) (?:wish|hope) [^.?!\n]{0,60}\bi can get connected"
    r"|please (?:help|tell|advise|explain|let me know)|any (?:advice|tips|suggestions)|i wonder (?:if|whether|how|why|what))\b",
    re.IGNORECASE,
)


class Kind(StrEnum):
    """Why a comment waits: it asks the host, is the first of its author, is long, or its author is back."""

    QUESTION = "question"
    FIRST = "first"
    LONG = "long"
    BACK = "back"


@dataclass(frozen=True)
class PublicComment:
    """A public comment. `person` is the same for all comments of one member, or guest by email or name.

    answers: the comments it replies to, including its parent. earlier_at: when this person last wrote before
    the loaded comments, or None. mentions: the people it mentions with @. thanked: whether the host has
    thanked for it with the button.
    """

    pk: int
    post: int
    person: str
    name: str
    text: str
    at: datetime
    by_host: bool = False
    answers: frozenset[int] = frozenset()
    earlier_at: datetime | None = None
    mentions: frozenset[str] = frozenset()
    thanked: bool = False


@dataclass
class Wait:
    """A waiting comment, and why it waits."""

    comment: PublicComment
    kinds: list[Kind] = field(default_factory=list)
    words: int = 0
    away: timedelta | None = None

    @property
    def kind(self) -> Kind:
        """The most important reason."""
        return self.kinds[0]


def comments_awaiting_host(comments: Iterable[PublicComment], host_names: Iterable[str] = ()) -> list[Wait]:
    """The waiting comments, newest first. host_names: what people call the host ("Nadine", "Nadine Hack")."""
    by_post: defaultdict[int, list[PublicComment]] = defaultdict(list)
    everything = sorted(comments, key=lambda each: (each.at, each.pk))
    for each in everything:
        by_post[each.post].append(each)
    before: dict[str, datetime] = {}
    gaps: dict[int, datetime | None] = {}
    for each in everything:
        gaps[each.pk] = before.get(each.person, each.earlier_at)
        before[each.person] = each.at
    names = _name_pattern(host_names)
    found = [wait for thread in by_post.values() for wait in _waits_in_thread(thread, gaps, names)]
    return sorted(found, key=lambda wait: (wait.comment.at, wait.comment.pk), reverse=True)


def _waits_in_thread(
    thread: list[PublicComment], gaps: dict[int, datetime | None], host: re.Pattern[str] | None
) -> list[Wait]:
    known = {each.pk: each for each in thread}
    answered_by: defaultdict[int, list[PublicComment]] = defaultdict(list)
    for each in thread:
        for pk in each.answers:
            if pk in known and known[pk].person != each.person:
                answered_by[pk].append(each)
    greeted = _greeted(thread)
    # Someone is answered once one of their comments is: a second one right after it needs no greeting of its
    # own.
    met = {known[pk].person for pk in answered_by}
    found = []
    for each in thread:
        if each.by_host or answered_by[each.pk]:
            continue
        words = len(WORD.findall(each.text))
        last = gaps[each.pk]
        wait = Wait(each, words=words, away=each.at - last if last else None)
        is_greeted = each.thanked or any(at > each.at for at, _answers in greeted[each.person])
        if _asks_the_host(each, known, host) and not any(
            at > each.at and is_answer for at, is_answer in greeted[each.person]
        ):
            wait.kinds.append(Kind.QUESTION)
        if not is_greeted:
            if last is None and each.person not in met:
                wait.kinds.append(Kind.FIRST)
            if words >= LONG_WORDS:
                wait.kinds.append(Kind.LONG)
            if wait.away is not None and wait.away >= AWAY:
                wait.kinds.append(Kind.BACK)
        if wait.kinds:
            found.append(wait)
    return found


def _asks_the_host(
    each: PublicComment, known: dict[int, PublicComment], host: re.Pattern[str] | None
) -> bool:
    """Whether it asks the host: a question at the top level, in reply to the host, or with their name."""
    own = QUOTED.sub(" ", each.text)
    if not (QUESTION.search(own) or ASKS.search(own)):
        return False
    parents = [known[pk] for pk in each.answers if pk in known]
    is_to_others = bool(parents) and not any(
        parent.by_host or parent.person == each.person for parent in parents
    )
    return not is_to_others or bool(host and host.search(own))


def _greeted(thread: Sequence[PublicComment]) -> defaultdict[str, list[tuple[datetime, bool]]]:
    """By person, when the host has named them, and whether that comment can answer their question."""
    found: defaultdict[str, list[tuple[datetime, bool]]] = defaultdict(list)
    spoken = [each for each in thread if each.by_host]
    if not spoken:
        return found
    callings = _names_in(thread)
    for each in spoken:
        words = WORD.findall(each.text)
        padded = f" {' '.join(words)} "
        named = {person for calling, person in callings.items() if f" {calling} " in padded} | each.mentions
        is_answer = len(named) <= MAX_NAMED and len(words) >= ANSWER_WORDS
        for person in named:
            found[person].append((each.at, is_answer))
    return found


def _names_in(thread: Sequence[PublicComment]) -> dict[str, str]:
    """The names of each person in a thread: the full name, and the first name if it is unique."""
    whole: dict[str, set[str]] = defaultdict(set)
    for each in thread:
        parts = WORD.findall(each.name)
        if each.by_host or not parts:
            continue
        whole[" ".join(parts)].add(each.person)
        if len(parts[0]) > 1 and parts[0][0].isupper():
            whole[parts[0]].add(each.person)
    return {calling: next(iter(people)) for calling, people in whole.items() if len(people) == 1}


def _name_pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    callings = {part for name in names for part in (name, name.partition(" ")[0]) if len(part) > 1}
    if not callings:
        return None
    alternatives = "|".join(re.escape(each) for each in sorted(callings, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)
