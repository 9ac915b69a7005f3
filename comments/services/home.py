"""What goes on, for the home page: discussions that woke up, and who is new."""

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import OuterRef
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from core.utils.exists import ExistsForEach
from posts.models import Post

# Comments of so many days wake a discussion up in which nobody wrote for so many before.
AWAKE, ASLEEP = timedelta(days=7), timedelta(days=30)
NEW_FOR = timedelta(days=60)
SHOWN = 3
# So many comments of these days are looked at.
COMMENTS_LOOKED_AT = 1_000
PEOPLE_SHOWN = 5
# So many of those who joined last are looked at.
MEMBERS_LOOKED_AT = 200


def woken_up(reader: User | AnonymousUser) -> list[Post]:
    """Older posts on which somebody has written again after a month of silence, the newest first. Two queries."""
    since = timezone.now() - AWAKE
    public = Comment.objects.public_of_all()
    lately = public.filter(created_at__gte=since).newest_first().values_list("post", flat=True)
    keys = {*lately[:COMMENTS_LOOKED_AT]}
    before = public.filter(post=OuterRef("pk"), created_at__lt=since, created_at__gte=since - ASLEEP)
    posts = Post.objects.listed_for(reader).filter(pk__in=keys, published_at__lt=since - ASLEEP)
    found = posts.exclude(ExistsForEach(before.order_by())).order_by()
    return sorted(found, key=lambda post: (post.published_at, post.pk), reverse=True)[:SHOWN]


def newcomers(reader: User | AnonymousUser) -> list[User]:
    """Members who joined lately and have written something that everybody can read, the newest first. Two queries.

    Those who joined last are read by a statement of their own, in the order of an index: otherwise PostgreSQL without statistics
    asks of all who joined lately what they wrote, and sorts them.
    """
    since = timezone.now() - NEW_FOR
    joined = User.objects.filter(date_joined__gte=since).order_by("-date_joined", "-pk")
    lately = list(joined.values_list("pk", flat=True)[:MEMBERS_LOOKED_AT])
    wrote = Comment.objects.public_of_all().discoverable_by(AnonymousUser()).filter(author=OuterRef("pk"))
    shown = User.objects.listed_for(reader).filter(ExistsForEach(wrote.order_by()), pk__in=lately)
    return [*shown.order_by("-date_joined", "-pk")[:PEOPLE_SHOWN]] if lately else []
