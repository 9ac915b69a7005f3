"""A visitor writes first and signs in afterwards: over HTTP, from a new session to the published comment."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import EmailCode, User
from accounts.tasks import delete_old_email_codes
from comments.forms.pending import publish_pending
from comments.models import Comment, PendingComment
from comments.models.submission import Submission
from comments.services.cleanup import discard_pending_comments
from comments.services.writing import set_status
from moderation.models import Assessment, ModerationSettings
from moderation.services.members import block_domain
from moderation.spamfilter import form_token
from notifications.models import AdditionalParent
from posts.services.publishing import set_comments_open, withdraw_post
from tests.accounts.test_mfa import totp_code
from tests.comments.test_concurrency import in_threads
from tests.factories import PASSWORD, make_comment, make_host, make_member, make_post

WORDS = "In the *kitchen*."
DORA = {"body": WORDS, "name": "Dora", "email": "dora@example.org"}


def write(client, post, **more):
    """Send the visitor's form; return the response."""
    return client.post(f"/posts/{post.slug}/comments/", DORA | more)


def emailed_code(number=-1):
    return re.search(r"^(\d{6})$", mail.outbox[number].body, re.MULTILINE)[1]


def mailed_link(number=-1):
    return re.search(r"^http://testserver(/comments/unsent/\S+)$", mail.outbox[number].body, re.MULTILINE)[1]


def wrong(code):
    return str((int(code) + 1) % 1_000_000).zfill(6)


def who(client):
    user_id = client.session.get("_auth_user_id")
    return User.objects.get(pk=user_id).username if user_id else None


def values(page):
    """Return the values of a form's fields, by name."""
    html = page.content.decode()
    found = {
        name: re.search(rf'<input[^>]*name="{name}"[^>]*>', html)[0] for name in ("name", "email", "link")
    }
    typed = {name: (re.search(r'value="([^"]*)"', field) or ["", ""])[1] for name, field in found.items()}
    return typed | {"body": re.search(r'<textarea name="body"[^>]*>\n?(.*?)</textarea>', html, re.DOTALL)[1]}


def age(rows, **ago):
    rows.update(created_at=timezone.now() - timedelta(**ago))


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


class TestTheForm:
    def test_it_is_open_with_the_text_first_then_the_author(self, client, post):
        response = client.get(f"/posts/{post.slug}/")
        form = re.search(r'<form class="reply comment-form".*?</form>', response.content.decode(), re.DOTALL)[
            0
        ]
        assert re.findall(r'name="(body|name|email|link|seal|place_at_table|csrfmiddlewaretoken)"', form) == [
            "seal", "place_at_table", "body", "name", "email", "link",
        ]  # fmt: skip
        assert "We’ll notify the people you reply to or mention." in form
        assert not response.cookies

    def test_it_opens_under_the_comment_that_is_answered(self, client, post):
        comment = make_comment(post, author=make_member("bob"))
        for page in (
            client.get(f"/posts/{post.slug}/?reply={comment.pk}"),
            client.get(f"/comments/{comment.pk}/reply/", headers={"HX-Request": "true"}),
        ):
            assertContains(
                page,
                f'<input type="hidden" name="parent" value="{comment.pk}" id="id_{comment.pk}_parent">',
                html=True,
            )
            assertContains(page, f'id="id_{comment.pk}_email"')

    def test_a_page_that_is_kept_carries_a_seal_of_this_moment_for_each_visitor(self, client, post, clock):
        seals = []
        for _ in range(2):
            page = client.get(f"/posts/{post.slug}/").content.decode()
            seals.append(re.search(r'name="seal" value="([^"]+)"', page)[1])
            clock.shift(600)
        ages = [form_token.read_seal(Submission(fields={"seal": seal})).seconds for seal in seals]
        assert ages == pytest.approx([1200, 600], abs=1)

    def test_the_preview_asks_nobody_who_they_are_and_keeps_what_they_said(self, client, post):
        page = client.post(f"/posts/{post.slug}/comments/", {"body": WORDS, "name": "Dora", "preview": "1"})
        assertContains(page, "<em>kitchen</em>")
        assertNotContains(page, "errorlist")
        assert values(page) == {"body": WORDS, "name": "Dora", "email": "", "link": ""}

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"name": ""}, "Enter your name."),
            ({"email": ""}, "Enter your email address."),
            ({"email": "dora@"}, "Enter a valid email address."),
            ({"email": "dora@example.org\x00"}, "Null characters are not allowed."),
            ({"email": f"{'d' * 250}@example.org"}, "at most 254 characters"),
            ({"name": "d" * 61}, "at most 60 characters"),
            ({"name": "<script>"}, "no web address and none of"),
            ({"name": "Nora"}, "too similar to that of a host or moderator"),
            ({"name": "N0ra"}, "too similar to that of a host or moderator"),
            ({"link": "not an address"}, "Enter a valid web address."),
            ({"link": "javascript:alert(1)"}, "Enter a valid web address."),
            ({"link": "dora@example.org"}, "This is an email address, and everyone would see it."),
            ({"link": f"https://example.org/{'d' * 300}"}, "at most 300 characters"),
            ({"body": " "}, "Write something first."),
            ({"body": "x" * 20_001}, "the limit is 20000"),
            ({"parent": "999999"}, "The comment you’re replying to no longer exists."),
            ({"also": "999999"}, "One of the comments you’re replying to was deleted."),
        ],
    )  # fmt: skip
    def test_what_cannot_be_taken_comes_back_with_everything_that_was_typed(self, client, post, typed, said):
        sent = DORA | {"link": "dora.example"} | typed
        page = write(client, post, **sent)
        assertContains(page, said, status_code=422)
        assertContains(page, "<title>Error:", status_code=422)
        kept = {
            name: sent[name].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            for name in ("body", "name", "email", "link")
        }
        assert values(page) == kept
        assert (PendingComment.objects.count(), len(mail.outbox)) == (0, 0)

    @pytest.mark.parametrize(
        "typed",
        [
            {"pending": "x"},
            {"pending": "\x00"},
            {"draft": "\x00"},
            {"also": "\x00,x" * 400},
            {"seal": "\x00" * 900},
            {"n\x00": "\x00"},
        ],
    )
    def test_values_that_no_author_types_do_not_stop_a_comment(self, client, post, typed):
        assert write(client, post, **typed).status_code == 302

    def test_without_name_and_address_it_leads_to_sign_in_and_the_text_waits(self, client, post, member):
        for typed in ({"name": " ", "email": ""}, {"sign_in": "1"}):
            response = write(client, post, **typed)
            assertRedirects(response, f"/accounts/login/?next=%2Fposts%2F{post.slug}%2F%23reply")
        client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
        assertContains(client.get(f"/posts/{post.slug}/"), f"{WORDS}</textarea>")
        assert not PendingComment.objects.exists()


