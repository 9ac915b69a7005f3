"""Feeds of a tag and of an author, and paginated feeds."""

from datetime import timedelta

import pytest
from defusedxml import ElementTree
from django.utils import timezone

from posts.models import Post, Tag
from tests.factories import make_host, make_member, make_picture, make_post

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"


@pytest.fixture(autouse=True)
def address_of_the_site(settings):
    settings.SITE_URL = "https://table.example"


@pytest.fixture
def tea():
    return Tag.objects.create(name="Tea & more", slug="tea", description="Cups.")


def read_feed(client, path):
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    return ElementTree.fromstring(response.content)


def titles(feed):
    return [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")]


def links(feed):
    return {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}


def test_a_tag_has_a_feed_of_its_posts_under_its_own_name(client, host, tea):
    make_post(host, title="Other")
    make_post(host, title="Green").tags.add(tea)
    feed = read_feed(client, "/feed/?tag=tea")
    assert titles(feed) == ["Green"]
    assert feed.findtext(f"{ATOM}title") == "Posts about Tea & more · The Long Table"
    assert feed.findtext(f"{ATOM}subtitle") == "Cups."
    assert feed.findtext(f"{ATOM}id") == "https://table.example/feed/?tag=tea"
    assert links(feed) == {
        "alternate": "https://table.example/posts/?tag=tea",
        "self": "https://table.example/feed/?tag=tea",
    }


def test_characters_not_allowed_in_xml_are_left_out_of_feed_titles_too(client, host, tea):
    Tag.objects.filter(pk=tea.pk).update(name="Tea\x08", description="Cups\x0b, pasted.")
    make_post(host, title="Green").tags.add(tea)
    feed = read_feed(client, "/feed/?tag=tea")
    assert feed.findtext(f"{ATOM}title") == "Posts about Tea · The Long Table"
    assert feed.findtext(f"{ATOM}subtitle") == "Cups, pasted."
    assert feed.find(f"{ATOM}entry/{ATOM}category").get("term") == "Tea"


def test_an_author_has_a_feed_of_their_posts(client, host):
    make_post(host, title="Other")
    make_post(make_host("vera", display_name="Nora Vale"), title="Hers")
    feed = read_feed(client, "/feed/?author=vera")
    assert titles(feed) == ["Hers"]
    assert feed.findtext(f"{ATOM}title") == "Posts by Nora Vale · The Long Table"
    assert feed.findtext(f"{ATOM}id") == "https://table.example/feed/?author=vera"


@pytest.mark.parametrize("path", ["/feed/?tag=tea", "/feed/?author=vera", "/feed/"])
def test_what_is_not_public_is_in_no_feed(client, signed_in, member, tea, path):
    vera = make_host("vera")
    tomorrow = timezone.now() + timedelta(days=1)
    for fields in (
        {"title": "Open"},
        {"visibility": "members"},
        {"visibility": "unlisted"},
        {"published_at": None},
        {"published_at": tomorrow},
        {"kind": Post.Kind.PAGE},
    ):
        make_post(vera, **fields).tags.add(tea)
    for reader in (client, signed_in(member), signed_in(vera)):
        assert titles(read_feed(reader, path)) == ["Open"]


@pytest.mark.parametrize(
    "path", ["/feed/?tag=tea", "/feed/?tag=none", "/feed/?author=vera", "/feed/?author=x"]
)
def test_there_is_no_feed_of_what_is_not_public(client, tea, path):
    make_post(make_host("vera"), visibility="members").tags.add(tea)
    assert client.get(path).status_code == 404


def test_a_cover_comes_with_its_entry(client, host):
    post = make_post(host, cover=make_picture(), cover_alt='A "cup"', body="<p>Words.</p>")
    address = f"https://table.example{post.cover.url}"
    entry = read_feed(client, "/feed/").find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}content") == (
        f'<p><img src="{address}" alt="A &quot;cup&quot;"></p><p>Words.</p>'
    )
    assert entry.find(f"{MEDIA}content").attrib == {"url": address, "medium": "image"}


def test_a_long_feed_goes_on_by_key_without_a_gap(client, host, tea, monkeypatch):
    monkeypatch.setattr("posts.feeds.POSTS", 2)
    now = timezone.now()
    posts = [make_post(host, title=f"Number {n}", published_at=now - timedelta(hours=n)) for n in range(5)]
    tea.posts.add(*posts)
    found, path = [], "/feed/?tag=tea"
    while path:
        feed = read_feed(client, path)
        found.append(titles(feed))
        assert feed.findtext(f"{ATOM}id") == "https://table.example/feed/?tag=tea"
        path = links(feed).get("next", "").removeprefix("https://table.example")
    assert found == [["Number 0", "Number 1"], ["Number 2", "Number 3"], ["Number 4"]]


@pytest.mark.parametrize("page", ["x", "9-9", "-" * 500])
def test_an_odd_place_in_a_feed_is_no_error(client, post, page):
    assert client.get("/feed/", {"page": page}).status_code == 200


@pytest.mark.parametrize("count", [1, 6])
def test_a_feed_of_a_tag_costs_the_same_queries_however_many_posts(
    client, host, tea, django_assert_num_queries, count
):
    tea.posts.add(*(make_post(host) for _ in range(count)))
    with django_assert_num_queries(5):  # the tag, the posts, their tags, and two for the last change
        client.get("/feed/?tag=tea")


def test_an_unchanged_feed_of_a_tag_is_a_304(client, host, tea):
    make_post(host).tags.add(tea)
    first = client.get("/feed/?tag=tea")
    assert client.get("/feed/?tag=tea", headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert client.head("/feed/?tag=tea")["ETag"] == first["ETag"]
    make_post(host).tags.add(tea)
    assert client.get("/feed/?tag=tea", headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("/", "/feed/comments/"),
        ("/posts/?tag=tea", "/feed/?tag=tea"),
        ("/posts/?author=vera", "/feed/?author=vera"),
        ("/posts/open/", "/posts/open/feed/"),
    ],
)
def test_pages_name_their_feed_and_it_is_there(client, tea, page, feed):
    make_post(make_host("vera"), slug="open").tags.add(tea)
    assert f'href="{feed}">' in client.get(page).content.decode()
    assert client.get(feed).status_code == 200


def test_a_page_for_members_names_no_feed(signed_in, host):
    make_post(host, slug="inside", visibility="members")
    page = signed_in(make_member()).get("/posts/inside/").content.decode()
    assert "/posts/inside/feed/" not in page
