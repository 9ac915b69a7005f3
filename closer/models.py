"""Members' choices, and reminders sent. Who is in touch with whom is computed from comments."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Choice(models.Model):
    """The emails that a member wants. An unwanted one has no time; without any, there is no row."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    letter_due_at = models.DateTimeField(null=True, blank=True)
    letter_sent_at = models.DateTimeField(null=True, blank=True)
    reminder_due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        indexes = [
            models.Index(
                fields=["letter_due_at"], condition=Q(letter_due_at__isnull=False), name="letters_of_the_week"
            ),
            models.Index(
                fields=["reminder_due_at"],
                condition=Q(reminder_due_at__isnull=False),
                name="reminders_to_make",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}"


class DeclinedLink(models.Model):
    """A URL at the end of a comment that its author does not want on their profile.

    They are not asked again. address: in the form of accounts.services.profile.link_key.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    address = models.CharField(max_length=300)

    class Meta:
        verbose_name = _("declined link")
        verbose_name_plural = _("declined links")
        constraints = [
            models.UniqueConstraint(fields=["member", "address"], name="declined_once_by_each_member")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.address}"


class Reminder(models.Model):
    """Two members were reminded of each other. The one with the lower id comes first."""

    first = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    second = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_reminder_of_two_people"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="reminder_is_of_two_people"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id} {self.sent_at:%Y-%m-%d}"
