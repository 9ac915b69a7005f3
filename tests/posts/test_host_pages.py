"""Static pages: about, contact, privacy, imprint, guidelines."""

import re

import pytest
from django.urls import get_resolver

from core.services.site_settings import save_settings
from posts.models import Page, Post
from tests.factories import make_comment, make_member, make_post
from tests.posts.test_admin import announced, form_data  # noqa: F401

pytestmark = pytest.mark.django_db

LIST = "/admin/posts/page/"
ADD = "/admin/posts/page/add/"


@pytest.fixture
def host_client(signed_in, host):
    return signed_in(host)


def make_page(host, **fields) -> Page:
    fields = {"title": "About", "slug": "about", "body": "<p>Who we are.</p>"} | fields
    return Page.objects.get(pk=make_post(host, kind="page", comments_open=False, **fields).pk)


def page_form(host, **fields):
    data = form_data(host, title="About", slug="about", **fields) | {"nav_order": "0"}
    del data["comments_open"]
    return data | {name: value for name, value in fields.items() if name == "comments_open"}


def test_the_host_makes_a_page_with_an_address_of_its_own_and_no_date(client, host_client, host, announced):  # noqa: F811
    response = host_client.post(ADD, page_form(host, nav_place="header", _publish="1"), follow=True)
    assert "It’s live: see it." in response.content.decode()
    assert announced == []
    page = client.get("/about/")
    assert page.status_code == 200
    text = page.content.decode()
    assert '<h1 id="post-h" dir="auto">About</h1>' in text
    assert "<time" not in text
    assert "minutes to read" not in text
    assert '<link rel="canonical" href="http://127.0.0.1:8000/about/">' in text or 'href="http' in text
    assert 'id="talk"' not in text


def test_the_list_of_pages_says_where_each_is_in_the_navigation(host_client, host):
    make_page(host, nav_place="header", nav_order=2)
    make_page(host, title="Hidden", slug="hidden", nav_place="")
    listed = re.findall(
        r'<td data-label="Navigation"[^>]*>(.*?)</td>', host_client.get("/admin/posts/page/").content.decode()
    )
    assert listed == ["Not in the navigation", "At the top of every page, 2"]


def test_a_page_is_among_no_posts(client, host):
    make_page(host)
    for address in ("/", "/posts/", "/feed/"):
        assert "Who we are." not in client.get(address).content.decode(), address
    assert "/about/" in client.get("/sitemap.xml").content.decode()
    assert (client.get("/posts/about/").status_code, client.get("/posts/about/")["Location"]) == (
        301,
        "/about/",
    )


def test_a_post_is_no_page(client, host):
    make_post(host, slug="bread")
    assert client.get("/bread/")["Location"] == "/posts/bread/"


def navigation(page: str, place: str) -> list[str]:
    part = page.partition(f'class="{place}"')[2].partition("</ul>")[0]
    return re.findall(r'<a href="(/[a-z]+/)"', part)


def test_pages_have_their_place_in_the_navigation(client, host, signed_in, member):
    make_page(host, nav_place="header", nav_order=2)
    make_page(host, title="Contact", slug="contact", nav_place="header", nav_order=1)
    make_page(host, title="Legal notice", slug="imprint", nav_place="footer")
    make_page(host, title="Inside", slug="inside", nav_place="footer", visibility="members")
    make_page(host, title="Hidden", slug="hidden", nav_place="footer", visibility="unlisted")
    make_page(host, title="Draft", slug="unready", nav_place="footer", published_at=None)
    make_page(host, title="Elsewhere", slug="elsewhere")
    for address in ("/", "/contact/", "/nowhere/at/all/"):
        page = client.get(address).content.decode()
        assert navigation(page, "navlist")[-2:] == ["/contact/", "/about/"], address
        assert [
            link
            for link in navigation(page, "footlist")
            if link in {"/imprint/", "/inside/", "/hidden/", "/unready/"}
        ] == ["/imprint/"], address
    inside = signed_in(member).get("/").content.decode()
    assert {"/imprint/", "/inside/"} <= {*navigation(inside, "footlist")}


def test_a_page_that_is_linked_anyway_is_linked_once(client, host):
    make_page(host, nav_place="header")
    make_page(host, title="Contact", slug="contact", nav_place="header")
    make_page(host, title="Our rules", slug="guidelines", nav_place="footer")
    chosen = [{"label": "Start", "address": "/"}, {"label": "Who we are", "address": "/about/"}]
    save_settings({"navigation": chosen}, by=host)
    page = client.get("/").content.decode()
    assert re.findall(
        r'<a href="(/[a-z]*/?)"', page.partition('class="navlist"')[2].partition("</ul>")[0]
    ) == [
        "/",
        "/about/",
        "/contact/",
    ]
    assert navigation(page, "footlist").count("/guidelines/") == 1


