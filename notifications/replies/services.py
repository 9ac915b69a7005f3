"""From a mail that arrived to a comment that stands, by the form and all its checks; or to a word why not."""

import hashlib
import logging
from email.utils import parseaddr
from enum import StrEnum

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from comments.forms import CommentForm
from comments.models import Comment
from comments.views import said_of_held
from core.addresses import absolute_url
from core.ratelimit import TooFast, check_hits
from core.tasks import enqueue_mail
from notifications.bounces import read_report
from notifications.mail import build_reply_note
from notifications.models import Letter, Notification, ReplyMail
from notifications.recipients import usable_addresses
from notifications.replies.cutting import cut
from notifications.replies.reading import Incoming, read_incoming
from notifications.tokens import ReplyGrant, find_reply_grant
from posts.models import Post

logger = logging.getLogger(__name__)

Outcome = ReplyMail.Outcome


class Arrived(StrEnum):
    """What a message turned out to be, for whoever brought it here."""

    ANSWER = "an answer"
    AGAIN = "an answer that was taken before"
    REPORT = "a report about a mail of ours"
    STRANGE = "nothing for us"
    BROKEN = "not to be read"

    @property
    def is_done(self) -> bool:
        """Nobody need look at it any more."""
        return self in {Arrived.ANSWER, Arrived.AGAIN, Arrived.REPORT}


class Refusal(Exception):
    """Why an answer cannot be posted, in words for its writer."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def take_mail(raw: bytes, *, is_whole: bool = True) -> Arrived:
    """Do with a message what is to be done with it, once, however often it is brought.

    is_whole: False when it is longer than REPLY_MAX_BYTES and only its head was fetched. Raises OperationalError and
    InterfaceError when the database is away: bring it again. Whatever is wrong with the message itself ends in BROKEN.
    """
    try:
        return _take(raw, is_whole)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("A mail could not be read; it is set aside.")
        return Arrived.BROKEN


def _take(raw: bytes, is_whole: bool) -> Arrived:
    incoming = read_incoming(raw)
    grant = find_reply_grant(incoming.recipients)
    if incoming.is_report and read_report(raw):
        return Arrived.REPORT
    if grant is None:
        return Arrived.STRANGE
    with transaction.atomic():
        row, is_new = ReplyMail.objects.get_or_create(
            key=hashlib.sha256(f"{grant} {incoming.key}".encode()).hexdigest(),
            defaults={"outcome": Outcome.REFUSED, "member": User.objects.filter(pk=grant.member).first()},
        )
        if not is_new:
            return Arrived.AGAIN
        try:
            _answer(row, incoming, grant, is_whole)
        except Refusal as refusal:
            row.detail = refusal.words[:300]
            _send_word(row, incoming, refusal.words, grant)
        row.save()
    return Arrived.ANSWER


def _answer(row: ReplyMail, incoming: Incoming, grant: ReplyGrant, is_whole: bool) -> None:
    """Post it, and note in the row what became of it. Raises Refusal."""
    if why := incoming.automatic or ("Message-ID" if Letter.objects.filter(message_id=incoming.message_id).exists() else ""):
        row.outcome, row.detail = Outcome.AUTOMATIC, why
        return
    author = User.objects.public().filter(pk=grant.member).first()
    if author is None:
        raise Refusal(_("Your seat here is closed, so your answer was not posted."))
    if not EmailAddress.objects.filter(user=author, verified=True, email__iexact=incoming.sender).exists():
        raise Refusal(
            _(
                "An answer to an alert of yours came from an address that is not one of yours here, so it was not posted. "
                "If it was you: answer from an address that you confirmed here, or answer in place."
            )
        )
    post, parent = _place(grant)
    if not is_whole:
        raise Refusal(_("Your mail is too long to be taken, perhaps for its attachments. Send the words alone, or answer in place."))
    words = cut(incoming.text, [settings.REPLY_ADDRESS.partition("@")[0] + "+", parseaddr(settings.DEFAULT_FROM_EMAIL)[1], settings.SITE_NAME])
    if not words:
        raise Refusal(_("There was nothing in your mail but what it quotes, so nothing was posted. Write your answer above the quoted mail."))
    comment = _post(author, post, parent, words)
    row.comment, row.outcome = comment, Outcome.HELD if comment.is_held else Outcome.POSTED
    if parent is not None:
        Notification.objects.filter(member=author, comment=parent).mark_seen()
    if comment.is_held:
        _send_word(row, incoming, said_of_held(comment), grant)
    elif incoming.has_attachments:
        _send_word(row, incoming, _("Your answer stands there. What was attached to your mail was left out: pictures can be added in place."), grant)


def _place(grant: ReplyGrant) -> tuple[Post, Comment | None]:
    """Where the answer belongs: a comment may have moved to another post meanwhile."""
    if not (grant.comment or grant.post):
        raise Refusal(
            _("The email you answered was about several things, so your answer was not posted: each of them has a way to answer it beside it.")
        )
    parent = Comment.objects.public().select_related("post", "author").filter(pk=grant.comment).first() if grant.comment else None
    post = Post.objects.published().filter(pk=parent.post_id if parent else grant.post).first()
    if post is None:
        raise Refusal(_("What you answered is not there any more, so your answer was not posted."))
    return post, parent


def _post(author: User, post: Post, parent: Comment | None, words: str) -> Comment:
    form = CommentForm({"body": words, "parent": str(parent.pk) if parent else ""}, post=post, author=author, parent=parent)
    if form.is_valid():
        try:
            with transaction.atomic():
                return form.save()
        except ValidationError as error:
            form.add_error("body", error)
        except TooFast as error:
            minutes = -(-error.wait_seconds // 60)
            raise Refusal(_("You have written a lot in a short time, so your answer was not posted. Send it again in %d min.") % minutes) from None
    reasons = " ".join(str(reason) for errors in form.errors.values() for reason in errors)
    raise Refusal(_("Your answer was not posted: %(reason)s") % {"reason": reasons})


def _send_word(row: ReplyMail, incoming: Incoming, reason: str, grant: ReplyGrant) -> None:
    """Tell the member, at their own address here. Never the address a mail says it came from: that may be anybody's."""
    to = usable_addresses().filter(user=grant.member).values_list("email", flat=True).first()
    if row.member is None or to is None:
        return
    try:
        check_hits("reply-note", grant.member, settings.REPLY_NOTE_RATES)
    except TooFast:
        return
    answered = Comment.objects.public().filter(pk=grant.comment).select_related("post").first() if grant.comment else None
    post = Post.objects.published().filter(pk=grant.post).first() if grant.post else None
    place = row.comment or answered or post
    own = EmailAddress.objects.filter(user=grant.member, verified=True, email__iexact=incoming.sender).exists()
    words = cut(incoming.text, [settings.REPLY_ADDRESS.partition("@")[0] + "+", settings.SITE_NAME]) if own else ""
    note = build_reply_note(
        to,
        reason,
        words=words,
        url=absolute_url(place.get_absolute_url() if place else "/"),
        subject=incoming.subject if own else "",
        message_id=incoming.message_id if own else "",
        references=incoming.references if own else "",
    )
    enqueue_mail(note)
