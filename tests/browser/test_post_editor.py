"""Pasting into the post editor: nothing is dropped without a message."""

import pytest
from playwright.sync_api import expect

from core.markup.posts import clean_post_html
from posts.models import Post, Upload
from tests.browser.editing import BOX, bring, clear
from tests.factories import make_host, make_post

pytestmark = pytest.mark.django_db(transaction=True)

DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAFElEQVR4nGM8IWfDgBsw4ZEbwdIAatUBNgqvr0kAAAAASUVORK5CYII="
)


@pytest.fixture
def editor(visit, site):
    make_host("nora")
    host = visit()
    host.sign_in("nora")
    host.open("/admin/posts/post/add/").click(BOX)
    return host


@pytest.mark.journey
def test_what_cannot_be_taken_is_not_lost_in_silence(editor):
    page, told = editor.page, []
    for kind in ("paste", "drop"):
        for place, said in (
            ("https://elsewhere.invalid/rose.png", "Couldn’t fetch elsewhere.invalid/rose.png."),
            ("file:///C:/rose.png", "1 of the pasted pictures is only on your device."),
        ):
            told.append(said)
            clear(page)
            bring(page, kind, {"text/html": f'<p>Rose</p><img src="{place}">'})
            expect(page.locator(".alerts [role=alert]")).to_contain_text(told)
            expect(page.locator(BOX)).to_contain_text("Rose")
    bring(page, "paste", {"text/plain": 500 * ("\t".join(50 * ["x"]) + "\n")})
    expect(page.locator(".alerts [role=alert]")).to_contain_text(
        [*told, "The pasted table has 500 rows and 50 columns"]
    )


def test_a_picture_in_pasted_html_is_stored_here(editor):
    page = editor.page
    bring(
        page,
        "paste",
        {
            "text/html": f'<p>A</p><img alt="A dot" src="data:image/png;base64,{DOT}"><p>B</p>',
            "text/plain": "A B",
        },
    )
    expect(page.locator(".sheet .uploading")).to_have_count(0)
    expect(page.locator(".sheet figure.picture img")).to_have_attribute("alt", "A dot")
    assert page.locator(".sheet figure.picture img").get_attribute("src") == Upload.objects.get().file.url
    assert page.locator(".alerts > *").count() == 0


def test_pictures_that_a_post_has_stay_when_it_is_opened_and_saved(editor):
    body = '<p>Look:</p><img src="/media/posts/a.webp" alt="A table"><figure><a href="/posts/"><img src="/media/posts/b.webp" alt="B"></a><figcaption>Us</figcaption></figure><p>End.</p>'
    post = make_post(body=body)
    page = editor.open(f"/admin/posts/post/{post.pk}/change/")
    page.click(f"{BOX} p:has-text('End.')")
    page.keyboard.press("End")
    page.keyboard.type(" More.")
    page.click("[name=_save]")
    expect(page.locator(".messagelist")).to_be_visible()
    assert Post.objects.get(pk=post.pk).body == (
        '<p>Look:</p><figure><img src="/media/posts/a.webp" alt="A table"></figure><figure><a href="/posts/" rel="noopener">'
        '<img src="/media/posts/b.webp" alt="B"></a><figcaption>Us</figcaption></figure><p>End. More.</p>'
    )


# The clipboard content of these programs: bullets as text, lists in pieces, footnotes, gaps.
WORD = (
    "<p class=MsoNormal>Intro<a style='mso-footnote-id:ftn1' href='#_ftn1' name='_ftnref1'><span>[1]</span></a></p>"
    "<p class='MsoListParagraphCxSpFirst' style='mso-list:l0 level1 lfo1'><!--[if !supportLists]--><span style='font-family:Symbol'>"
    "·<span style='font:7.0pt'>&nbsp;&nbsp; </span></span><!--[endif]-->Ropes<o:p></o:p></p>"
    "<p class='MsoListParagraphCxSpLast' style='mso-list:l0 level2 lfo1'><!--[if !supportLists]--><span>o<span style='font:7.0pt'>&nbsp; </span></span>"
    "<!--[endif]-->Long ones</p><p class=MsoNormal>Then</p>"
    "<p class='MsoListParagraphCxSpFirst' style='text-indent:-.25in'><span><span>1.<span style='font:7.0pt \"Times New Roman\"'>&nbsp; </span></span></span>"
    "<span>Pull</span></p><p class='MsoListParagraphCxSpLast' style='text-indent:-.25in'><span><span>2.<span style='font:7.0pt'>&nbsp; </span></span></span><span>Tie</span></p>"
    "<div style='mso-element:footnote-list'><div style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText>"
    "<a href='#_ftnref1' name='_ftn1'><span>[1]</span></a> By hand.</p></div></div>"
)
WORD_ONLINE = "".join(
    f'<div class="ListContainerWrapper"><ul><li data-aria-level="{level}"><p>{text}</p></li></ul></div>'
    for level, text in ((1, "Alpha"), (2, "Beta"), (1, "Gamma"))
)
DOCS = (
    '<b style="font-weight:normal" id="docs-internal-guid-1"><p dir="ltr"><span style="font-weight:700">Bold</span></p><br />'
    "<ul><li><p>One</p></li><ul><li><p>Nested</p></li></ul></ul><br /></b>"
)


# {program: (its clipboard content, what is stored)}
COPIED = {
    "Word": (
        {"text/html": WORD},
        '<p>Intro<sup class="fnref" id="fnref-1"><a href="#fn-1">1</a></sup></p><ul><li>Ropes<ul><li>Long ones</li></ul></li></ul>'
        "<p>Then</p><ol><li>Pull</li><li>Tie</li></ol>"
        '<section class="footnotes"><ol><li id="fn-1">By hand. <a href="#fnref-1">↩</a></li></ol></section>',
    ),
    "Word on the web": (
        {"text/html": WORD_ONLINE},
        "<ul><li>Alpha<ul><li>Beta</li></ul></li><li>Gamma</li></ul>",
    ),
    "Google Docs": (
        {"text/html": DOCS},
        "<p><strong>Bold</strong></p><ul><li>One<ul><li>Nested</li></ul></li></ul>",
    ),
    "Markdown": (
        {"text/plain": "# Tea\n\nSome [link](https://example.org/).\n\n- one\n- two\n"},
        '<h2>Tea</h2><p>Some <a href="https://example.org/">link</a>.</p><ul><li>one</li><li>two</li></ul>',
    ),
    "a line with a dash": ({"text/plain": "- a dash, and no list"}, "<p>- a dash, and no list</p>"),
    "words": ({"text/html": "<p>A rose</p>"}, "<p>A rose</p>"),
    "a spreadsheet": (
        {"text/plain": "Day\tShips\nMon\t4\n"},
        "<table><tbody><tr><td>Day</td><td>Ships</td></tr><tr><td>Mon</td><td>4</td></tr></tbody></table>",
    ),
}


def test_what_other_programs_copy_keeps_its_structure(editor):
    page, found = editor.page, {}
    for program, (texts, _stored) in COPIED.items():
        clear(page)
        bring(page, "paste", {"text/plain": "x"} | texts)
        expect(page.locator("#id_body")).not_to_have_value("")
        # Attributes that only the editor uses are removed when the post is saved.
        found[program] = clean_post_html(page.locator("#id_body").input_value())
    assert found == {program: clean_post_html(stored) for program, (_texts, stored) in COPIED.items()}
    assert page.locator(".alerts > *").count() == 0
    assert editor.complaints == []