class TestComingIn:
    @pytest.mark.parametrize(
        "link", ["www.dora.example", "http://a_b.blogspot.example/", "a_b.c_d.example/x_y"]
    )
    def test_an_address_as_old_blogs_have_it_does_not_hold_up_the_comment(self, client, post, link):
        assert write(client, post, link=link).status_code == 302
        assert PendingComment.objects.get().link.removeprefix("https://").removeprefix(
            "http://"
        ) == link.removeprefix("http://")

    def test_the_code_creates_an_account_adds_the_link_and_posts_the_comment(self, client, post):
        response = write(client, post, link="dora.example/blog")
        pending = PendingComment.objects.get()
        assertRedirects(response, f"/comments/unsent/{pending.pk}/")
        assert (User.objects.filter(email="dora@example.org").count(), Comment.objects.count()) == (0, 0)
        page = client.get(response["Location"])
        assertContains(page, "We’ve sent a 6-digit code to dora@example.org.")
        assertContains(page, "<p>In the <em>kitchen</em>.</p>")
        assert [message.to for message in mail.outbox] == [["dora@example.org"]]

        response = client.post(response["Location"], {"code": emailed_code()}, follow=True)
        comment = Comment.objects.get()
        assert [place for place, _status in response.redirect_chain] == [
            f"/comments/unsent/{pending.pk}/",
            f"/posts/{post.slug}/#comment-{comment.pk}",
        ]
        dora = User.objects.get(username="dora")
        assert (who(client), dora.display_name, dora.has_usable_password(), dora.email) == (
            "dora",
            "Dora",
            False,
            "dora@example.org",
        )
        assert list(EmailAddress.objects.filter(user=dora).values_list("email", "verified", "primary")) == [
            ("dora@example.org", True, True)
        ]
        assert list(dora.links.values_list("url", "state")) == [("https://dora.example/blog", "claimed")]
        assert (comment.author, comment.post, comment.parent, comment.body, comment.status) == (
            dora,
            post,
            None,
            WORDS,
            "public",
        )
        assertContains(response, "Welcome, Dora! You now have an account.")
        assertContains(response, "Posted.")
        assertContains(response, f'id="comment-{comment.pk}"')
        pending.refresh_from_db()
        assert (
            pending.comment,
            pending.body,
            pending.name,
            pending.email,
            pending.link,
            pending.fields,
            pending.submission,
        ) == (
            comment,
            "",
            "",
            "",
            "",
            {},
            {},
        )
        assert len(mail.outbox) == 1

    def test_a_member_is_signed_in_by_the_code_and_stays_as_they_are(self, client, post, member):
        write(client, post, email="Alice@Example.org", name="Somebody Else", link="https://alice.example/")
        page = client.post(
            f"/comments/unsent/{PendingComment.objects.get().pk}/", {"code": emailed_code()}, follow=True
        )
        assertNotContains(page, "You now have an account")
        comment = Comment.objects.get()
        member.refresh_from_db()
        assert (who(client), comment.author, member.display_name) == ("alice", member, "")
        assert list(member.links.values_list("url", flat=True)) == []
        assertContains(page, "The link https://alice.example/ was not added to your profile.")
        assert User.objects.exclude(pk=post.author_id).count() == 1

    def test_a_link_already_on_the_profile_is_not_added_twice(self, client, post, member):
        member.links.create(url="https://www.alice.example")
        write(client, post, email="alice@example.org", link="http://alice.example/")
        client.post(f"/comments/unsent/{PendingComment.objects.get().pk}/", {"code": emailed_code()})
        assert list(member.links.values_list("url", flat=True)) == ["https://www.alice.example"]

    def test_a_host_who_was_made_on_the_command_line_comes_in(self, client, post):
        host = User.objects.create_superuser("olga", "olga@example.org", PASSWORD)
        write(client, post, email="olga@example.org")
        client.post(f"/comments/unsent/{PendingComment.objects.get().pk}/", {"code": emailed_code()})
        assert (who(client), Comment.objects.get().author) == ("olga", host)
        assert EmailAddress.objects.filter(user=host, verified=True, primary=True).exists()

    def test_a_reply_is_under_its_parent_and_answers_others_too(self, client, post, host, signed_in):
        first, second = make_comment(post), make_comment(post)
        write(client, post, parent=first.pk, also=second.pk)
        place = f"/comments/unsent/{PendingComment.objects.get().pk}/"
        assertContains(client.get(place), f"Dora, in reply to {first.author_name}, on")
        for page in (client.get(f"{place}change/"), signed_in(host).get(place)):
            assertContains(page, f'name="also" value="{second.pk}" checked>')
            assertContains(page, f'<input type="hidden" name="parent" value="{first.pk}"')
        client.post(f"/comments/unsent/{PendingComment.objects.get().pk}/", {"code": emailed_code()})
        comment = Comment.objects.get(author__username="dora")
        assert (
            comment.parent,
            [address.answered for address in AdditionalParent.objects.filter(comment=comment)],
        ) == (first, [second])

    def test_a_member_with_another_sign_in_method_uses_it_and_the_comment_is_posted(
        self, client, post, member
    ):
        write(client, post, email="dora@example.org")
        place = f"/comments/unsent/{PendingComment.objects.get().pk}/"
        response = client.post(f"{place}sign-in/")
        assertRedirects(response, f"/accounts/login/?next={place.replace('/', '%2F')}")
        client.post("/accounts/login/", {"login": "alice", "password": "wrong"})
        assert not Comment.objects.exists()
        response = client.post(
            "/accounts/login/", {"login": "alice", "password": PASSWORD, "next": place}, follow=True
        )
        comment = Comment.objects.get()
        assert (comment.author, comment.body) == (member, WORDS)
        assert response.redirect_chain[-1][0] == f"/posts/{post.slug}/#comment-{comment.pk}"

    def test_who_has_a_second_factor_is_asked_for_it_before_anything_is_sent(self, client, post, member):
        secret = generate_totp_secret()
        TOTP.activate(member, secret)
        write(client, post, email="alice@example.org")
        response = client.post(
            f"/comments/unsent/{PendingComment.objects.get().pk}/", {"code": emailed_code()}
        )
        assertRedirects(response, "/accounts/2fa/authenticate/", fetch_redirect_response=False)
        assert (who(client), Comment.objects.count()) == (None, 0)
        response = client.post("/accounts/2fa/authenticate/", {"code": totp_code(secret)}, follow=True)
        assert (who(client), Comment.objects.get().author) == ("alice", member)
        assert response.redirect_chain[-1][0] == f"/posts/{post.slug}/#comment-{Comment.objects.get().pk}"

    def test_a_closed_account_stays_closed_and_the_text_is_kept(self, client, post, member):
        User.objects.filter(pk=member.pk).update(is_active=False)
        write(client, post, email="alice@example.org")
        response = client.post(
            f"/comments/unsent/{PendingComment.objects.get().pk}/", {"code": emailed_code()}, follow=True
        )
        assertContains(response, "This account is deactivated")
        assert (who(client), Comment.objects.count(), PendingComment.objects.get().body) == (None, 0, WORDS)
        assert User.objects.exclude(pk=post.author_id).count() == 1

    def test_if_sign_up_is_closed_no_account_is_created_and_the_text_is_kept(self, client, post, monkeypatch):
        monkeypatch.setattr(
            "accounts.allauth.adapter.AccountAdapter.is_open_for_signup", lambda *_args: False
        )
        write(client, post)
        page = client.post(
            f"/comments/unsent/{PendingComment.objects.get().pk}/", {"code": emailed_code()}, follow=True
        )
        assertContains(page, "Sign-up is closed")
        assert (who(client), PendingComment.objects.get().body) == (None, WORDS)

    def test_a_draft_is_not_offered_to_the_next_days_member_in_the_same_browser(self, client, post, member):
        write(client, post)
        client.post(f"/comments/unsent/{PendingComment.objects.get().pk}/sign-in/")
        session = client.session
        session["sends_when_in"] = [session["sends_when_in"][0], session["sends_when_in"][1] - 3601]
        session.save()
        client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
        assert (who(client), Comment.objects.count(), PendingComment.objects.get().body) == (
            "alice",
            0,
            WORDS,
        )


