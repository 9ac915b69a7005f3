"""System emails to one person: moderation decisions, and reminders for moderators.

They are not notifications and cannot be switched off. They are enqueued as tasks, in the transaction that causes them.
"""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.dispatch import receiver
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from comments.models import Comment
from core.tasks.mail import enqueue_mail
from core.utils.text import one_header
from core.utils.urls import absolute_url
from moderation.models import Appeal, Decision, Restriction
from moderation.services.reminders import LongWait
from moderation.signals import appeal_answered, author_concerned, comments_approved, restriction_lifted, restriction_set, waited_long
from notifications.services.recipients import usable_addresses


def send_house_mail(what: str, *, to: User, subject: str, **context: Any) -> None:
    """Send a system email to a member; nothing to suppressed addresses: the account status says the same."""
    address = usable_addresses().filter(user=to).values_list("email", flat=True).first()
    if address is not None:
        enqueue_mail(build_house_mail(what, address, member=to, subject=subject, **context))


def build_house_mail(what: str, address: str, *, member: User, subject: str, **context: Any) -> EmailMultiAlternatives:
    """notifications/email/<what>.txt, and the same text as HTML with a button.

    The button leads to `queue_url` or `read_url` where one is given, else to the member's account status. Addresses in the text are not links there:
    others wrote some of them.
    """
    subject = one_header(subject)
    standing_url = absolute_url(reverse("moderation:account-status"))
    context |= {"member": member, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "standing_url": standing_url}
    body = render_to_string(f"notifications/email/{what}.txt", context).strip() + "\n"
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    mail = EmailMultiAlternatives(subject=subject, body=body, to=[address], headers=headers)
    html = render_to_string("notifications/email/house.html", context | {"subject": subject, "text": body})
    mail.attach_alternative(html, "text/html")
    return mail


@receiver(restriction_set)
def tell_of_restriction(restriction: Restriction, **_kwargs: Any) -> None:
    if restriction.member is not None:
        subject = _("Your account at %(site)s has been suspended") if restriction.ends_at else _("Your account at %(site)s has been banned")
        send_house_mail("restriction_set", to=restriction.member, subject=subject % {"site": settings.SITE_NAME}, restriction=restriction)


@receiver(restriction_lifted)
def tell_of_end(restriction: Restriction, **_kwargs: Any) -> None:
    member = restriction.member
    if member is not None and member.may_write:
        subject = _("You can post at %(site)s again") % {"site": settings.SITE_NAME}
        send_house_mail("restriction_lifted", to=member, subject=subject, restriction=restriction)


@receiver(appeal_answered)
def tell_of_answer(appeal: Appeal, **_kwargs: Any) -> None:
    subject = _("Your appeal at %(site)s was accepted") if appeal.state == Appeal.State.GRANTED else _("Your appeal at %(site)s was answered")
    send_house_mail("appeal_answered", to=appeal.member, subject=subject % {"site": settings.SITE_NAME}, appeal=appeal)


@receiver(author_concerned)
def tell_of_removal(member: User, decisions: list[Decision], **_kwargs: Any) -> None:
    subject = ngettext("Your comment at %(site)s was removed", "%(count)d of your comments at %(site)s were removed", len(decisions))
    subject %= {"site": settings.SITE_NAME, "count": len(decisions)}
    send_house_mail("comments_removed", to=member, subject=subject, decisions=decisions)


@receiver(comments_approved)
def tell_of_approval(member: User, comments: list[Comment], **_kwargs: Any) -> None:
    subject = ngettext("Your comment at %(site)s is published", "%(count)d comments of yours at %(site)s are published", len(comments))
    subject %= {"site": settings.SITE_NAME, "count": len(comments)}
    rows = [{"comment": comment, "url": absolute_url(comment.get_absolute_url())} for comment in comments]
    send_house_mail("comments_approved", to=member, subject=subject, rows=rows, read_url=rows[0]["url"])


@receiver(waited_long)
def tell_moderator(moderator: User, waits: LongWait, **_kwargs: Any) -> None:
    subject = ngettext("%(site)s: one item is waiting for a moderator", "%(site)s: %(count)d items are waiting for a moderator", waits.count)
    rows = [{"comment": comment, "url": absolute_url(reverse("moderation:comment-review", args=[comment.pk]))} for comment in waits.comments]
    send_house_mail(
        "waits_long",
        to=moderator,
        subject=subject % {"site": settings.SITE_NAME, "count": waits.count},
        waits=waits,
        rows=rows,
        queue_url=absolute_url(reverse("moderation:queue")),
        appeals_url=absolute_url(reverse("moderation:appeal-list")),
    )
