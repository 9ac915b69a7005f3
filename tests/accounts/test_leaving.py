"""Account deletion: confirmed first, reversible for a week, then complete, whatever happens in between."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import AccountDeletion, Follow, RetiredUsername, User
from accounts.services import deletion
from accounts.services.deletion import (
    cancel_deletion,
    carry_out,
    make_cancel_token,
    pointing_here,
    request_deletion,
)
from accounts.tasks import DELETIONS_AT_ONCE, carry_out_deletions
from comments.models import ERASED, Comment, CommentRevision, Thanks
from comments.services.cleanup import discard_pictures
from comments.services.deletion import erase_comments_of_member
from comments.services.reactions import thank
from comments.services.writing import publish_comment
from moderation.models import Assessment, Decision, Report, TrainingSample
from moderation.services.learning import learn_from
from posts.models import Post
from tests.accounts.busy_member import EMAIL, TRACES, lived, picture_files, talk
from tests.factories import PASSWORD, make_comment, make_host, make_member, make_moderator, make_post

pytestmark = [pytest.mark.sql, pytest.mark.django_db]

LEAVE = "/members/me/leave/"
DATA = "/members/me/data/"
# "@wanda" in a reply remains, and so does the spam filter's record about the reply.
OTHERS_WORDS = {
    "comments_comment": ["wanda"],
    "moderation_tracedmark": ["wanda"],
    "search_comments": ["wanda"],
}
if connection.vendor == "sqlite":  # if the search index is in several tables
    OTHERS_WORDS |= {"search_comments_content": ["wanda"], "search_comments_data": ["wanda"]}
SAID = {"words": "erase", "is_meant": "on"}


def prove(client: Client, password: str = PASSWORD) -> Any:
    """Sign in again, as allauth requires."""
    return client.post("/accounts/reauthenticate/", {"password": password, "next": LEAVE})


def week_is_over(**more: int):
    return time_machine.travel(timezone.now() + timedelta(**({"days": 7, "minutes": 1} | more)), tick=False)


def leave_for_good(member: User, words: str) -> None:
    request_deletion(member, words)
    with week_is_over():
        while AccountDeletion.objects.exists():
            carry_out_deletions()
        while discard_pictures():
            pass


def everything_written_down() -> dict[str, str]:
    """Return every value in the database as text, by table."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own name
            found[table] = "\n".join(str(value) for row in cursor.fetchall() for value in row)
    return found


def without_pieces(found: dict[str, str]) -> dict[str, str]:
    """Remove the tables of SQLite's index segments, which are merged occasionally."""
    return {table: text for table, text in found.items() if not re.fullmatch(r"search_\w+_(data|idx)", table)}


def traces() -> dict[str, list[str]]:
    """Return what remains of her, by table."""
    return {
        table: sorted({trace for trace in TRACES if trace.lower() in text.lower()})
        for table, text in everything_written_down().items()
        if any(trace.lower() in text.lower() for trace in TRACES)
    }


# --- the request --------------------------------------------------------------------


def test_deleting_the_account_asks_for_the_password_and_for_a_word(member, signed_in):
    client = signed_in(member)
    assertRedirects(
        client.get(LEAVE), f"/accounts/reauthenticate/?next={LEAVE}", fetch_redirect_response=False
    )
    assertRedirects(prove(client), LEAVE, fetch_redirect_response=False)
    page = client.post(LEAVE, {"words": "burn"})
    assertContains(page, 'id="id_words_error"', status_code=422)
    assertContains(page, 'id="id_is_meant_error"', status_code=422)
    assertContains(page, "<title>Error:", status_code=422)
    assert not AccountDeletion.objects.exists()
    response = client.post(LEAVE, SAID)
    assertRedirects(response, "/", fetch_redirect_response=False)
    assertContains(client.get("/"), "Your account is scheduled for deletion on")
    assert AccountDeletion.objects.values_list("member__username", "words", "begun_at").get() == (
        "alice",
        "erase",
        None,
    )


