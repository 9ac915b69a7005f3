"""A comment shortly after one's own is appended to it, or recognised as a duplicate."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from comments.models import Comment, CommentRevision
from comments.services.adding import comment_to_extend
from moderation.models import ModerationSettings
from tests.comments.test_views import create_url, field_value
from tests.factories import make_member, put_comment

OFFER = "Add this to it"


def bodies():
    return list(Comment.objects.order_by("pk").values_list("body", flat=True))


class TestSayingItTwice:
    def test_the_same_text_leads_to_the_existing_comment(self, post, member, signed_in):
        client = signed_in(member)
        client.post(create_url(post), {"body": "Once,  and\n\nfor all."})
        response = client.post(create_url(post), {"body": " Once, and for\nall.\r\n"}, follow=True)
        assert bodies() == ["Once,  and\n\nfor all."]
        assert response.redirect_chain == [(f"/posts/{post.slug}/#comment-{Comment.objects.get().pk}", 302)]
        assertContains(response, "You’ve already posted this.")

    def test_other_members_later_days_and_deleted_comments_do_not_count(
        self, post, member, other_member, signed_in
    ):
        put_comment(post, author=other_member, body="Yes.")
        put_comment(post, author=member, body="Yes.", created_at=timezone.now() - timedelta(minutes=11))
        put_comment(post, author=member, body="Yes.", status="removed")
        response = signed_in(member).post(create_url(post), {"body": "Yes."}, follow=True)
        assertNotContains(response, "You’ve already posted this")
        assert bodies() == ["Yes."] * 4


class TestWhatNewWordsBelongTo:
    @pytest.fixture
    def last(self, post, member):
        return put_comment(post, author=member, parent=put_comment(post))

    def test_the_last_word_at_the_same_place(self, post, member, last):
        assert comment_to_extend(post, member, last.parent) == last

    def test_the_last_word_that_the_new_ones_would_answer(self, post, member, last):
        assert comment_to_extend(post, member, last) == last

    def test_a_comment_that_waits_too(self, post, member, last):
        Comment.objects.filter(pk=last.pk).update(status="held")
        assert comment_to_extend(post, member, last.parent) == last

    def test_what_others_say_elsewhere_does_not_matter(self, post, member, last):
        put_comment(post)
        put_comment(post, parent=put_comment(post))
        assert comment_to_extend(post, member, last.parent) == last

    def test_answers_that_are_gone_do_not_matter(self, post, member, last):
        put_comment(post, parent=last, status="spam")
        assert comment_to_extend(post, member, last.parent) == last

    @pytest.mark.parametrize(
        "between",
        [
            "an answer",
            "a neighbour",
            "time",
            "connected account",
            "removed",
            "another's",
            "own words elsewhere",
        ],
    )
    def test_nothing_when_something_came_between(self, post, member, last, between):
        writer, place = member, last.parent
        match between:
            case "an answer":
                put_comment(post, parent=last)
            case "a neighbour":
                put_comment(post, parent=last.parent)
            case "time":
                Comment.objects.filter(pk=last.pk).update(created_at=timezone.now() - timedelta(minutes=11))
            case "connected account":
                place = None
            case "removed":
                Comment.objects.filter(pk=last.pk).update(status="removed")
            case "another's":
                writer = make_member()
            case "own words elsewhere":
                put_comment(post, author=member)
        assert comment_to_extend(post, writer, place) is None


class TestAdding:
    def test_text_is_added_after_a_blank_line_and_the_earlier_text_is_kept(self, post, member, signed_in):
        client = signed_in(member)
        client.post(create_url(post), {"body": "First of all."})
        first = Comment.objects.get()
        page = client.get(f"/posts/{post.slug}/")
        assertContains(page, f'name="add_to" value="{first.pk}"')
        response = client.post(create_url(post), {"body": "And *then*.", "add_to": first.pk}, follow=True)
        assertContains(response, "Added to your comment.")
        assert bodies() == ["First of all.\n\nAnd *then*."]
        assert [revision.body for revision in CommentRevision.objects.all()] == ["First of all."]
        assertContains(response, "<p>First of all.</p>\n<p>And <em>then</em>.</p>")

    def test_it_is_offered_under_ones_own_comment_too(self, post, member, signed_in):
        client = signed_in(member)
        client.post(create_url(post), {"body": "First of all."})
        first = Comment.objects.get()
        piece = client.get(f"/comments/{first.pk}/reply/", headers={"HX-Request": "true"})
        assertContains(piece, f'name="add_to" value="{first.pk}"')
        client.post(create_url(post), {"body": "And then.", "parent": first.pk, "add_to": first.pk})
        assert bodies() == ["First of all.\n\nAnd then."]

    def test_nobody_else_is_offered_it_and_it_costs_them_no_query(
        self, post, member, other_member, signed_in
    ):
        put_comment(post, author=member)
        for reader in (
            signed_in(other_member),
            signed_in(member),
        ):  # the member's other device shows nothing either
            assertNotContains(reader.get(f"/posts/{post.slug}/"), OFFER)

    def test_a_flood_is_stopped_with_the_offer_to_add_instead(self, post, member, signed_in):
        client = signed_in(member)
        for number in range(10):
            client.post(create_url(post), {"body": f"Number {number}."})
        last = Comment.objects.order_by("-pk")[0]
        refused = client.post(create_url(post), {"body": "Number 10, and *more*."})
        assertContains(refused, "You’re posting too fast.", status_code=429)
        assertContains(refused, "You don’t have to wait.", status_code=429)
        assertContains(refused, f'name="add_to" value="{last.pk}"', status_code=429)
        assertContains(refused, "Post separately", status_code=429)
        assert 1 <= int(refused["Retry-After"]) <= 60
        assert field_value(refused) == "Number 10, and *more*."
        client.post(create_url(post), {"body": "Number 10, and *more*.", "add_to": last.pk})
        assert bodies()[-1] == "Number 9.\n\nNumber 10, and *more*."

    def test_a_flood_at_a_place_where_others_spoke_is_stopped_as_ever(self, post, member, signed_in):
        client = signed_in(member)
        for number in range(10):
            client.post(create_url(post), {"body": f"Number {number}."})
        put_comment(post)
        refused = client.post(create_url(post), {"body": "Number 10."})
        assertContains(refused, "You’re posting too fast.", status_code=429)
        assertNotContains(refused, OFFER, status_code=429)

    def test_sent_twice_they_are_added_once(self, post, member, signed_in):
        first = put_comment(post, author=member, body="First.")
        client = signed_in(member)
        for _click in range(3):
            response = client.post(create_url(post), {"body": "Then  this.", "add_to": first.pk})
            assertRedirects(response, f"/posts/{post.slug}/#comment-{first.pk}")
        assert bodies() == ["First.\n\nThen  this."]

    def test_after_a_reply_in_the_meantime_the_text_comes_back_and_nothing_changes(
        self, post, member, signed_in
    ):
        first = put_comment(post, author=member, body="First.")
        put_comment(post, parent=first, body="An answer.")
        response = signed_in(member).post(create_url(post), {"body": "Then this.", "add_to": first.pk})
        assertContains(response, "Someone has replied in the meantime.", status_code=422)
        assert field_value(response) == "Then this."
        assert bodies() == ["First.", "An answer."]

    def test_together_they_fit_into_one_comment_or_come_back(self, post, member, signed_in, settings):
        settings.COMMENT_MAX_CHARACTERS = 12
        first = put_comment(post, author=member, body="12345")
        client = signed_in(member)
        response = client.post(create_url(post), {"body": "678901", "add_to": first.pk})
        assertContains(response, "Together they’d be longer than a comment can be.", status_code=422)
        assert field_value(response) == "678901"
        client.post(create_url(post), {"body": "67890", "add_to": first.pk})
        assert bodies() == ["12345\n\n67890"]

    @pytest.mark.parametrize("add_to", ["another's", "removed", "x", "-1", "9" * 40, "0"])
    def test_a_forged_comment_to_add_to_is_refused_and_the_text_kept(
        self, post, member, other_member, signed_in, add_to
    ):
        if add_to in {"another's", "removed"}:
            status = "public" if add_to == "another's" else "removed"
            add_to = put_comment(
                post, author=other_member if status == "public" else member, body="Before.", status=status
            ).pk
        before = bodies()
        response = signed_in(member).post(create_url(post), {"body": "After.", "add_to": add_to})
        assertContains(response, "The comment you’re adding to no longer exists.", status_code=422)
        assert field_value(response) == "After."
        assert bodies() == before

    def test_a_newcomers_link_that_is_added_waits_like_any_other(self, post, signed_in):
        ModerationSettings.objects.update_or_create(pk=1, defaults={"first_link_waits": True})
        newcomer = make_member(date_joined=timezone.now())
        first = put_comment(post, author=newcomer, body="Hello.")
        response = signed_in(newcomer).post(
            create_url(post), {"body": "See https://a.example/", "add_to": first.pk}, follow=True
        )
        assertContains(response, "Your comment is awaiting review.")
        assert Comment.objects.get().status == "held"

    def test_changing_has_a_limit_as_well(self, post, member, signed_in, settings):
        settings.COMMENT_CHANGE_RATES = [(3, 60)]
        comment = put_comment(post, author=member, body="0")
        client = signed_in(member)
        answers = [
            client.post(f"/comments/{comment.pk}/edit/", {"body": f"{number}"}) for number in range(1, 5)
        ]
        assert [answer.status_code for answer in answers] == [302] * 3 + [429]
        assertContains(answers[-1], "You’re posting too fast.", status_code=429)
        assert field_value(answers[-1]) == "4"
        assert bodies() == ["3"]


class TestKeptWords:
    """Text stored in the session, and what the device is told about it."""

    def test_the_browser_learns_which_draft_has_arrived(self, post, member, signed_in):
        client = signed_in(member)
        response = client.post(create_url(post), {"body": "Hello.", "draft": "0a1b2c"})
        assert response.cookies["draft_arrived"].value == "0a1b2c"
        assert not response.cookies["draft_arrived"]["httponly"]
        response = client.post(
            f"/comments/{Comment.objects.get().pk}/edit/", {"body": "Hello all.", "draft": "1z"}
        )
        assert response.cookies["draft_arrived"].value == "1z"

    @pytest.mark.parametrize(
        "data", [{"body": ""}, {"body": "Hi.", "parent": "77"}, {"body": "Hi.", "preview": "1"}]
    )
    def test_it_learns_nothing_while_the_text_is_not_stored(self, post, member, signed_in, data):
        assert "draft_arrived" not in signed_in(member).post(create_url(post), data | {"draft": "0a"}).cookies

    @pytest.mark.parametrize("draft", ["", "A", "a;b", "a" * 33, "é"])
    def test_it_learns_no_invalid_key(self, post, member, signed_in, draft):
        assert (
            "draft_arrived"
            not in signed_in(member).post(create_url(post), {"body": "Hello.", "draft": draft}).cookies
        )

    def test_a_saved_draft_can_be_discarded(self, post, member, client):
        client.post(create_url(post), {"body": "First of all."})
        client.force_login(member)
        assertContains(client.get(f"/posts/{post.slug}/"), 'name="discard"')
        response = client.post(create_url(post), {"body": "", "discard": "1", "draft": "0a"})
        assertRedirects(response, f"/posts/{post.slug}/#talk")
        assert response.cookies["draft_arrived"].value == "0a"
        page = client.get(f"/posts/{post.slug}/")
        assert field_value(page) == ""
        assertNotContains(page, 'name="discard"')

    def test_a_draft_for_another_place_stays(self, post, member, client):
        parent = put_comment(post)
        client.post(create_url(post), {"body": "An answer.", "parent": parent.pk})
        client.force_login(member)
        client.post(create_url(post), {"body": "Something else."})
        assert field_value(client.get(f"/posts/{post.slug}/?reply={parent.pk}")) == "An answer."
        client.post(create_url(post), {"body": "An answer."})  # under the post instead
        assert field_value(client.get(f"/posts/{post.slug}/?reply={parent.pk}")) == ""
