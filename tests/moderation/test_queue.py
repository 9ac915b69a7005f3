"""The moderation queue, and the selected comment beside it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import ProfileLink
from comments.models import Comment
from comments.services.writing import delete_comment, edit_comment
from core.utils.pagination import Cursor
from moderation.services.cases import History
from moderation.services.decisions import decide
from tests.factories import make_member, put_comment, switch_on
from tests.figures import figure
from tests.moderation.helpers import make_held, make_report

pytestmark = pytest.mark.sql


@pytest.fixture
def moderator_client(moderator, signed_in):
    return signed_in(moderator)


def rows(response) -> list[Comment]:
    return response.context["page"].rows


def test_an_empty_queue_says_so(moderator_client):
    response = moderator_client.get("/moderation/")
    assertContains(response, "Nothing to review.")
    assert (rows(response), response.context["summary"]) == ([], (0, None, 0, 0))


def test_held_and_reported_comments_are_in_one_list_oldest_first(moderator_client, post):
    now = timezone.now()
    held = make_held(post=post, created_at=now - timedelta(hours=2))
    reported = make_report(put_comment(post=post, created_at=now - timedelta(days=9)), hours_ago=3).comment
    make_report(reported, hours_ago=1)
    late = make_report(put_comment(post=post, created_at=now - timedelta(days=20)), hours_ago=1).comment
    put_comment(post=post)
    response = moderator_client.get("/moderation/")
    assert rows(response) == [reported, held, late]
    assert response.context["summary"].awaiting == 3
    assert response.context["case"].comment == reported
    assertContains(response, "3 comments are waiting (the oldest for 3\xa0hours)")


def test_each_row_says_why_it_is_there(moderator_client, post):
    make_held(post=post)
    comment = put_comment(post=post)
    make_report(comment, reason="unkind")
    make_report(comment, reason="unkind")
    make_report(comment, reason="spam")
    make_report(put_comment(post=post), reason="private")
    response = moderator_client.get("/moderation/")
    strongest = "Links to a site that no approved comment links to. Found: “lantern.example”."
    assertContains(response, f'<span class="badge held">{strongest}</span>', html=True, count=1)
    assertContains(response, "Reported by 3: It’s unkind or attacks someone; It’s advertising or spam")
    assertContains(response, "Reported by one member: It gives away something private")


def test_decided_or_deleted_comments_leave_the_queue(moderator_client, moderator, post):
    decide(make_held(post=post), "approve", by=moderator)
    decide(make_report(put_comment(post=post)).comment, "approve", by=moderator)
    decide(make_report(put_comment(post=post)).comment, "remove", by=moderator)
    withdrawn = make_report(put_comment(post=post)).comment
    delete_comment(withdrawn, by=withdrawn.author)
    assert rows(moderator_client.get("/moderation/")) == []


def test_the_list_goes_on_where_the_page_before_ended(moderator_client, post, settings):
    settings.REVIEW_PER_PAGE = 2
    moment = timezone.now() - timedelta(hours=1)
    comments = [make_held(post=post, created_at=moment) for _ in range(5)]
    first = moderator_client.get("/moderation/")
    second = moderator_client.get("/moderation/", {"after": str(first.context["page"].next)})
    third = moderator_client.get("/moderation/", {"after": str(second.context["page"].next)})
    assert [rows(first), rows(second), rows(third)] == [comments[:2], comments[2:4], comments[4:]]
    assert third.context["page"].next is None
    assertContains(first, f"?after={first.context['page'].next}")


@pytest.mark.parametrize(
    "query",
    [
        "after=x",
        "after=9-",
        "after=99999999999999999999-1",
        "after=²-1",
        "item=x",
        "item=99999999999999999999",
        "done=x,,9",
        "after=1-99999999999999999999",
    ],
)
def test_a_mistyped_address_opens_the_first_page(moderator_client, post, query):
    held = make_held(post=post)
    response = moderator_client.get(f"/moderation/?{query}")
    assert (response.status_code, rows(response)) == (200, [held])


def test_a_cursor_reads_what_it_wrote():
    cursor = Cursor(timezone.now(), 7)
    assert Cursor.read(str(cursor)) == cursor


@pytest.mark.parametrize("number", [5, figure(9, 50)])
def test_the_queue_costs_the_same_queries_however_much_waits(
    moderator_client, post, number, django_assert_num_queries
):
    author = make_member(date_joined=timezone.now())
    for _ in range(number):
        held = make_held(
            post=post,
            author=author,
            parent=put_comment(post=post),
            created_at=timezone.now() - timedelta(hours=1),
        )
        make_report(held)
        make_report(put_comment(post=post))
    moderator_client.get("/moderation/")
    # Session, user, their unread notifications; two for the latest decision and edit; held and reported
    # ones, their reports, claims; two for the summary; the case, its author's links, near-copies and
    # those of them that are shown, the spam filter's verdict, reports, decisions, history, two for the
    # standing and other comments, two for the surrounding thread, three for groups; three to claim it; the
    # reasons offered in each form.
    with django_assert_num_queries(33):
        response = moderator_client.get("/moderation/")
    assert len(rows(response)) == min(2 * number, 25)
    with django_assert_num_queries(28):
        moderator_client.get(reverse("moderation:comment-review", args=[held.pk]))


def test_the_case_asked_for_opens_beside_the_list(moderator_client, post):
    make_held(post=post)
    second = make_held(post=post)
    response = moderator_client.get("/moderation/", {"item": second.pk})
    assert response.context["case"].comment == second
    assertContains(response, 'aria-current="true"', count=1)


def test_a_case_shows_the_comment_in_its_context(moderator_client, post):
    parent = put_comment(
        post=post, author=make_member("dora", display_name="Dora"), body="Where is the **kettle**?"
    )
    held = make_held(
        parent=parent,
        author=make_member("lantern", date_joined=timezone.now(), display_name="Lantern"),
        body="Here: [your bank](https://evil.example/a?b=c).",
    )
    response = moderator_client.get(reverse("moderation:comment-review", args=[held.pk]))
    assertContains(response, "“Where is the kettle?”")
    assertContains(response, f'href="{parent.get_absolute_url()}"')
    assertContains(response, f'href="{post.get_absolute_url()}"')
    assertContains(response, '<div class="words" dir="auto"><p>Here: your bank.</p></div>', html=True)
    assertContains(response, '<span class="raw">https://<mark>evil.example</mark>/a?b=c</span>', html=True)
    assertContains(response, "shown as “your bank”")
    assertNotContains(response, 'href="https://evil.example')
    assertContains(response, "First comment with a link from a new member.")


def test_a_case_shows_who_reported_it_and_why(moderator_client, post):
    report = make_report(
        put_comment(post=post),
        make_member("dora", display_name="Dora"),
        hours_ago=2,
        reason="other",
        note="Read the <b>second</b> line.",
    )
    response = moderator_client.get(reverse("moderation:comment-review", args=[report.comment_id]))
    assertContains(
        response, "2\xa0hours ago</time>: Something else – “Read the &lt;b&gt;second&lt;/b&gt; line.”"
    )


def test_a_long_report_is_folded(moderator_client, post):
    report = make_report(put_comment(post=post), note="They did this to my neighbour too. " * 20)
    response = moderator_client.get(reverse("moderation:comment-review", args=[report.comment_id]))
    assertContains(
        response, "“They did this to my neighbour too. They did this to my neighbour too. They did …”"
    )
    assertContains(response, report.note.strip())


def test_of_many_links_the_first_are_spelt_out_and_the_others_folded(moderator_client, post):
    held = make_held(
        post=post, body=" ".join(f"https://kitchen-{number}.example/soup" for number in range(10))
    )
    response = moderator_client.get(reverse("moderation:comment-review", args=[held.pk]))
    assertContains(response, "10 link targets")
    assertContains(response, "Other links")
    assertContains(response, "/soup</span></span></li>", count=10)
    assertNotContains(response, "shown as")


def test_earlier_versions_are_offered_if_there_are_any(moderator_client, post):
    held = make_held(post=post)
    address = reverse("moderation:comment-review", args=[held.pk])
    assertNotContains(moderator_client.get(address), "edit history")
    edit_comment(held, body="Other words, and https://lantern.example/deals?ref=table", by=held.author)
    assertContains(moderator_client.get(address), "edit history")


def test_a_case_shows_its_authors_history(moderator_client, post):
    author = make_member(date_joined=timezone.now() - timedelta(days=3, hours=1))
    ProfileLink.objects.create(user=author, label="Shop", url="https://shop.example/")
    for status, number in {"public": 3, "removed": 2, "spam": 1, "held": 1, "deleted": 1}.items():
        for _ in range(number):
            put_comment(post=post, author=author, status=status, body=f"{status} {number} {_}")
    comment = make_report(put_comment(post=post, author=author)).comment
    response = moderator_client.get(reverse("moderation:comment-review", args=[comment.pk]))
    assert response.context["case"].history == History(published=3, waiting=1, removed=2, spam=1, deleted=1)
    assert len(response.context["case"].recent) == 5
    assertNotContains(response, "deleted 1 0")
    assertContains(response, "member for 3\xa0days")
    assertContains(response, '<span class="raw">https://shop.example/</span>', html=True)


def test_a_case_of_a_guest_has_no_history(moderator_client, post):
    comment = put_comment(post=post, author=make_member(), body="From long ago.")
    Comment.objects.filter(pk=comment.pk).update(
        author=None, guest_name="Ada", guest_url="https://ada.example/"
    )
    make_report(comment)
    response = moderator_client.get("/moderation/")
    assertContains(response, "A guest from before this site")
    assertContains(response, '<span class="raw">https://ada.example/</span>', html=True)
    assert response.context["case"].history is None


def test_a_case_shows_earlier_decisions(moderator_client, moderator, post):
    held = make_held(post=post)
    decide(held, "remove", by=moderator, note="Selling lanterns.")
    response = moderator_client.get(reverse("moderation:comment-review", args=[held.pk]))
    assertContains(response, "“Selling lanterns.”")
    assertContains(response, "Removed by a moderator")


def test_deleted_comments_are_gone_for_moderators_too(moderator_client, moderator, post):
    comment = make_report(put_comment(post=post, body="Too much was said here.")).comment
    reply = make_held(parent=comment)
    decide(comment, "approve", by=moderator)
    delete_comment(comment, by=comment.author)
    assert moderator_client.get(reverse("moderation:comment-review", args=[comment.pk])).status_code == 404
    pages = [
        moderator_client.get(url)
        for url in (
            "/moderation/",
            "/moderation/decisions/",
            reverse("moderation:comment-review", args=[reply.pk]),
        )
    ]
    for page in pages:
        assertNotContains(page, "Too much was said")
    assertContains(pages[2], "deleted by its author")


def test_an_edit_that_adds_a_link_is_in_the_queue_with_its_reason(moderator_client, post):
    author = make_member(date_joined=timezone.now())
    comment = put_comment(post=post, author=author, body="Hello.")
    edit_comment(comment, body="Hello https://lantern.example/.", by=author)
    response = moderator_client.get("/moderation/")
    assert rows(response) == [comment]
    assertContains(response, "https://<mark>lantern.example</mark>/")


def test_an_unknown_comment_is_not_found(moderator_client):
    assert moderator_client.get("/moderation/comments/99999999999999999999/").status_code == 404
    assert moderator_client.get("/moderation/comments/7/").status_code == 404


def test_no_page_has_the_title_of_another_one_about_the_same_thing(moderator_client, post):
    """WCAG 2.4.2: a window, tab or bookmark is found by its title."""
    switch_on("decisions")
    comment = put_comment(post, author=make_member("wanda"))
    paths = [
        "/members/wanda/", "/moderation/people/wanda/",
        "/decisions/", "/moderation/decisions/",
        f"/comments/{comment.pk}/more/", f"/moderation/comments/{comment.pk}/",
        "/moderation/discussion/", f"/moderation/discussion/{post.slug}/",
    ]  # fmt: skip
    pages = {path: moderator_client.get(path).content.decode() for path in paths}
    titles = {path: re.search(r"<title>(.+?)</title>", page)[1] for path, page in pages.items()}
    assert len(set(titles.values())) == len(paths), titles
