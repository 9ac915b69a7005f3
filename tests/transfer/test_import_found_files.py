"""Peculiarities found in publicly available exports, each with a small input of our own."""

import json

import pytest

from comments.models import Comment
from posts.models import OldAddress, Post
from tests.factories import make_host, make_post
from tests.transfer.blogs import DISQUS, remark, run, thread
from tests.transfer.wxr import author, comment, post, wxr
from transfer.imports.readers.blogger import _html as blogger_html
from transfer.imports.shortcodes import plain_markdown
from transfer.imports.texts import comment_markdown, post_html
from transfer.wordpress.blocks import to_post_html

A = '<a href="%s" rel="noopener">%s</a>'


def as_post(text: str, form: str = "html") -> str:
    return post_html(text, form, "https://ida.example.org/", lambda _address, _alt: "").text


def link(address: str) -> str:
    return A % (address, address)


# --- text fragments, without the database


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (  # as Medium writes it, without any text
            '<figure><blockquote class="twitter-tweet"><a href="https://x.example/1"></a></blockquote></figure>',
            f"<figure>{link('https://x.example/1')}</figure>",
        ),
        (
            '<blockquote class="instagram-media" data-instgrm-permalink="https://i.example/p/1/"></blockquote>',
            f"<p>{link('https://i.example/p/1/')}</p>",
        ),
        (
            '<blockquote class="tiktok-embed" cite="https://t.example/1"><section></section></blockquote>',
            f"<p>{link('https://t.example/1')}</p>",
        ),
        (
            '<div class="fb-post" data-href="https://f.example/1"></div>',
            f"<p>{link('https://f.example/1')}</p>",
        ),
        (
            '<blockquote class="twitter-tweet"><p>Rye.</p><a href="https://x.example/1">May 1</a></blockquote>',
            f"<blockquote><p>Rye.</p>\n<p>{A % ('https://x.example/1', 'May 1')}</p>\n</blockquote>",
        ),
        (
            '<blockquote><a href="https://x.example/1"></a>Rye.</blockquote>',
            "<blockquote><p>Rye.</p>\n</blockquote>",
        ),
        ('<p>Rye <img class="wp-smiley" src="s.gif" alt=":-)"> bread</p>', "<p>Rye :-) bread</p>"),
        (
            "<dl><dt>Rye</dt><dd>Dark.</dd><dd>Or not.<dt>Salt<dd>White.</dl><p>End</p>",
            "<p><strong>Rye</strong></p>\n<p>Dark.</p>\n<p>Or not.</p>\n<p><strong>Salt</strong></p>\n<p>White.</p>\n<p>End</p>",
        ),
        ("<p>A <mark>marked</mark> one</p>", "<p>A <strong>marked</strong> one</p>"),
    ],
)
def test_what_a_script_would_have_filled_and_what_a_sign_shows_is_said(written, expected):
    assert as_post(written) == to_post_html(f"<!-- wp:html -->{written}").text == expected


NOTES = (
    '<p>Rye<sup class="fnref" id="fnref-1"><a href="#fn-1" rel="noopener">1</a></sup>.</p>\n'
    '<section class="footnotes"><ol><li id="fn-1">Dark. <a href="#fnref-1" rel="noopener">↩</a></li></ol></section>'
)


