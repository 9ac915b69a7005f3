"""A long text is folded after its first paragraphs: nothing is lost, no tag is cut, and lists are not split."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.markup import comments
from core.markup.comments import Rendered, render_markdown
from core.markup.folding import count_words
from core.markup.plain import plain_text

SENTENCE = "Seven words stand in this short sentence. "
VOID = {"br", "hr", "img", "source"}


class Balance(HTMLParser):
    """Raise unless every tag is closed by its own end tag, in the right order."""

    def __init__(self, some_html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(some_html)
        self.close()
        assert self.open == []
        assert self.rawdata == ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def halves(rendered: Rendered) -> tuple[str, str]:
    return str(rendered.html[: rendered.fold_at]), str(rendered.html[rendered.fold_at :])


def unfolded(text: str, monkeypatch: pytest.MonkeyPatch) -> str:
    with monkeypatch.context() as patch:
        patch.setattr(comments, "fold", lambda tokens: (tokens, [], 0))
        return str(render_markdown(text).html)


def paragraphs(*counts: int) -> str:
    return "\n\n".join(" ".join(f"w{number}" for number in range(count)) for count in counts)


@pytest.mark.parametrize(
    ("text", "shown", "folded"),
    [
        (paragraphs(250), 250, 0),
        (paragraphs(100, 100, 50), 250, 0),
        (paragraphs(100, 20, 131), 120, 131),
        (paragraphs(119, 50, 131), 169, 131),
        (paragraphs(20, 20, 20, 20, 20, 20, 200), 120, 200),
        (paragraphs(170, 90), 170, 90),
        (paragraphs(170, 40, 41), 170, 81),
        (paragraphs(200, 51), 251, 0),  # no place to split it, and too little after it
        (paragraphs(70, 300), 70, 300),
        (paragraphs(20, 300), 320, 0),
        (paragraphs(20, 300, 60), 320, 60),
        (SENTENCE * 40, 119, 161),
        (SENTENCE * 10 + "\n\n" + SENTENCE * 30, 119, 161),
        ("\n".join(SENTENCE.strip(" .") for _ in range(40)), 119, 161),
        ("```\n" + SENTENCE * 20 + "\n" + SENTENCE * 20 + "\n```", 280, 0),
        ("> " + SENTENCE * 40, 280, 0),
        ("> " + SENTENCE * 40 + "\n\n" + paragraphs(60), 280, 60),
        (paragraphs(60) + "\n\n" + "\n".join(f"- {SENTENCE}" for _ in range(40)), 60, 280),
        (paragraphs(59) + "\n\n" + "\n".join(f"- {SENTENCE}" for _ in range(40)), 339, 0),
        ("*" + (SENTENCE * 40).strip() + "*", 280, 0),
        ("言葉が続きます。" * 40, 120, 200),
    ],
)
def test_about_two_paragraphs_stay_in_sight(text, shown, folded):
    rendered = render_markdown(text)
    first, rest = halves(rendered)
    if not folded:
        first, rest = rest, first
    assert (count_words(plain_text(first)), count_words(plain_text(rest)), rendered.folded_words) == (
        shown,
        folded,
        folded,
    )


def test_one_long_paragraph_is_parted_at_the_end_of_a_sentence():
    text = "She said *so. And* so. " * 60
    first, rest = halves(render_markdown(text))
    assert first == "<p>" + ("She said <em>so. And</em> so. " * 24).strip() + "</p>\n"
    assert rest == "<p>" + ("She said <em>so. And</em> so. " * 36).strip() + "</p>"


def test_titles_and_short_forms_end_no_sentence():
    first, rest = halves(
        render_markdown("Then Dr. Who went home, e.g. by tram " * 16 + "at last. " + paragraphs(200))
    )
    assert first.endswith(" at last.</p>\n")
    assert rest.startswith("<p>w0 ")


def test_a_list_is_never_parted():
    text = paragraphs(130) + "\n\n" + "\n".join(f"1. {SENTENCE}" for _ in range(30))
    _first, rest = halves(render_markdown(text))
    assert rest.startswith("<ol>\n<li>")


pieces = st.sampled_from(
    [
        "\n\n",
        "\n",
        "> ",
        "- ",
        "1. ",
        "**",
        "*",
        "`",
        "~~",
        "[",
        "](https://example.org)",
        "```\n",
        "\\",
        "<b>",
        "&",
        "---\n",
        "https://example.org/a",
        SENTENCE,
        "One. ",
        "two ",
        "。",
        "“So it was.” ",
    ]
)


@given(st.lists(pieces, min_size=30, max_size=120).map("".join))
def test_both_halves_are_whole_and_no_word_is_lost(text):
    with pytest.MonkeyPatch.context() as patch:
        whole = unfolded(text, patch)
    rendered = render_markdown(text)
    first, rest = halves(rendered)
    Balance(first)
    Balance(rest)
    assert plain_text(rendered.html) == plain_text(whole)
    assert bool(rendered.fold_at) == bool(rendered.folded_words)
    assert not rendered.fold_at or (plain_text(first) and plain_text(rest))


@pytest.mark.parametrize(
    "piece",
    [
        "a\n",
        "Oh no. ",
        "*a*\n",
        "`a`. ",
        "\\\n",
        "。",
        "it.\"'",
        "it....",
        "- a\n",
        "a\n\n",
        "[a](https://a.com). ",
    ],
)
def test_folding_the_heaviest_text_is_quick_work(piece):
    rendered = render_markdown((piece * 20_000)[:20_000])
    Balance("".join(halves(rendered)))
