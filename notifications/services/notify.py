"""Creates notifications. Sending is notifications/email/delivery.py."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from accounts.models import User
from comments.models import Comment, CommentMention, Thanks, ThreadVisit
from core.prepared import PreparedInsert
from notifications.models import AdditionalParent, Device, FanOut, Notification, NotificationChannel, Push
from notifications.models.types import REVIEW, THANKS
from notifications.services.inbox import read_thankers
from notifications.services.recipients import (
    Draft,
    Reader,
    Reason,
    Recipient,
    Recipients,
    facts_of,
    reader_of,
    recipients_of,
    reviewers_of,
    ways_to,
)
from notifications.services.timing import in_their_time, next_bundle
from notifications.services.verdicts import MAILED, decide
from posts.models import Post

FOLLOWERS_AT_ONCE = 500
NOTIFY_AGAIN_AFTER = timedelta(days=1)


def _row(due_at: datetime, way: NotificationChannel, **fields: Any) -> Notification:
    """A notification, with its state and mail time set for its channel."""
    mailed = way in MAILED
    mail_at = (due_at if way == NotificationChannel.AT_ONCE else next_bundle(way, due_at)) if mailed else None
    state = Notification.State.WAITING if mailed else Notification.State.NO_MAIL
    return Notification(due_at=due_at, way=way, state=state, mail_at=mail_at, **fields)


def announce_comment(comment: Comment) -> None:
    """Create the notifications of a comment that becomes public. Runs in the transaction that publishes it.

    Recipients who are addressed get their rows at once; for all followers the worker gets one row. Repeating
    it changes nothing, except that rows of a comment that was hidden in between wait again.
    """
    due_at = timezone.now() + timedelta(seconds=settings.ALERT_WAIT_SECONDS)
    if comment.is_new:  # there are no rows yet
        notified = _recipients_of_new(comment).notified
        _insert_fan_out(FanOut(comment=comment, due_at=due_at))
        _insert_notifications(
            *in_their_time([_row_for(recipient, comment, due_at) for recipient in notified])
        )
        _announce_on_devices(comment, notified, due_at)
        return
    recipients = recipients_of(Draft.of_comment(comment))
    FanOut.objects.get_or_create(comment=comment, defaults={"due_at": due_at})
    had = notified_rows(comment)
    _update_unsent(comment, had, recipients.named)
    _notify_addressed(comment, had, recipients.notified, due_at)
    dropped = Notification.objects.of_publication(comment).filter(state=Notification.State.DROPPED)
    dropped.update(state=Notification.State.WAITING)


_insert_fan_out, _insert_notifications = PreparedInsert(FanOut), PreparedInsert(Notification)


def prepare_announcement(comment: Comment) -> None:
    """Decide on the recipients of a new comment before its post is locked, to hold the lock for less time.

    What changes in these milliseconds (a member's settings) counts as if the comment had been written
    earlier, except who wrote what and who can read it.
    """
    comment.__dict__["decided_recipients"] = recipients_of(Draft.of_comment(comment))


def _recipients_of_new(comment: Comment) -> Recipients:
    decided: Recipients | None = comment.__dict__.pop("decided_recipients", None)
    draft = Draft.of_comment(comment)
    is_still_so = (
        decided is not None and not comment.further_parents and decided.followers.draft.is_like(draft)
    )
    return decided if decided is not None and is_still_so else recipients_of(draft)


def announce_change(comment: Comment, newly_meant: Collection[Reader] = ()) -> None:
    """A public comment addresses others than before, by mentions or additional parents.

    Runs in the edit's transaction.

    Those newly addressed are notified, as announced under the form. Those no longer addressed are not, unless
    it was sent already. No one is notified twice, except those who were notified as followers before.
    """
    due_at = timezone.now() + timedelta(seconds=settings.ALERT_WAIT_SECONDS)
    recipients = recipients_of(Draft.of_comment(comment))
    had = notified_rows(comment)
    _update_unsent(comment, had, recipients.named)
    _notify_addressed(
        comment,
        had,
        [recipient for recipient in recipients.notified if recipient.reader in newly_meant],
        due_at,
    )


def notified_rows(comment: Comment) -> dict[Reader, Notification]:
    """The rows of those who are notified that it was posted."""
    return {(row.member_id, row.guest_email): row for row in Notification.objects.of_publication(comment)}


def _notify_addressed(
    comment: Comment, had: dict[Reader, Notification], recipients: list[Recipient], due_at: datetime
) -> None:
    """Create rows for recipients who have none. Those notified as followers get a new one."""
    new = [recipient for recipient in recipients if recipient.reader not in had]
    rows = in_their_time([_row_for(recipient, comment, due_at) for recipient in new])
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    followed = [
        recipient
        for recipient in recipients
        if recipient.reader in had and not had[recipient.reader].is_meant
    ]
    for recipient in followed:
        [row] = in_their_time([_row_for(recipient, comment, due_at)])
        row.pk, row.created_at = had[recipient.reader].pk, had[recipient.reader].created_at
        row.save(force_update=True)
    _announce_on_devices(comment, new + followed, due_at)


def _update_unsent(comment: Comment, had: dict[Reader, Notification], named: list[Recipient]) -> None:
    """Update rows that were not sent yet to the current comment: other reasons, or deleted."""
    by_reader = {recipient.reader: recipient for recipient in named}
    for reader, row in had.items():
        if not row.is_meant or not row.can_be_withdrawn:
            continue
        recipient = by_reader.get(reader)
        if recipient is None:
            row.delete()
            Push.objects.filter(
                comment=comment, device__member=row.member_id, state=Push.State.READY
            ).delete()
        elif recipient.is_notified and (recipient.way, [*recipient.reasons]) != (row.way, row.reasons):
            [anew] = in_their_time([_row_for(recipient, comment, row.due_at)])
            anew.pk, anew.created_at = row.pk, row.created_at
            anew.save(force_update=True)


def _announce_on_devices(comment: Comment, recipients: list[Recipient], due_at: datetime) -> None:
    """Create push messages for those who are addressed. Followers get none."""
    owners = [
        recipient.member.pk
        for recipient in recipients
        if recipient.member and recipient.type.is_pushed and vars(recipient.member).get("has_device", True)
    ]
    if not owners:
        return
    devices = Device.objects.filter(member__in=owners)
    Push.objects.bulk_create(
        [Push(device=device, comment=comment, due_at=due_at) for device in devices], ignore_conflicts=True
    )


def _row_for(recipient: Recipient, comment: Comment, due_at: datetime) -> Notification:
    return _row(
        due_at,
        recipient.way,
        member=recipient.member,
        guest_email=recipient.guest_email,
        guest_name=recipient.guest_name,
        comment=comment,
        reasons=[reason.value for reason in recipient.reasons],
        kind=recipient.type.key,
    )


def announce_review(comment: Comment) -> None:
    """Notify moderators that a comment awaits review, at once, and again if it is held again.

    Comments blocked as spam notify no one.
    """
    if comment.was_blocked:
        return
    now = timezone.now()
    reviewers = reviewers_of(comment)
    Notification.objects.filter(comment=comment, kind=REVIEW.key).delete()
    rows = in_their_time([_row_for(recipient, comment, now) for recipient in reviewers])
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    _announce_on_devices(comment, reviewers, now)


def worth_sending(rows: list[Notification]) -> list[Notification]:
    """Those of a reader's notifications that should still be emailed or shown on a device.

    Left out is what is no longer valid, and what its reader has dealt with on the site: marked as read or
    opened, replied to, thanked for, or seen with the whole discussion. The entries stay in the inbox.

    Needs the causes (with_causes). Four queries, and five more if there are thanks, whatever the number of
    entries.
    """
    if reader := next((row.member for row in rows), None):
        read_thankers(rows, reader)
    valid = [row for row in rows if row.is_still_valid and row.seen_at is None]
    members = {row.member_id for row in valid}
    comments = [row.comment_id for row in valid if row.comment_id and row.type.is_publication]
    if not comments or members == {None}:
        return valid
    dealt_with = _answered_or_thanked(comments, members)
    named = set(
        CommentMention.objects.filter(member__in=members, comment__in=comments).values_list(
            "comment", flat=True
        )
    )
    posts = {row.talk.pk for row in valid}
    visits = dict(
        ThreadVisit.objects.filter(member__in=members, post__in=posts).values_list("post", "looked_at")
    )

    def is_wanted(row: Notification) -> bool:
        comment = row.comment
        if comment is None or row.comment_id not in comments:
            return True
        is_named_no_more = row.reasons == [Reason.MENTION.value] and comment.pk not in named
        was_read = _was_seen(comment, visits.get(comment.post_id))
        return not (comment.pk in dealt_with or was_read or is_named_no_more)

    return [row for row in valid if is_wanted(row)]


def _answered_or_thanked(comments: list[int], members: set[int | None]) -> set[int]:
    """Those of these comments to which one of these members has replied, or for which they have thanked."""
    replies = Comment.objects.not_gone().filter(author__in=members, parent__in=comments)
    thanks = Thanks.objects.filter(member__in=members, comment__in=comments)
    return {*replies.values_list("parent", flat=True), *thanks.values_list("comment", flat=True)}


def _was_seen(comment: Comment, looked_at: datetime | None) -> bool:
    """Whether a visit to the discussion at that time showed the comment. A longer one has several pages."""
    return (
        looked_at is not None
        and comment.post.comment_count <= settings.COMMENTS_PER_PAGE
        and comment.published_at is not None
        and looked_at > comment.published_at
    )


def announce_thanks(comment: Comment, by: User) -> None:
    """Notify an author of thanks: one entry per comment, and a new one a day after it was read."""
    if comment.post.kind == Post.Kind.MEMORIAL:
        return  # candles are quiet
    facts = facts_of(Draft(post=comment.post, writer=by), comment.author_id) if comment.author_id else None
    verdict = decide(facts, [Reason.THANKS]) if facts else None
    if verdict is None or verdict.way == NotificationChannel.OFF:
        return
    now = timezone.now()
    row = _row(
        now + timedelta(seconds=settings.ALERT_WAIT_SECONDS),
        verdict.way,
        member_id=comment.author_id,
        comment=comment,
        reasons=[Reason.THANKS.value],
        kind=verdict.type.key,
    )
    Notification.objects.bulk_create(in_their_time([row]), ignore_conflicts=True)
    read_before = Notification.objects.filter(
        comment=comment, member=comment.author_id, kind=THANKS.key, due_at__lt=now - NOTIFY_AGAIN_AFTER
    )
    read_before.exclude(seen_at=None).update(
        seen_at=None, due_at=row.due_at, way=row.way, state=row.state, mail_at=row.mail_at, letter=None
    )


def announce_thanks_for_post(post: Post, by: User) -> None:
    """Notify the author of a post of thanks, with one entry as for a comment."""
    facts = facts_of(Draft(post=post, writer=by), post.author_id)
    verdict = decide(facts, [Reason.POST_THANKS]) if facts else None
    if verdict is None or verdict.way == NotificationChannel.OFF:
        return
    now = timezone.now()
    due_at, kind = now + timedelta(seconds=settings.ALERT_WAIT_SECONDS), verdict.type.key
    row = _row(
        due_at,
        verdict.way,
        member_id=post.author_id,
        post=post,
        reasons=[Reason.POST_THANKS.value],
        kind=kind,
    )
    notifications = Notification.objects.filter(post=post, member=post.author_id)
    notifications.exclude(kind=kind).delete()  # that it was published, from before they became its author
    notifications.filter(due_at__lt=now - NOTIFY_AGAIN_AFTER).exclude(seen_at=None).delete()
    Notification.objects.bulk_create(in_their_time([row]), ignore_conflicts=True)


def announce_about_post(post: Post, members: Iterable[int], reason: Reason) -> int:
    """Notify members of something about a post, for a reason. Returns how many are notified.

    It replaces their notification about this post, read or not: there is one row per member.
    """
    keys, count, now = [*members], 0, timezone.now()
    for start in range(0, len(keys), FOLLOWERS_AT_ONCE):
        recipients = ways_to(post, keys[start : start + FOLLOWERS_AT_ONCE], reason)
        rows = [
            _row(now, verdict.way, member_id=pk, post=post, reasons=[reason.value], kind=verdict.type.key)
            for pk, verdict in recipients.items()
        ]
        Notification.objects.filter(post=post, member__in=recipients).delete()
        Notification.objects.bulk_create(in_their_time(rows), ignore_conflicts=True)
        count += len(rows)
    return count


def announce_outcome(comment: Comment, members: Collection[int]) -> None:
    """Notify those who took part in a decision of the comment with its outcome, before its followers are."""
    keys, due_at = [*members], timezone.now() + timedelta(seconds=settings.ALERT_WAIT_SECONDS)
    for start in range(0, len(keys), FOLLOWERS_AT_ONCE):
        recipients = ways_to(
            comment.post, keys[start : start + FOLLOWERS_AT_ONCE], Reason.OUTCOME, comment.author
        )
        rows = [
            _row(
                due_at,
                verdict.way,
                member_id=pk,
                comment=comment,
                reasons=[Reason.OUTCOME.value],
                kind=verdict.type.key,
            )
            for pk, verdict in recipients.items()
        ]
        Notification.objects.bulk_create(in_their_time(rows), ignore_conflicts=True)


def announce_highlight(comment: Comment, by: User, reason: Reason) -> None:
    """Notify an author that their comment was marked or corrected: one entry, renewed if it happens again."""
    if comment.author_id is None or comment.author_id == by.pk:
        return
    facts = facts_of(Draft(post=comment.post, writer=by), comment.author_id)
    verdict = decide(facts, [reason]) if facts else None
    if verdict is None or verdict.way == NotificationChannel.OFF:
        return
    due_at = timezone.now() + timedelta(seconds=settings.ALERT_WAIT_SECONDS)
    row = _row(
        due_at,
        verdict.way,
        member_id=comment.author_id,
        comment=comment,
        reasons=[reason.value],
        kind=verdict.type.key,
    )
    Notification.objects.filter(comment=comment, member=comment.author_id, kind=verdict.type.key).delete()
    Notification.objects.bulk_create(in_their_time([row]), ignore_conflicts=True)


def announce_post(post: Post) -> None:
    """Notify the host's followers of a new post once it is published. A post is announced only once."""
    due_at = max(post.published_at or timezone.now(), timezone.now()) + timedelta(
        seconds=settings.ALERT_WAIT_SECONDS
    )
    fan_out, is_new = FanOut.objects.get_or_create(post=post, defaults={"due_at": due_at})
    if not is_new and not fan_out.is_done:
        FanOut.objects.filter(pk=fan_out.pk, is_done=False).update(due_at=due_at)


def fan_out_batch(fan_out: FanOut) -> bool:
    """Write the rows of a batch of followers. Returns whether there are more.

    The rows and the progress are written in one transaction, so the next worker continues after one was
    killed.
    """
    with transaction.atomic():
        there = (
            FanOut.objects.select_for_update(of=("self",))
            .select_related("comment__post", "post")
            .filter(pk=fan_out.pk)
            .first()
        )
        if there is None or there.is_done:  # its comment was deleted, or another worker was faster
            return False
        fan_out = there
        comment, post = fan_out.comment, fan_out.post
        is_public = (
            comment.is_public if comment else post is not None and post.is_published and post.is_announced
        )
        if not is_public:
            _cancel_fan_out(fan_out)
            return False
        draft = Draft.of_comment(comment) if comment else Draft.of_post(cast(Post, post))
        recipients, after = recipients_of(draft).followers.batch(fan_out.done_up_to, FOLLOWERS_AT_ONCE)
        now = timezone.now()
        rows = [
            _row(
                now,
                verdict.way,
                member_id=pk,
                comment=comment,
                post=post,
                reasons=[reason.value for reason in reasons],
                kind=verdict.type.key,
            )
            for pk, reasons, verdict in recipients
        ]
        Notification.objects.bulk_create(in_their_time(rows), ignore_conflicts=True)
        fan_out.done_up_to, fan_out.is_done = after or fan_out.done_up_to, after is None
        fan_out.save(update_fields=["done_up_to", "is_done"])
        return after is not None


def _cancel_fan_out(fan_out: FanOut) -> None:
    """Drop the fan-out of what is not public any more.

    An approved comment is announced again by its approval, a rescheduled post when it is published.
    """
    FanOut.objects.filter(pk=fan_out.pk).delete()
    post = fan_out.post
    if post is not None and post.is_scheduled and post.is_announced:
        announce_post(post)


def address_comments(comment: Comment, answered: list[Comment], *, adds: bool = False) -> None:
    """Store the further comments that this one replies to, without its parent and itself.

    adds: existing ones stay. If the comment was announced before, the authors of new ones are notified.
    """
    if not answered and (adds or comment.is_new):
        return
    before = set(AdditionalParent.objects.filter(comment=comment).values_list("answered", flat=True))
    wanted = {other.pk: other for other in answered if other.pk not in {comment.pk, comment.parent_id}}
    new = [other for pk, other in wanted.items() if pk not in before]
    gone = set() if adds else before - set(wanted)
    if gone:
        AdditionalParent.objects.filter(comment=comment, answered__in=gone).delete()
    AdditionalParent.objects.bulk_create(
        [AdditionalParent(comment=comment, answered=other) for other in new], ignore_conflicts=True
    )
    if comment.is_new:
        comment.further_parents = sorted(new, key=lambda other: other.pk)
    if comment.is_public and (new or gone) and FanOut.objects.filter(comment=comment).exists():
        announce_change(comment, {reader_of(other) for other in new})


def keep_in_inbox_only() -> None:
    """Put everything that waits into the inboxes, at the time of its cause, and email none of it.

    For demo content.
    """
    written = Comment.objects.filter(pk=OuterRef("comment_id")).values("created_at")
    waiting = Notification.objects.filter(comment__isnull=False, letter=None)
    waiting.update(state=Notification.State.NO_MAIL, mail_at=None, due_at=Subquery(written))
    FanOut.objects.filter(comment__isnull=False).update(is_done=True)
