"""Posts a received email as a comment, through the form and all its checks, or reports why not."""

import hashlib
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from email.utils import parseaddr
from enum import StrEnum
from functools import partial

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import InterfaceError, OperationalError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from comments.forms.comment import CommentForm
from comments.models import Comment
from comments.services.notices import held_message
from comments.services.reactions import thank
from core.models import SiteSettings
from core.tasks.mail import enqueue_mail
from core.utils.ratelimit import TooFast, check_hits
from core.utils.reasons import Reason, register_reasons
from core.utils.urls import absolute_url
from notifications.email.build import build_reply_note
from notifications.email.tokens import ReplyGrant, find_reply_grant, has_expired
from notifications.inbound.authenticity import Trust, route_of, trust_in
from notifications.inbound.automatic import is_warm, outlook_reaction, tapback_reaction
from notifications.inbound.bounces import read_report
from notifications.inbound.charsets import UNREADABLE
from notifications.inbound.images import CommentWithImages, with_pictures
from notifications.inbound.known_text import KnownText
from notifications.inbound.original import ours_for
from notifications.inbound.parse import IncomingEmail, is_readable, read_head, read_incoming
from notifications.inbound.strip_quotes import StrippedReply, part
from notifications.models import Notification, OutgoingEmail, ReplyMail
from notifications.services.suppression import usable_addresses
from posts.models import Post

logger = logging.getLogger(__name__)

Outcome = ReplyMail.Outcome


class InboundResult(StrEnum):
    """The result of processing a message, for the caller."""

    ANSWER = "a reply"
    AGAIN = "a reply that was processed before"
    REPORT = "a report about an email we sent"
    STRANGE = "not for this site"
    BROKEN = "unreadable"

    @property
    def is_done(self) -> bool:
        """Whether it needs no attention."""
        return self in {InboundResult.ANSWER, InboundResult.AGAIN, InboundResult.REPORT}


register_reasons({"mail_route": gettext_lazy("It came by email, and nothing proves who sent it.")})


