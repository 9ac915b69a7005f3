"""User input becomes safe HTML, and harmless text is preserved."""

import html
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.markup.allowlists import HOST_ATTRIBUTES, HOST_TAGS, MEMBER_ATTRIBUTES, MEMBER_TAGS
from core.markup.comments import render_markdown
from core.markup.highlight import without_links
from core.markup.links import Link, links_in, tidy_address
from core.markup.plain import excerpt, plain_text
from core.markup.posts import clean_post_html
from core.markup.safe import json_ld

REL = "nofollow ugc noopener"


class Outline(HTMLParser):
    """The tags and attributes of some HTML, and its text."""

    def __init__(self, some_html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.other: list[str] = []
        self.feed(some_html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


# Only cards have classes, and they match this pattern.
CARD = re.compile(
    r'<p><a class="(?:linkcard|video)" href="https?://[^"<>\s]+" rel="nofollow ugc noopener"'
    r'(?: data-video="(?:youtube|vimeo):[A-Za-z0-9_:-]+"(?: data-start="[0-9]+")?)?>'
    r'<span>(?:<span class="go"></span>)?<b>[^<>]*</b>(?: [A-Za-z]+| <span>[^<>]*</span>)?</span></a></p>',
    re.IGNORECASE,
)


def assert_safe_for_members(some_html: str) -> None:
    outline = Outline(CARD.sub("", some_html))
    assert outline.other == []
    for tag, attributes in outline.tags:
        assert tag in MEMBER_TAGS
        allowed = MEMBER_ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set())
        assert set(attributes) <= allowed
        if tag == "a":
            assert attributes["rel"] == REL
            if "href" in attributes:
                assert urlsplit(attributes["href"] or "").scheme in {"http", "https"}


HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\n>alert(1)</script\n>",
    "<img src=x onerror=alert(1)>",
    "<img src='x' onerror\n=\n'alert(1)'>",
    '<img src="x" alt="\nonerror=alert(1) ">',
    '<img """><script>alert(1)</script>">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=data:text/html,<script>alert(1)</script>></object>",
    "<embed src=javascript:alert(1)>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>body{display:none}</style>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<form action=//evil.example><input name=password><button>Sign in</button></form>",
    "<input onfocus=alert(1) autofocus>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    '<a href="x" title="a\nonmouseover=alert(1)">x</a>',
    "<blockquote cite='a\nonmouseover=alert(1) b'>x</blockquote>",
    '<q cite="\n" onmouseover=alert(1)>x</q>',
    '<!--<img src="--><img src=x onerror=alert(1)//">',
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "<!DOCTYPE html><script>alert(1)</script>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea></textarea><script>alert(1)</script>",
    "<title></title><script>alert(1)</script>",
    "<template><script>alert(1)</script></template>",
    "<xmp><script>alert(1)</script></xmp>",
    "<plaintext><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](<java\\script:alert(1)>)",
    "[x](javascript&colon;alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
    "[x](//evil.example)",
    "[x](/\\evil.example)",
    "[x](\\\\evil.example)",
    "[x](/accounts/logout/)",
    "[x](#comment-1)",
    "[x](file:///etc/passwd)",
    "[x](ftp://evil.example)",
    "[x](mailto:a@example.org)",
    "[x](blob:https://example.org/1)",
    "[x](view-source:https://example.org)",
    '[x](https://example.org "a\nonmouseover=alert(1)")',
    "[x](https://example.org '\" onmouseover=alert(1) x=\"')",
    '[x](https://example.org/"onmouseover="alert(1))',
    "[x](https://example.org/'onmouseover='alert(1))",
    "[<img src=x onerror=alert(1)>](https://example.org)",
    "[![x](javascript:alert(1))](https://example.org)",
    "[a [b](javascript:alert(1)) c](https://example.org)",
    "![x](https://evil.example/pixel.png)",
    '![x" onerror="alert(1)](x)',
    "![x][y]\n\n[y]: https://evil.example/pixel.png",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "<javascript:alert(1)>",
    '<https://example.org/" onmouseover=alert(1)>',
    "<https://example.org/><script>alert(1)</script>",
    "https://example.org/<script>alert(1)</script>",
    'https://example.org/"onmouseover="alert(1)"',
    "https://example.org/'onmouseover='alert(1)'",
    "https://example.org/`onmouseover=alert(1)`",
    "http://javascript:alert(1)@example.org",
    'www.example.org" onmouseover="alert(1)',
    "`<script>alert(1)</script>`",
    "``` <script>\nalert(1)\n```",
    '```" onmouseover="alert(1)\nx\n```',
    "~~~ ' onmouseover='alert(1)\nx\n~~~",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\\<script\\>alert(1)\\</script\\>",
    "**<script>**alert(1)**</script>**",
    "> <script>alert(1)</script>",
    "- <img src=x onerror=alert(1)>",
    "<\x00script>alert(1)</script>",
    "<\u200bscript>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
    "<a\u2028href='javascript:alert(1)'>x</a>",
    "<p id=comment-1 class=note name=main>x</p>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_a_stranger_writes_becomes_code(text):
    assert_safe_for_members(render_markdown(text).html)


@pytest.mark.parametrize(
    "text", [text for text in HOSTILE if text.startswith("<") and "\n" not in text and "http" not in text]
)
def test_raw_html_is_shown_as_it_was_written(text):
    assert Outline(render_markdown(text).html).words.split() == text.replace("\x00", "\ufffd").split()


@given(st.text(max_size=300))
def test_any_text_at_all_is_safe(text):
    assert_safe_for_members(render_markdown(text).html)


fragments = st.sampled_from(
    [
        "<",
        ">",
        "[",
        "](",
        ")",
        "javascript:",
        "https://example.org/",
        "www.a.com",
        "*",
        "**",
        "`",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "![",
        '"',
        "'",
        " on=1 ",
        "<script>",
        "</a>",
        "<!--",
        "-->",
        "&#",
        ";",
        "\\",
        "~~",
        "_",
        "://",
        "//",
        "|",
        "\t",
        "1. ",
        "#",
        "~~~\n",
        "\u202e",
        "@",
    ]
)


@given(st.lists(fragments, max_size=60).map("".join))
def test_any_mixture_of_markup_is_safe(text):
    assert_safe_for_members(render_markdown(text).html)


HONEST = [
    "I <3 this",
    "a < b && c > d",
    "if (a<b) { return; }",
    "[1]: note",
    "&lt; and &amp; are entities",
    "    four blanks before",
    "# not a heading",
    "#1 in my list",
    "Title\n=====",
    "C:\\Users\\me\\notes",
    "5 * 3 * 2 = 30",
    "a snake_case_name and 2_000",
    "2 ** 3",
    "| a | table | that | stays |",
    "Tom & Jerry's “favourite” — or so…",
    "Zażółć gęślą jaźń, Привет, 你好, שלום",
    "3.5 < 4",
    ":-) ;-) <:-)",
    "It cost $5 (or £4)!",
    "<grin> he said </grin>",
    "<T> in Java, vector<int> in C++",
    "home.So I left",
    "ann@example.org",
    "a\\b",
    "[x] done, [ ] to do",
    "Is it?!? (yes)",
    "1986, a great year",
    "😀 👩‍👩‍👧 🏳️‍🌈",
    "--option and -o",
    "50% of 10^6",
    "~/.config and ~about~ five",
]


@pytest.mark.parametrize("text", HONEST)
def test_honest_text_comes_back_whole(text):
    assert Outline(render_markdown(text).html).words.split() == text.split()


def test_code_comes_back_letter_by_letter():
    code = "def f(a):\n    if a < 3 and a > 1:\n        return '<b>' & a  # **x** https://example.org"
    assert Outline(render_markdown(f"```\n{code}\n```").html).words == f"{code}\n"
    assert render_markdown("`<b> **x**`").html == "<p><code>&lt;b&gt; **x**</code></p>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*a* **b** ~~c~~", "<p><em>a</em> <strong>b</strong> <s>c</s></p>"),
        ("one\ntwo\n\nthree", "<p>one<br>\ntwo</p>\n<p>three</p>"),
        ("> said\n\nmine", "<blockquote>\n<p>said</p>\n</blockquote>\n<p>mine</p>"),
        ("3. c\n4. d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>'),
        ("", ""),
    ],
)
def test_a_little_markdown_is_understood(text, expected):
    assert render_markdown(text).html == expected


