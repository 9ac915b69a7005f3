"""The dashboard with the imported thread of a real blog, whose host thanked once and never came back.

tests/dashboard/threads.py paraphrases it. REAL_THREAD=FILE.xml uses the export of the blog itself: its
comments are in the same order, so the labels are the same.
"""

import os
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.asserts import assertContains

from accounts.models import User
from comments.models import Comment
from tests.dashboard.threads import BLOG
from tests.transfer.wxr import author, comment, post, wxr

pytestmark = pytest.mark.django_db

# Labelled by hand, by position in the thread: no one replied to these.
WAITING = {number for number, (*_said, waits) in enumerate(BLOG, 1) if waits}


def told_again(path: Path) -> Path:
    said = [
        comment(
            number,
            text,
            comment_author=name,
            comment_author_email=f"{name.lower().replace(' ', '')}@example.org",
            comment_date=f"{when}:00",
            comment_date_gmt=f"{when}:00",
            comment_parent=parent,
            comment_user_id=int(name == "Harriet"),
        )
        for number, (name, when, parent, text, _waits) in enumerate(BLOG, 1)
    ]
    return wxr(
        path,
        author(login="harriet", email="harriet@example.org", name="Harriet"),
        post(10, *said, creator="harriet"),
    )


def test_it_lists_those_who_stayed_alone_and_not_those_who_were_thanked(tmp_path, signed_in):
    export = os.environ.get("REAL_THREAD") or told_again(tmp_path / "blog.xml")
    call_command("import_wordpress", str(export), verbosity=0)
    host = Comment.objects.get(author__isnull=False).author
    User.objects.filter(pk=host.pk).update(is_active=True, is_staff=True, is_superuser=True)
    places = {
        pk: number
        for number, pk in enumerate(
            Comment.objects.order_by("created_at", "pk").values_list("pk", flat=True), 1
        )
    }
    page = signed_in(User.objects.get(pk=host.pk)).get("/admin/")
    listed = {places[int(pk)] for pk in re.findall(r'id="wait-(\d+)"', page.content.decode())}
    hits = len(listed & WAITING)
    assert hits / len(listed) >= 0.8, f"precision: {sorted(listed - WAITING)} do not wait"
    assert hits / len(WAITING) >= 0.8, f"recall: {sorted(WAITING - listed)} are missing"
    # The question of 26 April, though its author was thanked; the longest; the request for help of 2 June.
    assert listed >= {8, 13, 15}
    assertContains(page, f"{len(listed)} comments are waiting for you.")
