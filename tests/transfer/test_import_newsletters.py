"""Ghost, Substack, Medium and others: elements of their editors, metadata, and restricted posts."""

import json
from html import escape
from typing import Any

import pytest

from posts.models import Post
from tests.factories import make_host
from tests.transfer.blogs import run, written, zipped

pytestmark = [pytest.mark.sql, pytest.mark.django_db]
A = '<a href="%s" rel="noopener">%s</a>'
TWEET = "https://twitter.com/per/status/1"


@pytest.fixture(autouse=True)
def host(db):
    return make_host("ida")


def test_ghost_editor_cards_lose_neither_characters_nor_quotations(tmp_path):
    def point(words: str, **more: bool) -> dict[str, Any]:
        return {"type": "listitem", "children": [{"type": "text", "text": words, "format": 128}], **more}

    parts = [
        {
            "type": "list",
            "listType": "check",
            "children": [point("Rye", checked=True), point("Salt", checked=False)],
        },
        {"type": "list", "listType": "number", "start": 3, "children": [point("Flour")]},
        {
            "type": "embed",
            "url": TWEET,
            "html": '<blockquote class="twitter-tweet"><p>Bread!</p></blockquote>',
        },
    ]
    row = {"id": "1", "title": "On bread", "slug": "on-bread", "status": "published", "published_at": "2024-01-02T10:00:00Z",
           "lexical": json.dumps({"root": {"children": parts}})}  # fmt: skip
    meta = {"post_id": "1", "feature_image_caption": "A loaf"}
    data = {"posts": [row], "posts_meta": [meta], "users": [], "settings": []}
    said = run(written(tmp_path / "ghost.json", {"db": [{"meta": {}, "data": data}]}))
    assert Post.objects.get().body == (
        "<ul><li>☑ <strong>Rye</strong></li><li>☐ <strong>Salt</strong></li></ul>"
        '<ol start="3"><li><strong>Flour</strong></li></ol>'
        f"<blockquote><p>Bread!</p>\n</blockquote><p>{A % (TWEET, TWEET)}</p>"
    )
    assert "Captions of cover pictures are left out: “On bread”." in said


def substack(tmp_path, rows: str, **texts: str) -> list[str]:
    head = "post_id,post_date,is_published,type,audience,title\n"
    return run(
        zipped(
            tmp_path / "substack.zip",
            {"posts.csv": head + rows, **{f"posts/{name}.html": text for name, text in texts.items()}},
        )
    )


def test_substack_embeds_keep_their_text_and_link(tmp_path):
    def part(look: str, **values: str) -> str:
        return f'<div class="{look}" data-attrs="{escape(json.dumps(values))}"></div>'

    parts = [
        part("tweet", url=TWEET, full_text="Bread & salt!"),
        part("instagram", instagram_id="Rye1", title="A loaf"),
        part("bluesky-wrap outer", postId="3k", authorHandle="per.example", text="Rye."),
        part("embedded-publication-wrap", name="Crumbs", base_url="https://crumbs.example"),
        part("button", url="%%checkout_url%%", text="Subscribe"),
        '<div class="pullquote"><p>Bake.</p></div><div class="callout-block" data-callout="true"><p>Now.</p></div>',
    ]
    said = substack(
        tmp_path,
        "1.on-bread,2024-01-01,true,newsletter,everyone,On bread\n",
        **{"1.on-bread": "".join(parts)},
    )
    sky = "https://bsky.app/profile/per.example/post/3k"
    assert Post.objects.get().body == (
        f"<blockquote><p>Bread &amp; salt!</p>\n</blockquote><p>{A % (TWEET, TWEET)}</p>\n"
        f"<p>{A % ('https://www.instagram.com/p/Rye1/', 'A loaf')}</p>\n"
        f"<blockquote><p>Rye.</p>\n</blockquote><p>{A % (sky, sky)}</p>\n"
        f"<p>{A % ('https://crumbs.example', 'Crumbs')}</p>\n"
        "<blockquote><p>Bake.</p>\n</blockquote><blockquote><p>Now.</p>\n</blockquote>"
    )
    assert "A part without text or address is left out (button): “On bread”." in said