@pytest.mark.parametrize(
    ("text", "href", "label"),
    [
        ("https://www.example.org/", "https://www.example.org/", "example.org"),
        ("See https://example.org/a_b_c.", "https://example.org/a_b_c", "example.org/a_b_c"),
        ("(https://example.org/a)", "https://example.org/a", "example.org/a"),
        ("**https://example.org**", "https://example.org", "example.org"),
        ("*https://example.org/*", "https://example.org/", "example.org"),
        ("HTTPS://EXAMPLE.ORG/x", "https://example.org/x", "example.org/x"),
        ("www.example.org/a?b=1&c=2", "http://www.example.org/a?b=1&c=2", "example.org/a?b=1&c=2"),
        ("<https://example.org/a>", "https://example.org/a", "example.org/a"),
        ("https://example.org/Ä", "https://example.org/%C3%84", "example.org/Ä"),
        ("See [words](https://example.org/a)", "https://example.org/a", "words"),
    ],
)
def test_addresses_become_links_with_a_tidy_label(text, href, label):
    rendered = render_markdown(text)
    link = links_in(rendered.html)[0]
    assert (link.url.replace("HTTPS://EXAMPLE.ORG", "https://example.org"), link.label) == (href, label)
    assert f'rel="{REL}"' in rendered.html
    assert rendered.link_count == 1


