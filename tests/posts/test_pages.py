"""Pages for readers: home, archive, post, preview."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from core.utils.images import clean_picture
from core.utils.pagination import Cursor
from posts.models import Post, Tag
from posts.share_cards import share_picture_url
from tests.factories import make_host, make_member, make_picture, make_post, put_comment

pytestmark = pytest.mark.django_db


def page_key(post: Post) -> str:
    return str(Cursor(post.published_at, post.pk))


def make_tag(name: str, *posts: Post) -> Tag:
    tag, _created = Tag.objects.get_or_create(name=name, slug=name.lower())
    for post in posts:
        post.tags.add(tag)
    return tag


def make_posts(count: int, **fields) -> list[Post]:
    """Create posts published an hour apart, newest first."""
    author = make_host()
    now = timezone.now()
    return [
        make_post(author=author, title=f"Number {n}", published_at=now - timedelta(hours=n), **fields)
        for n in range(1, count + 1)
    ]


def give_cover(post: Post) -> None:
    post.cover = clean_picture(make_picture((800, 600)), size=(1600, 1200))
    post.save()


def titles_on(response, heading: str) -> list[str]:
    return re.findall(
        rf'<{heading} dir="auto"><a href="/posts/[^"]+">([^<]+)</a></{heading}>', response.content.decode()
    )


def words_of(response) -> str:
    return response.content.decode()


# --- home ---------------------------------------------------------------------


def test_home_shows_the_newest_post_large_and_earlier_ones_as_titles(client):
    make_posts(9)
    response = client.get("/")
    assert response.context["lead"].title == "Number 1"
    assert titles_on(response, "h3") == [f"Number {n}" for n in range(2, 8)]
    assert f'<a class="btn line" href="{reverse("posts:post-list")}">' in words_of(response)


def test_home_with_one_post_has_no_list_and_no_link_to_more(client, post):
    response = client.get("/")
    assert response.context["lead"] == post
    assert titles_on(response, "h3") == []
    assert "All posts" not in words_of(response)


def test_home_without_posts_says_so_and_shows_the_host_where_to_begin(client, signed_in, host, member):
    add_page = reverse("admin:posts_post_add")
    assert "No posts yet" in words_of(client.get("/"))
    assert add_page not in words_of(client.get("/"))
    assert add_page not in words_of(signed_in(member).get("/"))
    assert add_page in words_of(signed_in(host).get("/"))


def test_home_invites_guests_and_leaves_members_in_peace(client, signed_in, member, post):
    assert "Sign up" in words_of(client.get("/"))
    assert "Sign up" not in words_of(signed_in(member).get("/"))


def test_home_names_the_tags_of_published_posts(client, host):
    make_tag("Tea", make_post(host), make_post(host))
    make_tag("Bread", make_post(host))
    make_tag("Secret", make_post(host, published_at=None))
    assert [tag.name for tag in client.get("/").context["tags"]] == ["Tea", "Bread"]


# On the home page two more for new members: who joined last, and who of them wrote
# (comments/services/home.py).
@pytest.mark.parametrize(("path", "most"), [("/", 9), ("/posts/", 8)])
def test_lists_cost_the_same_queries_however_many_posts(client, path, most):
    def queries() -> int:
        caches["parts"].clear()
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        return len(captured)

    make_tag("Tea", *make_posts(1))
    with_one = queries()
    make_tag("Tea", *make_posts(30))
    assert queries() == with_one
    assert with_one <= most


# --- archive ------------------------------------------------------------------


def test_archive_leads_through_all_posts_newest_first(client, settings):
    settings.POSTS_PER_PAGE = 4
    make_posts(10)
    seen, url = [], "/posts/"
    for _ in range(5):
        response = client.get(url)
        seen.append(titles_on(response, "h2"))
        link = re.search(r'rel="next" href="(\?[^"]+)"', words_of(response))
        if link is None:
            break
        url = "/posts/" + link[1].replace("&amp;", "&")
    assert seen == [[f"Number {n}" for n in page] for page in ([1, 2, 3, 4], [5, 6, 7, 8], [9, 10])]


def test_a_post_that_comes_in_between_shifts_nothing(client, settings):
    settings.POSTS_PER_PAGE = 2
    posts = make_posts(4)
    make_post(title="Brand new", published_at=timezone.now())
    response = client.get("/posts/", {"page": page_key(posts[1])})
    assert titles_on(response, "h2") == ["Number 3", "Number 4"]


def test_posts_of_the_same_moment_all_have_their_place(client, settings, host):
    settings.POSTS_PER_PAGE = 2
    now = timezone.now()
    posts = [make_post(host, title=f"Twin {n}", published_at=now) for n in range(3)]
    assert titles_on(client.get("/posts/"), "h2") == ["Twin 2", "Twin 1"]
    assert titles_on(client.get("/posts/", {"page": page_key(posts[1])}), "h2") == ["Twin 0"]


@pytest.mark.parametrize(
    "key",
    [
        "",
        "1",
        "2",
        "-1",
        "x.y",
        "0.0.0",
        "99999999999999999-1",
        "-99999999999999999-1",
        "٣-٣",
        "1-1'--",
        "1-1\n",
        "9" * 400,
    ],
)
def test_a_key_that_nobody_wrote_opens_the_first_page(client, post, key):
    response = client.get("/posts/", {"page": key})
    assert response.status_code == 200
    assert titles_on(response, "h2") == [post.title]


@given(st.text(max_size=40))
def test_reading_a_page_key_never_fails(text):
    place = Cursor.read(text)
    assert place is None or len(place) == 2


@given(
    st.datetimes(datetime(1800, 1, 1), datetime(2500, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis requires naive limits
    st.integers(1, 2**59),
)
def test_a_page_key_comes_back_as_it_went(at, pk):
    assert Cursor.read(str(Cursor(at, pk))) == (at, pk)


def test_past_the_last_post_the_archive_says_so(client, post):
    response = client.get("/posts/", {"page": page_key(post)})
    assert response.status_code == 200
    assert "No older posts." in words_of(response)
    assert '<meta name="robots" content="noindex, follow">' in words_of(response)


def test_a_tag_filters_the_archive_and_is_in_its_heading(client, settings, host):
    settings.POSTS_PER_PAGE = 1
    first, second, other = (make_post(host, title=title) for title in ("One", "Two", "Other"))
    make_tag("Tea", first, second)
    response = client.get("/posts/", {"tag": "tea"})
    assert "<h1>Posts about Tea</h1>" in words_of(response)
    assert titles_on(response, "h2") == ["Two"]
    assert f'href="?tag=tea&amp;page={page_key(second)}"' in words_of(response)
    assert titles_on(client.get("/posts/", {"tag": "tea", "page": page_key(second)}), "h2") == ["One"]
    assert other.title not in words_of(response)


@pytest.mark.parametrize("slug", ["unknown", "secret", "<script>", "' OR 1=1"])
def test_an_unknown_tag_is_not_found_and_one_of_drafts_alone_is_unknown(client, host, slug):
    make_tag("Secret", make_post(host, published_at=None))
    assert client.get("/posts/", {"tag": slug}).status_code == 404


def test_an_empty_tag_means_all_posts(client, post):
    assert titles_on(client.get("/posts/?tag="), "h2") == [post.title]


# --- drafts and scheduled posts -------------------------------------------------


@pytest.mark.parametrize(
    "published_at", [None, timezone.now() + timedelta(days=1)], ids=["draft", "scheduled"]
)
@pytest.mark.parametrize("role", ["guest", "member", "moderator", "host"])
def test_what_is_not_published_is_seen_by_nobody_anywhere(
    client, signed_in, request, host, role, published_at
):
    hidden = make_post(host, title="Hush", summary="Not yet to be read", published_at=published_at)
    shown = make_post(host, title="Shown")
    make_tag("Tea", hidden, shown)
    reader = client if role == "guest" else signed_in(request.getfixturevalue(role))
    assert reader.get(hidden.get_absolute_url()).status_code == 404
    for path in ["/", "/posts/", "/posts/?tag=tea", "/feed/", "/sitemap.xml", shown.get_absolute_url()]:
        page = words_of(reader.get(path))
        assert "Hush" not in page, path
        assert "Not yet to be read" not in page, path
        assert hidden.slug not in page.replace("/preview/", ""), path


def test_a_post_with_a_set_time_appears_by_itself(client, host):
    post = make_post(host, published_at=timezone.now() + timedelta(hours=1))
    assert client.get(post.get_absolute_url()).status_code == 404
    Post.objects.update(published_at=timezone.now() - timedelta(seconds=1))
    assert client.get(post.get_absolute_url()).status_code == 200


# --- a post -----------------------------------------------------------------------


def test_a_post_page_carries_the_whole_post(client):
    host = make_host("nora", display_name="Nora Vale")
    words = "<p>" + "word " * 500 + "</p>"
    post = make_post(
        host,
        title="Tea & bread",
        summary="Both <warm>.",
        body=words,
        published_at=timezone.now() - timedelta(days=3),
    )
    make_tag("Tea", post)
    put_comment(post)
    page = words_of(client.get(post.get_absolute_url()))
    assert '<h1 id="post-h" dir="auto">Tea &amp; bread</h1>' in page
    assert '<p class="ital" dir="auto">Both &lt;warm&gt;.</p>' in page
    assert '<a href="/members/nora/" rel="author">Nora Vale</a>' in page
    assert "3 minutes to read" in page
    assert '<a href="#talk">1 comment</a>' in page
    assert '<a href="/posts/?tag=tea" rel="tag">Tea</a>' in page
    assert re.search(r'<time datetime="\d{4}-\d\d-\d\dT[^"]+" title="\d{1,2} \w+ \d{4}', page)
    assert post.body in page


def test_the_head_of_a_post_says_what_it_is(client, settings):
    settings.SITE_URL = "https://table.example"
    host = make_host("nora", display_name="Nora Vale")
    post = make_post(host, title='Say "tea" </script>', summary='A "warm" one', body="<p>x</p>")
    give_cover(post)
    make_tag("Tea", post)
    put_comment(post)
    post.refresh_from_db()
    page = words_of(client.get(post.get_absolute_url()))
    url = f"https://table.example/posts/{post.slug}/"
    for tag in [
        "<title>Say &quot;tea&quot; &lt;/script&gt; · The Long Table</title>",
        '<meta name="description" content="A &quot;warm&quot; one">',
        f'<link rel="canonical" href="{url}">',
        '<meta property="og:site_name" content="The Long Table">',
        '<meta property="og:type" content="article">',
        '<meta property="og:title" content="Say &quot;tea&quot; &lt;/script&gt;">',
        f'<meta property="og:url" content="{url}">',
        f'<meta property="og:image" content="{share_picture_url(post)}">',
        f'<meta property="article:published_time" content="{post.published_at.isoformat()}">',
        '<meta property="article:author" content="https://table.example/members/nora/">',
        '<meta property="article:tag" content="Tea">',
    ]:
        assert tag in page
    data, trail = map(json.loads, re.findall(r'<script type="application/ld\+json">(.+?)</script>', page)[:2])
    assert trail == {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": 1, "name": "The Long Table", "item": "https://table.example/"},
            {"@type": "ListItem", "position": 2, "name": "Posts", "item": "https://table.example/posts/"},
            {"@type": "ListItem", "position": 3, "name": 'Say "tea" </script>', "item": url},
        ],
    }
    assert data == {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "@id": url,
        "headline": 'Say "tea" </script>',
        "description": 'A "warm" one',
        "url": url,
        "mainEntityOfPage": url,
        "datePublished": post.published_at.isoformat(),
        "dateModified": post.changed_at.isoformat(),
        "author": {
            "@type": "Person",
            "@id": "https://table.example/members/nora/",
            "name": "Nora Vale",
            "url": "https://table.example/members/nora/",
        },
        "publisher": {"@type": "Organization", "name": "The Long Table", "url": "https://table.example/"},
        "commentCount": 1,
        "keywords": ["Tea"],
        "image": f"https://table.example{post.cover.url}",
    }


def test_a_cover_has_its_dimensions_and_its_alt_text(client, post):
    give_cover(post)
    Post.objects.update(cover_alt="A laid table")
    page = words_of(client.get(post.get_absolute_url()))
    assert f'src="{post.cover.url}" alt="A laid table" width="800" height="600" loading="eager"' in page


@pytest.mark.parametrize("damage", ["gone", "not a picture"])
def test_a_cover_whose_file_is_lost_does_not_take_the_page_along(client, post, damage):
    post.cover.save("lost.webp", ContentFile(b"no picture"))
    if damage == "gone":
        post.cover.storage.delete(post.cover.name)
    response = client.get(post.get_absolute_url())
    assert response.status_code == 200
    assert f'src="{post.cover.url}" alt="" loading="eager"' in words_of(response)


def test_a_post_leads_on_to_its_neighbours(client, host):
    now = timezone.now()
    first, draft, second, third = (
        make_post(host, title=title, published_at=at)
        for title, at in [
            ("First", now - timedelta(days=3)),
            ("Draft", None),
            ("Second", now - timedelta(days=2)),
            ("Third", now - timedelta(days=1)),
        ]
    )

    def neighbours(post: Post) -> tuple[Post | None, Post | None]:
        context = client.get(post.get_absolute_url()).context
        return context["previous_post"], context["next_post"]

    assert neighbours(first) == (None, second)
    assert neighbours(second) == (first, third)
    assert neighbours(third) == (second, None)
    assert draft.title not in words_of(client.get(second.get_absolute_url()))


def test_scripts_in_a_body_never_reach_the_page(client, host):
    post = make_post(
        host,
        body='<p onclick="a()">Kept<script>alert(1)</script></p><a href="javascript:alert(2)">link</a><img src="https://evil.example/x.png">'
        '<style>body{}</style><iframe src="//evil.example"></iframe><form action="/x"><input name="y"></form><p style="color:red" class="btn">Plain</p>',
    )
    page = words_of(client.get(post.get_absolute_url()))
    words = re.search(r'<div class="words">\s*(.*?)\s*</div>', page, re.DOTALL)[1]
    assert words == '<p>Kept</p><a rel="noopener">link</a><p>Plain</p>'


def test_the_post_itself_costs_five_queries_and_the_page_fifteen(client, signed_in, member, host):
    posts = make_posts(3)
    make_tag("Tea", *posts)
    make_tag("Bread", *posts)
    roots = [put_comment(posts[1]) for _ in range(3)]
    put_comment(parent=roots[0])
    with CaptureQueriesContext(connection) as captured:
        client.get(posts[1].get_absolute_url())
    # Without those for pages in the navigation, which are cached for some seconds.
    of_posts = [
        query["sql"]
        for query in captured
        if re.search(r' FROM "posts_', query["sql"]) and "\"nav_place\" = ''" not in query["sql"]
    ]
    assert len(of_posts) == 5  # with its tags, the related ones, and both neighbours
    assert len(captured) <= 15
    reader = signed_in(member)
    with CaptureQueriesContext(connection) as captured:
        reader.get(posts[1].get_absolute_url())
    assert len(captured) <= 19


@pytest.mark.parametrize("path", ["/", "/posts/", "/feed/", "/sitemap.xml", "/robots.txt", "/posts/tea/"])
def test_head_is_answered_like_get_without_the_page(client, host, path):
    make_post(host, slug="tea")
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Type"] == got["Content-Type"]


def test_members_pages_are_kept_by_the_readers_own_browser_alone(client, signed_in, member, post):
    assert client.get(post.get_absolute_url())["Cache-Control"] == "public, max-age=0, s-maxage=1"
    assert "no-store" in signed_in(member).get(post.get_absolute_url())["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["/posts/none/", "/posts/none/preview/", "/posts/a b/", "/posts/%F0%9F%8D%B5/"]
)
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(path).status_code == 404


# --- preview ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published_at", "note"),
    [
        (None, "The post is a draft."),
        (timezone.now() + timedelta(days=2), "The post will be published on"),
        (timezone.now() - timedelta(days=2), "The post is published; this is how it looks."),
    ],
    ids=["draft", "scheduled", "published"],
)
def test_the_host_sees_any_post_before_others_do(signed_in, host, published_at, note):
    earlier = make_post(host, title="Earlier", published_at=timezone.now() - timedelta(days=9))
    post = make_post(host, title="Tea", published_at=published_at, body="<p>Warm words.</p>")
    response = signed_in(host).get(reverse("posts:post-preview", args=[post.slug]))
    assert response.status_code == 200
    assert response["X-Robots-Tag"] == "noindex"
    assert response.templates[0].name == "posts/post_detail.html"
    assert note in words_of(response)
    assert "<p>Warm words.</p>" in words_of(response)
    assert response.context["previous_post"] == earlier
    assert response.context["next_post"] is None


@pytest.mark.parametrize("role", ["guest", "member", "moderator", "staff without the right"])
def test_to_others_there_is_no_preview(client, signed_in, request, post, role):
    if role == "guest":
        reader = client
    else:
        reader = signed_in(
            make_member("dora", is_staff=True) if role.startswith("staff") else request.getfixturevalue(role)
        )
    assert reader.get(reverse("posts:post-preview", args=[post.slug])).status_code == 404


def test_a_post_page_is_no_preview(client, post):
    assert "Only you can see this page." not in words_of(client.get(post.get_absolute_url()))
    assert not client.get(post.get_absolute_url()).has_header("X-Robots-Tag")
