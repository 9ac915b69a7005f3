"""Changes between checking a comment and locking its post count as if they had been read under the lock."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services.merging import merge_accounts
from comments.models import Comment, DiscussionDefaults, Policy
from comments.services.discussion import choose_defaults, choose_rules
from comments.services.guest_data import erase_guest
from comments.services.highlights import close_branch
from comments.services.moving import move_branch
from comments.services.writing import publish_comment, set_status
from comments.signals import comment_prepared
from comments.tree.repair import find_faults
from moderation.services.members import suspend
from notifications.models import GuestConsent, Notification
from posts.models import Post
from posts.services.trash import trash_post
from tests.factories import make_host, make_member, make_moderator, make_post, put_comment

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def meanwhile():
    """Run something once, after the next comment was read and checked and before its post is locked."""
    connected = []

    def arrange(act: Callable[[], object]) -> None:
        def once(**_sent: object) -> None:
            comment_prepared.disconnect(once)
            act()

        comment_prepared.connect(once, weak=False)
        connected.append(once)

    yield arrange
    for once in connected:
        comment_prepared.disconnect(once)


@pytest.fixture
def parent(post):
    return put_comment(post, body="Who bakes on Sunday?")


def reply(browser, parent: Comment, body: str = "I do.", *, parent_too: bool = True):
    """parent_too: otherwise the parent is ignored, and it begins a branch under the same post."""
    url = reverse("comments:comment-create", args=[parent.post.slug])
    return browser.post(url, {"body": body} | ({"parent": parent.pk} if parent_too else {}))


def move_away(comment: Comment) -> None:
    move_branch(comment, to_post=make_post(), by=make_host("mover"))


def comment_of_gus(post: Post) -> Comment:
    """By a guest who subscribed to replies."""
    comment = put_comment(post)
    guest = {"guest_name": "Gus", "guest_email": "gus@example.org"}
    Comment.objects.filter(pk=comment.pk).update(author=None, **guest)
    GuestConsent.objects.create(email="gus@example.org")
    return comment


def test_another_reply_of_the_same_moment_keeps_its_place(parent, signed_in, meanwhile):
    other = make_member("other")
    meanwhile(lambda: publish_comment(post=parent.post, author=other, body="First.", parent=parent))
    assert reply(signed_in(make_member("ada")), parent).status_code == 302
    bodies = Comment.objects.filter(parent=parent).order_by("lft").values_list("body", flat=True)
    assert list(bodies) == ["First.", "I do."]
    assert list(find_faults(Comment.objects.tree_rows())) == []


def test_the_same_text_sent_in_the_same_moment_is_one_comment(parent, signed_in, meanwhile):
    ada = make_member("ada")
    meanwhile(lambda: publish_comment(post=parent.post, author=ada, body="I do.", parent=parent))
    assert reply(signed_in(ada), parent).status_code == 302
    assert list(Comment.objects.filter(parent=parent).values_list("body", flat=True)) == ["I do."]


def test_the_same_text_sent_in_the_same_moment_begins_one_branch(post, parent, signed_in, meanwhile):
    ada = make_member("ada")
    meanwhile(lambda: publish_comment(post=post, author=ada, body="I do."))
    assert reply(signed_in(ada), parent, parent_too=False).status_code == 302
    assert list(Comment.objects.by(ada).values_list("body", "parent")) == [("I do.", None)]


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda parent: set_status(parent, Comment.Status.REMOVED), "you’re replying to was deleted"),
        (lambda parent: close_branch(parent, is_closed=True), "Replies to this comment were closed"),
        (lambda parent: choose_rules(parent.post, policy=Policy.CLOSED), "Comments were closed while"),
        (lambda parent: trash_post(parent.post, by=parent.post.author), "Comments were closed while"),
        (lambda parent: move_away(parent), "you’re replying to was deleted"),
    ],
    ids=["removed", "branch closed", "post closed", "in the trash", "moved"],
)
def test_what_is_closed_or_gone_in_the_same_moment_takes_no_reply(parent, signed_in, meanwhile, act, said):
    meanwhile(lambda: act(parent))
    page = reply(signed_in(make_member("ada")), parent)
    assert (page.status_code, said in page.content.decode()) == (422, True)
    assert not Comment.objects.filter(parent=parent).exists()


def test_rates_count_what_was_written_elsewhere_in_the_same_moment(parent, signed_in, meanwhile, settings):
    settings.COMMENT_RATES = {"member": [(1, 3600)], "host": [(1, 3600)]}
    ada, elsewhere = make_member("ada"), make_post()
    meanwhile(lambda: publish_comment(post=elsewhere, author=ada, body="I bake, too."))
    assert reply(signed_in(ada), parent).status_code == 429
    assert not Comment.objects.filter(parent=parent).exists()


def test_what_holds_for_all_posts_holds_from_the_same_moment(parent, signed_in, meanwhile):
    meanwhile(lambda: choose_defaults(DiscussionDefaults(policy=Policy.CLOSED)))
    page = reply(signed_in(make_member("ada")), parent)
    assert (page.status_code, "Comments were closed while" in page.content.decode()) == (422, True)


@pytest.mark.parametrize("is_reply", [True, False], ids=["a reply", "a new branch"])
def test_what_is_to_be_reviewed_from_the_same_moment_on_is_held(post, parent, signed_in, meanwhile, is_reply):
    ada = make_member("ada")
    put_comment(post, author=ada)
    meanwhile(lambda: choose_rules(post, policy=Policy.ALL))
    assert reply(signed_in(ada), parent, parent_too=is_reply).status_code == 302
    written = Comment.objects.by(ada).get(body="I do.")
    assert (written.status, written.hold_reasons) == (Comment.Status.HELD, [{"code": "policy_all"}])


@pytest.mark.parametrize("is_reply", [True, False], ids=["a reply", "a new branch"])
def test_a_member_suspended_in_the_same_moment_writes_nothing(parent, signed_in, meanwhile, is_reply):
    ada, moderator = make_member("ada"), make_moderator()
    until = timezone.now() + timedelta(days=3)
    meanwhile(lambda: suspend(User.objects.get(pk=ada.pk), by=moderator, ends_at=until, words="Enough."))
    page = reply(signed_in(ada), parent, parent_too=is_reply)
    assert (page.status_code, "post until" in page.content.decode()) == (422, True)
    assert not Comment.objects.by(ada).exists()


def test_a_member_merged_in_the_same_moment_is_notified_in_the_account_that_stays(post, signed_in, meanwhile):
    kay, old_kay = make_member("kay"), make_member("old_kay")
    parent = put_comment(post, author=old_kay)
    meanwhile(lambda: merge_accounts(kay, old_kay, by=kay))
    assert reply(signed_in(make_member("ada")), parent).status_code == 302
    told = Notification.objects.filter(comment__parent=parent).values_list("member", flat=True)
    assert set(told) == {kay.pk, post.author_id}


def test_a_guest_is_told_nothing_of_a_post_that_is_for_members_from_the_same_moment_on(
    post, signed_in, meanwhile
):
    parent = comment_of_gus(post)
    meanwhile(lambda: Post.objects.filter(pk=post.pk).update(visibility=Post.Visibility.MEMBERS))
    assert reply(signed_in(make_member("ada")), parent).status_code == 302
    told = Notification.objects.filter(comment__parent=parent)
    assert list(told.values_list("member", "guest_email")) == [(post.author_id, "")]


def test_the_address_of_a_guest_who_was_erased_in_the_same_moment_is_stored_nowhere(
    post, signed_in, meanwhile
):
    parent = comment_of_gus(post)
    meanwhile(lambda: erase_guest.func("gus@example.org", with_texts=False))
    assert reply(signed_in(make_member("ada")), parent).status_code == 302
    told = Notification.objects.filter(comment__parent=parent)
    assert list(told.values_list("member", "guest_email")) == [(post.author_id, "")]
