"""Images, quotes, cards and videos of other systems, pasted into the post editor, remain what they are."""

import base64
import re

import pytest
from playwright.sync_api import expect

from core.markup.posts import clean_post_html
from posts.models import Post
from tests.browser.editing import bring, clear, picture_file
from tests.browser.test_post_editor import editor  # noqa: F401 - a fixture
from tests.factories import make_picture

pytestmark = pytest.mark.django_db(transaction=True)

# Three images that differ.
ONE, TWO, THREE = (
    f"data:image/jpeg;base64,{base64.b64encode(make_picture((width, 30)).read()).decode()}"
    for width in (41, 42, 43)
)
VIDEO = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
CARD = f'<p><a class="video" href="{VIDEO}">{VIDEO}</a></p>'
NOTE = '<sup class="fnref" id="fnref-1"><a href="#fn-1">1</a></sup>'
NOTES = '<section class="footnotes"><ol><li id="fn-1">The note. <a href="#fnref-1">↩</a></li></ol></section>'

# {system: (its clipboard content, what is stored; P41 is the image that is 41 pixels wide)}
PASTED = {
    "WordPress, pictures": (
        f'<!-- wp:image --><figure class="wp-block-image alignwide size-large"><img src="{ONE}" alt="A boat"/><figcaption>The <em>boat</em>'
        f' at noon</figcaption></figure><!-- /wp:image --><figure class="wp-block-image"><a href="https://example.org/big"><img src="{TWO}" alt="Linked"/>'
        f'</a></figure><figure class="wp-block-gallery has-nested-images"><!-- wp:image --><figure class="wp-block-image"><img src="{ONE}" alt="One"/>'
        f'<figcaption>First</figcaption></figure><figure class="wp-block-image"><img src="{THREE}" alt="Three"/></figure><figcaption>The whole</figcaption>'
        f'</figure><div class="wp-block-columns"><div class="wp-block-column"><figure><img src="{TWO}" alt="Left"/></figure></div><div class="wp-block-column">'
        f'<h2>Right</h2><p>Text</p></div></div><ul><li>One</li><li><img src="{THREE}" alt="In a list"/></li></ul>',
        '<figure class="wide"><img src="P41" alt="A boat"><figcaption>The <em>boat</em> at noon</figcaption></figure>'
        '<figure><a href="https://example.org/big"><img src="P42" alt="Linked"></a></figure>'
        '<figure class="gallery"><img src="P41" alt="One"><img src="P43" alt="Three"><figcaption>First · The whole</figcaption></figure>'
        '<figure><img src="P42" alt="Left"></figure><h2>Right</h2><p>Text</p><ul><li>One</li><li><figure><img src="P43" alt="In a list"></figure></li></ul>',
    ),
    "WordPress, the rest": (
        '<blockquote class="wp-block-quote"><p>Said.</p><cite>Ada</cite></blockquote><!-- wp:more --><!--more--><!-- /wp:more -->'
        '<figure class="wp-block-pullquote"><blockquote><p>Pulled.</p><cite>Matt</cite></blockquote></figure>'
        f'<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">\n{VIDEO}\n</div><figcaption>Watch</figcaption></figure>'
        '<div class="wp-block-buttons"><div class="wp-block-button"><a class="wp-block-button__link" href="https://example.org/">Read</a></div></div>'
        '<figure class="wp-block-table"><table><thead><tr><th>Day</th></tr></thead><tbody><tr><td>Mon</td></tr></tbody></table><figcaption>Ships</figcaption></figure>'
        '<p>Text<sup class="fn"><a href="#abc">1</a></sup></p><ol class="wp-block-footnotes"><li id="abc">The note. <a href="#abc-link">↩︎</a></li></ol>',
        '<blockquote><p>Said.</p><p>— Ada</p></blockquote><hr class="more"><blockquote class="pull"><p>Pulled.</p><p>— Matt</p></blockquote>'
        f'{CARD}<p>Watch</p><p><a class="btn" href="https://example.org/">Read</a></p>'
        '<table><caption>Ships</caption><thead><tr><th scope="col">Day</th></tr></thead><tbody><tr><td>Mon</td></tr></tbody></table>'
        f"<p>Text{NOTE}</p>{NOTES}",
    ),
    "Ghost": (
        f'<figure class="kg-card kg-gallery-card kg-width-wide"><div class="kg-gallery-container"><div class="kg-gallery-image"><img src="{ONE}" alt="a"></div>'
        f'<div class="kg-gallery-image"><img src="{TWO}" alt="b"></div></div></figure><div class="kg-card kg-callout-card"><div class="kg-callout-emoji">!</div>'
        '<div class="kg-callout-text">Mind <b>this</b></div></div><figure class="kg-card kg-bookmark-card"><a class="kg-bookmark-container" href="https://example.org/p">'
        '<div class="kg-bookmark-title">Tea</div><div class="kg-bookmark-description">Warm</div><img class="kg-bookmark-icon" src="https://example.org/i.png">'
        '<span class="kg-bookmark-author">Ada</span></a></figure><figure class="kg-embed-card"><iframe src="https://www.youtube.com/embed/dQw4w9WgXcQ"></iframe></figure>',
        '<figure class="gallery wide"><img src="P41" alt="a"><img src="P42" alt="b"></figure><aside class="callout"><p>! Mind <strong>this</strong></p></aside>'
        f'<p><a class="bookmark" href="https://example.org/p"><strong>Tea</strong> <small>Warm</small> <cite>Ada</cite></a></p>{CARD}',
    ),
    "Substack": (
        f'<div class="captioned-image-container"><figure><a class="image-link" href="https://cdn.example/x.jpeg"><div><picture><img src="{ONE}" alt="Sub"></picture>'
        '</div></a><figcaption class="image-caption">Below it</figcaption></figure></div><p>Text<a class="footnote-anchor" id="footnote-anchor-1" href="https://x.example/p/y#footnote-1">1</a>'
        '</p><div class="pullquote"><p>Pulled</p></div><div class="footnote"><a id="footnote-1" href="https://x.example/p/y#footnote-anchor-1">1</a>'
        '<div class="footnote-content"><p>The note.</p></div></div>',
        f'<figure><img src="P41" alt="Sub"><figcaption>Below it</figcaption></figure><p>Text{NOTE}</p><blockquote class="pull"><p>Pulled</p></blockquote>{NOTES}',
    ),
    "Documents and spreadsheets": (
        "<p class=MsoTitle>Tea</p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoQuote>Said</p><aside>A callout of Notion</aside>"
        '<table><tr><td align="left"><b>Day</b></td><td style="font-weight:bold">Ships</td></tr><tr><td>Mon</td><td align="right">4</td></tr></table>'
        '<ul><li role="checkbox"><img src="data:image/png;base64,AA" alt="checked" aria-roledescription="checkbox"/><p>done</p></li></ul>'
        f'<p onclick="alert(1)"><span><img src="{THREE}" alt="In a paragraph" onerror="alert(1)"></span></p><iframe src="https://maps.example/here" title="A map"></iframe>',
        "<h2>Tea</h2><blockquote><p>Said</p></blockquote><aside class=\"callout\"><p>A callout of Notion</p></aside>"
        '<table><thead><tr><th scope="col">Day</th><th scope="col">Ships</th></tr></thead><tbody><tr><td>Mon</td><td>4</td></tr></tbody></table>'
        '<ul><li>☑ done</li></ul><figure><img src="P43" alt="In a paragraph"></figure><p><a href="https://maps.example/here">A map</a></p>',
    ),
}  # fmt: skip