@pytest.mark.parametrize(
    "written",
    [
        '<p>Rye<sup class="footnote-ref"><a href="#fn1" id="fnref1">[1]</a></sup>.</p><hr class="footnotes-sep"><section class="footnotes">'
        '<ol class="footnotes-list"><li id="fn1" class="footnote-item"><p>Dark. <a href="#fnref1" class="footnote-backref">↩︎</a></p></li></ol></section>',
        '<p>Rye<sup id="fnref:bread" role="doc-noteref"><a href="#fn:bread" class="footnote" rel="footnote">1</a></sup>.</p><div class="footnotes" role="doc-endnotes">'
        '<ol><li id="fn:bread" role="doc-endnote"><p>Dark. <a href="#fnref:bread" class="reversefootnote">&#8617;</a></p></li></ol></div>',
        '<p>Rye<sup id="fnref-18-1"><a href="#fn-18-1" rel="footnote">1</a></sup>.</p><div class="footnotes"><hr /><ol>'
        '<li id="fn-18-1">Dark.&#160;<a href="#fnref-18-1" rev="footnote">&#8617;</a></li></ol></div>',
        NOTES,
    ],
    ids=["markdown-it", "kramdown", "Markdown Extra", "ours"],
)
def test_footnotes_in_the_html_of_others_are_footnotes_here(written):
    assert as_post(written) == to_post_html(f"<!-- wp:html -->{written}").text == NOTES


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (  # the text before the first note
            '<p>Rye</p><div class="footnotes"><ol><li>Of 2010.</li><li id="fn1">Dark.</li></ol></div>',
            "<p>Rye</p>\n<ol><li>Of 2010.</li><li>Dark.</li></ol>",
        ),
        (  # a link in a sentence
            '<p>Rye, <a href="#fn1">see below</a>, <a href="#fn1">см. ниже</a><a href="#fn1">[1:1]</a></p>'
            '<div class="footnotes"><ol><li id="fn1">Dark.</li></ol></div>',
            '<p>Rye, see below, см. ниже<sup class="fnref" id="fnref-1"><a href="#fn-1" rel="noopener">1</a></sup></p>\n'
            '<section class="footnotes"><ol><li id="fn-1">Dark. <a href="#fnref-1" rel="noopener">↩</a></li></ol></section>',
        ),
    ],
)
def test_no_text_beside_footnotes_is_lost(written, expected):
    assert as_post(written) == expected


def test_lists_of_definitions_and_marked_words_in_markdown_are_read_and_code_is_left():
    written = "Rye\n: Dark,\n  sour.\n: Or not.\n\nA ==marked== one, x == y == z, `==code==`.\n\n    Salt\n    : Code.\n"
    assert as_post(plain_markdown(written, lambda text: text), "markdown") == (
        "<p><strong>Rye</strong></p>\n<p>Dark, sour.</p>\n<p>Or not.</p>\n"
        "<p>A <strong>marked</strong> one, x == y == z, <code>==code==</code>.</p>\n<pre>Salt\n: Code.\n</pre>"
    )


def test_indented_code_keeps_its_characters_and_an_indented_list_item_is_an_item():
    written = (
        "A ==marked== word.\n\n    x ==y== z\n    - [x] no point\n\n- [ ] one\n    - [x] two ==marked==\n\n"
        "> And:\n>\n>     ==code==\n\n```\n==code==\n    ==code==\n```\n\nEnd ==marked==.\n"
    )
    assert plain_markdown(written, lambda text: text) == (
        "A **marked** word.\n\n    x ==y== z\n    - [x] no point\n\n- ☐ one\n    - ☑ two **marked**\n\n"
        "> And:\n>\n>     ==code==\n\n```\n==code==\n    ==code==\n```\n\nEnd **marked**.\n"
    )


def test_footnotes_of_several_lines_are_whole():
    written = "Rye[^1] and salt[^2].\n\n[^1]: Dark,\n    sour.\n\n    Or not.\n[^2]: White.\n\nEnd.\n"
    shown = as_post(plain_markdown(written, lambda text: text), "markdown")
    assert '<li id="fn-1">Dark, sour. Or not. <a href="#fnref-1"' in shown
    assert '<li id="fn-2">White. <a href="#fnref-2"' in shown
    assert (shown.count("sour"), "<pre>" in shown, "<p>End.</p>" in shown) == (1, False, True)


@pytest.mark.parametrize(
    "written",
    [
        "Rye.\n\n```markdown\n[^1]: Dark,\n    sour.\n\n    Or not.\n```\n",
        "One[^1].\n\n[^1]: Two:\n\n    - first\n    - second\n",
    ],
)
def test_a_footnote_in_code_and_one_with_a_list_stay_as_they_are(written):
    assert plain_markdown(written, lambda text: text) == written


