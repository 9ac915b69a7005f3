"""The sitemap: what is listed and what is not, split into files, and its query count."""

import pytest
from defusedxml import ElementTree

from accounts.models import User
from accounts.models.querysets import NO_END
from posts.models import Post, Tag
from posts.sitemaps import SECTIONS
from tests.factories import make_member, make_post, put_comment

pytestmark = pytest.mark.django_db

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SITE = "https://table.example"


@pytest.fixture(autouse=True)
def address_of_the_site(settings):
    settings.SITE_URL = SITE


def locations(response) -> list[str]:
    assert (response.status_code, response["Content-Type"]) == (200, "application/xml")
    return [
        each.findtext(f"{SITEMAP}loc").removeprefix(SITE) for each in ElementTree.fromstring(response.content)
    ]


def test_it_lists_pages_posts_tags_and_profiles(client, host):
    post = make_post(host)
    post.tags.add(Tag.objects.create(name="Tea", slug="tea"))
    make_post(host, published_at=None).tags.add(Tag.objects.create(name="Draft", slug="draft"))
    response = client.get("/sitemap.xml")
    assert response["Cache-Control"] == "public, no-cache"
    urls = {
        url.findtext(f"{SITEMAP}loc"): url.findtext(f"{SITEMAP}lastmod")
        for url in ElementTree.fromstring(response.content)
    }
    assert urls == {
        f"{SITE}/": None,
        f"{SITE}/posts/": None,
        f"{SITE}/members/": None,
        f"{SITE}/posts/{post.slug}/": post.changed_at.date().isoformat(),
        f"{SITE}/posts/?tag=tea": None,
        f"{SITE}/members/nora/": None,
    }


@pytest.mark.parametrize(
    "fields",
    [{"profile_hidden": True}, {"silent_until": NO_END}, {"is_active": False}, {"known_since": None}],
)
def test_profiles_that_are_not_public_are_left_out(client, fields):
    dora = make_member("dora")
    put_comment(author=dora)
    assert "/members/dora/" in locations(client.get("/sitemap.xml"))
    User.objects.filter(pk=dora.pk).update(**fields)
    assert "/members/dora/" not in locations(client.get("/sitemap.xml"))


def test_members_with_nothing_but_held_comments_are_left_out(client):
    comment = put_comment(author=make_member("dora"), status="held")
    assert f"/members/{comment.author.username}/" not in locations(client.get("/sitemap.xml"))


@pytest.fixture
def many(host, monkeypatch):
    """Seven posts, four tags and five members, three in a file."""
    monkeypatch.setattr("posts.sitemaps.PER_FILE", 3)
    posts = [make_post(host) for _ in range(8)]
    for number in range(4):
        posts[number].tags.add(Tag.objects.create(name=f"Tag {number}", slug=f"tag-{number}"))
    for number in range(4):
        make_member(f"member{number}x")
    Post.objects.filter(pk=posts.pop(5).pk).delete()
    return posts


def test_a_large_site_has_an_index_of_files_that_hold_everything_once(client, many):
    index = locations(client.get("/sitemap.xml"))
    assert index[0] == "/sitemap.xml?p=pages"
    files = [locations(client.get(file)) for file in index]
    assert max(map(len, files)) == 3
    assert sorted(place for file in files for place in file) == sorted(
        ["/", "/posts/", "/members/", "/members/nora/"]
        + [f"/posts/{post.slug}/" for post in many]
        + [f"/posts/?tag=tag-{number}" for number in range(4)]
        + [f"/members/member{number}x/" for number in range(4)]
    )


def test_the_index_reads_no_rows_and_a_known_file_of_posts_costs_two_queries(
    client, many, django_assert_num_queries
):
    # The first section with several files, and the files of each.
    with django_assert_num_queries(1 + len(SECTIONS)):
        index = client.get("/sitemap.xml")
    assert client.get("/sitemap.xml", headers={"If-None-Match": index["ETag"]}).status_code == 304
    file = f"/sitemap.xml?p={many[0].pk // 3}"
    first = client.get(file)
    with django_assert_num_queries(2):
        again = client.get(file, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    many[0].delete()
    assert client.get(file, headers={"If-None-Match": first["ETag"]}).status_code in {200, 404}


@pytest.mark.parametrize(
    "page", ["9999", "x", "-1", "9" * 30, "tags-", "tags-99", "members-x", "members-99999", ""]
)
def test_a_file_that_is_not_there_is_not_found(client, page):
    assert client.get("/sitemap.xml", {"p": page}).status_code == 404
