"""A URL in a text ends before the punctuation of the sentence, in any script."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.markup.comments import render_markdown
from core.markup.links import links_in
from core.markup.plain import plain_text

Q = "https://a.example/q"


def linked(text: str) -> list[str]:
    """Return the linked URLs, in readable characters."""
    return [unquote(link.url) for link in links_in(render_markdown(text).html)]


# The part in 〔 〕 is the URL; the brackets are not typed.
ENDS = [
    # quotation marks
    f"“〔{Q}〕”",
    f"“〔{Q}〕”然后",
    f"‘〔{Q}〕’",
    f"„〔{Q}〕“",
    f"‚〔{Q}〕‘",
    f"«〔{Q}〕»",
    f"« 〔{Q}〕 »",
    f"»〔{Q}〕«",
    f"‹〔{Q}〕›",
    f'"〔{Q}〕"',
    f"'〔{Q}〕'",
    f"'〔{Q}〕','〔{Q}〕'",
    f"「〔{Q}〕」",
    f"『〔{Q}〕』",
    f"״〔{Q}〕״",
    # brackets
    f"(〔{Q}〕)",
    f"[〔{Q}〕]",
    f"{{〔{Q}〕}}",
    f"（〔{Q}〕）",
    f"【〔{Q}〕】",
    f"《〔{Q}〕》",
    f"〈〔{Q}〕〉",
    f"［〔{Q}〕］",
    f"⟨〔{Q}〕⟩",
    f"(see 〔{Q}〕) and",
    f"((〔{Q}〕))",
    f"〔{Q}〕)x",
    f"〔{Q}〕(see there",
    f"〔{Q}〕（说明）",
    # sentences
    f"〔{Q}〕.",
    f"〔{Q}〕...",
    f"〔{Q}〕…",
    f"〔{Q}〕, then",
    f"〔{Q}〕; then",
    f"〔{Q}〕: then",
    f"〔{Q}〕! Then",
    f"〔{Q}〕?! Then",
    f"〔{Q}〕‽",
    f"〔{Q}〕—then",
    f"〔{Q}〕–",
    f"见〔{Q}〕。然后",
    f"见〔{Q}〕，然后",
    f"见〔{Q}〕、〔{Q}〕。",
    f"〔{Q}〕；然后",
    f"〔{Q}〕：然后",
    f"〔{Q}〕！",
    f"〔{Q}〕？",
    f"〔{Q}〕｡",
    f"〔{Q}〕～",
    f"انظر 〔{Q}〕؟",
    f"انظر 〔{Q}〕، ثم",
    f"انظر 〔{Q}〕؛ ثم",
    f"دیکھیں 〔{Q}〕۔",
    f"देखें 〔{Q}〕।",
    f"〔{Q}〕॥",
    f"〔{Q}〕።",
    f"〔{Q}〕។",
    f"〔{Q}〕၊ then",
    f"〔{Q}〕։",
    # Markdown around it
    f"_〔{Q}〕_",
    f"__〔{Q}〕__",
    f"*〔{Q}〕*",
    f"**〔{Q}〕**",
    f"***〔{Q}〕***",
    f"~~〔{Q}〕~~",
    f"**〔{Q}〕**and",
    f"**see 〔{Q}〕**, and",
    f"_see 〔{Q}〕_.",
    f"||〔{Q}〕||",
    f"<〔{Q}〕>",
    f"> 〔{Q}〕.",
    f"- 〔{Q}〕,\n- 〔{Q}〕;",
    # text that looks like HTML
    f"〔{Q}〕&copy;",
    f"〔{Q}〕&amp;",
    f"〔{Q}〕<br>",
    f"〔{Q}〕\u200b",
    f"\u2068〔{Q}〕\u2069",
    # hosts
    "〔https://a.example〕.",
    "〔https://a.example〕?",
    "〔https://a.example〕…",
    "“〔https://a.example〕”",
    "〔https://a.example〕然后",
    "〔https://a.example〕에서",
    "〔https://a.example/〕?",
    "〔https://a.example:8080〕, then",
    # what is part of the URL
    "〔https://en.wikipedia.org/wiki/Table_(furniture)〕",
    "(〔https://en.wikipedia.org/wiki/Table_(furniture)〕)",
    "(see 〔https://en.wikipedia.org/wiki/Table_(furniture)〕.)",
    "〔https://a.example/f_(b_(c))〕)",
    "_〔https://a.example/snake_case_name〕_",
    "〔https://a.example/a_b_c〕",
    "〔https://a.example/~ann/x〕",
    "〔https://a.example/q?a=1,2;b=3:4!5〕.",
    "〔https://a.example/it's〕",
    "〔https://a.example/a*b〕",
    "〔https://a.example/#!/x〕",
    "〔https://a.example/a–b〕",
    "〔https://fr.wikipedia.org/wiki/L’Étranger〕.",
    "〔https://de.wikipedia.org/wiki/Fußgängerübergang〕!",
    "〔https://ru.wikipedia.org/wiki/Стол〕.",
    "〔https://ja.wikipedia.org/wiki/レオナルド・ダ・ヴィンチ〕。",
    "〔https://ar.wikipedia.org/wiki/طاولة〕؟",
    "〔https://fa.wikipedia.org/wiki/می\u200cز〕.",
    "〔https://a.example/q?x[]=1〕",
    "〔https://a.example/q?q=abc==〕",
]  # fmt: skip


def as_typed(marked: str) -> str:
    return re.sub("[〔〕]", "", marked)


def test_an_address_ends_where_the_sentence_goes_on():
    assert {marked: linked(as_typed(marked)) for marked in ENDS} == {
        marked: re.findall("〔(.*?)〕", marked) for marked in ENDS
    }


def test_not_a_letter_is_lost_around_an_address():
    def around(marked: str) -> str:
        return plain_text(re.sub("<a .*?</a>", "", render_markdown(as_typed(marked)).html))

    cases = [case for case in ENDS if not re.search(r"[*~<>\n]|^- |_〔|〕_|_see", case)]
    assert {marked: around(marked) for marked in cases} == {
        marked: " ".join(re.sub("〔.*?〕", "", marked).split()) for marked in cases
    }


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("www.example.org/q”", "http://www.example.org/q"),
        ("“www.example.org/q”", "http://www.example.org/q"),
        ("www.example.org/q。然后", "http://www.example.org/q"),
        ("www.example.org/q…", "http://www.example.org/q"),
        ("(www.example.org/a_(b)).", "http://www.example.org/a_(b)"),
        ("_www.example.org/b_", "http://www.example.org/b"),
    ],
)
def test_so_does_one_without_its_scheme(typed, address):
    assert linked(typed) == [address]


def test_an_address_with_letters_of_its_country_leads_there():
    html = render_markdown("Смотри https://пример.рф/путь, вот").html
    assert [link.url for link in links_in(html)] == ["https://xn--e1afmkfd.xn--p1ai/%D0%BF%D1%83%D1%82%D1%8C"]
    assert html.endswith("путь</a>, вот</p>")


def test_an_address_copied_out_of_a_source_works():
    assert linked(f"See {Q}?a=1&amp;b=2") == [f"{Q}?a=1&b=2"]


@pytest.mark.parametrize("typed", ["[]()", "[x]()", "[x]( )", "[x](<>)", "[]( \n )", "see []() there"])
def test_a_link_without_an_address_is_what_was_typed(typed):
    html = render_markdown(typed).html
    assert "<a" not in html
    assert plain_text(html).split() == typed.split()


@pytest.mark.parametrize("typed", [f"see []({Q}) there", f"see [ ]({Q}) there", f"![]({Q}) there"])
def test_a_link_without_words_shows_its_address(typed):
    assert [(link.url, link.label) for link in links_in(render_markdown(typed).html)] == [(Q, "a.example/q")]


@given(st.lists(st.sampled_from(["https://a.example/", "q", "(", ")", "[", "]", "*", "_", "~", "'", "”", "’", "。", "&amp;", "…", " ", "然", ".", ";", "\n"]), max_size=40).map("".join))  # fmt: skip
def test_what_is_linked_was_typed(text):
    for address in linked(text):
        assert address in text.replace("&amp;", "&")
        assert not re.search(r"[”。…]|[.;*_~'?]\Z", address)
