"""Who is told, and how. A Notification is a line in somebody's inbox and the outbox at once (docs/decisions/0026)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from comments.models import Comment, Thanks
from notifications.querysets import LetterQuerySet, NotificationQuerySet, PushQuerySet
from posts.models import Post


class Way(models.TextChoices):
    """How somebody hears of something, the quickest first."""

    AT_ONCE = "at_once", _("Email at once")
    DAILY = "daily", _("One email a day")
    WEEKLY = "weekly", _("One email a week")
    HERE = "here", _("Only here")
    OFF = "off", _("Not at all")


class Kind(models.TextChoices):
    """What can be chosen apart, and stopped apart. The keys stand in signed addresses inside mails: keep them."""

    ANSWERS = "answers", _("Answers to me, and when somebody names me")
    OWN_POSTS = "own_posts", _("What is said under my posts")
    TALKS = "talks", _("Talks I follow")
    PEOPLE = "people", _("People I follow, when they join a talk")
    POSTS = "posts", _("New posts of those I follow")
    THANKS = "thanks", _("Thanks for what I wrote")
    REVIEW = "review", _("Comments waiting for review")


# Reasons of those who are meant (notifications.recipients.Reason).
MEANT = frozenset({"answer", "addressed", "mention", "host"})


class Choices(models.Model):
    """What a member chose. No row: the defaults."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alert_choices", primary_key=True)
    answers = models.CharField(Kind.ANSWERS.label, max_length=8, choices=Way, default=Way.AT_ONCE)
    own_posts = models.CharField(Kind.OWN_POSTS.label, max_length=8, choices=Way, default=Way.AT_ONCE)
    talks = models.CharField(Kind.TALKS.label, max_length=8, choices=Way, default=Way.DAILY)
    people = models.CharField(Kind.PEOPLE.label, max_length=8, choices=Way, default=Way.HERE)
    posts = models.CharField(Kind.POSTS.label, max_length=8, choices=Way, default=Way.AT_ONCE)
    thanks = models.CharField(Kind.THANKS.label, max_length=8, choices=Way, default=Way.HERE)
    review = models.CharField(Kind.REVIEW.label, max_length=8, choices=Way, default=Way.AT_ONCE)

    class Meta:
        verbose_name = _("choices of a member")
        verbose_name_plural = _("choices of members")

    def __str__(self) -> str:
        return f"{self.member_id}"


class ThreadSubscription(models.Model):
    """A member who follows a talk, or wants to hear nothing of it. No row: answers to them only."""

    class Level(models.TextChoices):
        FOLLOWING = "following", _("Follow this talk")
        NORMAL = "normal", _("Only answers to me")
        MUTED = "muted", _("Nothing from this talk")

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="thread_subscriptions", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="subscriptions", db_index=False)
    level = models.CharField(max_length=10, choices=[(Level.FOLLOWING.value, Level.FOLLOWING.label), (Level.MUTED.value, Level.MUTED.label)])
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("talk somebody follows or muted")
        verbose_name_plural = _("talks somebody follows or muted")
        constraints = [models.UniqueConstraint(fields=["member", "post"], name="one_subscription_per_member_and_talk")]
        indexes = [models.Index(fields=["post", "level", "member"], name="followers_of_talk")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.level} {self.post_id}"


class Address(models.Model):
    """One comment that answers another besides the one it stands under: "answer several"."""

    comment = models.ForeignKey(Comment, verbose_name=_("the answer"), on_delete=models.CASCADE, related_name="addresses", db_index=False)
    answered = models.ForeignKey(Comment, verbose_name=_("what it answers"), on_delete=models.CASCADE, related_name="addressed_by")

    class Meta:
        verbose_name = _("further answer")
        verbose_name_plural = _("further answers")
        constraints = [
            models.UniqueConstraint(fields=["comment", "answered"], name="answered_once_by_each_comment"),
            models.CheckConstraint(condition=~Q(comment=models.F("answered")), name="no_comment_answers_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.comment_id} → {self.answered_id}"


class GuestConsent(models.Model):
    """A guest of the former blog who asked, and confirmed by mail, to hear of answers. Nobody else can ask for them."""

    email = models.EmailField(_("address"), unique=True)
    confirmed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("guest who wants to be told")
        verbose_name_plural = _("guests who want to be told")
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="guest_address_is_lower_case")]

    def __str__(self) -> str:
        return self.email


class MailStop(models.Model):
    """An address to which no more alerts are mailed, because mail came back or its owner complained."""

    class Cause(models.TextChoices):
        BOUNCE = "bounce", _("mail came back")
        COMPLAINT = "complaint", _("called it unwanted")

    email = models.EmailField(_("address"), unique=True)
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    detail = models.CharField(_("what the mail server said"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("address that gets no alerts")
        verbose_name_plural = _("addresses that get no alerts")
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="stopped_address_is_lower_case")]

    def __str__(self) -> str:
        return self.email