@pytest.mark.parametrize(
    "text",
    [
        "xhttps://example.org",
        "a+http://example.org",
        "shttp://example.org",
        "://example.org",
        "http://",
        "https://[",
        "https:example.org",
    ],
)
def test_what_is_no_address_is_no_link(text):
    rendered = render_markdown(text)
    assert "href" not in rendered.html.replace("://example.org</a>", "")
    assert rendered.hosts == []


def test_every_linked_host_is_noted():
    text = (
        "https://one.example and [two](https://TWO.example/x) and www.three.example, `https://four.example`"
    )
    assert render_markdown(text).hosts == ["one.example", "two.example", "www.three.example"]


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("https://example.org", "example.org"),
        ("https://example.org/", "example.org"),
        ("https://www.example.org/a/?b#c", "example.org/a/?b#c"),
        ("https://bank.example@evil.example/", "evil.example"),
        ("https://bank.example:pw@evil.example/login", "evil.example/login"),
        ("https://example.org/" + "a" * 100, "example.org/" + "a" * 47 + "…"),
        ("https://example.org/%E2%80%AEgpj.exe", "example.org/gpj.exe"),
        ("https://example.org/%FF", "example.org/%FF"),
        ("https://example.org:8080/x", "example.org:8080/x"),
    ],
)
def test_a_tidy_address_names_the_host_whole_and_no_other(url, label):
    assert tidy_address(url) == label


@pytest.mark.parametrize(
    "piece",
    ["[[[[", "****", "<<<<", "((((", "](", "[](", "> > >", "- - -", "`", "```\n", "http://", "http://[", "://", "a@", "www.", "http://a.b ", "http://a/(", "_a", "~~", "\n\n>", "<!--", "\\", "&#", "1. "],
)  # fmt: skip
def test_the_heaviest_text_is_rendered(piece):
    text = (piece * 20_000)[:20_000]
    assert_safe_for_members(render_markdown(text).html)


def test_links_can_be_taken_off():
    assert (
        without_links(render_markdown("See [this](https://evil.example) *now*").html)
        == "<p>See this <em>now</em></p>"
    )


# --- the host's HTML -----------------------------------------------------------


def assert_safe_for_hosts(some_html: str) -> None:
    outline = Outline(some_html)
    assert outline.other == []
    for tag, attributes in outline.tags:
        assert tag in HOST_TAGS
        assert set(attributes) <= HOST_ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set())
        scheme = urlsplit((attributes.get("href") or "").strip()).scheme
        assert scheme in {"", "http", "https", "mailto"}
        if tag in {"img", "audio"}:
            assert (attributes.get("src") or "/media/").startswith(("/media/", "http://testserver/media/"))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_post_holds_no_code_either(text):
    assert_safe_for_hosts(clean_post_html(text))


