"""A memorial and its keepers."""

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from comments.models import Comment
from memorials.models import Memorial
from memorials.services.keeping import Proposal, confirm, propose
from tests.factories import make_host, make_member, put_comment


def make_proposal(name: str = "otter", **fields: Any) -> Memorial:
    member = User.objects.filter(username=name).first() or make_member(name, display_name="Otter")
    host = User.objects.filter(username="nora").first() or make_host("nora")
    keeper = User.objects.filter(username="ruth").first() or make_member("ruth")
    return propose(Proposal(member, keeper, **fields), by=host)


def a_memorial(name: str = "otter", **fields: Any) -> Memorial:
    """Create a memorial that both have confirmed."""
    memorial = make_proposal(name, **fields)
    return Memorial.objects.with_members().get(pk=confirm(memorial, by=memorial.keeper).pk)


def a_thousand_memories(memorial: Memorial, writer: User) -> list[Comment]:
    """Insert memories of nine days, oldest first, as rows: through the form this would take minutes."""
    first = put_comment(memorial.post, author=writer)
    begin = timezone.now() - timedelta(days=9)
    rows = []
    for number in range(1000):
        place = {"lft": first.lft, "rght": first.rght, "level": 0, "tree_id": first.tree_id + 1 + number}
        row = Comment(post=memorial.post, author=writer, parent=None, status="public", **place)
        row.body, row.html = f"Memory {number}.", f"<p>Memory {number}.</p>"
        row.created_at = row.published_at = begin + timedelta(minutes=number)
        rows.append(row)
    Comment.objects.bulk_create(rows)
    return [*Comment.objects.filter(post=memorial.post).exclude(pk=first.pk).order_by("tree_id")]


def a_recording(name: str = "voice.mp3", content: bytes = b"ID3\x04 a voice") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="audio/mpeg")