class Announcement(models.Model):
    """One comment or post whose followers are still to be told: the worker makes a Notification for each."""

    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="announcement")
    post = models.OneToOneField(Post, on_delete=models.CASCADE, null=True, blank=True, related_name="announcement")
    due_at = models.DateTimeField()
    told_up_to = models.BigIntegerField(default=0, help_text=_("The number of the last follower who has a row already."))
    is_done = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(comment__isnull=False, post=None) | Q(comment=None, post__isnull=False), name="announcement_of_a_comment_or_a_post"
            )
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(is_done=False), name="announcements_to_make")]

    def __str__(self) -> str:
        return f"{self.comment_id or self.post_id} {self.due_at:%Y-%m-%d %H:%M}"


class Letter(models.Model):
    """One mail to one person. Its states, and what a killed worker leaves: docs/decisions/0027."""

    class State(models.TextChoices):
        READY = "ready", _("to be sent")
        OPEN = "open", _("being sent")
        HANDED = "handed", _("being handed over")
        SENT = "sent", _("sent")
        UNSURE = "unsure", _("perhaps sent")
        FAILED = "failed", _("given up")
        DROPPED = "dropped", _("not needed any more")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("to"), on_delete=models.CASCADE, null=True, blank=True, related_name="letters", db_index=False
    )
    guest_email = models.EmailField(_("to the guest"), blank=True)
    address = models.EmailField(_("address used"), blank=True, help_text=_("Where the last try went."))
    message_id = models.CharField(max_length=200, unique=True, editable=False, help_text=_("The same at each try."))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.READY)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    due_at = models.DateTimeField(_("next try"), default=timezone.now)
    # Until then the worker that took it is believed to be alive; each of its beats puts it off.
    leased_until = models.DateTimeField(null=True, editable=False)
    holder = models.CharField(max_length=64, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    failure = models.CharField(_("what the mail server said"), max_length=300, blank=True)
    came_back_at = models.DateTimeField(_("came back at"), null=True, blank=True)
    created_at = models.DateTimeField(_("written at"), default=timezone.now)

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("email")
        verbose_name_plural = _("emails")
        constraints = [
            models.CheckConstraint(
                condition=Q(member__isnull=False, guest_email="") | Q(member=None) & ~Q(guest_email=""), name="letter_has_one_reader"
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="ready"), name="letters_to_send"),
            models.Index(fields=["leased_until"], condition=Q(state__in=["open", "handed"]), name="letters_being_sent"),
            models.Index(fields=["member", "created_at"], name="letters_of_member"),
            models.Index(fields=["-created_at", "-id"], name="letters_newest_first"),
        ]

    def __str__(self) -> str:
        return self.message_id