def test_a_page_for_members_asks_visitors_to_sign_in(client, signed_in, member, host):
    make_page(host, visibility="members")
    assert client.get("/about/")["Location"] == "/accounts/login/?next=/about/"
    assert signed_in(member).get("/about/").status_code == 200


def test_comments_are_off_unless_the_host_wants_them(client, signed_in, host_client, host):
    assert 'name="comments_open" id="id_comments_open">' in host_client.get(ADD).content.decode()
    page = make_page(host)
    Post.objects.filter(pk=page.pk).update(comments_open=True)
    reader = signed_in(make_member("olga"))
    response = reader.post("/posts/about/comments/", {"body": "Hello you."}, follow=True)
    assert "Hello you." in response.content.decode()
    assert response.redirect_chain[-1][0].startswith("/about/#comment-")


def test_comments_under_a_page_are_found_from_everywhere(client, host):
    page = make_page(host)
    Post.objects.filter(pk=page.pk).update(comments_open=True)
    comment = make_comment(Post.objects.get(pk=page.pk), body="Under the page.")
    assert client.get(f"/comments/{comment.pk}/")["Location"] == f"/about/#comment-{comment.pk}"
    assert "Under the page." in client.get("/feed/comments/").content.decode()
    assert client.get("/posts/about/feed/").status_code == 200


@pytest.mark.parametrize("slug", ["members", "posts", "admin", "moderation", "feed", "events-of-ours"])
def test_an_address_of_the_site_itself_is_refused(host_client, host, slug):
    response = host_client.post(ADD, page_form(host) | {"slug": slug})
    if slug == "events-of-ours":
        assert response.status_code == 302
    else:
        assert response.context["adminform"].form.errors == {
            "slug": ["The site itself uses this web address. Choose another one."]
        }


def test_a_title_that_is_an_address_of_the_site_gets_another(host_client, host):
    host_client.post(ADD, page_form(host) | {"title": "Members", "slug": ""})
    assert Page.objects.get().slug == "members-2"


def test_a_changed_address_of_a_page_redirects(client, host_client, host):
    page = make_page(host)
    data = page_form(host, published_at=page.published_at) | {"slug": "about-us"}
    assert host_client.post(f"{LIST}{page.pk}/change/", data).status_code == 302
    assert (client.get("/about/").status_code, client.get("/about/")["Location"]) == (301, "/about-us/")


def test_guidelines_are_those_of_the_host_where_there_are_any(client, host):
    assert "Community guidelines" in client.get("/guidelines/").content.decode()
    make_page(host, title="Our rules", slug="guidelines", body="<p>Be kind here.</p>")
    page = client.get("/guidelines/").content.decode()
    assert "Be kind here." in page
    assert 'href="/guidelines/">Community guidelines' in page
    assert (client.get("/house-rules/").status_code, client.get("/house-rules/")["Location"]) == (
        301,
        "/guidelines/",
    )


@pytest.mark.parametrize(
    "address", ["/nothing-here/", "/x/y/", "/wp-login.php", "/.env", "/a%00b/", "/%F0%9F%8D%9E/"]
)
def test_what_is_no_page_is_not_found(client, address):
    assert client.get(address).status_code == 404


def offered(host_client) -> list[str]:
    return re.findall(r"[?;]slug=(\w+)", host_client.get(LIST).content.decode())


def test_the_admin_offers_pages_that_most_sites_have(host_client, host):
    assert offered(host_client) == ["about", "contact", "privacy", "imprint", "guidelines"]
    form = host_client.get(f"{ADD}?title=Legal+notice&slug=imprint").content.decode()
    assert 'value="Legal notice"' in form
    assert 'value="imprint"' in form
    make_page(host)
    assert offered(host_client) == ["contact", "privacy", "imprint", "guidelines"]


@pytest.mark.parametrize("role", ["visitor", "member", "moderator"])
def test_pages_are_made_by_the_host_alone(client, signed_in, request, host, role):
    reader = client if role == "visitor" else signed_in(request.getfixturevalue(role))
    reader.post(ADD, page_form(host))
    assert not Page.objects.exists()


def test_posts_and_pages_have_lists_of_their_own(host_client, host):
    page, post = make_page(host), make_post(host)
    lists = [
        [one.pk for one in host_client.get(where).context["cl"].result_list]
        for where in (LIST, "/admin/posts/post/")
    ]
    assert lists == [[page.pk], [post.pk]]


def test_every_other_address_comes_before_those_of_pages():
    assert get_resolver().url_patterns[-1].name == "page"
