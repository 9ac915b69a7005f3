from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from mptt.querysets import TreeQuerySet

from core.utils.exists import ExistsForEach

if TYPE_CHECKING:
    from accounts.models import User
    from comments.models import Comment
    from posts.models import Post


# Columns of an author that threads don't show, so that they are not read with each comment.
NOT_SHOWN_OF_AUTHOR = ("bio", "bio_html", "password", "last_login", "last_active_at", "summary_due_at")


# What a moderator sees of others' comments.
SEEN_BY_MODERATORS = ~Q(status="deleted")


def may_see(user: User | AnonymousUser) -> Q:
    """What a reader may see: also their own held comments; moderators, all but deleted ones."""
    if not user.is_authenticated:
        return Q(status="public")
    if user.is_moderator:
        return SEEN_BY_MODERATORS
    return Q(status="public") | Q(status="held", author=user)


def without_public_contribution(now: datetime | None = None) -> Q:
    """Members whose comments were all held or removed, and who wrote no post. For settings.UNLISTED_MEMBERS.

    Members who wrote nothing, or deleted it themselves, are not included. Neither are staff. now: a
    parameter, for prepared queries.
    """
    from comments.models import Comment  # noqa: PLC0415 - models import querysets
    from posts.models import Post  # noqa: PLC0415

    own = Comment.objects.filter(author=OuterRef("pk"))
    posts = Post.objects.published(now).filter(author=OuterRef("pk"))
    # This condition comes first, because it is decided by the first comment of most members.
    return Q(
        Q(is_staff=False),
        ~ExistsForEach(own.public()),
        ExistsForEach(own.filter(status__in=["held", "removed", "spam"])),
        ~ExistsForEach(posts),
    )


def took_part(member: User, _now: datetime) -> list[models.QuerySet]:
    """Rows that show that a member was on the page of a post. For settings.KNOWN_POSTS."""
    from comments.models import Comment, ThreadVisit  # noqa: PLC0415 - models import querysets

    here = OuterRef("pk")
    return [
        Comment.objects.filter(post=here, author=member),
        ThreadVisit.objects.filter(post=here, member=member),
    ]


