"""A new renderer version re-renders all old comments, once, while members go on writing."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from comments.models import Comment
from comments.services import rerender
from comments.services.rerender import is_behind, render_after_update
from core.markup.comments import RENDERER_VERSION
from posts.models import Post
from tests.factories import make_comment, make_member, make_post

pytestmark = pytest.mark.django_db

LONG = "\n\n".join(" ".join(["word"] * count) for count in (70, 60, 200))


def as_before() -> None:
    """Reset the rows to those of version 1."""
    Comment.objects.update(
        html="<p>as before</p>", renderer_version=1, fold_at=0, folded_words=0, link_count=0
    )
    User.objects.update(bio_html="<p>as before</p>", renderer_version=1)


def render(*options: str) -> str:
    out = StringIO()
    call_command("render_comments", *options, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def old_words():
    comment = make_comment(make_post(author=make_member(bio="I *stay*.")), body=LONG)
    other = make_comment(comment.post, body="See https://example.org/a now.")
    as_before()
    return comment, other


def test_old_words_are_drawn_anew(old_words):
    versions = Post.objects.values_list("thread_version", flat=True).get()
    assert is_behind()
    assert render() == f"Rendered: {2 + User.objects.count()}.\n"
    comment, other = Comment.objects.order_by("pk")
    assert (
        comment.folded_words,
        comment.html[comment.fold_at :].count("word"),
        comment.renderer_version,
    ) == (200, 200, RENDERER_VERSION)
    assert (other.fold_at, other.link_count, "example.org/a</a>" in other.html) == (0, 1, True)
    assert User.objects.get(bio="I *stay*.").bio_html == "<p>I <em>stay</em>.</p>"
    assert Post.objects.values_list("thread_version", flat=True).get() > versions
    assert not is_behind()
    assert render() == "Nothing to do: the current renderer rendered everything.\n"


def test_the_worker_does_it_by_itself_and_asks_two_small_questions_when_nothing_is_left(old_words):
    render_after_update()
    assert not Comment.objects.filter(renderer_version=1).exists()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        render_after_update()
    assert len(queries) == 2


def test_it_goes_on_where_a_killed_run_ended(old_words, monkeypatch):
    monkeypatch.setattr(rerender, "BATCH", 1)
    with pytest.raises(KeyboardInterrupt):
        rerender.rerender_outdated(progress=lambda _done: (_ for _ in ()).throw(KeyboardInterrupt))
    comment, other = Comment.objects.order_by("pk")
    assert (other.renderer_version, comment.renderer_version, is_behind()) == (RENDERER_VERSION, 1, True)
    render_after_update()
    assert not Comment.objects.filter(renderer_version=1).exists()


def test_words_that_change_meanwhile_are_not_overwritten(old_words, monkeypatch):
    comment, _other = old_words
    draw = Comment.set_body

    def slowly(self: Comment, body: str) -> None:
        draw(self, body)
        Comment.objects.filter(pk=comment.pk).update(
            body="New.", html="<p>New.</p>", renderer_version=RENDERER_VERSION
        )

    monkeypatch.setattr(Comment, "set_body", slowly)
    render()
    comment.refresh_from_db()
    assert (comment.body, comment.html, comment.fold_at) == ("New.", "<p>New.</p>", 0)


def test_all_means_all(old_words):
    render()
    Comment.objects.update(html="<p>by hand</p>")
    assert render() == "Nothing to do: the current renderer rendered everything.\n"
    assert render("--all") == f"Rendered: {2 + User.objects.count()}.\n"
    assert not Comment.objects.filter(html="<p>by hand</p>").exists()


def test_many_posts_cost_a_few_queries_more_for_each_batch_not_for_each_post():
    for _ in range(3):
        make_comment()
    as_before()
    with CaptureQueriesContext(connection) as few:
        rerender.render_comments(list(Comment.objects.all()))
    extra = [query["sql"] for query in few if "posts_post" in query["sql"]]
    assert len(extra) == 2