class TestOnce:
    def test_the_code_sent_twice_posts_the_comment_once(self, client, post):
        write(client, post)
        place = f"/comments/unsent/{PendingComment.objects.get().pk}/"
        other = Client()
        client.post(place, {"code": emailed_code()})
        response = other.post(place, {"code": emailed_code()})
        assertRedirects(response, f"/posts/{post.slug}/#comment-{Comment.objects.get().pk}")
        assert who(other) is None

    def test_one_click_too_many_on_the_form_is_one_mail(self, client, post):
        assert write(client, post)["Location"] == write(client, post)["Location"]
        assert (PendingComment.objects.count(), len(mail.outbox)) == (1, 1)
        write(client, post, body="Something else.")
        assert (PendingComment.objects.count(), len(mail.outbox)) == (2, 2)

    def test_comments_awaiting_review_are_not_shown_to_others(self, client, post):
        ModerationSettings.objects.update_or_create(pk=1, defaults={"first_link_waits": True})
        write(client, post, body="Mine: https://stove.example/warm and more words to be kind")
        place = f"/comments/unsent/{PendingComment.objects.get().pk}/"
        response = client.post(place, {"code": emailed_code()}, follow=True)
        comment = Comment.objects.get()
        assert comment.status == "held"
        assertContains(response, "Your comment is awaiting review.")
        response = Client().get(place, follow=True)
        assertContains(response, "This comment has already been posted. Sign in to see it.")
        assertNotContains(response, "stove.example")

    def test_after_the_comment_is_deleted_its_page_leads_to_the_discussion(self, client, post):
        write(client, post)
        place = f"/comments/unsent/{PendingComment.objects.get().pk}/"
        client.post(place, {"code": emailed_code()})
        set_status(Comment.objects.get(), Comment.Status.DELETED)
        assertRedirects(client.get(place), f"/posts/{post.slug}/#talk")
        withdraw_post(post)
        assertRedirects(client.get(place), "/")


