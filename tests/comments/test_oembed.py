"""oEmbed of posts and comments: the response, its errors, and that it shows only what visitors see."""

import html
import re

import pytest

from posts.models import Post
from tests.factories import make_host, make_member, make_post, put_comment

pytestmark = pytest.mark.django_db

SITE = "https://table.example"


@pytest.fixture(autouse=True)
def address_of_the_site(settings):
    settings.SITE_URL = SITE


def ask(client, url, **more):
    return client.get("/oembed", {"url": url} | more)


def test_a_post_is_a_quotation_that_links_to_it(client):
    vera = make_host("vera", display_name="Vera <b>")
    post = make_post(vera, title="Tea & <script>", slug="tea", summary='Say "cup".')
    response = ask(client, f"{SITE}/posts/tea/")
    data = response.json()
    assert data.pop("thumbnail_url").startswith(f"{SITE}/share/posts/{post.pk}/")
    assert data == {
        "version": "1.0",
        "type": "rich",
        "title": "Tea & <script>",
        "author_name": "Vera <b>",
        "author_url": f"{SITE}/members/vera/",
        "provider_name": "The Long Table",
        "provider_url": f"{SITE}/",
        "cache_age": 3600,
        "html": f'<blockquote cite="{SITE}/posts/tea/"><p><a href="{SITE}/posts/tea/">Tea &amp; &lt;script&gt;</a></p>'
        "<p>Say &quot;cup&quot;.</p></blockquote>",
        "width": 600,
        "height": None,
        "thumbnail_width": 1200,
        "thumbnail_height": 630,
    }
    assert (response["Access-Control-Allow-Origin"], response["Cache-Control"]) == ("*", "public, no-cache")
    assert ask(client, f"{SITE}/posts/tea/", maxwidth="320").json()["width"] == 320


@pytest.mark.parametrize(
    "address", ["/comments/{0}/", "/posts/tea/#comment-{0}", "/posts/tea/?page=2#comment-{0}"]
)
def test_a_comment_is_quoted_with_who_wrote_it(client, address):
    dora = make_member("dora", display_name="Dora </p>")
    comment = put_comment(make_post(title="Tea", slug="tea"), author=dora, body="A *word* <script>.")
    data = ask(client, SITE + address.format(comment.pk)).json()
    place = f"{SITE}/comments/{comment.pk}/"
    assert data["title"] == "Dora </p> on “Tea”"
    assert data["author_url"] == f"{SITE}/members/dora/"
    assert data["html"] == (
        f'<blockquote cite="{place}"><p>A word &lt;script&gt;.</p>'
        f'<footer><a href="{place}">Dora &lt;/p&gt; on “Tea”</a></footer></blockquote>'
    )


@pytest.mark.parametrize("status", ["held", "removed", "spam", "deleted"])
def test_a_comment_that_visitors_cannot_read_is_not_found_whoever_asks(client, signed_in, post, status):
    comment = put_comment(post, status=status)
    for reader in (client, signed_in(comment.author), signed_in(post.author)):
        assert ask(reader, f"{SITE}/comments/{comment.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"visibility": "members"}, 401), ({"published_at": None}, 404), ({"visibility": "unlisted"}, 200)],
)
def test_what_members_alone_may_read_needs_a_sign_in_and_a_draft_is_not_there(
    client, signed_in, fields, status
):
    post = make_post(slug="tea")
    comment = put_comment(post)
    Post.objects.filter(pk=post.pk).update(**fields)
    for reader in (client, signed_in(post.author)):
        assert ask(reader, f"{SITE}/posts/tea/").status_code == status
        assert ask(reader, f"{SITE}/posts/tea/#comment-{comment.pk}").status_code == status


def test_pages_of_the_host_are_embedded_too(client, host):
    make_post(host, kind="page", slug="about", title="About us")
    assert ask(client, f"{SITE}/about/").json()["title"] == "About us"


def test_a_former_address_leads_to_the_post(client, host):
    post = make_post(host, slug="tea", title="Tea")
    post.keep_own_address()
    Post.objects.filter(pk=post.pk).update(slug="coffee")
    assert ask(client, f"{SITE}/posts/tea/").json()["title"] == "Tea"


@pytest.mark.parametrize(
    "url",
    ["", "x", "/posts/open/", "https://evil.example/posts/open/", f"{SITE}/", f"{SITE}/admin/", f"{SITE}.evil/posts/open/",
     f"{SITE}/posts/none/", f"{SITE}/comments/99999/", f"{SITE}/comments/{'9' * 30}/", "https://[", f"javascript:{SITE}/posts/open/", f"{SITE}/posts/%00/", f"{SITE}/%ff%fe/", SITE + "/" + "a" * 5000],
)  # fmt: skip
def test_anything_else_is_not_found(client, host, url):
    make_post(host, slug="open")
    assert ask(client, url).status_code == 404


def test_other_formats_are_not_implemented(client):
    make_post(slug="tea")
    assert ask(client, f"{SITE}/posts/tea/", format="xml").status_code == 501


def test_pages_tell_where_to_ask(client, signed_in, member):
    make_post(slug="tea")
    page = client.get("/posts/tea/").content.decode()
    [address] = re.findall(r'type="application/json\+oembed"[^>]* href="([^"]+)"', page)
    assert client.get(html.unescape(address).removeprefix(SITE)).json()["type"] == "rich"
    make_post(slug="inside", visibility="members")
    assert "oembed" not in signed_in(member).get("/posts/inside/").content.decode()


def test_whoever_has_it_already_gets_nothing_again(client):
    make_post(slug="tea")
    first = ask(client, f"{SITE}/posts/tea/")
    again = client.get("/oembed", {"url": f"{SITE}/posts/tea/"}, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
