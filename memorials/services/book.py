"""The book of a memorial: letter, pictures and permitted memories as one self-contained page."""

import hashlib
import logging
import tempfile
import uuid
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from accounts.services.export import private_storage
from comments.models import Comment
from comments.models.querysets import CommentQuerySet
from core.markup.offline import audio_address, data_address, offline_html, own_sheet
from core.models import SiteSettings
from core.utils.locks import lock_row
from core.utils.site_locale import site_locale
from memorials.models import Book, Memorial, MemorialPicture, Step
from memorials.services import mails
from posts.models import Post

logger = logging.getLogger(__name__)

FOLDER = "memorials"
STYLES = settings.BASE_DIR / "static" / "css" / "memorial-book.css"
ROWS_AT_ONCE = 100
# Pictures are embedded as data, so at most this much of the book is in memory at once, plus one memory.
CHARACTERS_AT_ONCE = 4_000_000
# A larger recording is not embedded but named with the URL of the page: browsers would struggle to open the
# file.
LARGEST_RECORDING = 25 * 1024 * 1024
BYTES_AT_ONCE = 3 * 64 * 1024
HERE = "(the recording)"  # a placeholder; base64 contains no brackets
# How long a book is kept. It can be made again quickly.
KEPT_FOR = timedelta(days=30)
# A book that is not ready after this time was left by a killed worker.
SETTLES_AFTER = timedelta(hours=6)


def permitted(memorial: Memorial) -> CommentQuerySet:
    """The memories that the family may have, in thread order: each once, replies after their parents."""
    public: CommentQuerySet = Comment.objects.public().filter(post=memorial.pk)
    return public.filter(family_choice__is_allowed=True).select_related("author").order_by("tree_id", "lft")


def contents_of(memorial: Memorial) -> str:
    """A digest of the book's current contents. Three queries.

    It is based on revisions, because not every edit is marked as one.
    """
    memories = (
        permitted(memorial)
        .annotate(revision=Max("revisions"))
        .values_list(
            "pk",
            "revision",
            "corrected_at",
            "guest_name",
            "author__username",
            "author__display_name",
            "author__profile_hidden",
        )
    )
    pictures = memorial.pictures.values_list("pk", "alt")
    post = Post.objects.filter(pk=memorial.pk).values_list("title", "body")
    recording = [memorial.recording, memorial.recording_label, memorial.recording_file.name]
    parts = [[*memories], [*pictures], [*post], memorial.dates, *recording]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def is_current(book: Book) -> bool:
    """Whether a finished book contains exactly what the family may have now."""
    return book.ready_at is not None and book.digest == contents_of(book.memorial)


def request_book(memorial: Memorial, *, by: User) -> Book:
    """Enqueue the book. While one is being made, further requests return the same one."""
    with transaction.atomic():
        memorial = lock_row(Memorial.objects, memorial.pk)
        there = Book.objects.filter(memorial=memorial).first()
        if there is not None and there.is_being_made:
            return there
        Step.objects.create(memorial=memorial, kind=Step.Kind.BOOK, by=by)
        forget_book(memorial.pk)
        book = Book.objects.create(
            memorial=memorial, total=permitted(memorial).count(), digest=contents_of(memorial)
        )
        from memorials.tasks import make_book  # noqa: PLC0415 - tasks imports this module

        make_book.enqueue(memorial.pk, by.pk)
    return book


def write_book(memorial_pk: int, asked_by: int) -> bool:
    """Write the file and email the person who asked.

    Returns False if no one waits for it any more, or it could not be written.
    """
    book = (
        Book.objects.filter(pk=memorial_pk, ready_at=None)
        .select_related("memorial__member", "memorial__post")
        .first()
    )
    if book is None:
        return False
    name = f"{FOLDER}/{uuid.uuid4().hex}.html"
    try:
        with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as file, site_locale():
            _fill(file, book)
            size = file.tell()
            file.seek(0)
            name = private_storage().save(name, File(file))
    except OSError as error:  # a full disk, or unavailable object storage
        logger.error("The book of a memorial could not be written to a file: %s", error)
        Book.objects.filter(pk=memorial_pk, asked_at=book.asked_at).update(failed_at=timezone.now())
        return False
    with transaction.atomic():
        # If someone has withdrawn a memory, this book was deleted, and the next one is another row.
        waiting = Book.objects.filter(pk=memorial_pk, asked_at=book.asked_at, ready_at=None)
        done = waiting.update(ready_at=timezone.now(), file=name, size=size)
        if done and (reader := User.objects.public().filter(pk=asked_by).first()):
            mails.notify_of_book(book.memorial, to=reader)
    if not done:
        private_storage().delete(name)
    return bool(done)


