"""A read-only disk: pages still work, typed text is given back, and nothing is half done."""

import subprocess

import pytest
from django.db import connection

from comments.models import Comment
from tests.core.test_full_disk import NO_ROOM, noisy
from tests.core.test_locked_database import kept_in
from tests.factories import make_comment

TEXT = "A long thought.\nIn two lines."


@pytest.fixture
def read_only_database():
    """SQLite refuses every write, as on such a disk."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
        yield
        cursor.execute("PRAGMA query_only = OFF")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's server stops by itself")
def test_pages_are_read_and_a_comment_comes_back_to_its_author(post, member, signed_in, client, request):
    make_comment(post, body="Read me.")
    browser = signed_in(member)
    browser.raise_request_exception = client.raise_request_exception = False
    request.getfixturevalue("read_only_database")
    for reader in (client, browser):
        assert "Read me." in reader.get(f"/posts/{post.slug}/").content.decode()
    answer = browser.post(f"/posts/{post.slug}/comments/", {"body": TEXT})
    assert (answer.status_code, answer["Retry-After"], kept_in(answer.content.decode())) == (
        503,
        "30",
        [TEXT],
    )
    assert Comment.objects.count() == 1


@pytest.mark.django_db
def test_a_picture_is_refused_with_a_message(tmp_path, settings, member, post, signed_in):
    folder = tmp_path / "closed"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a disk")
    settings.MEDIA_ROOT = str(folder)
    try:
        answer = signed_in(member).post("/comments/pictures/", {"picture": noisy((60, 40))})
        assert (answer.status_code, NO_ROOM in answer.json()["error"]) == (422, True)
        answer = signed_in(member).post(
            f"/posts/{post.slug}/comments/", {"body": TEXT, "pictures": noisy((60, 40))}
        )
        assert (answer.status_code, kept_in(answer.content.decode())) == (422, [TEXT])
    finally:
        subprocess.run(["umount", str(folder)], check=True)  # noqa: S607 - the system's own
