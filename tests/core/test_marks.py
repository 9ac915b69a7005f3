"""Suspicious words and hosts are highlighted in a text for moderators."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.markup.comments import render_markdown
from core.markup.highlight import marks_in, with_marks, without_links
from core.markup.plain import plain_text


@pytest.mark.parametrize(
    ("body", "marked", "expected"),
    [
        ("Buy cheap pills now.", ["cheap pills"], "<p>Buy <mark>cheap pills</mark> now.</p>"),
        ("Buy CHEAP -- pills now.", ["cheap pills"], "<p>Buy <mark>CHEAP -- pills</mark> now.</p>"),
        (
            "Buy **cheap** pills.",
            ["cheap pills"],
            "<p>Buy <strong><mark>cheap</mark></strong><mark> pills</mark>.</p>",
        ),
        ("Cheap\n\npills.", ["cheap pills"], "<p>Cheap</p>\n<p>pills.</p>"),
        ("See [your bank](https://evil.example).", ["evil.example"], "<p>See your bank.</p>"),
        ("See https://evil.example/x", ["evil.example"], "<p>See <mark>evil.example</mark>/x</p>"),
        ("A casinova is no casino.", ["casino"], "<p>A casinova is no <mark>casino</mark>.</p>"),
        ("𝓒𝓪𝓼𝓲𝓷𝓸 and ca\u200bsino", ["casino"], "<p><mark>𝓒𝓪𝓼𝓲𝓷𝓸</mark> and <mark>ca\u200bsino</mark></p>"),
        ("加微信领取", ["微信"], "<p>加<mark>微信</mark>领取</p>"),
        (
            "1 < 2 & <b>bold</b> *pills*",
            ["bold", "pills"],
            "<p>1 &lt; 2 &amp; &lt;b&gt;<mark>bold</mark>&lt;/b&gt; <em><mark>pills</mark></em></p>",
        ),
        ("pills", ["", " ", ".", "a", "\u200b"], "<p>pills</p>"),
        ("A (.*) pattern", ["(.*)"], "<p>A <mark>(.*)</mark> pattern</p>"),
    ],
)
def test_the_subject_of_a_reason_is_marked_in_the_text(body, marked, expected):
    assert without_links(render_markdown(body).html, marked) == expected


def test_plain_text_is_escaped_and_marked():
    assert (
        with_marks("https://evil.example/?a=<b>&c", ["evil.example"])
        == "https://<mark>evil.example</mark>/?a=&lt;b&gt;&amp;c"
    )
    assert with_marks("nothing", ["else"]) == "nothing"


WORDS = st.text(st.sampled_from("ab c<>&*_`[]()\n\u200b𝓪ﬁ.\"'"), max_size=60)


@given(body=WORDS, marked=st.lists(st.text(st.sampled_from("ab c<>&.𝓪ﬁ"), max_size=6), max_size=5))
def test_marking_changes_no_word(body, marked):
    html = render_markdown(body).html
    assert plain_text(without_links(html, marked)) == plain_text(without_links(html))
    spans = marks_in(body, marked)
    assert all(0 <= start < end <= len(body) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_long_words_are_marked_in_no_time():
    text = "a " * 10_000
    start = time.process_time()
    marks_in(text, ["a b"] * 5 + [f"a a{number}" for number in range(60)])
    assert time.process_time() - start < 1
