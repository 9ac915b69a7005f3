"""Comments of people without an account: mentions by other sites and replies of invited guests.

Other visitors confirm an address first, which makes them members (docs/decisions/0019).
"""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from comments.models.querysets import CommentQuerySet
from comments.models.submission import Submission
from comments.services.checks import collect_opinions
from comments.services.discussion import check_branch, check_open, rules_beside
from comments.services.parents import parent_as_it_is, parent_now
from comments.services.writing import TREE_FIELDS, grow_branch, set_status, touch
from comments.signals import comment_held
from core.markup.newcomers import has_strange_links
from core.utils.locks import lock_row
from core.utils.ratelimit import check_rates
from core.utils.reasons import Reason, register_reasons
from posts.models import Post

register_reasons({"guest_link": _("A guest’s comment with a link.")})


def hold_comment_of_guest(
    *, post: Post, name: str, url: str, body: str, source_key: str, reason: str
) -> Comment:
    """Store what was written on another site, held for a moderator.

    source_key: where it is from; a known key returns the existing comment. reason: a registered code
    (core.utils.reasons). Raises ValidationError (code "closed", or that of a field).
    """
    comment = Comment(guest_name=name, guest_url=url, source_key=source_key)
    comment.set_body(body[: settings.COMMENT_MAX_CHARACTERS])
    with transaction.atomic():
        post = lock_row(Post.objects, post.pk)
        check_open(post)
        twin = Comment.objects.filter(source_key=source_key).first()
        if twin is not None:
            return twin
        _insert(comment, post, None, [{"code": reason}])
        touch(post)
        _notify_of_held_comment(comment)
    return comment


def post_comment_of_guest(
    *,
    parent: Comment,
    name: str,
    email: str,
    body: str,
    source_key: str,
    reasons: list[Reason],
    and_store: Callable[[Comment], None],
    submission: Submission | None = None,
) -> Comment:
    """Publish an invited guest's reply, or hold it for these reasons or those of settings.COMMENT_CHECKS.

    email: in lowercase. By this address the comment can be claimed, erased and answered, like those of
    imported guests. source_key: unique. and_store: as in `publish_comment`; it is called with the existing
    comment if the text was sent twice.

    It doesn't matter whether visitors may comment on the post, because the guest was invited. Raises
    ValidationError (codes "closed", "branch_closed", "parent_gone", and those of the checks) and TooFast.
    """
    comment = Comment(parent=parent, guest_name=name, guest_email=email, source_key=source_key)
    comment.set_body(body)
    with transaction.atomic():
        post = comment.post = lock_row(Post.objects, parent.post_id)
        there = parent_now(parent, post)
        check_open(post, rules_beside(there, post) if there else None)
        parent = comment.parent = parent_as_it_is(there, post)
        check_branch(parent)
        theirs = Comment.objects.written_with(email)
        if twin := _twin_of(comment, theirs):
            twin.is_repeated = True
            and_store(twin)
            return twin
        check_rates(theirs, settings.COMMENT_RATES["member"])
        opinion = collect_opinions(comment, submission)
        links: list[Reason] = [{"code": "guest_link"}] if has_strange_links(comment.html) else []
        _insert(comment, post, parent, [*opinion.reasons, *links, *reasons])
        grow_branch(comment)
        and_store(comment)
        opinion.keep(comment)
        if comment.hold_reasons:
            touch(post)
            _notify_of_held_comment(comment)
        else:
            set_status(comment, Comment.Status.PUBLIC)
    return comment


def _twin_of(comment: Comment, theirs: CommentQuerySet) -> Comment | None:
    since = timezone.now() - timedelta(minutes=settings.COMMENT_DUPLICATE_MINUTES)
    there = theirs.filter(parent=comment.parent, created_at__gt=since, body=comment.body)
    return there.filter(status__in=[Comment.Status.PUBLIC, Comment.Status.HELD]).first()


def _insert(comment: Comment, post: Post, parent: Comment | None, reasons: list[Reason]) -> None:
    """Insert it, held, as the last reply to its parent. Needs the lock of the post."""
    comment.post = post
    comment.status, comment.hold_reasons = Comment.Status.HELD, reasons
    comment.created_at = timezone.now()
    comment.clean_fields(exclude=[*TREE_FIELDS, "post", "author"])
    Comment.objects.insert_node(comment, parent, refresh_target=False)
    comment.save(force_insert=True)


def _notify_of_held_comment(comment: Comment) -> None:
    comment.is_new = True
    comment_held.send(sender=Comment, comment=comment)
    comment.is_new = False
