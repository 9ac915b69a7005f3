"""Imports what reader.py finds in a WordPress export.

The file is read twice. The first pass (survey.py) writes nothing: every comment is checked and converted, and
only the structure of the threads is kept. From that structure the tree numbers are computed, and in the
second pass the comments are inserted as they are read, in any order. A post with its comments is one
transaction: an error in one post does not affect the others, and a second run imports what the first did not.
"""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from functools import cached_property
from itertools import groupby
from typing import BinaryIO
from urllib.parse import unquote

from django.core.files.base import ContentFile
from django.db import DatabaseError, models, reset_queries, transaction
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
from posts.services.publishing import draw_smaller_covers
from transfer.imports.pictures import Pictures, forget_cover
from transfer.old_addresses import is_address_here
from transfer.threads import BATCH, Progress, known_comments, new_keys, number_above, places_for, quiet
from transfer.wordpress.authors import People
from transfer.wordpress.blocks import to_post_html
from transfer.wordpress.conversions import (
    description_of,
    email_of,
    free_name,
    guest_url,
    is_out,
    name_of,
    old_addresses_of,
    title_of,
)
from transfer.wordpress.items import WpComment, WpItem
from transfer.wordpress.markdown import to_markdown
from transfer.wordpress.media import Media, MediaFolder
from transfer.wordpress.reader import WxrError, read_wxr
from transfer.wordpress.result import Plan, Result, named
from transfer.wordpress.reused import with_reused
from transfer.wordpress.survey import Survey, Thread
from transfer.wordpress.tags import Words


