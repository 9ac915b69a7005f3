"""The board. Each card on it is a top-level comment under one post, and the replies to it are its thread.

So whatever comments have, cards have: pictures with descriptions and without their location, the spam filter, reports, the queue,
notifications, search, export, erasure (docs/decisions/0115).
"""

from typing import Self

from django.db import models
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from comments.models import Discussion
from posts.models import Post


class Board(models.Model):
    """The one post that holds the cards."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="board")

    class Meta:
        verbose_name = gettext_lazy("board")
        verbose_name_plural = gettext_lazy("boards")

    def __str__(self) -> str:
        return f"board {self.pk}"

    @classmethod
    def current(cls) -> Self | None:
        return cls.objects.select_related("post").order_by("pk").first()

    @classmethod
    def open(cls, host: User) -> Self:
        """Publish it; made if there is none. Its post belongs to the host."""
        board = cls.current()
        if board is None:
            post = Post(kind=Post.Kind.BOARD, title=_("Board"), author=host)
            post.slug = post.free_slug(base="~cards")
            post.save()
            board = cls.objects.create(post=post)
        # Cards are put on it for ever, whatever is so for posts.
        Discussion.objects.get_or_create(post=board.post, defaults={"close_after_days": 0})
        Post.objects.filter(pk=board.pk, published_at=None).update(published_at=F("created_at"))
        return board

    def close(self) -> None:
        """Take it from all pages, feeds and the search, until it is opened again."""
        Post.objects.filter(pk=self.pk).update(published_at=None)
