"""Merging accounts: the comments and thanks (accounts/services/merging.py)."""

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from comments.models import Comment, PostThanks, Thanks
from comments.services.writing import touch
from comments.signals import comments_rewritten
from core.utils.locks import lock_row
from posts.models import Post


def _posts_of(other: User) -> list[int]:
    touched = Comment.objects.filter(Q(author=other) | Q(thanks__member=other)).order_by()
    return sorted(set(touched.values_list("post", flat=True)))


def lock_posts(kept: User, other: User) -> None:
    """Lock the posts of both, before the members and in the order of their keys, as moderation does.

    These include the posts of their birthdays, one of which may move (birthdays/services/merging.py).
    """
    birthdays = Post.objects.filter(kind=Post.Kind.BIRTHDAY, author__in=[kept, other])
    for post_id in sorted({*_posts_of(other), *birthdays.values_list("pk", flat=True)}):
        lock_row(Post.objects, post_id)


def move_comments(kept: User, other: User) -> None:
    """Move the comments post by post, each under its lock.

    No one thanks themselves, or the same comment twice.
    """
    for post_id in _posts_of(other):
        post = lock_row(Post.objects, post_id)
        comments = list(Comment.objects.filter(post=post, author=other).values_list("pk", flat=True))
        Comment.objects.filter(pk__in=comments).update(author=kept)
        thanked = _move_thanks(kept, other, post)
        thanks = Thanks.objects.filter(comment=OuterRef("pk")).order_by().values("comment")
        count = thanks.annotate(number=Count("pk")).values("number")
        Comment.objects.filter(pk__in=thanked).update(thanks_count=Coalesce(Subquery(count), 0))
        if comments:
            comments_rewritten.send(sender=Comment, comments=comments)
        touch(post)


def drop_thanks_to_oneself(kept: User, other: User) -> None:
    """Drop thanks for posts that are now by the same member.

    Thanks for the same post are dropped as rows move.
    """
    both = [kept, other]
    PostThanks.objects.filter(member__in=both, post__author__in=both).delete()


def _move_thanks(kept: User, other: User, post: Post) -> list[int]:
    """Returns the comments whose thanks must be counted again."""
    here = Thanks.objects.filter(member__in=[kept, other], comment__post=post)
    thanked = list(here.values_list("comment", flat=True))
    here.filter(comment__author=kept).delete()
    of_kept = list(here.filter(member=kept).values_list("comment", flat=True))
    here.filter(member=other, comment__in=of_kept).delete()
    here.filter(member=other).update(member=kept)
    return thanked
