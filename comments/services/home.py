"""What goes on, for the home page: discussions that woke up, and who is new."""

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from posts.models import Post

# Comments of so many days wake a discussion up in which nobody wrote for so many before.
AWAKE, ASLEEP = timedelta(days=7), timedelta(days=30)
NEW_FOR = timedelta(days=60)
SHOWN = 3
PEOPLE_SHOWN = 5


def woken_up(reader: User | AnonymousUser) -> list[Post]:
    """Older posts on which somebody has written again after a month of silence. One query, from the newest comments."""
    since = timezone.now() - AWAKE
    comments = Comment.objects.public().order_by()
    before = comments.filter(post=OuterRef("pk"), created_at__lt=since, created_at__gte=since - ASLEEP)
    posts = Post.objects.listed_for(reader).filter(published_at__lt=since - ASLEEP)
    posts = posts.filter(pk__in=comments.filter(created_at__gte=since).values("post")).exclude(Exists(before))
    return [*posts.newest_first()[:SHOWN]]


def newcomers(reader: User | AnonymousUser) -> list[User]:
    """Members who joined lately and have written something that everybody can read, the newest first. One query."""
    wrote = Comment.objects.public().discoverable_by(AnonymousUser()).filter(author=OuterRef("pk"))
    joined = User.objects.listed_for(reader).filter(date_joined__gte=timezone.now() - NEW_FOR)
    return [*joined.filter(Exists(wrote.order_by())).order_by("-date_joined", "-pk")[:PEOPLE_SHOWN]]
