"""Signal receivers of comments, about their authors."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.db.models import F, Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.services.deletion import addresses_of
from accounts.signals import member_leaves, profile_changed
from comments.models import Comment, CommentMention, PendingComment
from comments.services.claims import ask_about, forget_question, open_questions
from comments.services.linked_pages import note_cards
from comments.signals import comment_published
from comments.tasks import renew_mentions
from comments.views.guests import publish_after_sign_in
from posts.models import Post


@receiver(profile_changed)
def renew_pages(sender: Any, member: User, **_kwargs: Any) -> None:
    """Expire cached pages, which contain the name, the picture and the links of members."""
    commented = Comment.objects.by(member).order_by().values("post")
    Post.objects.filter(Q(pk__in=commented) | Q(author=member)).update(thread_version=F("thread_version") + 1)
    if CommentMention.objects.filter(member=member, member__is_active=True).exists():
        renew_mentions.enqueue(member.pk)


@receiver(comment_published)
def fetch_linked_pages(comment: Comment, **_kwargs: Any) -> None:
    """Let the worker fetch the pages of its link cards."""
    note_cards(comment)


@receiver(post_save, sender=Comment)
def fetch_newly_linked_pages(
    instance: Comment, created: bool, update_fields: Any = None, raw: bool = False, **_kwargs: Any
) -> None:
    """An edit may have added a card. New comments are handled when they become public."""
    if not (raw or created) and "html" in (update_fields or ()) and instance.is_public:
        note_cards(instance)


@receiver(user_logged_in)
def publish_pending_comment(sender: Any, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Post the pending comments of the browser after any way of signing in."""
    publish_after_sign_in(request, user)


@receiver(member_leaves)
def forget_pending_comments(member: User, **_kwargs: Any) -> None:
    PendingComment.objects.filter(email__in=addresses_of(member)).delete()


@receiver(post_save, sender=EmailAddress)
def ask_about_guest_comments(instance: EmailAddress, raw: bool = False, **_kwargs: Any) -> None:
    """Ask about guest comments when an address is confirmed, in whatever way."""
    if instance.verified and not raw:
        ask_about(instance.user, instance.email)


@receiver(post_delete, sender=EmailAddress)
def forget_claim_question(instance: EmailAddress, **_kwargs: Any) -> None:
    forget_question(User(pk=instance.user_id), instance.email)


@receiver([email_confirmed, user_logged_in])
def mention_open_questions(request: HttpRequest | None, user: User | None = None, **_kwargs: Any) -> None:
    """Show a message after each sign-in, until the member answers."""
    reader = user or getattr(request, "user", None)
    if request is None or reader is None or not reader.is_authenticated:
        return
    for question in open_questions(reader):
        words = ngettext(
            "%(count)d comment from %(years)s was written with %(email)s. Is it yours?",
            "%(count)d comments from %(years)s were written with %(email)s. Are they yours?",
            question.count,
        ) % {"count": question.count, "years": question.years, "email": question.claim.email}
        messages.info(
            request,
            format_html('{} <a href="{}">{}</a>', words, reverse("comments:claim-list"), _("Review them")),
            fail_silently=True,
        )
