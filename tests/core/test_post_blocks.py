"""The blocks of an illustrated post: what the sanitiser allows, and its output."""

import pytest

from core.markup.code import MAX_CHARACTERS, with_colours
from core.markup.plain import excerpt, plain_text
from core.markup.post_pictures import picture_files
from core.markup.posts import clean_post_html, host_markdown
from core.markup.videos import Video, video_at

NAME = "/media/posts/0123456789abcdef0123456789abcdef"
PICTURE = f'<img src="{NAME}_480_960.jpg" alt="A ferry" width="960" height="540">'
SRCSET = f'srcset="{NAME}_480.webp 480w, {NAME}_960.webp 960w"'


def shown(sizes: str) -> str:
    return f'{PICTURE[:-1]} {SRCSET} sizes="{sizes}" loading="lazy" decoding="async">'


@pytest.mark.parametrize(
    ("figure", "sizes"),
    [
        ("<figure>", "(min-width: 46rem) 43rem, 92vw"),
        ('<figure class="wide">', "(min-width: 68rem) 62rem, 96vw"),
        ('<figure class="full">', "100vw"),
        ('<figure class="gallery">', "(min-width: 46rem) 21rem, 46vw"),
    ],
)
def test_a_picture_comes_in_all_its_widths(figure, sizes):
    raw = f"{figure}{PICTURE}<figcaption>The 22:10</figcaption></figure>"
    clean = f"{figure}{shown(sizes)}<figcaption>The 22:10</figcaption></figure>"
    assert clean_post_html(raw) == clean
    assert clean_post_html(clean) == clean


@pytest.mark.parametrize(
    "name", ["posts/a_480.jpg", f"{NAME[7:]}.jpg", f"{NAME[7:]}_0.jpg", f"{NAME[7:]}_480.jpg/x"]
)
def test_other_files_have_no_widths(name):
    assert picture_files(name) == {}


VIDEO = (
    '<p><a class="video" href="https://youtu.be/dQw4w9WgXcQ?t=5" rel="noopener" data-video="youtube:dQw4w9WgXcQ" data-start="5">'
    '<span><span class="go"></span><b>The &lt;crossing&gt;</b> YouTube</span></a></p>'
)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (
            '<blockquote class="pull x"><p>A</p></blockquote>',
            '<blockquote class="pull"><p>A</p></blockquote>',
        ),
        ('<aside class="callout"><p>A</p></aside>', '<aside class="callout"><p>A</p></aside>'),
        ('<aside class="sidebar" style="x">A</aside>', "<aside>A</aside>"),
        (
            '<pre><code class="language-c++ x">a</code></pre>',
            '<pre><code class="language-c++">a</code></pre>',
        ),
        ('<pre class="x"><code class="x">a</code></pre>', "<pre><code>a</code></pre>"),
        ('<hr class="more">', '<hr class="more">'),
        (
            '<p><a class="btn" href="https://example.org">Read the article</a></p>',
            '<p><a class="btn" href="https://example.org" rel="noopener">Read the article</a></p>',
        ),
        ('<a class="btn" href="javascript:alert(1)">x</a>', '<a class="btn" rel="noopener">x</a>'),
        (
            '<figure class="audio"><audio src="/media/posts/a.mp3" autoplay onplay="x()"></audio></figure>',
            '<figure class="audio"><audio src="/media/posts/a.mp3" controls="" preload="none"></audio></figure>',
        ),
        ('<audio src="https://evil.example/a.mp3"></audio>', ""),
        (
            '<p>A<sup class="fnref" id="fnref-1"><a href="#fn-1">1</a></sup></p><section class="footnotes"><ol><li id="fn-1">B</li></ol></section>',
            '<p>A<sup class="fnref" id="fnref-1"><a href="#fn-1" rel="noopener">1</a></sup></p><section class="footnotes"><ol><li id="fn-1">B</li></ol></section>',
        ),
        ('<li id="main">x</li>', "<li>x</li>"),
        ('<p><a class="video" href="https://youtu.be/dQw4w9WgXcQ?t=5">The &lt;crossing&gt;</a></p>', VIDEO),
        (VIDEO, VIDEO),
        (
            '<a class="video" href="https://evil.example/" data-video="youtube:x">x</a>',
            '<a href="https://evil.example/" data-video="youtube:x" rel="noopener">x</a>',
        ),
    ],
)
def test_blocks_of_the_editor_stay_and_nothing_else(raw, kept):
    assert clean_post_html(raw) == kept
    assert clean_post_html(kept) == kept


