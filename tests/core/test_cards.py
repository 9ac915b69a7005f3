"""Cards and pictures in a member's words: built by us from checked parts, and only where they were meant."""

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.markup.cards import PageFacts
from core.markup.comments import Picture, render_markdown
from core.markup.highlight import without_links
from core.markup.links import links_in
from core.markup.plain import excerpt, for_elsewhere, plain_text
from tests.core.test_folding import Balance
from tests.core.test_markup import assert_safe_for_members

ID = "dQw4w9WgXcQ"
REL = 'rel="nofollow ugc noopener"'
VIDEO = (
    f'<p><a class="video" href="https://youtu.be/{ID}" {REL} data-video="youtube:{ID}">'
    f'<span><span class="go"></span><b>youtu.be/{ID}</b> YouTube</span></a></p>'
)
TABLE = Picture(
    "/media/comments/a.jpg",
    "/media/comments/a-480.webp 480w, /media/comments/a-960.webp 960w",
    960,
    640,
    alt="A table",
)
TABLE_HTML = (
    '<p><picture><source type="image/webp" srcset="/media/comments/a-480.webp 480w, /media/comments/a-960.webp 960w" sizes="(min-width: 48rem) 40rem, 92vw">'
    '<img src="/media/comments/a.jpg" alt="{}" width="816" height="544" loading="lazy" decoding="async"></picture></p>'
)


def card(href: str, inside: str) -> str:
    return f'<p><a class="linkcard" href="{href}" {REL}><span>{inside}</span></a></p>'


def test_an_excerpt_names_the_host_of_a_card_that_leads_elsewhere(settings):
    settings.SITE_URL = "https://table.example:8443"
    text = "Tea?\n\n[Vote]({}decisions/a/)"
    own = excerpt(render_markdown(text.format("https://table.example:8443/")).html)
    other = excerpt(render_markdown(text.format("https://evil.example/")).html)
    assert (own, other) == ("Tea? Vote", "Tea? Vote (evil.example)")


@pytest.mark.parametrize("gone", [None, date(2026, 5, 4)])
def test_an_excerpt_says_nothing_else_of_what_is_known_of_a_page(gone):
    facts = PageFacts("Bread & salt", date(2012, 4, 25), date(2012, 5, 1), gone)
    url = "https://example.org/bread"
    html = render_markdown(f"Look:\n\n{url}\n\nIs it good?", find_pages=lambda _urls: {url: facts}).html
    assert excerpt(html) == "Look: Bread & salt (example.org) Is it good?"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"https://youtu.be/{ID}", VIDEO),
        (f"Look:\nhttps://youtu.be/{ID}\nIs it not *good*?", f"<p>Look:</p>\n{VIDEO}\n<p>Is it not <em>good</em>?</p>"),
        (f"https://youtu.be/{ID}\nhttps://youtu.be/{ID}", f"{VIDEO}\n{VIDEO}"),
        (
            f"[The *quiet* minute](https://www.youtube.com/watch?v={ID}&t=1m2s)",
            f'<p><a class="video" href="https://www.youtube.com/watch?v={ID}&amp;t=1m2s" {REL} data-video="youtube:{ID}" data-start="62">'
            "<span><span class=\"go\"></span><b>The quiet minute</b> YouTube</span></a></p>",
        ),
        (
            "<https://vimeo.com/76979871/abcdef0123>",
            f'<p><a class="video" href="https://vimeo.com/76979871/abcdef0123" {REL} data-video="vimeo:76979871:abcdef0123">'
            '<span><span class="go"></span><b>vimeo.com/76979871/abcdef0123</b> Vimeo</span></a></p>',
        ),
        ("https://www.example.org/attic", card("https://www.example.org/attic", "<b>example.org/attic</b>")),
        ("One\nhttps://example.org/a\ntwo", f"<p>One</p>\n{card('https://example.org/a', '<b>example.org/a</b>')}\n<p>two</p>"),
        ('[Free "money" <b>](https://example.org/a)', card("https://example.org/a", "<b>Free &quot;money&quot; &lt;b&gt;</b> <span>example.org</span>")),
        ("[bank.example](https://evil.example/x)", card("https://evil.example/x", "<b>bank.example</b> <span>evil.example</span>")),
        ("[](https://example.org/a)", card("https://example.org/a", "<b>example.org/a</b>")),
    ],
)  # fmt: skip
def test_a_link_alone_on_its_line_becomes_a_card(text, expected):
    assert render_markdown(text).html == expected


@pytest.mark.parametrize(
    "text",
    [
        f"See https://youtu.be/{ID}",
        f"https://youtu.be/{ID} is good",
        f"https://youtu.be/{ID}!",
        f"**https://youtu.be/{ID}**",
        f"> https://youtu.be/{ID}",
        f"- https://youtu.be/{ID}",
        f"https://youtu.be/{ID} https://youtu.be/{ID}",
        "https://example.org/a\nhttps://example.org/b",
        "`https://example.org/a`",
        "\\https://example.org/a",
    ],
)
def test_links_in_a_line_of_text_stay_links(text):
    rendered = render_markdown(text)
    assert "class" not in rendered.html
    assert_safe_for_members(rendered.html)


def test_a_video_among_bare_links_is_a_card_and_the_links_stay():
    html = render_markdown(f"https://example.org/a\nhttps://youtu.be/{ID}\nhttps://example.org/b").html
    assert html.count("<a ") == 3
    assert html.count('class="video"') == 1
    assert "linkcard" not in html


