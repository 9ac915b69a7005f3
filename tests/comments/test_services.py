from comments.models import Comment
from comments.services import publish_comment


def test_a_reply_stands_inside_its_parent(post, member):
    first = publish_comment(post=post, author=member, body="First.")
    reply = publish_comment(post=post, author=member, body="Second.", parent=first)
    assert (reply.tree_id, reply.level, reply.parent) == (first.tree_id, 1, first)
    assert list(first.get_descendants()) == [reply]
    assert list(Comment.objects.in_reading_order()) == [first, reply]
