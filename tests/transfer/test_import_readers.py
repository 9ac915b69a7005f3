"""The reader of each system, with exports of that system."""

import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from comments.models import Comment
from comments.tree.repair import find_faults
from notifications.models import Subscriber
from posts.models import Post
from tests.factories import make_host, make_post
from tests.transfer.blogs import DISQUS, picture, remark, run, thread, written, zipped

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def host(db):
    return make_host("ida")


def outline(post: Post) -> list[tuple[int, str, str]]:
    assert list(find_faults(Comment.objects.tree_rows())) == []
    return list(
        Comment.objects.filter(post=post).in_reading_order().values_list("level", "guest_name", "body")
    )


# --- Disqus --------------------------------------------------------------------


def test_disqus_comments_come_to_the_posts_that_are_here(tmp_path):
    here = make_post(slug="on-bread")
    (tmp_path / "disqus.xml").write_text(
        DISQUS
        % "".join(
            [
                thread("11"),
                thread("12", "http://ida.example.org/on-bread/?utm_source=mail"),
                thread("13", "https://ida.example.org/empty/"),
                remark("101", "<p>I <b>bake</b> too.</p>"),
                remark("102", "<p>Rye?</p>", parent="101", name="Eva", at="2012-04-26T09:00:00Z"),
                remark("103", "Also here.", under="12", at="2012-04-26T10:00:00Z"),
                remark("104", "Gone.", more="<isDeleted>true</isDeleted><isSpam>false</isSpam>"),
                remark("105", "Below what is gone.", parent="104", at="2012-04-26T11:00:00Z"),
                remark("106", "Pills.", more="<isDeleted>true</isDeleted><isSpam>true</isSpam>"),
                remark("107", "Nowhere.", under="99"),
            ]
        )
    )

    said = run(tmp_path / "disqus.xml")

    assert outline(here) == [
        (0, "Per", "I **bake** too."),
        (1, "Eva", "Rye?"),
        (0, "Per", "Also here."),
        (0, "Per", "Below what is gone."),
    ]
    assert said == [
        "Recognised as: Disqus.",
        "It replied to a comment that is left out, and moves up: “On bread”.",
        "Left out: comments marked as spam: 1.",
        "Left out: comments under posts that are not in the file: 1.",
        "Left out: deleted comments: 1.",
        "Left out: discussions without comments: 1.",
        "4 comments by 1 guest imported; 1 post was already here.",
    ]


