"""Comment systems: which discussions belong to the same page, and markup in their texts besides Markdown."""

import sqlite3
from contextlib import closing

import pytest

from comments.models import Comment
from posts.models import OldAddress, Post
from tests.factories import make_host, make_post
from tests.transfer.blogs import DISQUS, remark, run, thread, written
from transfer.imports.addresses import page_of
from transfer.imports.texts import comment_markdown

pytestmark = [pytest.mark.sql]
BREAD = "https://ida.example.org/on-bread"


@pytest.fixture
def host(db):
    return make_host("ida")


def places() -> list[tuple[str, str]]:
    """Return the title of each comment's post, and the comment's text."""
    return sorted(Comment.objects.values_list("post__title", "body"))


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("http://www.ida.example.org/On-Bread/", "/on-bread"),
        (f"{BREAD}?utm_source=mail&utm_medium=x&fbclid=1&replytocom=7&m=1#comments", "/on-bread"),
        (f"{BREAD}/?gclid=1&ref=home&_ga=2&amp", "/on-bread"),
        ("https://ida.example.org/view.php?id=12", "/view.php?id=12"),
        ("https://ida.example.org/view.php?fbclid=1&x=y&id=12", "/view.php?id=12&x=y"),
        ("https://ida.example.org/view.php?id=13", "/view.php?id=13"),
        ("https://ida.example.org/?article=rye", "?article=rye"),
        ("https://ida.example.org/?p=7&preview=true", "?p=7"),
        ("https://ida.example.org/#!/rye", "#!/rye"),
        ("https://ida.example.org/index.php?cid=12&source=x", "/index.php?cid=12&source=x"),
        ("https://ida.example.org/?m=201204", "?m=201204"),
    ],
)
def test_what_only_counts_visits_makes_no_other_page_and_a_number_does(address, page):
    assert page_of(address) == ("ida.example.org", page)


def test_threads_of_disqus_are_one_or_several_as_their_addresses_say_and_the_dry_run_counts_them_so(
    host, tmp_path, client
):
    view = "https://ida.example.org/view.php"
    threads = [
        ("11", "http://ida.example.org/on-bread/", "On bread"),
        ("12", f"{BREAD}/", "On bread"),
        ("13", f"{BREAD}?utm_source=x&amp;replytocom=3", "On bread again"),
        ("14", f"{view}?id=12", "Twelve"),
        ("15", f"{view}?id=13", "Thirteen"),
        ("16", f"{view}?fbclid=9&amp;id=13", "Thirteen"),
    ]
    file = tmp_path / "disqus.xml"
    file.write_text(
        DISQUS
        % (
            "".join(thread(key, link=link, title=title) for key, link, title in threads)
            + "".join(remark(f"2{key}", f"Under {key}.", under=key) for key, _link, _title in threads)
        )
    )
    counts = "3 posts and 6 comments by 1 guest %s imported, 3 of the posts as drafts."
    assert [run(file, dry_run=True)[-1], run(file)[-1]] == [counts % "would be", counts.replace("%s ", "")]
    assert places() == [
        ("On bread", "Under 11."), ("On bread", "Under 12."), ("On bread", "Under 13."),
        ("Thirteen", "Under 15."), ("Thirteen", "Under 16."), ("Twelve", "Under 14."),
    ]  # fmt: skip
    Post.objects.update(published_at="2012-04-25T12:00:00Z")
    for address, slug in (("?id=12", "14"), ("?id=13&utm_source=x", "15"), ("?id=14", None), ("", None)):
        answer = client.get(f"/view.php{address}")
        assert answer.get("Location") == (slug and f"/posts/{slug}/")


def test_a_page_named_like_the_folder_of_a_query_is_not_the_post(host, tmp_path):
    make_post(slug="news", kind=Post.Kind.PAGE, title="News")
    (tmp_path / "disqus.xml").write_text(
        DISQUS % (thread("11", link="https://ida.example.org/news/?id=12") + remark("21", "Rye."))
    )
    run(tmp_path / "disqus.xml")
    assert places() == [("On bread", "Rye.")]


def test_links_of_disqus_lead_where_they_led_without_its_counter(host, tmp_path):
    make_post(slug="on-bread")
    counted = "https://disq.us/url?url=http%3A%2F%2Frye.example%2Fa%3Fb%3D1%26c%3D2%3AhG3rXz_lQdhb0sYdBKGpWBwJq9s&amp;cuid=12"
    said = f'<p>See <a href="{counted}" rel="nofollow">http://rye.example/a?b=...</a> or <a href="{counted}">this</a>. <spoiler>Rye</spoiler></p>'
    (tmp_path / "disqus.xml").write_text(DISQUS % (thread("11") + remark("21", said)))
    run(tmp_path / "disqus.xml")
    assert (
        Comment.objects.get().body
        == "See <http://rye.example/a?b=1&c=2> or [this](<http://rye.example/a?b=1&c=2>). Rye"
    )


