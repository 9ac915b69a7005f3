""" "@name" in user input: a link for members, plain text for others."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.markup.comments import Mentioned, render_markdown
from core.markup.links import links_in
from core.markup.plain import for_elsewhere

MEMBERS = {"dora", "bob", "ann-lee", "a_b", "d4", "kit"}
# Who has a name besides the username.
NAMES = {"kit": "Kit & <b>Co</b>"}


def find(usernames):
    return {
        name: Mentioned(f"/members/{name}/", NAMES.get(name, "")) for name in usernames if name in MEMBERS
    }


def render(text):
    rendered = render_markdown(text, find_members=find)
    return rendered, rendered.html.replace(' rel="nofollow ugc noopener"', "")


def link(label, name=""):
    return f'<a href="/members/{name or label.lower()}/">@{label}</a>'


class Calls(HTMLParser):
    """The members that the links of some HTML lead to, and the text around them."""

    def __init__(self, some_html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.called: list[str] = []
        self.inside: set[str] = set()
        self.feed(some_html)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag == "a" and (dict(attrs).get("href") or "").startswith("/"):
            self.called.append(dict(attrs)["href"].split("/")[2])
            self.inside |= set(self.open)
        if tag not in {"br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Hello @dora.", f"<p>Hello {link('dora')}.</p>"),
        ("@Dora and @ann-lee, @a_b!", f"<p>{link('Dora')} and {link('ann-lee')}, {link('a_b')}!</p>"),
        (
            "(@bob) “@bob” @bob’s @bob…",
            f"<p>({link('bob')}) “{link('bob')}” {link('bob')}’s {link('bob')}…</p>",
        ),
        ("**@dora** and _@bob_", f"<p><strong>{link('dora')}</strong> and <em>{link('bob')}</em></p>"),
        ("- @dora\n- @nobody", f"<ul>\n<li>{link('dora')}</li>\n<li>@nobody</li>\n</ul>"),
        ("one\n@dora", f"<p>one<br>\n{link('dora')}</p>"),
        (
            "https://x.example/@dora @dora",
            f'<p><a href="https://x.example/@dora">x.example/@dora</a> {link("dora")}</p>',
        ),
    ],
)
def test_a_member_that_is_called_is_linked(text, html):
    assert render(text)[1] == html


@pytest.mark.parametrize(
    "text",
    [
        "dora",
        "@nobody",
        "@dora2",
        "@doraé",
        "é@dora",
        "ann@dora",
        "ann.lee+x@dora",
        "@dora@mastodon.social",
        "@dora.example.org",
        "x/@dora",
        "@do*ra*",
        "@@dora",
        "\\@dora",
        "`@dora`",
        "```\n@dora\n```",
        "[see @dora](https://a.example/)",
        "<https://a.example/@dora>x",
        "https://a.example/?q=@dora",
        "\\@@dora",
        "> @dora said so",
        "> > @dora",
        "> - @dora",
        "@" + "a" * 31,
        "@",
        "@ dora",
    ],
)
def test_what_calls_nobody_stays_text(text):
    rendered, html = render(text)
    assert rendered.mentions == []
    assert 'href="/' not in html


def test_a_name_alone_on_its_line_is_no_card():
    assert render("@dora\n\n@bob\nhttps://youtu.be/dQw4w9WgXcQ")[1].startswith(
        f'<p>{link("dora")}</p>\n<p>{link("bob")}</p>\n<p><a class="video"'
    )


def test_readers_of_feeds_and_mails_get_whole_addresses(settings):
    settings.SITE_URL = "https://table.example"
    assert (
        for_elsewhere(render_markdown("@dora", find_members=find).html)
        == '<p><a href="https://table.example/members/dora/" rel="nofollow ugc noopener">@dora</a></p>'
    )


def test_without_somebody_to_ask_nobody_is_called():
    assert render_markdown("@dora").html == "<p>@dora</p>"


def test_names_are_asked_for_once_and_only_if_there_are_any():
    asked = []

    def ask(names):
        asked.append(names)
        return find(names)

    assert render_markdown("@dora, @Bob, @x and @DORA", find_members=ask).mentions == ["dora", "bob"]
    render_markdown("nobody is called here, ann@example.org", find_members=ask)
    assert asked == [["dora", "bob", "x"]]


def test_one_comment_calls_so_many_and_no_more(settings):
    settings.MENTIONS_MAX = 2
    assert render("@bob @x @dora @bob")[1] == f"<p>{link('bob')} @x @dora {link('bob')}</p>"


def test_calling_somebody_is_no_link_to_elsewhere():
    rendered = render_markdown("@dora https://a.example/", find_members=find)
    assert (rendered.hosts, rendered.mentions, [one.url for one in links_in(rendered.html)]) == (
        ["a.example"],
        ["dora"],
        ["https://a.example/"],
    )


pieces = st.sampled_from(
    ["@dora", "@bob", "@ann-lee", "@nobody", "@", "dora", "a@", "`", "``", "```\n", "\n", "\n\n", "> ", "- ", "*", "**", "_", "[", "](https://a.example/)",
     "<https://a.example/", ">", "https://a.example/", "www.a.com/", "\\", " ", " ", ".", "-", "é", "~~", "<b>", "&lt;"]
)  # fmt: skip


@given(st.lists(pieces, max_size=30).map("".join))
def test_the_names_that_are_noted_are_those_that_are_linked_and_stand_in_no_code_link_or_quotation(text):
    rendered, html = render(text)
    calls = Calls(html)
    assert list(dict.fromkeys(calls.called)) == rendered.mentions
    assert not calls.inside & {"a", "code", "pre", "blockquote"}
    for before, after in re.findall(
        r'(?s)(.?)<a href="/members/[^"]*">[^<]*</a>(.?)', re.sub(r"</?(?:em|strong|s|p|li|br)>", "", html)
    ):
        assert not re.match(r"[^\W_]|[@/]", before)
        assert not after.isalnum()


@given(st.lists(pieces, max_size=30).map("".join))
def test_linking_changes_no_word(text):
    def words(some_html):
        return re.sub("<[^>]*>", "", some_html)

    assert words(render(text)[0].html) == words(render_markdown(text).html)


@pytest.mark.parametrize("piece", ["@", "@a", "@a ", "@@", "@a_", "@a.", "*@a*", "@dora ", "`@a", "> @a\n"])
def test_the_heaviest_text_is_looked_through(piece):
    assert len(render((piece * 20_000)[:20_000])[0].mentions) <= 20


def test_who_has_a_name_is_called_by_it():
    rendered, html = render("@Kit and @bob: come.")
    shown = '<a href="/members/kit/">@Kit &amp; &lt;b&gt;Co&lt;/b&gt;</a>'
    assert html == f"<p>{shown} and {link('bob')}: come.</p>"
    assert rendered.mentions == ["kit", "bob"]