class CommentQuerySet(TreeQuerySet):
    """Comments. For display always start from `visible_to(reader)` or `public()`."""

    def for_post(self, post: Post) -> Self:
        return self.filter(post=post)

    def public(self) -> Self:
        """Comments that everyone may read who may read their post."""
        return self.filter(status="public")

    def public_of_all(self) -> Self:
        """The same, for lists of the newest on the site: those that have none of the other states.

        With the one state, SQLite would read the index of states, and PostgreSQL without statistics would
        assume it is rare.
        """
        return self.exclude(status__in=["deleted", "held", "removed", "spam"])

    def held(self) -> Self:
        """Awaiting review or blocked as spam; `awaited` and `turned_away` are the two halves."""
        return self.filter(status="held")

    def awaited(self) -> Self:
        """Comments that await review: held, but not as spam."""
        return self.filter(held_as="awaited")

    def turned_away(self) -> Self:
        """Blocked as spam by the filter: held, but no one is asked to review them."""
        return self.filter(held_as="turned_away")

    def not_gone(self) -> Self:
        """Comments that are public or held."""
        return self.filter(status__in=["public", "held"])

    def on_published_posts(self) -> Self:
        """Comments under posts that everyone can read.

        EXISTS, not IN: with a list of posts, SQLite without statistics reads the comments post by post and
        sorts them all.
        """
        from posts.models import Post  # noqa: PLC0415 - models import querysets

        return self.filter(ExistsForEach(Post.objects.published().filter(pk=OuterRef("post"))))

    def on_readable_posts(self, reader: User | AnonymousUser) -> Self:
        """Comments under posts and pages that the reader may open."""
        from posts.models import Post  # noqa: PLC0415

        return self.filter(ExistsForEach(Post.objects.readable_by(reader).filter(pk=OuterRef("post"))))

    def reached_by(self, reader: User | AnonymousUser, slug: str = "", **prepared: Any) -> Self:
        """What the reader may open by a comment's number, with this slug (PostQuerySet.reached_by)."""
        from posts.models import Post  # noqa: PLC0415

        posts = Post.objects.reached_by(reader, slug, **prepared).filter(pk=OuterRef("post"))
        return self.filter(ExistsForEach(posts))

    def for_members_at(self, slug: str) -> Self:
        from posts.models import Post  # noqa: PLC0415

        return self.filter(ExistsForEach(Post.objects.for_members_at(slug).filter(pk=OuterRef("post"))))

    def discoverable_by(self, reader: User | AnonymousUser, now: datetime | None = None) -> Self:
        """Comments under posts and pages that may be listed to the reader, for feeds and site-wide lists.

        now: a parameter, for prepared queries.
        """
        from posts.models import Post  # noqa: PLC0415

        posts = Post.objects.discoverable_by(reader, now).filter(pk=OuterRef("post"))
        return self.filter(ExistsForEach(posts))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Public comments, the reader's own held ones, and for moderators all not deleted by authors.

        The only query for display: pages, feeds, profiles and counts all use it.
        """
        return self.filter(may_see(user))

    def branches_shown_to(self, user: User | AnonymousUser) -> Self:
        """Top-level comments with something to show: their own text, or replies."""
        return self.filter(may_see(user) | Q(branch_size__gt=1), parent=None)

    def by(self, user: User) -> Self:
        return self.filter(author=user)

    def on_post_by(self, post: int, author: int) -> Self:
        """Comments of an author on a post.

        Always found by the post: the author may have thousands elsewhere.
        """
        found = self.filter(post=post).annotate(writer=Coalesce("author_id", "author_id"))
        return found.filter(writer=author)

    def of_guest(self, email: str) -> Self:
        """Public comments that a guest wrote with this address, in lowercase."""
        return self.filter(status="public", author=None, guest_email=email).exclude(guest_email="")

    def written_with(self, email: str) -> Self:
        """All comments of a guest with this address (in lowercase), except those claimed by a member."""
        return self.filter(author=None, guest_email=email).exclude(guest_email="")

    def with_links_or_pictures(self) -> Self:
        return self.filter(Q(link_count__gt=0) | Q(picture_count__gt=0))

    def with_authors(self) -> Self:
        """Read the authors with what is shown beside their names: picture and links."""
        return (
            self.select_related("author")
            .defer(*(f"author__{name}" for name in NOT_SHOWN_OF_AUTHOR))
            .prefetch_related("author__links")
        )

    def in_reading_order(self) -> Self:
        """Branches from the oldest to the newest, each comment followed by its replies."""
        return self.order_by("tree_id", "lft")

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def of_author_newest_first(self) -> Self:
        """For one author and one status, in index order: unpublished ones first, then by publication time."""
        return self.order_by(F("published_at").desc(nulls_first=True), "-created_at", "-pk")

    def newest(self, count: int) -> Self:
        """The newest `count`, in a subquery.

        So other tables are joined to these rows only, whatever the query planner assumes.
        """
        keys = self.newest_first().values("pk")[:count]
        return self.model._default_manager.filter(pk__in=keys).newest_first()

    def oldest_first(self) -> Self:
        return self.order_by("created_at", "pk")

    def tree_rows(self) -> Any:
        """The rows for comments.tree.repair.find_faults."""
        return self.order_by("tree_id", "lft", "pk").values_list(
            "pk", "parent_id", "tree_id", "lft", "rght", "level", "post_id", "branch_size"
        )


class PictureQuerySet(models.QuerySet):
    """Pictures in comments, and uploads whose comment was not posted yet."""

    def unsent(self) -> Self:
        """Uploaded, but in no comment."""
        return self.filter(comment=None)

    def usable_in(self, comment: Comment) -> Self:
        """Pictures that the comment may contain: its own, and those that its author has not sent yet."""
        own = Q(comment=comment.pk) if comment.pk else Q(pk=None)
        return self.filter(own | Q(comment=None, uploaded_by=comment.author_id) if comment.author_id else own)

    def due(self) -> Self:
        """Pictures that are no longer shown and can be deleted."""
        now = timezone.now()
        forgotten = Q(comment=None, created_at__lt=now - timedelta(hours=settings.PICTURE_UNSENT_HOURS))
        return self.filter(forgotten | Q(discard_at__lte=now))


class PendingCommentQuerySet(models.QuerySet):
    """Visitors' comments that wait for a code or a sign-in."""

    def waiting(self) -> Self:
        return self.filter(sent_at=None)

    def fresh(self) -> Self:
        """Not older than their links work."""
        return self.filter(created_at__gt=_oldest_pending())

    def due(self) -> Self:
        """Pending comments that are too old to be posted."""
        return self.filter(created_at__lte=_oldest_pending())


def _oldest_pending() -> datetime:
    return timezone.now() - timedelta(days=settings.PENDING_COMMENT_DAYS)
