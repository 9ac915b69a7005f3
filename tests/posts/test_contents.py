"""The table of contents of a long post: built from its headings, with stable ids."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from core.markup.contents import with_contents
from core.markup.posts import clean_post_html
from core.templatetags.core_tags import icon
from tests.factories import make_post

BODY = (
    "<h2>First steps</h2><p>a</p><h3>What &amp; <em>where</em></h3><p>b</p><h2>First steps</h2><h4>Small</h4>"
)


def outline(body: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
    _html, headings = with_contents(body)
    return [(one.key, one.text, [(sub.key, sub.text) for sub in one.below]) for one in headings]


def test_headings_get_ids_from_their_text_and_a_list_of_two_levels():
    html, _headings = with_contents(BODY)
    assert html == (
        '<h2 id="h-first-steps">First steps</h2><p>a</p><h3 id="h-what-where">What &amp; <em>where</em></h3><p>b</p>'
        '<h2 id="h-first-steps-2">First steps</h2><h4>Small</h4>'
    )
    assert outline(BODY) == [
        ("h-first-steps", "First steps", [("h-what-where", "What & where")]),
        ("h-first-steps-2", "First steps", []),
    ]


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ("<h2>A</h2><h2>B</h2>", []),
        ("<h3>Erste</h3><h3>Zweite</h3><h2>Größe</h2>", ["h-erste", "h-größe"]),
        ("<h2>!</h2><h2>?</h2><h2>目次</h2><h2> </h2>", ["h-part", "h-part-2", "h-目次"]),
        ('<h2>A</h2><h2>"><b>B</b></h2><h2>C</h2>', ["h-a", "h-b", "h-c"]),
    ],
)
def test_odd_headings(body, keys):
    assert [key for key, _text, _below in outline(clean_post_html(body))] == keys


def test_many_equal_and_very_long_headings_have_ids_of_their_own():
    html, headings = with_contents("<h2>Again</h2>" * 200 + f"<h2>{'long ' * 100}</h2>")
    keys = [heading.key for heading in headings]
    assert (len(set(keys)), max(map(len, keys)) <= 63, html.count(" id=")) == (201, True, 201)


@pytest.mark.django_db
def test_the_page_of_a_post_links_to_its_parts(client):
    page = client.get(make_post(body=BODY).get_absolute_url())
    assertContains(page, '<nav aria-label="Contents">')
    assertContains(page, f"<summary>Contents {icon('down')}</summary>", html=True)
    assertContains(page, '<a href="#h-what-where" dir="auto">What &amp; where</a>', html=True)
    assertContains(page, '<h3 id="h-what-where">')
    assertNotContains(client.get(make_post(body="<h2>One</h2><h2>Two</h2>").get_absolute_url()), "Contents")