@pytest.mark.django_db(transaction=True)
def test_the_code_sent_four_times_at_once_makes_one_member_and_one_comment(client):
    post = make_post()
    place = write(client, post)["Location"]
    answers = []
    in_threads([lambda: answers.append(Client().post(place, {"code": emailed_code()}).status_code)] * 4)
    assert set(answers) <= {302, 422}
    assert [(comment.author.username, comment.body) for comment in Comment.objects.all()] == [("dora", WORDS)]


@pytest.mark.django_db(transaction=True)
def test_many_asking_for_new_codes_at_once_get_no_more_than_one_after_the_other(client):
    place = write(client, make_post())["Location"]
    answers = []
    in_threads([lambda: answers.append(Client().post(f"{place}code/").status_code)] * 6)
    assert (sorted(answers), len(mail.outbox)) == ([302, 302, 429, 429, 429, 429], 3)


@pytest.mark.django_db(transaction=True)
def test_concurrent_requests_post_a_pending_comment_once(client):
    post = make_post()
    write(client, post)
    pending = PendingComment.objects.get()
    members = [make_member() for _ in range(4)]
    in_threads([lambda member=member: publish_pending(pending.pk, member) for member in members])
    assert Comment.objects.count() == 1


class TestTheCode:
    def test_three_wrong_codes_end_it_and_a_new_one_starts_again_with_the_text_kept(self, client, post):
        write(client, post)
        place, code = f"/comments/unsent/{PendingComment.objects.get().pk}/", emailed_code()
        said = ["That code isn’t right. 2 tries left.", "That code isn’t right. 1 try left.", "That was the third wrong code",
                "That was the third wrong code"]  # fmt: skip
        for typed, words in zip([wrong(code), "x", wrong(code), code], said, strict=True):
            page = client.post(place, {"code": typed})
            assertContains(page, words, status_code=422)
            assertContains(page, "<em>kitchen</em>", status_code=422)
        assert who(client) is None
        assertRedirects(client.post(f"{place}code/"), place)
        assertContains(client.post(place, {"code": code}), "2 tries left", status_code=422)
        client.post(place, {"code": emailed_code()})
        assert (who(client), Comment.objects.get().body) == ("dora", WORDS)

    def test_it_may_be_typed_with_blanks_and_in_other_digits(self, client, post):
        write(client, post)
        digits = "".join(chr(ord("\u0660") + int(digit)) for digit in emailed_code())
        client.post(
            f"/comments/unsent/{PendingComment.objects.get().pk}/", {"code": f"{digits[:3]} {digits[3:]}"}
        )
        assert who(client) == "dora"

    def test_an_old_code_says_so_and_the_text_is_kept(self, client, post):
        write(client, post)
        place = f"/comments/unsent/{PendingComment.objects.get().pk}/"
        age(EmailCode.objects, minutes=16)
        page = client.post(place, {"code": emailed_code()})
        assertContains(
            page, "This code has expired. Request a new one below; your comment is saved.", status_code=422
        )
        client.post(f"{place}code/")
        client.post(place, {"code": emailed_code()})
        assert who(client) == "dora"

    @pytest.mark.parametrize("typed", ["", " ", "\x00", "1" * 21, "٣" * 20])
    def test_nonsense_is_no_code(self, client, post, typed):
        write(client, post)
        assert (
            client.post(f"/comments/unsent/{PendingComment.objects.get().pk}/", {"code": typed}).status_code
            == 422
        )

    def test_a_code_deleted_in_the_meantime_is_requested_again(self, client, post):
        write(client, post)
        code = emailed_code()
        EmailCode.objects.all().delete()
        page = client.post(f"/comments/unsent/{PendingComment.objects.get().pk}/", {"code": code})
        assertContains(page, "Request a new one below.", status_code=422)

    def test_it_is_kept_as_a_hash(self, client, post):
        write(client, post)
        assert emailed_code() not in str(EmailCode.objects.values().get())


