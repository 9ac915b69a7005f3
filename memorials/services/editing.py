"""Editing the page of a memorial, by its keepers and the custodian."""

import uuid
from dataclasses import dataclass
from typing import IO

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.permissions import check_may_write
from core.markup.comments import render_markdown
from core.utils.files import delete_stored, room_for
from core.utils.images import clean_picture
from core.utils.locks import lock_row
from core.utils.text import one_line
from memorials.models import Memorial, MemorialPicture, Step
from memorials.services.keeping import may_edit, note
from posts.editor.uploads import check_recording
from posts.models import Post

LARGEST = (1600, 1600)
MAX_PICTURES = 24


@dataclass(frozen=True)
class Text:
    """What the keepers can change of a memorial's page."""

    title: str
    dates: str
    letter: str
    recording: str
    recording_label: str
    visibility: str


def stamp_of(post: Post) -> str:
    """A stamp of the current page, which is sent with its form."""
    return post.updated_at.isoformat()


def edit_memorial(memorial: Memorial, text: Text, *, by: User, seen: str = "") -> Memorial:
    """Save the page. seen: the stamp of the page that was edited; "" to skip the check.

    Raises PermissionDenied, and ValidationError (code "stale") if someone else has saved it since: two
    keepers may write the letter on the same evening, and neither may lose text unseen.
    """
    _check(memorial, by)
    with transaction.atomic():
        post = _lock(memorial)
        if seen and seen != stamp_of(post):
            raise ValidationError(
                _(
                    "Someone else saved this page while you were writing. Your text is below. Open the page in another tab to read their version; if you save again, yours replaces it."
                ),
                code="stale",
            )
        memorial = Memorial.objects.with_members().get(pk=memorial.pk)
        memorial.dates, memorial.letter = text.dates, text.letter
        memorial.recording, memorial.recording_label = text.recording, text.recording_label
        memorial.save(update_fields=["dates", "letter", "recording", "recording_label"])
        post.title, post.body, post.visibility = (
            text.title,
            render_markdown(text.letter).html,
            text.visibility,
        )
        post.updated_at = timezone.now()
        post.save(update_fields=["title", "body", "visibility", "updated_at"])
        _touch(memorial)
        note(memorial, Step.Kind.EDITED, by)
    memorial.post = post
    return memorial


def add_picture(memorial: Memorial, upload: IO[bytes], alt: str, *, by: User) -> MemorialPicture:
    """Add a picture. Raises PermissionDenied.

    Raises ValidationError if it is no picture, has no alt text, or is one too many.
    """
    _check(memorial, by)
    if not (alt := one_line(alt)[:200]):
        raise ValidationError({"alt": _("Describe the picture for people who can’t see it.")})
    drawn = clean_picture(upload, size=LARGEST)
    with transaction.atomic():
        _lock(memorial)
        if memorial.pictures.count() >= MAX_PICTURES:
            raise ValidationError(
                {
                    "file": _("There is room for %(count)d pictures. Remove one first.")
                    % {"count": MAX_PICTURES}
                }
            )
        picture = MemorialPicture(memorial=memorial, alt=alt, added_by=by)
        with room_for("picture"):
            picture.file.save(drawn.name or "picture.webp", drawn, save=False)
        picture.save()
        _touch(memorial)
        note(memorial, Step.Kind.PICTURE, by, alt)
    return picture


def remove_picture(memorial: Memorial, pk: int, *, by: User) -> bool:
    """Returns False if it is gone already. Raises PermissionDenied."""
    _check(memorial, by)
    with transaction.atomic():
        _lock(memorial)
        picture = memorial.pictures.filter(pk=pk).first()
        if picture is None:
            return False
        name = picture.file.name or ""
        note(memorial, Step.Kind.PICTURE_GONE, by, picture.alt)
        picture.delete()
        transaction.on_commit(lambda: delete_stored(name))
        _touch(memorial)
    return True


def add_recording(memorial: Memorial, upload: UploadedFile, *, by: User) -> Memorial:
    """Replace the recording. Raises PermissionDenied, and ValidationError if it is invalid or too large."""
    _check(memorial, by)
    extension = check_recording(upload)
    with transaction.atomic():
        _lock(memorial)
        memorial = Memorial.objects.with_members().get(pk=memorial.pk)
        before = memorial.recording_file.name or ""
        with room_for("recording"):
            memorial.recording_file.save(f"{uuid.uuid4().hex}.{extension}", upload, save=False)
        memorial.save(update_fields=["recording_file"])
        if before:
            transaction.on_commit(lambda: delete_stored(before))
        _touch(memorial)
        note(memorial, Step.Kind.RECORDING, by, one_line(upload.name or "")[:200])
    return memorial


def remove_recording(memorial: Memorial, *, by: User) -> bool:
    """Returns False if it is gone already. Raises PermissionDenied."""
    _check(memorial, by)
    with transaction.atomic():
        _lock(memorial)
        name = Memorial.objects.get(pk=memorial.pk).recording_file.name or ""
        if not name:
            return False
        Memorial.objects.filter(pk=memorial.pk).update(recording_file="")
        transaction.on_commit(lambda: delete_stored(name))
        _touch(memorial)
        note(memorial, Step.Kind.RECORDING_GONE, by)
    return True


def _lock(memorial: Memorial) -> Post:
    """Lock and return its post. Raises ValidationError (code "gone") if it has been erased since."""
    try:
        return lock_row(Post.objects, memorial.pk)
    except Post.DoesNotExist:
        raise ValidationError(_("This memorial was deleted in the meantime."), code="gone") from None


def _check(memorial: Memorial, by: User) -> None:
    check_may_write(by)
    if not may_edit(memorial, by):
        raise PermissionDenied


def _touch(memorial: Memorial) -> None:
    """Invalidate cached pages."""
    Post.objects.filter(pk=memorial.pk).update(thread_version=F("thread_version") + 1)
