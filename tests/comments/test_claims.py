"""Guest comments join the account that confirms their email address, if its owner agrees."""

import re
from datetime import UTC, datetime
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from comments.models import Comment, CommentClaim, Thanks
from comments.services import claims
from comments.services.claims import (
    answer_claim,
    ask_about,
    ask_existing_members,
    follow_answer,
    questions_of,
    settle,
)
from comments.services.reactions import thank
from comments.services.writing import recount
from notifications.models import FanOut, Notification
from posts.models import Post
from tests.factories import PASSWORD, make_member, make_moderator, make_post
from tests.notifications.people import make_guest_comment
from tests.transfer.wxr import author as wxr_author
from tests.transfer.wxr import comment as wxr_comment
from tests.transfer.wxr import post as wxr_post
from tests.transfer.wxr import wxr

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

LIST = "/comments/claims/"
OLD = datetime(2012, 4, 26, 10, tzinfo=UTC)
EMAIL = "debbie@example.org"


@pytest.fixture
def old_comments() -> list[Comment]:
    """Three comments by Debbie on two posts, and one by someone else."""
    first, second = make_post(slug="first"), make_post(slug="second")
    rows = [make_guest_comment(post, email=EMAIL) for post in (first, first, second)]
    make_guest_comment(first, name="Per", email="per@example.org")
    Comment.objects.update(created_at=OLD)
    for post in (first, second):
        recount(post.pk)
    Notification.objects.all().delete()
    FanOut.objects.all().delete()
    return rows


def debbie(**fields: object) -> User:
    return make_member("debbie", email=EMAIL, **fields)


def authors() -> list[str]:
    return [comment.author_name for comment in Comment.objects.select_related("author").order_by("pk")]


GUESTS = ["Debbie", "Debbie", "Debbie", "Per"]
JOINED = ["debbie", "debbie", "debbie", "Per"]


# --- the question ----------------------------------------------------------------------


def test_confirming_an_address_puts_the_question_and_changes_nothing(old_comments, client):
    client.post("/accounts/signup/", {"email": "Debbie@Example.org", "username": "debbie", "password1": ""})
    assert not CommentClaim.objects.exists()
    code = re.search(r"^(\d{6})$", mail.outbox[-1].body, re.MULTILINE)[1]
    page = client.post("/accounts/confirm-email/", {"code": code}, follow=True)
    assertContains(page, "3 comments from 2012 were written with debbie@example.org. Are they yours?")
    assertContains(page, f'<a href="{LIST}">Review them</a>')
    assert CommentClaim.objects.values_list("member__username", "email", "answer").get() == (
        "debbie",
        EMAIL,
        "",
    )
    assert authors() == GUESTS


def test_a_further_address_does_it_too(old_comments, member, signed_in):
    client = Client()
    client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    address = EmailAddress.objects.create(user=member, email=EMAIL)
    assert not CommentClaim.objects.exists()
    address.set_verified()
    assert CommentClaim.objects.get().member == member
    assert authors() == GUESTS


def test_an_address_that_another_site_vouches_for_does_it_too(old_comments, member):
    """Social sign-in creates the address as confirmed, without a signal."""
    EmailAddress.objects.create(user=member, email=EMAIL, verified=True)
    assert CommentClaim.objects.get().email == EMAIL


def test_who_has_not_confirmed_it_is_asked_nothing_and_can_answer_nothing(old_comments, member, signed_in):
    EmailAddress.objects.create(user=member, email=EMAIL, verified=False)
    assert questions_of(member) == []
    claim = CommentClaim.objects.create(member=member, email=EMAIL)
    with pytest.raises(ValidationError) as refused:
        answer_claim(claim, is_theirs=True)
    assert refused.value.code == "unconfirmed"
    assertContains(
        signed_in(member).post(f"{LIST}{claim.pk}/", {"mine": "1"}, follow=True),
        "Confirm the address debbie@example.org first",
    )
    CommentClaim.objects.filter(pk=claim.pk).update(answer="yes")
    assert settle(claim.pk) == 0
    assert authors() == GUESTS