class TestAnotherDevice:
    def test_the_link_in_the_email_asks_first_and_a_click_posts_the_comment(self, client, post):
        write(client, post, link="https://dora.example")
        there = Client()
        for _ in range(2):
            assertContains(there.get(mailed_link()), "Did you write this?")
            assert there.head(mailed_link()).status_code == 200
        assert (who(there), User.objects.filter(username="dora").exists(), Comment.objects.count()) == (
            None,
            False,
            0,
        )
        assertContains(there.get(mailed_link()), "<em>kitchen</em>")
        response = there.post(mailed_link(), follow=True)
        comment = Comment.objects.get()
        assert (who(there), comment.author.username, who(client)) == ("dora", "dora", None)
        assert response.redirect_chain[-1][0] == f"/posts/{post.slug}/#comment-{comment.pk}"
        assert list(comment.author.links.values_list("url", flat=True)) == ["https://dora.example"]

    def test_once_the_comment_is_posted_the_link_signs_no_one_in(self, client, post):
        write(client, post)
        client.post(f"/comments/unsent/{PendingComment.objects.get().pk}/", {"code": emailed_code()})
        there = Client()
        for response in (there.get(mailed_link()), there.post(mailed_link())):
            assertRedirects(response, f"/posts/{post.slug}/#comment-{Comment.objects.get().pk}")
        assert who(there) is None

    def test_an_old_link_and_a_forged_one_lead_to_the_page_that_asks_for_the_code(self, client, post, clock):
        write(client, post)
        link = mailed_link()
        clock.shift(86_400 - 1)
        assertContains(client.get(link), "Did you write this?")
        clock.shift(3)
        there = Client()
        forged = [
            link[:-2] + "x/",
            link.replace(link.split("/")[-2], "x"),
            link.replace(link.split("/")[-2], "١.x"),
        ]
        for old in (link, *forged):
            for response in (there.get(old), there.post(old)):
                assertRedirects(
                    response,
                    f"/comments/unsent/{PendingComment.objects.get().pk}/",
                    fetch_redirect_response=False,
                )
        assertContains(there.get(response["Location"]), "This link has expired.")
        assert who(there) is None

    def test_a_link_that_went_to_a_mistyped_address_does_not_prove_the_right_one(self, client, post):
        write(client, post, email="daro@example.org")
        first = PendingComment.objects.get()
        page = client.get(f"/comments/unsent/{first.pk}/change/")
        assert values(page) == {"body": WORDS, "name": "Dora", "email": "daro@example.org", "link": ""}
        write(client, post, pending=first.pk)
        assert PendingComment.objects.get().email == "dora@example.org"
        assert [message.to for message in mail.outbox] == [["daro@example.org"], ["dora@example.org"]]
        assert client.get(mailed_link(0)).status_code == 404
        PendingComment.objects.update(email="other@example.org")
        assertRedirects(Client().post(mailed_link()), f"/comments/unsent/{PendingComment.objects.get().pk}/")

    def test_a_signed_in_member_who_opens_it_finds_the_text_in_their_form(
        self, client, post, member, signed_in
    ):
        parent = make_comment(post, author=make_member("bob"))
        write(client, post, link="https://dora.example", parent=parent.pk)
        reader = signed_in(member)
        page = reader.get(mailed_link(), follow=True)
        assertContains(page, f"{WORDS}</textarea>")
        assertContains(page, "Your reply to bob")
        pending = PendingComment.objects.get()
        assertContains(page, f'name="pending" value="{pending.pk}"')
        response = reader.post(
            f"/posts/{post.slug}/comments/",
            {"body": f"{WORDS} Yes.", "parent": parent.pk, "pending": pending.pk},
        )
        comment = Comment.objects.get(author=member)
        assertRedirects(response, f"/posts/{post.slug}/#comment-{comment.pk}", fetch_redirect_response=False)
        assert list(member.links.values_list("url", flat=True)) == []
        assertContains(
            reader.get(response["Location"]), "The link https://dora.example was not added to your profile."
        )
        pending.refresh_from_db()
        assert (pending.comment, pending.body) == (comment, "")