class ReplyMail(models.Model):
    """One mail that came to a signed address, and what became of it. Its key makes sure that it is taken once."""

    class Outcome(models.TextChoices):
        POSTED = "posted", _("posted")
        HELD = "held", _("waits for a moderator")
        REFUSED = "refused", _("could not be posted")
        AUTOMATIC = "automatic", _("sent by a machine")

    key = models.CharField(max_length=64, unique=True, editable=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("from"), on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    comment = models.ForeignKey(Comment, verbose_name=_("the answer"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    outcome = models.CharField(_("what became of it"), max_length=10, choices=Outcome)
    detail = models.CharField(_("in words"), max_length=300, blank=True)
    # From which address by which mail server: what came that way and was published makes the next one come through.
    route = models.CharField(_("by which way"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("arrived at"), default=timezone.now)

    class Meta:
        verbose_name = _("answer by email")
        verbose_name_plural = _("answers by email")
        indexes = [models.Index(fields=["-created_at", "-id"], name="reply_mails_newest_first")]

    def __str__(self) -> str:
        return f"{self.outcome} {self.created_at:%Y-%m-%d %H:%M}"


class Notification(models.Model):
    """One person hears of one comment, or of one new post: once, whatever the reasons.

    A moderator may hear of a comment twice: that it waits for review (kind "review"), and that it was published.
    """

    class State(models.TextChoices):
        NO_MAIL = "no_mail", _("only here")
        WAITING = "waiting", _("to be mailed")
        IN_LETTER = "in_letter", _("in an email")
        DROPPED = "dropped", _("taken back before it was told")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications", db_index=False
    )
    guest_email = models.EmailField(blank=True)
    guest_name = models.CharField(max_length=100, blank=True)
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications", db_index=False)
    reasons = models.JSONField(default=list)
    kind = models.CharField(max_length=10, choices=Kind, help_text=_("Of the most personal reason."))
    way = models.CharField(max_length=8, choices=Way)
    state = models.CharField(max_length=10, choices=State)
    letter = models.ForeignKey(Letter, on_delete=models.SET_NULL, null=True, blank=True, related_name="notifications")
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(help_text=_("From then on it stands in the inbox; until then its cause can be taken back."))
    mail_at = models.DateTimeField(null=True, blank=True, help_text=_("Not mailed before. Empty: not mailed."))
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "member"], condition=Q(member__isnull=False) & ~Q(kind="review"), name="told_once_of_each_comment"
            ),
            models.UniqueConstraint(fields=["comment", "member"], condition=Q(kind="review"), name="asked_once_to_review_each_comment"),
            models.UniqueConstraint(fields=["comment", "guest_email"], condition=Q(member=None), name="guest_told_once_of_each_comment"),
            models.UniqueConstraint(fields=["post", "member"], condition=Q(post__isnull=False), name="told_once_of_each_post"),
            models.CheckConstraint(
                condition=Q(member__isnull=False, guest_email="") | Q(member=None) & ~Q(guest_email=""), name="notification_has_one_reader"
            ),
            models.CheckConstraint(
                condition=Q(comment__isnull=False, post=None) | Q(comment=None, post__isnull=False), name="notification_of_a_comment_or_a_post"
            ),
            models.CheckConstraint(condition=~Q(way="off"), name="notification_goes_some_way"),
        ]
        indexes = [
            models.Index(fields=["member", "-due_at", "-id"], name="inbox"),
            models.Index(fields=["member", "due_at"], condition=Q(seen_at=None), name="inbox_unread"),
            models.Index(fields=["mail_at"], condition=Q(state="waiting"), name="notifications_to_mail"),
            models.Index(fields=["comment"], name="notifications_of_comment"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id or self.guest_email} ← {self.comment_id or self.post_id}"

    @property
    def talk(self) -> Post:
        """The post under which it happened. A branch may move, so a comment's own post is asked."""
        return self.comment.post if self.comment is not None else self.post  # type: ignore[return-value]

    @property
    def writer(self) -> Any:
        """Who caused it: a member. (Guests write nothing here.) Of those who thanked, the last."""
        if self.kind == Kind.THANKS:
            return next(iter(self.thankers), None)
        return self.comment.author if self.comment is not None else self.post.author  # type: ignore[union-attr]

    @cached_property
    def thankers(self) -> list[Any]:
        """Who thanked for it, the last first, no more than three. The inbox reads them for all its lines at once."""
        thanks = Thanks.objects.filter(comment=self.comment_id).select_related("member").order_by("-created_at", "-pk")
        return [one.member for one in thanks[:3]]

    @property
    def further_thanks(self) -> int:
        return self.comment.thanks_count - 1 if self.comment is not None else 0

    @property
    def is_unread(self) -> bool:
        return self.seen_at is None

    @property
    def path(self) -> str:
        """Where it leads: to what it is about, in its place."""
        if self.comment is None:
            return self.talk.get_absolute_url()
        return reverse("moderation:comment-review", args=[self.comment.pk]) if self.kind == Kind.REVIEW else self.comment.get_absolute_url()

    @property
    def stands(self) -> bool:
        """What it tells of is still so, and its reader may see it. Needs the causes (with_causes)."""
        if self.kind == Kind.REVIEW:
            waits = self.comment is not None and self.comment.is_held and not self.comment.was_turned_away
            return waits and self.member is not None and self.member.is_moderator
        is_thanked_still = self.kind != Kind.THANKS or bool(self.thankers)
        return self.talk.is_published and (self.comment is None or self.comment.is_public) and is_thanked_still

    @property
    def is_meant(self) -> bool:
        """The reader is meant: answered, named, ticked, the host. Others follow along."""
        return not MEANT.isdisjoint(self.reasons)

    @property
    def is_settled(self) -> bool:
        """The reader was told, or could have seen it."""
        was_mailed = self.letter is not None and self.letter.state == Letter.State.SENT
        return was_mailed or self.state == self.State.NO_MAIL or self.seen_at is not None

    @property
    def can_be_taken_back(self) -> bool:
        """Nobody has heard of it yet: it is not in the inbox, and no mail is made of it."""
        return self.due_at > timezone.now() and self.state in {self.State.WAITING, self.State.NO_MAIL, self.State.DROPPED}


class Device(models.Model):
    """A browser that shows alerts by itself, as its owner switched on: a subscription of Web Push (RFC 8030)."""

    MAX_PER_MEMBER = 10

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices")
    endpoint = models.CharField(max_length=1000, help_text=_("The address at the browser's push service. A secret."))
    key = models.CharField(max_length=64, unique=True, editable=False, help_text=_("Of the address, so that it is there once."))
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=50)
    name = models.CharField(max_length=60, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("device that shows alerts")
        verbose_name_plural = _("devices that show alerts")

    def __str__(self) -> str:
        return f"{self.member_id} {self.name}"


class Push(models.Model):
    """One device is told of one comment: once. A way of its own beside the mail, with its own states."""

    class State(models.TextChoices):
        READY = "ready", _("to be sent")
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("not needed any more")
        FAILED = "failed", _("given up")

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="pushes", db_index=False)
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.READY)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text=_("Whoever takes it puts this off, so that nobody else does meanwhile."))

    objects = PushQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert on a device")
        verbose_name_plural = _("alerts on devices")
        constraints = [models.UniqueConstraint(fields=["device", "comment"], name="device_told_once_of_each_comment")]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="ready"), name="pushes_to_send")]

    def __str__(self) -> str:
        return f"{self.device_id} \N{LEFTWARDS ARROW} {self.comment_id}"