def test_a_wrong_password_opens_nothing(member, signed_in):
    client = signed_in(member)
    client.post(LEAVE, SAID)
    prove(client, "not it")
    assert client.get(LEAVE).status_code == 302
    assert not AccountDeletion.objects.exists()


def test_members_without_a_password_confirm_with_a_code(client):
    member = make_member("dora", password=None)
    sign_in_by_code(client, member.email)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assertContains(client.get(LEAVE), "Sign in again")
        client.post(LEAVE, SAID)
        assert not AccountDeletion.objects.exists()
        response = client.post(LEAVE, {"sign_in_again": "1"})
        assertRedirects(
            response, "/accounts/login/code/?next=%2Fmembers%2Fme%2Fleave%2F", fetch_redirect_response=False
        )
        response = sign_in_by_code(client, member.email, LEAVE)
        assertRedirects(response, LEAVE)
        client.post(LEAVE, SAID)
        assert AccountDeletion.objects.get().member == member


def sign_in_by_code(client: Client, email: str, back: str = "/") -> Any:
    client.post("/accounts/login/code/", {"email": email, "next": back})
    code = re.search(r"^(\d{6})$", mail.outbox[-1].body, re.MULTILINE)[1]
    return client.post("/accounts/login/code/confirm/", {"code": code, "next": back})


@pytest.mark.parametrize(
    ("make", "words"), [(make_host, "You’re the host."), (make_moderator, "You’re a moderator.")]
)
def test_who_has_an_office_lays_it_down_first(make, words, signed_in):
    person = make("nora")
    assertContains(signed_in(person).get(DATA), words)
    assertNotContains(signed_in(person).get(DATA), LEAVE)
    assertContains(signed_in(person).post(LEAVE, SAID), words, status_code=403)
    with pytest.raises(PermissionDenied):
        request_deletion(person, "keep")
    assert not AccountDeletion.objects.exists()


def test_two_clicks_are_one(member):
    first = request_deletion(member, "keep")
    assert request_deletion(member, "erase") == first
    assert AccountDeletion.objects.get().words == "keep"
    assert len(mail.outbox) == 1


# --- the week ---------------------------------------------------------------------------


def test_a_link_of_an_earlier_leave_taking_is_worth_nothing(member, client):
    old = make_cancel_token(request_deletion(member, "erase"))
    cancel_deletion(member.account_deletion)
    request_deletion(User.objects.get(pk=member.pk), "erase")
    assert client.get(f"/members/stay/{old}/").status_code == 404
    client.post(f"/members/stay/{old}/")
    assert AccountDeletion.objects.exists()
    for forged in ("x", f"{old}x", "\x00", "é" * 300):
        assert client.get(f"/members/stay/{forged}/").status_code in {400, 404}


@pytest.mark.parametrize("way", ["password", "code"])
def test_signing_in_offers_to_stay(member, client, way):
    request_deletion(member, "erase")
    if way == "password":
        response = client.post("/accounts/login/", {"login": "alice", "password": PASSWORD}, follow=True)
        path = response.redirect_chain[-1][0]
    else:  # to allauth the user does not exist, so our link is sent
        mail.outbox.clear()
        client.post("/accounts/login/code/", {"email": "Alice@example.org"})
        path = re.search(r"http://testserver(/members/stay/\S+)", mail.outbox[-1].body)[1]
        response = client.get(path)
    assertContains(response, "Keep your account?")
    assert "_auth_user_id" not in client.session
    client.post(path)
    member.refresh_from_db()
    assert member.is_active


def test_the_code_page_does_not_tell_who_rests(member, client):
    request_deletion(member, "erase")
    answers = [
        client.post("/accounts/login/code/", {"email": email})
        for email in ("alice@example.org", "nobody@example.org")
    ]
    assert len({(answer.status_code, answer.get("Location")) for answer in answers}) == 1


