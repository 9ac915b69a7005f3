"""Pictures in comments."""

from django.core.files.storage import default_storage
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from comments.models.querysets import PictureQuerySet
from core.markup.comments import Picture


class CommentPicture(models.Model):
    """A picture that a member uploaded for a comment. It belongs to no comment until it is sent.

    `file` is in a format that every program can show; there are also WebP files of several widths.
    comments/services/images.py creates and deletes them.
    """

    uploaded_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    comment = models.ForeignKey(
        "comments.Comment", on_delete=models.SET_NULL, null=True, related_name="pictures"
    )
    alt = models.CharField(_("alt text"), max_length=200, blank=True)
    file = models.FileField(upload_to="comments/")
    widths = models.JSONField(default=list, help_text="Of the WebP files, in pixels.")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    digest = models.CharField(
        max_length=64, help_text="SHA-256 of what was uploaded, to know a second click."
    )
    created_at = models.DateTimeField(default=timezone.now)
    discard_at = models.DateTimeField(
        null=True, help_text="When its comment is gone for good, and the files with it."
    )

    objects = PictureQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        indexes = [
            models.Index(fields=["uploaded_by", "created_at"], name="pictures_of_member"),
            models.Index(fields=["created_at"], condition=Q(comment=None), name="pictures_not_sent"),
            models.Index(
                fields=["discard_at"], condition=Q(discard_at__isnull=False), name="pictures_to_discard"
            ),
        ]

    def __str__(self) -> str:
        return self.alt or self.name

    @property
    def name(self) -> str:
        """The name of `file`."""
        return self.file.name or ""

    def webp_name(self, width: int) -> str:
        return f"{self.name.rpartition('.')[0]}-{width}.webp"

    def file_names(self) -> list[str]:
        """All stored files: the uploaded size first, then the WebP files."""
        return [self.name, *map(self.webp_name, self.widths)]

    def shown(self) -> Picture:
        srcset = ", ".join(f"{default_storage.url(self.webp_name(width))} {width}w" for width in self.widths)
        return Picture(src=self.file.url, srcset=srcset, width=self.width, height=self.height, alt=self.alt)
