"""Pictures in comments: stored, attached to their comment, and deleted with it (docs/decisions/0014)."""

import hashlib
import uuid
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import User
from accounts.services.permissions import check_may_write
from comments.models import Comment, CommentPicture
from core.utils.files import room_for
from core.utils.images import PictureSet, clean_picture_set
from core.utils.locks import lock_row
from core.utils.ratelimit import check_rates
from core.utils.text import one_line

LARGEST = (1600, 1600)
WIDTHS = (480, 960)
ALT_CHARACTERS = 200
DOUBLE_CLICK = timedelta(minutes=1)
# The characters that would end the brackets or the line.
_NOT_IN_ALT = str.maketrans({"[": "(", "]": ")"})


def add_picture(
    upload: UploadedFile, *, by: User, alt: str = "", came_with_text: bool = False
) -> CommentPicture:
    """Store a member's picture for one of their comments, in which picture_markdown() shows it.

    The same file sent again returns the existing picture if that is in no comment. came_with_text: one
    click sent it with the text, so after a double click it may be in a comment that is a few seconds old.

    Raises ValidationError if it is not a supported picture or the member may not write, and TooFast.
    """
    check_may_write(by)
    digest = _digest(upload)
    own = CommentPicture.objects.filter(uploaded_by=by)
    of_first_click = Q(created_at__gt=timezone.now() - DOUBLE_CLICK) if came_with_text else Q(pk=None)
    twin = own.filter(Q(comment=None) | of_first_click, digest=digest)
    if (earlier := twin.first()) is not None:
        return earlier
    check_rates(own, settings.PICTURE_RATES)
    drawn = clean_picture_set(upload, size=LARGEST, widths=WIDTHS, plain_width=WIDTHS[-1])
    picture = CommentPicture(
        uploaded_by=by,
        alt=clean_alt(alt),
        widths=list(drawn.webp),
        width=drawn.width,
        height=drawn.height,
        digest=digest,
        file=f"comments/{uuid.uuid4().hex}.{drawn.plain_format}",
    )
    # The row first: if the process is killed between the two, the cleanup finds the row and deletes it with
    # its files.
    with transaction.atomic():
        lock_row(User.objects, by.pk)
        if (earlier := twin.first()) is not None:
            return earlier
        check_rates(own, settings.PICTURE_RATES)
        picture.save()
    try:
        with room_for("picture"):
            _write_files(picture, drawn)
    except ValidationError:
        for name in picture.file_names():
            with suppress(OSError):
                default_storage.delete(name)
        picture.delete()
        raise
    return picture


def _digest(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _write_files(picture: CommentPicture, drawn: PictureSet) -> None:
    for width, content in drawn.webp.items():
        default_storage.save(picture.webp_name(width), ContentFile(content))
    default_storage.save(picture.file.name, ContentFile(drawn.plain))


def clean_alt(alt: str) -> str:
    """The alt text on one line, safe between brackets."""
    return one_line(
        "".join(sign for sign in alt if sign.isprintable() or sign.isspace()).translate(_NOT_IN_ALT)
    )[:ALT_CHARACTERS]


def picture_markdown(picture: CommentPicture) -> str:
    """The Markdown that shows the picture in a comment of its uploader."""
    return f"![{picture.alt}](picture:{picture.pk})"


# --- with comments/services/writing.py, inside its transactions ----------------------------------


def has_pictures(body: str) -> bool:
    """Whether the text may contain uploaded pictures."""
    return "](picture:" in body


def hold_pictures(author: User, body: str) -> None:
    """Lock the author's unsent pictures until the transaction ends."""
    if has_pictures(body):
        list(
            CommentPicture.objects.unsent()
            .filter(uploaded_by=author)
            .order_by("pk")
            .select_for_update(no_key=True)
            .values_list("pk")
        )


def check_picture_count(comment: Comment) -> None:
    """Raise ValidationError (code "too_many_pictures") above COMMENT_MAX_PICTURES."""
    if comment.picture_count > settings.COMMENT_MAX_PICTURES:
        limit = settings.COMMENT_MAX_PICTURES
        raise ValidationError(
            ngettext(
                "A comment can have up to %(count)d picture.",
                "A comment can have up to %(count)d pictures.",
                limit,
            )
            % {"count": limit},
            code="too_many_pictures",
        )


def bind_pictures(comment: Comment) -> int:
    """Attach the pictures in the text to this comment. Returns the number of new ones."""
    if not comment.shown_pictures:
        return 0
    return CommentPicture.objects.unsent().filter(pk__in=comment.shown_pictures).update(comment=comment)


def settle_pictures(comment: Comment) -> None:
    """Set how long the pictures are kept, after the comment's status changed."""
    status = Comment.Status
    days = {
        status.DELETED.value: 0,
        status.REMOVED.value: settings.PICTURE_REMOVED_DAYS,
        status.SPAM.value: settings.PICTURE_REMOVED_DAYS,
    }
    stays = days.get(comment.status)
    comment.pictures.update(discard_at=None if stays is None else timezone.now() + timedelta(days=stays))
