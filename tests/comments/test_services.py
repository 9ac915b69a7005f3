import pytest

from comments.models import Comment
from comments.services.writing import edit_comment, publish_comment
from core.markup.plain import plain_text

pytestmark = pytest.mark.sql


def test_a_reply_stands_inside_its_parent(post, member):
    first = publish_comment(post=post, author=member, body="First.")
    reply = publish_comment(post=post, author=member, body="Second.", parent=first)
    assert (reply.tree_id, reply.level, reply.parent) == (first.tree_id, 1, first)
    assert list(first.get_descendants()) == [reply]
    assert list(Comment.objects.in_reading_order()) == [first, reply]


def test_a_long_comment_is_folded_and_unfolded_by_a_change(post, member):
    words = "\n\n".join(" ".join(["word"] * count) for count in (60, 60, 200))
    comment = publish_comment(post=post, author=member, body=words)
    comment.refresh_from_db()
    assert (comment.folded_words, plain_text(comment.html[comment.fold_at :])) == (
        200,
        " ".join(["word"] * 200),
    )
    comment = edit_comment(comment, body="Short now.", by=member)
    comment.refresh_from_db()
    assert (comment.fold_at, comment.folded_words, comment.html) == (0, 0, "<p>Short now.</p>")
