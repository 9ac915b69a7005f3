"""What happens in a thread while a comment is checked, before its post is locked, counts as if it had been read under the lock."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from comments.models import Comment, Policy
from comments.services.discussion import choose_rules
from comments.services.highlights import close_branch
from comments.services.writing import publish_comment, set_status
from comments.signals import comment_prepared
from comments.tree.repair import find_faults
from tests.factories import make_member, put_comment

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def meanwhile():
    """Does something once, when the next comment has been read and checked, and its post is not locked yet."""
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


def reply(browser, parent: Comment, body: str = "I do."):
    url = reverse("comments:comment-create", args=[parent.post.slug])
    return browser.post(url, {"body": body, "parent": parent.pk})


def test_another_reply_of_the_same_moment_keeps_its_place(parent, signed_in, meanwhile):
    other = make_member("other")
    meanwhile(lambda: publish_comment(post=parent.post, author=other, body="First.", parent=parent))
    assert reply(signed_in(make_member("ada")), parent).status_code == 302
    bodies = Comment.objects.filter(parent=parent).order_by("lft").values_list("body", flat=True)
    assert list(bodies) == ["First.", "I do."]
    assert list(find_faults(Comment.objects.tree_rows())) == []


def test_the_same_words_sent_in_the_same_moment_are_one_comment(parent, signed_in, meanwhile):
    ada = make_member("ada")
    meanwhile(lambda: publish_comment(post=parent.post, author=ada, body="I do.", parent=parent))
    assert reply(signed_in(ada), parent).status_code == 302
    assert list(Comment.objects.filter(parent=parent).values_list("body", flat=True)) == ["I do."]


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda parent: set_status(parent, Comment.Status.REMOVED), "you’re replying to was deleted"),
        (lambda parent: close_branch(parent, is_closed=True), "Replies to this comment were closed"),
        (lambda parent: choose_rules(parent.post, policy=Policy.CLOSED), "Comments were closed while"),
    ],
    ids=["removed", "branch closed", "post closed"],
)
def test_what_is_closed_or_gone_in_the_same_moment_takes_no_reply(parent, signed_in, meanwhile, act, said):
    meanwhile(lambda: act(parent))
    page = reply(signed_in(make_member("ada")), parent)
    assert (page.status_code, said in page.content.decode()) == (422, True)
    assert not Comment.objects.filter(parent=parent).exists()
