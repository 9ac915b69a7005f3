"""Thanks for a comment are shown with it, but never totalled per member.

Thanks for a post are told to its author only.

All operations set a state, so repeating them (a double click, a reload) does no harm.
"""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.permissions import why_not_write
from comments.models import Comment, PostThanks, Thanks
from comments.services.writing import lock_comment, touch
from comments.signals import comment_thanked, post_thanked
from core.utils.ratelimit import check_hits
from posts.models import Post

# At most this many are named; the others are counted.
THANKERS_NAMED = 30


def thank(comment: Comment, *, by: User) -> bool:
    """Thank for a comment. Returns False if the member had already.

    Raises PermissionDenied with the reason for their own comment, one that is not public, and members who
    may not write; and TooFast.
    """
    if why := why_not_write(by):
        raise PermissionDenied(why)
    check_hits("thanks", by.pk, settings.THANKS_RATES)
    with transaction.atomic():
        _post, comment = lock_comment(comment)
        if comment.author_id == by.pk:
            raise PermissionDenied(_("You can’t thank yourself."))
        if not comment.is_public:
            raise PermissionDenied(_("This comment isn’t public, so you can’t say thanks for it yet."))
        # The lock is held, so this is one INSERT that cannot conflict.
        _thanks, is_new = Thanks.objects.get_or_create(comment=comment, member=by)
        if is_new:
            _count(comment, +1)
            comment_thanked.send(sender=Comment, comment=comment, by=by)
    return is_new


def withdraw_thanks(comment: Comment, *, by: User) -> bool:
    """Withdraw thanks for a comment. Returns False if there were none. Raises TooFast."""
    check_hits("thanks", by.pk, settings.THANKS_RATES)
    with transaction.atomic():
        _post, comment = lock_comment(comment)
        deleted, _by_model = Thanks.objects.filter(comment=comment, member=by).delete()
        if deleted:
            _count(comment, -1)
    return bool(deleted)


def thank_for_post(post: Post, *, by: User) -> bool:
    """Thank for a post that the member may read (the caller checks it). Returns False if they had already.

    Raises PermissionDenied with the reason for their own post and members who may not write; and TooFast.
    """
    if why := why_not_write(by):
        raise PermissionDenied(why)
    if post.author_id == by.pk:
        raise PermissionDenied(_("You can’t thank yourself."))
    check_hits("thanks", by.pk, settings.THANKS_RATES)
    with transaction.atomic():
        _thanks, is_new = PostThanks.objects.get_or_create(post=post, member=by)
        if is_new:
            post_thanked.send(sender=Post, post=post, by=by)
    return is_new


def withdraw_thanks_for_post(post: Post, *, by: User) -> bool:
    """Withdraw thanks for a post. Returns False if there were none. Raises TooFast."""
    check_hits("thanks", by.pk, settings.THANKS_RATES)
    deleted, _by_model = PostThanks.objects.filter(post=post, member=by).delete()
    return bool(deleted)


def _count(comment: Comment, change: int) -> None:
    Comment.objects.filter(pk=comment.pk).update(thanks_count=F("thanks_count") + change)
    touch(comment.post)


def members_who_thanked(comment: Comment, reader: User | AnonymousUser) -> tuple[list[User], int]:
    """The members who thanked for a comment, in order, and the number of others who are not named.

    Not named are those who closed their account, are banned, hide their profile, or are muted by the
    reader.
    """
    members = User.objects.listed().filter(pk__in=Thanks.objects.filter(comment=comment).values("member"))
    if isinstance(reader, User):
        members = members.exclude(pk__in=reader.muted_ids)
    named = list(members.order_by("pk")[:THANKERS_NAMED])
    return named, max(0, comment.thanks_count - len(named))
