"""Bursts and campaigns: what others posted in recent minutes, hours and weeks, and what awaits review."""

from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from comments.models import Comment
from core.markup.plain import plain_text
from core.prepared import A_MOMENT, A_NUMBER, A_WORD, NUMBERS, WORDS, Prepared
from moderation.models import Assessment, TracedKey, TracedMark
from moderation.spamfilter import training
from moderation.spamfilter.engine.history import KEYS, similarity, sketch_of
from moderation.spamfilter.engine.hosts import is_shared_host
from moderation.spamfilter.engine.letters import WORD
from moderation.spamfilter.engine.text import Material, TextAnalysis

COMPANY_MINUTES = 10
COMPANY_HOURS = 6
# Accounts created on one network within a day belong together; so do new members with the same rare name
# within weeks.
ACCOUNT_HOURS = 24
NAME_DAYS = 30
# From this similarity on, two texts are the same.
SAME_TEXT = 0.7
# Shorter texts can be the same by coincidence: within hours, and at any time.
SAME_WORDS, SAME_WORDS_EVER = 6, 12
MAX_COMPARED = 50


def with_company(base: Material, comment: Comment, network: str) -> Material:
    """Add what others posted to the material of a comment.

    Up to seven queries, independent of the site's size.
    """
    analysis = base.analysis
    author, now = comment.author_id, timezone.now()
    own = _without_quoted_lines(analysis)
    hosts = [host for host in analysis.hosts if not is_shared_host(host)][:20]
    material = base.with_facts(
        newcomers_from_block=len(
            _writing_from.rows(network=network, author=author, since=now - timedelta(minutes=COMPANY_MINUTES))
        )
        if network
        else 0,
        new_accounts_from_block=_new_accounts_in(author, network)
        if network and _is_new_account(comment)
        else 0,
        others_linking_there=len(
            _linking_to.rows(hosts=hosts, author=author, since=now - timedelta(hours=COMPANY_HOURS))
        )
        if hosts
        else 0,
        same_words_elsewhere=_same_words(own, author),
        copied_from_post=share_of(own, comment.post.body),
    )
    return _with_waiting(_with_names(material, analysis, comment), analysis, own, comment)


def _without_quoted_lines(analysis: TextAnalysis) -> TextAnalysis:
    """The author's own text: quotations repeat earlier text by nature."""
    lines = analysis.material.text.splitlines()
    own = [line for line in lines if not line.lstrip().startswith(">")]
    return analysis if own == lines else TextAnalysis(Material(text="\n".join(own)))


def _is_new_account(comment: Comment) -> bool:
    since = timezone.now() - timedelta(hours=ACCOUNT_HOURS)
    return comment.author is not None and comment.author.date_joined > since


def _new_accounts_in(author: int | None, network: str) -> int:
    """The number of other accounts, created within a day, that posted from this network."""
    since = timezone.now() - timedelta(hours=ACCOUNT_HOURS)
    found = _by_others(author).filter(
        network=network, created_at__gt=since, comment__author__date_joined__gt=since
    )
    return found.values("comment__author").distinct().count()


def _same_words(own: TextAnalysis, author: int | None) -> int:
    """The number of other authors of nearly the same text: within hours, or at any time if it is longer."""
    if len(own.words) < SAME_WORDS:
        return 0
    if len(own.words) >= SAME_WORDS_EVER:
        near = _near(own, _like_it_by_others, author=author)
    else:
        since = timezone.now() - timedelta(hours=COMPANY_HOURS)
        near = _near(own, _like_it_lately, author=author, since=since)
    return len(set(near))


def _near(own: TextAnalysis, like_it: Prepared[Assessment], **values: Any) -> list[int]:
    """The authors of near-duplicates, among the newest comments that share a fingerprint."""
    sketch = sketch_of(own)
    return [
        author
        for author, packed in like_it.rows(keys=sketch[:KEYS], **values)
        if similarity(sketch, training.unpack_sketch(bytes(packed))) > SAME_TEXT
    ]


def _by_others(author: int | None) -> QuerySet[Assessment]:
    return Assessment.objects.exclude(comment=None).exclude(comment__author=author)


def _like(keys: list[int], assessments: QuerySet[Assessment]) -> QuerySet[Assessment, Any]:
    sharing = TracedKey.objects.filter(key__in=keys).values("assessment")
    rows = assessments.filter(pk__in=sharing).order_by("-pk")
    return rows.values_list("comment__author", "sketch")[:MAX_COMPARED]


def _held() -> QuerySet[Assessment]:
    return Assessment.objects.filter(comment__status=Comment.Status.HELD)