def test_an_account_that_the_host_closed_stays_closed(client):
    make_member("eve", is_active=False)
    response = client.post("/accounts/login/", {"login": "eve", "password": PASSWORD})
    assertRedirects(response, "/accounts/inactive/")


# --- the whole deletion, of a member with all data ------------------------------------


class TestOfOneWhoUsedEverything:
    """With a row in every table that can have one of a member (tests/accounts/busy_member.py), created once."""

    @pytest.fixture(scope="class")
    @classmethod
    def life(cls, request):
        yield from lived(request)

    @pytest.fixture
    def wanda(self, db, life) -> User:
        return life()

    def test_for_a_week_the_account_rests_and_nothing_is_lost(self, wanda, client, signed_in):
        here, said = signed_in(wanda), Comment.objects.get(body__contains="two purple otters")
        before = everything_written_down()
        request_deletion(wanda, "erase")
        with week_is_over(days=6):
            assert carry_out_deletions() == 0
        assert here.get(DATA).status_code == 302
        assert not UserSession.objects.filter(user=wanda).exists()
        for reader in (client, signed_in(User.objects.get(username="friend"))):
            assert reader.get("/members/wanda/").status_code == 404
            assertNotContains(reader.get("/members/"), "Wawrzyniak")
            page = reader.get("/posts/table/")
            assertContains(page, "two purple otters")
            assertContains(
                page, f'<h3 class="by comment-author" id="by-{said.pk}">Wanda Wawrzyniak</h3>', html=True
            )
            assertNotContains(page, 'href="https://walrus.example/me"')
        after = everything_written_down()
        changed = {table for table in before if before[table] != after[table]}
        # Sessions, devices and tokens end at once; everything else remains until the end of the week.
        assert {table for table in changed if not table.startswith("search_")} <= {
            "accounts_user", "api_token", "accounts_departure", "posts_post", "usersessions_usersession", "django_session", "comments_threadvisit",
            "notifications_device",
        }  # fmt: skip

    def test_the_link_in_the_mail_brings_everything_back(self, wanda, client):
        request_deletion(wanda, "erase")
        [message] = mail.outbox
        assert (message.to, message.subject) == ([EMAIL], "Your account at The Long Table will be deleted")
        path = re.search(r"http://testserver(/members/stay/\S+)", message.body)[1]
        page = client.get(path)
        assertContains(page, "Keep your account?")
        assert (page["Referrer-Policy"], page["X-Robots-Tag"]) == ("same-origin", "noindex")
        assert AccountDeletion.objects.exists()
        assertRedirects(client.post(path), "/accounts/login/")
        assert not AccountDeletion.objects.exists()
        assert client.get("/members/wanda/").status_code == 200
        assertContains(client.get("/posts/table/"), 'href="/members/wanda/"')
        assertContains(client.get(path), "Your account is kept")
        assertContains(client.post(path), "Your account is kept")
        with week_is_over():
            assert carry_out_deletions() == 0
        wanda.refresh_from_db()
        assert (wanda.username, wanda.is_active, wanda.emailaddress_set.count()) == ("wanda", True, 2)

    def test_her_life_touches_every_table_that_points_at_a_member(self, wanda):
        """A new table must be in tests/accounts/busy_member.py, so that the tests below cover it."""
        elsewhere = {
            "accounts.AccountDeletion.member", "accounts.DataExport.member",  # created by the tested code
            "accounts.User_groups.user", "accounts.User_user_permissions.user", "admin.LogEntry.user", "posts.Post.author", "moderation.Decision.moderator",  # the site's
            "core.SiteSettingsChange.changed_by", "posts.Post.trashed_by", "posts.Upload.uploaded_by", "posts.Autosave.editor", "posts.PreviewLink.created_by", "posts.PostRevision.saved_by", "posts.PostNote.author",  # the site's
            "dashboard.NoAnswerNeeded.said_by", "dashboard.Invitation.created_by", "dashboard.InvitationUse.member", "dashboard.VisitedLink.host", "transfer.ImportRun.started_by",
            "decisions.Decision.closed_by", "decisions.Guest.invited_by", "comments.Comment.chosen_by", "comments.Comment.corrected_by",  # the site's
            "memorials.Memorial.host", "memorials.MemorialPicture.added_by",  # the site's, and the memorial's
            *(f"moderation.{key}" for key in ("ModerationAction.moderator", "ReviewLock.moderator", "ModeratorPreferences.moderator", "Restriction.set_by", "Restriction.lifted_by", "TrustOverride.set_by", "MemberNote.written_by", "Appeal.answered_by", "ProfileReport.closed_by", "ProfileReview.decided_by", "DiscussionAction.moderator")),
        }  # fmt: skip
        empty = {
            f"{relation.related_model._meta.label}.{relation.field.name}"
            for relation in pointing_here()
            if not relation.related_model._base_manager.filter(**{relation.field.name: wanda}).exists()
        }
        assert empty - elsewhere == set()

    def test_erased_is_erased(self, wanda, client, django_capture_on_commit_callbacks):
        counted = {post.slug: post.comment_count for post in Post.objects.all()}
        version = talk().thread_version
        assert len(picture_files()) > 8
        public = Comment.objects.public().by(wanda).count()
        with django_capture_on_commit_callbacks(execute=True):
            leave_for_good(wanda, "erase")
        assert traces() == OTHERS_WORDS
        assert Comment.objects.get(body__contains="@wanda").html == "<p>Two, @wanda, is not many.</p>"
        assert picture_files() == set()
        assert talk().comment_count == counted["table"] - public
        assert talk().thread_version > version
        call_command("check_threads", stdout=StringIO())
        page = client.get("/posts/table/")
        assertContains(page, "Deleted by the author.")
        assertContains(page, "is not many.")
        assertNotContains(page, "otters")
        assert set(Comment.objects.filter(author=wanda).values_list("status", "body", "guest_name")) == {
            ("deleted", ERASED, "")
        }
        assert not CommentRevision.objects.exists()

    def test_kept_comments_have_a_neutral_name(self, wanda, client):
        said = Comment.objects.get(body__contains="two purple otters")
        counted = talk().comment_count
        leave_for_good(wanda, "keep")
        left = traces()
        assert set(left) == {"comments_comment", "comments_commentrevision", "comments_commentpicture", "moderation_report", "moderation_decision",
                             "moderation_assessment", "moderation_tracedmark", "search_comments", "search_comments_content", "search_comments_data"} & set(left)  # fmt: skip
        assert not Comment.objects.filter(body__contains="regrets").exists()
        assert "Wawrzyniak" not in str(left)
        page = client.get("/posts/table/")
        assertContains(page, f'<h3 class="by comment-author" id="by-{said.pk}">Former member</h3>', html=True)
        assertContains(page, "two purple otters")
        assertContains(page, "/media/comments/")
        assertNotContains(page, "Wanda")
        assertContains(page, "@wanda")  # someone else's text
        assertNotContains(page, "/members/wanda/")
        assert talk().comment_count == counted
        call_command("check_threads", stdout=StringIO())
        feed = client.get("/feed/comments/").content.decode()
        assert "Former member" in feed
        assert "former-" not in feed

    def test_only_what_must_stay_points_at_the_empty_row(self, wanda):
        leave_for_good(wanda, "erase")
        left = {
            relation.related_model._meta.label
            for relation in pointing_here()
            if relation.related_model._base_manager.filter(**{relation.field.name: wanda}).exists()
        }
        assert left == {"comments.Comment", "moderation.Report"}
        nobody = User.objects.get(pk=wanda.pk)
        assert (nobody.display_name, nobody.email, nobody.is_active, nobody.has_usable_password()) == (
            "Former member",
            "",
            False,
            False,
        )
        assert (nobody.last_login, nobody.birthday_day, nobody.avatar.name, nobody.bio) == (
            None,
            None,
            "",
            "",
        )
        assert not EmailAddress.objects.filter(user=nobody).exists()

    def test_the_log_of_moderation_keeps_that_not_what(self, wanda):
        before = list(
            Decision.objects.values_list("pk", "action", "moderator", "status_before", "status_after")
        )
        reported = Report.objects.count()
        leave_for_good(wanda, "erase")
        assert (
            list(Decision.objects.values_list("pk", "action", "moderator", "status_before", "status_after"))
            == before
        )
        assert Report.objects.count() == reported
        assert set(Decision.objects.values_list("word", flat=True)) == {""}
        assert (
            set(Decision.objects.values_list("note", flat=True))
            == set(Report.objects.values_list("note", flat=True))
            == {""}
        )
        assert set(Assessment.objects.filter(comment__author=wanda).values_list("network", flat=True)) == {""}
        assert [
            reasons
            for reasons in Assessment.objects.filter(comment__author=wanda).values_list("reasons", flat=True)
            if reasons
        ] == []

    def test_the_spam_filter_keeps_what_it_learned_and_learns_nothing_from_emptied_texts(
        self, wanda, signed_in
    ):
        decision = Decision.objects.get(action="remove")
        spam = signed_in(User.objects.get(username="mod")).post(
            "/moderation/decide/", {"comments": str(decision.comment_id), "action": "spam"}
        )
        assert spam.status_code in {200, 302}
        samples = list(TrainingSample.objects.values_list("pk", "dual"))
        assert samples
        leave_for_good(wanda, "erase")
        for each in Decision.objects.all():
            learn_from(each)
        assert list(TrainingSample.objects.values_list("pk", "dual")) == samples

    def test_thanks_are_withdrawn_in_all_counters(self, wanda):
        root = Comment.objects.get(body="What lives in your pond?")
        assert (root.thanks_count, Thanks.objects.filter(comment=root).count()) == (1, 1)
        leave_for_good(wanda, "keep")
        root.refresh_from_db()
        assert (root.thanks_count, Thanks.objects.filter(comment=root).count()) == (0, 0)
        assert not Follow.objects.exists()

    def test_nobody_gets_the_name_again_and_the_link_is_dead(self, wanda, client):
        token = make_cancel_token(request_deletion(wanda, "erase"))
        leave_for_good(wanda, "erase")
        assert RetiredUsername.objects.count() == 2  # and that of the account that was merged into hers
        response = client.post(
            "/accounts/signup/", {"email": "new@example.org", "username": "wanda", "password1": ""}
        )
        assertContains(response, "This name is taken", status_code=response.status_code)
        assert client.get(f"/members/stay/{token}/").status_code == 404
        assert client.post(f"/members/stay/{token}/").status_code == 404
        # The email address can be used again.
        client.post("/accounts/signup/", {"email": EMAIL, "username": "walnut", "password1": ""})
        assert User.objects.filter(username="walnut").exists()

    def test_cut_off_anywhere_it_is_taken_up_and_ends_the_same(self, wanda, monkeypatch):
        """Killed after each step in turn, then resumed: everything is deleted, and every counter is right."""
        request_deletion(wanda, "erase")
        real = list(deletion._steps())
        starts = 0

        def killing_after(step):
            def run(member, account_deletion):
                done = step(member, account_deletion)
                if done:
                    raise Killed
                return done

            return run

        monkeypatch.setattr(deletion, "_steps", lambda: [killing_after(step) for step in real])
        with week_is_over():
            while AccountDeletion.objects.exists() and starts < 200:
                starts += 1
                try:
                    carry_out_deletions()
                except Killed:
                    continue
            monkeypatch.setattr(deletion, "_steps", lambda: real)
            while discard_pictures():
                pass
        assert 5 < starts < 200
        assert traces() == OTHERS_WORDS
        assert talk().comment_count == Comment.objects.public().filter(post=talk()).count()
        call_command("check_threads", stdout=StringIO())

    def test_a_step_that_is_done_does_nothing(self, wanda):
        leave_for_good(wanda, "erase")
        nobody = User.objects.get(pk=wanda.pk)
        account_deletion = AccountDeletion(member=nobody, words="erase", due_at=timezone.now())
        before = without_pieces(everything_written_down())
        assert [step(nobody, account_deletion) for step in deletion._steps()] == [0] * len(deletion._steps())
        assert without_pieces(everything_written_down()) == before