def test_disqus_comments_without_a_post_come_with_a_draft(client, tmp_path):
    file = tmp_path / "disqus.xml"
    file.write_text(DISQUS % (thread("11", title="Caf&eacute; &amp; bread") + remark("101", "Hello.")))

    said = run(file)

    post = Post.objects.get()
    assert (post.title, post.published_at, post.comment_count) == ("Café & bread", None, 1)
    assert (
        "There is no post here for “Café & bread”: a new draft holds its comments. Publish that, or move them."
        in said
    )
    run(file)
    assert (Post.objects.count(), Comment.objects.count()) == (1, 1)
    Post.objects.update(published_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert client.get("/on-bread/").status_code == 301


@pytest.mark.parametrize(
    "hostile",
    [
        '<!DOCTYPE disqus [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE disqus SYSTEM "http://10.0.0.1/x.dtd">',
    ],
)
def test_entities_are_refused(tmp_path, hostile):
    text = (DISQUS % (thread("11") + remark("1", "&b;"))).replace("<disqus", f"{hostile}<disqus", 1)
    (tmp_path / "disqus.xml").write_text(text)
    with pytest.raises(CommandError, match="it defines a document type or entities"):
        call_command("import_blog", str(tmp_path / "disqus.xml"), verbosity=0)
    assert not Post.objects.exists()


# --- Ghost ---------------------------------------------------------------------


def ghost(*posts: dict, **tables: list) -> dict:
    rows = [
        {
            "id": str(number),
            "title": f"Post {number}",
            "slug": f"post-{number}",
            "status": "published",
            "visibility": "public",
            "published_at": "2021-03-04T05:06:07.000Z",
            "created_at": "2021-03-01T00:00:00.000Z",
            "html": "<p>Text.</p>",
            "mobiledoc": None,
            "author_id": "u1",
        }
        | post
        for number, post in enumerate(posts, 1)
    ]
    users = [{"id": "u1", "name": "Ida", "email": "ida@example.org"}]
    return {
        "db": [
            {"meta": {"exported_on": 1, "version": "5.2"}, "data": {"posts": rows, "users": users, **tables}}
        ]
    }


def test_ghost_posts_come_with_tags_pictures_and_status(client, tmp_path):
    export = ghost(
        {
            "html": '<!--kg-card-begin: html--><p><img src="__GHOST_URL__/content/images/2021/03/loaf.jpg" alt="A loaf"></p>',
            "feature_image": "__GHOST_URL__/content/images/2021/03/cover.jpg",
            "custom_excerpt": "In short.",
            "featured": 1,
        },
        {"type": "page", "slug": "about-us"},
        {"status": "draft", "published_at": None},
        {"status": "scheduled", "published_at": "2150-01-01T00:00:00.000Z"},
        {"visibility": "members"},
        {"visibility": "paid"},
        {"status": "sent"},
        tags=[
            {"id": "t1", "name": "Kitchen", "slug": "kitchen"},
            {"id": "t2", "name": "#internal", "slug": "hash"},
        ],
        posts_tags=[
            {"post_id": "1", "tag_id": "t2", "sort_order": 0},
            {"post_id": "1", "tag_id": "t1", "sort_order": 1},
        ],
        posts_meta=[{"post_id": "1", "feature_image_alt": "The cover"}],
    )
    zipped(
        tmp_path / "ghost.zip",
        {
            "ida.ghost.json": json.dumps(export),
            "content/images/2021/03/loaf.jpg": picture(),
            "content/images/2021/03/cover.jpg": picture("red"),
            "members.csv": "id,email,subscribed_to_emails,created_at\n1,per@example.org,true,2020-02-03T00:00:00Z\n2,no@example.org,false,\n",
        },
    )

    said = run(tmp_path / "ghost.zip", subscribers=True)

    first = Post.objects.get(slug="post-1")
    assert (first.summary, first.is_pinned, first.cover_alt, bool(first.cover)) == (
        "In short.",
        True,
        "The cover",
        True,
    )
    assert [tag.name for tag in first.tags.all()] == ["Kitchen"]
    assert 'alt="A loaf"' in first.body
    assert [client.get(f"/posts/post-{number}/").status_code for number in range(3, 8)] == [
        404,
        404,
        302,
        404,
        404,
    ]
    assert client.get("/about-us/").status_code == 200
    assert client.get("/post-1/")["Location"] == "/posts/post-1/"
    assert Subscriber.objects.values_list("email", flat=True).get() == "per@example.org"
    assert said[1:] == [
        "A post for paying members becomes a draft: “Post 6”.",
        "An email-only post becomes a draft: “Post 7”.",
        "Left out: internal tags: 1.",
        "Left out: subscribers who get no emails: 1.",
        "6 posts, 1 page, 2 pictures and 1 subscriber imported, 3 of the posts and pages as drafts.",
    ]


def test_ghost_comments_come_with_their_members_as_guests(tmp_path):
    export = ghost(
        {},
        members=[
            {"id": "m1", "name": "Per", "email": "per@example.org", "created_at": "2020-02-03T00:00:00Z"}
        ],
        comments=[
            {
                "id": "c1",
                "post_id": "1",
                "member_id": "m1",
                "html": "<p>One</p>",
                "status": "published",
                "created_at": "2021-03-05",
            },
            {
                "id": "c2",
                "post_id": "1",
                "parent_id": "c1",
                "html": "<p>Two</p>",
                "status": "published",
                "created_at": "2021-03-06",
            },
            {"id": "c3", "post_id": "1", "html": "<p>No</p>", "status": "hidden", "created_at": "2021-03-07"},
        ],
    )
    run(written(tmp_path / "ghost.json", export))
    assert outline(Post.objects.get()) == [(0, "Per", "One"), (1, "A guest", "Two"), (0, "A guest", "No")]
    assert Comment.objects.get(status="held").why_held == ["It was awaiting review on its old site."]
    assert not Subscriber.objects.exists()


LEXICAL = {
    "root": {
        "type": "root",
        "children": [
            {
                "type": "extended-heading",
                "tag": "h2",
                "children": [{"type": "extended-text", "text": "Bread"}],
            },
            {
                "type": "paragraph",
                "children": [
                    {"type": "extended-text", "text": "Flour & ", "format": 0},
                    {"type": "extended-text", "text": "water", "format": 3},
                    {"type": "linebreak"},
                    {
                        "type": "link",
                        "url": "https://x.example/",
                        "children": [{"type": "extended-text", "text": "here"}],
                    },
                ],
            },
            {
                "type": "list",
                "listType": "number",
                "children": [{"type": "listitem", "children": [{"type": "extended-text", "text": "Knead"}]}],
            },
            {"type": "codeblock", "code": "a < b", "language": "python"},
            {"type": "horizontalrule"},
            {"type": "newfangled", "data": 1},
        ],
    }
}
MOBILEDOC = {
    "version": "0.3.1",
    "markups": [["strong"], ["a", ["href", "https://x.example/"]]],
    "atoms": [["soft-return", "", {}]],
    "cards": [["code", {"code": "a < b", "language": "python"}], ["hr", {}], ["newfangled", {}]],
    "sections": [
        [1, "h2", [[0, [], 0, "Bread"]]],
        [1, "p", [[0, [], 0, "Flour & "], [0, [0], 1, "water"], [1, [], 0, 0], [0, [1], 1, "here"]]],
        [3, "ol", [[[0, [], 0, "Knead"]]]],
        [10, 0],
        [10, 1],
        [10, 2],
        [10, 99],
    ],
}


@pytest.mark.parametrize(
    ("column", "document", "water"),
    [
        ("lexical", LEXICAL, "<em><strong>water</strong></em>"),
        ("mobiledoc", MOBILEDOC, "<strong>water</strong>"),
    ],
)
def test_ghost_drafts_without_html_are_made_of_their_documents(tmp_path, column, document, water):
    export = ghost({"html": None, "status": "draft", column: json.dumps(document)})
    said = run(written(tmp_path / "ghost.json", export))
    body = Post.objects.get().body.replace("\n", "").replace(' rel="noopener"', "").replace(water, "WATER")
    assert body == (
        '<h2>Bread</h2><p>Flour &amp; WATER<br><a href="https://x.example/">here</a></p><ol><li>Knead</li></ol>'
        '<pre><code class="language-python">a &lt; b</code></pre><hr>'
    )
    assert "A part made by Ghost’s editor is left out (newfangled): “Post 1”." in said


# --- Markdown ------------------------------------------------------------------


def folder(path, files: dict[str, str]):
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(content, encoding="utf-8")
    return path


def test_a_hugo_site_comes_with_pages_drafts_and_aliases(client, tmp_path):
    folder(
        tmp_path / "site",
        {
            "hugo.toml": 'baseURL = "https://ida.example.org/"\ntitle = "Notes"\n[permalinks]\nposts = "/:year/:month/:slug/"\n',
            "content/about.md": "---\ntitle: About\n---\nMe.\n",
            "content/posts/_index.md": "---\ntitle: Posts\n---\n",
            "content/posts/bread/index.md": (
                '+++\ntitle = "On bread"\ndate = 2012-04-25T14:00:00+02:00\ntags = ["Kitchen"]\naliases = ["/old/bread/"]\n+++\n'
                '{{< figure src="loaf.jpg" alt="A loaf" >}}\n\n<!--more-->\n\nText[^1] and `{{< code >}}`.\n\n[^1]: A note.\n\n'
                '{{< youtube dQw4w9WgXcQ >}}\n\n{{< newfangled a="b" >}}Inside.{{< /newfangled >}}\n\n```python\na < b\n```\n'
            ),
            "content/posts/soon.md": '{"title": "Soon", "date": "2012-05-01", "draft": true}\n\nNot yet.\n',
            "themes/x/README.md": "---\ntitle: Theme\n---\n",
        },
    )
    (tmp_path / "site/content/posts/bread/loaf.jpg").write_bytes(picture())

    said = run(tmp_path / "site")

    bread = Post.objects.get(slug="bread")
    assert (bread.title, bread.kind, [tag.name for tag in bread.tags.all()]) == (
        "On bread",
        "post",
        ["Kitchen"],
    )
    assert bread.published_at == datetime(2012, 4, 25, 12, tzinfo=UTC)
    for part in (
        'alt="A loaf"',
        '<sup class="fnref" id="fnref-1"><a href="#fn-1"',
        '<section class="footnotes"><ol><li id="fn-1">A note.',
        "<code>{{&lt; code &gt;}}</code>",
        'class="video"',
        "Inside.",
        '<hr class="more">',
        '<pre><code class="language-python">a &lt; b\n</code></pre>',
    ):
        assert part in bread.body
    assert (Post.objects.get(slug="about").kind, Post.objects.get(slug="soon").published_at) == ("page", None)
    assert [client.get(path)["Location"] for path in ("/2012/04/bread/", "/old/bread/")] == [
        "/posts/bread/"
    ] * 2
    assert said[1:] == [
        "The shortcode newfangled is left out; the text inside is kept: “On bread”.",
        "Left out: files of themes and layouts: 1.",
        "Left out: section pages (_index.md): 1.",
        "2 posts, 1 page and 1 picture imported, 1 of the posts and pages as a draft.",
    ]


def test_a_jekyll_site_comes_with_its_addresses(client, tmp_path):
    folder(
        tmp_path / "site",
        {
            "_config.yml": "title: Notes\nurl: https://ida.example.org\nbaseurl: ''\n",
            "_posts/2012-04-25-on-bread.md": (
                "---\nlayout: post\ntitle: On bread\ncategories: kitchen slow\n---\n"
                "{% highlight ruby %}\nputs 1\n{% endhighlight %}\n\n![Loaf]({{ site.baseurl }}/img/loaf.jpg){: .wide}\n"
            ),
            "_posts/2012-02-31-impossible.md": "---\ntitle: A: b: c\ndate: 2012-02-31\n---\nText.\n",
            "_drafts/later.md": "---\ntitle: Later\n---\nText.\n",
            "about.md": "---\nlayout: page\ntitle: About\npermalink: /about-me/\n---\nMe.\n",
            "README.md": "# The repository of my blog\n",
        },
    )
    said = run(tmp_path / "site")
    bread = Post.objects.get(slug="on-bread")
    assert '<pre><code class="language-ruby">puts 1' in bread.body
    assert 'href="https://ida.example.org/img/loaf.jpg"' in bread.body
    assert sorted(tag.name for tag in bread.tags.all()) == ["kitchen", "slow"]
    assert client.get("/kitchen/slow/2012/04/25/on-bread.html")["Location"] == "/posts/on-bread/"
    assert Post.objects.get(slug="impossible").published_at is None
    assert Post.objects.get(slug="later").published_at is None
    assert Post.objects.get(kind="page").title == "About"
    assert said[1:] == [
        "A file stays on the old site, and the text links to it there: “On bread”.",
        "A post without a date becomes a draft: “A: b: c”.",
        "An impossible date is left out: “A: b: c”.",
        "Damaged front matter is read line by line: “A: b: c”.",
        "3 posts and 1 page imported, 2 of the posts and pages as drafts.",
    ]


def test_private_markdown_stays_private(tmp_path):
    text = "---\ntitle: Diary\ndate: 2012-04-25\npassword: swordfish\n---\nSecret.\n"
    run(folder(tmp_path / "site", {"diary.md": text}))
    assert Post.objects.get().published_at is None


def test_references_in_front_matter_are_no_bomb(tmp_path):
    text = "---\na: &a [x, x]\nb: &b [*a, *a]\ntitle: Laugh\ndate: 2012-04-25\n---\nText.\n"
    run(folder(tmp_path / "site", {"laugh.md": text}))
    assert Post.objects.get().title == "Laugh"


def test_cards_of_ghost_come_without_their_players_and_icons(tmp_path):
    """The site's URL is unknown, so links between its pages keep their paths: old URLs redirect."""
    html = (
        '<p>See <a href="__GHOST_URL__/rye/">rye</a>.</p>'
        '<figure class="kg-card kg-bookmark-card"><a class="kg-bookmark-container" href="https://a.example/"><div><div class="kg-bookmark-title">Rye</div>'
        '<div class="kg-bookmark-metadata"><img class="kg-bookmark-icon" src="https://a.example/i"><span>Ada</span></div></div>'
        '<div class="kg-bookmark-thumbnail"><img src="https://a.example/t"></div></a><figcaption>Below</figcaption></figure>'
        '<div class="kg-card kg-audio-card"><img src="" alt="audio-thumbnail" class="kg-audio-thumbnail kg-audio-hide"><div><audio src="https://a.example/a.mp3"></audio>'
        '<div class="kg-audio-title">Song</div><div class="kg-audio-player"><button><svg><path d="M1"></path></svg></button><span>0:00</span></div></div></div>'
        '<div class="kg-card kg-toggle-card"><div><h4>Head</h4><button class="kg-toggle-card-icon"><svg><defs><polyline points="8"></polyline></defs></svg></button></div><p>Inside</p></div>'
        '<figure class="kg-card"></figure>'
    )
    lexical = {
        "root": {
            "type": "root",
            "children": [
                {"type": "codeblock", "code": "x", "language": "py", "caption": "Code"},
                {"type": "embed", "url": "https://vimeo.com/1", "caption": "Film"},
                {"type": "header", "heading": "Head", "subheading": "Sub"},
                {"type": "file", "src": "https://a.example/x.pdf", "fileTitle": "Paper"},
                {
                    "type": "call-to-action",
                    "textValue": "<p>Come</p>",
                    "showButton": True,
                    "buttonText": "Go",
                    "buttonUrl": "https://a.example/go",
                },
            ],
        }
    }
    common = {"status": "published", "published_at": "2020-01-02T03:04:05.000Z", "type": "post"}
    posts = [
        common | {"id": "1", "slug": "a", "title": "A", "html": html},
        common | {"id": "2", "slug": "b", "title": "B", "lexical": json.dumps(lexical)},
    ]
    (tmp_path / "ghost.json").write_text(
        json.dumps({"db": [{"meta": {"exported_on": 1, "version": "5.75.0"}, "data": {"posts": posts}}]})
    )
    assert run(tmp_path / "ghost.json") == [
        "Recognised as: Ghost.",
        "An embed becomes a link: “A”.",
        "2 posts imported.",
    ]
    assert Post.objects.get(slug="a").body == (
        '<p>See <a href="/rye/" rel="noopener">rye</a>.</p>\n'
        '<figure><a href="https://a.example/" rel="noopener">Rye</a><figcaption>Below</figcaption></figure>'
        '<p><a href="https://a.example/a.mp3" rel="noopener">https://a.example/a.mp3</a></p>\n<p>Song</p>\n'
        "<h4>Head</h4><p>Inside</p>"
    )
    body = Post.objects.get(slug="b").body
    assert body.startswith('<pre><code class="language-py">x</code></pre><p>Code</p>\n')
    assert body.endswith(
        '<p>Film</p>\n<h3>Head</h3><p>Sub</p>\n<p><a href="https://a.example/x.pdf" rel="noopener">Paper</a></p>\n'
        '<p>Come</p>\n<p><a href="https://a.example/go" rel="noopener">Go</a></p>'
    )


def test_what_jekyll_took_from_wordpress_and_blogger_comes_along(client, tmp_path):
    """Its importers write posts as HTML, with comments and the old URL in the front matter."""
    zipped(
        tmp_path / "site.zip",
        {
            "_posts/2010-09-24-an-issue.html": """---
layout: post
title: An issue &amp; more
author: {display_name: Ida, login: ida}
wordpress_url: http://old.example/?p=319
date: '2010-09-24 10:05:39 +0100'
comments:
- {id: 12, author: Per, author_email: per@example.org, date: '2010-09-25 10:05:39 +0100', date_gmt: '2010-09-25 09:05:39 +0100', content: Nice <b>one</b>}
---
<p>A *star*, <a href="{% post_url 2013-09-10-a-key %}">a key</a> and <a href="{% link _posts/2013-09-10-a-key.html %}">again</a>.</p>
{% include figure.html src="http://a.example/a.png" caption="A \\"loaf\\"" %}
""",
            "_posts/2013-09-10-a-key.html": """---
title: A key
blogger_orig_url: http://old.blogspot.com/2013/09/a-key-for-it.html
---
<p>Key</p>
""",
            "index.html": "---\nlayout: home\n---\n{{ content }}",
        },
    )
    assert run(tmp_path / "site.zip")[-1] == "2 posts and 1 comment by 1 guest imported."
    post = Post.objects.get(slug="an-issue")
    assert post.title == "An issue & more"
    assert post.body.startswith(
        '<p>A *star*, <a href="/posts/a-key/" rel="noopener">a key</a> and <a href="/posts/a-key/" rel="noopener">again</a>.</p>'
    )
    comment = Comment.objects.get()
    assert (comment.guest_name, comment.body, comment.created_at) == (
        "Per",
        "Nice **one**",
        datetime(2010, 9, 25, 9, 5, 39, tzinfo=UTC),
    )
    assert client.get("/?p=319")["Location"] == "/posts/an-issue/"
    assert client.get("/2013/09/a-key-for-it.html")["Location"] == "/posts/a-key/"


def test_shortcodes_of_hugo_that_show_something_elsewhere_are_links(tmp_path):
    text = """---
title: On bread
date: 2020-01-02
---
{{< figure src="https://a.example/a.png" alt="The \\"best\\" [loaf]" caption="<span class=\\"n\\">1: </span>Rye" >}}

{{< gist ida 12ab >}}

{{< tweet user="ida" id="1" >}}

![x](/media/a.png)

See [it]({{< ref "posts/rye/index.md#how" >}}) and `{{</* gist ida 1 */>}}`.
"""
    zipped(
        tmp_path / "site.zip",
        {
            "hugo.toml": 'baseURL = "https://old.example/"',
            "content/posts/on-bread.md": text,
            "content/posts/rye/index.md": "---\ntitle: Rye\ndate: 2020-01-02\n---\nRye.\n",
        },
    )
    run(tmp_path / "site.zip")
    assert Post.objects.get(slug="on-bread").body == (
        '<p><a href="https://a.example/a.png" rel="noopener">The "best" loaf</a></p>\n<p>1: Rye</p>\n'
        '<p><a href="https://gist.github.com/ida/12ab" rel="noopener">https://gist.github.com/ida/12ab</a></p>\n'
        '<p><a href="https://twitter.com/ida/status/1" rel="noopener">https://twitter.com/ida/status/1</a></p>\n'
        '<p><a href="https://old.example/media/a.png" rel="noopener">x</a></p>\n'
        '<p>See <a href="/posts/rye/" rel="noopener">it</a> and <code>{{&lt; gist ida 1 &gt;}}</code>.</p>'
    )
