"""System emails to one person: moderators' decisions about them, and reminders to moderators.

They are not notifications: no one can turn off the email about their suspension. They are sent by tasks,
enqueued in the transaction that causes them.
"""

from dataclasses import dataclass
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import User
from comments.models import Comment
from core.models import SiteSettings
from core.tasks.mail import enqueue_mail
from core.utils.email import build_email
from core.utils.optout import OptOut
from core.utils.urls import absolute_url
from moderation.models import Appeal, Decision, Restriction
from moderation.services.reminders import REMINDERS, LongWait
from moderation.signals import (
    appeal_answered,
    author_concerned,
    comments_approved,
    restriction_lifted,
    restriction_set,
    waited_long,
)
from notifications.services.suppression import usable_addresses


@dataclass(frozen=True)
class Subject:
    """The subject of an email, translated when it is built, into its reader's language."""

    words: Any
    values: dict[str, Any]

    def __str__(self) -> str:
        return str(self.words % {"site": SiteSettings.current().title, **self.values})


def about(words: Any, **values: Any) -> Subject:
    """A subject. words: a lazy text, which may contain %(site)s."""
    return Subject(words, values)


def send_system_mail(
    what: str, *, to: User, subject: Subject, opt_out: OptOut | None = None, **context: Any
) -> None:
    """Send a system email to a member, unless their address is unusable: the site shows the same."""
    address = usable_addresses().filter(user=to).values_list("email", flat=True).first()
    if address is not None:
        enqueue_mail(build_system_mail(what, address, member=to, subject=subject, opt_out=opt_out, **context))


def build_system_mail(
    what: str,
    address: str,
    *,
    member: User,
    subject: Subject,
    opt_out: OptOut | None = None,
    **context: Any,
) -> EmailMultiAlternatives:
    """Build notifications/email/<what>.txt, and the same text as HTML with a button.

    The button leads to `queue_url` or `read_url` if given, else to the member's account status. URLs in the
    text are not links in the HTML, since some were written by others. opt_out: the kind of email, if it can
    be turned off.
    """
    context |= {"member": member, "standing_url": absolute_url(reverse("moderation:account-status"))}
    context["unsubscribe_url"] = opt_out.url(member.pk) if opt_out else ""
    headers = opt_out.headers(member.pk) if opt_out else {}
    template = f"notifications/email/{what}"
    with member.reading():
        return build_email(
            address,
            template,
            context,
            subject=str(subject),
            html_template="notifications/email/system.html",
            headers=headers,
        )


@receiver(restriction_set)
def notify_of_restriction(restriction: Restriction, **_kwargs: Any) -> None:
    if restriction.member is not None:
        words = (
            _("Your account at %(site)s has been suspended")
            if restriction.ends_at
            else _("Your account at %(site)s has been banned")
        )
        send_system_mail(
            "restriction_set", to=restriction.member, subject=about(words), restriction=restriction
        )


@receiver(restriction_lifted)
def notify_of_end(restriction: Restriction, **_kwargs: Any) -> None:
    member = restriction.member
    if member is not None and member.may_write:
        subject = about(_("You can post at %(site)s again"))
        send_system_mail("restriction_lifted", to=member, subject=subject, restriction=restriction)


@receiver(appeal_answered)
def notify_of_appeal_answer(appeal: Appeal, **_kwargs: Any) -> None:
    words = (
        _("Your appeal at %(site)s was accepted")
        if appeal.state == Appeal.State.GRANTED
        else _("Your appeal at %(site)s was answered")
    )
    send_system_mail("appeal_answered", to=appeal.member, subject=about(words), appeal=appeal)


@receiver(author_concerned)
def notify_of_removal(member: User, decisions: list[Decision], **_kwargs: Any) -> None:
    words = ngettext_lazy(
        "Your comment at %(site)s was removed",
        "%(count)d of your comments at %(site)s were removed",
        "count",
    )
    subject = about(words, count=len(decisions))
    send_system_mail("comments_removed", to=member, subject=subject, decisions=decisions)


@receiver(comments_approved)
def notify_of_approval(member: User, comments: list[Comment], **_kwargs: Any) -> None:
    words = ngettext_lazy(
        "Your comment at %(site)s is published",
        "%(count)d comments of yours at %(site)s are published",
        "count",
    )
    subject = about(words, count=len(comments))
    rows = [{"comment": comment, "url": absolute_url(comment.get_absolute_url())} for comment in comments]
    send_system_mail("comments_approved", to=member, subject=subject, rows=rows, read_url=rows[0]["url"])


@receiver(waited_long)
def notify_moderator(moderator: User, waits: LongWait, **_kwargs: Any) -> None:
    words = ngettext_lazy(
        "%(site)s: one item is awaiting review", "%(site)s: %(count)d items are awaiting review", "count"
    )
    rows = [
        {"comment": comment, "url": absolute_url(reverse("moderation:comment-review", args=[comment.pk]))}
        for comment in waits.comments
    ]
    send_system_mail(
        "waits_long",
        to=moderator,
        opt_out=REMINDERS,
        subject=about(words, count=waits.count),
        waits=waits,
        rows=rows,
        queue_url=absolute_url(reverse("moderation:queue")),
        appeals_url=absolute_url(reverse("moderation:appeal-list")),
    )
