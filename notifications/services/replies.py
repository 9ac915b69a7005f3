"""Replies to a member, as everyone may read them."""

from itertools import chain

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from comments.models import Comment
from comments.models.querysets import CommentQuerySet
from notifications.models import AdditionalParent


def newest_replies_to(member: User, *, limit: int) -> CommentQuerySet:
    """Public comments that reply to one of the member's, newest first, with authors and posts. Three queries.

    Without the member's own, and those of members they muted.
    """
    shown = Comment.objects.public().discoverable_by(AnonymousUser())
    shown = shown.exclude(author=member).exclude(author__in=member.mutes.values("muted"))
    direct = shown.filter(parent__author=member)
    others = AdditionalParent.objects.filter(answered__author=member).values("comment")
    # Separately: with OR, databases read all comments instead of the few.
    found = (
        some.newest_first().values_list("pk", flat=True) for some in (direct, shown.filter(pk__in=others))
    )
    pks = {*chain.from_iterable(pks[:limit] for pks in found)}
    return Comment.objects.filter(pk__in=pks).newest_first().select_related("author", "post")[:limit]
