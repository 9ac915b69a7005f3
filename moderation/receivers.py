"""Signal receivers of moderation: assessing profiles, making members known, the public log."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.signals import profile_changed
from comments.models import Comment
from comments.signals import comment_published, comment_thanked, guest_erased
from moderation import tasks
from moderation.models import DiscussionAction
from moderation.services import deletion, discussions, profiles
from posts.models import Post
from posts.signals import comments_switched


@receiver(profile_changed)
def assess_profile(sender: Any, member: User, is_same_text: bool = False, **_kwargs: Any) -> None:
    if not is_same_text:
        profiles.screen_profile(member)


@receiver(comment_published)
def assess_author(sender: Any, comment: Comment, **_kwargs: Any) -> None:
    """After a comment: a reply vouches for its recipient, and a newcomer's profile is assessed.

    In a task, since it locks other rows.
    """
    author = comment.author
    if author is None:
        return
    if not author.is_known or _answers_a_newcomer(comment):
        tasks.look_at_newcomers.enqueue(comment.pk)


def _answers_a_newcomer(comment: Comment) -> bool:
    if comment.is_new:  # the parent and its author were read with it
        answered = comment.parent.author if comment.parent is not None else None
        return answered is not None and not answered.is_known
    return (
        comment.parent_id is not None
        and User.objects.filter(comments=comment.parent_id, known_since=None, is_staff=False).exists()
    )


@receiver(comment_thanked)
def vouch_for_thanked_author(sender: Any, comment: Comment, by: User, **_kwargs: Any) -> None:
    if comment.author is not None and not comment.author.is_known:
        tasks.vouch_for.enqueue(comment.author_id, by.pk)


@receiver(comments_switched)
def log_switched_comments(sender: Any, post: Post, is_open: bool, by: User, **_kwargs: Any) -> None:
    """Not for a draft, where no one can comment."""
    if post.is_published:
        action = DiscussionAction.Action.OPEN if is_open else DiscussionAction.Action.SHUT
        discussions.note(post, action, by=by)


@receiver(guest_erased)
def forget_erased_texts(comments: list[int], **_kwargs: Any) -> None:
    deletion.forget_texts_of(comments)
