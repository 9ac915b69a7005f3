"""Actions of the host and moderators on a comment in its thread, and on a whole discussion."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from pytest_django.asserts import assertContains, assertNotContains

from comments.models import Comment, Discussion, DiscussionDefaults
from comments.services import highlights
from comments.services.moving import move_branch
from comments.services.writing import set_status
from notifications.models import Notification
from tests.factories import make_member, make_post, put_comment
from tests.notifications.people import later, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator_client(moderator, signed_in):
    return signed_in(moderator)


@pytest.fixture
def comment(post, member):
    return put_comment(post, author=member, body="The soup was cold.")


def do(client, comment, what: str):
    return client.post(f"/moderation/comments/{comment.pk}/highlight/", {"do": what}, follow=True)


def page(client, post) -> str:
    return client.get(post.get_absolute_url()).content.decode()


class TestPinning:
    def test_shows_it_above_the_comments_for_everybody(self, moderator_client, client, comment):
        put_comment(comment.post, body="Another one.")
        before = page(client, comment.post)
        assertContains(do(moderator_client, comment, "pin"), "Pinned. It’s shown above the comments.")
        after = page(client, comment.post)
        assert after.count("The soup was cold.") == before.count("The soup was cold.") + 1
        assert "Pinned: alice" in after
        do(moderator_client, comment, "unpin")
        assert "Pinned" not in page(client, comment.post)

    def test_takes_the_place_of_what_was_pinned_before(self, moderator_client, comment):
        other = put_comment(comment.post)
        do(moderator_client, comment, "pin")
        do(moderator_client, other, "pin")
        assert [*Comment.objects.exclude(pinned_at=None)] == [other]

    def test_is_one_of_each_post_whatever_happens(self, comment):
        highlights.pin(comment)
        other = put_comment(comment.post)
        with pytest.raises(IntegrityError), transaction.atomic():
            Comment.objects.filter(pk=other.pk).update(pinned_at=comment.created_at)

    def test_ends_when_it_moves_to_another_post(self, comment, host):
        highlights.pin(comment)
        there = make_post()
        highlights.pin(put_comment(there))
        move_branch(comment, to_post=there, by=host)
        assert Comment.objects.filter(post=there).exclude(pinned_at=None).count() == 1

    def test_shows_nothing_of_what_was_removed_since(self, moderator_client, client, comment):
        do(moderator_client, comment, "pin")
        set_status(comment, Comment.Status.REMOVED)
        assert "The soup was cold." not in page(client, comment.post)
        assertContains(do(moderator_client, comment, "pin"), "This comment isn’t public any more")


class TestTheHostsChoice:
    def test_is_marked_and_its_author_is_notified(self, moderator_client, client, comment, moderator, member):
        do(moderator_client, comment, "choose")
        assert "Host’s choice" in page(client, comment.post)
        (row,) = Notification.objects.filter(kind="choices")
        assert (row.member, row.writer) == (member, moderator)
        with later(minutes=3):
            work()
        subjects = [message.subject for message in mail.outbox if message.to == [member.email]]
        assert subjects == [f"carol marked your comment on “{comment.post.title}” as the host’s choice"]

    def test_twice_notifies_once(self, moderator_client, comment):
        for _ in range(2):
            do(moderator_client, comment, "choose")
        assert Notification.objects.filter(kind="choices").count() == 1

    def test_undone_within_the_minute_notifies_no_one(self, moderator_client, comment, member):
        do(moderator_client, comment, "choose")
        do(moderator_client, comment, "unchoose")
        with later(minutes=3):
            work()
        assert not [message for message in mail.outbox if message.to == [member.email]]
        assert not Notification.objects.in_inbox_of(member).filter(kind="choices").exists()

    def test_comes_beside_thanks_for_the_same_comment(
        self, moderator_client, comment, signed_in, other_member
    ):
        signed_in(other_member).post(f"/comments/{comment.pk}/thanks/")
        do(moderator_client, comment, "choose")
        kinds = Notification.objects.filter(member=comment.author, comment=comment).values_list(
            "kind", flat=True
        )
        assert sorted(kinds) == ["choices", "thanks"]


class TestAClosedBranch:
    def test_takes_no_replies_at_any_depth(self, moderator_client, signed_in, comment):
        below = put_comment(parent=put_comment(parent=comment))
        do(moderator_client, comment, "close")
        writer = signed_in(make_member("dora"))
        for parent in (comment, below):
            response = writer.post(
                f"{comment.post.get_absolute_url()}comments/", {"body": "But…", "parent": parent.pk}
            )
            assertContains(response, "Replies to this comment were closed by a moderator.", status_code=422)
            assertContains(response, "But…", status_code=422)
        shown = page(writer, comment.post)
        assert "A moderator closed the replies to this comment." in shown
        assert f"reply={below.pk}#reply" not in shown

    def test_leaves_the_rest_of_the_thread_open(self, moderator_client, signed_in, comment):
        other = put_comment(comment.post)
        do(moderator_client, comment, "close")
        writer = signed_in(make_member("dora"))
        assert f"reply={other.pk}#reply" in page(writer, comment.post)
        response = writer.post(
            f"{comment.post.get_absolute_url()}comments/", {"body": "And…", "parent": other.pk}
        )
        assert response.status_code == 302

    def test_can_be_opened_again(self, moderator_client, signed_in, comment):
        do(moderator_client, comment, "close")
        do(moderator_client, comment, "reopen")
        assert f"reply={comment.pk}#reply" in page(signed_in(make_member("dora")), comment.post)


class TestACorrection:
    def test_is_seen_by_everybody_with_who_when_and_what(
        self, moderator_client, client, comment, moderator, member
    ):
        address = f"/moderation/comments/{comment.pk}/correct/"
        assertContains(moderator_client.get(address), "The soup was cold.")
        moderator_client.post(address, {"body": "The soup was warm."})
        comment.refresh_from_db()
        assert (comment.body, comment.author) == ("The soup was warm.", member)
        assert "corrected by a moderator" in page(client, comment.post)
        history = client.get(f"/comments/{comment.pk}/history/")
        assertContains(history, f"Edited by {moderator.get_display_name()}")
        assertContains(history, "<del>")
        (row,) = Notification.objects.filter(kind="corrections")
        assert (row.member, row.writer, row.path) == (member, moderator, f"/comments/{comment.pk}/history/")

    def test_without_a_change_leaves_no_trace(self, moderator_client, comment):
        moderator_client.post(f"/moderation/comments/{comment.pk}/correct/", {"body": comment.body})
        assert not comment.revisions.exists()
        assert not Notification.objects.filter(kind="corrections").exists()

    def test_of_nothing_is_refused_at_the_field(self, moderator_client, comment):
        response = moderator_client.post(f"/moderation/comments/{comment.pk}/correct/", {"body": ""})
        assertContains(response, "Write something first.", status_code=422)

    def test_of_an_own_comment_is_an_edit(self, moderator_client, post, moderator):
        own = put_comment(post, author=moderator)
        assert moderator_client.get(f"/moderation/comments/{own.pk}/correct/").status_code == 403

    def test_is_not_for_what_is_not_public(self, moderator_client, comment):
        set_status(comment, Comment.Status.REMOVED)
        address = f"/moderation/comments/{comment.pk}/correct/"
        assert [
            moderator_client.get(address).status_code,
            moderator_client.post(address, {"body": "x"}).status_code,
        ] == [404, 404]


class TestTheDiscussionOfAPost:
    def test_is_slowed_down_and_closed_by_moderators(self, moderator_client, post):
        address = f"/moderation/discussion/{post.slug}/"
        assertNotContains(moderator_client.get(address), 'name="policy"')
        moderator_client.post(address, {"slow_minutes": "10", "comments_open": "on", "policy": "all"})
        discussion = Discussion.objects.get()
        assert (discussion.slow_minutes, discussion.policy) == (10, "")
        moderator_client.post(address, {"slow_minutes": "0"})
        post.refresh_from_db()
        assert not post.comments_open
        assert Discussion.objects.get().slow_minutes == 0

    def test_is_the_host_s_choice_besides(self, host, signed_in, post):
        address = f"/moderation/discussion/{post.slug}/"
        moderator_client = signed_in(host)
        moderator_client.post(
            address,
            {
                "policy": "known",
                "known_days": "30",
                "close_after_days": "14",
                "slow_minutes": "0",
                "comments_open": "on",
            },
        )
        discussion = Discussion.objects.get()
        assert (discussion.policy, discussion.known_days, discussion.close_after_days) == ("known", 30, 14)
        assertContains(moderator_client.get(address), 'value="30"')
        moderator_client.post(
            address, {"policy": "", "known_days": "", "close_after_days": "", "comments_open": "on"}
        )
        discussion.refresh_from_db()
        assert (discussion.policy, discussion.known_days, discussion.close_after_days) == ("", None, None)

    @pytest.mark.parametrize(
        "typed",
        [{"policy": "friends"}, {"known_days": "-1"}, {"close_after_days": "9999999"}, {"slow_minutes": "x"}],
    )
    def test_refuses_what_cannot_be(self, host, signed_in, post, typed):
        response = signed_in(host).post(f"/moderation/discussion/{post.slug}/", typed)
        assertContains(response, "errorlist", status_code=422)
        assert not Discussion.objects.exists()

    def test_has_a_link_above_the_comments_for_moderators_alone(
        self, moderator_client, signed_in, member, comment
    ):
        link = f"/moderation/discussion/{comment.post.slug}/"
        assert (
            link in page(moderator_client, comment.post),
            link in page(signed_in(member), comment.post),
        ) == (
            True,
            False,
        )

    def test_default_is_changed_by_the_host_alone(self, moderator_client, host, signed_in):
        address, typed = (
            "/moderation/discussion/",
            {"policy": "first", "known_days": "7", "close_after_days": "0"},
        )
        assert moderator_client.post(address, typed).status_code == 403
        assert signed_in(host).post(address, typed).status_code == 302
        assert DiscussionDefaults.current().policy == "first"
        assert signed_in(host).post(address, {"policy": "none"}).status_code == 422


@pytest.mark.parametrize("what", ["pin", "choose", "close"])
def test_nobody_else_does_it(client, signed_in, comment, what):
    for other in (client, signed_in(comment.author), signed_in(make_member("dora"))):
        assert other.post(f"/moderation/comments/{comment.pk}/highlight/", {"do": what}).status_code in {
            302,
            403,
        }
        assert other.post(f"/moderation/comments/{comment.pk}/correct/", {"body": "x"}).status_code in {
            302,
            403,
        }
    comment.refresh_from_db()
    assert (comment.pinned_at, comment.chosen_at, comment.closed_at, comment.body) == (
        None,
        None,
        None,
        "The soup was cold.",
    )


def test_the_buttons_are_beside_the_comment_for_moderators_alone(moderator_client, signed_in, comment):
    address = f"/moderation/comments/{comment.pk}/highlight/"
    assert [
        address in page(client, comment.post) for client in (moderator_client, signed_in(make_member("dora")))
    ] == [
        True,
        False,
    ]


def test_an_unknown_button_changes_nothing(moderator_client, comment):
    assertContains(do(moderator_client, comment, "explode"), "Nothing was changed")
