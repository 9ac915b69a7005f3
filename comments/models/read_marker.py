"""How far a member has read a thread."""

from django.conf import settings
from django.db import models

from posts.models import Post


class ThreadVisit(models.Model):
    """How far a member has read a thread: one row per member and post.

    A visit ends with a pause of VISIT_PAUSE_MINUTES between two requests. Comments that became public after
    `new_since` (the last request of the previous visit) are new, so a reload loses nothing.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    new_since = models.DateTimeField()
    looked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "post"], name="one_visit_per_member_and_post")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.post_id} {self.looked_at:%Y-%m-%d %H:%M}"
