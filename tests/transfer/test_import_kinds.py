"""Special content in exports: cards, links between files, emoticons, deleted and hidden items."""

import json

import pytest

from comments.models import Comment
from posts.models import Post
from tests.factories import make_host
from tests.transfer.blogs import DISQUS, picture, remark, run, thread, written, zipped

pytestmark = [pytest.mark.sql, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def host(db):
    return make_host("ida")


# --- Ghost ---------------------------------------------------------------------


def ghost(path, *nodes: dict[str, object]) -> str:
    """Return the imported body of a post written in Ghost's editor."""
    post = {
        "id": "1", "title": "On bread", "slug": "on-bread", "status": "published", "published_at": "2024-01-01T00:00:00.000Z",
        "lexical": json.dumps({"root": {"type": "root", "children": list(nodes)}}),
    }  # fmt: skip
    exported = {"db": [{"meta": {"exported_on": 1, "version": "5.80.0"}, "data": {"posts": [post]}}]}
    run(written(path / "ghost.json", exported), address="https://ida.example.org")
    return Post.objects.get().body


def words(text: str) -> dict[str, str]:
    return {"type": "extended-text", "text": text}


def test_lists_inside_lists_of_ghost_belong_to_the_point_above(tmp_path):
    inside = {"type": "list", "listType": "number", "children": [{"type": "listitem", "children": [words("rye")]}]}  # fmt: skip
    points = [[words("Flour")], [inside], [words("Water")]]
    body = ghost(
        tmp_path,
        {
            "type": "list",
            "listType": "bullet",
            "children": [{"type": "listitem", "children": point} for point in points],
        },
    )
    assert body == "<ul><li>Flour<ol><li>rye</li></ol></li><li>Water</li></ul>"


@pytest.mark.parametrize(
    ("card", "body"),
    [
        (
            {"type": "callout", "calloutEmoji": "💡", "calloutText": "<p>Knead</p>"},
            "<blockquote><p>💡</p>\n<p>Knead</p>\n</blockquote>",
        ),
        (
            {
                "type": "header",
                "header": "Bread",
                "buttonEnabled": True,
                "buttonText": "Buy",
                "buttonUrl": "https://x.example/",
            },
            '<h3>Bread</h3><p><a href="https://x.example/" rel="noopener">Buy</a></p>',
        ),
        (
            {
                "type": "product",
                "productTitle": "Loaf",
                "productButtonEnabled": True,
                "productButton": "Buy",
                "productUrl": "https://x.example/",
            },
            '<h3>Loaf</h3><p><a href="https://x.example/" rel="noopener">Buy</a></p>',
        ),
        (
            {
                "type": "before-after",
                "beforeImage": {"src": "https://x.example/a.jpg", "alt": "Dough"},
                "afterImage": {"src": "https://x.example/b.jpg", "alt": "Loaf"},
                "caption": "An hour",
            },
            '<p><a href="https://x.example/a.jpg" rel="noopener">Dough</a></p>'
            '<p><a href="https://x.example/b.jpg" rel="noopener">Loaf</a></p><p>An hour</p>',
        ),
    ],
)
def test_ghost_cards_keep_their_emoji_buttons_and_pictures(tmp_path, card, body):
    assert ghost(tmp_path, card).replace("</p>\n", "</p>").replace("<figure>", "<p>").replace(
        "</figure>", "</p>"
    ).strip() == body.replace("</p>\n", "</p>")


# --- Substack ------------------------------------------------------------------


def test_notes_and_cards_of_posts_are_read_in_both_forms(tmp_path):
    card = "{&quot;url&quot;: &quot;https://x.example/p/rye&quot;, &quot;title&quot;: &quot;On rye&quot;}"
    text = (
        '<p>Flour<a class="footnote-anchor" id="footnote-anchor-1" href="#footnote-1">1</a></p>'
        f'<div class="embedded-post-wrap"\n data-attrs="{card}"><a class="embedded-post" href="https://x.example/p/rye?utm_source=x">'
        '<div class="embedded-post-title">On rye</div><div class="embedded-post-meta">8 likes</div></a></div>'
        '<div class="footnote" id="footnote-1"><a href="#footnote-anchor-1" class="footnote-number">1</a>'
        '<div class="footnote-content"><p>Rye</p></div></div>'
    )
    table = "post_id,post_date,is_published,type,audience,title\n1.bread,2022-01-01T00:00:00Z,true,newsletter,everyone,Bread\n"
    zipped(tmp_path / "site.zip", {"posts.csv": table, "posts/1.bread.html": text})
    run(tmp_path / "site.zip")
    assert Post.objects.get().body.replace("\n", "") == (
        '<p>Flour<sup class="fnref" id="fnref-1"><a href="#fn-1" rel="noopener">1</a></sup></p>'
        '<p><a href="https://x.example/p/rye" rel="noopener">On rye</a></p>'
        '<section class="footnotes"><ol><li id="fn-1">Rye<br><a href="#fnref-1" rel="noopener">↩</a></li></ol></section>'
    )


# --- comment systems -----------------------------------------------------------


def test_smileys_become_emoji_and_times_stay_times(tmp_path):
    rows = [
        {"id": "a", "text": "<p>Nice 😄 <em>one</em></p>", "orig": "Nice :smile: *one*"},
        {"id": "b", "text": "<p>at 10:30:15 :none:</p>", "orig": "at 10:30:15 :none:"},
    ]
    place = {
        "user": {"name": "Per"},
        "locator": {"site": "ida", "url": "https://ida.example.org/bread/"},
        "score": 0,
    }
    lines = [json.dumps(row | place | {"time": "2020-12-20T15:18:22-06:00"}) for row in rows]
    (tmp_path / "remark.json").write_text("\n".join(lines))
    run(tmp_path / "remark.json")
    assert list(Comment.objects.order_by("pk").values_list("body", flat=True)) == [
        "Nice 😄 *one*",
        "at 10:30:15 :none:",
    ]


def test_comments_of_a_discussion_that_was_deleted_stay_deleted(tmp_path):
    gone = thread("12", "https://ida.example.org/gone/").replace("<isDeleted>false", "<isDeleted>true")
    (tmp_path / "disqus.xml").write_text(
        DISQUS % (thread("11") + gone + remark("1", "Stays") + remark("2", "Gone", under="12"))
    )
    said = run(tmp_path / "disqus.xml")
    assert "Left out: comments of deleted discussions: 1." in said
    assert list(Comment.objects.values_list("body", flat=True)) == ["Stays"]
    assert Post.objects.count() == 1


# --- Markdown ------------------------------------------------------------------


def test_links_between_files_lead_to_the_posts_under_the_names_that_these_have_here(tmp_path):
    zipped(
        tmp_path / "site.zip",
        {
            "hugo.toml": 'baseURL = "https://ida.example.org/"\n',
            "content/posts/rye.md": "---\ntitle: Rye\ndate: 2020-01-02\nslug: on-rye\n---\nRye.\n",
            "content/posts/oats/index.md": "---\ntitle: Oats\ndate: 2020-01-02\n---\nOats.\n",
            "content/about.md": "---\ntitle: About\nslug: about-me\n---\nMe.\n",
            "content/posts/bread.md": (
                '---\ntitle: Bread\ndate: 2020-01-03\n---\n[a]({{< ref "rye.md" >}}) [b]({{< relref "posts/rye#part" >}}) '
                '[c]({{< ref path="/posts/rye.md" lang="en" >}}) [d](rye.md) [e](./oats/index.md#x) [f]({{< relref "/about" >}}) '
                '[g]({{< ref "gone.md" >}}) [h](https://x.example/rye.md) `[i](rye.md)`\n'
            ),
        },
    )
    said = run(tmp_path / "site.zip")
    here = '<a href="/posts/on-rye/" rel="noopener">%s</a>'
    assert Post.objects.get(slug="bread").body == (
        f"<p>{here % 'a'} {here % 'b'} {here % 'c'} {here % 'd'} "
        '<a href="/posts/oats/" rel="noopener">e</a> <a href="https://ida.example.org/about-me/" rel="noopener">f</a> '
        'g <a href="https://x.example/rye.md" rel="noopener">h</a> <code>[i](rye.md)</code></p>'
    )
    assert "A link to a page that is not in the export is left out; its text is kept: “Bread”." in said


def test_jekyll_links_to_posts_of_another_name_and_to_files(tmp_path):
    zipped(
        tmp_path / "site.zip",
        {
            "_config.yml": "url: https://ida.example.org\n",
            "_posts/2012-04-25-rye.md": "---\ntitle: Rye\nslug: on-rye\n---\nRye.\n",
            "_posts/2012-04-26-bread.md": (
                "---\ntitle: Bread\n---\n[a]({% post_url 2012-04-25-rye %}) [b]({% link _posts/2012-04-25-rye.md %}) "
                '[c]({% link assets/list.pdf %})\n\n{% include youtube.html id="dQw4w9WgXcQ" %}\n'
            ),
        },
    )
    run(tmp_path / "site.zip")
    body = Post.objects.get(slug="bread").body
    assert body.startswith(
        '<p><a href="/posts/on-rye/" rel="noopener">a</a> <a href="/posts/on-rye/" rel="noopener">b</a> '
        '<a href="https://ida.example.org/assets/list.pdf" rel="noopener">c</a></p>'
    )
    assert 'data-video="youtube:dQw4w9WgXcQ"' in body


def test_what_was_hidden_in_a_comment_stays_hidden_but_code_that_shows_one_is_kept(tmp_path):
    zipped(
        tmp_path / "site.zip",
        {
            "_posts/2012-04-26-bread.md": (
                "---\ntitle: Bread\n---\nFlour.\n{% comment %}\nMy `secret` 1\n{% endcomment %}\n{%- comment -%}secret 2{%- endcomment -%}\n"
                "{% raw %}{% comment %}shown{% endcomment %}{% endraw %}\n\n```liquid\n{% comment %}x{% endcomment %}\n```\n"
            ),
        },
    )
    run(tmp_path / "site.zip")
    assert Post.objects.get().body == (
        "<p>Flour.</p>\n<p>{% comment %}shown{% endcomment %}</p>\n"
        '<pre><code class="language-liquid">{% comment %}x{% endcomment %}\n</code></pre>'
    )


def test_what_site_programs_add_to_markdown_is_said_in_plain_text(tmp_path):
    zipped(
        tmp_path / "site.zip",
        {
            "_posts/2012-04-26-bread.md": (
                "---\ntitle: Bread\n---\n## Dough {#dough}\n\n> [!NOTE]\n> Wait.\n\n- [ ] knead\n- [x] wait\n\n`{#kept}` and [x] y\n"
            ),
            "a.jpg": picture(),
        },
    )
    run(tmp_path / "site.zip")
    assert Post.objects.get().body == (
        "<h2>Dough</h2><blockquote><p><strong>Note</strong><br>Wait.</p>\n</blockquote>"
        "<ul><li>☐ knead</li><li>☑ wait</li></ul><p><code>{#kept}</code> and [x] y</p>"
    )