class TestWhatStandsInTheWay:
    def test_a_discussion_closed_in_the_meantime_returns_the_text_to_its_author(self, client, post):
        write(client, post)
        place = f"/comments/unsent/{PendingComment.objects.get().pk}/"
        set_comments_open(post, False, by=post.author)
        page = client.post(place, {"code": emailed_code()}, follow=True)
        assert (who(client), Comment.objects.count()) == ("dora", 0)
        assertContains(page, "Comments were closed while you were writing.")
        assertContains(page, f"{WORDS}</textarea>")
        set_comments_open(post, True, by=post.author)
        client.post(
            f"/posts/{post.slug}/comments/", {"body": WORDS, "pending": PendingComment.objects.get().pk}
        )
        assertRedirects(client.get(place), f"/posts/{post.slug}/#comment-{Comment.objects.get().pk}")

    def test_a_closed_discussion_accepts_no_comment_and_emails_no_one(self, client, post):
        set_comments_open(post, False, by=post.author)
        page = write(client, post)
        assertContains(page, "Comments were closed while you were writing.", status_code=422)
        assert values(page)["body"] == WORDS
        assert len(mail.outbox) == 0

    def test_an_answer_whose_parent_is_gone_can_be_posted_under_the_post(self, client, post):
        parent = make_comment(post)
        write(client, post, parent=parent.pk)
        set_status(parent, Comment.Status.DELETED)
        page = client.post(
            f"/comments/unsent/{PendingComment.objects.get().pk}/", {"code": emailed_code()}, follow=True
        )
        assertContains(page, "The comment you’re replying to no longer exists.")
        assertContains(page, f"{WORDS}</textarea>")
        assert not Comment.objects.filter(author__username="dora").exists()

    def test_a_member_who_has_posted_too_much_finds_the_text_in_their_form(
        self, client, post, member, settings
    ):
        settings.COMMENT_RATES = {"member": [(1, 3600)], "host": [(1, 3600)]}
        make_comment(post, author=member)
        write(client, post, email="alice@example.org")
        page = client.post(
            f"/comments/unsent/{PendingComment.objects.get().pk}/", {"code": emailed_code()}, follow=True
        )
        assertContains(page, "You’ve posted a lot recently")
        assertContains(page, f"{WORDS}</textarea>")

    def test_back_at_the_post_a_note_leads_to_the_pending_comment(
        self, client, post, django_assert_num_queries
    ):
        place, address = write(client, post)["Location"], f"/posts/{post.slug}/"
        client.get(address)
        note = "Your comment here is waiting for the code we sent you."
        assertContains(client.get(address), note)
        assertContains(client.get(address), f'<a href="{place}">Continue</a>')
        for other in (Client().get(address), client.get(f"/posts/{make_post().slug}/")):
            assertNotContains(other, note)
        client.get(address)
        with django_assert_num_queries(3):  # the session, the version, the text
            client.get(address)
        client.post(place, {"code": emailed_code()})
        assertNotContains(client.get(address), note)

    def test_a_pending_comment_can_be_discarded(self, client, post):
        write(client, post, draft="abc123")
        place = f"/comments/unsent/{PendingComment.objects.get().pk}/"
        response = client.post(f"{place}throw-away/")
        assertRedirects(response, f"/posts/{post.slug}/#talk")
        assert response.cookies["draft_arrived"].value == "abc123"
        assert client.get(place).status_code == 404
        write(client, post)
        client.post(
            f"/posts/{post.slug}/comments/", {"discard": "1", "pending": PendingComment.objects.get().pk}
        )
        assert not PendingComment.objects.exists()

    def test_the_browser_learns_that_the_draft_arrived_once_it_is_a_comment(self, client, post):
        response = write(client, post, draft="abc123")
        assert "draft_arrived" not in response.cookies
        response = client.post(response["Location"], {"code": emailed_code()})
        assert client.get(response["Location"]).cookies["draft_arrived"].value == "abc123"

    def test_a_pending_comment_is_kept_for_a_week(self, client, post):
        place = write(client, post)["Location"]
        age(PendingComment.objects, days=6, hours=23)
        discard_pending_comments()
        assert client.get(place).status_code == 200
        age(PendingComment.objects, days=7, seconds=1)
        assert client.get(place).status_code == 404
        assert (discard_pending_comments(), PendingComment.objects.count()) == (1, 0)
        assert delete_old_email_codes() == 0
        age(EmailCode.objects, days=1, seconds=1)
        assert (delete_old_email_codes(), EmailCode.objects.count()) == (1, 0)


def make_closed(email):
    return make_member("closed", email=email, is_active=False)


def begin_sign_up(email):
    Client().post("/accounts/signup/", {"email": email, "username": "begun", "password1": PASSWORD})
    mail.outbox.clear()


