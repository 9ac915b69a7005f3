"""Builds emails: their content as text and HTML, and the headers that email programs expect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.models import Comment
from core.markup.plain import excerpt, for_elsewhere, readable
from core.models import SiteSettings
from core.utils.email import build_email
from core.utils.optout import one_click_headers
from core.utils.punctuation import with_commas, with_semicolons
from core.utils.text import one_header
from core.utils.urls import absolute_url, mail_domain
from notifications.email.tokens import ReplyGrant, reply_address
from notifications.models import Notification, Reason, Subscriber
from notifications.models.types import WORDS

# Longer comments are shortened in emails.
WORDS_IN_MAIL = 4000
TITLE_IN_SUBJECT = 80
NAMES_IN_SUBJECT = 2
# A digest names at most this many items; the rest is a number and a link.
MAX_IN_MAIL = 20


@dataclass(frozen=True)
class Item:
    """An item of an email. words_html is from core.markup.comments."""

    writer: str
    reason: Reason
    title: str
    url: str
    when: datetime
    words_text: str = ""
    words_html: str = ""
    is_cut: bool = False
    # The badge of the writer: host or moderator.
    role: str = ""
    yours: str = ""
    # Actions for a comment that awaits review: (label, URL of a page that asks for confirmation).
    choices: tuple[tuple[str, str], ...] = ()
    talk_key: str = ""
    reply_to: str = ""

    @property
    def heading(self) -> str:
        return str(WORDS[self.reason].heading) % {"name": self.writer}

    @property
    def subject(self) -> str:
        return str(WORDS[self.reason].subject) % {
            "name": self.writer,
            "title": Truncator(self.title).chars(TITLE_IN_SUBJECT),
        }


@dataclass(frozen=True)
class Foot:
    """The end of an email: what can be changed without signing in."""

    unsubscribe_url: str
    reader: int = 0
    is_guest: bool = False
    has_discussion: bool = False
    why: str = ""


@dataclass(frozen=True)
class Threading:
    """The threading of an email in the reader's mailbox: its Message-ID and references."""

    message_id: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class More:
    """What an email only counts: the number of further items, and the names of all their authors."""

    count: int = 0
    names: tuple[str, ...] = ()


def item_of(notification: Notification, reader_pk: int | None) -> Item:
    """The content of an email about a notification that was read with its causes (with_causes)."""
    comment, talk = notification.comment, notification.talk
    reason = Reason(notification.reasons[0])
    if comment is None:
        return Item(
            writer=_writer_about_post(notification, reason),
            role=notification.writer.role if notification.writer else "",
            reason=reason,
            title=talk.title,
            url=talk.get_canonical_url(),
            when=notification.due_at,
            words_text=talk.description,
            talk_key=f"post-{talk.pk}",
            reply_to=_reply_address(reader_pk, post=talk.pk) if notification.type.is_publication else "",
        )
    is_cut = len(comment.body) > WORDS_IN_MAIL
    parent = comment.parent
    is_yours = (
        parent is not None
        and not parent.is_gone
        and (parent.author_id == reader_pk if reader_pk else parent.author_id is None)
    )
    return Item(
        writer=_writer(notification, comment, reason),
        role=notification.writer.role if notification.writer else "",
        reason=reason,
        title=talk.title,
        url=absolute_url(notification.path),
        when=comment.created_at,
        words_text=excerpt(comment.html, WORDS_IN_MAIL) if is_cut else words_of(comment),
        words_html="" if is_cut else for_elsewhere(comment.public_html),
        is_cut=is_cut,
        yours=excerpt(parent.html, 160) if is_yours and reason == Reason.ANSWER and parent else "",
        choices=notification.type.actions(comment),
        talk_key=f"post-{talk.pk}",
        reply_to=_reply_address(reader_pk, comment=comment.pk) if notification.type.is_publication else "",
    )


def _writer_about_post(notification: Notification, reason: Reason) -> str:
    """Who caused a notification about a post. The hosts together appear as the site."""
    if reason == Reason.POST_THANKS:
        return thanked_by(notification)
    writer = notification.writer
    return str(writer.get_display_name()) if writer else SiteSettings.current().title


def _writer(notification: Notification, comment: Comment, reason: Reason) -> str:
    """Who caused it: usually the author of the comment, but not if that is the reader."""
    if reason == Reason.THANKS:
        return thanked_by(notification)
    if reason in {Reason.CHOICE, Reason.CORRECTION}:
        return str(notification.writer.get_display_name())
    return comment.author_name


def words_of(comment: Comment) -> str:
    """The comment as typed. Pictures become their alt text, since their URLs in the text are internal."""
    if "(picture:" not in comment.body:
        return comment.body
    return readable(comment.body, dict(comment.pictures.values_list("pk", "alt")))


def why_mailed(rows: Sequence[Notification]) -> str:
    """Why a reader gets an email: each reason once, the most personal of each item."""
    reasons = sorted({Reason(row.reasons[0]) for row in rows}, key=list(Reason).index)
    return with_semicolons(dict.fromkeys(str(WORDS[reason].because) for reason in reasons))


def thanked_by(notification: Notification) -> str:
    """The last member who thanked, and the number of others."""
    name, more = notification.writer.get_display_name(), notification.further_thanks
    return (
        ngettext("%(name)s and one other", "%(name)s and %(count)d others", more)
        % {"name": name, "count": more}
        if more > 0
        else name
    )


