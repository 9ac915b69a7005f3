"""The first pass over an export: nothing is written, everything is checked.

Losses and repairs are recorded here, so that a dry run reports the same as the import itself.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from django.utils import timezone
from django.utils.translation import gettext as _

from comments.models import Comment
from transfer.threads import Mark, Progress, quiet, settle_parents
from transfer.wordpress.conversions import email_of, guest_url, has_whole_title, name_of, old_addresses_of
from transfer.wordpress.items import Author, Blog, Note, Term, WpComment, WpItem
from transfer.wordpress.markdown import to_markdown
from transfer.wordpress.media import Media, media_of
from transfer.wordpress.reader import KINDS, REUSED, read_wxr

EVERY = 500
PUBLIC, HELD = Comment.Status.PUBLIC.value, Comment.Status.HELD.value
STATUS_OF = {"1": PUBLIC, "approve": PUBLIC, "approved": PUBLIC, "0": HELD, "hold": HELD, "unapproved": HELD}
# Link notifications between blogs, imported only on request.
PINGS = {"pingback", "trackback"}
THROWN_AWAY = {"spam", "trash", "post-trashed"}
KEPT_STATUSES = {"publish", "future", "draft", "pending", "private"}
# In characters: shared text blocks are kept in memory.
MAX_REUSED = 2_000_000
# No real blog has higher ids, and our sequences must not be moved there.
HIGHEST_NUMBER = 2_000_000_000

Place = tuple[int, int]  # (the position of the item in the file, a comment's number or 0)


@dataclass(slots=True)
class Thread:
    """A post or page to be imported, and the structure of its comments."""

    number: int
    line: int
    author: str
    marks: dict[int, Mark]
    kind: str = "post"
    thumbnail: int = 0  # the id of its featured picture

    def kept(self) -> Iterator[int]:
        return (number for number, mark in self.marks.items() if mark.status)


@dataclass
class Survey:
    blog: Blog = field(default_factory=Blog)
    authors: list[Author] = field(default_factory=list)
    threads: dict[int, Thread] = field(default_factory=dict)  # by the position of the item in the file
    losses: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    left_out: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    highest: int = 0  # the highest comment id
    with_pings: bool = False
    media: dict[int, Media] = field(default_factory=dict)  # by id
    terms: dict[str, str] = field(default_factory=dict)  # descriptions of categories and tags by slug
    parents: dict[str, str] = field(default_factory=dict)  # slugs of parent categories by slug
    names: dict[str, str] = field(default_factory=dict)  # of categories by slug
    addresses: set[str] = field(default_factory=set)  # former URLs of posts and pages
    reused: dict[int, str] = field(default_factory=dict)  # shared text blocks by id

    def note_term(self, term: Term) -> None:
        self.names[term.slug] = term.name
        if term.description.strip():
            self.terms[term.slug] = term.description
        if term.parent:
            self.parents[term.slug] = term.parent

    @property
    def comment_count(self) -> int:
        return sum(1 for thread in self.threads.values() for _number in thread.kept())

    def lose(self, what: Iterable[str], item: int, comment: int = 0) -> None:
        for loss in what:
            self.losses[loss].append((item, comment))

    def source_key(self, kind: str, number: int) -> str:
        """A key that is the same in every export of the same blog."""
        blog = self.blog.key
        if len(blog) > 150:
            blog = hashlib.sha256(blog.encode()).hexdigest()
        return f"wordpress:{blog}:{kind}:{number}"


def survey_file(file: BinaryIO, progress: Progress = quiet, *, with_pings: bool = False) -> Survey:
    """Read the whole file without writing anything. Raises WxrError.

    with_pings: import pingbacks and trackbacks as comments.
    """
    found = Survey(with_pings=with_pings)
    marks: dict[int, Mark] = {}
    count = 0
    for entry in read_wxr(file):
        if isinstance(entry, Blog):
            found.blog = entry
        elif isinstance(entry, Note):
            found.notes.append(entry.text)
        elif isinstance(entry, Author):
            found.authors.append(entry)
        elif isinstance(entry, Term):
            found.note_term(entry)
        elif isinstance(entry, WpItem):
            _survey_item(entry, marks, found)
            marks = {}
        elif entry.is_copy:
            found.left_out[_("comments that are in the file twice")] += 1
        else:
            marks[entry.number] = _marked(entry, found)
            if entry.number <= HIGHEST_NUMBER:
                found.highest = max(found.highest, entry.number)
            count += 1
            if count % EVERY == 0:
                progress("Reading", count, 0)
    found.left_out = +found.left_out
    return found


def _survey_item(item: WpItem, marks: dict[int, Mark], found: Survey) -> None:
    if item.kind == "attachment" and (media := media_of(item)) is not None:
        found.media[item.number] = media
        found.left_out[_("comments under attachments")] += len(marks)
    elif item.kind == REUSED and sum(map(len, found.reused.values())) < MAX_REUSED:
        found.reused[item.number] = item.content
    elif item.kind not in KINDS or item.status not in KEPT_STATUSES:
        found.left_out[_kind_in_words(item)] += 1
        found.left_out[_("comments under entries that are left out")] += len(marks)
    elif item.is_copy and not any(mark.status for mark in marks.values()):
        found.left_out[
            _of(item, _("posts that are in the file twice"), _("pages that are in the file twice"))
        ] += 1
        found.left_out[_("comments under entries that are left out")] += len(marks)
    else:
        thumbnail = item.meta.get("_thumbnail_id", "").strip()
        found.threads[item.item] = Thread(
            item.number,
            item.line,
            item.author,
            marks,
            item.kind,
            int(thumbnail) if thumbnail.isascii() and thumbnail.isdigit() and len(thumbnail) < 16 else 0,
        )
        found.addresses.update(old_addresses_of(item, found.blog.link))
        _survey_post(item, marks, found)


def _kind_in_words(item: WpItem) -> str:
    if item.kind in KINDS:
        sentence = _of(item, _("posts with the status %(status)s"), _("pages with the status %(status)s"))
        return sentence % {"status": item.status or _("none")}
    named = {"attachment": _("attachments"), "nav_menu_item": _("menu entries")}
    return named.get(item.kind) or _("items of the type %(type)s") % {"type": item.kind[:40] or _("none")}


def _of(item: WpItem, post: str, page: str) -> str:
    """One of two sentences, for a post or for a page."""
    return page if item.kind == "page" else post


def _marked(comment: WpComment, found: Survey) -> Mark:
    mark = Mark(comment.parent, comment.written_at, "")
    wanted = {"", "comment", "webmention"} | (PINGS if found.with_pings else set())
    if comment.kind not in wanted:
        named = {"pingback": _("pingbacks"), "trackback": _("trackbacks")}
        kind = comment.kind[:40]
        found.left_out[named.get(kind) or _("comments of the type %(type)s") % {"type": kind}] += 1
    elif comment.approved in THROWN_AWAY:
        found.left_out[
            (
                _("comments marked as spam")
                if comment.approved == "spam"
                else _("comments with the status %(approved)s") % {"approved": comment.approved[:40]}
            )
        ] += 1
    else:
        words = to_markdown(comment.text, found.blog.link)
        if words.text:
            mark.status = STATUS_OF.get(comment.approved, HELD)
            losses = words.losses | comment.repairs
            if comment.approved not in STATUS_OF:
                losses.add(_("a comment with an unknown status waits for a moderator"))
            if not name_of(comment.name):
                losses.add(_("a guest without a name is given one"))
            if comment.email and not email_of(comment.email):
                losses.add(_("a guest’s invalid email address is left out"))
            if comment.url and not guest_url(comment.url):
                losses.add(_("a guest’s link that is not a web address is left out"))
            found.lose(losses, comment.item, comment.number)
        else:
            found.left_out[_("empty comments")] += 1
            found.lose([_("an empty comment is left out")], comment.item, comment.number)
    return mark


def _survey_post(item: WpItem, marks: dict[int, Mark], found: Survey) -> None:
    losses = set(item.repairs)
    if not has_whole_title(item):
        losses.add(_("a title is cut to 200 characters"))
    if item.password:
        losses.add(
            _of(
                item,
                _("a password-protected post becomes a draft"),
                _("a password-protected page becomes a draft"),
            )
        )
    if item.status == "private":
        losses.add(_of(item, _("a private post becomes a draft"), _("a private page becomes a draft")))
    if item.written_at is None and item.status in {"publish", "future"}:
        losses.add(
            _of(
                item,
                _("a post without a date is given the time of the import"),
                _("a page without a date is given the time of the import"),
            )
        )
    if not (item.author or found.authors):
        losses.add(
            _of(
                item,
                _("a post without an author is assigned to the host"),
                _("a page without an author is assigned to the host"),
            )
        )
    found.lose(losses, item.item)
    for number, mark in marks.items():
        if mark.written_at is None:
            mark.written_at = item.written_at or timezone.now()
            if mark.status:
                found.lose([_("a comment without a date is given the date of its post")], item.item, number)
    for number, loss in settle_parents(marks):
        found.lose([loss], item.item, number)
