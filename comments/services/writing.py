"""Publishing, editing and deleting comments.

Each function locks the post, reads again what it decides on, and updates the counters. Besides this module,
only comments/services/guest_writing.py, comments/services/moving.py and the importer write the tree.
"""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest
from django.db.models.signals import post_save
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.permissions import check_may_write
from comments.models import Comment, CommentMention, CommentRevision, Thanks
from comments.models.submission import Submission
from comments.services.checks import Opinion, collect_opinions
from comments.services.discussion import check_open, check_place, check_slow_mode
from comments.services.drafting import Draft, rates_of, twin_of
from comments.services.images import bind_pictures, check_picture_count, hold_pictures, settle_pictures
from comments.services.parents import parent_as_it_is, parent_now
from comments.services.seen import check_seen
from comments.signals import comment_called, comment_held, comment_published
from core.markup.links import links_in
from core.prepared import A_MOMENT, A_NUMBER, Prepared, PreparedInsert, setting
from core.utils.guessing import guess_language
from core.utils.locks import lock_row
from core.utils.ratelimit import check_hits, check_rates, check_stamps
from posts.models import Post

TREE_FIELDS = ["parent", "lft", "rght", "tree_id", "level", "html", "source_key"]


def publish_comment(
    *,
    post: Post,
    author: User,
    body: str,
    parent: Comment | None = None,
    and_store: Callable[[Comment], None] | None = None,
    submission: Submission | None = None,
    link: str = "",
    is_last_word: bool = False,
) -> Comment:
    """Publish a member's comment under a post, as the last reply to its parent.

    The same text sent twice within COMMENT_DUPLICATE_MINUTES (a double click, a reload) returns the
    existing comment, with `is_repeated` set. The comment may be held: check its status.

    and_store: called with the comment, also an existing one, before it is announced. It stores related rows
    of later apps. submission: how the text was sent, for the checks. link: the link that a new author will
    have on their profile, for the checks. is_last_word: post it even if comments and replies are closed,
    for the outcome of a decision.

    Raises ValidationError (codes "may_not_write", "closed", "branch_closed", "too_new", "parent_gone",
    "empty", "too_long", "too_many_pictures") and TooFast.
    """
    check_may_write(author)
    draft = Draft.of(Comment(post=post, parent=parent), author, body, submission, link)
    with transaction.atomic():
        post = draft.lock()
        check_may_write(author)
        there = parent_now(parent, post) if parent is not None else None
        rules = check_open(post, draft.rules_now(post, there), even_if_closed=is_last_word)
        if parent is not None:
            parent = draft.comment.parent = parent_as_it_is(there, post)
        check_place(rules, author, parent, even_if_closed=is_last_word)
        recent = draft.recent_now(post)
        twin = twin_of(draft.comment, body, recent)
        if twin is not None:
            twin.is_repeated = True
            if and_store is not None:
                and_store(twin)
            return twin
        check_slow_mode(rules, post, author)
        check_stamps([row.created_at for row in recent], rates_of(author))
        opinion = draft.settle(submission, link, rules)
        _store_new(draft.comment, opinion, and_store)
    return draft.comment


def _store_new(comment: Comment, opinion: Opinion, and_store: Callable[[Comment], None] | None) -> None:
    """Store a comment that was accepted, with everything that belongs to it, and announce it.

    The post is locked. and_store: as for publish_comment.
    """
    comment.created_at = timezone.now()  # under the lock, since comments are read in this order
    comment.hold_reasons = opinion.reasons
    comment.status = Comment.Status.HELD if comment.hold_reasons else Comment.Status.PUBLIC
    comment.published_at = comment.created_at if comment.is_public else None
    # Foreign keys refer to rows that were just read: validating them would cost a query each.
    comment.clean_fields(exclude=[*TREE_FIELDS, "post", "author"])
    Comment.objects.insert_node(comment, comment.parent, refresh_target=False)
    _store(comment)
    bind_pictures(comment)
    if comment.called_members:
        note_mentions(comment)
    if comment.parent is not None:
        grow_branch(comment)
    if and_store is not None:
        and_store(comment)
    if comment.is_public:
        _announce(comment)
    else:
        touch(comment.post)
        comment_held.send(sender=Comment, comment=comment)
    opinion.keep(comment)
    comment.is_new = False


_insert: PreparedInsert[Comment] = PreparedInsert(Comment)


