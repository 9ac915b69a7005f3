"""Claims of guest comments by members."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CommentClaim(models.Model):
    """A claim to a guest's comments by a member who confirmed the address (comments/services/claims.py)."""

    class Answer(models.TextChoices):
        """The member's answer to the question whether the comments are theirs."""

        NONE = "", _("not answered")
        YES = "yes", _("mine")
        NO = "no", _("not mine")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    email = models.EmailField(_("email address"))
    answer = models.CharField(max_length=3, choices=Answer, default=Answer.NONE, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "email"], name="asked_once_about_each_address"),
            models.UniqueConstraint(
                fields=["email"], condition=Q(answer="yes"), name="one_member_per_guest_address"
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="claimed_address_is_lower_case"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.email}: {self.answer or '?'}"
