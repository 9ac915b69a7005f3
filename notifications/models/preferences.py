"""What members chose to be notified of, and how."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

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
