"""The indexed contents of a post, a comment and a member."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from accounts.models import MemberTopic, User
from comments.models import Comment
from core.markup.links import links_in
from core.markup.plain import plain_text
from posts.models import Post, Tag
from search.backends.base import Document
from search.words import fold, pieces_of, words_of

# How many characters of a text are indexed.
LONGEST_TEXT = 200_000
# For all engines, facts must consist of letters and digits: these replace the separators in domains.
SAFE = str.maketrans({".": "·", "-": "–"})


def fact(kind: str, value: object) -> str:
    """An exact property of a row: "a17" for its author, "dexample·org" for a domain it links to."""
    return kind + "".join(char for char in fold(str(value)).translate(SAFE) if char.isalnum() or char in "·–")


# Older rows are found by words only, not by dates.
FIRST_DAY = date(1900, 1, 1)
# Up to this number each month is searched for; above, the years between the first and the last.
MAX_MONTHS = 24
DAY = timedelta(days=1)
# The range of time zones: where a day ends last, and where it begins first.
CLOCKS = (timedelta(hours=-12), timedelta(hours=14))


def days_of(moment: datetime | None) -> list[str]:
    """Facts about the year and month, in any time zone. moment: None for a draft."""
    if moment is None or not FIRST_DAY.year <= moment.year < date.max.year:
        return []
    read = [moment.astimezone(UTC) + clock for clock in CLOCKS]
    return [*dict.fromkeys(one for at in read for one in (f"y{at.year}", _month(at.year, at.month)))]


def days_between(after: date | None, before: date | None) -> list[str]:
    """Facts of which each row between the two days has at least one.

    So old rows are found, however many newer ones contain the same words. The exact days are compared later.
    """
    first = max(after or FIRST_DAY, FIRST_DAY)
    last = max(min(before or date.max, timezone.now().date() + 2 * DAY), FIRST_DAY) - DAY
    months = range(12 * first.year + first.month - 1, 12 * last.year + last.month)
    if len(months) <= MAX_MONTHS:
        return [_month(month // 12, month % 12 + 1) for month in months]
    ends = [month for month in months if month // 12 in (first.year, last.year)]
    return [_month(month // 12, month % 12 + 1) for month in ends] + [
        f"y{year}" for year in range(first.year + 1, last.year)
    ]


def _month(year: int, month: int) -> str:
    return f"m{year}{month:02}"


def language_of(post: Post) -> str:
    return post.language or settings.LANGUAGE_CODE


def documents_of_posts(posts: Iterable[Post]) -> Iterator[Document]:
    """posts: with their tags prefetched."""
    for post in posts:
        yield document_of_post(post, list(post.tags.all()))


def document_of_post(post: Post, tags: Collection[Tag]) -> Document:
    language = language_of(post)
    return Document(
        post.pk,
        words_of(" ".join([post.title, *(tag.name for tag in tags)]), language),
        words_of(f"{post.summary} {plain_text(post.body)}"[:LONGEST_TEXT], language),
        [
            fact("a", post.author_id),
            *days_of(post.published_at),
            *(fact("t", tag.slug) for tag in tags),
            *_domains(post.body),
        ],
    )


def documents_of_comments(comments: Iterable[Comment]) -> Iterator[Document]:
    """comments: with their posts."""
    for comment in comments:
        facts = [fact("p", comment.post_id), *days_of(comment.created_at), *_domains(comment.html)]
        if comment.author_id:
            facts.append(fact("a", comment.author_id))
        else:
            facts += [fact("g", word) for word in words_of(comment.guest_name)]
        text = plain_text(comment.html)[:LONGEST_TEXT]
        yield Document(comment.pk, [], words_of(text, language_of(comment.post)), facts)


def documents_of_members(members: Iterable[User]) -> Iterator[Document]:
    """Reads the topics of all these members in one query."""
    members = list(members)
    topics: dict[int, list[str]] = {}
    for user, name in MemberTopic.objects.filter(user__in=members).values_list("user", "topic__name"):
        topics.setdefault(user, []).append(name)
    for member in members:
        yield document_of_member(member, topics.get(member.pk, []))


def document_of_member(member: User, topics: Iterable[str]) -> Document:
    about = " ".join([member.tagline, plain_text(member.bio_html), *topics])
    names = words_of(f"{member.display_name} {member.username}")
    return Document(member.pk, names, words_of(about, settings.LANGUAGE_CODE), days_of(member.date_joined))


def documents_of_names(members: Iterable[User]) -> Iterator[Document]:
    """Names and addresses of members in pieces, only for the admin's list."""
    for member in members:
        names = dict.fromkeys(filter(None, [member.username, member.display_name, member.email]))
        yield Document(member.pk, [piece for name in names for piece in pieces_of(name)], [], [])


def _domains(some_html: str) -> set[str]:
    """The hosts that a text links to, and their parent domains: a.b.example is also found as b.example."""
    found = set()
    for link in links_in(some_html) if "href" in some_html else ():
        try:
            host = urlsplit(link.url).hostname or ""
        except ValueError:
            continue
        parts = host.split(".")
        found |= {fact("d", ".".join(parts[at:])) for at in range(max(len(parts) - 1, 1))}
    return found
