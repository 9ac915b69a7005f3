"""Who may comment, and when: the host's setting for a post, and the default for all posts."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from comments.models import Comment, DiscussionDefaults
from comments.services.discussion import choose_defaults, choose_rules
from comments.services.writing import edit_comment, set_status
from notifications.models import Notification
from tests.factories import make_comment, make_member, make_post
from tests.notifications.people import later

pytestmark = pytest.mark.django_db


def say(client, post, body="Good soup.", **more):
    return client.post(f"{post.get_absolute_url()}comments/", {"body": body} | more)


def states() -> list[tuple[str, list[str]]]:
    return [
        (comment.status, [reason["code"] for reason in comment.hold_reasons])
        for comment in Comment.objects.order_by("pk")
    ]


def refused(response, words: str, status: int = 422) -> bool:
    """Return whether the form has this error at the field, with the text still in it."""
    assert response.status_code == status
    form = response.context["form"]
    assert form["body"].value() == "Good soup."
    return any(words in error for error in form.errors["body"])


@pytest.fixture
def writer(member, signed_in):
    return signed_in(member)


class TestAllCommentsWait:
    @pytest.fixture(autouse=True)
    def _all_wait(self, post):
        choose_rules(post, policy="all")

    def test_until_a_moderator_approves_them(self, writer, post):
        make_comment(post)  # of a member who is still established
        say(writer, post)
        assert states() == [("held", ["policy_all"])] * 2
        assertContains(
            writer.get(post.get_absolute_url()), "All comments here are reviewed before they appear."
        )

    def test_but_not_the_host_s_and_the_moderators(self, host, moderator, signed_in, post):
        for one in (host, moderator):
            say(signed_in(one), post, f"From {one}.")
        assert states() == [("public", [])] * 2

    def test_and_again_when_they_are_edited(self, member, post):
        comment = make_comment(post, author=member, status="public")
        edit_comment(comment, body="Something quite different.", by=member)
        assert states() == [("held", ["policy_all"])]

    def test_so_the_line_says_that_people_are_notified_once_it_is_approved(self, writer, host, post):
        line = writer.post(f"{post.get_absolute_url()}told/", {"body": "Hello"})
        assertContains(line, "Will be notified once it’s approved:")
        say(writer, post)
        assert not Notification.objects.filter(kind="own_posts").exists()
        set_status(Comment.objects.get(), Comment.Status.PUBLIC)
        assert [row.member for row in Notification.objects.filter(kind="own_posts")] == [host]

    def test_and_so_does_the_line_of_a_visitor(self, client, post):
        assertContains(
            client.get(post.get_absolute_url()),
            "Once your comment is approved, we’ll notify the people you reply to or mention.",
        )


class TestTheFirstCommentWaits:
    def test_as_the_line_of_a_visitor_says(self, client, post):
        choose_rules(post, policy="first")
        assertContains(
            client.get(post.get_absolute_url()), "If this is your first comment, once it’s approved."
        )

    def test_of_each_person_until_one_was_public(self, writer, member, post):
        choose_rules(post, policy="first")
        say(writer, post, "One.")
        say(writer, post, "Two.")
        set_status(Comment.objects.first(), Comment.Status.PUBLIC)
        say(writer, post, "Three.")
        assert states() == [("public", ["policy_first"]), ("held", ["policy_first"]), ("public", [])]
        edit_comment(Comment.objects.first(), body="One, edited.", by=member)
        assert states()[0][0] == "public"

    def test_and_the_line_says_so_to_them_alone(self, writer, signed_in, post):
        choose_rules(post, policy="first")
        old = make_member()
        make_comment(make_post(), author=old)
        told = f"{post.get_absolute_url()}told/"
        assertContains(writer.post(told, {"body": "x"}), "once it’s approved")
        assertNotContains(signed_in(old).post(told, {"body": "x"}), "once it’s approved")


class TestMembersOnly:
    @pytest.fixture(autouse=True)
    def _members(self, post):
        choose_rules(post, policy="members")

    def test_visitors_are_asked_to_sign_in(self, client, post):
        comment = make_comment(post)
        page = client.get(post.get_absolute_url())
        assertContains(page, "Only members can comment here.")
        assertNotContains(page, 'class="reply comment-form"')
        assertNotContains(page, f"reply={comment.pk}#reply")

    def test_what_a_visitor_sends_all_the_same_comes_back_and_can_be_posted_after_sign_in(
        self, client, member, post
    ):
        response = say(client, post, name="Ada", email="ada@example.org")
        assert refused(response, "Only members can comment here.")
        assert not mail.outbox
        assert say(client, post, sign_in="1").status_code == 302
        client.force_login(member)
        assertContains(client.get(post.get_absolute_url()), "Good soup.")

    def test_members_post_at_once(self, writer, post):
        say(writer, post)
        assert states() == [("public", [])]


class TestMembersForSomeDays:
    @pytest.fixture(autouse=True)
    def _known(self, post):
        choose_rules(post, policy="known", known_days=40)

    def test_newer_members_see_why_there_is_no_form(self, writer, post):
        make_comment(post, author=make_member(date_joined=timezone.now() - timedelta(days=41)))
        page = writer.get(post.get_absolute_url())
        assertContains(page, "This discussion is for people who have been members for at least 40 days.")
        assertContains(page, "You haven’t been a member for long enough to comment here yet.")
        assertNotContains(page, 'class="reply comment-form"')

    def test_and_are_told_when_they_can(self, writer, post):
        assert refused(say(writer, post), "You can from")
        with later(days=11):
            say(writer, post)
        assert states() == [("public", [])]

    def test_a_cached_page_of_an_old_member_is_not_shown_to_a_new_one(self, writer, signed_in, post):
        old = signed_in(make_member(date_joined=timezone.now() - timedelta(days=50)))
        for client, has_form in ((old, True), (writer, False), (old, True)):
            page = client.get(post.get_absolute_url()).content.decode()
            assert ('class="reply comment-form"' in page) == has_form

    def test_moderators_and_the_host_are_exempt(self, moderator, signed_in, post):
        say(signed_in(moderator), post)
        assert states() == [("public", [])]


class TestClosing:
    def test_happens_by_itself_some_days_after_publication(self, writer, post):
        choose_rules(post, close_after_days=3)  # it was published yesterday
        page = writer.get(post.get_absolute_url())
        assertContains(page, "Comments close on")
        with later(days=2, minutes=1):
            page = writer.get(post.get_absolute_url())
            assertContains(page, "Comments closed on")
            assertNotContains(page, 'class="reply comment-form"')
            assert refused(say(writer, post), "Comments were closed while you were writing.")

    def test_is_on_the_page_of_a_visitor_too_and_expires_its_etag(self, client, post):
        choose_rules(post, close_after_days=3)
        first = client.get(post.get_absolute_url())
        with later(days=2, minutes=1):
            again = client.get(post.get_absolute_url(), headers={"If-None-Match": first["ETag"]})
            assertContains(again, "Comments closed on")

    def test_of_one_post_can_be_never_where_the_default_is_after_some_days(self, writer, post):
        choose_defaults(DiscussionDefaults(close_after_days=1))
        choose_rules(post, close_after_days=0)
        other = make_post()
        assert refused(say(writer, other), "Comments were closed")
        say(writer, post)
        assert states() == [("public", [])]

    def test_by_default_closes_posts_that_say_nothing_else(self, writer, client, post):
        choose_defaults(DiscussionDefaults(policy="closed"))
        assert refused(say(writer, post), "Comments were closed")
        assertContains(client.get(post.get_absolute_url()), "Comments are closed.")
        choose_rules(post, policy="everybody")
        say(writer, post)
        assert states() == [("public", [])]

    def test_while_a_visitor_waits_for_the_code_keeps_the_text(self, client, post):
        say(client, post, name="Ada", email="ada@example.org")
        choose_rules(post, policy="members")
        response = say(client, post, name="Ben", email="ben@example.org")
        assert refused(response, "Only members can comment here.")


class TestSlowMode:
    @pytest.fixture(autouse=True)
    def _slow(self, post):
        choose_rules(post, slow_minutes=10)

    def test_takes_one_comment_of_each_person_in_ten_minutes(self, writer, signed_in, other_member, post):
        assertContains(
            writer.get(post.get_absolute_url()),
            "Slow mode is on: each person can post one comment every 10 minutes.",
        )
        say(writer, post, "First.")
        response = say(writer, post)
        assert refused(response, "Slow mode is on", status=429)
        assert 500 < int(response["Retry-After"]) <= 600
        say(signed_in(other_member), post, "Another person's.")
        with later(minutes=10, seconds=1):
            say(writer, post)
        assert len(states()) == 3

    def test_answers_a_double_click_with_the_comment_that_is_there(self, writer, post):
        assert [say(writer, post).status_code for _ in range(2)] == [302, 302]
        assert len(states()) == 1

    def test_does_not_slow_other_discussions_or_moderators(self, writer, moderator, signed_in, post):
        say(writer, post)
        assert say(writer, make_post(), "Elsewhere.").status_code == 302
        for words in ("One.", "Two."):
            assert say(signed_in(moderator), post, words).status_code == 302


def test_a_post_without_settings_is_as_it_always_was(writer, client, post):
    say(writer, post)
    assert states() == [("public", [])]
    page = client.get(post.get_absolute_url())
    assertContains(page, 'name="email"')
    assertNotContains(page, "Comments close")


def test_the_settings_cost_a_reader_no_query(client, post, django_assert_num_queries):
    choose_rules(post, policy="all", slow_minutes=3, close_after_days=30)
    for _ in range(2):  # the first sets a cookie
        client.get(post.get_absolute_url())
    with django_assert_num_queries(1):
        client.get(post.get_absolute_url())