def _store(comment: Comment) -> None:
    """Insert the row, like `save`, but by a prepared statement. Its place in the tree is set."""
    _insert(comment)
    comment._mptt_meta.update_mptt_cached_fields(comment)
    post_save.send(
        Comment, instance=comment, created=True, update_fields=None, raw=False, using=comment._state.db
    )


_branch_grows: Prepared[Comment] = Prepared(
    lambda tree: setting(Comment.objects.filter(tree_id=tree, parent=None), branch_size=F("branch_size") + 1),
    tree=A_NUMBER,
)


def grow_branch(comment: Comment) -> None:
    """Count a new reply in its branch."""
    _branch_grows.execute(tree=comment.tree_id)


def note_mentions(comment: Comment) -> tuple[list[User], bool]:
    """Update CommentMention from the HTML; unchanged rows stay.

    Returns the new members, and whether others were removed.
    """
    members = User.objects.filter(username__in=comment.called_members)
    had = set(comment.mentions.values_list("member", flat=True))
    gone, _by_model = comment.mentions.exclude(member__in=members).delete()
    CommentMention.objects.bulk_create(
        [CommentMention(comment=comment, member=member) for member in members], ignore_conflicts=True
    )
    return [member for member in members if member.pk not in had], bool(gone)


def edit_comment(
    comment: Comment, *, body: str, by: User, language: str | None = None, seen: str = ""
) -> Comment:
    """Edit the text, and keep the earlier version. After COMMENT_EDIT_WINDOW_MINUTES the edit is marked.

    seen: see check_seen. language: the author's choice ("" to guess it), or None to keep it. A change of
    the language alone is not an edit.

    The new text is checked like any other, always by COMMENT_EDIT_CHECKS, and may be held. A comment that
    was never public stays held, for the reasons of its current text. Raises ValidationError (codes
    "may_not_write", "gone" if it was removed or deleted in the meantime, "changed", "too_many_pictures")
    and TooFast.
    """
    check_may_write(by)
    with transaction.atomic():
        _post, comment = lock_comment(comment)
        if not comment.is_editable_by(by):
            raise ValidationError(
                _(
                    "This comment was removed while you were writing. Your text is below; copy it if you want to keep it."
                ),
                code="gone",
            )
        language = None if language == comment.language else language
        if comment.body == body:
            if language is not None:
                _change_language(comment, language, by)
            return comment
        check_seen(comment, seen)
        check_rates(CommentRevision.objects.filter(edited_by=by), settings.COMMENT_CHANGE_RATES)
        _store_edit(comment, body, language, by)
        called, are_others_gone = note_mentions(comment)
        _check_edited(comment)
        if (called or are_others_gone) and comment.is_public:
            comment_called.send(sender=Comment, comment=comment, members=called)
    return comment


def _store_edit(comment: Comment, body: str, language: str | None, by: User) -> None:
    """Keep the earlier version and store the new text. Sets `has_more`: links or pictures were added."""
    is_marked = not comment.is_in_edit_window and comment.is_public
    CommentRevision.objects.create(
        comment=comment, body=comment.body, html=comment.html, edited_by=by, is_marked=is_marked
    )
    former_urls = {link.url for link in links_in(comment.html)}
    hold_pictures(by, body)
    comment.set_body(body)
    if language is not None:
        comment.language = language or guess_language(body)
    check_picture_count(comment)
    if is_marked:
        comment.edited_at = timezone.now()
    comment.clean_fields(exclude=TREE_FIELDS)
    comment.save(update_fields=[*Comment.BODY_FIELDS, "edited_at"])
    has_pictures = bind_pictures(comment)
    comment.has_more = bool(has_pictures) or any(
        link.url not in former_urls for link in links_in(comment.html)
    )


def _change_language(comment: Comment, language: str, by: User) -> None:
    check_hits("comment-language", by.pk, settings.COMMENT_CHANGE_RATES)
    comment.language = language or guess_language(comment.body)
    comment.save(update_fields=["language"])
    touch(comment.post)


def _check_edited(comment: Comment) -> None:
    """Ask the checks about an edited text, and hold the comment if they have reasons against it."""
    never_public = comment.is_held and comment.published_at is None
    asks_all = never_public or comment.is_public
    opinion = collect_opinions(comment, only=None if asks_all else settings.COMMENT_EDIT_CHECKS)
    opinion.keep(comment)
    if comment.is_public and opinion.reasons:
        comment.hold_reasons = opinion.reasons
        comment.save(update_fields=["hold_reasons"])
        set_status(comment, Comment.Status.HELD)
        return
    if never_public:
        comment.hold_reasons = opinion.reasons or [{"code": "changed"}]
        comment.save(update_fields=["hold_reasons"])
    touch(comment.post)