def test_an_address_taken_away_takes_the_open_question_along(old_comments):
    member = debbie()
    assert CommentClaim.objects.exists()
    EmailAddress.objects.filter(user=member).delete()
    assert not CommentClaim.objects.exists()


def test_it_is_mentioned_at_each_sign_in_until_it_is_answered(old_comments):
    debbie()
    for _time in range(2):
        page = Client().post("/accounts/login/", {"login": "debbie", "password": PASSWORD}, follow=True)
        assertContains(page, "Are they yours?")


def test_who_wrote_nothing_is_asked_nothing(member, client):
    assert not CommentClaim.objects.exists()
    assert ask_about(member, "") is None


# --- the list ---------------------------------------------------------------------------


def test_the_page_shows_what_it_is_about(old_comments, signed_in):
    client = signed_in(debbie())
    page = client.get(LIST)
    assertContains(page, "3 comments from 2012 were written with debbie@example.org. Are they yours?")
    for comment in old_comments:
        assertContains(page, comment.get_absolute_url())
    assertContains(page, "Yes, they’re mine")
    assertContains(client.get("/members/me/data/"), "3 comments from 2012")


def test_a_long_list_shows_some_and_says_how_many_more(post, signed_in, django_assert_max_num_queries):
    for _number in range(25):
        make_guest_comment(post, email=EMAIL)
    client = signed_in(debbie())
    client.get(LIST)
    with django_assert_max_num_queries(12):
        page = client.get(LIST)
    assertContains(page, "and 15 more")
    assert len(page.context["questions"][0].newest) == 10


def test_what_nobody_may_see_is_not_in_it(old_comments, signed_in):
    Comment.objects.filter(pk=old_comments[0].pk).update(status="spam")
    Post.objects.filter(slug="second").update(published_at=None)
    assertContains(
        signed_in(debbie()).get(LIST), "1 comment from 2012 was written with debbie@example.org. Is it yours?"
    )


# --- yes, no, and changed answers --------------------------------------------------------


def test_a_yes_joins_them_and_tells_nobody(old_comments, client, signed_in):
    member = debbie(display_name="Debbie Now")
    versions = dict(Post.objects.values_list("slug", "thread_version"))
    counts = dict(Post.objects.values_list("slug", "comment_count"))
    mail.outbox.clear()
    claim = CommentClaim.objects.get()
    assertRedirects(signed_in(member).post(f"{LIST}{claim.pk}/", {"mine": "1"}), LIST)
    assert authors() == ["Debbie Now"] * 3 + ["Per"]
    page = client.get("/posts/first/")
    assertContains(page, '<a href="/members/debbie/">Debbie Now</a>', count=2)
    assertContains(client.get("/members/debbie/"), "Recent comments")
    assert {
        slug: Post.objects.get(slug=slug).thread_version > before for slug, before in versions.items()
    } == {"first": True, "second": True}
    assert dict(Post.objects.values_list("slug", "comment_count")) == counts
    assert mail.outbox == []
    assert not Notification.objects.exists()
    assert not FanOut.objects.exists()
    call_command("check_threads", stdout=StringIO())
    assertContains(
        signed_in(member).get(LIST), "3 comments from 2012, written with debbie@example.org, are yours."
    )
    assert signed_in(member).get(f"/comments/{old_comments[0].pk}/edit/").status_code == 200


def test_a_no_is_remembered_and_can_be_changed(old_comments, signed_in):
    client = signed_in(debbie())
    path = f"{LIST}{CommentClaim.objects.get().pk}/"
    client.post(path, {"not_mine": "1"})
    assert authors() == GUESTS
    assertContains(client.get(LIST), "You said they are not yours.")
    assert ask_existing_members() == 1
    assert CommentClaim.objects.get().answer == "no"
    page = Client().post("/accounts/login/", {"login": "debbie", "password": PASSWORD}, follow=True)
    assertNotContains(page, "Are they yours?")
    client.post(path, {"mine": "1"})
    assert authors() == JOINED


