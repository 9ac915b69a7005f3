"""The board. Each card is a top-level comment below one post, and its replies are the thread.

So cards have everything that comments have: pictures with alt text and without location, the spam filter,
reports, the queue, notifications, search, export, erasure (docs/decisions/0115).
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
    """The post whose comments are the cards."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="board")

    class Meta:
        verbose_name = gettext_lazy("board")
        verbose_name_plural = gettext_lazy("boards")

    def __str__(self) -> str:
        return f"board {self.pk}"

    @classmethod
    def current(cls) -> Self | None:
        """The board, open or not; None before it was opened for the first time."""
        # The key first: PostgreSQL without statistics would read all posts in the order of their keys.
        key = cls.objects.order_by("pk").values("pk")[:1]
        return cls.objects.select_related("post").filter(pk__in=key).first()

    @classmethod
    def open(cls, host: User) -> Self:
        """Publish the board's post, which belongs to the host. Created if necessary."""
        board = cls.current()
        if board is None:
            post = Post(kind=Post.Kind.BOARD, title=_("Board"), author=host)
            post.slug = post.free_slug(base="~cards")
            post.save()
            board = cls.objects.create(post=post)
        # Cards can always be added, whatever the default for posts.
        Discussion.objects.get_or_create(post=board.post, defaults={"close_after_days": 0})
        Post.objects.filter(pk=board.pk, published_at=None).update(published_at=F("created_at"))
        return board

    def close(self) -> None:
        """Hide the board from pages, feeds and search until it is opened again."""
        Post.objects.filter(pk=self.pk).update(published_at=None)