class TestNobodyLearnsWhoIsAMember:
    KINDS = {
        "nobody's": lambda email: None,
        "a member's": lambda email: make_member("wanda", email=email),
        "the host's": lambda email: make_host("olga", email=email),
        "a closed account's": make_closed,
        "a begun sign-up's": begin_sign_up,
        "a guest's": lambda email: Comment.objects.filter(pk=make_comment().pk).update(
            author=None, guest_name="G", guest_email=email
        ),
    }

    def see(self, post, kind):
        """Return all that someone sees without access to the emails.

        The responses, the number of statements, and the email without its secrets.
        """
        mail.outbox.clear()
        client = Client()
        email = f"k{sorted(self.KINDS).index(kind)}@example.org"
        self.KINDS[kind](email)
        client.get(f"/posts/{post.slug}/")
        seen = []
        with CaptureQueriesContext(connection) as queries:
            response = write(client, post, email=email)
        seen += [response.status_code, len(queries)]
        place = response["Location"]
        typed = wrong(emailed_code())
        for answer in (
            client.get(place),
            client.post(place, {"code": typed}),
            client.post(f"{place}code/"),
            client.get(place),
        ):
            seen += [answer.status_code, answer.content]
        for message in mail.outbox:
            seen += [message.subject, re.sub(r"^\d{6}$", "", message.body, flags=re.MULTILINE)]
        secrets = [(place.split("/")[3], "KEY"), (email, "ADDRESS"), (typed, "CODE")]
        text = repr(seen)
        for secret, name in secrets:
            text = text.replace(secret, name)
        text = re.sub(r"KEY/[\w.-]+/", "KEY/TOKEN/", text)
        return re.sub(r'(csrfmiddlewaretoken" value|nonce|script-nonce)="[^"]*"', "", text)

    def test_everything_is_the_same_for_every_address(self, post, settings):
        settings.EMAIL_CODE_RATES = {"address": [], "sender": [], "all": []}
        seen = {kind: self.see(post, kind) for kind in self.KINDS}
        assert {kind for kind in seen if seen[kind] != seen["nobody's"]} == set()

    def test_the_limits_do_not_tell_either(self, post, member):
        for email in ("alice@example.org", "nobody@example.org"):
            answers = [
                write(
                    Client(REMOTE_ADDR=f"192.0.2.{number}"), post, email=email, body=f"{number}"
                ).status_code
                for number in range(4)
            ]
            assert answers == [302, 302, 302, 429]