def test_a_yes_can_be_withdrawn(old_comments, client, signed_in):
    here = signed_in(debbie())
    path = f"{LIST}{CommentClaim.objects.get().pk}/"
    before = list(Comment.objects.order_by("pk").values())
    here.post(path, {"mine": "1"})
    here.post(path, {"not_mine": "1"})
    assert list(Comment.objects.order_by("pk").values()) == before
    assertNotContains(client.get("/posts/first/"), "/members/debbie/")
    assertContains(here.get(LIST), "Yes, they’re mine")


def test_only_the_members_own_question_can_be_answered(old_comments, other_member, signed_in):
    debbie()
    claim = CommentClaim.objects.get()
    assert signed_in(other_member).post(f"{LIST}{claim.pk}/", {"mine": "1"}).status_code == 404
    assert authors() == GUESTS
    assertContains(signed_in(other_member).get(LIST), "No earlier guest comments match")


def test_no_one_keeps_thanks_for_their_own_comments(old_comments):
    member = debbie()
    thank(old_comments[0], by=member)
    thank(old_comments[0], by=make_member("friend"))
    answer_claim(CommentClaim.objects.get(), is_theirs=True)
    old_comments[0].refresh_from_db()
    assert (old_comments[0].thanks_count, Thanks.objects.filter(comment=old_comments[0]).count()) == (1, 1)


def test_what_a_moderator_put_away_stays_the_guests(old_comments):
    member = debbie()
    Comment.objects.filter(pk=old_comments[1].pk).update(status="removed")
    answer_claim(CommentClaim.objects.get(), is_theirs=True)
    assert list(Comment.objects.by(member).order_by("pk")) == [old_comments[0], old_comments[2]]


def test_two_accounts_cannot_have_the_same_comments(old_comments, member):
    first = debbie()
    answer_claim(CommentClaim.objects.get(), is_theirs=True)
    EmailAddress.objects.filter(user=first).delete()
    EmailAddress.objects.create(user=member, email=EMAIL, verified=True)
    assert not CommentClaim.objects.filter(member=member).exists()
    second = CommentClaim.objects.create(member=member, email=EMAIL)
    with pytest.raises(ValidationError):
        answer_claim(second, is_theirs=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        CommentClaim.objects.filter(pk=second.pk).update(answer="yes")
    assert authors() == JOINED


def test_cut_off_between_two_posts_it_is_taken_up_again(old_comments, monkeypatch):
    debbie()
    claim = CommentClaim.objects.get()
    monkeypatch.setattr(follow_answer.__class__, "enqueue", lambda *args: None)
    answer_claim(claim, is_theirs=True)
    real, done = claims._settle_post, []

    def dies_after_one(claim, post):
        if done:
            raise KeyboardInterrupt
        done.append(post)
        return real(claim, post)

    monkeypatch.setattr(claims, "_settle_post", dies_after_one)
    with pytest.raises(KeyboardInterrupt):
        settle(claim.pk)
    assert authors() == ["debbie", "debbie", "Debbie", "Per"]
    monkeypatch.setattr(claims, "_settle_post", real)
    assert settle(claim.pk) == 1
    assert authors() == JOINED
    assert settle(claim.pk) == 0


# --- the import --------------------------------------------------------------------------


def test_an_import_asks_those_who_are_here_already(tmp_path):
    member = make_member("per", email="per@example.org")
    make_moderator("ida", email="ida@example.org")
    file = tmp_path / "export.xml"
    wxr(file, wxr_author(), wxr_post(10, wxr_comment(1, "Long ago.", comment_author_email="Per@Example.org")))
    out = StringIO()
    call_command("import_wordpress", str(file), stdout=out)
    assert "Members asked whether earlier guest comments are theirs: 1." in out.getvalue()
    [question] = questions_of(member)
    assert (question.count, question.years) == (1, "2012")
    answer_claim(question.claim, is_theirs=True)
    call_command("import_wordpress", str(file), stdout=StringIO())
    assert [comment.author_name for comment in Comment.objects.all()] == ["per"]
