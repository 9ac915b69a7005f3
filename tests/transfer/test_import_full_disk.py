"""A full disk during an import or while its report is written leads to a one-line message."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from comments.models import Comment
from posts.models import Post
from tests.transfer.wxr import comment, post, wxr

only_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="SQLite can be told that its disk is full"
)


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_an_import_that_fills_the_disk_says_so_in_one_line_and_goes_on_later(tmp_path: Path, host):
    file = wxr(
        tmp_path / "export.xml",
        *(
            post(10 + n, comment(1 + n, "Flour. " * 1000), post_name=f"p{n}", content="Bread. " * 5000)
            for n in range(40)
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count")
        before = cursor.fetchone()[0]
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0] + 100}")
        try:
            with pytest.raises(CommandError) as caught:
                call_command("import_wordpress", str(file), stdout=StringIO(), stderr=StringIO())
        finally:
            cursor.execute(f"PRAGMA max_page_count = {before}")
    assert (
        str(caught.value)
        == f"{file}: The disk is full. Everything before that was imported; run the command again."
    )
    there = Post.objects.count()
    assert 0 < there < 40
    call_command("import_wordpress", str(file), stdout=StringIO(), stderr=StringIO())
    assert (Post.objects.count(), Comment.objects.count()) == (40, 40)


class FullDisk(StringIO):
    """A file that cannot be written to, like /dev/full."""

    def write(self, _text: str) -> int:
        raise OSError(28, os.strerror(28))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("is_dry_run", "so_far"), [(False, "The import itself is complete."), (True, "Nothing was imported.")]
)
def test_a_report_that_finds_no_room_says_so_in_one_line(tmp_path: Path, host, is_dry_run: bool, so_far: str):
    file = wxr(tmp_path / "export.xml", post(10, comment(1)))
    with pytest.raises(CommandError) as caught:
        call_command("import_wordpress", str(file), stdout=FullDisk(), stderr=StringIO(), dry_run=is_dry_run)
    assert str(caught.value) == f"The report could not be written: The disk is full. {so_far}"
    assert Post.objects.count() == (0 if is_dry_run else 1)


@only_sqlite
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a disk that is always full")
def test_a_report_into_a_full_disk_leaves_one_line_and_no_traceback(tmp_path: Path, empty_site: Path):
    """As in a terminal: Python must not try to write its buffer again when it exits."""
    file = wxr(tmp_path / "export.xml")
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{empty_site}",
        "VAR_DIR": str(tmp_path),
        "DEBUG": "1",
    }
    manage = [sys.executable, str(Path(site_settings.BASE_DIR) / "manage.py")]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*manage, "import_wordpress", str(file)],
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert (
        ended.stderr
        == "CommandError: The report could not be written: The disk is full. The import itself is complete.\n"
    )