def delete_comment(comment: Comment, *, by: User) -> bool:
    """Delete one's own comment. Replies stay, below a tombstone. Returns False if it was deleted already."""
    with transaction.atomic():
        _post, comment = lock_comment(comment)
        return comment.is_deletable_by(by) and set_status(comment, Comment.Status.DELETED)


def set_status(comment: Comment, status: Comment.Status) -> bool:
    """Publish, hold or hide a comment. Returns False, and changes nothing, if it already has that status.

    Every later change of a status is made here; moderation/services/decisions.py records who made it and
    why.
    """
    with transaction.atomic():
        post, locked = lock_comment(comment)
        if locked.status == status:
            return False
        was_public = locked.is_public
        locked.status = comment.status = status
        if locked.is_public and locked.published_at is None:
            locked.published_at = comment.published_at = timezone.now()
        locked.save(update_fields=["status", "published_at"])
        settle_pictures(locked)
        if locked.is_public:
            _announce(locked)
        else:
            if was_public:
                change_counters(post, -1)
            else:
                touch(post)
            if locked.is_held:
                comment_held.send(sender=Comment, comment=locked)
    return True


def lock_comment(comment: Comment, *others: Post) -> tuple[Post, Comment]:
    """Lock the post of a comment, and other posts with it, and read the comment again.

    If the branch moved to another post in the meantime, the locks are released and the right ones taken. So
    posts are always locked in the order of their keys, which prevents deadlocks.

    Raises TransactionManagementError outside a transaction, and Post.DoesNotExist.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("lock_comment needs a transaction.")
    while True:
        with transaction.atomic():
            posts = {
                pk: lock_row(Post.objects, pk)
                for pk in sorted({comment.post_id, *(post.pk for post in others)})
            }
            comment = Comment.objects.select_related("post", "author").get(pk=comment.pk)
            if comment.post_id in posts:
                return posts[comment.post_id], comment
            transaction.set_rollback(True)


def _announce(comment: Comment) -> None:
    change_counters(comment.post, +1, new=comment if comment.is_new else None)
    comment_published.send(sender=Comment, comment=comment)


def change_counters(post: Post, change: int, *, new: Comment | None = None) -> None:
    """Update the counters of a post after its number of public comments changed. Needs the lock of the post.

    new: the comment that was just written, which is then the newest without a query.
    """
    if new is not None:
        _one_more.execute(post=post.pk, at=new.created_at)
        return
    public = Comment.objects.for_post(post).public()
    newest = public.newest_first().values_list("created_at", flat=True).first()
    Post.objects.filter(pk=post.pk).update(
        comment_count=F("comment_count") + change,
        last_comment_at=newest,
        thread_version=F("thread_version") + 1,
    )


def _with_one_more(post: int, at: datetime) -> QuerySet[Post]:
    written = Value(at, DateTimeField())
    return setting(
        Post.objects.filter(pk=post),
        comment_count=F("comment_count") + 1,
        last_comment_at=Greatest(Coalesce(F("last_comment_at"), written), written),
        thread_version=F("thread_version") + 1,
    )


_one_more: Prepared[Post] = Prepared(_with_one_more, post=A_NUMBER, at=A_MOMENT)


def touch(post: Post) -> None:
    """Raise the version of the thread, so that cached pages expire. Needs the lock of the post."""
    Post.objects.filter(pk=post.pk).update(thread_version=F("thread_version") + 1)


def recount(post_id: int) -> None:
    """Set the counters of a post and its branches from its comments, after an import or a repair.

    Needs the lock of the post; sends no signals.
    """
    comments = Comment.objects.filter(post_id=post_id)
    size = (
        comments.filter(tree_id=OuterRef("tree_id"))
        .order_by()
        .values("tree_id")
        .annotate(size=Count("pk"))
        .values("size")
    )
    comments.filter(parent=None).update(branch_size=Subquery(size))
    thanks = Thanks.objects.filter(comment=OuterRef("pk")).order_by()
    counted = thanks.values("comment").annotate(count=Count("pk")).values("count")
    comments.filter(Q(thanks_count__gt=0) | Exists(thanks)).update(
        thanks_count=Coalesce(Subquery(counted), 0)
    )
    public = Comment.objects.filter(post_id=post_id).public()
    newest = public.newest_first().values_list("created_at", flat=True).first()
    Post.objects.filter(pk=post_id).update(
        comment_count=public.count(), last_comment_at=newest, thread_version=F("thread_version") + 1
    )
