"""Writes what a reader found. Each post with its comments is one transaction; a second run adds the rest.

Pictures are stored and texts converted before the transaction, so that no one waits for the lock.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from django.core.files.base import ContentFile
from django.db import DatabaseError, reset_queries, transaction
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
from posts.models import Post, Tag
from posts.services.publishing import draw_smaller_covers
from transfer.imports.addresses import Redirects, name_of_page, old_keys, post_here
from transfer.imports.keys import source_key
from transfer.imports.people import Authors
from transfer.imports.pictures import Pictures, forget_cover
from transfer.imports.report import Report
from transfer.imports.spool import Spool
from transfer.imports.stream import ForeignComment, ForeignPost, ForeignTag
from transfer.imports.subscribers import take_subscribers
from transfer.imports.texts import absolute, comment_markdown, post_html
from transfer.threads import (
    BATCH,
    Mark,
    PlannedPositions,
    Progress,
    known_comments,
    new_keys,
    places_for,
    quiet,
    settle_parents,
)
from transfer.wordpress.conversions import email_of, free_name, guest_url, name_of

KEPT = {"public": Comment.Status.PUBLIC.value, "held": Comment.Status.HELD.value}
LEFT_OUT = {"spam": gettext_lazy("comments marked as spam"), "deleted": gettext_lazy("deleted comments")}


@dataclass
class Prepared:
    """A post ready to be written."""

    body: str
    cover: ContentFile | None
    losses: set[str]


@dataclass
class Plan:
    """What is new under one post. here: the comments of earlier imports, by number."""

    post_id: int
    is_new: bool
    places: PlannedPositions
    marks: dict[int, Mark]
    here: dict[int, int]


class Importer:
    def __init__(
        self,
        spool: Spool,
        pictures: Pictures,
        *,
        by: User,
        system: str,
        is_dry_run: bool = False,
        with_subscribers: bool = False,
        progress: Progress = quiet,
    ) -> None:
        self.spool, self.pictures, self.by, self.system = spool, pictures, by, system
        self.is_dry_run, self.with_subscribers, self.progress = is_dry_run, with_subscribers, progress
        self.base = absolute(spool.source.link, "")
        self.authors = Authors(spool.authors, by)
        self.report = Report()
        self.tags: dict[str, Tag] = {}
        self.slugs: set[str] = set()
        self.redirects = Redirects(is_dry_run)
        self.done = 0

    def run(self) -> Report:
        self.total = self.spool.post_count + self.spool.comment_count
        for post in self.spool.posts():
            self._import(post)
        report = self.report
        if homeless := self.spool.homeless():
            report.left_out[_("comments under posts that are not in the file")] += homeless
        for what, count in self.spool.left_out.items():
            report.left_out[what] += count
        take_subscribers(self.spool, report, wanted=self.with_subscribers, is_dry_run=self.is_dry_run)
        report.pictures = len(self.pictures.found)
        report.take_losses(self.spool.losses)
        report.notes[:0] = self.authors.notes
        return report

    def _import(self, source: ForeignPost) -> None:
        """Import one post with its comments, or nothing of it."""
        key = self._key("post", source.key)
        known = post_here(source, self._key("post", "")) if source.is_stub else self._imported(key)
        if source.is_stub and known is None:
            known = self._imported(key)
        if source.is_stub and next(self.spool.tree_of(source.key), None) is None:
            self.report.left_out[_("discussions without comments")] += 1
            return
        prepared = self._prepared(source) if known is None else None
        before, self.report = self.report, Report()
        try:
            # A dry run takes no lock.
            with nullcontext() if self.is_dry_run else transaction.atomic():
                self._write(source, prepared, known)
            before.add(self.report)
        except DatabaseError as error:
            if prepared:
                forget_cover(prepared.cover)
            if is_disk_full(error):  # every further post would fail for the same reason
                raise
            self.tags.clear()
            before.failures.append(
                _("“%(title)s” was not imported: the database rejected it (%(error)s).")
                % {"title": _title(source), "error": one_line(str(error))[:200]}
            )
        self.report = before

    def _imported(self, key: str) -> Post | None:
        return Post.objects.filter(source_key=key).first()

    def _prepared(self, source: ForeignPost) -> Prepared:
        self.pictures.losses = set()
        if source.is_stub:
            return Prepared(self._stub_body(source), None, set())
        text = post_html(
            source.body,
            source.body_format,
            absolute(source.addresses[0], self.base) if source.addresses else self.base,
            lambda address, alt: self.pictures.tag(address, alt, source.folder, self.base),
        )
        cover = self.pictures.cover(source.cover, source.folder, self.base) if source.cover else None
        if source.cover and source.cover not in self.pictures.found:
            self.pictures.losses.add(self.pictures.why_no_cover())
        return Prepared(text.text, cover, text.losses | self.pictures.losses)

    def _stub_body(self, source: ForeignPost) -> str:
        address = absolute(source.addresses[0], self.base) if source.addresses else ""
        return format_html('<p><a href="{}">{}</a></p>', address, address) if address else ""

    def _key(self, kind: str, key: str) -> str:
        return source_key(self.system, self.spool.source.key, kind, key)

    # --- posts

    def _write(self, source: ForeignPost, prepared: Prepared | None, known: Post | None) -> None:
        post = known
        if post is not None and not self.is_dry_run:
            post = lock_row(Post.objects, post.pk)
        plan = self._plan(source, post)
        if prepared is not None:
            self._take_post(plan, source, prepared)
        elif post is not None:
            self.report.known_posts += 1
        if not source.is_stub or prepared is not None:
            self._keep_old_addresses(source, plan)
        self._take_comments(plan, source)
        self._count(1)
        has_news = bool(plan.places.seats or plan.places.late)
        if not self.is_dry_run and has_news:
            recount(plan.post_id)
        if not self.is_dry_run and (has_news or prepared is not None):
            self.report.touched.append(plan.post_id)

    def _take_post(self, plan: Plan, source: ForeignPost, prepared: Prepared) -> None:
        """Report a new post, and write it with its tags and cover. A dry run only reports."""
        place = _title(source)
        self.report.lose([*source.losses, *prepared.losses], place)
        if source.is_stub:
            self.report.notes.append(
                _(
                    "There is no post here for “%(place)s”: a new draft holds its comments. Publish that, or move them."
                )
                % {"place": place}
            )
        is_page = source.kind == "page"
        self.report.pages += is_page
        self.report.posts += not is_page
        self.report.drafts += source.published_at is None
        slug = self._free_slug(source)
        author = self.authors.author_of(source)
        if self.is_dry_run:
            return
        post = self._post_of(source)
        post.pk, post.slug, post.author, post.body = plan.post_id, slug, author, prepared.body
        if prepared.cover is not None:
            post.cover = prepared.cover
            draw_smaller_covers(post, None)
        post.save(force_insert=True)
        if not is_page:
            post.tags.set([tag for each in source.tags if (tag := self._tag(each))])

    def _post_of(self, source: ForeignPost) -> Post:
        """A post with what its source tells, not saved. Key, slug, author and text are missing."""
        is_page = source.kind == "page"
        written_at = source.created_at or source.published_at or timezone.now()
        return Post(
            kind=Post.Kind.PAGE if is_page else Post.Kind.POST,
            title=_title(source),
            summary=excerpt(source.summary, 300),
            visibility=source.visibility,
            is_pinned=source.is_pinned and not is_page,
            published_at=source.published_at,
            comments_open=source.comments_open,
            created_at=written_at,
            updated_at=source.updated_at or source.published_at or written_at,
            cover_alt=one_line(source.cover_alt)[:200],
            source_key=self._key("post", source.key),
        )

    def _free_slug(self, source: ForeignPost) -> str:
        """Its slug on the old site, or one made from the title.

        If it is taken, a number and a note are added.
        """
        title = _title(source)
        named = name_of_page(title) if title in source.addresses else make_slug(title)
        wished = make_slug(unquote(source.slug), fold=False) or named or "post"
        probe = Post(kind=Post.Kind.PAGE if source.kind == "page" else Post.Kind.POST)
        slug = free_name(wished, 120, lambda slug: slug in self.slugs or probe.slug_is_taken(slug))
        if slug != wished and source.slug:
            self.report.notes.append(
                _("The web address “%(wished)s” is taken or too long: “%(title)s” gets “%(slug)s”.")
                % {"wished": wished[:120], "title": _title(source), "slug": slug}
            )
        if self.is_dry_run:
            self.slugs.add(slug)
        return slug

    def _keep_old_addresses(self, source: ForeignPost, plan: Plan) -> None:
        keys, title = old_keys(source, self.base), _title(source)
        self.report.notes += self.redirects.lead(keys, source.key, plan.post_id, title)

    def _tag(self, source: ForeignTag) -> Tag | None:
        name = one_line(plain_text(source.name))
        name = name if len(name) <= 50 else name[:49] + "…"
        slug = (make_slug(unquote(source.slug), fold=False) or make_slug(name))[:60].strip("-_")
        key = slug or name.lower()
        if name and key not in self.tags:
            self.tags[key] = (
                (Tag.objects.filter(slug=slug).first() if slug else None)
                or Tag.objects.filter(name__iexact=name).first()
                or Tag.objects.create(
                    name=name,
                    slug=free_name(slug or "tag", 60, lambda slug: Tag.objects.filter(slug=slug).exists()),
                    description=one_line(plain_text(source.description))[:500],
                )
            )
        return self.tags.get(key)

    # --- comments

    def _plan(self, source: ForeignPost, post: Post | None) -> Plan:
        marks, keys = self._marks(source)
        known = known_comments({number: self._key("comment", key) for number, key in keys.items()})
        here = {
            number: pk for number, (pk, post_id) in known.items() if post is not None and post_id == post.pk
        }

        def reserve(count: int) -> list[int]:
            return list(range(1, count + 1)) if self.is_dry_run else new_keys(Comment, count)

        places = places_for(marks, known, here, reserve, is_dry_run=self.is_dry_run)
        post_id = post.pk if post is not None else 0 if self.is_dry_run else new_keys(Post, 1)[0]
        self.report.known_comments += len(known)
        return Plan(post_id, post is None, places, marks, here)

    def _marks(self, source: ForeignPost) -> tuple[dict[int, Mark], dict[int, str]]:
        """The structure of a thread, with every parent imported, and the keys of the imported comments."""
        rows = list(self.spool.tree_of(source.key))
        numbers = {key: number for number, key, _parent, _when, _status in rows}
        marks, keys, place = dict[int, Mark](), dict[int, str](), _title(source)
        for number, key, parent, when, status in rows:
            if when is None and status in KEPT:
                self.report.lose(
                    [_("a comment without a readable date is given the date of its post")], place
                )
            when = when or source.published_at or source.created_at or timezone.now()
            above = numbers.get(parent, 0) if parent else 0
            if parent and not above and status in KEPT:
                self.report.lose(
                    [_("it replied to a comment that is not in the file, and becomes a top-level comment")],
                    place,
                )
            marks[number] = Mark(above, min(when, timezone.now()), KEPT.get(status, ""))
            if status in KEPT:
                keys[number] = key
            else:
                reason = LEFT_OUT.get(status) or _("comments with the status %(status)s") % {
                    "status": status[:40]
                }
                self.report.left_out[str(reason)] += 1
        self.report.lose([loss for _number, loss in settle_parents(marks)], place)
        return marks, keys

    def _take_comments(self, plan: Plan, source: ForeignPost) -> None:
        batch: list[Comment] = []
        late: dict[int, Comment] = {}
        wanted_late = set(plan.places.late)
        for number, foreign in self.spool.comments_of(source.key):
            self._count(1)
            if number in plan.places.seats:
                comment = self._comment(plan, number, foreign, source)
                place = plan.places.seats[number]
                comment.pk, comment.parent_id, comment.tree_id = place.pk, place.parent, place.tree
                comment.lft, comment.rght, comment.level = place.numbers
                batch.append(comment)
                if len(batch) >= BATCH:
                    self._write_batch(batch)
            elif number in wanted_late:
                late[number] = self._comment(plan, number, foreign, source)
        self._write_batch(batch)
        for number in plan.places.late:
            comment = late.pop(number)
            if not self.is_dry_run:
                comment.parent = Comment.objects.get(pk=plan.here[plan.marks[number].parent])
                comment.save()
            plan.here[number] = comment.pk

    def _comment(self, plan: Plan, number: int, foreign: ForeignComment, source: ForeignPost) -> Comment:
        mark, losses = plan.marks[number], set(foreign.losses)
        text = comment_markdown(foreign.body, foreign.body_format, self.base)
        losses |= text.losses
        if not text.text:
            losses.add(_("a comment without text is kept as “…”"))
        comment = Comment(
            post_id=plan.post_id,
            status=mark.status,
            created_at=mark.written_at,
            published_at=mark.written_at if mark.status == Comment.Status.PUBLIC else None,
            guest_name=name_of(foreign.name) or "A guest",
            guest_email=email_of(foreign.email.strip()).lower(),
            guest_url=guest_url(foreign.url) if foreign.url.strip() else "",
            source_key=self._key("comment", foreign.key),
        )
        comment.body = text.text or "…"
        if foreign.email.strip() and not comment.guest_email:
            losses.add(_("a guest’s invalid email address is left out"))
        if foreign.url.strip() and not comment.guest_url:
            losses.add(_("a guest’s link that is not a web address is left out"))
        if comment.is_held:
            comment.hold_reasons = [{"code": "import", "variant": "elsewhere"}]
        elif reasons := self.spam_check(comment):
            comment.status, comment.published_at, comment.hold_reasons = Comment.Status.HELD, None, reasons
        if not self.is_dry_run:
            comment.set_body(comment.body)
        self.report.comments += 1
        self.report.held += comment.is_held
        self.report.guests.add(comment.guest_email or comment.guest_name.lower())
        self.report.lose(losses, _title(source))
        return comment

    def _write_batch(self, batch: list[Comment]) -> None:
        if batch and not self.is_dry_run:
            Comment.objects.bulk_create(batch)
            comments_rewritten.send(sender=Comment, comments=[comment.pk for comment in batch])
        batch.clear()

    @cached_property
    def spam_check(self) -> Callable[[Comment], list[Reason]]:
        """The spam check: the reasons to review an imported comment before it is public again."""
        from moderation.spamfilter.checks import ImportCheck  # noqa: PLC0415 - the admin imports this file

        return ImportCheck().reasons

    def _count(self, more: int) -> None:
        self.done += more
        if self.done % BATCH == 0 or self.done == self.total:
            self.progress("Checking" if self.is_dry_run else "Importing", self.done, self.total)
            reset_queries()  # with DEBUG, Django stores every query


def _title(source: ForeignPost) -> str:
    title = one_line(plain_text(source.title)) or one_line(excerpt(plain_text(source.body), 60)) or "Untitled"
    return title if len(title) <= 200 else title[:199].rsplit(" ", 1)[0] + "…"