def short(body: str) -> str:
    """Return the stored HTML with short image names, and without the attributes of each image."""
    body = re.sub(r' srcset="[^"]*" sizes="[^"]*" loading="lazy" decoding="async"', "", clean_post_html(body))
    named = re.sub(r'/media/posts/(?:[0-9a-f]{32}_|P)(\d+)[.\w]*"', r'P\1"', body)
    return re.sub(r' width="\d+" height="\d+"', "", named)


def written_in(page) -> str:
    """Return what the form would send now."""
    read = "(field) => { new FormData(field.form); return field.value; }"
    return page.locator("#id_body").evaluate(read)


def test_blocks_of_other_systems_stay_what_they_are(editor):  # noqa: F811
    page, found = editor.page, {}
    for system, (copied, _stored) in PASTED.items():
        clear(page)
        bring(page, "paste", {"text/html": copied, "text/plain": "x"})
        expect(page.locator(".sheet .uploading")).to_have_count(0)
        expect(page.locator(".alerts > *")).to_have_count(0)
        found[system] = short(written_in(page))
    # What only the sanitiser adds, to both.
    assert found == {
        system: short(stored.replace('src="P', 'src="/media/posts/P'))
        for system, (_, stored) in PASTED.items()
    }
    assert editor.complaints == []


def test_what_was_said_below_a_picture_stays_when_it_cannot_be_had(editor):  # noqa: F811
    page = editor.page
    html = '<figure><img src="https://elsewhere.invalid/rose.png"><figcaption>A rose</figcaption></figure>'
    bring(page, "paste", {"text/html": html, "text/plain": "x"})
    expect(page.locator(".alerts [role=alert]")).to_contain_text("Couldn’t fetch elsewhere.invalid/rose.png.")
    assert written_in(page) == "<p>A rose</p>"


def test_a_post_is_saved_once_its_pictures_are_there(editor, tmp_path):  # noqa: F811
    """If it were sent earlier, the images would be missing without a message."""
    page, held = editor.page, []
    page.route("**/editor/uploads/", lambda route: held.append(route))
    page.fill("[name=title]", "Tea")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Picture", exact=True).click()
    chooser.value.set_files(picture_file(tmp_path, "tea.jpg", (44, 30)))
    expect(page.locator(".sheet .uploading")).to_have_count(1)
    page.click("[name=_save]")
    expect(page.locator(".alerts [role=alert]")).to_contain_text("Waiting for files")
    assert Post.objects.count() == 0
    held[0].continue_()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert short(Post.objects.get().body) == '<figure><img src="P44" alt=""></figure>'
