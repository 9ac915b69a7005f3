"""Outgoing and incoming email, consents and suppressed addresses."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comments.models import Comment
from notifications.models.mailing import Mailing, Subscriber
from notifications.models.querysets import OutgoingEmailQuerySet


class GuestConsent(models.Model):
    """A guest of the imported blog who asked for notifications of replies and confirmed it by email."""

    email = models.EmailField(_("address"), unique=True)
    confirmed_at = models.DateTimeField(default=timezone.now)
    # The language of their request; "" for the site's.
    language = models.CharField(_("language"), max_length=20, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("guest who asked to be notified")
        verbose_name_plural = _("guests who asked to be notified")
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="guest_address_is_lower_case")
        ]

    def __str__(self) -> str:
        return self.email


class EmailSuppression(models.Model):
    """An address to which no notifications are emailed, after a bounce or a complaint."""

    class Cause(models.TextChoices):
        """A bounce can be tried again by the member, a complaint only by the host."""

        BOUNCE = "bounce", _("bounced")
        COMPLAINT = "complaint", _("marked as spam")

    email = models.EmailField(_("address"), unique=True)
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    detail = models.CharField(_("response of the mail server"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        db_table = "notifications_mailstop"
        verbose_name = _("blocked email address")
        verbose_name_plural = _("blocked email addresses")
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="stopped_address_is_lower_case")
        ]

    def __str__(self) -> str:
        return self.email


class OutgoingEmail(models.Model):
    """An email to one person. For its states, also after a killed worker, see docs/decisions/0027."""

    class State(models.TextChoices):
        """HANDED: the mail server has not confirmed it yet.

        If the connection breaks or the worker is killed then, it is UNSURE, and not sent again.
        """

        READY = "ready", _("waiting to be sent")
        OPEN = "open", _("being sent")
        HANDED = "handed", _("being handed over")
        SENT = "sent", _("sent")
        UNSURE = "unsure", _("possibly sent")
        FAILED = "failed", _("given up")
        DROPPED = "dropped", _("no longer needed")

    # Sent, or given up: its reader has the inbox.
    TRIED = frozenset({State.SENT, State.UNSURE, State.FAILED})

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("to"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="letters",
        db_index=False,
    )
    guest_email = models.EmailField(_("to the guest"), blank=True)
    # For new posts by email (notifications/email/mailings.py).
    subscriber = models.ForeignKey(
        Subscriber,
        verbose_name=_("to the subscriber"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="letters",
    )
    mailing = models.ForeignKey(
        Mailing,
        verbose_name=_("post by email"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="letters",
        db_index=False,
    )
    address = models.EmailField(_("address used"), blank=True, help_text=_("Where the last attempt went."))
    message_id = models.CharField(
        max_length=200, unique=True, editable=False, help_text="The same at each attempt."
    )
    state = models.CharField(_("status"), max_length=8, choices=State, default=State.READY)
    tries = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    # The lease of the worker that claimed it, renewed by each heartbeat.
    leased_until = models.DateTimeField(null=True, editable=False)
    holder = models.CharField(max_length=64, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    failure = models.CharField(_("response of the mail server"), max_length=300, blank=True)
    came_back_at = models.DateTimeField(_("bounced at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    objects = OutgoingEmailQuerySet.as_manager()

    class Meta:
        db_table = "notifications_letter"
        verbose_name = _("email")
        verbose_name_plural = _("emails")
        constraints = [
            models.CheckConstraint(
                condition=Q(member__isnull=False, guest_email="", subscriber=None)
                | Q(member=None, subscriber=None) & ~Q(guest_email="")
                | Q(member=None, guest_email="", subscriber__isnull=False, mailing__isnull=False),
                name="letter_has_one_reader",
            ),
            models.UniqueConstraint(
                fields=["mailing", "subscriber"],
                condition=Q(mailing__isnull=False),
                name="one_letter_of_each_mailing",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="ready"), name="letters_to_send"),
            # Ten thousand emails of a post must not delay the notification of a reply.
            models.Index(
                fields=["due_at"], condition=Q(state="ready", mailing=None), name="letters_to_send_first"
            ),
            models.Index(
                fields=["leased_until"], condition=Q(state__in=["open", "handed"]), name="letters_being_sent"
            ),
            models.Index(fields=["member", "created_at"], name="letters_of_member"),
            models.Index(fields=["-created_at", "-id"], name="letters_newest_first"),
        ]

    def __str__(self) -> str:
        return self.message_id


class ReplyMail(models.Model):
    """An email to a signed address, and its result. Its key makes sure that it is processed once."""

    class Outcome(models.TextChoices):
        """AUTOMATIC: an out-of-office reply or the like; nothing was posted and no one was told."""

        POSTED = "posted", _("posted")
        HELD = "held", _("awaiting review")
        REFUSED = "refused", _("couldn’t be posted")
        AUTOMATIC = "automatic", _("sent automatically")

    key = models.CharField(max_length=64, unique=True, editable=False)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=pgettext_lazy("sender", "from"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    comment = models.ForeignKey(
        Comment,
        verbose_name=_("the reply"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    detail = models.CharField(_("message"), max_length=300, blank=True)
    # The sender's address and mail server: after a published reply by this route, later ones are accepted.
    route = models.CharField(_("delivery route"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("arrived at"), default=timezone.now)

    class Meta:
        verbose_name = _("reply by email")
        verbose_name_plural = _("replies by email")
        indexes = [models.Index(fields=["-created_at", "-id"], name="reply_mails_newest_first")]

    def __str__(self) -> str:
        return f"{self.outcome} {self.created_at:%Y-%m-%d %H:%M}"