def _fill(file: IO[bytes], book: Book) -> None:
    done = 0
    for piece, count in book_pieces(book.memorial, styles=own_sheet(STYLES.read_text("utf-8"))):
        file.write(piece.encode())
        done += count
        if count:
            Book.objects.filter(pk=book.pk, asked_at=book.asked_at).update(done=done)


def book_pieces(memorial: Memorial, *, styles: str = "") -> Iterator[tuple[str, int]]:
    """The page in chunks, each with the number of memories in it.

    styles: the CSS of a self-contained file. Without it, it is a page of the site with linked pictures.
    """
    read = read_picture if styles else None
    pictures = [
        {"picture": one, "address": _as_data(one) if styles else one.file.url}
        for one in memorial.pictures.all()
    ]
    recording = recording_address(memorial, is_alone=bool(styles))
    common = {
        "memorial": memorial,
        "site_name": SiteSettings.current().title,
        "recording": recording,
    }
    letter = offline_html(memorial.post.body, read)
    count = permitted(memorial).count()
    context = common | {"styles": styles, "letter": letter, "pictures": pictures, "count": count}
    head = str(render_to_string("memorials/book/head.html", context))
    if recording.endswith(HERE):
        before, _here, head = head.partition(recording)
        yield before + recording.removesuffix(HERE), 0
        yield from ((piece, 0) for piece in _recorded(memorial))
    yield head, 0
    some: list[dict[str, Any]] = []
    size = 0
    for memory in _each(memorial):
        words = offline_html(memory.public_html, read)
        some.append({"memory": memory, "words": words})
        size += len(words)
        if len(some) == ROWS_AT_ONCE or size > CHARACTERS_AT_ONCE:
            yield render_to_string("memorials/book/memories.html", {"memories": some}), len(some)
            some, size = [], 0
    yield render_to_string("memorials/book/memories.html", {"memories": some}), len(some)
    yield render_to_string("memorials/book/foot.html", common | {"now": timezone.now()}), 0


def _each(memorial: Memorial) -> Iterator[Comment]:
    """The memories in order, read in batches, so that no query is open while the progress is written.

    On SQLite, a write during an open query fails as soon as another process has written.
    """
    keys = list(permitted(memorial).values_list("pk", flat=True))
    for first in range(0, len(keys), ROWS_AT_ONCE):
        yield from permitted(memorial).filter(pk__in=keys[first : first + ROWS_AT_ONCE])


def recording_address(memorial: Memorial, *, is_alone: bool) -> str:
    """The source of the recording; "" if there is none, or it is too large or missing.

    In a self-contained book it is embedded in chunks in place of HERE, since it may be larger than everything
    else.
    """
    file = memorial.recording_file
    if not file or not is_alone:
        return file.url if file else ""
    try:
        if not 0 < file.size <= LARGEST_RECORDING:
            return ""
    except OSError:  # the file is missing
        return ""
    return audio_address(file.name or "") + HERE


def _recorded(memorial: Memorial) -> Iterator[str]:
    """The recording in base64. Chunks of a multiple of three bytes give the same result as the whole."""
    with memorial.recording_file.open() as file:
        while piece := file.read(BYTES_AT_ONCE):
            yield b64encode(piece).decode()


def _as_data(picture: MemorialPicture) -> str:
    content = read_picture(picture.file.url)
    return data_address(picture.file.name or "", content) if content else ""


def read_picture(address: str) -> bytes | None:
    """The contents of one of our pictures by URL; None for other URLs and missing files."""
    base = default_storage.url("x").removesuffix("x")
    name = address.partition("?")[0].removeprefix(base)
    if name == address.partition("?")[0]:
        return None
    try:
        with default_storage.open(name) as file:
            return bytes(file.read())
    except (OSError, ValueError, SuspiciousFileOperation):  # missing, or not a valid file name
        return None


def forget_book(memorial_pk: int) -> None:
    """Delete a book that no longer has only what the family may have."""
    # Locked, because the worker may be about to store its file name.
    book = Book.objects.select_for_update().filter(pk=memorial_pk).first()
    if book is None:
        return
    Book.objects.filter(pk=memorial_pk).delete()
    if book.file:
        transaction.on_commit(lambda: _delete(book.file))


def _delete(name: str) -> None:
    with suppress(OSError):
        private_storage().delete(name)


def sweep_books() -> int:
    """Delete old books and leftovers of killed workers."""
    now = timezone.now()
    old = Book.objects.filter(asked_at__lt=now - KEPT_FOR)
    stuck = Book.objects.filter(ready_at=None, asked_at__lt=now - SETTLES_AFTER)
    swept = 0
    for book in [*old, *stuck]:
        with transaction.atomic():
            forget_book(book.pk)
        swept += 1
    return swept
