"""Old URLs of imported posts redirect to them, but never override a URL of this site."""

import pytest

from posts.models import OldAddress, Post
from tests.factories import make_host, make_post
from tests.transfer import exporter
from tests.transfer.blogs import plain, run, written
from tests.transfer.test_import_wordpress import run as run_wordpress

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def host(db):
    return make_host("ida")


def bring(tmp_path, *addresses: str) -> list[str]:
    post = {"id": "7", "title": "On bread", "published_at": "2012-04-25", "addresses": list(addresses)}
    return run(written(tmp_path / "blog.json", plain(post)))


OURS = ["admin", "admin/x/y", "accounts/login", "accounts/x", "members/x", "api", "api/v1/posts/x", "feed", "sitemap.xml", "posts",
        "guidelines", "preview/x", "posts/x/preview"]  # fmt: skip


def test_addresses_of_this_site_are_not_taken(tmp_path):
    said = bring(tmp_path, *(f"/{key}/" for key in OURS), "/2012/on-bread/")
    for key in OURS:
        note = f"The old address /{key} is an address of this site, and does not lead to “On bread”."
        assert note in said
    assert list(OldAddress.objects.values_list("key", flat=True)) == ["2012/on-bread"]


def test_addresses_of_posts_and_pages_that_are_here_are_not_taken(client, tmp_path):
    make_post(slug="soon", published_at=None)
    make_post(slug="me", kind=Post.Kind.PAGE, published_at=None)
    said = bring(tmp_path, "/posts/soon/", "/me/", "/posts/later/", "/bread/")
    assert said[1:3] == [
        "The old address /posts/soon is an address of this site, and does not lead to “On bread”.",
        "The old address /me is an address of this site, and does not lead to “On bread”.",
    ]
    assert [client.get(path).status_code for path in ("/posts/soon/", "/me/", "/posts/later/", "/bread/")] == [
        404, 404, 301, 301,
    ]  # fmt: skip


def test_a_dry_run_says_the_same_of_addresses_and_takes_none(tmp_path):
    make_post(slug="soon", published_at=None)
    OldAddress.objects.create(key="rye", post=make_post())
    posts = [
        {"id": str(number), "title": f"Post {number}", "published_at": "2012-04-25", "addresses": addresses}
        for number, addresses in enumerate([["/a/", "/posts/soon/"], ["/A", "/b/"], ["/rye/", "/feed/"]])
    ]
    file = written(tmp_path / "blog.json", plain(*posts))
    said = run(file, dry_run=True)
    assert OldAddress.objects.count() == 1
    assert said[1:5] == [
        "The old address /posts/soon is an address of this site, and does not lead to “Post 0”.",
        "The old address /a already leads to a post other than “Post 1”.",
        "The old address /rye already leads to a post other than “Post 2”.",
        "The old address /feed is an address of this site, and does not lead to “Post 2”.",
    ]
    assert run(file)[1:5] == said[1:5]


def test_a_post_keeps_its_own_address(client, tmp_path):
    said = bring(tmp_path, "/posts/on-bread/")
    assert client.get("/posts/on-bread/").status_code == 200
    assert not [line for line in said if "old address" in line]


def test_a_blog_of_wordpress_takes_none_either(client, tmp_path):
    make_post(slug="soon", published_at=None)
    (tmp_path / "blog.xml").write_text(
        exporter.export(exporter.item(10, link="https://notes.example.org/posts/soon/"))
    )
    assert any(line.startswith("The old address /posts/soon is an address of this site") for line in
               run_wordpress(tmp_path / "blog.xml"))  # fmt: skip
    assert client.get("/posts/soon/").status_code == 404


def test_programs_are_not_redirected(client):
    OldAddress.objects.create(key="api/v1/posts/x", post=make_post())
    assert client.get("/api/v1/posts/x/").status_code == 404
