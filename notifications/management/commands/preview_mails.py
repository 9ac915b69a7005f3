"""`manage.py preview_mails`: every type of email, for viewing in a browser and an email program."""

from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from core.markup.comments import render_markdown
from core.utils.urls import absolute_url, mail_domain
from moderation.models import Appeal, Decision, Restriction
from moderation.services.reminders import LongWait
from notifications.email.build import (
    Foot,
    Item,
    Threading,
    build_confirm_mail,
    build_consent_mail,
    build_mail,
    build_reply_note,
    build_subscribed_mail,
)
from notifications.email.posts import SubscriptionFoot, build_issue_mail, build_post_mail
from notifications.email.system import about, build_system_mail
from notifications.email.tokens import GUEST, Grant, ReplyGrant, reply_address, unsubscribe_url
from notifications.models import Reason, Subscriber
from notifications.models.types import REPLIES
from notifications.models.types import WORDS as WORDINGS
from posts.models import Post

WORDS = (
    "Thank you, all of you. I have been to every page you left here, and where there was a door I *knocked*.\n\n"
    "> where do you go to talk\n\nTo https://kitchen.example, mostly, and to the stove."
)


class Command(BaseCommand):
    help = "Writes one email of each kind into a folder, as .html, .txt and .eml. Nothing is sent; the people in them are made up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", default=str(Path(settings.VAR_DIR) / "mail-preview"))

    def handle(self, *, folder: str, **_options: Any) -> None:
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        for name, mail in self.make_mails().items():
            html = next(str(content) for content, kind in mail.alternatives if kind == "text/html")
            (place / f"{name}.html").write_text(html, encoding="utf-8")
            (place / f"{name}.txt").write_text(f"{mail.subject}\n\n{mail.body}", encoding="utf-8")
            (place / f"{name}.eml").write_bytes(mail.message().as_bytes())
            self.stdout.write(f"{name:12} {mail.subject}")
        self.stdout.write(f"Written to {place.resolve()}")

    def make_mails(self) -> dict[str, EmailMultiAlternatives]:
        to = f"reader@{mail_domain()}"
        why = str(WORDINGS[Reason.ANSWER].because)
        foot = Foot(unsubscribe_url(Grant(0, REPLIES.key, 0)), has_discussion=True, why=why)
        guest = Foot(unsubscribe_url(Grant(0, GUEST)), is_guest=True)
        threading = Threading(
            f"<preview@{mail_domain()}>", f"<talk@{mail_domain()}>", (f"<talk@{mail_domain()}>",)
        )
        items = {reason.value: self.make_item(reason) for reason in Reason}
        mails = {name: build_mail(to, [item], foot, threading) for name, item in items.items()}
        mails["guest"] = build_mail(to, [items["answer"]], guest, threading)
        mails["bundle"] = build_mail(to, list(items.values()), foot, threading)
        mails["bundle_of_one"] = build_mail(to, [items["talk"]], foot, threading, is_bundle=True)
        mails["reply_note"] = build_reply_note(
            to,
            "What you replied to is no longer there, so your reply was not posted.",
            words=WORDS,
            url=absolute_url("/posts/a-month/"),
            subject=str(mails["answer"].subject),
            message_id="",
            references="",
        )
        mails |= self.make_system_mails(to)
        mails["consent"] = build_consent_mail(to, absolute_url("/notifications/guests/…/"))
        return mails | self.make_mails_to_subscribers(to)

    def make_mails_to_subscribers(self, to: str) -> dict[str, EmailMultiAlternatives]:
        body = f"<h2>The first evening</h2>{render_markdown(WORDS).html}<blockquote><p>You first.</p></blockquote>"
        post = Post(
            pk=1,
            title="A month of saying yes to strangers",
            slug="a-month",
            body=body,
            summary="What happened when I did.",
            author=User(username="nora", display_name="Nora Quill"),
            published_at=timezone.now(),
        )
        subscriber = Subscriber(email=to, confirmed_at=timezone.now() - timedelta(days=90))
        page = absolute_url("/unsubscribe/…/")
        foot = SubscriptionFoot(page)
        return {
            "post": build_post_mail(to, post, "whole", foot),
            "post_summary": build_post_mail(to, post, "summary", foot, is_test=True),
            "posts_of_week": build_issue_mail(to, [post, post], SubscriptionFoot(page, is_weekly=True)),
            "subscribe_confirm": build_confirm_mail(to, "weekly", absolute_url("/subscribe/confirm/…/")),
            "subscribed": build_subscribed_mail(to, subscriber, page),
        }

    def make_system_mails(self, to: str) -> dict[str, EmailMultiAlternatives]:
        """Decisions by moderators, reviews that wait for them, and what members asked for."""
        member = User(username="nora", display_name="Nora Quill")
        comment = Comment(
            pk=1,
            author=User(username="kit", display_name="Kit"),
            post=Post(title="A month of saying yes to strangers"),
            body=WORDS,
            html=render_markdown(WORDS).html,
            created_at=timezone.now() - timedelta(hours=14),
        )
        comment.waiting_since = comment.created_at  # as read by the queue
        contexts = self.of_moderation(member, comment) | self.of_regular_contacts(comment)
        return {
            name: build_system_mail(
                name, to, member=member, **context | {"subject": about(context["subject"])}
            )
            for name, context in contexts.items()
        }

    def of_moderation(self, member: User, comment: Comment) -> dict[str, dict[str, Any]]:
        """The contexts of emails to members about decisions, and to moderators about what waits."""
        restriction = Restriction(
            kind="suspension",
            member=member,
            words="You posted the same advert three times.",
            ends_at=timezone.now() + timedelta(days=7),
        )
        appeal = Appeal(
            member=member, state="granted", answer="You’re right: we mistook you for someone else."
        )
        decision = Decision(comment=comment, action="remove", word="It was posted twice.")
        return {
            "restriction_set": {"subject": "Your account has been suspended", "restriction": restriction},
            "restriction_lifted": {"subject": "You can post again", "restriction": restriction},
            "appeal_answered": {"subject": "Your appeal was accepted", "appeal": appeal},
            "comments_removed": {"subject": "Your comment was removed", "decisions": [decision]},
            "waits_long": {
                "subject": "4 items are awaiting review",
                "waits": LongWait(hours=12, comment_count=3, appeal_count=1, comments=[comment]),
                "rows": [{"comment": comment, "url": absolute_url("/moderation/comments/1/")}],
                "queue_url": absolute_url("/moderation/"),
                "appeals_url": absolute_url("/moderation/appeals/"),
            },
        }

    def of_regular_contacts(self, comment: Comment) -> dict[str, dict[str, Any]]:
        """The contexts of emails that members asked for: about contacts, and discussions worth reading."""
        page = absolute_url("/posts/a-month/#comment-1")
        shared = {
            "read_url": page,
            "unsubscribe_url": absolute_url("/unsubscribe/…/"),
            "button": "Read on",
        }
        discussion = {"post": comment.post, "names": ("Kit",), "has_more": True}
        return {
            "in_touch": shared
            | {
                "subject": "You and Kit",
                "other": comment.author,
                "last": comment,
                "last_url": page,
                "profile_url": absolute_url("/members/kit/"),
            },
            "new_activity": shared
            | {"subject": "Worth going back to", "rows": [{"discussion": discussion, "url": page}]},
        }

    def make_item(self, reason: Reason) -> Item:
        return Item(
            writer="Nora Quill",
            reason=reason,
            title="A month of saying yes to strangers",
            url=absolute_url("/posts/a-month/#comment-1"),
            when=timezone.now(),
            words_text="What happened when I did." if reason == Reason.POST else WORDS,
            words_html="" if reason == Reason.POST else render_markdown(WORDS).html,
            yours="I am looking for people who have done such a thing before."
            if reason == Reason.ANSWER
            else "",
            talk_key="post-1",
            reply_to=reply_address(ReplyGrant(0, comment=1)),
        )
