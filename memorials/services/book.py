"""The book of a memorial: the letter, the pictures and every memory that the family may have, as one page that needs no network."""

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
# Pictures are in them as data: so much of the book is in memory at once, and one memory more.
CHARACTERS_AT_ONCE = 4_000_000
# A larger recording is named in the book, with the address of the page: no program opens such a page at ease.
LARGEST_RECORDING = 25 * 1024 * 1024
BYTES_AT_ONCE = 3 * 64 * 1024
HERE = "(the recording)"  # no data: what is in brackets is never base64
# So long a book is kept; it is made again in a moment.
KEPT_FOR = timedelta(days=30)
# A book that is not ready after this was left by a killed worker.
SETTLES_AFTER = timedelta(hours=6)


def permitted(memorial: Memorial) -> CommentQuerySet:
    """What the family may have, in the order of the thread: every memory once, replies behind what they reply to."""
    public: CommentQuerySet = Comment.objects.public().filter(post=memorial.pk)
    return public.filter(family_choice__is_allowed=True).select_related("author").order_by("tree_id", "lft")


def contents_of(memorial: Memorial) -> str:
    """A digest of everything that the book has now. Three queries. Each edit is a revision; many are not marked as edits."""
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
    said = [[*memories], [*pictures], [*post], memorial.dates, *recording]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def is_current(book: Book) -> bool:
    """Whether a book that is ready has exactly what the family may have now."""
    return book.ready_at is not None and book.digest == contents_of(book.memorial)


def ask_for_book(memorial: Memorial, *, by: User) -> Book:
    """Let the worker make it. While one is being made, a further request returns the same."""
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
        from memorials.tasks import make_book  # noqa: PLC0415 - tasks call what is below

        make_book.enqueue(memorial.pk, by.pk)
    return book


def write_book(memorial_pk: int, asked_by: int) -> bool:
    """Write the file, and email who asked for it. Returns False if nobody waits for it any more, or it could not be written."""
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
    except OSError as error:  # a full disk, a bucket that is away
        logger.error("The book of a memorial could not be written to a file: %s", error)
        Book.objects.filter(pk=memorial_pk, asked_at=book.asked_at).update(failed_at=timezone.now())
        return False
    with transaction.atomic():
        # Not if somebody withdrew their words in between: then it was forgotten, and the next one is another row.
        waiting = Book.objects.filter(pk=memorial_pk, asked_at=book.asked_at, ready_at=None)
        done = waiting.update(ready_at=timezone.now(), file=name, size=size)
        if done and (reader := User.objects.public().filter(pk=asked_by).first()):
            mails.tell_of_book(book.memorial, to=reader)
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
    """The page, piece by piece, each with the number of memories in it.

    styles: of a file that stands alone. Without them it is a page of the site, with pictures at their addresses.
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
    """In order, some at a time and each time as they are then: no statement stays open while the progress is written.

    On SQLite an open one refuses that write as soon as somebody else has written.
    """
    keys = list(permitted(memorial).values_list("pk", flat=True))
    for first in range(0, len(keys), ROWS_AT_ONCE):
        yield from permitted(memorial).filter(pk__in=keys[first : first + ROWS_AT_ONCE])


def recording_address(memorial: Memorial, *, is_alone: bool) -> str:
    """Where the book plays the recording from; "" without one, and where it is too large or gone.

    In a book that stands alone it is inside: in place of HERE, piece by piece, since it may be larger than all else together.
    """
    file = memorial.recording_file
    if not file or not is_alone:
        return file.url if file else ""
    try:
        if not 0 < file.size <= LARGEST_RECORDING:
            return ""
    except OSError:  # gone
        return ""
    return audio_address(file.name or "") + HERE


def _recorded(memorial: Memorial) -> Iterator[str]:
    """As base64: what is encoded in pieces of three bytes and joined is the same as the whole."""
    with memorial.recording_file.open() as file:
        while piece := file.read(BYTES_AT_ONCE):
            yield b64encode(piece).decode()


def _as_data(picture: MemorialPicture) -> str:
    content = read_picture(picture.file.url)
    return data_address(picture.file.name or "", content) if content else ""


def read_picture(address: str) -> bytes | None:
    """What is in the file behind the address of one of our pictures; None for any other, and where it is gone."""
    base = default_storage.url("x").removesuffix("x")
    name = address.partition("?")[0].removeprefix(base)
    if name == address.partition("?")[0]:
        return None
    try:
        with default_storage.open(name) as file:
            return bytes(file.read())
    except (OSError, ValueError, SuspiciousFileOperation):  # gone, or no name of a file
        return None


def forget_book(memorial_pk: int) -> None:
    """The book as it was made is no longer what the family may have."""
    # Locked, as the worker may be about to note where its file is.
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
    """Delete old books, and those that a killed worker left."""
    now = timezone.now()
    old = Book.objects.filter(asked_at__lt=now - KEPT_FOR)
    stuck = Book.objects.filter(ready_at=None, asked_at__lt=now - SETTLES_AFTER)
    swept = 0
    for book in [*old, *stuck]:
        with transaction.atomic():
            forget_book(book.pk)
        swept += 1
    return swept
