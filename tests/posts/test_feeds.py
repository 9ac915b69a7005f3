"""The feed and robots.txt. For the sitemap see test_sitemaps.py."""

from datetime import datetime, timedelta

import pytest
from defusedxml import ElementTree
from django.utils import timezone

from posts.models import Post, Tag
from posts.services.publishing import withdraw_post
from posts.sitemaps import PER_FILE
from tests.factories import make_host, make_post

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def address_of_the_site(settings):
    settings.SITE_URL = "https://table.example"


def read_feed(client):
    response = client.get("/feed/")
    assert (response.status_code, response["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    return ElementTree.fromstring(response.content)


def test_the_feed_is_atom_with_the_whole_post(client):
    host = make_host("nora", display_name="Nora Vale")
    post = make_post(
        host, title="Tea & <bread>", summary="Both & warm.", body='<p>See <a href="/posts/">all</a>.</p>'
    )
    post.tags.add(Tag.objects.create(name="Tea", slug="tea"))
    feed = read_feed(client)
    assert feed.tag == f"{ATOM}feed"
    assert feed.findtext(f"{ATOM}title") == "The Long Table"
    assert feed.findtext(f"{ATOM}subtitle") == "Come in, read, and join the conversation."
    assert feed.findtext(f"{ATOM}id") == "https://table.example/"
    assert {(link.get("rel"), link.get("href")) for link in feed.findall(f"{ATOM}link")} == {
        ("alternate", "https://table.example/"),
        ("self", "https://table.example/feed/"),
    }
    [entry] = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Tea & <bread>"
    assert entry.find(f"{ATOM}link").attrib == {
        "href": f"https://table.example/posts/{post.slug}/",
        "rel": "alternate",
    }
    assert entry.findtext(f"{ATOM}summary") == "Both &amp; warm."  # HTML, as its type says
    content = entry.find(f"{ATOM}content")
    assert content.text == '<p>See <a href="https://table.example/posts/" rel="noopener">all</a>.</p>'
    assert content.attrib == {
        "type": "html",
        "{http://www.w3.org/XML/1998/namespace}base": "https://table.example/",
    }
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Nora Vale"
    assert entry.findtext(f"{ATOM}author/{ATOM}uri") == "https://table.example/members/nora/"
    assert [category.get("term") for category in entry.findall(f"{ATOM}category")] == ["Tea"]
    assert datetime.fromisoformat(entry.findtext(f"{ATOM}published")) == post.published_at
    assert datetime.fromisoformat(entry.findtext(f"{ATOM}updated")).tzinfo is not None


def test_ids_differ_and_stay_when_a_post_moves(client, host):
    posts = [make_post(host) for _ in range(3)]

    def ids() -> list[str]:
        return [entry.findtext(f"{ATOM}id") for entry in read_feed(client).findall(f"{ATOM}entry")]

    before = ids()
    assert len(set(before)) == 3
    Post.objects.filter(pk=posts[0].pk).update(slug="elsewhere", title="Other")
    assert ids() == before
    assert all(one.startswith("tag:table.example,") for one in before)


def test_the_feed_holds_the_twenty_newest(client, host):
    now = timezone.now()
    for n in range(22):
        make_post(host, title=f"Number {n}", published_at=now - timedelta(hours=n))
    titles = [entry.findtext(f"{ATOM}title") for entry in read_feed(client).findall(f"{ATOM}entry")]
    assert titles == [f"Number {n}" for n in range(20)]


def test_the_feed_costs_the_same_queries_however_many_posts(client, host, django_assert_num_queries):
    for _ in range(10):
        make_post(host).tags.add(Tag.objects.get_or_create(name="Tea", slug="tea")[0])
    with django_assert_num_queries(4):  # the posts, their tags, and two for the last change
        client.get("/feed/")


def test_an_empty_feed_is_a_feed(client):
    first, second = client.get("/feed/"), client.get("/feed/")
    assert first.content == second.content
    assert ElementTree.fromstring(first.content).findall(f"{ATOM}entry") == []


def test_characters_not_allowed_in_xml_do_not_break_the_feed(client, host):
    make_post(host, title="Tea\x08 and \ufffebread", summary="\x0bwarm", body="<p>\x1bWords</p>")
    [entry] = read_feed(client).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Tea and bread"
    assert "Words" in entry.findtext(f"{ATOM}content")


def test_an_unchanged_feed_is_a_304(client, host):
    make_post(host)
    response = client.get("/feed/")
    for headers in ({"If-None-Match": response["ETag"]}, {"If-Modified-Since": response["Last-Modified"]}):
        again = client.get("/feed/", headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == response["ETag"]
    assert response["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize("path", ["/feed/", "/sitemap.xml", "/sitemap.xml?p=0"])
@pytest.mark.parametrize("change", ["publish", "edit", "withdraw", "due"])
def test_a_reader_is_never_left_with_what_was(client, host, path, change):
    long_ago = timezone.now() - timedelta(days=2)
    old = make_post(host, published_at=long_ago, updated_at=long_ago)
    make_post(host, published_at=long_ago, updated_at=long_ago)
    to_come = make_post(host, published_at=timezone.now() + timedelta(days=1), updated_at=long_ago)
    path = path.replace("p=0", f"p={old.pk // PER_FILE}")
    before = client.get(path)
    match change:
        case "publish":
            make_post(host, published_at=timezone.now())
        case "edit":
            Post.objects.filter(pk=old.pk).update(title="Changed", updated_at=timezone.now())
        case "withdraw":
            withdraw_post(old)
        case "due":
            Post.objects.filter(pk=to_come.pk).update(published_at=timezone.now() - timedelta(seconds=1))
    assert client.get(path, headers={"If-None-Match": before["ETag"]}).status_code == 200
    if "Last-Modified" in before:
        assert client.get(path, headers={"If-Modified-Since": before["Last-Modified"]}).status_code == 200


def test_the_feed_is_the_same_for_all(client, signed_in, member, host):
    make_post(host)
    assert signed_in(member).get("/feed/").content == client.get("/feed/").content
    assert "Set-Cookie" not in client.get("/feed/").headers


def test_another_host_name_changes_no_address(client, host, settings):
    settings.ALLOWED_HOSTS = ["*"]
    make_post(host)
    for path in ["/feed/", "/sitemap.xml", "/robots.txt"]:
        assert b"evil.example" not in client.get(path, headers={"Host": "evil.example"}).content


def test_robots_may_read_all_but_the_back_rooms(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /accounts/",
        "Allow: /accounts/login/$",
        "Disallow: /admin/",
        "Disallow: /moderation/",
        "Disallow: /posts/*/preview/",
        "Disallow: /preview/",
        "",
        "Sitemap: https://table.example/sitemap.xml",
    ]