class Importer:
    def __init__(
        self,
        found: Survey,
        *,
        author: User | None = None,
        is_dry_run: bool = False,
        progress: Progress = quiet,
        pictures: Pictures | None = None,
        media: dict[int, Media] | None = None,
        addresses: set[str] | None = None,
    ) -> None:
        """media and addresses: those of all files of the blog, if there are several."""
        self.found = found
        self.media_folder = MediaFolder(
            found.media if media is None else media,
            found.addresses if addresses is None else addresses,
            found.blog.link,
            pictures,
        )
        self.is_dry_run = is_dry_run
        self.progress = progress
        self.people = People(found, author, is_dry_run)
        self.result = Result()
        self.tags: dict[str, Tag] = {}
        self.slugs: set[str] = set()
        self.old_addresses: dict[str, int] = {}
        self.batch: list[Comment] = []

    def run(self, file: BinaryIO) -> Result:
        """Read the file again and write what is new, or only count it. WxrError if the file has changed."""
        pictures = self.media_folder.pictures
        before = len(pictures.found) if pictures else 0
        self._bring_pictures(file)
        self.total, self.done = self.found.comment_count, 0
        if not self.is_dry_run:
            number_above(Comment, self.found.highest)
        for item, things in groupby(read_wxr(file), key=lambda entry: getattr(entry, "item", 0)):
            if item in self.found.threads:
                self._import_item(item, (entry for entry in things if isinstance(entry, WpComment | WpItem)))
        self.result.people, self.result.notes = self.people.made, self.people.notes + self.result.notes
        self.result.pictures = len(pictures.found) - before if pictures else 0
        return self.result

    def _bring_pictures(self, file: BinaryIO) -> None:
        """Store the pictures of new posts before any post is written, so that no lock is held meanwhile."""
        if self.media_folder.has_sources and not self.is_dry_run:
            for entry in read_wxr(file):
                if (
                    isinstance(entry, WpItem)
                    and entry.item in self.found.threads
                    and self._is_new(entry.number)
                ):
                    self._converted(entry)
                    self.progress("Pictures", entry.item, 0)
            file.seek(0)
        self.media_folder.is_settled = not self.is_dry_run

    def _is_new(self, number: int) -> bool:
        return not Post.objects.filter(source_key=self.found.source_key("post", number)).exists()

    def _converted(self, source: WpItem) -> Words:
        self.media_folder.losses = set()
        if self.media_folder.pictures is not None:
            self.media_folder.pictures.losses = set()
        words = to_post_html(
            with_reused(source.content, self.found.reused),
            self.found.blog.link,
            self.media_folder,
            post=source.number,
            notes=source.meta.get("footnotes", ""),
        )
        return Words(words.text, words.losses | self.media_folder.losses)

    def _cover(self, thread: Thread, item: int) -> tuple[ContentFile | None, str]:
        """The featured picture of a new post and its alt text. Losses are recorded."""
        if not thread.thumbnail or not self._is_new(thread.number):
            return None, ""
        cover, alt, is_there = self.media_folder.cover(thread.thumbnail)
        if not is_there:
            self.found.lose(
                [_("a featured picture is left out: it’s neither in the export nor fetched")], item
            )
        return cover, alt

    def _import_item(self, item: int, things: Iterable[WpComment | WpItem]) -> None:
        """Import one post with its comments, or nothing of it."""
        made, notes, whole = len(self.people.made), len(self.people.notes), self.result
        self.result = Result()
        self.cover, self.cover_alt = self._cover(self.found.threads[item], item)
        try:
            # A dry run takes no lock.
            with nullcontext() if self.is_dry_run else transaction.atomic():
                plan = self._plan(self.found.threads[item])
                for entry in things:
                    if isinstance(entry, WpItem):
                        self.take_post(plan, entry)
                    else:
                        self.take_comment(plan, entry)
                        self._count()
            whole.add(self.result)
        except DatabaseError as error:
            if is_disk_full(error):  # every further post would fail for the same reason
                forget_cover(self.cover)
                raise
            self.batch = []
            self.tags.clear()
            self.people.forget(made, notes)
            forget_cover(self.cover)
            name = named(self.found.threads[item], 0)
            whole.failures.append(
                _("%(name)s was not imported: the database rejected it (%(error)s).")
                % {"name": name[0].upper() + name[1:], "error": one_line(str(error))[:200]}
            )
        self.result = whole

    def _count(self) -> None:
        self.done += 1
        if self.done % BATCH == 0:
            self.progress(
                "Checking" if self.is_dry_run else "Importing", min(self.done, self.total), self.total
            )
            reset_queries()  # with DEBUG, Django stores every query

    # --- positions

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

    @cached_property
    def spam_check(self) -> Callable[[Comment], list[Reason]]:
        """The spam check: the reasons to review an imported comment before it is public again."""
        from moderation.spamfilter.checks import ImportCheck  # noqa: PLC0415 - the admin imports this

        return ImportCheck().reasons

    # --- comments

    def take_comment(self, plan: Plan, source: WpComment) -> None:
        if source.is_copy:
            return
        if source.number in plan.seats:
            comment = self._comment(plan, source)
            place = plan.seats[source.number]
            comment.pk, comment.parent_id, comment.tree_id = place.pk, place.parent, place.tree
            comment.lft, comment.rght, comment.level = place.numbers
            self.batch.append(comment)
            if len(self.batch) >= BATCH:
                self._write_batch()
        elif source.number in plan.late:
            plan.read_late[source.number] = self._comment(plan, source)
        elif source.number in plan.thread.marks:
            self.result.known_comments += bool(plan.thread.marks[source.number].status)
        else:
            raise WxrError(
                _("comment %(number)s is new: the file changed while it was being read.")
                % {"number": source.number}
            )

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
        """Append replies to existing comments one by one, as if they were posted now."""
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
            is_page = source.kind == "page"
            self.result.pages += is_page
            self.result.posts += not is_page
            self.result.drafts += not is_out(source)
            self.result.new_posts.add(source.item)
            words, slug = self._converted(source), self._free_slug(source)
            self.found.lose(words.losses, source.item)
            if not self.is_dry_run:
                self._write_post(plan, source, author, slug, words.text)
        self._keep_old_addresses(plan, source)
        if plan.news and not self.is_dry_run:
            recount(plan.post_id)
        if not self.is_dry_run and (plan.news or author is not None):
            self.result.touched.append(plan.post_id)

    def _write_post(self, plan: Plan, source: WpItem, author: User, slug: str, body: str) -> None:
        now = timezone.now()
        is_page = source.kind == "page"
        post = Post(
            pk=plan.post_id,
            kind=Post.Kind.PAGE if is_page else Post.Kind.POST,
            title=title_of(source),
            summary=excerpt(source.excerpt, 300),
            meta_description=description_of(source),
            body=body,
            author=author,
            published_at=(source.written_at or now) if is_out(source) else None,
            is_pinned=source.is_sticky and not is_page,
            comments_open=source.is_open,
            created_at=source.written_at or now,
            updated_at=max(source.modified_at or source.written_at or now, source.written_at or now),
            source_key=self.found.source_key("post", source.number),
        )
        post.slug = slug
        if self.cover is not None:
            post.cover, post.cover_alt = self.cover, one_line(self.cover_alt)[:200]
            draw_smaller_covers(post, None)
        post.save(force_insert=True)
        if is_page:
            return
        named = [*source.tags, *self._with_ancestors(source.tags)]
        post.tags.set([tag for name, nicename in named if (tag := self._tag(name, nicename))])

    def _free_slug(self, source: WpItem) -> str:
        """Its slug on the blog, or one made from the title. If it is taken, a number and a note are added."""
        wished = make_slug(unquote(source.slug), fold=False) or make_slug(title_of(source)) or "post"
        probe = Post(kind=Post.Kind.PAGE if source.kind == "page" else Post.Kind.POST)
        slug = free_name(wished, 120, lambda slug: self._is_slug_taken(slug, probe))
        if slug != wished:
            self.result.notes.append(
                (
                    _(
                        "The web address “%(wished)s” is taken or too long: the page in line %(line)s gets “%(slug)s”."
                    )
                    if source.kind == "page"
                    else _(
                        "The web address “%(wished)s” is taken or too long: the post in line %(line)s gets “%(slug)s”."
                    )
                )
                % {"wished": wished[:120], "line": source.line, "slug": slug}
            )
        self.slugs.add(slug)
        return slug

    def _is_slug_taken(self, slug: str, probe: Post) -> bool:
        is_taken = probe.slug_is_reserved(slug) or Post.objects.filter(slug=slug).exists()
        return is_taken or (self.is_dry_run and slug in self.slugs)

    def _keep_old_addresses(self, plan: Plan, source: WpItem) -> None:
        for key in old_addresses_of(source, self.found.blog.link):
            if is_address_here(key, plan.post_id):
                self.result.notes.append(
                    _(
                        "The old address /%(key)s is an address of this site, and does not lead to a post: %(thread)s."
                    )
                    % {"key": key, "thread": named(plan.thread, 0)}
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
                    _("The old address /%(key)s already leads to another post: %(thread)s.")
                    % {"key": key, "thread": named(plan.thread, 0)}
                )

    def _with_ancestors(self, tags: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The ancestors of these categories, because WordPress lists a post in them too."""
        there, found = {nicename for _name, nicename in tags}, []
        for _name, nicename in tags:
            while (nicename := self.found.parents.get(nicename, "")) and nicename not in there:
                there.add(nicename)
                found.append((self.found.names.get(nicename, nicename), nicename))
        return found

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
                    description=excerpt(self.found.terms.get(nicename, ""), 500),
                )
            )
        return self.tags.get(key)
