"""A post with its comments as a file: content, access, and that Markdown is unchanged after a round trip."""

import re
from datetime import UTC, datetime

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from hypothesis import given, settings
from hypothesis import strategies as st

from core.markup.posts import clean_post_html, host_markdown
from posts.models import Post, Tag
from tests.factories import make_comment, make_member, make_post
from tests.transfer.blogs import run
from transfer.site.markdown import markdown_of

BODY = """<h2>Flour</h2><p>Take <strong>good</strong> <em>rye</em> &amp; 2 * 3 [g] of <a href="https://a.example/x_y">it</a>.<br>1. Not a list</p>
<ol start="3"><li>Mix</li><li><p>Wait</p><ul><li>long</li></ul></li></ol><blockquote><p>Bread &lt;b&gt;.</p></blockquote>
<pre><code class="language-py">a = "```"</code></pre><figure class="wide"><img src="/media/posts/a.jpg" alt="Loaf"><figcaption>Warm</figcaption></figure>
<table><tbody><tr><td>a</td></tr></tbody></table><p>See<sup class="fnref" id="fnref-1"><a href="#fn-1">1</a></sup>.</p>
<section class="footnotes"><ol><li id="fn-1">Or <em>wheat</em>. <a href="#fnref-1">↩</a></li></ol></section>"""


def again(body: str) -> str:
    """Return a body exported to Markdown and imported again, without line breaks."""
    return re.sub(r"\s+", "", clean_post_html(host_markdown(markdown_of(clean_post_html(body)))))


def test_a_body_comes_back_from_markdown_as_it_was():
    wanted = BODY.replace("<p>Wait</p>", "Wait")
    assert again(BODY).replace("<p>", "").replace("</p>", "") == re.sub(
        r"\s+", "", clean_post_html(wanted)
    ).replace("<p>", "").replace("</p>", "")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab *_`~[]<>#+-.1&;\\!()", min_size=1, max_size=30))
def test_any_text_survives_the_round_trip(words):
    body = clean_post_html(f"<p>x{words.replace('&', '&amp;').replace('<', '&lt;')}x</p>")
    assert again(body) == re.sub(r"\s+", "", body)


def test_what_is_nested_without_end_stays_html():
    deep = "<blockquote>" * 3000 + "x" + "</blockquote>" * 3000
    assert markdown_of(deep) == deep


@pytest.fixture
def bread(db, host):
    default_storage.save("posts/loaf.jpg", ContentFile(b"a picture"))
    post = make_post(
        author=host,
        title="On bread",
        slug="on-bread",
        body='<p>Flour.</p><p><img src="/media/posts/loaf.jpg" alt="Loaf"></p>',
        published_at=datetime(2012, 4, 25, 12, tzinfo=UTC),
    )
    post.tags.set([Tag.objects.create(name="Kitchen", slug="kitchen")])
    first = make_comment(post=post, author=make_member("per"), body="I *bake*.")
    make_comment(post=post, author=make_member("liv"), body="So do I.", parent=first)
    make_comment(post=post, author=make_member("spam"), body="Buy.", status="held")
    return post


def content(browser, bread, kind: str) -> str:
    response = browser.get(f"/posts/{bread.slug}/copy/?as={kind}")
    assert response.status_code == 200
    return b"".join(response.streaming_content).decode()


def test_markdown_has_the_facts_the_text_and_the_public_comments(bread, host, signed_in):
    said = content(signed_in(host), bread, "markdown")
    assert said.startswith('---\ntitle: "On bread"\nslug: "on-bread"\ndate: "2012-04-25T12:00:00+00:00"\n')
    assert 'tags: ["Kitchen"]\n---\n\nFlour.\n\n![Loaf](<' in said
    assert "> I *bake*.\n" in said
    assert "> > So do I.\n" in said
    assert "Buy." not in said


def test_markdown_of_what_is_not_for_everybody_comes_back_as_it_was(bread, host, signed_in, tmp_path):
    facts = [("post", "members"), ("post", "unlisted"), ("page", "public")]
    for number, (kind, visibility) in enumerate(facts):
        post = make_post(
            host, title=f"Note {number}", slug=f"note-{number}", kind=kind, visibility=visibility
        )
        (tmp_path / f"{number}.md").write_text(content(signed_in(host), post, "markdown"))
    notes = Post.objects.filter(slug__startswith="note-", published_at__isnull=False).order_by("slug")
    notes.delete()
    run(tmp_path)
    assert list(notes.values_list("kind", "visibility")) == facts


def test_html_has_its_pictures_inside(bread, host, signed_in):
    said = content(signed_in(host), bread, "html")
    assert 'src="data:image/jpeg;base64,YSBwaWN0dXJl"' in said
    assert 'rel="stylesheet" href="data:text/css;base64,' in said
    main = said.partition("<main>")[2].partition("</main>")[0]
    assert (main.count("<h1 "), main.count("<article ")) == (1, 2)
    assert "/media/" not in said


def test_the_page_to_print_has_everything_on_one_page(bread, host, signed_in):
    said = content(signed_in(host), bread, "print")
    assert 'href="/static/css/copy.css"' in said
    assert "<style" not in said
    assert said.count("<article ") == 2


def test_the_page_offers_all_three_and_the_editor_leads_to_it(bread, host, signed_in):
    browser = signed_in(host)
    assert (
        f'href="/posts/{bread.slug}/copy/"'
        in browser.get(f"/admin/posts/post/{bread.pk}/change/").content.decode()
    )
    page = browser.get(f"/posts/{bread.slug}/copy/").content.decode()
    assert re.findall(r'href="\?as=(\w+)"', page) == ["markdown", "html", "print"]


def test_others_do_not_know_of_it(bread, client, signed_in):
    for browser in (client, signed_in(make_member("mia")), signed_in(make_member("hanna", is_staff=True))):
        assert browser.get(f"/posts/{bread.slug}/copy/?as=html").status_code == 404
