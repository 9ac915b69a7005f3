"""Pending comments of visitors, until their author has signed in (docs/decisions/0019)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.services.email_codes import make_code, make_link_token
from accounts.services.profile import has_link
from comments.forms.comment import CommentForm
from comments.models import Comment, PendingComment
from comments.models.submission import Submission
from comments.services.discussion import check_visitor
from comments.services.drafts import draft_of
from core.tasks.mail import enqueue_mail
from core.utils.email import build_email
from core.utils.locks import lock_row
from core.utils.ratelimit import sender_key
from core.utils.text import storable
from core.utils.urls import absolute_url
from posts.models import Post

if TYPE_CHECKING:
    from comments.forms.guest import VisitorForm

# The fields of the form itself; others belong to the comment and are stored with it.
OWN_FIELDS = {"body", "name", "email", "link", "pending", "pictures", "picture_alt", "add_to"}
MAX_VALUES = 50
SESSION_KEY = "unsent"
MAX_REMEMBERED = 3


def save_pending(form: VisitorForm, submission: Submission) -> PendingComment:
    """Store a visitor's comment and email them the code that posts it. `form` must be valid.

    The same text again within COMMENT_DUPLICATE_MINUTES (a double click) is not stored twice. Raises
    TooFast and ValidationError (codes "closed", "members"), and then stores nothing.
    """
    data = form.cleaned_data
    with transaction.atomic():
        # Lock the pending comment before its post, like publish_pending, to avoid deadlocks.
        replaced = (
            PendingComment.objects.waiting().filter(pk=data["pending"]).select_for_update().first()
            if data["pending"]
            else None
        )
        post = lock_row(Post.objects, form.post.pk)
        check_visitor(post)
        same = PendingComment.objects.waiting().filter(
            post=post,
            email=data["email"],
            body=data["body"],
            name=data["name"],
            link=data["link"],
            code__sender=sender_key(submission.address),
            created_at__gt=timezone.now() - timedelta(minutes=settings.COMMENT_DUPLICATE_MINUTES),
        )
        if (twin := same.first()) is not None and twin.fields == _fields_of(form):
            return twin
        if replaced is not None:
            replaced.delete()
        pending = PendingComment.objects.create(
            post=post,
            body=data["body"],
            fields=_fields_of(form),
            name=data["name"],
            email=data["email"],
            link=data["link"],
            draft=draft_of(form.data),
            submission=submission.to_keep(without={"csrfmiddlewaretoken", *OWN_FIELDS, *form.fields}),
        )
        mail_code(pending, submission)
    return pending


HIDDEN_FIELD = gettext_lazy(
    "A hidden field was filled in, perhaps by your browser. It’s empty again: post your comment once more."
)
"""The message for those detected by `is_from_a_bot`, who may be human after all."""


def is_from_a_bot(submission: Submission) -> bool:
    """Whether one of VISITOR_CHECKS detects a bot. Then nothing is stored."""
    return any(import_string(path)(submission) for path in settings.VISITOR_CHECKS)


def _fields_of(form: VisitorForm) -> dict[str, list[str]]:
    names = [name for name in form.fields if name not in OWN_FIELDS]
    sent = cast(QueryDict, form.data)
    return {name: [storable(value[:300]) for value in sent.getlist(name)[:MAX_VALUES]] for name in names}


@transaction.atomic
def mail_code(pending: PendingComment, submission: Submission) -> None:
    """Email a new code to the author's address; older ones expire. The account is not looked up.

    Raises TooFast, and PendingComment.DoesNotExist if the comment was posted or deleted in the meantime.
    """
    # The lock makes the limits hold. The pending comment before its post, as in all locks.
    lock_row(PendingComment.objects, pending.pk)
    lock_row(Post.objects, pending.post_id)
    pending.code, digits = make_code(pending.email, sender_key(submission.address))
    pending.save(update_fields=["code"])
    link = absolute_url(
        reverse(
            "comments:pending-confirm",
            args=[pending.pk, make_link_token(link_purpose(pending), pending.email)],
        )
    )
    # Only the host: a stranger's text fits into the rest. The pages on the way show the whole link.
    host = (urlsplit(pending.link).hostname or "") if pending.link else ""
    context = {"code": digits, "link": link, "post": pending.post, "profile_link": host}
    template = "comments/email/pending"
    mail = build_email(
        pending.email, f"{template}_message", context, subject_template=f"{template}_subject.txt"
    )
    enqueue_mail(mail, is_urgent=True)


def link_purpose(pending: PendingComment) -> str:
    """The token of the link in an email: for this comment, and only until a newer email is requested."""
    return f"{pending.pk}:{pending.code_id}"


def remember(request: HttpRequest, pending: PendingComment) -> None:
    """Let the post's page link this browser to its pending comments. Only the last few are stored."""
    waiting = request.session.get(SESSION_KEY, {})
    waiting.pop(str(pending.post_id), None)
    waiting[str(pending.post_id)] = str(pending.pk)
    request.session[SESSION_KEY] = dict(list(waiting.items())[-MAX_REMEMBERED:])


def remembered(request: HttpRequest, post_id: int) -> PendingComment | None:
    """The pending comment that this browser sent for a post, or None."""
    if not request.session.session_key:
        return None
    pk = read_key(request.session.get(SESSION_KEY, {}).get(str(post_id), ""))
    return PendingComment.objects.waiting().fresh().filter(pk=pk).first() if pk else None


def publish_pending(pk: UUID, member: User) -> Comment | None:
    """Post a pending comment as `member`, like the member's own form, including its link (see `link_for`).

    It is posted once: later calls return the existing comment. None if the comment or the pending comment was
    deleted. Raises ValidationError and TooFast like CommentForm; the comment then stays pending.
    """
    with transaction.atomic():
        try:
            pending = lock_row(PendingComment.objects.select_related("post__author", "comment"), pk)
        except PendingComment.DoesNotExist:
            return None
        if pending.is_sent:
            return pending.comment
        form = CommentForm(as_typed(pending), post=pending.post, author=member)
        if not form.is_valid():
            raise ValidationError([error for errors in form.errors.values() for error in errors])
        return form.save(Submission.kept(pending.submission))


def link_left_out(pk: UUID | None, member: User) -> str:
    """The link of a pending comment if it is not used because its author is a member already; else ""."""
    pending = PendingComment.objects.waiting().filter(pk=pk).first() if pk else None
    return (
        pending.link
        if pending is not None and not pending.link_for(member) and not has_link(member, pending.link)
        else ""
    )


def as_typed(pending: PendingComment) -> QueryDict:
    """The text and its related fields as POST data."""
    data = QueryDict(mutable=True)
    for name, values in pending.fields.items():
        data.setlist(name, values)
    data["body"], data["pending"] = pending.body, str(pending.pk)
    return data


def as_initial(pending: PendingComment) -> dict[str, Any]:
    """Initial values for a form. Without the parent, which may be gone."""
    others = {name: values for name, values in pending.fields.items() if name != "parent"}
    return others | {
        "body": pending.body,
        "name": pending.name,
        "email": pending.email,
        "link": pending.link,
        "pending": pending.pk,
    }


def read_key(text: str) -> UUID | None:
    """Parse the key of a pending comment from a form or a session; None if it is invalid."""
    try:
        return UUID(text)
    except ValueError:
        return None


def discard_pending(pk: UUID | None) -> None:
    if pk is not None:
        PendingComment.objects.waiting().filter(pk=pk).delete()
