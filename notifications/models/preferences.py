"""Notification preferences of members."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from posts.models import Post


class Way(models.TextChoices):
    """The notification channels, the quickest first."""

    AT_ONCE = "at_once", _("By email, at once")
    DAILY = "daily", _("By email, daily")
    WEEKLY = "weekly", _("By email, weekly")
    HERE = "here", _("In the inbox only")
    OFF = "off", _("Off")


class Kind(models.TextChoices):
    """The notification types. Their keys are part of signed addresses in emails: keep them."""

    ANSWERS = "answers", _("Replies and mentions")
    OWN_POSTS = "own_posts", _("Comments on my posts")
    TALKS = "talks", _("Comments on posts I follow")
    PEOPLE = "people", _("Comments by people I follow")
    POSTS = "posts", _("New posts by people I follow")
    THANKS = "thanks", _("Thanks for my comments")
    REVIEW = "review", _("Comments awaiting review")


class Choices(models.Model):
    """A member's preferences. No row: the defaults."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alert_choices", primary_key=True)
    answers = models.CharField(Kind.ANSWERS.label, max_length=8, choices=Way, default=Way.AT_ONCE)
    own_posts = models.CharField(Kind.OWN_POSTS.label, max_length=8, choices=Way, default=Way.AT_ONCE)
    talks = models.CharField(Kind.TALKS.label, max_length=8, choices=Way, default=Way.DAILY)
    people = models.CharField(Kind.PEOPLE.label, max_length=8, choices=Way, default=Way.HERE)
    posts = models.CharField(Kind.POSTS.label, max_length=8, choices=Way, default=Way.AT_ONCE)
    thanks = models.CharField(Kind.THANKS.label, max_length=8, choices=Way, default=Way.HERE)
    review = models.CharField(Kind.REVIEW.label, max_length=8, choices=Way, default=Way.AT_ONCE)

    class Meta:
        verbose_name = _("notification preferences")
        verbose_name_plural = _("notification preferences")

    def __str__(self) -> str:
        return f"{self.member_id}"


class ThreadSubscription(models.Model):
    """A member follows or mutes a post. No row: replies to them only."""

    class Level(models.TextChoices):
        FOLLOWING = "following", _("Follow comments")
        NORMAL = "normal", _("Only replies to me")
        MUTED = "muted", _("Mute")

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="thread_subscriptions", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="subscriptions", db_index=False)
    level = models.CharField(max_length=10, choices=[(Level.FOLLOWING.value, Level.FOLLOWING.label), (Level.MUTED.value, Level.MUTED.label)])
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("followed or muted post")
        verbose_name_plural = _("followed or muted posts")
        constraints = [models.UniqueConstraint(fields=["member", "post"], name="one_subscription_per_member_and_talk")]
        indexes = [models.Index(fields=["post", "level", "member"], name="followers_of_talk")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.level} {self.post_id}"
