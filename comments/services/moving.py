"""Moving branches: a comment and all its replies keep everything except their position.

Authors, times, text, states, thanks and permalinks stay. Both posts are locked in the order of their keys,
and everything that is decided on is read again under the locks. See docs/decisions/0009-moving-branches.md.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.models import User
from comments.models import Comment
from comments.models.discussion import Discussion
from comments.services.writing import change_counters, lock_comment
from comments.signals import comments_rewritten
from core.models import SiteSettings
from core.utils.text import one_line
from core.utils.urls import absolute_url
from posts.models import KINDS_OF_HOST, Post


def posts_to_move_to(user: User) -> QuerySet[Post]:
    """The posts to which this member may move a branch: published ones, and drafts if they can edit posts."""
    return Post.objects.not_in_trash() if user.has_perm("posts.change_post") else Post.objects.published()


def move_branch(
    comment: Comment, *, to_post: Post, to_parent: Comment | None = None, by: User, back: bool = False
) -> Comment:
    """Move a branch to another post or another comment. Returns the moved comment.

    Among the replies there it is placed by key, that is, by time. A closed discussion accepts a branch too.

    to_parent: the new parent; None makes it a top-level comment of the post. back: undo a move; the parent
    may have been deleted since.

    Raises ValidationError (codes "post_gone", "parent_gone", "inside_itself", "same_place") if it cannot be
    moved there, and PermissionDenied for a draft.
    """
    with transaction.atomic():
        from_post, comment = lock_branch(comment, to_post)
        refuse_draft(to_post, by)
        parent = check_place(comment, to_post, to_parent, back=back)
        if to_post.pk != from_post.pk:  # pins belong to a post
            moved = comment.get_descendants(include_self=True)
            moved.exclude(pinned_at=None).update(pinned_at=None)
        was_root, old_tree = comment.parent_id is None, comment.tree_id
        size = Comment.objects.graft(comment, parent=parent, post_id=to_post.pk)
        comment = Comment.objects.select_related("post", "author").get(pk=comment.pk)
        if comment.tree_id != old_tree:
            Comment.objects.filter(tree_id=old_tree, parent=None).update(branch_size=F("branch_size") - size)
            if parent is not None:
                Comment.objects.filter(tree_id=comment.tree_id, parent=None).update(
                    branch_size=F("branch_size") + size
                )
        if was_root != (parent is None):
            Comment.objects.filter(pk=comment.pk).update(branch_size=size if parent is None else 1)
        if comment.post_id == from_post.pk:
            change_counters(from_post, 0)
        else:
            public = comment.get_descendants(include_self=True).public().count()
            change_counters(from_post, -public)
            change_counters(comment.post, +public)
            branch = comment.get_descendants(include_self=True).values_list("pk", flat=True)
            comments_rewritten.send(sender=Comment, comments=list(branch))
    return comment


def lock_branch(comment: Comment, to_post: Post) -> tuple[Post, Comment]:
    """Lock the post of a branch and the target post. Raises ValidationError (code "post_gone")."""
    try:
        return lock_comment(comment, to_post)
    except Post.DoesNotExist:
        raise ValidationError(_("This post no longer exists. Choose another."), code="post_gone") from None


def refuse_draft(post: Post, by: User) -> None:
    """Raise PermissionDenied for a post that this user may not move comments to."""
    if not posts_to_move_to(by).filter(pk=post.pk).exists():
        raise PermissionDenied(
            _("This post isn’t published. Only people who can edit posts can move comments there.")
        )


def check_place(
    comment: Comment, post: Post, parent: Comment | None, *, back: bool = False
) -> Comment | None:
    """Return the new parent. Raises ValidationError like move_branch if the branch cannot be moved there."""
    if (comment.post_id, comment.parent_id) == (post.pk, parent and parent.pk):
        raise ValidationError(_("The comment is already there."), code="same_place")
    if parent is None:
        return None
    found = Comment.objects.filter(pk=parent.pk, post=post).first()
    if found is None:
        raise ValidationError(_("This comment isn’t under that post."), code="parent_gone")
    if not (found.is_public or back):
        raise ValidationError(
            _("This comment isn’t public. Choose one that everyone can read."), code="parent_gone"
        )
    if found.tree_id == comment.tree_id and comment.lft <= found.lft <= comment.rght:
        raise ValidationError(
            _("This comment is one of those you’re moving. Choose a different one."), code="inside_itself"
        )
    return found


def split_branch(comment: Comment, *, title: str, by: User) -> Post:
    """Split a branch off as a post of its own, which says where it comes from. Returns the post.

    It is dated to the branch's first comment, which places it among the earlier posts. It is published like
    the old post, but not announced, since it contains nothing new. The same people may read it and comment.

    Raises ValidationError for a title that is empty or too long.
    """
    with transaction.atomic():
        old, comment = lock_comment(comment)
        post = Post(
            title=one_line(title),
            body=_introduction(comment),
            author=old.author if old.kind in KINDS_OF_HOST else _host_beside(by),
            published_at=comment.created_at if old.is_published else None,
            visibility=old.visibility,
            language=old.language,
            comments_open=old.comments_open,
        )
        post.clean_fields(exclude=["slug"])
        _save_with_free_slug(post)
        if rules := Discussion.objects.filter(post=old).first():
            rules.post = post  # the primary key, so this makes a new row
            rules.save(force_insert=True)
        move_branch(comment, to_post=post, by=by)
    return post


def _host_beside(moderator: User) -> User:
    """The author of a post split off from a member's, such as an event: the moderator, or a host."""
    by_hosts = Post.objects.posts().published().filter(author__is_staff=True, author__is_active=True)
    newest = by_hosts.newest_first().select_related("author").first()
    return moderator if moderator.is_host or newest is None else newest.author


def _save_with_free_slug(post: Post) -> None:
    try:
        with transaction.atomic():
            post.save()
    except IntegrityError:  # another request took the slug at the same moment
        post.slug = ""
        post.save()


def _introduction(comment: Comment) -> str:
    """It is stored, so it is in the site's language, not the moderator's."""
    with translation.override(SiteSettings.current().language_code):
        post = comment.post
        words = _("This discussion started under %(post)s and now has its own page.") % {
            "post": _link(post.get_absolute_url(), post.title)
        }
        if comment.parent is not None:
            words += " " + _("It also includes %(answered)s.") % {
                "answered": _link(comment.parent.get_absolute_url(), _("the comment it replies to"))
            }
        return f"<p>{words}</p>"


def _link(path: str, words: str) -> str:
    return format_html('<a href="{}">{}</a>', absolute_url(path), words)