# --- failures -------------------------------------------------------------------------------


class Killed(BaseException):
    """Simulates a power cut."""


def test_ten_thousand_comments_go_in_turns(member, post, monkeypatch):
    for number in range(60):
        make_comment(
            post, author=member, body=f"Words {number}.", created_at=timezone.now() - timedelta(days=number)
        )
    monkeypatch.setattr(deletion, "BATCHES_AT_ONCE", 1)
    account_deletion = request_deletion(member, "erase")
    turns = 1
    while not carry_out(account_deletion):
        turns += 1
        assert turns < 20
    assert turns >= 3
    post.refresh_from_db()
    assert (post.comment_count, post.last_comment_at) == (0, None)


def test_staying_at_the_last_moment_or_a_moment_too_late(member):
    account_deletion = request_deletion(member, "keep")
    assert cancel_deletion(account_deletion)
    assert not deletion._close(account_deletion)
    member.refresh_from_db()
    assert member.username == "alice"
    late = request_deletion(member, "keep")
    assert deletion._close(late)
    assert not cancel_deletion(late)


def test_a_member_who_became_a_host_in_the_meantime_is_not_deleted(member):
    request_deletion(member, "erase")
    User.objects.filter(pk=member.pk).update(is_staff=True)
    with week_is_over():
        assert carry_out_deletions() == 0
    member.refresh_from_db()
    assert member.username == "alice"


