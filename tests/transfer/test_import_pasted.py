"""Importing a pasted page: what is recognised, and that nothing is stored before it was reviewed."""

import html
import sys
from datetime import UTC, datetime

import pytest

from comments.models import Comment
from posts.models import Post
from tests.factories import make_host, make_post
from transfer.imports.pasted import date_in, recognise_page
from transfer.models import ImportRun

PASTE = "/admin/transfer/importrun/paste/"
TEXT = """On bread
April 25, 2012, 6:25 pm

Flour and water.

3 comments

Per Hansen
April 26, 2012, 8:25 am
I bake too.
Reply

Eva says:
April 26, 2012 at 9:00 am
@Per Hansen: what do you bake?

On Friday I wrote a letter.

Ida | 27 April 2012, 10:00
In reply to Eva: rye.

Leave a Reply
Name
"""
PAGE = """<html><head><title>On bread | Notes</title><script>var x = "April 1, 2012";</script></head><body>
<h1 class="entry-title">On bread</h1><time class="entry-date" datetime="2012-04-25T18:25:00Z">April 25</time>
<div class="entry-content"><p>Flour.</p><p>Water.</p></div>
<ol class="commentlist"><li class="comment depth-1" id="comment-7"><div id="div-comment-7" class="comment-body">
<div class="comment-author vcard"><cite class="fn">Per</cite> <span class="says">says:</span></div>
<div class="comment-meta commentmetadata"><a href="#">April 26, 2012 at 8:25 am</a></div><p>I bake<br>too.</p><div class="reply"><a>Reply</a></div></div>
<ul class="children"><li class="comment depth-2" id="comment-8"><div id="div-comment-8"><cite class="fn">Eva</cite>
<div class="comment-meta"><a>April 26, 2012 at 9:00 am</a></div><p>What?</p></div></li></ul></li></ol></body></html>"""


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("April 25, 2012, 6:25 pm", "2012-04-25 18:25"),
        ("Posted on 25 April 2012 at 18:25", "2012-04-25 18:25"),
        ("Sept. 3rd, 2010 @ 9:05 a.m.", "2010-09-03 09:05"),
        ("Wed, 25 Apr 2012", "2012-04-25 00:00"),
        ("2012-04-25T18:25:00", "2012-04-25 18:25"),
        ("25.4.2012 18:25", "2012-04-25 18:25"),
    ],
)  # fmt: skip
def test_dates_are_read_as_people_write_them(text, when):
    assert f"{date_in(text):%Y-%m-%d %H:%M}" == when


@pytest.mark.parametrize("text", ["February 31, 2012", "May 2012", "Chapter 25, 2012 pages", ""])
def test_what_is_no_date_is_none(text):
    assert date_in(text) is None


def found(source: str) -> list[tuple[int, int, str, str, str]]:
    return [
        (one.number, one.parent, one.name, f"{one.written_at:%d %H:%M}" if one.written_at else "", one.text)
        for one in recognise_page(source).comments
    ]


def test_a_page_copied_as_text_is_recognised():
    page = recognise_page(TEXT)
    assert (page.title, page.written_at, page.text) == (
        "On bread",
        datetime(2012, 4, 25, 18, 25, tzinfo=UTC),
        "Flour and water.",
    )
    assert found(TEXT) == [
        (1, 0, "Per Hansen", "26 08:25", "I bake too."),
        (2, 1, "Eva", "26 09:00", "@Per Hansen: what do you bake?\n\nOn Friday I wrote a letter."),
        (3, 2, "Ida", "27 10:00", "rye."),
    ]


LOAF = """My first loaf
{head}

Flour and water.

On April 21, 2012 I ate it.

{count}

Per
April 22, 2012 at 8:00 am
Nice.

Eva says:
April 23, 2012 at 9:00 am
Indeed.
"""


@pytest.mark.parametrize(
    "head",
    [
        "Posted by Martha on April 20, 2012",
        "Posted on April 20, 2012 by Martha",
        "April 20, 2012 by Martha",
        "Martha\nApril 20, 2012",
        "By Martha, April 20, 2012",
        "Posted by Martha on April 20, 2012\n2 comments",
    ],
)
@pytest.mark.parametrize(
    "count",
    ["2 comments", "Two Responses to “My first loaf”", "2 replies", "Comments (2)", "2 thoughts on “Loaf”"],
)
def test_a_name_and_date_above_the_number_of_comments_belong_to_the_post(head, count):
    source = LOAF.format(head=head, count=count)
    page = recognise_page(source)
    assert (page.title, page.author, f"{page.written_at:%Y-%m-%d}", page.text) == (
        "My first loaf",
        "Martha",
        "2012-04-20",
        "Flour and water.\n\nOn April 21, 2012 I ate it.",
    )
    assert found(source) == [(1, 0, "Per", "22 08:00", "Nice."), (2, 0, "Eva", "23 09:00", "Indeed.")]


def test_without_a_number_of_comments_only_who_posted_it_is_its_author():
    source = LOAF.format(head="Posted by Martha on April 20, 2012", count="").replace(
        "On April 21, 2012 ", ""
    )
    assert (recognise_page(source).author, [one[2] for one in found(source)]) == ("Martha", ["Per", "Eva"])
    bare = "My first loaf\n\nFlour.\n\nPer\nApril 22, 2012\nNice.\n\nEva\nApril 23, 2012\nIndeed."
    assert (recognise_page(bare).author, [one[2] for one in found(bare)]) == ("", ["Per", "Eva"])


