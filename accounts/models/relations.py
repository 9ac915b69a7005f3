"""Relations between members: following, muting, introductions."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.querysets import IntroductionQuerySet


class Introduction(models.Model):
    """A member's request to be introduced to another. Messages are passed on; addresses are not revealed.

    A refusal is not announced: for the sender, the request stays pending.
    """

    class State(models.TextChoices):
        """The sender never learns of a refusal: it is shown as waiting."""

        WAITING = "waiting", _("waiting")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="introductions_asked"
    )
    asked = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="introductions_received"
    )
    words = models.TextField(_("message"), max_length=1000)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    answer = models.TextField(_("reply"), max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asker", "asked"], condition=~Q(state="accepted"), name="asked_once_until_accepted"
            ),
            models.CheckConstraint(
                condition=~Q(asker=models.F("asked")), name="nobody_is_introduced_to_themselves"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", answered_at=None)
                | Q(~Q(state="waiting"), answered_at__isnull=False),
                name="answered_introduction_says_when",
            ),
        ]
        indexes = [models.Index(fields=["asker", "created_at"], name="introductions_by_asker")]

    def __str__(self) -> str:
        return f"{self.asker_id} → {self.asked_id}: {self.state}"


class Follow(models.Model):
    """A member follows another. The other is not notified."""

    follower = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")
    followed = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="followers")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followed"], name="followed_once_by_each_member"),
            models.CheckConstraint(
                condition=~Q(follower=models.F("followed")), name="nobody_follows_themselves"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} → {self.followed_id}"


class Mute(models.Model):
    """A member mutes another: their branches are collapsed, and their comments cause no notifications.

    The muted member is not told.
    """

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mutes")
    muted = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="muted_by")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "muted"], name="muted_once_by_each_member"),
            models.CheckConstraint(condition=~Q(member=models.F("muted")), name="nobody_mutes_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} ✕ {self.muted_id}"
