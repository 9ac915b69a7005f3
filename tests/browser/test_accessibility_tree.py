"""What a screen reader announces: headings in order, named landmarks, named controls, live regions."""

import re

import pytest
from playwright.sync_api import Page

from accounts.models import ProfileLink
from tests.factories import make_comment, make_host, make_member, make_moderator, make_post

pytestmark = pytest.mark.django_db(transaction=True)

LANDMARKS = {"banner", "navigation", "main", "complementary", "contentinfo", "search"}
CONTROLS = {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "slider"}
NODE = re.compile(r'^ *- (\w+)(?: "((?:[^"\\]|\\.)*)")?((?: \[[^\]]*\])*)')


class Tree:
    """The accessibility tree of a page, as Chromium passes it to a screen reader."""

    def __init__(self, page: Page) -> None:
        self.page = page
        lines = map(NODE.match, page.locator("body").aria_snapshot().splitlines())
        self.nodes = [(found[1], found[2] or "", found[3]) for found in lines if found]

    @property
    def headings(self) -> list[tuple[int, str]]:
        return [
            (int(re.search(r"level=(\d)", more)[1]), name)
            for role, name, more in self.nodes
            if role == "heading"
        ]

    @property
    def landmarks(self) -> list[str]:
        return [f"{role} {name}".strip() for role, name, _more in self.nodes if role in LANDMARKS]

    @property
    def nameless(self) -> list[str]:
        return [role for role, name, _more in self.nodes if role in CONTROLS and not name]

    @property
    def skipped(self) -> list[tuple[int, str]]:
        """Return the headings whose level is more than one below that of the previous heading."""
        before, found = 0, []
        for level, name in self.headings:
            if level > before + 1:
                found.append((level, name))
            before = level
        return found


@pytest.fixture
def world(site):
    host = make_host("nora", display_name="Nora")
    bob = make_member("bob", display_name="Bob", bio="Bakes.")
    ProfileLink.objects.create(user=bob, label="Blog", url="https://bob.example/", position=1)
    post = make_post(
        author=host, title="Bread", slug="bread", body="<h2>Flour</h2><h2>Water</h2><h2>Salt</h2>"
    )
    top = make_comment(post, author=bob, body="Warm bread.", status="public")
    make_comment(post, author=host, parent=top, body="It is.", status="public")
    return post


PAGES = {
    "/": [(1, "The Long Table"), (2, "Bread"), (2, "Written by"), (2, "Latest comments"), (2, "New members"), (2, "New posts by email")],
    "/posts/bread/": [(1, "Bread"), (2, "Flour"), (2, "Water"), (2, "Salt"), (2, "2 comments from 2 people"), (3, "Bob"), (3, "Nora"), (3, "Leave a comment")],
    "/members/bob/": [(1, "Bob"), (2, "Links of Bob"), (2, "Recent comments")],
    "/search/?q=bread": [(1, "Search"), (2, "Posts"), (3, "Bread"), (2, "Comments")],
    "/accounts/login/": [(1, "Sign in")],
}  # fmt: skip


@pytest.mark.journey
def test_headings_and_landmarks_of_the_main_pages(visit, world):
    reader = visit()
    trees = {path: Tree(reader.open(path)) for path in PAGES}
    assert {path: tree.headings for path, tree in trees.items()} == PAGES
    for path, tree in trees.items():
        assert (path, tree.nameless, tree.skipped) == (path, [], [])
        assert [one for one in tree.landmarks if one in {"banner", "main", "contentinfo"}] == [
            "banner",
            "main",
            "contentinfo",
        ], path
        names = [one for one in tree.landmarks if one.startswith("navigation")]
        assert len(names) == len(set(names)), path
        assert "navigation" not in names, path


def test_members_and_moderators_find_names_at_every_control_and_headings_in_order(visit, world):
    make_member("ada")
    make_moderator("carol")
    pages = {
        "ada": ("/posts/bread/", "/members/me/edit/", "/notifications/", "/notifications/settings/"),
        "carol": (f"/moderation/comments/{world.comments.earliest('pk').pk}/",),
    }
    for who, paths in pages.items():
        reader = visit(width=360)
        reader.sign_in(who)
        for path in paths:
            tree = Tree(reader.open(path))
            assert (path, tree.nameless, tree.skipped) == (path, [], [])


def test_a_comment_is_an_article_by_its_author(visit, world):
    page = visit().open("/posts/bread/")
    named = page.get_by_role("article", name=re.compile("Bob"))
    assert named.count() == 1


def test_what_happens_is_said_in_a_live_region(visit, world):
    """A form error is an alert, a result is a status; the live region for news exists before there is any."""
    reader = visit()
    make_member("ada")
    reader.sign_in("ada")
    page = reader.open("/posts/bread/")
    page.locator("footer.postfoot").get_by_role("button", name="Thanks").click()
    page.get_by_role("status").filter(has_text="Thanks sent. Only the author sees it.").wait_for()
    assert page.locator("footer.postfoot").get_by_role("button", name="Thanks", pressed=True).count() == 1
    regions = page.locator("[role=status], [role=alert], [aria-live]")
    assert regions.count() >= 2
    page = visit().open("/accounts/login/")
    page.fill("[name=login]", "nobody")
    page.fill("[name=password]", "wrong-password")
    page.press("[name=password]", "Enter")
    page.get_by_role("alert").wait_for()


def test_in_forced_colours_controls_have_borders_and_the_current_page_is_marked(visit, world):
    reader = visit(scheme="dark")
    reader.page.emulate_media(forced_colors="active")
    page = reader.open("/posts/bread/")
    bare = page.evaluate(
        """() => [...document.querySelectorAll("button:not([hidden]), .btn, input:not([type=hidden]), textarea, select")]
        .filter((one) => one.checkVisibility() && !one.matches(".act, .act *, .menu *, header *"))
        .filter((one) => { const style = getComputedStyle(one);
          return style.borderTopStyle === "none" || parseFloat(style.borderTopWidth) === 0; })
        .map((one) => one.outerHTML.slice(0, 100))"""
    )
    assert bare == []
    page.locator("main a").first.focus()
    assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth) > 1")