def test_a_sign_in_a_comment_is_a_sign_and_no_link():
    said = comment_markdown(
        'Rye <img class="wlEmoticon wlEmoticon-smile" alt="Smile" src="https://x.example/s.png">', "html", ""
    )
    assert (said.text, said.losses) == ("Rye Smile", set())


def test_a_small_picture_of_blogger_leads_to_the_whole_one_whatever_they_are_called():
    host = "https://lh3.googleusercontent.com/-7/V0/AA/8"
    small = f'<a href="{host}/s1600-h/loaf%25255B10%25255D.jpg"><img title="T" src="{host}/loaf_thumb%25255B8%25255D.jpg?imgmax=800"></a>'
    other = '<a href="https://a.example/s1600/loaf.jpg"><img src="https://b.example/other.jpg"></a>'
    assert (
        blogger_html(small + other) == f'<img title="T" src="{host}/s1600/loaf%25255B10%25255D.jpg">{other}'
    )


# --- complete files


@pytest.mark.django_db
def test_wordpress_says_that_further_authors_are_left_out_and_brings_recordings_and_addresses_without_a_host(
    tmp_path,
):
    several = "".join(
        f'<category domain="author" nicename="{name}">{name}</category>'
        for name in ("cap-idaexample-org", "per")
    )
    alone = '<category domain="author" nicename="idaexample-org">Ida</category>'
    sound = "https://m.example/a.mp3\n2116\naudio/mpeg\na:1:{}"
    meta = f"<wp:postmeta><wp:meta_key>enclosure</wp:meta_key><wp:meta_value>{sound}</wp:meta_value></wp:postmeta>"
    path = wxr(
        tmp_path / "export.xml",
        author(login="ida@example.org"),
        post(10, tags=several, creator="ida@example.org", link="/blog/on-bread.html"),
        post(11, tags=alone + meta, creator="ida@example.org", post_name="two"),
        post(
            12,
            tags=meta,
            post_name="three",
            content='<a href="https://m.example/a.mp3">Hear</a>',
            creator="ida@example.org",
        ),
    )
    make_host()
    said = run(path)
    assert said[1:-2] == ["Only the first of several authors is kept: post 10."]
    assert dict(Post.objects.values_list("slug", "body")) == {
        "on-bread": "<p>Flour and water.</p>",
        "two": f"<p>Flour and water.</p>\n<p>{A % ('https://m.example/a.mp3', 'Recording')}</p>",
        "three": f"<p>{A % ('https://m.example/a.mp3', 'Hear')}</p>",
    }
    assert set(OldAddress.objects.filter(post__slug="on-bread").values_list("key", flat=True)) == {
        "?p=10",
        "blog/on-bread.html",
    }


@pytest.mark.django_db
def test_an_address_that_is_none_is_no_old_address(tmp_path):
    make_host()
    run(wxr(tmp_path / "export.xml", post(10, link="//[on-bread", post_name="on-bread")))
    keys = OldAddress.objects.filter(post__slug="on-bread").values_list("key", flat=True)
    assert set(keys) == {"?p=10"}


@pytest.mark.django_db
def test_disqus_finds_a_post_of_wordpress_by_the_number_that_its_plugin_wrote_down(tmp_path):
    make_host()
    run(wxr(tmp_path / "export.xml", post(198, title="Bread", post_name="bread")))
    named = thread("11", link="https://ida.example.org/2009/once-called-so/").replace(
        "<id>11</id>", "<id>198 https://ida.example.org/?p=198</id>"
    )
    (tmp_path / "disqus.xml").write_text(DISQUS % (named + remark("21", "Rye.")))
    said = run(tmp_path / "disqus.xml")
    assert said[-1] == "1 comment by 1 guest imported; 1 post was already here."
    assert Comment.objects.get().post.slug == "bread"


