"""Recent activity for the home page: the latest comments, revived discussions and new members.

Prepared queries.
"""

from datetime import datetime, timedelta
from functools import cache

from django.contrib.auth.models import AnonymousUser
from django.db.models import OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from core.prepared import A_MOMENT, A_NUMBER, NUMBERS, Prepared
from core.utils.exists import ExistsForEach
from posts.models import Post
from posts.services.home import READERS

# A discussion is revived by a comment of the last AWAKE days after ASLEEP days without one.
AWAKE, ASLEEP = timedelta(days=7), timedelta(days=30)
NEW_FOR = timedelta(days=60)
NEWEST_SHOWN = 4
SHOWN = 3
# How many of the recent comments are read.
COMMENTS_LOOKED_AT = 1_000
PEOPLE_SHOWN = 5
# How many of the newest members are read.
MEMBERS_LOOKED_AT = 200


def newest_of_all(reader: User | AnonymousUser) -> list[Comment]:
    """The latest comments on the site."""
    return _newest_of_all(reader.is_authenticated).all(now=timezone.now())


def revived_posts(reader: User | AnonymousUser) -> list[Post]:
    """Older posts with new comments after a month without any, newest first. Two queries."""
    since = timezone.now() - AWAKE
    keys = {post for (post,) in _commented_lately(COMMENTS_LOOKED_AT).rows(since=since)}
    if not keys:
        return []
    found = _revived_among(reader.is_authenticated).all(keys=keys, since=since, before=since - ASLEEP)
    return sorted(found, key=lambda post: (post.published_at, post.pk), reverse=True)[:SHOWN]


def newcomers(reader: User | AnonymousUser) -> list[User]:
    """New members with something that everyone can read, newest first. Two queries.

    The newest members are read by a query of their own, in the order of an index. Otherwise PostgreSQL,
    without statistics, reads the comments of all new members and sorts them.
    """
    now = timezone.now()
    lately = [member for (member,) in _joined_since.rows(since=now - NEW_FOR)]
    if not lately:
        return []
    sees_hidden = reader.is_authenticated and reader.is_moderator
    return _new_among(sees_hidden).all(keys=lately, reader=reader.pk or 0, now=now)


@cache
def _newest_of_all(is_member: bool) -> Prepared[Comment]:
    return Prepared(
        lambda now: (
            Comment.objects.public_of_all()
            .discoverable_by(READERS[is_member], now)
            .newest(NEWEST_SHOWN)
            .select_related("author", "post", "parent__author")
            .defer("body")
        ),
        now=A_MOMENT,
    )


@cache
def _commented_lately(count: int) -> Prepared[Comment]:
    public = Comment.objects.public_of_all()
    return Prepared(
        lambda since: (
            public.filter(created_at__gte=since).newest_first().values_list("post", flat=True)[:count]
        ),
        since=A_MOMENT,
    )


@cache
def _revived_among(is_member: bool) -> Prepared[Post]:
    """before: the posts are older, and have no comment between this time and `since`."""

    def make(keys: list[int], since: datetime, before: datetime) -> QuerySet[Post]:
        rest = Comment.objects.public_of_all().filter(
            post=OuterRef("pk"), created_at__lt=since, created_at__gte=before
        )
        # What was published before that time is published now.
        posts = Post.objects.each_listed_for(READERS[is_member], before).filter(pk__in=keys)
        return posts.exclude(ExistsForEach(rest.order_by())).order_by()

    return Prepared(make, keys=NUMBERS, since=A_MOMENT, before=A_MOMENT)


_joined_since: Prepared[User] = Prepared(
    lambda since: (
        User.objects.filter(date_joined__gte=since)
        .order_by("-date_joined", "-pk")
        .values_list("pk", flat=True)[:MEMBERS_LOOKED_AT]
    ),
    since=A_MOMENT,
)


@cache
def _new_among(sees_hidden: bool) -> Prepared[User]:
    """Members with a public comment whom this reader finds (UserQuerySet.listed_for)."""

    def make(keys: list[int], reader: int, now: datetime) -> QuerySet[User]:
        wrote = Comment.objects.public_of_all().discoverable_by(AnonymousUser(), now)
        members = User.objects.filter(
            ExistsForEach(wrote.filter(author=OuterRef("pk")).order_by()), pk__in=keys
        )
        shown = members.listed_if(Q(), reader, sees_hidden=sees_hidden)
        return shown.order_by("-date_joined", "-pk")[:PEOPLE_SHOWN]

    return Prepared(make, keys=NUMBERS, reader=A_NUMBER, now=A_MOMENT)