def test_cards_count_as_links():
    rendered = render_markdown(f"https://youtu.be/{ID}\n\nhttps://example.org/a\n\nand https://example.org/b")
    assert rendered.hosts == ["youtu.be", "example.org", "example.org"]
    assert [link.url for link in links_in(rendered.html)] == [
        f"https://youtu.be/{ID}",
        "https://example.org/a",
        "https://example.org/b",
    ]


def test_without_links_a_card_is_words():
    assert without_links(render_markdown(f"[Play](https://youtu.be/{ID})").html) == "<p>Play YouTube</p>"


def test_elsewhere_a_card_is_a_plain_link():
    html = for_elsewhere(render_markdown(f"[Play](https://youtu.be/{ID})").html)
    assert html == f'<p><a href="https://youtu.be/{ID}" {REL}>Play YouTube</a></p>'


# --- pictures --------------------------------------------------------------------------


def finder(*numbers: int):
    asked: list[set[int]] = []

    def find(wanted: set[int]) -> Mapping[int, Picture]:
        asked.append(wanted)
        return {number: TABLE for number in wanted if number in numbers}

    find.asked = asked
    return find


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("![Our table](picture:7)", TABLE_HTML.format("Our table")),
        ("![](picture:7)", TABLE_HTML.format("A table")),
        ('![" onerror="alert(1)<b>](picture:7)  ', TABLE_HTML.format("&quot; onerror=&quot;alert(1)&lt;b&gt;")),
        ("Here:\n![Our table](picture:7)\nDone.", f"<p>Here:</p>\n{TABLE_HTML.format('Our table')}\n<p>Done.</p>"),
        ("> said\n![Our table](picture:7)", f"<blockquote>\n<p>said</p>\n</blockquote>\n{TABLE_HTML.format('Our table')}"),
    ],
)  # fmt: skip
def test_a_picture_on_its_own_line_is_shown(text, expected):
    find = finder(7)
    rendered = render_markdown(text, find_pictures=find)
    assert rendered.html == expected
    assert (rendered.pictures, find.asked) == ([7], [{7}])


@pytest.mark.parametrize(
    "text",
    [
        "![Our table](picture:8)",
        "So ![Our table](picture:7)",
        "> ![Our table](picture:7)",
        "- ![Our table](picture:7)",
        "```\n![Our table](picture:7)\n```",
        "![Our table](picture:0)",
        "![Our table](picture:-7)",
        "![Our table](picture:٧)",
        "![Our table](picture:9999999999999999999)",
        "![Our table](picture:7) and more",
        "![Our [table](picture:7)](picture:7)",
    ],
)
def test_what_is_no_picture_of_the_writers_stays_as_it_was_typed(text):
    rendered = render_markdown(text, find_pictures=finder(7))
    assert "<img" not in rendered.html
    assert rendered.pictures == []
    typed = text.removeprefix("> ").removeprefix("- ").strip("`\n")
    assert plain_text(rendered.html) == typed


def test_without_a_finder_nothing_is_looked_for():
    assert render_markdown("![x](picture:7)").html == "<p>![x](picture:7)</p>"


def test_a_picture_is_shown_once():
    rendered = render_markdown(
        "![a](picture:7)\n\n![b](picture:7)\n\n![c](picture:8)", find_pictures=finder(7, 8)
    )
    assert rendered.pictures == [7, 8]
    assert rendered.html.count("<img") == 2
    assert "<p>![b](picture:7)</p>" in rendered.html


def test_moderators_see_the_picture_and_feeds_name_it_whole():
    html = render_markdown("![Our table](picture:7)", find_pictures=finder(7)).html
    assert (
        without_links(html)
        == '<p><img src="/media/comments/a.jpg" alt="Our table" width="816" height="544" loading="lazy"></p>'
    )
    assert (
        for_elsewhere(html)
        == '<p><img src="http://testserver/media/comments/a.jpg" alt="Our table" width="816" height="544"></p>'
    )


def test_with_media_on_another_host_pictures_stay(settings):
    settings.MEDIA_URL = "https://pictures.example/media/"
    html = '<img src="https://pictures.example/media/comments/a.jpg" alt="">'
    assert for_elsewhere(html) == without_links(html) == html
    assert for_elsewhere('<img src="https://pictures.example/media//evil" alt="">') == '<img alt="">'


def test_an_excerpt_of_a_picture_alone_says_what_it_shows():
    assert (
        excerpt(render_markdown('![Ann & "Bob"](picture:7)', find_pictures=finder(7)).html) == 'Ann & "Bob"'
    )


pieces = st.sampled_from(
    ["\n", "\n\n", f"https://youtu.be/{ID}", "https://vimeo.com/1234567", "https://example.org/a", "[", "](https://example.org)", f"](https://youtu.be/{ID}?t=9)", "![", "](picture:7)", "](picture:8)", "words ", "*", '"', "'", "<b>", ">", "\\", "`", "&", "**", "- "]
)  # fmt: skip


@given(st.lists(pieces, max_size=50).map("".join))
def test_any_mixture_of_cards_and_pictures_is_safe_and_whole(text):
    rendered = render_markdown(text, find_pictures=finder(7))
    Balance(rendered.html)
    shown = TABLE_HTML.partition("{}")[0]
    assert rendered.html.count("<img") == rendered.html.count(shown) == len(rendered.pictures) <= 1
    assert_safe_for_members(render_markdown(text).html)