class TestNobodyMailsStrangers:
    def test_one_address_gets_few_emails(self, post, clock):
        answers = [
            write(Client(REMOTE_ADDR=f"192.0.2.{number}"), post, body=f"Words {number}.")
            for number in range(12)
        ]
        assert len(mail.outbox) == 3
        refused = answers[-1]
        assertContains(
            refused,
            "We can’t send another email yet: wait 10 minutes, or sign in. Your text is saved.",
            status_code=429,
        )
        assert (values(refused)["body"], refused["Retry-After"]) == ("Words 11.", "600")
        clock.shift(600)
        assert write(Client(), post, body="Later.").status_code == 302

    @pytest.mark.parametrize(
        ("addresses", "most"),
        [
            (["192.0.2.7"], 10),
            (["2001:db8::1", "2001:db8::2"], 10),
            (["192.0.2.7", "192.0.2.8"], 20),
            (["127.0.0.1"], 10),
        ],
    )
    def test_one_sender_can_cause_few_emails(self, post, addresses, most):
        for number in range(24):
            write(
                Client(REMOTE_ADDR=addresses[number % len(addresses)]), post, email=f"n{number}@example.org"
            )
        assert len(mail.outbox) == most

    def test_asking_for_new_codes_counts_as_well(self, client, post, clock):
        place = write(client, post)["Location"]
        answers = [client.post(f"{place}code/") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [302, 302, 429]
        assertContains(
            answers[-1],
            "We can’t send another email yet: wait 10 minutes, or sign in. Your text is saved.",
            status_code=429,
        )
        assert (answers[-1]["Retry-After"], len(mail.outbox)) == ("600", 3)

    def test_there_is_a_limit_for_all_together(self, post, settings):
        settings.EMAIL_CODE_RATES = {"address": [], "sender": [], "all": [(2, 3600)]}
        for number in range(4):
            write(Client(), post, email=f"n{number}@example.org")
        assert len(mail.outbox) == 2

    def test_without_limits_nobody_is_stopped(self, client, post, settings):
        settings.RATE_LIMITS = False
        assert {write(client, post, body=f"Words {number}.").status_code for number in range(12)} == {302}

    @pytest.mark.parametrize(
        "more", [{}, {"name": "", "email": ""}, {"sign_in": "1"}], ids=["by_code", "by_session", "by_button"]
    )
    def test_of_a_program_that_fills_in_what_people_do_not_see_nothing_is_kept_or_mailed(
        self, client, post, more
    ):
        for number in range(12):
            baited = write(client, post, place_at_table="x", body=f"{number} {'x' * 15_000}", **more)
        assert (baited.status_code, len(mail.outbox), PendingComment.objects.count()) == (422, 0, 0)
        assert Session.objects.count() == 0

    def test_somebody_whose_browser_filled_it_in_has_every_word_and_sends_again(self, client, post):
        page = write(client, post, place_at_table="x", link="dora.example")
        assert values(page) == DORA | {"link": "dora.example"}
        assertContains(page, "It’s empty again: post your comment once more.", status_code=422)
        assert 'name="place_at_table" value=""' in page.content.decode()

    @pytest.mark.parametrize("path", ["create", "edit"])
    def test_one_sender_has_few_comments_kept_over_a_sign_in(self, post, path):
        address = (
            f"/posts/{post.slug}/comments/"
            if path == "create"
            else f"/comments/{make_comment(post).pk}/edit/"
        )
        answers = [
            Client().post(address, {"body": f"{number} {'x' * 40_000}", "sign_in": "1"})
            for number in range(14)
        ]
        assert [answer.status_code for answer in answers] == [302] * 10 + [429] * 4
        assert Session.objects.count() == 10
        assert int(answers[-1]["Retry-After"]) > 0

    def test_what_is_not_kept_during_sign_in_is_in_the_form(self, post):
        for _ in range(11):
            page = Client().post(f"/posts/{post.slug}/comments/", {"body": WORDS, "sign_in": "1"})
        assert (page.status_code, values(page)["body"]) == (429, WORDS)

    def test_the_email_contains_no_text_of_a_stranger_but_the_host_of_the_link(self, client, post):
        """A link says more than where it leads: the rest is on the pages on the way."""
        link = "https://casino.example/buy-cheap-pills?now"
        write(client, post, name="Buy Pills", link=link, body="Cheap pills")
        text = f"{mail.outbox[0].subject} {mail.outbox[0].body}".lower()
        assert [word for word in ("pill", "buy", "cheap") if word in text] == []
        assert re.findall(r"^.*casino.*$", mail.outbox[0].body, re.MULTILINE) == ["casino.example"]


class TestTheLinkThatComesAlong:
    CASINO = "https://best-casino-bonus.example/win"

    def test_is_shown_on_every_page_on_the_way(self, client, post):
        place = write(client, post, link=self.CASINO)["Location"]
        for page in (client.get(place), Client().get(mailed_link())):
            assertContains(page, self.CASINO)
            assertNotContains(page, f'href="{self.CASINO}"')

    def test_a_stranger_puts_none_on_a_members_profile(self, client, post, member, signed_in):
        write(client, post, email="alice@example.org", link=self.CASINO)
        Client().post(mailed_link())
        assert Comment.objects.get().author == member
        assert list(member.links.all()) == []

    def test_not_through_the_form_of_members_either(self, client, post, member, signed_in):
        write(client, post, email="alice@example.org", link=self.CASINO)
        signed_in(member).post(
            f"/posts/{post.slug}/comments/", {"body": WORDS, "pending": PendingComment.objects.get().pk}
        )
        assert list(member.links.all()) == []

    def test_what_is_refused_changes_no_profile(self, client, post):
        write(client, post, link="https://dora.example/")
        set_comments_open(post, False, by=post.author)
        Client().post(mailed_link())
        assert (
            Comment.objects.count(),
            User.objects.get(emailaddress__email="dora@example.org").links.count(),
        ) == (0, 0)

    def test_is_judged_with_the_text(self, client, post):
        write(client, post, body="What a lovely post.", link="https://best-casino-bonus.example/win-money")
        client.post(f"/comments/unsent/{PendingComment.objects.get().pk}/", {"code": emailed_code()})
        assessment = Assessment.objects.get()
        assert "casino" in str(assessment.reasons)

    def test_a_closed_domain_is_refused_there_too(self, client, post, moderator):
        block_domain("casino.example", by=moderator, words="Spam.")
        write(client, post, link="https://www.casino.example/")
        client.post(f"/comments/unsent/{PendingComment.objects.get().pk}/", {"code": emailed_code()})
        assert (
            Comment.objects.count(),
            User.objects.get(emailaddress__email="dora@example.org").links.count(),
        ) == (0, 0)


def test_the_submission_is_judged_as_of_when_it_was_sent(post, clock):
    seal = form_token.make_seal(is_filled=False)
    clock.shift(5)
    place = write(Client(REMOTE_ADDR="192.0.2.7"), post, seal=seal)["Location"]
    clock.shift(3600)
    kept = Submission.kept(PendingComment.objects.get(pk=place.split("/")[3]).submission)
    assert (kept.address, dict(kept.fields)) == ("192.0.2.7", {"seal": seal})
    assert form_token.read_seal(kept).seconds == pytest.approx(5, abs=1)


def test_a_begun_sign_up_with_the_same_address_gives_way(client, post):
    begin_sign_up("dora@example.org")
    assert User.objects.filter(username="begun").exists()
    write(client, post)
    client.post(f"/comments/unsent/{PendingComment.objects.get().pk}/", {"code": emailed_code()})
    assert list(User.objects.filter(email="dora@example.org").values_list("username", flat=True)) == ["dora"]
    assert not Client().login(username="begun", password=PASSWORD)
