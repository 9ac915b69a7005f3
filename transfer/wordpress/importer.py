"""Imports what reader.py finds in a WordPress export.

The file is read twice. The first time (survey.py) nothing is written: every comment is checked and converted, and only
the structure of the threads is kept. The second time the tree numbers are computed from that structure, and the
comments are inserted as they are read, in any order. A post with its comments is one transaction: an error in one
post does not affect the others, and a second run imports what the first did not.
"""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import BinaryIO
from urllib.parse import unquote

from django.db import DatabaseError, connection, models, reset_queries, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from comments.models import Comment
from comments.services.writing import recount
from comments.signals import comments_rewritten
from core.markup.plain import excerpt, plain_text
from core.utils.files import is_disk_full
from core.utils.locks import lock_row
from core.utils.reasons import Reason
from core.utils.slugs import make_slug
from core.utils.text import one_line
from posts.models import OldAddress, Post, Tag
from transfer.old_addresses import is_address_here
from transfer.threads import BATCH, Progress, Seat, known_comments, new_keys, places_for, quiet
from transfer.wordpress.authors import People
from transfer.wordpress.conversions import email_of, free_name, guest_url, name_of, old_addresses_of, title_of
from transfer.wordpress.markdown import to_markdown
from transfer.wordpress.post_html import to_post_html
from transfer.wordpress.reader import WpComment, WpItem, WxrError, read_wxr
from transfer.wordpress.survey import Survey, Thread


@dataclass
class Plan:
    """What is new under one post."""

    thread: Thread
    post_id: int
    is_new: bool
    seats: dict[int, Seat]
    # New replies to existing comments: their ids in the order in which they must be written.
    late: list[int]
    known: dict[int, int]
    read_late: dict[int, Comment] = field(default_factory=dict)

    @property
    def news(self) -> int:
        return len(self.seats) + len(self.late)


@dataclass
class Result:
    posts: int = 0
    known_posts: int = 0
    comments: int = 0
    known_comments: int = 0
    held: int = 0
    guests: set[str] = field(default_factory=set)
    commenters: set[str] = field(default_factory=set)
    # Where something new came from, so that losses of what existed already are not reported again.
    new_posts: set[int] = field(default_factory=set)
    new_comments: set[int] = field(default_factory=set)
    people: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # The posts here that are new or got comments, in the order of the file.
    touched: list[int] = field(default_factory=list)
    # What was left out because the database rejected it.
    failures: list[str] = field(default_factory=list)

    def add(self, more: "Result") -> None:
        """Count in what one post brought."""
        for name, value in vars(more).items():
            mine = getattr(self, name)
            if isinstance(value, set):
                mine |= value
            else:
                setattr(self, name, mine + value)


