import html
import json
import re
import time
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import User
from comments.models import Comment
from comments.services.writing import publish_comment
from comments.signals import comment_published
from comments.tree.repair import find_faults
from core.markup.comments import render_markdown
from core.markup.plain import plain_text
from posts.models import Post, Tag
from tests.factories import make_comment, make_host, make_member, make_post
from tests.figures import figure
from tests.transfer.wxr import HEAD, TAIL, author, comment, post, wxr
from transfer.wordpress.blocks import to_post_html
from transfer.wordpress.markdown import to_markdown

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


def run(path: Path, **options: object) -> list[str]:
    """Return the lines of the command's output."""
    out = StringIO()
    call_command("import_wordpress", str(path), stdout=out, stderr=StringIO(), **options)
    return out.getvalue().splitlines()


def outline() -> list[tuple[int, str]]:
    """Return (level, text) of all comments in reading order; check that the trees are valid."""
    assert list(find_faults(Comment.objects.tree_rows())) == []
    return list(Comment.objects.in_reading_order().values_list("level", "body"))


def everything() -> dict[str, list]:
    return {
        model.__name__: list(model.objects.order_by("pk").values()) for model in (User, Post, Comment, Tag)
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.xml"


# --- a whole blog --------------------------------------------------------------


def test_a_blog_is_imported_with_its_discussions(file):
    tags = '<category domain="category" nicename="kitchen">Kitchen</category><category domain="post_tag" nicename="slow-food">slow food</category>'
    wxr(
        file,
        post(
            10,
            comment(
                101,
                "I bake.\n\nEvery day.",
                comment_author="Per",
                comment_author_url="http://per.example.org",
            ),
            comment(102, "So do I.", comment_author="Liv", comment_author_email="liv@example.org"),
            comment(103, "Me too.", comment_author="Per", comment_parent=102),
            comment(104, "Thank you all.", comment_author="Ida", comment_user_id=1),
            tags=tags,
            excerpt="Why I bake.",
        ),
    )
    lines = run(file)
    bread = Post.objects.get()
    assert (bread.title, bread.slug, bread.body, bread.summary) == (
        "On bread",
        "on-bread",
        "<p>Flour and water.</p>",
        "Why I bake.",
    )
    assert bread.published_at == bread.created_at == datetime(2012, 4, 25, 12, tzinfo=UTC)
    assert list(bread.tags.values_list("name", "slug")) == [
        ("Kitchen", "kitchen"),
        ("slow food", "slow-food"),
    ]
    assert (bread.comment_count, bread.last_comment_at) == (4, datetime(2012, 4, 26, 9, 44, tzinfo=UTC))
    assert outline() == [(0, "I bake.\n\nEvery day."), (0, "So do I."), (1, "Me too."), (0, "Thank you all.")]
    first, last = Comment.objects.in_reading_order().first(), Comment.objects.in_reading_order().last()
    assert (first.author, first.guest_name, first.guest_email, first.guest_url) == (
        None,
        "Per",
        "per@example.org",
        "http://per.example.org",
    )
    assert first.html == "<p>I bake.</p>\n<p>Every day.</p>"
    assert last.author == bread.author == User.objects.get()
    assert lines == [
        "Created the member ida, who can sign in by resetting their password.",
        "1 post, 4 comments by 2 guests and 1 member imported; 0 skipped.",
    ]


def test_a_second_run_changes_nothing(file):
    wxr(file, post(10, comment(1), comment(2, comment_parent=1)))
    run(file)
    before = everything()
    assert run(file) == [
        "Nothing new: 0 posts, 0 comments imported; 1 post and 2 comments already exist; 0 skipped."
    ]
    assert everything() == before


def test_a_blog_that_moved_to_https_is_still_the_same(file):
    wxr(
        file,
        post(10, comment(1)),
        head=HEAD.replace("https://ida", "http://www.ida").replace("example.org<", "example.org/<"),
    )
    run(file)
    wxr(file, post(10, comment(1)))
    assert run(file)[-1].startswith("Nothing new")


def test_a_later_export_adds_what_is_new(file, member):
    wxr(file, post(10, comment(1, "one"), comment(2, "two", comment_parent=1)))
    run(file)
    bread = Post.objects.get()
    Post.objects.update(title="On good bread", published_at=timezone.now())
    publish_comment(
        post=Post.objects.get(), author=member, body="from here", parent=Comment.objects.get(body="two")
    )
    wxr(
        file,
        post(
            10,
            comment(1, "one"),
            comment(2, "two", comment_parent=1),
            comment(5, "five", comment_parent=3),
            comment(3, "three", comment_parent=2),
            comment(4, "four", comment_parent=3, comment_approved="0"),
            comment(6, "six"),
        ),
    )
    assert (
        run(file)[-1]
        == "0 posts, 4 comments by 1 guest (1 awaiting review) imported; 1 post and 2 comments already exist; 0 skipped."
    )
    assert outline() == [
        (0, "one"),
        (1, "two"),
        (2, "from here"),
        (2, "three"),
        (3, "four"),
        (3, "five"),
        (0, "six"),
    ]
    bread.refresh_from_db()
    assert (bread.title, bread.comment_count) == ("On good bread", 6)
    assert run(file)[-1].startswith("Nothing new")


def test_an_import_tells_nobody(file):
    heard = []
    comment_published.connect(lambda **kwargs: heard.append(kwargs), weak=False, dispatch_uid="test")
    try:
        run(wxr(file, post(10, comment(1))))
        run(wxr(file, post(10, comment(1), comment(2, comment_parent=1))))
    finally:
        comment_published.disconnect(dispatch_uid="test")
    assert (heard, mail.outbox) == ([], [])


def test_a_dry_run_says_the_same_and_writes_nothing(file):
    wxr(
        file,
        post(10, comment(1, "<script>alert(1)</script>One."), comment(2, comment_approved="spam")),
        post(11, post_type="product"),
    )
    before = everything()
    lines = run(file, dry_run=True)
    assert everything() == before
    assert lines == [
        "A script or style sheet is left out: comment 1.",
        "Would create the member ida, who can sign in by resetting their password.",
        "Left out: comments marked as spam: 1.",
        "Left out: items of the type product: 1.",
        "1 post, 1 comment by 1 guest would be imported; 2 skipped.",
    ]
    assert run(file)[-1] == "1 post, 1 comment by 1 guest imported; 2 skipped."


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3"])
def test_every_version_of_the_format_is_read(file, version):
    wxr(file, post(10, comment(1)), head=HEAD.replace("1.2", version))
    assert run(file)[-1] == "1 post, 1 comment by 1 guest imported; 0 skipped."


# --- posts ---------------------------------------------------------------------


@pytest.mark.parametrize(("status", "date", "state"), [
    ("publish", "2012-04-25 12:00:00", "published"),
    ("future", "2999-01-01 12:00:00", "scheduled"),
    ("draft", "0000-00-00 00:00:00", "draft"),
    ("pending", "2012-04-25 12:00:00", "draft"),
    ("private", "2012-04-25 12:00:00", "draft"),
])  # fmt: skip
def test_a_post_keeps_its_state(file, status, date, state):
    run(wxr(file, post(10, status=status, post_date=date, post_date_gmt=date)))
    bread = Post.objects.get()
    assert (bread.is_published, bread.is_scheduled) == (state == "published", state == "scheduled")


@pytest.mark.parametrize(
    "fields",
    [
        {"post_type": "product"},
        {"status": "trash"},
        {"status": "auto-draft"},
    ],
)
def test_what_is_no_post_is_left_out_with_its_comments(file, fields):
    lines = run(wxr(file, post(10, comment(1), **fields)))
    assert (Post.objects.count(), Comment.objects.count(), User.objects.count()) == (0, 0, 0)
    assert lines[-1] == "Nothing new: 0 posts, 0 comments imported; 2 skipped."


def test_a_post_with_a_password_becomes_a_draft(file):
    assert "A password-protected post becomes a draft: post 10." in run(
        wxr(file, post(10, post_password="sesame"))  # noqa: S106 - it opens nothing
    )
    assert not Post.objects.get().is_published


def test_a_closed_discussion_stays_closed(file):
    run(wxr(file, post(10, comment_status="closed")))
    assert Post.objects.get().comments_open is False


def test_a_taken_address_gets_a_number(file):
    make_post(slug="on-bread")
    run(wxr(file, post(10), post(11)))
    assert sorted(Post.objects.values_list("slug", flat=True)) == ["on-bread", "on-bread-2", "on-bread-3"]


def test_long_titles_tags_and_excerpts_fit(file):
    tags = f'<category domain="post_tag" nicename="{"t" * 90}">{"long " * 20}</category><category domain="post_tag" nicename="%d1%85">хлеб &amp; вода</category>'
    lines = run(
        wxr(
            file, post(10, title="Word &amp; " * 60, excerpt="Said so. " * 60, post_name="x" * 200, tags=tags)
        )
    )
    bread = Post.objects.get()
    bread.full_clean()
    for tag in Tag.objects.all():
        tag.full_clean()
    assert bread.title.endswith("Word &…")
    assert lines[0] == "A title is cut to 200 characters: post 10."


def test_a_post_in_a_part_of_a_category_has_the_tag_of_the_whole_too(file):
    parts = {
        "food": "",
        "bread": "food",
        "rye": "bread",
        "loop": "circle",
        "circle": "loop",
        "lonely": "nowhere",
    }
    terms = "".join(
        f"<wp:category><wp:category_nicename>{slug}</wp:category_nicename><wp:category_parent>{parent}</wp:category_parent>"
        f"<wp:cat_name>{slug.title()} &amp; more</wp:cat_name></wp:category>"
        for slug, parent in parts.items()
    )
    tags = "".join(
        f'<category domain="category" nicename="{slug}">{slug.title()} &amp; more</category>'
        for slug in ("rye", "loop", "lonely")
    )
    run(wxr(file, terms, post(10, tags=tags)))
    names = sorted(Post.objects.get().tags.values_list("name", flat=True))
    assert names == [
        "Bread & more",
        "Circle & more",
        "Food & more",
        "Lonely & more",
        "Loop & more",
        "Rye & more",
        "nowhere",
    ]


def test_a_tag_that_is_here_is_used(file):
    Tag.objects.create(name="Baking", slug="bread")
    run(
        wxr(
            file,
            post(
                10,
                tags='<category domain="category" nicename="bread">Bread</category><category domain="post_format" nicename="x">x</category>',
            ),
        )
    )
    assert list(Post.objects.get().tags.values_list("name", flat=True)) == ["Baking"]


@pytest.mark.parametrize(("content", "expected", "loss"), [
    ("One\ntwo.\n\nThree.", "<p>One<br>two.</p>\n<p>Three.</p>", ""),
    ("<h1>Top</h1>\n<ul>\n<li>a</li>\n</ul>\nEnd", "<h2>Top</h2><ul><li>a</li></ul><p>End</p>", ""),
    ("<b>bold\n\nstill</b>", "<p><strong>bold</strong></p>\n<p><strong>still</strong></p>", ""),
    ("<pre>a\n\n  b</pre>", "<pre>a\n\n  b</pre>", ""),
    ("<!-- wp:paragraph -->\n<p>One\ntwo.</p>\n<!-- /wp:paragraph -->", "<p>One two.</p>", ""),
    ("<!-- wp:latest-posts /-->", "", "The dynamic block latest-posts is left out: post 10."),
    ('<a href="/about">me</a>', '<p><a href="https://ida.example.org/about" rel="noopener">me</a></p>', ""),
    ('<img src="https://ida.example.org/a.jpg" alt="A loaf">',
     '<p><a href="https://ida.example.org/a.jpg" rel="noopener">A loaf</a></p>', "A picture on another site becomes a link: post 10."),
    ('<a href="https://b.example"><img src="https://b.example/a.jpg"></a>',
     '<p><a href="https://b.example" rel="noopener">Picture</a> <a href="https://b.example/a.jpg" rel="noopener">Picture</a></p>',
     "A picture on another site becomes a link: post 10."),
    ('<iframe src="https://tube.example/v1"></iframe>',
     '<p><a href="https://tube.example/v1" rel="noopener">https://tube.example/v1</a></p>', "An embed becomes a link: post 10."),
    ('See [gallery ids="1"] and [sic].', "<p>See and [sic].</p>", "The shortcode [gallery] is left out; its text and links are kept: post 10."),
    ("https://tube.example/v2", '<p><a href="https://tube.example/v2" rel="noopener">https://tube.example/v2</a></p>', ""),
    ("<table>\n<tbody>\n<tr>\n<td>Plant</td>\n<td>Height</td>\n</tr>\n<tr><td>Rose</td><td>2 m</td></tr>\n</tbody></table>",
     "<table><tbody><tr><td>Plant</td><td>Height</td></tr><tr><td>Rose</td><td>2 m</td></tr></tbody></table>", ""),
    ("<!-- wp:table -->\n<figure class=\"wp-block-table\"><table><thead><tr><th scope=\"col\">Plant</th><th>Height</th></tr></thead>"
     "<tbody><tr><td colspan=\"2\" style=\"x\">Rose</td></tr></tbody></table><figcaption>Plants</figcaption></figure>\n<!-- /wp:table -->",
     "<figure><table><thead><tr><th scope=\"col\">Plant</th><th>Height</th></tr></thead>"
     "<tbody><tr><td colspan=\"2\">Rose</td></tr></tbody></table><figcaption>Plants</figcaption></figure>", ""),
    ("<table><caption>C</caption><tr><td>a<td>b\n\nc<tr><th><p>d</p><p>e</p><td><ul><li>f</ul></table>g<td>h",
     "<table><caption>C</caption><tbody><tr><td>a</td><td>b<br>c</td></tr><tr><th>d<br>e</th><td><ul><li>f</li></ul></td></tr></tbody></table>"
     "<p>g h</p>", ""),
    ('<table><tr><td rowspan="2" width="9">a</td><td colspan="0">b</td></tr></table>',
     '<table><tbody><tr><td rowspan="2">a</td><td>b</td></tr></tbody></table>', ""),
    ("<table><tr><td><table><tr><td>a</td></tr></table></td><td>b</td></tr></table>",
     "<table><tbody><tr><td><table><tbody><tr><td>a</td></tr></tbody></table></td><td>b</td></tr></tbody></table>", ""),
    ('[caption id="a_1" align="left" width="30" caption="Harbour at dawn"]<img src="https://b.example/a.jpg" alt="A boat">[/caption]',
     '<figure><a href="https://b.example/a.jpg" rel="noopener">A boat</a><figcaption>Harbour at dawn</figcaption></figure>',
     "A picture on another site becomes a link: post 10."),
    ('[caption id="a_1" width="30" caption=“Harbour at dawn”]<img src="https://b.example/a.jpg" alt="A boat">[/caption]',
     '<figure><a href="https://b.example/a.jpg" rel="noopener">A boat</a><figcaption>Harbour at dawn</figcaption></figure>',
     "A picture on another site becomes a link: post 10."),
    ('[caption width="30"]<img src="https://b.example/a.jpg" alt="A boat" /> Harbour <em>at</em> dawn[/caption] Then',
     '<figure><a href="https://b.example/a.jpg" rel="noopener">A boat</a><figcaption>Harbour <em>at</em> dawn</figcaption></figure><p>Then</p>',
     "A picture on another site becomes a link: post 10."),
    ("[wp_caption caption='Harbour [old] \"x\" &amp; y'] z [/wp_caption]", '<figure>z<figcaption>Harbour [old] "x" &amp; y</figcaption></figure>', ""),
    ('[caption caption="Harbour at dawn"]z', "<p>Harbour at dawn z</p>",
     "The shortcode [caption] is left out; its text and links are kept: post 10."),
    ('<code>[caption caption="Harbour"]z[/caption]</code>', '<p><code>[caption caption="Harbour"]z[/caption]</code></p>', ""),
    ('[pullquote author="Ada Byron" size="2"]Hi[/pullquote]', "<p>Ada Byron Hi</p>",
     "The shortcode [pullquote] is left out; its text and links are kept: post 10."),
    ("a<script>alert(1)</script>b", "<p>ab</p>", "A script or style sheet is left out: post 10."),
    ('<p style="x" onclick="y">a</p>', "<p>a</p>", ""),
    ("<o:p>a</o:p><st1:place>b</st1:place> <c:d>", "<p>ab &lt;c:d&gt;</p>", ""),
    ('<svg><title>x</title><path d="M1"/></svg>a', "<p>a</p>", "The embedded <svg> is left out: post 10."),
    ('<math><semantics><mi>x</mi><annotation encoding="application/x-tex">x &lt; 1</annotation></semantics></math>', "<p>x &lt; 1</p>",
     "The <math> tag is dropped; its text is kept: post 10."),
    ("<math><mi>x</mi><mo>=</mo><mn>1</mn></math>", "<p>x=1</p>", "The <math> tag is dropped; its text is kept: post 10."),
    ("<ul></ul>a<figure></figure>", "<p>a</p>", ""),
    ('<script src="https://gist.github.com/ida/1a.js"></script>',
     '<p><a href="https://gist.github.com/ida/1a" rel="noopener">https://gist.github.com/ida/1a</a></p>', ""),
    ("<marquee>a</marquee>", "<p>a</p>", "The <marquee> tag is dropped; its text is kept: post 10."),
    ("1 < 2 && <3", "<p>1 &lt; 2 &amp;&amp; &lt;3</p>", ""),
])  # fmt: skip
def test_the_text_of_a_post_becomes_ours(file, content, expected, loss):
    lines = run(wxr(file, post(10, content=content)))
    assert Post.objects.get().body == expected
    assert lines[:-2] == ([loss] if loss else [])


# --- members and guests --------------------------------------------------------


def test_an_author_is_known_by_address(file):
    nora = make_host("nora", email="ida@example.org")
    run(wxr(file, post(10, comment(1, comment_user_id=1)), author(email="IDA@Example.org")))
    assert User.objects.get() == Post.objects.get().author == Comment.objects.get().author == nora


def test_an_author_is_known_by_name_and_a_strange_address_is_said(file):
    ida = make_host("ida", email="other@example.org")
    assert (
        run(wxr(file, post(10)))[0]
        == "“ida” was matched to the member ida by username: the email address is different or not confirmed."
    )
    assert Post.objects.get().author == ida


def test_an_address_that_nobody_confirmed_makes_no_author(file, client):
    """Anyone can sign up with someone else's address; authors by confirmation or earlier import stay."""
    eve = make_member("eve", email="ida@example.org")
    EmailAddress.objects.update(verified=False)
    by = {"comment_user_id": 1, "comment_author_email": "ida@example.org"}
    writer = author(login="ida.berg")
    run(wxr(file, writer, post(10, comment(1, **by), creator="ida.berg")))
    ida = User.objects.exclude(pk=eve.pk).get()
    assert (ida.username, ida.email) == ("idaberg", "ida@example.org")
    assert Post.objects.get().author == Comment.objects.get().author == ida
    run(wxr(file, writer, post(11, creator="ida.berg", title="Later")))
    assert [*Post.objects.filter(author=ida).order_by("pk").values_list("title", flat=True)][1:] == ["Later"]
    EmailAddress.objects.update(verified=True)
    run(wxr(file, writer, post(12, creator="ida.berg", title="Her own")))
    assert Post.objects.get(title="Her own").author == eve
    assert User.objects.count() == 2


@pytest.mark.parametrize(("login", "name", "username", "shown"), [
    ("Ida Løv", "Ida Løv", "ida-lv", "Ida Løv"),
    ("admin", "Ida", "admin-2", "Ida"),
    ("i", "Ida Berg", "ida-berg", "Ida Berg"),
    ("ida@example.org", "<Ida>", "ida", "ida"),
    ("х", "", "writer", "writer"),
    ("x" * 90, "X", "x" * 23, "X"),
])  # fmt: skip
def test_an_unknown_author_becomes_a_member(file, login, name, username, shown):
    run(wxr(file, author(login=login, name=name), post(10, creator=login)))
    user = User.objects.get()
    user.full_clean(exclude=["password"])
    assert (user.username, user.get_display_name(), user.email) == (username, shown, "ida@example.org")
    assert (user.has_usable_password(), user.is_staff, user.is_active) == (False, False, True)
    assert user.emailaddress_set.count() == 0


def test_the_real_author_can_claim_the_place(client, file):
    run(wxr(file, post(10)))
    client.post("/accounts/password/reset/", {"email": "ida@example.org"})
    assert [message.to for message in mail.outbox] == [["ida@example.org"]]
    assert re.search(r"\b[0-9]{6}\b", mail.outbox[0].body)


def test_one_member_can_be_the_author_of_all(file):
    nora = make_host("nora")
    parts = [
        author(),
        author(2, "per", "per@example.org", "Per"),
        post(
            10,
            comment(1, "mine", comment_user_id=1),
            comment(2, "his", comment_user_id=2),
            comment(3, "unknown", comment_user_id=9),
        ),
    ]
    run(wxr(file, *parts), author="NORA")
    assert Post.objects.get().author == nora
    assert [(c.body, c.author_name) for c in Comment.objects.order_by("pk")] == [
        ("mine", "nora"),
        ("his", "Per"),
        ("unknown", "Per"),
    ]


def test_a_member_who_is_not_there_is_said(file):
    with pytest.raises(CommandError, match=r"^--author: there is no member nobody-here\.$"):
        run(wxr(file, post(10)), author="nobody-here")


@pytest.mark.parametrize(("fields", "expected", "loss"), [
    ({"comment_author": " Per \n Gynt "}, ("Per Gynt", "per@example.org", ""), ""),
    ({"comment_author": ""}, ("A guest", "per@example.org", ""), "A guest without a name is given one: comment 1."),
    ({"comment_author": "P\u202eer\u200b &amp; <b>Liv</b>"}, ("Per & Liv", "per@example.org", ""), ""),
    ({"comment_author": "é" * 300}, ("é" * 99 + "…", "per@example.org", ""), ""),
    ({"comment_author_email": "nonsense"}, ("Per", "", ""), "A guest’s invalid email address is left out: comment 1."),
    ({"comment_author_url": "javascript:alert(1)"}, ("Per", "per@example.org", ""), "A guest’s link that is not a web address is left out: comment 1."),
    ({"comment_author_url": "http://my space.example/"}, ("Per", "per@example.org", ""), "A guest’s link that is not a web address is left out: comment 1."),
    ({"comment_author_url": "http://per:pw@x.example/"}, ("Per", "per@example.org", ""), "A guest’s link that is not a web address is left out: comment 1."),
    ({"comment_author_url": "http://"}, ("Per", "per@example.org", ""), "A guest’s link that is not a web address is left out: comment 1."),
    ({"comment_author_url": "http://x.example/" + "a" * 300}, ("Per", "per@example.org", ""), "A guest’s link that is not a web address is left out: comment 1."),
    ({"comment_author_url": "http://x.example/a"}, ("Per", "per@example.org", "http://x.example/a"), ""),
    ({"comment_author_url": "www.x.example"}, ("Per", "per@example.org", "http://www.x.example"), ""),
    ({"comment_author_url": " x.example/a?b=c "}, ("Per", "per@example.org", "http://x.example/a?b=c"), ""),
    ({"comment_author_url": "//x.example/"}, ("Per", "per@example.org", "http://x.example/"), ""),
    ({"comment_author_url": "HTTP://X.example"}, ("Per", "per@example.org", "http://X.example"), ""),
    ({"comment_author_url": "http://a_b.blogspot.example/"}, ("Per", "per@example.org", "http://a_b.blogspot.example/"), ""),
    ({"comment_author_url": "_a-_b.c_d.example:80/x_y"}, ("Per", "per@example.org", "http://_a-_b.c_d.example:80/x_y"), ""),
    ({"comment_author_url": "http://пример.рф/"}, ("Per", "per@example.org", "http://пример.рф/"), ""),
    ({"comment_author_url": "per@x.example"}, ("Per", "per@example.org", ""), "A guest’s link that is not a web address is left out: comment 1."),
    ({"comment_author_url": "http://x.exa_mple/"}, ("Per", "per@example.org", ""), "A guest’s link that is not a web address is left out: comment 1."),
    ({"comment_author_url": "Oslo"}, ("Per", "per@example.org", ""), "A guest’s link that is not a web address is left out: comment 1."),
])  # fmt: skip
def test_a_guest_keeps_name_address_and_link(file, fields, expected, loss):
    lines = run(wxr(file, post(10, comment(1, **fields))))
    guest = Comment.objects.get()
    guest.clean_fields(exclude=["parent"])
    assert (guest.guest_name, guest.guest_email, guest.guest_url) == expected
    assert lines[:-2] == ([loss] if loss else [])


# --- comments ------------------------------------------------------------------


@pytest.mark.parametrize(("fields", "status"), [
    ({"comment_approved": "1"}, "public"),
    ({"comment_approved": "0"}, "held"),
    ({"comment_approved": "spam"}, None),
    ({"comment_approved": "trash"}, None),
    ({"comment_approved": "post-trashed"}, None),
    ({"comment_type": ""}, "public"),
    ({"comment_type": "pingback"}, None),
    ({"comment_type": "trackback"}, None),
    ({"comment_content": ""}, None),
    ({"comment_content": " \n "}, None),
    ({"comment_content": "<style>p {}</style>"}, None),
])  # fmt: skip
def test_a_comment_keeps_its_state(file, fields, status):
    lines = run(wxr(file, post(10, comment(1, **fields))))
    assert list(Comment.objects.values_list("status", flat=True)) == ([status] if status else [])
    assert Post.objects.get().comment_count == (status == "public")
    assert lines[-1].endswith(f"; {0 if status else 1} skipped.")


def test_a_waiting_comment_says_why(file):
    run(wxr(file, post(10, comment(1, comment_approved="0"))))
    assert Comment.objects.get().why_held == ["It was awaiting review in WordPress."]


@pytest.mark.parametrize(("gmt", "local", "expected", "loss"), [
    ("2012-04-26 10:00:00", "2012-04-26 12:00:00", "2012-04-26T10:00:00+00:00", False),
    ("0000-00-00 00:00:00", "2012-04-26 12:00:00", "2012-04-26T10:00:00+00:00", False),
    ("", "", "2012-04-25T12:00:00+00:00", True),
])  # fmt: skip
def test_a_comment_keeps_its_time(file, settings, gmt, local, expected, loss):
    settings.TIME_ZONE = "Europe/Oslo"
    lines = run(wxr(file, post(10, comment(1, comment_date_gmt=gmt, comment_date=local))))
    assert Comment.objects.get().created_at.astimezone(UTC).isoformat() == expected
    assert ("A comment without a date is given the date of its post: comment 1." in lines) is loss


def test_a_long_comment_is_kept_whole(file):
    text = "word " * 10_000 + "end"
    run(wxr(file, post(10, comment(1, text))))
    assert Comment.objects.get().body == text


@pytest.mark.parametrize(("source", "markdown"), [
    ("one\ntwo\n\nthree", "one\ntwo\n\nthree"),
    ("one<br />\ntwo<p>three</p>four", "one\ntwo\n\nthree\n\nfour"),
    ("&lt;3 &amp; &#8217;", "<3 & ’"),
    ("<em>a</em> <i>b</i> <strong>c</strong> <b>d</b> <del>e</del>", "*a* *b* **c** **d** ~~e~~"),
    ("<b><i>a</i> b</b>", "***a* b**"),
    ("<b> a </b>b", "**a** b"),
    ("<b></b>a", "a"),
    ("<b>one\n\ntwo</b>", "**one**\n\n**two**"),
    ('x<em>"a"</em>x', 'x"a"x'),
    ("<code>a*b</code> <code>`</code>", "`a*b` `` ` ``"),
    ("<pre>a\n  b\n```</pre>", "````\na\n  b\n```\n````"),
    ("<blockquote>a\n\nb<blockquote>c</blockquote></blockquote>d", "> a\n>\n> b\n>\n> > c\n\nd"),
    ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "- a\n- b\n  - c"),
    ('<ol start="3"><li>a</li><li>b</li></ol>', "3. a\n4. b"),
    ("<li>a", "- a"),
    ('<a href="http://x.example/a_(b)">la[b]el</a>', r"[la\[b\]el](<http://x.example/a_%28b%29>)"),
    ('<a href="http://x.example/">http://x.example/</a>', "<http://x.example/>"),
    ('<a href="javascript:alert(1)">a</a>', "a"),
    ('<img src="/a.jpg" alt="A loaf">', "[A loaf](<https://ida.example.org/a.jpg>)"),
    ("http://x.example/a_b_c and http://x.example/*a*, ok", "http://x.example/a_b_c and <http://x.example/*a>\\*, ok"),
    ("* a\n- b\n+ c\n# d\n> e\n1. f\n1) g\n---", r"\* a" + "\n" r"\- b" + "\n" r"\+ c" + "\n" r"\# d" + "\n" r"\> e" + "\n" r"1\. f" + "\n" r"1\) g" + "\n" r"\---"),
    (r"*a* _b_ `c` [d](e) \f ~~g~~ snake_case", r"\*a\* \_b\_ \`c\` \[d\](e) \\f \~\~g\~\~ snake_case"),
    ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"),
    ("a<foo>b</foo> <3 <Per>", r"a\<foo>b\</foo> <3 \<Per>"),
    ("a<script>alert('<b>')</script>b", "ab"),
    ("<q>a</q>", "“a”"),
    ("a <!-- b --> c <!-- d", r"a  c \<!-- d"),
    ("a<script>b", "a"),
    ("a <b c", r"a \<b c"),
    ('<a title="a > b" href=http://x.example/a>c</a>', "[c](<http://x.example/a>)"),
    ("(http://x.example/a(b)).", "(http://x.example/a(b))."),
])  # fmt: skip
def test_the_text_of_a_comment_becomes_markdown(source, markdown):
    assert to_markdown(source, "https://ida.example.org").text == markdown