def test_a_table_of_500_by_50_stays_whole():
    table = f"<table><tbody>{500 * ('<tr>' + 50 * '<td>x</td>' + '</tr>')}</tbody></table>"
    assert clean_post_html(table) == table


def test_footnotes_do_not_interrupt_what_is_read_aloud_or_counted():
    body = '<p>One<sup class="fnref" id="fnref-1"><a href="#fn-1">1</a></sup> two.</p><section class="footnotes"><ol><li id="fn-1">Three</li></ol></section>'
    assert plain_text(body) == "One two."


def test_markdown_has_footnotes_numbered_as_they_are_mentioned():
    text = "One[^b] and two[^a] and [^none].\n\n[^a]: Note *a*\n[^b]: Note b\n"
    assert clean_post_html(host_markdown(text)) == (
        '<p>One<sup class="fnref" id="fnref-1"><a href="#fn-1" rel="noopener">1</a></sup> and two<sup class="fnref" id="fnref-2">'
        '<a href="#fn-2" rel="noopener">2</a></sup> and [^none].</p>\n<section class="footnotes"><ol><li id="fn-1">Note b '
        '<a href="#fnref-1" rel="noopener">↩</a></li><li id="fn-2">Note <em>a</em> <a href="#fnref-2" rel="noopener">↩</a></li></ol></section>'
    )


def test_lists_show_a_post_up_to_its_mark():
    assert excerpt('<p>Before.</p><hr class="more"><p>Behind.</p>') == "Before."
    assert excerpt('<hr class="more"><p>Behind.</p>') == "Behind."


def test_videos_of_the_peertube_servers_of_the_settings(settings):
    settings.PEERTUBE_HOSTS = ["tube.example"]
    key = "9c9de5e8-0a1e-484a-b099-e80766180a6d"
    assert video_at(f"https://tube.example/videos/watch/{key}") == Video("peertube", f"tube.example:{key}")
    assert video_at("https://tube.example/w/kkGMgK9ZtnKfYAgnEtQxbv?start=1m") == Video(
        "peertube", "tube.example:kkGMgK9ZtnKfYAgnEtQxbv", 60
    )
    assert video_at(f"https://other.example/videos/watch/{key}") is None
    assert video_at("https://tube.example/about") is None


def code(text: str, language: str = "python") -> str:
    return f'<pre><code class="language-{language}">{text}</code></pre>'


def test_code_has_colours_on_the_page_and_is_stored_without():
    stored = clean_post_html(code('def f(x):\n    # a &lt;b&gt;\n    return "é" + 1\n'))
    assert stored == code('def f(x):\n    # a &lt;b&gt;\n    return "é" + 1\n')
    shown = with_colours(f"<p>x</p>{stored}")
    assert shown == "<p>x</p>" + code(
        '<span class="c-keyword">def</span> <span class="c-name">f</span>(x):\n'
        '    <span class="c-comment"># a &lt;b&gt;</span>\n'
        '    <span class="c-keyword">return</span> <span class="c-string">"é"</span> + <span class="c-number">1</span>\n'
    )
    assert clean_post_html(shown) == f"<p>x</p>{stored}"


@pytest.mark.parametrize(
    "block",
    [
        code("a &amp; b", "klingon"),
        code("x = 1\n" * (MAX_CHARACTERS // 6 + 1)),
        "<pre><code>x = 1</code></pre>",
        code("&lt;script&gt;alert(1)&lt;/script&gt;", "text"),
    ],
)
def test_other_code_stays_as_it_is(block):
    assert with_colours(block) == block


def test_a_video_keeps_the_picture_that_was_stored_for_it():
    raw = f'<p><a class="video" href="https://youtu.be/dQw4w9WgXcQ">{PICTURE} The crossing</a></p>'
    clean = (
        '<p><a class="video" href="https://youtu.be/dQw4w9WgXcQ" rel="noopener" data-video="youtube:dQw4w9WgXcQ">'
        f'{shown("(min-width: 46rem) 43rem, 92vw")}<span><span class="go"></span><b>The crossing</b> YouTube</span></a></p>'
    )
    assert clean_post_html(raw) == clean
    assert clean_post_html(clean) == clean
    foreign = raw.replace("/media/", "https://i.ytimg.com/media/")
    assert "<img" not in clean_post_html(foreign)


def test_the_text_of_nested_items_is_apart():
    assert (
        plain_text("<ul><li>Ropes<ul><li>Long ones</li></ul></li><li>Knots</li></ul>")
        == "Ropes Long ones Knots"
    )
