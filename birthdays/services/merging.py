"""The birthdays of an account that is merged into another (accounts/services/merging.py)."""

from accounts.models import User
from comments.models import Comment
from comments.services.writing import recount
from comments.signals import comments_rewritten
from posts.models import Post
from posts.services.trash import purge_post, trash_post


def join_birthdays(kept: User, other: User) -> None:
    """Merge the birthdays: one person has one per year.

    If both accounts have a page for the year, the wishes move to that of the kept account, and the other URL
    redirects there.
    """
    of_kept = {birthday.year: birthday.post for birthday in kept.birthdays.select_related("post")}
    for birthday in other.birthdays.filter(year__in=of_kept).select_related("post"):
        _move_wishes(birthday.post, of_kept[birthday.year])
        trash_post(birthday.post, by=kept)
        purge_post(birthday.post)
        of_kept[birthday.year].keep_old_address(birthday.post.get_absolute_url())


def _move_wishes(post: Post, to_post: Post) -> None:
    """Both posts must be locked (comments.services.merging.lock_posts)."""
    wishes = Comment.objects.filter(post=post)
    moved = list(wishes.values_list("pk", flat=True))
    for wish in wishes.filter(parent=None):
        Comment.objects.graft(wish, parent=None, post_id=to_post.pk)
    for each in (post, to_post):
        recount(each.pk)
    comments_rewritten.send(sender=Comment, comments=moved)
