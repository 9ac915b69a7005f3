"""Splitting comments into tokens: languages are preserved, disguises are undone, and no text takes long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.spamfilter.engine.hosts import is_shared_host
from moderation.spamfilter.engine.letters import fold_mixed_words, join_spaced_letters
from moderation.spamfilter.engine.text import Material, TextAnalysis
from tests.slow_inputs import TEXTS, repeated

LATIN = st.text(st.characters(min_codepoint=0x41, max_codepoint=0x24F), max_size=40)
CYRILLIC = st.text(st.characters(min_codepoint=0x400, max_codepoint=0x4FF), max_size=40)
GREEK = st.text(st.characters(min_codepoint=0x370, max_codepoint=0x3FF), max_size=40)


def read(text: str, **more: str) -> TextAnalysis:
    return TextAnalysis(Material(text, **more))


@given(st.lists(st.one_of(LATIN, CYRILLIC, GREEK)))
def test_words_of_one_alphabet_are_never_changed(words):
    text = " ".join(words)
    assert fold_mixed_words(text) == (text, [])


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("сheаp viаgra", "cheap viagra"),  # Cyrillic с and а
        ("ϲasinο", "ϲasinο"),  # a character that is in no list proves nothing
        ("для pro100 и IT", "для pro100 и IT"),
        ("10 µm, Ω and ΓΝΩΘΙ ΣΕΑΥΤΟΝ", "10 µm, Ω and ΓΝΩΘΙ ΣΕΑΥΤΟΝ"),
    ],
)
def test_look_alikes_are_folded_inside_mixed_words_only(text, plain):
    assert fold_mixed_words(text)[0] == plain


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("f\u200bree b\u200bon\u200bus", "free bonus"),
        ("𝐟𝐫𝐞𝐞 𝓫𝓸𝓷𝓾𝓼", "free bonus"),
        ("ｆｒｅｅ ｂｏｎｕｓ", "free bonus"),
        ("f̶r̶e̶e̶ b̶o̶n̶u̶s̶", "free bonus"),
        ("🅵🆁🅴🅴 ⓑⓞⓝⓤⓢ", "free bonus"),
        ("f r e e  b o n u s", "free bonus"),
        ("fr33 b0nu5 h3re n0w", "free bonus here now"),
    ],
)
def test_disguised_words_are_read_as_people_read_them(text, seen):
    assert " ".join(read(text).words).casefold() == seen


@pytest.mark.parametrize(
    "text",
    ["I was there in 2nd grade, at 5pm, with my mp3s", "a b", "Plan B is a go", "Ça va? Café, naïve, coöperation", "Tiếng Việt rất hay", "नमस्ते दुनिया", "안녕하세요", "ﷺ", "เพื่อน ๆ", "می‌خواهم"],
)  # fmt: skip
def test_ordinary_writing_of_any_language_wears_no_disguise(text):
    found = read(text)
    assert (
        found.hidden,
        found.ornaments,
        found.strokes,
        found.piled_marks,
        found.mixed,
        found.spaced,
        found.leet,
    ) == (0, 0, 0, 0, [], [], 0)


def test_spaced_letters_are_joined_word_by_word():
    assert join_spaced_letters("so M A K E  M O N E Y now") == ("so MAKE MONEY now", ["MAKE MONEY"])


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("see https://www.Lantern.example/a?b=c. And", ["lantern.example"]),
        ("go to lantern-deals.top/now", ["lantern-deals.top"]),
        ("w w w . r i c h 9 9 . c o m", ["rich99.com"]),
        ("I went home.So I slept. It was e.g. cold, 3.5 degrees, readme.md", []),
        ("mail me at ann@lantern.example please", []),
        ("hxxp://lantern.example", ["lantern.example"]),
        ("http://[broken", []),
    ],
)
def test_hosts_are_found_however_they_are_written(text, hosts):
    assert read(text).hosts == hosts


def test_pages_of_people_on_large_sites_share_its_name_but_look_alikes_do_not():
    shared = ["ann.wordpress.com", "en.wikipedia.org", "ann.blogspot.nl"]
    own = ["wordpress.com.example", "notwikipedia.org", "blogspot.nl.example"]
    assert [host for host in shared + own if is_shared_host(host)] == shared


def test_facts_are_added_without_analysing_the_text_again():
    base = Material("I met Ada Example there.")
    names = base.analysis.names
    more = base.with_facts(others_waiting=2)
    assert names == ["ada example"]
    assert more.analysis.names is names
    assert (more.analysis.material, base.analysis.material) == (more, base)
    assert (more.others_waiting, base.others_waiting) == (2, 0)


def test_a_long_count_is_no_phone_number():
    assert (
        read("Now 2.126.521.750 views, 1 000 000 000 likes and 2,124923004 more, 1000000000 in all").phones
        == []
    )
    assert read("Call +44 20 7946 0123 or (030) 901820-31, or 8005550199").phones == [
        "+44 20 7946 0123",
        "(030) 901820-31",
        "8005550199",
    ]


@given(st.text(max_size=400))
def test_any_text_can_be_read(text):
    found = read(text, author_name=text[:30], author_url=text[:60])
    assert isinstance(found.words, list)
    assert isinstance(found.hosts, list)
    assert isinstance(found.plain, str)


@pytest.mark.parametrize("piece", TEXTS, ids=ascii)
def test_twenty_thousand_characters_of_anything_are_judged(piece, scorer):
    assert 0 <= scorer.score(Material(repeated(piece, 20_000))).score <= 1
