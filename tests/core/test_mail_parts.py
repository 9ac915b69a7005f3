"""Posts as email: which HTML remains, and the plain-text version."""

import pytest

from core.markup.mail import mail_parts


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One.</p><p>Two,<br>three.</p>", "One.\n\nTwo,\nthree."),
        ("<h2>Soup</h2><p>Yes.</p><h3>Bread</h3><p>No.</p>", "Soup\n====\n\nYes.\n\nBread\n-----\n\nNo."),
        (
            '<p><a href="/posts/x/">Here</a> and <a href="https://x.org/">x.org</a></p>',
            "Here <http://testserver/posts/x/> and x.org",
        ),
        (
            '<ul><li><p>a</p></li><li><p>b</p><ol start="3"><li><p>c</p><p>d</p></li></ol></li></ul><p>e</p>',
            "- a\n- b\n  3. c\n     d\n\ne",
        ),
        ("<p>a</p><blockquote><p>b</p><p>c</p></blockquote><p>d</p>", "a\n\n> b\n>\n> c\n\nd"),
        ("<pre><code>x = 1\n  y = 2</code></pre><p>z</p>", "    x = 1\n      y = 2\n\nz"),
        (
            "<table><tbody><tr><th><p>Day</p></th><th>Ships</th></tr><tr><td>Mon</td><td>4</td></tr></tbody></table>",
            "Day | Ships\nMon | 4",
        ),
        (
            '<figure><img src="/media/a.webp" alt="A pond"><figcaption>In May</figcaption></figure>',
            "[Picture: A pond]\n\nIn May",
        ),
        ('<p>a</p><hr><p>b <img src="/media/a.webp" alt=""></p>', "a\n\n* * *\n\nb"),
        (
            '<p>Soup<sup class="fnref" id="fnref-1"><a href="#fn-1">1</a></sup>.</p><aside class="callout"><p>Mind.</p></aside>'
            '<section class="footnotes"><ol><li id="fn-1"><p>Hot. <a href="#fnref-1">↩</a></p></li></ol></section>',
            "Soup[1].\n\nMind.\n\n1. Hot. ↩",
        ),
        (
            '<p>a</p><figure class="audio"><audio src="/media/posts/x.mp3" controls="" preload="none"></audio></figure>',
            "a\n\nListen to the recording <http://testserver/media/posts/x.mp3>",
        ),
        ('<p>a</p><hr class="more"><p>b</p>', "a\n\nb"),
        ("", ""),
    ],
)
def test_the_text_reads_like_the_post(html, text):
    assert mail_parts(html).text == text


def test_the_html_has_absolute_addresses_and_nothing_to_play():
    parts = mail_parts(
        '<p dir="auto"><a href="/posts/x/" title="t">x</a></p>'
        '<figure class="wide"><img src="/media/a.webp" srcset="/media/b.webp 2x" sizes="9px" loading="lazy" width="300" height="200" alt="">'
        '</figure><video src="/media/v.mp4">film</video><iframe src="https://x.org"></iframe><script>1</script>'
    )
    assert parts.html == (
        '<p dir="auto"><a href="http://testserver/posts/x/" title="t" rel="noopener">x</a></p>'
        '<figure><img src="http://testserver/media/a.webp" width="300" height="200" alt=""></figure>film'
    )


def test_wide_pictures_say_the_width_of_the_column():
    parts = mail_parts('<p><img src="/media/a.webp" alt="A" width="1600" height="900"></p>')
    assert parts.html == '<p><img src="http://testserver/media/a.webp" alt="A" width="512"></p>'


def test_pictures_from_elsewhere_are_left_out():
    assert mail_parts('<p>a<img src="https://spy.example/p.gif" alt="">b</p>').html == "<p>ab</p>"