def test_what_substack_sent_by_email_alone_becomes_a_draft(tmp_path):
    said = substack(
        tmp_path, "1.x,2024-01-01,true,adhoc_email,everyone,For you\n", **{"1.x": "<p>Only by mail.</p>"}
    )
    assert "An email-only post becomes a draft: “For you”." in said
    assert Post.objects.get().published_at is None


def test_a_short_story_of_medium_without_a_title_is_no_reply(tmp_path):
    story = (
        '<h1 class="p-name">%s</h1><section data-field="body" class="e-content"><p>Rye bread.</p></section>'
    )
    said = run(
        zipped(
            tmp_path / "medium.zip",
            {
                "posts/2021-01-01_a-0123456789ab.html": story % "",
                "posts/2021-01-01_b-1123456789ab.html": story % "Rye…",
            },
        )
    )
    assert "Left out: replies to stories of others: 1." in said
    assert Post.objects.get().body == "<p>Rye bread.</p>"


def test_a_recording_of_blogger_is_a_link_below_the_text(tmp_path):
    (tmp_path / "blog.xml").write_text(
        "<feed xmlns='http://www.w3.org/2005/Atom'><id>tag:blogger.com,1999:blog-1.archive</id><entry><id>tag:blogger.com,1999:blog-1.post-10</id>"
        "<published>2011-01-01T10:00:00Z</published><category scheme='http://schemas.google.com/g/2005#kind' term='x#post'/>"
        "<title>On bread</title><content type='html'>Rye.</content><link rel='enclosure' href='https://x.example/a.mp3'/></entry></feed>"
    )
    run(tmp_path / "blog.xml")
    assert Post.objects.get().body == f"<p>Rye.</p>\n<p>{A % ('https://x.example/a.mp3', 'Recording')}</p>"


def test_texts_beside_markdown_that_are_written_otherwise_are_said(tmp_path):
    page = "---\ntitle: On bread\ndate: 2012-04-25\n---\nRye."
    said = run(zipped(tmp_path / "site.zip", {"content/posts/a.md": page, "content/posts/b.org": "* Salt"}))
    assert "Left out: texts that are not Markdown (.adoc, .org, .rst and others): 1." in said
    assert Post.objects.get().title == "On bread"


def test_what_a_markdown_site_holds_is_taken_or_said(tmp_path):
    page = "---\ntitle: %s\ndate: 2012-04-25\n%s---\n%s"
    head = "series: [Slow bread]\ntags: [rye]\nauthors: [Ida, Per]\nsubtitle: In short\n"
    files = {
        "hugo.toml": "baseURL = 'https://ida.example.org/'",
        "content/posts/a.md": page
        % ("On bread", head, "![Loaf](loaf.jpg) ![Elsewhere](https://x.example/b.jpg)"),
        "content/public/b.md": page % ("On salt", "", "Salt."),
        "themes/plain/archetypes/default.md": page % ("Default", "draft: true\n", ""),
        "themes/plain/README.md": "A theme.",
        "data/comments/a/entry1.yml": "name: Per\nmessage: Hello",
    }
    said = run(zipped(tmp_path / "site.zip", files))
    bread, salt = Post.objects.order_by("title")
    assert sorted(tag.name for tag in bread.tags.all()) == ["Slow bread", "rye"]
    assert (bread.summary, salt.title) == ("In short", "On salt")
    assert said[1:] == [
        "A file stays on the old site, and the text links to it there: “On bread”.",
        "A picture on another site becomes a link: “On bread”.",
        "Only the first of several authors is kept: “On bread”.",
        "Left out: comments in files of their own (Staticman): 1.",
        "Left out: files of themes and layouts: 1.",
        "2 posts imported.",
    ]
