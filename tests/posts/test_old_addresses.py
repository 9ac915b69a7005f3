"""Links to an imported blog, and to a post whose slug changed, redirect to the current URL."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Comment
from core.utils.slugs import make_slug
from posts.models import OldAddress, Post, Tag
from tests.factories import make_host, make_post
from tests.transfer.test_import_wordpress import run
from tests.transfer.wxr import HEAD, comment, post, wxr

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


@pytest.fixture
def blog(tmp_path):
    """Import a blog with one post "on-bread", number 1148, that had this URL there."""

    def imported(link: str, *comments: str, blog: str = "https://ida.example.org", **fields) -> Post:
        fields = {"link": link, "guid": f"{blog}/?p=1148"} | fields
        run(
            wxr(
                tmp_path / "export.xml",
                post(1148, *comments, **fields),
                head=HEAD.replace("https://ida.example.org", blog),
            )
        )
        return Post.objects.get()

    return imported


@pytest.mark.parametrize(("link", "asked"), [
    ("https://ida.example.org/2012/01/03/on-bread/", ["/2012/01/03/on-bread/", "/2012/01/03/on-bread", "/2012/01/03/On-Bread/"]),
    ("https://ida.example.org/2012/01/on-bread/", ["/2012/01/on-bread/", "/2012/01/on-bread"]),
    ("https://ida.example.org/2012/on-bread.html", ["/2012/on-bread.html"]),
    ("https://ida.example.org/on-bread/", ["/on-bread/", "/on-bread"]),
    ("https://ida.example.org/archives/1148", ["/archives/1148", "/archives/1148/"]),
    ("https://ida.example.org/index.php/2012/on-bread/", ["/index.php/2012/on-bread/", "/2012/on-bread/"]),
    ("https://ida.example.org/2012/%d0%be-%d1%85%d0%bb%d0%b5%d0%b1%d0%b5/", ["/2012/%D0%BE-%D1%85%D0%BB%D0%B5%D0%B1%D0%B5/", "/2012/о-хлебе"]),
    ("https://ida.example.org/?p=1148", ["/?p=1148"]),
    ("", ["/2012/04/25/on-bread/"]),
])  # fmt: skip
def test_an_address_of_the_blog_leads_to_the_post(client, blog, link, asked):
    there = blog(link).get_absolute_url()
    for address in [*asked, "/?p=1148", "/?p=1148&cpage=2", "/index.php?p=1148"]:
        for method in (client.get, client.head):
            response = method(address)
            assert (response.status_code, response.headers.get("Location")) == (301, there), address


@pytest.mark.parametrize(
    "behind",
    ["comment-page-2/", "2/", "trackback/", "amp/", "embed/", "?replytocom=917", "comment-page-1/?x=y"],
)
def test_what_wordpress_puts_behind_an_address_is_part_of_it(client, blog, behind):
    there = blog("https://ida.example.org/2012/01/03/on-bread/").get_absolute_url()
    assert client.get(f"/2012/01/03/on-bread/{behind}").headers["Location"] == there
    assert client.get("/2012/01/03/on-bread/feed/").headers["Location"] == f"{there}feed/"


def test_a_blog_in_a_folder_is_found_with_and_without_it(client, blog):
    there = blog(
        "https://ida.example.org/blog/2012/01/03/on-bread/", blog="https://ida.example.org/blog"
    ).get_absolute_url()
    for address in ["/blog/2012/01/03/on-bread/", "/2012/01/03/on-bread/", "/blog/?p=1148", "/?p=1148"]:
        assert client.get(address).headers["Location"] == there, address


@pytest.mark.parametrize(
    "address",
    [
        "/2012/01/04/on-bread/",
        "/?p=1149",
        "/?p=",
        "/?p=x",
        "/?p=1148x",
        "/?page=2",
        "/a%00b/",
        "/" + "x" * 3000,
        "/?p=" + "9" * 90,
    ],
)
def test_what_was_never_there_is_answered_as_before(client, blog, address):
    blog("https://ida.example.org/2012/01/03/on-bread/")
    assert client.get(address).status_code == (200 if address.startswith("/?") else 404)


def test_a_draft_is_nowhere(client, blog):
    blog("https://ida.example.org/2012/01/03/on-bread/", status="draft")
    assert client.get("/2012/01/03/on-bread/").status_code == 404
    assert client.get("/?p=1148").status_code == 200


@pytest.mark.parametrize("visibility", ["unlisted", "members"])
@pytest.mark.parametrize(
    ("link", "number"), [("/2012/01/03/on-bread/", "/?p=1148"), ("/archives/1148", "/archives/1148/")]
)
def test_who_counts_through_the_numbers_finds_what_is_listed_for_them_alone(
    client, blog, member, signed_in, visibility, link, number
):
    there = blog(f"https://ida.example.org{link}").get_absolute_url()
    Post.objects.update(visibility=visibility)
    by_member = signed_in(member).get(number)
    assert client.get(number).status_code == (200 if number.startswith("/?") else 404)
    assert by_member.headers.get("Location") == (there if visibility == "members" else None)
    if link != number.rstrip("/"):
        assert client.get(link).headers["Location"] == there


def test_a_withdrawn_or_a_future_post_is_nowhere(client, blog):
    blog("https://ida.example.org/2012/01/03/on-bread/")
    for at in (None, timezone.now() + timedelta(days=1)):
        Post.objects.update(published_at=at)
        assert (client.get("/?p=1148").status_code, client.get("/2012/01/03/on-bread/").status_code) == (
            200,
            404,
        )


def test_a_form_is_not_led_on(client, blog):
    blog("https://ida.example.org/2012/01/03/on-bread/")
    assert client.post("/2012/01/03/on-bread/").status_code == 404


def test_ordinary_pages_do_not_ask_for_old_addresses(client, blog, django_assert_max_num_queries):
    there = blog("https://ida.example.org/2012/01/03/on-bread/").get_absolute_url()
    for address in ("/", "/posts/", there):
        with django_assert_max_num_queries(60) as queries:
            assert client.get(address).status_code == 200
        assert not [query for query in queries.captured_queries if "oldaddress" in query["sql"]]
    with django_assert_max_num_queries(60) as queries:
        client.get("/2012/01/03/on-bread/")
    assert len([query for query in queries.captured_queries if "oldaddress" in query["sql"]]) == 1


def test_the_first_of_two_posts_keeps_an_address_and_the_second_is_said(client, tmp_path):
    link = "https://ida.example.org/on-bread/"
    file = wxr(tmp_path / "export.xml", post(10, link=link), post(11, link=link, post_name="other"))
    said = "The old address /on-bread already leads to another post: post 11."
    assert said in run(file, dry_run=True)
    assert said in run(file)
    assert client.get("/on-bread/").headers["Location"] == "/posts/on-bread/"


def test_a_post_imported_before_gets_its_old_addresses_with_the_next_run(client, tmp_path):
    file = wxr(tmp_path / "export.xml", post(10, link="https://ida.example.org/on-bread/"))
    run(file)
    OldAddress.objects.all().delete()
    run(file)
    assert client.get("/on-bread/").status_code == client.get("/?p=10").status_code == 301


def test_an_anchor_of_the_blog_is_at_the_comment(client, blog):
    bread = blog(
        "https://ida.example.org/b/",
        comment(917, "one"),
        comment(918, "two", comment_parent=917),
        comment(2, "three"),
    )
    page = client.get(bread.get_absolute_url()).content.decode()
    for number, words in [(917, "one"), (918, "two"), (2, "three")]:
        mine = Comment.objects.get(body=words)
        assert mine.pk > 918  # the number of an old link is never reused
        assert page.count(f'id="comment-{number}"') == page.count(f'id="comment-{mine.pk}"') == 1
        assert (
            page.index(f'id="comment-{mine.pk}"')
            < page.index(f'id="comment-{number}"')
            < page.index(f">{words}<")
        )
        assert (
            client.get(f"{bread.get_absolute_url()}?comment={number}")
            .headers["Location"]
            .endswith(f"#comment-{mine.pk}")
        )


def test_a_comment_of_ours_with_the_same_number_keeps_its_anchor(client, blog):
    bread = blog("https://ida.example.org/b/", comment(5, "one"))
    Comment.objects.update(source_key="wordpress:elsewhere.example:comment:9000")
    ours = Comment(
        pk=9000,
        post=bread,
        author=make_host("nora"),
        status="public",
        tree_id=9000,
        lft=1,
        rght=2**62,
        level=0,
    )
    ours.set_body("ours")
    Comment.objects.bulk_create([ours])
    page = client.get(bread.get_absolute_url()).content.decode()
    assert page.count('id="comment-9000"') == 1
    assert page.index(">one<") < page.index('id="comment-9000"') < page.index(">ours<")


def test_a_new_web_address_does_not_break_links_to_the_old_one(client, admin_client):
    bread = make_post(title="On bread", slug="on-bread")
    form = {
        "title": "On bread",
        "slug": "on-good-bread",
        "summary": "",
        "body": "<p>x</p>",
        "cover_alt": "",
        "author": bread.author_id,
        "comments_open": "on",
    }
    when = bread.published_at
    response = admin_client.post(
        f"/admin/posts/post/{bread.pk}/change/",
        form | {"published_at_0": f"{when:%Y-%m-%d}", "published_at_1": f"{when:%H:%M:%S}"},
    )
    assert response.status_code == 302
    assert client.get("/posts/on-bread/").headers["Location"] == "/posts/on-good-bread/"


# --- slugs in every script ----------------------------------------------------------


@pytest.mark.parametrize(("title", "slug"), [
    ("Hello, World", "hello-world"),
    ("Don't stop: 3.5 U.S. a_b", "dont-stop-35-us-a_b"),
    ("Straße", "strasse"),
    ("Ærlig brød på øya — ja", "aerlig-brod-pa-oya-ja"),
    ("Žluťoučký kůň, łódź, čaj", "zlutoucky-kun-lodz-caj"),
    ("Привет, мир", "привет-мир"),
    ("Йод и ёлка", "йод-и-ёлка"),
    ("中文標題", "中文標題"),
    ("中文，標題。", "中文-標題"),
    ("ひらがなとカタカナ", "ひらがなとカタカナ"),
    ("한국어 제목", "한국어-제목"),
    ("हिन्दी में", "हिन्दी-में"),
    ("ภาษาไทย", "ภาษาไทย"),
    ("שלום עולם", "שלום-עולם"),
    ("مرحبا بالعالم", "مرحبا-بالعالم"),
    ("Ελληνικά ά", "ελληνικά-ά"),
    ("🍞🍞", ""),
    ("  --  ", ""),
])  # fmt: skip
def test_a_title_becomes_an_address_that_its_readers_can_read(title, slug):
    assert make_slug(title) == slug


@pytest.mark.parametrize("title", ["Привет, мир", "中文標題", "Straße", "हिन्दी में", "ภาษาไทย", "🍞"])
def test_a_post_in_any_script_is_found_wherever_it_is_linked(client, member, title):
    story = make_post(title=title, slug="")
    there = story.get_absolute_url()
    story.full_clean()
    assert there.isascii()
    assert client.get(there).status_code == 200
    for page in ("/", "/posts/", "/feed/", "/sitemap.xml"):
        assert there in client.get(page).content.decode(), page
    assert client.get(f"{there}feed/").status_code == 200
    client.force_login(member)
    response = client.post(f"{there}comments/", {"body": "Read it."})
    assert response.status_code == 302
    assert response.headers["Location"].startswith(f"{there}")
    assert client.get(f"/comments/{Comment.objects.get().pk}/").headers["Location"].startswith(there)


def test_a_percent_encoded_slug_of_the_blog_is_kept(client, blog):
    story = blog("https://ida.example.org/x/", post_name="%d0%be-%d1%85%d0%bb%d0%b5%d0%b1%d0%b5")
    assert story.slug == "о-хлебе"
    assert client.get("/posts/%D0%BE-%D1%85%D0%BB%D0%B5%D0%B1%D0%B5/").status_code == 200


def test_the_host_may_type_an_address_in_their_script(admin_client):
    form = {
        "title": "A",
        "slug": "о-хлебе",
        "summary": "",
        "body": "",
        "cover_alt": "",
        "published_at_0": "",
        "published_at_1": "",
        "comments_open": "on",
    }
    author = make_host("nora").pk
    assert admin_client.post("/admin/posts/post/add/", form | {"author": author}).status_code == 302
    assert Post.objects.get().slug == "о-хлебе"
    refused = admin_client.post("/admin/posts/post/add/", form | {"author": author, "slug": "a b/c"})
    assert "Use letters, numbers, hyphens and underscores only." in refused.content.decode()


def test_a_tag_in_any_script_narrows_the_archive(client):
    story = make_post(title="One")
    story.tags.add(Tag.objects.create(name="Хлеб", slug="хлеб"))
    there = story.tags.get().get_absolute_url()
    assert there.isascii()
    assert "One" in client.get(there).content.decode()
