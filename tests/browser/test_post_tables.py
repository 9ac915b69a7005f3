"""Tables in a post: the host can edit and save them, and they fit every screen."""

import pytest

from posts.models import Post
from tests.factories import make_host, make_post

HEAD = '<thead><tr><th scope="col">Plant</th><th scope="col">Height</th></tr></thead>'
TABLE = f"<table><caption>Roses</caption>{HEAD}<tbody><tr><td>Rose</td><td>2 m</td></tr></tbody></table>"
FIGURE = f"<figure><table>{HEAD}<tbody><tr><td>Fern</td><td>1 m</td></tr></tbody></table><figcaption>Ferns</figcaption></figure>"
BODY = f"<p>Before.</p>\n{TABLE}{FIGURE}<p>After.</p>"


@pytest.fixture
def host(visit):
    make_host("nora")
    visitor = visit(javascript=True)
    visitor.sign_in("nora")
    return visitor


def test_a_post_with_tables_is_opened_and_saved(host):
    post = make_post(body=BODY)
    page = host.open(f"/admin/posts/post/{post.pk}/change/")
    page.wait_for_selector(".sheet table")
    page.fill("[name=title]", "Another title")
    page.click("[name=_save]")
    page.wait_for_load_state()
    assert Post.objects.get().title == "Another title"
    assert Post.objects.get().body == BODY


def test_tables_survive_edits_of_the_text_around_them(host):
    post = make_post(body=BODY)
    page = host.open(f"/admin/posts/post/{post.pk}/change/")
    page.click(".sheet p:has-text('After.')")
    page.keyboard.press("End")
    page.keyboard.type(" All.")
    page.click("[name=_save]")
    page.wait_for_load_state()
    body = Post.objects.get().body
    assert "After. All." in body
    assert body.count("<table>") == body.count("</table>") == 2
    for words in ["Roses", "Ferns", "Plant", "Height", "Rose", "2 m", "Fern", "1 m"]:
        assert words in body, body


def test_a_table_fits_the_screen(visit):
    visitor = visit(javascript=False, width=320)
    for columns in (4, 7):
        wide = "".join(f"<td>Column{number}withalongword</td>" for number in range(columns))
        post = make_post(body=f"<table><tbody><tr>{wide}</tr></tbody></table>{BODY}")
        page = visitor.open(post.get_absolute_url())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), columns
