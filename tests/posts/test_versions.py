"""Every saved version of a post: author, time, extent of the change; comparison and restoring in the admin."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.utils.comparison import DELETED, INSERTED
from posts.export import PARTS
from posts.models import Post, PostRevision
from posts.services.versions import compare_inline, compare_side_by_side
from tests.factories import make_member, make_post
from tests.posts.test_admin import ADD, change_url, data_of, form_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def host_client(signed_in, host):
    return signed_in(host)


@pytest.fixture
def written(host_client, host):
    """A published post that was saved three times."""
    host_client.post(ADD, form_data(host, title="Tea", body="<p>Hot water and leaves.</p>", _publish="1"))
    post = Post.objects.get()
    save(host_client, post, body="<p>Hot water and green leaves.</p>")
    save(host_client, post, title="Green tea", tag_names="Tea")
    return post


def save(host_client, post: Post, **fields) -> None:
    post.refresh_from_db()
    assert host_client.post(change_url(post), data_of(post, **fields)).status_code == 302


def history(post: Post, query: str = "") -> str:
    return f"/admin/posts/post/{post.pk}/history/{query}"


def restore(post: Post, version: PostRevision) -> str:
    return f"/admin/posts/post/{post.pk}/versions/{version.pk}/restore/"


def test_each_save_that_changes_something_is_a_version(written, host_client, host):
    save(host_client, written, tag_names="Tea")
    kept = written.revisions.values_list("title", "body", "tags", "words_added", "words_removed", "saved_by")
    assert [*kept] == [
        ("Green tea", "<p>Hot water and green leaves.</p>", ["Tea"], 3, 0, host.pk),
        ("Tea", "<p>Hot water and green leaves.</p>", [], 1, 0, host.pk),
        ("Tea", "<p>Hot water and leaves.</p>", [], 5, 0, host.pk),
    ]


def test_what_a_post_said_before_versions_were_kept_is_the_first_one(host_client, host):
    post = make_post(host, title="Old", body="<p>From the blog.</p>")
    save(host_client, post, body="<p>From the old blog.</p>")
    assert [*post.revisions.values_list("body", "saved_by")] == [
        ("<p>From the old blog.</p>", host.pk),
        ("<p>From the blog.</p>", None),
    ]
    assert post.revisions.last().saved_at == post.updated_at


def test_the_page_lists_versions_with_who_when_and_how_much(written, host_client):
    page = host_client.get(history(written)).content.decode()
    assert re.findall(r"<ins>\+(\d+)</ins> <del>−(\d+)</del>", page) == [("3", "0"), ("1", "0"), ("5", "0")]
    assert page.count("<td>nora</td>") == 3
    assert page.count('form="restore"') == 2


def test_two_versions_are_compared_in_one_text_and_side_by_side(written, host_client):
    newest, _middle, oldest = written.revisions.all()
    page = host_client.get(history(written, f"?v={newest.pk}&v={oldest.pk}")).content.decode()
    assert re.findall(r'<ins><span class="visually-hidden">\[added:[^<]*</span>([^<]+)<', page) == [
        "Green tea\nTags: ",
        " green",
    ]
    page = host_client.get(history(written, f"?v={newest.pk}&v={oldest.pk}&view=side")).content.decode()
    assert page.count('<tr class="changed">') == 3
    assert f'name="v" value="{oldest.pk}"' in page


def test_a_comparison_shows_moved_pictures_links_and_headings(host):
    post = make_post(host)
    old = PostRevision(post=post, title="A", body='<h2>One</h2><p>See <a href="/a/">this</a>.</p>')
    new = PostRevision(
        post=post,
        title="A",
        body='<h3>One</h3><p>See <a href="/b/">this</a>.</p><figure><img src="/media/x.webp" alt="A cup"></figure>',
    )
    changes = [(piece.kind, piece.words) for piece in compare_inline(old, new) if piece.kind != "same"]
    assert changes == [(INSERTED, "#"), (DELETED, "a"), (INSERTED, "b"), (INSERTED, "\n[x.webp: A cup]")]
    rows = [
        ("".join(p.words for p in row.old), "".join(p.words for p in row.new))
        for row in compare_side_by_side(old, new)
    ]
    assert rows == [
        ("A\n", "A\n"),
        ("## One\n", "### One\n"),
        ("See this (/a/).\n", "See this (/b/).\n"),
        ("", "[x.webp: A cup]\n"),
    ]


def test_one_click_restores_text_title_and_tags_and_nothing_is_lost(written, host_client, host):
    published_at = written.published_at
    oldest = written.revisions.last()
    response = host_client.post(restore(written, oldest), follow=True)
    assert response.redirect_chain == [(change_url(written), 302)]
    written.refresh_from_db()
    assert (written.title, written.body, written.slug) == ("Tea", "<p>Hot water and leaves.</p>", "tea")
    assert [*written.tags.all()] == []
    assert written.published_at == published_at
    newest = written.revisions.first()
    assert (newest.restored_from, newest.saved_by, written.revisions.count()) == (oldest.saved_at, host, 4)
    host_client.post(restore(written, written.revisions.all()[1]))
    written.refresh_from_db()
    assert (written.title, [tag.name for tag in written.tags.all()]) == ("Green tea", ["Tea"])


def test_readers_see_a_restored_text_at_once(written, host_client, client):
    assert "green leaves" in client.get("/posts/tea/").content.decode()
    host_client.post(restore(written, written.revisions.last()))
    assert "green leaves" not in client.get("/posts/tea/").content.decode()


def test_a_version_of_another_post_is_not_found(written, host_client, host):
    other = make_post(host)
    assert host_client.post(restore(other, written.revisions.last())).status_code == 404
    assert host_client.get(restore(written, written.revisions.last())).status_code == 405


@pytest.mark.parametrize("role", ["visitor", "member", "moderator"])
def test_versions_are_closed_to_others(written, client, signed_in, request, role):
    reader = client if role == "visitor" else signed_in(request.getfixturevalue(role))
    oldest = written.revisions.last()
    assert reader.get(history(written)).status_code == 302
    assert reader.post(restore(written, oldest)).status_code == 302
    written.refresh_from_db()
    assert written.title == "Green tea"


def test_the_page_costs_the_same_queries_with_many_versions(host_client, host):
    def queries(count: int) -> int:
        post = make_post(host)
        for _ in range(count):
            PostRevision.of(post, saved_by=make_member()).save()
        with CaptureQueriesContext(connection) as captured:
            assert host_client.get(history(post)).status_code == 200
        return len(captured)

    assert queries(2) == queries(12)


def test_a_large_text_that_is_replaced_whole_is_compared_in_bounded_work(host):
    post = make_post(host)
    old = PostRevision(post=post, body="".join(f"<p>old {n} line</p>" for n in range(20_000)))
    new = PostRevision(post=post, body="".join(f"<p>new {n} line</p>" for n in range(20_000)))
    assert {DELETED, INSERTED} <= {piece.kind for piece in compare_inline(old, new)}


def test_a_member_gets_the_versions_they_saved_in_their_data(written, host):
    part = next(part for part in PARTS if part.key == "post_versions")
    assert [row["title"] for row in part.rows(host)] == ["Tea", "Tea", "Green tea"]
