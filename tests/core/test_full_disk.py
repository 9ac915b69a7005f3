"""A full disk (a real, small one), and a read-only folder: an error at the field, and no files left behind."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection, transaction
from PIL import Image

from accounts.models.images import files_of
from accounts.services.export import request_export
from comments.models import Comment, CommentPicture
from core.utils.files import SafeFileSystemStorage
from tests.factories import make_picture

NO_ROOM = "We can’t store pictures right now"


@pytest.fixture(params=[4, 16, 60], ids=lambda size: f"{size} kB")
def small_disk(request, settings, tmp_path) -> Iterator[Path]:
    """A disk with that many kB for images: too few for the first file, for the second, for all."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={request.param}k", "tmpfs", str(folder)]
    made = subprocess.run(command, capture_output=True, check=False)
    if made.returncode:
        pytest.skip("only root can mount a small disk")
    settings.MEDIA_ROOT = str(folder)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S607 - the system's own


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


def noisy(size: tuple[int, int] = (900, 600)):
    """Return an image that compresses badly."""
    out = BytesIO()
    Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3)).save(out, "PNG")
    return SimpleUploadedFile("noise.png", out.getvalue(), content_type="image/png")


def test_half_a_file_is_none(small_disk):
    with pytest.raises(OSError, match="No space left"):
        default_storage.save("a/b.bin", ContentFile(b"x" * 200_000))
    assert files(small_disk) == []


def test_a_file_that_was_there_stays(tmp_path):
    storage = SafeFileSystemStorage(location=tmp_path)
    name = storage.save("a.txt", ContentFile(b"first"))
    assert storage.save("a.txt", ContentFile(b"second")) != name
    assert (tmp_path / "a.txt").read_bytes() == b"first"


@pytest.mark.django_db
def test_a_picture_for_a_comment_is_refused_with_a_message(small_disk, member, signed_in):
    answer = signed_in(member).post("/comments/pictures/", {"picture": noisy()})
    assert (answer.status_code, NO_ROOM in answer.json()["error"]) == (422, True)
    assert (files(small_disk), CommentPicture.objects.count()) == ([], 0)


@pytest.mark.django_db
def test_a_comment_with_a_picture_keeps_its_text(small_disk, member, post, signed_in):
    answer = signed_in(member).post(
        f"/posts/{post.slug}/comments/", {"body": "A long thought.", "pictures": noisy()}
    )
    page = answer.content.decode()
    assert (answer.status_code, NO_ROOM in page, "A long thought.</textarea>" in page) == (422, True, True)
    assert (files(small_disk), Comment.objects.count()) == ([], 0)


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["avatar", "cover"])
def test_a_profile_picture_is_refused_at_its_field(small_disk, member, signed_in, field):
    form = {
        "display_name": "Alice",
        "bio": "A long story.",
        "links-TOTAL_FORMS": 0,
        "links-INITIAL_FORMS": 0,
        field: noisy(),
    }
    answer = signed_in(member).post("/members/me/edit/", form)
    page = answer.content.decode()
    assert (answer.status_code, "A long story.</textarea>" in page) == (422, True)
    assert NO_ROOM in answer.context["form"].errors[field][0]
    member.refresh_from_db()
    assert (files(small_disk), bool(getattr(member, field)), member.bio) == ([], False, "")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Alice", "A" * 500])
def test_of_two_pictures_none_is_left_that_nobody_knows(small_disk, member, signed_in, name):
    """An image that fits is stored until the form is sent again, with or without another error."""
    form = {
        "display_name": name,
        "links-TOTAL_FORMS": 0,
        "links-INITIAL_FORMS": 0,
        "avatar": make_picture((40, 40)),
        "cover": noisy((1500, 500)),
    }
    answer = signed_in(member).post("/members/me/edit/", form)
    assert (answer.status_code, NO_ROOM in answer.context["form"].errors["cover"][0]) == (422, True)
    waiting = [name for chosen in member.chosen_pictures.all() for name in files_of(chosen.file.name)]
    assert sorted(files(small_disk)) == sorted(name.rpartition("/")[2] for name in waiting)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/posts/{post.slug}/comments/", "/members/me/edit/"])
def test_no_room_while_the_form_is_read_keeps_its_text(
    small_disk, settings, member, post, signed_in, address
):
    """Files beyond FILE_UPLOAD_MAX_MEMORY_SIZE are written to a temporary file before any form is involved."""
    settings.FILE_UPLOAD_TEMP_DIR, settings.FILE_UPLOAD_MAX_MEMORY_SIZE = str(small_disk), 1000
    form = {"body": "A long thought.", "bio": "A long story.", "pictures": noisy(), "avatar": noisy()}
    answer = signed_in(member).post(address.format(post=post), form)
    page = answer.content.decode()
    assert (answer.status_code, "We can’t store files right now" in page) == (507, True)
    assert "css/forms.css" in page  # the field looks like one
    assert ("A long thought.</textarea>" in page, "A long story.</textarea>" in page) == (True, True)
    assert (files(small_disk), Comment.objects.count()) == ([], 0)
    del form["pictures"], form["avatar"]
    assert signed_in(member).post(f"/posts/{post.slug}/comments/", form).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["FILE_UPLOAD_TEMP_DIR", "private"])
def test_data_that_finds_no_room_is_said_by_email_and_leaves_nothing(small_disk, settings, member, place):
    member.bio = os.urandom(60_000).hex()
    member.save()
    if place == "private":
        backend = settings.STORAGES["private"] | {"OPTIONS": {"location": str(small_disk)}}
        settings.STORAGES = settings.STORAGES | {"private": backend}
    else:
        settings.FILE_UPLOAD_TEMP_DIR = str(small_disk)
    request_export(member)
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([member.email], "We couldn’t prepare your data")
    assert (files(small_disk), member.data_exports.count()) == ([], 0)


@pytest.mark.django_db
def test_a_folder_that_is_none_is_said_too(settings, tmp_path, member, signed_in):
    (tmp_path / "file").write_text("no folder")
    settings.MEDIA_ROOT = str(tmp_path / "file")
    answer = signed_in(member).post("/comments/pictures/", {"picture": make_picture()})
    assert (answer.status_code, NO_ROOM in answer.json()["error"]) == (422, True)


def fill_free_pages(cursor) -> None:
    """Use up the pages inside the database file that earlier tests have freed."""
    with suppress(OperationalError):
        cursor.execute("CREATE TABLE filler (content)")
    for size in (100_000, 3_000):
        with suppress(OperationalError):
            while True:
                with transaction.atomic():
                    cursor.execute("INSERT INTO filler VALUES (zeroblob(%s))", [size])


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite can be told that its disk is full")
def test_a_full_disk_under_the_database_gives_the_text_back(member, post, signed_in):
    text = "A long thought. " * 2000
    browser = signed_in(member)
    browser.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count")
        before = cursor.fetchone()[0]
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        fill_free_pages(cursor)
        try:
            for _ in range(20):
                answer = browser.post(
                    f"/posts/{post.slug}/comments/",
                    {"body": text[: site_settings.COMMENT_MAX_CHARACTERS - 10]},
                )
                if answer.status_code != 302:
                    break
        finally:
            cursor.execute(f"PRAGMA max_page_count = {before}")
            cursor.execute("DROP TABLE IF EXISTS filler")
    assert answer.status_code == 503
    assert f"{text[:200]}" in answer.content.decode()