class Refusal(Exception):
    """Why a reply cannot be posted, as a message for its author."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def take_mail(raw: bytes, *, is_whole: bool = True) -> InboundResult:
    """Process a message once, however often it is delivered.

    is_whole: False if it is longer than REPLY_MAX_BYTES and only its headers were fetched. Raises
    OperationalError and InterfaceError if the database is unavailable: deliver it again. Any error in the
    message itself results in BROKEN.
    """
    try:
        return _take(raw, is_whole)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("An email could not be processed; it is set aside.")
        return InboundResult.BROKEN


def _take(raw: bytes, is_whole: bool) -> InboundResult:
    head = read_head(raw)
    grant = find_reply_grant(head.recipients)
    if head.is_report and read_report(raw):
        return InboundResult.REPORT
    if grant is None:
        return InboundResult.STRANGE
    is_whole = is_whole and is_readable(raw)
    incoming = read_incoming(raw, is_whole=is_whole)
    key = hashlib.sha256(f"{grant} {incoming.key}".encode()).hexdigest()
    if ReplyMail.objects.filter(key=key).exists():
        return InboundResult.AGAIN
    member = User.objects.filter(pk=grant.member).first()
    row = ReplyMail(key=key, outcome=Outcome.REFUSED, member=member, route=route_of(incoming))
    reply = Reply(row, incoming, grant)
    try:
        with reply.in_the_authors_language():
            step = reply.read(is_whole)
    except Refusal as refusal:
        step = partial(reply.refuse, refusal)
    with transaction.atomic():
        stored, is_new = ReplyMail.objects.get_or_create(
            key=key, defaults={"outcome": row.outcome, "member": member, "route": row.route}
        )
        if not is_new:
            return InboundResult.AGAIN
        row.pk, row.created_at = stored.pk, stored.created_at
        try:
            with reply.in_the_authors_language():
                step()
        except Refusal as refusal:
            reply.refuse(refusal)
        row.save(force_update=True)
    return InboundResult.ANSWER


class _MailForm(CommentForm):
    """The form of the page. why_held: a reason to hold the comment that the page's checks cannot know.

    An existing comment with the same text stays as it is: nothing proves that its author sent the email.
    """

    why_held: Reason | None = None

    def store_extensions(self, comment: Comment, *, adds: bool = False) -> None:
        if not comment.is_new:
            return
        super().store_extensions(comment, adds=adds)
        if self.why_held is not None:
            comment.hold_reasons = [*comment.hold_reasons, self.why_held]
            comment.status, comment.published_at = Comment.Status.HELD, None
            comment.save(update_fields=["hold_reasons", "status", "published_at"])


class Reply:
    """An email to a signed address, to be posted as a comment."""

    def __init__(self, row: ReplyMail, incoming: IncomingEmail, grant: ReplyGrant) -> None:
        self.row, self.incoming, self.grant = row, incoming, grant
        self.names = [
            settings.REPLY_ADDRESS.partition("@")[0] + "+",
            settings.REPLY_ADDRESS,
            parseaddr(SiteSettings.current().from_email)[1],
            SiteSettings.current().title,
        ]
        self.ours: KnownText | None = None

    def in_the_authors_language(self) -> AbstractContextManager[None]:
        """Write notes in the language of the member to whom the address was given."""
        return self.row.member.reading() if self.row.member else nullcontext()

    def refuse(self, refusal: Refusal) -> None:
        self.row.detail = refusal.words[:300]
        self.send_note(refusal.words)

    def read(self, is_whole: bool) -> Callable[[], None]:
        """Return what to do with it: a function for a transaction, which stores the result.

        Both raise Refusal.

        Everything slow is done here, before that transaction: pictures are decoded and stored as in the form,
        unsent until a comment contains them.
        """
        if why := self.incoming.automatic or (
            "Message-ID" if OutgoingEmail.objects.filter(message_id=self.incoming.message_id).exists() else ""
        ):
            return partial(self._leave, why)
        author = self._author()
        trust = self._check_sender(author)
        post, parent = _place(self.grant)
        self._check_age(post, parent)
        if not is_whole:
            raise Refusal(
                _(
                    "Your email is too long, perhaps because of its attachments. Send only the text, or reply on the site."
                )
            )
        self.ours = ours_for(self.grant, post, parent)
        found = self._parted()
        reaction = (
            self.incoming.reaction
            or outlook_reaction(found.words, self.incoming.sender_name)
            or tapback_reaction(found.words, self.ours.is_quoted_by)
        )
        if reaction:
            return partial(self._react, reaction, author, parent, trust)
        taken = self._with_pictures(found, author)
        return partial(self._post, author, post, parent, found, taken, trust)

    def _check_sender(self, author: User) -> Trust:
        """How far it is certain that the member sent this email. Refuses a forged one."""
        trust = trust_in(self.incoming, author.pk, self.row.route)
        if trust is Trust.FORGED:
            raise Refusal(
                _(
                    "We couldn’t confirm that this email came from %(address)s, so it was not posted. If it was you, reply on the site."
                )
                % {"address": self.incoming.sender}
            )
        return trust

    def _check_age(self, post: Post, parent: Comment | None) -> None:
        """Refuse a reply to a notification that is older than REPLY_DAYS."""
        published_at = parent.published_at or parent.created_at if parent else post.published_at
        if has_expired(self.incoming.recipients, published_at):
            raise Refusal(
                _(
                    "Notifications can be replied to by email for %(days)d days. This one is older, so your reply was not posted. Reply on the site."
                )
                % {"days": settings.REPLY_DAYS}
            )

    def _leave(self, why: str) -> None:
        self.row.outcome, self.row.detail = Outcome.AUTOMATIC, why
        logger.info("An email to a reply address was sent automatically (%s); nothing was posted.", why)

    def _parted(self) -> StrippedReply:
        return part(self.incoming.text, self.names, self.ours, signature=self.incoming.signature)

    def _author(self) -> User:
        author = User.objects.public().filter(pk=self.grant.member).first()
        if author is None:
            raise Refusal(_("Your account here is closed, so your reply was not posted."))
        if not self.is_own_address:
            raise Refusal(
                _(
                    "A reply to one of your notifications came from an address that is not one of yours here, so it was not posted. "
                    "If it was you, reply from an address that you confirmed here, or reply on the site."
                )
            )
        return author

    @property
    def is_own_address(self) -> bool:
        return EmailAddress.objects.filter(
            user=self.grant.member, verified=True, email__iexact=self.incoming.sender
        ).exists()

    def _react(self, reaction: str, author: User, parent: Comment | None, trust: Trust) -> None:
        """A positive reaction becomes thanks; others are ignored."""
        self.row.outcome, self.row.detail = Outcome.AUTOMATIC, f"reaction {reaction}"[:300]
        if parent is not None and trust is Trust.PROVED and is_warm(reaction):
            with suppress(PermissionDenied, TooFast):
                thank(parent, by=author)

    def _with_pictures(self, found: StrippedReply, author: User) -> CommentWithImages:
        if UNREADABLE in found.words:
            raise Refusal(
                _(
                    "Some characters in your email are damaged, so it was not posted. Send it again as plain text, or reply on the site."
                )
            )
        taken = with_pictures(
            found.words, self.incoming, part(self.incoming.html_text, self.names, self.ours).words, author
        )
        if not taken.words:
            raise Refusal(
                " ".join(
                    [
                        *taken.notes,
                        _(
                            "We found nothing new in your email, so nothing was posted. Write your reply above the quoted email."
                        ),
                    ]
                )
            )
        return taken

    def _post(
        self,
        author: User,
        post: Post,
        parent: Comment | None,
        found: StrippedReply,
        taken: CommentWithImages,
        trust: Trust,
    ) -> None:
        comment = self._save(author, post, parent, taken.words, trust)
        self.row.comment, self.row.outcome = comment, Outcome.HELD if comment.is_held else Outcome.POSTED
        is_unproved = trust is Trust.UNPROVED
        if is_unproved and comment.is_repeated:
            self.row.route = ""  # a public comment does not prove an email that only repeats it
        if parent is not None:
            Notification.objects.filter(member=author, comment=parent).mark_seen()
        notes = [held_message(comment)] if comment.is_held else [_("Your comment was posted.")]
        if comment.is_held and is_unproved and not comment.is_repeated:
            notes.append(
                _("The first email that reaches us this way is reviewed; later ones are posted at once.")
            )
        notes += taken.notes
        if found.left_out:
            notes.append(
                _(
                    "We left out what looks like part of another email. It is below: if it belongs to your comment, add it there."
                )
            )
        if comment.is_held or taken.notes or found.left_out:
            self.send_note(" ".join(notes), words=found.left_out or None, edit=bool(found.left_out))

    def _save(self, author: User, post: Post, parent: Comment | None, words: str, trust: Trust) -> Comment:
        form = _MailForm(
            {"body": words, "parent": str(parent.pk) if parent else ""},
            post=post,
            author=author,
            parent=parent,
        )
        if trust is Trust.UNPROVED:
            form.why_held = {"code": "mail_route"}
        if form.is_valid():
            try:
                with transaction.atomic():
                    return form.save()
            except ValidationError as error:
                form.add_error("body", error)
            except TooFast as error:
                raise Refusal(
                    _(
                        "You’ve posted a lot in a short time, so your reply was not posted. Send it again in %d min."
                    )
                    % error.wait_minutes
                ) from None
        reasons = " ".join(str(reason) for errors in form.errors.values() for reason in errors)
        raise Refusal(_("Your reply was not posted: %(reason)s") % {"reason": reasons})

    def send_note(self, reason: str, *, words: str | None = None, edit: bool = False) -> None:
        """Email the member at their address here, never at the one an email claims to come from.

        words: the text that is returned; by default all the new text. edit: whether the link leads to editing
        the comment.
        """
        to = usable_addresses().filter(user=self.grant.member).values_list("email", flat=True).first()
        if self.row.member is None or to is None:
            return
        try:
            check_hits("reply-note", self.grant.member, settings.REPLY_NOTE_RATES)
        except TooFast:
            return
        own = self.is_own_address
        if words is None:
            found = self._parted()
            words = found.words or found.left_out
        with self.in_the_authors_language():
            note = build_reply_note(
                to,
                reason,
                words=words if own else "",
                url=absolute_url(self._place_to_look(edit=edit)),
                subject=self.incoming.subject if own else "",
                message_id=self.incoming.message_id if own else "",
                references=self.incoming.references if own else "",
            )
        enqueue_mail(note)

    def _place_to_look(self, *, edit: bool) -> str:
        if self.row.comment is not None and edit:
            return reverse("comments:comment-edit", args=[self.row.comment.pk])
        answered = (
            Comment.objects.public().filter(pk=self.grant.comment).select_related("post").first()
            if self.grant.comment
            else None
        )
        post = Post.objects.published().filter(pk=self.grant.post).first() if self.grant.post else None
        place = self.row.comment or answered or post
        return place.get_absolute_url() if place else "/"


def _place(grant: ReplyGrant) -> tuple[Post, Comment | None]:
    """The target of the reply. A comment may have moved to another post in the meantime."""
    if not (grant.comment or grant.post):
        raise Refusal(
            _(
                "The email you replied to was about several things, so your reply was not posted. Each of them has its own reply address beside it."
            )
        )
    parent = (
        Comment.objects.public().select_related("post", "author").filter(pk=grant.comment).first()
        if grant.comment
        else None
    )
    posts = Post.objects.published() if grant.member else Post.objects.listed()
    post = posts.filter(pk=parent.post_id if parent else grant.post).first()
    if post is None:
        raise Refusal(_("What you replied to is no longer there, so your reply was not posted."))
    return post, parent