def test_one_deletion_that_fails_keeps_no_other_waiting(member, monkeypatch):
    """The same applies to accounts with a role, however many there are."""
    others = [make_member(f"waits{number}") for number in range(DELETIONS_AT_ONCE + 1)]
    first, *given_a_role, last = [member, *others]
    for one in (first, *given_a_role, last):
        request_deletion(one, "keep")
    User.objects.filter(pk__in=[one.pk for one in given_a_role]).update(is_staff=True)
    closing = deletion._close

    def fails_for_the_first(account_deletion):
        if account_deletion.pk == first.pk:
            raise OSError("The disk is full.")
        return closing(account_deletion)

    monkeypatch.setattr(deletion, "_close", fails_for_the_first)
    with week_is_over():
        assert [carry_out_deletions() for _turn in range(2)] == [0, 1]
    left = AccountDeletion.objects.values_list("member__username", flat=True)
    assert set(left) == {one.username for one in (first, *given_a_role)}
    monkeypatch.undo()
    with week_is_over(hours=2):
        carry_out_deletions()
    first.refresh_from_db()
    assert first.username.startswith("former-")


def test_whose_account_the_host_opened_again_stays(member):
    request_deletion(member, "erase")
    User.objects.filter(pk=member.pk).update(is_active=True)
    with week_is_over():
        assert carry_out_deletions() == 0
    member.refresh_from_db()
    assert (member.username, AccountDeletion.objects.exists()) == ("alice", False)


