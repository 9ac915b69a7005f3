"""Reasons to let a comment wait, named in settings.COMMENT_CHECKS. Each takes an unsaved or changed comment."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.models import Comment
from comments.services import Reason


def hold_new_members_links(comment: Comment) -> list[Reason]:
    """A new member's first comment with a link or a picture waits, until one with either has stood.

    New: nothing public written yet, or here for less than NEW_MEMBER_HOURS.
    """
    author = comment.author
    if author is None or not (comment.link_count or comment.picture_count) or author.is_host or author.is_moderator:
        return []
    public = Comment.objects.by(author).public().exclude(pk=comment.pk)
    is_new = author.date_joined > timezone.now() - timedelta(hours=settings.NEW_MEMBER_HOURS) or not public.exists()
    if not is_new or public.with_links_or_pictures().exists():
        return []
    if not comment.link_count:
        return [{"code": "new_member_picture", "text": _("The first comment with a picture of somebody new here.")}]
    return [{"code": "new_member_link", "text": _("The first comment with a link of somebody new here.")}]