_writing_from: Prepared[Assessment] = Prepared(
    lambda network, author, since: (
        _by_others(author)
        .filter(network=network, created_at__gt=since)
        .values_list("comment__author")
        .distinct()[:MAX_COMPARED]
    ),
    network=A_WORD,
    author=A_NUMBER,
    since=A_MOMENT,
)
_linking_to: Prepared[TracedMark] = Prepared(
    lambda hosts, author, since: (
        TracedMark.objects.filter(
            mark__in=hosts, assessment__in=_by_others(author).filter(created_at__gt=since)
        )
        .values_list("assessment__comment__author")
        .distinct()[:MAX_COMPARED]
    ),
    hosts=WORDS,
    author=A_NUMBER,
    since=A_MOMENT,
)
_like_it_by_others: Prepared[Assessment] = Prepared(
    lambda keys, author: _like(keys, _by_others(author)), keys=NUMBERS, author=A_NUMBER
)
_like_it_lately: Prepared[Assessment] = Prepared(
    lambda keys, author, since: _like(keys, _by_others(author).filter(created_at__gt=since)),
    keys=NUMBERS,
    author=A_NUMBER,
    since=A_MOMENT,
)
_own_like_it_held: Prepared[Assessment] = Prepared(
    lambda keys, author, but: _like(keys, _held().filter(comment__author=author).exclude(comment=but)),
    keys=NUMBERS,
    author=A_NUMBER,
    but=A_NUMBER,
)


def _with_names(material: Material, analysis: TextAnalysis, comment: Comment) -> Material:
    """Add names that other new members used within weeks, but no older member's comment and not the post."""
    post_text = f"{comment.post.title} {plain_text(comment.post.body)}".casefold() if analysis.names else ""
    wanted = {f"called {name}" for name in analysis.names if name not in post_text}
    if not wanted:
        return material
    since = timezone.now() - timedelta(days=NAME_DAYS)
    rows = _naming.rows(names=sorted(wanted), author=comment.author_id, since=since)
    brought: dict[str, set[int]] = {}
    for mark, author, joined in rows:
        if joined <= since:
            wanted.discard(mark)
        brought.setdefault(mark, set()).add(author)
    found = {mark: len(people) for mark, people in brought.items() if mark in wanted}
    if not found:
        return material
    mark = max(sorted(found), key=lambda mark: found[mark])
    return material.with_facts(newcomers_naming=found[mark], name_of_newcomers=mark.partition(" ")[2])


_naming: Prepared[TracedMark] = Prepared(
    lambda names, author, since: (
        TracedMark.objects.filter(mark__in=names, assessment__created_at__gt=since)
        .exclude(assessment__comment__author=None)
        .exclude(assessment__comment__author=author)
        .order_by("-pk")
        .values_list("mark", "assessment__comment__author", "assessment__comment__author__date_joined")[
            : MAX_COMPARED * len(names)
        ]
    ),
    names=WORDS,
    author=A_NUMBER,
    since=A_MOMENT,
)


def _with_waiting(
    material: Material, analysis: TextAnalysis, own: TextAnalysis, comment: Comment
) -> Material:
    """Add what awaits review already: the author's own comments, and those of others."""
    marks = [mark for mark in analysis.marks if leads_somewhere(mark)][:20]
    rows = list(
        TracedMark.objects.filter(mark__in=marks, assessment__in=_held().exclude(comment=comment.pk))
        .order_by("-pk")
        .values_list("mark", "assessment__comment__author")[:MAX_COMPARED]
        if marks
        else []
    )
    sent_again = [mark for mark, author in rows if author == comment.author_id]
    is_again = bool(sent_again) or (
        len(own.words) >= SAME_WORDS
        and bool(_near(own, _own_like_it_held, author=comment.author_id, but=comment.pk or 0))
    )
    return material.with_facts(
        awaits_already=is_again,
        others_waiting=len({author for _mark, author in rows if author != comment.author_id}),
        waiting_marks=tuple(dict.fromkeys(mark for mark, _author in rows))[:4],
    )


def leads_somewhere(mark: str) -> bool:
    """Whether a mark is a host, address, number or name that is not in common use (TextAnalysis.marks)."""
    kind, blank, _rest = mark.partition(" ")
    return kind in {"mail", "tel", "handle", "name"} if blank else not is_shared_host(mark)


RUN = 5
MAX_RUNS = 200
QUOTED = (("“", "”"), ("„", "“"), ("«", "»"), ('"', '"'))


def share_of(own: TextAnalysis, body: str) -> float:
    """How much of a comment is copied from a post, 0 to 1.

    The share of its sequences of five words that occur in it, without quotations. body: the post's HTML.
    """
    text = _without_quotations(own.text)
    words = (own if text == own.text else TextAnalysis(Material(text=text))).words[: MAX_RUNS + RUN]
    runs = [" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1)]
    if len(runs) < RUN:
        return 0.0
    there = _words_of_post(body)
    return sum(f" {run} " in there for run in runs) / len(runs)


@lru_cache(maxsize=32)  # many comments are under the same few posts
def _words_of_post(body: str) -> str:
    said = " ".join(WORD.findall(plain_text(body).casefold().replace("’", "'")))
    return f" {said} "


def _without_quotations(text: str) -> str:
    for opening, closing in QUOTED:
        parts = text.split(opening)
        own = [parts[0]]
        if opening == closing:
            own = parts[::2]
        else:
            own += [part.partition(closing)[2] if closing in part else part for part in parts[1:]]
        text = " ".join(own)
    return text