def save_in_admin(browser, member, **more):
    """Send the host's form for that member; unchecked boxes are not sent."""
    base = reverse("admin:accounts_user_change", args=[member.pk])
    form = browser.get(base).context["adminform"].form
    data = {
        name: value for name, value in form.initial.items() if value and name not in {"password", "avatar"}
    }
    data |= {f"links-{key}": 0 for key in ("TOTAL_FORMS", "INITIAL_FORMS")} | more
    assert browser.post(base, {name: value for name, value in data.items() if value != ""}).status_code == 302
    member.refresh_from_db()


def test_the_link_to_stay_opens_no_account_that_the_host_closed(client, signed_in, host, member):
    account_deletion = request_deletion(member, "keep")
    link = reverse("accounts:stay", args=[deletion.make_cancel_token(account_deletion)])
    save_in_admin(signed_in(host), member, is_active="")
    assert (client.get(link).status_code, client.post(link).status_code) == (404, 404)
    assert not cancel_deletion(account_deletion)
    member.refresh_from_db()
    assert not member.is_active
    answer = client.post("/accounts/login/", {"login": "alice", "password": PASSWORD}, follow=True)
    assertContains(answer, "This account is deactivated")
    client.post("/accounts/login/code/", {"email": "alice@example.org"})
    assert mail.outbox[-1].subject == "No account with this address"
    with week_is_over():  # their choice is still carried out
        carry_out_deletions()
    member.refresh_from_db()
    assert member.username.startswith("former-")