def test_remark42_has_one_page_for_its_addresses_and_says_what_was_pinned(host, tmp_path):
    rows = [
        {"id": str(number), "text": f"<p>{number}</p>", "user": {"name": "Per"}, "score": 0, "pin": number == 1,
         "locator": {"site": "x", "url": url}, "time": "2020-04-05T10:00:00Z", "title": "On bread"}
        for number, url in enumerate([f"{BREAD}/", f"{BREAD}?utm_source=mail", "http://ida.example.org/on-bread"], 1)
    ]  # fmt: skip
    (tmp_path / "backup.json").write_text(
        "\n".join(written(tmp_path / "row", row).read_text() for row in rows)
    )
    said = run(tmp_path / "backup.json")
    assert "A comment that was pinned there is not pinned here: “On bread”." in said
    assert places() == [("On bread", "1"), ("On bread", "2"), ("On bread", "3")]
    assert OldAddress.objects.get().key == "on-bread"


def test_isso_has_one_page_with_and_without_its_last_slash(host, tmp_path):
    with closing(sqlite3.connect(tmp_path / "comments.db")) as database:
        database.executescript(
            """CREATE TABLE threads (id INTEGER PRIMARY KEY, uri TEXT, title TEXT);
            CREATE TABLE comments (tid INTEGER, id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT, mode INTEGER, text TEXT, author TEXT,
            email TEXT, website TEXT);
            INSERT INTO threads VALUES (1, '/on-bread/', 'On bread'), (2, '/on-bread', '');
            INSERT INTO comments VALUES (1, 1, NULL, 1335340800, 1, 'One', 'Per', '', ''), (2, 2, 1, 1335340900, 1, 'Two', 'Kay', '', '');"""
        )
    run(tmp_path / "comments.db")
    assert places() == [("On bread", "One"), ("On bread", "Two")]
    assert Comment.objects.get(body="Two").parent.body == "One"


def test_isso_keeps_discussions_without_an_address_apart(host, tmp_path):
    with closing(sqlite3.connect(tmp_path / "comments.db")) as database:
        database.executescript(
            """CREATE TABLE threads (id INTEGER PRIMARY KEY, uri TEXT, title TEXT);
            CREATE TABLE comments (tid INTEGER, id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT, mode INTEGER, text TEXT, author TEXT,
            email TEXT, website TEXT);
            INSERT INTO threads VALUES (1, '', 'First'), (2, 'http://[bad', 'Second');
            INSERT INTO comments VALUES (1, 1, NULL, 1335340800, 1, 'One', 'Per', '', ''), (2, 2, NULL, 1335340900, 1, 'Two', 'Kay', '', '');"""
        )
    run(tmp_path / "comments.db")
    assert places() == [("First", "One"), ("Second", "Two")]


def test_a_comment_of_comentario_without_its_page_makes_no_empty_discussion(host, tmp_path):
    rows = [
        {
            "id": "1",
            "pageId": "p",
            "markdown": "Rye.",
            "isSticky": True,
            "createdTime": "2023-01-02T00:00:00Z",
        },
        {"id": "2", "pageId": "x", "markdown": "Salt.", "createdTime": "2023-01-02T00:00:00Z"},
    ]
    export = {"version": 3, "pages": [{"id": "p", "path": "/on-bread/"}], "commenters": [], "comments": rows}
    said = run(written(tmp_path / "comentario.json", export))
    assert "A comment that was pinned there is not pinned here: “/on-bread/”." in said
    assert [line for line in said if line.startswith("Left out")] == [
        "Left out: comments under posts that are not in the file: 1."
    ]
    assert places() == [("/on-bread/", "Rye.")]


def test_pages_of_two_sites_in_one_file_of_commento_are_two(host, tmp_path):
    rows = [
        {"commentHex": site, "domain": f"{site}.example", "url": "/about", "commenterHex": "anonymous", "markdown": f"Of {site}.",
         "parentHex": "root", "state": "approved", "creationDate": "2019-01-02T03:04:05Z"}
        for site in ("one", "two")
    ]  # fmt: skip
    run(written(tmp_path / "commento.json", {"version": 1, "commenters": [], "comments": rows}))
    found = Comment.objects.order_by("pk").values_list("post__slug", "post__body", "body")
    link = '<p><a href="https://%s.example/about">https://%s.example/about</a></p>'
    assert [(slug, body.replace(' rel="noopener"', ""), said) for slug, body, said in found] == [
        ("about", link % ("one", "one"), "Of one."),
        ("about-2", link % ("two", "two"), "Of two."),
    ]


@pytest.mark.parametrize(
    ("written", "expected", "losses"),
    [
        ("I **bake**.\nNow.", "I **bake**.\nNow.", set()),
        (
            "I <b>bake</b>.<br>Now. ![Rye](https://x.example/r.png)",
            "I **bake**.\nNow. [Rye](<https://x.example/r.png>)",
            {"a picture becomes a link"},
        ),
        ("Write `<b>` and\n\n```\n![a](b)\n```", "Write `<b>` and\n\n```\n![a](b)\n```", set()),
        ("1 < 2 and <https://x.example/>", "1 < 2 and <https://x.example/>", set()),
    ],
)
def test_html_and_pictures_in_the_markdown_of_others_become_ours(written, expected, losses):
    assert comment_markdown(written, "markdown", "") == (expected, losses)