@pytest.mark.django_db
def test_pages_of_two_sites_in_one_account_of_disqus_are_one_only_where_they_are_called_the_same(tmp_path):
    make_host()
    pages = [
        ("11", "https://old.example.org/", "Welcome"),
        ("12", "https://shop.example.org/", "Welcome"),
        ("13", "https://old.example.org/about/", "About bread"),
        ("14", "https://shop.example.org/about/", "About the shop"),
        ("15", "https://new.example.org/about", "About bread"),
    ]
    threads = "".join(thread(key, link=link, title=title) for key, link, title in pages)
    remarks = "".join(
        remark(str(number), f"Under {key}.", under=key)
        for number, (key, _link, _title) in enumerate(pages, 21)
    )
    (tmp_path / "disqus.xml").write_text(DISQUS % (threads + remarks))
    run(tmp_path / "disqus.xml")
    found = Comment.objects.order_by("pk").values_list("post__source_key", "body")
    assert sorted((key.rpartition(":")[2], body) for key, body in found) == [
        ("11", "Under 11."),
        ("12", "Under 12."),
        ("13", "Under 13."),
        ("13", "Under 15."),
        ("14", "Under 14."),
    ]


@pytest.mark.django_db
def test_what_remark42_once_took_from_commento_is_at_the_top(tmp_path):
    make_host()
    make_post(slug="on-bread")
    rows = [
        {"version": 1, "users": [], "posts": []},
        {"id": "b", "pid": "a", "text": "Two", "user": {"name": "Per"}, "locator": {"site": "s", "url": "https://a.example/on-bread"}, "score": 0, "time": "2021-03-12T11:21:57Z"},
        {"id": "a", "pid": "root", "text": "One", "user": {"name": "Per"}, "locator": {"site": "s", "url": "https://a.example/on-bread"}, "score": 0, "time": "2021-03-12T11:21:56Z"},
    ]  # fmt: skip
    (tmp_path / "backup.json").write_text("\n".join(map(json.dumps, rows)))
    assert run(tmp_path / "backup.json")[1:] == ["2 comments by 1 guest imported; 1 post was already here."]
    assert list(Comment.objects.order_by("tree_id", "lft").values_list("level", "body")) == [
        (0, "One"),
        (1, "Two"),
    ]


@pytest.mark.django_db
def test_two_authors_with_one_address_are_one_member(tmp_path):
    """As on blogs that are many years old: "admin", and the name that its owner used later."""
    make_host()
    path = wxr(
        tmp_path / "export.xml",
        author(2, "ashish", "ida@example.org", "Ida"),
        author(1, "admin", "ida@example.org", "Ida"),
        post(10, creator="ashish"),
        post(
            11,
            comment(1, comment_user_id=1, comment_author_email="ida@example.org"),
            creator="admin",
            post_name="two",
        ),
    )
    run(path)
    assert set(Post.objects.values_list("author__username", flat=True)) == {"ashish"}
    assert Comment.objects.get().author == Post.objects.first().author


@pytest.mark.django_db
def test_two_pages_that_end_alike_are_two_in_the_dry_run_and_in_the_import(tmp_path):
    make_host()
    threads = thread("11", link="https://ida.example.org/en/about/", title="About") + thread(
        "12", link="https://ida.example.org/fr/about/", title="About"
    )
    threads = threads.replace("<id>11</id>", "<id/>").replace("<id>12</id>", "<id/>")
    (tmp_path / "disqus.xml").write_text(
        DISQUS % (threads + remark("21", "Rye.") + remark("22", "Seigle.", under="12"))
    )
    said = [
        run(tmp_path / "disqus.xml", dry_run=True)[-1],
        run(tmp_path / "disqus.xml")[-1],
        run(tmp_path / "disqus.xml")[-1],
    ]
    assert said == [
        "2 posts and 2 comments by 1 guest would be imported, 2 of the posts as drafts.",
        "2 posts and 2 comments by 1 guest imported, 2 of the posts as drafts.",
        "Nothing new: 2 posts and 2 comments were already here.",
    ]
    assert list(Comment.objects.order_by("pk").values_list("post__slug", "body")) == [
        ("about", "Rye."),
        ("about-2", "Seigle."),
    ]


