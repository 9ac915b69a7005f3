"""Emails to subscribers: one post, or the posts of a week. Nothing in them tracks who opened them."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.markup.mail import mail_parts
from core.models import SiteSettings
from core.utils.email import build_email
from core.utils.optout import one_click_headers
from core.utils.site_locale import read_in
from core.utils.urls import absolute_url, mail_domain
from notifications.email.build import sender_name_for_replies
from notifications.email.tokens import SUBSCRIBER, Grant, unsubscribe_url
from notifications.models import Mailing, OutgoingEmail, Subscriber
from posts.models import Post

TEMPLATES = "notifications/email"


@dataclass(frozen=True)
class SubscriptionFoot:
    """The end of an email: why it came, and where to unsubscribe or get fewer."""

    manage_url: str
    is_weekly: bool = False


def preview_foot() -> SubscriptionFoot:
    """For a test email to the host, who needs no subscription for it."""
    return SubscriptionFoot(absolute_url(reverse("notifications:subscribe")))


def build_post_mail(
    to: str, post: Post, content: str, foot: SubscriptionFoot, *, message_id: str = "", is_test: bool = False
) -> EmailMultiAlternatives:
    """A post as a whole, or its summary (Mailing.Content)."""
    context = {
        "post": post,
        "url": post.get_canonical_url(),
        "description": post.description,
        "parts": mail_parts(post.body) if content == Mailing.Content.WHOLE else None,
        "cover_url": absolute_url(post.cover.url) if post.cover else "",
        "foot": foot,
        "is_test": is_test,
    }
    subject = _("[Test] %(title)s") % {"title": post.title} if is_test else post.title
    return _build(to, "post", context, subject, foot, message_id, is_test=is_test)


def build_issue_mail(
    to: str, posts: list[Post], foot: SubscriptionFoot, *, message_id: str = ""
) -> EmailMultiAlternatives:
    """The posts of a week, newest first, each with its summary and a link."""
    more = len(posts) - 1
    subject = _("%(site)s this week: %(title)s")
    if more:
        subject = ngettext(
            "%(site)s this week: %(title)s and %(count)d more post",
            "%(site)s this week: %(title)s and %(count)d more posts",
            more,
        )
    subject %= {"site": SiteSettings.current().title, "title": posts[0].title, "count": more}
    rows = [
        {"post": post, "url": post.get_canonical_url(), "description": post.description} for post in posts
    ]
    return _build(to, "posts_of_week", {"rows": rows, "foot": foot}, subject, foot, message_id)


def _build(
    to: str,
    template: str,
    context: dict,
    subject: str,
    foot: SubscriptionFoot,
    message_id: str,
    *,
    is_test: bool = False,
) -> EmailMultiAlternatives:
    headers = {"List-Id": f"<posts.{mail_domain()}>"} | sender_name_for_replies()
    if message_id:
        headers["Message-ID"] = message_id
    if not is_test:
        headers |= one_click_headers(foot.manage_url)
    return build_email(
        to,
        f"{TEMPLATES}/{template}",
        context,
        subject=subject,
        html_template=f"{TEMPLATES}/{template}.html",
        headers=headers,
        from_email=settings.REPLY_ADDRESS or None,
    )


def compose_mailing(email: OutgoingEmail) -> EmailMultiAlternatives | None:
    """A subscriber's email with the current text.

    None if they unsubscribed, their address is suppressed, or no post is left.
    """
    subscriber = Subscriber.objects.reachable().filter(letters=email).first()
    mailing = Mailing.objects.select_related("post__author").filter(letters=email).first()
    if subscriber is None or mailing is None:
        return None
    with read_in(subscriber.language):
        return _mailing_to(subscriber, mailing, email.message_id)


def _mailing_to(subscriber: Subscriber, mailing: Mailing, message_id: str) -> EmailMultiAlternatives | None:
    manage_url = unsubscribe_url(Grant(subscriber.pk, SUBSCRIBER, mailing.pk))
    foot = SubscriptionFoot(manage_url, is_weekly=subscriber.rhythm == Subscriber.Rhythm.WEEKLY)
    if mailing.post is None:
        posts = posts_of_issue(mailing, subscriber)
        return build_issue_mail(subscriber.email, posts, foot, message_id=message_id) if posts else None
    may_read = Subscriber.objects.filter(pk=subscriber.pk).who_may_read(mailing.post)
    if not mailing.post.is_published or not may_read.exists():
        return None
    return build_post_mail(subscriber.email, mailing.post, mailing.content, foot, message_id=message_id)


def posts_of_issue(issue: Mailing, subscriber: Subscriber) -> list[Post]:
    """The posts of a weekly email, without those that the subscriber already got at once."""
    had = OutgoingEmail.objects.filter(subscriber=subscriber, mailing__issue=issue).exclude(
        state__in=[OutgoingEmail.State.DROPPED, OutgoingEmail.State.FAILED]
    )
    member = EmailAddress.objects.filter(email=subscriber.email, verified=True, user__is_active=True).first()
    reader = member.user if member else AnonymousUser()
    posts = Post.objects.listed_for(reader).filter(mailing__issue=issue).newest_first().with_author()
    return list(posts.exclude(mailing__in=had.values("mailing")))
