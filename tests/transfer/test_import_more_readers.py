"""Blogger, Substack, Medium, and comment systems."""

import gzip
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from html import escape

import pytest
from django.core.management import CommandError, call_command

from comments.models import Comment
from comments.tree.repair import find_faults
from core.markup.plain import READ_MORE
from notifications.models import Subscriber
from posts.models import Post
from tests.factories import make_host, make_post
from tests.transfer.blogs import run, written, zipped

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def host(db):
    return make_host("ida")


def outline(post: Post) -> list[tuple[int, str, str]]:
    assert list(find_faults(Comment.objects.tree_rows())) == []
    return list(
        Comment.objects.filter(post=post).in_reading_order().values_list("level", "guest_name", "body")
    )


# --- Blogger -------------------------------------------------------------------

FEED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns='http://www.w3.org/2005/Atom' xmlns:thr='http://purl.org/syndication/thread/1.0' xmlns:app='http://purl.org/atom/app#'
 xmlns:gd='http://schemas.google.com/g/2005' xmlns:blogger='http://schemas.google.com/blogger/2018'>
<id>tag:blogger.com,1999:blog-1%s</id><title>Notes</title>
<link rel='alternate' type='text/html' href='http://ida.blogspot.com/'/>
%s</feed>"""
KIND = "<category scheme='http://schemas.google.com/g/2005#kind' term='http://schemas.google.com/blogger/2008/kind#%s'/>"


def old_entry(number: int, kind: str, content: str = "&lt;p&gt;Text.&lt;/p&gt;", more: str = "") -> str:
    return (
        f"<entry><id>tag:blogger.com,1999:blog-1.post-{number}</id><published>2012-04-25T14:00:00.000+02:00</published>"
        f"{KIND % kind}<title type='text'>On bread</title><content type='html'>{content}</content>"
        f"<author><name>Per</name><uri>http://per.example.org/</uri><email>noreply@blogger.com</email></author>{more}</entry>"
    )


def new_entry(number: int, kind: str, status: str = "LIVE", more: str = "") -> str:
    return (
        f"<entry><id>tag:blogger.com,1999:blog-1.post-{number}</id><blogger:type>{kind}</blogger:type>"
        f"<blogger:status>{status}</blogger:status><author><name>Per</name></author><title>On bread</title>"
        f"<content type='html'>Text.</content><published>2012-04-25T12:00:00Z</published>{more}</entry>"
    )


def test_an_old_backup_of_blogger_comes_with_its_threads(client, tmp_path):
    address = "<link rel='alternate' href='http://ida.blogspot.com/2012/04/on-bread.html'/>"
    label = "<category scheme='http://www.blogger.com/atom/ns#' term='Kitchen'/>"
    under = "<thr:in-reply-to ref='tag:blogger.com,1999:blog-1.post-10' href='http://ida.blogspot.com/2012/04/on-bread.html'/>"
    (tmp_path / "blog.xml").write_text(
        FEED
        % (
            ".archive",
            old_entry(1, "template", "&lt;html&gt;")
            + old_entry(21, "comment", "One&lt;br /&gt;two", under)
            + old_entry(10, "post", more=address + label)
            + old_entry(11, "post", more="<app:control><app:draft>yes</app:draft></app:control>")
            + old_entry(12, "page", more="<link rel='alternate' href='http://ida.blogspot.com/p/me.html'/>")
            + old_entry(
                22,
                "comment",
                "Reply",
                under + "<link rel='related' href='http://www.blogger.com/feeds/1/10/comments/default/21'/>",
            ),
        )
    )
    said = run(tmp_path / "blog.xml")
    post = Post.objects.get(slug="on-bread")
    assert outline(post) == [(0, "Per", "One\ntwo"), (1, "Per", "Reply")]
    assert Comment.objects.first().guest_email == ""
    assert (post.published_at, post.tags.get().name) == (datetime(2012, 4, 25, 12, tzinfo=UTC), "Kitchen")
    assert client.get("/2012/04/on-bread.html")["Location"] == "/posts/on-bread/"
    assert client.get("/p/me.html")["Location"] == "/me/"
    assert (
        said[-1] == "2 posts, 1 page and 2 comments by 1 guest imported, 1 of the posts and pages as a draft."
    )


def test_takeout_of_blogger_comes_too(client, tmp_path):
    name = "<blogger:filename>/2012/04/on-bread.html</blogger:filename><category scheme='tag:blogger.com,1999:blog-1' term='Kitchen'/>"
    parent = "<blogger:parent>tag:blogger.com,1999:blog-1.post-10</blogger:parent>"
    reply = parent + "<blogger:inReplyTo>tag:blogger.com,1999:blog-1.post-21</blogger:inReplyTo>"
    feed = FEED % (
        "",
        new_entry(21, "COMMENT", more=parent)
        + new_entry(22, "COMMENT", more=reply)
        + new_entry(23, "COMMENT", "SPAM_COMMENT", parent)
        + new_entry(10, "POST", more=name)
        + new_entry(11, "POST", "DRAFT")
        + new_entry(12, "POST", "SOFT_TRASHED"),
    )
    zipped(tmp_path / "takeout.zip", {"Takeout/Blogger/Blogs/Notes/feed.atom": feed})
    said = run(tmp_path / "takeout.zip")
    assert outline(Post.objects.get(slug="on-bread", published_at__isnull=False)) == [
        (0, "Per", "Text."),
        (1, "Per", "Text."),
    ]
    assert client.get("/2012/04/on-bread.html").status_code == 301
    assert said[1:] == [
        "A post that was not public there becomes a draft: “On bread”.",
        "Posts by Per have you as their author; change it in the editor.",
        "Left out: comments marked as spam: 1.",
        "3 posts and 2 comments by 1 guest imported, 2 of the posts as drafts.",
    ]


def test_what_only_blogger_writes_so_is_read(tmp_path):
    """Captions in tables, thumbnails with links, the list part's mark, Word's markup, removed comments."""
    content = (
        "Rye<o:p></o:p><a name='more'></a>"
        '<table class="tr-caption-container"><tbody><tr><td style="x"><a href="http://1.bp.blogspot.com/s1600-h/a.jpg"><img border="0" src="http://1.bp.blogspot.com/s320/a.jpg" alt="A loaf" /></a>'
        '</td></tr><tr><td class="tr-caption" style="y">Below <i>it</i></td></tr></tbody></table>'
        '<a href="http://b.example/other.jpg"><img src="http://b.example/s320/b.jpg" alt="B"></a>'
        "<div class=\"blogger-post-footer\"><img width='1' src='http://b.example/tracker'/></div>"
    )
    (tmp_path / "blog.xml").write_text(
        FEED
        % (
            "",
            new_entry(10, "POST").replace("Text.", escape(content))
            + new_entry(11, "POST", "SCHEDULED").replace("2012-04-25", "2112-04-25")
            + old_entry(
                12,
                "comment",
                more="<thr:in-reply-to ref='tag:blogger.com,1999:blog-1.post-10'/><gd:extendedProperty name='blogger.contentRemoved' value='true'/>",
            ),
        )
    )
    said = run(tmp_path / "blog.xml")
    assert said[-2:] == ["Left out: deleted comments: 1.", "2 posts imported."]
    now, later = Post.objects.order_by("published_at")
    assert later.published_at == datetime(2112, 4, 25, 12, tzinfo=UTC)
    assert now.body == (
        "<p>Rye</p>\n"
        f"{READ_MORE}"
        '<figure><a href="http://1.bp.blogspot.com/s1600/a.jpg" rel="noopener">A loaf</a><figcaption>Below <em>it</em></figcaption></figure>'
        '<p><a href="http://b.example/other.jpg" rel="noopener">B</a> <a href="http://b.example/s320/b.jpg" rel="noopener">Picture</a></p>'
    )


# --- Substack and Medium -------------------------------------------------------


def test_substack_comes_with_its_subscribers(client, tmp_path):
    head = "post_id,post_date,is_published,email_sent_at,inbox_sent_at,type,audience,title,subtitle,podcast_url\n"
    rows = (
        "1.on-bread,2021-03-04T05:06:07.000Z,true,,,newsletter,everyone,On bread,In short,\n"
        "2.for-payers,2021-03-05T05:06:07.000Z,true,,,newsletter,only_paid,For payers,,\n"
        "3.draft,,false,,,newsletter,everyone,Draft,,\n"
        "4.talk,2021-03-06T05:06:07.000Z,true,,,podcast,everyone,Talk,,https://ida.example/talk.mp3?a=1&b=2\n"
    )
    zipped(
        tmp_path / "substack.zip",
        {
            "posts.csv": head + rows,
            "posts/1.on-bread.html": '<p>Flour.</p><div class="subscription-widget-wrap"><p>Subscribe</p></div>'
            '<p class="button-wrapper" data-attrs="{&quot;url&quot;:&quot;%%share_url%%&quot;}"><a href="https://x.example/s"><span>Share</span></a></p>',
            "posts/2.for-payers.html": "<p>Secret.</p>",
            "posts/4.talk.html": "<p>We talked.</p>",
            "posts/1.opens.csv": "post_id,email\n1,spy@example.org\n",
            "email_list.ida.csv": (
                "email,active_subscription,created_at,email_disabled\nper@example.org,false,2020-02-03T00:00:00Z,false\nno@example.org,false,2020-02-03,true\n"
            ),
        },
    )
    said = run(tmp_path / "substack.zip", subscribers=True)
    assert (Post.objects.get(slug="on-bread").summary, Subscriber.objects.get().email) == (
        "In short",
        "per@example.org",
    )
    assert client.get("/p/on-bread")["Location"] == "/posts/on-bread/"
    assert client.get("/posts/for-payers/").status_code == 404
    assert said[1:] == [
        "A post for paying subscribers becomes a draft: “For payers”.",
        "A recording becomes a link: “Talk”.",
        "The text of a post is not in the export: “Draft”.",
        "Left out: subscribers who get no emails: 1.",
        "4 posts and 1 subscriber imported, 2 of the posts as drafts.",
    ]
    assert 'href="https://ida.example/talk.mp3?a=1&amp;b=2"' in Post.objects.get(slug="talk").body


MEDIUM = """<!DOCTYPE html><html><head><title>On bread</title></head><body><article class="h-entry">
<header><h1 class="p-name">On bread</h1></header><section data-field="subtitle" class="p-summary">In short</section>
<section data-field="body" class="e-content"><section class="section section--body"><div class="section-divider"><hr class="section-divider"></div>
<div class="section-content"><h3 class="graf graf--h3 graf--title">On bread</h3><p class="graf graf--p">Flour &amp; <strong>water</strong>.</p></div></section></section>
<footer><p>By <a href="https://medium.com/@ida" class="p-author h-card">Ida</a> on <a href="x"><time class="dt-published" datetime="2020-05-06T07:08:09.000Z">May 6</time></a>.</p>
<p><a href="https://medium.com/@ida/on-bread-0123456789ab" class="p-canonical">Canonical link</a></p></footer></article></body></html>"""


def test_medium_comes_without_its_wrapping(client, tmp_path):
    untitled = MEDIUM.replace('<h3 class="graf graf--h3 graf--title">On bread</h3>', "")
    reply = untitled.replace('p-name">On bread<', 'p-name">Flour &amp; wa…<')
    zipped(
        tmp_path / "medium.zip",
        {
            "posts/2020-05-06_On-bread-0123456789ab.html": MEDIUM,
            "posts/draft_Later-abcdef012345.html": MEDIUM.replace("0123456789ab", "abcdef012345"),
            "posts/2020-05-07_Nice-story-aaaaaaaaaaaa.html": reply,
            "claps/claps-0001.html": "<p>Claps</p>",
        },
    )
    said = run(tmp_path / "medium.zip")
    post = Post.objects.get(published_at__isnull=False)
    assert (post.title, post.slug, post.summary) == ("On bread", "on-bread", "In short")
    assert post.body == "<p>Flour &amp; <strong>water</strong>.</p>"
    assert post.published_at == datetime(2020, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert client.get("/@ida/on-bread-0123456789ab")["Location"] == "/posts/on-bread/"
    assert said[-2:] == [
        "Left out: replies to stories of others: 1.",
        "2 posts imported, 1 of them as a draft.",
    ]


def test_a_short_story_of_medium_without_its_title_is_no_reply(tmp_path):
    """A reply to someone else has a title that equals its beginning, and no tags."""
    untitled = MEDIUM.replace('<h3 class="graf graf--h3 graf--title">On bread</h3>', "")
    tags = '<footer><p class="p-tags">Tagged in <a href="x" class="p-tag">Flour &amp; water</a>, <a href="y" class="p-tag">Bread</a></p>'
    parts = """<pre data-code-block-lang="python" class="graf--preV2"><span class="pre--content">rise()<br>bake()</span></pre>
      <div class="graf graf--mixtapeEmbed"><a href="https://a.example/"><strong>Rye</strong><br><em class="markup--em markup--mixtapeEmbed-em">Dark.</em>a.example</a></div>
      <figure><script src="https://gist.github.com/ida/12ab.js"></script></figure>
      <figure class="graf">
        <img src="https://cdn-images-1.medium.com/a.jpeg" alt="A loaf">
        <figcaption> A   loaf </figcaption>
      </figure></div></section></section>"""
    zipped(
        tmp_path / "medium.zip",
        {
            "posts/2020-05-06_One-0123456789ab.html": untitled,
            "posts/2020-05-07_Two-abcdef012345.html": untitled.replace("<footer>", tags).replace(
                "</div></section></section>", parts
            ),
        },
    )
    assert run(tmp_path / "medium.zip")[-1] == "2 posts imported."
    one, two = Post.objects.order_by("published_at", "pk")
    assert [tag.name for tag in one.tags.all()] == []
    assert {tag.name for tag in two.tags.all()} == {"Flour & water", "Bread"}
    assert two.body.partition("</p>\n")[2] == (
        '<pre><code class="language-python">rise()\nbake()</code></pre>'
        '<p><a href="https://a.example/" rel="noopener"><strong>Rye</strong><br><em>Dark.</em><br>a.example</a></p>\n'
        '<figure><a href="https://gist.github.com/ida/12ab" rel="noopener">https://gist.github.com/ida/12ab</a></figure>'
        '<figure><a href="https://cdn-images-1.medium.com/a.jpeg" rel="noopener">A loaf</a><figcaption>A loaf</figcaption></figure>'
    )


def test_what_substack_makes_when_a_page_is_shown_comes_too(tmp_path):
    """Notes, galleries, formulas and cards of posts, without the markup around them."""
    zipped(
        tmp_path / "substack.zip",
        {
            "posts.csv": "post_id,post_date,is_published,type,audience,title\n1.a,2021-03-04T05:06:07.000Z,true,newsletter,everyone,A\n",
            "posts/1.a.html": '<p>Rye<a class="footnote-anchor" id="footnote-anchor-1" href="#footnote-1" target="_self">1</a>.</p>'
            '<div class="image-gallery-embed" data-attrs="{&quot;gallery&quot;:{&quot;images&quot;:[{&quot;src&quot;:&quot;https://s.example/1.png&quot;}],'
            '&quot;caption&quot;:&quot;Two&quot;}}"></div>'
            '<div class="digest-post-embed" data-attrs="{&quot;canonical_url&quot;:&quot;https://o.example/p&quot;,&quot;title&quot;:&quot;Other&quot;}"></div>'
            '<div class="latex-rendered" data-attrs="{&quot;persistentExpression&quot;:&quot;x^2&quot;}" data-component-name="L"></div>'
            '<div class="latex-rendered" data-attrs="{">\n</div>'
            '<div class="poll-embed" data-component-name="PollToDOM" data-attrs="{&quot;id&quot;:1}"></div>'
            '<div class="community-chat" data-attrs="{&quot;url&quot;:&quot;https://c.example/&quot;}"></div>'
            '<div class="preformatted-block"><label class="hide-text">Text within this block</label><pre class="text">A\n  b</pre></div>'
            '<div class="tweet"><a href="https://t.example/1"><img class="tweet-header-avatar" src="https://x/a"><span>Ada</span></a>Hi<div class="tweet-footer">3 Retweets</div></div>'
            '<p class="button-wrapper" data-attrs="{&quot;url&quot;:&quot;https://i.example/p/a/comments&quot;}"><a href="https://i.example/p/a/comments">Leave a comment</a></p>'
            '<div class="footnote" data-component-name="F"><a id="footnote-1" href="#footnote-anchor-1" class="footnote-number">1</a>'
            '<div class="footnote-content"><p>A note.</p></div></div>',
        },
    )
    said = run(tmp_path / "substack.zip")
    assert [line for line in said if "part" in line] == [
        "A part without text or address is left out (latex-rendered): “A”.",
        "A part without text or address is left out (poll-embed): “A”.",
    ]
    assert said[-1] == "1 post imported."
    assert Post.objects.get().body == (
        '<p>Rye<sup class="fnref" id="fnref-1"><a href="#fn-1" rel="noopener">1</a></sup>.</p>\n'
        '<figure><a href="https://s.example/1.png" rel="noopener">https://s.example/1.png</a></figure><p>Two</p>\n'
        '<p><a href="https://o.example/p" rel="noopener">Other</a></p>\n'
        '<pre><code class="language-latex">x^2</code></pre><p><a href="https://c.example/" rel="noopener">https://c.example/</a></p>\n<pre>A\n  b</pre>'
        '<p><a href="https://t.example/1" rel="noopener">Ada</a>Hi</p>\n'
        '<section class="footnotes"><ol><li id="fn-1">A note.<br><a href="#fnref-1" rel="noopener">↩</a></li></ol></section>'
    )


# --- comment systems -----------------------------------------------------------


def test_remark42_comments_come_from_a_packed_backup(tmp_path):
    here = make_post(slug="on-bread")

    def line(key: str, text: str, parent: str = "", **more) -> str:
        return json.dumps(
            {
                "id": key,
                "pid": parent,
                "text": f"<p>{text}</p>",
                "orig": f"*{text}*",
                "user": {"name": "Per", "id": "github_1", "picture": "", "admin": False},
                "locator": {"site": "ida", "url": "https://ida.example.org/on-bread/"},
                "score": 0,
                "time": "2019-01-02T03:04:05.123456789-06:00",
                "title": "On bread",
                **more,
            }
        )

    head = json.dumps(
        {
            "version": 1,
            "users": [],
            "posts": [{"url": "https://ida.example.org/on-bread/", "read_only": True}],
        }
    )
    lines = [head, line("b", "Reply", "a"), line("a", "First"), line("c", "Gone", delete=True)]
    (tmp_path / "backup-ida-20200101.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    said = run(tmp_path / "backup-ida-20200101.gz")
    assert outline(here) == [(0, "Per", "*First*"), (1, "Per", "*Reply*")]
    assert Comment.objects.first().created_at == datetime(2019, 1, 2, 9, 4, 5, 123456, tzinfo=UTC)
    assert said[0] == "Recognised as: Remark42."


def test_isso_comments_come_from_the_database(tmp_path):
    here = make_post(slug="on-bread")
    with closing(sqlite3.connect(tmp_path / "comments.db")) as database:
        database.executescript(
            """CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
            CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL,
              modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR, author VARCHAR, email VARCHAR, website VARCHAR,
              likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL DEFAULT x'', notification INTEGER DEFAULT 0);
            INSERT INTO threads VALUES (1, '/2012/04/on-bread.html', 'On bread');
            INSERT INTO comments (tid, id, parent, created, mode, text, author, email, website)
              VALUES (1, 1, NULL, 1335427200.5, 1, 'I **bake**.', 'Per', 'per@example.org', 'http://per.example.org'),
                     (1, 2, 1, 1335427300, 2, 'Waits', NULL, NULL, NULL), (1, 3, 1, 1335427400, 4, '', NULL, NULL, NULL);"""
        )
    run(tmp_path / "comments.db")
    assert outline(here) == [(0, "Per", "I **bake**."), (1, "A guest", "Waits")]
    assert list(Comment.objects.order_by("created_at").values_list("status", flat=True)) == ["public", "held"]


def test_comments_that_were_written_down_for_isso_come_too(tmp_path):
    here = make_post(slug="on-bread")
    comments = [
        {
            "id": "1",
            "author": "Per",
            "created": "2018-11-28 17:24:23",
            "email": "",
            "remote_addr": "",
            "text": "One",
            "website": "",
        },
        {"id": "2", "author": "Eva", "created": "2018-11-28 17:24:24", "parent": "1", "text": "Two"},
    ]
    run(
        written(tmp_path / "isso.json", [{"id": "/blog/on-bread", "title": "On bread", "comments": comments}])
    )
    assert outline(here) == [(0, "Per", "One"), (1, "Eva", "Two")]


def test_another_database_is_not_taken_for_one(tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.db")) as database:
        database.execute("CREATE VIEW comments AS SELECT 1")
    with pytest.raises(CommandError, match="We can’t read this file"):
        call_command("import_blog", str(tmp_path / "other.db"), verbosity=0)


@pytest.mark.parametrize(
    "export",
    [
        {
            "version": 1,
            "comments": [
                {"commentHex": "a", "domain": "ida.example.org", "url": "/on-bread/", "commenterHex": "p", "markdown": "*One*",
                 "html": "<p>One</p>", "parentHex": "root", "state": "approved", "creationDate": "2019-01-02T03:04:05Z"},
                {"commentHex": "b", "domain": "ida.example.org", "url": "/on-bread/", "commenterHex": "anonymous", "markdown": "Two",
                 "parentHex": "a", "state": "unapproved", "creationDate": "2019-01-02T03:04:06Z"},
            ],
            "commenters": [{"commenterHex": "p", "email": "per@example.org", "name": "Per", "link": "undefined"}],
        },
        {
            "version": 3,
            "pages": [{"id": "1", "path": "/on-bread/", "title": "On bread", "isReadonly": False}],
            "commenters": [{"id": "p", "email": "per@example.org", "name": "Per"}],
            "comments": [
                {"id": "a", "parentId": None, "pageId": "1", "markdown": "*One*", "userCreated": "p", "isApproved": True,
                 "createdTime": "2019-01-02T03:04:05Z"},
                {"id": "b", "parentId": "a", "pageId": "1", "markdown": "Two", "userCreated": "x", "isPending": True,
                 "createdTime": "2019-01-02T03:04:06Z"},
            ],
        },
    ],
    ids=["Commento", "Comentario"],
)  # fmt: skip
def test_commento_comments_come_in_both_versions(tmp_path, export):
    here = make_post(slug="on-bread")
    run(written(tmp_path / "export.json", export))
    assert outline(here) == [(0, "Per", "*One*"), (1, "A guest", "Two")]
    assert list(Comment.objects.order_by("created_at").values_list("status", "guest_email")) == [
        ("public", "per@example.org"),
        ("held", ""),
    ]


def test_addresses_that_are_none_stop_no_import(tmp_path):
    bad = '<a href="http://[x" class="p-canonical">Canonical link</a>'
    page = f'<h1 class="p-name">On bread</h1><section data-field="body" class="e-content"><h3 class="graf--title">On bread</h3><p>Flour.</p></section>{bad}'
    zipped(tmp_path / "medium.zip", {"posts/2012-04-25_On-bread-0123456789ab.html": page})
    run(tmp_path / "medium.zip")
    feed = FEED % ("", new_entry(10, "POST", more="<blogger:filename>http://[</blogger:filename>"))
    (tmp_path / "feed.atom").write_text(feed)
    run(tmp_path / "feed.atom")
    assert Post.objects.filter(title="On bread").count() == 2


def test_odd_exports_of_comments_are_read(tmp_path):
    """A character before the first tag, rows without a page, form-encoded titles, pages without a title."""
    (tmp_path / "disqus.xml").write_text(
        """`
<?xml version="1.0" encoding="utf-8"?><disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<thread dsq:id="1"><id/><forum>f</forum><link>http://a.example/2013/on-bread/index.html</link><title></title></thread>
<post dsq:id="2"><message>Rye</message><author><name>Per</name></author><thread dsq:id="1"/></post></disqus>"""
    )
    line = {
        "id": "a",
        "text": "Rye",
        "user": {"name": "Per"},
        "locator": {"site": "s", "url": "https://a.example"},
    }
    (tmp_path / "remark.json").write_text(
        "\n".join(map(json.dumps, [{"version": 1, "users": [], "posts": []}, line | {"score": 0}, {}]))
    )
    thread = {
        "id": "/posts/7",
        "title": "Nat+%26+Miguel",
        "comments": [{"id": 1, "author": "Per", "text": "Rye", "created": 1}],
    }
    (tmp_path / "isso.json").write_text(json.dumps([thread]))
    said = [run(tmp_path / name) for name in ("disqus.xml", "remark.json", "isso.json")]
    assert "Left out: comments that don’t name a post: 1." in said[1]
    assert list(Post.objects.order_by("pk").values_list("title", "slug")) == [
        ("http://a.example/2013/on-bread/index.html", "2013-on-bread"),
        ("https://a.example", "a-example"),
        ("Nat & Miguel", "nat-miguel"),
    ]
