"""Each block of a text has its own writing direction."""

import re

import pytest

from core.markup.comments import render_markdown
from core.markup.highlight import without_links
from core.markup.plain import for_elsewhere
from core.markup.posts import clean_post_html


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (
            "> An English quotation\n\nمرحبا بكم",
            '<blockquote dir="auto">\n<p>An English quotation</p>\n</blockquote>\n<p dir="auto">مرحبا بكم</p>',
        ),
        ("אבג\n\nEnglish", '<p dir="auto">אבג</p>\n<p dir="auto">English</p>'),
        ("1986 אבג", '<p dir="auto">1986 אבג</p>'),
        # Inside a block, only parts that differ get one: browsers skip these when they determine the
        # direction of the block.
        ("- אבג\n- abc", '<ul dir="auto">\n<li>אבג</li>\n<li dir="auto">abc</li>\n</ul>'),
        ("1. abc\n2. אבג", '<ol dir="auto">\n<li>abc</li>\n<li dir="auto">אבג</li>\n</ol>'),
        ("> one\n>\n> אבג", '<blockquote dir="auto">\n<p>one</p>\n<p dir="auto">אבג</p>\n</blockquote>'),
        (
            "> 5!\n> > אבג",
            '<blockquote dir="auto">\n<p>5!</p>\n<blockquote>\n<p>אבג</p>\n</blockquote>\n</blockquote>',
        ),
        ("Left\n\n> to right", "<p>Left</p>\n<blockquote>\n<p>to right</p>\n</blockquote>"),
    ],
)
def test_a_comment_says_so_where_there_are_letters_of_both_directions(typed, expected):
    assert render_markdown(typed).html == expected


def test_the_two_halves_of_a_folded_paragraph_both_do():
    rendered = render_markdown("كلمة هنا. " * 300)
    assert rendered.fold_at > 0
    assert re.findall("<p[^>]*>", rendered.html) == ['<p dir="auto">', '<p dir="auto">']


def test_feeds_mails_and_moderators_see_it_so_too():
    html = render_markdown("אבג\n\n1. a\n5. b").html
    assert for_elsewhere(html) == html
    assert without_links(html) == html


def test_a_post_says_so_too():
    assert clean_post_html("<h2>אבג</h2><p>abc</p>") == '<h2 dir="auto">אבג</h2><p dir="auto">abc</p>'
    assert clean_post_html(clean_post_html("<p>אבג</p>")) == '<p dir="auto">אבג</p>'
    assert clean_post_html("<p>abc</p>") == "<p>abc</p>"


def test_a_post_may_say_which_way_a_block_is_read():
    assert clean_post_html('<blockquote dir="rtl">a</blockquote><ul dir="x"><li dir="ltr">b</li></ul>') == (
        '<blockquote dir="rtl">a</blockquote><ul><li dir="ltr">b</li></ul>'
    )
