"""Comments that are held if the host chooses so: the first link of a new member."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Comment
from comments.services.writing import edit_comment
from moderation.models import ModerationSettings
from moderation.services.decisions import decide
from moderation.spamfilter.checks import hold_new_members_links
from tests.factories import make_comment, make_host, make_member, make_moderator
from tests.moderation.helpers import LINK


@pytest.fixture(autouse=True)
def first_links_wait(db):
    ModerationSettings.objects.create(pk=1, first_link_waits=True)


@pytest.fixture
def newcomer(db):
    return make_member(date_joined=timezone.now())


def test_a_newcomers_plain_comment_is_public_at_once(post, newcomer):
    assert make_comment(post=post, author=newcomer).status == "public"


@pytest.mark.parametrize(
    "body",
    [
        LINK,
        "Go to lantern.example/deals",
        "[here](https://lantern.example)",
        "<https://lantern.example>",
        "www.lantern.com",
    ],
)
def test_a_newcomers_link_waits_and_says_why(post, newcomer, body):
    comment = make_comment(post=post, author=newcomer, body=body)
    assert comment.status == "held"
    assert {"code": "new_member_link"} in comment.hold_reasons


def test_every_link_waits_until_one_was_approved(post, newcomer, moderator):
    first, second = (make_comment(post=post, author=newcomer, body=f"{n} {LINK}") for n in (1, 2))
    assert [first.status, second.status] == ["held", "held"]
    decide(first, "approve", by=moderator)
    assert make_comment(post=post, author=newcomer, body=f"3 {LINK}").status == "public"


def test_a_removed_link_vouches_for_nobody(post, newcomer, moderator):
    decide(make_comment(post=post, author=newcomer, body=LINK), "remove", by=moderator)
    assert make_comment(post=post, author=newcomer, body=f"Again: {LINK}").status == "held"


def test_a_trusted_member_may_post_links_freely(post, member):
    make_comment(post=post, author=member)
    assert make_comment(post=post, author=member, body=LINK).status == "public"


def test_a_member_who_waited_a_month_to_spam_is_new_too(post, member):
    assert make_comment(post=post, author=member, body=LINK).status == "held"


@pytest.mark.parametrize(("hours", "status"), [(23, "held"), (25, "public")])
def test_being_new_ends_after_the_hours_set(post, hours, status):
    author = make_member(date_joined=timezone.now() - timedelta(hours=hours))
    make_comment(post=post, author=author)
    assert make_comment(post=post, author=author, body=LINK).status == status


@pytest.mark.parametrize("make", [make_moderator, make_host])
def test_moderators_and_hosts_never_wait(post, make):
    assert make_comment(post=post, author=make(date_joined=timezone.now()), body=LINK).status == "public"


def test_an_edit_that_adds_a_link_makes_a_newcomer_wait_again(post, newcomer):
    comment = make_comment(post=post, author=newcomer)
    edit_comment(comment, body=LINK, by=newcomer)
    comment.refresh_from_db()
    assert (comment.status, [reason["code"] for reason in comment.hold_reasons][-1]) == (
        "held",
        "new_member_link",
    )
    post.refresh_from_db()
    assert post.comment_count == 0


def test_an_approved_comment_does_not_vouch_for_links_added_to_itself_alone(post, newcomer, moderator):
    comment = make_comment(post=post, author=newcomer, body=LINK)
    decide(comment, "approve", by=moderator)
    edit_comment(comment, body=f"{LINK} And https://worse.example/.", by=newcomer)
    comment.refresh_from_db()
    assert comment.status == "held"


def test_the_check_asks_little_of_the_database(post, newcomer, django_assert_max_num_queries):
    plain = Comment(post=post, author=newcomer, body="Hello.")
    held = Comment(post=post, author=newcomer)
    held.set_body(LINK)
    with django_assert_max_num_queries(0):
        assert hold_new_members_links(plain).reasons == []
    with django_assert_max_num_queries(5):  # the settings, two for permissions, two for earlier comments
        assert len(hold_new_members_links(held).reasons) == 1


@pytest.mark.parametrize(
    "body",
    [
        "As said in https://en.wikipedia.org/wiki/Lamp.",
        "See https://www.youtube.com/watch?v=abcdefghijk for it.",
    ],
)
def test_a_link_to_a_well_known_site_never_waits(post, newcomer, body):
    assert (
        make_comment(post=post, author=newcomer, body=f"{body} It tells the whole story.").status == "public"
    )


def test_nothing_waits_for_its_link_alone_where_the_host_did_not_ask_for_it(post, newcomer):
    ModerationSettings.objects.update(first_link_waits=False)
    body = "I drew a map of all the lamps along the river last summer: https://lantern.example/map for anybody who walks there."
    assert make_comment(post=post, author=newcomer, body=body).status == "public"
