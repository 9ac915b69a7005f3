"""Renders comments and profiles of older renderers again.

Newest first, so that the oldest row tells whether any are left. Rows are read by key, so memory use is
constant. Several processes may do it at once: text edited in the meantime is skipped, since it was rendered
by the new renderer.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeVar

from django.db import models, transaction
from django.db.models import F

from accounts.models import User
from comments.models import Comment
from core.markup.comments import RENDERER_VERSION
from core.tasks.periodic import periodic
from posts.models import Post

BATCH = 200

AnyModel = TypeVar("AnyModel", bound=models.Model)
Progress = Callable[[int], None]


def is_behind() -> bool:
    """Whether rows of an older renderer are left. The cost does not depend on the number of rows."""
    oldest = (
        model.objects.order_by("pk").values_list("renderer_version", flat=True).first()
        for model in (Comment, User)
    )
    return any(version is not None and version < RENDERER_VERSION for version in oldest)


@periodic(every=timedelta(days=1))
def render_after_update() -> None:
    """Render everything older again, in the first worker of a new version."""
    if is_behind():
        rerender_outdated()


def rerender_outdated(*, everything: bool = False, progress: Progress | None = None) -> int:
    """Render what older renderers rendered again, or really everything. Returns how many rows were read.

    progress is called after each batch with the number so far.
    """
    done = 0
    for render, rows in ((render_comments, Comment.objects.all()), (_render_bios, User.objects.all())):
        for batch in _batches(rows if everything else rows.filter(renderer_version__lt=RENDERER_VERSION)):
            render(batch)
            done += len(batch)
            if progress:
                progress(done)
    return done


def render_mentions_of(member: User) -> None:
    """Render comments that mention the member again, with their current name."""
    for batch in _batches(Comment.objects.filter(mentions__member=member)):
        render_comments(batch)


def _batches(rows: models.QuerySet[AnyModel]) -> Iterator[list[AnyModel]]:
    rows = rows.order_by("-pk")
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__lt=batch[-1].pk)[:BATCH])


def render_comments(comments: list[Comment]) -> None:
    """Render the stored texts of these comments again."""
    drawn = []
    for comment in comments:
        words = comment.body
        comment.set_body(words)
        drawn.append((comment, words))
    with transaction.atomic():
        # In the order of all locks: first the posts, then their comments.
        posts = Post.objects.filter(pk__in={comment.post_id for comment in comments}).order_by("pk")
        changed = [post.pk for post in posts.select_for_update(no_key=True).only("pk")]
        for comment, words in drawn:
            fields = {name: getattr(comment, name) for name in Comment.BODY_FIELDS}
            Comment.objects.filter(pk=comment.pk, body=words).update(**fields)
        Post.objects.filter(pk__in=changed).update(thread_version=F("thread_version") + 1)


def _render_bios(members: list[User]) -> None:
    for member in members:
        member.draw_bio()
        User.objects.filter(pk=member.pk, bio=member.bio).update(
            bio_html=member.bio_html, renderer_version=member.renderer_version
        )
