"""Publishing and unpublishing posts, and other actions on them."""

from datetime import datetime
from functools import partial
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from accounts.models import User
from core.markup.plain import plain_text
from core.models import SiteSettings
from core.utils.guessing import guess_language
from core.utils.images import CropBox, clean_picture
from posts.models import Post
from posts.services.versions import keep_first_version
from posts.signals import comments_switched, post_published, post_rescheduled, review_accepted

# The picture files of a post. Each save stores new ones under new names.
PICTURE_COLUMNS = ["cover", "cover_thumb", "cover_small", "share_picture"]
COVER_SIZE = (1600, 1200)
THUMB_SIZE = (480, 480)
SMALL_SIZE = (800, 600)


def save_post(post: Post, *, by: User, intends: str = "") -> None:
    """Save a new or changed post, then publish or unpublish it, so that it is announced once.

    `published_at` is the date on which it goes live, None for a draft. intends: "publish" or "unpublish",
    from the button. Tags are stored afterwards; then `keep_version` follows.
    """
    with transaction.atomic():
        before = Post.objects.select_for_update().filter(pk=post.pk).first() if post.pk else None
        wanted_at, was_at = post.published_at, before.published_at if before else None
        is_moved = was_at is not None and wanted_at is not None
        post.updated_at = timezone.now()
        draw_smaller_covers(post, before)
        if was_at is not None and wanted_at is None and intends == "publish":
            post.published_at = min(was_at, timezone.now())  # announced at the scheduled time
        elif not is_moved:
            post.published_at = was_at
        if before is None:
            post.save()
        else:
            keep_first_version(before)
            _save_changed(post, before)
        if was_at is None and (wanted_at or intends == "publish"):
            publish_post(post, at=wanted_at, by=by)
        elif was_at is not None and (intends == "unpublish" or (wanted_at is None and intends != "publish")):
            withdraw_post(post)
        elif before is not None and was_at is not None and post.is_announced and not before.is_announced:
            post_published.send(sender=Post, post=post)
        if before is not None and before.comments_open != post.comments_open:
            comments_switched.send(sender=Post, post=post, is_open=post.comments_open, by=by)
        if before is not None and before.is_scheduled and post.published_at not in {None, was_at}:
            post_rescheduled.send(sender=Post, post=post)


def _save_changed(post: Post, before: Post) -> None:
    """Save the form's fields only: comments may have been posted since, which changes the counters."""
    columns = [field for field in Post._meta.concrete_fields if not field.primary_key]
    post.save(
        update_fields=[
            *(field.name for field in columns if field.editable),
            "cover_thumb",
            "cover_small",
            "updated_at",
        ]
    )
    if before.slug != post.slug and before.is_published:
        before.keep_own_address()
    for name in PICTURE_COLUMNS:
        old = getattr(before, name)
        if old and old.name != getattr(post, name).name:
            _delete_after_commit(old)


def draw_smaller_covers(post: Post, before: Post | None) -> None:
    """Create the square thumbnail around the focal point, and a smaller copy of a large cover.

    Neither if the picture is missing or broken.
    """
    if not post.cover:
        post.cover_thumb = post.cover_small = ""
        return
    if before is not None and before.cover_thumb:
        old, new = ([each.cover.name, each.cover_x, each.cover_y] for each in (before, post))
        if old == new and (before.cover_small or not _is_wide(post)):
            return
    # Otherwise it is not written yet and read from its beginning.
    is_stored = post.cover._committed  # type: ignore[attr-defined]  # not in the stubs
    try:
        post.cover.open()
        cut = CropBox(post.cover_x / 100, post.cover_y / 100)
        post.cover_thumb = clean_picture(post.cover.file, size=THUMB_SIZE, crop=cut)
        post.cover.seek(0)
        post.cover_small = clean_picture(post.cover.file, size=SMALL_SIZE) if _is_wide(post) else ""
    except (OSError, ValidationError):
        post.cover_thumb = post.cover_small = ""
    finally:
        if is_stored:
            post.cover.close()
        else:
            post.cover.seek(0)


def _is_wide(post: Post) -> bool:
    """Whether the cover has more pixels than the small copy. False if its file is missing."""
    try:
        return (post.cover.width or 0) > SMALL_SIZE[0]
    except OSError:
        return False


def publish_post(post: Post, *, at: datetime | None = None, by: User | None = None) -> bool:
    """Publish a draft now or at the given time. Returns False if it was published or scheduled already.

    One UPDATE of the unpublished row, so that a second click announces nothing twice. by: the user whose
    approval a contributor is notified of.
    """
    with transaction.atomic():
        waiting = Post.objects.filter(pk=post.pk, review=Post.Review.ASKED)
        is_accepted = by is not None and by != post.author and waiting.select_for_update().exists()
        published_at = at or timezone.now()
        language = post.language or language_of_text(post)
        published = (
            Post.objects.drafts()
            .filter(pk=post.pk)
            .update(
                published_at=published_at,
                review=Post.Review.NONE,
                updated_at=timezone.now(),
                language=language,
            )
        )
        if published:
            post.published_at, post.language = published_at, language
            if post.is_announced:
                post_published.send(sender=Post, post=post)
            if is_accepted:
                review_accepted.send(sender=Post, post=post)
    return bool(published)


def language_of_text(post: Post) -> str:
    """The detected language of a post whose author chose none; "" for the site's. The host can change it."""
    guess = guess_language(f"{post.title}. {plain_text(post.body)}")
    return "" if guess == SiteSettings.current().language_code.partition("-")[0] else guess


def withdraw_post(post: Post) -> bool:
    """Unpublish a published or scheduled post and hide its comments. Returns False if it was a draft."""
    if post.is_published:
        post.keep_own_address()
    withdrawn = (
        Post.objects.exclude(published_at=None)
        .filter(pk=post.pk)
        .update(published_at=None, updated_at=timezone.now())
    )
    post.published_at = None
    return bool(withdrawn)


def set_comments_open(post: Post, is_open: bool, *, by: User) -> bool:
    """Open or close the comments of a post. Returns False if nothing changed."""
    with transaction.atomic():
        changed = Post.objects.filter(pk=post.pk, comments_open=not is_open).update(
            comments_open=is_open, updated_at=timezone.now()
        )
        post.comments_open = is_open
        if changed:
            comments_switched.send(sender=Post, post=post, is_open=is_open, by=by)
    return bool(changed)


def delete_pictures_after_commit(post: Post) -> None:
    """Delete a post's picture files after the commit, when the deletion is certain."""
    for name in PICTURE_COLUMNS:
        if picture := getattr(post, name):
            _delete_after_commit(picture)


def _delete_after_commit(picture: FieldFile) -> None:
    transaction.on_commit(partial(picture.storage.delete, cast(str, picture.name)))