def test_names_and_dates_below_the_comments_are_theirs():
    """As Movable Type and TypePad display them, and (the date only) Blogger."""
    movable = """On bread
Flour.

Comments

Nice one.

Posted by: Per | April 25, 2012 at 06:25 PM

Thanks!

Posted by: Eva | April 25, 2012 at 07:25 PM
"""
    blogger = """On bread
Flour.

2 comments:

Per said...
Nice one.
25 April 2012 at 18:25
Eva said…
Thanks!
25 April 2012 at 19:25
"""
    expected = ("Flour.", [("Per", 25, 18, "Nice one."), ("Eva", 25, 19, "Thanks!")])
    for source in (movable, blogger):
        page = recognise_page(source)
        comments = [
            (one.name, one.written_at.day, one.written_at.hour, one.text)
            for one in page.comments
            if one.written_at is not None
        ]
        assert (page.text, comments) == expected


def test_a_saved_page_is_recognised_with_its_tree():
    page = recognise_page(PAGE)
    assert (page.title, page.text) == ("On bread", "Flour.\n\nWater.")
    assert found(PAGE) == [(1, 0, "Per", "26 08:25", "I bake\ntoo."), (2, 1, "Eva", "26 09:00", "What?")]


def test_a_text_made_to_take_long_is_read_quickly():
    for source in (
        "April 1, " * 20_000,
        "<li class='comment'>" * 5_000,
        "a " * 50_000 + "April 25, 2012",
        "(" * 90_000,
    ):
        recognise_page(source)


def test_text_deep_inside_a_page_is_read_as_quickly():
    """Counts steps instead of time: none grows with the number of open elements."""

    def steps(depth: int) -> int:
        count = 0

        def counted(*_call: object) -> None:
            nonlocal count
            count += 1

        source = "<div>" * depth + "<b>x</b>" * 500
        sys.setprofile(counted)
        try:
            recognise_page(source)
        finally:
            sys.setprofile(None)
        return count

    assert steps(290) < 2 * steps(10)


# --- in the admin --------------------------------------------------------------

pages = pytest.mark.django_db(transaction=True)


@pytest.fixture
def host_client(client):
    client.force_login(make_host("ida"))
    return client


def as_typed(context) -> dict[str, str]:
    """Return what a browser would send back from the page with the recognised content."""
    post, comments = context["post"], context["comments"]
    sent = {f"post-{field.name}": field.value() or "" for field in post if field.name != "comments_only"}
    sent |= {"comments-TOTAL_FORMS": len(comments.forms), "comments-INITIAL_FORMS": len(comments.forms)}
    for form in comments.forms:
        sent |= {form.add_prefix(field.name): field.value() or "" for field in form}
    return {
        name: value.strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else value
        for name, value in sent.items()
    }


@pages
def test_nothing_is_stored_before_it_was_corrected_and_checked(host_client):
    page = host_client.post(PASTE, {"source": TEXT})
    assert page.status_code == 200
    assert not ImportRun.objects.exists()

    sent = as_typed(page.context) | {
        "post-title": "On my bread",
        "post-address": "/2012/04/bread.html",
        "comments-1-parent": "",
    }
    answer = host_client.post(PASTE, sent)
    assert not Post.objects.exists()
    host_client.post(answer["Location"])

    assert Post.objects.get().title == "On my bread"
    assert list(Comment.objects.in_reading_order().values_list("level", "guest_name", "body")) == [
        (0, "Per Hansen", "I bake too."),
        (0, "Eva", "@Per Hansen: what do you bake?\n\nOn Friday I wrote a letter."),
        (1, "Ida", "rye."),
    ]
    assert host_client.get("/2012/04/bread.html").status_code == 301


@pages
def test_comments_of_a_pasted_page_come_to_a_post_that_is_here(host_client):
    make_post(slug="bread")
    sent = as_typed(host_client.post(PASTE, {"source": PAGE}).context)
    answer = host_client.post(
        PASTE, sent | {"post-address": "/2012/04/bread.html", "post-comments_only": "on"}
    )
    host_client.post(answer["Location"])
    assert (Post.objects.get().comment_count, Post.objects.get().title != "On bread") == (2, True)


@pages
def test_a_mistake_is_said_at_its_field_and_everything_typed_stays(host_client):
    sent = as_typed(host_client.post(PASTE, {"source": TEXT}).context)
    answer = host_client.post(
        PASTE, sent | {"comments-0-parent": "3", "comments-0-name": "Pär", "post-comments_only": "on"}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "<title>Error: Paste an old page" in page
    assert 'class="field wrong"' in page
    assert "parent" in answer.context["comments"].forms[0].errors
    assert "address" in answer.context["post"].errors
    assert 'value="Pär"' in answer.content.decode()
    assert not ImportRun.objects.exists()


@pages
@pytest.mark.parametrize("source", ["", " ", "<p></p>"])
def test_a_page_with_nothing_in_it_is_refused_at_the_field(host_client, source):
    answer = host_client.post(PASTE, {"source": source})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["source"])


@pages
@pytest.mark.parametrize("source", ["<div>" + "<b>x</b>" * 20_000, "On bread\n" + "May 1, 2012\n" * 4000])
def test_too_much_for_one_request_is_refused_at_the_field(host_client, source):
    answer = host_client.post(PASTE, {"source": source})
    assert answer.context["form"].errors["source"] == [
        "This is too much to read at once. Paste only the part with the post and its comments."
    ]
    assert source[:50] in html.unescape(answer.content.decode())
