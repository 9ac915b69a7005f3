"""What the tests put into the tables without the services looks as if the services had written it."""

import pytest
import time_machine
from django.utils import timezone

from comments.models import Comment, CommentMention
from posts.models import Post
from tests.factories import make_comment, make_member, make_post, put_comment

# A post and a tree of its own each; how often the thread changed says nothing.
OF_THEIR_OWN = {"id", "tree_id", "post_id", "parent_id"}


@pytest.mark.sql
@pytest.mark.django_db
@pytest.mark.parametrize("status", ["public", "held", "removed"])
def test_a_comment_that_is_put_is_like_one_that_is_written(status):
    author = make_member("ada")
    make_member("bob")

    def rows_of(write):
        post = make_post()
        top = write(post, author, body="A *first* word, @bob: https://table.example/")
        for body in ("Yes.", "No."):
            write(parent=top, author=author, body=body, status=status)
        comments = Comment.objects.filter(post=post).order_by("pk")
        return (
            [{name: row[name] for name in row if name not in OF_THEIR_OWN} for row in comments.values()],
            [comment.parent_id and comment.parent.body for comment in comments],
            CommentMention.objects.filter(comment__in=comments).count(),
            Post.objects.values("comment_count", "last_comment_at").get(pk=post.pk),
        )

    with time_machine.travel(timezone.now(), tick=False):
        assert rows_of(put_comment) == rows_of(make_comment)
