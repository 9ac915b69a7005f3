"""Writing, editing, withdrawing and finding comments, over HTTP."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from comments.models import Comment, CommentRevision
from posts.services.publishing import set_comments_open, withdraw_post
from tests.factories import PASSWORD, make_member, put_comment


def create_url(post):
    return f"/posts/{post.slug}/comments/"


def field_value(response, name="body"):
    """Return the content of the textarea in the only form with that field."""
    match = re.search(
        rf'<textarea name="{name}"[^>]*>\n?(.*?)</textarea>', response.content.decode(), re.DOTALL
    )
    return match[1] if match else None


class TestPosting:
    def test_a_member_posts_and_is_redirected_to_the_comment(self, post, member, signed_in):
        response = signed_in(member).post(create_url(post), {"body": "In the *choir*."})
        comment = Comment.objects.get()
        assertRedirects(response, f"/posts/{post.slug}/#comment-{comment.pk}")
        assert (comment.author, comment.body, comment.html, comment.status) == (
            member,
            "In the *choir*.",
            "<p>In the <em>choir</em>.</p>",
            "public",
        )
        post.refresh_from_db()
        assert (post.comment_count, post.last_comment_at) == (1, comment.created_at)

    @pytest.mark.parametrize("who", ["visitor", "member"])
    def test_the_form_of_a_page_leads_to_its_post(self, post, member, signed_in, client, who):
        page = (client if who == "visitor" else signed_in(member)).get(post.get_absolute_url())
        assertContains(page, 'class="reply comment-form" method="post"', count=1)
        assertContains(page, f'action="{create_url(post)}"', count=1)

    def test_a_reply_is_inside_its_parent(self, post, member, signed_in):
        parent = put_comment(post)
        signed_in(member).post(create_url(post), {"body": "Yes.", "parent": parent.pk})
        reply = Comment.objects.get(parent=parent)
        assert (reply.level, reply.tree_id) == (1, parent.tree_id)

    @pytest.mark.parametrize("body", ["", "   \n\n "])
    def test_empty_text_is_refused_at_the_field(self, post, member, signed_in, body):
        response = signed_in(member).post(create_url(post), {"body": body})
        assertContains(response, "Write something first.", status_code=422)
        assertContains(response, 'aria-describedby="id_new_body_helptext id_new_body_error"', status_code=422)
        assertContains(response, "<title>Error:", status_code=422)
        # On its own page the form follows the h1, so that no heading level is skipped.
        assertContains(response, "<h2>Leave a comment</h2>", status_code=422, html=True)
        assert not Comment.objects.exists()

    def test_the_longest_comment_fits_and_one_sign_more_is_refused_with_every_word_kept(
        self, post, member, signed_in
    ):
        client = signed_in(member)
        longest = "a" * settings.COMMENT_MAX_CHARACTERS
        response = client.post(create_url(post), {"body": longest + "b"})
        assertContains(response, "Your comment is 20001 characters; the limit is 20000.", status_code=422)
        assert field_value(response) == longest + "b"
        assert client.post(create_url(post), {"body": longest}).status_code == 302
        assert Comment.objects.get().body == longest

    def test_four_clicks_make_one_comment(self, post, member, signed_in):
        client = signed_in(member)
        places = {client.post(create_url(post), {"body": "Once."})["Location"] for _click in range(4)}
        assert places == {f"/posts/{post.slug}/#comment-{Comment.objects.get().pk}"}

    def test_the_same_text_at_another_place_is_another_comment(self, post, member, signed_in):
        first = put_comment(post, author=member, body="Yes.")
        signed_in(member).post(create_url(post), {"body": "Yes.", "parent": first.pk})
        assert Comment.objects.count() == 2

    def test_a_flood_is_stopped_with_the_reason_the_text_and_the_time_to_wait(self, post, member, signed_in):
        client = signed_in(member)
        answers = [client.post(create_url(post), {"body": f"Number {number}"}) for number in range(12)]
        assert [answer.status_code for answer in answers] == [302] * 10 + [429] * 2
        assert 1 <= int(answers[-1]["Retry-After"]) <= 60
        assertContains(answers[-1], "You’re posting too fast.", status_code=429)
        assert field_value(answers[-1]) == "Number 11"

    def test_the_host_may_answer_eight_people_in_a_row(self, post, host, signed_in):
        people = [put_comment(post) for _ in range(8)]
        client = signed_in(host)
        assert {
            client.post(create_url(post), {"body": "Thank you.", "parent": one.pk}).status_code
            for one in people
        } == {302}

    def test_rate_limits_can_be_switched_off_for_load_tests(self, post, member, signed_in, settings):
        settings.RATE_LIMITS = False
        client = signed_in(member)
        assert {
            client.post(create_url(post), {"body": f"Number {number}"}).status_code for number in range(15)
        } == {302}

    def test_a_closed_discussion_accepts_nothing_and_returns_the_text(self, post, member, signed_in):
        set_comments_open(post, False, by=post.author)
        response = signed_in(member).post(create_url(post), {"body": "Too late?"})
        assertContains(response, "Comments were closed while you were writing.", status_code=422)
        assert field_value(response) == "Too late?"
        assert not Comment.objects.exists()

    def test_a_reply_to_a_deleted_comment_is_refused_and_kept(self, post, member, signed_in):
        parent = put_comment(post, status="removed")
        response = signed_in(member).post(create_url(post), {"body": "But why?", "parent": parent.pk})
        assertContains(response, "The comment you’re replying to no longer exists.", status_code=422)
        assert field_value(response) == "But why?"

    @pytest.mark.parametrize("parent", ["other post", "-1", "x", "1e3", "9" * 40, "١٢"])
    def test_a_forged_parent_is_refused(self, post, member, signed_in, parent):
        if parent == "other post":
            parent = put_comment().pk
        response = signed_in(member).post(create_url(post), {"body": "Hello.", "parent": parent})
        assert response.status_code == 422
        assert not Comment.objects.for_post(post).exists()

    def test_forged_fields_change_nothing(self, post, member, other_member, signed_in):
        signed_in(member).post(
            create_url(post),
            {
                "body": "Mine.",
                "author": other_member.pk,
                "status": "held",
                "post": 99,
                "lft": 7,
                "tree_id": 7,
                "created_at": "2001-01-01",
                "html": "<b>",
            },
        )
        comment = Comment.objects.get()
        assert (comment.author, comment.post, comment.status, comment.lft, comment.html) == (
            member,
            post,
            "public",
            1,
            "<p>Mine.</p>",
        )

    def test_a_draft_has_no_discussion(self, post, member, signed_in):
        withdraw_post(post)
        assert signed_in(member).post(create_url(post), {"body": "Hello?"}).status_code == 404

    def test_without_the_token_nothing_is_posted_and_the_text_comes_back(self, post, member):
        client = Client(enforce_csrf_checks=True)
        client.force_login(member)
        response = client.post(create_url(post), {"body": "Kept."}, headers={"Origin": "http://testserver"})
        assertContains(response, "Kept.</textarea>", status_code=403)
        assertContains(response, "Send again", status_code=403)
        assert not Comment.objects.exists()

    def test_another_site_cannot_prefill_the_form(self, post, member):
        client = Client(enforce_csrf_checks=True)
        client.force_login(member)
        response = client.post(
            create_url(post), {"body": "Forged."}, headers={"Origin": "https://evil.example"}
        )
        assertNotContains(response, "Send again", status_code=403)

    def test_a_get_request_to_the_forms_url_redirects_to_the_discussion(self, post, client):
        assertRedirects(client.get(create_url(post)), f"/posts/{post.slug}/#talk")


class TestWritingFirst:
    def test_a_visitors_text_is_in_the_form_after_sign_in(self, post, member, client):
        parent = put_comment(post, body="Who is there?")
        response = client.post(create_url(post), {"body": "It is *me*.", "parent": parent.pk})
        place = f"/posts/{post.slug}/?reply={parent.pk}"
        assertRedirects(
            response, f"/accounts/login/?next=%2Fposts%2F{post.slug}%2F%3Freply%3D{parent.pk}%23reply"
        )
        response = client.post(
            response["Location"], {"login": member.username, "password": PASSWORD, "next": f"{place}#reply"}
        )
        assertRedirects(response, f"{place}#reply")
        page = client.get(place)
        assertContains(page, "Your text is still here.")
        assert field_value(page) == "It is *me*."
        client.post(create_url(post), {"body": "It is *me*.", "parent": parent.pk})
        assert Comment.objects.get(parent=parent).author == member
        assertNotContains(client.get(f"/posts/{post.slug}/"), "Your text is still here.")

    def test_text_for_the_post_itself_is_kept_too(self, post, member, client):
        client.post(create_url(post), {"body": "First of all."})
        client.force_login(member)
        assert field_value(client.get(f"/posts/{post.slug}/")) == "First of all."

    def test_a_change_typed_after_the_session_ended_is_kept_too(self, post, member, client):
        comment = put_comment(post, author=member, body="Before.")
        response = client.post(f"/comments/{comment.pk}/edit/", {"body": "After, and long."})
        assertRedirects(response, f"/accounts/login/?next=%2Fcomments%2F{comment.pk}%2Fedit%2F")
        client.force_login(member)
        assert field_value(client.get(f"/comments/{comment.pk}/edit/")) == "After, and long."

    def test_only_so_much_is_kept_for_strangers(self, post, client):
        client.post(create_url(post), {"body": "x" * 300_000})
        assert (
            len(client.session["kept_words"][create_url(post)]["body"]) == 2 * settings.COMMENT_MAX_CHARACTERS
        )


class TestPreview:
    def test_it_shows_what_would_be_posted_and_posts_nothing(self, post, member, signed_in):
        client = signed_in(member)
        words = "A [link](https://example.org) and <b>"
        response = client.post(create_url(post), {"body": words, "preview": "1"})
        client.post(create_url(post), {"body": words})
        comment = Comment.objects.get()
        assertContains(response, f'<div class="words" dir="auto">{comment.html}</div>')
        assert field_value(response) == "A [link](https://example.org) and &lt;b&gt;"

    def test_strangers_may_look_too(self, post, client):
        assertContains(
            client.post(create_url(post), {"body": "**Yes**", "preview": "1"}), "<strong>Yes</strong>"
        )

    def test_htmx_gets_the_piece_alone(self, post, client):
        response = client.post(
            create_url(post), {"body": "**Yes**", "preview": "1"}, headers={"HX-Request": "true"}
        )
        assertContains(response, "<strong>Yes</strong>")
        assertNotContains(response, "<html")


class TestChanging:
    def test_in_the_first_minutes_a_change_leaves_no_mark(self, post, member, signed_in):
        comment = put_comment(post, author=member, body="Frist.")
        response = signed_in(member).post(f"/comments/{comment.pk}/edit/", {"body": "First."})
        comment.refresh_from_db()
        assertRedirects(response, f"/posts/{post.slug}/#comment-{comment.pk}")
        assert (comment.body, comment.html, comment.edited_at) == ("First.", "<p>First.</p>", None)
        assert [(r.body, r.is_marked) for r in CommentRevision.objects.all()] == [("Frist.", False)]

    def test_later_a_change_is_marked_and_the_earlier_text_stays_readable(
        self, post, member, signed_in, client
    ):
        comment = put_comment(
            post, author=member, body="Seven.", created_at=timezone.now() - timedelta(minutes=31)
        )
        signed_in(member).post(f"/comments/{comment.pk}/edit/", {"body": "Eight."})
        comment.refresh_from_db()
        assert comment.was_edited
        history = client.get(f"/comments/{comment.pk}/history/")
        assertContains(history, "Seven.")
        assertContains(history, "Eight.")
        assertContains(client.get(f"/posts/{post.slug}/"), f'href="/comments/{comment.pk}/history/"')

    def test_what_a_slip_said_is_for_moderators_only(self, post, member, moderator, signed_in, client):
        comment = put_comment(post, author=member, body="My number is 555.")
        signed_in(member).post(f"/comments/{comment.pk}/edit/", {"body": "Ask me."})
        assertNotContains(client.get(f"/comments/{comment.pk}/history/"), "555")
        assertContains(signed_in(moderator).get(f"/comments/{comment.pk}/history/"), "555")

    def test_a_refused_edit_keeps_the_text(self, post, member, signed_in):
        comment = put_comment(post, author=member, body="Before.")
        response = signed_in(member).post(f"/comments/{comment.pk}/edit/", {"body": " "})
        assertContains(response, "Write something first.", status_code=422)
        comment.refresh_from_db()
        assert comment.body == "Before."

    def test_the_same_text_again_is_no_edit(self, post, member, signed_in):
        comment = put_comment(post, author=member, body="Same.")
        signed_in(member).post(f"/comments/{comment.pk}/edit/", {"body": "Same."})
        assert not CommentRevision.objects.exists()

    @pytest.mark.parametrize("who", ["other_member", "moderator", "host"])
    @pytest.mark.parametrize("action", ["edit", "delete"])
    def test_nobody_else_may(self, post, member, signed_in, request, who, action):
        comment = put_comment(post, author=member, body="Mine.")
        client = signed_in(request.getfixturevalue(who))
        assert client.get(f"/comments/{comment.pk}/{action}/").status_code == 403
        assert client.post(f"/comments/{comment.pk}/{action}/", {"body": "Yours."}).status_code == 403
        comment.refresh_from_db()
        assert (comment.body, comment.status) == ("Mine.", "public")


class TestWithdrawing:
    def test_it_asks_first_and_then_the_text_is_gone(self, post, member, signed_in, client):
        comment = put_comment(post, author=member, body="Secret words.")
        mine = signed_in(member)
        assertContains(mine.get(f"/comments/{comment.pk}/delete/"), "Delete your comment?")
        assertRedirects(mine.post(f"/comments/{comment.pk}/delete/"), f"/posts/{post.slug}/#talk")
        for reader in (client, mine):
            assertNotContains(reader.get(f"/posts/{post.slug}/"), "Secret words.")
            assert reader.get(f"/comments/{comment.pk}/").status_code == 404
        post.refresh_from_db()
        assert post.comment_count == 0

    def test_answers_stay_under_a_mark(self, post, member, signed_in, client):
        comment = put_comment(post, author=member, body="Secret words.")
        put_comment(post, parent=comment, body="An answer.")
        signed_in(member).post(f"/comments/{comment.pk}/delete/")
        page = client.get(f"/posts/{post.slug}/")
        assertContains(
            page, f'<article class="comment" id="comment-{comment.pk}" data-level="0" data-status="deleted">'
        )
        assertContains(page, "An answer.")
        assertNotContains(page, "Secret words.")

    def test_a_second_click_does_no_harm(self, post, member, signed_in):
        comment = put_comment(post, author=member)
        client = signed_in(member)
        client.post(f"/comments/{comment.pk}/delete/")
        assert client.post(f"/comments/{comment.pk}/delete/").status_code == 404
        post.refresh_from_db()
        assert post.comment_count == 0

    def test_only_a_post_withdraws(self, post, member, signed_in):
        comment = put_comment(post, author=member)
        signed_in(member).get(f"/comments/{comment.pk}/delete/")
        comment.refresh_from_db()
        assert comment.status == "public"


class TestPermalink:
    def test_it_leads_to_the_place(self, post, client):
        comment = put_comment(post)
        assertRedirects(client.get(f"/comments/{comment.pk}/"), f"/posts/{post.slug}/#comment-{comment.pk}")

    @pytest.mark.parametrize("status", ["held", "removed", "spam", "deleted"])
    def test_it_is_not_found_where_the_comment_may_not_be_seen(self, post, client, status):
        assert client.get(f"/comments/{put_comment(post, status=status).pk}/").status_code == 404

    def test_the_author_finds_a_waiting_comment(self, post, member, signed_in):
        comment = put_comment(post, author=member, status="held")
        assert signed_in(member).get(f"/comments/{comment.pk}/").status_code == 302

    def test_comments_of_a_draft_are_not_found(self, post, client):
        comment = put_comment(post)
        withdraw_post(post)
        assert client.get(f"/comments/{comment.pk}/").status_code == 404
        assert client.get(f"/comments/{comment.pk}/history/").status_code == 404

    @pytest.mark.parametrize("pk", ["0", "999999", "9" * 30])
    def test_numbers_that_are_nobodys_are_not_found(self, db, client, pk):
        assert client.get(f"/comments/{pk}/").status_code == 404


def test_the_reply_form_comes_as_a_piece_for_htmx_and_as_a_place_on_the_page_for_others(post, client):
    comment = put_comment(post, author=make_member("dora"))
    piece = client.get(f"/comments/{comment.pk}/reply/", headers={"HX-Request": "true"})
    assertContains(piece, "Reply to dora")
    assertNotContains(piece, "<html")
    assertRedirects(
        client.get(f"/comments/{comment.pk}/reply/"), f"/posts/{post.slug}/?reply={comment.pk}#reply"
    )