@pytest.mark.django_db
def test_ghost_without_the_address_of_its_site_says_what_would_bring_the_pictures(tmp_path):
    make_host()
    row = {
        "id": 3,
        "title": "On bread",
        "html": '<p>Rye</p><p><img src="/content/images/2016/08/rye.png" alt=""></p><script src="http://gist.github.com/38240.js"> </script>',
        "author_id": 7,
        "status": "published",
        "published_at": "2015-08-23 18:59:46",
    }
    data = {"posts": [row], "users": [{"id": 1, "name": "Ida"}], "tags": [], "posts_tags": []}
    (tmp_path / "ghost.json").write_text(
        json.dumps({"db": [{"meta": {"exported_on": 1, "version": "006"}, "data": data}]})
    )
    said = run(tmp_path / "ghost.json", dry_run=True)
    assert said[1:] == [
        "A picture is left out, as the old site isn’t known (fill in “Address of the old site”): “On bread”.",
        "1 post would be imported.",
    ]
    run(tmp_path / "ghost.json", address="https://ida.example.org")
    pictures = "https://ida.example.org/content/images/2016/08/rye.png"
    assert (
        Post.objects.get().body
        == f"<p>Rye</p>\n<p>{link(pictures)}</p>\n<p>{link('http://gist.github.com/38240')}</p>"
    )


@pytest.mark.django_db
def test_wordpress_parts_that_several_posts_show_come_with_each_of_them(tmp_path):
    make_host()
    block = "<!-- wp:paragraph --><p>%s</p><!-- /wp:paragraph -->"
    shown = block % "Mine." + '<!-- wp:block {"ref":%s,"content":{"a":{"b":"c"}}} /-->'
    wxr(
        tmp_path / "blog.xml",
        author(),
        post(10, content=shown % 98, post_name="one"),
        post(11, content=shown % 97, post_name="two"),
        post(98, content=block % "Flour." + '<!-- wp:block {"ref":99} /-->', post_type="wp_block"),
        post(99, content=block % "Water." + '<!-- wp:block {"ref":98} /-->', post_type="wp_block"),
    )
    said = run(tmp_path / "blog.xml")
    bodies = dict(Post.objects.values_list("slug", "body"))
    assert [bodies["one"].split("</p>")[:3], bodies["two"]] == [
        ["<p>Mine.", "\n<p>Flour.", "\n<p>Water."],
        "<p>Mine.</p>",
    ]
    assert "The dynamic block block is left out: post 10, post 11." in said
    assert not [line for line in said if "wp_block" in line]


@pytest.mark.django_db
def test_wordpress_says_which_taxonomies_are_left_out_and_when_a_post_was_changed(tmp_path):
    make_host()
    sorted_in = "".join(
        f'<category domain="{name}" nicename="x"><![CDATA[X]]></category>'
        for name in ("post_tag", "series", "post_format")
    )
    button = '<a href="https://x.example/a.pdf">Paper</a><a href="https://x.example/a.pdf" class="wp-block-file__button" download>Get it</a>'
    wxr(
        tmp_path / "blog.xml",
        author(),
        post(
            10,
            content=f'<!-- wp:file --><div class="wp-block-file">{button}</div><!-- /wp:file --> End.',
            tags=sorted_in,
            post_modified_gmt="2013-05-06 07:08:09",
        ),
        post(11, post_name="two", post_modified_gmt="0000-00-00 00:00:00"),
    )
    said = run(tmp_path / "blog.xml")
    assert "Terms of the taxonomy “series” are left out: post 10." in said
    changed = [f"{row.updated_at:%Y-%m-%d %H:%M:%S}" for row in Post.objects.order_by("source_key")]
    assert changed == ["2013-05-06 07:08:09", "2012-04-25 12:00:00"]
    assert Post.objects.get(slug="on-bread").body.startswith(f"<p>{A % ('https://x.example/a.pdf', 'Paper')}")
    assert "Get it" not in Post.objects.get(slug="on-bread").body