@given(st.lists(st.sampled_from(["<p", "<img", " src=", "'", '"', "/media/x.webp", "//evil.example", ">", "</p>", " on=", "<a", " href=", "javascript:", "<script>", "<!--", "x"]), max_size=40).map("".join))  # fmt: skip
def test_any_broken_html_of_a_post_is_safe(raw):
    assert_safe_for_hosts(clean_post_html(raw))


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ('<img src="/media/posts/a.webp" alt="A table">', '<img src="/media/posts/a.webp" alt="A table">'),
        ('<img src="http://testserver/media/a.webp">', '<img src="http://testserver/media/a.webp">'),
        ('<img src="https://evil.example/a.png">', ""),
        ('<img src="//evil.example/a.png">', ""),
        ('<img src="/media//evil.example/a.png">', ""),
        ('<img src="/media/../accounts/logout/">', ""),
        ('<img src="http://testserver.evil.example/media/a.png">', ""),
        ('<img src="data:image/png;base64,AAAA">', ""),
        ('<p style="color:red" class="x" onclick="x()">Words</p>', "<p>Words</p>"),
        ("<p>a</p><p></p><script>1</script><style>p{}</style>", "<p>a</p>"),
        ("<h1>Big</h1><h2>Right</h2>", "Big<h2>Right</h2>"),
        (
            "<figure><img src='/media/a.webp'><figcaption>Us</figcaption></figure>",
            '<figure><img src="/media/a.webp"><figcaption>Us</figcaption></figure>',
        ),
        (
            '<a href="https://example.org" target="_blank">x</a>',
            '<a href="https://example.org" rel="noopener">x</a>',
        ),
        ('<a href="/posts/first/">x</a>', '<a href="/posts/first/" rel="noopener">x</a>'),
    ],
)
def test_a_post_keeps_what_a_post_may_hold(raw, kept):
    assert clean_post_html(raw) == kept


def test_cleaning_twice_changes_nothing():
    raw = "<p>a &amp; b &lt;c&gt;</p><ul><li>x</li></ul><blockquote><p>y</p></blockquote>"
    assert clean_post_html(clean_post_html(raw)) == clean_post_html(raw)


# --- plain text ------------------------------------------------------------------


def test_plain_text_is_the_words_on_one_line():
    assert (
        plain_text("<h2>One</h2><p>two &amp; <b>th</b>ree<br>four</p><ul><li>5</li><li>6 &lt; 7</li></ul>")
        == "One two & three four 5 6 < 7"
    )


def test_an_excerpt_ends_between_words():
    assert excerpt("<p>The table is long, and there is room.</p>", 20) == "The table is long…"
    assert excerpt("<p>Short.</p>", 20) == "Short."


PAUSED = {
    "<h2>Bread</h2><p>Flour and salt.</p>": "Bread · Flour and salt.",
    "<h2>Why bread?</h2><p>It keeps.</p>": "Why bread? It keeps.",
    "<p>Bring:</p><ul><li>flour</li><li><p>salt,</p></li><li>a bowl</li></ul><p>Then wait.</p>": "Bring: flour · salt, a bowl · Then wait.",
    "<table><tr><th>Day</th><td>One</td></tr></table>": "Day · One",
    "<h3></h3><p>Only this.</p><h3>And</h3>": "Only this. And",
    "<h2>“Bread!”</h2><p>she said<br>twice</p>": "“Bread!” she said twice",
    "<p>No heading</p><p>at all</p>": "No heading at all",
}


def test_an_excerpt_pauses_where_a_heading_an_item_or_a_cell_ends():
    assert {some_html: excerpt(some_html) for some_html in PAUSED} == PAUSED


@given(st.text(max_size=200), st.integers(min_value=5, max_value=80))
def test_an_excerpt_is_never_longer_than_asked(text, characters):
    assert len(excerpt(html.escape(text), characters)) <= characters


def test_structured_data_cannot_end_its_script():
    data = {"headline": "</script><script>alert(1)</script> & \u2028"}
    script = json_ld(data)
    assert script.count("<") == 2
    assert "\u2028" not in script
    assert "&" not in script


@pytest.mark.parametrize(
    ("label", "url", "is_said"),
    [
        ("kitchen.example/soup", "https://kitchen.example/soup", True),
        ("www.kitchen.example", "http://www.kitchen.example/", True),
        ("wasafat.example/حساء", "https://wasafat.example/%D8%AD%D8%B3%D8%A7%D8%A1", True),
        ("kitchen.example/a-long-way…", "https://kitchen.example/a-long-way-to-go", True),
        ("dora@kitchen.example", "mailto:dora@kitchen.example", True),
        ("my soup", "https://kitchen.example/soup", False),
        ("bank.example", "https://bank.example.evil.example/", False),
        ("bank.example…", "https://bank.example.evil.example/", False),
        ("bank.example/in", "https://evil.example/?bank.example/in", False),
        ("", "https://kitchen.example/", False),
    ],
)
def test_a_label_is_the_address_only_where_it_says_the_whole_host(label, url, is_said):
    assert Link(url, label).shows_target is is_said
