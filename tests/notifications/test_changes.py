"""The line is right for every way of sending: appended, sent again, edited, held. Over HTTP."""

import re

import pytest
from django.core import mail

from accounts.models import Follow, Mute, User
from comments.models import Comment
from notifications.models import Notification
from notifications.services.preferences import choose, set_thread_level
from tests.factories import make_comment, make_member
from tests.notifications.people import forget_what_was_announced, later, told, work

pytestmark = pytest.mark.django_db


def said(html: str, opening: str = "Will be notified:") -> str:
    """Return one paragraph of the line as text; "" if it is missing."""
    found = re.search(rf"<p[^>]*>\s*{re.escape(opening)}(.*?)</p>", html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


def mailed_to():
    return sorted(message.to[0] for message in mail.outbox)


@pytest.fixture
def kay(db):
    return make_member("kay")


@pytest.fixture
def lee(db):
    return make_member("lee")


@pytest.fixture
def talk(post, kay, lee, member, signed_in):
    """A comment by each, and alice's client; the host's account is closed, so the line is about others."""
    User.objects.filter(pk=post.author_id).update(is_active=False)
    comments = {person.username: make_comment(post, author=person) for person in (kay, lee)}
    forget_what_was_announced()
    client = signed_in(member)

    def send(body, **more):
        client.post(f"/posts/{post.slug}/comments/", {"body": body, **more})
        return Comment.objects.filter(author=member).latest("pk")

    def line(body, comment=None, **more):
        address = f"/comments/{comment.pk}/told/" if comment else f"/posts/{post.slug}/told/"
        return client.post(address, {"body": body, **more}).content.decode()

    send.line, send.client, send.comments = line, client, comments
    return send


class TestAddingToAComment:
    def test_ticked_authors_are_notified_and_the_line_says_so(self, talk, kay, lee):
        first = talk("First.")
        html = talk.line("And @kay.", also=[talk.comments["lee"].pk])
        assert said(html.partition("If you add this to your comment:")[2]) == "lee, kay (email)."
        talk("And @kay.", also=[talk.comments["lee"].pk], add_to=first.pk)
        with later(seconds=61):
            work()
        assert told(first) == {"kay": ("at_once", ("mention",)), "lee": ("at_once", ("addressed",))}
        assert mailed_to() == [kay.email, lee.email]

    def test_no_one_is_notified_twice(self, talk, kay):
        first = talk("First, @kay.")
        with later(minutes=2):
            work()
            html = talk.line("And @kay.")
            assert said(html, "Already notified:") == "kay."
            talk("And @kay.", add_to=first.pk)
        with later(minutes=5):
            work()
        assert mailed_to() == [kay.email]

    def test_ticks_of_before_stay(self, talk):
        first = talk("First.", also=[talk.comments["kay"].pk])
        talk("Second.", also=[talk.comments["lee"].pk], add_to=first.pk)
        assert set(told(first)) == {"kay", "lee"}

    def test_the_same_text_again_with_one_more_tick(self, talk):
        first = talk("First.")
        talk("Second.", add_to=first.pk)
        talk("Second.", add_to=first.pk, also=[talk.comments["kay"].pk])
        assert (Comment.objects.get(pk=first.pk).body, set(told(first))) == ("First.\n\nSecond.", {"kay"})


class TestSentAgain:
    def test_with_one_more_tick_they_are_notified(self, talk):
        first = talk("First.", also=[talk.comments["kay"].pk])
        again = talk("First.", also=[talk.comments["kay"].pk, talk.comments["lee"].pk])
        assert (again, set(told(first))) == (first, {"kay", "lee"})

    def test_without_a_tick_they_are_not_while_that_can_be_undone(self, talk):
        first = talk("First.", also=[talk.comments["kay"].pk, talk.comments["lee"].pk])
        talk("First.", also=[talk.comments["lee"].pk])
        assert set(told(first)) == {"lee"}

    def test_a_double_click_changes_nothing(self, talk, kay):
        first = talk("First.", also=[talk.comments["kay"].pk])
        rows = list(Notification.objects.values())
        talk("First.", also=[talk.comments["kay"].pk])
        assert list(Notification.objects.values()) == rows
        assert set(told(first)) == {"kay"}


class TestEditing:
    def edit(self, talk, comment, body):
        assert talk.client.post(f"/comments/{comment.pk}/edit/", {"body": body}).status_code == 302

    def test_the_form_has_the_line_and_it_names_who_is_new(self, talk):
        first = talk("First.")
        page = talk.client.get(f"/comments/{first.pk}/edit/").content.decode()
        assert said(page, "No one new will be notified.") == ""
        assert "No one new will be notified." in page
        assert said(talk.line("First, @kay.", first)) == "kay (email)."

    def test_a_wrong_name_corrected_within_the_minute_mails_nobody_wrong(self, talk, kay, lee):
        first = talk("Hello @kay.")
        assert said(talk.line("Hello @lee.", first)) == "lee (email)."
        self.edit(talk, first, "Hello @lee.")
        assert told(first) == {"lee": ("at_once", ("mention",))}
        with later(seconds=61):
            work()
        assert mailed_to() == [lee.email]

    def test_a_name_taken_out_before_the_bundle_goes_is_not_mailed(self, talk, kay):
        choose(kay, answers="daily")
        first = talk("Hello @kay.")
        with later(minutes=2):
            self.edit(talk, first, "Hello.")
        with later(days=1, minutes=2):
            work()
        assert mailed_to() == []

    def test_after_the_minute_the_line_says_who_was_notified(self, talk, kay, lee):
        first = talk("Hello @kay.")
        with later(minutes=2):
            work()
            html = talk.line("Hello @kay and @lee.", first)
            assert (said(html), said(html, "Already notified:")) == ("lee (email).", "kay.")
            self.edit(talk, first, "Hello @kay and @lee.")
        with later(minutes=4):
            work()
        assert mailed_to() == [kay.email, lee.email]

    def test_a_follower_mentioned_later_is_notified_like_everyone_else(self, talk, kay, member):
        """Otherwise the line, or its absence, would reveal that they follow."""
        Follow.objects.create(follower=kay, followed=member)
        first = talk("Hello.")
        with later(minutes=2):
            work()
            assert told(first) == {"kay": ("here", ("person",))}
            assert said(talk.line("Hello @kay.", first)) == "kay (email)."
            self.edit(talk, first, "Hello @kay.")
        with later(minutes=4):
            work()
        assert told(first) == {"kay": ("at_once", ("mention", "person"))}
        assert mailed_to() == [kay.email]

    def test_who_cannot_be_notified_is_said(self, talk, kay, member):
        Mute.objects.create(member=kay, muted=member)
        first = talk("Hello.")
        assert (
            said(talk.line("Hello @kay.", first), "Can’t be notified:")
            == "kay (has turned this off), nora (has no active account)."
        )
        self.edit(talk, first, "Hello @kay.")
        assert told(first) == {}

    def test_a_comment_that_waits_tells_those_it_names_when_it_is_approved(self, talk, moderator, signed_in):
        first = talk("Hello https://links.example/ @kay.")
        assert first.is_held
        assert said(talk.line("Hello https://links.example/ @lee.", first)) == "lee (email)."
        self.edit(talk, first, "Hello https://links.example/ @lee.")
        signed_in(moderator).post("/moderation/decide/", {"comments": first.pk, "action": "approve"})
        assert told(first)["lee"] == ("at_once", ("mention",))
        assert "kay" not in told(first)

    def test_only_its_author_may_ask(self, talk, other_member, signed_in):
        first = talk("Hello.")
        assert (
            signed_in(other_member).post(f"/comments/{first.pk}/told/", {"body": "@kay"}).status_code == 403
        )


class TestTheLineLeaksNothing:
    def test_typing_a_name_does_not_change_how_many_follow(self, talk, kay, lee, post):
        set_thread_level(kay, post, "following")
        set_thread_level(lee, post, "following")
        assert said(talk.line("Hello.")) == "2 followers."
        assert said(talk.line("Hello @kay.")) == "kay (email), 2 followers."
        assert said(talk.line("Hello.", also=[talk.comments["lee"].pk])) == "lee (email), 2 followers."

    @pytest.mark.parametrize("answers", ["at_once", "here", "off"])
    def test_a_muted_writer_always_reads_the_same(self, talk, kay, member, answers):
        choose(kay, answers=answers)
        Mute.objects.create(member=kay, muted=member)
        assert (
            said(talk.line("Hello @kay."), "Can’t be notified:")
            == "kay (has turned this off), nora (has no active account)."
        )


def test_the_receipt_counts_followers_as_the_line_did(talk, kay, post):
    set_thread_level(kay, post, "following")
    first = talk("Hello @kay.")
    with later(days=1, minutes=2):
        work()
        page = talk.client.get(f"/comments/{first.pk}/receipt/").content.decode()
    assert "One follower; 1 notified so far." in page


def test_what_was_read_or_answered_meanwhile_is_not_mailed(talk, kay, lee, signed_in):
    people = {name: make_member(name) for name in ("mia", "ned", "ona", "pat", "quin")}
    first = talk("Hello " + " ".join(f"@{name}" for name in people))
    with later(seconds=30):
        signed_in(people["mia"]).get(f"/posts/{first.post.slug}/")
        signed_in(people["ned"]).post(
            f"/posts/{first.post.slug}/comments/", {"body": "Yes.", "parent": first.pk}
        )
        signed_in(people["ona"]).post(f"/comments/{first.pk}/thanks/")
    Notification.objects.filter(member=people["pat"]).mark_seen()
    with later(seconds=61):
        work()
    assert [address for address in mailed_to() if address != first.author.email] == [people["quin"].email]
    assert set(told(first)) == {*people}