class Importer:
    def __init__(
        self,
        found: Survey,
        *,
        author: User | None = None,
        is_dry_run: bool = False,
        progress: Progress = quiet,
    ) -> None:
        self.found = found
        self.is_dry_run = is_dry_run
        self.progress = progress
        self.people = People(found, author, is_dry_run)
        self.result = Result()
        self.tags: dict[str, Tag] = {}
        self.slugs: set[str] = set()
        self.old_addresses: dict[str, int] = {}
        self.batch: list[Comment] = []

    def run(self, file: BinaryIO) -> Result:
        """Read the file again and write what is new, or only count it. Raises WxrError if the file has changed."""
        self.total, self.done = self.found.comment_count, 0
        self._number_above(Comment, self.found.highest)
        for item, things in groupby(read_wxr(file), key=lambda thing: getattr(thing, "item", 0)):
            if item in self.found.threads:
                self._import_item(item, (thing for thing in things if isinstance(thing, WpComment | WpItem)))
        self.result.people, self.result.notes = self.people.made, self.people.notes + self.result.notes
        return self.result

    def _import_item(self, item: int, things: Iterable[WpComment | WpItem]) -> None:
        """One post with its comments, or nothing of it."""
        made, notes, whole = len(self.people.made), len(self.people.notes), self.result
        self.result = Result()
        try:
            # A dry run takes no lock.
            with nullcontext() if self.is_dry_run else transaction.atomic():
                plan = self._plan(self.found.threads[item])
                for thing in things:
                    if isinstance(thing, WpItem):
                        self.take_post(plan, thing)
                    else:
                        self.take_comment(plan, thing)
                        self._count()
            whole.add(self.result)
        except DatabaseError as error:
            if is_disk_full(error):  # every further post would fail for the same reason
                raise
            self.batch = []
            self.tags.clear()
            self.people.forget(made, notes)
            name = _named(self.found.threads[item], 0)
            whole.failures.append(
                f"{name[0].upper()}{name[1:]} was not imported: the database rejected it ({one_line(str(error))[:200]})."
            )
        self.result = whole

    def _count(self) -> None:
        self.done += 1
        if self.done % BATCH == 0:
            self.progress(
                "Checking" if self.is_dry_run else "Importing", min(self.done, self.total), self.total
            )
            reset_queries()  # with DEBUG, Django remembers every one

    # --- places

    def _plan(self, thread: Thread) -> Plan:
        post = Post.objects.filter(source_key=self.found.source_key("post", thread.number)).first()
        if post is not None and not self.is_dry_run:
            post = lock_row(Post.objects, post.pk)
        known = known_comments({number: self.found.source_key("comment", number) for number in thread.kept()})
        here = {
            number: pk for number, (pk, post_id) in known.items() if post is not None and post_id == post.pk
        }
        places = places_for(
            thread.marks,
            known,
            here,
            lambda count: self._new_keys(Comment, count),
            is_dry_run=self.is_dry_run,
        )
        post_id = post.pk if post is not None else self._new_keys(Post, 1)[0]
        return Plan(thread, post_id, post is None, places.seats, places.late, here)

    def _new_keys(self, model: type[models.Model], count: int) -> list[int]:
        if self.is_dry_run:
            return list(range(1, count + 1))
        return new_keys(model, count, above=self.found.highest if model is Comment else 0)

    def _number_above(self, model: type[models.Model], highest: int) -> None:
        """Let keys begin above the old ids, so that "#comment-917" of an old link is no other comment's anchor.

        SQLite continues from the highest key (_new_keys); PostgreSQL's sequence is set.
        """
        if self.is_dry_run or connection.vendor != "postgresql" or not highest:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
            sequence = cursor.fetchone()[0]
            cursor.execute(
                "SELECT setval(%s, %s) FROM pg_sequences WHERE schemaname || '.' || sequencename = %s AND COALESCE(last_value, 0) < %s",
                [sequence, highest, sequence.replace('"', ""), highest],
            )

    @cached_property
    def spam_check(self) -> Callable[[Comment], list[Reason]]:
        """Why an imported comment is to be looked at before it is public again."""
        from moderation.spamfilter.checks import ImportCheck  # noqa: PLC0415 - the admin reads this file at the start

        return ImportCheck().reasons

    # --- comments

    def take_comment(self, plan: Plan, source: WpComment) -> None:
        if source.is_copy:
            return
        if source.number in plan.seats:
            comment = self._comment(plan, source)
            seat = plan.seats[source.number]
            comment.pk, comment.parent_id, comment.tree_id = seat.pk, seat.parent, seat.tree
            comment.lft, comment.rght, comment.level = seat.numbers
            self.batch.append(comment)
            if len(self.batch) >= BATCH:
                self._write_batch()
        elif source.number in plan.late:
            plan.read_late[source.number] = self._comment(plan, source)
        elif source.number in plan.thread.marks:
            self.result.known_comments += bool(plan.thread.marks[source.number].status)
        else:
            raise WxrError(f"comment {source.number} is new: the file changed while it was being read.")

    def _comment(self, plan: Plan, source: WpComment) -> Comment:
        mark = plan.thread.marks[source.number]
        author = self.people.author_of_comment(source)
        comment = Comment(
            post_id=plan.post_id,
            author=author,
            status=mark.status,
            created_at=mark.written_at,
            published_at=mark.written_at if mark.status == Comment.Status.PUBLIC else None,
            source_key=self.found.source_key("comment", source.number),
        )
        if author is None:
            comment.guest_name, comment.guest_email, comment.guest_url = (
                name_of(source.name) or _("A guest"),
                email_of(source.email).lower(),
                guest_url(source.url),
            )
            self.result.guests.add(comment.guest_email or comment.guest_name.lower())
        else:
            self.result.commenters.add(author.username)
        comment.body = to_markdown(source.text, self.found.blog.link).text
        if comment.is_held:
            comment.hold_reasons = [{"code": "import"}]
        elif comment.is_public and (reasons := self.spam_check(comment)):
            comment.status, comment.published_at, comment.hold_reasons = Comment.Status.HELD, None, reasons
        self.result.held += comment.is_held
        if not self.is_dry_run:
            comment.set_body(comment.body)
        self.result.comments += 1
        self.result.new_comments.add(source.number)
        return comment

    def _write_batch(self) -> None:
        if not self.is_dry_run:
            Comment.objects.bulk_create(self.batch)
            comments_rewritten.send(sender=Comment, comments=[comment.pk for comment in self.batch])
        self.batch = []

    def _write_late(self, plan: Plan) -> None:
        """Replies to existing comments are appended, one after the other, as if they were posted now."""
        for number in plan.late:
            comment = plan.read_late.pop(number)
            if not self.is_dry_run:
                comment.parent = Comment.objects.get(pk=plan.known[plan.thread.marks[number].parent])
                comment.save()
            plan.known[number] = comment.pk

    # --- posts

    def take_post(self, plan: Plan, source: WpItem) -> None:
        author = self.people.author_of(source) if plan.is_new else None
        self._write_batch()
        self._write_late(plan)
        if author is None:
            self.result.known_posts += 1
        else:
            self.result.posts += 1
            self.result.new_posts.add(source.item)
            slug = self._free_slug(source)
            if not self.is_dry_run:
                self._write_post(plan, source, author, slug)
        self._keep_old_addresses(plan, source)
        if plan.news and not self.is_dry_run:
            recount(plan.post_id)
        if not self.is_dry_run and (plan.news or author is not None):
            self.result.touched.append(plan.post_id)

    def _write_post(self, plan: Plan, source: WpItem, author: User, slug: str) -> None:
        now = timezone.now()
        is_out = source.status in {"publish", "future"} and not source.password
        post = Post(
            pk=plan.post_id,
            title=title_of(source),
            summary=excerpt(source.excerpt, 300),
            body=to_post_html(source.content, self.found.blog.link).text,
            author=author,
            published_at=(source.written_at or now) if is_out else None,
            comments_open=source.is_open,
            created_at=source.written_at or now,
            updated_at=source.written_at or now,
            source_key=self.found.source_key("post", source.number),
        )
        post.slug = slug
        post.save(force_insert=True)
        post.tags.set([tag for name, nicename in source.tags if (tag := self._tag(name, nicename))])

    def _free_slug(self, source: WpItem) -> str:
        """Its slug on the blog, or one made of the title; with a number behind it, and a note, when another post has it."""
        wished = make_slug(unquote(source.slug), fold=False) or make_slug(title_of(source)) or "post"
        slug = free_name(wished, 120, self._is_slug_taken)
        if slug != wished:
            self.result.notes.append(
                f"The web address “{wished[:120]}” is taken or too long: the post in line {source.line} gets “{slug}”."
            )
        self.slugs.add(slug)
        return slug

    def _is_slug_taken(self, slug: str) -> bool:
        return (self.is_dry_run and slug in self.slugs) or Post.objects.filter(slug=slug).exists()

    def _keep_old_addresses(self, plan: Plan, source: WpItem) -> None:
        for key in old_addresses_of(source, self.found.blog.link):
            if is_address_here(key, plan.post_id):
                self.result.notes.append(
                    f"The old address /{key} is an address of this site, and does not lead to a post: {_named(plan.thread, 0)}."
                )
                continue
            if self.is_dry_run:
                other = (
                    OldAddress.objects.filter(key=key)
                    .exclude(post=plan.post_id if not plan.is_new else 0)
                    .exists()
                )
                other = other or self.old_addresses.setdefault(key, source.item) != source.item
            else:
                other = (
                    OldAddress.objects.get_or_create(key=key, defaults={"post_id": plan.post_id})[0].post_id
                    != plan.post_id
                )
            if other:
                self.result.notes.append(
                    f"The old address /{key} already leads to another post: {_named(plan.thread, 0)}."
                )

    def _tag(self, name: str, nicename: str) -> Tag | None:
        name = one_line(plain_text(name))
        name = name if len(name) <= 50 else name[:49] + "…"
        slug = (make_slug(unquote(nicename), fold=False) or make_slug(name))[:60].strip("-_")
        key = slug or name.lower()
        if name and key not in self.tags:
            self.tags[key] = (
                (Tag.objects.filter(slug=slug).first() if slug else None)
                or Tag.objects.filter(name__iexact=name).first()
                or Tag.objects.create(
                    name=name,
                    slug=free_name(slug or "tag", 60, lambda slug: Tag.objects.filter(slug=slug).exists()),
                )
            )
        return self.tags.get(key)


def _named(thread: Thread, comment: int) -> str:
    """A post or comment by its number; by its place where the number is one that we made."""
    post = f"post {thread.number}" if thread.number > 0 else f"the post in line {thread.line}"
    return post if not comment else f"comment {comment}" if comment > 0 else f"a comment under {post}"


def losses_in_words(found: Survey, result: Result) -> list[str]:
    """What got lost of the things that are new, a line each, with the first places."""
    lines = []
    for loss, places in sorted(found.losses.items()):
        left_out = loss.endswith("is left out") and "empty comment" in loss
        new = [
            _named(found.threads[item], comment)
            for item, comment in places
            if item in found.threads
            and (comment in result.new_comments or (item in result.new_posts and (not comment or left_out)))
        ]
        if new:
            more = f" and {len(new) - 5} more" if len(new) > 5 else ""
            lines.append(f"{loss[0].upper()}{loss[1:]}: {', '.join(new[:5])}{more}.")
    return lines