def _reply_address(reader_pk: int | None, **what: int) -> str:
    """The Reply-To address. Guests cannot post."""
    return reply_address(ReplyGrant(reader_pk, **what)) if reader_pk else ""


def subject_of(items: Sequence[Item], more: More = More(), *, is_bundle: bool) -> str:
    if len(items) == 1 and not is_bundle:
        return items[0].subject
    names = list(dict.fromkeys([*(item.writer for item in items), *more.names]))
    who = with_commas(names[:NAMES_IN_SUBJECT])
    if further := len(names) - NAMES_IN_SUBJECT:
        who = (
            who
            if further < 0
            else ngettext("%(names)s and %(count)d more", "%(names)s and %(count)d more", further)
            % {"names": who, "count": further}
        )
    count = len(items) + more.count
    return ngettext(
        "One new notification at %(site)s: %(names)s",
        "%(count)d new notifications at %(site)s: %(names)s",
        count,
    ) % {
        "count": count,
        "site": SiteSettings.current().title,
        "names": who,
    }


def build_mail(
    to: str,
    items: Sequence[Item],
    foot: Foot,
    threading: Threading,
    *,
    is_bundle: bool = False,
    more: More = More(),
) -> EmailMultiAlternatives:
    """An email about one item or several. It can be replied to if its items have reply addresses."""
    is_single = len(items) == 1 and not is_bundle
    context = {
        "items": items,
        "item": items[0],
        "foot": foot,
        "more": more.count,
        "count": len(items) + more.count,
        "inbox_url": absolute_url(reverse("notifications:inbox")),
        "settings_url": absolute_url(reverse("notifications:settings")),
    }
    template = "notifications/email/single" if is_single else "notifications/email/bundle"
    return build_email(
        to,
        template,
        context,
        subject=subject_of(items, more, is_bundle=is_bundle),
        html_template=f"{template}.html",
        headers=_headers(items[0], foot, threading, is_single=is_single),
        from_email=settings.REPLY_ADDRESS or None,
    )


def _headers(first: Item, foot: Foot, threading: Threading, *, is_single: bool) -> dict[str, str]:
    headers = {
        "Message-ID": threading.message_id,
        "List-Id": f"<{first.talk_key if is_single else 'bundle'}.{mail_domain()}>",
    } | one_click_headers(foot.unsubscribe_url)
    if first.reply_to:
        # In a digest each item has an address of its own; replies to the whole get a note about that.
        headers["Reply-To"] = first.reply_to if is_single else reply_address(ReplyGrant(foot.reader))
        headers["X-Loop"] = settings.REPLY_ADDRESS
    if threading.in_reply_to:
        headers["In-Reply-To"] = threading.in_reply_to
    if threading.references:
        headers["References"] = " ".join(threading.references)
    return headers | sender_name_for_replies()


def sender_name_for_replies() -> dict[str, str]:
    """The From header, if `from_email` (the envelope, RFC 5321) is the mailbox that we read for bounces."""
    return {"From": SiteSettings.current().from_email} if settings.REPLY_ADDRESS else {}


def build_consent_mail(to: str, confirm_url: str) -> EmailMultiAlternatives:
    """Asks a guest of the imported blog to confirm that they want notifications of replies."""
    subject = _("Get notified when someone at %(site)s replies to you?") % {
        "site": SiteSettings.current().title
    }
    template = "notifications/email/consent"
    return build_email(
        to, template, {"confirm_url": confirm_url}, subject=subject, html_template=f"{template}.html"
    )


def build_confirm_mail(to: str, rhythm: str, confirm_url: str) -> EmailMultiAlternatives:
    """Asks someone who entered this address to confirm that they want new posts by email."""
    subject = _("Confirm: new posts from %(site)s by email") % {"site": SiteSettings.current().title}
    template = "notifications/email/subscribe_confirm"
    context = {"confirm_url": confirm_url, "is_weekly": rhythm == Subscriber.Rhythm.WEEKLY}
    return build_email(to, template, context, subject=subject, html_template=f"{template}.html")


def build_subscribed_mail(to: str, subscriber: Subscriber, manage_url: str) -> EmailMultiAlternatives:
    """For someone who entered an address that is subscribed already; the page has not told them."""
    subject = _("You already get new posts from %(site)s") % {"site": SiteSettings.current().title}
    template = "notifications/email/subscribed"
    context = {
        "manage_url": manage_url,
        "is_weekly": subscriber.rhythm == Subscriber.Rhythm.WEEKLY,
        "since": subscriber.confirmed_at,
    }
    return build_email(
        to,
        template,
        context,
        subject=subject,
        html_template=f"{template}.html",
        headers=one_click_headers(manage_url),
    )


def build_reply_note(
    to: str, reason: str, *, words: str, url: str, subject: str, message_id: str, references: str
) -> EmailMultiAlternatives:
    """Reports the result of a reply by email, and returns its text, so that nothing is lost."""
    context = {"reason": reason, "words": words[:WORDS_IN_MAIL], "url": url}
    headers = {"Auto-Submitted": "auto-replied", "X-Loop": settings.REPLY_ADDRESS}
    if message_id:
        headers |= {"In-Reply-To": message_id, "References": f"{references} {message_id}".strip()}
    about = one_header(subject) or SiteSettings.current().title
    about = about if about.lower().startswith("re:") else f"Re: {about}"
    template = "notifications/email/reply_note"
    return build_email(
        to, template, context, subject=about, html_template=f"{template}.html", headers=headers
    )