def test_the_link_stays_dead_when_the_host_opens_the_account_and_closes_it(client, signed_in, host, member):
    account_deletion = request_deletion(member, "keep")
    link = reverse("accounts:stay", args=[deletion.make_cancel_token(account_deletion)])
    User.objects.filter(pk=member.pk).update(is_active=True)
    save_in_admin(signed_in(host), member, is_active="")
    assert (client.post(link).status_code, User.objects.get(pk=member.pk).is_active) == (404, False)


def test_a_host_who_changes_something_else_closes_nothing(client, signed_in, host, member):
    account_deletion = request_deletion(member, "keep")
    link = reverse("accounts:stay", args=[deletion.make_cancel_token(account_deletion)])
    save_in_admin(signed_in(host), member, display_name="Alice A.")
    assert (member.is_active, member.display_name) == (False, "Alice A.")
    client.post(link)
    member.refresh_from_db()
    assert member.is_active


def test_a_comment_that_says_what_an_empty_one_says_is_emptied_too(member, post):
    make_comment(post, author=member, body=ERASED)
    account_deletion = request_deletion(member, "erase")
    assert erase_comments_of_member(member, account_deletion) == 1
    assert erase_comments_of_member(member, account_deletion) == 0
    assert Comment.objects.get().is_erased


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_a_reply_in_the_meantime(monkeypatch):
    """The result is the same as one after the other: texts deleted, replies kept, counters right."""
    member, friend = make_member("ada"), make_member("friend")
    post = make_post()
    roots = [
        make_comment(
            post, author=member, body=f"Words {n}.", created_at=timezone.now() - timedelta(days=n + 1)
        )
        for n in range(12)
    ]
    for root in roots:
        thank(root, by=friend)
    account_deletion = request_deletion(member, "erase")
    monkeypatch.setattr("comments.services.deletion.BATCH", 2)
    faults: list[BaseException] = []
    start = threading.Barrier(3)

    def alone(work: Callable[[], object]) -> threading.Thread:
        def run() -> None:
            try:
                start.wait(60)
                work()
            except BaseException as error:  # noqa: BLE001 - passed to the test
                faults.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def work() -> None:
        while found := AccountDeletion.objects.filter(pk=account_deletion.pk).first():
            carry_out(found)

    def answer() -> None:
        for number in range(6):
            publish_comment(post=post, author=friend, body=f"I answer {number}.")

    threads = [alone(work), alone(work), alone(answer)]
    for thread in threads:
        thread.join(60)
    assert faults == []
    post.refresh_from_db()
    assert post.comment_count == Comment.objects.public().count() == 6
    assert set(Comment.objects.filter(author=member).values_list("status", "body")) == {("deleted", ERASED)}
    assert RetiredUsername.objects.count() == 1
    call_command("check_threads", stdout=StringIO())
