"""What the editor stores besides posts: uploaded files and unsaved text."""

from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.markup.post_pictures import picture_files


class UploadQuerySet(models.QuerySet):
    """Files that hosts uploaded for posts: the media library."""

    def in_library(self) -> "UploadQuerySet":
        """What hosts uploaded themselves, newest first, without the pictures of link cards."""
        return self.exclude(kind=Upload.Kind.CARD).order_by("-created_at", "-pk")

    def matching(self, words: str) -> "UploadQuerySet":
        """Those with all of these words in title or alt text; at most eight words count."""
        found = self
        for word in words.split()[:8]:
            found = found.filter(models.Q(title__icontains=word) | models.Q(alt__icontains=word))
        return found


class Upload(models.Model):
    """A file that a host uploaded for posts. The same bytes are stored once.

    The widths of a picture are part of its file name (core/markup/post_pictures.py). The file stays if its
    uploader deletes their account, because published posts show it.
    """

    class Kind(models.TextChoices):
        PICTURE = "picture", _("picture")
        AUDIO = "audio", _("audio")
        FILE = "file", _("file")
        CARD = "card", _("picture of a link card")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    file = models.FileField(_("file"), upload_to="posts/")
    title = models.CharField(_("file name"), max_length=200)
    alt = models.CharField(
        _("alt text"),
        max_length=250,
        blank=True,
        help_text=_("Describe the picture for people who can’t see it."),
    )
    width = models.PositiveIntegerField(null=True, editable=False)
    height = models.PositiveIntegerField(null=True, editable=False)
    size = models.PositiveBigIntegerField(
        _("size"), editable=False, help_text="In bytes, as it was uploaded."
    )
    digest = models.CharField(max_length=64, editable=False, help_text="SHA-256 of what was uploaded.")
    source_url = models.URLField(
        max_length=2000, blank=True, editable=False, help_text="Where a pasted picture was fetched from."
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(_("uploaded at"), default=timezone.now, editable=False)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "digest"], name="uploads_stored_once")]
        indexes = [models.Index(fields=["-created_at", "-id"], name="uploads_newest_first")]

    def __str__(self) -> str:
        return self.alt or self.title

    @property
    def is_picture(self) -> bool:
        return self.kind in {self.Kind.PICTURE, self.Kind.CARD}

    def file_names(self) -> list[str]:
        """The names of all its stored files."""
        name = self.file.name or ""
        return [name, *picture_files(name).values()]

    def thumbnail_url(self) -> str:
        """Its smallest picture; "" if it is not a picture."""
        if not self.is_picture:
            return ""
        narrow = picture_files(self.file.name or "")
        return default_storage.url(narrow[min(narrow)]) if narrow else self.file.url

    def as_json(self) -> dict[str, Any]:
        """What the editor needs to display it."""
        return {
            "id": self.pk,
            "kind": self.kind,
            "src": self.file.url,
            "thumbnail": self.thumbnail_url(),
            "title": self.title,
            "alt": self.alt,
            "width": self.width,
            "height": self.height,
            "size": self.size,
        }


class AutosaveQuerySet(models.QuerySet):
    """Unsaved text of the editor."""

    def of_new_posts(self, editor: Any) -> "AutosaveQuerySet":
        """Text of posts and pages that this user started and never saved, newest first."""
        return self.filter(post=None, editor=editor).order_by("-updated_at")


class Autosave(models.Model):
    """Unsaved text in the editor. The post keeps its public text until it is saved.

    There is one row for each post, including each one that does not exist yet (`key`). `revision` is
    incremented with every change, and `window` names the browser window that wrote last, so that two windows
    on one post notice each other.
    """

    key = models.CharField(max_length=60, unique=True)
    post = models.OneToOneField(
        "posts.Post", on_delete=models.CASCADE, null=True, related_name="autosave", editable=False
    )
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", help_text="Who wrote last."
    )
    kind = models.CharField(max_length=10, default="post", help_text="Post.Kind of what is not there yet.")
    title = models.CharField(max_length=500, blank=True)
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=1)
    window = models.CharField(max_length=60)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = AutosaveQuerySet.as_manager()

    class Meta:
        verbose_name = _("unsaved text")
        verbose_name_plural = _("unsaved texts")

    def __str__(self) -> str:
        return self.title or self.key