def _no_address(text: str) -> bool:
    return not re.search(r"www\.|://|\.(com|org|net|edu|gov|info|example|test)", text, re.IGNORECASE)


signs = st.one_of(
    st.sampled_from("\\`*_[]()<>#+-.!~&|=:\"'/1ab \n\t"), st.characters(exclude_categories=["Cs", "Cc"])
)
plain_texts = st.text(signs, max_size=60).filter(_no_address)


@hypothesis_settings(max_examples=figure(40, 150))
@given(plain_texts)
def test_any_plain_text_comes_back_whole(text):
    markdown = to_markdown(html.escape(text)).text
    assert plain_text(render_markdown(markdown).html) == " ".join(text.split())


# Letters only inside the markup, so that the text can be compared whatever becomes of the punctuation.
tags_around = st.sampled_from(
    ["b", "i", "em", "strong", "del", "blockquote", "p", "li", "ul", "ol", "code", "pre", "span", "div", "q"]
)
letters = st.text("abc .,\n", max_size=12)


def in_tags(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A named function, because Hypothesis does not always find the source of a lambda, and then warns."""
    tagged = st.builds(lambda tag, words: f"<{tag}>{words}</{tag}>", tags_around, inner)
    return tagged | st.lists(inner, max_size=4).map("".join)


fragments = st.recursive(letters, in_tags, max_leaves=12)


@hypothesis_settings(max_examples=figure(40, 150))
@given(fragments)
def test_no_character_is_lost_whatever_the_markup(source):
    def letters_of(text: str) -> str:
        return re.sub(r"[^abc]", "", text)

    words = letters_of(re.sub(r"<[^>]*>", "", source))
    assert letters_of(plain_text(render_markdown(to_markdown(source).text).html)) == words
    assert letters_of(plain_text(to_post_html(source).text)) == words


@hypothesis_settings(max_examples=figure(40, 100))
@given(st.text(signs, max_size=80))
def test_hostile_mark_up_ends_as_clean_html(source):
    rendered = render_markdown(to_markdown(source).text).html
    assert not re.search(r"<(?!/?(p|br|strong|em|s|b|code|pre|blockquote|ul|ol|li|a|hr|span)\b)", rendered)


HEAVY = [
    "<",
    "<a ",
    "<b>",
    "</",
    "<!--",
    "<!-- -->",
    "<a 'b",
    '<a b="',
    "<b>a<i>b",
    "<b>x\n\n</i>",
    "<li>",
    "<blockquote>",
    "[a b=",
    "[caption ",
    "[caption]<img>",
    '[caption caption="',
    "<table><tr><td>",
    "<td>",
    "&",
    "\n ",
    "http://x.org/_(",
    ")",
]


@pytest.mark.parametrize("piece", HEAVY)
def test_heavy_texts_are_read_in_time_that_grows_with_their_length(piece):
    """Ten times the text takes some ten times as long, not a hundred times."""

    def seconds(text: str) -> float:
        start = time.process_time()
        to_markdown(text)
        to_post_html(text)
        return time.process_time() - start

    times = figure(500, 2_000)
    assert seconds("http://x.org/" + piece * times * 10) < max(
        0.5, 40 * seconds("http://x.org/" + piece * times)
    )


def test_addresses_are_links_as_before(file):
    run(wxr(file, post(10, comment(1, "See http://x.example/a_b and www.x.example, or x.example/_c_."))))
    only = Comment.objects.get()
    assert re.findall(r'href="([^"]*)"', only.html) == [
        "http://x.example/a_b",
        "http://www.x.example",
        "http://x.example/_c",
    ]
    assert only.link_count == 3


# --- threads -------------------------------------------------------------------


def threaded(*rows: tuple, **options: object) -> str:
    """Return a post with comments (number, parent, approved)."""
    return post(
        10,
        *(
            comment(number, f"c{number}", comment_parent=parent, comment_approved=approved)
            for number, parent, approved in rows
        ),
        **options,
    )


@pytest.mark.parametrize(("rows", "expected", "losses"), [
    ([(1, 0, "1"), (2, 1, "1"), (3, 2, "1"), (4, 1, "1")], [(0, "c1"), (1, "c2"), (2, "c3"), (1, "c4")], []),
    ([(4, 1, "1"), (3, 2, "1"), (2, 1, "1"), (1, 0, "1")], [(0, "c1"), (1, "c2"), (2, "c3"), (1, "c4")], []),
    ([(1, 2, "1"), (2, 0, "1")], [(0, "c2"), (1, "c1")], []),
    ([(1, 0, "1"), (2, 99, "1")], [(0, "c1"), (0, "c2")], ["It replied to a comment that is not in the file, and becomes a top-level comment: comment 2."]),
    ([(1, 0, "1"), (2, 1, "spam"), (3, 2, "trash"), (4, 3, "1")], [(0, "c1"), (1, "c4")],
     ["It replied to a comment that is left out, and moves up: comment 4."]),
    ([(1, 0, "spam"), (2, 1, "1"), (3, 2, "1")], [(0, "c2"), (1, "c3")],
     ["It replied to a comment that is left out, and moves up: comment 2."]),
    ([(1, 98, "spam"), (2, 1, "1")], [(0, "c2")], ["It replied to a comment that is not in the file, and becomes a top-level comment: comment 2."]),
    ([(1, 1, "1")], [(0, "c1")], ["It replied to itself in a loop, and becomes a top-level comment: comment 1."]),
    ([(1, 3, "1"), (2, 1, "1"), (3, 2, "1"), (4, 2, "1")], [(0, "c1"), (1, "c2"), (2, "c3"), (2, "c4")],
     ["It replied to itself in a loop, and becomes a top-level comment: comment 1."]),
    ([(1, 2, "spam"), (2, 1, "spam"), (3, 2, "1")], [(0, "c3")], ["It replied to a comment that is left out, and moves up: comment 3."]),
])  # fmt: skip
def test_threads_are_kept(file, rows, expected, losses):
    lines = run(wxr(file, threaded(*rows)))
    assert outline() == expected
    assert [line for line in lines if line.startswith("It ")] == losses


def test_a_parent_under_another_post_is_not_one(file):
    run(wxr(file, post(10, comment(1)), post(11, comment(2, comment_parent=1), post_name="other")))
    assert [level for level, _body in outline()] == [0, 0]


def test_a_very_deep_discussion_is_imported(file):
    levels = figure(1200, 5000)  # deeper than Python's recursion limit
    run(wxr(file, threaded(*((number, number - 1, "1") for number in range(1, levels + 1)))))
    assert Comment.objects.order_by("-level").first().level == levels - 1
    assert list(find_faults(Comment.objects.tree_rows())) == []


def test_discussions_continue_where_the_import_ended(file, member):
    run(wxr(file, threaded((1, 0, "1"), (2, 1, "1"))))
    parent = Comment.objects.get(body="c2")
    publish_comment(post=Post.objects.get(), author=member, body="And I.", parent=parent)
    make_comment(post=Post.objects.get(), body="On my own.")
    assert outline() == [(0, "c1"), (1, "c2"), (2, "And I."), (0, "On my own.")]


def test_a_thousand_comments_cost_few_queries(file, django_assert_max_num_queries):
    wxr(file, threaded(*((number, number // 2, "1") for number in range(1, 1001))))
    with django_assert_max_num_queries(60):
        run(file)
    assert len(outline()) == 1000


# --- broken and hostile files --------------------------------------------------

GOOD = post(10, comment(1))
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{n} "{"&a;" * 10}">' for n in range(9))
    + "]><rss>&a8;</rss>"
)
BROKEN = {
    "truncated": (HEAD + GOOD[:-30], r"The file is incomplete\. Export it again\. \(Line \d+, column \d+: it ends in the middle\.\)"),
    "empty": ("", r"The file is incomplete\. Export it again\. \(Line \d+, column \d+: it ends in the middle\.\)"),
    "text": ("Hello there.", r"Line 1, column 1: not well-formed XML \("),
    "json": (json.dumps({"a": 1}), r"Line 1, column 1: not well-formed XML \("),
    "html": ("<html><body/></html>", r"line 1: it begins with <html>, not <rss>"),
    "another feed": ("<rss><channel><title>A</title><item></item></channel></rss>", r"line 1: no wp:wxr_version before the first item"),
    "nothing in it": ("<rss><channel/></rss>", r"line 1: no wp:wxr_version"),
    "version 2.0": (HEAD.replace(">1.2<", ">2.0<") + GOOD + "</channel></rss>", r"its WXR version is “2\.0”; only 1\.0, 1\.1, 1\.2"),
    "entity bomb": (BOMB, r"line 1: it defines its own document type or entities"),
    "external entity": ('<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss>&x;</rss>', r"line 1: it defines its own document type or entities"),
    "unknown encoding": ('<?xml version="1.0" encoding="klingon"?><rss/>', r"line 1: no wp:wxr_version"),
    "truncated in CDATA": (HEAD + GOOD.partition("Flour")[0], r"The file is incomplete\. Export it again\. \(Line \d+, column \d+: it ends in the middle\.\)"),
    "truncated in a comment": (HEAD + GOOD + "<!-- the end", r"The file is incomplete\. Export it again\. \(Line \d+, column \d+: it ends in the middle\.\)"),
    "truncated before the end": (HEAD + GOOD, r"The file is incomplete\. Export it again\. \(Line \d+, column \d+: it ends in the middle\.\)"),
    "tags that cross": (HEAD + GOOD.replace("</wp:comment_author>", "</wp:author>") + TAIL, r"Line \d+, column \d+: not well-formed XML \(mismatched tag\)\."),
    "an archive": ("PK\x03\x04" + HEAD[:20], r"not well-formed XML"),
    "deep": (HEAD + "<a>" * 100, r"line 6: elements nested 40 deep"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_ends_in_one_line_and_nothing_is_imported(file, name):
    content, reason = BROKEN[name]
    file.write_text(content, encoding="utf-8")
    check_refused(file, reason)


def check_refused(file: Path, reason: str) -> None:
    before = everything()
    with pytest.raises(CommandError) as caught:
        run(file)
    message = str(caught.value)
    assert re.search(reason, message), message
    assert "\n" not in message
    assert message.startswith(f"{file}: ")
    assert message.endswith("Nothing was imported.")
    assert len(message) < len(str(file)) + 250
    assert everything() == before


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_in_the_encoding_it_says_is_read(file, encoding):
    wxr(file, post(10, comment(1, "Brød.")))
    file.write_bytes(
        file.read_text(encoding="utf-8")
        .replace('encoding="UTF-8"', f'encoding="{encoding}"')
        .encode(encoding)
    )
    run(file)
    assert Comment.objects.get().body == "Brød."


def test_a_file_that_breaks_in_its_second_post_leaves_nothing_of_the_first(file):
    file.write_text(HEAD + author() + GOOD + post(11, comment(2)).replace("</item>", ""), encoding="utf-8")
    check_refused(
        file, r"The file is incomplete\. Export it again\. \(Line \d+, column \d+: it ends in the middle\.\)"
    )


def test_a_missing_file_and_a_folder_are_refused(file):
    check_refused(file, "No such file or directory")
    file.mkdir()
    check_refused(file, "Is a directory")


def test_a_huge_text_is_refused(file, monkeypatch):
    monkeypatch.setattr("transfer.wordpress.reader.MAX_TEXT_CHARACTERS", 100_000)
    wxr(file, post(10, content="x" * 100_001))
    check_refused(file, r"line \d+: a text longer than 100,000 characters")


def test_a_huge_attribute_is_refused_before_it_is_read_whole(file):
    file.write_text(HEAD + f'<item title="{"x" * 5_000_000}"></item>', encoding="utf-8")
    check_refused(file, r"line 6: a tag longer than 1,048,576 bytes")


def test_a_file_without_posts_is_no_mistake(file):
    assert run(wxr(file)) == ["Nothing new: 0 posts, 0 comments imported; 0 skipped."]


def test_members_who_are_here_are_left_alone(file):
    member = make_member("ida", email="ida@example.org", display_name="Ida of the table")
    run(wxr(file, post(10)))
    member.refresh_from_db()
    assert (member.display_name, member.has_usable_password()) == ("Ida of the table", True)


def test_paragraphs_parted_by_a_single_line_break_come_in_as_paragraphs_and_a_signature_stays_together():
    first, second = "one " * 30 + "end.", "two " * 30 + "end."
    words = to_markdown(f"{first}\n{second}\nBest regards\nPeter").text
    assert words == f"{first}\n\n{second}\n\nBest regards\nPeter"
    assert to_markdown(f"{first}\n{second}\n\nthird").text == f"{first}\n{second}\n\nthird"
