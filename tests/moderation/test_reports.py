"""A member reports a comment."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from moderation.models import Report
from moderation.services.decisions import decide
from tests.factories import make_post, put_comment
from tests.figures import figure
from tests.moderation.helpers import make_report


@pytest.fixture
def comment(post):
    return put_comment(post=post, body="The **kettle** is yours, and you know it.")


def url(comment) -> str:
    return reverse("moderation:report-create", args=[comment.pk])


def test_the_form_quotes_the_comment_and_offers_reasons(comment, member, signed_in):
    response = signed_in(member).get(url(comment))
    assert url(comment) == f"/comments/{comment.pk}/report/"
    assertContains(response, "“The kettle is yours, and you know it.”")
    assertContains(response, 'type="radio" name="reason"', count=5)
    assertNotContains(response, "---------")


def test_a_report_is_kept_and_the_reporter_is_thanked(comment, member, signed_in):
    response = signed_in(member).post(url(comment), {"reason": "unkind", "note": "To Dora."})
    assertRedirects(response, comment.get_absolute_url(), fetch_redirect_response=False)
    assert list(
        Report.objects.values_list("comment", "reporter__username", "reason", "note", "decision")
    ) == [(comment.pk, "alice", "unkind", "To Dora.", None)]


def test_the_thanks_are_said_on_the_next_page(comment, member, signed_in):
    client = signed_in(member)
    client.post(url(comment), {"reason": "spam"})
    assertContains(client.get("/guidelines/"), "Thank you. A moderator will review it.")


def test_visitors_sign_in_first(comment, client):
    for response in (
        client.get(url(comment)),
        client.post(url(comment), {"reason": "spam"}),
        client.get("/comments/999/report/"),
    ):
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("account_login") + "?next=/comments/")
    assert Report.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"note": "Kept words."}, "Choose a reason."),
        ({"reason": "because", "note": "Kept words."}, "Choose a reason."),
        ({"reason": "other"}, "Tell us briefly what’s wrong."),
        ({"reason": "other", "note": "   "}, "Tell us briefly what’s wrong."),
        ({"reason": "spam", "note": "x" * 1001}, "at most 1000 characters"),
    ],
)
def test_a_report_that_lacks_something_comes_back_with_what_was_typed(
    comment, member, signed_in, data, sentence
):
    response = signed_in(member).post(url(comment), data)
    assertContains(response, sentence, status_code=422)
    assertContains(response, data.get("note", "").strip(), status_code=422)
    assertContains(response, 'class="errorlist"', status_code=422, count=1)
    assertContains(response, "aria-describedby", status_code=422)
    assert Report.objects.count() == 0


def test_ones_own_comments_cannot_be_reported(comment, signed_in):
    client = signed_in(comment.author)
    for response in (client.get(url(comment)), client.post(url(comment), {"reason": "spam"})):
        assertContains(response, "This is your own comment", status_code=403)
    assert Report.objects.count() == 0


@pytest.mark.parametrize("status", ["held", "removed", "spam", "deleted"])
def test_what_cannot_be_seen_cannot_be_reported(comment, member, moderator, signed_in, status):
    hidden = put_comment(post=comment.post, status=status)
    assert signed_in(member).post(url(hidden), {"reason": "spam"}).status_code == 404
    assert signed_in(moderator).post(url(hidden), {"reason": "spam"}).status_code == (
        404 if status == "deleted" else 403
    )
    assert Report.objects.count() == 0


def test_comments_under_a_draft_and_unknown_ones_are_not_found(member, signed_in):
    comment = put_comment(post=make_post())
    comment.post.published_at = None
    comment.post.save()
    assert signed_in(member).get(url(comment)).status_code == 404
    for pk in ("999", "99999999999999999999"):
        assert signed_in(member).post(f"/comments/{pk}/report/", {"reason": "spam"}).status_code == 404


def test_a_second_report_is_answered_but_not_kept_twice(comment, member, signed_in):
    client = signed_in(member)
    client.post(url(comment), {"reason": "spam"})
    assertContains(client.get(url(comment)), "You’ve already reported this comment.")
    assertRedirects(
        client.post(url(comment), {"reason": "unkind"}),
        comment.get_absolute_url(),
        fetch_redirect_response=False,
    )
    assert list(Report.objects.values_list("reason", flat=True)) == ["spam"]


def test_after_a_decision_the_same_comment_may_be_reported_again(comment, member, moderator, signed_in):
    decide(make_report(comment, member).comment, "approve", by=moderator)
    signed_in(member).post(url(comment), {"reason": "spam"})
    assert Report.objects.open().count() == 1


def test_a_flood_of_reports_is_stopped_and_the_text_is_kept(post, member, signed_in, settings):
    [(limit, seconds)] = settings.REPORT_RATES
    client = signed_in(member)
    comments = [put_comment(post=post) for _ in range(limit + 1)]
    for comment in comments[:limit]:
        assert client.post(url(comment), {"reason": "spam"}).status_code == 302
    response = client.post(url(comments[-1]), {"reason": "other", "note": "Kept words."})
    assertContains(response, "Kept words.", status_code=429)
    assertContains(response, "You’ve sent several reports in a short time.", status_code=429)
    assert 0 < int(response["Retry-After"]) <= seconds
    Report.objects.update(created_at=timezone.now() - timedelta(seconds=seconds + 1))
    assert client.post(url(comments[-1]), {"reason": "other", "note": "Kept words."}).status_code == 302


def test_moderators_and_hosts_may_report_like_everybody(comment, moderator, host, signed_in):
    for user in (moderator, host):
        signed_in(user).post(url(comment), {"reason": "private"})
    assert Report.objects.count() == 2


@pytest.mark.parametrize("number", [1, figure(4, 20)])
def test_the_form_costs_the_same_queries_however_often_it_was_reported(
    comment, member, signed_in, number, django_assert_num_queries
):
    for _ in range(number):
        make_report(comment)
    client = signed_in(member)
    # Session, user, their unread notifications, the comment, an open report by the same user.
    with django_assert_num_queries(5):
        client.get(url(comment))
