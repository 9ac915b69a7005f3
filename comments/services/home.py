"""What goes on, for the home page: discussions that woke up, and who is new."""

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from comments.models.querysets import CommentQuerySet
from posts.models import Post

# Comments of so many days wake a discussion up in which nobody wrote for so many before.
AWAKE, ASLEEP = timedelta(days=7), timedelta(days=30)
NEW_FOR = timedelta(days=60)
SHOWN = 3
# So many posts with comments of these days are looked at.
LOOKED_AT = 200
PEOPLE_SHOWN = 5


def _public() -> CommentQuerySet:
    """Public comments, by "none of the other states": with "public", SQLite reads the index of the states."""
    others = {*Comment.Status.values} - {Comment.Status.PUBLIC.value}
    return Comment.objects.exclude(status__in=sorted(others)).order_by()


def woken_up(reader: User | AnonymousUser) -> list[Post]:
    """Older posts on which somebody has written again after a month of silence, the newest first. Two queries."""
    since = timezone.now() - AWAKE
    lately = Comment.objects.public().order_by().filter(created_at__gte=since)
    keys = list(lately.values_list("post", flat=True).distinct()[:LOOKED_AT])
    before = _public().filter(post=OuterRef("pk"), created_at__lt=since, created_at__gte=since - ASLEEP)
    posts = Post.objects.listed_for(reader).filter(pk__in=keys, published_at__lt=since - ASLEEP)
    found = posts.exclude(Exists(before)).order_by()
    return sorted(found, key=lambda post: (post.published_at, post.pk), reverse=True)[:SHOWN]


def newcomers(reader: User | AnonymousUser) -> list[User]:
    """Members who joined lately and have written something that everybody can read, the newest first. One query."""
    wrote = _public().discoverable_by(AnonymousUser()).filter(author=OuterRef("pk"))
    joined = User.objects.listed_for(reader).filter(date_joined__gte=timezone.now() - NEW_FOR)
    return [*joined.filter(Exists(wrote.order_by())).order_by("-date_joined", "-pk")[:PEOPLE_SHOWN]]
